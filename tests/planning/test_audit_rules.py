"""The audit's own arithmetic: distances, ways, weeks, bills of materials, matching, cost of carrying."""

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, permutations, product
from typing import Any

import pytest
from geopy.distance import geodesic
from planning.tiny_regions import random_region

from cosmolocal.planning.audit.boms import Catalogue
from cosmolocal.planning.audit.costs import count_minutes, find_carriage
from cosmolocal.planning.audit.fits import find_ancestors, find_obstacles
from cosmolocal.planning.audit.ways import Ways, geodesic_m
from cosmolocal.planning.audit.weeks import GroupWeek, fairness_cents, group_week, overtime_cents, week_of
from cosmolocal.records import (
    FAIR_LOAD_STEPS,
    BomLine,
    CapacityBasis,
    CapacityPeriod,
    Design,
    LinkRule,
    MachineGroup,
    Mode,
    Operation,
    Part,
    Process,
    Settings,
    Tolerance,
    Vocabulary,
    Workshop,
    WorkshopStatus,
)

MONDAY = date(2026, 9, 7)
SETTINGS = Settings(MONDAY, 4)


@pytest.mark.parametrize("seed", range(50))
def test_a_geodesic_agrees_with_an_independent_one_to_a_millimetre(seed: int) -> None:
    dice = random.Random(seed)
    reach = dice.choice((0.001, 0.1, 30.0))
    first = dice.uniform(-89, 89), dice.uniform(-180, 180)
    second = max(-89.0, min(89.0, first[0] + dice.uniform(-reach, reach))), first[1] + dice.uniform(-reach, reach)
    assert geodesic_m(first, second) == pytest.approx(geodesic(first, second).m, abs=1e-3)


def test_a_geodesic_holds_at_the_equator_the_poles_and_where_nothing_moves() -> None:
    for first, second in (((0, 0), (0, 1)), ((90, 0), (89, 77)), ((0, 179.9), (0, -179.9)), ((41, 2), (41, 2))):
        assert geodesic_m(first, second) == pytest.approx(geodesic(first, second).m, abs=1e-3)


def test_opposite_points_of_the_earth_are_good_to_0_6_percent() -> None:
    first, second = (0.3, 0.0), (-0.1, 179.8)
    assert geodesic_m(first, second) == pytest.approx(geodesic(first, second).m, rel=0.006)


@pytest.mark.parametrize("seed", range(40))
def test_the_shortest_way_is_the_least_of_all_simple_ways(seed: int) -> None:
    region, _ = random_region(seed)
    ways = Ways(region)
    names = [place.id for place in (*region.places, *region.workshops)]
    dice = random.Random(seed)
    for _ in range(3):
        start, end = dice.choice(names), dice.choice(names)
        between = [name for name in names if name not in (start, end)]
        stops = [stop for count in range(len(between) + 1) for stop in permutations(between, count)]
        vias = [(start, *stop, end) for stop in stops] if start != end else [(start,)]
        lengths = [(length, len(via), via) for via in vias if (length := ways.find_length_m(via)) is not None]
        shortest = min(lengths, default=None)
        assert ways.find_shortest(start, end) == (shortest and (shortest[0], shortest[2]))


def test_a_hub_links_places_that_are_not_linked_and_a_rule_does_too() -> None:
    region, _ = random_region(0)
    base = replace(region, places=tuple(replace(region.places[0], id=name) for name in ("a", "b")), workshops=())
    closed = replace(base, network=replace(base.network, links=()))
    assert Ways(closed).find_shortest("a", "b") is None
    ruled = replace(base, network=replace(base.network, links=(LinkRule("b", "a", 700),)))
    assert Ways(ruled).find_shortest("a", "b") == (700, ("a", "b"))
    assert Ways(ruled).find_shortest("a", "nowhere") is None


def workshop(group: MachineGroup, **more: Any) -> Workshop:
    return Workshop("shop", "Shop", 41.4, 2.1, (group,), **more)


def machines(**more: Any) -> MachineGroup:
    usual = {"id": "g", "process": "cutting", "machines": 2, "hourly_cost_cents": 1_000, "periods": ()}
    return MachineGroup(**{**usual, **more})


