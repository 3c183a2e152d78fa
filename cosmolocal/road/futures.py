"""Futures: demand, growth and prices drawn within their ranges, and how far a path gets in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.solvers.making import make_most
from cosmolocal.planning.solvers.roads import RoadProblem
from cosmolocal.records import Band, Figure, RoadTerms
from cosmolocal.road.problem import RoadInputs, grown, share_weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MILLION = 1_000_000
#: [per cent] of the futures below the band, and below its upper edge
LOW, HIGH = 10, 90


@dataclass(frozen=True, slots=True, eq=False)
class Future:
    """One way things may come."""

    #: [C × Y] EUR consumed
    demand: Floats
    #: [I] by how much prices and yearly costs of each offer differ
    prices: Floats


def draw_futures(inputs: RoadInputs) -> list[Future]:
    """Return futures, the same for the same seed on every machine; each range is drawn from as a triangle."""
    dice = Random(inputs.terms.seed)
    return [_draw(inputs, dice) for _ in range(inputs.terms.samples)]


def _draw(inputs: RoadInputs, dice: Random) -> Future:
    first = inputs.consumption.year
    demand = []
    for one in inputs.consumption.categories:
        eur, growth = _throw(dice, one.eur), _throw(dice, one.growth)
        demand.append([grown(eur, growth, year - first) for year in inputs.terms.years])
    prices = [_throw(dice, inputs.terms.prices) / inputs.terms.prices.value for _ in inputs.offers]
    return Future(np.array(demand, dtype=float), np.array(prices))


def _throw(dice: Random, figure: Figure) -> int:
    return round(dice.triangular(figure.low, figure.high, figure.value)) if figure.low < figure.high else figure.value


def follow(problem: RoadProblem, planned: Ints, prices: Floats) -> Ints:
    """Return what is bought of what was planned when prices differ, [I × Y].

    What was planned is bought in its order as soon as the year's budget pays for it and there is room; what does not
    fit waits for the next year. Keeping what stands is paid first.
    """
    offers, years = planned.shape
    price, yearly = problem.price * prices, problem.yearly * prices
    bought, waiting = np.zeros_like(planned), np.zeros(offers, dtype=np.int64)
    for year in range(years):
        waiting += planned[:, year]
        stand = problem.standing(bought[:, : year + 1])[:, year]
        left = problem.budget - float(yearly @ stand)
        room = problem.room - int(problem.slots @ stand)
        for offer in np.flatnonzero(waiting):
            count = int(waiting[offer])
            if (each := price[offer] + yearly[offer]) > 0:
                count = min(count, max(0, int((left + 1e-6) // each)))
            if problem.slots[offer] > 0:
                count = min(count, max(0, room // int(problem.slots[offer])))
            bought[offer, year] += count
            waiting[offer] -= count
            left -= each * count
            room -= int(problem.slots[offer]) * count
    return bought


def measure_futures(inputs: RoadInputs, problem: RoadProblem, planned: Ints, futures: Sequence[Future]) -> Floats:
    """Return the share of each future and year, [S × Y], of what is consumed."""
    bought = [follow(problem, planned, future.prices) for future in futures]
    capacity = np.array([capacity_of(problem, counts) for counts in bought])
    demand = np.array([future.demand for future in futures])
    return share_made(inputs, problem, demand, capacity)


def capacity_of(problem: RoadProblem, counts: Ints) -> Floats:
    """Return the machine minutes of each year with what is bought, [Y × P]."""
    added = np.einsum("ipy,iy->yp", problem.minutes, problem.standing(counts).astype(float))
    return np.asarray(problem.capacity + added, dtype=float)


def share_made(inputs: RoadInputs, problem: RoadProblem, demand: Floats, capacity: Floats) -> Floats:
    """Return the best share with some demand, [S × C × Y], and capacity, [S × Y × P]."""
    weight = np.moveaxis(share_weights(inputs.consumption, inputs.terms, np.moveaxis(demand, 0, -1)), -1, 0)
    worth = np.divide(weight, demand, out=np.zeros_like(weight), where=demand > 0)
    most = problem.most.reshape(1, -1, 1) * demand
    rows, flat = (np.moveaxis(each, 1, 2).reshape(-1, each.shape[1]) for each in (worth, most))
    made = make_most(rows, flat, capacity.reshape(-1, capacity.shape[2]), problem.need).made
    base = np.einsum("c,scy->sy", problem.base, weight)
    return np.asarray(base + (rows * made).sum(axis=1).reshape(base.shape), dtype=float)


def build_bands(terms: RoadTerms, shares: Floats) -> tuple[Band, ...]:
    """Return between what each year's share lies in eight of ten futures."""
    ordered = np.sort(shares, axis=0)
    places = [round((len(ordered) - 1) * percent / 100) for percent in (LOW, 50, HIGH)]
    rows = np.rint(ordered[places] * MILLION).astype(int)
    return tuple(Band(year, *map(int, rows[:, number])) for number, year in enumerate(terms.years))


def count_met(terms: RoadTerms, shares: Floats) -> int:
    """Return in how many of a thousand futures the target is met."""
    met = np.rint(shares[:, -1] * MILLION).astype(int) >= terms.target.share * 1000 - 1
    return round(1000 * float(met.mean()))
