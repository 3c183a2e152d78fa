"""Prices of resources, and the exact bound they certify: the Lagrangian dual of the capacities."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.compiled import CHUNKS, THREADS, Arrays, build_arrays, compiled, piece, priced_cost
from cosmolocal.planning.solvers.presolve import most_load, take_options
from cosmolocal.planning.solvers.soft_dual import SoftDual
from cosmolocal.planning.solvers.solution import PRICE_SCALE

Floats = NDArray[np.float64]

#: softness of the minima, as parts of what a lot costs in the middle, from coarse to fine
TEMPERATURES = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
#: a rough and quick choice: enough to see what is scarce
ROUGH_TEMPERATURES = (0.1, 0.03, 0.01)
STEPS_PER_TEMPERATURE = 60
#: beyond twice so many uses, a sample of lots with about as many shows where the prices of all of them are
SAMPLE_USES = 2_000_000
#: the libraries that NumPy and SciPy brought along; to look for them anew takes milliseconds each time
_LIBRARIES = ThreadpoolController()


def lagrangian_bound(problem: PlanningProblem, prices: Ints, weights: Ints | None = None) -> int:
    """Return a cost in cents that no choice can beat.

    For any prices π ≥ 0: Σ lots units × min(unmet, min over options (cost + π·use)) − π·capacity
    + Σ steps blocks × min(0, cost − π × size).
    Whole numbers throughout, so rounding cannot make it too high. ``weights``, [L] thousandths of a cent, stand for
    the least priced cost of all ways of each lot; the bound then holds for ways that are no options of the problem too.
    """
    best = least_priced(problem, prices)
    if weights is not None:
        best = np.minimum(best, weights)
    return max(0, -(-lagrangian_total(problem, prices, best) // PRICE_SCALE))


def lagrangian_total(problem: PlanningProblem, prices: Ints, best: Ints) -> int:
    """Return the bound before it is rounded, in thousandths of a cent; ``best`` as of `least_priced`."""
    steps = problem.step_cost * PRICE_SCALE - prices[problem.step_resource] * problem.step_size
    lots = best if problem.lot_units is None else best * problem.lot_units
    total = int(lots.sum()) - int((prices * problem.capacity).sum())
    return total + int((np.minimum(steps, 0) * problem.step_blocks).sum())


def priced_costs(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return the cost of each option with its resources paid for, in thousandths of a cent, [O]."""
    priced = np.empty(problem.option_count, dtype=np.int64)
    THREADS.run(_price_options, CHUNKS, build_arrays(problem), prices, priced)
    return priced


