"""The cheapest of ALL ways to serve each lot at given prices: what makes the bound hold beyond the options listed.

Dynamic programming over the bill of materials: the cheapest way to have a task done in a workshop in a week follows
from the cheapest ways of its children. Weights are thousandths of a cent; CO2e and distance are not rounded up, so
no weight is above the true priced cost.
"""

from dataclasses import dataclass

import numpy as np

from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.options import lateness_cents
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.ways import Carried, Way, WayFinder, haul_weight, machine_minutes
from cosmolocal.records import Lot, MachineGroup, Operation, Order

#: stands for "cannot be done"; far above any weight, far below overflow
NEVER = np.int64(1 << 60)


@dataclass(frozen=True, slots=True)
class PricedWay:
    """The cheapest way to serve a lot at the prices."""

    #: [thousandths of a cent]; at most the priced cost of every way
    weight: int
    #: None: there is no way
    way: Way | None
    delivery: Carried | None


@dataclass(frozen=True, slots=True)
class Market:
    """What resources cost, and how much of each there is at most."""

    #: [R] thousandths of a cent per minute or kilogram
    prices: Ints
    #: [R] minutes or kilograms; a way that alone needs more is none
    limits: Ints


class _Task:
    """One task of a lot's design: its weight by workshop and week, and what makes it up."""

    def __init__(self, node: TaskNode, own: Ints, groups: list[Ints], children: list["_Task"]) -> None:
        self.node, self.own, self.groups, self.children = node, own, groups, children
        #: [W × T] weight of the task and all below it
        self.total: Ints = own
        #: for each child: [W × T] index of its maker
        self.makers: list[Ints] = []


