"""What a plan changes against the one before, lot by lot: from where to where, at what cost, and why."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.errors import NotFoundError
from cosmolocal.records import Allocation, Changes, Earlier, Move, Plan
from cosmolocal.workflows.workspace import Workspace


class Cause(StrEnum):
    """What kind of thing let a lot move."""

    WISHED = "wished"
    FORBIDDEN = "forbidden"
    DECLINED = "declined"
    #: its workshop, its machine or its way is gone
    CLOSED = "closed"
    #: hours or room are short
    FULL = "full"
    #: order or design mean something else now
    CHANGED = "changed"
    CHEAPER = "cheaper"
    #: another lot is worth more there
    ROOM = "room"
    REARRANGED = "rearranged"


CAUSES = {
    "wished": Cause.WISHED,
    "forbidden": Cause.FORBIDDEN,
    "declined": Cause.DECLINED,
    "closed": Cause.CLOSED,
    "machine": Cause.CLOSED,
    "route": Cause.CLOSED,
    "no-hours": Cause.FULL,
    "no-load": Cause.FULL,
    "cheaper": Cause.CHEAPER,
    "makes-room": Cause.ROOM,
    "rearranged": Cause.REARRANGED,
}


@dataclass(frozen=True, slots=True)
class MovedPart:
    """A part of a lot that is made elsewhere, or on other machines."""

    #: as in `cosmolocal.records.Task`
    path: str
    design: str
    part: str
    from_workshop: str
    #: the one it was made by: on other machines there
    to_workshop: str

    @property
    def is_told(self) -> bool:
        """Tell whether the lot's own move says nothing of it: where the whole is put together is where the lot is."""
        return bool(self.path) or self.from_workshop == self.to_workshop


@dataclass(frozen=True, slots=True)
class MovedLot:
    """A lot that moved."""

    move: Move
    order: str
    #: [units]
    quantity: int
    cause: Cause
    #: [cents] that it costs more than in the plan before, negative: less; None: that plan is no longer stored
    extra_cents: int | None
    #: those that are made elsewhere or on other machines; none where the lot is imported now
    parts: tuple[MovedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """All that a plan changes."""

    changes: Changes
    lots: tuple[MovedLot, ...]
    #: how many lots moved, by cause, in the order of `Cause`
    counts: tuple[tuple[Cause, int], ...]
    #: lots of the plan before that are where they were
    stayed: int
    #: lots that the plan before did not make here, and that are made here now without having moved
    added: int
    #: the plan before; None: no longer stored
    before: Plan | None


def find_moved(workspace: Workspace, plan: Plan) -> Moved:
    """Return what a plan changes against the one before.

    Raises
    ------
    NotFoundError
        When it was planned from scratch.
    """
    if plan.changes is None:
        raise NotFoundError("this plan follows no other plan")
    try:
        before = workspace.plan(plan.changes.previous).plan
    except NotFoundError:
        before = None
    return compare_moved(plan, plan.changes, before)


def compare_moved(plan: Plan, changes: Changes, before: Plan | None) -> Moved:
    """Return what a plan changes, with costs where the plan before is at hand."""
    old = {row.lot: row.cost.total_cents for row in before.allocations} if before else {}
    rows = {row.lot: row.cost.total_cents for row in plan.allocations}
    rows |= {row.lot: row.cost.total_cents for row in plan.unmet}
    earlier = {row.lot: row for row in changes.earlier}
    parts = find_parts(plan, changes)
    lots = tuple(
        MovedLot(
            move,
            earlier[move.lot].order,
            earlier[move.lot].quantity,
            CAUSES.get(move.why.code, Cause.CHANGED),
            rows[move.lot] - old[move.lot] if move.lot in rows and move.lot in old else None,
            parts[move.lot],
        )
        for move in changes.moves
    )
    found = Counter(lot.cause for lot in lots)
    stayed = len(changes.earlier) - len(changes.done) - len(lots)
    added = sum(row.lot not in earlier for row in plan.allocations)
    return Moved(changes, lots, tuple((cause, found[cause]) for cause in Cause if found[cause]), stayed, added, before)


def find_parts(plan: Plan, changes: Changes) -> dict[str, tuple[MovedPart, ...]]:
    """Return the parts that moved of every lot that did; what only one of both plans makes did not move."""
    now = {row.lot: row for row in plan.allocations}
    moved = {move.lot for move in changes.moves}
    return {row.lot: _compare_parts(row, now.get(row.lot)) for row in changes.earlier if row.lot in moved}


def _compare_parts(before: Earlier, now: Allocation | None) -> tuple[MovedPart, ...]:
    if now is None:
        return ()
    old = {task.path: task for task in before.tasks}
    return tuple(
        MovedPart(task.path, task.design, task.part, old[task.path].workshop, task.workshop)
        for task in now.batch_tasks
        if task.path in old
        and (old[task.path].workshop, old[task.path].groups) != (task.workshop, tuple(use.group for use in task.uses))
    )
