"""Shared trips over streets, where each mode goes at its own distances: the oracle, the audit, and laws."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from planning.brute_force import costs_beside, solve_by_brute_force
from planning.planned import PROVED, PROVENANCE, audited, planned
from planning.shared_regions import shared_street_region
from planning.workbench import Case, edit

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.free_room import find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.haulage import NEVER, Reach
from cosmolocal.planning.promises import PromiseDesk
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.solvers.solution import SolveSettings
from cosmolocal.planning.ways import WayFinder, haul_weight
from cosmolocal.records import LotState, Plan, PlanStatus

SEEDS = range(60)
NARROW = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1}


@cache
def shared_plan(seed: int) -> Plan:
    return planned(*shared_street_region(seed))


@cache
def best_shared(seed: int) -> Plan:
    return solve_by_brute_force(*shared_street_region(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_with_shared_trips_over_streets_the_solver_costs_what_the_oracle_costs(seed: int):
    region, orders = shared_street_region(seed)
    plan = shared_plan(seed)
    assert audited(plan, region, orders).problems == ()
    assert (plan.status, plan.bound_cents) == (PlanStatus.OPTIMAL, plan.cost_cents)
    assert plan.cost_cents == best_shared(seed).cost_cents


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_holds_however_few_ways_are_considered(seed: int):
    region, orders = shared_street_region(seed)
    narrow = replace(region, settings=replace(region.settings, **NARROW, price_rounds=seed % 3))
    plan = planned(narrow, orders, SolveSettings(seconds=10, gap=0.0))
    assert audited(plan, narrow, orders).problems == ()
    assert plan.bound_cents <= best_shared(seed).cost_cents <= plan.cost_cents


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_of_hauls_holds_what_each_haul_weighs(seed: int):
    region, _ = shared_street_region(seed)
    ground = Ground(region)
    rows, columns = np.arange(len(ground.shops)), np.arange(len(ground.routes.links.places))
    for limit_m in (None, 4_000):
        finder = WayFinder(ground, 1 + seed % 30)
        for bill in (
            found for key in ground.catalogue.by_key if isinstance(found := ground.catalogue.bill(key), TaskNode)
        ):
            weights = ground.haulage.weights(
                (bill.mass_g, bill.quantity * finder.quantity), rows, columns, Reach(limit_m)
            )
            for row, shop in enumerate(ground.shops):
                for column, place in enumerate(ground.routes.links.places):
                    carried = finder.carry(bill, shop, place.id, limit_m)
                    assert weights[row, column] == (NEVER if carried is None else haul_weight(ground, carried))


@pytest.mark.parametrize("seed", range(30))
def test_a_quote_costs_what_the_lot_adds_to_the_trips_that_are_made_anyway(seed: int):
    region, orders = shared_street_region(seed)
    *others, last = orders
    plan, order = planned(region, others), replace(last, splittable=False)
    resources = Resources(Ground(region))
    found = PromiseDesk(resources, find_loads(resources, plan.allocations)).promise(order)
    costs = costs_beside(region, plan, order)
    assert found.is_proved
    assert (found.offer is None) == (not costs)
    if found.offer is not None:
        assert (found.offer.allocation.week, found.offer.total_cents) == min(costs)


@pytest.mark.parametrize("seed", range(30))
def test_a_plan_that_follows_another_passes_its_audit_and_keeps_its_modes(seed: int):
    region, orders = shared_street_region(seed)
    first = shared_plan(seed)
    said = {row.lot: LotState.ACCEPTED for row in first.allocations[::2]}
    dearer = replace(region, settings=replace(region.settings, co2e_cents_per_kg=900))
    plan = replan_orders(dearer, orders, PROVENANCE, PROVED, Previous(first, states=said, most_moves=None))
    assert audited(plan, dearer, orders).problems == ()
    assert plan.bound_cents <= plan.cost_cents
    assert plan.cost_cents >= solve_by_brute_force(dearer, orders).cost_cents


@cache
def cases() -> list[Case]:
    return [Case(shared_plan(seed), *shared_street_region(seed)) for seed in SEEDS]


def test_the_regions_are_worth_solving():
    """Lots share trips, hubs pass loads on, and modes go unlike distances on the legs that are taken."""
    legs = [[leg for row in case.plan.allocations for leg in row.legs] for case in cases()]
    assert (
        sum(
            sum(leg.trips == 0 for leg in each) > len(case.plan.trips) for case, each in zip(cases(), legs, strict=True)
        )
        >= 3
    )
    assert any(leg.to_place == "hub" for each in legs for leg in each)
    unlike = 0
    for case in cases():
        ground = Ground(case.region)
        for row in case.plan.allocations:
            routes = [ground.routes.find(leg.from_place, leg.to_place) for leg in row.legs if leg.from_place != "hub"]
            unlike += sum(route is not None and len(set(route.modes_m)) > 1 for route in routes)
    assert unlike >= 10


def test_the_audit_finds_a_mode_at_the_distance_of_another():
    planted = 0
    for case in cases():
        for number, row in enumerate(case.plan.allocations):
            leg = row.legs[0]
            route = Ground(case.region).routes.find(leg.from_place, leg.to_place)
            modes = [mode.id for mode in case.region.network.modes]
            for other, length in zip(modes, route.modes_m, strict=True) if route is not None else ():
                if leg.mode != other and abs(length - leg.distance_m) > 50:
                    path = f"allocations.{number}.legs.0.mode"
                    assert set(replace(case, plan=edit(case.plan, path, other)).codes()) & {"P034", "P130"}
                    planted += 1
    assert planted >= 5
