"""Whatever is wrong is said in the reader's language: on every page, and as far as it can be."""

import ast
import pickle
import re
from pathlib import Path

import pytest
from cli.small_region import run
from web.accounts import client_as, post
from web.bench_shop import jobs_of, open_house, plan_region
from web.design_shop import make_shop
from web.drafts import send_files
from web.planned import BOOK, make_planned

from cosmolocal.errors import Problem, Said, say
from cosmolocal.records import Role
from cosmolocal.web import catalogues, fault_words
from cosmolocal.web.fault_words import find_meaning, tell
from cosmolocal.workflows.draft_left_out import note_left_out, read_left_out
from tools.readme import find_codes

ROOT = Path(__file__).parents[2]
#: no words of French, Spanish or Catalan, nor of the regions made for tests
ENGLISH = re.compile(
    r"\b(found|must|missing|required|known|nobody|cannot|the|with|and|is|this|choose|write|there|line|file|wrong)\b",
    re.I,
)
#: (address, what is sent; None: it is only read) on a region with a plan
FAULTS = {
    "an order": ("/orders/book/add", {"quantity": "viele", "due_date": "bald", "priority": "x", "place": "x"}),
    "many orders": ("/orders/book/upload", {"text": "id;design;quantity;place;due_date\nN;us~no;x;home;2026-09-30\n"}),
    "orders without columns": ("/orders/book/upload", {"text": "id;design\nN;us~no\n"}),
    "no orders": ("/orders/book/upload", {"text": " "}),
    "a new book": ("/orders/new", {"name": "../x"}),
    "a filter of orders": ("/orders/book/?sort=x&since=y&page=z", None),
    "a filter of a plan": ("/?sort=x&week=y", None),
    "a filter of the unmet": ("/plans/newest/unmet?sort=x", None),
    "a filter of the network": ("/plans/newest/network?place=x", None),
    "a run": (
        "/runs/",
        {"book": BOOK, "seconds": "soon", "gap": "101", "solver": "x", "settings": "weeks", "seed": "-1"},
    ),
    "a setting of a run": ("/runs/", {"book": BOOK, "seconds": "20", "gap": "0", "settings": "colour=red"}),
    "a wish": ("/plans/newest/orders/A/wishes", {"kind": "place", "lot": "x", "workshop": "y", "monday": "z"}),
    "signing in": ("/sign-in", {"name": "eve", "password": "x"}),
    "a password": ("/account/password", {"present": "x", "new": "short"}),
    "a token": ("/account/tokens", {"token_name": "", "days": "999"}),
    "an invitation": ("/people/invitations", {"name": "Not A Name"}),
    "a design in a search": ("/designs/?fits=x&within=y&near=z&process=w", None),
    "a filter of workshops that can make it": ("/designs/us~lamp/1.0.0/?quantity=x", None),
    "withdrawing a version": ("/designs/us~lamp/1.0.0/yank", {"reason": " "}),
    "an owner": ("/designs/us~lamp/owners", {"add": "zoe"}),
    "something made": ("/designs/us~lamp/1.0.0/report-make", {"quantity": "x", "date": "y", "place": "z"}),
    "taking down": ("/designs/us~lamp/1.0.0/take-down", {"reason": "", "typed": "x"}),
    "a confirmation": (
        "/designs/us~lamp/1.0.0/confirm",
        {"part": "", "do": "confirm", "operation-0-process": "laser-cutting", "operation-0-minutes-per-unit": "x"},
    ),
}


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    app = make_planned(tmp_path_factory.mktemp("faults") / "region")
    yield client_as(app, "root", *Role.__members__.values(), workshop="north")
    app.extensions["runner"].close()


def foreign_words(page: str) -> list[str]:
    """Return the English words that a page shows as if they were of its language."""
    title = page[page.index("<title>") : page.index("</title>")]
    main = title + page[page.index("<main") : page.index("</main")]
    other = r"(?s)<(code|pre|script|style|svg|textarea)\b.*?</\1>|<(\w+)[^>]*lang=\"en\".*?</\2>"
    return ENGLISH.findall(re.sub(r"<[^>]*>", " ", re.sub(other, " ", main)))


