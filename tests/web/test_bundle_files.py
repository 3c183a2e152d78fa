"""The files of a bundle over HTTP: inert, whole or in parts, kept by browsers; and the pages to look at them."""

import io
import zipfile
from dataclasses import replace
from hashlib import sha256
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from published_files import BODY, FILES, README, VERSION, publish_files
from werkzeug.test import TestResponse

from cosmolocal.previews import Why
from cosmolocal.web import create_app
from cosmolocal.web.preview_words import SENTENCES
from cosmolocal.web.security import INERT, POLICY
from cosmolocal.workflows.previewing import find_main_previews, show_file
from cosmolocal.workflows.publishing import take_down_design
from cosmolocal.workflows.workspace import Workspace

BUNDLE = f"/designs/{BODY}/{VERSION}"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish_files(tmp_path_factory.mktemp("region"))


@pytest.fixture(scope="module")
def app(published) -> Flask:
    return create_app(workspace=published[0])


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


def raw(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(f"{BUNDLE}/files/{quote(path)}", headers=headers, buffered=True)


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(f"{BUNDLE}/preview/{quote(path)}")
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("path", FILES)
def test_every_file_comes_whole_and_inert(client, path):
    answer = raw(client, path)
    assert answer.data == FILES[path]
    assert answer.headers["Content-Security-Policy"] == INERT
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{sha256(FILES[path]).hexdigest()}"'
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.content_length == len(FILES[path])


@pytest.mark.parametrize("path", FILES)
def test_every_file_has_a_page_around_it(client, path):
    text = page(client, path)
    assert sha256(FILES[path]).hexdigest() in text
    assert f'href="{BUNDLE}/files/{quote(path)}" download' in text
    assert f'href="{BUNDLE}/"' in text
    assert "<script>window.harmed" not in text


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("pictures/side.svg", "image/svg+xml"),
        ("harm/drawing.svg", "image/svg+xml"),
        ("pictures/photo.png", "image/png"),
        ("README.md", "text/plain"),
        ("harm/text.txt", "text/plain"),
    ],
)
def test_what_is_on_the_list_is_shown(client, path, media_type):
    answer = raw(client, path)
    charset = "; charset=utf-8" if media_type == "text/plain" else ""
    assert answer.headers.getlist("Content-Type") == [media_type + charset]
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


@pytest.mark.parametrize(
    "path", ["harm/page.html", "harm/photo.png", "harm/entities.svg", "docs/sheet.pdf", "parts/body.stl"]
)
def test_all_else_is_kept(client, path):
    answer = raw(client, path)
    assert answer.mimetype in ("application/octet-stream", "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


def test_a_name_with_other_letters_is_written_as_rfc_6266_says(client):
    answer = client.get(f"{BUNDLE}/files/{quote('parts/body.FCStd')}", buffered=True)
    assert answer.headers["Content-Disposition"] == "attachment; filename=body.FCStd"
    assert raw(client, "pictures/größe 1.png").status_code == 200


def test_an_unchanged_file_is_not_sent_again(client):
    tag = raw(client, "parts/body.stl").headers["ETag"]
    answer = raw(client, "parts/body.stl", **{"If-None-Match": tag})
    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (304, b"", "no-cache")
    assert raw(client, "parts/body.stl", **{"If-None-Match": '"other"'}).status_code == 200


def test_what_was_taken_down_is_gone_for_those_who_kept_it_too(tmp_path):
    """A copy is asked for again each time, so the take-down reaches it."""
    publish_files(tmp_path)
    client = create_app(workspace=Workspace(tmp_path)).test_client()
    known = {"If-None-Match": raw(client, "parts/body.stl").headers["ETag"]}
    assert raw(client, "parts/body.stl", **known).status_code == 304
    take_down_design(tmp_path, f"{BODY}@{VERSION}", "not theirs to publish", "ada")
    assert raw(client, "parts/body.stl", **known).status_code == 404
    assert client.get(f"{BUNDLE}/bundle.zip").status_code == 404


def test_a_part_of_a_file_can_be_asked_for(client):
    answer = raw(client, "parts/body.stl", Range="bytes=80-83")
    assert (answer.status_code, answer.data) == (206, FILES["parts/body.stl"][80:84])
    assert raw(client, "parts/body.stl", Range="bytes=99999-").status_code == 416


def test_only_the_head_can_be_asked_for(client):
    answer = client.head(f"{BUNDLE}/files/parts/body.stl", buffered=True)
    assert (answer.data, answer.content_length) == (b"", len(FILES["parts/body.stl"]))
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_whole_bundle_comes_as_one_bag(client):
    answer = client.get(f"{BUNDLE}/bundle.zip", buffered=True)
    assert answer.headers["Content-Disposition"] == f"attachment; filename={BODY}-{VERSION}.zip"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as bag:
        there = {name: bag.read(name) for name in bag.namelist()}
    for path, content in FILES.items():
        assert there[f"{BODY}-{VERSION}/data/{path}"] == content
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"{BUNDLE}/bundle.zip", headers=known).status_code == 304
    head = client.head(f"{BUNDLE}/bundle.zip")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert client.get(f"/designs/{BODY}/9.9.9/bundle.zip").status_code == 404


