"""Lots that a solver cannot tell apart, as those of an order cut into equal parts: one lot of many units."""

from dataclasses import replace

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken


def find_twins(problem: PlanningProblem) -> Ints:
    """Return for each lot the first of the lots before it, without a gap, that it is the same as, [L]."""
    lots = problem.lot_count
    same = np.zeros(lots, dtype=bool)
    counts = np.diff(problem.option_start)
    uses = np.diff(problem.use_start[problem.option_start])
    alike = (counts[1:] == counts[:-1]) & (uses[1:] == uses[:-1]) & (counts[1:] > 0)
    alike &= problem.unmet_cost[1:] == problem.unmet_cost[:-1]
    first = problem.option_start[1:-1][alike]
    alike[alike] = problem.option_cost[first] == problem.option_cost[problem.option_start[:-2][alike]]
    for lot in (np.flatnonzero(alike) + 1).tolist():
        same[lot] = _is_same(problem, lot - 1, lot)
    return np.maximum.accumulate(np.where(same, 0, np.arange(lots)))


def _is_same(problem: PlanningProblem, one: int, other: int) -> bool:
    mine, theirs = (slice(int(problem.option_start[lot]), int(problem.option_start[lot + 1])) for lot in (one, other))
    if not np.array_equal(problem.option_cost[mine], problem.option_cost[theirs]):
        return False
    starts = [problem.use_start[span.start : span.stop + 1] for span in (mine, theirs)]
    if not np.array_equal(starts[0] - starts[0][0], starts[1] - starts[1][0]):
        return False
    uses = [slice(int(start[0]), int(start[-1])) for start in starts]
    return all(np.array_equal(each[uses[0]], each[uses[1]]) for each in (problem.use_resource, problem.use_amount))


def merge_twins(problem: PlanningProblem, first: Ints) -> tuple[PlanningProblem, Ints]:
    """Return the problem with one lot, of many units, for lots that are the same, and its options' numbers in it."""
    kept = np.flatnonzero(first == np.arange(problem.lot_count))
    counts = np.diff(problem.option_start)[kept]
    ends = np.cumsum(counts)
    options = np.repeat(problem.option_start[kept] - ends + counts, counts) + np.arange(int(counts.sum()))
    uses = np.diff(problem.use_start)[options]
    use_ends = np.cumsum(uses)
    flat = np.repeat(problem.use_start[options] - use_ends + uses, uses) + np.arange(int(uses.sum()))
    merged = replace(
        problem,
        option_start=np.append(0, ends),
        option_cost=problem.option_cost[options],
        use_start=np.append(0, use_ends),
        use_resource=problem.use_resource[flat],
        use_amount=problem.use_amount[flat],
        unmet_cost=problem.unmet_cost[kept],
        lot_units=np.bincount(first, minlength=problem.lot_count)[kept],
    )
    return merged, options


def of_first(problem: PlanningProblem, first: Ints, choice: Ints) -> Ints:
    """Return a choice, [L], as options of the first of lots that are the same."""
    found = choice.copy()
    met = np.flatnonzero(choice >= 0)
    found[met] += problem.option_start[first[met]] - problem.option_start[met]
    return found


def part_twins(problem: PlanningProblem, taken: Taken, wish: Ints | None = None) -> Taken:
    """Return what is taken of the first of lots that are the same, spread over all of them: one unit each.

    ``wish``, [L], are options of these first lots: where one of them is taken, a lot that wishes it gets it, so that
    lots do not change places for nothing.
    """
    wish = np.full(problem.lot_count, -1, dtype=np.int64) if wish is None else wish
    units = np.zeros(problem.option_count, dtype=np.int64)
    units[taken.option] = taken.units
    order = np.argsort(wish, kind="stable")
    order = order[wish[order] >= 0]
    nth = np.arange(len(order)) - np.searchsorted(wish[order], wish[order])
    stay = order[nth < units[wish[order]]]
    np.subtract.at(units, wish[stay], 1)
    rest = np.delete(np.arange(problem.lot_count), stay)
    each = np.repeat(np.arange(problem.option_count), units)
    lot = np.searchsorted(problem.option_start, each, side="right") - 1
    so_far = np.arange(len(each)) - np.searchsorted(lot, lot)
    # lots that are the same stand together
    lots = np.concatenate((stay, rest[np.searchsorted(rest, lot) + so_far]))
    options = np.concatenate((wish[stay], each))
    of_lot = np.searchsorted(problem.option_start, options, side="right") - 1
    options += problem.option_start[lots] - problem.option_start[of_lot]
    return Taken(np.sort(options), np.ones(len(options), dtype=np.int64))
