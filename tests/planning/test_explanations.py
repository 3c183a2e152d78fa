"""Every claim of an explanation is carried out and measured; every sentence has its case."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from planning import brute_force
from planning.brute_force import Choice, highest, import_choice, list_choices
from planning.planned import planned, tabled, tiny_plan
from planning.tiny_regions import random_region
from planning.workbench import CUT, MONDAY, design, edit

from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.fixes import apply_fix, is_applicable
from cosmolocal.planning.reasons import explain_unmet
from cosmolocal.planning.wording import FIXES, REASONS, fix_sentence, reason_sentence
from cosmolocal.records import (
    Allocation,
    BomLine,
    CapacityPeriod,
    Fix,
    LinkRule,
    MachineGroup,
    Mode,
    NetworkSettings,
    Operation,
    Order,
    Part,
    Place,
    PlaceKind,
    Plan,
    Process,
    Region,
    Settings,
    Tolerance,
    Unmet,
    Vocabulary,
    Workshop,
)

SEEDS = range(80)


class Judge:
    """Measures claims about a plan with the audit's formulas."""

    def __init__(self, plan: Plan, region: Region, orders: Iterable[Order]) -> None:
        self.facts = Facts(region, tuple(orders), highest)
        self.shared = brute_force._Shared(self.facts)
        self.plan = plan
        self.chosen = [self._of_row(row) for row in (*plan.allocations, *plan.unmet)]

    def _of_row(self, row: Allocation | Unmet) -> Choice:
        load = brute_force._find_load(row) if isinstance(row, Allocation) else Counter()
        return Choice(row.cost.total_cents, row, load)

    def others(self, is_out: set[str]) -> list[Choice]:
        """Return what the plan chose for all lots but those of these orders or lots."""
        return [each for each in self.chosen if not is_out & {each.row.order, each.row.lot}]

    def cents(self, choices: list[Choice]) -> int:
        load = sum((each.load for each in choices), start=Counter())
        return sum(each.cents for each in choices) + sum(self.shared.find_cents(load))

    def has_room(self, choices: list[Choice]) -> bool:
        load = sum((each.load for each in choices), start=Counter())
        return self.shared.allows(load, load)

    def lacks(self, others: list[Choice], one: Choice) -> Counter[tuple[str, int]]:
        """Return what a choice lacks beside others, by (resource, week)."""
        load = sum((each.load for each in others), start=Counter(one.load))
        found: Counter[tuple[str, int]] = Counter()
        for kind, *key in one.load:
            if kind == "minutes":
                workshop, group, week = key
                limit = self.shared._capacities[workshop, group, week][0].limit_minutes
                name = f"{workshop}/{group}"
            else:
                (first, second), week = key
                limit, name = self.facts.ways.find_capacity_kg(key[0]), f"{first}–{second}"
            if limit is not None and load[kind, *key] > limit:
                found[name, week] = load[kind, *key] - limit
        return found

    def best_with(self, order: str, changed: "Judge") -> tuple[int, int]:
        """Return (cents, units made here) of the best plan after a change that moves no lot of another order."""
        demands = [demand for demand in changed.facts.demands.values() if demand.order.id == order]
        menus = [[*list_choices(changed.facts, demand), import_choice(changed.facts, demand)] for demand in demands]
        others = self.others({order})
        best = (10**12, 0)
        for choices in product(*menus):
            if changed.has_room([*others, *choices]):
                units = sum(each.row.quantity for each in choices if isinstance(each.row, Allocation))
                best = min(best, (changed.cents([*others, *choices]), -units))
        return best[0], -best[1]


