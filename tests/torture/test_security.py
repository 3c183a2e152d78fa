"""Slices of the attacks of `make torture`, and the proof that each finds what is not protected."""

from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask, Response, redirect, request, session

from cosmolocal.web.sign_in import SESSION, csrf
from cosmolocal.workflows import rights, sessions
from cosmolocal.workflows.rights import Action, Rule
from cosmolocal.workflows.workspace import DATABASE
from torture import refusals, secrecy
from torture.experiments.security import SECTIONS, run_dependencies
from torture.refusals import CANARY, Ground
from torture.routes import read_table, run_routes


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = secrecy.make_ground(tmp_path / "region")
    yield made
    made.app.extensions["runner"].close()


def test_there_are_four_experiments():
    assert [section.name for section in SECTIONS] == ["routes", "refused", "secrets", "dependencies"]


def test_a_slice_of_the_routes_lets_in_whom_it_should():
    tally = run_routes(40)
    assert tally.wrong == []
    assert tally.requests > 40


def test_a_right_that_everybody_has_is_found(monkeypatch):
    table = read_table()
    row = {"GET /people/": table.ROUTES["GET /people/"]}
    monkeypatch.setitem(rights.RULES, Action.MANAGE_PEOPLE, Rule(roles=frozenset(rights.ALL)))
    wrong = run_routes(1, row).wrong
    assert any("GET /people/ as viewer on others': let in (200 OK)" in line for line in wrong)


def test_a_route_that_is_not_in_the_table_is_found():
    table = read_table()
    rows = {"GET /health": table.ROUTES["GET /health"], "GET /gone": table.ROUTES["GET /health"]}
    wrong = run_routes(1, rows).wrong
    assert "GET /gone: not in the table, or not a route" in wrong
    assert "GET /people/: not in the table, or not a route" in wrong


def test_no_form_of_another_site_is_taken(ground):
    tally = refusals.forge_forms(ground, 5)
    assert tally.wrong == []
    assert tally.tries > 20


def test_a_form_that_is_taken_from_other_sites_is_found(ground):
    @ground.app.post("/careless")
    @csrf.exempt
    def careless() -> str:
        return "changed"

    assert "POST /careless with no token: 200 OK" in refusals.forge_forms(ground).wrong


def test_no_session_is_fixed(ground):
    assert refusals.fix_sessions(ground).wrong == []


def test_a_session_that_stays_the_same_is_found(ground):
    def keep(cookie: Response) -> Response:
        session[SESSION] = planted.pop() if planted else session.get(SESSION)
        return cookie

    planted: list[str] = []

    @ground.app.before_request
    def remember() -> None:
        if request.path == "/sign-in" and request.method == "POST":
            planted.append(session[SESSION])

    ground.app.after_request(keep)
    assert any("keeps the session" in line for line in refusals.fix_sessions(ground).wrong)


def test_guessing_is_slow(ground):
    tally = refusals.guess_passwords(ground, 2)
    assert tally.wrong == []
    assert tally.tries > 80


def test_guessing_as_fast_as_one_likes_is_found(ground, monkeypatch):
    monkeypatch.setattr(sessions, "TRIES", 10**6)
    wrong = refusals.guess_passwords(ground, 1).wrong
    assert any("20 guesses at ada were looked at" in line for line in wrong)


def test_nothing_is_fetched(ground):
    tally = refusals.tempt_to_fetch(ground, 6)
    assert tally.wrong == []
    assert tally.tries > 40


def test_a_route_that_fetches_is_found(ground):
    @ground.app.get("/careless")
    def careless() -> str:
        try:
            return str(urlopen(request.args["url"], timeout=0.1).status)
        except (OSError, ValueError):
            return "nothing"

    assert any("GET /careless with" in line for line in refusals.tempt_to_fetch(ground).wrong)


def test_a_route_that_leads_anywhere_is_found(ground):
    @ground.app.get("/careless")
    def careless() -> Response:
        return redirect(request.args["next"])  # type: ignore[return-value]

    assert any("GET /careless" in line and "leads to" in line for line in refusals.tempt_to_fetch(ground).wrong)


def test_no_path_leads_out(ground):
    tally = refusals.lead_out(ground, 60)
    assert tally.wrong == []
    assert tally.tries > 300


def test_a_route_that_reads_any_file_is_found(ground):
    @ground.app.get("/careless/<path:path>")
    def careless(path: str) -> str:
        there = ground.folder / "orders" / path
        return there.read_text("latin-1") if there.is_file() else ""

    wrong = refusals.lead_out(ground, only="/careless").wrong
    assert any("GET /careless/<path:path>" in line for line in wrong)
    assert (ground.folder / "canary.txt").read_text() == CANARY


def test_a_route_that_writes_any_file_is_found(ground):
    @ground.app.put("/careless/<name>")
    def careless(name: str) -> str:
        (ground.folder / "orders" / f"{name[:3]}x").touch()
        return ""

    assert any("was written" in line for line in refusals.lead_out(ground, only="/careless").wrong)


def test_nothing_secret_is_told(ground):
    secrets = secrecy.use_region(ground)
    assert {"token", "session", "cookie", "invitation", "tokens.digest 0"} <= secrets.by_kind.keys()
    for tally in (
        secrecy.look_at_answers(ground, secrets, 6),
        secrecy.look_at_error_pages(ground),
        secrecy.look_at_backups(ground, secrets),
    ):
        assert tally is None or (tally.wrong == [] and tally.tries > 0)


def test_a_page_that_tells_hashes_and_a_log_that_tells_addresses_are_found(ground):
    secrets = secrecy.use_region(ground)

    @ground.app.get("/careless")
    def careless() -> str:
        return secrets.by_kind["tokens.digest 0"]

    @ground.app.before_request
    def tell() -> None:
        ground.app.logger.warning("asked for %s", request.full_path)

    wrong = secrecy.look_at_answers(ground, secrets).wrong
    assert any(line.startswith("GET /careless tells tokens.digest") for line in wrong)
    assert {"the log tells token", "the log tells what was typed"} <= set(wrong)


def test_no_account_and_no_key_is_there_from_the_start(tmp_path):
    assert secrecy.look_for_defaults(tmp_path).wrong == []
    assert secrecy.look_at_modes(tmp_path / "open").wrong == []


def test_a_key_that_all_regions_share_is_found(tmp_path, monkeypatch):
    def careless(place: Path) -> Flask:
        app = real(place)
        app.secret_key = b"the same everywhere, and long enough"
        return app

    real = secrecy.create_app
    monkeypatch.setattr(secrecy, "create_app", careless)
    assert "regions share a key, or have a short one" in secrecy.look_for_defaults(tmp_path).wrong


def test_a_file_that_others_may_read_is_found(tmp_path, monkeypatch):
    def careless(place: Path) -> Flask:
        app = real(place)
        app.extensions["people"]().first_run_code()
        (place / DATABASE).chmod(0o644)
        return app

    real = secrecy.create_app
    monkeypatch.setattr(secrecy, "create_app", careless)
    assert any("cosmolocal.db has the mode 0644" in line for line in secrecy.look_at_modes(tmp_path).wrong)


def test_what_the_program_is_made_of_is_right():
    assert run_dependencies(1).wrong == ()
