"""A plan of an edited region from the plan of the region as it is: its prices and ways show where to look.

The prices of the plan before give a bound on the edited region that is often good enough, and its places a start. In
rounds all ways are weighed at prices between those that gave the best bound and new ones, the cheaper ones become
options, and the start is mended and polished; where that is not within the gap, a short search begins from it. If no
round is, the options found so far are solved as those of any other plan.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from cosmolocal.collecting import paused_collector
from cosmolocal.planning.changes import describe_changes
from cosmolocal.planning.earlier import HinderedError, Present, find_present, option_numbers, places_of, read_old_prices
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.plans import Provenance, build_plan, plan_id
from cosmolocal.planning.pricing import LotPricer
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.reasons import explain_unmet
from cosmolocal.planning.resolving import Replanned
from cosmolocal.planning.rounds import mean_group_prices
from cosmolocal.planning.solvers.choosing import find_prices, get_ready, lagrangian_bound, least_priced, solve
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Known, Solution, SolveSettings, Watch
from cosmolocal.planning.steering import Rules
from cosmolocal.planning.tariffs import Market
from cosmolocal.planning.widening import Solving, carry_over, widen
from cosmolocal.records import Changes, Earlier, LotState, Order, Plan, Reason, Region, StoppedBy

#: workshops considered for the last step of a lot before prices tell of others
FEW_WORKSHOPS = 2
#: rounds of weighing all ways before the options are solved as they are
ROUNDS = 5
#: times the gap: where the mended plan of the first round is farther away, no search is tried before the next prices
HOPELESS = 1.1


def plan_edited(
    region: Region,
    orders: tuple[Order, ...],
    provenance: Provenance,
    settings: SolveSettings,
    base: Plan,
    watch: Watch | None = None,
) -> Plan:
    """Return the plan of an edited region, with its bound, its reasons and what moved against ``base``.

    The base is a plan of the same weeks; nothing of it is a promise, every lot may move.
    """
    watch = watch or Watch()
    get_ready(watch)
    with paused_collector():
        return _plan_edited(region, orders, provenance, settings, base, watch)


def _plan_edited(
    region: Region,
    orders: tuple[Order, ...],
    provenance: Provenance,
    settings: SolveSettings,
    base: Plan,
    watch: Watch,
) -> Plan:
    work = _Supposing(region, orders, base)
    table, solution = work.solve(settings, watch)
    table, solution = widen(work.builder, table, solution, work.orders, Solving(settings, watch))
    plan = build_plan(work.ground, table, solution, provenance, settings)
    cut_short = solution.stopped_by in (StoppedBy.CLOCK, StoppedBy.PERSON)
    facts = [region.id, base.id, solution.choice.tolist() if cut_short else None]
    return replace(
        plan,
        id=plan_id(facts, provenance, plan.settings, settings),
        unmet=explain_unmet(work.builder, table, solution.choice, orders, plan.unmet),
        changes=work.describe(table, solution),
    )


class _Supposing:
    """The lots of an edited region, and where they stood without the edits."""

    def __init__(self, region: Region, orders: tuple[Order, ...], base: Plan) -> None:
        self.base, self.ground = base, Ground(region)
        self.orders: Mapping[str, Order] = {order.id: order for order in orders}
        self.lots = cut_orders(orders, self.ground.catalogue, region.settings.max_lots_per_order)
        self.builder = OptionBuilder(self.ground, most_workshops=min(FEW_WORKSHOPS, region.settings.workshops_per_lot))
        self.prices = read_old_prices(self.builder.resources, base.prices, 0)
        self.builder.price_rounds = [mean_group_prices(self.builder.resources, self.prices)]
        #: those that may stay, and those where the search begins
        self.presents: dict[int, Present] = {}
        self.starts: dict[int, Present] = {}
        self.earlier: tuple[Earlier, ...] = tuple(self._recall())

    def _recall(self) -> list[Earlier]:
        """Find what each lot did as a way of the edited region, or what hinders it.

        A lot of another quantity is another lot; it starts where the lot was all the same.
        """
        rows = {row.lot: row for row in self.base.allocations}
        found = []
        for number, lot in enumerate(self.lots):
            if lot.id not in rows:
                continue
            row, hindrance = rows[lot.id], None
            try:
                present = find_present(
                    self.ground, lot, self.orders[lot.order], replace(row, quantity=lot.quantity), row.week
                )
                self.builder.add_way(lot, present.way, present.delivery)
                self.starts[number] = present
                if row.quantity == lot.quantity:
                    self.presents[number] = present
                else:
                    hindrance = Reason("other-quantity", {"old": row.quantity, "new": lot.quantity})
            except HinderedError as error:
                hindrance = error.reason
            places = places_of(row)
            found.append(
                Earlier(lot.id, lot.order, row.quantity, LotState.PLANNED, row.workshop, row.week, places, hindrance)
            )
        return found

    def solve(self, settings: SolveSettings, watch: Watch) -> tuple[OptionTable, Solution]:
        """Return the options and the plan: in rounds, until short searches are within the gap."""
        table = self._build()
        prices = sharpest = self.builder.resources.pad(self.prices)
        bound, start, is_hopeless = 0, self._options_of(table, self.starts), False
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

    def _options_of(self, table: OptionTable, presents: Mapping[int, Present]) -> Ints:
        """Return the options of lots where they were, whether there is room for all or not, [L]."""
        choice = np.full(len(self.lots), -1, dtype=np.int64)
        for lot, option in option_numbers(table, presents).items():
            choice[lot] = option
        return choice

    def describe(self, table: OptionTable, solution: Solution) -> Changes:
        """Return what moved against the base, and why."""
        before = self._options_of(table, self.presents)
        rules = Rules(before, np.zeros(len(self.lots), dtype=bool), np.zeros(table.problem.option_count, dtype=bool))
        bound = solution.bound_cents
        found = Replanned(solution, 0, bound, bound, 0)
        return replace(describe_changes(table, found, rules, self.earlier, ()), previous=self.base.id)


def is_far(solution: Solution, gap: float) -> bool:
    """Tell whether a solution may be dearer than the best by more than a gap."""
    return solution.cost_cents - solution.bound_cents > gap * solution.cost_cents
