"""The check of OCFL objects, against objects that others wrote to be right or wrong in one way."""

import re
import tarfile
from pathlib import Path

import pytest
from designs.chairs import NOON, write_chair

from cosmolocal.designs.bundles import create_root, publish_bundle
from cosmolocal.designs.verify import verify_object, verify_root

FIXTURES = Path(__file__).parents[2].parent / "shared" / "data" / "ocfl-fixtures.tar.gz"


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not FIXTURES.exists():
        pytest.skip("the OCFL fixtures are not here: ../shared/data")
    folder = tmp_path_factory.mktemp("ocfl")
    with tarfile.open(FIXTURES) as archive:
        archive.extractall(folder, filter="data")
    return folder / "ocfl-fixtures"


def objects(fixtures: Path, kind: str) -> list[Path]:
    found = sorted(fixtures.glob(f"*/{kind}-objects/*"))
    assert found
    return found


def test_bad_objects_have_the_errors_they_are_named_for(fixtures: Path):
    for folder in objects(fixtures, "bad"):
        codes = {error.code for error in verify_object(folder).errors}
        assert set(re.findall(r"E\d{3}", folder.name)) <= codes, folder.name


def test_objects_to_be_warned_of_have_no_errors(fixtures: Path):
    for folder in objects(fixtures, "warn"):
        found = verify_object(folder)
        assert found.errors == [], folder.name
        assert set(re.findall(r"W\d{3}", folder.name)) <= {warning.code for warning in found.warnings}, folder.name


def test_good_objects_have_no_errors(fixtures: Path):
    for folder in objects(fixtures, "good"):
        assert verify_object(folder).errors == [], folder.name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_root(tmp_path / "designs")
    publish_bundle(tmp_path / "designs", "a~chair", write_chair(tmp_path / "c"), message="m", created=NOON, by="ada")
    return tmp_path / "designs"


def codes(root: Path) -> set[str]:
    found = verify_root(root).as_dict()
    assert found["ok"] == (found["errors"] == [])
    return {error["code"] for error in found["errors"]}


def test_a_store_of_ours_is_right(root: Path):
    assert codes(root) == set()


def test_a_root_without_declaration_is_wrong(root: Path):
    (root / "0=ocfl_1.1").unlink()
    assert codes(root) == {"E069"}


def test_a_folder_that_is_no_object_is_wrong(root: Path):
    (root / "stray").mkdir()
    assert codes(root) == {"E073"}
    (root / "stray" / "file").touch()
    assert codes(root) == {"E072"}


def test_a_damaged_layout_is_wrong(root: Path):
    (root / "ocfl_layout.json").write_text("{}")
    assert codes(root) == {"E070"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 100_000, '{"versions": 3}', '{"manifest": {"a": 3}, "versions": {"v1": []}}']
)
def test_no_inventory_crashes_it(root: Path, text: str):
    (root / "a~chair" / "inventory.json").write_text(text)
    assert codes(root)
