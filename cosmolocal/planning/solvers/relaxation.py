"""Prices of resources, and the exact bound they certify: the Lagrangian dual of the capacities."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from cosmolocal.planning.problem import Ints, PlanningProblem

Floats = NDArray[np.float64]

#: prices are whole thousandths of a cent per minute or kilogram, so that the bound is exact
PRICE_SCALE = 1000
#: softness of the minima, as parts of the median cost of an unmet lot, from coarse to fine
TEMPERATURES = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
#: a rough and quick choice: enough to see what is scarce
ROUGH_TEMPERATURES = (0.03, 0.01, 0.003)
STEPS_PER_TEMPERATURE = 100


def lagrangian_bound(problem: PlanningProblem, prices: Ints, weights: Ints | None = None) -> int:
    """Return a cost in cents that no choice can beat.

    For any prices π ≥ 0: Σ lots min(unmet, min over options (cost + π·use)) − π·capacity
    + Σ steps blocks × min(0, cost − π × size).
    Whole numbers throughout, so rounding cannot make it too high. ``weights``, [L] thousandths of a cent, stand for
    the least priced cost of all ways of each lot; the bound then holds for ways that are no options of the problem too.
    """
    best, _ = cheapest_priced(problem, prices)
    if weights is not None:
        best = np.minimum(best, weights)
    return max(0, -(-lagrangian_total(problem, prices, best) // PRICE_SCALE))


def lagrangian_total(problem: PlanningProblem, prices: Ints, best: Ints) -> int:
    """Return the bound before it is rounded, in thousandths of a cent; ``best`` as of `cheapest_priced`."""
    steps = problem.step_cost * PRICE_SCALE - prices[problem.step_resource] * problem.step_size
    total = int(best.sum()) - int((prices * problem.capacity).sum())
    return total + int((np.minimum(steps, 0) * problem.step_blocks).sum())


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


def find_prices(problem: PlanningProblem, temperatures: tuple[float, ...] = TEMPERATURES) -> Ints:
    """Return the prices of resources at which the bound is about highest, thousandths of a cent per unit, [R].

    The bound is a sum of minima, so it has kinks; soft minima at falling temperatures make it smooth enough for
    L-BFGS-B. Any prices give a valid bound, so nothing here can make it wrong, only lower.
    """
    prices = np.zeros(problem.resource_count, dtype=np.int64)
    if len(problem.use_resource) == 0:
        return prices
    dual = _SmoothDual(problem)
    scaled = np.zeros(len(dual.used))
    for temperature in temperatures:
        result = minimize(
            dual.value_and_slope,
            scaled,
            args=(temperature * float(np.median(dual.unmet)),),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, None)] * len(scaled),
            options={"maxiter": STEPS_PER_TEMPERATURE, "maxcor": 20},
        )
        scaled = result.x
    prices[dual.used] = np.rint(dual.best_prices * PRICE_SCALE).astype(np.int64)
    return prices


class _SmoothDual:
    """The bound as a function of prices x / capacity; remembers the prices with the highest exact value."""

    def __init__(self, problem: PlanningProblem) -> None:
        self.used, self.use_resource = np.unique(problem.use_resource, return_inverse=True)
        self.use_option, self.option_lot = problem.use_option(), problem.option_lot()
        self.amount = problem.use_amount.astype(float)
        self.cost, self.unmet = problem.option_cost.astype(float), problem.unmet_cost.astype(float)
        self.capacity = problem.capacity[self.used].astype(float)
        self.scale = 1.0 / np.maximum(self.capacity, 1.0)
        self.has_options = np.diff(problem.option_start) > 0
        self.starts = problem.option_start[:-1][self.has_options]
        position = np.full(problem.resource_count, -1)
        position[self.used] = np.arange(len(self.used))
        steps = np.flatnonzero(position[problem.step_resource] >= 0)
        self.step_resource = position[problem.step_resource[steps]]
        self.step_size = problem.step_size[steps].astype(float)
        self.step_blocks = problem.step_blocks[steps].astype(float)
        self.step_cost = problem.step_cost[steps].astype(float)
        self.best_value, self.best_prices = -np.inf, np.zeros(len(self.used))

    def value_and_slope(self, scaled: Floats, temperature: float) -> tuple[float, Floats]:
        """Return minus the smoothed bound and its slope."""
        prices = scaled * self.scale
        options, count = len(self.cost), len(self.used)
        priced = self.cost + np.bincount(self.use_option, prices[self.use_resource] * self.amount, options)
        least = self.unmet.copy()
        least[self.has_options] = np.minimum(least[self.has_options], np.minimum.reduceat(priced, self.starts))
        gain = np.minimum(0.0, self.step_cost - prices[self.step_resource] * self.step_size)
        idle = float(prices @ self.capacity)
        exact = float(least.sum()) - idle + float((gain * self.step_blocks).sum())
        if exact > self.best_value:
            self.best_value, self.best_prices = exact, prices
        weight = np.exp((least[self.option_lot] - priced) / temperature)
        total = np.exp((least - self.unmet) / temperature)
        total[self.has_options] += np.add.reduceat(weight, self.starts)
        share = weight / total[self.option_lot]
        load = np.bincount(self.use_resource, share[self.use_option] * self.amount, count)
        taken = self.step_blocks * expit((prices[self.step_resource] * self.step_size - self.step_cost) / temperature)
        load -= np.bincount(self.step_resource, taken * self.step_size, count)
        soft_steps = -temperature * np.logaddexp(
            0.0, (prices[self.step_resource] * self.step_size - self.step_cost) / temperature
        )
        value = float((least - temperature * np.log(total)).sum()) - idle + float((soft_steps * self.step_blocks).sum())
        return -value, -(load - self.capacity) * self.scale
