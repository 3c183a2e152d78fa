"""Every kind of file gets its preview or its reason, and no file an accident."""

import csv
import io
import re
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_files import SVG, SVG_BOMB, glb, picture, png_bomb, stl

from cosmolocal.previews import Preview, describe, find_type
from cosmolocal.previews.describe import PROSE_ENDINGS
from cosmolocal.previews.kinds import Nothing, Picture, Prose, Table, Text, Why
from cosmolocal.previews.pictures import PICTURE_TYPES
from cosmolocal.previews.texts import CELL_LETTERS, SHOWN_BYTES, TABLE_COLUMNS, TABLE_ROWS, TEXT_ENDINGS

#: endings whose files are looked at in this process, not in a child
ENDINGS = sorted({*PICTURE_TYPES, *PROSE_ENDINGS, *TEXT_ENDINGS, ".csv", ".tsv", ".stl", ".glb", ".gltf", ".zip", ""})


def look(folder: Path, name: str, content: bytes) -> Preview:
    place = folder / "content"
    place.write_bytes(content)
    digest = sha256(content).hexdigest()
    return describe(place, name, sha256=digest, cache=folder / "cache", address=lambda path, _: f"/to/{path}")


def why(folder: Path, name: str, content: bytes) -> Why:
    preview = look(folder, name, content)
    assert isinstance(preview.data, Nothing), preview
    return preview.data.why


@settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    ending=st.sampled_from(ENDINGS), content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode))
)
def test_no_bytes_under_no_name_are_an_accident(tmp_path, ending, content):
    assert look(tmp_path, f"file{ending}", content).kind
    assert find_type(tmp_path / "content", f"file{ending}")[0]


def test_a_kind_that_is_not_shown_is_said(tmp_path):
    assert look(tmp_path, "parts/leg.FCStd", b"PK").data == Nothing(Why.KIND, {"ending": ".fcstd"})


@pytest.mark.parametrize("name", ["a.stl", "a.dxf", "a.pdf", "a.png", "a.md", "a.csv", "a.txt", "a.xyz"])
def test_an_empty_file_is_empty_of_whatever_kind(tmp_path, name):
    assert why(tmp_path, name, b"") == Why.EMPTY


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_have_their_size(tmp_path, form):
    assert look(tmp_path, f"a.{form.lower()}", picture(form, (40, 30))).data == Picture(40, 30)


def test_a_bomb_of_a_picture_is_refused_by_its_frame(tmp_path):
    assert why(tmp_path, "a.png", png_bomb()) == Why.PIXELS


def test_a_picture_by_name_only_is_refused(tmp_path):
    assert why(tmp_path, "a.png", b"<html><script>alert(1)</script>") == Why.PICTURE_OTHER
    assert why(tmp_path, "a.png", picture("JPEG")) == Why.PICTURE_OTHER
    assert why(tmp_path, "a.svg", b"<html xmlns='http://www.w3.org/1999/xhtml'/>") == Why.PICTURE_OTHER


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_svg_with_entities_is_refused_in_any_encoding(tmp_path, encoding):
    assert why(tmp_path, "a.svg", SVG_BOMB.decode().encode(encoding)) == Why.SVG_ENTITIES


def test_an_svg_drawing_is_a_picture(tmp_path):
    assert look(tmp_path, "a.svg", SVG).data == Picture()
    assert why(tmp_path, "a.svg", SVG[:-3]) == Why.SVG_DAMAGED


CELL = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
ROWS = st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=2, max_size=9))


