"""First articles: one unit is made and checked before the rest of its lot is begun."""

from dataclasses import replace

import numpy as np
import pytest
from planning.brute_force import solve_by_brute_force
from planning.planned import PROVED, audited, planned, tabled
from planning.tiny_regions import random_region

from cosmolocal.planning.plans import price_lots
from cosmolocal.planning.solvers.relaxation import lagrangian_bound, least_priced
from cosmolocal.records import Order, Region

SEEDS = range(160)
#: one workshop per lot, one maker per part, one route: hardly any option
NARROW = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1}


def gated(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region with weeks enough, in which most orders ask for a first article."""
    region, orders = random_region(seed)
    settings = replace(region.settings, weeks=region.settings.weeks + seed % 3, first_article_weeks=(1, 1, 0, 2)[seed % 4])
    asked = tuple(replace(order, first_article=(seed + number) % 4 > 0) for number, order in enumerate(orders))
    return replace(region, settings=settings), asked


@pytest.mark.parametrize("seed", SEEDS)
def test_the_solver_costs_what_the_oracle_costs(seed: int):
    """Proved best, right for the audit, and no dearer than the best of all plans there are."""
    region, orders = gated(seed)
    plan = planned(region, orders)
    assert audited(plan, region, orders).problems == ()
    assert plan.cost_cents == plan.bound_cents == solve_by_brute_force(region, orders).cost_cents


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_any_ways_beats_the_bound_of_a_few_options(seed: int, rounds: int):
    """Oracle: brute force over all ways."""
    region, orders = gated(seed)
    narrow = replace(region, settings=replace(region.settings, **NARROW, price_rounds=rounds))
    plan = planned(narrow, orders)
    assert plan.bound_cents <= solve_by_brute_force(region, orders).cost_cents <= plan.cost_cents


@pytest.mark.parametrize("seed", range(80))
def test_the_bound_of_a_few_options_holds_with_narrow_links_and_fairness(seed: int):
    region, orders = gated(seed)
    settings = replace(region.settings, fairness_cents_per_hour=400)
    region = replace(region, settings=settings, network=replace(region.network, weekly_capacity_kg=12))
    narrow = replace(region, settings=replace(settings, **NARROW, price_rounds=seed % 4))
    plan = planned(narrow, orders)
    assert plan.bound_cents <= solve_by_brute_force(region, orders).cost_cents <= plan.cost_cents


@pytest.mark.parametrize("seed", range(80))
def test_the_cheapest_of_all_ways_is_never_dearer_than_any_option(seed: int):
    """Law: at any prices, pricing by dynamic programming and pricing each option agree but for rounding."""
    region, orders = gated(seed)
    table = tabled(region, orders).options
    problem, random = table.problem, np.random.default_rng(seed)
    prices = random.integers(0, 400, problem.resource_count) * random.integers(0, 2, problem.resource_count)
    weights = [priced.weight for priced in price_lots(table, {order.id: order for order in orders}, prices)]
    capped = np.minimum(weights, problem.unmet_cost * 1000)
    best = least_priced(problem, prices)
    if (problem.use_amount <= problem.largest_capacity()[problem.use_resource]).all():
        assert (capped <= best).all()
        # of lots that may be begun at once: pricing leaves the release of parts out
        free = np.array([order.release_date is None for order in orders for lot in table.lots if lot.order == order.id])
        by_lot = {order.id: order.release_date is None for order in orders}
        free = np.array([by_lot[lot.order] for lot in table.lots])
        assert (capped > best - 2 * 1000)[free].all()
    assert lagrangian_bound(problem, prices, capped) <= lagrangian_bound(problem, prices)
