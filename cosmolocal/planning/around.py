"""A plan from prices and places that are near to good ones.

In rounds all ways are weighed at prices between those that gave the best bound and new ones, the cheaper ones become
options, and the start is mended and polished; where that is not within the gap, a short search begins from it. If no
round is, the options found so far are solved as those of any other plan.
"""

from collections.abc import Mapping

import numpy as np

from cosmolocal.planning.earlier import Present, option_numbers
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.pricing import LotPricer
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.choosing import find_prices, lagrangian_bound, least_priced, solve
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Known, Solution, SolveSettings, Watch
from cosmolocal.planning.tariffs import Market
from cosmolocal.planning.widening import carry_over
from cosmolocal.records import Lot, Order

#: workshops considered for the last step of a lot before prices tell of others
FEW_WORKSHOPS = 2
#: rounds of weighing all ways before the options are solved as they are
ROUNDS = 5
#: rounds of prices where no search is tried between them
FAR_ROUNDS = 3
#: times the gap: where the mended plan of the first round is farther away, no search is tried before the next prices
HOPELESS = 1.1


class Around:
    """Lots with prices and places to begin with."""

    def __init__(
        self, builder: OptionBuilder, lots: tuple[Lot, ...], orders: Mapping[str, Order], prices: Ints
    ) -> None:
        self.builder, self.lots, self.orders, self.prices = builder, lots, orders, prices
        #: ways and weeks where the search begins, by lot; there need not be room for all
        self.starts: dict[int, Present] = {}

    def begin(self, number: int, present: Present) -> None:
        """Let the search begin where a lot is made in such a way and week."""
        self.builder.add_way(self.lots[number], present.way, present.delivery)
        self.starts[number] = present

    def solve(self, settings: SolveSettings, watch: Watch) -> tuple[OptionTable, Solution]:
        """Return the options and the plan: in rounds, until short searches are within the gap."""
        table = self._build()
        prices = sharpest = self.builder.resources.pad(self.prices)
        bound, start, is_hopeless = 0, options_of(table, self.starts), False
        for number in range(ROUNDS):
            watch.report(None, bound or None)
            least = self._add_ways(table, prices)
            if least > bound:
                bound, sharpest = least, prices
            before, table = table, self._build()
            start = carry_over(before, start, table)
            if watch.stop.is_set() or settings.solver in ("exact", "flow"):
                break
            if not is_hopeless:
                found = solve(table.problem, settings, watch, Known(bound, sharpest, start, short_searches=0))
                if not is_far(found, settings.gap):
                    return table, found
                start, is_hopeless = found.choice, number == 0 and is_far(found, HOPELESS * settings.gap)
            reduced, _ = presolve(table.problem)
            new = find_prices(reduced, watch, start=sharpest)
            prices = (sharpest + new) // 2
            if number == 0 and is_hopeless:
                continue
            found = solve(table.problem, settings, watch, Known(bound, new, start, short_searches=1))
            if not is_far(found, settings.gap):
                return table, found
            start, is_hopeless = found.choice, False
        return table, solve(table.problem, settings, watch, Known(bound, sharpest, start))

    def solve_far(self, settings: SolveSettings, watch: Watch) -> tuple[OptionTable, Solution]:
        """Return the options and the plan where good prices and places may be far: in rounds of prices alone."""
        table, bound = self._build(), 0
        prices = sharpest = self.builder.resources.pad(self.prices)
        for left in reversed(range(FAR_ROUNDS)):
            reduced, _ = presolve(table.problem)
            prices = find_prices(reduced, watch, rough=left > 0, start=self.builder.resources.pad(prices))
            least = self._add_ways(table, prices)
            if least > bound:
                bound, sharpest = least, prices
            table = self._build()
            if watch.stop.is_set():
                break
        return table, solve(table.problem, settings, watch, Known(bound, sharpest))

    def _build(self) -> OptionTable:
        return self.builder.build(self.lots, self.orders.values())

    def _add_ways(self, table: OptionTable, prices: Ints) -> int:
        """Add the ways that beat the options at the prices; return what no plan of any ways costs less than."""
        reduced, _ = presolve(table.problem)
        best = least_priced(reduced, prices)
        pricer = LotPricer(table.resources, Market(prices, table.problem.largest_capacity()))
        weights = best.copy()
        for number, lot in enumerate(self.lots):
            # less than a cent may be the rounding that weights leave out
            priced = pricer.cheapest(lot, self.orders[lot.order], int(best[number]) - PRICE_SCALE)
            weights[number] = priced.weight
            if priced.way is not None and priced.delivery is not None:
                self.builder.add_way(lot, priced.way, priced.delivery)
        return lagrangian_bound(reduced, prices, weights)


def options_of(table: OptionTable, presents: Mapping[int, Present]) -> Ints:
    """Return the options of lots where they were, whether there is room for all or not, [L]."""
    choice = np.full(len(table.lots), -1, dtype=np.int64)
    for lot, option in option_numbers(table, presents).items():
        choice[lot] = option
    return choice


def is_far(solution: Solution, gap: float) -> bool:
    """Tell whether a solution may be dearer than the best by more than a gap."""
    return solution.cost_cents - solution.bound_cents > gap * solution.cost_cents
