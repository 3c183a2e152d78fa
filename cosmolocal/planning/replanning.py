"""From the plan before to the next one: what is promised stays, what is declined is not asked again, moves are few."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cosmolocal.planning.changes import describe_changes, explain_declined
from cosmolocal.planning.earlier import (
    CarefulBuilder,
    HinderedError,
    Present,
    add_begun,
    find_present,
    option_numbers,
    options_alike,
    places_of,
    read_old_prices,
    weeks_before,
    weeks_between,
)
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.haulage import NEVER
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.pinning import find_place
from cosmolocal.planning.plans import Provenance, build_plan, plan_id
from cosmolocal.planning.pricing import LotPricer, PricedWay
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.reasons import explain_unmet
from cosmolocal.planning.resolving import Replanned, Weigh, bound_over_ways, judge, replan, require_solvable
from cosmolocal.planning.rounds import add_cheaper_ways, mean_group_prices
from cosmolocal.planning.solvers.choosing import find_prices, get_ready, lagrangian_bound, least_priced
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, BestTold, SolveSettings, Told, Watch
from cosmolocal.planning.steering import Rules, find_overbooked, set_aside, steer
from cosmolocal.planning.tariffs import Market
from cosmolocal.records import (
    KEPT_STATES,
    Allocation,
    Declined,
    Earlier,
    LotState,
    Order,
    Pinned,
    Plan,
    Reason,
    Region,
    StoppedBy,
    to_plain,
)

#: times ``price_rounds`` that ways are looked for around what stays: few lots are priced, and what they need is scarce
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Previous:
    """The plan before, what people said of it since, and how much may change."""

    plan: Plan
    #: by lot; lots that nobody spoke of are left out
    states: Mapping[str, LotState]
    declined: tuple[Declined, ...] = ()
    #: most lots that may move without need; None: any number
    most_moves: int | None = None
    #: [cents] by which each of them is made dearer
    move_cents: int = 0
    #: lots that planners want where they say, in the new plan's weeks
    pinned: tuple[Pinned, ...] = ()
    #: workshops that planners do not want for a lot, in the new plan
    forbidden: tuple[Declined, ...] = ()

    def every_decline(self) -> tuple[Declined, ...]:
        """Return who declined which lot, in the plan before too: nobody is asked twice."""
        so_far = self.plan.changes.declined if self.plan.changes else ()
        unique = {(row.lot, row.workshop): row for row in (*so_far, *self.declined)}
        return tuple(unique[key] for key in sorted(unique))


def replan_orders(
    region: Region,
    orders: tuple[Order, ...],
    provenance: Provenance,
    settings: SolveSettings,
    previous: Previous,
    watch: Watch | None = None,
) -> Plan:
    """Return the plan that follows another one, with its bounds, its reasons and what it changes."""
    watch = watch or Watch()
    work = _Replanning(region, orders, previous)
    get_ready(watch)
    with watch.seen(BestTold()):
        table, found = work.solve(settings, watch)
    watch.report(found.solution.cost_cents, found.solution.bound_cents)
    plan = build_plan(work.ground, table, found.solution, provenance, settings)
    unmet = explain_unmet(work.builder, table, found.solution.choice, orders, plan.unmet)
    changes = describe_changes(table, found, work.rules(table), work.earlier, previous.every_decline())
    changes = replace(
        changes,
        previous=previous.plan.id,
        weeks_later=work.weeks_later,
        pinned=tuple(work.pinned.values()),
        forbidden=previous.forbidden,
    )
    cut_short = found.solution.stopped_by in (StoppedBy.CLOCK, StoppedBy.PERSON)
    choice = found.solution.choice.tolist() if cut_short else None
    facts = [region.id, choice, _digest(previous)]
    return replace(
        plan,
        id=plan_id(facts, provenance, plan.settings, settings),
        unmet=explain_declined(unmet, {"declined": changes.declined, "forbidden": changes.forbidden}),
        changes=changes,
    )


def _digest(previous: Previous) -> str:
    """Return what tells one plan before, and what was said of it, from another."""
    states = sorted((lot, state.value) for lot, state in previous.states.items())
    every = [to_plain(previous.plan), states, to_plain(previous.declined), previous.most_moves, previous.move_cents]
    if previous.pinned or previous.forbidden:
        every += [to_plain(previous.pinned), to_plain(previous.forbidden)]
    return hashlib.sha256(json.dumps(every, sort_keys=True).encode()).hexdigest()


class _Replanning:
    """The lots still to be planned, and where they stood."""

    def __init__(self, region: Region, orders: tuple[Order, ...], previous: Previous) -> None:
        self.previous, self.ground = previous, Ground(region)
        self.most_moves = previous.most_moves
        self.orders = {order.id: order for order in orders}
        self.weeks_later = weeks_between(previous.plan, region.settings)
        closed: dict[str, frozenset[str]] = {}
        for row in (*previous.every_decline(), *previous.forbidden):
            closed[row.lot] = closed.get(row.lot, frozenset()) | {row.workshop}
        self.builder = CarefulBuilder(self.ground, closed)
        lots = cut_orders(orders, self.ground.catalogue, region.settings.max_lots_per_order)
        self.presents: dict[int, Present] = {}
        self.earlier = tuple(find_earlier(previous, {lot.id for lot in lots}, self.weeks_later))
        done = {row.lot for row in self.earlier if row.state is LotState.DONE}
        self.lots = tuple(lot for lot in lots if lot.id not in done)
        self.number = {lot.id: number for number, lot in enumerate(self.lots)}
        self.warm = read_old_prices(self.builder.resources, previous.plan.prices, self.weeks_later)
        self._recall()
        #: by lot
        self.pinned = {pin.lot: self._pin(pin) for pin in previous.pinned if pin.lot in self.number}
        self._find_overbooked()

    def _recall(self) -> None:
        """Find what each lot did as a way of today, or what hinders it."""
        rows = {row.lot: row for row in self.previous.plan.allocations}
        recalled = []
        for row in self.earlier:
            hindrance = None
            if row.state is not LotState.DONE:
                try:
                    self._recall_lot(row, rows[row.lot])
                except HinderedError as error:
                    hindrance = error.reason
            recalled.append(replace(row, hindrance=hindrance))
        self.earlier = tuple(recalled)

    def _recall_lot(self, row: Earlier, allocation: Allocation) -> None:
        forbidden = {each.workshop for each in self.previous.forbidden if each.lot == row.lot}
        for workshop in sorted(self.builder.declined.get(row.lot, ())):
            if any(task.workshop == workshop for task in row.tasks):
                raise HinderedError("forbidden" if workshop in forbidden else "declined", workshop=workshop)
        lot = self.lots[self.number[row.lot]]
        present = find_present(self.ground, lot, self.orders[lot.order], allocation, row.week)
        depth = weeks_before(self.ground, present.way, lot)
        if row.week < 0 or (row.week < depth and row.state is not LotState.STARTED):
            raise HinderedError("past", week=row.week - depth)
        self.builder.add_way(lot, present.way, present.delivery)
        self.presents[self.number[row.lot]] = present

    def _pin(self, pin: Pinned) -> Pinned:
        """Find the way by which a lot is made where a planner wants it, or what hinders it."""
        number = self.number[pin.lot]
        row = next((row for row in self.earlier if row.lot == pin.lot), None)
        if row is not None and row.hindrance is None and (row.workshop, row.week) == (pin.workshop, pin.week):
            return pin
        lot = self.lots[number]
        try:
            present = find_place(self.builder, lot, self.orders[lot.order], pin)
        except HinderedError as error:
            return replace(pin, hindrance=error.reason)
        self.builder.add_way(lot, present.way, present.delivery)
        self.presents[number] = present
        wished = Reason("wished", {"workshop": pin.workshop, "week": pin.week})
        self.earlier = tuple(
            replace(each, hindrance=each.hindrance or wished) if each is row else each for each in self.earlier
        )
        return pin

    def _find_overbooked(self) -> None:
        """Let go of what has no room any more, as little as possible, what nobody has promised first."""
        table = self.table()
        problem, resources, rules = table.problem, table.resources, self.rules(table)
        weight = np.ones(len(self.lots), dtype=np.int64)
        for row in self.earlier:
            if row.state in KEPT_STATES:
                weight[self.number[row.lot]] = (len(self.lots) + 1) ** (KEPT_STATES.index(row.state) + 1)
        for name, pin in self.pinned.items():
            if pin.hindrance is None:
                weight[self.number[name]] = (len(self.lots) + 1) ** len(KEPT_STATES)
        leaving = find_overbooked(problem, rules.before, weight)
        missing = problem.loads(rules.before) - problem.largest_capacity()
        why: dict[str, Reason] = {}
        for lot in np.flatnonzero(leaving).tolist():
            option = int(rules.before[lot])
            used = problem.use_resource[problem.use_start[option] : problem.use_start[option + 1]]
            resource = int(used[np.argmax(missing[used])])
            name, week = resources.name(resource)
            unit = "minutes" if resources.is_group(resource) else "kg"
            values: dict[str, str | int] = {"resource": name, "week": week, unit: int(missing[resource])}
            why[self.lots[lot].id] = Reason("no-hours" if unit == "minutes" else "no-load", values)
        self.earlier = tuple(replace(row, hindrance=row.hindrance or why.get(row.lot)) for row in self.earlier)
        self.pinned = {
            name: replace(pin, hindrance=pin.hindrance or why.get(name)) for name, pin in self.pinned.items()
        }

    def table(self) -> OptionTable:
        """Return the options of all lots, with those that the plan before took."""
        table = self.builder.build(self.lots, self.orders.values())
        weeks = {(way.lot, way.key): way.depth for way in table.ways if way.lot in self.presents}
        begun = {lot: one for lot, one in self.presents.items() if one.week < weeks[lot, one.key]}
        return add_begun(table, begun, self.orders)

    def rules(self, table: OptionTable) -> Rules:
        """Return what binds a plan of these options."""
        number_of = option_numbers(table, self.presents)
        before = np.full(len(self.lots), -1, dtype=np.int64)
        kept = np.zeros(len(self.lots), dtype=bool)
        for row in self.earlier:
            lot = self.number.get(row.lot, -1)
            if lot in self.presents and row.hindrance is None:
                before[lot] = number_of[lot]
                kept[lot] = row.state in KEPT_STATES
        for name, pin in self.pinned.items():
            if pin.hindrance is None:
                before[self.number[name]] = number_of[self.number[name]]
                kept[self.number[name]] = True
        forbidden = np.zeros(table.problem.option_count, dtype=bool)
        alike = options_alike(table, self.presents)
        return Rules(before, kept, forbidden, self.most_moves, self.previous.move_cents, alike)

    def solve(self, settings: SolveSettings, watch: Watch) -> tuple[OptionTable, Replanned]:
        """Return the options and the plan: first around all that stays, then, if that may cost too much, with moves."""
        wanted = self.most_moves
        if wanted == 0 or not self.presents:
            return self._search(settings, watch, ROUNDS)
        self.most_moves = 0
        half = replace(settings, seconds=(watch.seconds() + settings.seconds) / 2)
        with watch.seen(Told.without_bound):
            table, around = self._search(half, watch, ROUNDS)
        self.most_moves = wanted
        free = around.free_bound_cents
        watch.report(around.solution.cost_cents, free)
        if around.solution.cost_cents - free <= settings.gap * around.solution.cost_cents:
            require_solvable(table.problem, self.rules(table), settings)
            return table, judge(around, replace(around, steered_bound_cents=free), settings, free)
        wider, found = self._search(settings, watch, 1)
        if self._steered_cents(found) < around.solution.cost_cents:
            return wider, found
        return table, judge(around, found, settings, found.solution.bound_cents)

    def _search(self, settings: SolveSettings, watch: Watch, rounds: int) -> tuple[OptionTable, Replanned]:
        """Return the options and the plan under the rules: in rounds, as prices show what is scarce."""
        table, is_complete = self.table(), self.builder.is_complete
        for number in range(0 if is_complete else rounds * self.ground.settings.price_rounds):
            watch.report(None, None)
            if watch.stop.is_set() or not self._add_ways(table, number, settings.gap, watch):
                break
            table = self.table()
        rules = self.rules(table)
        warm = self.builder.resources.pad(self.warm)
        found = replan(table.problem, rules, settings, watch, warm, self._weigh(table))
        if not is_complete and self._add_everywhere(table, found.solution.choice):
            wider = self.table()
            prices, unmet = self.builder.resources.pad(found.solution.prices), found.solution.choice < 0
            best = least_priced(wider.problem, prices)
            if not (best < wider.problem.unmet_cost * PRICE_SCALE)[unmet].any():
                return table, found
            again = replan(wider.problem, self.rules(wider), settings, watch, prices, self._weigh(wider))
            if self._steered_cents(again) <= self._steered_cents(found):
                return wider, again
        return table, found

    def _steered_cents(self, found: Replanned) -> int:
        return found.solution.cost_cents + self.previous.move_cents * found.moves

    def _add_ways(self, table: OptionTable, number: int, gap: float, watch: Watch) -> bool:
        """Look for ways at the prices of before, then at those of the problem so far; return whether more may help.

        They no longer do where the bound over all ways is near that over the options.
        """
        rules = self.rules(table).settled()
        problem, _ = presolve(steer(table.problem, rules).problem)
        count = table.problem.resource_count
        budget = np.zeros(problem.resource_count - count, dtype=np.int64)
        warm = self.builder.resources.pad(self.warm)
        prices = np.append(warm, budget) if number == 0 else find_prices(problem, watch, rough=True)
        priced = self._price(table, rules, prices[:count])
        weights = np.array([way.weight for way in priced], dtype=np.int64)
        bound = lagrangian_bound(problem, prices)
        if bound - bound_over_ways(problem, prices, rules, lambda *_: weights) <= gap / 4 * bound:
            return False
        best = least_priced(problem, prices)
        best -= (self.previous.move_cents * PRICE_SCALE + int(prices[count:].sum())) * rules.mobile
        best[rules.kept] = 0
        found = add_cheaper_ways(self.builder, table, priced, best)
        if number == 0:
            self.builder.add_prices(mean_group_prices(table.resources, self.warm))
        return found or number == 0

    def _weigh(self, table: OptionTable) -> Weigh:
        if self.builder.is_complete:
            return None
        known: dict[tuple[bytes, bytes], Ints] = {}

        def weigh(prices: Ints, rules: Rules) -> Ints:
            key = (prices.tobytes(), rules.kept.tobytes())
            if key not in known:
                priced = self._price(table, rules, prices)
                known[key] = np.array([way.weight for way in priced], dtype=np.int64)
            return known[key]

        return weigh

    def _price(self, table: OptionTable, rules: Rules, prices: Ints) -> list[PricedWay]:
        """Return the cheapest of all ways of each lot in what the kept lots leave, without those who declined it.

        For kept lots none is sought.
        """
        rest, _ = set_aside(table.problem, np.where(rules.kept, rules.before, -1))
        limits = rest.largest_capacity()
        pricers: dict[frozenset[str], LotPricer] = {}
        found = []
        for lot, is_kept in zip(self.lots, rules.kept.tolist(), strict=True):
            if is_kept:
                found.append(PricedWay(int(NEVER), None, None))
                continue
            closed = self.builder.declined.get(lot.id, frozenset())
            if closed not in pricers:
                market = Market(prices, self._without(limits, closed), rest.capacity)
                pricers[closed] = LotPricer(table.resources, market)
            found.append(pricers[closed].cheapest(lot, self.orders[lot.order]))
        return found

    def _without(self, limits: Ints, closed: frozenset[str]) -> Ints:
        """Return limits within which nothing can be done on the machines of some workshops."""
        narrow = limits.copy()
        for number, (workshop, _) in enumerate(self.builder.resources.groups):
            if workshop.id in closed:
                narrow[number * self.builder.resources.weeks : (number + 1) * self.builder.resources.weeks] = -1
        return narrow

    def _add_everywhere(self, table: OptionTable, choice: Ints) -> bool:
        """Consider every workshop for what stays unmet; return whether that gave more ways."""
        everywhere = self.builder.like(self.ground, self.builder.resources)
        known = {(way.lot, way.key) for way in table.ways}
        found = False
        for number in np.flatnonzero(choice < 0).tolist():
            lot = self.lots[number]
            for way in everywhere.lot_ways(number, lot, self.orders[lot.order]):
                if (number, way.key) not in known:
                    self.builder.add_way(lot, way.way, way.delivery)
                    found = True
        return found


def find_earlier(previous: Previous, lots: set[str], weeks_later: int) -> list[Earlier]:
    """Return where the lots of today stood in the plan before, in today's weeks, and how far they have come.

    What is past is done, and what has begun is started, unless somebody said something else of it.
    """
    before = previous.plan.changes
    known = {row.lot: row.state for row in before.earlier if row.state in KEPT_STATES} if before else {}
    found = [
        replace(row, week=row.week - weeks_later, hindrance=None)
        for row in (before.earlier if before else ())
        if row.state is LotState.DONE and row.lot in lots
        if previous.states.get(row.lot, LotState.DONE) is LotState.DONE
    ]
    for row in previous.plan.allocations:
        if row.lot in lots:
            state = previous.states.get(row.lot, known.get(row.lot, LotState.PLANNED))
            week = row.week - weeks_later
            if row.lot not in previous.states and week < 0:
                state = LotState.DONE
            elif row.lot not in previous.states and min(task.week for task in row.tasks) < weeks_later:
                state = LotState.STARTED
            found.append(Earlier(row.lot, row.order, row.quantity, state, row.workshop, week, places_of(row)))
    return sorted(found, key=lambda row: row.lot)
