"""A lot where a planner wants it: the cheapest way to make it in one workshop in one week, or why there is none."""

import numpy as np

from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.earlier import HinderedError, Present
from cosmolocal.planning.options import LotWay, OptionBuilder, OptionTable
from cosmolocal.records import Lot, Order, Pinned, Reason


def find_place(builder: OptionBuilder, lot: Lot, order: Order, pin: Pinned) -> Present:
    """Return the cheapest way that ends where and when a planner wants it, were the lot alone.

    Raises
    ------
    HinderedError
        When there is none: it says why.
    """
    ground = builder.ground
    if pin.workshop not in ground.workshops:
        raise HinderedError("closed", workshop=pin.workshop)
    if pin.week < 0 or pin.week >= ground.settings.weeks:
        raise HinderedError("beyond", week=pin.week)
    everywhere = builder.like(ground, builder.resources)
    ways = [way for way in everywhere.lot_ways(0, lot, order) if way.way.workshop == pin.workshop]
    if not ways:
        raise HinderedError("no-way-there", workshop=pin.workshop, place=order.place)
    if pin.week > ground.last_week(order):
        raise HinderedError("late", week=ground.last_week(order))
    first = ground.first_week(order) + min(way.depth for way in ways)
    if pin.week < first:
        raise HinderedError("early", week=first)
    table = everywhere.build_from((lot,), ways, {order.id: order})
    way = _cheapest_alone(table, pin.week)
    return Present(way.way, way.delivery, pin.week)


def _cheapest_alone(table: OptionTable, week: int) -> LotWay:
    """Return the cheapest way in a week that fits into the capacities when nothing else is made."""
    problem, limit = table.problem, table.problem.largest_capacity()
    options = np.flatnonzero(table.option_week == week)
    why: Reason | None = None
    costs = np.array([int(problem.option_cost[option]) + _trip_cents(table, option) for option in options.tolist()])
    for option in options[np.argsort(costs, kind="stable")].tolist():
        uses = slice(int(problem.use_start[option]), int(problem.use_start[option + 1]))
        missing = problem.use_amount[uses] - limit[problem.use_resource[uses]]
        if missing.max(initial=0) <= 0:
            return table.ways[int(table.option_way[option])]
        resource = int(problem.use_resource[uses][int(np.argmax(missing))])
        name, in_week = table.resources.name(resource)
        is_group = table.resources.is_group(resource)
        code, unit = ("too-large-there", "minutes") if is_group else ("no-load", "kg")
        why = why or Reason(code, {"resource": name, "week": in_week, unit: int(missing.max())})
    error = HinderedError("gap")
    error.reason = why or Reason("gap")
    raise error


def _trip_cents(table: OptionTable, option: int) -> int:
    """Return what the trips of an option cost that shares them with nobody."""
    uses = slice(int(table.problem.use_start[option]), int(table.problem.use_start[option + 1]))
    pairs = zip(table.problem.use_resource[uses].tolist(), table.problem.use_amount[uses].tolist(), strict=True)
    kinds = (
        (table.resources.trip_kind(resource), kilograms)
        for resource, kilograms in pairs
        if resource >= table.resources.trip_start
    )
    return sum(kind.cost.total_cents * ceil_div(kilograms, kind.load_kg) for kind, kilograms in kinds)