@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, separator=st.sampled_from(",;\t|"), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_table_is_read_as_it_was_written(tmp_path, rows, separator, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    table = look(tmp_path, "a.csv", text.getvalue().encode(encoding)).data
    assert isinstance(table, Table)
    assert [list(table.head), *map(list, table.rows)] == rows


def test_a_large_table_is_cut_and_says_so(tmp_path):
    wide = ",".join("x" * (CELL_LETTERS + 5) for _ in range(TABLE_COLUMNS + 1))
    table = look(tmp_path, "a.csv", (f"{wide}\n" * (TABLE_ROWS + 5)).encode()).data
    assert isinstance(table, Table)
    assert table.is_cut
    assert len(table.rows) <= TABLE_ROWS
    assert (len(table.head), len(table.head[0])) == (TABLE_COLUMNS, CELL_LETTERS + 1)


def test_an_old_table_of_western_letters_is_read(tmp_path):
    table = look(tmp_path, "a.csv", "Stück;Größe\n1;2\n".encode("cp1252")).data
    assert isinstance(table, Table)
    assert table.head == ("Stück", "Größe")


def test_a_text_is_shown_to_its_limit(tmp_path):
    whole = look(tmp_path, "a.gcode", b"G1 X0\n").data
    assert whole == Text("G1 X0\n", False)
    cut = look(tmp_path, "LICENSE", ("ü" * SHOWN_BYTES).encode()).data
    assert isinstance(cut, Text)
    assert cut.is_cut
    assert cut.text == "ü" * (SHOWN_BYTES // 2)


def test_bytes_are_no_text(tmp_path):
    assert why(tmp_path, "a.txt", b"\0\1\2") == Why.NOT_TEXT


HARM = """
<script>alert(1)</script> <img src=x onerror=alert(1)> <b onclick="x">b</b>
[run](javascript:alert(1)) [data](data:text/html,x) [file](file:///etc/passwd) ![track](https://example.org/pixel.png)
<https://example.org/ok> [evil](//example.org/x) [html]: <javascript:alert(1)>
"""


def test_markdown_brings_nothing_active_and_nothing_from_elsewhere(tmp_path):
    html = look(tmp_path, "a.md", HARM.encode()).data.html
    assert set(re.findall(r"<(\w+)", html)) == {"p", "a"}
    assert set(re.findall(r'href="([^"]*)"', html)) == {"https://example.org/ok"}
    assert "&lt;script&gt;" in html and "[track]" in html


def test_links_of_markdown_lead_to_the_files_of_the_bundle(tmp_path):
    text = b"[a](../parts/leg.stl#x) ![b](img/b%20c.png) [top](/LICENSE) [out](../../../etc/passwd) [here](#part)"
    html = look(tmp_path, "docs/readme.md", text).data.html
    assert re.findall(r'(?:href|src)="([^"]*)"', html) == [
        "/to/parts/leg.stl", "/to/docs/img/b c.png", "/to/LICENSE", "/to/../../etc/passwd",
    ]  # fmt: skip


def test_headings_follow_the_page_s_own_without_gaps(tmp_path):
    html = look(tmp_path, "a.md", b"# A\n\n### B\n\n###### C\n\n## D\n\n# E\n").data.html
    assert re.findall(r"<(h\d)>(\w)", html) == [("h3", "A"), ("h4", "B"), ("h5", "C"), ("h4", "D"), ("h3", "E")]


@pytest.mark.parametrize("text", ["[" * 60_000, "> " * 60_000, "*a " * 40_000, "- " * 60_000, "[a](" * 30_000])
def test_markdown_made_to_be_slow_is_rendered_or_refused(tmp_path, text):
    assert isinstance(look(tmp_path, "a.md", text.encode()).data, Prose | Text)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.png", picture(), ("image/png", True)),
        ("a.PNG", picture(), ("image/png", True)),
        ("a.png", b"<html>", ("application/octet-stream", False)),
        ("a.svg", SVG, ("image/svg+xml", True)),
        ("a.svg", SVG_BOMB, ("application/octet-stream", False)),
        ("a.html", b"<html>", ("application/octet-stream", False)),
        ("a.txt", b"<html>", ("text/plain; charset=utf-8", True)),
        ("a.txt", b"\0", ("application/octet-stream", False)),
        ("a.pdf", b"%PDF-1.4", ("application/pdf", False)),
        ("a.stl", stl(), ("application/octet-stream", False)),
        ("a.glb", glb(), ("application/octet-stream", False)),
        ("a", b"GIF89a", ("application/octet-stream", False)),
    ],
)
def test_a_type_is_told_only_where_name_and_content_agree(tmp_path, name, content, expected):
    (tmp_path / "file").write_bytes(content)
    assert find_type(tmp_path / "file", name) == expected
