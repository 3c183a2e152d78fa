"""Solves a made-up region of any size, as arrays: python -m benchmarks.region --lots 400 --workshops 24."""

import argparse
import json
import resource
import sys

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.solution import Solution, SolveSettings, Watch

#: machine groups a workshop has
GROUPS = 3
#: workshops that can serve a lot, as far as there are so many
MAKERS = 6


def make_problem(lots: int, workshops: int, weeks: int, seed: int) -> PlanningProblem:
    """Return a region at random: each option takes minutes of one group in one week; work is about what fits."""
    dice = np.random.default_rng(seed)
    makers = min(MAKERS, workshops)
    minutes = dice.integers(60, 900, lots)
    import_cost = minutes * dice.integers(80, 160, lots)
    kind = dice.integers(0, GROUPS, lots)
    chosen = np.argsort(dice.random((lots, workshops)), axis=1)[:, :makers]
    speed = dice.integers(80, 130, (lots, makers))
    rate = dice.integers(20, 60, workshops)
    due = dice.integers(0, weeks, lots)
    # lot × maker × week, the innermost fastest
    amount = np.repeat(minutes[:, None] * speed // 100, weeks, axis=1).ravel()
    group = (chosen * GROUPS + kind[:, None]).repeat(weeks, axis=1).ravel()
    week = np.tile(np.arange(weeks), lots * makers)
    late = np.maximum(0, week - np.repeat(due, makers * weeks))
    transport = np.repeat(dice.integers(300, 4_000, (lots, makers)), weeks, axis=1).ravel()
    cost = amount * rate[group // GROUPS] + transport + late * np.repeat(import_cost // 20, makers * weeks)
    none = np.zeros(0, dtype=np.int64)
    options = lots * makers * weeks
    return PlanningProblem(
        option_start=np.arange(lots + 1, dtype=np.int64) * makers * weeks,
        option_cost=cost.astype(np.int64),
        use_start=np.arange(options + 1, dtype=np.int64),
        use_resource=(group * weeks + week).astype(np.int64),
        use_amount=amount.astype(np.int64),
        unmet_cost=import_cost.astype(np.int64),
        capacity=np.full(workshops * GROUPS * weeks, capacity_of(minutes, workshops, weeks), dtype=np.int64),
        step_resource=none,
        step_size=none,
        step_blocks=none,
        step_cost=none,
    )


def capacity_of(minutes: Ints, workshops: int, weeks: int) -> int:
    """Return the minutes of a group in a week with which nine tenths of the work fit, but never less than one lot."""
    return max(1_200, int(minutes.sum() * 9 // (10 * workshops * GROUPS * weeks)))


def check(problem: PlanningProblem, solution: Solution) -> list[str]:
    """Return what is wrong with a solution; looks at each lot and use anew, without the solver's sums."""
    faults: list[str] = []
    loads: dict[int, int] = {}
    cost = 0
    for lot, option in enumerate(solution.choice.tolist()):
        if option < 0:
            cost += int(problem.unmet_cost[lot])
            continue
        if not problem.option_start[lot] <= option < problem.option_start[lot + 1]:
            faults.append(f"lot {lot} has the option {option} of another lot")
        cost += int(problem.option_cost[option])
        for use in range(int(problem.use_start[option]), int(problem.use_start[option + 1])):
            resource_ = int(problem.use_resource[use])
            loads[resource_] = loads.get(resource_, 0) + int(problem.use_amount[use])
    over = [item for item, load in loads.items() if load > problem.capacity[item]]
    faults += [f"resource {item} has {loads[item]} of {problem.capacity[item]}" for item in over]
    if not solution.bound_cents <= cost == solution.cost_cents:
        faults.append(f"cost {solution.cost_cents}, bound {solution.bound_cents}; found {cost}")
    return faults


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=400)
    parser.add_argument("--workshops", type=int, default=24)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.005)
    given = parser.parse_args()
    problem = make_problem(given.lots, given.workshops, given.weeks, given.seed)
    watch = Watch()
    solution = solve(problem, SolveSettings(given.seconds, given.gap, given.seed), watch)
    figures = {
        "method": "exact",
        "lots": given.lots,
        "options": problem.option_count,
        "cost": solution.cost_cents,
        "bound": solution.bound_cents,
        "gap": round((solution.cost_cents - solution.bound_cents) / max(1, solution.cost_cents), 6),
        "seconds": round(watch.seconds(), 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "unmet": int((solution.choice < 0).sum()),
        "audit": check(problem, solution),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