def test_every_alternative_costs_what_it_says():
    """Swapped in by hand, all other lots staying: it costs that much more; and lacks what it says, or nothing."""
    seen = Counter[bool]()
    for seed in SEEDS:
        region, orders, plan = tiny_plan(seed)
        judge = Judge(plan, region, orders)
        for row in plan.allocations:
            others = judge.others({row.lot})
            choices = list_choices(judge.facts, judge.facts.demands[row.lot])
            for other in row.alternatives:
                at = [each for each in choices if (each.row.workshop, each.row.week) == (other.workshop, other.week)]
                lacks = [judge.lacks(others, each) for each in at]
                wanted = {(name, week): amount for name, week, amount in other.lacks}
                same = [each for each, lack in zip(at, lacks, strict=True) if lack == wanted]
                assert same, (seed, row.lot, other)
                if not other.lacks:
                    extra = {judge.cents([*others, each]) - plan.cost_cents for each in same}
                    assert other.extra_cents in extra, (seed, row.lot, other, extra)
                    assert other.extra_cents >= 0
                seen[bool(other.lacks)] += 1
    assert min(seen[True], seen[False]) > 10


def test_every_workshop_with_room_is_among_the_alternatives_up_to_four():
    for seed in SEEDS:
        region, orders, plan = tiny_plan(seed)
        judge = Judge(plan, region, orders)
        for row in plan.allocations:
            others = judge.others({row.lot})
            choices = list_choices(judge.facts, judge.facts.demands[row.lot])
            free = {
                each.row.workshop
                for each in choices
                if each.row.workshop != row.workshop and judge.has_room([*others, each])
            }
            named = {other.workshop for other in row.alternatives if not other.lacks}
            assert len(free - named) == 0 or len(named) == 4


def test_every_fix_saves_what_it_says():
    """The order is served with the others where they are, and solving again costs no more than promised."""
    seen = Counter[str]()
    for seed in SEEDS:
        region, orders, plan = tiny_plan(seed)
        judge = Judge(plan, region, orders)
        for row in plan.unmet:
            for fix in row.fixes:
                if is_applicable(fix) and fix.code != "import-penalty":
                    check_fix(judge, row, fix, region, orders)
                    seen[fix.code] += 1
    assert sum(seen.values()) > 30
    assert len(seen) > 5


def check_fix(judge: Judge, row: Unmet, fix: Fix, region: Region, orders: tuple[Order, ...]) -> None:
    changed_region, changed_orders = apply_fix(region, orders, fix)
    assert fix.saves_cents > 0
    promised = judge.plan.cost_cents - fix.saves_cents
    made = sum(each.quantity for each in judge.plan.allocations if each.order == row.order)
    cents, units = judge.best_with(row.order, Judge(judge.plan, changed_region, changed_orders))
    assert (cents <= promised, units > made) == (True, True), (row.lot, fix, cents, promised)
    assert planned(changed_region, changed_orders).cost_cents <= promised


def test_every_lot_that_is_unmet_has_a_reason_that_fits_its_sentence():
    for seed in SEEDS:
        for row in tiny_plan(seed)[2].unmet:
            assert row.reasons, (seed, row.lot)
            assert all(reason_sentence(reason.code, reason.values) for reason in row.reasons)
            assert all(fix_sentence(fix.code, fix.values) for fix in row.fixes)
            # these plans are proved best
            assert "gap" not in {reason.code for reason in row.reasons}


def test_raising_the_penalty_as_said_is_just_enough_to_make_it_here():
    seen = 0
    for seed in range(50):
        region, orders = random_region(seed)
        cheap = tuple(replace(each, reference_price_cents=900) for each in region.designs)
        region = replace(region, designs=cheap, settings=replace(region.settings, import_penalty_percent=0))
        plan = planned(region, orders)
        for row in plan.unmet:
            for fix in row.fixes:
                if fix.code == "import-penalty":
                    seen += 1
                    for less, is_made in ((0, True), (1, False)):
                        percent = int(fix.values["to_percent"]) - less
                        nearly = replace(fix, values={**fix.values, "to_percent": percent})
                        changed = Judge(plan, *apply_fix(region, orders, nearly))
                        assert is_worth_making(changed, row) is is_made, (seed, row.lot, fix)
    assert seen > 3


