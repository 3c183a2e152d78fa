"""The sample's designs: made by a script, valid for readers we did not write, and worth planning."""

import filecmp
import itertools
import struct
import tomllib
from pathlib import Path

import pytest
from ocfl.validator import Validator

from cosmolocal.designs import bundles
from cosmolocal.designs.load import load_designs
from cosmolocal.planning.bill import Catalogue, TaskNode
from cosmolocal.planning.matching import Answer, match
from cosmolocal.processes import ancestors_by_process, load_vocabulary
from cosmolocal.records import Design, MachineGroup, Operation, Provenance, WorkshopStatus
from cosmolocal.workshops.register import read_workshops
from sample import drawings, make_designs

REPOSITORY = Path(__file__).parents[1]
ROOT = REPOSITORY / "designs"
VOCABULARY = load_vocabulary()
ANCESTORS = ancestors_by_process(VOCABULARY)
#: parts nobody in the sample region can make, on purpose
AWKWARD = {("canopy-frame", "ridge beam"), ("water-filter", "filter pipe")}


@pytest.fixture(scope="module")
def designs() -> tuple[Design, ...]:
    return load_designs(ROOT, VOCABULARY)[0]


@pytest.fixture(scope="module")
def groups() -> dict[str, tuple[MachineGroup, ...]]:
    workshops = read_workshops(REPOSITORY / "workshops.yaml", VOCABULARY)
    return {workshop.id: workshop.groups for workshop in workshops if workshop.status is WorkshopStatus.ACTIVE}


def slug(design: Design) -> str:
    return design.id.partition("~")[2]


def test_building_the_designs_again_gives_the_same_bytes(tmp_path):
    make_designs.main(tmp_path / "designs")
    made = {path.relative_to(tmp_path / "designs") for path in (tmp_path / "designs").rglob("*") if path.is_file()}
    kept = {path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()}
    assert made == kept
    assert filecmp.cmpfiles(tmp_path / "designs", ROOT, sorted(map(str, made)), shallow=False)[1:] == ([], [])


