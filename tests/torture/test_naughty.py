"""A slice of the naughty strings of `make torture`, and the proof that they can find something."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response, request

from torture.full_region import FullRegion, make_full_region
from torture.naughty import COUNT, SCRIPT, naughty_strings
from torture.naughty_api import Api, feed_api
from torture.naughty_forms import feed_addresses, feed_form, find_forms, memory_folder, uncovered
from torture.naughty_pages import fill, find_formulas, open_pages
from torture.pages import Crawl, Form, find_active

STRINGS = naughty_strings()
FEW = ("\ud800", "\x00", f"<img src=x onerror={SCRIPT}>")


@pytest.fixture(scope="module")
def full() -> Iterator[FullRegion]:
    with memory_folder() as folder:
        yield make_full_region(folder)


@pytest.fixture(scope="module")
def forms(full: FullRegion) -> dict[str, Form]:
    return find_forms(full)


@pytest.fixture
def own(full: FullRegion, tmp_path: Path) -> FullRegion:
    """Return a copy that a test may spoil."""
    return full.copy(tmp_path)


def test_the_strings_are_as_many_as_they_are_said_to_be_and_each_is_there_once():
    assert len(set(STRINGS)) == len(STRINGS) == COUNT
    assert {"", "\x00", "\ud800", "../../../../etc/passwd", "=1+1"} <= set(STRINGS)


def test_every_route_that_takes_something_has_a_form_that_is_met(full: FullRegion, forms: dict[str, Form]):
    assert uncovered(full.app, forms) == []


def test_a_form_that_no_page_shows_is_found_out(full: FullRegion, forms: dict[str, Form]):
    assert uncovered(full.app, [route for route in forms if route != "POST /orders/new"]) == ["POST /orders/new"]


def test_no_form_stumbles_over_a_string(full: FullRegion, forms: dict[str, Form]):
    for number, (route, form) in enumerate(forms.items()):
        if len(form.names) < 10:
            fed = feed_form(full, route, form, [FEW[number % len(FEW)]])
            assert fed.wrong == []


def test_no_address_and_no_operation_stumbles_over_a_string(full: FullRegion):
    assert feed_addresses(full, FEW[:1]).wrong == []
    fed = feed_api(full, FEW[2:])
    assert fed.wrong == []
    assert {status for _, status in fed.answers} >= {200, 201, 404, 422}


def contents_of(folder: Path) -> dict[Path, object]:
    """Return the contents of all files; of a database, which counts its commits, what it says."""
    found: dict[Path, object] = {}
    for path in folder.rglob("*"):
        if path.suffix == ".db":
            db = sqlite3.connect(path)
            found[path] = list(db.iterdump())
            db.close()
        elif path.is_file():
            found[path] = path.read_bytes()
    return found


def test_what_is_changed_is_made_as_it_was(full: FullRegion):
    full.restore()
    before = contents_of(full.folder)
    shutil.rmtree(full.folder / "orders")
    (full.folder / "new.txt").write_text("new")
    full.restore()
    assert contents_of(full.folder) == before


def test_a_page_that_lets_a_string_through_is_found_out(own: FullRegion, forms: dict[str, Form]):
    def spoil(response: Response) -> Response:
        if "q" in request.args and response.mimetype == "text/html":
            response.data += request.args["q"].encode("utf-8", "replace")
        return response

    own.app.after_request(spoil)
    route = "GET /plans/<plan_id>/unmet"
    [wrong] = feed_form(own, route, forms[route], FEW[2:]).wrong
    assert wrong.startswith(f"{route}: q=")


def test_a_fault_of_the_server_is_found_out(own: FullRegion, forms: dict[str, Form]):
    def fail() -> None:
        if "\x00" in request.args.get("q", ""):
            raise RuntimeError

    own.app.before_request(fail)
    own.app.config["PROPAGATE_EXCEPTIONS"] = False
    route = "GET /plans/<plan_id>/unmet"
    assert [wrong[-10:] for wrong in feed_form(own, route, forms[route], FEW).wrong] == ["status 500"]


def test_an_answer_that_is_not_as_specified_is_found_out(full: FullRegion):
    api = Api(full)
    good, bad = Response('{"processes": []}', 200, mimetype="application/json"), Response("x", 299)
    told = [*api.wrong_with("/api/v1/processes", "get", bad)]  # type: ignore[arg-type]
    assert told == ["status 299 is not in the specification"]
    assert [*api.wrong_with("/api/v1/processes", "get", good)] != []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<p title="a &lt;img onerror=x&gt; b">&lt;script&gt;</p><script src="/x.js"></script>', 0),
        ('<script type="application/json">{}</script><a href="/javascript:x">x</a>', 0),
        ("<p onclick=x>", 1),
        ("<script>x</script>", 1),
        ("<a href=' javascript:x'>", 1),
        ("<iframe srcdoc='x'>", 1),
        ('<form action="vbscript:x">', 1),
    ],
)
def test_what_runs_in_a_page_is_found(html: str, count: int):
    assert len([*find_active(html)]) == count


def test_cells_that_a_spreadsheet_works_out_are_found():
    assert [*find_formulas(b'a,-5,+3.5,\'=1\n=1+1,"@x",-x,2026-09-07\n')] == ["=1+1", "@x", "-x"]


@pytest.mark.browser
def test_what_runs_in_a_browser_is_found_out(own: FullRegion):
    """Without the policy and with what somebody wrote taken for HTML, the texts run."""

    def spoil(response: Response) -> Response:
        if request.path == "/account":
            response.headers["Content-Security-Policy"] = "default-src * 'unsafe-inline'"
            response.data += f"<img src=x onerror={SCRIPT}>".encode()
        return response

    own.app.after_request(spoil)
    pages = Crawl({"http://localhost/account": "", "http://localhost/plans/": ""})
    wrong = open_pages(own, pages).wrong
    assert wrong
    assert all(line.startswith("GET /account: ") for line in wrong)
    assert any("scripts ran" in line for line in wrong)


@pytest.mark.browser
def test_texts_that_would_run_are_shown_and_do_not(own: FullRegion):
    assert len(fill(own)) >= 10
    places = ("/account", "/designs/us~lamp/3.0.0/", "/designs/us~lamp/3.0.0/preview/README.md", "/places/")
    crawled = Crawl({f"http://localhost{place}": "" for place in places})
    shown = open_pages(own, crawled)
    assert shown.wrong == []
    assert shown.pages == len(places)
