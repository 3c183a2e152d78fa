"""A folder of anybody's project, made ready to be published: nothing made up, nothing lost, nothing silent."""

import shutil
from pathlib import Path

import pytest
import tomli_w
from designs.chairs import CHAIR, VOCABULARY, write_chair
from hypothesis import given, settings
from hypothesis import strategies as st

from cosmolocal.designs.codes import CODES
from cosmolocal.designs.load import check_bundle
from cosmolocal.designs.preparing import KEPT_MANIFEST, Prepared, plan_preparation, prepare_folder
from cosmolocal.files import parse_toml
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design

DATA = Path(__file__).parents[2].parent / "shared" / "data"

LOSH = """\
okhv = "OKH-LOSHv1.0"
name = "Press\\n"
repo = "https://example.org/press"
version = "2.0"
license = "LicenseRef-CC BY-SA-4.0"
licensor = ["Ana", "Bo"]
organization = "Press Makers"
function = "To press"
documentationLanguage = "English"
image = "./press.png"
source = ["press.FCStd", "gone.FCStd", "https://example.org/press.step"]
mass = 12.5
tsdc = ["3DP"]

[[part]]
name = "screw/nut"
source = "parts\\\\screw.stl"
mass = {value = 2, unit = "kg"}
[[part]]
name = "screw-nut"
outer-dimensions = {width = 1, depth = 2, height = 3}
"""
FILES = ("press.png", "press.FCStd", "parts/screw.stl")
OKH = """\
title: Press
description: To press
version: 1.2.0
license: {hardware: CERN-OHL-S-2.0, documentation: CC-BY-4.0}
licensor: {name: Ana, affiliation: Press Makers, email: ana@example.org}
project-link: https://example.org/press
keywords: [oil, seeds]
design-files:
  - {path: press.FCStd, title: the press}
  - path: gone.FCStd
making-instructions: [{path: press.png}]
derivative-of: {title: Old press, web: https://example.org/old}
variant-of:
  - {title: Far press, manifest: https://example.org/far/okh.yml}
  - {title: A press nobody knows where}
"""


def project(folder: Path, name: str, text: str) -> Path:
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def prepared(folder: Path, **stated: str) -> Prepared:
    found = prepare_folder(folder, VOCABULARY, stated)
    assert {problem.code for problem in found.warnings + found.problems} <= CODES.keys()
    return found


def design_in(folder: Path) -> Design:
    return check_bundle(folder, "ana~press", VOCABULARY)[0]


def codes(found: Prepared) -> list[str]:
    return [problem.code for problem in found.problems]


@pytest.mark.parametrize("text", [CHAIR, CHAIR[: CHAIR.index("[x-cosmolocal]")], CHAIR.replace("mass = 900\n", "")])
def test_a_clean_manifest_of_our_own_stays_as_it_is(tmp_path, text):
    write_chair(tmp_path, text)
    before = files_in(tmp_path)
    found = prepared(tmp_path)
    assert (found.manifest, found.format, found.text) == ("okh.toml", "okh-losh", None)
    assert (found.warnings, found.problems) == ((), ())
    assert files_in(tmp_path) == before


def test_a_dirty_manifest_is_written_anew_and_kept(tmp_path):
    before = files_in(project(tmp_path, "okh.toml", LOSH))
    found = prepared(tmp_path)
    assert found.problems == ()
    after = files_in(tmp_path)
    assert after.pop("okh.toml").decode() == found.text
    assert after.pop(KEPT_MANIFEST) == before.pop("okh.toml")
    assert after == before
    design = design_in(tmp_path)
    assert (design.name, design.version, design.license, design.licensor, design.organization) == (
        "Press",
        "2.0.0",
        "CC-BY-SA-4.0",
        "Ana, Bo",
        "Press Makers",
    )
    assert [(part.name, part.mass_g) for part in design.parts] == [
        ("", 13),
        ("screw-nut", 2000),
        ("screw-nut (2)", None),
    ]
    document = parse_toml(str(found.text), "okh.toml", "D010")
    assert document["source"] == ["press.FCStd", "https://example.org/press.step"]
    assert (document["image"], document["part"][0]["source"]) == (["press.png"], ["parts/screw.stl"])
    assert document["part"][1]["outer-dimensions"] == {"width": 1.0, "depth": 2.0, "height": 3.0}