def test_building_into_a_full_root_changes_nothing(tmp_path):
    make_designs.main(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    make_designs.main(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("design_id", bundles.list_designs(ROOT))
def test_each_object_is_valid_for_ocfl_py(design_id):
    validator = Validator(log_warnings=True)
    assert validator.validate_object(str(ROOT / design_id)), validator.log


def test_all_designs_load_without_a_fault_or_a_warning(designs):
    assert load_designs(ROOT, VOCABULARY)[1] == ()
    assert len({design.id for design in designs}) >= 14
    assert all(design.id.startswith("cosmolocal-sample~") for design in designs)


def test_every_version_has_an_operation_and_no_more_than_its_bundle_holds(designs):
    for design in designs:
        assert any(part.operations for part in design.parts), design.key
        there = {file.path for file in bundles.read_bundle(ROOT, design.id, design.version)}
        manifest = tomllib.loads(bundles.open_file(ROOT, design.id, design.version, "okh.toml").read_text("utf-8"))
        named = {manifest["readme"], manifest["image"], manifest["bom"]}
        for part in manifest["part"]:
            named |= {part["source"], *part.get("export", ())}
        assert named <= there, design.key
        assert there - named <= {"okh.toml", "LICENSE.md"}, design.key


def test_every_manifest_names_its_source_first(designs):
    for design in designs:
        text = bundles.open_file(ROOT, design.id, design.version, "okh.toml").read_text("utf-8")
        assert text.startswith("# After "), design.key
        assert "\n# Source: http" in text, design.key


def test_the_vehicle_has_parts_of_parts_of_modules(designs):
    catalogue = Catalogue(designs)
    for version in ("1.0.0", "1.1.0"):
        bill = catalogue.bill(f"cosmolocal-sample~wikispeed-vehicle@{version}")
        assert isinstance(bill, TaskNode)
        paths = {task.path for task in bill.walk()}
        assert "wikispeed-chassis/cross member/module plate" in paths
        assert {"wikispeed-wheel/hub", "wikispeed-body/rib", "wikispeed-seat/cover"} <= paths


def test_every_bill_of_materials_can_be_taken_apart_and_weighs_something(designs):
    catalogue = Catalogue(designs)
    for design in designs:
        bill = catalogue.bill(design.key)
        assert isinstance(bill, TaskNode), bill
        assert all(task.mass_g > 0 and task.is_known for task in bill.walk()), design.key


def test_versions_differ_in_what_is_made_and_say_so(designs):
    versions_by_id: dict[str, list[Design]] = {}
    for design in designs:
        versions_by_id.setdefault(design.id, []).append(design)
    grown = [versions for versions in versions_by_id.values() if len(versions) > 1]
    assert len(grown) >= 4
    for versions in grown:
        for before, after in itertools.pairwise(versions):
            assert after.changes
            assert {part.operations for part in before.parts} != {part.operations for part in after.parts}, after.key
            assert before.bom != after.bom or before.reference_price_cents != after.reference_price_cents
            assert {file.sha256 for file in before.files} != {file.sha256 for file in after.files}


def test_only_the_awkward_parts_find_no_workshop(designs, groups):
    """All operations of a part are done in one workshop; the newest version of each design counts."""
    newest = {design.id: design for design in designs}
    homeless = {
        (slug(design), part.name)
        for design in newest.values()
        for part in design.parts
        if not any(all(_can(step, offered) for step in part.operations) for offered in groups.values())
    }
    assert homeless == AWKWARD


def _can(operation: Operation, offered: tuple[MachineGroup, ...]) -> bool:
    return any(match(operation, group, 1_000_000, ANCESTORS).answer is Answer.CAN for group in offered)


def test_the_water_filter_waits_for_a_person(designs):
    pipe = next(part for design in designs for part in design.parts if part.name == "filter pipe")
    assert [step.unknown for step in pipe.operations] == [("material",)]
    assert [step.provenance for step in pipe.operations] == [Provenance.UNKNOWN]


def test_the_canopy_needs_a_beam_longer_than_any_machine(designs, groups):
    beam = next(part for design in designs for part in design.parts if part.name == "ridge beam")
    lengths = [max(group.envelope_mm) for offered in groups.values() for group in offered if group.envelope_mm]
    fits = [match(beam.operations[0], group, 1, ANCESTORS).because for offered in groups.values() for group in offered]
    assert max(beam.operations[0].envelope_mm or ()) == 6000
    assert lengths
    assert ("envelope",) in fits


def test_a_price_from_outside_is_near_what_making_costs(designs, groups):
    """Between 0.8 and 3 times, at the region's median hourly cost: making here pays often, not always."""
    catalogue = Catalogue(designs)
    rates = [group for offered in groups.values() for group in offered]
    for design in designs:
        bill = catalogue.bill(design.key)
        assert isinstance(bill, TaskNode)
        making = sum(task.quantity * (task.bought_cents + _cents(task, rates)) for task in bill.walk())
        assert 0.8 <= (design.reference_price_cents or 0) / making <= 3, (design.key, making)


def _cents(task: TaskNode, rates: list[MachineGroup]) -> float:
    total = 0.0
    for step in task.operations:
        hourly = sorted(group.hourly_cost_cents for group in rates if step.process in ANCESTORS[group.process])
        total += step.material_cents + (step.seconds or 0) / 3600 * hourly[len(hourly) // 2]
    return total


def _stl_files() -> list[Path]:
    return sorted(ROOT.rglob("*.stl"))


def _triangles(path: Path) -> list[tuple[tuple[float, ...], ...]]:
    content = path.read_bytes()
    (count,) = struct.unpack_from("<I", content, 80)
    assert len(content) == 84 + 50 * count, path
    rows = [struct.unpack_from("<12fH", content, 84 + 50 * number) for number in range(count)]
    return [(row[3:6], row[6:9], row[9:12]) for row in rows]


@pytest.mark.parametrize("path", _stl_files(), ids=lambda path: path.name)
def test_stl_surfaces_are_closed_and_face_outwards(path):
    """Each edge is walked once in each direction, and the volume enclosed is positive."""
    triangles = _triangles(path)
    edges = [(a, b) for x, y, z in triangles for a, b in ((x, y), (y, z), (z, x))]
    assert len(set(edges)) == len(edges)
    assert {(b, a) for a, b in edges} == set(edges)
    volume = sum(
        x[0] * (y[1] * z[2] - y[2] * z[1]) - x[1] * (y[0] * z[2] - y[2] * z[0]) + x[2] * (y[0] * z[1] - y[1] * z[0])
        for x, y, z in triangles
    )
    assert volume > 0


def test_the_sides_of_a_printed_block_are_those_asked_for():
    triangles = drawings.build_tray((40, 30, 20), 3)
    assert [max(point[axis] for corners in triangles for point in corners) for axis in range(3)] == [40, 30, 20]


def test_an_outline_that_crosses_itself_is_refused():
    with pytest.raises(ValueError, match="crosses itself"):
        drawings.build_prism([(0, 0), (10, 10), (10, 0), (0, 10)], 5)


def test_dxf_files_are_pairs_of_code_and_value_that_end_with_eof():
    for path in sorted(ROOT.rglob("*.dxf")):
        lines = path.read_text("ascii").splitlines()
        codes, values = lines[::2], lines[1::2]
        assert len(codes) == len(values)
        assert all(code.strip().isdigit() for code in codes), path
        assert values[-1] == "EOF"
        assert values.count("SECTION") == values.count("ENDSEC")
        assert values.count("VERTEX") >= 3


def test_every_design_has_a_picture_with_title_and_description(designs):
    for design in designs:
        picture = bundles.open_file(ROOT, design.id, design.version, design.image or "").read_text("utf-8")
        assert f"<title>{design.name}</title>" in picture
        assert "<desc>" in picture
        assert drawings.ACCENT in picture
        assert "<script" not in picture


def test_the_designs_stay_small():
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 3_000_000