def least_priced(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return for each lot the least priced cost of a unit, unmet included, in thousandths of a cent, [L]."""
    best = np.empty(problem.lot_count, dtype=np.int64)
    THREADS.run(_find_least, CHUNKS, build_arrays(problem), prices, best)
    return best


def options_worth_keeping(problem: PlanningProblem, prices: Ints, cost: int) -> Ints:
    """Return the options that a plan cheaper than ``cost`` may hold; all others are proved useless.

    Taking an option costs at least its priced cost above the lot's cheapest; where the prices' bound + that > cost − 1,
    no better plan has it.
    """
    best, priced = least_priced(problem, prices), priced_costs(problem, prices)
    least_total = lagrangian_total(problem, prices, best) + priced - best[problem.option_lot()]
    return np.flatnonzero(least_total <= (cost - 1) * PRICE_SCALE)


@compiled
def _price_options(arrays: Arrays, prices: Ints, priced: Ints, chunk: int) -> None:
    first, end = piece(len(priced), chunk)
    for option in range(first, end):
        priced[option] = priced_cost(arrays, prices, option)


@compiled
def _find_least(arrays: Arrays, prices: Ints, best: Ints, chunk: int) -> None:
    first, end = piece(len(best), chunk)
    for lot in range(first, end):
        least = arrays.unmet_cost[lot] * 1000
        for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
            least = min(least, priced_cost(arrays, prices, option))
        best[lot] = least


def find_prices(
    problem: PlanningProblem,
    temperatures: tuple[float, ...] = TEMPERATURES,
    start: Ints | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Ints:
    """Return the prices of resources at which the bound is about highest, thousandths of a cent per unit, [R].

    The bound is a sum of minima, so it has kinks; soft minima at falling temperatures make it smooth enough for
    L-BFGS-B. Any prices give a valid bound, so nothing here can make it wrong, only lower. ``start``, [R], are prices
    to begin with: only the finest temperatures are gone through then. ``stopped`` ends the search early.
    """
    known = full_block_prices(problem)
    if known.any():
        rest = charge(problem, known)
        return np.asarray(known + find_prices(rest, temperatures, start, stopped), dtype=np.int64)
    if len(problem.use_resource) == 0 or problem.lot_count == 0:
        return np.zeros(problem.resource_count, dtype=np.int64)
    arrays = build_arrays(problem)
    every = np.arange(problem.lot_count)
    prices = None if start is None else start / PRICE_SCALE
    typical = _typical_cost(problem)
    # the vectors are short: threads of BLAS would only wait for each other, and made this six times slower
    with _LIBRARIES.limit(limits=1, user_api="blas"):
        uses = len(problem.use_resource)
        if prices is None and uses > 2 * SAMPLE_USES:
            sample = every[:: max(1, uses // SAMPLE_USES)]
            dual = SoftDual(arrays, sample, len(sample) / len(every))
            prices = _climb(dual, None, [each * typical for each in temperatures], stopped)
        left = temperatures if prices is None else temperatures[-2:]
        dual = SoftDual(arrays, every)
        _climb(dual, prices, [each * typical for each in left], stopped)
    return np.rint(dual.best_prices * PRICE_SCALE).astype(np.int64)


def full_block_prices(problem: PlanningProblem) -> Ints:
    """Return the price of resources without a capacity whose one step is enough for all lots, [R]; else 0.

    No other price gives a higher bound (``docs/planning.md``): it is what a block costs over its size, rounded down.
    """
    prices = np.zeros(problem.resource_count, dtype=np.int64)
    has_one = (np.bincount(problem.step_resource, minlength=problem.resource_count) == 1) & (problem.capacity == 0)
    if not has_one.any():  # else counting alone would take the memory of all uses several times
        return prices
    most = most_load(problem, has_one[problem.use_resource])
    steps = np.flatnonzero(has_one[problem.step_resource])
    resource, size = problem.step_resource[steps], problem.step_size[steps]
    steps = steps[(most[resource] > 0) & (problem.step_blocks[steps] >= -(-most[resource] // size))]
    prices[problem.step_resource[steps]] = PRICE_SCALE * problem.step_cost[steps] // problem.step_size[steps]
    return prices


def charge(problem: PlanningProblem, prices: Ints) -> PlanningProblem:
    """Return the problem whose options pay prices in cents, rounded down, for what they no longer use."""
    is_paid = prices[problem.use_resource] > 0
    paid = prices[problem.use_resource] * problem.use_amount * is_paid
    per_option = np.add.reduceat(np.append(paid, 0), problem.use_start[:-1]) if len(problem.use_start) > 1 else paid
    per_option = np.where(np.diff(problem.use_start) > 0, per_option, 0)
    every = np.ones(problem.option_count, dtype=np.bool_)
    rest = take_options(problem, every, ~is_paid)
    return replace(rest, option_cost=problem.option_cost + per_option // PRICE_SCALE)


def _typical_cost(problem: PlanningProblem) -> float:
    """Return what a lot costs in the middle: the median of their cheapest options, of some thousand lots."""
    some = np.flatnonzero(np.diff(problem.option_start) > 0)
    some = some[:: max(1, len(some) // 10_000)]
    costs = [
        int(problem.units[lot] if problem.lot_units is not None else 1)
        * min(
            int(problem.option_cost[problem.option_start[lot] : problem.option_start[lot + 1]].min()),
            int(problem.unmet_cost[lot]),
        )
        for lot in some.tolist()
    ]
    return max(1.0, float(np.median(costs))) if costs else 1.0


def _climb(dual: SoftDual, prices: Floats | None, temperatures: list[float], stopped: Callable[[], bool]) -> Floats:
    """Climb the bound at falling temperatures; return the best prices met.

    What no option uses has no price: to climb only along the others takes a fourth of the time where most are idle.
    """
    used = np.unique(dual.arrays.use_resource)
    whole = np.zeros(len(dual.scale))
    scaled = whole[used] if prices is None else (prices / dual.scale)[used]

    def value_and_slope(some: Floats, temperature: float) -> tuple[float, Floats]:
        whole[used] = some
        value, slope = dual.value_and_slope(whole, temperature)
        return value, slope[used]

    def end_if_stopped(xk: Floats) -> None:  # noqa: ARG001 - the name by which SciPy hands it over
        if stopped():
            raise StopIteration

    for temperature in temperatures:
        if stopped():
            break
        result = minimize(
            value_and_slope,
            scaled,
            args=(temperature,),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, None)] * len(scaled),
            callback=end_if_stopped,
            options={"maxiter": STEPS_PER_TEMPERATURE, "maxcor": 20, "ftol": 1e-10, "gtol": 1e-9},
        )
        scaled = result.x
    return dual.best_prices
