"""Regions made up from a seed, as arrays, of any size: clustered places, unlike workshops, about three quarters busy.

Lots lie around the centres of a city, workshops too. Each lot has twenty options and more: the nearest workshops, with
several weeks those before and after it is due, with parts the ways to spread them over workshops near the last one.
Workshops differ in speed and rate; parts that change districts use links in kilograms.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.records import FAIR_LOAD_STEPS

Floats = NDArray[np.float64]
#: whole numbers of 32 bits, as solvers read them
Narrow = NDArray[Any]

#: options of a lot where there is one week and one part
MAKERS = 20
#: last workshops of a lot, and weeks around the one it is due in, where there are more weeks
ENDS, WEEKS_OPEN = 8, 3
#: workshops that may make a part, the nearest to the last one
PART_MAKERS = 4
#: part of all capacity that all lots take
UTILISATION = 0.75
#: an import costs so many times what the dearest option costs
IMPORT_FACTOR = 3
#: lots made up at once, for the sake of memory
CHUNK = 500_000
#: [cents per hour] of load above a fair one
FAIRNESS_CENTS = 300
#: [units] of a lot that may be split
MOST_UNITS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a region is to be like."""

    lots: int
    workshops: int
    parts: int = 1
    weeks: int = 1
    #: part of the lots that may be split
    splittable: float = 0.0
    fairness: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Town:
    """Where workshops are and what they are like."""

    dice: np.random.Generator
    centres: Floats
    weight: Floats
    shops: Floats
    #: [M] district of each workshop
    district: Ints
    #: [M] percent, cents per minute
    speed: Floats
    rate: Floats
    #: [M × PART_MAKERS] nearest workshops, itself first
    nearest: Ints
    tree: cKDTree


def make_region(  # noqa: PLR0913, PLR0917 - the words of the command line
    lots: int,
    workshops: int,
    parts: int = 1,
    weeks: int = 1,
    splittable: float = 0.0,
    fairness: bool = False,
    seed: int = 0,
) -> PlanningProblem:
    """Return a region at random."""
    asked = Asked(lots, workshops, parts, weeks, splittable, fairness, seed)
    town = _make_town(asked)
    pieces = [_make_lots(asked, town, min(CHUNK, lots - first)) for first in range(0, lots, CHUNK)]
    joined = pieces[0] if len(pieces) == 1 else _join(pieces)
    del pieces
    return _with_capacity(asked, town, joined)


def _make_town(asked: Asked) -> _Town:
    dice = np.random.default_rng(asked.seed)
    count = max(3, int(asked.workshops**0.5))
    centres, weight = dice.random((count, 2)) * 100, dice.dirichlet(np.full(count, 2.0))
    district = dice.choice(count, asked.workshops, p=0.5 * weight + 0.5 / count)
    shops = centres[district] + dice.normal(0, 6, (asked.workshops, 2))
    tree = cKDTree(shops)
    _, nearest = tree.query(shops, k=min(PART_MAKERS, asked.workshops))
    return _Town(
        dice, centres, weight, shops, district, dice.uniform(70, 140, asked.workshops),
        dice.uniform(20, 60, asked.workshops), np.atleast_2d(nearest.T).T, tree,
    )  # fmt: skip


@dataclass(slots=True)
class _Lots:
    """Lots with the same number of options each; uses in a table, resource −1: none."""

    cost: Ints
    #: [options], or [options × uses]; int32
    resource: Ints
    amount: Ints
    unmet: Ints
    units: Ints
    options_per_lot: int


def _make_lots(asked: Asked, town: _Town, count: int) -> _Lots:
    dice = town.dice
    place = town.centres[dice.choice(len(town.centres), count, p=town.weight)] + dice.normal(0, 8, (count, 2))
    many = asked.weeks > 1 or asked.parts > 1
    near = min(ENDS if many else MAKERS, asked.workshops)
    distance, ends = town.tree.query(place, k=near, workers=-1)
    distance = np.asarray(distance).reshape(count, near)
    ends = np.asarray(ends).reshape(count, near).astype(np.int32)
    units = np.where(dice.random(count) < asked.splittable, dice.integers(2, MOST_UNITS + 1, count), 1)
    minutes = np.ceil(np.clip(dice.lognormal(5, 0.7, count), 20, 1200) / units)
    per_km = dice.uniform(20, 60, count) / units
    if asked.parts == 1:
        resource, amount, cost = _one_part(asked, town, ends, minutes)
    else:
        resource, amount, cost = _many_parts(asked, town, ends, minutes)
    options = cost.shape[1]
    cost = cost + np.ceil(np.resize(distance, (count, near))[:, np.arange(options) % near] * per_km[:, None])
    cents = (cost + np.ceil(200 / units)[:, None]).astype(np.int64)
    unmet = cents.max(axis=1) * IMPORT_FACTOR
    if asked.fairness:
        resource, amount = _add_fair_use(asked, resource, amount)
    shape = (-1,) if resource.ndim == 2 else (-1, resource.shape[2])
    return _Lots(cents.ravel(), resource.reshape(shape), amount.reshape(shape), unmet, units, options)


