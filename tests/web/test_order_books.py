"""Order books on the web: found, read, changed, uploaded; what is hidden from whom, and nothing typed is lost."""

import csv
import io
import json
import re
from datetime import datetime
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli.small_region import ORDERS
from flask import Flask
from flask.testing import FlaskClient
from showcase import ShownWorkspace
from web.accounts import client_as, post, use_fakes
from workflows.order_region import NEW, make_orders_region

from cosmolocal.records import Role
from cosmolocal.web import create_app
from cosmolocal.web.order_books_view import next_id
from cosmolocal.workflows.order_books import open_book
from cosmolocal.workflows.order_reading import MAX_BYTES

#: as a region that keeps addresses has it; order books may not know these columns yet
PRIVATE = (
    "id,design,quantity,place,due_date,address,contact\n"
    "S-1,us~lamp,3,home,2026-09-30,Secret Street 8,+34 600\n"
    "S-2,us~lamp,x,home,2026-09-30,Hidden Lane 1,=HYPERLINK(1)\n"
)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    folder = make_orders_region(tmp_path / "region", book=ORDERS, private=PRIVATE).folder
    app = create_app(folder, secret_key=b"of the tests")
    use_fakes(app)
    return app


@pytest.fixture
def pia(app) -> FlaskClient:
    return client_as(app, "pia", Role.PLANNER)


def file_of(app: Flask, name: str = "book") -> Path:
    return app.extensions["workspace"].folder / "orders" / f"{name}.csv"


def digest_of(app: Flask, name: str = "book") -> str:
    return open_book(app.extensions["workspace"], name).digest


def ids(page: str) -> list[str]:
    table = page[page.index("order-rows") :] if "order-rows" in page else ""
    return re.findall(r'<th scope="row" role="rowheader">([^<]*)</th>', table)


