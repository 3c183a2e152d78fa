"""Searching by packings: a higher bound, then plans from many dives, from nothing and around the best plan."""

import math

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.problem import Ints, Taken
from cosmolocal.planning.solvers.by_prices import Run
from cosmolocal.planning.solvers.diving import ALONE, BATCH, NOWHERE, OPEN, Diver, Start
from cosmolocal.planning.solvers.packing import Packable, Packer, climb, first_values, read_packable, totals_with
from cosmolocal.planning.solvers.relaxation import priced_costs
from cosmolocal.planning.solvers.soft_dual import Floats
from cosmolocal.planning.solvers.solution import PRICE_SCALE
from cosmolocal.planning.solvers.standing import Standing, build_standing, read_taken

Flags = NDArray[np.bool_]

#: by how much values differ from dive to dive, as parts of the value in the middle
NOISES = (0.003, 0.006, 0.0, 0.012)
#: cells that are packed anew around the best plan, about: such a dive takes a few tenths of a second
CELLS = 10_000_000
#: of so many dives one begins from nothing, in a problem of at most so many cells, and in a larger one
FRESH, FRESH_OF_LARGE = 2, 8
#: least part of that which is packed anew
LEAST_PART = 0.3
#: batches of dives without a better plan before they end
PATIENCE = 8
#: times that parts are packed anew where a lot found no room
AGAIN = 3
#: part of the gap by which a plan may be dearer than the best to be polished and gone on from
NEAR = 0.05
#: moves per lot and step of polishing
MOVES = 100


def begin_packings(run: Run) -> "Packings | None":
    """Return the packings of a problem, with the bound that they give noted; None: it has none."""
    packable = read_packable(run.problem)
    return None if packable is None else Packings(run, packable)


