"""What can be left out of a problem without changing its best plans."""

from dataclasses import replace

import numpy as np

from cosmolocal.planning.problem import ENDLESS, MOST_CENTS, Ints, PlanningProblem


def presolve(problem: PlanningProblem) -> tuple[PlanningProblem, Ints]:
    """Return the problem without useless options and idle resources, and the option of ``problem`` behind each left.

    An option is useless when it alone exceeds a capacity or costs more than importing; a resource is idle when all
    lots together cannot exceed it.
    Without the first the linear relaxation would serve parts of lots that nobody can make.
    """
    problem = end_absurd_steps(problem)
    use_option = problem.use_option()
    too_large = problem.use_amount > problem.largest_capacity()[problem.use_resource]
    possible = np.ones(problem.option_count, dtype=bool)
    possible[use_option[too_large]] = False
    # an option dearer than importing never helps: picking nothing uses no capacity
    possible &= problem.option_cost < problem.unmet_cost[problem.option_lot()]
    most = most_load(problem, possible[use_option])
    kept_use = possible[use_option] & (most > problem.capacity)[problem.use_resource]
    return take_options(end_steps(problem, most), possible, kept_use), np.flatnonzero(possible)


def end_steps(problem: PlanningProblem, most: Ints) -> PlanningProblem:
    """Return the problem without the blocks of endless steps that ``most``, [R], all lots together never need."""
    endless = problem.step_blocks >= ENDLESS // 2
    if not endless.any():
        return problem
    wanted = np.maximum(most - problem.capacity, 0)[problem.step_resource]
    needed = -(-wanted // problem.step_size)
    blocks = np.where(endless, np.minimum(problem.step_blocks, needed), problem.step_blocks)
    return replace(problem, step_blocks=blocks)


def end_absurd_steps(problem: PlanningProblem) -> PlanningProblem:
    """Return the problem without blocks that cost more than importing all, where all blocks together are uncountable.

    Solvers that add up what all blocks could cost would refuse it.
    """
    if float((problem.step_cost.astype(np.float64) * problem.step_blocks).sum()) <= MOST_CENTS:
        return problem
    most_cents = int((problem.unmet_cost * problem.units).sum())
    affordable = most_cents // np.maximum(problem.step_cost, 1)
    return replace(problem, step_blocks=np.minimum(problem.step_blocks, affordable))


def most_load(problem: PlanningProblem, counted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    """Return the load of each resource if every lot took the option that uses it most, of the uses ``counted``, [R]."""
    units, uses = problem.units, np.flatnonzero(counted)
    option = np.searchsorted(problem.use_start, uses, side="right") - 1
    lot = np.searchsorted(problem.option_start, option, side="right") - 1
    pair = lot * problem.resource_count + problem.use_resource[uses]
    amount = problem.use_amount[uses].astype(np.int64)
    order = np.lexsort((amount, pair))
    is_last = np.append(np.diff(pair[order]) != 0, True)[: len(order)]
    largest = order[is_last]
    most = amount[largest] * units[pair[largest] // problem.resource_count]
    return np.bincount(pair[largest] % problem.resource_count, most, problem.resource_count).astype(np.int64)


def take_options(
    problem: PlanningProblem,
    kept: np.ndarray[tuple[int], np.dtype[np.bool_]],
    kept_use: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> PlanningProblem:
    """Return the problem with only the options ``kept``, [O], and of these only the uses ``kept_use``, [U]."""
    options = np.flatnonzero(kept)
    uses = np.flatnonzero(kept_use)
    counts = np.bincount(problem.use_option()[uses], minlength=problem.option_count)[options]
    return PlanningProblem(
        option_start=np.searchsorted(options, problem.option_start).astype(np.int64),
        option_cost=problem.option_cost[options],
        use_start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        use_resource=problem.use_resource[uses],
        use_amount=problem.use_amount[uses],
        unmet_cost=problem.unmet_cost,
        lot_units=problem.lot_units,
        capacity=problem.capacity,
        step_resource=problem.step_resource,
        step_size=problem.step_size,
        step_blocks=problem.step_blocks,
        step_cost=problem.step_cost,
    )
