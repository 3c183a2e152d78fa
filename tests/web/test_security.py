"""Nothing leaves the host, nothing runs within a page, and files of designs are inert."""

import hashlib
import json
import re
import stat
import threading
from pathlib import Path

import pytest
from flask import url_for
from showcase import SHOWN_PLAN, ShownWorkspace
from web.accounts import client_as, csrf_token, use_fakes

import cosmolocal.web
from cosmolocal.records import Person, Role
from cosmolocal.web import create_app
from cosmolocal.web.security import HEADERS, INERT
from cosmolocal.web.sign_in import SAFE_METHODS, takes_tokens
from cosmolocal.workflows.drafts import create_draft
from cosmolocal.workflows.keys import KEY, KEY_BYTES, read_secret_key

STATIC = Path(cosmolocal.web.__file__).parent / "static"
TEMPLATES = sorted((STATIC.parent / "templates").rglob("*.html"))
PLAN = f"/plans/{SHOWN_PLAN.id}"
PAGES = ["/", "/plans/", f"{PLAN}/unmet", f"{PLAN}/workshops/", f"{PLAN}/orders/o-1", "/nowhere"]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_carries_the_headers(client, address):
    answer = client.get(address)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("address", PAGES)
def test_a_page_holds_no_script_style_or_address_of_another_host(client, address):
    page = client.get(address).text
    assert not re.search(r"\sstyle=|\son\w+=|<style", page)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", page))
    loaded = re.findall(r'(?:src|srcset|data-src|action)="([^"]*)"|<link[^>]*href="([^"]*)"', page)
    assert [pair for pair in loaded if "//" in "".join(pair)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.name for path in TEMPLATES])
def test_only_our_own_drawings_are_trusted(path):
    """``safe`` switches escaping off."""
    trusted = re.findall(r"\{\{\s*([\w.]+)\s*\|\s*safe", path.read_text("utf-8"))
    assert set(trusted) <= {
        "svg", "drawing", "chart", "row.chart", "shown.chart", "page.chart", "mark.drawing", "hours.svg", "drawn.svg",
    }  # fmt: skip


def test_a_link_to_this_page_cannot_be_steered_away(client):
    page = client.get(f"{PLAN}/unmet?_external=1&_scheme=javascript&plan_id=other&reason=radius").text
    assert "javascript" not in page
    assert f'href="{PLAN}/unmet?reason=radius&amp;lang=fr"' in page


def test_names_from_files_are_escaped(client):
    assert "<Friends>" not in client.get(f"{PLAN}/").text


def test_a_picture_of_a_design_is_shown_but_can_do_nothing(client):
    answer = client.get("/designs/a~lamp/1.2.0/files/picture.svg", buffered=True)
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"] == INERT
    assert "attachment" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["parts/shade.dxf", "read me.html"])
def test_any_other_file_of_a_design_is_downloaded(client, path):
    answer = client.get(f"/designs/a~lamp/1.2.0/files/{path}", buffered=True)
    assert answer.mimetype == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["nothing.stl", "../../secret", "..%2f..%2fsecret"])
def test_no_other_file_can_be_reached(client, path):
    assert client.get(f"/designs/a~lamp/1.2.0/files/{path}", buffered=True).status_code == 404


def test_modules_of_the_map_are_sent_as_scripts(client):
    answer = client.get("/static/vendor/maplibre-gl/maplibre-gl.mjs", buffered=True)
    assert answer.mimetype == "text/javascript"


BROWSER = Path(__file__).parent.parent / "browser"


