"""A slice of the flipped bits and of the lost index, and the proof that both can find something."""

import json
from pathlib import Path

import pytest

from cosmolocal.designs.verify import verify_object
from cosmolocal.errors import Problem
from cosmolocal.workflows import reindex_designs
from torture.experiments.damage import lose_and_rebuild, search
from torture.lamp_region import write_region
from torture.many_designs import make_designs
from torture.store_damage import Flip, find_missed, make_store


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_store(tmp_path / "designs")
    return tmp_path / "designs"


def test_every_flipped_bit_is_found_and_named_and_nothing_stays_flipped(root: Path):
    missed, codes = find_missed(root, 120, 3)
    assert missed == []
    assert len(codes) > 10
    assert all(verify_object(path).ok for path in root.iterdir() if path.is_dir())


def test_a_flip_in_any_file_that_tells_the_layout_is_found(root: Path):
    missed, _ = find_missed(root, 4 * sum(path.is_file() for path in root.rglob("*")), 5)
    assert missed == []


def test_a_check_of_content_alone_is_found_out(root: Path):
    def look(root: Path, flip: Flip) -> list[Problem]:
        inventory = flip.path.parent / "inventory.json"
        if "content" in flip.path.parts:
            return verify_object(root / flip.path.relative_to(root).parts[0]).errors
        return [] if not inventory.exists() else _errors(inventory)

    def _errors(inventory: Path) -> list[Problem]:
        try:
            json.loads(inventory.read_bytes())
            return []
        except ValueError:
            return [Problem("E033", inventory.parts[-3] + inventory.parts[-2], "is no JSON")]

    missed, _ = find_missed(root, 60, 3, look)
    assert any("not found" in line for line in missed)


def test_an_index_that_is_lost_is_built_again_as_it_was(tmp_path: Path):
    write_region(tmp_path)
    make_designs(tmp_path, 12)
    reindex_designs(tmp_path)
    seconds, wrong = lose_and_rebuild(tmp_path, {"reindex": reindex_designs, "search": search})
    assert (set(seconds), wrong) == ({"reindex", "search"}, [])


def test_an_index_that_is_not_built_again_is_found_out(tmp_path: Path):
    write_region(tmp_path)
    make_designs(tmp_path, 2)
    reindex_designs(tmp_path)
    _, wrong = lose_and_rebuild(tmp_path, {"nothing": lambda _: None})
    assert wrong == ["nothing: the index is not as it was"]