def is_worth_making(judge: Judge, row: Unmet) -> bool:
    """Tell whether some way to make the lot, all others staying, costs less than its import."""
    demand, others = judge.facts.demands[row.lot], judge.others({row.lot})
    imported = judge.cents([*others, import_choice(judge.facts, demand)])
    made = [
        judge.cents([*others, each]) for each in list_choices(judge.facts, demand) if judge.has_room([*others, each])
    ]
    return min(made, default=imported) < imported


# One case for each sentence: what is changed in a region that could make its order, and what is said of it.

STOOL = design("stool", (Part("", 2_000, (CUT,)),))
CUTTER = MachineGroup(
    "cutter",
    "cutting",
    1,
    1_200,
    (CapacityPeriod(600, 600, 600),),
    envelope_mm=(500, 400, 100),
    materials=("plywood",),
    tolerance=Tolerance.MEDIUM,
)
BASE = Region(
    id="one",
    name="One workshop",
    places=(Place("home", "Home", PlaceKind.NEIGHBOURHOOD, 41.40, 2.18),),
    workshops=(Workshop("shop", "Shop", 41.42, 2.16, (CUTTER,)),),
    network=NetworkSettings(1.3, (Mode("van", "Van", 30, 400, 60, 250, 400_000),)),
    settings=Settings(MONDAY, 4),
    vocabulary=Vocabulary((Process("cutting", "Cutting"), Process("sewing", "Sewing"))),
    designs=(STOOL,),
)
ORDER = Order("A", "us~stool", "*", 4, "home", MONDAY + timedelta(days=16), minimum_lot=2)
GROUP = "workshops.0.groups.0"
OPERATION = "designs.0.parts.0.operations.0"
TWO_STEPS = (CUT, Operation("sewing", 60))
SECOND_SHOP = replace(
    BASE.workshops[0], id="tailor", groups=(replace(CUTTER, id="needle", process="sewing"),), lat=41.41
)

