"""Who can make a design, as commands and pages tell it."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from planning.planned import planned
from planning.workbench import MONDAY, REGION

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import Operation, Order
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.makers import find_design, find_gaps, find_ground, list_makers

SAMPLE = Path(__file__).parent.parent.parent


def test_a_figure_is_told_with_its_terms_and_for_one_unit():
    found = list_makers(REGION, "us~shelf", 3, "home")
    assert found["design"] == "us~shelf@1.0.0"
    assert found["counts"] == {"can": 1, "together": 0, "unknown": 0, "cannot": 2}
    best = found["workshops"][0]
    assert (best["workshop"], best["ability"], best["monday"]) == ("north", "can", MONDAY.isoformat())
    terms = best["cost"]["total_cents"] + best["overtime_cents"] + best["fairness_cents"]
    assert best["total_cents"] == terms
    assert 3 * (best["unit_cents"] - 1) < best["total_cents"] <= 3 * best["unit_cents"]
    assert best["legs"][-1]["to_place"] == "home"
    assert found["imported"]["total_cents"] > 0


def test_who_cannot_stands_last_with_a_sentence():
    last = list_makers(REGION, "us~shelf")["workshops"][1:]
    assert {row["workshop"]: row["because"][0]["text"] for row in last} == {
        "south": "It has no machine for Cutting, which putting the design together needs.",
        "spare": "It makes nothing now: its status is planned.",
    }
    assert all(row["total_cents"] is None and row["cost"] is None for row in last)


def test_a_due_date_that_cannot_be_kept_costs_lateness():
    soon = list_makers(REGION, "us~shelf", 1, "home", MONDAY - timedelta(days=1))["workshops"][0]
    late = soon["cost"]["lateness_cents"]
    assert (late > 0, soon["cost"]["late_weeks"]) == (True, 1)
    assert list_makers(REGION, "us~shelf", 1, "home", MONDAY)["workshops"][0]["cost"]["lateness_cents"] == 0


@pytest.mark.parametrize("quantity", [0, -1, 10_000_001])
def test_a_quantity_below_one_or_beyond_all_measure_is_refused(quantity: int):
    with pytest.raises(InputError) as caught:
        list_makers(REGION, "us~shelf", quantity)
    assert [problem.code for problem in caught.value.problems] == ["D081"]


@pytest.mark.parametrize(("name", "place"), [("us~lamb", None), ("us~shelf@9.0.0", None), ("us~shelf", "nowhere")])
def test_an_unknown_design_or_place_is_not_found(name: str, place: str | None):
    with pytest.raises(NotFoundError):
        list_makers(REGION, name, 1, place)


def test_a_withdrawn_version_is_only_found_by_its_name():
    shelf = REGION.designs[0]
    catalogue = find_ground(replace(REGION, designs=(shelf, replace(shelf, version="1.1.0", yanked="bad")))).catalogue
    assert find_design(catalogue, "us~shelf").version == "1.0.0"
    assert find_design(catalogue, "us~shelf@1.1.0").yanked == "bad"


def test_routes_are_found_once_for_a_region_but_nothing_else_is_shared():
    one, other = find_ground(REGION), find_ground(REGION)
    assert one is not other
    assert one.routes is other.routes
    moved = replace(REGION, network=replace(REGION.network, detour_factor=2.0))
    assert find_ground(moved).routes is not one.routes


@pytest.mark.parametrize(("slug", "quantity"), [("microscope", 5), ("microscope", 60), ("cargo-trailer", 8)])
def test_in_the_sample_the_cheapest_figure_is_what_a_plan_of_the_order_costs(slug: str, quantity: int):
    """Five microscopes and eight trailers are made here; no week has room for sixty, so they are imported."""
    region = Workspace(SAMPLE).region()
    order = Order("A", f"cosmolocal-sample~{slug}", "*", quantity, "el-poblenou", date(2026, 10, 9))
    plan = planned(region, (order,))
    found = list_makers(region, order.design, quantity, order.place, order.due_date)
    best = found["workshops"][0]["total_cents"]
    assert plan.cost_cents == (found["imported"]["total_cents"] if best is None else best)
    assert (best is None) == (not plan.allocations)
    assert len(found["workshops"]) == len(region.workshops)


def test_of_a_quantity_that_fits_no_week_the_largest_lot_is_told():
    """The lot that is told has a figure, one unit more has none."""
    region = Workspace(SAMPLE).region()
    name = "cosmolocal-sample~microscope"
    found = list_makers(region, name, 200)
    largest = found["largest_lot"]
    assert all(row["total_cents"] is None for row in found["workshops"])
    assert list_makers(region, name, largest)["workshops"][0]["total_cents"] is not None
    assert list_makers(region, name, largest + 1)["workshops"][0]["total_cents"] is None
    assert list_makers(region, name, 1)["largest_lot"] is None


@pytest.mark.parametrize(
    ("changes", "gaps"),
    [
        ({}, []),
        ({"process": "magic"}, ["process"]),
        ({"process": None, "unknown": ("process",)}, []),
        ({"material": "tar"}, ["material"]),
        ({"material": None, "unknown": ("material",)}, []),
        ({"envelope_mm": (90_000, 90_000, 9)}, ["envelope"]),
        ({"material": "tar", "envelope_mm": (90_000, 90_000, 9)}, ["envelope", "material"]),
    ],
)
def test_what_no_machine_of_the_region_does_is_a_gap(changes: dict, gaps: list[str]):
    step = replace(Operation("fdm-printing", 60, material="pla", envelope_mm=(9, 9, 9)), **changes)
    found = find_gaps(Workspace(SAMPLE).region(), (step,))
    assert [(gap.row, gap.field) for gap in found] == [(0, field) for field in gaps]
    for gap in found:
        assert ("pla" in gap.offered) == (gap.field == "material")


def test_what_only_different_machines_do_is_a_gap_too():
    shop = next(shop for shop in REGION.workshops if shop.id == "north")
    group = shop.groups[0]
    wood = replace(group, id="wood", materials=("wood",), envelope_mm=(10, 10, 10))
    steel = replace(group, id="steel", materials=("steel",), envelope_mm=(99, 99, 99))
    region = replace(REGION, workshops=(replace(shop, groups=(wood, steel)),))
    both = Operation(group.process, 60, material="wood", envelope_mm=(50, 50, 50))
    assert [gap.field for gap in find_gaps(region, (both,))] == ["together"]
    assert find_gaps(region, (replace(both, material="steel"),)) == ()
