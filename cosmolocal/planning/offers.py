"""All ways to serve an order beside a plan, cheapest first, in what the plan leaves free.

`WayPricer` tells what a way can cost at least, whatever of it is still open; the search goes on where that is least.
The true cost of a way is found when it is complete, and it is offered once no other can be cheaper.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any

import numpy as np

from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.carriage import Carried
from cosmolocal.planning.free_room import FreeRoom, RoomTariff
from cosmolocal.planning.haulage import NEVER, Ints
from cosmolocal.planning.options import WaySums, lateness_cents, sum_way, way_cost, way_uses
from cosmolocal.planning.plans import build_legs, build_tasks
from cosmolocal.planning.pricing import TaskWeights, WayPricer
from cosmolocal.planning.ways import Way, find_cheapest
from cosmolocal.records import Allocation, Lot, MachineGroup, Order, Workshop

#: ways and parts of ways looked at before a search gives up its proof
MOST_LOOKS = 20_000
#: ways to carry the parts of one way, by modes and hubs, before the search gives up its proof
MOST_CARRIAGES = 400


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to serve an order beside a plan, with what it costs beside it."""

    allocation: Allocation
    #: [cents] that it adds to those of the plan
    overtime_cents: int
    fairness_cents: int
    #: of trips that it shares with what the plan has: what it goes along with costs nothing more
    trips_cents: int = 0

    @property
    def total_cents(self) -> int:
        """Return by how much the plan's cost rises."""
        return self.allocation.cost.total_cents + self.overtime_cents + self.fairness_cents + self.trips_cents

    @property
    def workshops(self) -> tuple[str, ...]:
        """Return the workshops that take part, that of the last task first."""
        return tuple(dict.fromkeys(task.workshop for task in self.allocation.tasks))


