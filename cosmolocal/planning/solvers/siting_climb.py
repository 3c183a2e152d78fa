"""A climb to values of customers that bound well: the volume algorithm (docs/siting.md), compiled."""

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.siting import Bools, Floats
from cosmolocal.planning.solvers.compiled import compiled
from cosmolocal.planning.solvers.siting_prices import Costs, Room, Scope, weigh

#: steps without a better bound after which steps become shorter, and by how much
PATIENCE, SHORTER = 20, 0.67
#: how often the share of the newest choice in the average may be made smaller, from where to where
SETTLING, NEWEST, NEWEST_LEAST = 100, 0.1, 0.001
#: [ratio] a bound that rises by less in SETTLING steps settles
SETTLED = 1e-4
#: the length of a step below which a climb ends
SHORTEST = 1e-5
#: pairs looked at before the clock is
LOOKS = 5_000_000


class Point(NamedTuple):
    """Where a climb stands."""

    #: [n + R] values of customers, prices of rows; the best ones, and the direction in which they are changed
    values: Floats
    direction: Floats
    #: [m] average choice of sites
    share: Floats
    #: [m] what opening each adds to the bound
    worth: Floats
    #: [1]
    bound: Floats
    #: length of a step, share of the newest choice, steps that failed, bound when it was last looked at, all steps
    pace: Floats


@compiled
def _keep(point: Point, values: Floats, bound: float, sites: Ints, worth: Floats) -> None:
    for place in range(len(values)):
        point.values[place] = values[place]
    point.bound[0] = bound
    for nth in range(len(sites)):
        point.worth[sites[nth]] = worth[sites[nth]]


@compiled
def _step(costs: Costs, point: Point, length: float, out: Room) -> float:
    """Set the values tried: from the best ones along the direction; return the squared length of the direction."""
    tried, direction = out.lines[0], point.direction
    customers, square = len(costs.demand), 0.0
    for place in range(len(tried)):
        most = costs.unserved[place] if place < customers else np.inf
        by, value = direction[place], point.values[place]
        tried[place] = value
        if (by < 0.0 < value) or (by > 0.0 and value < most):
            square += by * by
    if square > 0.0:
        for place in range(len(tried)):
            most = costs.unserved[place] if place < customers else np.inf
            tried[place] = min(max(0.0, tried[place] + length / square * direction[place]), most)
    return square


@compiled
def _average(point: Point, out: Room, scope: Scope, newest: float) -> float:
    """Take the newest choice into direction and average; return the slope along the direction before.

    By the part that leaves the direction shortest, at most ``newest``.
    """
    direction, slope, sites, must = point.direction, out.lines[1], scope.sites, scope.must
    along = straight = square = 0.0
    for place in range(len(slope)):
        change = slope[place] - direction[place]
        along += direction[place] * slope[place]
        straight -= direction[place] * change
        square += change * change
    best = straight / square if square > 0.0 else newest
    by = min(max(best, 0.1 * newest), newest)
    for place in range(len(slope)):
        direction[place] += by * (slope[place] - direction[place])
    for nth in range(len(sites)):
        site = sites[nth]
        chosen = 1.0 if must[site] or out.worth[site] < 0.0 else 0.0
        point.share[site] += by * (chosen - point.share[site])
    return along


@compiled
def _begin(costs: Costs, scope: Scope, point: Point, out: Room) -> None:
    """Stand at the values of a point."""
    sites, must = scope.sites, scope.must
    bound = weigh(costs, scope, point.values, out)
    _keep(point, point.values, bound, sites, out.worth)
    for place in range(len(point.values)):
        point.direction[place] = out.lines[1, place]
    for nth in range(len(sites)):
        point.share[sites[nth]] = 1.0 if must[sites[nth]] or out.worth[sites[nth]] < 0.0 else 0.0
    point.pace[0], point.pace[1], point.pace[2], point.pace[3], point.pace[4] = 0.5, NEWEST, 0.0, bound, 0.0


@compiled
def _climb(costs: Costs, scope: Scope, point: Point, out: Room, target: float, steps: int) -> bool:
    """Raise the bound of a point by a number of steps; tell whether more steps may help."""
    tried = out.lines[0]
    length, newest, failed, before = point.pace[0], point.pace[1], point.pace[2], point.pace[3]
    for _ in range(steps):
        if point.bound[0] >= target or length <= SHORTEST:
            return False
        point.pace[4] += 1.0
        goal = min(target, point.bound[0] + 0.05 * abs(point.bound[0]) + 1e-9)
        if _step(costs, point, length * (goal - point.bound[0]), out) < 1e-18:
            return False
        bound = weigh(costs, scope, tried, out)
        along = _average(point, out, scope, newest)
        if bound > point.bound[0]:
            _keep(point, tried, bound, scope.sites, out.worth)
            failed = 0.0
            if along > 0.0:
                length = min(2.0, 1.1 * length)
        else:
            failed += 1.0
            if failed >= PATIENCE:
                length, failed = SHORTER * length, 0.0
        if point.pace[4] % SETTLING == 0.0:
            if point.bound[0] - before < SETTLED * abs(before):
                newest = max(0.5 * newest, NEWEST_LEAST)
            before = point.bound[0]
        point.pace[0], point.pace[1], point.pace[2], point.pace[3] = length, newest, failed, before
    return True


@dataclass(frozen=True, slots=True)
class Climbed:
    """A bound, and what it follows from."""

    bound: float
    #: [n + R] values of customers, prices of rows
    values: Floats
    #: [m] average choice of sites; what opening each adds to the bound
    share: Floats
    worth: Floats


@dataclass(frozen=True, slots=True)
class Enough:
    """When a climb ends."""

    #: the bound that is enough
    bound: float
    steps: int
    #: [s] of time.monotonic
    until: float


def climb(
    costs: Costs, limits: Floats, choices: tuple[Bools, Bools], start: Floats, room: Room, enough: Enough
) -> Climbed:
    """Raise the bound over choices that hold those that must be open, of those that may be: ``choices``.

    ``start``: values and prices to begin with.
    """
    must, may = choices
    customers, scope = len(costs.demand), Scope(limits, np.flatnonzero(may), must)
    values = np.append(np.minimum(start[:customers], costs.unserved), start[customers:])
    point = Point(values, np.zeros(len(values)), must.astype(np.float64), np.zeros(len(must)), np.zeros(1), np.zeros(5))
    _begin(costs, scope, point, room)
    left, at_once = enough.steps, max(4, LOOKS // costs.cost.size)
    while left > 0 and time.monotonic() < enough.until:
        if not _climb(costs, scope, point, room, enough.bound, min(left, at_once)):
            break
        left -= at_once
    return Climbed(float(point.bound[0]), point.values, point.share, point.worth)
