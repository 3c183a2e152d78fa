"""The ways to spread a lot's tasks over workshops, cheapest first.

A way is a tree like the bill of materials: each task has a workshop and machine groups, each part made elsewhere a
haul.
Costs add up over the tree, so the cheapest ways of a task follow from the cheapest ways of its children.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

import numpy as np

from cosmolocal.network.transport import ceil_div, load_kg, one_trip
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.carriage import CarriageKey, Carried
from cosmolocal.planning.ground import Ground, Runs
from cosmolocal.planning.haulage import ANYWHERE, NEVER, Ints, Reach
from cosmolocal.planning.sharing import Sharing
from cosmolocal.records import MachineGroup, Operation, Workshop

T = TypeVar("T")

#: (path, workshop, machine groups) of each task of a way
Places = tuple[tuple[str, str, tuple[str, ...]], ...]
#: what tells a way to serve a lot from others: who does what, and how it is carried where that is a choice
WayKey = tuple[Places, CarriageKey]
#: [thousandths of a cent per minute] what a machine group's time is worth, by (workshop, group)
GroupPrices = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a task and all below it."""

    #: [thousandths of a cent] money, CO2e and distance; ranks ways
    weight: int
    node: TaskNode
    workshop: str
    #: one per operation
    groups: tuple[MachineGroup, ...]
    #: each with how its result comes here; None: made in the same workshop
    children: tuple[tuple["Way", Carried | None], ...] = ()

    def places(self) -> Places:
        """Return (path, workshop, groups) of each task: what tells two ways apart."""
        return tuple((way.node.path, way.workshop, tuple(group.id for group in way.groups)) for way, _ in self.walk(0))

    def carriages(self) -> CarriageKey:
        """Return how parts made elsewhere come, where that is a choice."""
        loads = ((child.node.path, carried) for way, _ in self.walk(0) for child, carried in way.children)
        return tuple(key for path, carried in loads if carried is not None for key in carried.key(path))

    def walk(self, transfer_weeks: int, offset: int = 0) -> Iterator[tuple["Way", int]]:
        """Yield this way and all below it, each with its weeks before the last task."""
        yield self, offset
        for child, carried in self.children:
            yield from child.walk(transfer_weeks, offset + (0 if carried is None else transfer_weeks))


def machine_minutes(operation: Operation, group: MachineGroup, quantity: int) -> int:
    """Return ceil((set-up × speed + quantity × seconds × 100) / (60 × speed)), in minutes."""
    setup_seconds = (group.setup_seconds + operation.setup_seconds) * group.speed_percent
    return ceil_div(setup_seconds + quantity * (operation.seconds or 0) * 100, 60 * group.speed_percent)


