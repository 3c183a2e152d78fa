"""A naive oracle: it tries every choice of every lot, for regions so tiny that this ends.

It is built upon the audit's formulas, which share no code with the solvers, and its only cleverness is to stop where
what is chosen so far cannot become cheaper than the best plan found.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

from cosmolocal.planning.audit.boms import Node, Resolve
from cosmolocal.planning.audit.costs import (
    Carriage,
    Demand,
    Making,
    count_minutes,
    find_carriage,
    sum_allocation,
    sum_import,
)
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.fits import find_obstacles
from cosmolocal.planning.audit.rounding import ceil_div
from cosmolocal.planning.audit.ways import link_key
from cosmolocal.planning.audit.weeks import basis_minutes, fairness_cents, group_week, overtime_cents, week_of
from cosmolocal.records import (
    Allocation,
    CostTerms,
    GroupUse,
    Leg,
    MachineGroup,
    Mode,
    Order,
    Plan,
    PlanStatus,
    Region,
    StoppedBy,
    Task,
    Unmet,
    Workshop,
    WorkshopStatus,
)

Load = Counter[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One complete way to serve a lot, or its import."""

    cents: int
    row: Allocation | Unmet
    #: [minutes] by ("minutes", workshop, group, week), [kg] by ("kg", link, week)
    load: Load


@dataclass(frozen=True, slots=True)
class Made:
    """A node of the bill of materials with where it is done."""

    node: Node
    task: Task
    makings: tuple[Making, ...]
    #: the same of the first article
    first: "Made | None" = None


def highest(versions: Iterable[str], version_range: str) -> str | None:
    """Return the highest of some release versions within ``*``, ``^major.minor`` or a range that is a version."""
    fitting = [tuple(map(int, version.split("."))) for version in versions]
    if version_range != "*":
        low = tuple(map(int, version_range.removeprefix("^").split(".")))
        most = (low[0] + 1,) if version_range.startswith("^") else (*low, 0)
        fitting = [version for version in fitting if low <= version < most]
    return ".".join(map(str, max(fitting))) if fitting else None


def search(facts: Facts, menus: list[list[Choice]]) -> tuple[int, tuple[Choice, ...]]:
    """Return the least cost of one choice from each menu, all within the capacities, and the choices."""
    chosen = _Search(facts, menus).run()
    load: Load = sum((choice.load for choice in chosen), start=Counter())
    return sum(choice.cents for choice in chosen) + sum(_Shared(facts).find_cents(load)), chosen


def solve_by_brute_force(region: Region, orders: tuple[Order, ...], resolve: Resolve = highest) -> Plan:
    """Return a plan that no other is cheaper than."""
    facts = Facts(region, orders, resolve)
    menus = [[*list_choices(facts, demand), import_choice(facts, demand)] for demand in facts.demands.values()]
    chosen = _Search(facts, menus).run()
    allocations = tuple(choice.row for choice in chosen if isinstance(choice.row, Allocation))
    unmet = tuple(choice.row for choice in chosen if isinstance(choice.row, Unmet))
    load: Load = sum((choice.load for choice in chosen), start=Counter())
    overtime, fairness, trips = _Shared(facts).find_cents(load)
    cost_cents = sum(choice.cents for choice in chosen) + overtime + fairness + trips
    return Plan(
        id="0" * 12,
        region=region.id,
        book="tiny",
        status=PlanStatus.OPTIMAL,
        stopped_by=StoppedBy.PROOF,
        solver="brute force",
        seed=0,
        gap_limit=0.0,
        cost_cents=cost_cents,
        bound_cents=cost_cents,
        overtime_cents=overtime,
        fairness_cents=fairness,
        digests={},
        versions={},
        settings={"weeks": region.settings.weeks, "start_date": region.settings.start_date.isoformat()},
        local_share=facts.find_local_share({row.lot for row in allocations}),
        allocations=allocations,
        unmet=unmet,
    )


