"""Changing order books: who may, what stays, what is noted, and what a stale form cannot do."""

import errno
import resource
import threading

import pytest
from workflows.order_region import NEW, PIA, VIC, make_orders_region

from cosmolocal.database.opening import open_database, writing
from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.workflows import order_notes, read_book, rewriting
from cosmolocal.workflows.order_books import list_changes, list_names, open_book
from cosmolocal.workflows.order_changes import StaleBookError, add_order, change_order, remove_order, start_book


@pytest.fixture
def region(tmp_path):
    return make_orders_region(tmp_path / "region")


def file_of(region, name="book"):
    return region.folder / "orders" / f"{name}.csv"


def test_adding_then_removing_leaves_the_same_bytes_and_two_notes(region):
    before = file_of(region).read_bytes()
    order = add_order(region, PIA, "book", "", NEW)
    assert order in read_book(region.folder, file_of(region), region.region()).orders
    book = open_book(region, "book")
    remove_order(region, PIA, "book", book.digest, "N-1", "  not\nwanted ")
    assert file_of(region).read_bytes() == before
    notes = [(one.kind, one.person, one.added, one.removed, one.reason) for one in list_changes(region, "book")]
    assert notes == [("removed", "pia", 0, 1, "not wanted"), ("added", "pia", 1, 0, "")]
    assert list_changes(region, "book")[0].before["N-1"]["quantity"] == "3"


def test_a_change_touches_its_line_alone_and_the_note_says_what(region):
    lines = file_of(region).read_text().splitlines()
    change_order(region, PIA, "book", open_book(region, "book").digest, "B", {"quantity": "9", "priority": "high"})
    changed = file_of(region).read_text().splitlines()
    assert [line for line in changed if line not in lines] == [lines[2].replace(",8,", ",9,")]
    [note] = list_changes(region, "book")
    assert (note.before["B"]["quantity"], note.after["B"]["quantity"], note.changed) == ("8", "9", 1)
    assert note.digest == open_book(region, "book").digest


def test_what_changes_nothing_is_not_noted(region):
    before = file_of(region).stat().st_mtime_ns
    change_order(region, PIA, "book", open_book(region, "book").digest, "B", {"quantity": "8"})
    assert (file_of(region).stat().st_mtime_ns, list_changes(region, "book")) == (before, ())


def test_a_stale_form_changes_nothing(region):
    seen = open_book(region, "book").digest
    add_order(region, PIA, "book", "", NEW)
    before = file_of(region).read_bytes()
    for act in (
        lambda: change_order(region, PIA, "book", seen, "B", {"quantity": "9"}),
        lambda: remove_order(region, PIA, "book", seen, "B", "why"),
    ):
        with pytest.raises(StaleBookError):
            act()
    assert file_of(region).read_bytes() == before


def test_of_two_who_change_at_once_one_is_told(region):
    """The digest is looked at while the lock is held."""
    seen, ends = open_book(region, "book").digest, []

    def change(quantity: str) -> None:
        try:
            change_order(region, PIA, "book", seen, "B", {"quantity": quantity})
            ends.append("done")
        except StaleBookError:
            ends.append("stale")

    threads = [threading.Thread(target=change, args=(str(number),)) for number in (21, 22, 23)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["done", "stale", "stale"]


@pytest.mark.parametrize("person", [None, VIC])
def test_others_than_planners_change_nothing(region, person):
    before = file_of(region).read_bytes()
    for act in (
        lambda: add_order(region, person, "book", "", NEW),
        lambda: change_order(region, person, "book", "", "B", {"quantity": "9"}),
        lambda: remove_order(region, person, "book", "", "B", "why"),
        lambda: start_book(region, person, "other"),
    ):
        with pytest.raises(ForbiddenError):
            act()
    assert (file_of(region).read_bytes(), list_names(region.folder)) == (before, ["book"])


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ({"quantity": "0", "place": "nowhere", "design": "us~no"}, ["O002", "O004", "O005"]),
        ({"id": "B"}, ["O003"]),
        ({"id": "a b"}, ["O002"]),
        ({"due_date": ""}, ["O002"]),
        ({"version": "1.0.0 sha256:" + "0" * 64}, ["O011"]),
    ],
)
def test_all_faults_of_an_order_are_told_at_its_fields_and_nothing_is_written(region, cells, codes):
    before = file_of(region).read_bytes()
    with pytest.raises(InputError) as told:
        add_order(region, PIA, "book", "", NEW | cells)
    assert sorted(one.code for one in told.value.problems) == codes
    assert {one.where for one in told.value.problems} == {f"order.{name}" for name in cells}
    assert (file_of(region).read_bytes(), list_changes(region, "book")) == (before, ())


