"""A new bundle: complete but for what only its maker knows."""

import tomllib

import pytest
from designs.chairs import VOCABULARY

from cosmolocal.designs.load import check_bundle
from cosmolocal.designs.preparing import prepare_folder
from cosmolocal.designs.starting import start_bundle
from cosmolocal.errors import InputError

FIELDS = {
    "name": 'A "quoted" $name',
    "repo": "https://example.org",
    "license": "MIT",
    "licensor": "Ana",
    "function": "Stands \\ there",
}


def test_with_every_field_given_it_can_be_published(tmp_path):
    files = start_bundle(tmp_path / "new" / "press", FIELDS)
    assert [file.name for file in files] == ["okh.toml", "README.md"]
    found = prepare_folder(tmp_path / "new" / "press", VOCABULARY)
    assert (found.problems, found.text) == ((), None)
    design, _ = check_bundle(tmp_path / "new" / "press", "ana~press", VOCABULARY)
    assert (design.name, design.function, design.version) == (FIELDS["name"], FIELDS["function"], "0.1.0")
    assert files[1].read_text().startswith('# A "quoted" $name\n')


def test_what_only_the_maker_knows_is_all_that_is_missing(tmp_path):
    start_bundle(tmp_path, {"name": "Press"})
    faults = prepare_folder(tmp_path, VOCABULARY).problems
    assert {fault.where for fault in faults} == {
        f"okh.toml: {name}" for name in ("repo", "license", "licensor", "function")
    }


def test_the_examples_in_its_comments_are_right(tmp_path):
    """Every table that is commented out reads strictly once the sign is taken away."""
    start_bundle(tmp_path, FIELDS)
    manifest = tmp_path / "okh.toml"
    head, sign, rest = manifest.read_text().partition("# mass = 900")
    lines = [line.removeprefix("# ") for line in (sign + rest).splitlines() if "[" in line or "=" in line]
    text = head + "\n".join(lines).replace("side-panel.dxf", "README.md")
    assert tomllib.loads(text)["x-cosmolocal"]["operation"]
    manifest.write_text(text)
    design, _ = check_bundle(tmp_path, "ana~press", VOCABULARY)
    assert design.derived_from == ("publisher~slug@1.0.0",)
    assert [len(part.operations) for part in design.parts] == [0, 1]


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for folder in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(InputError, match="D055"):
            start_bundle(folder, FIELDS)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_field_nobody_can_write_is_refused(tmp_path):
    with pytest.raises(InputError, match="D011"):
        start_bundle(tmp_path / "press", {"name": "\udcff"})
    assert not (tmp_path / "press").exists()
