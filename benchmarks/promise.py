"""Asks for quotes beside a plan of a made-up region: python -m benchmarks.promise --orders 10000 --workshops 500.

The plan is made of promises: the orders of the book come one after another, and each takes what it is offered. It is
audited, put into records again and loaded as any plan. Prints one JSON object a row.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from benchmarks.made_up import Size, make_question, make_region
from cosmolocal.network.graph import build_graph
from cosmolocal.network.routes import Routes
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.free_room import find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, import_cost
from cosmolocal.planning.plans import flat_settings, local_share
from cosmolocal.planning.promises import PromiseDesk
from cosmolocal.planning.rounds import price_lots
from cosmolocal.planning.solvers.room import Room
from cosmolocal.records import (
    Allocation,
    Order,
    Plan,
    PlanStatus,
    Region,
    StoppedBy,
    Unmet,
)
from cosmolocal.workflows import audit_records


def accept_all(resources: Resources, orders: Sequence[Order]) -> tuple[list[Allocation], list[Unmet], tuple[int, int]]:
    """Return the orders that are made, those that are imported, and the cents of overtime and fairness."""
    loads = np.zeros(resources.count, dtype=np.int64)
    made: list[Allocation] = []
    unmet: list[Unmet] = []
    overtime = fairness = 0
    for order in sorted(orders, key=lambda each: (each.due_date, each.id)):
        desk = PromiseDesk(resources, loads)
        search, lot = desk.search(order), desk.lot(order)
        offer = None if search is None else next(search.offers(search.weeks()), None)
        imported = import_cost(resources.ground, order, lot)
        if offer is None or offer.total_cents > imported.total_cents:
            unmet.append(Unmet(lot.id, lot.order, lot.design, lot.quantity, imported))
            continue
        made.append(offer.allocation)
        overtime, fairness = overtime + offer.overtime_cents, fairness + offer.fairness_cents
        loads += find_loads(resources, [offer.allocation])
    return made, unmet, (overtime, fairness)


def make_plan(region: Region, resources: Resources, orders: Sequence[Order]) -> Plan:
    """Return the plan in which each order of the book took what it was offered; nothing is said of its quality."""
    made, unmet, (overtime, fairness) = accept_all(resources, orders)
    lots = cut_orders(orders, resources.ground.catalogue, region.settings.max_lots_per_order)
    local = {row.lot for row in made}
    terms = [each.cost for each in made] + [each.cost for each in unmet]
    cost = sum(each.total_cents for each in terms) + overtime + fairness
    return Plan(
        id="0" * 12,
        region=region.id,
        book="made up",
        status=PlanStatus.FEASIBLE,
        stopped_by=StoppedBy.OPTIONS,
        solver="promises",
        seed=0,
        gap_limit=0.0,
        cost_cents=cost,
        bound_cents=0,
        overtime_cents=overtime,
        fairness_cents=fairness,
        digests={},
        versions={},
        settings=flat_settings(region.settings),
        local_share=local_share(resources.ground, lots, np.array([0 if lot.id in local else -1 for lot in lots])),
        allocations=tuple(made),
        unmet=tuple(unmet),
    )


def try_all(resources: Resources, loads: np.ndarray[Any, np.dtype[np.int64]], desk: PromiseDesk, order: Order) -> Any:
    """Return (week, cents) by trying every option of the order in every workshop: how a change is tried in a plan."""
    builder = OptionBuilder(resources.ground, resources, most_workshops=len(resources.ground.workshops))
    table = builder.build((desk.lot(order),), [order])
    room = Room(table.problem)
    room.loads += loads
    found = []
    for option in range(table.problem.option_count):
        if room.fits(option):
            cents = int(table.problem.option_cost[option]) + room.change(option, +1)
            room.change(option, -1)
            found.append((int(table.option_week[option]), cents))
    return min(found, default=None)


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a call takes, and what it returns."""
    started = time.perf_counter()
    found = call()
    return time.perf_counter() - started, found


def row(what: str, ours: float, theirs: float | None = None, **more: object) -> None:
    """Print a row; ``ratio`` is theirs / ours."""
    ratio = None if theirs is None or ours == 0 else round(theirs / ours, 1)
    figures = {"what": what, "ours": round(ours, 3), "theirs": None if theirs is None else round(theirs, 3)}
    sys.stdout.write(json.dumps({**figures, "ratio": ratio, **more}) + "\n")
    sys.stdout.flush()


