"""Where records become arrays: every option of every lot, with its cost and what it uses."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cosmolocal.collecting import paused_collector
from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.bill import BillError
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.carriage import CarriageKey, Carried
from cosmolocal.planning.ground import Ground, Runs
from cosmolocal.planning.problem import MOST_AMOUNT, MOST_CENTS, Ints, PlanningProblem, require_countable
from cosmolocal.planning.ways import GroupPrices, Places, Way, WayFinder, WayKey, find_ways, machine_minutes
from cosmolocal.records import CostTerms, Design, Lot, Order


@dataclass(frozen=True, slots=True)
class LotWay:
    """A way to serve a lot, without its week."""

    lot: int
    way: Way
    delivery: Carried
    #: weeks between its first task, that of a first article included, and its last
    depth: int
    #: all terms but lateness
    cost: CostTerms
    #: (resource in week 0, weeks before the last task, amount); fair loads have no week
    uses: tuple[tuple[int, int, int], ...]
    #: what tells it from other ways
    key: WayKey


@dataclass(frozen=True, slots=True)
class OptionTable:
    """A problem's arrays and the records they were built from."""

    problem: PlanningProblem
    resources: Resources
    lots: tuple[Lot, ...]
    ways: tuple[LotWay, ...]
    #: [O] index into ``ways``
    option_way: Ints
    #: [O] week of the last task
    option_week: Ints
    #: [L] week of the order's due date
    due_week: Ints
    #: cost of importing, by lot
    unmet: tuple[CostTerms, ...]


def lateness_cents(ground: Ground, order: Order, lot: Lot, late_weeks: int) -> int:
    """Return what being late costs a lot."""
    value = lot.quantity * reference_price(ground, ground.catalogue.by_key[lot.design])
    percent = ground.settings.lateness_percent_per_week * ground.settings.priority_percent[order.priority]
    return ceil_div(late_weeks * percent * value, 10_000)


def reference_price(ground: Ground, design: Design | None) -> int:
    """Return the cents per unit from outside the region."""
    if design is None or design.reference_price_cents is None:
        return ground.settings.unknown_import_cents
    return design.reference_price_cents


def step_arrays(resources: Resources) -> tuple[Ints, Ints, Ints, Ints]:
    """Return resource, size, blocks and cost of each step, as a problem has them."""
    rows = [(step.resource, step.size, step.blocks, step.cost) for step in resources.steps()]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy(), table[:, 3].copy()


def import_cost(ground: Ground, order: Order, lot: Lot) -> CostTerms:
    """Return what it costs to bring a lot in from outside."""
    settings, design = ground.settings, ground.catalogue.by_key.get(lot.design)
    mass_g = ground.catalogue.mass_g(lot.design) * lot.quantity
    money = lot.quantity * reference_price(ground, design) + ceil_div(mass_g * settings.import_cents_per_kg, 1000)
    made_g = lot.quantity * (design.reference_co2e_g or 0) if design is not None else 0
    co2e_g = made_g + ceil_div(mass_g * settings.import_co2e_g_per_kg, 1000)
    percent = settings.import_penalty_percent * settings.priority_percent[order.priority]
    return CostTerms(
        import_cents=money,
        penalty_cents=ceil_div(money * percent, 10_000),
        co2e_g=co2e_g,
        co2e_cents=ceil_div(co2e_g * settings.co2e_cents_per_kg, 1000),
    )


@dataclass(frozen=True, slots=True)
class WaySums:
    """What a way costs and uses before its delivery: the same for all lots of its design, made in the same runs."""

    #: kept, so that its identity stays its own
    way: Way
    places: Places
    carriages: CarriageKey
    depth: int
    machine_cents: int
    material_cents: int
    bought_cents: int
    transport_cents: int
    co2e_g: int
    distance_m: int
    #: as `LotWay.uses`, by (resource, weeks before the last task)
    uses: tuple[tuple[tuple[int, int], int], ...]


