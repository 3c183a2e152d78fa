"""All designs of a store, as records."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from designs.chairs import CHAIR, NOON, VOCABULARY, chair, write_chair

from cosmolocal.designs.bundles import create_root
from cosmolocal.designs.load import _load_released, check_bundle, load_designs, load_versions, read_state
from cosmolocal.designs.notices import NewNotice, add_notice, take_down
from cosmolocal.designs.releasing import publish_bundle
from cosmolocal.errors import InputError
from cosmolocal.records import Confirmation, Design, NoticeKind, Provenance, Vocabulary


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_root(tmp_path / "designs")
    return tmp_path / "designs"


def publish(root: Path, design_id: str, text: str = CHAIR) -> str:
    folder = write_chair(root.parent / "source", text)
    return publish_bundle(root, design_id, folder, message="m", created=NOON, by="ada").digest


def note(root: Path, kind: NoticeKind, version: str, reason: str = "", values: Mapping[str, Any] | None = None) -> None:
    add_notice(root, "a~chair", NewNotice(kind, by="ada", at=NOON, version=version, reason=reason, values=values or {}))


def load(root: Path) -> dict[str, Design]:
    return {design.version: design for design in load_designs(root, VOCABULARY)[0]}


def test_every_version_of_every_design_is_loaded_in_order(root: Path):
    publish(root, "b~chair", chair("1.10.0"))
    digest = publish(root, "b~chair", chair("1.9.0"))
    publish(root, "a~chair")
    designs, warnings = load_designs(root, VOCABULARY)
    assert [design.key for design in designs] == ["a~chair@1.0.0", "b~chair@1.9.0", "b~chair@1.10.0"]
    assert designs[1].digest == digest
    assert warnings == ()


def test_an_empty_store_has_no_designs(root: Path):
    assert load_designs(root, VOCABULARY) == ((), ())


def test_a_folder_that_is_no_store_is_a_problem(tmp_path: Path):
    with pytest.raises(InputError) as error:
        load_designs(tmp_path, VOCABULARY)
    assert [problem.code for problem in error.value.problems] == ["D001"]


def test_faults_of_all_versions_are_reported_together(root: Path):
    publish(root, "a~chair", CHAIR.replace('process = "assembly"', 'process = "magic"'))
    publish(root, "a~chair", chair("1.1.0").replace("quantity = 2", "quantity = 0"))
    publish(root, "b~chair", CHAIR.replace('name = "Chair"\n', ""))
    with pytest.raises(InputError) as error:
        load_designs(root, VOCABULARY)
    assert [problem.where for problem in error.value.problems] == [
        "designs/a~chair v2: okh.toml: x-cosmolocal.bom[0].quantity",
        "designs/b~chair v1: okh.toml: name",
        "designs/a~chair v1: okh.toml: x-cosmolocal.operation[2].process",
    ]


def test_a_lost_file_is_found_without_reading_all_bytes(root: Path):
    publish(root, "a~chair")
    (root / "a~chair" / "v1" / "content" / "drawings" / "side.svg").unlink()
    publish(root, "b~chair", CHAIR.replace('name = "Chair"\n', ""))
    with pytest.raises(InputError) as error:
        load_designs(root, VOCABULARY)
    assert [problem.code for problem in error.value.problems] == ["D005", "D011"]


@pytest.mark.parametrize(
    ("design_id", "version_range", "expected"),
    [("a~seat", "^1", []), ("a~seat", "^2", ["D018"]), ("a~none", "*", ["D018"])],
)
def test_a_module_that_is_not_there_is_a_warning(root: Path, design_id: str, version_range: str, expected: list[str]):
    publish(root, "a~seat", chair("1.4.0"))
    line = f'[[x-cosmolocal.bom]]\ndesign = "{design_id}"\nversion = "{version_range}"\nquantity = 1\n'
    publish(root, "a~bench", CHAIR + line)
    _, warnings = load_designs(root, VOCABULARY)
    assert [warning.code for warning in warnings] == expected


def test_a_folder_is_checked_as_it_would_be_loaded(root: Path):
    folder = write_chair(root.parent / "draft")
    design, warnings = check_bundle(folder, "a~chair", VOCABULARY)
    publish_bundle(root, "a~chair", folder, message="m", created=NOON, by="ada")
    assert ((design,), warnings) == load_designs(root, VOCABULARY)


def test_a_folder_with_a_fault_is_refused_before_it_is_published(tmp_path: Path):
    with pytest.raises(InputError) as error:
        check_bundle(write_chair(tmp_path / "draft", CHAIR.replace("mass = 900", "mass = -1")), "a~chair", VOCABULARY)
    assert [problem.where for problem in error.value.problems] == ["okh.toml: part[1].mass"]
    with pytest.raises(InputError) as error:
        check_bundle(tmp_path, "a~chair", VOCABULARY)
    assert [problem.code for problem in error.value.problems] == ["D010"]


def test_a_withdrawn_version_says_why_until_that_is_undone(root: Path):
    publish(root, "a~chair")
    publish(root, "a~chair", chair("1.1.0"))
    note(root, NoticeKind.YANK, "1.1.0", "the leg breaks")
    assert [design.yanked for design in load(root).values()] == [None, "the leg breaks"]
    note(root, NoticeKind.UNYANK, "1.1.0", "it was the floor")
    assert [design.yanked for design in load(root).values()] == [None, None]


def test_a_module_of_which_only_withdrawn_versions_fit_is_a_warning(root: Path):
    publish(root, "a~chair")
    publish(root, "a~bench", CHAIR + '[[x-cosmolocal.bom]]\ndesign = "a~chair"\nversion = "^1"\nquantity = 1\n')
    assert load_designs(root, VOCABULARY)[1] == ()
    note(root, NoticeKind.YANK, "1.0.0", "the leg breaks")
    [warning] = load_designs(root, VOCABULARY)[1]
    assert warning.code == "D018"
    assert "1.0.0 (withdrawn)" in warning.message


def test_a_version_that_was_taken_down_is_no_design_any_more(root: Path):
    publish(root, "a~chair")
    publish(root, "a~chair", chair("1.1.0"))
    take_down(root, "a~chair", "1.0.0", by="ada", reason="a secret", at=NOON)
    assert list(load(root)) == ["1.1.0"]


SEAT = [{"process": "cnc-routing", "minutes-per-unit": 7, "material": "plywood", "envelope-mm": [450, 400, 18]}]


def test_what_a_person_confirmed_stands_in_place_of_the_manifest_s_operations(root: Path):
    publish(root, "a~chair")
    publish(root, "a~chair", chair("1.1.0"))
    before = load(root)["1.0.0"]
    note(root, NoticeKind.CONFIRM, "1.0.0", values={"part": "seat", "operations": SEAT})
    after = load(root)
    [step] = next(part for part in after["1.0.0"].parts if part.name == "seat").operations
    assert (step.seconds, step.material, step.unknown) == (420, "plywood", ())
    assert (step.provenance, step.confirmed) == (Provenance.CONFIRMED, Confirmation("ada", "2026-09-01T12:00:00Z"))
    assert [part for part in after["1.0.0"].parts if part.name != "seat"] == [
        part for part in before.parts if part.name != "seat"
    ]
    assert after["1.1.0"].parts == before.parts
    note(root, NoticeKind.CONFIRM, "1.0.0", values={"part": "seat", "operations": SEAT * 2})
    assert len(next(part for part in load(root)["1.0.0"].parts if part.name == "seat").operations) == 2


def test_a_confirmation_that_does_not_fit_any_more_is_a_warning(root: Path):
    """A process may leave the vocabulary after somebody confirmed it."""
    publish(root, "a~chair", CHAIR.replace("cnc-routing", "assembly"))
    before = load(root)
    note(root, NoticeKind.CONFIRM, "1.0.0", values={"part": "seat", "operations": SEAT})
    vocabulary = Vocabulary(tuple(process for process in VOCABULARY.processes if process.id == "assembly"))
    designs, warnings = load_designs(root, vocabulary)
    assert designs == tuple(before.values())
    assert [(warning.code, "cnc-routing" in warning.message) for warning in warnings] == [("D070", True)]


def test_a_design_s_state_changes_with_each_release_and_each_notice(root: Path):
    states = []
    for step in (
        lambda: publish(root, "a~chair"),
        lambda: publish(root, "a~chair", chair("1.1.0")),
        lambda: note(root, NoticeKind.YANK, "1.1.0", "bad"),
        lambda: note(root, NoticeKind.UNYANK, "1.1.0", "good"),
        lambda: take_down(root, "a~chair", "1.0.0", by="ada", reason="a secret", at=NOON),
    ):
        step()
        states.append(read_state(root, "a~chair"))
    assert len(set(states)) == len(states)
    publish(root, "b~chair")
    assert read_state(root, "a~chair") == states[-1]


def test_a_design_that_did_not_change_is_read_once(root: Path):
    publish(root, "a~chair")
    first = load_versions(root, "a~chair", VOCABULARY)
    assert load_versions(root, "a~chair", VOCABULARY) is first
    note(root, NoticeKind.YANK, "1.0.0", "bad")
    assert load_versions(root, "a~chair", VOCABULARY) is not first


def test_a_release_is_read_once_however_many_follow(root: Path):
    """The manifests of thirty releases were read again with each new one."""
    before = _load_released.cache_info().misses
    for number in range(4):
        publish(root, "a~chair", chair(f"1.{number}.0"))
        assert len(load_versions(root, "a~chair", VOCABULARY)[0]) == number + 1
    assert _load_released.cache_info().misses == before + 4
