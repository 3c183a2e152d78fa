"""Explains each lot of a plan at once, and solves again to prove a sample: python -m benchmarks.explain."""

import argparse
import json
import sys
import time
from dataclasses import replace

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.explaining import NO_OPTION, Explained, explain
from cosmolocal.planning.solvers.relaxation import find_prices, lagrangian_bound
from cosmolocal.planning.solvers.room import Room
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Solution, SolveSettings, Watch

#: machine groups that a lot may go to
MAKERS = 8
#: lots that are explained one by one for comparison
ONE_BY_ONE = 500
#: what an hour is, in units of a resource
HOUR = 60

Row = dict[str, object]


def make_problem(lots: int, groups: int, seed: int) -> PlanningProblem:
    """Return lots that go to one of the machine groups nearest to them; nine tenths of the hours are needed."""
    dice = np.random.default_rng(seed)
    makers = min(MAKERS, groups)
    where, home = np.sort(dice.random(groups)), dice.random(lots)
    first = np.clip(np.searchsorted(where, home) - makers // 2, 0, groups - makers)
    group = (first[:, None] + np.arange(makers)).ravel()
    minutes = np.repeat(dice.integers(60, 600, lots), makers)
    amount = minutes * dice.integers(80, 140, groups)[group] // 100
    distance = np.abs(where[group] - np.repeat(home, makers))
    cost = amount * dice.integers(20, 60, groups)[group] // 10 + (distance * groups * 300).astype(np.int64) + 100
    capacity = int(amount.sum() / makers / groups / 0.9)
    stepped = np.arange(0, groups, 2)
    return PlanningProblem(
        option_start=np.arange(lots + 1, dtype=np.int64) * makers,
        option_cost=cost,
        use_start=np.arange(lots * makers + 1, dtype=np.int64),
        use_resource=group,
        use_amount=amount,
        unmet_cost=3 * cost.reshape(lots, makers).max(axis=1),
        capacity=np.full(groups, capacity, dtype=np.int64),
        step_resource=stepped,
        step_size=np.full(len(stepped), HOUR, dtype=np.int64),
        step_blocks=np.full(len(stepped), 5, dtype=np.int64),
        step_cost=np.full(len(stepped), 1_500, dtype=np.int64),
    )


def row(what: str, ours: float, theirs: float) -> Row:
    """Return a row of figures."""
    return {
        "what": what,
        "ours": round(ours, 3),
        "theirs": round(theirs, 3),
        "ratio": round(theirs / max(ours, 1e-9), 3),
    }


def time_one_by_one(problem: PlanningProblem, solution: Solution) -> float:
    """Return the seconds that finding each lot's next best place one by one would take, from some hundred lots."""
    room = Room(problem)
    room.loads += problem.loads(solution.choice)
    lots = range(0, problem.lot_count, max(1, problem.lot_count // ONE_BY_ONE))
    started = time.perf_counter()
    for lot in lots:
        old = int(solution.choice[lot])
        if old >= 0:
            room.change(old, -1)
        for option in range(int(problem.option_start[lot]), int(problem.option_start[lot + 1])):
            if room.fits(option):
                room.change(option, +1)
                room.change(option, -1)
        if old >= 0:
            room.change(old, +1)
    return (time.perf_counter() - started) * problem.lot_count / len(lots)


def count_true_moves(
    problem: PlanningProblem, solution: Solution, found: Explained, dice: np.random.Generator, sample: int
) -> tuple[int, int]:
    """Return how many of a sample of "that place instead costs n cents more" are so, and how many were looked at."""
    lots = dice.choice(problem.lot_count, min(sample, problem.lot_count), replace=False)
    true, limit = 0, problem.largest_capacity()
    for lot in lots.tolist():
        choice = solution.choice.copy()
        choice[lot] = found.next.option[lot]
        if choice[lot] == NO_OPTION:
            true += 1
            continue
        fits = bool((problem.loads(choice) <= limit).all())
        true += fits and problem.cost(choice) - solution.cost_cents == int(found.next.extra_cents[lot])
    return true, len(lots)


def price_hours(problem: PlanningProblem, prices: Ints, resources: list[int]) -> tuple[float, float]:
    """Return what hours are said to be worth together, and by how much the bound falls with all of them, in cents.

    Prices are searched for from those at hand on, with and without the hours: the bound is never quite the highest,
    and what it gains by more search is not the hours' doing.
    """
    more = problem
    for resource in resources:
        more = add_hour(more, resource)
    bounds = [lagrangian_bound(each, find_prices(each, start=prices)) for each in (problem, more)]
    return HOUR * int(prices[resources].sum()) / PRICE_SCALE, bounds[0] - bounds[1]


def count_true_hours(
    problem: PlanningProblem, solution: Solution, resources: list[int], settings: SolveSettings
) -> tuple[int, int]:
    """Return for how many hours plans made anew confirm the price within the gaps, and how many were looked at.

    With the hour more no more is saved than it is worth; with one less no less is lost.
    """
    true = 0
    gap = solution.cost_cents - lagrangian_bound(problem, solution.prices)
    for resource in resources:
        more = solve(add_hour(problem, resource), settings, Watch())
        less = solve(add_hour(problem, resource, -1), settings, Watch())
        worth = HOUR * int(solution.prices[resource]) / PRICE_SCALE
        low = -(more.cost_cents - more.bound_cents)
        saved, lost = solution.cost_cents - more.cost_cents, less.cost_cents - solution.cost_cents
        true += low <= saved <= worth + gap + 1 and lost >= worth - gap - 1
    return true, len(resources)


def add_hour(problem: PlanningProblem, resource: int, hours: int = 1) -> PlanningProblem:
    """Return the problem with one more hour of a resource, or with one less."""
    capacity = problem.capacity.copy()
    capacity[resource] = max(0, capacity[resource] + hours * HOUR)
    return replace(problem, capacity=capacity)


def measure(problem: PlanningProblem, settings: SolveSettings, sample: int, anew: int) -> list[Row]:
    """Return the figures of a problem."""
    dice = np.random.default_rng(settings.seed)
    solution = solve(problem, settings, Watch())
    explain(problem, Taken(solution.taken.option[:0], solution.taken.units[:0]), solution.prices)  # compiles
    started = time.perf_counter()
    found = explain(problem, solution.taken, solution.prices)
    seconds = time.perf_counter() - started
    true_moves, moves = count_true_moves(problem, solution, found, dice, sample)
    scarce = np.flatnonzero(solution.prices)
    resources = dice.choice(scarce, min(len(scarce), sample), replace=False).tolist()
    said, fallen = price_hours(problem, solution.prices, resources)
    true_hours, hours = count_true_hours(problem, solution, resources[:anew], settings)
    gap = solution.cost_cents * PRICE_SCALE - found.gap.bound
    slow = time_one_by_one(problem, solution)
    return [
        row(f"{problem.lot_count} lots explained at once, against one by one in Python [s]", seconds, slow),
        row("parts of the gap, against cost less bound [cents]", found.gap.total / PRICE_SCALE, gap / PRICE_SCALE),
        row("next best places, against those that cost so much when the plan is counted anew", moves, true_moves),
        row(f"{len(resources)} hours at their prices, against the fall of the bound solved anew [cents]", said, fallen),
        row("hours, against those worth their price when planned anew, within the gaps", hours, true_hours),
    ]


def main() -> None:
    """Print one JSON object a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--groups", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument(
        "--anew", type=int, default=3, help="hours for which plans are made anew, with one more and one less"
    )
    given = parser.parse_args()
    problem = make_problem(given.lots, given.groups, given.seed)
    settings = SolveSettings(given.seconds, given.gap, given.seed, "prices")
    for figures in measure(problem, settings, given.sample, given.anew):
        sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
