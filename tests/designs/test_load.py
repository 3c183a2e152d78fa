"""All designs of a store, as records."""

from pathlib import Path

import pytest
from designs.chairs import CHAIR, NOON, VOCABULARY, chair, write_chair

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.designs.load import check_bundle, load_designs
from cosmolocal.errors import InputError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_root(tmp_path / "designs")
    return tmp_path / "designs"


def publish(root: Path, design_id: str, text: str = CHAIR) -> str:
    folder = write_chair(root.parent / "source", text)
    return publish_bundle(root, design_id, folder, message="m", created=NOON)


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
    publish_bundle(root, "a~chair", folder, message="m", created=NOON)
    assert ((design,), warnings) == load_designs(root, VOCABULARY)


def test_a_folder_with_a_fault_is_refused_before_it_is_published(tmp_path: Path):
    with pytest.raises(InputError) as error:
        check_bundle(write_chair(tmp_path / "draft", CHAIR.replace("mass = 900", "mass = -1")), "a~chair", VOCABULARY)
    assert [problem.where for problem in error.value.problems] == ["okh.toml: part[1].mass"]
    with pytest.raises(InputError) as error:
        check_bundle(tmp_path, "a~chair", VOCABULARY)
    assert [problem.code for problem in error.value.problems] == ["D010"]
