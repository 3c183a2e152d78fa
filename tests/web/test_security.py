"""Nothing leaves the host, nothing runs within a page, and files of designs are inert."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from showcase import SHOWN_PLAN

import cosmolocal.web
from cosmolocal.web.security import HEADERS, INERT

STATIC = Path(cosmolocal.web.__file__).parent / "static"
TEMPLATES = sorted((STATIC.parent / "templates").rglob("*.html"))
PLAN = f"/plans/{SHOWN_PLAN.id}"
PAGES = ["/", "/plans/", f"{PLAN}/unmet", f"{PLAN}/workshops/", f"{PLAN}/orders/o-1", "/designs/a~lamp/", "/nowhere"]


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
    assert set(trusted) <= {"svg", "row.chart", "mark.drawing"}


def test_a_link_to_this_page_cannot_be_steered_away(client):
    page = client.get(f"{PLAN}/unmet?_external=1&_scheme=javascript&plan_id=other&reason=radius").text
    assert "javascript" not in page
    assert f'href="{PLAN}/unmet?reason=radius&amp;lang=fr"' in page


def test_names_from_files_are_escaped(client):
    assert "<Friends>" not in client.get(f"{PLAN}/").text
    assert "<b>" not in client.get("/designs/").text


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
    "folder", [STATIC / "vendor/maplibre-gl", BROWSER / "vendor/axe-core"], ids=lambda path: path.name
)
def test_vendored_files_are_those_of_their_manifest(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    there = {path.name: "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del there["manifest.json"]
    assert there == manifest["files"]
    assert manifest["version"] and manifest["licence"] and set(manifest["licence_files"]) <= set(there)