@pytest.mark.parametrize("language", ["fr", "ca"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_without_english_words(planned, name, language):
    address, sent = FAULTS[name]
    address += ("&" if "?" in address else "?") + f"lang={language}"
    answer = planned.get(address) if sent is None else post(planned, address, sent)
    assert answer.status_code in (200, 422), answer.status_code
    assert "alarm" in answer.text or "fault" in answer.text or answer.status_code == 422
    assert f'<html lang="{language}">' in answer.text
    assert foreign_words(answer.text) == []


def test_the_search_for_english_words_finds_them(planned):
    assert foreign_words(post(planned, "/orders/new?lang=en", {"name": "../x"}).text)


@pytest.mark.parametrize("language", ["fr", "ca"])
def test_a_file_that_cannot_be_kept_and_a_bare_draft_are_told(tmp_path, language):
    client = client_as(make_shop(tmp_path / "region"), "mia", Role.MAKER)
    draft = post(client, "/drafts/", {}).headers["Location"].partition("#")[0]
    for fields, files in (({"do": "check"}, {}), ({"do": "publish", "version": "x"}, {"CON.txt": b"x"})):
        address = f"{draft}?lang={language}"
        answer = send_files(client, address, fields, files)
        page = client.get(address).text if answer.status_code == 303 else answer.text
        assert foreign_words(page) == []


def test_what_cannot_be_translated_is_marked_as_english(app):
    problem = Problem("D003", "designs/x", "has no version folder <v1>")
    with app.test_request_context("/?lang=fr"):
        told = tell(problem)
        assert told.endswith('. <span lang="en">has no version folder &lt;v1&gt;</span>')
        assert told.startswith("L’inventaire")
    with app.test_request_context("/?lang=en"):
        assert tell(problem) == "has no version folder <v1>"


def test_every_code_that_a_page_may_have_to_explain_is_found_where_the_pages_are_loaded():
    """The sentences are those of the README; test_languages demands their translations."""
    meanings = {meaning for told in catalogues.find_meanings().values() for meaning in told}
    assert meanings <= set(find_codes().values())
    assert len(meanings) > 100
    lost = {code for code, meaning in find_codes().items() if meaning in meanings and not find_meaning(code)}
    assert lost <= {"P093"}, "the solvers are loaded when they are needed"


@pytest.mark.parametrize("place", [place for place in catalogues.ALL_SAID if not place.startswith("web/")])
def test_modules_that_say_all_have_no_message_that_only_english_has(place):
    for node in ast.walk(ast.parse((ROOT / "cosmolocal" / place).read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and len(node.args) > 2:
            assert not isinstance(node.args[2], ast.JoinedStr | ast.Constant), (place, node.lineno)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "fault":
            assert not isinstance(node.args[2], ast.JoinedStr | ast.Constant), (place, node.lineno)


def test_a_sentence_keeps_its_template_wherever_it_goes(tmp_path):
    said = say("found %(found)s; %(rule)s", found="50 %", rule=say("must be g"))
    assert said == "found 50 %; must be g"
    for same in (pickle.loads(pickle.dumps(said)), Said.from_plain(said.as_plain())):
        assert (same, same.tell_in("¿{}".format)) == (said, "¿found 50 %; ¿must be g")
    note_left_out(tmp_path, [Problem("D022", "okh.toml: license", said), Problem("U030", ".git", "plain")])
    assert [isinstance(one.message, Said) for one in read_left_out(tmp_path)] == [True, False]


def test_places_are_told_in_the_reader_s_language(app):
    with app.test_request_context("/?lang=ca"):
        assert fault_words.tell_place("autumn.csv: line 3.quantity") == "autumn.csv: línia 3.quantity"
        assert fault_words.tell_place("upload") == "enviament"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Return an application with a published plan, and a newer draft whose inputs have changed since."""
    folder = tmp_path_factory.mktemp("house") / "region"
    plan_id = plan_region(folder)
    app, _ = open_house(folder, plan_id)
    book = folder / "orders/book.csv"
    book.write_text(book.read_text().replace("A,us~lamp,*,5,", "A,us~lamp,*,6,"))
    assert run("plan", book, "--region", folder, "--quiet").exit_code == 0
    for name in ("places.csv", "orders/book.csv"):
        (folder / name).write_text((folder / name).read_text() + "\n")
    return app


#: (who, address, what is sent) on a region whose plan counts
HOUSE_FAULTS = {
    "declining a job without a reason": ("nora", "/jobs/{job}/", {"step": "decline", "version": "0"}),
    "proposing no week": ("nora", "/jobs/{job}/", {"step": "propose", "week": "soon", "version": "0"}),
    "an answer that does not fit": ("nora", "/jobs/{job}/", {"step": "finish", "version": "0"}),
    "an answer to what is no more": ("nora", "/jobs/{job}/", {"step": "accept", "version": "7"}),
    "a closure without days": ("nora", "/workshops/north/hours", {"from": "x", "to": "y", "hours": "z", "do": "add"}),
    "a closure that ends before it begins": (
        "nora",
        "/workshops/north/hours",
        {"from": "2026-09-09", "to": "2026-09-01", "do": "add"},
    ),
    "publishing what has changed": ("pia", "/plans/{draft}/publish", {}),
    "a filter of jobs": ("pia", "/jobs/?state=x&week=y&due=z", None),
    "an empty question": ("nora", "/designs/we~shelf/1.0.0/ask", {"text": " "}),
}


@pytest.mark.parametrize("language", ["fr", "ca"])
@pytest.mark.parametrize("name", HOUSE_FAULTS)
def test_what_is_wrong_with_jobs_hours_and_publishing_is_told_without_english_words(house, name, language):
    who, address, sent = HOUSE_FAULTS[name]
    job = next(status.job.id for status in jobs_of(house, "north") if status.job.lot == "A/1")
    address = address.format(job=job, draft=house.extensions["workspace"].plans()[0].id)
    address += ("&" if "?" in address else "?") + f"lang={language}"
    client = client_as(house, who)
    answer = client.get(address) if sent is None else post(client, address, sent)
    assert answer.status_code == 422, (answer.status_code, answer.text)
    assert f'<html lang="{language}">' in answer.text
    assert foreign_words(answer.text) == []
    assert "digests." not in answer.text


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("wish: monday", "souhait : semaine"),
        ("wish: workshop", "souhait : atelier"),
        ("closure: from", "fermeture : premier jour"),
        ("order: due_date", "commande : due_date"),
        ("upload: line 3.due_date", "envoi : ligne 3.due_date"),
    ],
)
def test_places_in_forms_are_told_with_the_words_of_the_form(app, where, told):
    with app.test_request_context("/?lang=fr"):
        assert fault_words.tell_place(where) == told


@pytest.mark.parametrize(
    "address",
    [
        "/plans/abcdef123456/",
        "/plans/newest/orders/NONE",
        "/plans/newest/workshops/none",
        "/designs/no~one/",
        "/designs/us~lamp/9.9.9/",
        "/orders/none/",
        "/orders/book/rows/NONE/",
        "/jobs/0000000000000000/",
        "/runs/999",
        "/scenarios/none/",
        "/questions/999/",
        "/drafts/0123456789abcdef0123456789abcdef",
        "/plans/front/none",
        "/workshops/none/hours",
        "/calendars/none.ics",
    ],
)
def test_what_is_not_there_is_named_in_the_readers_language(there, address):
    told = there.get(address)
    assert told.status_code == 404
    [detail] = re.findall(r"<p><code>(.*?)</code></p>", told.text)
    assert not ENGLISH.search(re.sub("&#39;.*?&#39;", "", detail)), detail


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    app = make_planned(tmp_path_factory.mktemp("there") / "region")
    client = client_as(app, "rut", Role.ADMINISTRATOR, Role.PLANNER, Role.MAKER)
    client.get("/?lang=fr")
    yield client
    app.extensions["runner"].close()