def test_every_cleaning_is_reported_with_its_place(tmp_path):
    found = prepared(project(tmp_path, "okh.toml", LOSH))
    told = {(warning.code, warning.where.removeprefix("okh.toml: ")) for warning in found.warnings}
    assert told == {
        ("D031", "name"),
        ("D034", "version"),
        ("D022", "license"),
        ("D030", "documentationLanguage"),
        ("D035", "documentation-language"),
        ("D046", "image"),
        ("D046", "source"),
        ("D046", "part[0].source"),
        ("D037", "mass"),
        ("D037", "part[0].mass"),
        ("D043", "part[0].name"),
        ("D043", "part[1].name"),
        ("D047", "okhv"),
    }


@pytest.mark.parametrize("name", ["okh.yml", "okh.yaml", "okh-press.yml", "OKH.YML"])
def test_an_okh_1_manifest_becomes_one_of_our_own(tmp_path, name):
    before = files_in(project(tmp_path, name, OKH))
    found = prepared(tmp_path)
    assert (found.manifest, found.format, found.kept, found.problems) == (name, "okh-1", name, ())
    assert files_in(tmp_path) == {**before, "okh.toml": str(found.text).encode()}
    design = design_in(tmp_path)
    assert (design.name, design.version, design.license) == ("Press", "1.2.0", "CERN-OHL-S-2.0")
    assert (design.licensor, design.organization, design.repo) == ("Ana", "Press Makers", "https://example.org/press")
    assert design.derived_from == ("https://example.org/old", "https://example.org/far/okh.yml")
    assert not any(part.operations for part in design.parts)
    left = next(warning.message for warning in found.warnings if warning.code == "D047")
    assert left.endswith("only there: keywords")


@pytest.mark.parametrize(("name", "text"), [("okh.toml", LOSH), ("okh.yml", OKH), ("okh-own.toml", CHAIR)])
def test_preparing_again_changes_nothing(tmp_path, name, text):
    """Nor does preparing what was published: the original that okh.toml names is no second manifest."""
    write_chair(project(tmp_path, "x", "")) if text == CHAIR else None
    (tmp_path / "okh.toml").unlink(missing_ok=True)
    prepared(project(tmp_path, name, text))
    before = files_in(tmp_path)
    again = prepared(tmp_path)
    assert (again.text, again.problems, again.warnings) == (None, (), ())
    assert files_in(tmp_path) == before


def test_planning_data_in_a_manifest_of_another_name_is_kept(tmp_path):
    write_chair(tmp_path)
    clean = design_in(tmp_path)
    (tmp_path / "okh.toml").rename(tmp_path / "okh-chair.toml")
    assert prepared(tmp_path).problems == ()
    assert (design_in(tmp_path).parts, design_in(tmp_path).bom) == (clean.parts, clean.bom)


@pytest.mark.parametrize(
    ("old", "new", "code", "field", "how"),
    [
        ('version = "2.0"\n', "", "D012", "version", "--version 1.0.0"),
        ('version = "2.0"', 'version = "Beta"', "D012", "version", "--version 1.0.0"),
        ('"LicenseRef-CC BY-SA-4.0"', '"ask me"', "D054", "license", "--license"),
        ('"LicenseRef-CC BY-SA-4.0"', '"LicenseRef-ours"', "D054", "license", "--license"),
        ('licensor = ["Ana", "Bo"]\n', "", "D011", "licensor", '--set licensor="Ana Puig"'),
        ('"https://example.org/press"', '"my page"', "D011", "repo", "--set repo="),
    ],
)
def test_what_is_missing_is_not_made_up_and_the_way_out_is_told(tmp_path, old, new, code, field, how):
    assert old in LOSH
    before = files_in(project(tmp_path, "okh.toml", LOSH.replace(old, new, 1)))
    (fault,) = prepared(tmp_path).problems
    assert (fault.code, fault.where) == (code, f"okh.toml: {field}")
    assert how in fault.message
    assert files_in(tmp_path) == before


