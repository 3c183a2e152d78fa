"""The search of the large-scale solver: open lots move while it cools, then all capacities are kept again."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.annealing import Field, Heat, anneal
from cosmolocal.planning.solvers.candidates import MOST_OPTIONS, NONE, OpenLots, OpenTo, Regrets, open_lots
from cosmolocal.planning.solvers.compiled import Arrays
from cosmolocal.planning.solvers.soft_dual import Floats
from cosmolocal.planning.solvers.solution import PRICE_SCALE
from cosmolocal.planning.solvers.standing import Standing, nothing_taken
from cosmolocal.planning.solvers.zoning import build_zones, count_zones, order_resources

#: steps of cooling, each at one temperature
STEPS = 30
#: what overload costs in parts of the price, from the first step to the last, and in the last steps that end it
SOFTEST, HARDEST, HARD_STEPS = 1.02, 3.0, (5.0, 8.0, 12.0, 20.0)
#: steps that polish a plan without overload, and what overload costs in them
POLISH_STEPS, POLISH_PENALTY = 10, 50.0
#: lots per scarce resource whose regret sets the first temperature, and that are open; parts of all lots at most
WARM_LOTS, OPEN_LOTS = 3.0, 15.0
MOST_WARM, MOST_OPEN = 0.15, 0.6


#: of a problem of so few lots all are open, with so many options together
FEW_LOTS, FEW_OPTIONS = 2_000, 100_000


@dataclass(frozen=True, slots=True)
class Climate:
    """How warm it is, and which lots are open; all in cents."""

    warmest: float
    coldest: float
    #: regret of options that are considered
    cut: float


def find_climate(regrets: Regrets, scarce: int, wider: float = 1.0) -> Climate:
    """Return the temperatures at which a few lots per scarce resource may take their second best option.

    ``wider`` opens more lots.
    """
    known = np.sort(regrets.regret[regrets.regret < NONE])
    lots = max(1, len(known))
    warm = _quantile(known, min(MOST_WARM, WARM_LOTS * scarce / lots))
    cut = _quantile(known, min(0.95, wider * min(MOST_OPEN, max(0.02, OPEN_LOTS * scarce / lots))))
    warmest = max(1.0, warm / PRICE_SCALE)
    return Climate(warmest, warmest / 3, max(cut / PRICE_SCALE, 5 * warmest))


def _quantile(ordered: Ints, part: float) -> float:
    return float(ordered[min(len(ordered) - 1, int(part * len(ordered)))]) if len(ordered) else 0.0


class Search:
    """Open lots of a problem, moved while all other lots stay where they are."""

    def __init__(self, arrays: Arrays, prices: Ints, regrets: Regrets, climate: Climate, standing: Standing) -> None:
        self.climate = climate
        lots = len(arrays.unmet_cost)
        cut = NONE if lots <= FEW_LOTS else round(climate.cut * PRICE_SCALE)
        most = max(MOST_OPTIONS, FEW_OPTIONS // max(1, lots))
        is_open = (regrets.regret <= cut) | (arrays.lot_units > 1) | (standing.choice != regrets.first)
        self.opened: OpenLots = open_lots(arrays, prices, np.flatnonzero(is_open), standing, OpenTo(cut, most))
        self.place = order_resources(self.opened)
        self.zones = count_zones(self.opened)
        self.penalty = _penalties(arrays, self.opened, prices)
        opened = self.opened
        self.field = Field(opened.arrays, opened.option_lot, opened.user_start, opened.user_option, self.penalty)

    def cool(self, standing: Standing, moves: int, dice: np.random.Generator, is_late: Callable[[], bool]) -> None:
        """Change ``standing`` by ``moves`` per open lot and step; it may overload resources a little."""
        factors = [*np.geomspace(SOFTEST, HARDEST, STEPS).tolist(), *HARD_STEPS]
        cooling = np.geomspace(self.climate.warmest, self.climate.coldest, STEPS).tolist()
        temperatures = [*cooling, *[self.climate.coldest / 3] * len(HARD_STEPS)]
        self._anneal(standing, list(zip(temperatures, factors, strict=True)), moves, dice, is_late)

    def polish(self, standing: Standing, moves: int, dice: np.random.Generator, is_late: Callable[[], bool]) -> None:
        """Improve a plan that keeps all capacities, and hardly leave them."""
        temperatures = np.geomspace(2 * self.climate.coldest, self.climate.coldest / 5, POLISH_STEPS).tolist()
        self._anneal(standing, [(each, POLISH_PENALTY) for each in temperatures], moves, dice, is_late)

    def _anneal(
        self,
        standing: Standing,
        steps: list[tuple[float, float]],
        moves: int,
        dice: np.random.Generator,
        is_late: Callable[[], bool],
    ) -> None:
        inner = self.enter(standing)
        for temperature, factor in steps:
            if is_late():
                break
            zones = build_zones(self.opened, inner, self.place, self.zones, float(dice.random()))
            field = self.field._replace(penalty=self.penalty * factor)
            anneal(field, inner, zones, Heat(temperature, moves, int(dice.integers(1 << 31))))
        self.leave(inner, standing)

    def enter(self, standing: Standing) -> Standing:
        """Return the standing of the open lots, with the loads of all; what is at hand is always open."""
        opened, arrays = self.opened, self.opened.arrays
        inner = nothing_taken(arrays)
        inner.loads[:] = standing.loads
        chosen = standing.choice[opened.lots]
        met = chosen >= 0
        inner.choice[met] = np.searchsorted(opened.options, chosen[met])
        if len(inner.taken):
            inner.taken[:] = standing.taken[opened.options]
            inner.spare[:] = standing.spare[opened.lots]
        return inner

    def leave(self, inner: Standing, standing: Standing) -> None:
        """Write the standing of the open lots back."""
        opened = self.opened
        standing.loads[:] = inner.loads
        standing.choice[opened.lots] = np.append(opened.options, -1)[inner.choice]
        if len(inner.taken):
            standing.taken[opened.options] = inner.taken
            standing.spare[opened.lots] = inner.spare


def _penalties(arrays: Arrays, opened: OpenLots, prices: Ints) -> Floats:
    """Return what a unit of overload costs: the price, or a tenth of what a unit of use costs where that is more."""
    small, count = opened.arrays, len(arrays.capacity)
    option = np.repeat(np.arange(len(opened.options)), np.diff(small.use_start))
    cents = np.bincount(small.use_resource, small.option_cost[option], count)
    units = np.bincount(small.use_resource, small.use_amount, count)
    density = cents / np.maximum(units, 1.0)
    return np.maximum(prices / PRICE_SCALE, 0.1 * density)
