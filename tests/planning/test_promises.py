"""Quotes beside a plan: brute force over all ways and weeks is the oracle, the audit the judge."""

from dataclasses import replace
from functools import cache

import pytest
from planning.brute_force import cost_of_import, costs_beside
from planning.planned import audited, planned
from planning.tiny_regions import random_region

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.free_room import find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.offers import Offer
from cosmolocal.planning.promises import Promise, PromiseDesk
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