def best_by_workshop(region: Region, order: Order, resolve: Resolve = highest) -> dict[str, int]:
    """Return the least cost of an order of one lot made here by the workshop of its last task; no others, no import."""
    facts = Facts(region, (order,), resolve)
    [demand] = facts.demands.values()
    shared, menus = _Shared(facts), dict[str, list[int]]()
    for choice in list_choices(facts, demand):
        if shared.allows(choice.load, choice.load) and isinstance(choice.row, Allocation):
            cents = choice.cents + sum(shared.find_cents(choice.load))
            menus.setdefault(choice.row.workshop, []).append(cents)
    return {workshop: min(cents) for workshop, cents in menus.items()}


def costs_beside(region: Region, plan: Plan, order: Order, resolve: Resolve = highest) -> list[tuple[int, int]]:
    """Return (week, by how much the plan's cost rises) of every way to make an order of one lot beside a plan."""
    facts = Facts(region, (order,), resolve)
    [demand] = facts.demands.values()
    shared, load = _Shared(facts), sum((_find_load(row) for row in plan.allocations), start=Counter[Any]())
    before = sum(shared.find_cents(load))
    return [
        (choice.row.week, choice.cents + sum(shared.find_cents(load + choice.load)) - before)
        for choice in list_choices(facts, demand)
        if isinstance(choice.row, Allocation) and shared.allows(load + choice.load, choice.load)
    ]


def cost_of_import(region: Region, order: Order, resolve: Resolve = highest) -> CostTerms:
    """Return what it costs to import an order of one lot."""
    facts = Facts(region, (order,), resolve)
    [demand] = facts.demands.values()
    return import_choice(facts, demand).row.cost


def import_choice(facts: Facts, demand: Demand) -> Choice:
    """Return the import of a lot."""
    terms = sum_import(demand, facts.settings)
    row = Unmet(demand.lot.id, demand.order.id, demand.lot.design, demand.lot.quantity, terms)
    return Choice(terms.total_cents, row, Counter())


def list_choices(facts: Facts, demand: Demand) -> list[Choice]:
    """Return every way to make a lot in the region, whatever else is made."""
    if demand.exploded.fault is not None:
        return []
    due = week_of(demand.order.due_date, facts.settings)
    last = min(facts.settings.weeks - 1, due + facts.settings.max_late_weeks)
    ways = (way for week in range(last + 1) for way in _spread(facts, demand, demand.exploded.nodes, {}, week))
    return [choice for way in ways for choice in _build_choices(facts, demand, way)]


def _spread(
    facts: Facts, demand: Demand, nodes: tuple[Node, ...], done: dict[str, Made], week: int
) -> Iterator[dict[str, Made]]:
    """Yield every way to do ``nodes`` once the tasks they go into are done."""
    if not nodes:
        yield done
        return
    node, rest = nodes[0], nodes[1:]
    user = None if node.parent is None else done[node.parent].task
    for workshop in facts.region.workshops:
        if workshop.status is not WorkshopStatus.ACTIVE:
            continue
        if user is not None and not node.part.operations and workshop.id != user.workshop:
            continue
        moved = user is not None and workshop.id != user.workshop
        begun = week if user is None else user.week - (facts.settings.transfer_weeks if moved else 0)
        release = demand.order.release_date
        soonest = begun - find_gate_weeks(facts, demand)
        if soonest < 0 or (release is not None and soonest < week_of(release, facts.settings)):
            continue
        for made in _make(facts, demand, node, workshop, begun):
            yield from _spread(facts, demand, rest, {**done, node.path: made}, week)


def find_gate_weeks(facts: Facts, demand: Demand) -> int:
    """Return how much sooner the first article is made: time to travel at each level of the bill, and for the check."""
    if not demand.lot.first_article:
        return 0
    operated = {node.path for node in demand.exploded.nodes if node.part.operations}
    heights = {"": 0}
    for node in demand.exploded.nodes[1:]:
        heights[node.path] = heights[node.parent or ""] + (node.path in operated)
    return facts.settings.first_article_weeks + facts.settings.transfer_weeks * max(heights.values())


