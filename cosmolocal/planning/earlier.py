"""What the plan before did with a lot, as a way of today; where it is none any more, why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.carriage import Carried
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.haulage import Bools
from cosmolocal.planning.options import LotWay, OptionBuilder, OptionTable, lateness_cents
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.solution import PRICE_SCALE
from cosmolocal.planning.steering import Added, add_options
from cosmolocal.planning.ways import Places, Way, WayFinder, WayKey, way_key
from cosmolocal.records import Allocation, Earlier, EarlierTask, Lot, Order, Plan, Price, Reason, Settings, Workshop


@dataclass(frozen=True, slots=True)
class Present:
    """What a lot did in the plan before, as the region is now."""

    way: Way
    delivery: Carried
    #: of the last task
    week: int

    @property
    def key(self) -> WayKey:
        """Return what tells it from other ways."""
        return way_key(self.way, self.delivery)


class HinderedError(Exception):
    """A lot cannot stay where it was."""

    def __init__(self, code: str, **values: str | int) -> None:
        self.reason = Reason(code, values)
        super().__init__(code)


def weeks_between(plan: Plan, settings: Settings) -> int:
    """Return how many weeks after a plan's start new settings begin."""
    return (settings.start_date - date.fromisoformat(str(plan.settings["start_date"]))).days // 7


def places_of(row: Allocation) -> tuple[EarlierTask, ...]:
    """Return who does which part of a lot; a first article is made by the same workshops and machine groups."""
    tasks = row.batch_tasks
    return tuple(EarlierTask(task.path, task.workshop, tuple(use.group for use in task.uses)) for task in tasks)


def find_present(ground: Ground, lot: Lot, order: Order, row: Allocation, week: int) -> Present:
    """Return the way of an earlier allocation, to be finished in ``week``; its first tasks may lie in the past.

    Raises
    ------
    HinderedError
        When it is not possible any more: it says why.
    """
    if lot.design != row.design:
        raise HinderedError("other-version", old=row.design, new=lot.design)
    if lot.quantity != row.quantity:
        raise HinderedError("other-quantity", old=row.quantity, new=lot.quantity)
    if lot.first_article != bool(row.first_tasks):
        raise HinderedError("first-article" if lot.first_article else "no-first-article")
    bill = ground.catalogue.bill(lot.design) if lot.design in ground.catalogue.by_key else None
    paths = {task.path for task in row.batch_tasks}
    if not isinstance(bill, TaskNode) or {node.path for node in bill.walk()} != paths:
        raise HinderedError("other-parts", design=lot.design)
    finder = WayFinder(ground, lot.quantity, runs=ground.runs(lot))
    way = _find_way(ground, finder, bill, row)
    delivery = _carry(finder, bill, (ground.workshops[way.workshop], order.place), row, order.max_distance_m)
    if delivery is None:
        raise HinderedError("route", workshop=way.workshop, place=order.place)
    first = week - weeks_before(ground, way, lot)
    if 0 <= first < ground.first_week(order):
        raise HinderedError("early", week=ground.first_week(order))
    if week > ground.last_week(order):
        raise HinderedError("late", week=ground.last_week(order))
    return Present(way, delivery, week)


def weeks_before(ground: Ground, way: Way, lot: Lot) -> int:
    """Return how many weeks before its last task a lot is begun."""
    return max(offset for _, offset in way.walk(ground.settings.transfer_weeks)) + ground.gate_weeks(lot)


def _carry(
    finder: WayFinder, node: TaskNode, ends: tuple[Workshop, str], row: Allocation, limit_m: int | None = None
) -> Carried | None:
    """Return how the results of a task come from a workshop to a place: as before where that is a choice.

    None: nothing carries them any more.
    """
    if finder.ground.sharing is None:
        return finder.carry(node, *ends, limit_m)
    before = [(leg.to_place, leg.mode) for leg in row.legs if leg.path == node.path and not leg.first]
    ways = finder.all_carries(node, *ends, limit_m)
    same = (way for way in ways if [(each.to_place, each.haul.mode.id) for each in way.stages()] == before)
    return next(same, ways[0] if ways else None)


def _find_way(ground: Ground, finder: WayFinder, node: TaskNode, row: Allocation) -> Way:
    task = next(task for task in row.batch_tasks if task.path == node.path)
    if task.workshop not in ground.workshops:
        raise HinderedError("closed", workshop=task.workshop)
    if len(task.uses) != len(node.operations) or not node.is_known:
        raise HinderedError("other-parts", design=node.design)
    groups = []
    for use, operation in zip(task.uses, node.operations, strict=True):
        fitting = ground.fitting(operation, finder.quantity).get(task.workshop, ())
        found = [group for group in fitting if group.id == use.group]
        if not found:
            raise HinderedError("machine", workshop=task.workshop, group=use.group)
        groups += found
    children: list[tuple[Way, Carried | None]] = []
    for child in node.children:
        below, carried = _find_way(ground, finder, child, row), None
        if below.workshop != task.workshop:
            carried = _carry(finder, child, (ground.workshops[below.workshop], task.workshop), row)
            if carried is None or not child.operations:
                raise HinderedError("route", workshop=below.workshop, place=task.workshop)
        children.append((below, carried))
    return Way(0, node, task.workshop, tuple(groups), tuple(children))


