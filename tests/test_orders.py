from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.orders import COLUMNS, ORDER_ID, REQUIRED, read_orders, write_orders
from cosmolocal.records import Order, Priority

PLACES = {"north", "south"}
DESIGNS = {"a~lamp", "a~stool"}
DIGEST = "sha256:" + "0123456789abcdef" * 4


@st.composite
def orders(draw) -> Order:
    quantity = draw(st.integers(1, 10_000_000))
    due, first_article = draw(st.dates()), draw(st.booleans())
    version = draw(st.sampled_from(["*", "^1.2", "1.0.0", ">=1.2 <2"]))
    return Order(
        id=draw(st.from_regex(ORDER_ID, fullmatch=True)),
        design=draw(st.sampled_from(sorted(DESIGNS))),
        version=version,
        quantity=quantity,
        place=draw(st.sampled_from(sorted(PLACES))),
        due_date=due,
        release_date=draw(st.none() | st.dates(max_value=due)),
        priority=draw(st.sampled_from(Priority)),
        splittable=not first_article and draw(st.booleans()),
        minimum_lot=draw(st.integers(1, quantity)),
        max_distance_m=draw(st.none() | st.integers(0, 20_000_000)),
        digest=draw(st.just(DIGEST) | st.none()) if version == "1.0.0" else None,
        first_article=first_article,
    )


@settings(max_examples=60)
@given(st.lists(orders(), max_size=5, unique_by=lambda order: order.id).map(tuple))
def test_what_is_written_is_read_again(tmp_path_factory, book):
    path = tmp_path_factory.mktemp("book") / "book.csv"
    path.write_text(write_orders(book), encoding="utf-8")
    assert read_orders(path, PLACES, DESIGNS) == book


VALID = ["o-1", "a~lamp", "^1.0", "10", "north", "2026-09-30", "2026-09-07", "high", "yes", "2", "7.5"]
OTHER = ["o-2", "a~stool", "", "3", "south", "2026-09-30", "", "", "", "", ""]


def read(tmp_path, *rows: list[str]) -> tuple[Order, ...]:
    path = tmp_path / "book.csv"
    path.write_text("\n".join(",".join(row) for row in [list(COLUMNS), *rows]), encoding="utf-8")
    return read_orders(path, PLACES, DESIGNS)


def changed(column: str, value: str, row: list[str] = VALID) -> list[str]:
    return [value if name == column else cell for name, cell in zip(COLUMNS, row, strict=True)]


def gated(tmp_path, cell: str, splittable: str) -> tuple[Order, ...]:
    path = tmp_path / "gated.csv"
    rows = [[*COLUMNS, "first_article"], [*changed("splittable", splittable), cell], [*OTHER, ""]]
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    return read_orders(path, PLACES, DESIGNS)


def test_an_order_may_ask_for_a_first_article(tmp_path):
    first, other = gated(tmp_path, "yes", "no")
    assert (first.first_article, other.first_article) == (True, False)
    assert not gated(tmp_path, "no", "yes")[0].first_article


def test_a_book_without_a_first_article_is_written_without_the_column(tmp_path):
    """So that the digests of older books stay what they are."""
    text = write_orders(read(tmp_path, VALID, OTHER))
    assert text.splitlines()[0] == ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("cell", "splittable", "code", "column"),
    [("yes", "yes", "O012", "splittable"), ("perhaps", "no", "O002", "first_article")],
)
def test_a_wrong_first_article_names_its_field(tmp_path, cell, splittable, code, column):
    with pytest.raises(InputError) as caught:
        gated(tmp_path, cell, splittable)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == (code, f"gated.csv: line 2.{column}")


FAULTS = [
    ("id", "", "O002"),
    ("id", "o/1", "O002"),
    ("id", "o-2", "O003"),
    ("design", "", "O002"),
    ("design", "a~lmap", "O005"),
    ("version", "newest", "O008"),
    ("version", f"^1.0 {DIGEST}", "O010"),
    ("version", DIGEST, "O010"),
    ("version", f"1.0.0 {DIGEST[:-1]}", "O010"),
    ("version", f"1.0.0 {DIGEST.upper()}", "O008"),
    ("quantity", "0", "O002"),
    ("quantity", "1.5", "O002"),
    ("quantity", "ten", "O002"),
    ("place", "", "O002"),
    ("place", "North", "O004"),
    ("due_date", "", "O002"),
    ("due_date", "30.9.2026", "O002"),
    ("due_date", "2026-9-30", "O002"),
    ("release_date", "2026-10-01", "O006"),
    ("release_date", "soon", "O002"),
    ("priority", "urgent", "O002"),
    ("splittable", "maybe", "O002"),
    ("minimum_lot", "0", "O002"),
    ("minimum_lot", "11", "O007"),
    ("max_distance_km", "-1", "O002"),
    ("max_distance_km", "7 km", "O002"),
]


