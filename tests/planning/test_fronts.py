"""Trade-offs against the true front, which trying every plan of tiny regions gives."""

import random
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product
from math import prod

import pytest
from planning.brute_force import Choice, Load, _Shared, highest, import_choice, list_choices
from planning.tiny_regions import random_region

from cosmolocal.exports.plan_file import plan_from_bytes, plan_to_bytes
from cosmolocal.planning.audit import audit_plan
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.weeks import basis_minutes
from cosmolocal.planning.carriage import Carried
from cosmolocal.planning.figures import find_figures
from cosmolocal.planning.fronts import FrontSettings, find_front
from cosmolocal.planning.fronts_by_limits import spread
from cosmolocal.planning.fronts_by_price import carry_again
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.offered import count_money
from cosmolocal.planning.options import OptionBuilder
from cosmolocal.planning.plans import Provenance
from cosmolocal.planning.solvers.solution import SolveSettings
from cosmolocal.planning.ways import Way, WayFinder
from cosmolocal.records import Aim, Allocation, Front, Order, Plan, Region, StoppedBy

SEEDS = range(40)
MOST_PLANS = 3_000
#: [cents per kg CO2e] at which modes are chosen when all plans are tried
PRICES = (0, 3, 20, 150, 1000)
Point = tuple[int, int]


