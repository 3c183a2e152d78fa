"""The audit: right plans pass, and every rule catches the fault planted for it."""

import ast
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import pytest
from planning.brute_force import highest, import_choice, list_choices, solve_by_brute_force
from planning.tiny_regions import random_region
from planning.workbench import MONDAY, ORDERS, REGION, Case, edit, gated_case, leaves, look, right_plan, spoil

from cosmolocal.planning import audit
from cosmolocal.planning.audit import CODES
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.records import (
    Allocation,
    BomLine,
    PlanStatus,
    StoppedBy,
    WorkshopStatus,
)

SEEDS = range(200)


def in_plan(path: str, value: Any) -> Callable[[Case], Case]:
    """Return the fault that sets a value of the plan; a function of the old value makes the new one."""

    def plant(case: Case) -> Case:
        new = value(look(case.plan, path)) if callable(value) else value
        return replace(case, plan=edit(case.plan, path, new))

    return plant


def in_region(path: str, value: Any) -> Callable[[Case], Case]:
    """Return the fault that the region is not what the plan was made for."""
    return lambda case: replace(case, region=edit(case.region, path, value))


def in_orders(path: str, value: Any) -> Callable[[Case], Case]:
    """Return the fault that the orders are not what the plan was made for."""
    return lambda case: replace(case, orders=edit(case.orders, path, value))


def more(number: int = 1) -> Callable[[int], int]:
    return lambda old: old + number


LAMPS = "allocations.2"
NORTH_CUTTING = "workshops.0.groups.0"

