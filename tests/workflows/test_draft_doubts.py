"""What a check says of a bundle that can be published and may still not be meant so."""

import struct
from pathlib import Path

import pytest
from cli.small_region import PLACES, REGION, WORKSHOPS, run, write_lamp

from cosmolocal.designs.bundles import create_root
from cosmolocal.previews import Why
from cosmolocal.workflows import draft_doubts, draft_files
from cosmolocal.workflows.draft_doubts import find_doubts
from cosmolocal.workflows.publishing import check_design, publish_design

GOOD_STL = b"\0" * 80 + struct.pack("<I", 1) + struct.pack("<12f", *range(12)) + b"\0\0"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


@pytest.fixture
def region(tmp_path) -> Path:
    folder = tmp_path / "region"
    folder.mkdir()
    for name, text in (("region.yaml", REGION), ("workshops.yaml", WORKSHOPS), ("places.csv", PLACES)):
        (folder / name).write_text(text)
    create_root(folder / "designs")
    return folder


def doubts(folder: Path, document: dict, region: Path | None = None) -> list[tuple[str, str]]:
    return [(one.where, one.message) for one in find_doubts(folder, {"x-cosmolocal": document}, region)]


def test_a_material_that_no_workshop_works_is_told_with_the_nearest_spelling(region, tmp_path):
    (tmp_path / "empty").mkdir()
    steps = [{"material": word} for word in ("plywood", "unknown", "Plywood", "ply wood", "basalt")] + [{}, "no table"]
    found = doubts(tmp_path / "empty", {"operation": steps}, region)
    assert found == [
        ("okh.toml: x-cosmolocal.operation[2].material", "found 'Plywood'; workshops write 'plywood'"),
        ("okh.toml: x-cosmolocal.operation[3].material", "found 'ply wood'; workshops write 'plywood'"),
        (
            "okh.toml: x-cosmolocal.operation[4].material",
            "found 'basalt'; no workshop of the region says that it works this",
        ),
    ]
    assert doubts(tmp_path / "empty", {"operation": steps}) == []


def test_a_material_stays_as_it_is_written(region, tmp_path):
    bundle = write_lamp(tmp_path / "bundle", "1.0.0")
    text = (bundle / "okh.toml").read_text().replace('"plywood"', '"PLYWOOD"')
    (bundle / "okh.toml").write_text(text)
    assert [one["code"] for one in check_design(bundle, region_folder=region)["warnings"]] == ["D082"]
    publish_design(region, bundle, "us~lamp", "", "us")
    assert (bundle / "okh.toml").read_text() == text


def test_a_bought_piece_without_mass_or_cost_is_told(tmp_path):
    bom = [{"bought": "bolt"}, {"bought": "nut", "mass-g": 0, "cost": 0}, {"part": "leg"}]
    assert doubts(tmp_path, {"bom": bom}) == [
        ("okh.toml: x-cosmolocal.bom[0].mass-g", "'bolt' has no mass; it counts as 0 in the plan"),
        ("okh.toml: x-cosmolocal.bom[0].cost", "'bolt' has no cost; it counts as 0 in the plan"),
    ]


def test_an_origin_that_is_not_in_the_store_is_told(region, tmp_path):
    publish_design(region, write_lamp(tmp_path / "bundle", "1.0.0"), "us~lamp", "", "us")
    (tmp_path / "empty").mkdir()
    origins = ["us~lamp@1.0.0", "us~lamp@9.9.9", "nobody~nothing@3.0.0", "https://example.org/a~b@1.0.0"]
    found = doubts(tmp_path / "empty", {"derived-from": origins}, region)
    assert [message for _, message in found] == [
        "found 'us~lamp@9.9.9'; its versions here are 1.0.0",
        "found 'nobody~nothing@3.0.0'; there is no such design in this store",
    ]
    assert doubts(tmp_path / "empty", {"derived-from": "us~lamp@2.0.0"}, region)[0][1].endswith("here are 1.0.0")


FILES = {
    "bad.stl": (b"\0" * 80 + struct.pack("<I", 999_999) + b"\0" * 50, "its head says 999999 triangles"),
    "bad.glb": (b"glTF" + b"\0" * 30, "it says it is"),
    "empty.stl": (b"", "nothing in it to show"),
    "bad.png": (b"no picture", "its content is something else"),
    "evil.svg": (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;").encode(), "can do harm"),
    "script.svg": (SVG.format("<script>alert(1)</script>").encode(), "holds a script"),
    "click.svg": (SVG.format('<path onclick="alert(1)"/>').encode(), "holds a script"),
    "link.svg": (SVG.format('<a href="java\nscript:alert(1)"/>').encode(), "holds a script"),
    "bad.pdf": (b"no pdf", "the drawing in it cannot be read"),
    "bad.md": (b"\0\1\2", "holds other bytes"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_shown_or_can_do_harm_is_told(tmp_path, name):
    data, told = FILES[name]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "fine.svg").write_text(SVG.format("<path d='M0 0L9 9'/>"))
    (tmp_path / "fine.stl").write_bytes(GOOD_STL)
    (tmp_path / "notes").write_bytes(b"")
    (tmp_path / "part.f3d").write_bytes(b"any bytes")
    [(where, message)] = doubts(tmp_path, {})
    assert where == name
    assert told in message


def test_looking_at_files_ends(tmp_path, monkeypatch):
    for name in ("a.stl", "b.stl"):
        (tmp_path / name).write_bytes(b"bad")
    monkeypatch.setattr(draft_doubts, "LOOKING_SECONDS", -1.0)
    assert doubts(tmp_path, {})[0][1].startswith("nobody looked at it and what comes after (files: 2)")


def test_every_reason_against_a_preview_has_its_sentence():
    assert set(draft_files._SENTENCES) | set(draft_files._NO_FAULT) == set(Why)


def test_the_command_line_tells_it_too_beside_what_is_wrong(region, tmp_path):
    """Errors and warnings come at once."""
    bundle = write_lamp(tmp_path / "bundle", "one")
    (bundle / "okh.toml").write_text((bundle / "okh.toml").read_text().replace("reference-price = 90.00", ""))
    (bundle / "bad.stl").write_bytes(b"bad")
    told = run("designs", "check", bundle, "--region", region)
    assert told.exit_code
    assert [line.split()[1] for line in told.output.splitlines()[:3]] == ["D012", "D023", "D085"]