class CarefulBuilder(OptionBuilder):
    """Builds options that no workshop has declined."""

    def __init__(
        self,
        ground: Ground,
        declined: Mapping[str, frozenset[str]],
        resources: Resources | None = None,
        ignore_radius: bool = False,
        most_workshops: int | None = None,
    ) -> None:
        super().__init__(ground, resources, ignore_radius, most_workshops)
        #: workshops by lot
        self.declined = declined

    def like(self, ground: Ground, resources: Resources, ignore_radius: bool = False) -> OptionBuilder:
        """Return a builder for another ground that finds ways at the same prices, and in every workshop."""
        other = CarefulBuilder(ground, self.declined, resources, ignore_radius, max(1, len(ground.workshops)))
        other.price_rounds = list(self.price_rounds)
        return other

    def lot_ways(self, number: int, lot: Lot, order: Order) -> list[LotWay]:
        """Return the ways to serve a lot, whatever the week, without those who declined it."""
        closed = self.declined.get(lot.id, frozenset())
        ways = super().lot_ways(number, lot, order)
        return [way for way in ways if closed.isdisjoint(shop for _, shop, _ in way.way.places())] if closed else ways


def stands_as(row: Earlier) -> tuple[Places, int]:
    """Return what tells an earlier allocation from others: who does what, and when."""
    return tuple((task.path, task.workshop, task.groups) for task in row.tasks), row.week


def option_numbers(table: OptionTable, presents: Mapping[int, Present]) -> dict[int, int]:
    """Return for each lot the option that is its way of before in the week of then."""
    wanted = {(lot, one.key) for lot, one in presents.items()}
    by_way = np.argsort(table.option_way, kind="stable")
    edges = np.searchsorted(table.option_way[by_way], np.arange(len(table.ways) + 1))
    found = {}
    for number, lot_way in enumerate(table.ways):
        if lot_way.lot in presents and (lot_way.lot, lot_way.key) in wanted:
            options = by_way[edges[number] : edges[number + 1]]
            [nth] = np.flatnonzero(table.option_week[options] == presents[lot_way.lot].week)
            found[lot_way.lot] = int(options[nth])
    return found


def options_alike(table: OptionTable, presents: Mapping[int, Present]) -> Bools | None:
    """Return which options have a lot made where and when it was before, however it is carried; None: no choice."""
    if table.resources.ground.sharing is None:
        return None
    places = {lot: one.way.places() for lot, one in presents.items()}
    same = np.array([places.get(way.lot) == way.way.places() for way in table.ways], dtype=bool)
    lots = np.array([way.lot for way in table.ways], dtype=np.int64)[table.option_way]
    weeks = np.full(len(table.lots), -1, dtype=np.int64)
    for lot, one in presents.items():
        weeks[lot] = one.week
    return np.asarray(same[table.option_way] & (table.option_week == weeks[lots]))


def add_begun(table: OptionTable, begun: Mapping[int, Present], orders: Mapping[str, Order]) -> OptionTable:
    """Return the table with an option for each lot whose first tasks lie in the past; these use nothing any more."""
    if not begun:
        return table
    number_of = {(way.lot, way.key): number for number, way in enumerate(table.ways)}
    chosen = [number_of[lot, present.key] for lot, present in begun.items()]
    uses = [
        _uses_to_come(table.resources, table.ways[way], present.week)
        for way, present in zip(chosen, begun.values(), strict=True)
    ]
    late = [
        lateness_cents(table.resources.ground, orders[table.lots[lot].order], table.lots[lot], max(0, weeks))
        for lot, weeks in ((lot, present.week - int(table.due_week[lot])) for lot, present in begun.items())
    ]
    added = Added(
        np.array(list(begun), dtype=np.int64),
        np.array([table.ways[way].cost.total_cents + cents for way, cents in zip(chosen, late, strict=True)]),
        np.array([len(each) for each in uses], dtype=np.int64),
        np.array([resource for each in uses for resource, _ in each], dtype=np.int64),
        np.array([amount for each in uses for _, amount in each], dtype=np.int64),
    )
    problem, source = add_options(table.problem, added)
    return replace(
        table,
        problem=problem,
        option_way=np.concatenate((table.option_way, np.array(chosen, dtype=np.int64)))[source],
        option_week=np.concatenate((table.option_week, [present.week for present in begun.values()]))[source],
    )


def _uses_to_come(resources: Resources, lot_way: LotWay, week: int) -> list[tuple[int, int]]:
    """Return (resource, amount) of what a way still uses when its last task is done in ``week``."""
    amounts: dict[int, int] = {}
    for base, offset, amount in lot_way.uses:
        if resources.fair_start <= base < resources.trip_start:
            amounts[base] = amounts.get(base, 0) + amount
        elif week >= offset:
            amounts[base + week - offset] = amount
        elif resources.is_group(base):
            fair = resources.fair(resources.name(base)[0].partition("/")[0])
            if fair is not None:
                amounts[fair] = amounts.get(fair, 0) - amount
    return sorted((resource, amount) for resource, amount in amounts.items() if amount > 0)


def read_old_prices(resources: Resources, prices: tuple[Price, ...], weeks_later: int) -> Ints:
    """Return the prices of an earlier plan by today's resources and weeks, thousandths of a cent per unit, [R].

    A week that the plan before did not reach, and a resource that it did not know, has no price.
    """
    first = {resources.name(base)[0]: base for base in range(0, resources.fair_start, resources.weeks)}
    found = np.zeros(resources.count, dtype=np.int64)
    for price in prices:
        week = price.week - weeks_later
        if price.resource in first and 0 <= week < resources.weeks:
            base = first[price.resource]
            found[base + week] = max(0, price.cents) * PRICE_SCALE // (60 if resources.is_group(base) else 100)
    return found
