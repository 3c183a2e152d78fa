"""Options by hand: which there are, what each costs to the cent, and what it uses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from planning.planned import tabled
from planning.workbench import MONDAY, design

from cosmolocal.planning.options import OptionTable, import_cost
from cosmolocal.records import (
    BomLine,
    CapacityPeriod,
    CostTerms,
    LinkRule,
    MachineGroup,
    Mode,
    NetworkSettings,
    Operation,
    Order,
    Part,
    Place,
    PlaceKind,
    Priority,
    Process,
    Region,
    Settings,
    Vocabulary,
    Workshop,
)

BIKE = Mode("bike", "Bike", 15, 150, 90, 5, 10_000, 5_000)
VAN = Mode("van", "Van", 30, 500, 60, 250, 400_000)


def group(process: str, cents: int) -> MachineGroup:
    period = CapacityPeriod(600, 600, 600)
    return MachineGroup(process, process, 1, cents, (period,), setup_seconds=90, speed_percent=80, co2e_g_per_hour=500)


#: the cutter is 4.3 km from the tailor, who is 2.5 km from home; the cutter is 9 km from home
REGION = Region(
    id="two",
    name="Two steps",
    places=(Place("home", "Home", PlaceKind.NEIGHBOURHOOD, 41.40, 2.18),),
    workshops=(
        Workshop("cutter", "Cutter", 41.42, 2.16, (group("cutting", 1_250),)),
        Workshop("tailor", "Tailor", 41.41, 2.17, (group("sewing", 950),)),
    ),
    network=NetworkSettings(
        1.3,
        (BIKE, VAN),
        links=(
            LinkRule("cutter", "tailor", 4_300, 100),
            LinkRule("tailor", "home", 2_500, 90),
            LinkRule("cutter", "home", 9_000),
        ),
    ),
    settings=Settings(MONDAY, 4, distance_cents_per_km=3, fairness_cents_per_hour=10),
    vocabulary=Vocabulary((Process("cutting", "Cutting"), Process("sewing", "Sewing"))),
    designs=(
        replace(
            design(
                "bag",
                (
                    Part("", None, (Operation("sewing", 310),)),
                    Part("side", 700, (Operation("cutting", 100, 60, None, 35),)),
                ),
                (BomLine(2, part="side"), BomLine(3, bought="clip", cost_cents=11, mass_g=20)),
            ),
            reference_price_cents=2_999,
        ),
    ),
)
ORDER = Order("A", "us~bag", "*", 7, "home", MONDAY + timedelta(days=8), priority=Priority.HIGH)

# By hand, for 7 bags of 2 × 700 + 3 × 20 = 1,460 g:
# cutting 14 sides: ((90 + 60) × 80 + 14 × 100 × 100) / 4,800 = 31.7 → 32 minutes; 32 × 1,250 / 60 = 666.7 → 667 cents
# sewing 7 bags: (90 × 80 + 7 × 310 × 100) / 4,800 = 46.7 → 47 minutes; 47 × 950 / 60 = 744.2 → 745 cents
# sides to the tailor: 9,800 g, one bike: 150 + 387 = 537 cents, 21.5 → 22 g
# bags home: 10,220 g, 6 to a bike, two trips: 2 × (150 + 225) = 750 cents, 2 × 13 g; a van costs 500 + 150 = 650 cents
# and 625 g, weighed 650 + 12.5 < 750 + 0.5, so the van
# CO2e: 22 + 625 + 32 × 500 / 60 = 266.7 → 267 + 47 × 500 / 60 = 391.7 → 392
TERMS = CostTerms(
    machine_cents=667 + 745,
    material_cents=14 * 35,
    bought_cents=7 * 3 * 11,
    transport_cents=537 + 650,
    co2e_g=22 + 625 + 267 + 392,
    co2e_cents=27,  # 1,306 × 20 / 1,000 = 26.1
    distance_m=4_300 + 2_500,
    distance_cents=21,  # 6,800 × 3 / 1,000 = 20.4
)


@pytest.fixture
def options() -> OptionTable:
    return tabled(REGION, (ORDER,)).options


def test_the_one_way_there_is_costs_what_the_hand_says(options: OptionTable):
    (way,) = options.ways
    assert way.cost == TERMS


def test_there_is_one_option_for_each_week_it_may_be_delivered_in(options: OptionTable):
    """Not in week 0, for the sides are cut a week before; not after week 3, the last that is planned."""
    assert options.option_week.tolist() == [1, 2, 3]


def test_each_week_late_costs_its_part_of_the_reference_value(options: OptionTable):
    """Due in week 1; 5 % of 7 × 29.99 € a week, twice for the high priority: 20.99 € and 41.99 €."""
    lateness = options.problem.option_cost - TERMS.total_cents
    assert lateness.tolist() == [0, 2_100, 4_199]


def test_uses_are_minutes_and_kilograms_in_the_right_weeks(options: OptionTable):
    problem, resources = options.problem, options.resources
    span = slice(problem.use_start[0], problem.use_start[1])
    uses = dict(zip(problem.use_resource[span].tolist(), problem.use_amount[span].tolist(), strict=True))
    named = {resources.name(resource): uses[resource] for resource in uses if resource < resources.fair_start}
    assert named == {
        ("cutter/cutting", 0): 32,
        ("tailor/sewing", 1): 47,
        ("cutter–tailor", 0): 10,
        ("home–tailor", 1): 11,
    }
    fair = {resources.fair(name): minutes for name, minutes in (("cutter", 32), ("tailor", 47))}
    assert {resource: uses[resource] for resource in uses if resource >= resources.fair_start} == fair


def test_an_import_costs_its_price_its_way_and_its_penalty():
    """7 × 29.99 € + 50 cents for each of 10.22 kg; 7 × 5,000 g + 400 g a kg; the penalty twice, for the priority."""
    table = tabled(REGION, (ORDER,))
    money = 7 * 2_999 + 511
    co2e_g = 7 * 5_000 + 4_088
    assert import_cost(table.builder.ground, ORDER, table.options.lots[0]) == CostTerms(
        import_cents=money, penalty_cents=2 * money, co2e_g=co2e_g, co2e_cents=782
    )


def test_a_release_date_and_a_shorter_lateness_leave_fewer_weeks():
    late = replace(ORDER, release_date=MONDAY + timedelta(days=7))
    assert tabled(REGION, (late,)).options.option_week.tolist() == [2, 3]
    strict = replace(REGION, settings=replace(REGION.settings, max_late_weeks=0))
    assert tabled(strict, (ORDER,)).options.option_week.tolist() == [1]


def test_parts_made_in_the_same_workshop_need_no_transport_and_no_week():
    tailor = replace(REGION.workshops[1], groups=(*REGION.workshops[1].groups, group("cutting", 1_250)))
    options = tabled(replace(REGION, workshops=(REGION.workshops[0], tailor)), (ORDER,)).options
    here = next(way for way in options.ways if way.depth == 0)
    assert here.cost.transport_cents == 650
    assert 0 in options.option_week.tolist()


def test_lots_are_as_even_as_whole_units_allow_and_never_too_small():
    cut = replace(ORDER, splittable=True, minimum_lot=2)
    assert [lot.quantity for lot in tabled(REGION, (cut,)).options.lots] == [3, 2, 2]
    assert [lot.quantity for lot in tabled(REGION, (replace(cut, minimum_lot=3),)).options.lots] == [4, 3]
    assert [lot.quantity for lot in tabled(REGION, (replace(cut, minimum_lot=9),)).options.lots] == [7]
