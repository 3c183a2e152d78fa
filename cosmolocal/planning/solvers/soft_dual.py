"""The Lagrangian bound with its minima made soft, which a gradient method can climb."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.compiled import CHUNKS, THREADS, Arrays, compiled, piece

Floats = NDArray[np.float64]

#: options whose share of a lot is below e^−SHARPEST add nothing
SHARPEST = 25.0


class _Sums(NamedTuple):
    """What is added up, by chunk of lots."""

    #: [chunks × R]
    loads: Floats
    #: [chunks × 2] hard and soft minima
    minima: Floats
    #: [chunks × most options of a lot] for sums of one lot
    shares: Floats


@compiled
def _add_minima(arrays: Arrays, lots: Ints, prices: Floats, temperature: float, sums: _Sums, chunk: int) -> None:
    """Add up the hard and soft minima of a chunk of ``lots`` and the loads of the soft choice."""
    load = sums.loads[chunk]
    load[:] = 0.0
    share = sums.shares[chunk]
    hard = soft = 0.0
    first_lot, end_lot = piece(len(lots), chunk)
    for position in range(first_lot, end_lot):
        lot = lots[position]
        first, end = arrays.option_start[lot], arrays.option_start[lot + 1]
        unmet = float(arrays.unmet_cost[lot])
        best = unmet
        for option in range(first, end):
            cost = float(arrays.option_cost[option])
            for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
                cost += prices[arrays.use_resource[use]] * arrays.use_amount[use]
            share[option - first] = cost
            best = min(best, cost)
        # the units of a lot choose together: splitting a lot is no dearer to the relaxation
        units = float(arrays.lot_units[lot])
        sharpness = units / temperature
        total = np.exp((best - unmet) * sharpness)
        for nth in range(end - first):
            above = (share[nth] - best) * sharpness
            share[nth] = np.exp(-above) if above < SHARPEST else 0.0
            total += share[nth]
        hard += units * best
        soft += units * best - temperature * np.log(total)
        for nth in range(end - first):
            if share[nth] > 0.0:
                part = share[nth] * units / total
                for use in range(arrays.use_start[first + nth], arrays.use_start[first + nth + 1]):
                    load[arrays.use_resource[use]] += part * arrays.use_amount[use]
    sums.minima[chunk, 0], sums.minima[chunk, 1] = hard, soft


@dataclass
class SoftDual:
    """The bound as a function of x = price × capacity; remembers the prices with the highest hard value."""

    arrays: Arrays
    #: lots that are looked at, and which part of all they are: a sample has that part of the capacity
    lots: Ints
    part: float = 1.0
    best_value: float = -np.inf
    best_prices: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        resources = len(self.arrays.capacity)
        self.capacity = self.arrays.capacity * self.part
        self.scale = 1.0 / np.maximum(self.capacity, 1.0)
        self.step_resource = np.repeat(np.arange(resources), np.diff(self.arrays.step_start))
        self.step_blocks = self.arrays.step_blocks * self.part
        most = int(np.diff(self.arrays.option_start).max(initial=1))
        self.sums = _Sums(np.zeros((CHUNKS, resources)), np.zeros((CHUNKS, 2)), np.zeros((CHUNKS, most)))
        self.best_prices = np.zeros(resources)

    def value_and_slope(self, scaled: Floats, temperature: float) -> tuple[float, Floats]:
        """Return minus the soft bound and its slope."""
        prices = scaled * self.scale
        THREADS.run(_add_minima, CHUNKS, self.arrays, self.lots, prices, temperature, self.sums)
        gain = prices[self.step_resource] * self.arrays.step_size - self.arrays.step_cost
        idle = float(prices @ self.capacity)
        hard = float(self.sums.minima[:, 0].sum()) - idle - float((np.maximum(gain, 0.0) * self.step_blocks).sum())
        if hard > self.best_value:
            self.best_value, self.best_prices = hard, prices
        load = self.sums.loads.sum(axis=0)
        if len(gain):
            taken = self.step_blocks * expit(gain / temperature) * self.arrays.step_size
            load -= np.bincount(self.step_resource, taken, len(load))
        soft_steps = temperature * np.logaddexp(0.0, gain / temperature)
        value = float(self.sums.minima[:, 1].sum()) - idle - float((soft_steps * self.step_blocks).sum())
        return -value, -(load - self.capacity) * self.scale
