"""What one lot would cost in each workshop if it were all there is to plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.options import LotWay, OptionBuilder, OptionTable
from cosmolocal.planning.plans import build_allocation
from cosmolocal.planning.pricing import WayPricer
from cosmolocal.planning.reasons import late_code
from cosmolocal.planning.solvers.room import Room
from cosmolocal.planning.tariffs import Market
from cosmolocal.planning.ways import WayFinder
from cosmolocal.records import Allocation, Lot, Order, Reason


@dataclass(frozen=True, slots=True)
class Quote:
    """The cheapest way that ends in a workshop, or why there is none."""

    allocation: Allocation | None = None
    overtime_cents: int = 0
    fairness_cents: int = 0
    #: of trips that it could share, but has for itself here
    trips_cents: int = 0
    because: Reason | None = None


def quote_workshops(
    ground: Ground, bill: TaskNode, order: Order, lot: Lot, ends: Sequence[tuple[str, str]]
) -> dict[str, Quote]:
    """Return the cheapest way to have a lot made by each workshop and brought to a place; ``ends`` names both."""
    return _Quoter(ground, bill, order, lot, ends).quote() if ends else {}


class _Quoter:
    """Treats the lot as one lot for each workshop, each with the ways that end there, and each alone."""

    def __init__(self, ground: Ground, bill: TaskNode, order: Order, lot: Lot, ends: Sequence[tuple[str, str]]) -> None:
        self.ground, self.bill, self.lot = ground, bill, lot
        self.shops = [shop for shop, _ in ends]
        self.orders = [replace(order, id=shop, place=place) for shop, place in ends]
        self.lots = tuple(replace(lot, id=f"{shop}/1", order=shop) for shop in self.shops)
        self.builder = OptionBuilder(ground)
        self.finder = WayFinder(ground, lot.quantity, runs=ground.runs(lot))

    def quote(self) -> dict[str, Quote]:
        ways = [self._ways(number) for number in range(len(self.shops))]
        table, room = self._table(ways)
        best = [self._best(table, room, number) for number in range(len(self.shops))]
        if self.finder.left_out and self._add_priced(ways, table, best):
            table, room = self._table(ways)
            best = [self._best(table, room, number) for number in range(len(self.shops))]
        return {
            shop: self._read(table, room, number, option)
            for number, (shop, option) in enumerate(zip(self.shops, best, strict=True))
        }

    def _ways(self, number: int) -> list[LotWay]:
        shop = self.ground.workshops[self.shops[number]]
        deliveries = self.finder.carries(self.bill, shop, self.orders[number].place)
        lot, ways = self.lots[number], self.finder.ways(self.bill, shop) if deliveries else []
        return [self.builder.lot_way(number, lot, way, delivery) for way in ways for delivery in deliveries]

    def _table(self, ways: list[list[LotWay]]) -> tuple[OptionTable, Room]:
        order_by_id = {order.id: order for order in self.orders}
        table = self.builder.build_from(self.lots, [way for of_lot in ways for way in of_lot], order_by_id)
        return table, Room(table.problem)

    def _best(self, table: OptionTable, room: Room, number: int) -> int:
        """Return the cheapest option that fits into the free machines, steps included; −1: none does."""
        start, end = (int(edge) for edge in table.problem.option_start[number : number + 2])
        costs = []
        for option in range(start, end):
            if room.fits(option):
                costs.append((int(table.problem.option_cost[option]) + room.change(option, +1), option))
                room.change(option, -1)
        return min(costs)[1] if costs else -1

    def _add_priced(self, ways: list[list[LotWay]], table: OptionTable, best: list[int]) -> bool:
        """Add ways that the finder's limits left out, where a machine's hours stand in the way of the cheapest one.

        They are sought among all ways there are: those that stay within every single capacity, with steps and without.
        """
        narrow = [number for number, option in enumerate(best) if not self._is_cheapest(ways, table, number, option)]
        if not narrow:
            return False
        problem, free = table.problem, np.zeros(table.problem.resource_count, dtype=np.int64)
        for limits in (problem.capacity, problem.largest_capacity()):
            pricer = WayPricer(table.resources, Market(free, limits), self.bill, self.lot)
            for number in narrow:
                priced = pricer.cheapest_in(self.shops[number], self.orders[number], self.lots[number])
                if priced.way is not None and priced.delivery is not None:
                    way = self.builder.lot_way(number, self.lots[number], priced.way, priced.delivery)
                    ways[number] += [] if way in ways[number] else [way]
        return True

    def _is_cheapest(self, ways: list[list[LotWay]], table: OptionTable, number: int, option: int) -> bool:
        """Tell whether an option is the workshop's cheapest way in a week that costs nothing extra."""
        if option < 0 or not ways[number]:
            return False
        chosen = table.ways[int(table.option_way[option])]
        extra = int(table.problem.option_cost[option]) - chosen.cost.total_cents
        return chosen is ways[number][0] and extra == 0 and sum(self._steps(table, option)[:2]) == 0

    def _steps(self, table: OptionTable, option: int) -> tuple[int, int, int]:
        """Return the cents of overtime, of fairness and of trips."""
        span = slice(int(table.problem.use_start[option]), int(table.problem.use_start[option + 1]))
        loads = np.zeros(table.problem.resource_count, dtype=np.int64)
        loads[table.problem.use_resource[span]] = table.problem.use_amount[span]
        costs = table.problem.step_costs(loads)
        fair, trips = table.resources.fair_start, table.resources.trip_start
        return int(costs[:fair].sum()), int(costs[fair:trips].sum()), int(costs[trips:].sum())

    def _read(self, table: OptionTable, room: Room, number: int, option: int) -> Quote:
        if option < 0:
            return Quote(because=self._why_not(table, room, number))
        steps = self._steps(table, option)
        allocation = build_allocation(self.ground, table, self.lots[number], option)
        return Quote(replace(allocation, lot=self.lot.id, order=self.lot.order), *steps)

    def _why_not(self, table: OptionTable, room: Room, number: int) -> Reason:
        """Return why none of a workshop's ways will do: there is no week for it, or no week with room."""
        start, end = (int(edge) for edge in table.problem.option_start[number : number + 2])
        if start == end:
            return self._too_late(table, number)
        lacks = (self._lacks(table, room, option) for option in range(start, end))
        resource, amount = max(min(lacks, key=lambda lack: sum(lack.values())).items(), key=lambda item: item[1])
        name, week = table.resources.name(resource)
        if table.resources.is_group(resource):
            return Reason("too-large", {"resource": name, "week": week, "minutes": amount})
        return Reason("maker-link", {"resource": name, "week": week, "kg": amount})

    def _too_late(self, table: OptionTable, number: int) -> Reason:
        depth = min((way.depth for way in table.ways if way.lot == number), default=0)
        settings = self.ground.settings
        earliest = settings.start_date + timedelta(weeks=depth)
        values = {"due_date": self.orders[number].due_date.isoformat(), "earliest_date": earliest.isoformat()}
        gate_weeks = self.ground.gate_weeks(self.lots[number])
        code = late_code(gate_weeks, depth, self.ground.last_week(self.orders[number]))
        return Reason(code, {**values, "max_late_weeks": settings.max_late_weeks})

    def _lacks(self, table: OptionTable, room: Room, option: int) -> dict[int, int]:
        resources, amounts = room.uses(option)
        missing = (amounts - room.limit[resources]).tolist()
        # a fair load has no end
        return {
            resource: lack
            for resource, lack in zip(resources.tolist(), missing, strict=True)
            if lack > 0 and resource < table.resources.fair_start
        }
