"""Why not? The reasons that keep a lot from being made here, and the smallest changes that would serve it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import numpy as np

from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.bill import BillError, Catalogue, TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.fixes import MINUTES_OF_WEEK, extra_minutes_per_machine
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.obstacles import find_obstacles
from cosmolocal.planning.options import LotWay, OptionBuilder, OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.trial import Trial
from cosmolocal.records import Fix, Lot, Order, Reason, Unmet
from cosmolocal.versions import sorted_versions

#: fixes of one kind that are tried, smallest first
MOST_TRIED = 12

Findings = tuple[list[Reason], list[Fix]]


def explain_unmet(
    builder: OptionBuilder, table: OptionTable, choice: Ints, orders: Iterable[Order], unmet: Iterable[Unmet]
) -> tuple[Unmet, ...]:
    """Return the unmet lots with their reasons and fixes; lots of one order share what is found."""
    order_by_id = {order.id: order for order in orders}
    trial = Trial(builder, table, choice, order_by_id.values())
    number_by_lot = {lot.id: number for number, lot in enumerate(table.lots)}
    known: dict[tuple[str, int], tuple[tuple[Reason, ...], tuple[Fix, ...]]] = {}
    unmet = tuple(unmet)
    # lots that are alike one after the other: they share the ways found for them
    for row in sorted(unmet, key=lambda row: (row.design, row.quantity)):
        key = (row.order, row.quantity)
        if key not in known:
            reasons, fixes = _Explainer(builder, table, trial).explain(number_by_lot[row.lot], order_by_id[row.order])
            known[key] = (tuple(reasons), tuple(fixes))
    found = [known[row.order, row.quantity] for row in unmet]
    return tuple(replace(row, reasons=reasons, fixes=fixes) for row, (reasons, fixes) in zip(unmet, found, strict=True))


def no_version(order: Order, catalogue: Catalogue) -> Reason:
    """Return why no version of a design fits an order."""
    asked: dict[str, str | int] = {"design": order.design, "range": order.version}
    yanked = catalogue.find_yanked(order.design, order.version)
    if yanked is not None:
        return Reason("yanked-version", {**asked, "version": yanked.version, "why": yanked.yanked or "–"})
    gone = catalogue.find_taken_down(order.design, order.version)
    if gone is not None:
        why = catalogue.taken_down[f"{order.design}@{gone}"]
        return Reason("taken-down-version", {**asked, "version": gone, "why": why})
    versions = ", ".join(sorted_versions(catalogue.versions.get(order.design, {}))) or "–"
    return Reason("no-version", {**asked, "versions": versions})


class _Explainer:
    """Looks at one lot, from what no workshop can do to what has no room."""

    def __init__(self, builder: OptionBuilder, table: OptionTable, trial: Trial) -> None:
        self.builder, self.table, self.trial = builder, table, trial
        self.ground: Ground = builder.ground

    def explain(self, number: int, order: Order) -> Findings:
        lot = self.table.lots[number]
        if lot.design not in self.ground.catalogue.by_key:
            return [no_version(order, self.ground.catalogue)], []
        bill = self.ground.catalogue.bill(lot.design)
        if isinstance(bill, BillError):
            return [Reason("unknown-bom", {"design": lot.design, "why": str(bill)})], []
        reasons, fixes = find_obstacles(self.ground, bill, lot.quantity)
        if reasons:
            sure = [fix for fix in fixes if fix.code in ("confirm", "add-machine", "confirm-machine")]
            rest = [fix for fix in fixes if fix not in sure]
            return reasons, sure + list(self.trial.tried(order.id, rest[:MOST_TRIED]))
        if not self._ways_of(number):
            return self._out_of_reach(lot, order, bill)
        if self.table.problem.option_start[number] == self.table.problem.option_start[number + 1]:
            return self._too_late(number, order)
        return self._no_room(number, order)

    def _ways_of(self, number: int) -> tuple[LotWay, ...]:
        """Return the ways of a lot: those of each lot stand together, in the order of lots."""
        ways = self.table.ways
        first, end = (bisect(ways, number, key=lambda way: way.lot) for bisect in (bisect_left, bisect_right))
        return ways[first:end]

    def _out_of_reach(self, lot: Lot, order: Order, bill: TaskNode) -> Findings:
        """No workshop that can make it may deliver it, or no mode can carry it."""
        free = self.builder.like(self.ground, self.builder.resources, ignore_radius=True)
        ways = sorted(free.lot_ways(0, lot, order), key=lambda way: (way.delivery.distance_m, way.way.weight))
        if not ways:
            return [Reason("no-way", {"place": order.place, "mass_g": bill.mass_g})], []
        nearest = ways[0]
        distance_m = nearest.delivery.distance_m
        reason = Reason("radius", {"workshop": nearest.way.workshop, "distance_m": distance_m, "place": order.place})
        fixes = [fix for way in ways for fix in self._radius_fix(way, order)]
        unique = list({(fix.code, *fix.values.values()): fix for fix in fixes}.values())
        return [reason], list(self.trial.tried(order.id, unique[:MOST_TRIED]))

    def _radius_fix(self, way: LotWay, order: Order) -> list[Fix]:
        """Return the one limit that keeps a way from being used; nothing when more than one does."""
        fixes = []
        distance_m = way.delivery.distance_m
        if order.max_distance_m is not None and distance_m > order.max_distance_m:
            values: dict[str, str | int] = {"order": order.id, "from_m": order.max_distance_m, "to_m": distance_m}
            fixes.append(Fix("order-radius", values, 0))
        farthest: dict[str, int] = {}
        loads = [way.delivery] + [load for part, _ in way.way.walk(0) for _, load in part.children if load is not None]
        for load in loads:
            farthest[load.start] = max(farthest.get(load.start, 0), load.distance_m)
        for workshop_id, reach_m in farthest.items():
            radius_m = self.ground.workshops[workshop_id].radius_m
            if radius_m is not None and reach_m > radius_m:
                fixes.append(Fix("workshop-radius", {"workshop": workshop_id, "from_m": radius_m, "to_m": reach_m}, 0))
        return fixes if len(fixes) == 1 else []

    def _too_late(self, number: int, order: Order) -> Findings:
        """No week is left between its release and its last allowed week."""
        depth = min(way.depth for way in self._ways_of(number))
        earliest = self.ground.first_week(order) + depth
        settings = self.ground.settings
        monday = settings.start_date + timedelta(weeks=earliest)
        values: dict[str, str | int] = {"due_date": order.due_date.isoformat(), "earliest_date": monday.isoformat()}
        gate_weeks = self.ground.gate_weeks(self.table.lots[number])
        code = late_code(gate_weeks, earliest, self.ground.last_week(order))
        reason = Reason(code, {**values, "max_late_weeks": settings.max_late_weeks})
        fixes = []
        for week in range(earliest, settings.weeks):
            due = settings.start_date + timedelta(weeks=week - settings.max_late_weeks, days=6)
            if due > order.due_date:
                to_date: dict[str, str | int] = {"order": order.id, "from_date": order.due_date.isoformat()}
                fixes.append(Fix("due-date", {**to_date, "to_date": due.isoformat()}, 0))
        without = (Fix("no-first-article", {"order": order.id}, 0),) if gate_weeks else ()
        for fix in fixes:  # the smallest change first: the first that helps is the answer
            helpful = self.trial.tried(order.id, [fix])
            if helpful:
                return [reason], [*helpful, *self.trial.tried(order.id, without)]
        return [reason], list(self.trial.tried(order.id, without))

    def _no_room(self, number: int, order: Order) -> Findings:
        """Explain a lot that could be made here: importing is cheaper, or other lots fill the machines."""
        problem = self.table.problem
        options = range(int(problem.option_start[number]), int(problem.option_start[number + 1]))
        loads, unmet = self.trial.loads, int(problem.unmet_cost[number])
        lacks = self._lacks(options, loads)
        local_cents = min((self._cost_now(option) for option in options if not lacks[option]), default=None)
        if local_cents is not None and local_cents < unmet:
            return [Reason("gap", {})], []
        short = [lack for option, lack in lacks.items() if lack and int(problem.option_cost[option]) < unmet]
        if not short:
            return self._import_cheaper(number, local_cents, order)
        fixes = [*self.trial.tried(order.id, self._room_fixes(short)), *self._lot_fixes(order)]
        lacks_alone = self._lacks(options, np.zeros_like(loads))
        alone = [lack for option, lack in lacks_alone.items() if int(problem.option_cost[option]) < unmet]
        if all(alone):
            return [room_reason(self.table.resources, *largest(alone), "too-large")], fixes
        return [room_reason(self.table.resources, *largest(short), "capacity")], fixes

    def _cost_now(self, option: int) -> int:
        """Return the cents of an option beside the plan, with the overtime and unfairness it adds."""
        room = self.trial.room
        added = room.change(option, +1)
        room.change(option, -1)
        return int(self.table.problem.option_cost[option]) + added

    def _lot_fixes(self, order: Order) -> tuple[Fix, ...]:
        """Return the ways to cut the order into smaller lots that help."""
        most = self.ground.settings.max_lots_per_order
        if most == 1 or order.quantity == 1 or order.first_article:
            return ()
        if not order.splittable and order.quantity >= 2 * order.minimum_lot:
            return self.trial.tried(order.id, [Fix("split", {"order": order.id, "lots": most}, 0)])
        smaller = max(1, order.quantity // most)
        if smaller >= order.minimum_lot:
            return ()
        values: dict[str, str | int] = {"order": order.id, "from_units": order.minimum_lot, "to_units": smaller}
        return self.trial.tried(order.id, [Fix("smaller-lots", values, 0)])

    def _lacks(self, options: range, loads: Ints) -> dict[int, dict[int, int]]:
        """Return by option how much it lacks of each resource."""
        problem = self.table.problem
        span = slice(int(problem.use_start[options.start]), int(problem.use_start[options.stop]))
        resources = problem.use_resource[span]
        missing = loads[resources] + problem.use_amount[span] - self.trial.limit[resources]
        # a fair load has no end
        short = np.flatnonzero((missing > 0) & (resources < self.table.resources.fair_start))
        option = np.searchsorted(problem.use_start, span.start + short, side="right") - 1
        lacks: dict[int, dict[int, int]] = {each: {} for each in options}
        for each, resource, lack in zip(
            option.tolist(), resources[short].tolist(), missing[short].tolist(), strict=True
        ):
            lacks[each][resource] = lack
        return lacks

    def _room_fixes(self, short: list[dict[int, int]]) -> list[Fix]:
        """Return the smallest additions to a single resource that make room, smallest first."""
        single = sorted({next(iter(lacks.items())) for lacks in short if len(lacks) == 1}, key=lambda item: item[::-1])
        found = [fix for resource, amount in single for fix in add_room(self.table.resources, resource, amount)]
        return found[:MOST_TRIED]

    def _import_cheaper(self, number: int, local_cents: int | None, order: Order) -> Findings:
        """Explain a lot whose import costs less than making it here does where there is room (None: there is none)."""
        problem, cost, settings = self.table.problem, self.table.unmet[number], self.ground.settings
        least = int(np.min(problem.option_cost[problem.option_start[number] : problem.option_start[number + 1]]))
        values = {"local_cents": least if local_cents is None else local_cents, "import_cents": cost.total_cents}
        weight = cost.import_cents * settings.priority_percent[order.priority]
        if local_cents is None or weight == 0:
            return [Reason("import-cheaper", {**values})], []
        missing = local_cents - cost.total_cents + cost.penalty_cents
        percent = missing * 10_000 // weight + 1
        worth: dict[str, str | int] = {"from_percent": settings.import_penalty_percent, "to_percent": percent}
        return [Reason("import-cheaper", {**values})], [Fix("import-penalty", worth, 0)]


def late_code(gate_weeks: int, earliest: int, last_week: int) -> str:
    """Return the code of a lot that cannot be ready in time: is it its first article that makes it too late, or not."""
    is_gate = gate_weeks > 0 and earliest - gate_weeks <= last_week
    return "late-by-first-article" if is_gate else "too-late"


def room_reason(resources: Resources, resource: int, amount: int, code: str) -> Reason:
    """Return the reason of a resource that lacks an amount; ``code`` for a machine group."""
    name, week = resources.name(resource)
    if resources.is_group(resource):
        return Reason(code, {"resource": name, "week": week, "minutes": amount})
    return Reason("link", {"resource": name, "week": week, "kg": amount})


def add_room(resources: Resources, resource: int, amount: int) -> list[Fix]:
    """Return the smallest addition to a resource that makes room for an amount; nothing: it cannot grow so much."""
    number, week = divmod(resource, resources.weeks)
    if not resources.is_group(resource):
        one, other, capacity = resources.links[number - len(resources.groups)]
        if one == other:
            return [Fix("hub-capacity", {"place": one, "from_kg": capacity, "to_kg": capacity + amount}, 0)]
        values: dict[str, str | int] = {"from_place": one, "to_place": other, "from_kg": capacity}
        return [Fix("link-capacity", {**values, "to_kg": capacity + amount}, 0)]
    workshop, group = resources.groups[number]
    hours = ceil_div(amount, 60)
    monday = resources.ground.settings.start_date + timedelta(weeks=week)
    extra = extra_minutes_per_machine(group, workshop, monday, hours * 60)
    longest = max((period.maximum_minutes for period in group.periods), default=0)
    if extra is None or longest + extra > MINUTES_OF_WEEK:
        return []
    where: dict[str, str | int] = {"workshop": workshop.id, "group": group.id, "process": group.process}
    return [Fix("hours", {**where, "week": week, "hours": hours}, 0)]


def largest(lacks: list[dict[int, int]]) -> tuple[int, int]:
    """Return (resource, amount) of what the option that lacks least lacks most of."""
    least = min(lacks, key=lambda lack: sum(lack.values()))
    return max(least.items(), key=lambda item: (item[1], -item[0]))