#: one or more faults for every rule, the way a faulty solver or a faulty hand would make them
FAULTS: dict[str, list[Callable[[Case], Case]]] = {
    "P001": [in_plan("region", "elsewhere")],
    "P002": [in_plan("settings", {"weeks": 4})],
    "P003": [in_plan("allocations.0.order", "B"), in_plan("unmet.0.order", "nobody")],
    "P004": [
        in_plan("allocations", lambda rows: rows[1:]),
        in_plan("allocations", lambda rows: (*rows, rows[0])),
        in_plan("unmet.0.lot", "A/1"),
        in_plan("allocations.0.lot", "A/3"),
    ],
    "P005": [in_plan("allocations.0.quantity", more()), in_plan("unmet.0.quantity", more())],
    "P006": [in_plan("allocations.0.design", "us~shelf@0.9.0"), in_plan("unmet.0.design", "us~lamp@1.0.0")],
    "P007": [in_plan("scenario", "lasers-down"), in_plan("digests", {"scenarios/lasers-down.yaml": "sha256:0"})],
    "P010": [
        in_region("designs.1.bom.0.part", "shadow"),
        in_region("designs.1.bom.2.into", "shade"),
        in_region("designs.0.bom", (BomLine(1, design="us~shelf"),)),
        in_orders("1.version", "^9.0"),
    ],
    "P011": [
        in_plan(f"{LAMPS}.tasks", lambda tasks: tasks[:1] + tasks[2:]),
        in_plan(f"{LAMPS}.tasks", lambda tasks: (*tasks, tasks[1])),
        in_plan(f"{LAMPS}.tasks.1.path", "shade#2"),
    ],
    "P012": [in_plan(f"{LAMPS}.tasks.1.part", "stand"), in_plan(f"{LAMPS}.tasks.1.design", "us~shelf@1.0.0")],
    "P013": [in_plan(f"{LAMPS}.tasks.1.quantity", 4)],
    "P014": [
        in_plan(f"{LAMPS}.tasks.1.uses", ()),
        in_plan(f"{LAMPS}.tasks.1.uses", lambda uses: uses * 2),
        in_plan(f"{LAMPS}.tasks.1.uses.0.process", "sewing"),
    ],
    "P015": [in_region("workshops.0.status", WorkshopStatus.CLOSED), in_plan(f"{LAMPS}.tasks.1.workshop", "nowhere")],
    "P016": [in_plan(f"{LAMPS}.tasks.1.uses.0.group", "sewing"), in_plan(f"{LAMPS}.tasks.1.workshop", "nowhere")],
    "P017": [
        in_plan(f"{LAMPS}.tasks.0.uses.0.group", "welding"),
        in_region(f"{NORTH_CUTTING}.materials", None),
        in_region(f"{NORTH_CUTTING}.envelope_mm", (300, 300, 300)),
        in_region(f"{NORTH_CUTTING}.minimum_lot", 3),
        in_region("designs.0.parts.0.operations.0.seconds", None),
    ],
    "P018": [in_plan(f"{LAMPS}.tasks.1.uses.0.minutes", more(-1)), in_plan("allocations.0.tasks.0.uses.0.minutes", 33)],
    "P019": [in_plan(f"{LAMPS}.tasks.2.workshop", "north")],
    "P020": [in_plan(f"{LAMPS}.workshop", "north"), in_plan("allocations.0.week", more())],
    "P021": [in_plan(f"{LAMPS}.tasks.1.week", 1), in_plan(f"{LAMPS}.tasks.2.week", 0)],
    "P022": [in_region("settings.weeks", 1), in_plan(f"{LAMPS}.tasks.1.week", -1)],
    "P023": [in_orders("1.release_date", MONDAY + timedelta(days=7))],
    "P024": [in_orders("1.due_date", MONDAY - timedelta(days=8)), in_plan(f"{LAMPS}.week", 4)],
    "P030": [
        in_plan(f"{LAMPS}.legs", lambda legs: legs[:1]),
        in_plan(f"{LAMPS}.legs", ()),
        in_plan(f"{LAMPS}.legs", lambda legs: legs * 2),
        in_plan(f"{LAMPS}.legs.1.path", "stand"),
    ],
    "P031": [
        in_plan(f"{LAMPS}.legs.1.from_place", "spare"),
        in_plan(f"{LAMPS}.legs.0.to_place", "north"),
        in_plan(f"{LAMPS}.legs.1.week", 1),
    ],
    "P032": [in_plan(f"{LAMPS}.legs.1.mass_g", more(-1))],
    "P033": [
        in_plan(f"{LAMPS}.legs.1.distance_m", more(3)),
        in_plan(f"{LAMPS}.legs.1.distance_m", more(-3)),
        in_plan(f"{LAMPS}.legs.0.to_place", "nowhere"),
    ],
    "P034": [
        in_plan(f"{LAMPS}.legs.1.via", ("north", "spare", "south")),
        in_plan(f"{LAMPS}.legs.1.via", ("north",)),
        in_plan(f"{LAMPS}.legs.1.via", ()),
        in_plan(f"{LAMPS}.legs.1.via", ("south", "north")),
        in_region("network.links.2.closed", True),
    ],
    "P035": [in_plan(f"{LAMPS}.legs.0.mode", "bike"), in_region("network.modes", ())],
    "P036": [in_plan(f"{LAMPS}.legs.1.trips", 2)],
    "P037": [in_region("workshops.0.radius_m", 5_699)],
    "P038": [in_orders("1.max_distance_m", 3_599)],
    "P040": [
        in_plan(f"{LAMPS}.cost.{term}", more(-1))
        for term in ("machine_cents", "material_cents", "bought_cents", "transport_cents", "co2e_cents", "co2e_g")
    ]
    + [in_plan("allocations.0.cost.import_cents", 1), in_plan("allocations.0.cost.late_weeks", 1)],
    "P041": [in_plan("unmet.0.cost.import_cents", more(-1)), in_plan("unmet.0.cost.penalty_cents", 0)],
    "P050": [
        in_region(f"{NORTH_CUTTING}.periods.0.maximum_minutes", 100),
        in_region("settings.overtime_percent", None),
        in_region("workshops.0.closed_days", (MONDAY, MONDAY + timedelta(days=3))),
        in_region(f"{NORTH_CUTTING}.periods.0.valid_from", MONDAY + timedelta(days=1)),
        in_plan("allocations.0.tasks.0.week", 1000),
    ],
    "P051": [in_region("network.links.0.weekly_capacity_kg", 8), in_region("network.weekly_capacity_kg", 3)],
    "P052": [in_plan("overtime_cents", more(-1)), in_region("settings.overtime_percent", 49)],
    "P053": [in_plan("fairness_cents", 0), in_region("settings.fairness_cents_per_hour", 61)],
    "P054": [in_plan("cost_cents", more(-1))],
    "P055": [in_plan("bound_cents", more())],
    "P056": [
        in_plan("bound_cents", more(-1)),
        in_plan("status", PlanStatus.FEASIBLE),
        lambda case: replace(case, plan=replace(case.plan, stopped_by=StoppedBy.GAP, bound_cents=0, gap_limit=0.5)),
    ],
    "P057": [in_plan(f"local_share.{name}", more()) for name in ("units", "mass", "value")],
}
#: faults of a plan in which a lot has a first article: its tasks stand behind those of the rest
GATE_FAULTS: dict[str, list[Callable[[Case], Case]]] = {
    "P011": [
        in_plan(f"{LAMPS}.tasks", lambda tasks: tasks[:3]),
        in_plan(f"{LAMPS}.tasks.3.first", False),
        in_orders("1.first_article", False),
    ],
    "P013": [in_plan(f"{LAMPS}.tasks.0.quantity", 4), in_plan(f"{LAMPS}.tasks.3.quantity", 4)],
    "P018": [in_plan(f"{LAMPS}.tasks.4.uses.0.minutes", more(-1))],
    "P021": [in_plan(f"{LAMPS}.tasks.4.week", more())],
    "P022": [in_region("settings.weeks", 3), in_plan(f"{LAMPS}.tasks.4.week", -1)],
    "P023": [in_orders("1.release_date", MONDAY + timedelta(days=7))],
    "P025": [in_plan(f"{LAMPS}.tasks.4.workshop", "spare"), in_plan(f"{LAMPS}.tasks.4.uses.0.group", "other")],
    "P026": [in_plan(f"{LAMPS}.tasks.3.week", more(-1)), in_region("settings.first_article_weeks", 0)],
    # the shades of all lamps are cut before the first lamp is whole, and in the week in which it is checked
    "P027": [
        in_plan(f"{LAMPS}.tasks.1.week", 0),
        in_plan(f"{LAMPS}.tasks.1.week", 1),
        in_plan(f"{LAMPS}.tasks.3.week", more()),
        in_region("settings.first_article_weeks", 2),
    ],
    "P030": [
        in_plan(f"{LAMPS}.legs", lambda legs: tuple(leg for leg in legs if not leg.first)),
        in_plan(f"{LAMPS}.legs.0.first", True),
        in_plan(f"{LAMPS}.legs.1.first", True),
        in_plan(f"{LAMPS}.legs.2.first", False),
    ],
    "P031": [in_plan(f"{LAMPS}.legs.1.week", more())],
    "P032": [in_plan(f"{LAMPS}.legs.1.mass_g", more()), in_plan(f"{LAMPS}.legs.2.mass_g", more(-1))],
}


