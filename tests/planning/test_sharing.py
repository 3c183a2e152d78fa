"""Lots that share trips, and hubs: against the oracle, and laws."""

from dataclasses import replace

import pytest
from planning.brute_force import solve_by_brute_force
from planning.planned import audited, planned
from planning.shared_regions import shared_region

from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.solvers.solution import SolveSettings
from cosmolocal.records import PlanStatus

SEEDS = range(120)
NARROW = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1}


@pytest.mark.parametrize("seed", SEEDS)
def test_with_shared_trips_the_solver_costs_what_the_oracle_costs(seed: int):
    region, orders = shared_region(seed)
    plan = planned(region, orders)
    assert audited(plan, region, orders).problems == ()
    assert (plan.status, plan.bound_cents) == (PlanStatus.OPTIMAL, plan.cost_cents)
    assert plan.cost_cents == solve_by_brute_force(region, orders).cost_cents


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_any_ways_beats_the_bound_of_a_few_options(seed: int, rounds: int):
    """Oracle: brute force over all ways, modes and hubs."""
    region, orders = shared_region(seed)
    best = solve_by_brute_force(region, orders)
    narrow = replace(region, settings=replace(region.settings, **NARROW, price_rounds=rounds))
    plan = plan_orders(narrow, orders, Provenance("tiny", {}), SolveSettings(seconds=10, gap=0.0))
    assert audited(plan, narrow, orders).problems == ()
    assert plan.bound_cents <= best.cost_cents <= plan.cost_cents