def test_all_that_is_missing_is_told_at_once_in_the_words_of_the_format(tmp_path):
    found = prepared(project(tmp_path, "okh.yml", "title: Press\ndescription: To press\n"))
    assert codes(found) == ["D011", "D012", "D054", "D011"]
    assert "project-link: https://" in found.problems[0].message


def test_what_a_person_states_outweighs_the_manifest(tmp_path):
    text = LOSH.replace("LicenseRef-CC BY-SA-4.0", "ask me").replace('"2.0"', '"Beta"')
    found = prepared(
        project(tmp_path, "okh.toml", text), version="1.0.0", license="LicenseRef-ours", repo="https://o.org"
    )
    assert found.problems == ()
    assert {warning.where for warning in found.warnings if warning.code == "D045"} == {
        "okh.toml: version",
        "okh.toml: license",
        "okh.toml: repo",
    }
    design = design_in(tmp_path)
    assert (design.version, design.license, design.repo) == ("1.0.0", None, "https://o.org")


def test_a_stated_version_changes_nothing_else_in_a_manifest_of_our_own(tmp_path):
    write_chair(tmp_path)
    before = design_in(tmp_path)
    assert prepared(tmp_path, version="1.0.0").text is None
    found = prepared(tmp_path, version="2.0.0")
    assert (found.kept, [warning.code for warning in found.warnings]) == (KEPT_MANIFEST, ["D045"])
    after = design_in(tmp_path)
    assert after.version == "2.0.0"
    assert (after.parts, after.bom, after.name) == (before.parts, before.bom, before.name)
    assert (tmp_path / KEPT_MANIFEST).read_text() == CHAIR
    assert prepared(tmp_path, version="3.0.0").problems == ()
    assert (tmp_path / KEPT_MANIFEST).read_text() == CHAIR


@pytest.mark.parametrize(
    "stated", [{"price": "3"}, {"version": " "}, {"version": "one"}, {"license": "mine"}, {"name": "\udcff"}]
)
def test_a_statement_that_cannot_hold_is_refused(tmp_path, stated):
    before = files_in(write_chair(tmp_path))
    assert prepared(tmp_path, **stated).problems
    assert files_in(tmp_path) == before


def test_faults_of_a_manifest_with_planning_data_are_not_cleaned_away(tmp_path):
    write_chair(tmp_path, CHAIR.replace("quantity = 2", "quantity = 0").replace('"1.0.0"', '"1.0"'))
    assert codes(prepared(tmp_path)) == ["D011", "D012"]


def test_a_licence_nobody_knows_needs_a_person_and_own_terms_are_named(tmp_path):
    write_chair(tmp_path, CHAIR.replace("CERN-OHL-S-2.0", "our terms"))
    assert codes(prepared(tmp_path)) == ["D054"]
    write_chair(tmp_path, CHAIR.replace("CERN-OHL-S-2.0", "LicenseRef-our-terms"))
    assert prepared(tmp_path).problems == ()
    assert design_in(tmp_path).license is None


def test_one_manifest_at_the_top_is_asked_for(tmp_path):
    (tmp_path / "press").mkdir()
    (found,) = prepared(tmp_path).problems
    assert (found.code, "press" in found.message) == ("D005", False)
    (tmp_path / "press" / "okh.toml").write_text(LOSH)
    (found,) = prepared(tmp_path).problems
    assert (found.code, "press/okh.toml" in found.message) == ("D005", True)
    project(tmp_path, "okh.toml", LOSH)
    (tmp_path / "okh.yml").write_text(OKH)
    (found,) = prepared(tmp_path).problems
    assert (found.code, found.where) == ("D053", "okh.toml, okh.yml")


def test_a_link_is_no_manifest(tmp_path):
    (tmp_path / "elsewhere.toml").write_text(LOSH)
    (tmp_path / "okh.toml").symlink_to("elsewhere.toml")
    assert codes(prepared(tmp_path)) == ["D006"]


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    ["image", "part", "mass", "bom", "tsdc", "organization", "software", "readme", "outer-dimensions"]
)