def test_a_book_with_faults_of_others_is_mended_row_by_row(tmp_path):
    text = "id,design,quantity,place,due_date,colour\nA,us~lamp,x,home,2026-09-30,red\nA,us~lamp,2,home,2026-09-30,\n"
    region = make_orders_region(tmp_path / "region", book=text)
    book = open_book(region, "book")
    assert [row.key for row in book.rows] == [":2", ":3"]
    change_order(region, PIA, "book", book.digest, ":2", {"id": "B", "quantity": "4"})
    assert file_of(region).read_text() == text.replace("A,us~lamp,x", "B,us~lamp,4")
    book = open_book(region, "book")
    assert [row.key for row in book.rows] == ["B", "A"]
    assert [one.message for one in book.faults] == [book.faults[0].message]
    assert "colour" in book.faults[0].message


def test_a_reason_is_needed_to_remove(region):
    with pytest.raises(InputError, match="O035"):
        remove_order(region, PIA, "book", open_book(region, "book").digest, "B", "  ")


@pytest.mark.parametrize("name", ["", "-x", "../up", "a b", "Book", "x" * 61, "book", ".hid", "é"])
def test_a_bad_or_taken_name_starts_no_book(region, name):
    with pytest.raises(InputError, match="O034"):
        start_book(region, PIA, name)
    assert list_names(region.folder) == ["book"]


def test_a_new_book_takes_orders_and_can_be_planned(region):
    assert start_book(region, PIA, " spring-2027 ") == "spring-2027"
    add_order(region, PIA, "spring-2027", "", NEW)
    [order] = read_book(region.folder, file_of(region, "spring-2027"), region.region()).orders
    assert order.id == "N-1"


@pytest.mark.parametrize("name", ["nothing", "../region", ".book"])
def test_a_book_that_is_not_there_is_not_found(region, name):
    with pytest.raises(NotFoundError):
        open_book(region, name)


def test_a_full_disk_harms_neither_the_book_nor_the_history(region, monkeypatch):
    before = file_of(region).read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(rewriting, "write_durably", full)
    with pytest.raises(OSError, match="No space left"):
        add_order(region, PIA, "book", "", NEW)
    assert (file_of(region).read_bytes(), list_changes(region, "book")) == (before, ())
    assert [path.name for path in file_of(region).parent.iterdir()] == ["book.csv"]


@pytest.mark.parametrize("is_new", [False, True])
def test_a_change_has_its_note_though_nothing_can_be_opened_once_the_book_is_replaced(region, monkeypatch, is_new):
    """As on a disk that fails from then on: what was replaced can neither be read nor be made durable."""
    name = "spring" if is_new else "book"
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)

    def replace_and_fail(path, content):
        rewriting.replace_file(path, content)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="Input/output"):
        patch.setattr(order_notes, "replace_file", replace_and_fail)
        try:
            start_book(region, PIA, name) if is_new else add_order(region, PIA, name, "", NEW)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    kind = "started" if is_new else "added"
    assert [(note.kind, note.digest) for note in list_changes(region, name)] == [(kind, open_book(region, name).digest)]
    add_order(region, PIA, name, "", {**NEW, "id": "N-2"})
    assert [note.kind for note in list_changes(region, name)] == ["added", kind]


def test_a_note_that_cannot_be_read_is_not_taken_for_none(region):
    """It may be the only one of a change: nothing is shown and nothing changed until it can be read."""
    add_order(region, PIA, "book", "", NEW)
    before = file_of(region).read_bytes()
    note = file_of(region).with_name(".book.csv.note")
    note.unlink()
    note.symlink_to(note.name)  # a link that leads to itself
    for act in (lambda: add_order(region, PIA, "book", "", {**NEW, "id": "N-2"}), lambda: list_changes(region, "book")):
        with pytest.raises(InputError, match=r"O001 \.book\.csv\.note: cannot be read: "):
            act()
    assert (file_of(region).read_bytes(), note.is_symlink()) == (before, True)


def test_a_note_that_a_stopped_writer_left_outlives_a_change_that_fails(region, monkeypatch):
    add_order(region, PIA, "book", "", NEW)
    db = open_database(region.database_path)
    with writing(db):
        db.execute("DELETE FROM order_changes")  # as if its writer had been stopped before the database had it
    db.close()
    [left] = list_changes(region, "book")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(order_notes, "replace_file", full)
        change_order(region, PIA, "book", "", "N-1", {"quantity": "4"})
    assert list_changes(region, "book") == (left,)
    change_order(region, PIA, "book", "", "N-1", {"quantity": "4"})
    assert [note.kind for note in list_changes(region, "book")] == ["changed", "added"]
    assert list_changes(region, "book")[1] == left


def test_the_mode_of_the_file_stays_and_its_note_has_it_too(region):
    file_of(region).chmod(0o640)
    add_order(region, PIA, "book", "", NEW)
    for path in (file_of(region), file_of(region).with_name(".book.csv.note")):
        assert path.stat().st_mode & 0o777 == 0o640