@pytest.mark.parametrize(
    "folder", [*(STATIC / "vendor").iterdir(), BROWSER / "vendor/axe-core"], ids=lambda path: path.name
)
def test_vendored_files_are_those_of_their_manifest(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    there = {path.name: "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del there["manifest.json"]
    assert there == manifest["files"]
    assert manifest["version"] and manifest["licence"] and set(manifest["licence_files"]) <= set(there)


def routes(app):
    """Yield endpoint, method and an address of every route; but for a draft, what an address names does not exist."""
    ada = Person("ada", "Ada", frozenset({Role.MAKER}))
    draft_id = create_draft(app.extensions["workspace"].folder, ada).id
    for rule in app.url_map.iter_rules():
        wanted = dict.fromkeys(rule.arguments, "none")
        wanted |= {
            "form": "geojson" if "geojson" in rule.rule else "json",
            "change": "deactivate",
            "draft_id": draft_id,
            "kind": "districts",
        }
        numbered = ("token_id", "session_id", "invitation_id", "run_id", "wish_id", "question_id")
        wanted |= dict.fromkeys(numbered, 1)
        with app.test_request_context():
            address = url_for(rule.endpoint, **{name: wanted[name] for name in rule.arguments})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def test_every_route_carries_the_headers_for_everybody(app):
    use_fakes(app)
    clients = {"nobody": app.test_client(), "ada": client_as(app, "ada", Role.ADMINISTRATOR, Role.MAKER)}
    lacking = [
        (who, method, address, name)
        for _, method, address in routes(app)
        for who, client in clients.items()
        for answer in [client.open(address, method=method, buffered=True)]
        for name in HEADERS
        if name not in answer.headers
    ]
    assert lacking == []


def test_nothing_is_changed_without_a_csrf_token(app):
    """Every route that changes something, but those that take no cookie; with a person who may do all of it."""
    use_fakes(app)
    client = client_as(app, "ada", *Role, workshop="makers")
    changing = [
        (method, address)
        for endpoint, method, address in routes(app)
        if method not in SAFE_METHODS and not takes_tokens(endpoint.rpartition(".")[0])
    ]
    assert len(changing) > 10
    taken = {
        (method, address): answer.status_code
        for method, address in changing
        for answer in [client.open(address, method=method, data={"csrf_token": "made up"})]
        if answer.status_code != 400
    }
    assert taken == {}
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("address", ["/sign-in", "/first-run"])
def test_signing_in_needs_a_csrf_token_too(app, address):
    """Else another site could sign somebody in to an account of its own and see what is typed there."""
    use_fakes(app)
    assert app.test_client().post(address, data={"name": "ada"}).status_code == 400


def test_a_form_for_files_carries_its_token_in_a_header(app):
    use_fakes(app)
    client = client_as(app, "ada", Role.ADMINISTRATOR)
    headers = {"X-CSRFToken": csrf_token(client)}
    assert client.post("/people/invitations", data={"roles": "viewer"}, headers=headers).status_code == 200


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    folder = tmp_path / "region/build"
    key = read_secret_key(folder)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE((folder / KEY).stat().st_mode) == 0o600
    assert read_secret_key(folder) == key
    assert [path.name for path in folder.iterdir()] == [KEY]
    assert read_secret_key(tmp_path / "other") != key


def test_servers_that_start_at_once_share_one_key(tmp_path):
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(read_secret_key(tmp_path))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 12
    assert len(set(keys)) == 1


def test_an_application_signs_with_the_key_of_its_region(tmp_path):
    app = create_app(workspace=ShownWorkspace(tmp_path))
    assert app.secret_key == (tmp_path / "build" / KEY).read_bytes()


def test_every_answer_says_what_it_is_and_in_which_letters(app):
    use_fakes(app)
    client = client_as(app, "ada", *Role, workshop="makers")
    vague = [
        (method, address, answer.content_type)
        for _, method, address in routes(app)
        for answer in [client.open(address, method=method, buffered=True)]
        if answer.get_data()
        and (not answer.mimetype or (answer.mimetype.startswith("text/") and not answer.mimetype_params.get("charset")))
    ]
    assert vague == []


def test_no_other_site_may_read_an_answer(app):
    use_fakes(app)
    client = client_as(app, "ada", *Role, workshop="makers")
    headers = {"Origin": "https://evil.example"}
    answers = [client.open(address, method=method, headers=headers) for _, method, address in routes(app)]
    assert {answer.headers.get("Access-Control-Allow-Origin") for answer in answers} == {None}
