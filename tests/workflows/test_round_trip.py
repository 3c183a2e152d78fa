"""A whole register goes out as a file, and comes into an empty region again: every property of every workshop.

The register of the world is made of lists nobody here wrote; that part is skipped where they are absent.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from made_up_workshops import VOCABULARY, registers

from cosmolocal.records import MachineGroup, Workshop
from cosmolocal.workflows.exchanging import EXPORT_FORMATS, export_workshops
from cosmolocal.workflows.importing import Request, Review, apply_import
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.register import read_workshops, write_workshops

ROOT = Path(__file__).parents[2]
LABS = ROOT.parent / "shared" / "data" / "labs"
LISTS = (
    ("fablabs", "fablabs_labs.json"),
    ("capabilities", "fablabs_capabilities.csv"),
    ("machines", "fablabs_machines.csv"),
)
here = pytest.mark.skipif(not LABS.is_dir(), reason="the folder shared/data is not here")
SUFFIX = {"okw": "json", "geojson": "geojson"}


def empty_region(folder: Path) -> Workspace:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "region.yaml", folder)
    (folder / "places.csv").write_text("id,name,kind,lat,lon,district,population\n", encoding="utf-8")
    (folder / "workshops.yaml").write_text("workshops: []\n", encoding="utf-8")
    return Workspace(folder)


def register_of(workspace: Workspace) -> tuple[Workshop, ...]:
    return read_workshops(workspace.folder / "workshops.yaml", VOCABULARY)


def properties(register: Sequence[Workshop]) -> dict[tuple[str, ...], object]:
    """Return every property of a register by workshop, group and name, so that one that is lost is named."""
    found: dict[tuple[str, ...], object] = {("order",): [workshop.id for workshop in register]}
    for workshop in register:
        found |= {(workshop.id, field.name): getattr(workshop, field.name) for field in fields(Workshop)}
        found[workshop.id, "groups"] = [group.id for group in workshop.groups]
        for group in workshop.groups:
            found |= {(workshop.id, group.id, field.name): getattr(group, field.name) for field in fields(MachineGroup)}
    return found


def go_round(workspace: Workspace, form: str, folder: Path) -> tuple[Workspace, Review]:
    """Write a register to a file, and bring that into an empty region."""
    file = folder / f"register.{SUFFIX[form]}"
    there = empty_region(folder / form)
    file.write_text(export_workshops(workspace.folder, form), encoding="utf-8")
    return there, apply_import(there, OPERATOR, Request(form, file))


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Workspace:
    """Return a region with all labs of the world, what they can do, and their machines, with hours for some."""
    workspace = empty_region(tmp_path_factory.mktemp("round") / "world")
    for number, (kind, name) in enumerate(LISTS):
        assumed = (1_200, 1_550) if kind == "machines" else None
        apply_import(workspace, OPERATOR, Request(kind, LABS / name, licence=f"CC-{number}", assumed=assumed))
    return workspace


@here
@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_the_register_of_the_world_comes_back_whole(world, tmp_path, form):
    before = register_of(world)
    assert len(before) > 1_990
    assert sum(len(workshop.groups) for workshop in before) > 2_000
    there, review = go_round(world, form, tmp_path)
    assert review.counts["new"] == review.counts["rows"] == len(before)
    after, told = properties(register_of(there)), properties(before)
    assert {name: after.get(name) for name, value in told.items() if after.get(name) != value} == {}
    assert after.keys() == told.keys()


@here
@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_the_register_of_the_world_says_the_same_to_itself(world, tmp_path, form):
    """What was written is read over the register that it was written from: every row is the same."""
    mine = Workspace(Path(shutil.copytree(world.folder, tmp_path / "mine")))
    file = tmp_path / f"register.{SUFFIX[form]}"
    file.write_text(export_workshops(mine.folder, form), encoding="utf-8")
    before = (mine.folder / "workshops.yaml").read_bytes()
    counts = apply_import(mine, OPERATOR, Request(form, file)).counts
    assert counts["same"] == counts["rows"] == len(register_of(world))
    assert (mine.folder / "workshops.yaml").read_bytes() == before


@here
def test_both_formats_hold_what_others_read(world):
    """A reader that knows nothing of us finds name, spot, address, status and processes where the formats have them."""
    register = register_of(world)
    okw = json.loads(export_workshops(world.folder, "okw"))["facilities"]
    points = json.loads(export_workshops(world.folder, "geojson"))["features"]
    for workshop, facility, point in zip(register, okw, points, strict=True):
        spot = facility["location"]["gps_coordinates"]
        assert (facility["name"], facility["location"]["address"]) == (workshop.name, workshop.address)
        assert (spot["latitude"], spot["longitude"]) == (workshop.lat, workshop.lon)
        assert point["geometry"] == {"type": "Point", "coordinates": [workshop.lon, workshop.lat]}
        assert point["properties"]["name"] == workshop.name
        assert len(facility["equipment"]) == len(workshop.groups)
        assert set(facility["manufacturing_processes"]) == {group.process for group in workshop.groups}


@pytest.mark.parametrize("form", EXPORT_FORMATS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(registers)
def test_any_register_comes_back_whole_through_the_files_of_two_regions(form, tmp_path_factory, register):
    folder = tmp_path_factory.mktemp("trip")
    here = empty_region(folder / "here")
    (here.folder / "workshops.yaml").write_text(write_workshops(register), encoding="utf-8")
    assert register_of(here) == register
    there, review = go_round(here, form, folder)
    assert review.counts["new"] == review.counts["rows"] == len(register)
    assert properties(register_of(there)) == properties(register)
    assert export_workshops(there.folder, form) == export_workshops(here.folder, form)
