"""Lots that share trips, and hubs: against the oracle, and laws."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from planning.brute_force import costs_beside, solve_by_brute_force
from planning.planned import PROVED, PROVENANCE, audited, planned
from planning.shared_regions import shared_region, two_lots
from planning.workbench import Case, edit, leaves, look, spoil

from cosmolocal.network.transport import ceil_div, choose_haul, load_kg, one_trip
from cosmolocal.planning.audit import CODES
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.free_room import find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.promises import PromiseDesk
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.shared_trips import split_cents
from cosmolocal.planning.solvers.solution import SolveSettings
from cosmolocal.records import LotState, Plan, PlanStatus

SEEDS = range(120)
NARROW = {"workshops_per_lot": 1, "makers_per_part": 1, "routes_per_workshop": 1}


@cache
def shared_plan(seed: int) -> Plan:
    return planned(*shared_region(seed))


@cache
def best_shared(seed: int) -> Plan:
    return solve_by_brute_force(*shared_region(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_with_shared_trips_the_solver_costs_what_the_oracle_costs(seed: int):
    region, orders = shared_region(seed)
    plan = shared_plan(seed)
    assert audited(plan, region, orders).problems == ()
    assert (plan.status, plan.bound_cents) == (PlanStatus.OPTIMAL, plan.cost_cents)
    assert plan.cost_cents == best_shared(seed).cost_cents


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_any_ways_beats_the_bound_of_a_few_options(seed: int, rounds: int):
    """Oracle: brute force over all ways, modes and hubs."""
    region, orders = shared_region(seed)
    best = best_shared(seed)
    narrow = replace(region, settings=replace(region.settings, **NARROW, price_rounds=rounds))
    plan = plan_orders(narrow, orders, Provenance("tiny", {}), SolveSettings(seconds=10, gap=0.0))
    assert audited(plan, narrow, orders).problems == ()
    assert plan.bound_cents <= best.cost_cents <= plan.cost_cents


def test_the_shared_regions_are_worth_solving():
    """Lots share trips, pass through hubs, and hubs get full."""
    plans = [shared_plan(seed) for seed in SEEDS]
    legs = [[leg for row in plan.allocations for leg in row.legs if leg.trips == 0] for plan in plans]
    trips = [len(plan.trips) for plan in plans]
    assert sum(len(each) > count for each, count in zip(legs, trips, strict=True)) >= 10
    assert sum(any(is_by_hub(row) for row in plan.allocations) for plan in plans) >= 3
    assert sum(any(price.resource == "hub" for price in plan.prices) for plan in plans) >= 1
    assert sum(any(trip.trips > 1 for trip in plan.trips) for plan in plans) >= 10


def is_by_hub(row: Any) -> bool:
    return any((one.path, one.first) == (other.path, other.first) for one, other in pairwise(row.legs))


@pytest.mark.parametrize("seed", range(40))
def test_sharing_never_costs_more_than_not_sharing_at_the_same_choice(seed: int):
    """Law: money, CO2e and metres of the trips of any legs are at most those of trips of their own."""
    region, _ = shared_region(seed)
    modes = {mode.id: mode for mode in region.network.modes}
    plan = shared_plan(seed)
    units = {row.lot: row.quantity for row in plan.allocations}
    for trip in plan.trips:
        apart = []
        for row in plan.allocations:
            for leg in row.legs:
                if (leg.from_place, leg.to_place, leg.mode, leg.week) == key_of(trip):
                    pieces = next(t.quantity for t in row.tasks if (t.path, t.first) == (leg.path, leg.first))
                    pieces = pieces if leg.path else units[row.lot]
                    apart.append(
                        choose_haul([modes[leg.mode]], (leg.mass_g // pieces, pieces), leg.distance_m, 0, None)
                    )
        assert trip.trips <= sum(haul.trips for haul in apart if haul)
        assert trip.cents <= sum(haul.cents for haul in apart if haul)
        assert trip.co2e_g <= sum(haul.co2e_g for haul in apart if haul)


def key_of(trip: Any) -> tuple[str, str, str, int]:
    return trip.from_place, trip.to_place, trip.mode, trip.week


def test_two_lots_of_half_a_load_cost_one_trip():
    region, orders = two_lots()
    plan = planned(region, orders)
    [trip] = plan.trips
    assert (trip.trips, trip.load_kg, load_kg(region.network.modes[0])) == (1, 20, 20)
    cost = one_trip(region.network.modes[0], trip.distance_m, region.settings)
    assert plan.trips_cents == trip.total_cents == cost.total_cents
    assert [leg.share_cents for row in plan.allocations for leg in row.legs] == split_cents(cost.total_cents, [10, 10])
    alone = planned(replace(region, network=replace(region.network, share_trips=False)), orders)
    assert alone.trips == ()
    assert plan.cost_cents < alone.cost_cents


@pytest.mark.parametrize("seed", range(50))
def test_split_cents_add_up_and_are_within_a_cent(seed: int):
    dice = random.Random(seed)
    weights = [dice.randint(1, 9) for _ in range(dice.randint(1, 7))]
    cents = dice.randint(0, 1_000)
    shares = split_cents(cents, weights)
    assert sum(shares) == cents
    for share, weight in zip(shares, weights, strict=True):
        assert cents * weight // sum(weights) <= share <= ceil_div(cents * weight, sum(weights))


@pytest.mark.parametrize("seed", range(60))
def test_a_quote_costs_what_the_lot_adds_to_the_trips_that_are_made_anyway(seed: int):
    """Oracle: brute force over all ways of one more order beside a plan."""
    region, orders = shared_region(seed)
    *others, last = orders
    plan, order = planned(region, others), replace(last, splittable=False)
    resources = Resources(Ground(region))
    desk = PromiseDesk(resources, find_loads(resources, plan.allocations))
    costs, found, cheapest = costs_beside(region, plan, order), desk.promise(order), desk.promise(order, cheapest=True)
    assert found.is_proved
    assert (found.offer is None) == (not costs)
    if found.offer is not None and cheapest.offer is not None:
        assert (found.offer.allocation.week, found.offer.total_cents) == min(costs)
        assert cheapest.offer.total_cents == min(cents for _, cents in costs)


@pytest.mark.parametrize("most_moves", [0, 1, None])
@pytest.mark.parametrize("seed", range(30))
def test_a_plan_that_follows_another_passes_its_audit_and_keeps_what_is_promised(seed: int, most_moves: int | None):
    region, orders = shared_region(seed)
    first = shared_plan(seed)
    said = {row.lot: LotState.ACCEPTED for row in first.allocations[::2]}
    previous = Previous(first, states=said, most_moves=most_moves, move_cents=40)
    dice = random.Random(seed)
    shops = tuple(
        replace(
            shop,
            groups=tuple(replace(group, hourly_cost_cents=dice.choice((300, 2_000, 9_000))) for group in shop.groups),
        )
        for shop in region.workshops
    )
    dearer = replace(region, workshops=shops)
    plan = replan_orders(dearer, orders, PROVENANCE, PROVED, previous)
    assert audited(plan, dearer, orders).problems == ()
    assert plan.bound_cents <= plan.cost_cents
    rows = {row.lot: row for row in plan.allocations}
    before = {row.lot: row for row in first.allocations}
    assert plan.changes is not None
    kept = [row.lot for row in plan.changes.earlier if row.state is LotState.ACCEPTED and row.hindrance is None]
    for lot in kept:
        assert [leg.mode for leg in rows[lot].legs] == [leg.mode for leg in before[lot].legs]
    assert plan.cost_cents >= solve_by_brute_force(dearer, orders).cost_cents


@pytest.mark.parametrize("seed", range(40))
def test_the_bound_of_a_few_options_holds_for_all_ways_around_what_is_kept(seed: int):
    """Oracle: the plan under the same rules of which all ways are options, proved best."""
    region, orders = shared_region(seed)
    first = shared_plan(seed)
    said = {row.lot: LotState.ACCEPTED for row in first.allocations[:1]}
    previous = Previous(first, states=said, most_moves=None)
    dearer = replace(region, settings=replace(region.settings, co2e_cents_per_kg=900, lateness_percent_per_week=0))
    best = replan_orders(dearer, orders, PROVENANCE, PROVED, previous)
    assert best.status is PlanStatus.OPTIMAL
    narrow = replace(dearer, settings=replace(dearer.settings, **NARROW, price_rounds=seed % 3))
    plan = replan_orders(narrow, orders, PROVENANCE, SolveSettings(seconds=10, gap=0.0), previous)
    assert audited(plan, narrow, orders).problems == ()
    assert plan.bound_cents <= best.cost_cents <= plan.cost_cents


@cache
def right_case() -> Case:
    """Return a plan in which lots share trips, one of them by a hub that is limited."""
    for seed in SEEDS:
        region, orders = shared_region(seed)
        plan = shared_plan(seed)
        by_hub = any(is_by_hub(row) for row in plan.allocations)
        if by_hub and any(place.weekly_capacity_kg for place in region.places):
            return Case(plan, region, orders)
    raise AssertionError


def spoilt(path: str, value: Any) -> Callable[[], Case]:
    def plant() -> Case:
        case = right_case()
        new = value(look(case.plan, path)) if callable(value) else value
        return replace(case, plan=edit(case.plan, path, new))

    return plant


def hub_full() -> Case:
    case = right_case()
    places = tuple(replace(place, weekly_capacity_kg=0) if place.id == "hub" else place for place in case.region.places)
    return replace(case, region=replace(case.region, places=places))


def by_no_hub() -> Case:
    case = right_case()
    number = next(number for number, row in enumerate(case.plan.allocations) if is_by_hub(row))
    row = case.plan.allocations[number]
    legs = tuple(replace(leg, to_place="place-0") if leg.to_place == "hub" else leg for leg in row.legs)
    return replace(case, plan=edit(case.plan, f"allocations.{number}.legs", legs))


def without_a_trip() -> Case:
    case = right_case()
    return replace(case, plan=replace(case.plan, trips=case.plan.trips[1:]))


#: planted faults by the rule that must find them
FAULTS: dict[str, list[Callable[[], Case]]] = {
    "P036": [spoilt("allocations.0.legs.0.trips", 1)],
    "P130": [spoilt("allocations.0.legs.0.mode", "sledge")],
    "P131": [by_no_hub],
    "P132": [
        without_a_trip,
        spoilt("trips.0.load_kg", lambda old: old + 1),
        spoilt("trips.0.trips", lambda old: old + 1),
        spoilt("trips.0.cents", lambda old: old - 1),
    ],
    "P133": [spoilt("trips_cents", lambda old: old - 1)],
    "P134": [hub_full],
    "P135": [spoilt("allocations.0.legs.0.share_cents", lambda old: old + 1)],
}


def test_every_rule_of_shared_trips_has_its_faults():
    assert {code for code in FAULTS if code >= "P130"} == {code for code in CODES if code >= "P130"}
    report = right_case().audit()
    assert report.problems == ()
    assert all(report.checked[code] for code in FAULTS)


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_of_shared_trips_is_caught_under_its_code(code: str):
    for plant in FAULTS[code]:
        assert code in plant().codes()


def test_no_value_of_a_plan_with_shared_trips_can_be_changed_unseen():
    case = right_case()
    unseen = [
        path
        for path in leaves(case.plan)
        if not path.startswith(("prices", "unmet"))
        if not replace(case, plan=edit(case.plan, path, spoil(look(case.plan, path)))).codes()
    ]
    assert unseen == []


def test_shares_add_up_to_what_trips_cost():
    for seed in SEEDS:
        plan = shared_plan(seed)
        shares = sum(leg.share_cents for row in plan.allocations for leg in row.legs)
        assert shares == plan.trips_cents == sum(trip.total_cents for trip in plan.trips)