def test_the_plan_agrees_with_the_one_worked_out_by_hand() -> None:
    """Lamps: 4 x 5 min sewing and (2 + 8 x 10) min cutting at 12 € an hour, 8 shades of 2.50 €, 12 poles of 0.90 €.

    A bike takes the 8 shades of 500 g over 5.7 km at once: 1.50 € + 5.13 €, 29 g. The lamps weigh 2.2 kg, so a bike
    would go four times over the 3.6 km (4 x 4.74 €); the van once: 9 € + 2.16 €, 900 g. With shelves (32 + 22 min)
    north has 136 min of its 3 x 70: 115 above 10 % (21 min), that is an hour at 60 cents and one at twice that; and in
    week 0 one hour of overtime.
    """
    plan = right_plan()
    terms = [row.cost for row in plan.allocations]
    lamps = terms[2]
    assert (lamps.machine_cents, lamps.material_cents, lamps.bought_cents) == (400 + 1_640, 2_000, 1_080)
    assert (lamps.transport_cents, lamps.co2e_g, lamps.co2e_cents) == (663 + 1_116, 29 + 900, 19)
    assert (lamps.distance_m, lamps.total_cents) == (5_700 + 3_600, 6_918)
    assert [each.total_cents for each in terms[:2]] == [640 + 750 + 1_116 + 18, 440 + 500 + 948 + 1]
    assert plan.unmet[0].cost.total_cents == 10_000 + 10_000
    assert (plan.overtime_cents, plan.fairness_cents) == (600, 180)
    assert Case(plan).audit().cost_cents == 2_524 + 1_889 + 6_918 + 20_000 + 600 + 180
    # units 9 of 10; grams 23,800 less 12 poles, unknown 0; cents 54,000 less 1,080 of 64,000
    assert (plan.local_share.units, plan.local_share.mass, plan.local_share.value) == (900, 798, 826)


def test_a_right_plan_has_no_problem_and_every_rule_was_applied() -> None:
    report = Case(right_plan()).audit()
    assert report.problems == ()
    gated = gated_case().audit()
    assert gated.problems == ()
    assert set(report.checked) == set(CODES)
    assert all(report.checked[code] for code in FAULTS)
    assert all(gated.checked[code] for code in GATE_FAULTS)
    assert report.checked["P004"] == 4


def test_every_rule_has_its_faults_here_or_among_those_of_plans_that_follow_another() -> None:
    assert set(FAULTS) | set(GATE_FAULTS) == {code for code in CODES if code < "P060"}


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_caught_under_its_code(code: str) -> None:
    for plant in FAULTS[code]:
        assert code in plant(Case(right_plan())).codes()


@pytest.mark.parametrize("code", GATE_FAULTS)
def test_each_fault_of_a_first_article_is_caught_under_its_code(code: str) -> None:
    for plant in GATE_FAULTS[code]:
        assert code in plant(gated_case()).codes()


