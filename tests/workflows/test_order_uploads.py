"""Many orders at once: what a preview says is what happens, whatever a table looks like."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workflows.order_region import PIA, make_orders_region

from cosmolocal.errors import InputError
from cosmolocal.workflows.order_books import list_changes, open_book
from cosmolocal.workflows.order_changes import StaleBookError, add_order
from cosmolocal.workflows.order_reading import (
    MAX_BYTES,
    MAX_ROWS,
    Options,
    decode,
    plain,
    protect,
    read_sent,
    unprotect,
)
from cosmolocal.workflows.order_uploads import preview_rows, take_upload

HEAD = "id,design,quantity,place,due_date"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return make_orders_region(tmp_path_factory.mktemp("shared") / "region")


@pytest.fixture
def region(tmp_path):
    return make_orders_region(tmp_path / "region")


def preview(region, text, **options):
    return preview_rows(region, open_book(region, "book"), text, Options(**options))


def counts(found) -> tuple[int, ...]:
    return tuple(len(rows) for rows in (found.added, found.changed, found.same, found.faulty))


ROW = st.tuples(
    st.sampled_from(["A", "B", "N-1", "N-2", "N-3", ""]),
    st.sampled_from(["us~lamp", "US~LAMP", "Lamp", "us~no"]),
    st.sampled_from(["5", "8", "0", "x", "1.000", ""]),
    st.sampled_from(["home", "Home", "nowhere"]),
    st.sampled_from(["2026-09-18", "2026-09-25", "soon"]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, max_size=6), st.booleans())
def test_what_the_preview_counts_is_what_happens(shared, rows, leave_out):
    """Also: what is not done leaves every byte as it was."""
    path = shared.folder / "orders" / "book.csv"
    start = path.read_bytes()
    try:
        text = "\n".join([HEAD, *(",".join(row) for row in rows)])
        book = open_book(shared, "book")
        shown = preview(shared, text)
        assert sum(counts(shown)) == len(rows)
        if shown.faulty and not leave_out:
            with pytest.raises(InputError, match="O036"):
                take_upload(shared, PIA, book, text, Options(), (shown.mark, leave_out))
            assert path.read_bytes() == start
            return
        take_upload(shared, PIA, book, text, Options(), (shown.mark, leave_out))
        after = open_book(shared, "book")
        before = {row.key: row.order for row in book.rows}
        now = {row.key: row.order for row in after.rows}
        assert len(now) == len(before) + len(shown.added)
        assert sum(now[key] != order for key, order in before.items()) == len(shown.changed)
        assert after.problems == book.problems
        again = preview(shared, text)
        assert (len(again.added), len(again.changed)) == (0, 0)
    finally:
        path.write_bytes(start)


def test_another_table_than_was_shown_is_not_taken(region):
    one, other = f"{HEAD}\nN,us~lamp,5,home,2026-09-18", f"{HEAD}\nN,us~lamp,50,home,2026-09-18"
    with pytest.raises(InputError, match="O036"):
        take_upload(region, PIA, open_book(region, "book"), other, Options(), (preview(region, one).mark, True))
    assert list_changes(region, "book") == ()


def test_a_book_that_changed_since_is_not_written(region):
    book, text = open_book(region, "book"), f"{HEAD}\nN,us~lamp,5,home,2026-09-18"
    cells = dict(zip(HEAD.split(","), ("M", "us~lamp", "1", "home", "2026-09-18"), strict=True))
    add_order(region, PIA, "book", "", cells)
    with pytest.raises(StaleBookError):
        take_upload(region, PIA, book, text, Options(), (preview(region, text).mark, True))


def test_columns_that_are_missing_stay_as_the_book_has_them(region):
    found = preview(region, f"{HEAD}\nB,us~lamp,9,home,2026-09-25")
    take_upload(
        region, PIA, open_book(region, "book"), f"{HEAD}\nB,us~lamp,9,home,2026-09-25", Options(), (found.mark, False)
    )
    row = open_book(region, "book").find("B")
    assert (row.cells["quantity"], row.cells["priority"], row.cells["minimum_lot"]) == ("9", "high", "2")


#: what spreadsheets and people make of tables; each is two good rows, and how it was parted
MESSY = {
    "excel, semicolons and day first": (
        "sep=;\r\nCommande;Produit;Qté;Quartier;Échéance\r\nN-1;Lamp;3;HOME;30/09/2026\r\nN-2;us~lamp;4;home;1.10.2026\r\n",
        "day-first",
    ),
    "tabs from a spreadsheet": (
        "Order\tProduct\tQty\tPlace\tDue date\nN-1\tLamp\t3\tHome\t2026-09-30\nN-2\tlamp\t4\tHome\t2026-10-01 00:00:00",
        "iso",
    ),
    "empty columns and rows at the end": (
        "id,design,quantity,place,due_date,,\n\n\nN-1,us~lamp,3.0,home,2026-09-30,,\n,,,,,,\nN-2,us~lamp,4,home,2026-10-01,,,,\n",
        "iso",
    ),
    "columns in another order, month first, a note with a line break": (
        'note,due,place,units,design,nr\n"a\nb",9/30/2026,home,3,us~lamp,N-1\n,10/1/2026,home,4,us~lamp,N-2\n',
        "month-first",
    ),
    "rows too short": (
        "id;design;quantity;place;due_date;priority;max_distance_km\nN-1;us~lamp;3;home;2026-09-30\nN-2;us~lamp;4;home;2026-10-01;NORMAL;7,5\n",
        "iso",
    ),
    "spanish": (
        "Pedido|Diseño|Cantidad|Lugar|Vencimiento\nN-1|Lamp|3|home|30-09-2026\nN-2|Lamp|4|home|01-10-2026",
        "day-first",
    ),
}


@pytest.mark.parametrize("name", MESSY)
def test_messy_tables_are_understood(shared, name):
    text, dates = MESSY[name]
    found = preview(shared, text, dates=dates)
    assert (counts(found), found.problems) == ((2, 0, 0, 0), ()), [row.faults for row in found.faulty]
    read = [tuple(row.cells[name] for name in HEAD.split(",")) for row in found.added]
    assert read == [
        ("N-1", "us~lamp", "3", "home", "2026-09-30"),
        ("N-2", "us~lamp", "4", "home", "2026-10-01"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_recognised_and_told(encoding):
    names = {"utf-8-sig": "utf-8-bom", "cp1252": "windows-1252"}
    assert decode("Qté;Échéance".encode(encoding)) == ("Qté;Échéance", names.get(encoding, encoding))


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00", b"\x81\x8d\x8f", b"\x00\x01", b"\xff\xfe\x00"])
def test_what_is_no_text_is_refused(content):
    with pytest.raises(InputError, match="O030"):
        decode(content)


def test_limits_are_told(shared):
    with pytest.raises(InputError, match="O031"):
        decode(b"a" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="O031"):
        read_sent(HEAD + "\n" + "a,b\n" * (MAX_ROWS + 1), shared.region(), Options())


@pytest.mark.parametrize("text", ["", "\n \n", 'id\n"a"b'])
def test_what_is_no_table_is_refused(shared, text):
    with pytest.raises(InputError, match="O030"):
        read_sent(text, shared.region(), Options())


def test_columns_can_be_chosen_and_what_is_missing_or_twice_is_told(shared):
    text = "Nr;Was;Menge;Ort;Bis\nN-1;us~lamp;3;home;2026-09-30"
    told = preview(shared, text)
    assert [one.code for one in told.problems] == ["O032"] * 4
    chosen = {0: "id", 1: "design", 2: "quantity", 3: "place", 4: "due_date"}
    assert counts(preview(shared, text, columns=chosen)) == (1, 0, 0, 0)
    assert "2 columns for id" in preview(shared, text, columns=chosen | {1: "id"}).problems[1].message


def test_each_fault_has_its_line_column_value_and_rule(shared):
    text = f"{HEAD}\nN-1,us~lamp,1.000,home,30/09/2026\nN-1,us~lamp,2,home,2026-09-30\na,b,c,d,e,f,g"
    found = preview(shared, text)
    told = [(row.line, fault.column, row.found(fault.column)) for row in found.faulty for fault in row.faults]
    assert told == [(2, "due_date", "30/09/2026"), (2, "quantity", "1.000"), (3, "id", "N-1"), (4, "", "")]
    assert "may be a thousand" in found.faulty[0].faults[1].problem.message


def test_where_a_column_is_missing_or_twice_rows_are_told_what_else_is_wrong_with_them(shared):
    rows = "N-1,us~no,x,home,2026-09-30\nN-2,us~lamp,2,nowhere,soon\nN-3,us~lamp,2,home,2026-09-30\nA,us~lamp,0,home,x"
    whole = preview(shared, f"{HEAD}\n{rows}")
    told = {(row.line, fault.column) for row in whole.faulty for fault in row.faults}
    assert told == {(2, "design"), (2, "quantity"), (3, "place"), (3, "due_date"), (5, "quantity"), (5, "due_date")}
    columns = HEAD.split(",")
    for number, without in enumerate(columns):
        chosen = {at: name for at, name in enumerate(columns) if at != number}
        twice = chosen | {number: columns[number - 1]}
        for stand_for, hidden in ((chosen, {without}), (twice, {without, columns[number - 1]})):
            found = preview(shared, f"{HEAD}\n{rows}", columns=stand_for)
            assert found.problems
            assert (found.added, found.changed, found.same) == ((), (), ())
            of_rows = {(row.line, fault.column) for row in found.faulty for fault in row.faults}
            assert of_rows == {one for one in told if one[1] not in hidden}
            assert len(found.faults) == len(found.problems) + len(of_rows)


@given(st.text(st.sampled_from(list("=+-@'\t\ra1")), max_size=5))
def test_no_protected_cell_begins_a_formula_and_nothing_is_lost(cell):
    assert not protect(cell).startswith(tuple("=+-@\t\r"))
    assert unprotect(protect(cell)) == cell


def test_names_are_compared_without_accents_and_signs():
    assert plain("  Échéance (date) ") == plain("echeance_DATE")
