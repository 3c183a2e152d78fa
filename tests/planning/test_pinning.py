"""Where planners want lots: pins hold or say why not, forbidden workshops get nothing, and the rest is best."""

import random
from dataclasses import replace

import pytest
from planning.brute_force import highest, import_choice, list_choices, search
from planning.planned import PROVED, PROVENANCE, audited, tiny_plan
from planning.test_replanning import change_rates, standing
from planning.tiny_regions import random_region

from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.earlier import CarefulBuilder, HinderedError
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.pinning import find_place
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.records import Allocation, Declined, Order, Pinned, Plan, Region

SEEDS = range(30)


def wish_at_random(region: Region, plan: Plan, dice: random.Random) -> tuple[Pinned, ...]:
    """Pin some lots: where they are, elsewhere, or where nothing can be made."""
    shops = [shop.id for shop in region.workshops]
    pins = [Pinned(row.lot, row.workshop, row.week) for row in plan.allocations if dice.random() < 0.3]
    pinned = {pin.lot for pin in pins}
    pins += [
        Pinned(row.lot, dice.choice(shops), dice.randrange(region.settings.weeks))
        for row in (*plan.allocations, *plan.unmet)
        if row.lot not in pinned and dice.random() < 0.5
    ]
    return tuple(sorted(pins, key=lambda pin: pin.lot))


def places(plan: Plan) -> dict[str, tuple[str, int]]:
    return {row.lot: (row.workshop, row.week) for row in plan.allocations}


def follow(seed: int, pinned: tuple[Pinned, ...] | None = None, most_moves: int | None = None):
    dice = random.Random(seed)
    region, orders, first = tiny_plan(seed)
    pinned = wish_at_random(region, first, dice) if pinned is None else pinned
    changed = change_rates(region, dice)
    plan = replan_orders(changed, orders, PROVENANCE, PROVED, Previous(first, {}, (), most_moves, 0, pinned))
    return changed, orders, first, plan


@pytest.mark.parametrize("most_moves", [None, 0])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_pinned_lot_is_where_it_is_wanted_or_the_plan_says_why_not(seed: int, most_moves: int | None):
    region, orders, _, plan = follow(seed, most_moves=most_moves)
    assert audited(plan, region, orders).problems == ()
    for pin in plan.changes.pinned:
        if pin.hindrance is None:
            assert places(plan)[pin.lot] == (pin.workshop, pin.week)
    held = {pin.lot for pin in plan.changes.pinned if pin.hindrance is None}
    for move in plan.changes.moves:
        if move.lot in held:
            assert move.forced
    if most_moves == 0:
        assert plan.changes.counted_moves == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pin_is_refused_only_where_no_way_ends_there_in_that_week(seed: int):
    """Held against the oracle's list of all choices; a lot alone needs no more than the capacities."""
    region, orders = random_region(seed)
    facts, ground = Facts(region, orders, highest), Ground(region)
    by_id = {order.id: order for order in orders}
    for lot in cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order):
        rows = [choice.row for choice in list_choices(facts, facts.demands[lot.id])]
        possible = {(row.workshop, row.week) for row in rows if isinstance(row, Allocation)}
        for shop in region.workshops:
            for week in range(-1, region.settings.weeks + 1):
                try:
                    present = find_place(
                        CarefulBuilder(ground, {}), lot, by_id[lot.order], Pinned(lot.id, shop.id, week)
                    )
                except HinderedError as error:
                    if error.reason.code not in ("too-large-there", "no-load"):
                        assert (shop.id, week) not in possible, error.reason
                else:
                    assert (shop.id, week) in possible
                    assert (present.way.workshop, present.week) == (shop.id, week)


@pytest.mark.parametrize("seed", SEEDS)
def test_lots_pinned_where_they_are_stay_and_all_others_are_planned_best(seed: int):
    _, orders, first = tiny_plan(seed)
    chosen = [row for row in first.allocations if random.Random(seed).random() < 0.5]
    pins = tuple(Pinned(row.lot, row.workshop, row.week) for row in chosen)
    changed, _, _, plan = follow(seed, pins)
    facts = Facts(changed, orders, highest)
    old = {row.lot: standing(row) for row in chosen}
    menus = []
    for lot, demand in facts.demands.items():
        menu = [*list_choices(facts, demand), import_choice(facts, demand)]
        menus.append(
            [
                each
                for each in menu
                if lot not in old or (isinstance(each.row, Allocation) and standing(each.row) == old[lot])
            ]
        )
    least, _ = search(facts, menus)
    assert plan.cost_cents == least
    assert all(pin.hindrance is None for pin in plan.changes.pinned)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_forbidden_workshop_does_nothing_of_the_lot_and_may_be_asked_again_later(seed: int):
    region, orders, first = tiny_plan(seed)
    forbidden = tuple(Declined(row.lot, row.workshop, "a feud") for row in first.allocations)
    plan = replan_orders(region, orders, PROVENANCE, PROVED, Previous(first, {}, forbidden=forbidden))
    assert audited(plan, region, orders).problems == ()
    closed = {(row.lot, row.workshop) for row in forbidden}
    assert closed.isdisjoint((row.lot, task.workshop) for row in plan.allocations for task in row.tasks)
    assert all(move.forced and move.why.code == "forbidden" for move in plan.changes.moves)
    again = replan_orders(region, orders, PROVENANCE, PROVED, Previous(plan, {}))
    assert again.changes.forbidden == ()
    assert again.cost_cents == first.cost_cents, "taken back, the free plan is as good as ever"


def test_wishes_change_the_id_and_none_changes_nothing():
    region, orders, first = tiny_plan(5)
    row = first.allocations[0]
    plain = replan_orders(region, orders, PROVENANCE, PROVED, Previous(first, {}))
    pinned = Previous(first, {}, pinned=(Pinned(row.lot, row.workshop, row.week),))
    assert replan_orders(region, orders, PROVENANCE, PROVED, pinned).id != plain.id
    assert replan_orders(region, orders, PROVENANCE, PROVED, replace(pinned, pinned=())).id == plain.id


def test_a_pin_of_a_lot_that_is_no_longer_ordered_is_passed_over():
    region, orders, first = tiny_plan(5)
    left: tuple[Order, ...] = tuple(order for order in orders if order.id != first.allocations[0].order)
    pins = tuple(Pinned(row.lot, row.workshop, row.week) for row in first.allocations)
    plan = replan_orders(region, left, PROVENANCE, PROVED, Previous(first, {}, pinned=pins))
    assert {pin.lot for pin in plan.changes.pinned} == {
        row.lot for row in first.allocations if row.order in {o.id for o in left}
    }