def region_of(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region where some things are cheaper brought in than made."""
    region, orders = random_region(seed)
    dice = random.Random(seed)
    designs = tuple(
        replace(design, reference_price_cents=(design.reference_price_cents or 1000) // dice.choice((1, 4, 20, 60)))
        for design in region.designs
    )
    return replace(region, designs=designs), orders


def narrowed(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region of which few ways are options at first."""
    region, orders = region_of(seed)
    settings = replace(region.settings, workshops_per_lot=1, makers_per_part=1, routes_per_workshop=1, price_rounds=1)
    return replace(region, settings=settings), orders


@cache
def fronts_of(seed: int, aim: Aim) -> tuple[Region, tuple[Order, ...], Front, tuple[Plan, ...]]:
    """Return the front of a tiny region, proved."""
    region, orders = region_of(seed)
    settings = FrontSettings(aim, 4, SolveSettings(seconds=60.0, gap=0.0))
    front, plans = find_front(region, orders, Provenance("tiny", {}), settings)
    return region, orders, front, plans


@cache
def all_points(seed: int, aim: Aim) -> set[Point] | None:
    """Return (cost, value of the aim) of every plan there is; None: they are too many."""
    found: set[Point] = set()
    for price in PRICES if aim is Aim.CO2E else (0,):
        points = points_at(seed, price)
        if points is None:
            return None
        found |= points[aim]
    return found


@cache
def points_at(seed: int, price: int) -> dict[Aim, set[Point]] | None:
    """Return the points of every plan whose modes are chosen at a price of CO2e: of all aims where that is nothing."""
    region, orders = region_of(seed)
    facts = Facts(replace(region, settings=count_money(region.settings, price)), orders, highest)
    menus = [[*list_choices(facts, one), import_choice(facts, one)] for one in facts.demands.values()]
    if prod(len(menu) for menu in menus) > MOST_PLANS:
        return None
    points: dict[Aim, set[Point]] = {aim: set() for aim in (Aim if price == 0 else (Aim.CO2E,))}
    shared = _Shared(facts)
    for chosen in product(*menus):
        load: Load = sum((choice.load for choice in chosen), start=Counter())
        if shared.allows(load, load):
            cost = _cost(chosen) + sum(shared.find_cents(load)[::2])
            for aim, found in points.items():
                found.add((cost, _value(facts, chosen, aim, load)))
    return points


def _cost(chosen: tuple[Choice, ...]) -> int:
    return sum(choice.row.cost.money_cents + choice.row.cost.lateness_cents for choice in chosen)


def _value(facts: Facts, chosen: tuple[Choice, ...], aim: Aim, load: Load) -> int:
    if aim is Aim.CO2E:
        return sum(choice.row.cost.co2e_g for choice in chosen)
    if aim is Aim.FAIRNESS:
        minutes: Counter[str] = Counter()
        for key, amount in load.items():
            if key[0] == "minutes":
                minutes[key[1]] += amount
        bases = {name: basis_minutes(facts.workshops[name], facts.settings) for name in minutes}
        return max((-(-1000 * minutes[name] // basis) for name, basis in bases.items() if basis), default=0)
    share = facts.find_local_share({choice.row.lot for choice in chosen if isinstance(choice.row, Allocation)})
    return {Aim.UNITS: share.units, Aim.MASS: share.mass, Aim.SHARE: share.value}[aim] or 0


@pytest.mark.parametrize("aim", Aim)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_point_is_on_the_true_front_and_no_plan_is_below_the_bound(seed: int, aim: Aim) -> None:
    front = fronts_of(seed, aim)[2]
    points = all_points(seed, aim)
    if points is None:
        pytest.skip("too many plans to try them all")
    for cost, value in points:
        assert front.bound_cents(value) <= cost
    for point in front.points:
        value = point.figures.of(aim) or 0
        best = min(cost for cost, other in points if aim.is_as_good(other, value))
        assert point.bound_cents <= best <= point.figures.cost_cents
        if aim is not Aim.CO2E:
            # solved to the proof: the limit of each plan is kept at least cost
            assert best == point.figures.cost_cents


@pytest.mark.parametrize("aim", Aim)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_holds_for_ways_that_are_no_options(seed: int, aim: Aim) -> None:
    points = all_points(seed, aim)
    if points is None:
        pytest.skip("too many plans to try them all")
    region, orders = narrowed(seed)
    settings = FrontSettings(aim, 3, SolveSettings(seconds=60.0, gap=0.01))
    front, _ = find_front(region, orders, Provenance("tiny", {}), settings)
    assert all(front.bound_cents(value) <= cost for cost, value in points)


@pytest.mark.parametrize("aim", Aim)
@pytest.mark.parametrize("seed", SEEDS)
def test_plans_offered_pass_the_audit_and_none_beats_another(seed: int, aim: Aim) -> None:
    region, orders, front, plans = fronts_of(seed, aim)
    for plan, point in zip(plans, front.points, strict=True):
        price = int(str(plan.settings["co2e_cents_per_kg"]))
        own = replace(region, settings=count_money(region.settings, price))
        assert audit_plan(plan, own, orders, highest).problems == ()
        assert point.figures == find_figures(plan, own)
        assert point.plan == plan.id
    values = [(point.figures.cost_cents, point.figures.of(aim) or 0) for point in front.points]
    for nth, (cost, value) in enumerate(values):
        assert all(cost > other and not aim.is_as_good(better, value) for other, better in values[:nth])
    assert len({plan.id for plan in plans}) == len(plans)


@pytest.mark.parametrize("aim", Aim)
def test_the_audit_finds_a_plan_that_breaks_its_limit(aim: Aim) -> None:
    broken = 0
    for seed in SEEDS:
        region, orders, _, plans = fronts_of(seed, aim)
        for plan in (plan for plan in plans if plan.limits):
            price = int(str(plan.settings["co2e_cents_per_kg"]))
            own = replace(region, settings=count_money(region.settings, price))
            value = find_figures(plan, own).of(aim) or 0
            harder = replace(plan.limits[0], value=value + 1 if aim.is_share else value - 1)
            problems = audit_plan(replace(plan, limits=(harder,)), own, orders, highest).problems
            assert [problem.code for problem in problems] == ["P068"] * len(problems)
            broken += bool(problems)
    assert broken > 2


def test_limits_are_spread_evenly_and_each_is_harder_than_the_one_before() -> None:
    for first, last, points in product((0, 3, 500), (0, 7, 499, 1000), (2, 3, 5, 9)):
        values = spread(first, last, points)
        assert len(values) == min(points - 1, abs(last - first))
        steps = [abs(b - a) for a, b in zip([first, *values], values, strict=False)]
        assert not steps or (values[-1] == last and max(steps) - min(steps) <= 1 and min(steps) > 0)


def test_a_plan_file_names_limits_only_where_there_are_some() -> None:
    for seed in SEEDS:
        for plan in fronts_of(seed, Aim.FAIRNESS)[3]:
            told = plan_to_bytes(plan)
            assert (b'"limits"' in told) == bool(plan.limits)
            assert plan_from_bytes(told, "plan.json") == plan


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_that_begin_at_their_neighbours_pass_the_audit_and_keep_the_gap_of_cost(seed: int) -> None:
    region, orders = narrowed(seed)
    settings = FrontSettings(Aim.CO2E, 5, SolveSettings(seconds=60.0, gap=0.05))
    front, plans = find_front(region, orders, Provenance("tiny", {}), settings)
    for plan, point in zip(plans, front.points, strict=True):
        price = int(str(plan.settings["co2e_cents_per_kg"]))
        own = replace(region, settings=count_money(region.settings, price))
        assert audit_plan(plan, own, orders, highest).problems == ()
        if plan.stopped_by in (StoppedBy.GAP, StoppedBy.PROOF):
            lots = len(plan.allocations) + len(plan.unmet)
            assert point.figures.cost_cents - point.bound_cents <= 0.05 * point.figures.cost_cents + lots


def hauls(way: Way) -> list[Carried | None]:
    """Return what a way carries between workshops."""
    return [carried for each, _ in way.walk(0) for _, carried in each.children]


@pytest.mark.parametrize("seed", SEEDS)
def test_ways_of_another_price_are_carried_as_a_price_asks(seed: int) -> None:
    region, orders = region_of(seed)
    grounds = [Ground(replace(region, settings=count_money(region.settings, price))) for price in (0, 1000)]
    lots = cut_orders(orders, grounds[0].catalogue, region.settings.max_lots_per_order)
    tables = [OptionBuilder(ground).build(lots, orders) for ground in grounds]
    order_by_id = {order.id: order for order in orders}
    expected = {(way.lot, way.key): (hauls(way.way), way.delivery) for way in tables[1].ways}
    for way in tables[0].ways:
        lot = lots[way.lot]
        finder = WayFinder(grounds[1], lot.quantity, runs=grounds[1].runs(lot))
        found = carry_again(finder, way.way, order_by_id[lot.order])
        if (way.lot, way.key) in expected:
            assert found is not None
            assert (hauls(found[0]), found[1]) == expected[way.lot, way.key]