def _one_part(asked: Asked, town: _Town, ends: Ints, minutes: Floats) -> tuple[Narrow, Narrow, Floats]:
    """Return resource and amount, [lots × options], and cost: one workshop in one week."""
    dice, (count, near) = town.dice, ends.shape
    week, late = _weeks(asked, dice, count, near)
    shop = np.tile(ends, (1, week.shape[1] // near))
    noise = np.tile(dice.uniform(0.9, 1.1, ends.shape), (1, week.shape[1] // near))
    amount = np.ceil(minutes[:, None] * 100 / town.speed[shop] * noise).astype(np.int32)
    cost = amount * town.rate[shop] * (1 + 0.05 * late)
    return (shop * asked.weeks + week).astype(np.int32), amount, np.asarray(np.ceil(cost))


def _weeks(asked: Asked, dice: np.random.Generator, count: int, near: int) -> tuple[Ints, Ints]:
    """Return week and weeks late of each option, [lots × options]; options go through all ends for each week."""
    if asked.weeks == 1:
        none = np.zeros((count, near), dtype=np.int64)
        return none, none
    open_weeks = min(WEEKS_OPEN, asked.weeks)
    lead = 1 if asked.parts > 1 else 0
    due = dice.integers(lead, max(lead + 1, asked.weeks - open_weeks + 2), count)
    nth = np.repeat(np.arange(open_weeks), near)
    first = np.clip(due - 1, lead, asked.weeks - open_weeks)
    week = first[:, None] + nth
    return week, np.maximum(0, week - due[:, None])


def _many_parts(asked: Asked, town: _Town, ends: Ints, minutes: Floats) -> tuple[Ints, Ints, Floats]:
    """Return resources and amounts, [lots × options × uses], and cost: parts made near the workshop that ends."""
    dice, (count, near) = town.dice, ends.shape
    week, late = _weeks(asked, dice, count, near)
    end = np.tile(ends, (1, week.shape[1] // near))
    share = dice.dirichlet(np.full(asked.parts + 1, 3.0), count)
    kilograms = np.ceil(dice.lognormal(2, 0.8, (count, asked.parts)))
    machines, districts = asked.workshops * asked.weeks, len(town.centres)
    resources, amounts, cost = [], [], np.zeros(end.shape)
    for part in range(asked.parts + 1):
        is_last = part == asked.parts
        pick = dice.integers(0, town.nearest.shape[1], end.shape)
        shop = end if is_last else town.nearest[end, pick]
        made = np.where(shop == end, week, np.maximum(week - 1, 0))
        amount = np.ceil(minutes[:, None] * share[:, part : part + 1] * 100 / town.speed[shop])
        cost += amount * town.rate[shop]
        resources.append(shop * asked.weeks + made)
        amounts.append(amount)
        if not is_last:
            one, other = np.sort([town.district[shop], town.district[end]], axis=0)
            link = machines + (one * districts + other) * asked.weeks + made
            resources.append(np.where(one != other, link, -1))
            amounts.append(np.where(one != other, kilograms[:, part : part + 1], 0))
            cost += np.where(one != other, 10 * kilograms[:, part : part + 1], 0)
    merged = _merge_uses(np.stack(resources, axis=2), np.stack(amounts, axis=2))
    return *merged, np.ceil(cost * (1 + 0.05 * late))


def _merge_uses(resources: Ints, amounts: Floats) -> tuple[Ints, Ints]:
    """Return uses in which no resource stands twice in one option; −1: none."""
    order = np.argsort(resources, axis=2, kind="stable")
    resources, amounts = np.take_along_axis(resources, order, 2), np.take_along_axis(amounts, order, 2)
    for column in range(resources.shape[2] - 1):
        same = resources[:, :, column] == resources[:, :, column + 1]
        amounts[:, :, column + 1] += np.where(same, amounts[:, :, column], 0)
        resources[:, :, column][same] = -1
    return resources.astype(np.int32), amounts.astype(np.int32)


def _add_fair_use(asked: Asked, resource: Ints, amount: Ints) -> tuple[Ints, Ints]:
    """Return uses with those of each workshop's load over all weeks added; only with one part."""
    shop = resource // asked.weeks
    fair = asked.workshops * asked.weeks + shop
    return np.stack((resource, fair.astype(np.int32)), axis=2), np.stack((amount, amount), axis=2)


def _join(pieces: list[_Lots]) -> _Lots:
    columns = {
        name: np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("cost", "resource", "amount", "unmet", "units")
    }
    return _Lots(**columns, options_per_lot=pieces[0].options_per_lot)


def _with_capacity(asked: Asked, town: _Town, lots: _Lots) -> PlanningProblem:
    machines, districts = asked.workshops * asked.weeks, len(town.centres)
    links = districts * districts * asked.weeks if asked.parts > 1 else 0
    count = machines + links + (asked.workshops if asked.fairness else 0)
    if lots.resource.ndim == 1:
        resource, amount = lots.resource, lots.amount
        use_start = np.arange(len(resource) + 1, dtype=np.int64)
    else:
        taken = lots.resource >= 0
        resource, amount = lots.resource[taken], lots.amount[taken]
        use_start = np.append(0, np.cumsum(taken.sum(axis=1))).astype(np.int64)
    spread = _spread(lots, resource, amount, use_start, count)
    capacity = _level(town, spread[:machines], largest=int(amount.max()))
    if links:
        used = spread[machines : machines + links]
        capacity = np.append(capacity, np.where(used > 0, np.ceil(used / UTILISATION) + 50, 0))
    steps = _fair_steps(asked, capacity) if asked.fairness else [np.zeros(0, dtype=np.int64)] * 4
    if asked.fairness:
        hours = capacity[:machines].reshape(asked.workshops, asked.weeks).sum(axis=1)
        capacity = np.append(capacity, hours * FAIR_LOAD_STEPS[0][0] // 100)
    return PlanningProblem(
        option_start=np.arange(len(lots.unmet) + 1, dtype=np.int64) * lots.options_per_lot,
        option_cost=lots.cost,
        use_start=use_start,
        use_resource=resource,
        use_amount=amount,
        unmet_cost=lots.unmet,
        capacity=capacity.astype(np.int64),
        step_resource=steps[0],
        step_size=steps[1],
        step_blocks=steps[2],
        step_cost=steps[3],
        lot_units=lots.units.astype(np.int64) if asked.splittable else None,
    )


def _spread(lots: _Lots, resource: Ints, amount: Ints, use_start: Ints, count: int) -> Floats:
    """Return the load of each resource if every lot were spread evenly over its options, [R]."""
    total = np.zeros(count)
    step = 1_000_000 * max(1, lots.options_per_lot)
    for first in range(0, len(lots.cost), step):
        end = min(len(lots.cost), first + step)
        uses = slice(int(use_start[first]), int(use_start[end]))
        some = slice(first // lots.options_per_lot, -(-end // lots.options_per_lot))
        units = np.repeat(lots.units[some], lots.options_per_lot)
        each = np.repeat(units, np.diff(use_start[first : end + 1]))
        total += np.bincount(resource[uses], amount[uses] * each / lots.options_per_lot, count)
    return total


def _level(town: _Town, spread: Floats, largest: int) -> Ints:
    """Return the minutes of each machine and week: uneven, together so many that three quarters of them are used."""
    even = town.dice.uniform(0.5, 1.5, len(spread)) * (0.5 * spread + 0.5 * spread.mean())
    capacity = np.ceil(even * spread.sum() / UTILISATION / even.sum()).astype(np.int64)
    return np.asarray(np.maximum(capacity, min(largest, 300)))


def _fair_steps(asked: Asked, capacity: Ints) -> list[Ints]:
    """Return resource, size, blocks and cost of the steps of each workshop's load."""
    machines = asked.workshops * asked.weeks
    hours = capacity[:machines].reshape(asked.workshops, asked.weeks).sum(axis=1).astype(np.int64)
    rows = []
    for nth, (percent, factor) in enumerate(FAIR_LOAD_STEPS):
        until = FAIR_LOAD_STEPS[nth + 1][0] if nth + 1 < len(FAIR_LOAD_STEPS) else 200
        blocks = -(-(hours * (until - percent) // 100) // 60)
        rows.append((machines + np.arange(asked.workshops), np.full_like(hours, 60), np.maximum(1, blocks),
                     np.full_like(hours, FAIRNESS_CENTS * factor)))  # fmt: skip
    columns = [np.stack([row[column] for row in rows], axis=1).ravel() for column in range(4)]
    return [column.astype(np.int64) for column in columns]