@pytest.mark.parametrize(("column", "value", "code"), FAULTS)
def test_a_planted_fault_is_reported_with_its_place_and_nothing_else_is(tmp_path, column, value, code):
    with pytest.raises(InputError) as error:
        read(tmp_path, OTHER, changed(column, value))
    assert [(problem.code, problem.where) for problem in error.value.problems] == [(code, f"book.csv: line 3.{column}")]


def test_faults_planted_together_are_all_reported(tmp_path):
    rows = [changed(column, value) for column, value, _ in FAULTS if column != "id"]
    rows = [changed("id", f"n-{number}", row) for number, row in enumerate(rows)]
    with pytest.raises(InputError) as error:
        read(tmp_path, *rows)
    found = [(problem.code, problem.where) for problem in error.value.problems]
    planted = [(code, column) for column, _, code in FAULTS if column != "id"]
    assert sorted(found) == sorted(
        (code, f"book.csv: line {line}.{column}") for line, (code, column) in enumerate(planted, start=2)
    )


def test_empty_cells_and_columns_left_out_mean_the_defaults(tmp_path):
    assert read(tmp_path, OTHER) == (Order("o-2", "a~stool", "*", 3, "south", date(2026, 9, 30)),)
    path = tmp_path / "short.csv"
    path.write_text("id,design,quantity,place,due_date\n o-2 ,a~stool,3,south,2026-09-30\n", encoding="utf-8")
    assert read_orders(path, PLACES, DESIGNS) == read(tmp_path, OTHER)


def test_units_are_those_of_the_records(tmp_path):
    order = read(tmp_path, VALID)[0]
    assert (order.max_distance_m, order.splittable, order.priority) == (7500, True, Priority.HIGH)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("id,design,quantity,place\n", "the column 'due_date' is missing"),
        ("id,design,quantity,place,due_date,colour\n", "unknown column 'colour'"),
        ("id,design,quantity,place,due_date\na,b\n", "has 2 cells"),
    ],
)
def test_a_book_with_other_columns_is_refused(tmp_path, text, rule):
    path = tmp_path / "book.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rule) as error:
        read_orders(path, PLACES, DESIGNS)
    assert {problem.code for problem in error.value.problems} == {"O001"}


@pytest.mark.parametrize("without", [*REQUIRED, "priority", None])
@pytest.mark.parametrize("twice", [None, "place", "minimum_lot"])
def test_a_missing_or_repeated_column_hides_the_faults_of_its_own_cells_alone(tmp_path, without, twice):
    """A law: what is wrong with the others is told, as it would be if the column were there."""
    rows = [changed(column, value) for column, value, code in FAULTS if code not in ("O003", "O006", "O007")]
    rows = [[f"n-{number}", *row[1:]] if row[0] == "o-1" else row for number, row in enumerate(rows)]
    with pytest.raises(InputError) as error:
        read(tmp_path, *rows)
    whole = {(problem.code, problem.where) for problem in error.value.problems}
    kept = [name for name in COLUMNS if name != without] + ([twice] if twice not in (None, without) else [])
    text = "\n".join(",".join(row[COLUMNS.index(name)] for name in kept) for row in [list(COLUMNS), *rows])
    (tmp_path / "book.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_orders(tmp_path / "book.csv", PLACES, DESIGNS)
    found = [(problem.code, problem.where) for problem in error.value.problems]
    of_columns = [place for code, place in found if code == "O001"]
    assert len(of_columns) == (without in REQUIRED) + (twice not in (None, without))
    hidden = (f".{without}", f".{twice}")
    assert {one for one in found if one[0] != "O001"} == {one for one in whole if not one[1].endswith(hidden)}


def test_rows_beside_one_of_another_length_are_checked_too(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text("id,design,quantity,place,due_date\na,b\no-1,a~lamp,0,north,2026-09-30\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_orders(path, PLACES, DESIGNS)
    found = [(problem.code, problem.where) for problem in error.value.problems]
    assert found == [("O001", "book.csv: line 2"), ("O002", "book.csv: line 3.quantity")]
