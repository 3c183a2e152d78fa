"""The bound holds for all ways there are, however few of them are options."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from planning.brute_force import solve_by_brute_force
from planning.planned import tabled
from planning.tiny_regions import random_region

from cosmolocal.errors import InputError
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.pricing import LotPricer
from cosmolocal.planning.rounds import price_lots
from cosmolocal.planning.solvers.flow import is_flow
from cosmolocal.planning.solvers.packing import read_packable
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.relaxation import lagrangian_bound, least_priced
from cosmolocal.planning.solvers.solution import SOLVERS, SolveSettings
from cosmolocal.planning.tariffs import Market
from cosmolocal.records import Order, Plan, Region

#: one workshop per lot, one maker per part, one route: hardly any option
NARROW = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1}
NARROWED = range(100, 130)
WIDE = {"workshops_per_lot": 99, "makers_per_part": 99, "routes_per_workshop": 999}


@cache
def narrow_plan(seed: int, rounds: int) -> Plan:
    """Return the plan of a tiny region of which few ways are options."""
    region, orders = random_region(seed)
    narrow = replace(region, settings=replace(region.settings, **NARROW, price_rounds=rounds))
    return plan_orders(narrow, orders, Provenance("tiny", {}), SolveSettings(seconds=10, gap=0.0))


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_any_ways_beats_the_bound_of_a_few_options(seed: int, rounds: int):
    """Oracle: brute force over all ways."""
    best, plan = solve_by_brute_force(*random_region(seed)), narrow_plan(seed, rounds)
    assert plan.bound_cents <= best.cost_cents <= plan.cost_cents


@pytest.mark.parametrize("seed", range(60))
def test_the_cheapest_of_all_ways_is_never_dearer_than_any_option(seed: int):
    """Law: at any prices, pricing by dynamic programming and pricing each option agree but for rounding."""
    region, orders = random_region(seed)
    region = replace(region, settings=replace(region.settings, **WIDE))
    ground = Ground(region)
    builder = OptionBuilder(ground)
    table = builder.build(cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order), orders)
    random = np.random.default_rng(seed)
    prices = random.integers(0, 400, table.problem.resource_count) * random.integers(0, 2, table.problem.resource_count)
    weights = [priced.weight for priced in price_lots(table, {order.id: order for order in orders}, prices)]
    capped = np.minimum(weights, table.problem.unmet_cost * 1000)
    best = least_priced(table.problem, prices)
    assert builder.is_complete
    possible = table.problem.use_amount <= table.problem.largest_capacity()[table.problem.use_resource]
    if possible.all():
        # CO2e and distance are rounded up to cents in options: less than two cents a lot
        assert (capped <= best).all()
        assert (capped > best - 2 * 1000).all()
    assert lagrangian_bound(table.problem, prices, capped) <= lagrangian_bound(table.problem, prices)


class WeighedMarket(Market):
    """A market in which each load is weighed on each limited link, also where that comes to nothing."""

    def carried_free(self, resources: Resources) -> int:  # noqa: ARG002 - as the tariff's
        return -1


@pytest.mark.parametrize("seed", range(60))
def test_what_passes_limited_links_for_nothing_weighs_the_same_where_it_is_weighed(seed: int):
    """Law: leaving links out whose prices are 0 and whose limits all loads keep changes no weight."""
    region, orders = random_region(seed)
    ground = Ground(region)
    lots = cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)
    table = OptionBuilder(ground).build(lots, orders)
    resources, order_of = table.resources, {order.id: order for order in orders}
    prices = np.random.default_rng(seed).integers(0, 400, table.problem.resource_count)
    prices[len(resources.groups) * resources.weeks : resources.fair_start] = 0
    weights = [
        [LotPricer(resources, kind(prices, table.problem.largest_capacity())).cheapest(lot, order_of[lot.order]).weight
         for lot in lots]
        for kind in (Market, WeighedMarket)
    ]  # fmt: skip
    assert weights[0] == weights[1]


def test_rounds_of_prices_find_cheaper_plans():
    """Why rounds: some region's narrow options get better by the ways that prices point to."""
    gains = 0
    for seed in range(40):
        costs = [narrow_plan(seed, rounds).cost_cents for rounds in (0, 3)]
        assert costs[1] <= costs[0]
        gains += costs[1] < costs[0]
    assert gains > 0


@pytest.mark.parametrize("seed", range(40))
def test_the_bound_of_a_few_options_holds_with_narrow_links_and_fairness(seed: int):
    """Oracle: brute force over all ways, in regions where every link has a limit and unfair hours cost."""
    region, orders = random_region(seed)
    settings = replace(region.settings, fairness_cents_per_hour=400)
    region = replace(region, settings=settings, network=replace(region.network, weekly_capacity_kg=12))
    narrow = replace(region, settings=replace(settings, **NARROW, price_rounds=seed % 4))
    plan = plan_orders(narrow, orders, Provenance("tiny", {}), SolveSettings(seconds=10, gap=0.0))
    assert plan.bound_cents <= solve_by_brute_force(region, orders).cost_cents <= plan.cost_cents


def narrowed(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a region with few options, by turns plain, with fairness, and with narrow links as well."""
    region, orders = random_region(seed)
    fairness = (0, 400, 400)[seed % 3]
    network = replace(region.network, weekly_capacity_kg=12 if seed % 3 == 2 else None, links=())
    settings = replace(region.settings, **NARROW, price_rounds=seed % 2, fairness_cents_per_hour=fairness)
    return replace(region, settings=settings, network=network), orders


@pytest.mark.parametrize("seed", NARROWED)
def test_the_bound_of_a_few_options_holds_whichever_solver_finds_it(seed: int):
    """Oracle: brute force over all ways. A packing and a flow know of the options only: they prove too much alone."""
    region, orders = narrowed(seed)
    best = solve_by_brute_force(region, orders).cost_cents
    for solver in SOLVERS:
        settings = SolveSettings(0.2 if solver == "prices" else 10, 0.0, 0, solver)
        try:
            plan = plan_orders(region, orders, Provenance("tiny", {}), settings)
        except InputError as error:
            assert (solver, error.problems[0].code) == ("flow", "P093")
            continue
        assert plan.bound_cents <= best <= plan.cost_cents


def test_of_these_some_are_packings_or_flows_some_have_parts_fair_loads_links_and_split_lots():
    """Some of each kind have ways that are no options, for else the bound would have nothing to prove."""
    seen: Counter[str] = Counter()
    for seed in NARROWED:
        region, orders = narrowed(seed)
        table = tabled(region, orders)
        if table.builder.is_complete:
            continue
        problem, _ = presolve(table.options.problem)
        resources, used = table.options.resources, table.options.problem.use_resource
        links = range(len(resources.groups) * resources.weeks, resources.fair_start)
        seen["packing"] += read_packable(problem) is not None
        seen["flow"] += problem.option_count > 0 and is_flow(problem)
        seen["parts"] += any(len(way.way.children) > 0 for way in table.options.ways)
        seen["fair loads"] += resources.is_fair
        seen["links"] += bool(np.isin(used, links).any())
        seen["split lots"] += len({lot.order for lot in table.options.lots}) < len(table.options.lots)
    assert min(seen[kind] for kind in ("packing", "flow", "parts", "fair loads", "links", "split lots")) > 0, seen
