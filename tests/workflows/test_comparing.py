"""Two versions side by side: what the step means for planning."""

from dataclasses import replace

import pytest
from planning.tiny_regions import random_region
from planning.workbench import CUT, REGION, design

from cosmolocal.errors import NotFoundError
from cosmolocal.records import BomLine, Operation, Part, Process, Vocabulary, to_plain
from cosmolocal.workflows.comparing import compare_versions

SHADE = Part("shade", 500, (CUT,))
SEW = Operation("sewing", 300, 60)
BOLT = BomLine(3, bought="bolt", cost_cents=9, mass_g=5)
LAMP = design("lamp", (Part("", None, (SEW,)), SHADE), (BomLine(2, part="shade"), BOLT))
SMALL = replace(CUT, seconds=400, envelope_mm=(900, 900, 900))
NEXT = replace(
    LAMP,
    version="1.1.0",
    parts=(Part("", None, (SEW,)), replace(SHADE, mass_g=400, operations=(SMALL,))),
    bom=(BomLine(3, part="shade"), replace(BOLT, quantity=2)),
)
FORK = replace(LAMP, id="them~lamp", version="0.1.0", derived_from=("us~lamp@1.0.0",))
BAG = replace(LAMP, version="2.0.0", parts=(Part("", 70, (SEW,)),), bom=())
SECRET = replace(BAG, version="3.0.0", parts=(Part("", 70, (replace(SEW, seconds=None),)),))
STORE = replace(
    REGION,
    vocabulary=Vocabulary((*REGION.vocabulary.processes, Process("sewing", "Sewing"))),
    designs=(LAMP, NEXT, BAG, SECRET, FORK),
)


def compared(old: str, new: str) -> dict:
    return compare_versions(STORE, "us~lamp", old, new)


def test_figures_of_a_unit_are_added_over_the_bill_of_materials():
    """Two shades of ten minutes become three of six minutes forty; three bolts become two."""
    planning = compared("1.0.0", "1.1.0")["planning"]
    assert planning["processes"] == [
        {"process": "cutting", "seconds": {"old": 1200, "new": 1200}, "setup_seconds": {"old": 120, "new": 120}},
        {"process": "sewing", "seconds": {"old": 300, "new": 300}, "setup_seconds": {"old": 60, "new": 60}},
    ]
    assert planning["mass_g"] == {"old": 1015, "new": 1210}
    assert planning["bought_cents"] == {"old": 27, "new": 18}
    assert planning["material_cents"] == {"old": 500, "new": 750}
    assert planning["cheapest_cents"]["new"] is None


def names(rows) -> list[str]:
    return [row["workshop"] for row in rows]


def test_a_workshop_that_cannot_make_it_any_more_says_why():
    shops = compared("1.0.0", "1.1.0")["planning"]["workshops"]
    assert (names(shops["lost"]), names(shops["stayed"]), shops["gained"]) == (["south"], [], [])
    assert names(shops["neither"]) == ["north", "spare"]
    [reason] = shops["lost"][0]["because"]
    assert "large enough" in reason["text"]
    back = compared("1.1.0", "1.0.0")["planning"]["workshops"]
    assert (names(back["gained"]), back["lost"]) == (["south"], [])


def test_what_is_unknown_is_neither_lost_nor_kept():
    planning = compared("2.0.0", "3.0.0")["planning"]
    assert names(planning["workshops"]["unknown"]) == ["south"]
    assert planning["processes"][0]["seconds"] == {"old": 300, "new": None}


def test_a_fork_is_compared_by_its_full_name():
    found = compared("1.0.0", "them~lamp@0.1.0")
    assert (found["old"], found["new"]) == ("us~lamp@1.0.0", "them~lamp@0.1.0")
    assert {field["name"] for field in found["fields"]} == {"id", "version", "derived_from"}
    assert names(found["planning"]["workshops"]["stayed"]) == ["south"]


@pytest.mark.parametrize(("old", "new"), [("1.0.0", "9.0.0"), ("9.0.0", "1.0.0"), ("1.0.0", "us~lamb@1.0.0")])
def test_a_version_that_does_not_exist_is_not_found(old: str, new: str):
    with pytest.raises(NotFoundError):
        compared(old, new)


def test_the_keys_stay():
    found = compared("1.0.0", "1.1.0")
    assert list(found) == ["old", "new", "files", "fields", "bom", "operations", "planning"]
    assert list(found["files"]) == ["added", "removed", "changed", "renamed"]
    assert list(found["planning"]["workshops"]) == ["stayed", "lost", "gained", "unknown", "neither"]
    assert found == to_plain(found)


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_every_workshop_stands_once_and_the_way_back_mirrors_the_way_there(seed: int):
    region, _ = random_region(seed)
    first, last = region.designs[0], region.designs[-1]
    there = compare_versions(region, first.id, first.version, last.key)["planning"]
    back = compare_versions(region, last.id, last.version, first.key)["planning"]
    shops = there["workshops"]
    assert sorted(name for rows in shops.values() for name in names(rows)) == sorted(s.id for s in region.workshops)
    mirror = {"stayed": "stayed", "lost": "gained", "gained": "lost", "unknown": "unknown", "neither": "neither"}
    assert {kind: names(shops[kind]) for kind in mirror} == {
        kind: names(back["workshops"][other]) for kind, other in mirror.items()
    }
    for name in ("mass_g", "bought_cents", "material_cents", "cheapest_cents", "fault"):
        assert (there[name]["old"], there[name]["new"]) == (back[name]["new"], back[name]["old"])


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_a_version_and_itself_make_no_difference(seed: int):
    region, _ = random_region(seed)
    for one in region.designs:
        found = compare_versions(region, one.id, one.version, one.version)
        lists = [*found["files"].values(), *found["bom"].values(), found["fields"], found["operations"]]
        assert not any(lists)
        planning = found["planning"]
        assert not planning["workshops"]["lost"] + planning["workshops"]["gained"]
        for row in planning["processes"]:
            assert row["seconds"]["old"] == row["seconds"]["new"]
