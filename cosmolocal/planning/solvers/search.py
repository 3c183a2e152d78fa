"""The search of the large-scale solver: open lots move while it cools, then all capacities are kept again."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.annealing import Field, Heat, anneal
from cosmolocal.planning.solvers.candidates import MOST_OPTIONS, NONE, OpenLots, OpenTo, Regrets, open_lots
from cosmolocal.planning.solvers.compiled import Arrays
from cosmolocal.planning.solvers.soft_dual import Floats
from cosmolocal.planning.solvers.solution import PRICE_SCALE
from cosmolocal.planning.solvers.standing import Standing, nothing_taken
from cosmolocal.planning.solvers.zoning import build_zones, count_zones, order_resources

#: steps of cooling, each at one temperature: of a search from nothing, and of one around a plan
STEPS, STEPS_AROUND = 30, 15
#: what overload costs in parts of the price, from the first step to the last
SOFTEST, HARDEST = 1.02, 2.5
#: then steps in which it costs more from step to step where there still is some, and less where there is none
SETTLING_STEPS, DEARER, CHEAPER = 80, 1.12, 0.97
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
    #: of cooling
    steps: int = STEPS

    def around(self, part: float) -> "Climate":
        """Return the climate of a search around a plan: a part of the temperatures, in fewer steps."""
        return replace(self, warmest=part * self.warmest, coldest=part * self.coldest, steps=STEPS_AROUND)


def find_climate(regrets: Regrets, scarce: int, uses: float) -> Climate:
    """Return the temperatures at which a few lots per scarce resource may take their second best option.

    The more resources an option uses, the rarer is one that fits: ``uses``, their mean, opens more of them.
    """
    wider = max(1.0, uses) ** 0.5
    known = np.sort(regrets.regret[regrets.regret < NONE])
    lots = max(1, len(known))
    warm = _quantile(known, min(MOST_WARM, WARM_LOTS * scarce / lots))
    cut = _quantile(known, min(MOST_OPEN, max(0.02, OPEN_LOTS * scarce / lots)))
    warmest = wider * max(0.05, warm / PRICE_SCALE)
    return Climate(warmest, warmest / 3, max(wider * cut / PRICE_SCALE, 5 * warmest))


def _quantile(ordered: Ints, part: float) -> float:
    return float(ordered[min(len(ordered) - 1, int(part * len(ordered)))]) if len(ordered) else 0.0


class Search:
    """Open lots of a problem, moved while all other lots stay where they are."""

    def __init__(
        self,
        arrays: Arrays,
        prices: Ints,
        regrets: Regrets,
        climate: Climate,
        standing: Standing,
        most: int | None = None,
    ) -> None:
        self.climate = climate
        lots = len(arrays.unmet_cost)
        cut = NONE if lots <= FEW_LOTS else round(climate.cut * PRICE_SCALE)
        most = max(MOST_OPTIONS, FEW_OPTIONS // max(1, lots)) if most is None else most
        is_open = (regrets.regret <= cut) | (arrays.lot_units > 1) | (standing.choice != regrets.first)
        self.opened: OpenLots = open_lots(arrays, prices, np.flatnonzero(is_open), standing, OpenTo(cut, most))
        self.place = order_resources(self.opened)
        self.zones = count_zones(self.opened)
        self.penalty = _penalties(arrays, self.opened, prices)
        opened = self.opened
        self.field = Field(opened.arrays, opened.option_lot, opened.user_start, opened.user_option, self.penalty, 1.0)

    def cool(self, standing: Standing, moves: int, dice: np.random.Generator, is_late: Callable[[], bool]) -> None:
        """Change ``standing`` by ``moves`` per open lot and step; a few resources may stay overloaded a little."""
        inner = self.enter(standing)
        steps = self.climate.steps
        temperatures = np.geomspace(self.climate.warmest, self.climate.coldest, steps)
        factors, whole = np.geomspace(SOFTEST, HARDEST, steps), np.linspace(0.0, 1.0, steps)
        for temperature, factor, part in zip(temperatures.tolist(), factors.tolist(), whole.tolist(), strict=True):
            if is_late():
                break
            self._step(inner, (temperature, self.penalty * factor, part), moves, dice)
        self._settle(inner, moves, dice, is_late)
        self.leave(inner, standing)

    def _settle(self, inner: Standing, moves: int, dice: np.random.Generator, is_late: Callable[[], bool]) -> None:
        """Let overload become dearer where it stays: one price for all would freeze the rest long before it is gone."""
        factors = np.full(len(self.penalty), HARDEST)
        for _ in range(SETTLING_STEPS):
            overloaded = inner.loads > self.opened.arrays.limit
            if is_late() or not overloaded.any():
                break
            factors = np.where(overloaded, factors * DEARER, np.maximum(HARDEST, factors * CHEAPER))
            self._step(inner, (self.climate.coldest / 3, self.penalty * factors, 1.0), moves, dice)

    def polish(self, standing: Standing, moves: int, dice: np.random.Generator, is_late: Callable[[], bool]) -> None:
        """Improve a plan that keeps all capacities, and hardly leave them."""
        inner = self.enter(standing)
        for temperature in np.geomspace(2 * self.climate.coldest, self.climate.coldest / 5, POLISH_STEPS).tolist():
            if is_late():
                break
            self._step(inner, (temperature, self.penalty * POLISH_PENALTY, 1.0), moves, dice)
        self.leave(inner, standing)

    def _step(self, inner: Standing, heat: tuple[float, Floats, float], moves: int, dice: np.random.Generator) -> None:
        zones = build_zones(self.opened, inner, self.place, self.zones, float(dice.random()))
        temperature, penalty, whole = heat
        field = self.field._replace(penalty=penalty, whole=whole)
        anneal(field, inner, zones, Heat(temperature, moves, int(dice.integers(1 << 31))))

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
