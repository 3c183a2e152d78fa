"""Manifests that others wrote: all are read, every cleaning is counted, nothing is guessed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.licenses import canonicalize_license_expression

from cosmolocal.designs.codes import CODES
from cosmolocal.designs.foreign import ForeignManifest, read_manifest_file, read_manifests

DATA = Path(__file__).parents[2].parent / "shared" / "data"

LOSH = """\
okhv = "OKH-LOSHv1.0"
name = "Press"
repo = "https://example.org/press"
version = "1.2.0"
license = "MIT"
licensor = "Ana"
function = "To press"
"""

OKH = """\
title: Press
description: To press
license: {hardware: CERN-OHL-S-2.0}
project-link: https://example.org
"""


def read(tmp_path: Path, text: str, suffix: str = "toml") -> ForeignManifest:
    path = tmp_path / f"okh.{suffix}"
    path.write_text(text, encoding="utf-8")
    found = read_manifest_file(path)
    assert {problem.code for problem in found.warnings + found.problems} <= CODES.keys()
    return found


def codes(found: ForeignManifest) -> list[str]:
    assert found.problems == ()
    return [warning.code for warning in found.warnings]


def test_clean_manifests_have_no_warnings(tmp_path: Path):
    losh, okh = read(tmp_path, LOSH), read(tmp_path, OKH, "yml")
    assert (losh.format, losh.values["version"], losh.license, losh.warnings) == ("okh-losh", "1.2.0", "MIT", ())
    assert (okh.format, okh.values["title"], okh.license, okh.warnings) == ("okh-1", "Press", "CERN-OHL-S-2.0", ())


def test_requirements_nobody_stated_are_unknown(tmp_path: Path):
    assert read(tmp_path, LOSH).unknown == ("bom", "process", "minutes", "material", "envelope", "mass")
    assert read(tmp_path, OKH + "bom: parts.csv\n", "yml").unknown == (
        "process",
        "minutes",
        "material",
        "envelope",
        "mass",
    )
    parts = '[[part]]\nname = "a"\ntsdc = "3DP"\nmaterial = "PLA"\nmass = 3\n[[part]]\nname = "b"\n'
    assert read(tmp_path, LOSH + parts).unknown == (
        "bom",
        *("part[0].minutes", "part[0].envelope"),
        *(f"part[1].{name}" for name in ("process", "minutes", "material", "envelope", "mass")),
    )


DIRT = {
    "newline": ('name = "Press"', 'name = "Press\\n"', "D031", "name", "Press"),
    "quotes": ('name = "Press"', "name = '\"Press \"'", "D031", "name", "Press"),
    "placeholder": ('licensor = "Ana"', 'licensor = "[value]"', "D032", "licensor", None),
    "version float": ('"1.2.0"', "2.0", "D037", "version", "2.0.0"),
    "version number": ('"1.2.0"', '"82"', "D034", "version", "82.0.0"),
    "version v": ('"1.2.0"', '"v0.3"', "D034", "version", "0.3.0"),
    "version word": ('"1.2.0"', '"Beta"', "D034", "version", None),
    "licence": ('"MIT"', '"LicenseRef-CC BY-SA-4.0"', "D022", "license", "CC-BY-SA-4.0"),
    "licence sentence": ('"MIT"', '"free for all"', "D013", "license", None),
    "repo": ('"https://example.org/press"', '"my homepage"', "D042", "repo", None),
    "one in a list": ('name = "Press"', 'name = ["Press"]', "D036", "name", "Press"),
    "table": ('name = "Press"', "name = {en = 1}", "D037", "name", None),
}


@pytest.mark.parametrize(("old", "new", "code", "key", "value"), DIRT.values(), ids=DIRT)
def test_dirt_is_cleaned_and_counted(tmp_path: Path, old: str, new: str, code: str, key: str, value: str | None):
    assert old in LOSH
    found = read(tmp_path, LOSH.replace(old, new, 1))
    assert code in codes(found)
    assert found.values.get(key) == value
    assert ("D033" in codes(found)) == (value is None)


ADDED = {
    "camel": ('documentationLanguage = "en"', ["D030"], "documentation-language", "en"),
    "both spellings": (
        'documentationLanguage = "de"\ndocumentation-language = "en"',
        ["D030"],
        "documentation-language",
        "en",
    ),
    "organisation": ('organisation = "Ana Ltd"', ["D030"], "organization", ("Ana Ltd",)),
    "language word": ('documentation-language = "English-UK"', ["D035"], "documentation-language", "en-GB"),
    "language case": ('documentation-language = "EN-us"', ["D035"], "documentation-language", "en-US"),
    "language region": ('documentation-language = "DE-Western-Europe"', ["D035"], "documentation-language", "de"),
    "language unheard of": ('documentation-language = "Klingonese"', ["D035"], "documentation-language", None),
    "level": ('technology-readiness-level = "Ideation"', ["D038"], "technology-readiness-level", None),
    "unknown key": ("timestamp = 3", ["D039"], "timestamp", None),
    "image text": ('image = "a.png"', [], "image", ("a.png",)),
    "image list": ('image = ["a.png", "b.png"]', [], "image", ("a.png", "b.png")),
    "path": ('bom = "../../etc/passwd"', ["D040"], "bom", None),
    "mass": ('mass = {value = 2, unit = "kg"}', ["D037"], "mass", 2000.0),
    "mass word": ('mass = "heavy"', ["D037"], "mass", None),
    "openscad": ('outer-dimensions = {openSCAD = "cube(3)", unit = "mm"}', ["D037"], "outer-dimensions", None),
    "dimensions": ("outer-dimensions = {width = 1, depth = 2, height = 3}", [], "outer-dimensions", (1.0, 2.0, 3.0)),
    "tsdc": ('tsdc = ["MEC", "XXX"]', ["D038"], "tsdc", ("MEC",)),
    "empty": ('readme = ""', [], "readme", None),
    "same part twice": ('[[part]]\nname = "a"\n[[part]]\nname = "a"', ["D043"], "name", "Press"),
}


@pytest.mark.parametrize(("line", "expected", "key", "value"), ADDED.values(), ids=ADDED)
def test_dirt_in_optional_fields_is_counted_once(
    tmp_path: Path, line: str, expected: list[str], key: str, value: object
):
    found = read(tmp_path, LOSH + line + "\n")
    assert codes(found) == expected
    assert found.values.get(key) == value


YAML_DIRT = {
    "yes is a text": ("made: yes", [], "made", True),
    "not yes": ("made: perhaps", ["D037"], "made", None),
    "1.10 stays": ("version: 1.10", ["D034"], "version", "1.10.0"),
    "placeholder list": ("development-stage: [value]", ["D032"], "development-stage", None),
    "date": ("date-created: 2020-04-5", ["D041"], "date-created", None),
    "licensor text": ("licensor: Ana", ["D037"], "licensor", {"name": "Ana"}),
    "keyword text": ("keywords: press", ["D036"], "keywords", ("press",)),
    "making": (
        "making-instructions:\n- path: a.md\n  title: A\n- path: ../b.md",
        ["D040"],
        "making-instructions",
        ("a.md",),
    ),
    "key twice": ("made: true\nmade: true", ["D043"], "made", True),
}


@pytest.mark.parametrize(("line", "expected", "key", "value"), YAML_DIRT.values(), ids=YAML_DIRT)
def test_dirt_in_yaml_is_counted(tmp_path: Path, line: str, expected: list[str], key: str, value: object):
    found = read(tmp_path, OKH + line + "\n", "yml")
    assert codes(found) == expected
    assert found.values.get(key) == value


def test_the_licence_of_the_text_is_not_that_of_the_hardware(tmp_path: Path):
    found = read(tmp_path, OKH.replace("hardware", "documentation"), "yml")
    assert found.license is None
    assert codes(found) == ["D013"]


def test_an_early_header_line_is_passed_over(tmp_path: Path):
    found = read(tmp_path, "%Open know-how manifest 0.1\n---\n" + OKH, "yml")
    assert codes(found) == ["D044"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "- a\n- b",
        "a: b: c",
        "title: &a x\ndescription: *a",
        "title: !!python/name:os.system x",
        "title: a\ntitle: b",
        "title: a\n---\ntitle: b",
        "colour: red",
        "title: " + "[" * 40 + "]" * 40,
        "keywords: [" + "a, " * 30_000 + "a]",
    ],
)
def test_yaml_that_is_no_manifest_is_a_problem_and_no_crash(tmp_path: Path, text: str):
    found = read(tmp_path, text, "yml").as_dict()
    assert not found["ok"]
    assert len(found["problems"]) == 1
    assert found["license"] is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("okh.toml", b"\xff"),
        ("okh.toml", b"name = 1" + b"0" * 5000),
        ("okh.toml", b"x = " + b"[" * 5000),
        ("okh.json", b'{"title": "\\ud800"}'),
        ("okh.json", b'{"title": NaN}'),
        ("okh.txt", b"title: x"),
        ("okh.yml", b"title: x" * 200_000),
    ],
)
def test_files_of_another_kind_are_a_problem_and_no_crash(tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    (found, absent) = read_manifests([tmp_path / name, tmp_path / "absent.toml"])
    assert not found["ok"]
    assert not absent["ok"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    ["title", "version", "license", "mass", "part", "software", "made", "image", "tsdc", "bom", "okhv"]
)


@given(st.dictionaries(keys | st.text(max_size=5), values, max_size=6))
def test_no_values_crash_it(tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]):
    path = tmp_path_factory.getbasetemp() / "okh.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    (found,) = read_manifests([path])
    json.dumps(found, ensure_ascii=False).encode()


def paths(folder: str, pattern: str) -> list[Path]:
    if not (DATA / folder).is_dir():
        pytest.skip("real manifests are not here: ../shared/data")
    return sorted(path for path in (DATA / folder).rglob(pattern) if path.is_file())


def test_all_real_losh_manifests_are_read():
    found = read_manifests(paths("okh-losh", "*.toml"))
    assert len(found) == 1088
    assert all(entry["ok"] for entry in found)
    assert all(entry["name"] for entry in found)
    licences = [entry["license"] for entry in found if entry["license"]]
    assert all(str(canonicalize_license_expression(licence)) == licence for licence in licences)
    assert len(licences) > 1000
    assert all(entry["unknown"] for entry in found)


def test_all_real_okh_1_files_are_read_but_the_one_that_is_no_yaml():
    found = read_manifests(paths("okh-v1", "*.y*ml"))
    assert len(found) == 36
    assert [Path(entry["file"]).name for entry in found if not entry["ok"]] == ["okh-seat-helpful.yml"]


def test_no_hostile_manifest_crashes_it():
    found = read_manifests(paths("hostile/hostile-generated/manifest", "*"))
    json.dumps(found, ensure_ascii=False).encode()
    assert sum(not entry["ok"] for entry in found) > 30