class Packings:
    """A problem of one resource an option, as packings."""

    def __init__(self, run: Run, packable: Packable) -> None:
        self.run, self.packable = run, packable
        packer = Packer(packable)
        self.packed = climb(packer, first_values(run.problem, packable, run.prices), run.cost, run.is_late)
        run.raise_bound(-(-self.packed.total // PRICE_SCALE))
        self.cells, self.count = packer.cells, 0
        #: [s] that the last batch of dives took
        self.lasted = 0.0
        self.diver = Diver(packable)
        #: [O] item of each option; -1: none
        self.item = np.full(run.problem.option_count, -1, dtype=np.int64)
        self.item[packable.option] = np.arange(len(packable.option))
        self.cheapest = _cheapest_options(run)
        #: [L] where the lots of the plan at hand are
        self.current = self._places(run.best)
        run.least_total[packable.option] = totals_with(packable, self.packed)

    def search(self, patience: int = PATIENCE) -> None:
        """Dive until that has not helped for ``patience`` batches."""
        run, idle = self.run, 0
        while idle < patience and self.has_time() and not run.is_done():
            before, began = run.cost, run.watch.seconds()
            starts = [self._start() for _ in range(BATCH)]
            self.diver.dive(starts)
            self._dive_again(starts)
            for one in starts:
                self._take(one.place)
            idle = 0 if run.cost < before else idle + 1
            self.lasted = run.watch.seconds() - began

    def has_time(self) -> bool:
        """Tell whether there is time for as many dives again as were made side by side."""
        return self.run.watch.seconds() + self.lasted <= self.run.settings.seconds

    def _start(self) -> Start:
        """Return the next beginning: by turns nothing and the plan at hand, of which a part is packed anew."""
        number = self.count
        self.count += 1
        if number % (FRESH if self.cells <= CELLS else FRESH_OF_LARGE) == 0:
            place = np.full(len(self.packed.values), OPEN, dtype=np.int64)
        else:
            place = self._opened(self.current)
        spread = NOISES[number // 2 % len(NOISES)]
        return Start(self._values(spread), place, float(self.run.cost * PRICE_SCALE))

    def _dive_again(self, starts: list[Start]) -> None:
        """Pack parts of those anew in which a lot found no room."""
        for _ in range(AGAIN):
            lacking = [one for one in starts if (one.place == NOWHERE).any()]
            if not lacking or self.run.is_done():
                return
            for one in lacking:
                one.place[:] = self._opened(one.place)
                one.values[:] = self._values(NOISES[0])
            self.diver.dive(lacking)

    def _values(self, spread: float) -> Floats:
        """Return the values of lots, each a little off."""
        values = self.packed.values
        noise = self.run.dice.normal(0.0, spread * float(np.median(values)), len(values))
        return np.asarray(values + noise, dtype=np.float64)

    def _take(self, place: Ints) -> None:
        """Remember a plan if it is the best, once it keeps all capacities and is polished; go on from a good one."""
        run = self.run
        choice = self.diver.read(place, self.cheapest)
        standing = build_standing(run.arrays, run.problem.whole(choice))
        is_over = bool((standing.loads > run.arrays.limit).any())
        if not is_over:
            run.keep(standing)
        if is_over or 0 < self._behind(standing) <= NEAR:
            run.open(standing).polish(standing, MOVES, run.dice, run.is_late)
            run.keep(standing)
        if self._behind(standing) <= NEAR:
            self.current = self._places(read_taken(standing))

    def _behind(self, standing: Standing) -> float:
        """Return by which part of its gap a plan is dearer than the best."""
        run = self.run
        return (run.problem.cost_of(read_taken(standing)) - run.cost) / max(1, run.cost - run.bound)

    def _places(self, taken: Taken) -> Ints:
        """Return the item of each lot of a plan, `ALONE` where it has none, [L]."""
        place = np.full(self.run.problem.lot_count, ALONE, dtype=np.int64)
        lot = np.searchsorted(self.run.problem.option_start, taken.option, side="right") - 1
        place[lot] = np.where(self.item[taken.option] >= 0, self.item[taken.option], ALONE)
        return place

    def _opened(self, place: Ints) -> Ints:
        """Return places without those on some resources that fight for the same lots, and of lots that have none."""
        part = math.sqrt(min(1.0, CELLS / max(1, self.cells)))
        emptied = self._pick(place, part * self.run.dice.uniform(LEAST_PART, 1.0))
        is_open = place < 0
        is_open[place >= 0] = emptied[self.diver.resource[place[place >= 0]]]
        return np.where(is_open, OPEN, place)

    def _pick(self, taken: Ints, part: float) -> Flags:
        """Return which resources are emptied, [R]: one by chance, then those that lots of these could use instead."""
        run, resource = self.run, self.diver.resource
        emptied = np.zeros(run.problem.resource_count, dtype=bool)
        used = np.unique(resource[taken[taken >= 0]])
        wanted = min(len(used), max(2, round(part * len(used))))
        where = np.full(len(taken), -1, dtype=np.int64)
        where[taken >= 0] = resource[taken[taken >= 0]]
        rivals = np.zeros(len(emptied))
        rivals[used] = 1e-9
        for _ in range(wanted):
            chosen = int(run.dice.choice(len(emptied), p=rivals / rivals.sum()))
            emptied[chosen] = True
            touched = (where == chosen)[self.packable.bins.lot]
            rivals += np.bincount(resource[touched], minlength=len(emptied)) * (rivals > 0)
            rivals[emptied] = 0.0
        return emptied


def _cheapest_options(run: Run) -> Ints:
    """Return the option of each lot with the least priced cost, -1 where it has none, [L]."""
    problem = run.problem
    order = np.lexsort((priced_costs(problem, run.prices), problem.option_lot()))
    has = np.diff(problem.option_start) > 0
    cheapest = np.full(problem.lot_count, -1, dtype=np.int64)
    cheapest[has] = order[problem.option_start[:-1][has]]
    return cheapest
