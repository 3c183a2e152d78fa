"""Planning from the plan before: python -m benchmarks.replan. Prints one JSON object a row.

First a made-up region of which one part in a hundred changes, then twelve weeks of real supply and demand of protective
equipment with matches that fail as real ones did, against the field's two simple rules. Where ``../shared/data/ppe`` is
absent, supply, demand and failures are made up, and stderr says so.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.generator import make_region
from benchmarks.ppe import (
    Policy,
    Replanner,
    Weights,
    World,
    first_come_first_matched,
    make_world,
    measure,
    nearest_first,
    read_world,
    simulate,
)
from cosmolocal.planning.problem import PlanningProblem
from cosmolocal.planning.resolving import replan
from cosmolocal.planning.solvers.choosing import find_prices, lagrangian_bound, solve
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.planning.steering import Rules

PPE = Path(__file__).resolve().parents[2] / "shared" / "data" / "ppe"
T = TypeVar("T")
Row = dict[str, object]
#: the benchmark's metrics, and whether more is better
METRICS = {
    "fill_rate": True,
    "fill_rate_excluding_zeros": True,
    "unit_miles": False,
    "holding_days": False,
    "shipments_per_donor": False,
}
RULES: dict[str, Policy] = {"first come first matched": first_come_first_matched, "nearest first": nearest_first}
#: three ways to weigh the same things, from few shipments to many requests filled
POLICIES: dict[str, Replanner] = {
    "few shipments": Replanner(Weights(rest=2_000.0, idle_unit=2_000.0), most_moves=0),
    "balanced": Replanner(Weights(), most_moves=0),
    "many requests": Replanner(Weights(rest=0.0, request=20_000.0, idle_unit=200.0), most_moves=0),
    "balanced, any moves": Replanner(Weights()),
    "balanced, 3 moves an item and week": Replanner(Weights(), most_moves=3),
    "balanced, 200 € a move": Replanner(Weights(), move_cents=20_000),
}


def row(what: str, ours: float, theirs: float, **more: object) -> Row:
    """Return a row; the ratio is theirs / ours."""
    ratio = round(theirs / ours, 4) if ours else None
    return {"what": what, "ours": round(ours, 4), "theirs": round(theirs, 4), "ratio": ratio, **more}


def change(problem: PlanningProblem, seed: int) -> PlanningProblem:
    """Return the problem with other costs of one lot in a hundred, and one resource in a hundred down to half."""
    dice = np.random.default_rng(seed)
    lots = dice.random(problem.lot_count) < 0.01
    cost, capacity = problem.option_cost.copy(), problem.capacity.copy()
    concerned = lots[problem.option_lot()]
    cost[concerned] = (cost[concerned] * dice.uniform(0.7, 1.3, int(concerned.sum()))).astype(np.int64)
    down = dice.random(problem.resource_count) < 0.01
    capacity[down] //= 2
    return replace(problem, option_cost=cost, capacity=capacity)


def measure_region(lots: int, workshops: int, seed: int, settings: SolveSettings) -> Iterator[Row]:
    """Yield what old prices and a budget of moves are worth after a change of one part in a hundred."""
    # compiled code is made ready first
    solve(make_region(300, 20, weeks=8), SolveSettings(20.0, 0.0), Watch())
    problem = make_region(lots, workshops, weeks=8, seed=seed)
    first = solve(problem, settings, Watch())
    changed = change(problem, seed + 1)
    fresh, seconds = timed(lambda: find_prices(changed, Watch()))
    bounds = lagrangian_bound(changed, first.prices), lagrangian_bound(changed, fresh)
    note = f"{lots} lots, {workshops} workshops, 1 % changed"
    yield row(f"bound by the old prices; by new ones ({note})", *bounds, seconds_of_new_prices=round(seconds, 2))
    keeps = np.zeros(changed.lot_count, dtype=bool)
    over = changed.loads(first.choice) > changed.largest_capacity()
    pressed = over[changed.use_resource]
    leaving = np.zeros(changed.option_count, dtype=bool)
    leaving[changed.use_option()[pressed]] = True
    before = np.where((first.choice >= 0) & ~leaving[first.choice], first.choice, -1)
    free = Rules(before, keeps, np.zeros(changed.option_count, dtype=bool))
    cold, cold_seconds = timed(lambda: solve(changed, settings, Watch()))
    warm, warm_seconds = timed(lambda: replan(changed, free, settings, Watch(), first.prices))
    gaps = [round(1 - each.bound_cents / each.cost_cents, 5) for each in (warm.solution, cold)]
    yield row("seconds from the plan before; from scratch", warm_seconds, cold_seconds, gaps=gaps)
    most = free.moves(cold.choice)
    yield row("lots moved, any number; planned from scratch", warm.moves, most)
    for most_moves in (0, max(1, lots // 100), max(1, lots // 20)):
        rules = replace(free, most_moves=most_moves)
        found, seconds = timed(lambda rules=rules: replan(changed, rules, settings, Watch(), first.prices))  # type: ignore[misc]
        what = f"lots moved, at most {most_moves}; planned from scratch"
        dearer = found.solution.cost_cents / cold.cost_cents - 1
        yield row(what, found.moves, most, cost_more=round(dearer, 5), seconds=round(seconds, 2))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what some work gives, and its seconds."""
    started = time.monotonic()
    return work(), time.monotonic() - started


def compare(worlds: list[World]) -> Iterator[Row]:
    """Yield every metric of ours and of both rules, the mean over the worlds, under the same failures."""
    weights = Weights()
    theirs = {name: [measure(simulate(world, rule), weights) for world in worlds] for name, rule in RULES.items()}
    for policy, ours in POLICIES.items():
        found = [measure(simulate(world, ours), weights) for world in worlds]
        for rule, measured in theirs.items():
            for name in (*METRICS, "served_share", "requests_served", "cost_euros", "churn", "promises"):
                mine, other = [mean(one[name] for one in side) for side in (found, measured)]
                better: Row = {}
                if name in METRICS:
                    wins = sum(
                        (a[name] > b[name]) is METRICS[name]  # type: ignore[operator]
                        for a, b in zip(found, measured, strict=True)
                    )
                    better = {"better_in": f"{wins} of {len(worlds)}"}
                yield row(f"{name}: {policy}; {rule}", mine, other, **better)


def mean(values: Iterator[float | None]) -> float:
    """Return the mean of what there is."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0


def main() -> None:
    """Print all rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=400)
    parser.add_argument("--workshops", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--gap", type=float, default=0.02)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=PPE, help="folder of the real supply and demand")
    parser.add_argument("--only", choices=["region", "ppe"])
    given = parser.parse_args()
    rows: list[Iterator[Row]] = []
    if given.only != "ppe":
        rows.append(measure_region(given.lots, given.workshops, 0, SolveSettings(given.seconds, given.gap)))
    if given.only != "region":
        is_real = given.data.is_dir()
        if not is_real:
            sys.stderr.write("../shared/data/ppe is absent: supply, demand and failures are made up\n")
        worlds = [read_world(given.data, seed) if is_real else make_world(seed) for seed in range(given.seeds)]
        rows.append(compare(worlds))
    for part in rows:
        for line in part:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
