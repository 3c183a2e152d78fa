"""A region in two halves that know nothing of each other but prices and loads: what a distributed engine would do.

Nothing here is used by the program: it shows that the core can be split as ``docs/planning.md`` says, by calling it.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from planning.tiny_problems import as_dict, ints, naive_cost_of, naive_faults
from scipy.optimize import minimize

from benchmarks.generator import make_region
from benchmarks.region_audit import audit_region
from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.compiled import build_arrays
from cosmolocal.planning.solvers.relaxation import find_prices, lagrangian_bound, lagrangian_total, least_priced
from cosmolocal.planning.solvers.soft_dual import SoftDual
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Known, SolveSettings, Watch

KINDS = {"one resource": {}, "weeks": {"weeks": 2}, "parts and links": {"parts": 2, "weeks": 2}}


@dataclass(frozen=True, slots=True)
class Half:
    """Some lots of a region with their options; its resources are numbered as the whole's."""

    problem: PlanningProblem
    #: [options] in the whole
    options: Ints

    def relaxed(self, prices: Ints) -> Ints:
        """Return the loads, [R], that its lots would put on all resources at the prices, capacities aside."""
        # a tenth of a cent off the best makes ties rare; whatever is answered, only shares follow from it
        dual = SoftDual(build_arrays(self.problem), np.arange(self.problem.lot_count))
        slope = dual.value_and_slope(prices / PRICE_SCALE / dual.scale, 0.1)[1]
        return np.rint(self.problem.capacity - slope / dual.scale).astype(np.int64)


def take_lots(problem: PlanningProblem, lots: Ints, capacity: Ints) -> Half:
    options = np.flatnonzero(np.isin(problem.option_lot(), lots))
    uses = np.flatnonzero(np.isin(problem.use_option(), options))
    part = replace(
        problem,
        option_start=ints(np.append(0, np.cumsum(np.diff(problem.option_start)[lots]))),
        option_cost=problem.option_cost[options],
        use_start=ints(np.append(0, np.cumsum(np.diff(problem.use_start)[options]))),
        use_resource=problem.use_resource[uses],
        use_amount=problem.use_amount[uses],
        unmet_cost=problem.unmet_cost[lots],
        capacity=capacity,
        lot_units=None if problem.lot_units is None else problem.lot_units[lots],
    )
    return Half(part, options)


@cache
def cut(kind: str) -> tuple[PlanningProblem, tuple[Half, Half]]:
    """Return a region and its halves: lots by whose machine is cheapest; one has all capacity, the other none."""
    whole = make_region(lots=300, workshops=30, seed=3, **KINDS[kind])
    order = np.lexsort((whole.option_cost, whole.option_lot()))
    machine = whole.use_resource[whole.use_start[order[whole.option_start[:-1]]]]
    is_east = machine >= np.median(machine)
    west, east = np.flatnonzero(~is_east), np.flatnonzero(is_east)
    return whole, (take_lots(whole, west, whole.capacity), take_lots(whole, east, 0 * whole.capacity))


def find_prices_by_halves(halves: tuple[Half, ...]) -> Ints:
    """Return prices that nobody found who saw both halves: each answers prices with a value and a slope, to be added.

    Each half counts the capacity that it was given; together that is the capacity there is.
    """
    duals = [SoftDual(build_arrays(half.problem), np.arange(half.problem.lot_count)) for half in halves]

    def ask(prices: np.ndarray, temperature: float) -> tuple[float, np.ndarray]:
        answers = [(dual, dual.value_and_slope(prices / dual.scale, temperature)) for dual in duals]
        return sum(value for _, (value, _) in answers), sum(slope / dual.scale for dual, (_, slope) in answers)

    prices = np.zeros(halves[0].problem.resource_count)
    for temperature in (1_000.0, 300.0, 100.0, 30.0, 10.0):
        free = [(0.0, None)] * len(prices)
        prices = minimize(ask, prices, args=(temperature,), jac=True, method="L-BFGS-B", bounds=free).x
    return np.rint(prices * PRICE_SCALE).astype(np.int64)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bound_of_the_whole_is_the_sum_of_what_its_halves_say(kind: str):
    """To the thousandth of a cent, at any prices."""
    whole, halves = cut(kind)
    dice = np.random.default_rng(0)
    for prices in (find_prices_by_halves(halves), ints(dice.integers(0, 5_000, whole.resource_count))):
        parts = [lagrangian_total(half.problem, prices, least_priced(half.problem, prices)) for half in halves]
        assert sum(parts) == lagrangian_total(whole, prices, least_priced(whole, prices))
        assert lagrangian_bound(whole, prices) == max(0, -(-sum(parts) // PRICE_SCALE))


@pytest.mark.parametrize("kind", KINDS)
def test_halves_find_prices_as_good_as_those_of_the_whole(kind: str):
    whole, halves = cut(kind)
    together = lagrangian_bound(whole, find_prices(whole))
    assert lagrangian_bound(whole, find_prices_by_halves(halves)) > 0.995 * together
    assert lagrangian_bound(whole, ints(np.zeros(whole.resource_count))) < 0.99 * together, "nothing is scarce"


@pytest.mark.parametrize("kind", KINDS)
def test_halves_that_share_capacity_by_their_loads_make_a_plan_of_the_whole(kind: str):
    """Each resource is shared as the halves' loads at the prices are; then nobody asks the other anything."""
    whole, halves = cut(kind)
    prices = find_prices_by_halves(halves)
    loads = [half.relaxed(prices) for half in halves]
    assert ((loads[0] > 0) & (loads[1] > 0)).sum() > 2, "the halves share nothing"
    west = np.where(sum(loads) > 0, whole.capacity * loads[0] // np.maximum(1, sum(loads)), whole.capacity)
    shares = (west, whole.capacity - west)
    options, units, cost = [], [], 0
    for half, share in zip(halves, shares, strict=True):
        problem = replace(half.problem, capacity=share)
        found = solve(problem, SolveSettings(20.0, 0.01, 0, "prices"), Watch(), Known(prices=prices))
        options.append(half.options[found.taken.option])
        units.append(found.taken.units)
        cost += found.cost_cents
    order = np.argsort(np.concatenate(options))
    taken = Taken(np.concatenate(options)[order], np.concatenate(units)[order])
    bound = lagrangian_bound(whole, prices)
    assert audit_region(whole, taken, cost, bound) == []
    assert naive_faults(whole, as_dict(taken)) == []
    assert naive_cost_of(whole, as_dict(taken)) == cost
    assert cost - bound <= 0.08 * cost
