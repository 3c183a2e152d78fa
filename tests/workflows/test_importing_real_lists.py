"""Lists nobody here wrote: no crash, every row accounted for, twice is once. Skipped where they are absent."""

import shutil
from pathlib import Path

import pytest

from cosmolocal.processes import load_vocabulary
from cosmolocal.workflows.importing import Request, apply_import, review_import
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.register import read_workshops

ROOT = Path(__file__).parents[2]
LABS = ROOT.parent / "shared" / "data" / "labs"
LISTS = (
    ("fablabs", "fablabs_labs.json", 2237),
    ("capabilities", "fablabs_capabilities.csv", 1072),
    ("machines", "fablabs_machines.csv", 2073),
)
pytestmark = pytest.mark.skipif(not LABS.is_dir(), reason="the folder shared/data is not here")


def empty_region(folder: Path) -> Workspace:
    for name in ("region.yaml", "places.csv"):
        shutil.copy(ROOT / name, folder)
    (folder / "workshops.yaml").write_text("# mine\nworkshops: []\n", encoding="utf-8")
    return Workspace(folder)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Workspace:
    workspace = empty_region(tmp_path_factory.mktemp("world"))
    for kind, name, _ in LISTS:
        apply_import(workspace, OPERATOR, Request(kind, LABS / name))
    return workspace


@pytest.mark.parametrize(("kind", "name", "rows"), LISTS)
def test_every_row_is_accounted_for_once_and_twice_is_once(world, kind, name, rows):
    review = review_import(world, Request(kind, LABS / name))
    counts = review.counts
    assert counts.pop("rows") == len(review.rows) == rows
    assert sum(counts.values()) == rows
    assert counts["new"] == counts["changed"] == counts["outside"] == 0
    assert review.workshops == review.before
    assert all(row.notes for row in review.rows if row.outcome in ("refused", "doubtful", "kept"))


def test_the_register_of_the_world_is_sound_and_keeps_its_comment(world):
    path = world.folder / "workshops.yaml"
    assert path.read_text("utf-8").startswith("# mine\n")
    workshops = read_workshops(path, load_vocabulary())
    assert len(workshops) > 1990
    assert all(workshop.imported for workshop in workshops)
    assert not any(group.periods for workshop in workshops for group in workshop.groups)


def test_barcelona_has_60_machines_in_6_labs(tmp_path):
    workspace = empty_region(tmp_path)
    review = review_import(workspace, Request("machines", LABS / LISTS[2][1], near=(41.3874, 2.1686), within_km=50))
    assert len(review.rows) - review.counts["outside"] == 60
    assert len(review.named) == 6
    assert not (tmp_path / "build").exists()
    assert not (tmp_path / "equipment.csv").exists()


def test_labs_of_one_country(tmp_path):
    review = review_import(empty_region(tmp_path), Request("fablabs", LABS / LISTS[0][1], country="es"))
    assert review.counts["rows"] - review.counts["outside"] == 76


@pytest.mark.parametrize("path", sorted((LABS.parent / "okh-v1").rglob("okw/*.y*ml")), ids=lambda path: path.name)
def test_facilities_as_people_wrote_them_are_read(tmp_path, path):
    """They say what they can do, and not where they are."""
    review = review_import(empty_region(tmp_path), Request("okw", path))
    assert review.counts["refused"] == review.counts["rows"] == 1
