"""Minutes of a week, and the steps beyond them."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from planning.workbench import MONDAY, REGION

from cosmolocal.planning.capacity import Resources, weekly_minutes
from cosmolocal.planning.ground import Ground
from cosmolocal.records import FAIR_LOAD_STEPS, CapacityBasis, CapacityPeriod, MachineGroup, Workshop

SUNDAY = MONDAY + timedelta(days=6)
SUMMER = CapacityPeriod(100, 200, 300, None, SUNDAY)
AUTUMN = CapacityPeriod(110, 220, 330, MONDAY + timedelta(days=7))
GROUP = MachineGroup("saw", "cutting", 3, 1_200, (SUMMER, AUTUMN))
SHOP = Workshop("shop", "Shop", 41.4, 2.1, (GROUP,))


@pytest.mark.parametrize(("basis", "minutes"), [("agreed", 300), ("actual", 600), ("maximum", 900)])
def test_all_machines_count_at_the_basis(basis: str, minutes: int):
    assert weekly_minutes(SHOP, GROUP, MONDAY, CapacityBasis(basis)) == minutes


@pytest.mark.parametrize(("week", "minutes"), [(-9, 300), (0, 300), (1, 330), (99, 330)])
def test_the_period_that_holds_the_monday_applies(week: int, minutes: int):
    assert weekly_minutes(SHOP, GROUP, MONDAY + timedelta(weeks=week), CapacityBasis.AGREED) == minutes


def test_a_week_in_no_period_has_no_capacity():
    ends = replace(GROUP, periods=(replace(SUMMER, valid_to=MONDAY - timedelta(days=1)), AUTUMN))
    assert weekly_minutes(SHOP, ends, MONDAY, CapacityBasis.MAXIMUM) == 0


@pytest.mark.parametrize(
    ("open_weekdays", "closed", "minutes"),
    [
        ((0, 1, 2, 3, 4), (0,), 240),
        ((0, 1, 2, 3, 4), (0, 0, 5, 7), 240),
        ((0, 1, 2), (1,), 200),
        ((0, 1, 2, 3, 4, 5, 6), (6,), 257),  # 300 × 6 / 7, rounded down
        ((2,), (2,), 0),
        ((), (), 0),
    ],
)
def test_closed_days_take_their_part_of_the_open_ones(
    open_weekdays: tuple[int, ...], closed: tuple[int, ...], minutes: int
):
    days: tuple[date, ...] = tuple(MONDAY + timedelta(days=day) for day in closed)
    shop = replace(SHOP, open_weekdays=open_weekdays, closed_days=days)
    assert weekly_minutes(shop, GROUP, MONDAY, CapacityBasis.AGREED) == minutes


@pytest.fixture
def resources() -> Resources:
    """Return those of the workbench: north cuts (70, at most 190), south sews and welds (60), one link is limited."""
    return Resources(Ground(REGION))


def test_resources_are_numbered_by_group_link_and_workshop(resources: Resources):
    assert [resources.name(number) for number in (0, 2, 3, 9, 11)] == [
        ("north/laser-cutting", 0),
        ("north/laser-cutting", 2),
        ("south/sewing", 0),
        ("home–north", 0),
        ("home–north", 2),
    ]
    assert (resources.fair("north"), resources.fair("south"), resources.count) == (12, 13, 14)
    assert resources.link("north", "home") == 9
    assert resources.link("south", "home") is None


def test_capacities_are_those_of_the_basis_the_link_and_the_first_fair_step(resources: Resources):
    percent = FAIR_LOAD_STEPS[0][0]
    fair = [210 * percent // 100, 360 * percent // 100]
    assert resources.capacities == [70] * 3 + [60] * 6 + [100] * 3 + fair


def test_overtime_comes_in_whole_hours_up_to_the_maximum(resources: Resources):
    overtime = [step for step in resources.steps() if step.resource < resources.fair_start]
    assert [(step.resource, step.size, step.blocks, step.cost) for step in overtime] == [
        (week, 60, 2, 600) for week in range(3)
    ]


def test_without_overtime_or_fairness_there_are_no_steps():
    settings = replace(REGION.settings, overtime_percent=None, fairness_cents_per_hour=0)
    plain = Resources(Ground(replace(REGION, settings=settings)))
    assert plain.steps() == []
    assert plain.fair("north") is None
    assert plain.count == plain.fair_start == 12


def test_fair_steps_reach_from_threshold_to_threshold_and_then_to_the_maximum(resources: Resources):
    """North has 210 minutes at its basis and 570 at most."""
    steps = [step for step in resources.steps() if step.resource == resources.fair("north")]
    thresholds = [210 * percent // 100 for percent, _ in FAIR_LOAD_STEPS]
    widths = [after - before for before, after in pairwise(thresholds)]
    hours = [-(-width // 60) for width in [*widths, 570]]
    assert [(step.blocks, step.cost) for step in steps] == [
        (blocks, 60 * factor) for blocks, (_, factor) in zip(hours, FAIR_LOAD_STEPS, strict=True)
    ]
