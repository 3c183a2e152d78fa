"""From an order book to a plan: cut, build options, solve, read back, explain."""

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from cosmolocal import __version__
from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.alternatives import find_alternatives
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.carriage import Carried
from cosmolocal.planning.ground import Ground, Runs
from cosmolocal.planning.keeping import BestKept
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, OptionTable, reference_price
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.reasons import explain_unmet
from cosmolocal.planning.rounds import build_options
from cosmolocal.planning.shared_trips import read_trips, share_out
from cosmolocal.planning.solvers.choosing import get_ready, solve
from cosmolocal.planning.solvers.solution import (
    PRICE_SCALE,
    BestTold,
    Known,
    Solution,
    SolveSettings,
    Told,
    Watch,
    main_options,
)
from cosmolocal.planning.trips_apart import choose_apart
from cosmolocal.planning.ways import Way, machine_minutes
from cosmolocal.planning.widening import Solving, widen
from cosmolocal.records import (
    Allocation,
    GroupUse,
    Leg,
    LocalShare,
    Lot,
    Order,
    Plan,
    PlanStatus,
    Price,
    Region,
    Settings,
    StoppedBy,
    Task,
    Unmet,
    to_plain,
)

#: the part of the time in which options are looked for and priced
SHARE_OF_OPTIONS = 0.5
#: the programs whose version may change a plan
PROGRAMS = ("ortools", "scipy", "numpy", "numba", "networkx", "geopy")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which files a plan comes from."""

    #: name of the order book
    book: str
    #: sha256 by input file
    digests: Mapping[str, str]


def plan_orders(
    region: Region, orders: Iterable[Order], provenance: Provenance, settings: SolveSettings, watch: Watch | None = None
) -> Plan:
    """Return the plan of an order book, with its bound and its reasons."""
    orders, watch = tuple(orders), watch or Watch()
    ground = Ground(region)
    lots = cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)
    builder = OptionBuilder(ground)
    get_ready(watch)
    with watch.seen(BestTold()):
        table, limit, prices = build_options(builder, lots, orders, watch, settings.seconds * SHARE_OF_OPTIONS)
        with _kept(watch, (ground, builder, table), orders, provenance, settings):
            start = choose_apart(table.problem, table.resources, settings, watch)
            solution = solve(table.problem, settings, watch, Known(limit, prices, start))
        by_id = {order.id: order for order in orders}
        table, solution = widen(builder, table, solution, by_id, Solving(settings, watch))
    watch.report(solution.cost_cents, solution.bound_cents)
    plan = build_plan(ground, table, solution, provenance, settings)
    return replace(plan, unmet=explain_unmet(builder, table, solution.choice, orders, plan.unmet))


@contextmanager
def _kept(
    watch: Watch,
    made: tuple[Ground, OptionBuilder, OptionTable],
    orders: tuple[Order, ...],
    provenance: Provenance,
    settings: SolveSettings,
) -> Iterator[None]:
    """Hand on the best plan so far while the options of a table are solved, where somebody takes it."""
    if watch.on_plan is None:
        yield
        return
    take, (ground, builder, table) = watch.on_plan, made

    def hand_on(told: Told) -> None:
        if told.taken is None:
            return
        taken = told.taken()
        choice = main_options(table.problem, taken)
        cost = table.problem.cost(choice)
        bound = min(cost, told.bound_cents or 0)
        prices = np.zeros(table.problem.resource_count, dtype=np.int64)
        verdict = PlanStatus.FEASIBLE, StoppedBy.CLOCK
        solution = Solution(choice, taken, cost, bound, *verdict, prices, settings.solver)
        plan = build_plan(ground, table, solution, provenance, settings)
        take(replace(plan, unmet=explain_unmet(builder, table, choice, orders, plan.unmet)), orders)

    with watch.seen(BestKept(watch, hand_on, settings.seconds, len(table.lots))):
        yield


def build_plan(
    ground: Ground, table: OptionTable, solution: Solution, provenance: Provenance, settings: SolveSettings
) -> Plan:
    """Return a solution as records, without the reasons of what is unmet."""
    loads = table.problem.loads(solution.choice)
    step_costs = table.problem.step_costs(loads)
    alternatives = find_alternatives(table, solution.choice)
    allocations, unmet = [], []
    for number, (lot, option) in enumerate(zip(table.lots, solution.choice.tolist(), strict=True)):
        if option < 0:
            unmet.append(Unmet(lot.id, lot.order, lot.design, lot.quantity, table.unmet[number]))
        else:
            allocations.append(replace(build_allocation(ground, table, lot, option), alternatives=alternatives[number]))
    fair_start, trip_start = table.resources.fair_start, table.resources.trip_start
    trips = read_trips(table.resources, loads)
    digests = dict(sorted(provenance.digests.items()))
    plain_settings = used_settings(ground.settings, table.lots)
    # a plan that was cut short may come out otherwise the next time: it has an id of its own
    cut_short = solution.stopped_by in (StoppedBy.CLOCK, StoppedBy.PERSON)
    facts = [ground.region.id, solution.choice.tolist() if cut_short else None]
    return Plan(
        id=plan_id(facts, provenance, plain_settings, settings),
        region=ground.region.id,
        book=provenance.book,
        status=solution.status,
        stopped_by=solution.stopped_by,
        solver=solution.solver,
        seed=settings.seed,
        gap_limit=settings.gap,
        cost_cents=solution.cost_cents,
        bound_cents=solution.bound_cents,
        overtime_cents=int(step_costs[:fair_start].sum()),
        fairness_cents=int(step_costs[fair_start:trip_start].sum()),
        digests=digests,
        versions=program_versions(),
        settings=plain_settings,
        local_share=local_share(ground, table.lots, solution.choice),
        allocations=share_out(trips, allocations),
        unmet=tuple(unmet),
        prices=read_prices(table.resources, solution.prices),
        trips=trips,
        trips_cents=int(step_costs[trip_start:].sum()),
    )


@cache
def program_versions() -> dict[str, str]:
    """Return the versions of the programs that a plan depends on."""
    return {
        "cosmolocal": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in PROGRAMS},
    }


def flat_settings(settings: Settings) -> dict[str, str | int | None]:
    """Return settings as one level of plain values, ``priority_percent.high`` and the like."""
    flat: dict[str, str | int | None] = {}
    for name, value in to_plain(settings).items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": item for key, item in value.items()})
        else:
            flat[name] = value
    return flat


def used_settings(settings: Settings, lots: Iterable[Lot]) -> dict[str, str | int | None]:
    """Return the settings of a plan of some lots; that of first articles only where a lot has one."""
    flat = flat_settings(settings)
    if not any(lot.first_article for lot in lots):
        # plans made before there were first articles keep their ids
        del flat["first_article_weeks"]
    return flat


def plan_id(
    facts: Sequence[Any],
    provenance: Provenance,
    plain_settings: Mapping[str, str | int | None],
    settings: SolveSettings,
) -> str:
    """Return the id that the same facts, inputs, settings, seed and versions always give."""
    every = [
        *facts,
        provenance.book,
        sorted(provenance.digests.items()),
        sorted(plain_settings.items()),
        settings.seed,
        settings.gap,
        settings.seconds,
        settings.solver,
        sorted(program_versions().items()),
    ]
    return hashlib.sha256(json.dumps(every).encode()).hexdigest()[:12]


def build_allocation(ground: Ground, table: OptionTable, lot: Lot, option: int) -> Allocation:
    """Return an option of a lot as records."""
    lot_way = table.ways[int(table.option_way[option])]
    week = int(table.option_week[option])
    transfer_weeks = ground.settings.transfer_weeks
    lateness = int(table.problem.option_cost[option]) - lot_way.cost.total_cents
    order_late = max(0, week - int(table.due_week[lot_way.lot]))
    return Allocation(
        lot=lot.id,
        order=lot.order,
        design=lot.design,
        quantity=lot.quantity,
        workshop=lot_way.way.workshop,
        week=week,
        tasks=build_tasks(lot_way.way, week, transfer_weeks, ground.runs(lot)),
        legs=build_legs(lot_way.way, lot_way.delivery, week, transfer_weeks, ground.gate_weeks(lot)),
        cost=replace(lot_way.cost, lateness_cents=lateness, late_weeks=order_late),
    )


def build_tasks(way: Way, week: int, transfer_weeks: int, runs: Runs) -> tuple[Task, ...]:
    """Return the tasks of a way, those of the first article last."""
    return tuple(
        build_task(part, week - earlier - offset, units, number > 0)
        for number, (units, earlier) in enumerate(runs)
        for part, offset in way.walk(transfer_weeks)
    )


def build_task(way: Way, week: int, units: int, is_first: bool = False) -> Task:
    """Return one task of a way for some units of the lot."""
    quantity = way.node.quantity * units
    uses = tuple(
        GroupUse(group.id, operation.process or group.process, machine_minutes(operation, group, quantity))
        for operation, group in zip(way.node.operations, way.groups, strict=True)
    )
    return Task(way.node.path, way.node.design, way.node.part, way.workshop, week, quantity, uses, is_first)


def build_legs(way: Way, delivery: Carried, week: int, transfer_weeks: int, gate_weeks: int) -> tuple[Leg, ...]:
    """Return the transports of a way: parts first, delivery last."""
    legs = [
        build_leg(child.node.path, load, week - offset - transfer_weeks - earlier, is_first)
        for part, offset in way.walk(transfer_weeks)
        for child, carried in part.children
        if carried is not None
        for load, earlier, is_first in carried.loads(gate_weeks)
    ]
    return (*legs, *(build_leg("", load, week) for load in delivery.stages()))


def build_leg(path: str, carried: Carried, week: int, is_first: bool = False) -> Leg:
    """Return a load on its route as a record."""
    haul, route = carried.haul, carried.route
    return Leg(
        path=path,
        from_place=carried.from_place,
        to_place=carried.to_place,
        mode=haul.mode.id,
        week=week,
        distance_m=route.distance_m,
        trips=haul.trips,
        mass_g=carried.mass_g,
        via=route.via,
        first=is_first,
    )


def read_prices(resources: Resources, prices: Ints) -> tuple[Price, ...]:
    """Return what capacity is worth: cents per machine hour, or per 100 kg on a link; zeros are left out."""
    found = []
    for resource in prices[: resources.fair_start].nonzero()[0].tolist():
        name, week = resources.name(resource)
        units = 60 if resources.is_group(resource) else 100
        found.append(Price(name, week, ceil_div(int(prices[resource]) * units, PRICE_SCALE)))
    return tuple(found)


def local_share(ground: Ground, lots: Iterable[Lot], choice: Ints) -> LocalShare:
    """Return the parts of demand made in the region, in per mille; ``docs/model.md`` defines them."""
    here, all_of = [0, 0, 0], [0, 0, 0]
    for lot, option in zip(lots, choice.tolist(), strict=True):
        for index, (whole, made) in enumerate(share_parts(ground, lot)):
            all_of[index] += whole
            here[index] += made if option >= 0 else 0
    shares = [None if total == 0 else part * 1000 // total for part, total in zip(here, all_of, strict=True)]
    return LocalShare(*shares)


def share_parts(ground: Ground, lot: Lot) -> tuple[tuple[int, int], ...]:
    """Return what a lot adds to demand, and to what is made here where it is: units, grams and cents of value."""
    design = ground.catalogue.by_key.get(lot.design)
    bill = None if design is None else ground.catalogue.bill(lot.design)
    nodes = [] if bill is None or isinstance(bill, Exception) else list(bill.walk())
    mass_g, value = ground.catalogue.mass_g(lot.design), reference_price(ground, design)
    bought_g = sum(node.quantity * node.bought_mass_g for node in nodes)
    bought = sum(node.quantity * node.bought_cents for node in nodes)
    return (
        (lot.quantity, lot.quantity),
        (lot.quantity * mass_g, lot.quantity * (mass_g - bought_g)),
        (lot.quantity * value, lot.quantity * max(0, value - bought)),
    )