def field(page: str, name: str) -> str:
    """Return the value of an input."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found, name
    return unescape(re.search(r'value="([^"]*)"', found[0])[1])


def text_in(page: str) -> str:
    return unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[1])


def test_the_list_shows_each_book_with_its_counts_and_faults(app):
    (file_of(app).parent / "bad.csv").write_bytes(b"id\n\xff\n")
    page = app.test_client().get("/orders/").text
    assert re.search(r">book</a></th><td class=\"number\"[^>]*>3</td><td class=\"number\"[^>]*>14</td>", page)
    assert "byte 3 is 0xff" in page
    assert '<a class="alarm" href="/orders/private/?faults=yes">' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A", "B", "FAR"]),
        ("q=high", ["B"]),
        ("q=HOME+lamp", ["A", "B", "FAR"]),
        ("sort=-quantity", ["B", "A", "FAR"]),
        ("sort=due", ["A", "B", "FAR"]),
        ("priority=normal&sort=-id", ["FAR", "A"]),
        ("since=2026-09-20", ["B", "FAR"]),
        ("until=2026-09-18&design=us~lamp&place=home", ["A"]),
        ("faults=yes", []),
        ("page=7", []),
    ],
)
def test_the_address_says_which_rows_are_shown_and_downloaded(app, query, found):
    client = app.test_client()
    assert ids(client.get(f"/orders/book/?{query}").text) == found
    if "page" not in query:
        table = client.get(f"/orders/book/book.csv?{query}").text
        assert [row["id"] for row in csv.DictReader(io.StringIO(table))] == found
        document = json.loads(client.get(f"/orders/book/book.json?{query}").text)
        assert [row["id"] for row in document["orders"]] == found


@pytest.mark.parametrize("query", ["sort=colour", "since=soon", "page=x", "priority=mad", "faults=1"])
def test_what_an_address_cannot_ask_is_told(app, query):
    assert app.test_client().get(f"/orders/book/?{query}").status_code == 422


def test_addresses_and_contacts_are_for_planners_alone(app, pia):
    viewer, secrets = client_as(app, "vic", Role.VIEWER), ("Secret", "Hidden", "+34", "HYPERLINK")
    for client in (app.test_client(), viewer, client_as(app, "wim", Role.WORKSHOP, workshop="north")):
        for address in ("", "?q=secret", "?faults=yes", "book.csv", "book.csv?exact=yes", "book.json"):
            answer = client.get(f"/orders/private/{address}")
            assert answer.status_code == 200
            assert not [secret for secret in secrets if secret in answer.text], address
        assert ids(client.get("/orders/private/?q=secret").text) == []
    assert "Secret Street 8" in pia.get("/orders/private/").text
    assert ids(pia.get("/orders/private/?q=secret").text) == ["S-1"]


def test_a_download_for_spreadsheets_holds_no_formula_and_comes_back_as_it_was(pia):
    safe = pia.get("/orders/private/book.csv").text
    assert ",'+34 600" in safe
    assert ",'=HYPERLINK(1)" in safe
    assert ",+34 600" in pia.get("/orders/private/book.csv?exact=yes").text
    page = post(pia, "/orders/book/upload", {"text": pia.get("/orders/book/book.csv").text}).text
    assert re.findall(r"<b>(\d+)</b>", page)[:4] == ["0", "0", "3", "0"]


def test_an_order_is_added_changed_and_removed(app, pia):
    before = file_of(app).read_bytes()
    assert field(pia.get("/orders/book/add?design=us~lamp").text, "design") == "us~lamp"
    answer = post(pia, "/orders/book/add", NEW | {"design": "Lamp", "place": "HOME", "priority": "low", "do": "save"})
    assert answer.headers["Location"] == "/orders/book/?q=N-1&done=added&order=N-1"
    page = pia.get("/orders/book/rows/N-1/").text
    sent = {name: field(page, name) for name in ("digest", "id", "quantity", "place", "due_date")}
    assert (sent["quantity"], sent["place"]) == ("3", "home")
    assert post(pia, "/orders/book/rows/N-1/", sent | {"quantity": "4"}).status_code == 303
    assert file_of(app).read_text().splitlines()[-1] == "N-1,us~lamp,,4,home,2026-09-30,,low,,,"
    page = pia.get("/orders/book/rows/N-1/remove").text
    sent = {"digest": field(page, "digest")}
    assert post(pia, "/orders/book/rows/N-1/remove", sent).status_code == 422
    assert post(pia, "/orders/book/rows/N-1/remove", sent | {"reason": "no need"}).status_code == 303
    assert file_of(app).read_bytes() == before
    history = pia.get("/orders/book/history").text
    assert "Units: 3 → 4" in history
    assert "no need" in history


def test_a_form_that_says_nothing_new_changes_no_byte(app, pia):
    before = file_of(app).read_bytes()
    page = pia.get("/orders/book/rows/A/").text
    names = ("digest", "id", "design", "version", "quantity", "place", "due_date", "minimum_lot", "max_distance_km")
    sent = {name: field(page, name) for name in names} | {"priority": "normal", "splittable": "no"}
    assert post(pia, "/orders/book/rows/A/", sent).status_code == 303
    assert file_of(app).read_bytes() == before


def test_a_form_takes_address_and_first_article_and_adds_a_column_only_where_it_says_something(app, pia):
    page = pia.get("/orders/book/add").text
    assert all(f'name="{column}"' in page for column in ("address", "contact", "first_article"))
    head = file_of(app).read_text().splitlines()[0]
    post(pia, "/orders/book/add", NEW | {"first_article": "no", "do": "save"})
    assert file_of(app).read_text().splitlines()[0] == head
    post(pia, "/orders/book/add", NEW | {"id": "X-2", "first_article": "yes", "address": "4 Mill Lane", "do": "save"})
    assert file_of(app).read_text().splitlines()[0].startswith(f"{head},")
    assert "yes,4 Mill Lane" in file_of(app).read_text()


def test_a_choice_that_may_not_be_stays_a_choice(pia):
    answer = post(pia, "/orders/book/add", NEW | {"first_article": "yes", "splittable": "yes", "do": "save"})
    assert answer.status_code == 422
    [choice] = re.findall(r'<select[^>]*name="splittable".*?</select>', answer.text, flags=re.DOTALL)
    assert 'aria-invalid="true"' in choice
    assert re.findall(r'value="(\w+)" selected', choice) == ["yes"]


def test_a_quote_heeds_the_check_of_a_first_article(pia):
    weeks = []
    for first in ("no", "yes"):
        page = post(pia, "/orders/book/add", NEW | {"first_article": first, "do": "quote"}).text
        weeks.append(re.search(r"There by (\d+ \w+ \d+)", page)[1])
    days = [datetime.strptime(week.replace("Sept", "Sep"), "%d %b %Y").date() for week in weeks]
    assert days[0] < days[1]


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(app, pia):
    before = file_of(app).read_bytes()
    answer = post(pia, "/orders/book/add", NEW | {"quantity": "viele", "due_date": "bald", "max_distance_km": "7,x"})
    assert answer.status_code == 422
    for name, value in (("quantity", "viele"), ("due_date", "bald"), ("max_distance_km", "7,x"), ("id", "N-1")):
        assert field(answer.text, name) == value
    assert answer.text.count('aria-invalid="true"') == 3
    assert file_of(app).read_bytes() == before


def test_a_stale_form_shows_both_versions_and_can_be_saved_then(app, pia):
    stale = digest_of(app)
    post(pia, "/orders/book/rows/B/", {"digest": stale, "quantity": "11"})
    answer = post(pia, "/orders/book/rows/B/", {"digest": stale, "quantity": "12"})
    assert answer.status_code == 409
    assert re.search(r"<td>11</td><td>12</td>", answer.text)
    assert field(answer.text, "quantity") == "12"
    fresh = {"digest": field(answer.text, "digest"), "quantity": "12"}
    assert post(pia, "/orders/book/rows/B/", fresh).status_code == 303
    assert ",12," in file_of(app).read_text()


def test_an_order_that_somebody_removed_is_offered_to_be_added_again(app, pia):
    stale = digest_of(app)
    post(pia, "/orders/book/rows/B/remove", {"digest": stale, "reason": "gone"})
    answer = post(pia, "/orders/book/rows/B/", NEW | {"digest": stale, "id": "B", "quantity": "12"})
    assert answer.status_code == 409
    assert 'action="/orders/book/add"' in answer.text
    assert field(answer.text, "quantity") == "12"
    stale_removal = post(pia, "/orders/book/rows/A/remove", {"digest": stale, "reason": "my reason"})
    assert (stale_removal.status_code, field(stale_removal.text, "reason")) == (409, "my reason")


def test_asking_who_could_make_it_says_when_and_writes_nothing(app, pia):
    before = file_of(app).read_bytes()
    answer = post(pia, "/orders/book/add", NEW | {"do": "quote"})
    assert answer.status_code == 200
    assert "North Makers" in answer.text
    assert "all machines count as free" in answer.text
    far = post(pia, "/orders/book/add", NEW | {"do": "quote", "max_distance_km": "0.1"})
    assert "It cannot be made here." in far.text
    assert post(pia, "/orders/book/add", NEW | {"do": "quote", "quantity": ""}).status_code == 422
    assert file_of(app).read_bytes() == before


TABLE = """id;design;quantity;place;due_date
N-1;Lamp;3;home;2026-09-30
B;us~lamp;9;home;2026-09-25
N-2;us~no;x;home;2026-09-30
"""


def test_a_table_that_lacks_a_column_is_told_what_else_is_wrong_with_its_rows(pia):
    answer = post(pia, "/orders/book/upload", {"text": "id,design,quantity,due_date\nN-9,us~no,x,2026-09-30\n"})
    assert answer.status_code == 422
    assert "O032" in answer.text
    assert "Rows with faults" in answer.text
    assert "O005" in answer.text
    assert "What this would do" not in answer.text


def test_one_good_row_is_not_called_rows(pia):
    good, bad = "N-1;us~lamp;3;home;2026-09-30\n", "N-9;us~no;x;home;2026-09-30\n"
    head = TABLE.splitlines()[0] + "\n"
    assert "Add the 1 good row, leave out 1" in post(pia, "/orders/book/upload", {"text": head + good + bad}).text
    more = head + good + good.replace("N-1", "N-2") + bad
    assert "Add the 2 good rows, leave out 1" in post(pia, "/orders/book/upload", {"text": more}).text


def test_a_table_with_faults_does_nothing_until_they_are_left_out_in_so_many_words(app, pia):
    before = file_of(app).read_bytes()
    page = post(pia, "/orders/book/upload", {"text": TABLE}).text
    assert re.findall(r"<b>(\d+)</b>", page)[:4] == ["1", "1", "0", "1"]
    assert "Add 1, change 1, leave out 1" in page
    assert text_in(page) == TABLE
    sent = {"text": text_in(page)} | {name: field(page, name) for name in ("digest", "shown", "header")}
    sent |= {f"column-{number}": name for number, name in enumerate(["id", "design", "quantity", "place", "due_date"])}
    assert post(pia, "/orders/book/upload", sent | {"do": "take"}).status_code == 422
    assert file_of(app).read_bytes() == before
    answer = post(pia, "/orders/book/upload", sent | {"do": "take-good"})
    assert answer.headers["Location"] == "/orders/book/?done=uploaded&added=1&changed=1&left=1"
    lines = file_of(app).read_text().splitlines()
    assert lines[2] == "B,us~lamp,^1.0,9,home,2026-09-25,,high,yes,2,"
    assert lines[-1] == "N-1,us~lamp,,3,home,2026-09-30,,,,,"
    assert "1 added, 1 changed" in pia.get("/orders/book/history").text


def test_a_text_that_changed_after_its_preview_is_shown_again_first(app, pia):
    before = file_of(app).read_bytes()
    page = post(pia, "/orders/book/upload", {"text": TABLE}).text
    sent = {name: field(page, name) for name in ("digest", "shown")} | {"do": "take-good"}
    answer = post(pia, "/orders/book/upload", sent | {"text": TABLE.replace(";9;", ";90;")})
    assert answer.status_code == 422
    assert "9 → 90" not in answer.text
    assert "8 → 90" in answer.text
    assert file_of(app).read_bytes() == before


def test_a_file_in_windows_1252_is_read_and_told(pia):
    file = TABLE.replace("due_date", "échéance").encode("cp1252")
    page = post(
        pia, "/orders/book/upload", {"file": (io.BytesIO(file), "autumn.csv")}, content_type="multipart/form-data"
    ).text
    assert "Windows-1252" in page
    assert "From the file autumn.csv." in page
    assert text_in(page).splitlines()[0].endswith("échéance")


def test_what_is_too_large_or_no_text_is_told(pia):
    for content, status, code in ((b"a" * (MAX_BYTES + 1), 422, "O031"), (b"PK\x03\x04\x00", 422, "O030")):
        sent = {"file": (io.BytesIO(content), "x.csv")}
        answer = post(pia, "/orders/book/upload", sent, content_type="multipart/form-data")
        assert answer.status_code == status
        assert code in answer.text
        answer.request.environ["wsgi.input"].close()  # a file of the client, for it is large


def test_a_large_paste_is_taken(pia):
    """Larger than forms are elsewhere."""
    rows = [f"L-{number},us~lamp,1,home,2026-09-30,{'x' * 150}" for number in range(15_000)]
    text = "\n".join(["id,design,quantity,place,due_date,note", *rows])
    answer = post(pia, "/orders/book/upload", {"text": text}, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert "<b>15,000</b>" in answer.text
    answer.request.environ["wsgi.input"].close()  # a file of the client, for it is large


def test_a_book_is_started_and_names_are_checked(pia):
    assert post(pia, "/orders/new", {"name": "spring"}).headers["Location"] == "/orders/spring/?done=started"
    answer = post(pia, "/orders/new", {"name": "../x"})
    assert answer.status_code == 422
    assert field(answer.text, "name") == "../x"
    assert "No order stands in this book yet." in pia.get("/orders/spring/").text


def test_a_request_without_its_token_changes_nothing(app, pia):
    before = file_of(app).read_bytes()
    for address in ("add", "upload", "rows/B/", "rows/B/remove"):
        assert pia.post(f"/orders/book/{address}", data=NEW | {"text": TABLE}).status_code == 400
    assert file_of(app).read_bytes() == before


def test_a_region_without_books_says_so(tmp_path):
    client = create_app(workspace=ShownWorkspace(tmp_path), secret_key=b"of the tests").test_client()
    assert "This region has no order book yet." in client.get("/orders/").text


@pytest.mark.parametrize(
    ("ids", "wish"),
    [
        ([], "B-0001"),
        (["A-0001", "A-0009", "A-0002", "X-radius-1", "X-beyond-2"], "A-0010"),
        (["A-9", "A-99"], "A-100"),
        (["A-1", "B-7"], "B-8"),
        (["lamp", "A" + "1" * 13], ""),
    ],
)
def test_a_new_order_goes_on_with_the_ids_that_most_orders_have(ids, wish):
    book = SimpleNamespace(name="book", rows=[SimpleNamespace(cells={"id": one}) for one in ids])
    assert next_id(book) == wish
    assert wish not in ids
