"""What every choice of sites keeps: rows over the sites, and what a partial choice leaves possible."""

from dataclasses import dataclass

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.siting import Bools, Floats, SitingProblem

#: divisors tried for rounded rows
DIVISORS = 40


@dataclass(frozen=True, slots=True)
class Rows:
    """row · open ≤ limit; the first says how many sites must be open at least."""

    #: [R × m]
    rows: Floats
    #: [R]
    limits: Floats


def build_rows(problem: SitingProblem) -> Rows:
    """Return the rows of a problem: sites that all demand needs, new sites and budget allowed."""
    new = (~problem.existing).astype(np.float64)
    rows, limits = [np.full(problem.site_count, -1.0)], [0.0]
    if problem.most_new is not None:
        rows.append(new)
        limits.append(float(problem.most_new))
    if problem.budget is not None:
        scale = max(float((problem.prices * new).sum() / max(1.0, new.sum())), 1e-12)
        rows.append(problem.prices * new / scale)
        limits.append(problem.budget / scale)
    return Rows(np.array(rows), np.array(limits))


def demand_that_must(problem: SitingProblem) -> int:
    """Return the units that must be served."""
    return int(problem.demand[~np.isfinite(problem.unserved_cost)].sum())


def sites_needed(problem: SitingProblem, must: Bools, may: Bools) -> int | None:
    """Return how many sites are open at least when ``must`` are and ``may`` may be; None: no choice holds all."""
    left = demand_that_must(problem) - int(problem.capacity[must].sum())
    count = int(must.sum())
    if left <= 0:
        return count
    held = np.cumsum(np.sort(problem.capacity[may & ~must])[::-1])
    if len(held) == 0 or held[-1] < left:
        return None
    return count + int(np.searchsorted(held, left)) + 1


def still_possible(problem: SitingProblem, must: Bools, may: Bools) -> Bools:
    """Return which of the sites that may be open can still be opened one by one beside those that must, [m]."""
    new = must & ~problem.existing
    fits = must | may
    if problem.most_new is not None and int(new.sum()) >= problem.most_new:
        fits = must.copy()
    if problem.budget is not None:
        left = problem.budget * (1.0 + 1e-12) - float(problem.prices[new].sum())
        fits = fits & (must | (problem.prices <= left))
    return fits


def rounded_rows(problem: SitingProblem, share: Floats, most: int) -> Rows:
    """Return rows that rounding gives to Σ capacity · open ≥ demand and that a share of the sites breaks most.

    For a divisor d, b = demand / d and f its fraction: Σ (⌊c/d⌋ + min(1, fraction of c/d ÷ f)) · open ≥ ⌈b⌉.
    """
    demand, found = demand_that_must(problem), []
    capacity = np.minimum(problem.capacity, demand)
    for divisor in pick_divisors(capacity):
        whole = demand // divisor
        fraction = demand / divisor - whole
        if fraction < 1e-6:
            continue
        times = capacity // divisor
        row = times + np.minimum(1.0, (capacity / divisor - times) / fraction)
        broken = (whole + 1 - float(row @ share)) / float(np.linalg.norm(row))
        if broken > 1e-4:
            found.append((broken, row, whole + 1.0))
    found.sort(key=lambda each: -each[0])
    # scaled to the first row's size, so that one length of step suits all
    scales = [float(row.mean()) for _, row, _ in found[:most]]
    return Rows(
        np.array([-row / scale for (_, row, _), scale in zip(found, scales, strict=False)]).reshape(-1, len(share)),
        np.array([-least / scale for (_, _, least), scale in zip(found, scales, strict=False)]),
    )


def pick_divisors(capacity: Ints) -> list[int]:
    """Return some of the capacities that there are, smallest to largest."""
    each = np.unique(capacity[capacity > 0])
    return each[np.unique(np.linspace(0, len(each) - 1, DIVISORS).astype(np.int64))].tolist() if len(each) else []
