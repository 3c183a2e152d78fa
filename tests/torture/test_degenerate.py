"""Regions and problems at the edge of what makes sense: a slice of what `make torture` plans, and what it finds."""

from collections import Counter
from dataclasses import replace

import pytest
from planning.brute_force import solve_by_brute_force
from planning.tiny_problems import allowed_plans

from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.solvers.solution import SolveSettings
from cosmolocal.versions import best_version
from torture import degenerate
from torture.degenerate import compare, find_best, make_problem, make_region, run


def test_a_slice_of_them_is_planned_right_by_every_solver():
    tried = run(12, 100)
    assert tried.wrong == ()
    assert tried.counts["plans"] > 60
    assert tried.counts["held against all choices"] > 18


def test_they_are_odd_and_yet_something_is_made():
    regions = [make_region(number) for number in range(300)]
    assert any(not region.workshops for region, _ in regions)
    assert any(not orders for _, orders in regions)
    spots = [{(each.lat, each.lon) for each in (*region.places, *region.workshops)} for region, _ in regions]
    assert sum(len(spot) == 1 for spot in spots) > 20
    problems = [make_problem(number) for number in range(300)]
    assert sum((problem.capacity == 0).any() for problem in problems) > 50
    assert any(problem.option_cost.max(initial=0) >= 10**12 for problem in problems)
    assert any((problem.unmet_cost == 0).any() for problem in problems)


@pytest.mark.parametrize("number", range(0, 120, 2))
def test_trying_all_choices_is_what_brute_force_of_the_tests_finds(number: int):
    problem = make_problem(number)
    least = find_best(problem)
    assert least is None or least == allowed_plans(problem)[0][0]


@pytest.mark.parametrize("number", range(40))
def test_plans_of_odd_regions_cost_what_brute_force_over_records_says(number: int):
    """Oracle: the audit's formulas, which share no code with options and solvers."""
    region, orders = make_region(number)
    orders = tuple(replace(order, quantity=min(order.quantity, 40)) for order in orders)[:2]
    best = solve_by_brute_force(region, orders, best_version)
    plan = plan_orders(region, orders, Provenance("odd", {}), SolveSettings(20.0, 0.0))
    assert plan.bound_cents <= best.cost_cents == plan.cost_cents


def test_a_bound_that_is_too_high_and_a_plan_that_is_too_dear_are_found(monkeypatch: pytest.MonkeyPatch):
    asked = degenerate.solve

    def boastful(problem, settings, watch):
        answer = asked(problem, settings, watch)
        return replace(answer, bound_cents=answer.bound_cents + 1)

    counts: Counter[str] = Counter()
    monkeypatch.setattr(degenerate, "solve", boastful)
    assert sum(bool(degenerate.try_problem(number, counts)) for number in range(5)) == 5
    assert compare({"auto": 9, "exact": 9}, {"auto": 9, "exact": 9}, 8)
    assert compare({"auto": 9, "exact": 8}, {"auto": 8, "exact": 8}, None)
    assert compare({"auto": 8, "prices": 9}, {"auto": 8, "prices": 7}, 8) == []


def test_what_crashes_is_found(monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> object:
        raise OverflowError("int too big to convert")

    monkeypatch.setattr(degenerate, "plan_orders", broken)
    assert any("OverflowError" in each for number in range(4) for each in degenerate.try_region(number, Counter()))
