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
    overtime, fairness = _Shared(facts).find_cents(load)
    cost_cents = sum(choice.cents for choice in chosen) + overtime + fairness
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
    choices = (_build_choice(facts, demand, way) for way in ways)
    return [choice for choice in choices if choice is not None]


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


def _build_choice(facts: Facts, demand: Demand, way: dict[str, Made]) -> Choice | None:
    legs: list[Leg] = []
    carriages: list[Carriage] = []
    firsts = [made.first for made in way.values() if made.first is not None]
    for made in (*way.values(), *(first for first in firsts if first.node.parent is not None)):
        user = None if made.node.parent is None else way[made.node.parent].task.workshop
        if user != made.task.workshop:
            carried = _carry(facts, demand, made, user)
            if carried is None:
                return None
            legs.append(carried[0])
            carriages.append(carried[1])
    makings = [making for made in (*way.values(), *firsts) for making in made.makings]
    last = way[""].task
    terms = sum_allocation(demand, makings, carriages, last.week, facts.settings)
    lot, tasks = demand.lot, tuple(made.task for made in (*way.values(), *firsts))
    row = Allocation(lot.id, lot.order, lot.design, lot.quantity, last.workshop, last.week, tasks, tuple(legs), terms)
    return Choice(terms.total_cents, row, _find_load(row))


def _carry(facts: Facts, demand: Demand, made: Made, user: str | None) -> tuple[Leg, Carriage] | None:
    """Return the leg from a task to the workshop that uses it, or to the order's place; None: not allowed."""
    maker, target = made.task.workshop, demand.order.place if user is None else user
    way = facts.ways.find_shortest(maker, target)
    if way is None:
        return None
    limits = [facts.workshops[maker].radius_m, demand.order.max_distance_m if user is None else None]
    choices = [
        (mode, length)
        for number, mode in enumerate(facts.region.network.modes)
        if (length := facts.ways.find_length_m(way[1], number)) is not None
        and not any(limit is not None and length > limit for limit in limits)
    ]
    quantity = demand.lot.quantity if user is None else made.task.quantity
    unit_mass_g = made.node.unit_mass_g
    carriage = find_carriage((quantity, unit_mass_g), choices, facts.settings)
    if carriage is None:
        return None
    distance_m = next(length for mode, length in choices if mode.id == carriage.mode)
    load = (carriage.mode, made.task.week, distance_m, carriage.trips, quantity * unit_mass_g, way[1])
    return Leg(made.node.path, maker, target, *load, first=made.task.first), carriage


def _find_load(row: Allocation) -> Load:
    load: Load = Counter()
    for task in row.tasks:
        for use in task.uses:
            load["minutes", task.workshop, use.group, task.week] += use.minutes
    for leg in row.legs:
        for start, end in pairwise(leg.via):
            load["kg", link_key(start, end), leg.week] += ceil_div(leg.mass_g, 1000)
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
            else:
                limit = self._facts.ways.find_capacity_kg(key[0])
            if limit is not None and amount > limit:
                return False
        return True

    def find_cents(self, load: Load) -> tuple[int, int]:
        """Return the cost of overtime and of fairness."""
        overtime, by_workshop = 0, Counter[str]()
        for (kind, *key), amount in load.items():
            if kind == "minutes":
                overtime += overtime_cents(amount, *self._capacities[tuple(key)], self._facts.settings)
                by_workshop[str(key[0])] += amount
        fairness = (fairness_cents(load, self._basis[name], self._facts.settings) for name, load in by_workshop.items())
        return overtime, sum(fairness)


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