def test_capacity_follows_periods_closed_days_and_basis() -> None:
    """2 machines of 100 agreed and 251 maximal minutes; 1 of 3 open days closed: 133 and 334, so 3 more hours."""
    first = CapacityPeriod(100, 150, 251, None, MONDAY + timedelta(days=6))
    group = machines(periods=(first, CapacityPeriod(30, 30, 30, MONDAY + timedelta(days=15))))
    # a Tuesday twice, a Sunday on which it is closed anyway, and a day of the week after
    closed = tuple(MONDAY + timedelta(days=days) for days in (1, 1, 6, 8))
    shop = workshop(group, open_weekdays=(0, 1, 2), closed_days=closed)
    settings = replace(SETTINGS, overtime_percent=10)
    assert group_week(shop, group, 0, settings) == GroupWeek(133, 334, 3)
    assert group_week(shop, group, 0, SETTINGS) == GroupWeek(133, 334, 0)
    assert group_week(shop, group, 1, settings) == GroupWeek(0, 0, 0)
    # the second period does not hold the Monday of week 2
    assert group_week(shop, group, 2, settings) == GroupWeek(0, 0, 0)
    assert group_week(shop, group, 3, settings) == GroupWeek(60, 60, 0)
    assert group_week(shop, group, 4, settings) == group_week(shop, group, -1, settings) == GroupWeek(0, 0, 0)
    actual = replace(settings, capacity_basis=CapacityBasis.ACTUAL)
    assert group_week(shop, group, 0, actual) == GroupWeek(200, 334, 2)
    resting = replace(shop, status=WorkshopStatus.TEMPORARILY_CLOSED)
    assert group_week(resting, group, 0, settings) == GroupWeek(0, 0, 0)
    assert group_week(replace(shop, open_weekdays=()), group, 0, settings) == GroupWeek(0, 0, 0)


def test_weeks_begin_on_monday_and_may_be_negative() -> None:
    days = (-8, -7, -1, 0, 6, 7)
    assert [week_of(MONDAY + timedelta(days=day), SETTINGS) for day in days] == [-2, -1, -1, 0, 0, 1]


def test_overtime_is_bought_in_whole_hours() -> None:
    """3 % of 10 € is 30 cents; of 10.01 € it is 31."""
    settings = replace(SETTINGS, overtime_percent=3)
    costs = [overtime_cents(load, GroupWeek(100, 300, 3), machines(), settings) for load in (100, 101, 160, 161)]
    assert costs == [0, 30, 30, 60]
    dear = machines(hourly_cost_cents=1_001)
    assert overtime_cents(101, GroupWeek(100, 300, 3), dear, settings) == 31