class WayFinder:
    """Finds the cheapest ways for lots of one design and quantity.

    What the cheapest way of a task weighs is known for all workshops at once; the ways themselves are only made for the
    workshops that are asked for.
    """

    def __init__(
        self,
        ground: Ground,
        quantity: int,
        ignore_radius: bool = False,
        prices: GroupPrices | None = None,
        most_workshops: int | None = None,
        runs: Runs | None = None,
    ) -> None:
        self.ground = ground
        self.quantity = quantity
        #: what is made in one go; None: the whole quantity
        self.runs: Runs = runs or ((quantity, 0),)
        self.ignore_radius = ignore_radius
        self.prices: GroupPrices = prices or {}
        self.most_workshops = most_workshops or ground.settings.workshops_per_lot
        self._price_of_group = ground.machines.spread(self.prices)
        self._ways: dict[tuple[str, str], list[Way]] = {}
        self._least: dict[str, Ints] = {}
        #: was any way left out because of the settings' limits?
        self.left_out = False

    def ways(self, node: TaskNode, workshop: Workshop) -> list[Way]:
        """Return the cheapest ways to do ``node`` in a workshop, at most ``routes_per_workshop``, cheapest first."""
        key = (node.path, workshop.id)
        if key not in self._ways:
            self._ways[key] = self._find(node, workshop)
        return self._ways[key]

    def least(self, node: TaskNode) -> Ints:
        """Return what the cheapest way to do ``node`` weighs in each workshop, [W]; `NEVER`: it cannot."""
        if node.path not in self._least:
            least = self._own_least(node)
            for child in node.children:
                least = np.minimum(least + self._supply_least(child, np.flatnonzero(least < NEVER)), NEVER)
            self._least[node.path] = least
        return self._least[node.path]

    def _own_least(self, node: TaskNode) -> Ints:
        machines = self.ground.machines
        least = np.full(len(self.ground.workshops), 0 if node.is_known else NEVER, dtype=np.int64)
        for operation in node.operations:
            numbers = machines.able(operation, self.quantity)
            weights = np.zeros(len(numbers), dtype=np.int64)
            for units, _ in self.runs:
                minutes = machines.minutes(operation, numbers, node.quantity * units)
                weights += machines.weights(numbers, minutes) + minutes * self._price_of_group[numbers]
            least = np.minimum(least + machines.least_by_row(numbers, weights, int(NEVER)), NEVER)
        return least

    def _supply_least(self, child: TaskNode, users: Ints) -> Ints:
        """Return what having a child's result weighs at least at each workshop, [W]."""
        made, most = self.least(child), self.ground.settings.makers_per_part
        supply = made.copy()
        makers = np.flatnonzero(made < NEVER)
        # its own maker counts first: where only one may be considered, no other is
        users = users if most > 1 else users[made[users] >= NEVER]
        if child.operations and len(makers) and len(users):
            travel = self._travel(child, makers, self.ground.haulage.columns[users])
            travel[makers[:, None] == users] = NEVER
            supply[users] = np.minimum(supply[users], (travel + made[makers, None]).min(axis=0))
        return supply

    def _travel(self, node: TaskNode, rows: Ints, columns: Ints, limit_m: int | None = None) -> Ints:
        """Return what the results of a task weigh on their way, [rows × columns]: each run, the whole lot at once."""
        reach = ANYWHERE if self.ignore_radius else Reach(limit_m)
        return sum_travel(self.ground, (node, self.loads(node)), rows, columns, reach)

    def loads(self, node: TaskNode) -> tuple[int, ...]:
        """Return the units that travel at the same time: the lot when it is delivered, else those of each run."""
        return (self.quantity,) if not node.path else tuple(units for units, _ in self.runs)

    def delivered(self, node: TaskNode, place: str, limit_m: int | None) -> Ints:
        """Return what the cheapest way weighs that ends in each workshop, its delivery included, [W]."""
        column = self.ground.routes.number(place)
        least = self.least(node)
        if column is None:
            return np.full(len(least), NEVER, dtype=np.int64)
        travel = self._travel(node, np.arange(len(least)), np.array([column]), limit_m)[:, 0]
        delivered: Ints = np.minimum(least + travel, NEVER)
        return delivered

    def _find(self, node: TaskNode, workshop: Workshop) -> list[Way]:
        if int(self.least(node)[self.ground.row[workshop.id]]) >= NEVER:
            return []
        ways = self._own(node, workshop)
        for child in node.children:
            supplies = self._supplies(child, workshop)
            joined = (
                Way(way.weight + weight, node, workshop.id, way.groups, (*way.children, supply))
                for way, (weight, supply) in product(ways, supplies)
            )
            ways = self._cheapest(joined)
        return ways

    def _own(self, node: TaskNode, workshop: Workshop) -> list[Way]:
        choices = [self.ground.fitting(operation, self.quantity).get(workshop.id, ()) for operation in node.operations]
        return self._cheapest(
            Way(self._machine_weight(node, workshop, groups), node, workshop.id, groups) for groups in product(*choices)
        )

    def _machine_weight(self, node: TaskNode, workshop: Workshop, groups: tuple[MachineGroup, ...]) -> int:
        price, weight = self.ground.settings.co2e_cents_per_kg, 0
        pairs = zip(node.operations, groups, strict=True)
        for (operation, group), (units, _) in product(pairs, self.runs):
            minutes = machine_minutes(operation, group, node.quantity * units)
            weight += 1000 * ceil_div(minutes * group.hourly_cost_cents, 60)
            weight += price * ceil_div(minutes * group.co2e_g_per_hour, 60)
            weight += minutes * self.prices.get((workshop.id, group.id), 0)
        return weight

    def _supplies(self, child: TaskNode, parent: Workshop) -> list[tuple[int, tuple[Way, Carried | None]]]:
        """Return the cheapest ways to have ``child`` made and brought to ``parent``, each with its weight."""
        supplies = [
            supply for maker in self._makers(child, parent) for supply in self._supplies_by(child, maker, parent)
        ]
        return self.first(sorted(supplies, key=lambda supply: supply[0]), self.ground.settings.routes_per_workshop)

    def _makers(self, child: TaskNode, parent: Workshop) -> list[Workshop]:
        """Return the cheapest workshops for a part, the one that uses it first if it can.

        What needs no machine is put together where it is used.
        """
        user, made = self.ground.row[parent.id], self.least(child)
        weights = np.full(len(made), NEVER, dtype=np.int64)
        if child.operations:
            able = np.flatnonzero(made < NEVER)
            weights[able] = made[able] + self._travel(child, able, self.ground.haulage.columns[[user]])[:, 0]
        weights[user] = -1 if int(made[user]) < NEVER else NEVER
        kept = self.first(find_cheapest(weights), self.ground.settings.makers_per_part)
        shops = self.ground.shops
        return [shops[row] for row in kept]

    def _supplies_by(
        self, child: TaskNode, maker: Workshop, parent: Workshop
    ) -> Iterator[tuple[int, tuple[Way, Carried | None]]]:
        ways = self.ways(child, maker)
        if maker is parent:
            for way in ways:
                yield way.weight, (way, None)
        elif ways:
            for carried in self.carries(child, maker, parent.id):
                extra = haul_weight(self.ground, carried)
                for way in ways:
                    yield way.weight + extra, (way, carried)

    def carries(self, node: TaskNode, maker: Workshop, place: str, limit_m: int | None = None) -> list[Carried]:
        """Return the ways to bring the results of ``node`` from a workshop to a place that are considered.

        Where trips are shared: the cheapest for it alone, the cheapest on full trips, and ``routes_per_workshop`` less
        one others. Else there is one, or none.
        """
        if self.ground.sharing is None:
            carried = self.carry(node, maker, place, limit_m)
            return [] if carried is None else [carried]
        return self.first(self.all_carries(node, maker, place, limit_m), 1 + self.ground.settings.routes_per_workshop)

    def all_carries(self, node: TaskNode, maker: Workshop, place: str, limit_m: int | None = None) -> list[Carried]:
        """Return all ways to bring the results of ``node`` to a place where trips are shared, those to consider first.

        The parts of a first article come the same way as the others.
        """
        sharing = self._sharing()
        known = [limit for limit in (maker.radius_m, limit_m) if limit is not None and not self.ignore_radius]
        ways = sharing.ways(maker.id, place, node.mass_g, min(known, default=None))
        masses = [node.mass_g * node.quantity * units for units in self.loads(node)]
        found = []
        for way in sharing.ranked(ways, masses[0]):
            carried: Carried | None = None
            for mass_g in reversed(masses):
                carried = sharing.carried(way, mass_g, carried)
            found += [] if carried is None else [carried]
        return found

    def _sharing(self) -> Sharing:
        if self.ground.sharing is None:
            raise ValueError("trips are not shared")
        return self.ground.sharing

    def carry(self, node: TaskNode, maker: Workshop, place: str, limit_m: int | None = None) -> Carried | None:
        """Return the cheapest way for the results of ``node`` to come from a workshop to a place; None: they can't."""
        if self.ground.sharing is not None:
            return next(iter(self.all_carries(node, maker, place, limit_m)), None)
        route = self.ground.routes.find(maker.id, place)
        if route is None:
            return None
        limits = () if self.ignore_radius else (maker.radius_m, limit_m)
        farthest_m = min((limit for limit in limits if limit is not None), default=None)
        carried: Carried | None = None
        for units in reversed(self.loads(node)):
            found = self.ground.haul((node.mass_g, node.quantity * units), route, farthest_m)
            if found is None:
                return None
            mass_g = node.mass_g * node.quantity * units
            carried = Carried(maker.id, place, found[1], found[0], mass_g, carried)
        return carried

    def _cheapest(self, ways: Iterable[Way]) -> list[Way]:
        return self.first(sorted(ways, key=lambda way: way.weight), self.ground.settings.routes_per_workshop)

    def first(self, items: list[T], most: int) -> list[T]:
        """Return the first ``most`` items; note when some are left out."""
        self.left_out |= len(items) > most
        return items[:most]


