"""The solver against an oracle that tries everything and shares no code with it."""

from dataclasses import replace

import pytest
from planning.brute_force import solve_by_brute_force
from planning.planned import audited, planned, tiny_plan
from planning.tiny_problems import allowed_choices, naive_cost, random_problem
from planning.tiny_regions import random_region

from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import PlanStatus, StoppedBy

SEEDS = range(260)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_solver_costs_what_the_oracle_costs(seed: int):
    """Proved best, right for the audit, and no dearer than the best of all plans there are."""
    region, orders, plan = tiny_plan(seed)
    assert audited(plan, region, orders).problems == ()
    assert (plan.status, plan.stopped_by) == (PlanStatus.OPTIMAL, StoppedBy.PROOF)
    assert plan.cost_cents == plan.bound_cents == solve_by_brute_force(region, orders).cost_cents


@pytest.mark.parametrize("seed", range(0, 260, 3))
def test_the_bound_holds_for_all_ways_however_few_are_considered(seed: int):
    region, orders = random_region(seed)
    few = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1, "price_rounds": seed % 5}
    plan = planned(replace(region, settings=replace(region.settings, **few)), orders)
    best = solve_by_brute_force(region, orders).cost_cents
    assert plan.bound_cents <= best <= plan.cost_cents


def test_the_tiny_regions_are_worth_solving():
    """Most have lots made here and lots imported, and overtime, fairness and parts made elsewhere all occur."""
    plans = [solve_by_brute_force(*random_region(seed)) for seed in SEEDS]
    assert sum(bool(plan.allocations) for plan in plans) > len(plans) // 2
    assert sum(bool(plan.allocations and plan.unmet) for plan in plans) > len(plans) // 5
    assert sum(plan.overtime_cents > 0 for plan in plans) > 10
    assert sum(plan.fairness_cents > 0 for plan in plans) > 10
    assert sum(any(len(row.legs) > 1 for row in plan.allocations) for plan in plans) > 10
    assert sum(any(row.cost.late_weeks for row in plan.allocations) for plan in plans) > 10


@pytest.mark.parametrize("seed", range(60))
def test_the_solver_finds_the_best_choice_of_a_bare_problem(seed: int):
    problem = random_problem(seed)
    solution = solve(problem, SolveSettings(gap=0.0), Watch())
    best = allowed_choices(problem)[0][0]
    assert solution.cost_cents == solution.bound_cents == best
    assert naive_cost(problem, solution.choice) == best
