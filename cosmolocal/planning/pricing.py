"""The cheapest of ALL ways to serve each lot at given prices: what makes the bound hold beyond the options listed.

Dynamic programming over the bill of materials: the cheapest way to have a task done in a workshop in a week follows
from the cheapest ways of its children. Weights are thousandths of a cent; CO2e and distance are not rounded up, so
no weight is above the true priced cost. All workshops and weeks are worked out at once.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from cosmolocal.network.transport import ceil_div, one_trip
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import LimitedRoutes, Resources
from cosmolocal.planning.carriage import Carried
from cosmolocal.planning.ground import Ground, Runs
from cosmolocal.planning.haulage import ANYWHERE, NEVER, Reach
from cosmolocal.planning.on_way import Batches, OnWay, SharedOnWay
from cosmolocal.planning.options import lateness_cents, repeat_counted
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.shared_haulage import ModeTrips, SharedHaulage
from cosmolocal.planning.tariffs import Market, Tariff
from cosmolocal.planning.ways import Way, WayFinder, sum_travel
from cosmolocal.records import Lot, Operation, Order


@dataclass(frozen=True, slots=True)
class PricedWay:
    """The cheapest way to serve a lot at the prices."""

    #: [thousandths of a cent]; at most the priced cost of every way
    weight: int
    #: None: there is no way
    way: Way | None
    delivery: Carried | None


@dataclass(frozen=True, slots=True)
class PricedOperation:
    """What an operation of a task needs, and what that weighs, on each machine group that can do it."""

    #: [G'] numbers of the groups, ascending
    numbers: Ints
    #: ([G'] minutes, weeks before the rest) of each run; runs of the same week are one
    runs: tuple[tuple[Ints, int], ...]
    #: [G' × T] all runs together
    weights: Ints


class TaskWeights:
    """One task of a lot's design: its weight by workshop and week, and what makes it up."""

    def __init__(
        self, node: TaskNode, own: Ints, operations: list[PricedOperation], children: list["TaskWeights"]
    ) -> None:
        self.node, self.children = node, children
        #: [W × T] weight of the task's own operations
        self.own = own
        #: one for each operation
        self.operations = operations
        #: for each child: [W × T] weight of having its result there
        self.supplies: list[Ints] = []
        #: [W × T] weight of the task and all below it
        self.total: Ints = own
        #: [W × T] the same where the task it goes into is done there too
        self.at_home: Ints = own