def sum_way(resources: Resources, way: Way, runs: Runs) -> WaySums:
    """Return what a way costs and uses for a lot made in these runs, without its delivery."""
    machine = material = bought = co2e_g = depth = 0
    transfer_weeks, gate_weeks = resources.ground.settings.transfer_weeks, runs[-1][1]
    amounts: Counter[tuple[int, int]] = Counter()
    loads: list[tuple[Carried, int]] = []
    for part, before in way.walk(transfer_weeks):
        depth = max(depth, before + gate_weeks)
        for _, carried in part.children:
            if carried is not None:
                at = before + transfer_weeks
                loads += [(load, at + earlier) for load, earlier, _ in carried.loads(gate_weeks)]
        fair = resources.fair(part.workshop)
        for units, earlier in runs:
            pieces, offset = part.node.quantity * units, before + earlier
            bought += pieces * part.node.bought_cents
            for operation, group in zip(part.node.operations, part.groups, strict=True):
                minutes = machine_minutes(operation, group, pieces)
                machine += ceil_div(minutes * group.hourly_cost_cents, 60)
                material += pieces * operation.material_cents
                co2e_g += ceil_div(minutes * group.co2e_g_per_hour, 60)
                amounts[resources.group(part.workshop, group.id), offset] += minutes
                if fair is not None:
                    amounts[fair, 0] += minutes
    for load, offset in loads:
        amounts.update(_link_uses(resources, load, offset))
    return WaySums(
        way,
        way.places(),
        way.carriages(),
        depth,
        machine,
        material,
        bought,
        sum(load.haul.cents + load.handling_cents for load, _ in loads),
        co2e_g + sum(load.haul.co2e_g for load, _ in loads),
        sum(load.haul.trips * load.route.distance_m for load, _ in loads),
        tuple(sorted((key, amount) for key, amount in amounts.items() if amount)),
    )


def _link_uses(resources: Resources, load: Carried, offset: int) -> Counter[tuple[int, int]]:
    amounts: Counter[tuple[int, int]] = Counter()
    if resources.links:
        for one, other in load.route.links():
            link = resources.link(one, other)
            if link is not None:
                amounts[link, offset] += ceil_div(load.mass_g, 1000)
    if load.is_shared:
        trip = resources.trip((load.from_place, load.to_place), load.haul.mode, load.route.distance_m)
        amounts[trip, offset] += load.kilograms
    if load.before is not None:
        hub = resources.hub(load.from_place)
        if hub is not None:
            amounts[hub, offset] += load.kilograms
    return amounts


def way_cost(ground: Ground, sums: WaySums, delivery: Carried) -> CostTerms:
    """Return the cost of a way with its delivery, all terms but lateness."""
    stages = delivery.stages()
    co2e_g = sums.co2e_g + sum(stage.haul.co2e_g for stage in stages)
    distance_m = sums.distance_m + sum(stage.haul.trips * stage.route.distance_m for stage in stages)
    return CostTerms(
        machine_cents=sums.machine_cents,
        material_cents=sums.material_cents,
        bought_cents=sums.bought_cents,
        transport_cents=sums.transport_cents + sum(stage.haul.cents + stage.handling_cents for stage in stages),
        co2e_g=co2e_g,
        co2e_cents=ceil_div(co2e_g * ground.settings.co2e_cents_per_kg, 1000),
        distance_m=distance_m,
        distance_cents=ceil_div(distance_m * ground.settings.distance_cents_per_km, 1000),
    )


def way_uses(resources: Resources, sums: WaySums, delivery: Carried) -> tuple[tuple[int, int, int], ...]:
    """Return what a way uses: (resource in week 0, weeks before the last task, minutes or kilograms)."""
    amounts, added = sums.uses, Counter[tuple[int, int]]()
    for stage in delivery.stages():
        added.update(_link_uses(resources, stage, 0))
    if added:
        added.update(dict(amounts))
        amounts = tuple(sorted((key, amount) for key, amount in added.items() if amount))
    return tuple((base, offset, amount) for (base, offset), amount in amounts)


