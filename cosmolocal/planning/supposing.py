"""A plan of an edited region from the plan of the region as it is: its prices and ways show where to look.

The prices of the plan before give a bound on the edited region that is often good enough, and its places a start; see
`cosmolocal.planning.around`.
"""

from dataclasses import replace

import numpy as np

from cosmolocal.collecting import paused_collector
from cosmolocal.planning.around import FEW_WORKSHOPS, Around, options_of
from cosmolocal.planning.changes import describe_changes
from cosmolocal.planning.earlier import HinderedError, Present, find_present, places_of, read_old_prices
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.plans import Provenance, build_plan, plan_id
from cosmolocal.planning.reasons import explain_unmet
from cosmolocal.planning.resolving import Replanned
from cosmolocal.planning.rounds import mean_group_prices
from cosmolocal.planning.solvers.choosing import get_ready
from cosmolocal.planning.solvers.solution import Solution, SolveSettings, Watch
from cosmolocal.planning.steering import Rules
from cosmolocal.planning.widening import Solving, widen
from cosmolocal.records import Changes, Earlier, LotState, Order, Plan, Reason, Region, StoppedBy


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
    around = work.around
    table, solution = around.solve(settings, watch)
    table, solution = widen(around.builder, table, solution, around.orders, Solving(settings, watch))
    plan = build_plan(around.builder.ground, table, solution, provenance, settings)
    cut_short = solution.stopped_by in (StoppedBy.CLOCK, StoppedBy.PERSON)
    facts = [region.id, base.id, solution.choice.tolist() if cut_short else None]
    return replace(
        plan,
        id=plan_id(facts, provenance, plan.settings, settings),
        unmet=explain_unmet(around.builder, table, solution.choice, orders, plan.unmet),
        changes=work.describe(table, solution),
    )


class _Supposing:
    """The lots of an edited region, and where they stood without the edits."""

    def __init__(self, region: Region, orders: tuple[Order, ...], base: Plan) -> None:
        self.base = base
        ground = Ground(region)
        lots = cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)
        builder = OptionBuilder(ground, most_workshops=min(FEW_WORKSHOPS, region.settings.workshops_per_lot))
        prices = read_old_prices(builder.resources, base.prices, 0)
        builder.price_rounds = [mean_group_prices(builder.resources, prices)]
        self.around = Around(builder, lots, {order.id: order for order in orders}, prices)
        #: those that may stay
        self.presents: dict[int, Present] = {}
        self.earlier: tuple[Earlier, ...] = tuple(self._recall())

    def _recall(self) -> list[Earlier]:
        """Find what each lot did as a way of the edited region, or what hinders it.

        A lot of another quantity is another lot; it starts where the lot was all the same.
        """
        around, rows = self.around, {row.lot: row for row in self.base.allocations}
        found = []
        for number, lot in enumerate(around.lots):
            if lot.id not in rows:
                continue
            row, hindrance = rows[lot.id], None
            try:
                present = find_present(
                    around.builder.ground,
                    lot,
                    around.orders[lot.order],
                    replace(row, quantity=lot.quantity),
                    row.week,
                )
                around.begin(number, present)
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

    def describe(self, table: OptionTable, solution: Solution) -> Changes:
        """Return what moved against the base, and why."""
        before = options_of(table, self.presents)
        rules = Rules(before, np.zeros(len(table.lots), dtype=bool), np.zeros(table.problem.option_count, dtype=bool))
        bound = solution.bound_cents
        found = Replanned(solution, 0, bound, bound, 0)
        return replace(describe_changes(table, found, rules, self.earlier, ()), previous=self.base.id)