def measure_quotes(desk: PromiseDesk, loads: Any, region: Region, number: int, against: int) -> None:
    """Ask for quotes, some of them both ways."""
    dice = random.Random("questions")
    questions = [make_question(dice, region, nth) for nth in range(number)]
    for question in questions[:3]:
        desk.promise(question)
    runs, cpu_ms = [], []
    for question in questions:
        began = time.process_time()
        runs.append(timed(partial(desk.promise, question)))
        cpu_ms.append(1000 * (time.process_time() - began))
    millis = sorted(1000 * seconds for seconds, _ in runs)
    feasible = sum(found.offer is not None for _, found in runs)
    proved = sum(found.is_proved for _, found in runs)
    tries = [timed(partial(try_all, desk.resources, loads, desk, question)) for question in questions[:against]]
    theirs = 1000 * median(seconds for seconds, _ in tries) if tries else None
    worse = better = 0
    for (_, found), (_, tried) in zip(runs, tries, strict=False):
        ours = None if found.offer is None else (found.offer.allocation.week, found.offer.total_cents)
        worse += tried is not None and (ours is None or ours > tried)
        better += ours is not None and (tried is None or ours < tried)
    counts = {"quotes": number, "feasible": feasible, "proved": proved, "cpu_ms": round(median(cpu_ms), 3)}
    row(
        "a quote, median, ms; every option tried one by one",
        median(millis),
        theirs,
        **counts,
        worse=worse,
        better=better,
    )
    row("a quote, 95 of 100, ms", millis[int(0.95 * (len(millis) - 1))])
    # what other programs take of a shared machine is no part of the processor's time
    row("a quote, slowest, ms", millis[-1], cpu_ms=round(max(cpu_ms), 3))
    many = [1000 * timed(partial(desk.alternatives, found, 10))[0] for _, found in runs[:50]]
    row("ten alternatives, median, ms", median(many), worst=round(max(many), 1))


def measure_options(region: Region, orders: tuple[Order, ...]) -> None:
    """Build the options of the whole book, and price all ways of every lot."""
    ground = Ground(region)
    builder, lots = OptionBuilder(ground), cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)
    seconds, table = timed(lambda: builder.build(lots, orders))
    row("the options of the book, s", seconds, lots=len(lots), options=table.problem.option_count)
    free = np.zeros(table.problem.resource_count, dtype=np.int64)
    seconds, _ = timed(lambda: price_lots(table, {order.id: order for order in orders}, free))
    row("the cheapest of all ways of every lot, s", seconds)


def main() -> None:
    """Print one JSON object a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--workshops", type=int, default=500)
    parser.add_argument("--places", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--fairness", type=int, default=0, metavar="CENTS", help="an unfair hour costs this")
    parser.add_argument("--links", type=int, metavar="KG", help="weekly limit of every link")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quotes", type=int, default=200)
    parser.add_argument("--against", type=int, default=10, help="quotes that are also found by trying every option")
    given = parser.parse_args()
    more = {"fairness_cents_per_hour": given.fairness, "weekly_capacity_kg": given.links}
    size = Size(given.orders, given.workshops, given.places, given.weeks, **more)
    region, orders = make_region(size, given.seed)
    graph_seconds = timed(lambda: build_graph(region))[0]
    routes_seconds = timed(lambda: Routes(region, [shop.id for shop in region.workshops]))[0]
    row("all routes as a table, s; the graph of networkx alone, without a search", routes_seconds, graph_seconds)
    measure_options(region, orders)
    resources = Resources(Ground(region))
    seconds, plan = timed(lambda: make_plan(region, resources, orders))
    groups = len(resources.groups) * resources.weeks
    loads = find_loads(resources, plan.allocations)
    used = round(int(loads[:groups].sum()) / max(1, sum(resources.capacities[:groups])), 3)
    row("the book accepted order by order, s", seconds, orders=len(orders), made=len(plan.allocations), used=used)
    seconds, report = timed(lambda: audit_records(plan, region, orders))
    row("the plan audited, s", seconds, problems=len(report.problems), checked=sum(report.checked.values()))

    def load() -> PromiseDesk:
        fresh = Resources(Ground(region))
        return PromiseDesk(fresh, find_loads(fresh, plan.allocations))

    seconds, desk = timed(load)
    row("region and plan loaded, s", seconds)
    measure_quotes(desk, loads, region, given.quotes, given.against)


if __name__ == "__main__":
    main()
