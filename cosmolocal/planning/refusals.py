"""Why no way serves an order beside a plan, and the smallest change that would serve it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.free_room import FreeRoom
from cosmolocal.planning.haulage import NEVER, Ints
from cosmolocal.planning.obstacles import find_obstacles
from cosmolocal.planning.offers import Offer, find_uses
from cosmolocal.planning.options import sum_way
from cosmolocal.planning.pricing import WayPricer
from cosmolocal.planning.reasons import add_room, largest, late_code, room_reason
from cosmolocal.planning.tariffs import Market
from cosmolocal.records import Fix, Lot, Order, Reason

#: ways whose lack of room is looked at, and workshops whose radius is, the best first
MOST_WAYS = 16

Values = dict[str, str | int]
Findings = tuple[list[Reason], list[Fix]]
#: the offer for an order that is changed a little, and by how many cents it beats its import
Ask = Callable[[Order], tuple[Offer, int] | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused: a lot of an order beside what a plan leaves free."""

    room: FreeRoom
    bill: TaskNode
    order: Order
    lot: Lot
    ask: Ask

    @property
    def resources(self) -> Resources:
        """Return the resources of the region."""
        return self.room.resources

    def explain(self) -> Findings:
        """Return the reasons, and the fixes that help."""
        ground = self.resources.ground
        reasons, fixes = find_obstacles(ground, self.bill, self.lot.quantity)
        if reasons:
            return reasons, [fix for fix in fixes if fix.code in ("confirm", "add-machine", "confirm-machine")]
        pricer, whenever = self._pricer(ignore_radius=False), self._whenever()
        least = pricer.delivered(whenever, self.lot)
        if int(least.min(initial=NEVER)) >= NEVER:
            return self._out_of_reach()
        first, last = ground.first_week(self.order), ground.last_week(self.order)
        in_time = least.copy()
        in_time[:, : max(0, first)] = in_time[:, max(0, last + 1) :] = NEVER
        if int(in_time.min()) >= NEVER:
            return self._too_late(int(np.flatnonzero(least.min(axis=0) < NEVER)[0]))
        return self._no_room(pricer, in_time)

    def _whenever(self) -> Order:
        """Return the order without a date to be delivered by."""
        settings = self.resources.ground.settings
        return replace(self.order, due_date=settings.start_date + timedelta(weeks=settings.weeks, days=-1))

    def _pricer(self, ignore_radius: bool, first_week: int | None = None) -> WayPricer:
        """Return the prices of all ways as if there were room without end."""
        market = Market(
            np.zeros(self.resources.count, dtype=np.int64), np.full(self.resources.count, NEVER, dtype=np.int64)
        )
        begin = self.resources.ground.first_week(self.order) if first_week is None else first_week
        return WayPricer(self.resources, market, self.bill, self.lot, ignore_radius, begin)

    def _out_of_reach(self) -> Findings:
        """No workshop that can make it may deliver it, or no mode can carry it, or the weeks end before."""
        ground, order = self.resources.ground, replace(self._whenever(), release_date=None)
        if int(self._pricer(False, 0).delivered(order, self.lot).min(initial=NEVER)) < NEVER:
            return self._too_late(ground.settings.weeks)
        least = self._pricer(True, 0).delivered(order, self.lot).min(axis=1, initial=NEVER)
        rows = np.flatnonzero(least < NEVER)
        column = ground.routes.number(self.order.place)
        if not len(rows) or column is None:
            return [Reason("no-way", {"place": self.order.place, "mass_g": self.bill.mass_g})], []
        distances = ground.routes.distance_m[rows, column]
        order_of = np.argsort(distances, kind="stable")
        names, shops = list(ground.workshops), rows[order_of].tolist()
        nearest, distance_m = names[shops[0]], int(distances[order_of[0]])
        values: Values = {"workshop": nearest, "distance_m": distance_m, "place": self.order.place}
        return [Reason("radius", values)], self._wider(ground.routes.reaches_m(rows, column))

    def _wider(self, distances: list[int]) -> list[Fix]:
        """Return the smallest radius of the order with which it can be made, where that is what is in the way."""
        limit_m = self.order.max_distance_m
        for distance_m in distances[:MOST_WAYS] if limit_m is not None else ():
            found = self.ask(replace(self.order, max_distance_m=distance_m)) if distance_m > (limit_m or 0) else None
            if found is not None:
                values: Values = {"order": self.order.id, "from_m": limit_m or 0, "to_m": distance_m}
                return [Fix("order-radius", values, found[1])]
        return []

    def _too_late(self, earliest: int) -> Findings:
        settings = self.resources.ground.settings
        monday = settings.start_date + timedelta(weeks=earliest)
        values: Values = {"due_date": self.order.due_date.isoformat(), "earliest_date": monday.isoformat()}
        gate_weeks = self.resources.ground.gate_weeks(self.lot)
        code = late_code(gate_weeks, earliest, self.resources.ground.last_week(self.order))
        return [Reason(code, {**values, "max_late_weeks": settings.max_late_weeks})], [*self._later(), *self._ungated()]

    def _ungated(self) -> list[Fix]:
        """Return doing without the first article, where that helps."""
        found = self.ask(replace(self.order, first_article=False)) if self.lot.first_article else None
        return [] if found is None else [Fix("no-first-article", {"order": self.order.id}, found[1])]

    def _later(self) -> list[Fix]:
        """Return the smallest delay with which it can be made."""
        settings, found = self.resources.ground.settings, self.ask(self._whenever())
        if found is None:
            return []
        due = settings.start_date + timedelta(weeks=found[0].allocation.week - settings.max_late_weeks, days=6)
        again = self.ask(replace(self.order, due_date=due)) if due > self.order.due_date else None
        if again is None:
            return []
        values: Values = {"order": self.order.id, "from_date": self.order.due_date.isoformat()}
        return [Fix("due-date", {**values, "to_date": due.isoformat()}, again[1])]

    def _no_room(self, pricer: WayPricer, least: Ints) -> Findings:
        """Machines or links are full: of the cheapest ways, the one that lacks least tells of what."""
        lacks, alone = [], []
        empty = FreeRoom(self.resources, np.zeros(self.resources.count, dtype=np.int64))
        cells = np.argsort(least, axis=None, kind="stable")[: min(MOST_WAYS, int((least < NEVER).sum()))]
        for row, week in zip(*(part.tolist() for part in np.unravel_index(cells, least.shape)), strict=True):
            way = pricer.read(pricer.root, row, week)
            delivery = pricer.carry(way.node, row, self.order.place, week, self.order.max_distance_m)
            if delivery is not None:
                sums = sum_way(self.resources, way, self.resources.ground.runs(self.lot))
                uses = find_uses(self.resources, sums, delivery, week)
                lacks.append(self.room.lacks(uses))
                alone.append(empty.lacks(uses))
        lacks = [lack for lack in lacks if lack]
        if not lacks:
            return [Reason("gap", {})], self._later()
        is_too_large = all(alone)
        found = largest([lack for lack in alone if lack] if is_too_large else lacks)
        reason = room_reason(self.resources, *found, "too-large" if is_too_large else "capacity")
        single = sorted({next(iter(lack.items())) for lack in lacks if len(lack) == 1}, key=lambda item: item[::-1])
        more = [fix for resource, amount in single for fix in add_room(self.resources, resource, amount)][:1]
        return [reason], [*more, *self._later()]
