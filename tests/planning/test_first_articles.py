"""First articles: one unit is made and checked before the rest of its lot is begun."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from planning.brute_force import costs_beside, solve_by_brute_force
from planning.planned import PROVED, PROVENANCE, audited, planned, tabled
from planning.tiny_regions import random_region

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.fixes import apply_fix, is_applicable
from cosmolocal.planning.free_room import find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.promises import PromiseDesk
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.rounds import price_lots
from cosmolocal.planning.solvers.relaxation import lagrangian_bound, least_priced
from cosmolocal.records import CapacityPeriod, LotState, Order, Plan, Region, from_plain, to_plain

SEEDS = range(160)
#: one workshop per lot, one maker per part, one route: hardly any option
NARROW = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1}


def gated(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region with weeks enough, in which most orders ask for a first article."""
    region, orders = random_region(seed)
    weeks = region.settings.weeks + seed % 3
    settings = replace(region.settings, weeks=weeks, first_article_weeks=(1, 1, 0, 2)[seed % 4])
    asked = tuple(replace(order, first_article=(seed + number) % 4 > 0) for number, order in enumerate(orders))
    return replace(region, settings=settings), asked


@cache
def gated_plan(seed: int) -> Plan:
    return planned(*gated(seed))


@cache
def best_gated(seed: int) -> Plan:
    return solve_by_brute_force(*gated(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_solver_costs_what_the_oracle_costs(seed: int):
    """Proved best, right for the audit, and no dearer than the best of all plans there are."""
    region, orders = gated(seed)
    plan = gated_plan(seed)
    assert audited(plan, region, orders).problems == ()
    assert plan.cost_cents == plan.bound_cents == best_gated(seed).cost_cents


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_any_ways_beats_the_bound_of_a_few_options(seed: int, rounds: int):
    """Oracle: brute force over all ways."""
    region, orders = gated(seed)
    narrow = replace(region, settings=replace(region.settings, **NARROW, price_rounds=rounds))
    plan = planned(narrow, orders)
    assert plan.bound_cents <= best_gated(seed).cost_cents <= plan.cost_cents


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
        at_once = {order.id for order in orders if order.release_date is None}
        free = np.array([lot.order in at_once for lot in table.lots])
        assert (capped > best - 2 * 1000)[free].all()
    assert lagrangian_bound(problem, prices, capped) <= lagrangian_bound(problem, prices)


def test_the_regions_are_worth_solving():
    """First articles with parts brought from elsewhere, late ones, and some that cannot be had occur."""
    rows = [row for seed in SEEDS for row in best_gated(seed).allocations if row.first_tasks]
    assert len(rows) > len(SEEDS) // 4
    assert sum(any(leg.first for leg in row.legs) for row in rows) > 5
    assert sum(row.cost.late_weeks > 0 for row in rows) > 5
    assert sum(len(row.first_tasks) > 1 for row in rows) > 10


@pytest.mark.parametrize("seed", range(60))
def test_nothing_of_the_rest_is_begun_before_the_first_article_is_whole_and_checked(seed: int):
    """The gate in one sentence, said without the model's words."""
    region, orders = gated(seed)
    wanted = {order.id for order in orders if order.first_article and order.quantity > 1}
    for row in gated_plan(seed).allocations:
        assert bool(row.first_tasks) == (row.order in wanted)
        if row.first_article is not None:
            weeks = region.settings.first_article_weeks
            assert row.batch_week >= max(task.week for task in row.first_tasks) + weeks
            assert [task.path for task in row.first_tasks] == [task.path for task in row.batch_tasks]
            pieces = [one.quantity + rest.quantity for one, rest in zip(row.first_tasks, row.batch_tasks, strict=True)]
            assert pieces[0] == row.quantity


def test_an_order_of_one_unit_is_its_own_first_article():
    region, orders = random_region(3)
    single = [replace(order, quantity=1, minimum_lot=1, splittable=False) for order in orders]
    asked = [replace(order, first_article=True) for order in single]
    assert planned(region, asked) == planned(region, single)


@pytest.mark.parametrize("seed", range(60))
def test_a_first_article_never_makes_a_plan_cheaper_where_nothing_is_scarce(seed: int):
    """Law: with room for all, and one mode, so that a smaller load cannot take a cheaper one.

    Where machines are scarce it may: a lot too large for one week may find room in two.
    """
    region, orders = random_region(seed)
    roomy = tuple(
        replace(
            shop, groups=tuple(replace(group, periods=(CapacityPeriod(9_000, 9_000, 9_000),)) for group in shop.groups)
        )
        for shop in region.workshops
    )
    network = replace(region.network, modes=region.network.modes[-1:], weekly_capacity_kg=None, links=())
    settings = replace(region.settings, fairness_cents_per_hour=0, weeks=5)
    region = replace(region, workshops=roomy, network=network, settings=settings)
    whole = [replace(order, splittable=False) for order in orders]
    cost = planned(region, whole).cost_cents
    for number in range(len(whole)):
        asked = [replace(order, first_article=nth <= number) for nth, order in enumerate(whole)]
        before, cost = cost, planned(region, asked).cost_cents
        assert cost >= before


def test_a_plan_without_first_articles_is_written_as_before():
    """So that the ids and files of older plans stay what they are."""
    region, orders = random_region(0)
    plain = to_plain(planned(region, orders))
    assert "first_article_weeks" not in plain["settings"]
    assert not any("first" in task for row in plain["allocations"] for task in (*row["tasks"], *row["legs"]))
    asked = planned(region, [replace(order, first_article=True, splittable=False) for order in orders])
    assert asked.settings["first_article_weeks"] == 1
    assert from_plain(Plan, to_plain(asked)) == asked


@pytest.mark.parametrize("seed", range(120))
def test_quotes_are_all_ways_there_are_cheapest_first(seed: int):
    """Oracle: brute force over all ways and weeks beside a plan."""
    region, orders = gated(seed)
    *others, last = orders
    order = replace(last, splittable=False, first_article=True)
    plan = planned(region, others)
    resources = Resources(Ground(region))
    desk = PromiseDesk(resources, find_loads(resources, plan.allocations))
    search, costs = desk.search(order), costs_beside(region, plan, order)
    offers = [] if search is None else search.offers(search.weeks())
    assert [offer.total_cents for offer in offers] == sorted(cents for _, cents in costs)
    found = desk.promise(order)
    assert found.is_proved
    offered = None if found.offer is None else (found.offer.allocation.week, found.offer.total_cents)
    assert offered == min(costs, default=None)
    assert offered is not None or found.reasons
    for fix in found.fixes:
        if is_applicable(fix):
            changed, (wanted,) = apply_fix(region, (order,), fix)
            again = Resources(Ground(changed))
            assert PromiseDesk(again, find_loads(again, plan.allocations)).promise(wanted).offer is not None


def follow(seed: int, said: LotState | None, weeks_later: int = 0, asked: bool = True) -> tuple[Plan, Plan, Region]:
    """Return a plan with first articles, the one that follows it, and the region then."""
    region, orders = gated(seed)
    before = gated_plan(seed)
    states = {row.lot: said for row in before.allocations} if said is not None else {}
    start = region.settings.start_date + timedelta(weeks=weeks_later)
    later = replace(region, settings=replace(region.settings, start_date=start))
    now = orders if asked else tuple(replace(order, first_article=False) for order in orders)
    plan = replan_orders(later, now, PROVENANCE, PROVED, Previous(before, states, most_moves=0))
    assert audited(plan, later, now).problems == ()
    return before, plan, later


@pytest.mark.parametrize("seed", range(30))
def test_accepted_lots_keep_their_first_article_where_it_was(seed: int):
    before, plan, _ = follow(seed, LotState.ACCEPTED)
    kept = {row.lot: row for row in plan.allocations}
    for row in before.allocations:
        assert (kept[row.lot].tasks, kept[row.lot].legs) == (row.tasks, row.legs)


@pytest.mark.parametrize("seed", range(30))
def test_a_lot_is_started_once_the_week_of_its_first_article_is_past(seed: int):
    before, plan, _ = follow(seed, None, weeks_later=1)
    assert plan.changes is not None
    state = {row.lot: row.state for row in plan.changes.earlier}
    for row in before.allocations:
        if row.first_tasks and row.week >= 1 and min(task.week for task in row.first_tasks) < 1:
            assert state[row.lot] is LotState.STARTED
            [now] = [each for each in plan.allocations if each.lot == row.lot]
            assert now.week == row.week - 1


@pytest.mark.parametrize("seed", range(12))
def test_a_lot_whose_order_no_longer_asks_for_one_is_hindered_by_that(seed: int):
    before, plan, _ = follow(seed, LotState.ACCEPTED, asked=False)
    assert plan.changes is not None
    gated_lots = {row.lot for row in before.allocations if row.first_tasks}
    assert not any(task.first for row in plan.allocations for task in row.tasks)
    for row in plan.changes.earlier:
        if row.lot in gated_lots and row.hindrance is not None:
            assert row.hindrance.code in ("no-first-article", "other-quantity")
