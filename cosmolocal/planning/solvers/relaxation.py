"""Prices of resources from the linear relaxation, and the exact bound they certify."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from cosmolocal.planning.problem import Ints, PlanningProblem

Floats = NDArray[np.float64]

#: prices are whole thousandths of a cent per minute or kilogram, so that the bound is exact
PRICE_SCALE = 1000


def lagrangian_bound(problem: PlanningProblem, prices: Ints) -> int:
    """Return a cost in cents that no choice can beat.

    For any prices π ≥ 0: Σ lots min(unmet, min over options (cost + π·use)) − π·capacity + Σ steps blocks × min(0, cost − π × size).
    Whole numbers throughout, so rounding cannot make it too high.
    """
    best, _ = cheapest_priced(problem, prices)
    steps = problem.step_cost * PRICE_SCALE - prices[problem.step_resource] * problem.step_size
    total = int(best.sum()) - int((prices * problem.capacity).sum())
    total += int((np.minimum(steps, 0) * problem.step_blocks).sum())
    return max(0, -(-total // PRICE_SCALE))


def priced_costs(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return the cost of each option with its resources paid for, in thousandths of a cent, [O]."""
    paid = np.concatenate(([0], np.cumsum(prices[problem.use_resource] * problem.use_amount)))
    return problem.option_cost * PRICE_SCALE + paid[problem.use_start[1:]] - paid[problem.use_start[:-1]]


def cheapest_priced(problem: PlanningProblem, prices: Ints) -> tuple[Ints, Ints]:
    """Return for each lot the least priced cost, unmet included, and the priced cost of each option."""
    priced = priced_costs(problem, prices)
    best = problem.unmet_cost * PRICE_SCALE
    has_options = np.diff(problem.option_start) > 0
    if has_options.any():
        least = np.minimum.reduceat(priced, problem.option_start[:-1][has_options])
        best = best.copy()
        best[has_options] = np.minimum(best[has_options], least)
    return best, priced


def find_prices(problem: PlanningProblem, seconds: float) -> Ints:
    """Return the dual values of the capacities in the linear relaxation, as whole thousandths of a cent, [R].

    Any prices give a valid bound, so noise or a time limit cannot make it wrong; without a result the prices are zero.
    """
    prices = np.zeros(problem.resource_count, dtype=np.int64)
    if len(problem.use_resource) == 0:
        return prices
    used = np.unique(problem.use_resource)
    matrix, limits, costs, bounds = _linear_program(problem, used)
    # the interior point method: measured 20 x faster here than HiGHS' and GLOP's simplex
    result = linprog(
        costs, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs-ipm", options={"time_limit": max(0.1, seconds)}
    )
    if result.ineqlin is None or result.ineqlin.marginals is None:
        return prices
    duals = -np.asarray(result.ineqlin.marginals)[problem.lot_count :]
    prices[used] = np.maximum(np.rint(duals * PRICE_SCALE), 0).astype(np.int64)
    return prices


def _linear_program(problem: PlanningProblem, used: Ints) -> tuple[csr_array, Floats, Floats, Floats]:
    """Return (matrix, limits, costs, bounds): shares of options, then blocks of steps; rows are lots, then used resources."""
    lots, options = problem.lot_count, problem.option_count
    row_of = np.full(problem.resource_count, -1)
    row_of[used] = lots + np.arange(len(used))
    steps = np.flatnonzero(row_of[problem.step_resource] >= 0)
    option_lot = problem.option_lot()
    rows = np.concatenate((option_lot, row_of[problem.use_resource], row_of[problem.step_resource[steps]]))
    columns = np.concatenate((np.arange(options), problem.use_option(), options + np.arange(len(steps))))
    values = np.concatenate((np.ones(options), problem.use_amount, -problem.step_size[steps]))
    matrix = csr_array((values, (rows, columns)), shape=(lots + len(used), options + len(steps)))
    limits = np.concatenate((np.ones(lots), problem.capacity[used]))
    costs = np.concatenate((problem.option_cost - problem.unmet_cost[option_lot], problem.step_cost[steps]))
    upper = np.concatenate((np.full(options, np.inf), problem.step_blocks[steps]))
    return matrix, limits, costs.astype(float), np.column_stack((np.zeros(len(upper)), upper))
