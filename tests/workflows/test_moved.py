"""Which parts of a lot moved: named from the plan that follows, held against both plans."""

from dataclasses import replace

import pytest
from planning.test_replanning import follow
from planning.workbench import REGION, right_plan

from cosmolocal.planning.earlier import places_of
from cosmolocal.records import Changes, Earlier, LotState, Move, Plan, Reason
from cosmolocal.workflows.moved import compare_moved, find_parts
from cosmolocal.workflows.replanning import tell_changes


@pytest.mark.parametrize("seed", range(30))
def test_a_part_moved_where_both_plans_make_it_and_not_by_the_same_machines(seed: int):
    case = follow(seed)
    moved = compare_moved(case.plan, case.plan.changes, case.first)
    for lot in moved.lots:
        now = case.rows().get(lot.move.lot)
        before = {task.path: task for task in case.before()[lot.move.lot].batch_tasks}
        found = {part.path: (part.from_workshop, part.to_workshop) for part in lot.parts}
        assert len(found) == len(lot.parts)
        for task in now.batch_tasks if now else ():
            old = before[task.path]
            is_same = (old.workshop, [use.group for use in old.uses]) == (task.workshop, [u.group for u in task.uses])
            assert found.pop(task.path, None) == (None if is_same else (old.workshop, task.workshop))
        assert found == {}
        if now is not None and not lot.parts:
            assert lot.move.to_week != lot.move.from_week, "what neither moved nor waits did not move"


def lamp_changes(shade: str, group: str) -> tuple[Plan, Changes]:
    """Return the plan of the lamps, whose shades another plan had made by one machine group of a workshop."""
    plan = right_plan()
    row = next(row for row in plan.allocations if row.design == "us~lamp@1.0.0")
    tasks = tuple(
        replace(task, workshop=shade, groups=(group,)) if task.path == "shade" else task for task in places_of(row)
    )
    before = Earlier(row.lot, row.order, row.quantity, LotState.PLANNED, row.workshop, row.week, tasks)
    move = Move(row.lot, row.workshop, row.week, row.workshop, row.week, Reason("rearranged"), forced=False)
    changes = Changes("0" * 12, 0, None, 0, (before,), (), (move,), 0, 0)
    return replace(plan, changes=changes), changes


def test_the_command_line_names_the_part_that_moved_and_what_stays():
    plan, changes = lamp_changes("spare", "cutting")
    [part] = find_parts(plan, changes)[changes.moves[0].lot]
    assert (part.path, part.part, part.from_workshop) == ("shade", "shade", "spare")
    told = tell_changes(plan, REGION)["moves"][0]
    assert "made otherwise; shade from spare (spare) to north (north)." in told["text"]
    assert told["parts"] == [
        {"path": "shade", "design": "us~lamp@1.0.0", "part": "shade", "from_workshop": "spare", "to_workshop": "north"}
    ]
    assert (
        "shade on other machines of north (north)"
        in tell_changes(lamp_changes("north", "x")[0], REGION)["moves"][0]["text"]
    )


def test_a_lot_that_is_imported_now_names_no_parts():
    plan, changes = lamp_changes("spare", "cutting")
    gone = replace(plan, allocations=())
    assert find_parts(gone, changes) == {changes.moves[0].lot: ()}