@pytest.mark.parametrize(("load", "basis"), list(product((0, 40, 41, 100, 161, 333, 999), (0, 100, 101, 1_000))))
def test_fairness_is_the_cheapest_way_to_buy_whole_hours(load: int, basis: int) -> None:
    settings = replace(SETTINGS, fairness_cents_per_hour=7)
    thresholds = [basis * percent // 100 for percent, _ in FAIR_LOAD_STEPS]
    widths = [-(-(above - below) // 60) for below, above in pairwise(thresholds)] + [20]
    ways = product(*(range(width + 1) for width in widths))
    enough = [way for way in ways if 60 * sum(way) >= load - thresholds[0]]
    cheapest = min(sum(7 * hours * step[1] for hours, step in zip(way, FAIR_LOAD_STEPS, strict=True)) for way in enough)
    assert fairness_cents(load, basis, settings) == cheapest


CAN = Operation("cutting", 60, 0, "plywood", 0, (300, 20, 400), Tolerance.MEDIUM)
GROUP = machines(
    process="laser-cutting", materials=("plywood",), envelope_mm=(400, 20, 300), tolerance=Tolerance.MEDIUM
)
ANCESTORS = find_ancestors(
    Vocabulary(
        (
            Process("cutting", "Cutting", parents=("making",)),
            Process("laser-cutting", "Laser cutting", parents=("cutting",)),
            # a circle, which must not hang
            Process("making", "Making", parents=("cutting",)),
        )
    )
)


@pytest.mark.parametrize(
    ("operation", "group", "expected"),
    [
        (CAN, GROUP, ""),
        (replace(CAN, process="making"), GROUP, ""),
        (replace(CAN, process="laser-cutting"), replace(GROUP, process="cutting"), "cannot"),
        (replace(CAN, process="other"), replace(GROUP, process="other"), ""),
        (replace(CAN, process=None), GROUP, "unknown process"),
        (replace(CAN, material="felt"), GROUP, "cannot"),
        (CAN, replace(GROUP, materials=None), "unknown material"),
        (replace(CAN, material=None), replace(GROUP, materials=None), ""),
        (replace(CAN, material=None, unknown=("material",)), GROUP, "unknown material"),
        (replace(CAN, envelope_mm=(401, 1, 1)), GROUP, "cannot"),
        (CAN, replace(GROUP, envelope_mm=None), "unknown envelope"),
        (replace(CAN, envelope_mm=None, unknown=("envelope",)), GROUP, "unknown envelope"),
        (replace(CAN, tolerance=Tolerance.FINE), GROUP, "cannot"),
        (replace(CAN, tolerance=Tolerance.COARSE), GROUP, ""),
        (CAN, replace(GROUP, tolerance=None), "unknown tolerance"),
        (replace(CAN, tolerance=None), replace(GROUP, tolerance=None), ""),
        (replace(CAN, seconds=None), GROUP, "unknown minutes"),
        (CAN, replace(GROUP, minimum_lot=6), "cannot"),
        (CAN, replace(GROUP, minimum_lot=5), ""),
    ],
)
def test_an_operation_fits_cannot_or_is_unknown(operation: Operation, group: MachineGroup, expected: str) -> None:
    obstacles = find_obstacles(operation, group, 5, ANCESTORS)
    assert len(obstacles) == (expected != "")
    assert all(obstacle.startswith(expected) for obstacle in obstacles)


def test_minutes_take_speed_for_the_work_and_not_for_the_set_up() -> None:
    """90 + 30 s set-up, 7 x 50 s at 80 %: 557.5 s, 10 minutes."""
    operation = replace(CAN, seconds=50, setup_seconds=30)
    assert count_minutes(operation, machines(setup_seconds=90, speed_percent=80), 7) == 10
    assert count_minutes(replace(operation, seconds=60), machines(setup_seconds=30), 4) == 5


def test_the_cheapest_mode_carries_and_the_first_where_nothing_is_to_go() -> None:
    bike, van = Mode("bike", "", 15, 100, 90, 5, 4_000, 6_000), Mode("van", "", 30, 250, 60, 250, 9_000)

    def carry(quantity: int, unit_mass_g: int, distance_m: int) -> tuple[Any, ...] | None:
        way = find_carriage((quantity, unit_mass_g), [(bike, distance_m), (van, distance_m)], SETTINGS)
        return way and (way.mode, way.trips, way.cents, way.co2e_g, way.travelled_m)

    assert carry(4, 1_000, 1_001) == ("bike", 1, 100 + 91, 6, 1_001)
    assert carry(9, 1_000, 1_000) == ("van", 1, 310, 250, 1_000)
    assert carry(1, 1, 6_001) == ("van", 1, 250 + 361, 1_501, 6_001)
    assert carry(50, 0, 0) == ("bike", 1, 0, 0, 0)
    assert carry(50, 4_001, 0) == ("van", 1, 0, 0, 0)
    assert carry(1, 9_001, 10) is None


def design(name: str, parts: tuple[Part, ...], bom: tuple[BomLine, ...]) -> Design:
    return Design(f"us~{name}", "1.0.0", "", name, "", None, "", "", parts, bom, None, None)


WORK = (Operation("cutting", 60),)


def catalogue(*designs: Design) -> Catalogue:
    return Catalogue(designs, lambda versions, _: next(iter(versions), None))


def test_modules_of_modules_explode_with_paths_quantities_and_masses() -> None:
    """A car of 2 axles of 2 wheels each, a wheel of a rim and 5 bolts, and 1 spare wheel."""
    wheel = design(
        "wheel",
        (Part("", None, WORK), Part("rim", 700, WORK)),
        (BomLine(1, part="rim"), BomLine(5, bought="bolt", cost_cents=3, mass_g=10, into="rim")),
    )
    axle = design("axle", (Part("", 2_000, WORK),), (BomLine(2, design="us~wheel"),))
    car = design(
        "car",
        (Part("", None, WORK), Part("wheel", 1, WORK)),
        (BomLine(2, design="us~axle"), BomLine(1, design="us~wheel"), BomLine(1, part="wheel")),
    )
    exploded = catalogue(car, axle, wheel).explode(car)
    assert [(node.path, node.parent, node.quantity, node.unit_mass_g) for node in exploded.nodes] == [
        ("", None, 1, 2 * 2_000 + 700 + 1),
        ("axle", "", 2, 2_000),
        ("axle/wheel", "axle", 4, 700),
        ("axle/wheel/rim", "axle/wheel", 4, 700),
        ("wheel", "", 1, 700),
        ("wheel/rim", "wheel", 1, 700),
        ("wheel#2", "", 1, 1),
    ]
    assert (exploded.bought_cents, exploded.bought_mass_g) == (5 * 5 * 3, 5 * 5 * 10)
    assert exploded.fault is None


@pytest.mark.parametrize(
    "bom",
    [
        (BomLine(1, design="us~thing"),),
        (BomLine(1, part=""),),
        (BomLine(1, part="a", into="b"), BomLine(1, part="b", into="a"), BomLine(1, part="a")),
        (BomLine(1, part="none"),),
        (BomLine(1, design="us~none"),),
        (BomLine(1, bought="bolt", into="none"),),
        (BomLine(1, part="bare"),),
    ],
)
def test_what_contains_itself_or_names_the_unknown_is_a_fault(bom: tuple[BomLine, ...]) -> None:
    parts = (Part("", 5, WORK), Part("a", 1, WORK), Part("b", 1, WORK), Part("bare", 1, ()))
    thing = design("thing", parts, bom)
    exploded = catalogue(thing).explode(thing)
    assert exploded.fault
    assert exploded.unit_mass_g == 5


def test_parts_that_nobody_uses_are_not_made() -> None:
    thing = design("thing", (Part("", 5, WORK), Part("a", 1, WORK)), ())
    assert [node.path for node in catalogue(thing).explode(thing).nodes] == [""]
