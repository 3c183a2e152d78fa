"""Key figures of plans, and the public metrics of the PPE matching benchmark."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from planning.brute_force import solve_by_brute_force
from planning.tiny_regions import random_region
from planning.workbench import MONDAY, ORDERS, REGION, right_plan

from cosmolocal.planning.metrics import (
    Matching,
    MatchingReport,
    Request,
    Shipment,
    find_gini,
    load_by_group_week,
    measure_matching,
    measure_plan,
)
from cosmolocal.records import Order, WorkshopStatus

PPE = Path(__file__).parents[3] / "shared" / "data" / "ppe"
#: [miles] table 3 of the example, in the authors' public repository: how far from each donor, to both who receive
MILES = {"D1": 100, "D2": 50}


def read(name: str) -> list[dict[str, str]]:
    with (PPE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day_of(cell: str) -> date:
    """Return the day of a time stamp; one of them reads 2020-04-5."""
    year, month, day = cell.partition(" ")[0].split("-")
    return date(int(year), int(month), int(day))


def name_values(report: MatchingReport) -> dict[str, float | None]:
    """Return a report under the benchmark's names."""
    values: dict[str, float | None] = {
        f"fill rate ({who},{item})": rate for (who, item), rate in report.fill_rates.items()
    }
    names = {
        "fill rate": "fill_rate",
        "fill rate exc zeros": "fill_rate_excluding_zeros",
        "avg unit-miles": "unit_distance",
        "avg unit-days": "holding_days",
    }
    for name, field in names.items():
        values |= {f"{name} ({item})": getattr(each, field) for item, each in report.by_item.items()}
        values["avg holding time" if name == "avg unit-days" else name] = getattr(report.overall, field)
    values["avg number of shipments"] = report.overall.shipments_per_donor
    return values


@pytest.mark.skipif(not PPE.is_dir(), reason="../shared/data/ppe is absent")
def test_the_22_values_of_the_benchmarks_example_are_reproduced() -> None:
    requests = [Request(row["rec_id"], row["ppe"], int(row["qty"])) for row in read("Table1.csv")]
    given = {(row["don_id"], row["ppe"]): day_of(row["date"]) for row in read("Table2.csv")}
    shipments = []
    for row in read("Table4.csv"):
        donor, item, day = row["don_id"], row["ppe"], day_of(row["date"])
        held_days = (day - given[donor, item]).days
        shipments.append(Shipment(donor, row["rec_id"], item, int(row["qty"]), day, MILES[donor], held_days))
    expected = {row["metric_name"]: float(row["value"]) for row in read("section3_test_results.csv")}
    values = name_values(measure_matching(requests, shipments))
    assert len(expected) == 22
    assert values == {name: pytest.approx(value, abs=1e-9) for name, value in expected.items()}


def test_an_example_of_our_own_worked_out_by_hand() -> None:
    """Lamps: Ada asked 4 + 6 and got 5, Bo asked 3 and got 5, Cy nothing of 2. Stools: Ada asked 2 and got none."""
    requests = [
        Request("Ada", "lamp", 4),
        Request("Ada", "lamp", 6),
        Request("Bo", "lamp", 3),
        Request("Cy", "lamp", 2),
        Request("Ada", "stool", 2),
        Request("Bo", "nothing", 0),
    ]
    shipments = [
        Shipment("north", "Ada", "lamp", 1, 0, 2.0, 7),
        Shipment("south", "Ada", "lamp", 4, 0, 3.0, 0),
        Shipment("south", "Bo", "lamp", 2, 1, 10.0, 0),
        # with the lamps before: no shipment of its own
        Shipment("south", "Bo", "lamp", 3, 1, 10.0, 14),
    ]
    report = measure_matching(requests, shipments)
    assert report.fill_rates == {("Ada", "lamp"): 0.5, ("Bo", "lamp"): 1.0, ("Cy", "lamp"): 0.0, ("Ada", "stool"): 0.0}
    assert report.by_item == {
        "lamp": Matching(0.5, 0.75, (2 + 12 + 50) / 10, (7 + 42) / 10, 3 / 2),
        "stool": Matching(0.0, None, None, None, None),
    }
    assert report.overall == Matching(0.25, 0.75, 6.4, 4.9, 1.5)


def test_nothing_asked_and_nothing_sent_measures_nothing() -> None:
    assert measure_matching([], []).overall == Matching(None, None, None, None, None)


