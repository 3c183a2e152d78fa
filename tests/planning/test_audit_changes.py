"""The audit of a plan that follows another one: right ones pass, and every rule catches the fault planted for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from planning.workbench import MONDAY, ORDERS, Case, edit, look, right_plan

from cosmolocal.planning.audit import CODES
from cosmolocal.records import (
    Changes,
    Declined,
    Earlier,
    EarlierTask,
    LotState,
    Move,
    Order,
    Pinned,
    PlanStatus,
    Reason,
    StoppedBy,
)

DONE = Order("D", "us~shelf", "*", 2, "home", MONDAY - timedelta(days=3))


def following() -> Case:
    """Return the right plan as one that follows another.

    A/1 was accepted and stays, A/2 was a week later, B/1 was declined by south and closed spare would have made it,
    D/1 is done.
    """
    plan = right_plan()
    one, two, lamps = plan.allocations
    earlier = (
        Earlier(one.lot, "A", one.quantity, LotState.ACCEPTED, one.workshop, one.week, tasks_of(one)),
        Earlier(two.lot, "A", two.quantity, LotState.PLANNED, two.workshop, two.week + 1, tasks_of(two)),
        Earlier(
            lamps.lot,
            "B",
            lamps.quantity,
            LotState.DECLINED,
            "spare",
            1,
            (EarlierTask("", "spare", ("cutting",)),),
            Reason("closed", {"workshop": "spare"}),
        ),
        Earlier("D/1", "D", 2, LotState.DONE, "north", -1, tasks_of(one)),
    )
    moves = (
        Move(two.lot, two.workshop, two.week + 1, two.workshop, two.week, Reason("cheaper", {"saves_cents": 3}), False),
        Move(lamps.lot, "spare", 1, lamps.workshop, lamps.week, Reason("closed", {"workshop": "spare"}), True),
    )
    declined = (Declined(lamps.lot, "spare"),)
    changes = Changes("0" * 12, 1, 1, 40, earlier, declined, moves, plan.cost_cents + 40, plan.cost_cents)
    pinned = (Pinned(lamps.lot, lamps.workshop, lamps.week), Pinned(two.lot, "spare", 0, Reason("closed")))
    changes = replace(changes, pinned=pinned, forbidden=(Declined(one.lot, "spare"),))
    return Case(replace(plan, changes=changes), orders=(*ORDERS, DONE))


def tasks_of(row: Any) -> tuple[EarlierTask, ...]:
    return tuple(EarlierTask(task.path, task.workshop, tuple(use.group for use in task.uses)) for task in row.tasks)


def plant(path: str, value: Any) -> Callable[[Case], Case]:
    def change(case: Case) -> Case:
        new = value(look(case.plan, path)) if callable(value) else value
        return replace(case, plan=edit(case.plan, path, new))

    return change


FULL = Reason("no-hours", {"resource": "north/laser-cutting", "week": 0, "minutes": 5})
FAULTS: dict[str, list[Callable[[Case], Case]]] = {
    "P060": [plant("changes.earlier.1.state", LotState.STARTED), plant("changes.earlier.0.week", 2)],
    "P061": [
        plant("changes.moves", lambda moves: moves[1:]),
        plant("changes.moves", lambda moves: (*moves, moves[0])),
        plant("changes.moves.0.lot", "A/1"),
        plant("changes.moves.0.to_workshop", "south"),
        plant("changes.moves.0.to_week", None),
        plant("changes.moves.0.from_week", -4),
        plant("changes.moves.0.forced", True),
        plant("changes.earlier.1.week", 0),
    ],
    "P062": [plant("changes.most_moves", 0)],
    "P063": [
        plant("changes.declined.0.workshop", "south"),
        plant("changes.declined.0.workshop", "north"),
        plant("changes.forbidden.0.workshop", "north"),
    ],
    "P064": [
        plant("changes.earlier.0.state", LotState.DONE),
        plant("changes.earlier.3.lot", "E/1"),
        plant("changes.earlier.3.lot", "C/1"),
    ],
    "P065": [
        plant("changes.earlier.2.hindrance.values", {"workshop": "north"}),
        plant("changes.earlier.2.hindrance", Reason("declined", {"workshop": "north"})),
        plant("changes.earlier.1.hindrance", FULL),
        plant("changes.earlier.2.hindrance", Reason("forbidden", {"workshop": "spare"})),
        plant("changes.earlier.2.hindrance", Reason("wished", {"workshop": "spare", "week": 0})),
    ],
    "P067": [
        plant("changes.pinned.0.workshop", "spare"),
        plant("changes.pinned.0.week", 3),
        plant("changes.pinned.1.hindrance", None),
    ],
    "P066": [plant("changes.steered_bound_cents", lambda old: old + 1), plant("changes.free_bound_cents", 10**9)],
}


def test_a_right_plan_that_follows_another_passes_and_every_rule_is_applied() -> None:
    report = following().audit()
    assert report.problems == ()
    assert all(report.checked[code] for code in FAULTS)
    assert set(FAULTS) == {code for code in CODES if "P060" <= code < "P068"}


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_caught_under_its_code(code: str) -> None:
    for fault in FAULTS[code]:
        assert code in fault(following()).codes()


def test_what_is_done_must_be_said_or_it_is_missing() -> None:
    case = following()
    assert "P004" in plant("changes", None)(case).codes()


def test_only_what_has_begun_may_lie_in_the_past() -> None:
    """One week after week 0 the shelves of week 0 were made in week −1; nobody can begin them then."""
    case = following()
    late = plant("allocations.0.tasks.0.week", -1)(case)
    assert "P022" in late.codes()
    begun = plant("changes.earlier.0.state", LotState.STARTED)(late)
    assert "P022" not in begun.codes()


def test_the_gap_of_a_plan_with_a_cost_of_moves_is_measured_with_it() -> None:
    plan = replace(following().plan, status=PlanStatus.FEASIBLE, stopped_by=StoppedBy.GAP, bound_cents=1, gap_limit=0.1)
    assert "P056" not in replace(following(), plan=plan).codes()
    assert plan.changes is not None
    far = replace(plan, changes=replace(plan.changes, steered_bound_cents=1))
    assert "P056" in replace(following(), plan=far).codes()
    without = replace(plan, changes=replace(plan.changes, move_cents=0))
    assert "P056" in replace(following(), plan=without).codes()