#: name: (edits of the region, edits of the order, codes of the reasons, codes of the fixes)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], set[str], set[str]]] = {
    "no version": ({}, {"version": "^9.0"}, {"no-version"}, set()),
    "withdrawn version": ({"designs.0.yanked": "the leg breaks"}, {}, {"yanked-version"}, set()),
    "version taken down": (
        {"designs": (), "taken_down": {"us~stool@1.0.0": "a secret", "us~boat@2.0.0": "x"}},
        {},
        {"taken-down-version"},
        set(),
    ),
    "another version taken down": (
        {"taken_down": {"us~stool@9.1.0": "a secret"}},
        {"version": "^8.0"},
        {"no-version"},
        set(),
    ),
    "no such design": ({}, {"design": "us~boat"}, {"no-version"}, set()),
    "a line names no part": ({"designs.0.bom": (BomLine(1, part="leg"),)}, {}, {"unknown-bom"}, set()),
    "unknown process": ({f"{OPERATION}.process": None}, {}, {"unknown-requirement"}, {"confirm"}),
    "unknown minutes": ({f"{OPERATION}.seconds": None}, {}, {"unknown-requirement"}, {"confirm"}),
    "unknown material": (
        {f"{OPERATION}.material": None, f"{OPERATION}.unknown": ("material",)},
        {},
        {"unknown-requirement"},
        {"confirm"},
    ),
    "nothing said": ({"designs.0.parts.0.operations": ()}, {}, {"unknown-requirement"}, {"confirm"}),
    "machine of unknown size": ({f"{GROUP}.envelope_mm": None}, {}, {"unknown-machine"}, {"confirm-machine"}),
    "nobody cuts": ({f"{GROUP}.process": "sewing"}, {}, {"no-process"}, {"add-machine"}),
    "machine too small": ({f"{GROUP}.envelope_mm": (300, 300, 100)}, {}, {"no-envelope"}, {"envelope"}),
    "other material": ({f"{GROUP}.materials": ("felt",)}, {}, {"no-material"}, {"material"}),
    "too coarse": ({f"{OPERATION}.tolerance": Tolerance.FINE}, {}, {"no-tolerance"}, {"tolerance"}),
    "lot too small": ({f"{GROUP}.minimum_lot": 5}, {}, {"no-minimum-lot"}, {"minimum-lot"}),
    "two things wrong": (
        {f"{GROUP}.minimum_lot": 5, f"{GROUP}.materials": ("felt",)},
        {},
        {"no-material"},
        set(),
    ),
    "not in one place": (
        {"designs.0.parts.0.operations": TWO_STEPS, "workshops": (BASE.workshops[0], SECOND_SHOP)},
        {},
        {"no-single-workshop"},
        set(),
    ),
    "too heavy": ({"network.modes.0.max_load_g": 1_999}, {}, {"no-way"}, set()),
    "closed": ({"network.links": (LinkRule("home", "shop", closed=True),)}, {}, {"no-way"}, set()),
    "too far": ({}, {"max_distance_m": 1_000}, {"radius"}, {"order-radius"}),
    "workshop too far": ({"workshops.0.radius_m": 1_000}, {}, {"radius"}, {"workshop-radius"}),
    "both too far": ({"workshops.0.radius_m": 1_000}, {"max_distance_m": 1_000}, {"radius"}, set()),
    "too late": (
        {"settings.max_late_weeks": 0},
        {"due_date": MONDAY - timedelta(days=3)},
        {"too-late"},
        {"due-date"},
    ),
    "released after it is due": (
        {"settings.max_late_weeks": 0},
        {"release_date": MONDAY + timedelta(days=23)},
        {"too-late"},
        {"due-date"},
    ),
    "no time for a first article": (
        {"settings.max_late_weeks": 0},
        {"due_date": MONDAY + timedelta(days=3), "first_article": True},
        {"late-by-first-article"},
        {"due-date", "no-first-article"},
    ),
    "no time, nor for a first article": (
        {"settings.max_late_weeks": 0},
        {"due_date": MONDAY - timedelta(days=3), "first_article": True},
        {"too-late"},
        {"due-date"},
    ),
    "no week for a first article": (
        {"settings.weeks": 1},
        {"first_article": True},
        {"late-by-first-article"},
        {"no-first-article"},
    ),
    "cheap elsewhere": (
        {"designs.0.reference_price_cents": 200, "settings.import_penalty_percent": 0},
        {},
        {"import-cheaper"},
        {"import-penalty"},
    ),
    "overtime too dear": (
        {
            f"{GROUP}.periods": (CapacityPeriod(10, 10, 600),),
            f"{GROUP}.hourly_cost_cents": 9_000,
            "settings.overtime_percent": 900,
        },
        {},
        {"import-cheaper"},
        {"import-penalty"},
    ),
    "hours too few": ({f"{GROUP}.periods": (CapacityPeriod(25, 25, 25),)}, {}, {"too-large"}, {"hours", "split"}),
    "lots too large": (
        {f"{GROUP}.periods": (CapacityPeriod(25, 25, 25),)},
        {"splittable": True, "minimum_lot": 4},
        {"too-large"},
        {"hours", "smaller-lots"},
    ),
    "link too narrow": (
        {"network.links": (LinkRule("home", "shop", None, 7),)},
        {},
        {"link"},
        {"link-capacity", "split"},
    ),
    "hub too narrow": (
        {
            "places": (*BASE.places, Place("hub", "Hub", PlaceKind.HUB, 41.41, 2.17, weekly_capacity_kg=7)),
            "network.share_trips": True,
            "network.modes.0.max_distance_m": 2_500,
        },
        {},
        {"link"},
        {"hub-capacity", "split"},
    ),
}


def edited(record: Any, edits: dict[str, Any]) -> Any:
    for path, value in edits.items():
        record = edit(record, path, value)
    return record


def case(name: str) -> tuple[Region, tuple[Order, ...]]:
    of_region, of_order, _, _ = CASES[name]
    return edited(BASE, of_region), (edited(ORDER, of_order),)