def test_the_key_figures_agree_with_those_worked_out_by_hand() -> None:
    """The plan of the audit's test: 5 shelves in two lots, 4 lamps, and 1 lamp imported.

    North does 32 + 22 + 82 of its 3 x 70 min, south 20 of its 3 x 60 of sewing, welding nothing. They are used
    to 136/210 and 20/360: the Gini coefficient of two is half of their difference divided by their sum, 421 per mille.
    """
    kpis = measure_plan(right_plan(), REGION, ORDERS)
    assert (kpis.orders, kpis.orders_served, kpis.orders_partly, kpis.orders_unmet, kpis.orders_late) == (3, 2, 0, 1, 0)
    assert (kpis.lots, kpis.lots_served, kpis.units, kpis.units_served, kpis.served_share) == (4, 3, 10, 9, 900)
    assert kpis.distance_km == 3.6 + 7.2 + 9.3
    assert (kpis.co2e_local_kg, kpis.co2e_imported_kg) == (1.865, 0.0)
    assert kpis.cost_cents == 32_111
    assert kpis.money_cents == 32_111 - 10_000 - 18 - 1 - 19 - 180
    assert kpis.utilisation == 1000 * 156 // (210 + 180 + 180)
    assert kpis.utilisation_by_group == {
        "north/laser-cutting": 647,
        "south/sewing": 111,
        "south/welding": 0,
        "spare/cutting": None,
    }
    assert kpis.unfairness == 421
    assert kpis.local_share == right_plan().local_share
    assert kpis.matching.fill_rates == {("home", "us~lamp"): 0.8, ("home", "us~shelf"): 1.0}
    assert kpis.matching.overall.fill_rate == 0.9
    assert kpis.matching.overall.unit_distance == pytest.approx(3.6)
    # due in week 2, 3 shelves are made in week 0 and 2 in week 1; the lamps are in time
    assert kpis.matching.overall.holding_days == pytest.approx((3 * 14 + 2 * 7) / 9)
    assert kpis.matching.overall.shipments_per_donor == 1.5


def test_an_order_is_partly_served_and_late_by_its_lots() -> None:
    plan = right_plan()
    late = replace(plan.allocations[0], cost=replace(plan.allocations[0].cost, late_weeks=1))
    kpis = measure_plan(replace(plan, allocations=(late,)), REGION, ORDERS)
    assert (kpis.orders_served, kpis.orders_partly, kpis.orders_unmet, kpis.orders_late) == (0, 1, 2, 1)


def test_an_empty_plan_for_no_orders_has_key_figures() -> None:
    region = replace(REGION, workshops=())
    kpis = measure_plan(replace(right_plan(), allocations=(), unmet=(), cost_cents=0), region, ())
    assert (kpis.served_share, kpis.utilisation, kpis.unfairness) == (None, None, None)


def test_a_row_for_every_group_and_week_with_its_load() -> None:
    rows = load_by_group_week(right_plan(), REGION)
    used = {(row.workshop, row.group, row.week): row.used_minutes for row in rows if row.used_minutes}
    assert used == {
        ("north", "laser-cutting", 0): 114,
        ("north", "laser-cutting", 1): 22,
        ("south", "sewing", 1): 20,
    }
    assert len(rows) == 4 * 3
    assert {(row.basis_minutes, row.maximum_minutes) for row in rows if row.workshop == "north"} == {(70, 190)}
    assert {row.basis_minutes for row in rows if row.workshop == "spare"} == {0}


@pytest.mark.parametrize("seed", range(40))
def test_key_figures_add_up(seed: int) -> None:
    region, orders = random_region(seed)
    plan = solve_by_brute_force(region, orders)
    kpis = measure_plan(plan, region, orders)
    assert kpis.orders_served + kpis.orders_partly + kpis.orders_unmet == kpis.orders == len(orders)
    assert kpis.served_share == kpis.local_share.units == plan.local_share.units
    weighed = sum(row.cost.total_cents - row.cost.money_cents for row in (*plan.allocations, *plan.unmet))
    assert kpis.money_cents + weighed + plan.fairness_cents == kpis.cost_cents
    uses = sum(use.minutes for row in plan.allocations for task in row.tasks for use in task.uses)
    assert sum(row.used_minutes for row in load_by_group_week(plan, region)) == uses
    rates = kpis.matching.overall
    assert rates.fill_rate is not None
    assert rates.fill_rate_excluding_zeros is None or rates.fill_rate_excluding_zeros >= rates.fill_rate


def test_the_gini_coefficient_is_0_for_the_same_and_near_1_for_all_in_one_hand() -> None:
    assert find_gini([3.0] * 7) == pytest.approx(0)
    assert find_gini([0.0] * 99 + [5.0]) == pytest.approx(0.99)
    # by definition: the mean difference of all pairs over twice the mean
    shares = [0.1, 0.7, 0.2, 1.4]
    pairs = [abs(one - other) for one in shares for other in shares]
    assert find_gini(shares) == pytest.approx(sum(pairs) / 16 / (2 * sum(shares) / 4))


def test_workshops_that_are_not_active_do_not_count_as_idle() -> None:
    planned = replace(REGION.workshops[1], status=WorkshopStatus.PLANNED)
    region = replace(REGION, workshops=(REGION.workshops[0], planned))
    assert measure_plan(right_plan(), region, ORDERS).unfairness == 0


def test_what_is_delivered_after_its_due_week_is_held_no_negative_time() -> None:
    orders = (Order("A", "us~shelf", "*", 5, "home", MONDAY),)
    kpis = measure_plan(replace(right_plan(), allocations=right_plan().allocations[1:2]), REGION, orders)
    assert kpis.matching.overall.holding_days == 0
