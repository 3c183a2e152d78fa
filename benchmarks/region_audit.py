"""A check of what is taken of a problem that shares nothing with the solvers: sums of its own, piece by piece."""

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken

#: lots whose uses are looked at at once, for the sake of memory
PIECE = 1_000_000


def audit_region(problem: PlanningProblem, taken: Taken, cost_cents: int, bound_cents: int) -> list[str]:
    """Return what is wrong with what is taken: units, capacities, cost, bound."""
    faults: list[str] = []
    if len(taken.option) and not (taken.option.min() >= 0 and taken.option.max() < problem.option_count):
        return ["an option is none of the problem's"]
    if (taken.units < 1).any() or (np.diff(taken.option) <= 0).any():
        faults.append("an option is taken twice, or not at all")
    units = np.ones(problem.lot_count, dtype=np.int64) if problem.lot_units is None else problem.lot_units
    # every option lies between the first of its lot and the first of the next one that has any
    placed = np.zeros(problem.option_count + 1, dtype=np.int64)
    placed[taken.option + 1] = taken.units
    placed = np.cumsum(placed)
    left = units - (placed[problem.option_start[1:]] - placed[problem.option_start[:-1]])
    over = np.flatnonzero(left < 0)
    faults += [f"lot {lot} has {-left[lot]} units too many" for lot in over[:5].tolist()]
    loads = _add_up(problem, taken)
    steps = _cover(problem, loads, faults)
    cost = int((problem.option_cost[taken.option] * taken.units).sum()) + int((problem.unmet_cost * left).sum()) + steps
    if cost != cost_cents:
        faults.append(f"cost {cost_cents}; found {cost}")
    if bound_cents > cost:
        faults.append(f"bound {bound_cents} above the cost {cost}")
    return faults


def _add_up(problem: PlanningProblem, taken: Taken) -> Ints:
    loads = np.zeros(problem.resource_count, dtype=np.int64)
    for first in range(0, len(taken.option), PIECE):
        option, units = taken.option[first : first + PIECE], taken.units[first : first + PIECE]
        width = (problem.use_start[option + 1] - problem.use_start[option]).astype(np.int64)
        for nth in range(int(width.max(initial=0))):
            has = width > nth
            use = problem.use_start[option[has]] + nth
            loads += np.bincount(
                problem.use_resource[use], problem.use_amount[use] * units[has], problem.resource_count
            ).astype(np.int64)
    return loads


def _cover(problem: PlanningProblem, loads: Ints, faults: list[str]) -> int:
    """Return the cents of the steps that cover the loads; what they do not cover is a fault."""
    missing, total = loads - problem.capacity, 0
    for step in np.lexsort((problem.step_cost, problem.step_resource)).tolist():
        resource = int(problem.step_resource[step])
        if missing[resource] > 0:
            blocks = min(int(problem.step_blocks[step]), -(-int(missing[resource]) // int(problem.step_size[step])))
            missing[resource] -= blocks * int(problem.step_size[step])
            total += blocks * int(problem.step_cost[step])
    short = np.flatnonzero(missing > 0)
    faults += [f"resource {resource} lacks {missing[resource]}" for resource in short[:5].tolist()]
    return total