class WayPricer:
    """Prices all ways of lots of one design and quantity."""

    def __init__(self, resources: Resources, market: Market, bill: TaskNode, quantity: int) -> None:
        self.resources, self.ground = resources, resources.ground
        self.prices, self.limits, self.quantity = market.prices, market.limits, quantity
        self.weeks = resources.weeks
        self.shops = list(self.ground.workshops.values())
        self.finder = WayFinder(self.ground, quantity)
        self.root = self._solve(bill)

    def _solve(self, node: TaskNode) -> _Task:
        children = [self._solve(child) for child in node.children]
        own, groups = self._own(node)
        task = _Task(node, own, groups, children)
        for child in children:
            supply, makers = self._supply(child)
            task.total = np.minimum(task.total + supply, NEVER)
            task.makers.append(makers)
        return task

    def _own(self, node: TaskNode) -> tuple[Ints, list[Ints]]:
        """Return the weight of a task's own operations, [W × T], and the index of the group of each, [W × T]."""
        own = np.zeros((len(self.shops), self.weeks), dtype=np.int64)
        if not node.is_known:
            own += NEVER
        groups = []
        for operation in node.operations:
            weight, group = self._operation(operation, node.quantity * self.quantity)
            own = np.minimum(own + weight, NEVER)
            groups.append(group)
        return own, groups

    def _operation(self, operation: Operation, pieces: int) -> tuple[Ints, Ints]:
        fitting = self.ground.fitting(operation, self.quantity)
        weight = np.full((len(self.shops), self.weeks), NEVER, dtype=np.int64)
        chosen = np.zeros((len(self.shops), self.weeks), dtype=np.int64)
        for row, shop in enumerate(self.shops):
            groups = fitting.get(shop.id, ())
            if groups:
                rows = np.array([self._group(shop.id, operation, group, pieces) for group in groups])
                chosen[row], weight[row] = rows.argmin(axis=0), rows.min(axis=0)
        return weight, chosen

    def _group(self, shop_id: str, operation: Operation, group: MachineGroup, pieces: int) -> Ints:
        """Return the weight of an operation on a group by week, [T]."""
        minutes = machine_minutes(operation, group, pieces)
        fixed = 1000 * ceil_div(minutes * group.hourly_cost_cents, 60) + 1000 * pieces * operation.material_cents
        fixed += self.ground.settings.co2e_cents_per_kg * ceil_div(minutes * group.co2e_g_per_hour, 60)
        fair = self.resources.fair(shop_id)
        if fair is not None:
            fixed += minutes * int(self.prices[fair])
        first = self.resources.group(shop_id, group.id)
        weight = fixed + minutes * self.prices[first : first + self.weeks]
        return np.where(minutes <= self.limits[first : first + self.weeks], weight, NEVER)

    def _supply(self, child: _Task) -> tuple[Ints, Ints]:
        """Return the weight of having a child's result at each workshop in each week, and its maker, both [W × T]."""
        count = len(self.shops)
        by_maker = np.full((count, count, self.weeks), NEVER, dtype=np.int64)
        here = np.arange(count)
        by_maker[here, here] = child.total
        delay = self.ground.settings.transfer_weeks
        for maker in np.flatnonzero(child.total.min(axis=1) < NEVER).tolist() if child.node.operations else []:
            for user in here.tolist():
                carried = (
                    self.finder.carry(child.node, self.shops[maker], self.shops[user].id) if user != maker else None
                )
                if carried is not None and delay < self.weeks:
                    ready = child.total[maker, : self.weeks - delay] + self._travel(carried)[: self.weeks - delay]
                    by_maker[maker, user, delay:] = np.minimum(ready, NEVER)
        return by_maker.min(axis=0), by_maker.argmin(axis=0)

    def _travel(self, carried: Carried) -> Ints:
        """Return the weight of a load on its way by the week it leaves in, [T]."""
        weight = np.full(self.weeks, haul_weight(self.ground, carried), dtype=np.int64)
        for one, other in carried.route.links():
            link = self.resources.link(one, other)
            if link is not None:
                mass_kg = ceil_div(carried.mass_g, 1000)
                weight += mass_kg * self.prices[link : link + self.weeks]
                weight[mass_kg > self.limits[link : link + self.weeks]] = NEVER
        travel: Ints = np.minimum(weight, NEVER)
        return travel

    def cheapest(self, order: Order, lot: Lot) -> PricedWay:
        """Return the cheapest way to serve a lot, lateness included."""
        late = self._late(order, lot)
        best = PricedWay(int(NEVER), None, None)
        for row in range(len(self.shops)):
            best = self._cheaper(best, row, order, late)
        return best

    def cheapest_in(self, workshop_id: str, order: Order, lot: Lot) -> PricedWay:
        """Return the cheapest way to serve a lot whose last task is done in a workshop."""
        row = list(self.ground.workshops).index(workshop_id)
        return self._cheaper(PricedWay(int(NEVER), None, None), row, order, self._late(order, lot))

    def _late(self, order: Order, lot: Lot) -> Ints:
        """Return the weight of lateness by week, from the first week the lot may be delivered in to the last."""
        due = self.ground.week_of(order.due_date)
        weeks = range(self.ground.first_week(order), self.ground.last_week(order) + 1)
        late = [1000 * lateness_cents(self.ground, order, lot, max(0, week - due)) for week in weeks]
        return np.array(late, dtype=np.int64)

    def _cheaper(self, best: PricedWay, row: int, order: Order, late: Ints) -> PricedWay:
        """Return the cheapest way that ends in a workshop where that beats ``best``, else ``best``."""
        first = self.ground.first_week(order)
        at_hand = self.root.total[row, first : first + len(late)]
        if int(np.min(at_hand, initial=NEVER)) >= NEVER:
            return best
        delivery = self.finder.carry(self.root.node, self.shops[row], order.place, order.max_distance_m)
        if delivery is None:
            return best
        weights = at_hand + self._travel(delivery)[first : first + len(late)] + late
        nth = int(weights.argmin())
        weight = int(weights[nth]) + 1000 * self._bought()
        if weight >= best.weight:
            return best
        return PricedWay(weight, self._read(self.root, row, first + nth), delivery)

    def _bought(self) -> int:
        pieces = [node.quantity * node.bought_cents for node in self.root.node.walk()]
        return self.quantity * sum(pieces)

    def _read(self, task: _Task, row: int, week: int) -> Way:
        """Return the way behind a task's weight in a workshop and week."""
        shop = self.shops[row]
        groups = tuple(
            self.ground.fitting(operation, self.quantity)[shop.id][int(chosen[row, week])]
            for operation, chosen in zip(task.node.operations, task.groups, strict=True)
        )
        children: list[tuple[Way, Carried | None]] = []
        for child, makers in zip(task.children, task.makers, strict=True):
            maker = int(makers[row, week])
            if maker == row:
                children.append((self._read(child, row, week), None))
            else:
                carried = self.finder.carry(child.node, self.shops[maker], shop.id)
                made = week - self.ground.settings.transfer_weeks
                children.append((self._read(child, maker, made), carried))
        return Way(0, task.node, shop.id, groups, tuple(children))


class LotPricer:
    """Prices all ways of all lots; lots of the same design and quantity share the work."""

    def __init__(self, resources: Resources, market: Market) -> None:
        self.resources, self.market = resources, market
        self._pricers: dict[tuple[str, int], WayPricer] = {}

    @property
    def ground(self) -> Ground:
        """Return the ground that the lots stand on."""
        return self.resources.ground

    def cheapest(self, lot: Lot, order: Order) -> PricedWay:
        """Return the cheapest of all ways to serve a lot."""
        bill = self.ground.catalogue.bill(lot.design) if lot.design in self.ground.catalogue.by_key else None
        if not isinstance(bill, TaskNode):
            return PricedWay(int(NEVER), None, None)
        key = (lot.design, lot.quantity)
        if key not in self._pricers:
            self._pricers[key] = WayPricer(self.resources, self.market, bill, lot.quantity)
        return self._pricers[key].cheapest(order, lot)
