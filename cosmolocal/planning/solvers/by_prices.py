"""The solver: prices, a bound, a first plan, a search that cools down; what is left open is decided by CP-SAT.

Small problems are decided by CP-SAT as a whole, large ones part by part.
"""

import math

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.beside import Beside
from cosmolocal.planning.solvers.candidates import Regrets, find_regrets
from cosmolocal.planning.solvers.compiled import Arrays, build_arrays
from cosmolocal.planning.solvers.placing import improve_lots, mend, place_lots
from cosmolocal.planning.solvers.relaxation import lagrangian_bound, options_worth_keeping
from cosmolocal.planning.solvers.search import Search, find_climate
from cosmolocal.planning.solvers.solution import PRICE_SCALE, SolveSettings, Watch
from cosmolocal.planning.solvers.standing import Standing, build_standing, nothing_taken, read_taken

#: moves per open lot and step of cooling in the first search, and by how much more in each next one
FIRST_MOVES, GROWTH = 20, 2
#: options of a lot that stay open in one search after the other; None: as many as a small problem can bear. Few make
#: it quick to fill what is tight, and many let lots leave for far places
OPEN_OPTIONS = (6, 4, None)
#: a plan is polished again as long as that takes this part of its gap away
WORTHWHILE = 0.005
#: parts of the temperatures of a search from nothing that one around a plan has, the first, the second and all later
AROUND = (0.25, 0.5)
#: times the gap: a plan is near that is not farther away
NEAR = 4.0
#: passes of single improving moves at most
PASSES = 5


