"""What a plan changes against the one before, lot by lot: from where to where, at what cost, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.errors import NotFoundError
from cosmolocal.records import Allocation, Changes, Earlier, EarlierTask, Move, Plan, Task
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
    """A part of a lot that others make now, or that is made on other machines."""

    #: position in the bill of materials; "": putting the whole together
    path: str
    #: ids of the workshops, by name; the same on both sides: only the machines changed
    before: tuple[str, ...]
    after: tuple[str, ...]


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
    #: without the whole, where that moves: the lot itself says so
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
    made = {row.lot: row for row in plan.allocations}
    rows = {lot: row.cost.total_cents for lot, row in made.items()}
    rows |= {row.lot: row.cost.total_cents for row in plan.unmet}
    earlier = {row.lot: row for row in changes.earlier}
    lots = tuple(
        MovedLot(
            move,
            earlier[move.lot].order,
            earlier[move.lot].quantity,
            CAUSES.get(move.why.code, Cause.CHANGED),
            rows[move.lot] - old[move.lot] if move.lot in rows and move.lot in old else None,
            find_moved_parts(earlier[move.lot], made[move.lot]) if move.lot in made else (),
        )
        for move in changes.moves
    )
    found = Counter(lot.cause for lot in lots)
    stayed = len(changes.earlier) - len(changes.done) - len(lots)
    added = sum(row.lot not in earlier for row in plan.allocations)
    return Moved(changes, lots, tuple((cause, found[cause]) for cause in Cause if found[cause]), stayed, added, before)


def find_moved_parts(before: Earlier, after: Allocation) -> tuple[MovedPart, ...]:
    """Return the parts of a lot that are not made by whom and on what they were, by path.

    A part that the design no longer has, or has only now, did not move. Weeks do not count: a lot says its own.
    """
    was, now = _makers(before.tasks), _makers(after.tasks)
    parts = []
    for path in sorted(was.keys() & now.keys()):
        sides = [tuple(sorted({workshop for workshop, _ in side[path]})) for side in (was, now)]
        if was[path] != now[path] and (path or sides[0] == sides[1]):
            parts.append(MovedPart(path, *sides))
    return tuple(parts)


def _makers(tasks: Iterable[EarlierTask | Task]) -> dict[str, set[tuple[str, tuple[str, ...]]]]:
    """Return workshops with their machine groups, by path."""
    found: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    for task in tasks:
        groups = task.groups if isinstance(task, EarlierTask) else tuple(use.group for use in task.uses)
        found[task.path].add((task.workshop, groups))
    return found
