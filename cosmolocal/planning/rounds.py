"""The options of an order book, found in rounds of prices, and what no plan of any ways can cost less than."""

import math

import numpy as np

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.pricing import LotPricer, PricedWay
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choosing import find_prices, lagrangian_bound, least_priced
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Watch
from cosmolocal.planning.tariffs import Market
from cosmolocal.records import Lot, Order


def build_options(
    builder: OptionBuilder,
    lots: tuple[Lot, ...],
    orders: tuple[Order, ...],
    watch: Watch,
    until: float = math.inf,
) -> tuple[OptionTable, int | None, Ints]:
    """Return the options of all lots, what no plan of any ways can cost less than (None: all ways are options), prices.

    Options are found in rounds, as the prices of one round show what is scarce: a first round more at the mean prices
    of machine groups, then rounds that add the cheapest of all ways of each lot at the prices of each week. No round
    begins when it is ``until`` seconds; the bound holds for any prices.
    """
    table = builder.build(lots, orders)
    order_by_id = {order.id: order for order in orders}
    rounds = 0 if builder.is_complete else builder.ground.settings.price_rounds
    is_cut = not rounds
    for number in range(rounds):
        watch.report(None, None)
        is_cut = watch.stop.is_set() or watch.seconds() > until
        if is_cut:
            break
        problem, _ = presolve(table.problem)
        prices = find_prices(problem, watch, rough=True, until=until)
        if watch.stop.is_set():
            break
        if number == 0:
            builder.add_prices(mean_group_prices(table.resources, prices))
        elif not add_cheaper_ways(
            builder, table, price_lots(table, order_by_id, prices), least_priced(problem, prices)
        ):
            break
        table = builder.build(lots, orders)
    problem, _ = presolve(table.problem)
    prices = find_prices(problem, watch, until=until)
    if builder.is_complete:
        return table, None, prices
    bound = _bound_all_ways(table, problem, order_by_id, prices)
    if is_cut:  # prices of few options may be far too high where all ways are considered
        bound = max(bound, _bound_all_ways(table, problem, order_by_id, np.zeros_like(prices)))
    return table, bound, prices


def _bound_all_ways(table: OptionTable, problem: PlanningProblem, order_by_id: dict[str, Order], prices: Ints) -> int:
    weights = np.array([priced.weight for priced in price_lots(table, order_by_id, prices)], dtype=np.int64)
    return lagrangian_bound(problem, prices, weights)


def price_lots(
    table: OptionTable, order_by_id: dict[str, Order], prices: Ints, limits: Ints | None = None
) -> list[PricedWay]:
    """Return the cheapest of all ways to serve each lot at the prices, within ``limits``, [R], if they are less."""
    most = table.problem.largest_capacity() if limits is None else limits
    pricer = LotPricer(table.resources, Market(prices, most))
    return [pricer.cheapest(lot, order_by_id[lot.order]) for lot in table.lots]


def add_cheaper_ways(builder: OptionBuilder, table: OptionTable, priced_ways: list[PricedWay], best: Ints) -> bool:
    """Add the ways that beat ``best``, the options of each lot at the same prices; return whether there were any."""
    found = False
    for lot, priced, least in zip(table.lots, priced_ways, best.tolist(), strict=True):
        # less than a cent may be the rounding that weights leave out
        if priced.way is not None and priced.delivery is not None and priced.weight < least - PRICE_SCALE:
            builder.add_way(lot, priced.way, priced.delivery)
            found = True
    return found


def mean_group_prices(resources: Resources, prices: Ints) -> dict[tuple[str, str], int]:
    """Return the price of each machine group, the mean over the weeks; zeros are left out."""
    by_group = prices[: len(resources.groups) * resources.weeks].reshape(-1, resources.weeks).mean(axis=1)
    names = [(workshop.id, group.id) for workshop, group in resources.groups]
    return {name: round(price) for name, price in zip(names, by_group.tolist(), strict=True) if round(price)}