class WayPricer:
    """Prices all ways of lots of one design that are made in the same runs."""

    def __init__(
        self,
        resources: Resources,
        tariff: Tariff,
        bill: TaskNode,
        lot: Lot,
        ignore_radius: bool = False,
        first_week: int = 0,
    ) -> None:
        self.resources, self.ground = resources, resources.ground
        self.tariff, self.quantity, self.ignore_radius = tariff, lot.quantity, ignore_radius
        self.runs, self.gate_weeks = self.ground.runs(lot), self.ground.gate_weeks(lot)
        #: nothing is done before
        self.first_week = first_week
        self.weeks = resources.weeks
        self.shops = list(self.ground.workshops.values())
        self.rows: Ints = np.arange(len(self.shops))
        self.finder = WayFinder(self.ground, lot.quantity, ignore_radius, runs=self.runs)
        #: [thousandths of a cent] of what is bought for the lot, whoever makes it
        self.bought = 1000 * lot.quantity * sum(node.quantity * node.bought_cents for node in bill.walk())
        #: [kg] loads up to which pass all limited links for nothing
        self.carried_free = tariff.carried_free(resources)
        self.root = self._solve(bill)

    def _solve(self, node: TaskNode) -> TaskWeights:
        children = [self._solve(child) for child in node.children]
        own, operations = self._own(node)
        task = TaskWeights(node, own, operations, children)
        for child in children:
            child.at_home = self._at_home(child, operations)
            supply = self._supply(child, np.flatnonzero(own.min(axis=1, initial=NEVER) < NEVER))
            task.total = np.minimum(task.total + supply, NEVER)
            task.supplies.append(supply)
        return task

    def _own(self, node: TaskNode) -> tuple[Ints, list[PricedOperation]]:
        """Return the weight of a task's own operations, [W × T], and what each weighs on which groups."""
        own = np.full((len(self.shops), self.weeks), 0 if node.is_known else NEVER, dtype=np.int64)
        operations = []
        for operation in node.operations:
            priced = self._operation(operation, node.quantity)
            least = self.resources.machines.least_by_row(priced.numbers, priced.weights, int(NEVER))
            own = np.minimum(own + least, NEVER)
            operations.append(priced)
        own[:, : self.first_week + self.gate_weeks] = NEVER
        return own, operations

    def _operation(self, operation: Operation, pieces: int) -> PricedOperation:
        machines = self.resources.machines
        numbers = machines.able(operation, self.quantity)
        each = [(machines.minutes(operation, numbers, pieces * units), earlier) for units, earlier in self.runs]
        fixed = np.full(len(numbers), 1000 * pieces * self.quantity * operation.material_cents, dtype=np.int64)
        for minutes, _ in each:
            fixed += machines.weights(numbers, minutes)
        runs = tuple(each) if self.gate_weeks else (_together(each),)
        weights = fixed[:, None] + self.tariff.of_minutes(self.resources, numbers, runs[0][0])
        for minutes, earlier in runs[1:]:
            weights += later(self.tariff.of_minutes(self.resources, numbers, minutes), earlier)
        return PricedOperation(numbers, runs, np.minimum(weights, NEVER))

    def _at_home(self, child: TaskWeights, operations: list[PricedOperation]) -> Ints:
        """Return the weight of a child where these operations are done too; `NEVER` where one machine lacks time."""
        weights = child.total
        for own in operations:
            for below in child.operations:
                (numbers, minutes), (of_child, child_minutes) = (
                    (each.numbers, each.runs[0][0]) for each in (own, below)
                )
                one, other = self._only(numbers), self._only(of_child)
                rows = np.flatnonzero((one >= 0) & (other >= 0))
                rows = rows[numbers[one[rows]] == of_child[other[rows]]]
                if len(rows):
                    together = minutes[one[rows]] + child_minutes[other[rows]]
                    both = self.tariff.of_minutes(self.resources, numbers[one[rows]], together)
                    weights = weights.copy()
                    weights[rows] = np.where(both < NEVER, weights[rows], NEVER)
        return weights

    def _only(self, numbers: Ints) -> Ints:
        """Return which of some groups is the only one of its workshop, [W]; −1: there is none, or there are several."""
        rows = self.resources.machines.row[numbers]
        only = np.full(len(self.shops), -1, dtype=np.int64)
        only[rows] = np.arange(len(rows))
        only[np.bincount(rows, minlength=len(self.shops)) > 1] = -1
        return only

    def _supply(self, child: TaskWeights, users: Ints) -> Ints:
        """Return the weight of having a child's result at each workshop in each week, [W × T]."""
        supply = child.at_home.copy()
        delay = self.ground.settings.transfer_weeks
        makers = np.flatnonzero(child.total.min(axis=1, initial=NEVER) < NEVER)
        if not child.node.operations or delay >= self.weeks or not len(makers) or not len(users):
            return supply
        on_way = self.on_way(child.node, makers, self.ground.haulage.columns[users])
        at_home = np.where(makers[:, None] == users, NEVER, np.int64(0))
        for week in range(self.gate_weeks, self.weeks - delay):
            best = (on_way.at(week) + at_home + child.total[makers, week, None]).min(axis=0)
            supply[users, week + delay] = np.minimum(supply[users, week + delay], best)
        return supply

    def on_way(self, node: TaskNode, rows: Ints, columns: Ints, limit_m: int | None = None) -> OnWay:
        """Return what the results of a task weigh on their way from workshops to places, week by week."""
        reach = ANYWHERE if self.ignore_radius else Reach(limit_m)
        batches = self.runs if node.path else ((self.quantity, 0),)
        haulage, limited = self.ground.haulage, self.resources.limited_routes
        pieces = tuple((node.quantity * units, earlier) for units, earlier in batches)
        if isinstance(haulage, SharedHaulage):
            weigh = (self._of_trips, self._of_hub, partial(self._bundles, node.mass_g))
            return SharedOnWay(self.resources, haulage.between(rows, columns, reach), (node.mass_g, pieces), weigh)
        links = None
        kilograms = sum(ceil_div(node.mass_g * each, 1000) for each, _ in pieces)
        # with a first article some weeks are none for links, whatever they weigh
        if limited is not None and (self.gate_weeks or kilograms > self.carried_free):
            links = self._bundles(node.mass_g, limited, limited.bundle[np.ix_(rows, columns)], pieces)
        travel = sum_travel(self.ground, (node, self.finder.loads(node)), rows, columns, reach)
        return OnWay(travel, links)

    def _of_trips(self, trips: ModeTrips, kilograms: int, week: int) -> Ints:
        return self.tariff.of_trips(self.resources, trips, kilograms, week)

    def _of_hub(self, link: int, kilograms: int) -> Ints:
        found: Ints = self.tariff.of_kilograms(self.resources, np.array([link]), kilograms)[0]
        return found

    def _bundles(self, mass_g: int, routes: LimitedRoutes, bundle: Ints, batches: Batches) -> tuple[Ints, Ints]:
        """Return the weight of each bundle of links by the week, and the bundle of each route."""
        # of the many bundles only those that are passed, where that is fewer
        some = len(routes.start) > bundle.size
        wanted = np.unique(bundle[bundle >= 0]) if some else np.arange(len(routes.start))
        numbers = np.where(bundle >= 0, np.searchsorted(wanted, bundle), -1) if some else bundle
        index, nth = repeat_counted(routes.count[wanted])
        links = routes.links[routes.start[wanted][index] + nth]
        # the last row stands for routes without a limit
        weights = np.zeros((len(wanted) + 1, self.weeks), dtype=np.int64)
        if len(wanted):
            of_links = self._of_links(
                links, [(ceil_div(mass_g * pieces, 1000), earlier) for pieces, earlier in batches]
            )
            begins = np.cumsum(routes.count[wanted]) - routes.count[wanted]
            never = np.maximum.reduceat(of_links, begins, axis=0) >= NEVER
            # several links that cannot carry it must not overflow
            weights[:-1] = np.where(never, NEVER, np.add.reduceat(np.minimum(of_links, NEVER // 64), begins, axis=0))
        return weights, numbers

    def _of_links(self, links: Ints, loads: list[tuple[int, int]]) -> Ints:
        """Return the weight of (kilograms, weeks before) on some limited links by week, [links × T]."""
        if not self.gate_weeks:
            return self.tariff.of_kilograms(self.resources, links, sum(kilograms for kilograms, _ in loads))
        weights = np.zeros((len(links), self.weeks), dtype=np.int64)
        for kilograms, earlier in loads:
            weights += later(self.tariff.of_kilograms(self.resources, links, kilograms), earlier)
        return np.minimum(weights, NEVER)

    def makers(self, child: TaskWeights, user: int, week: int) -> Ints:
        """Return the weight of having a child's result at a workshop in a week, by the row of its maker, [W]."""
        weights = np.full(len(self.shops), NEVER, dtype=np.int64)
        made = week - self.ground.settings.transfer_weeks
        if child.node.operations and made >= self.gate_weeks:
            column = self.ground.haulage.columns[[user]]
            on_way = self.on_way(child.node, self.rows, column)
            weights = np.minimum(child.total[:, made] + on_way.at(made)[:, 0], NEVER)
        weights[user] = child.at_home[user, week]
        return weights

    def delivered(self, order: Order, lot: Lot) -> Ints:
        """Return the weight of a lot made and delivered, lateness included, by workshop and by week, [W × T].

        Weeks in which it may not be delivered are `NEVER`.
        """
        weights = np.full((len(self.shops), self.weeks), NEVER, dtype=np.int64)
        first, last = self.ground.first_week(order) + self.gate_weeks, self.ground.last_week(order)
        column = self.ground.routes.number(order.place)
        if column is None or last < first:
            return weights
        columns, due = np.array([column]), self.ground.week_of(order.due_date)
        on_way = self.on_way(self.root.node, self.rows, columns, order.max_distance_m)
        travel = np.concatenate([on_way.at(week) for week in range(first, last + 1)], axis=1)
        late = [1000 * lateness_cents(self.ground, order, lot, max(0, week - due)) for week in range(first, last + 1)]
        total = np.minimum(self.root.total[:, first : last + 1] + np.minimum(travel, NEVER), NEVER)
        weights[:, first : last + 1] = np.where(
            total < NEVER, total + np.array(late, dtype=np.int64) + self.bought, NEVER
        )
        return weights

    def cheapest(self, order: Order, lot: Lot, best: int = int(NEVER)) -> PricedWay:
        """Return the cheapest way to serve a lot, lateness included; only its weight where that is not below ``best``.

        To read the way takes longer than to weigh all of them.
        """
        weights = self.delivered(order, lot)
        least = int(weights.min(initial=int(NEVER)))
        return self._cheapest(weights, order) if least < best else PricedWay(least, None, None)

    def cheapest_in(self, workshop_id: str, order: Order, lot: Lot) -> PricedWay:
        """Return the cheapest way to serve a lot whose last task is done in a workshop."""
        weights = self.delivered(order, lot)
        weights[self.rows != self.ground.row[workshop_id]] = NEVER
        return self._cheapest(weights, order)

    def _cheapest(self, weights: Ints, order: Order) -> PricedWay:
        if not weights.size or int(weights.min()) >= NEVER:
            return PricedWay(int(NEVER), None, None)
        row, week = divmod(int(weights.argmin()), self.weeks)
        delivery = self.carry(self.root.node, row, order.place, week, order.max_distance_m)
        return PricedWay(int(weights[row, week]), self.read(self.root, row, week), delivery)

    def read(self, task: TaskWeights, row: int, week: int) -> Way:
        """Return the cheapest way to do a task in a workshop in a week; there must be one."""
        machines, shop = self.resources.machines, self.shops[row]
        groups = []
        for priced in task.operations:
            here = np.flatnonzero(machines.row[priced.numbers] == row)
            groups.append(machines.groups[int(priced.numbers[here[priced.weights[here, week].argmin()]])][1])
        children: list[tuple[Way, Carried | None]] = []
        for child in task.children:
            maker = int(self.makers(child, row, week).argmin())
            if maker == row:
                children.append((self.read(child, row, week), None))
            else:
                made = week - self.ground.settings.transfer_weeks
                carried = self.carry(child.node, maker, shop.id, made)
                children.append((self.read(child, maker, made), carried))
        return Way(0, task.node, shop.id, tuple(groups), tuple(children))

    def carry(self, node: TaskNode, row: int, place: str, week: int, limit_m: int | None = None) -> Carried | None:
        """Return the cheapest way to bring the results of a task to a place in a week; None: there is none."""
        if self.ground.sharing is None:
            return self.finder.carry(node, self.shops[row], place, limit_m)
        ways = self.finder.all_carries(node, self.shops[row], place, limit_m)
        return min(ways, key=lambda way: self._weigh_carried(way, week), default=None)

    def _weigh_carried(self, carried: Carried, week: int) -> int:
        """Return the weight of a load on shared trips at the tariff."""
        weight = 0
        for load, earlier, _ in carried.loads(self.gate_weeks):
            weight += 1000 * load.handling_cents
            at = week - earlier
            for one, other in load.route.links():
                weight += self._on_link(self.resources.link(one, other), ceil_div(load.mass_g, 1000), at)
            if load.before is not None:
                weight += self._on_link(self.resources.hub(load.from_place), load.kilograms, at)
            if load.is_shared:
                cost = one_trip(load.haul.mode, load.route.distance_m, self.ground.settings)
                cents = np.array([[cost.total_cents]], dtype=np.int64)
                trips = ModeTrips(load.haul.mode, cents, (load.from_place,), (load.to_place,))
                weight += int(self._of_trips(trips, load.kilograms, at)[0, 0])
        return weight

    def _on_link(self, base: int | None, kilograms: int, week: int) -> int:
        if base is None:
            return 0
        return int(self._of_hub(base // self.weeks - len(self.resources.groups), kilograms)[week])


def later(weights: Ints, weeks: int) -> Ints:
    """Return weights by the week, [… × T], of what is used some weeks before; `NEVER` where that is before week 0.

    >>> later(np.array([[1, 2, 3]]), 1)[:, 1:].tolist()
    [[1, 2]]
    """
    if weeks == 0:
        return weights
    moved = np.full_like(weights, NEVER)
    moved[:, weeks:] = weights[:, :-weeks]
    return moved


def _together(runs: list[tuple[Ints, int]]) -> tuple[Ints, int]:
    """Return runs of the same week as one."""
    minutes = runs[0][0]
    for more, _ in runs[1:]:
        minutes = minutes + more
    return minutes, 0


class LotPricer:
    """Prices all ways of all lots; lots of the same design that are made in the same runs share the work."""

    def __init__(self, resources: Resources, market: Market) -> None:
        self.resources, self.market = resources, market
        self._pricers: dict[tuple[str, Runs], WayPricer] = {}

    @property
    def ground(self) -> Ground:
        """Return the ground that the lots stand on."""
        return self.resources.ground

    def cheapest(self, lot: Lot, order: Order, best: int = int(NEVER)) -> PricedWay:
        """Return the cheapest of all ways to serve a lot: its weight, and the way only where that is below ``best``."""
        bill = self.ground.catalogue.bill(lot.design) if lot.design in self.ground.catalogue.by_key else None
        if not isinstance(bill, TaskNode):
            return PricedWay(int(NEVER), None, None)
        key = (lot.design, self.ground.runs(lot))
        if key not in self._pricers:
            self._pricers[key] = WayPricer(self.resources, self.market, bill, lot)
        return self._pricers[key].cheapest(order, lot, best)
