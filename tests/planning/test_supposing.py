"""Plans of edited regions: whatever the edit, they pass the audit, and cost what a plan from scratch may cost."""

from dataclasses import replace

import pytest
from planning.planned import PROVED, PROVENANCE, audited, planned, tiny_plan

from cosmolocal.planning.supposing import plan_edited
from cosmolocal.records import Order, Region, WorkshopStatus
from cosmolocal.records.scenarios import ChangeDemand, ChangeHours, ChangePrice, CloseWorkshop, Scenario
from cosmolocal.scenarios import apply_scenario


def edited(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region with one or two edits."""
    region, orders, _ = tiny_plan(seed)
    shops = [shop.id for shop in region.workshops if shop.status is WorkshopStatus.ACTIVE]
    edits = [ChangeHours(50), ChangePrice(300), ChangeDemand(200), ChangeDemand(50), ChangeHours(300)]
    chosen = [edits[seed % 5], *([CloseWorkshop(shops[0])] if seed % 3 == 0 and shops else [])]
    return apply_scenario(region, orders, Scenario("one", "One", "", tuple(chosen)))


@pytest.mark.parametrize("seed", range(40))
def test_it_passes_the_audit_and_no_bound_is_above_another_plan(seed: int):
    base = tiny_plan(seed)[2]
    region, orders = edited(seed)
    found = plan_edited(region, orders, PROVENANCE, PROVED, base)
    assert audited(found, region, orders).problems == ()
    scratch = planned(region, orders)
    assert scratch.bound_cents <= found.cost_cents
    assert found.bound_cents <= scratch.cost_cents
    if found.status == scratch.status == "optimal":
        assert found.cost_cents == scratch.cost_cents


@pytest.mark.parametrize("seed", range(6))
def test_the_same_base_and_edit_give_the_same_plan(seed: int):
    base = tiny_plan(seed)[2]
    region, orders = edited(seed)
    first, second = (plan_edited(region, orders, PROVENANCE, PROVED, base) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("seed", range(6))
def test_without_an_edit_nothing_is_dearer_than_before(seed: int):
    region, orders, base = tiny_plan(seed)
    found = plan_edited(region, orders, PROVENANCE, replace(PROVED, gap=0.05), base)
    assert found.cost_cents <= base.cost_cents / 0.95
    assert found.changes is not None
    assert found.changes.previous == base.id


def test_a_lot_of_another_quantity_starts_where_it_was_and_is_told_to_have_another():
    region, orders, base = tiny_plan(5)
    edited_region, more = apply_scenario(region, orders, Scenario("one", "One", "", (ChangeDemand(200),)))
    found = plan_edited(edited_region, more, PROVENANCE, PROVED, base)
    assert found.changes is not None
    hindered = {row.lot: row.hindrance.code for row in found.changes.earlier if row.hindrance is not None}
    assert hindered
    assert set(hindered.values()) == {"other-quantity"}
