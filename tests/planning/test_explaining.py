"""Each lot of a plan explained at once: every claim is counted again the slow way, or solved again."""

from dataclasses import replace

import numpy as np
import pytest
from planning.naive_alternatives import naive_alternatives
from planning.planned import tabled
from planning.tiny_problems import (
    as_dict,
    empty_problem,
    ints,
    middle_problem,
    naive_cost_of,
    naive_faults,
    random_divisible_problem,
    random_flow,
    random_problem,
)
from planning.tiny_regions import random_region
from planning.town import town

from cosmolocal.planning.alternatives import find_alternatives
from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.problem import PlanningProblem, Taken
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.explaining import NO_OPTION, explain, find_moves, split_gap
from cosmolocal.planning.solvers.relaxation import find_prices, lagrangian_bound
from cosmolocal.planning.solvers.solution import Solution, SolveSettings, Watch

PROBLEMS = [
    *(random_problem(seed) for seed in range(30)),
    *(random_divisible_problem(seed) for seed in range(30)),
    middle_problem(2, lots=60),
    empty_problem(),
    empty_problem(lots=2, options=0, resources=2),
]


def solved(problem: PlanningProblem, gap: float = 0.1) -> Solution:
    return solve(problem, SolveSettings(10, gap), Watch())


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_gap_splits_exactly(problem: PlanningProblem):
    """Law: cost − bound = Σ lots + Σ idle + Σ steps, whatever the plan and the prices, each part ≥ 0."""
    dice = np.random.default_rng(0)
    solution = solved(problem)
    nothing = Taken(ints([]), ints([]))
    wild = ints(dice.integers(0, 40_000, problem.resource_count))
    for taken in (solution.taken, nothing):
        for prices in (solution.prices, wild, ints(np.zeros(problem.resource_count))):
            split = split_gap(problem, taken, prices)
            assert split.total == 1000 * naive_cost_of(problem, as_dict(taken)) - split.bound
            assert min(int(part.min(initial=0)) for part in (split.lots, split.idle, split.steps)) == 0
            assert lagrangian_bound(problem, prices) == max(0, -(-split.bound // 1000))


def moved(solution: Solution, lot: int, option: int) -> dict[int, int]:
    """Return what is taken once a unit of a lot has moved."""
    taken, old = as_dict(solution.taken), int(solution.choice[lot])
    if old >= 0:
        taken[old] -= 1
    if option >= 0:
        taken[option] = taken.get(option, 0) + 1
    return {each: units for each, units in taken.items() if units}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_move_costs_what_is_said(problem: PlanningProblem):
    """The next best place and each other one: the plan's cost is counted anew with the move made."""
    solution = solved(problem)
    cost = solution.cost_cents
    found = explain(problem, solution.taken, solution.prices).next
    moves = find_moves(problem, solution.choice, problem.resource_count)
    is_whole = problem.lot_units is None or not (problem.lot_units > 1).any()
    for lot in range(problem.lot_count):
        old, with_room, full = int(solution.choice[lot]), {}, {}
        if old >= 0:
            with_room[-1] = naive_cost_of(problem, moved(solution, lot, -1)) - cost
        elif solution.taken.option.size and problem.unmet_units(solution.taken)[lot] == 0:
            continue
        for option in range(problem.option_start[lot], problem.option_start[lot + 1]):
            if option == old:
                continue
            plan = moved(solution, lot, option)
            if naive_faults(problem, plan):
                full[option] = None
            else:
                with_room[option] = naive_cost_of(problem, plan) - cost
            if is_whole:
                assert moves.is_full[option] == moves.lacks_named[option] == (option in full)
                assert option in full or moves.extra_cents[option] == with_room[option]
        best = int(found.option[lot])
        assert (best == NO_OPTION) == (not with_room)
        assert not with_room or found.extra_cents[lot] == with_room[best] == min(with_room.values())
        short = int(found.full_option[lot])
        assert (short in full) if full else short == NO_OPTION
        if full:
            assert_lacks(problem, moved(solution, lot, short), found.full_resource[lot], found.full_lack[lot])


def assert_lacks(problem: PlanningProblem, plan: dict[int, int], resource: int, lack: int) -> None:
    """Check that with so much more of a resource, and no less, it is not overloaded."""
    for more, is_enough in ((lack, True), (lack - 1, False)):
        capacity = problem.capacity.copy()
        capacity[resource] += more
        faults = naive_faults(replace(problem, capacity=capacity), plan)
        assert any(fault.startswith(f"resource {resource}:") for fault in faults) is not is_enough


@pytest.mark.parametrize("problem", PROBLEMS[::5])
def test_what_a_lot_pays_is_its_resources_at_their_prices(problem: PlanningProblem):
    solution = solved(problem)
    paid = explain(problem, solution.taken, solution.prices).paid
    assert paid.sum() == (problem.loads_of(solution.taken) * solution.prices).sum()


@pytest.mark.parametrize("seed", range(60))
def test_alternatives_are_those_that_looking_lot_by_lot_finds(seed: int):
    table = tabled(*random_region(seed)).options
    choice = solved(table.problem).choice
    assert find_alternatives(table, choice) == naive_alternatives(table, choice)


def test_alternatives_of_a_town_are_those_that_looking_lot_by_lot_finds():
    table = tabled(*town(1, 90)).options
    choice = solved(table.problem).choice
    found = find_alternatives(table, choice)
    assert found == naive_alternatives(table, choice)
    assert any(other.lacks for row in found for other in row)


@pytest.mark.parametrize("seed", range(25))
def test_costs_of_steps_are_those_of_taking_them_one_by_one(seed: int):
    problem = random_problem(seed)
    for load in np.random.default_rng(seed).integers(0, 200, (20, problem.resource_count)):
        missing = np.maximum(load - problem.capacity, 0).tolist()
        costs = [0] * problem.resource_count
        rows = zip(problem.step_resource, problem.step_size, problem.step_blocks, problem.step_cost, strict=True)
        for resource, size, blocks, cost in rows:
            taken = min(int(blocks), -(-missing[resource] // int(size)))
            costs[resource] += taken * int(cost)
            missing[resource] = max(0, missing[resource] - taken * int(size))
        assert problem.step_costs(ints(load)).tolist() == costs


@pytest.mark.parametrize("seed", range(12))
def test_an_hour_more_saves_at_most_its_price_and_the_gap(seed: int):
    """Concavity: the bound at these prices falls by exactly price × 60, and no plan may save more than gap + that."""
    table = tabled(*random_region(seed)).options
    problem = table.problem
    before = solve(problem, SolveSettings(20, 0.0), Watch())
    prices = find_prices(problem)
    gap = before.cost_cents - lagrangian_bound(problem, prices)
    loads = problem.loads_of(before.taken)
    for resource in np.flatnonzero(prices)[:4].tolist():
        capacity = problem.capacity.copy()
        capacity[resource] += 60
        more = solve(replace(problem, capacity=capacity), SolveSettings(20, 0.0), Watch())
        worth = -(-60 * int(prices[resource]) // 1000)
        saved = before.cost_cents - more.cost_cents
        assert 0 <= saved <= gap + worth
        assert lagrangian_bound(problem, prices) - more.bound_cents <= worth + 1
        split = split_gap(problem, before.taken, prices)
        assert split.idle[resource] <= 1000 * (gap + 1)
    assert (loads >= 0).all()


def with_more(problem: PlanningProblem, resource: int, amount: int) -> PlanningProblem:
    capacity = problem.capacity.copy()
    capacity[resource] += amount
    return replace(problem, capacity=capacity)


def everything_priced(seed: int) -> OptionTable:
    """Return the options of a region in which hours, links and fair loads are all scarce."""
    region, orders = random_region(seed)
    settings = replace(region.settings, fairness_cents_per_hour=400)
    return tabled(
        replace(region, settings=settings, network=replace(region.network, weekly_capacity_kg=12)), orders
    ).options


def kind_of(table: OptionTable, resource: int) -> str:
    resources = table.resources
    if resources.is_group(resource):
        return "hours"
    return "link" if resource < resources.fair_start else "fairness"


@pytest.mark.parametrize("seed", range(20))
def test_an_hour_less_costs_at_least_its_price_less_the_gap(seed: int):
    """The other side: without an hour, or a load on a link, no plan costs less than the bound and what that is worth.

    Both sides for each kind of resource; the gap is that of the prices, not what CP-SAT proves besides.
    """
    table = everything_priced(seed)
    problem, prices = table.problem, find_prices(table.problem)
    before = solved(problem, 0.0)
    gap = before.cost_cents - lagrangian_bound(problem, prices)
    for resource in np.flatnonzero(prices)[:6].tolist():
        for amount in (1, min(60, int(problem.capacity[resource]))):
            worth = amount * int(prices[resource]) / 1000
            less = solved(with_more(problem, resource, -amount), 0.0)
            more = solved(with_more(problem, resource, amount), 0.0)
            assert less.cost_cents - before.cost_cents >= worth - gap - 1
            assert more.bound_cents - more.cost_cents <= before.cost_cents - more.cost_cents <= worth + gap + 1


def test_hours_links_and_fair_loads_are_all_priced_and_worth_more_than_the_gap_somewhere():
    """Otherwise the law above would say nothing of a kind of resource."""
    seen: dict[str, int] = {}
    for seed in range(20):
        table = everything_priced(seed)
        prices = find_prices(table.problem)
        for resource in np.flatnonzero(prices).tolist():
            if table.problem.capacity[resource]:
                seen[kind_of(table, resource)] = seen.get(kind_of(table, resource), 0) + 1
    assert min(seen.get(kind, 0) for kind in ("hours", "link", "fairness")) > 0, seen


def test_prices_lie_between_what_the_last_unit_saved_and_what_the_next_one_would():
    """Sharp where there is no gap, as in a flow of whole units: prices half as high again are found out."""
    sharp = wrong = 0
    for seed in range(60):
        problem = random_flow(seed)
        amount = np.ones(problem.resource_count, dtype=np.int64)
        amount[problem.use_resource] = problem.use_amount
        problem = replace(problem, capacity=problem.capacity // amount * amount)
        before, prices = solved(problem, 0.0), find_prices(problem)
        gap = before.cost_cents - lagrangian_bound(problem, prices)
        for resource in np.flatnonzero((prices > 0) & (problem.capacity > 0)).tolist() if gap <= 5 else ():
            unit = int(amount[resource])
            saved = before.cost_cents - solved(with_more(problem, resource, unit), 0.0).cost_cents
            lost = solved(with_more(problem, resource, -unit), 0.0).cost_cents - before.cost_cents
            worth = unit * int(prices[resource]) / 1000
            assert saved - gap - 1 <= worth <= lost + gap + 1
            sharp += 1
            wrong += not saved - gap - 1 <= 1.5 * worth <= lost + gap + 1
    assert sharp > 15
    assert wrong > 5, "any price would pass"


@pytest.mark.parametrize("seed", range(12))
def test_what_nobody_can_fill_has_no_price(seed: int):
    """A resource with room for all options of all lots together is worth nothing."""
    problem = middle_problem(seed, lots=40)
    capacity = problem.capacity.copy()
    capacity[:5] = problem.use_amount.sum() * problem.units.max()
    prices = solve(replace(problem, capacity=capacity), SolveSettings(1, 0.05), Watch()).prices
    assert not prices[:5].any()
    assert prices[5:].any()
