"""Which version of a design a plan takes, and what a later release or withdrawal changes."""

import random
from dataclasses import replace

import pytest
from planning.brute_force import highest, solve_by_brute_force
from planning.planned import PROVED, audited, planned
from planning.tiny_regions import random_region
from planning.workbench import CUT, ORDERS, REGION, design

from cosmolocal.planning.audit import audit_plan
from cosmolocal.planning.audit.boms import Catalogue as AuditCatalogue
from cosmolocal.planning.bill import BillError, Catalogue, TaskNode
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.records import BomLine, Confirmation, Design, Order, Part, Plan, Region
from cosmolocal.versions import best_version
from cosmolocal.workflows.pins import designs_as_planned, find_changed, note_newer, pin_designs

RANGES = ("*", "^1", "1.2", "~1.2.0", "1.2.0", "=1.2.0", "= v1.2.0", ">=1.0.0 <2", "2.0.0-rc.1", "^2.0.0-0", "1.2.0+b")
VERSIONS = ("1.0.0", "1.2.0", "1.2.0+b", "1.3.0", "2.0.0-rc.1", "2.0.0", "3.1.0")


def version(number: str, *, yanked: str | None = None, name: str = "shelf", bom: tuple[BomLine, ...] = ()) -> Design:
    return replace(design(name, (Part("", 3_000, (CUT,)),), bom, number), yanked=yanked)


def order(version_range: str, name: str = "us~shelf") -> Order:
    return replace(ORDERS[0], version=version_range, design=name)


def in_region(*designs: Design) -> Region:
    return replace(REGION, designs=designs)


def pinned_plan(region: Region, *orders: Order) -> Plan:
    return plan_orders(region, orders, Provenance("book", pin_designs(region.designs, orders)), PROVED)


def lots_of(plan: Plan) -> set[str]:
    return {lot.design for lots in (plan.allocations, plan.unmet) for lot in lots}


@pytest.mark.parametrize("seed", range(40))
def test_planner_and_audit_choose_the_same_version_of_any_set(seed: int):
    dice = random.Random(seed)
    there = [version(each, yanked=dice.choice((None, "bad"))) for each in dice.sample(VERSIONS, dice.randint(1, 6))]
    for version_range in RANGES:
        planner = Catalogue(there).find("us~shelf", version_range)
        assert planner == AuditCatalogue(tuple(there), best_version).find("us~shelf", version_range)
        if planner is not None and planner.yanked is not None:
            assert planner.version == version_range.strip("= v")


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_the_solver_costs_what_the_oracle_costs_where_versions_are_yanked(seed: int):
    region, orders = random_region(seed)
    dice = random.Random(seed)
    designs = tuple(replace(each, yanked=dice.choice((None, "bad"))) for each in region.designs)
    ranges = [
        dice.choice(("*", "^1.0", *(each.version for each in designs if each.id == one.design))) for one in orders
    ]
    orders = tuple(replace(one, version=each) for one, each in zip(orders, ranges, strict=True))
    region = replace(region, designs=designs)
    plan = planned(region, orders)
    assert audited(plan, region, orders).problems == ()
    assert plan.cost_cents == solve_by_brute_force(region, orders).cost_cents


@pytest.mark.parametrize(
    ("version_range", "taken"),
    [("*", "1.2.0"), ("^1.2", "1.2.0"), ("1.3.0", "1.3.0"), ("=1.3.0", "1.3.0"), ("~1.3", None), (">=1.3.0", None)],
)
def test_a_yanked_version_goes_only_to_who_names_it(version_range: str, taken: str | None):
    catalogue = Catalogue((version("1.2.0"), version("1.3.0", yanked="the leg breaks")))
    assert catalogue.resolve("us~shelf", version_range) == taken


def test_a_module_that_is_yanked_is_passed_over_and_a_line_that_names_it_gets_it():
    old, new = version("1.0.0"), version("1.1.0", yanked="the leg breaks")
    for version_range, module in (("^1.0", old), ("1.1.0", new)):
        rack = version("1.0.0", name="rack", bom=(BomLine(1, design="us~shelf", version=version_range),))
        bill = Catalogue((old, new, rack)).bill(rack.key)
        assert isinstance(bill, TaskNode)
        assert [node.design for node in bill.children] == [module.key]


def test_a_bill_says_that_its_module_was_withdrawn():
    rack = version("1.0.0", name="rack", bom=(BomLine(1, design="us~shelf", version="^1"),))
    bill = Catalogue((version("1.0.0", yanked="the leg breaks"), rack)).bill(rack.key)
    assert isinstance(bill, BillError)
    assert "1.0.0, which was withdrawn: the leg breaks" in str(bill)


