"""Order books from the command line: checked, and filled from a table as people send it."""

import json

import pytest
from cli.small_region import run
from web.accounts import client_as, use_fakes
from workflows.order_region import make_orders_region

from cosmolocal.records import Role
from cosmolocal.web import create_app

TABLE = """Order;Product;Qty;Place;Due date
N-1;Lamp;3;Home;2026-09-30
N-2;Lamp;x;Home;2026-09-30
A;Lamp;6;Home;2026-09-18
"""


@pytest.fixture
def folder(tmp_path):
    return make_orders_region(tmp_path / "region").folder


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(TABLE.encode("cp1252"))
    return path


def test_check_counts_or_lists_all_faults(folder, tmp_path):
    good = run("orders", "check", folder / "orders/book.csv", "--region", folder)
    assert (good.exit_code, good.stdout) == (0, "3 orders, 14 units, 0 problems\n")
    bad = tmp_path / "bad.csv"
    bad.write_text("id,design,quantity,place,due_date,x\nA,us~no,0,home,2026-09-18,\nB,us~lamp,1,home\n")
    told = run("orders", "check", bad, "--region", folder, "--json")
    assert told.exit_code == 3
    assert sorted(one["code"] for one in json.loads(told.stdout)["problems"]) == ["O001", "O001", "O002", "O005"]


def test_a_missing_column_is_told_once_and_the_rows_are_checked_all_the_same(folder, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("id,design,quantity,due_date\nN-1,us~no,0,soon\nN-2,us~lamp,1,2026-09-18\n")
    for command in (("check", bad), ("add", "book", bad)):
        told = run("orders", *command, "--region", folder, "--json")
        assert told.exit_code == 3
        problems = json.loads(told.stdout)["problems"]
        [column] = [one for one in problems if one["code"] in ("O001", "O032")]
        assert "'place'" in column["message"] or "for place" in column["message"]
        rows = {(one["code"], one["where"].rpartition(": ")[2]) for one in problems if one is not column}
        assert rows == {("O005", "line 2.design"), ("O002", "line 2.quantity"), ("O002", "line 2.due_date")}
    told = run("plan", bad, "--region", folder, "--json")
    assert sorted(one["code"] for one in json.loads(told.stdout)["problems"]) == ["O001", "O002", "O002", "O005"]


def test_add_does_nothing_while_rows_have_faults(folder, table):
    before = (folder / "orders/book.csv").read_bytes()
    told = run("orders", "add", "book", table, "--region", folder)
    assert told.exit_code == 3
    assert "line 3.quantity" in told.stderr
    dry = run("orders", "add", "book", table, "--region", folder, "--leave-out-faults", "--dry-run", "--json")
    assert json.loads(dry.stdout)["counts"] == {"added": 1, "changed": 1, "same": 0, "left_out": 1}
    assert (folder / "orders/book.csv").read_bytes() == before


def test_add_takes_the_good_rows_when_told(folder, table):
    done = run("orders", "add", "book", table, "--region", folder, "--leave-out-faults")
    assert (done.exit_code, done.stdout) == (0, "1 added, 1 changed, 0 same, 1 left out\n")
    assert run("orders", "check", folder / "orders/book.csv", "--region", folder).stdout.startswith(
        "4 orders, 18 units"
    )
    again = run("orders", "add", "book", table, "--region", folder, "--leave-out-faults")
    assert again.stdout == "0 added, 0 changed, 2 same, 1 left out\n"


def test_a_book_that_is_not_there_is_not_found(folder, table):
    assert run("orders", "add", "other", table, "--region", folder).exit_code == 4


def test_a_planned_book_shows_where_each_order_is_made(folder):
    """The page of the book, beside a plan that was really made."""
    assert run("plan", folder / "orders/book.csv", "--region", folder, "--seconds", "5").exit_code == 0
    app = create_app(folder, secret_key=b"of the tests")
    use_fakes(app)
    pia = client_as(app, "pia", Role.PLANNER)
    page = pia.get("/orders/book/").text
    assert page.count("North Makers, week of 7 Sept</a>") + page.count("North Makers, week of 14 Sept</a>") == 2
    assert '/orders/FAR">not made here</a>' in page
    assert "Newest plan of this book" in page


def test_rows_that_are_refused_come_with_the_option_that_takes_them(folder, table):
    told = run("orders", "add", "book", table, "--region", folder)
    assert told.stderr.endswith("nothing was written\n--leave-out-faults takes the other rows\n")
    table.write_text(TABLE.replace("2026-09-30", "30/09/2026"), "utf-8")
    told = run("orders", "add", "book", table, "--region", folder)
    assert told.stderr.endswith("are read with --dates day-first, 12/31/2026 with --dates month-first\n")
    as_json = run("orders", "add", "book", table, "--region", folder, "--json")
    assert (as_json.exit_code, len(json.loads(as_json.stdout)["problems"])) == (3, 3)


def test_a_column_stands_for_what_is_said(folder, tmp_path):
    """Also where another column has the name of it; what is left out is shown so."""
    path = tmp_path / "table.csv"
    path.write_text("Ref,Thing,Qty,Wanted,Place,Where,Due date\nN-1,Lamp,3,4,nowhere,Home,2026-09-30\n")
    arguments = ("orders", "add", "book", path, "--region", folder, "--json")
    told = run(*arguments)
    assert told.exit_code == 3
    assert "nothing stands for design" in told.stdout
    assert told.stderr.endswith("--map COLUMN=FIELD says what a column stands for\n")
    done = run(*arguments, "--map", "Thing=design", "--map", "Where=place", "--map", "Wanted=quantity")
    assert (done.exit_code, json.loads(done.stdout)["counts"]["added"]) == (0, 1)
    assert "  Qty: left out\n  Wanted: quantity\n  Place: left out\n  Where: place\n" in done.stderr
    assert "N-1,us~lamp,,4,home,2026-09-30" in (folder / "orders/book.csv").read_text()


@pytest.mark.parametrize(("pair", "code"), [("No such=place", 3), ("Place=colour", 3), ("Place", 2)])
def test_what_is_said_of_columns_must_name_what_is_there(folder, table, pair, code):
    before = (folder / "orders/book.csv").read_bytes()
    told = run("orders", "add", "book", table, "--region", folder, "--map", pair, "--leave-out-faults", "--json")
    assert told.exit_code == code
    assert code == 2 or [each["code"] for each in json.loads(told.stdout)["problems"]] == ["O032"]
    assert (folder / "orders/book.csv").read_bytes() == before
