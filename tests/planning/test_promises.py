"""Quotes beside a plan: brute force over all ways and weeks is the oracle, the audit the judge."""

from dataclasses import replace
from functools import cache

import pytest
from planning.brute_force import cost_of_import, costs_beside
from planning.planned import audited, planned, tabled
from planning.tiny_regions import random_region

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.fixes import apply_fix, is_applicable
from cosmolocal.planning.free_room import find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.offers import Offer
from cosmolocal.planning.promises import Promise, PromiseDesk
from cosmolocal.planning.solvers.room import Room
from cosmolocal.records import Order, Plan, Region

SEEDS = range(260)


@cache
def case(seed: int) -> tuple[Region, tuple[Order, ...], Plan, Order]:
    """Return a region, its order book and plan, and one order more."""
    region, orders = random_region(seed)
    *others, last = orders
    return region, tuple(others), planned(region, others), replace(last, splittable=False)


def desk(region: Region, plan: Plan) -> PromiseDesk:
    resources = Resources(Ground(region))
    return PromiseDesk(resources, find_loads(resources, plan.allocations))


@cache
def promised(seed: int) -> Promise:
    region, _, plan, order = case(seed)
    return desk(region, plan).promise(order)


def accepted(plan: Plan, offer: Offer) -> Plan:
    """Return the plan with an offer in it."""
    return replace(
        plan,
        allocations=(*plan.allocations, offer.allocation),
        cost_cents=plan.cost_cents + offer.total_cents,
        overtime_cents=plan.overtime_cents + offer.overtime_cents,
        fairness_cents=plan.fairness_cents + offer.fairness_cents,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_answer_is_the_earliest_week_and_the_least_cost_in_it(seed: int):
    region, _, plan, order = case(seed)
    costs, found = costs_beside(region, plan, order), promised(seed)
    assert found.is_proved
    if not costs:
        assert found.offer is None
        assert found.reasons
        return
    assert found.offer is not None
    assert (found.offer.allocation.week, found.offer.total_cents) == min(costs)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_ways_there_are_can_be_offered_cheapest_first(seed: int):
    region, _, plan, order = case(seed)
    search = desk(region, plan).search(order)
    found = [] if search is None else [each.total_cents for each in search.offers(search.weeks())]
    assert found == sorted(cents for _, cents in costs_beside(region, plan, order))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_that_takes_the_offer_passes_its_audit(seed: int):
    """But for what a promise does not tell: the share of all orders that is made here, and the new plan's status."""
    region, orders, plan, order = case(seed)
    offer = promised(seed).offer
    if offer is not None:
        problems = audited(accepted(plan, offer), region, (*orders, order)).problems
        assert [problem for problem in problems if problem.code not in ("P056", "P057")] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cost_of_importing_stands_beside(seed: int):
    region, _, _, order = case(seed)
    assert promised(seed).imported == cost_of_import(region, order)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_said_to_help_helps(seed: int):
    region, _, plan, order = case(seed)
    for fix in promised(seed).fixes:
        if is_applicable(fix):
            changed, (wanted,) = apply_fix(region, (order,), fix)
            assert desk(changed, plan).promise(wanted).offer is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reason_says_when_importing_is_cheaper(seed: int):
    found = promised(seed)
    if found.offer is not None:
        is_cheaper = found.imported.total_cents < found.offer.total_cents
        assert [reason.code for reason in found.reasons] == (["import-cheaper"] if is_cheaper else [])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_try_of_the_same_order_beside_the_plan_is_better(seed: int):
    """All options of the planner, all other lots frozen: none is earlier, and none is cheaper in that week."""
    region, _, plan, order = case(seed)
    table = tabled(region, [order])
    room = Room(table.options.problem)
    room.loads += find_loads(table.options.resources, plan.allocations)
    found = []
    for option in range(table.options.problem.option_count):
        if room.fits(option):
            cents = int(table.options.problem.option_cost[option]) + room.change(option, +1)
            room.change(option, -1)
            found.append((int(table.options.option_week[option]), cents))
    offer = promised(seed).offer
    assert (None if offer is None else (offer.allocation.week, offer.total_cents)) == min(found, default=None)


@pytest.mark.parametrize("seed", range(0, 260, 5))
def test_alternatives_are_the_cheapest_of_all_weeks(seed: int):
    region, _, plan, order = case(seed)
    found, window = promised(seed), desk(region, plan)
    others = window.alternatives(found, 4)
    costs = sorted(cents for _, cents in costs_beside(region, plan, order))
    assert [offer.total_cents for offer in others] == sorted(offer.total_cents for offer in others)
    assert found.offer is None or found.offer.total_cents == costs[0] or others[0].total_cents == costs[0]
    cells = [(offer.allocation.week, offer.workshops) for offer in others]
    assert len(set(cells)) == len(cells)
    assert found.offer is None or (found.offer.allocation.week, found.offer.workshops) not in cells


def test_accepting_one_promise_after_another_keeps_every_capacity():
    """A whole book, each order beside those before it: the plan that comes out passes its audit."""
    for seed in range(40):
        region, orders = random_region(seed)
        resources = Resources(Ground(region))
        made: list[Offer] = []
        for order in orders:
            loads = find_loads(resources, [offer.allocation for offer in made])
            offer = PromiseDesk(resources, loads).promise(replace(order, splittable=False)).offer
            made += [] if offer is None else [offer]
        bare = replace(case(seed)[2], allocations=(), unmet=(), cost_cents=0, overtime_cents=0, fairness_cents=0)
        for offer in made:
            bare = accepted(bare, offer)
        problems = audited(bare, region, [replace(order, splittable=False) for order in orders]).problems
        # lots that are refused are not in it, and nothing is said of share and bound
        assert {problem.code for problem in problems} <= {"P004", "P055", "P056", "P057"}


def test_the_regions_are_worth_asking_in():
    """Offers with parts made elsewhere, with overtime and fairness; refusals of many kinds, and fixes for some."""
    found = [promised(seed) for seed in SEEDS]
    offers = [each.offer for each in found if each.offer is not None]
    assert len(offers) > len(SEEDS) // 3
    assert sum(len(offer.workshops) > 1 for offer in offers) > 3
    assert sum(offer.overtime_cents > 0 for offer in offers) > 10
    assert sum(offer.fairness_cents > 0 for offer in offers) > 10
    refusals = {reason.code for each in found if each.offer is None for reason in each.reasons}
    assert refusals >= {"too-late", "radius", "no-process", "too-large", "unknown-requirement"}
    assert sum(is_applicable(fix) for each in found for fix in each.fixes) > 10