def test_a_problem_names_place_found_and_expected() -> None:
    case = in_plan(f"{LAMPS}.tasks.1.uses.0.minutes", 81)(Case(right_plan()))
    (problem,) = case.audit().problems
    assert problem.where == "plan: allocations[2] (order B, lot B/1): tasks[1].uses[0].minutes"
    assert problem.message.startswith("found 81, expected 82: ")


def test_a_fault_in_the_numbers_alone_is_reported_once() -> None:
    for code in ("P012", "P013", "P018", "P032", "P036", "P041", "P052", "P053", "P057"):
        assert FAULTS[code][0](Case(right_plan())).codes() == {code}


@pytest.mark.parametrize("path", leaves(right_plan()))
def test_no_value_of_a_plan_can_be_changed_unseen(path: str) -> None:
    assert in_plan(path, spoil)(Case(right_plan())).codes()


@pytest.mark.parametrize("path", leaves(gated_case().plan))
def test_no_value_of_a_plan_with_a_first_article_can_be_changed_unseen(path: str) -> None:
    assert in_plan(path, spoil)(gated_case()).codes()


@pytest.mark.parametrize("seed", range(60))
def test_a_plan_full_of_nonsense_gives_problems_not_exceptions(seed: int) -> None:
    """Each spoilt plan has several values replaced by nonsense, and another region's orders now and then."""
    dice = random.Random(seed)
    nonsense = {str: ["", "?", "a/b", "home"], int: [-(10**9), -1, 0, 10**12], bool: [True], type(None): [None]}
    plan = right_plan()
    for path in dice.sample(leaves(plan), dice.randint(1, 12)):
        old = look(plan, path)
        plan = edit(plan, path, old if isinstance(old, Enum) else dice.choice(nonsense[type(old)]))
    region, orders = random_region(seed) if seed % 5 == 0 else (REGION, ORDERS)
    assert Case(plan, region, orders).audit().problems or plan == right_plan()


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_by_brute_force_pass_the_audit(seed: int) -> None:
    region, orders = random_region(seed)
    assert Case(solve_by_brute_force(region, orders), region, orders).audit().problems == ()


def test_tiny_regions_are_varied() -> None:
    """Otherwise agreement on them would mean little."""
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        region, orders = random_region(seed)
        plan = solve_by_brute_force(region, orders)
        makers = [{task.workshop for task in row.tasks} for row in plan.allocations]
        seen["made"] += bool(plan.allocations)
        seen["imported"] += bool(plan.unmet)
        seen["overtime"] += plan.overtime_cents > 0
        seen["fairness"] += plan.fairness_cents > 0
        seen["late"] += any(row.cost.late_weeks for row in plan.allocations)
        seen["spread over workshops"] += any(len(each) > 1 for each in makers)
        seen["around a closed link"] += any(len(leg.via) > 2 for row in plan.allocations for leg in row.legs)
        facts = Facts(region, orders, highest)
        alone = [[*list_choices(facts, each), import_choice(facts, each)] for each in facts.demands.values()]
        seen["scarce"] += sum(min(choice.cents for choice in menu) for menu in alone) < plan.cost_cents
    assert len(seen) == 8
    assert min(seen.values()) >= 5


def test_the_oracle_skips_no_combination() -> None:
    """Its short cuts against none: all combinations, each audited as a whole plan."""
    tried = 0
    for seed in range(200):
        region, orders = random_region(seed)
        facts = Facts(region, orders, highest)
        menus = [[*list_choices(facts, each), import_choice(facts, each)] for each in facts.demands.values()]
        if not 1 < prod(map(len, menus)) <= 150:
            continue
        tried += 1
        plan = solve_by_brute_force(region, orders)
        costs = []
        for choices in product(*menus):
            rows = [choice.row for choice in choices]
            made = tuple(row for row in rows if isinstance(row, Allocation))
            other = replace(plan, allocations=made, unmet=tuple(row for row in rows if row not in made))
            report = Case(other, region, orders).audit()
            if not {problem.code for problem in report.problems} & {"P050", "P051"}:
                costs.append(report.cost_cents)
        assert min(costs) == plan.cost_cents
    assert tried >= 20


def test_the_audit_imports_records_and_errors_alone() -> None:
    """So that it cannot inherit a solver's faults."""
    inside = ("cosmolocal.planning.audit", "cosmolocal.records", "cosmolocal.errors")
    for path in Path(audit.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(name.startswith(inside) for name in names if name.startswith("cosmolocal"))
            # a street network is a record of arrays
            apart = {"networkx", "geopy", "ortools"} | ({"numpy"} if path.name != "streets.py" else set())
            assert not {name.partition(".")[0] for name in names} & apart