class OptionBuilder:
    """Builds the options of lots; lots of the same design and quantity share what is found for them."""

    def __init__(
        self,
        ground: Ground,
        resources: Resources | None = None,
        ignore_radius: bool = False,
        most_workshops: int | None = None,
    ) -> None:
        self.ground = ground
        self.resources = resources or Resources(ground)
        self.ignore_radius = ignore_radius
        self.most_workshops = most_workshops
        #: rounds of finding ways: first at the workshops' own rates, then at prices that tell what is scarce
        self.price_rounds: list[GroupPrices] = [{}]
        self._finders: dict[tuple[str, Runs], list[WayFinder]] = {}
        #: by the id of a way, which each keeps, and its runs
        self._sums: dict[tuple[int, Runs], WaySums] = {}
        self._lot_ways: dict[tuple[str, WayKey], LotWay] = {}
        #: what was found for a lot so far, and in how many rounds
        self._found: dict[tuple[Lot, Order], tuple[int, dict[WayKey, LotWay]]] = {}
        self._added: dict[str, list[tuple[Way, Carried]]] = {}

    def like(self, ground: Ground, resources: Resources, ignore_radius: bool = False) -> "OptionBuilder":
        """Return a builder for another ground that finds ways at the same prices, and in every workshop."""
        other = OptionBuilder(ground, resources, ignore_radius, max(1, len(ground.workshops)))
        other.price_rounds = list(self.price_rounds)
        return other

    def add_prices(self, prices: GroupPrices) -> None:
        """Also find the ways that are cheapest when machine time costs these prices on top."""
        self.price_rounds.append(prices)

    def add_way(self, lot: Lot, way: Way, delivery: Carried) -> None:
        """Also consider this way for a lot."""
        self._added.setdefault(lot.id, []).append((way, delivery))

    def lot_ways(self, number: int, lot: Lot, order: Order) -> list[LotWay]:
        """Return the ways to serve a lot, whatever the week."""
        if lot.design not in self.ground.catalogue.by_key:
            return []
        bill = self.ground.catalogue.bill(lot.design)
        if isinstance(bill, BillError):
            return []
        limit_m = None if self.ignore_radius else order.max_distance_m
        rounds, found = self._found.get((lot, order), (0, {}))
        finders = self._find_finders(lot)
        pairs = [
            pair for finder in finders[rounds:] for pair in find_ways(self.ground, bill, finder, order.place, limit_m)
        ]
        for way, delivery in (*pairs, *self._added.get(lot.id, ())):
            lot_way = self.lot_way(number, lot, way, delivery)
            found[lot_way.key] = lot_way
        self._found[lot, order] = len(finders), found
        return list(found.values())

    @property
    def is_complete(self) -> bool:
        """Tell whether every way there is has been considered so far."""
        return not any(finders[0].left_out for finders in self._finders.values())

    def _find_finders(self, lot: Lot) -> list[WayFinder]:
        runs = self.ground.runs(lot)
        finders = self._finders.setdefault((lot.design, runs), [])
        for prices in self.price_rounds[len(finders) :]:
            finders.append(WayFinder(self.ground, lot.quantity, self.ignore_radius, prices, self.most_workshops, runs))
        return finders

    def lot_way(self, number: int, lot: Lot, way: Way, delivery: Carried) -> LotWay:
        """Return a way to serve a lot with its cost and what it uses."""
        sums = self._sums_of(way, self.ground.runs(lot))
        key = sums.places, (*sums.carriages, *delivery.key(""))
        if (lot.id, key) not in self._lot_ways:
            cost, uses = way_cost(self.ground, sums, delivery), way_uses(self.resources, sums, delivery)
            self._lot_ways[lot.id, key] = LotWay(number, way, delivery, sums.depth, cost, uses, key)
        return self._lot_ways[lot.id, key]

    def _sums_of(self, way: Way, runs: Runs) -> WaySums:
        sums = self._sums.get((id(way), runs))
        if sums is None:
            sums = self._sums[id(way), runs] = sum_way(self.resources, way, runs)
        return sums

    def build(self, lots: tuple[Lot, ...], orders: Iterable[Order]) -> OptionTable:
        """Return the options of all lots."""
        order_by_id = {order.id: order for order in orders}
        with paused_collector():
            ways = [
                way for number, lot in enumerate(lots) for way in self.lot_ways(number, lot, order_by_id[lot.order])
            ]
            return self.build_from(lots, ways, order_by_id)

    def build_from(self, lots: tuple[Lot, ...], ways: list[LotWay], order_by_id: Mapping[str, Order]) -> OptionTable:
        """Return the options of lots whose ways are given, those of each lot together and in the order of lots."""
        unmet = tuple(import_cost(self.ground, order_by_id[lot.order], lot) for lot in lots)
        return self._table(lots, ways, unmet, order_by_id)

    def _table(
        self, lots: tuple[Lot, ...], ways: list[LotWay], unmet: tuple[CostTerms, ...], order_by_id: Mapping[str, Order]
    ) -> OptionTable:
        require_countable(sum(terms.total_cents for terms in unmet))
        orders = [order_by_id[lot.order] for lot in lots]
        way_lot = np.array([way.lot for way in ways], dtype=np.int64)
        depth = np.array([way.depth for way in ways], dtype=np.int64)
        first = np.array([self.ground.first_week(order) for order in orders], dtype=np.int64)[way_lot] + depth
        last = np.array([self.ground.last_week(order) for order in orders], dtype=np.int64)[way_lot]
        option_way, nth = repeat_counted(np.maximum(last - first + 1, 0))
        week = first[option_way] + nth
        due = np.array([self.ground.week_of(order.due_date) for order in orders], dtype=np.int64)
        lot_of_option = way_lot[option_way]
        late = np.maximum(week - due[lot_of_option], 0)
        # no plan takes what costs more than importing all, or uses more than any resource has
        base_cost = np.array([min(way.cost.total_cents, MOST_CENTS) for way in ways], dtype=np.int64)
        cost = base_cost[option_way] + self._lateness(lots, orders, lot_of_option, late)
        use_start, use_resource, use_amount = self._uses(ways, option_way, week)
        steps = step_arrays(self.resources)
        problem = PlanningProblem(
            option_start=np.searchsorted(lot_of_option, np.arange(len(lots) + 1)).astype(np.int64),
            option_cost=cost,
            use_start=use_start,
            use_resource=use_resource,
            use_amount=use_amount,
            unmet_cost=np.array([terms.total_cents for terms in unmet], dtype=np.int64),
            capacity=np.array(self.resources.capacities, dtype=np.int64),
            step_resource=steps[0],
            step_size=steps[1],
            step_blocks=steps[2],
            step_cost=steps[3],
        )
        return OptionTable(problem, self.resources, lots, tuple(ways), option_way, week, due, unmet)

    def _lateness(self, lots: tuple[Lot, ...], orders: list[Order], lot_of_option: Ints, late: Ints) -> Ints:
        worst = int(np.max(late, initial=0))
        table = np.array(
            [
                [min(lateness_cents(self.ground, order, lot, weeks), MOST_CENTS) for weeks in range(worst + 1)]
                if lot.design in self.ground.catalogue.by_key
                else [0] * (worst + 1)
                for lot, order in zip(lots, orders, strict=True)
            ],
            dtype=np.int64,
        ).reshape(len(lots), worst + 1)
        return table[lot_of_option, late]

    def _uses(self, ways: list[LotWay], option_way: Ints, week: Ints) -> tuple[Ints, Ints, Ints]:
        counts = np.array([len(way.uses) for way in ways], dtype=np.int64)
        start = np.concatenate(([0], np.cumsum(counts)))[:-1]
        rows = [(base, before, min(amount, MOST_AMOUNT)) for way in ways for base, before, amount in way.uses]
        flat = np.array(rows, dtype=np.int64).reshape(-1, 3)
        use_option, nth = repeat_counted(counts[option_way])
        used = flat[start[option_way][use_option] + nth]
        resource = used[:, 0] + self.resources.has_week(used[:, 0]) * (week[use_option] - used[:, 1])
        use_start = np.concatenate(([0], np.cumsum(counts[option_way]))).astype(np.int64)
        return use_start, resource, used[:, 2]


def repeat_counted(counts: Ints) -> tuple[Ints, Ints]:
    """Return (index, number within index) for each index repeated ``counts[index]`` times.

    >>> [part.tolist() for part in repeat_counted(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    index = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return index, np.arange(len(index)) - starts[index]