def search_offers(room: FreeRoom, bill: TaskNode, order: Order, lot: Lot) -> "OfferSearch":
    """Return what finds the offers for a lot beside what a plan leaves free."""
    resources = room.resources
    operations = [operation for node in bill.walk() for operation in node.operations]
    able = [resources.machines.able(operation, lot.quantity) for operation in operations]
    users = sum(
        (np.bincount(numbers, minlength=len(resources.groups)) for numbers in able), np.zeros(1, dtype=np.int64)
    )
    # hours of a fair load are shared by all weeks, so also by a first article and the rest
    is_single = len(able) <= 1 and resources.ground.gate_weeks(lot) == 0
    tariff = RoomTariff(room, np.broadcast_to(users <= 1, len(resources.groups)), is_single)
    first_week = resources.ground.first_week(order)
    return OfferSearch(tariff, WayPricer(resources, tariff, bill, lot, first_week=first_week), order, lot)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where and when a task is done."""

    row: int
    week: int
    #: numbers of its machine groups, one per operation
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """A task that is decided, after the one that it goes into."""

    task: TaskWeights
    #: number of the step of that one; −1: the lot's last task
    parent: int
    #: [W × T] weight of having it there
    supply: Ints | None


def order_steps(root: TaskWeights) -> list[_Step]:
    """Return the tasks in the order in which they are decided.

    Those first that may want the same machine groups as one decided already: there a way fails, or costs more than it
    seemed to.
    """
    steps: list[_Step] = []
    ready, wanted = [_Step(root, -1, None)], set[int]()
    while ready:
        nth = next((n for n, step in enumerate(ready) if not wanted.isdisjoint(_groups(step.task))), 0)
        step = ready.pop(nth)
        wanted |= _groups(step.task)
        children = zip(step.task.children, step.task.supplies, strict=True)
        ready += [_Step(child, len(steps), supply) for child, supply in children]
        steps.append(step)
    return steps


def _groups(task: TaskWeights) -> set[int]:
    return {number for priced in task.operations for number in priced.numbers.tolist()}


@dataclass(frozen=True, slots=True)
class _Open:
    """Candidates for the next task of a way that is decided so far, cheapest first, of which ``nth`` is next."""

    spots: tuple[_Spot, ...]
    #: [thousandths of a cent] of each candidate's way at least
    weights: Sequence[int]
    #: (row, week) of each
    cells: Sequence[tuple[int, int]]
    nth: int = 0


@dataclass(frozen=True, slots=True)
class _Decided:
    """A way that is decided so far."""

    spots: tuple[_Spot, ...]
    #: [thousandths of a cent] of it at least
    weight: int


class OfferSearch:
    """Finds the offers for one lot, cheapest first."""

    def __init__(self, tariff: RoomTariff, pricer: WayPricer, order: Order, lot: Lot) -> None:
        self.tariff, self.room = tariff, tariff.room
        self.pricer, self.order, self.lot = pricer, order, lot
        self.ground = pricer.ground
        #: [W × T] what a way ending there and then costs at least, in thousandths of a cent
        self.least: Ints = pricer.delivered(order, lot)
        self._steps = order_steps(pricer.root)
        self._number = {step.task.node.path: number for number, step in enumerate(self._steps)}
        #: False: a search gave up, so that a cheaper or earlier way may have been missed
        self.is_proved = True

    def weeks(self) -> list[int]:
        """Return the weeks in which no single resource is too scarce for every way."""
        found: list[int] = np.flatnonzero(self.least.min(axis=0, initial=NEVER) < NEVER).tolist()
        return found

    def earliest(self) -> Offer | None:
        """Return the cheapest offer of the first week that has any."""
        return next((offer for week in self.weeks() for offer in self.offers([week])), None)

    def offers(self, weeks: Sequence[int]) -> Iterator[Offer]:
        """Yield all offers of some weeks, cheapest first."""
        queue = _Queue()
        weights = self.least[:, weeks].ravel()
        nths = find_cheapest(weights)
        cells = [(nth // len(weeks), weeks[nth % len(weeks)]) for nth in nths]
        queue.push_open(_Open((), weights[nths].tolist(), cells))
        while (item := queue.pop()) is not None:
            if isinstance(item, Offer):
                yield item
            elif queue.looks > MOST_LOOKS:
                self.is_proved = False
            elif isinstance(item, _Open):
                queue.push_open(replace(item, nth=item.nth + 1))
                self._choose_groups(queue, item)
            elif isinstance(item, _Decided):
                self._go_on(queue, item.spots, item.weight)
            elif (offer := self._offer(item)) is not None:
                queue.push(offer.total_cents, offer)

    def _choose_groups(self, queue: "_Queue", item: _Open) -> None:
        """Put the next candidate of an open way into the queue, once for each choice of machine groups."""
        task, (row, week) = self._steps[len(item.spots)].task, item.cells[item.nth]
        choices = []
        for priced in task.operations:
            numbers, weights = priced.numbers, priced.weights
            first, last = np.searchsorted(self.pricer.resources.machines.row[numbers], (row, row + 1)).tolist()
            here = range(first, last)
            choices.append([(int(numbers[nth]), int(weights[nth, week])) for nth in here if weights[nth, week] < NEVER])
        least = item.weights[item.nth] - int(task.own[row, week])
        for chosen in product(*choices):
            spot = _Spot(row, week, tuple(number for number, _ in chosen))
            weight = least + sum(extra for _, extra in chosen)
            queue.push(ceil_div(weight, 1000), _Decided((*item.spots, spot), weight))

    def _go_on(self, queue: "_Queue", spots: tuple[_Spot, ...], weight: int) -> None:
        """Open the next task of a way, or offer the way where it is complete."""
        used = self._minutes(spots)
        if self.room.lacks({resource: sum(minutes) for resource, minutes in used.items()}):
            return
        if len(spots) == len(self._steps):
            queue.push(ceil_div(self._whole_weight(weight, used), 1000), spots)
            return
        step = self._steps[len(spots)]
        user = spots[step.parent]
        weights = self.pricer.makers(step.task, user.row, user.week)
        rows = find_cheapest(weights)
        least = weight - (0 if step.supply is None else int(step.supply[user.row, user.week]))
        before = user.week - self.ground.settings.transfer_weeks
        cells = [(row, user.week if row == user.row else before) for row in rows]
        queue.push_open(_Open(spots, (least + weights[rows]).tolist(), cells))

    def _minutes(self, spots: tuple[_Spot, ...]) -> dict[int, list[int]]:
        """Return the minutes of each operation by machine group and week."""
        used: dict[int, list[int]] = {}
        for spot, step in zip(spots, self._steps, strict=False):
            for group, priced in zip(spot.groups, step.task.operations, strict=True):
                nth = np.searchsorted(priced.numbers, group)
                for minutes, earlier in priced.runs:
                    at = group * self.pricer.weeks + spot.week - earlier
                    used.setdefault(at, []).append(int(minutes[nth]))
        return used

    def _whole_weight(self, weight: int, used: dict[int, list[int]]) -> int:
        """Return the weight of a complete way with whole hours instead of parts where a resource may be shared."""
        shared = {at: minutes for at, minutes in used.items() if not self.tariff.is_alone[at // self.pricer.weeks]}
        resources = self.pricer.resources
        if resources.is_fair and not self.tariff.is_single:
            for at, minutes in used.items():
                row = int(resources.machines.row[at // self.pricer.weeks])
                shared.setdefault(resources.fair_start + row, []).extend(minutes)
        for resource, minutes in shared.items():
            weight += 1000 * self.room.cents(resource, sum(minutes))
            weight -= sum(self.room.part_weight(resource, each) for each in minutes)
        return weight

    def _offer(self, spots: tuple[_Spot, ...]) -> Offer | None:
        """Return a complete way as an offer; None: together its tasks find no room."""
        shop, limit_m = self.pricer.shops[spots[0].row], self.order.max_distance_m
        ways = self._ways(spots, 0)
        deliveries = self._carries(self.pricer.root.node, shop, self.order.place, limit_m)
        if len(ways) * len(deliveries) > MOST_CARRIAGES:
            ways, self.is_proved = ways[: max(1, MOST_CARRIAGES // len(deliveries))], False
        every = [
            build_offer(self.room, self.order, self.lot, (way, delivery), spots[0].week)
            for way in ways
            for delivery in deliveries
            if delivery is not None
        ]
        return min((offer for offer in every if offer is not None), key=lambda offer: offer.total_cents, default=None)

    def _carries(
        self, node: TaskNode, shop: Workshop, place: str, limit_m: int | None = None
    ) -> Sequence[Carried | None]:
        """Return the ways to carry the results of a task: one, unless trips are shared."""
        finder = self.pricer.finder
        if self.ground.sharing is None:
            return [finder.carry(node, shop, place, limit_m)]
        return finder.all_carries(node, shop, place, limit_m)

    def _ways(self, spots: tuple[_Spot, ...], number: int) -> list[Way]:
        """Return the ways of a task and all below it: they differ in how parts are carried."""
        spot, task = spots[number], self._steps[number].task
        shops, groups = self.pricer.shops, self.pricer.resources.machines.groups
        children: list[list[tuple[Way, Carried | None]]] = []
        for child in task.children:
            of_child = self._number[child.node.path]
            row, carries = spots[of_child].row, list[Carried | None]([None])
            if row != spot.row:
                carries = list(self._carries(child.node, shops[row], shops[spot.row].id))
            children.append(list(product(self._ways(spots, of_child), carries)))
        chosen: tuple[MachineGroup, ...] = tuple(groups[group][1] for group in spot.groups)
        every = list(islice(product(*children), MOST_CARRIAGES + 1))
        return [Way(0, task.node, shops[spot.row].id, chosen, parts) for parts in every]


class _Queue:
    """What is still to be looked at, cheapest first; offers come before what could only be as cheap."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, bool, int, Any]] = []
        self._count = 0
        self.looks = 0

    def push(self, cents: int, item: Offer | _Decided | tuple[_Spot, ...]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (cents, not isinstance(item, Offer), self._count, item))

    def push_open(self, item: _Open) -> None:
        if item.nth < len(item.weights):
            self._count += 1
            heapq.heappush(self._heap, (ceil_div(item.weights[item.nth], 1000), True, self._count, item))

    def pop(self) -> Any:
        """Return the next item; None: nothing is left."""
        self.looks += 1
        return heapq.heappop(self._heap)[3] if self._heap else None