def _make(facts: Facts, demand: Demand, node: Node, workshop: Workshop, week: int) -> Iterator[Made]:
    """Yield every way to do a node in a workshop: each operation on each machine group that can."""
    lot_quantity = demand.lot.quantity
    fitting = [
        [group for group in workshop.groups if not find_obstacles(operation, group, lot_quantity, facts.ancestors)]
        for operation in node.part.operations
    ]
    for groups in product(*fitting):
        if not demand.lot.first_article:
            yield _made(node, workshop, groups, (week, lot_quantity, False))
        else:
            first = _made(node, workshop, groups, (week - find_gate_weeks(facts, demand), 1, True))
            yield replace(_made(node, workshop, groups, (week, lot_quantity - 1, False)), first=first)


def _made(node: Node, workshop: Workshop, groups: tuple[MachineGroup, ...], when: tuple[int, int, bool]) -> Made:
    """Return a node done on some machine groups; ``when`` is (week, units, is it the first article?)."""
    week, units, is_first = when
    quantity = units * node.quantity
    makings = tuple(
        Making(group, operation, quantity, count_minutes(operation, group, quantity))
        for group, operation in zip(groups, node.part.operations, strict=True)
    )
    uses = tuple(GroupUse(each.group.id, each.operation.process or "", each.minutes) for each in makings)
    task = Task(node.path, node.design, node.part.name, workshop.id, week, quantity, uses, is_first)
    return Made(node, task, makings)


def _build_choices(facts: Facts, demand: Demand, way: dict[str, Made]) -> Iterator[Choice]:
    """Yield a choice for each way to carry the parts and the lot."""
    firsts = [made.first for made in way.values() if made.first is not None]
    moved = [made for made in way.values() if _user(way, made) != made.task.workshop]
    for carried in product(*(_carry(facts, demand, made, _user(way, made)) for made in moved)):
        legs = [leg for each in carried for leg in each[0]]
        carriages = [each[1] for each in carried]
        # the parts of a first article go the same way
        for made, (stages, _) in zip(moved, carried, strict=True):
            if made.first is not None and made.node.parent is not None:
                same = [(leg.to_place, leg.mode) for leg in stages]
                [again] = [
                    each
                    for each in _carry(facts, demand, made.first, _user(way, made))
                    if not facts.region.network.share_trips or [(leg.to_place, leg.mode) for leg in each[0]] == same
                ]
                legs += again[0]
                carriages.append(again[1])
        makings = [making for made in (*way.values(), *firsts) for making in made.makings]
        last = way[""].task
        terms = sum_allocation(demand, makings, carriages, last.week, facts.settings)
        lot, tasks = demand.lot, tuple(made.task for made in (*way.values(), *firsts))
        ends = last.workshop, last.week
        row = Allocation(lot.id, lot.order, lot.design, lot.quantity, *ends, tasks, _in_order(legs), terms)
        yield Choice(terms.total_cents, row, _find_load(row))


def _in_order(legs: list[Leg]) -> tuple[Leg, ...]:
    """Return legs with those of one load together."""
    return tuple(sorted(legs, key=lambda leg: (leg.path, leg.first)))


def _user(way: dict[str, Made], made: Made) -> str | None:
    return None if made.node.parent is None else way[made.node.parent].task.workshop


def _carry(facts: Facts, demand: Demand, made: Made, user: str | None) -> list[tuple[tuple[Leg, ...], Carriage]]:
    """Return the ways from a task to the workshop that uses it, or to the order's place."""
    maker, target = made.task.workshop, demand.order.place if user is None else user
    hubs = sorted(facts.hubs) if facts.region.network.share_trips else []
    routes = [(maker, target), *((maker, hub, target) for hub in hubs if hub not in (maker, target))]
    return [way for stops in routes for way in _carry_over(facts, demand, made, stops)]