@settings(max_examples=40)
@given(st.dictionaries(keys, values, max_size=4))
def test_whatever_optional_fields_hold_is_cleaned_or_left_out(tmp_path_factory, document):
    """Required fields are right, so nothing else may stand in the way."""
    folder = tmp_path_factory.mktemp("press")
    required = parse_toml(LOSH[: LOSH.index("documentationLanguage")], "x", "D010")
    (folder / "okh.toml").write_text(tomli_w.dumps({**required, **document}), encoding="utf-8")
    found = prepare_folder(folder, VOCABULARY)
    assert found.problems == ()
    design_in(folder)


def paths(folder: str, *patterns: str) -> list[Path]:
    if not (DATA / folder).is_dir():
        pytest.skip("the manifests of others are not here: ../shared/data")
    return sorted(path for pattern in patterns for path in (DATA / folder).rglob(pattern) if path.is_file())


@pytest.mark.parametrize(
    ("folder", "patterns", "ready"),
    [
        ("okh-losh", ("*.toml",), 1000),
        ("okh-v1", ("*.yml", "*.yaml"), 5),
        ("hostile/hostile-generated/manifest", ("*.*",), 0),
    ],
)
def test_what_the_world_wrote_is_prepared_or_refused_and_then_reads_strictly(tmp_path, folder, patterns, ready):
    vocabulary, count = load_vocabulary(), 0
    for path in paths(folder, *patterns):
        name = f"okh{path.suffix}"
        shutil.copyfile(path, tmp_path / name)
        found = prepare_folder(tmp_path, vocabulary)
        if found.problems:
            assert files_in(tmp_path) == {name: path.read_bytes()}
        else:
            check_bundle(tmp_path, "x~y", vocabulary)
            count += 1
        for left in tmp_path.iterdir():
            left.unlink()
    assert count >= ready


def test_no_string_breaks_it(tmp_path):
    write_chair(tmp_path)
    held = 0
    for string in {line for path in paths("hostile/naughty-strings", "*.txt") for line in path.read_text().split("\n")}:
        found = plan_preparation(tmp_path, VOCABULARY, dict.fromkeys(("name", "function", "licensor"), string))
        if not found.problems:
            assert parse_toml(str(found.text), "okh.toml", "D010")["name"] == string
            held += 1
    assert held > 400


def test_a_manifest_of_our_own_under_another_name_is_said_to_be_written_anew(tmp_path):
    write_chair(tmp_path, CHAIR)
    (tmp_path / "okh.toml").rename(tmp_path / "OKH.TOML")
    found = prepared(tmp_path)
    assert (found.problems, found.kept) == ((), KEPT_MANIFEST)
    assert [warning.code for warning in found.warnings] == ["D047"]


ORIGINS = {
    'forkOf = "https://example.org/old"': ("https://example.org/old",),
    'fork-of = ["ana~stool@1.0.0", "https://example.org/old"]': ("ana~stool@1.0.0", "https://example.org/old"),
    'fork-of = "ana~stool"': (),
}


@pytest.mark.parametrize("line", ORIGINS)
def test_what_a_project_is_a_fork_of_is_what_it_is_derived_from(tmp_path, line):
    found = prepared(project(tmp_path, "okh.toml", f"{line}\n{LOSH}"))
    assert found.problems == ()
    assert design_in(tmp_path).derived_from == ORIGINS[line]
    told = [warning for warning in found.warnings if "fork-of" in warning.where and warning.code == "D047"]
    assert bool(told) is (not ORIGINS[line])
    assert all("'ana~stool'" in warning.message for warning in told)


def test_advice_for_a_yaml_manifest_is_yaml(tmp_path):
    text = "okhv: OKH-LOSHv1.0\nname: Press\nrepo: https://example.org\nlicense: MIT\nlicensor: Ana\nversion: 1.0.0\n"
    found = prepared(project(tmp_path, "okh.yml", text))
    assert found.format == "okh-losh"
    [problem] = found.problems
    assert "write function: Presses seeds" in problem.message