def haul_weight(ground: Ground, carried: Carried) -> int:
    """Return the weight of a load on its route, in thousandths of a cent."""
    settings, haul = ground.settings, carried.haul
    if ground.sharing is not None:
        return sum(_alone_weight(ground, load) for load, _, _ in carried.loads(0))
    travelled = haul.trips * carried.route.distance_m
    weight = 1000 * haul.cents + haul.co2e_g * settings.co2e_cents_per_kg + travelled * settings.distance_cents_per_km
    return weight if carried.first is None else weight + haul_weight(ground, carried.first)


def _alone_weight(ground: Ground, load: Carried) -> int:
    """Return the weight of a load whose trips are its own, in thousandths of a cent."""
    trips = ceil_div(load.kilograms, load_kg(load.haul.mode)) if load.is_shared else 0
    trip = one_trip(load.haul.mode, load.route.distance_m, ground.settings)
    return 1000 * (trips * trip.total_cents + load.handling_cents)


def way_key(way: Way, delivery: Carried) -> WayKey:
    """Return what tells a way to serve a lot from others."""
    return way.places(), (*way.carriages(), *delivery.key(""))


def sum_travel(ground: Ground, load: tuple[TaskNode, tuple[int, ...]], rows: Ints, columns: Ints, reach: Reach) -> Ints:
    """Return what the results of a task for some units each weigh on their way, [rows × columns]; `NEVER`: not allowed.

    ``load`` is the task and the units that travel at the same time.
    """
    node, units = load
    weights = [ground.haulage.weights((node.mass_g, node.quantity * each), rows, columns, reach) for each in units]
    return weights[0] if len(weights) == 1 else np.minimum(sum(weights[1:], start=weights[0]), NEVER)


def find_cheapest(weights: Ints) -> list[int]:
    """Return the numbers of the weights below `NEVER`, least first; ties: smaller numbers first."""
    can = np.flatnonzero(weights < NEVER)
    found: list[int] = can[np.argsort(weights[can], kind="stable")].tolist()
    return found


def find_ways(
    ground: Ground, node: TaskNode, finder: WayFinder, place: str, limit_m: int | None
) -> list[tuple[Way, Carried]]:
    """Return the ways to make and deliver a lot: those of the ``workshops_per_lot`` cheapest workshops."""
    rows = finder.first(find_cheapest(finder.delivered(node, place, limit_m)), finder.most_workshops)
    found = []
    for shop in (ground.shops[row] for row in rows):
        deliveries = finder.carries(node, shop, place, limit_m)
        found += [(way, delivery) for way in finder.ways(node, shop) for delivery in deliveries]
    return found