def _carry_over(
    facts: Facts, demand: Demand, made: Made, stops: tuple[str, ...]
) -> Iterator[tuple[tuple[Leg, ...], Carriage]]:
    """Yield the ways over some stops, by each mode where trips are shared."""
    ways = [facts.ways.find_shortest(start, end) for start, end in pairwise(stops)]
    if any(way is None for way in ways):
        return
    maker, network, is_delivery = facts.workshops[stops[0]], facts.region.network, made.node.parent is None
    limits = [maker.radius_m, demand.order.max_distance_m if is_delivery else None]
    farthest_m = min((limit for limit in limits if limit is not None), default=None)
    quantity = demand.lot.quantity if is_delivery else made.task.quantity
    unit_mass_g = made.node.unit_mass_g
    # each mode's own distance of each stage
    choices = [_lengths(facts, way[1]) for way in ways]
    if not network.share_trips:
        near = [(mode, length) for mode, length in choices[0] if farthest_m is None or length <= farthest_m]
        carriage = find_carriage((quantity, unit_mass_g), near, facts.settings)
        if carriage is not None:
            distance_m = next(length for mode, length in near if mode.id == carriage.mode)
            load = (carriage.mode, made.task.week, distance_m, carriage.trips, quantity * unit_mass_g, ways[0][1])
            yield (Leg(made.node.path, *stops, *load, first=made.task.first),), carriage
        return
    kilograms = max(1, ceil_div(quantity * unit_mass_g, 1000))
    handling = sum(facts.hubs[hub].handling_cents_per_kg * kilograms for hub in stops[1:-1])
    for stages in product(*(_fitting(each, unit_mass_g) for each in choices)):
        if farthest_m is not None and sum(length for _, length in stages) > farthest_m:
            continue
        legs = []
        for ends, (mode, length), way in zip(pairwise(stops), stages, ways, strict=True):
            load = (mode.id, made.task.week, length, int(length == 0), quantity * unit_mass_g, way[1])
            legs.append(Leg(made.node.path, *ends, *load, first=made.task.first))
        yield tuple(legs), Carriage("", 0, handling, 0, 0)


def _lengths(facts: Facts, via: tuple[str, ...]) -> list[tuple[Mode, int]]:
    """Return the modes that can go a way, each with its distance."""
    every = [(mode, facts.ways.find_length_m(via, number)) for number, mode in enumerate(facts.region.network.modes)]
    return [(mode, length) for mode, length in every if length is not None]


def _fitting(choices: list[tuple[Mode, int]], unit_mass_g: int) -> list[tuple[Mode, int]]:
    """Return the modes that can carry a piece as far; of those that go no distance only the first."""
    fitting = [
        (mode, length)
        for mode, length in choices
        if unit_mass_g <= mode.max_load_g and (mode.max_distance_m is None or length <= mode.max_distance_m)
    ]
    return [each for each in fitting if each[1] == 0][:1] + [each for each in fitting if each[1] > 0]


def _find_load(row: Allocation) -> Load:
    load: Load = Counter()
    for task in row.tasks:
        for use in task.uses:
            load["minutes", task.workshop, use.group, task.week] += use.minutes
    for leg in row.legs:
        for start, end in pairwise(leg.via):
            load["kg", link_key(start, end), leg.week] += ceil_div(leg.mass_g, 1000)
        kilograms = max(1, ceil_div(leg.mass_g, 1000))
        if leg.trips == 0:
            load["trips", leg.from_place, leg.to_place, leg.mode, leg.distance_m, leg.week] += kilograms
    for before, leg in pairwise(row.legs):
        # a load that comes and goes on passes through
        if (before.path, before.first) == (leg.path, leg.first):
            load["hub", leg.from_place, leg.week] += max(1, ceil_div(leg.mass_g, 1000))
    return load


