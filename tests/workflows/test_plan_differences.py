"""Two plans side by side: laws that hold for any two, and what is better."""

import random
from dataclasses import replace

import pytest
from samples import RUN
from web.busy import busy_orders, busy_plan, busy_region

from cosmolocal.records import Changes, Move, Reason
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.plan_differences import FigureChange, compare_plans
from cosmolocal.workflows.workspace import view_plan

REGION, ORDERS = busy_region(5), busy_orders(40)


def view(seed: int, **changes: object) -> PlanView:
    plan = replace(busy_plan(REGION, ORDERS, seed, f"plan{seed:08}"), **changes)
    return view_plan(plan, REGION, ORDERS, RUN)


@pytest.mark.parametrize("seed", range(5))
def test_every_lot_is_either_served_otherwise_or_the_same(seed):
    found = compare_plans(view(seed), view(seed + 1))
    assert len(found.lots) + found.same == len(ORDERS)
    assert compare_plans(view(seed), view(seed)).lots == ()


@pytest.mark.parametrize("seed", range(5))
def test_the_other_way_round_is_the_same_difference_seen_from_the_other_side(seed):
    there, back = compare_plans(view(seed), view(seed + 1)), compare_plans(view(seed + 1), view(seed))
    assert {lot.lot: (lot.before, lot.after) for lot in there.lots} == {
        lot.lot: (lot.after, lot.before) for lot in back.lots
    }
    assert [(row.came, row.left) for row in there.workshops] == [(row.left, row.came) for row in back.workshops]
    opposite = {"better": "worse", "worse": "better", "same": "same", "": ""}
    assert [figure.verdict for figure in there.figures] == [opposite[figure.verdict] for figure in back.figures]


@pytest.mark.parametrize("seed", range(5))
def test_what_a_workshop_gains_is_what_came_less_what_left(seed):
    for row in compare_plans(view(seed), view(seed + 1)).workshops:
        assert row.lots_after - row.lots_before == row.came - row.left


@pytest.mark.parametrize("seed", range(5))
def test_the_parts_of_a_lot_are_those_that_both_plans_make_and_not_alike(seed):
    views = view(seed), view(seed + 1)
    made = [{(row.lot, task.path): task for row in one.plan.allocations for task in row.tasks} for one in views]
    expected = {
        (key, was.workshop, now.workshop, 7 * (now.week - was.week))
        for key, was in made[0].items()
        if key[1] and (now := made[1].get(key)) and (was.workshop, was.week) != (now.workshop, now.week)
    }
    found = {
        ((lot.lot, part.path), part.from_workshop, part.to_workshop, (part.to_monday - part.from_monday).days)
        for lot in compare_plans(*views).lots
        for part in lot.parts
    }
    assert found == expected
    assert len(found) > 5


def test_the_order_of_rows_in_a_plan_makes_no_difference():
    plan = busy_plan(REGION, ORDERS, 3)
    rows = list(plan.allocations)
    random.Random(0).shuffle(rows)
    assert compare_plans(view(3), view(3, allocations=tuple(rows))).lots == ()


def test_a_lot_that_one_plan_alone_holds_is_named_so():
    plan = busy_plan(REGION, ORDERS, 3)
    [lot] = compare_plans(view(3), view(3, allocations=plan.allocations[1:])).lots
    assert (lot.kind, lot.lot, lot.after, lot.cost_difference_cents) == (
        "only-old",
        plan.allocations[0].lot,
        None,
        None,
    )
    [lot] = compare_plans(view(3, allocations=plan.allocations[1:]), view(3)).lots
    assert (lot.kind, lot.before) == ("only-new", None)


def test_a_plan_that_follows_the_other_says_why_its_lots_moved():
    before, after = view(1), view(2)
    lot = next(lot for lot in compare_plans(before, after).lots if lot.kind == "moved")
    why = Reason("cheaper", {"saves_cents": 5})
    moves = (Move(lot.lot, lot.before.workshop, 0, lot.after.workshop, 1, why, forced=False),)
    for previous, told in ((before.plan.id, why), ("another00000", None)):
        changes = Changes(previous, 0, None, 0, (), (), moves, 0, 0)
        found = compare_plans(before, replace(after, plan=replace(after.plan, changes=changes)))
        assert next(one.why for one in found.lots if one.lot == lot.lot) == told


@pytest.mark.parametrize(
    ("name", "before", "after", "verdict"),
    [
        ("cost_cents", 10, 9, "better"),
        ("lots_served", 10, 9, "worse"),
        ("distance_m", 10, 10, "same"),
        ("utilisation", 10, 20, ""),
        ("share_value", None, 20, ""),
    ],
)
def test_which_is_better(name, before, after, verdict):
    assert FigureChange(name, before, after).verdict == verdict


def gated(plan, week: int, workshop: str):
    """Return a plan whose first lot waits for a first article, whole in a workshop and week."""
    row, *others = plan.allocations
    first = tuple(replace(task, first=True, quantity=1, workshop=workshop, week=week) for task in row.tasks)
    return replace(plan, allocations=(replace(row, tasks=(*first, *row.tasks)), *others))


def test_what_changes_in_a_first_article_alone_is_named():
    """The batch stays as it is; the piece before it is checked by another workshop, or another week."""
    plan = busy_plan(REGION, ORDERS, 3)
    before = view_plan(gated(plan, 0, "shop-1"), REGION, ORDERS, RUN)
    for week, workshop in ((0, "shop-2"), (1, "shop-1")):
        [lot] = compare_plans(before, view_plan(gated(plan, week, workshop), REGION, ORDERS, RUN)).lots
        assert (lot.kind, lot.gate) == ("rerouted", "")
        assert {(part.path, part.first) for part in lot.parts} == {("", True), ("shade", True)}
        assert {(part.to_workshop, (part.to_monday - part.from_monday).days) for part in lot.parts} == {
            (workshop, 7 * week)
        }


def test_a_first_article_that_comes_or_goes_is_told():
    plan = busy_plan(REGION, ORDERS, 3)
    without, with_gate = (view_plan(one, REGION, ORDERS, RUN) for one in (plan, gated(plan, 0, "shop-1")))
    for before, after, told in ((without, with_gate, "added"), (with_gate, without, "removed")):
        [lot] = compare_plans(before, after).lots
        assert (lot.kind, lot.gate, lot.parts) == ("rerouted", told, ())