class Run:
    """A problem being solved: the best plan so far, and how far it is from the bound."""

    def __init__(
        self, problem: PlanningProblem, prices: Ints, settings: SolveSettings, watch: Watch, limit: int | None
    ) -> None:
        self.problem, self.prices, self.settings, self.watch = problem, prices, settings, watch
        self.limit = limit
        self.arrays: Arrays = build_arrays(problem)
        #: no choice of the problem's options costs less
        self.bound = lagrangian_bound(problem, prices)
        self.regrets: Regrets = find_regrets(self.arrays, prices)
        self.dice = np.random.default_rng(settings.seed)
        self.best = Taken(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        self.cost = problem.cost_of(self.best)
        #: [s] that keeping all capacities again took
        self.mending = 0.0
        self.beside: Beside | None = None
        #: [O] thousandths of a cent: no choice that holds an option costs less, as far as is known besides the prices
        self.least_total = np.zeros(problem.option_count, dtype=np.int64)

    @property
    def sure(self) -> int:
        """Return what no plan can cost less than, were more ways considered than the problem's options."""
        return self.bound if self.limit is None else min(self.bound, self.limit)

    def is_done(self) -> bool:
        """Tell whether the plan is good enough, or time is up."""
        for taken in self.beside.hear() if self.beside else ():
            self.take(taken)
        return self.is_late() or self.cost - self.sure <= self.settings.gap * self.cost

    def is_solved_out(self) -> bool:
        """Tell whether no choice of the options is better by more than the gap; ways that are no options may be."""
        return self.cost - self.bound <= self.settings.gap * self.cost

    def is_late(self) -> bool:
        """Tell whether a person stopped it, or what is left of the time is needed to end it."""
        return self.watch.stop.is_set() or self.watch.seconds() + 1.5 * self.mending >= self.settings.seconds

    def take(self, taken: Taken) -> bool:
        """Remember a plan if it is the best; return whether it is."""
        cost = self.problem.cost_of(taken)
        is_better = cost < self.cost
        if is_better:
            self.best, self.cost = taken, cost
        best = self.best
        self.watch.report(self.cost, self.sure, lambda: best)
        return is_better

    def raise_bound(self, bound: int) -> None:
        """Note that no choice of the problem's options costs less; what is at hand may be the best."""
        self.bound = max(self.bound, min(bound, self.cost))
        self.watch.report(self.cost, self.sure)

    def worth_keeping(self) -> Ints:
        """Return the options that a cheaper plan may hold; all others are proved useless."""
        kept = options_worth_keeping(self.problem, self.prices, self.cost)
        return kept[self.least_total[kept] <= (self.cost - 1) * PRICE_SCALE]

    def search_beside(self, kept: Ints) -> None:
        """Let HiGHS look for a better plan beside all that follows, among ``kept`` options."""
        seconds = self.settings.seconds - self.watch.seconds()
        self.beside = Beside(self.problem, self.prices, kept, self.best, seconds, self.settings.seed)

    def end(self) -> None:
        """Take what was found beside, and let that end."""
        if self.beside is not None:
            self.beside.end()
            self.is_done()

    def place(self) -> None:
        """Find a first plan: lots that lose most by their second best option come first."""
        standing = nothing_taken(self.arrays)
        place_lots(self.arrays, self.prices, np.argsort(-self.regrets.regret, kind="stable"), standing)
        self.keep(standing)

    def keep(self, standing: Standing) -> None:
        """Let a standing keep all capacities, improve it, and remember it if it is the best."""
        started = self.watch.seconds()
        mend(self.arrays, standing)
        improve_all(self.arrays, standing)
        self.take(read_taken(standing))
        self.mending = self.watch.seconds() - started

    def open(self, standing: Standing, most: int | None = None, part: float | None = None) -> Search:
        """Return the search over the lots that are still open at the prices, with ``most`` options each at most.

        Around a plan it cools down from a ``part`` of the temperatures.
        """
        uses = len(self.problem.use_resource) / max(1, self.problem.option_count)
        climate = find_climate(self.regrets, int((self.prices > 0).sum()), uses)
        climate = climate if part is None else climate.around(part)
        return Search(self.arrays, self.prices, self.regrets, climate, standing, most)

    def search(self, number: int) -> None:
        """Let all lots start at their best options, as if capacities had no end, and cool down; then polish."""
        moves, most = FIRST_MOVES * GROWTH**number, OPEN_OPTIONS[number % len(OPEN_OPTIONS)]
        first = self.regrets.first[self.regrets.first >= 0]
        standing = build_standing(self.arrays, Taken(first, self.problem.units[self.regrets.first >= 0]))
        self.open(standing, most).cool(standing, moves, self.dice, self.is_late)
        self.keep(standing)
        self._polish(standing, moves, most)

    def resume(self, start: Taken) -> None:
        """Begin with a plan of before: what has no room moves, what has no place gets one; then polish."""
        standing = build_standing(self.arrays, start)
        mend(self.arrays, standing)
        unmet = np.where(self.arrays.lot_units > 1, standing.spare == self.arrays.lot_units, standing.choice < 0)
        order = np.argsort(-self.regrets.regret, kind="stable")
        place_lots(self.arrays, self.prices, order[unmet[order]], standing)
        self.keep(standing)
        self._polish_a_little(standing)

    def search_around(self, number: int) -> None:
        """Cool down a little from the best plan, with what is unmet at its best options; then polish."""
        met = np.searchsorted(self.arrays.option_start, self.best.option, side="right") - 1
        missing = np.setdiff1d(np.flatnonzero(self.regrets.first >= 0), met)
        options = np.append(self.best.option, self.regrets.first[missing])
        begun = Taken(options, np.append(self.best.units, self.problem.units[missing]))
        standing = build_standing(self.arrays, begun)
        part = AROUND[min(number, len(AROUND) - 1)]
        self.open(standing, OPEN_OPTIONS[0], part).cool(standing, FIRST_MOVES, self.dice, self.is_late)
        self.keep(standing)
        self._polish_a_little(standing)

    def _polish_a_little(self, standing: Standing) -> None:
        """Polish a plan a little: among the best options, then, where that is near, among all, which takes longer."""
        for most in (OPEN_OPTIONS[0], OPEN_OPTIONS[0], None):
            is_near = self.cost - self.sure <= NEAR * self.settings.gap * self.cost
            if not self.is_done() and (most is not None or is_near):
                self.open(standing, most).polish(standing, FIRST_MOVES, self.dice, self.is_late)
                self.keep(standing)

    def _polish(self, standing: Standing, moves: int, most: int | None) -> None:
        worth = math.inf
        while worth > WORTHWHILE * (self.cost - self.sure) and not self.is_done():
            before = self.problem.cost_of(read_taken(standing))
            self.open(standing, most).polish(standing, moves, self.dice, self.is_late)
            self.keep(standing)
            worth = before - self.problem.cost_of(read_taken(standing))


def improve_all(arrays: Arrays, standing: Standing) -> None:
    """Move lots one by one to cheaper options with room, as long as that helps."""
    for _ in range(PASSES):
        if not improve_lots(arrays, standing):
            break


def place(problem: PlanningProblem, prices: Ints) -> Taken:
    """Return a quick plan: lots one by one to their best option with room, then improved one by one."""
    arrays = build_arrays(problem)
    standing = nothing_taken(arrays)
    regrets = find_regrets(arrays, prices)
    place_lots(arrays, prices, np.argsort(-regrets.regret, kind="stable"), standing)
    improve_all(arrays, standing)
    return read_taken(standing)


def improve(problem: PlanningProblem, taken: Taken) -> Taken:
    """Return a plan that no move of a single lot makes cheaper."""
    arrays = build_arrays(problem)
    standing = build_standing(arrays, taken)
    improve_all(arrays, standing)
    return read_taken(standing)