@pytest.mark.parametrize("endpoint", ["files", "preview", "picture"])
@pytest.mark.parametrize(
    "path",
    [
        "nothing.stl",
        "parts",
        "../okh.toml",
        "..%2f..%2finventory.json",
        "parts//body.stl",
        "./okh.toml",
        "%00",
        "OKH.TOML",
    ],
)
def test_only_paths_of_the_inventory_are_known(client, endpoint, path):
    answer = client.get(f"{BUNDLE}/{endpoint}/{path}", follow_redirects=False)
    assert answer.status_code in (404, 308)
    if answer.status_code == 308:  # werkzeug merges slashes
        assert "//" not in answer.headers["Location"].removeprefix("http://")


@pytest.mark.parametrize("address", ["/designs/test~body/9.9.9", "/designs/test~nobody/1.0.0", "/designs/.../1.0.0"])
def test_unknown_designs_and_versions_are_not_found(client, address):
    assert client.get(f"{address}/files/okh.toml").status_code == 404
    assert client.get(f"{address}/preview/okh.toml").status_code == 404


def test_a_model_says_its_size_without_a_script(client):
    text = page(client, "parts/body.stl")
    assert "40 × 30 × 20 mm" in text
    assert f'data-src="{BUNDLE}/files/parts/body.stl" data-form="stl"' in text
    assert "0.04 × 0.03 × 0.02 m (40 × 30 × 20\xa0mm)" in page(client, "parts/body.glb")


def test_only_the_page_of_a_model_may_read_data_within_itself(client):
    model = client.get(f"{BUNDLE}/preview/parts/body.glb").headers["Content-Security-Policy"]
    assert "connect-src 'self' data: blob:" in model
    assert "default-src 'self'" in model and "object-src 'none'" in model
    assert client.get(f"{BUNDLE}/preview/README.md").headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("path", ["parts/plate.dxf", "docs/sheet.pdf"])
def test_a_drawing_is_sent_inert_and_kept(client, path):
    assert f'src="{BUNDLE}/picture/{path}?page=1"' in page(client, path)
    answer = client.get(f"{BUNDLE}/picture/{path}?page=1", buffered=True)
    assert answer.mimetype == ("image/svg+xml" if path.endswith("dxf") else "image/png")
    assert answer.headers["Content-Security-Policy"] == INERT
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"{BUNDLE}/picture/{path}", headers=known, buffered=True).status_code == 304


@pytest.mark.parametrize("question", ["page=3", "page=0", "page=-1"])
def test_a_page_that_is_not_drawn_is_not_found(client, question):
    assert client.get(f"{BUNDLE}/picture/docs/sheet.pdf?{question}").status_code == 404


def test_only_what_the_server_draws_has_a_picture(client):
    assert client.get(f"{BUNDLE}/picture/pictures/side.svg").status_code == 404


def test_a_table_is_escaped_and_whole(client):
    text = page(client, "bill.csv")
    assert "<td>&lt;b&gt;</td>" in text
    assert "<th scope=col>part</th>" in text


def test_a_text_leads_to_other_files_of_its_bundle_only(client):
    text = page(client, "README.md")
    assert f'href="{BUNDLE}/preview/parts/body.stl"' in text
    assert f'src="{BUNDLE}/files/pictures/side.svg"' in text
    assert "spy.png" not in text and b"spy.png" in README


def test_no_preview_is_said_with_its_reason(client):
    assert "its head says 99 triangles, its length fits 4." in page(client, "parts/broken.stl")
    assert "Files that end in .fcstd are not shown here." in page(client, "parts/body.FCStd")
    assert "60,000 × 60,000 pixels" in page(client, "harm/bomb.png")
    assert "document type or entities" in page(client, "harm/entities.svg")


def test_every_reason_has_its_sentence():
    assert set(SENTENCES) == set(Why)


def test_what_says_most_of_a_design_is_its_picture_its_model_and_its_text(published):
    workspace, design = published
    shown = find_main_previews(workspace, design, lambda path, _: f"/{path}")
    assert [(one.file.path, one.preview.kind) for one in shown] == [
        ("pictures/photo.png", "picture"),
        ("parts/body.glb", "model"),
        ("README.md", "prose"),
    ]


@pytest.mark.parametrize(
    "path", ["parts/body.stl", "README.md", "pictures/side.svg", "parts/plate.dxf", "bill.csv", "harm/bomb.png"]
)
def test_a_preview_can_be_a_part_of_another_page(app, published, path):
    workspace, design = published
    with app.test_request_context("/"):
        shown = show_file(workspace, BODY, VERSION, path, lambda other, _: f"/{other}")
        macros = app.jinja_env.get_template("files/macros.html").module
        text = macros.preview(design, shown)
    assert f'href="{BUNDLE}/preview/{path}"' in text


def test_every_page_of_a_file_leads_to_the_next_and_the_one_before(client):
    paths = sorted(FILES)
    at = paths.index("parts/body.stl")
    for name, other in (("prev", paths[at - 1]), ("next", paths[at + 1])):
        assert f'href="{BUNDLE}/preview/{quote(other)}" rel="{name}"' in page(client, "parts/body.stl")
    assert 'rel="prev"' not in page(client, paths[0])
    assert 'rel="next"' not in page(client, paths[-1])


def test_a_large_model_waits_until_it_is_asked_for(app, published):
    workspace, design = published
    with app.test_request_context("/"):
        shown = show_file(workspace, BODY, VERSION, "parts/body.stl", lambda other, _: f"/{other}")
        preview = app.jinja_env.get_template("files/macros.html").module.preview
        assert "data-waits" not in preview(design, shown)
        large = replace(shown, file=replace(shown.file, size_bytes=6_000_000))
        assert 'data-waits="true"' in preview(design, large)
        assert "Look at it in 3D" in preview(design, large)
