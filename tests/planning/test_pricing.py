"""The bound holds for all ways there are, however few of them are options."""

from dataclasses import replace

import numpy as np
import pytest
from planning.brute_force import solve_by_brute_force
from planning.tiny_regions import random_region

from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder
from cosmolocal.planning.plans import Provenance, plan_orders, price_lots
from cosmolocal.planning.solvers.relaxation import lagrangian_bound, least_priced
from cosmolocal.planning.solvers.solution import SolveSettings

#: one workshop per lot, one maker per part, one route: hardly any option
NARROW = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1}
WIDE = {"workshops_per_lot": 99, "makers_per_part": 99, "routes_per_workshop": 999}


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_any_ways_beats_the_bound_of_a_few_options(seed: int, rounds: int):
    """Oracle: brute force over all ways."""
    region, orders = random_region(seed)
    best = solve_by_brute_force(region, orders)
    narrow = replace(region, settings=replace(region.settings, **NARROW, price_rounds=rounds))
    plan = plan_orders(narrow, orders, Provenance("tiny", {}), SolveSettings(seconds=10, gap=0.0))
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


def test_rounds_of_prices_find_cheaper_plans():
    """Why rounds: some region's narrow options get better by the ways that prices point to."""
    gains = 0
    for seed in range(40):
        region, orders = random_region(seed)
        costs = []
        for rounds in (0, 3):
            settings = replace(region.settings, **NARROW, price_rounds=rounds)
            narrow = replace(region, settings=settings)
            costs.append(plan_orders(narrow, orders, Provenance("tiny", {}), SolveSettings(10, 0.0)).cost_cents)
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