def test_an_order_whose_only_version_is_yanked_is_told_so():
    region = in_region(version("1.0.0"), version("2.0.0", yanked="the leg breaks"))
    [unmet, *_] = pinned_plan(region, order("^2")).unmet
    assert [(reason.code, reason.values["version"], reason.values["why"]) for reason in unmet.reasons] == [
        ("yanked-version", "2.0.0", "the leg breaks")
    ]


def test_a_plan_pins_the_tree_digests_of_what_it_takes_and_of_nothing_else():
    shelf = replace(version("1.1.0"), digest="sha256:1")
    rack = version("1.0.0", name="rack", bom=(BomLine(1, design="us~shelf", version="^1"),))
    others = version("1.0.0"), version("5.0.0", name="lamp")
    pins = pin_designs((*others, shelf, rack), [order("*", "us~rack")])
    assert pins == {"designs/us~rack@1.0.0": "sha256:0", "designs/us~shelf@1.1.0": "sha256:1"}


@pytest.mark.parametrize("first", ["^1", "1.1.0"])
def test_yanked_versions_leave_new_plans_and_stay_in_old_ones(first: str):
    """Also where one order of the book names a version and another one takes the highest."""
    orders = (order(first), replace(order("*"), id="Z"))
    before = (version("1.0.0"), version("1.1.0"), version("2.0.0"))
    plan = pinned_plan(in_region(*before), *orders)
    after = (version("1.0.0"), version("1.1.0", yanked="bad"), version("2.0.0", yanked="worse"), version("0.9.0"))
    then = in_region(*designs_as_planned(plan, after))
    assert audit_plan(plan, then, orders, best_version).problems == ()
    assert list(find_changed(plan, after)) == []
    assert lots_of(plan) == {"us~shelf@1.1.0", "us~shelf@2.0.0"}
    assert lots_of(pinned_plan(in_region(*after), *orders)) == (
        {"us~shelf@1.0.0"} if first == "^1" else {"us~shelf@1.0.0", "us~shelf@1.1.0"}
    )
    notes = {note.where: note.message for note in note_newer(plan, after, orders)}
    assert "2.0.0 was withdrawn since: worse" in notes["designs/us~shelf *"]
    assert ("designs/us~shelf ^1" in notes) == (first == "^1")


def test_a_plan_with_a_version_that_was_yanked_already_stays_right_when_the_yank_is_undone():
    orders = (order("1.1.0"), replace(order("^1"), id="Z"))
    plan = pinned_plan(in_region(version("1.0.0"), version("1.1.0", yanked="bad")), *orders)
    after = (version("1.0.0"), version("1.1.0"))
    assert lots_of(plan) == {"us~shelf@1.0.0", "us~shelf@1.1.0"}
    assert audit_plan(plan, in_region(*designs_as_planned(plan, after)), orders, best_version).problems == ()
    assert [note.where for note in note_newer(plan, after, orders)] == ["designs/us~shelf ^1"]


def test_a_later_release_is_a_note_and_no_fault():
    orders = (order("^1"),)
    plan = pinned_plan(in_region(version("1.0.0")), *orders)
    after = (version("1.0.0"), version("1.1.0"), version("1.0.0", name="lamp"))
    assert audit_plan(plan, in_region(*designs_as_planned(plan, after)), orders, best_version).problems == ()
    assert list(find_changed(plan, after)) == []
    assert [note.message for note in note_newer(plan, after, orders)] == [
        "planned with 1.0.0, and 1.1.0 would be taken now"
    ]


def test_a_version_that_vanished_or_that_a_person_confirmed_since_is_named():
    orders = (order("^1"),)
    plan = pinned_plan(in_region(version("1.0.0")), *orders)
    assert list(find_changed(plan, ())) == [("designs/us~shelf@1.0.0", None)]
    confirmed = replace(CUT, confirmed=Confirmation("Ada", "2026-09-01T12:00:00Z"))
    after = replace(version("1.0.0"), parts=(Part("", 3_000, (confirmed,)),))
    [(name, digest)] = find_changed(plan, (after,))
    assert name == "designs/us~shelf@1.0.0 confirmed"
    assert digest == pin_designs((after,), orders)[name]
    assert list(find_changed(pinned_plan(in_region(after), *orders), (after,))) == []


def test_the_audit_finds_a_yanked_version_in_a_plan_of_now():
    region = in_region(version("1.0.0"), version("1.1.0"))
    plan = pinned_plan(region, order("^1"))
    yanked = in_region(version("1.0.0"), version("1.1.0", yanked="bad"))
    assert "P006" in {problem.code for problem in audit_plan(plan, yanked, (order("^1"),), highest).problems}