def test_the_base_of_all_cases_serves_its_order():
    assert not planned(BASE, (ORDER,)).unmet


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_its_reasons_and_its_fixes(name: str):
    _, _, reasons, fixes = CASES[name]
    (row,) = planned(*case(name)).unmet
    assert {reason.code for reason in row.reasons} == reasons
    assert {fix.code for fix in row.fixes} == fixes


@pytest.mark.parametrize("name", CASES)
def test_the_fixes_of_each_case_serve_its_order(name: str):
    region, orders = case(name)
    plan = planned(region, orders)
    judge = Judge(plan, region, orders)
    for fix in plan.unmet[0].fixes:
        if fix.code == "import-penalty":
            assert planned(*apply_fix(region, orders, fix)).allocations
        elif is_applicable(fix):
            check_fix(judge, plan.unmet[0], fix, region, orders)
            assert planned(*apply_fix(region, orders, fix)).allocations


@pytest.mark.parametrize("name", CASES)
def test_the_sentences_of_each_case_are_filled(name: str):
    (row,) = planned(*case(name)).unmet
    for said in (
        *(reason_sentence(reason.code, reason.values) for reason in row.reasons),
        *(fix_sentence(fix.code, fix.values) for fix in row.fixes),
    ):
        assert "%(" not in said and "%%" not in said


#: what a person answers to each question asked
ANSWERS: dict[str, dict[str, Any]] = {
    "unknown process": {f"{OPERATION}.process": "cutting"},
    "unknown minutes": {f"{OPERATION}.seconds": 600},
    "unknown material": {f"{OPERATION}.material": "plywood", f"{OPERATION}.unknown": ()},
    "nothing said": {"designs.0.parts.0.operations": (CUT,)},
    "machine of unknown size": {f"{GROUP}.envelope_mm": (500, 400, 100)},
    "nobody cuts": {"workshops.0.groups": (CUTTER,)},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_only_a_person_can_do_serves_the_order_too(name: str):
    region, orders = case(name)
    (row,) = planned(region, orders).unmet
    assert not any(is_applicable(fix) for fix in row.fixes)
    assert planned(edited(region, ANSWERS[name]), orders).allocations


def test_a_lot_that_would_fit_is_said_to_wait_for_a_better_plan():
    """As when the clock ends the search: nothing is chosen, though there is room."""
    table = tabled(BASE, (ORDER,))
    nothing = np.array([-1], dtype=np.int64)
    cost = table.options.unmet[0]
    rows = (Unmet("A/1", "A", "us~stool@1.0.0", 4, cost),)
    (row,) = explain_unmet(table.builder, table.options, nothing, table.orders, rows)
    assert [reason.code for reason in row.reasons] == ["gap"]
    assert reason_sentence("gap", row.reasons[0].values) == REASONS["gap"]


def test_a_lot_that_others_leave_no_room_for_names_the_machine_they_fill():
    """One week, room for one of two equal orders: the other would fit alone, so it is not too large."""
    (alone,) = planned(edited(BASE, {"settings.weeks": 1}), (ORDER,)).allocations
    minutes = alone.tasks[0].uses[0].minutes
    full = (CapacityPeriod(minutes + 5, minutes + 5, minutes + 5),)
    region = edited(BASE, {"settings.weeks": 1, f"{GROUP}.periods": full})
    (row,) = planned(region, (ORDER, replace(ORDER, id="B"))).unmet
    (reason,) = row.reasons
    assert reason.code == "capacity"
    assert reason.values == {"resource": "shop/cutter", "week": 0, "minutes": minutes - 5}
    assert "lacks" in reason_sentence(reason.code, reason.values)
    assert "hours" in {fix.code for fix in row.fixes}


def test_every_code_has_a_case():
    assert {code for case in CASES.values() for code in case[2]} | {"gap", "capacity"} == set(REASONS)
    assert {code for case in CASES.values() for code in case[3]} == set(FIXES)
