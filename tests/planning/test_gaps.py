"""Unmet hours, held against a count by the audit's formulas; the worth of an hour, against planning with one more."""

from collections import Counter, defaultdict
from dataclasses import replace
from fractions import Fraction

import pytest
from planning.brute_force import highest, solve_by_brute_force
from planning.tiny_regions import random_region
from planning.town import town

from cosmolocal.errors import InputError
from cosmolocal.planning.audit.costs import count_minutes
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.fits import find_obstacles
from cosmolocal.planning.audit.weeks import week_of
from cosmolocal.planning.gaps import find_gaps
from cosmolocal.planning.next_best import Asked, check_hour
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Order, Plan, Reason, Region, Unmet, WorkshopStatus


def all_unmet(region: Region, orders: tuple[Order, ...]) -> Plan:
    """Return a plan in which every lot is imported because machines are full."""
    plan = solve_by_brute_force(region, orders)
    made = [Unmet(row.lot, row.order, row.design, row.quantity, row.cost) for row in plan.allocations]
    unmet = tuple(replace(row, reasons=(Reason("capacity"),)) for row in (*made, *plan.unmet))
    return replace(plan, allocations=(), unmet=unmet)


def by_hand(region: Region, orders: tuple[Order, ...]) -> tuple[Counter, Counter]:
    """Return least and mean minutes by process and place, counted as the audit counts minutes."""
    facts, least, mean = Facts(region, orders, highest), Counter(), Counter()
    for demand in facts.demands.values():
        for node in demand.exploded.nodes if demand.exploded.fault is None else ():
            for operation in node.part.operations:
                quantity = demand.lot.quantity
                able = [
                    count_minutes(operation, group, node.quantity * quantity)
                    for shop in region.workshops
                    if shop.status is WorkshopStatus.ACTIVE
                    for group in shop.groups
                    if not find_obstacles(operation, group, quantity, facts.ancestors)
                ]
                if not able:
                    seconds = operation.setup_seconds + node.quantity * quantity * (operation.seconds or 0)
                    able = [-(-seconds // 60)]
                if operation.process is not None:
                    key = operation.process, demand.order.place
                    least[key] += min(able)
                    mean[key] += -(-Fraction(sum(able), len(able)) // 1)
    return least, mean


@pytest.mark.parametrize("seed", range(30))
def test_the_hours_of_all_weeks_are_those_that_the_audit_would_count(seed: int):
    region, orders = random_region(seed)
    gaps = find_gaps(all_unmet(region, orders), region, orders)
    least, mean = Counter(), Counter()
    for row in gaps.hours:
        least[row.process, row.place] += row.least_minutes
        mean[row.process, row.place] += row.mean_minutes
    assert (least, mean) == by_hand(region, orders)


@pytest.mark.parametrize("seed", range(30))
def test_they_lie_between_release_and_due_date_where_that_is_planned(seed: int):
    region, orders = random_region(seed)
    last, order_by_id = region.settings.weeks - 1, {order.id: order for order in orders}
    weeks_of_lot = defaultdict(set)
    for row in find_gaps(all_unmet(region, orders), region, orders).hours:
        for lot in row.lots:
            weeks_of_lot[lot].add(row.week)
    for lot, weeks in weeks_of_lot.items():
        order = order_by_id[lot.partition("/")[0]]
        release = 0 if order.release_date is None else max(0, week_of(order.release_date, region.settings))
        due = week_of(order.due_date, region.settings)
        assert weeks == set(range(min(release, last), max(min(release, last), min(due, last)) + 1))


def test_what_hours_do_not_mend_stands_apart_and_nothing_is_lost():
    region, orders = random_region(3)
    plan = all_unmet(region, orders)
    codes = ("capacity", "no-process", "too-large", "unknown-requirement", "radius", "gap")
    rows = tuple(
        replace(row, reasons=(Reason(code, {"process": "sewing"}),))
        for row, code in zip(plan.unmet * len(codes), codes, strict=False)
    )
    gaps = find_gaps(replace(plan, unmet=rows), region, orders)
    assert {row.reason for row in gaps.apart} == set(codes) - {"capacity", "too-large"}
    assert {row.reason for row in gaps.apart if row.is_for_machines} == {"no-process", "radius"}
    assert gaps.lots + sum(len(row.lots) for row in gaps.apart) == len(rows)


@pytest.fixture(scope="module")
def full_town() -> Asked:
    region, orders = town(5, 60)
    settings = SolveSettings(20, 0.005, solver="prices")
    plan = plan_orders(region, orders, Provenance("town", {}), settings)
    assert any(price.cents > 500 for price in plan.prices)
    return Asked(region, orders, plan)


def test_an_hour_saves_no_more_than_its_price_and_the_gap_of_the_plan(full_town: Asked):
    """For the prices of the plan the bound falls by no more than price × minutes when they are added."""
    plan = full_town.plan
    prices = sorted((price for price in plan.prices if "/" in price.resource), key=lambda price: -price.cents)
    for price in [*prices[:2], prices[-1]]:
        found = check_hour(full_town, price.resource, price.week, SolveSettings(3), Watch())
        assert found.added_minutes >= 60
        assert found.price_cents >= price.cents
        assert 0 <= found.saved_cents <= found.most_cents
        assert found.saved_cents <= found.price_cents + plan.cost_cents - plan.bound_cents


def test_the_worth_of_a_process_is_that_of_its_dearest_machine(full_town: Asked):
    gaps = find_gaps(full_town.plan, full_town.region, full_town.orders)
    assert gaps.worth
    for row in gaps.worth:
        same = [
            price.cents
            for price in full_town.plan.prices
            if price.week == row.week and price.resource.endswith(f"/{row.process}")
        ]
        assert row.cents == max(same)


@pytest.mark.parametrize(("resource", "week"), [("nowhere/saw", 0), ("shop-0/cutting", 99), ("shop-0", 0)])
def test_an_hour_that_there_is_not_is_refused(full_town: Asked, resource: str, week: int):
    with pytest.raises(InputError, match="P150"):
        check_hour(full_town, resource, week, SolveSettings(10), Watch())