def build_offer(room: FreeRoom, order: Order, lot: Lot, how: tuple[Way, Carried], week: int) -> Offer | None:
    """Return a way in a week as an offer; None: it finds no room."""
    (way, delivery), resources = how, room.resources
    runs, gate_weeks = resources.ground.runs(lot), resources.ground.gate_weeks(lot)
    sums = sum_way(resources, way, runs)
    uses = find_uses(resources, sums, delivery, week)
    if room.lacks(uses):
        return None
    ground, delay = resources.ground, resources.ground.settings.transfer_weeks
    late = max(0, week - ground.week_of(order.due_date))
    cost = replace(
        way_cost(ground, sums, delivery),
        lateness_cents=lateness_cents(ground, order, lot, late),
        late_weeks=late,
    )
    tasks = build_tasks(way, week, delay, runs)
    legs = build_legs(way, delivery, week, delay, gate_weeks)
    allocation = Allocation(lot.id, lot.order, lot.design, lot.quantity, way.workshop, week, tasks, legs, cost)
    return Offer(allocation, *room.cents_of(uses))


def find_uses(resources: Resources, sums: WaySums, delivery: Carried, week: int) -> dict[int, int]:
    """Return what a way in a week uses of each resource."""
    return {resources.at(base, week - offset): amount for base, offset, amount in way_uses(resources, sums, delivery)}