class _Shared:
    """What loads of several lots cost together, and whether they fit."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._basis = {each.id: basis_minutes(each, facts.settings) for each in facts.region.workshops}
        self._capacities = {
            (workshop.id, group.id, week): (group_week(workshop, group, week, facts.settings), group)
            for workshop in facts.region.workshops
            for group in workshop.groups
            for week in range(facts.settings.weeks)
        }

    def allows(self, load: Load, added: Load) -> bool:
        for kind, *key in added:
            amount = load[kind, *key]
            if kind == "minutes":
                limit = self._capacities[tuple(key)][0].limit_minutes
            elif kind == "trips":
                limit = None
            elif kind == "hub":
                limit = self._facts.hubs[key[0]].weekly_capacity_kg
            else:
                limit = self._facts.ways.find_capacity_kg(key[0])
            if limit is not None and amount > limit:
                return False
        return True

    def find_cents(self, load: Load) -> tuple[int, int, int]:
        """Return the cost of overtime, of fairness, and of shared trips."""
        trips = sum(self._trip_cents(*key, load=kg) for (kind, *key), kg in load.items() if kind == "trips")
        overtime, by_workshop = 0, Counter[str]()
        for (kind, *key), amount in load.items():
            if kind == "minutes":
                overtime += overtime_cents(amount, *self._capacities[tuple(key)], self._facts.settings)
                by_workshop[str(key[0])] += amount
        fairness = (fairness_cents(load, self._basis[name], self._facts.settings) for name, load in by_workshop.items())
        return overtime, sum(fairness), trips

    def _trip_cents(self, start: str, end: str, mode_id: str, distance_m: int, week: int, load: int) -> int:  # noqa: ARG002
        """Return what as many trips as a load needs cost, each weighed term of a trip rounded up."""
        settings = self._facts.settings
        mode = next(mode for mode in self._facts.region.network.modes if mode.id == mode_id)
        money = mode.cents_per_trip + ceil_div(mode.cents_per_km * distance_m, 1000)
        co2e = ceil_div(ceil_div(mode.co2e_g_per_km * distance_m, 1000) * settings.co2e_cents_per_kg, 1000)
        metres = ceil_div(distance_m * settings.distance_cents_per_km, 1000)
        return ceil_div(load, mode.max_load_g // 1000) * (money + co2e + metres)


class _Search:
    """Depth first through all combinations of choices."""

    def __init__(self, facts: Facts, menus: list[list[Choice]]) -> None:
        self._shared = _Shared(facts)
        self._menus = [sorted(menu, key=lambda choice: choice.cents) for menu in menus]
        self._best_cents: int | None = None
        self._best: tuple[Choice, ...] = ()
        # least cost of the lots so far, by what they leave of the capacities
        self._seen: dict[tuple[int, frozenset[Any]], int] = {}

    def run(self) -> tuple[Choice, ...]:
        self._descend((), 0, Counter())
        return self._best

    def _descend(self, chosen: tuple[Choice, ...], cents: int, load: Load) -> None:
        depth = len(chosen)
        total = cents + sum(self._shared.find_cents(load))
        if depth == len(self._menus):
            if self._best_cents is None or total < self._best_cents:
                self._best_cents, self._best = total, chosen
            return
        state = depth, frozenset(load.items())
        if self._seen.get(state, cents + 1) <= cents or not self._may_beat(total, depth, load):
            return
        self._seen[state] = cents
        for choice in self._menus[depth]:
            if self._shared.allows(load + choice.load, choice.load):
                self._descend((*chosen, choice), cents + choice.cents, load + choice.load)

    def _may_beat(self, total: int, depth: int, load: Load) -> bool:
        """Say no when even the cheapest choice of each lot that fits by itself is too dear: loads only grow."""
        if self._best_cents is None:
            return True
        for menu in self._menus[depth:]:
            fitting = (each.cents for each in menu if self._shared.allows(load + each.load, each.load))
            least = next(fitting, None)
            if least is None:
                return False
            total += least
            if total >= self._best_cents:
                return False
        return True
