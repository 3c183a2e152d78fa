"""The keep file: what became of the lots of a plan, as CSV; one row for a lot or for all lots of an order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cosmolocal.errors import InputError, Problem
from cosmolocal.fields import Fields
from cosmolocal.files import parse_csv, read_text
from cosmolocal.records import Allocation, Declined, LotState, Pinned, Plan

CODES = {
    "P070": "the keep file cannot be read",
    "P071": "a field of the keep file is missing or wrong",
    "P072": "the keep file names a lot or an order that the plan before does not have",
    "P073": "the keep file says two things of one lot",
    "P074": "the keep file names a workshop that has nothing to do with the lot",
    "P077": "the keep file says of a lot that was imported what can only be said of one made here",
}
COLUMNS = ("lot", "order", "workshop", "reason")


@dataclass(frozen=True, slots=True)
class Said:
    """What a keep file says."""

    #: by lot
    states: dict[str, LotState] = field(default_factory=dict)
    declined: tuple[Declined, ...] = ()
    #: what planners want, in the new plan's weeks; a keep file says nothing of it
    pinned: tuple[Pinned, ...] = ()
    forbidden: tuple[Declined, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    state: LotState
    workshop: str
    reason: str
    lots: tuple[str, ...]


def read_keep_file(path: Path, plan: Plan, workshop_ids: frozenset[str] | None) -> Said:
    """Return what a keep file says of the lots of a plan; without ``workshop_ids`` those it names are not checked.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    problems: list[Problem] = []
    text = read_text(path, path.name, "P070")
    rows = [
        row
        for line, cells in parse_csv(text, path.name, "P070", ("state",), COLUMNS)
        if (row := _read_row(Fields(cells, f"{path.name}: line {line}", "P071", problems), plan)) is not None
    ]
    made = {row.lot: row for row in plan.allocations}
    states: dict[str, LotState] = {}
    declined: dict[tuple[str, str], Declined] = {}
    for row in rows:
        for lot in row.lots:
            allocation = made.get(lot)
            problems += _check(row, lot, allocation, workshop_ids)
            workshop = row.workshop or (allocation.workshop if allocation else "")
            if states.setdefault(lot, row.state) is not row.state:
                problems.append(Problem("P073", row.where, f"found {row.state} for {lot}; it is {states[lot]} above"))
            if row.state is LotState.DECLINED:
                declined[lot, workshop] = Declined(lot, workshop, row.reason)
    if problems:
        raise InputError(problems)
    return Said(states, tuple(declined.values()))


def _read_row(table: Fields, plan: Plan) -> _Row | None:
    """Return a row; None where it cannot be told what it is about."""
    before = len(table.problems)
    lot, order = table.text("lot"), table.text("order")
    state = table.choice("state", LotState, LotState.PLANNED) if table.has("state") else None
    if state is None:
        table.problems.append(Problem("P071", table.place("state"), "is missing; it is required"))
    if not lot and not order:
        table.problems.append(Problem("P071", table.where, "names neither lot nor order; one of them is required"))
    workshop, reason = table.text("workshop"), table.text("reason")
    if state is None or len(table.problems) > before:
        return None
    known = dict(_lots_of(plan))
    lots = tuple(one for one, its in known.items() if (not lot or one == lot) and (not order or its == order))
    if not lots:
        found = f"found lot {lot!r}" if lot else f"found order {order!r}"
        found += f" of order {order!r}" if lot and order else ""
        table.problems.append(Problem("P072", table.where, f"{found}; plan {plan.id} has no such lot"))
    return _Row(table.where, state, workshop, reason, lots)


def _lots_of(plan: Plan) -> Iterator[tuple[str, str]]:
    yield from ((row.lot, row.order) for row in plan.allocations)
    yield from ((row.lot, row.order) for row in plan.unmet)
    done = plan.changes.earlier if plan.changes else ()
    yield from ((row.lot, row.order) for row in done if row.state is LotState.DONE)


def _check(row: _Row, lot: str, allocation: Allocation | None, workshop_ids: frozenset[str] | None) -> list[Problem]:
    """Return what a row says of a lot that cannot be."""
    if row.state is LotState.DECLINED:
        if not row.workshop and allocation is None:
            rule = f"lot {lot} is made nowhere in the plan before, so name who declined it"
            return [Problem("P071", f"{row.where}.workshop", f"is missing; {rule}")]
        if row.workshop and workshop_ids is not None and row.workshop not in workshop_ids:
            return [Problem("P074", f"{row.where}.workshop", f"found {row.workshop!r}; must be a workshop's id")]
        return []
    if allocation is None:
        is_done = row.state in (LotState.DONE, LotState.PLANNED)
        found = f"found {row.state} for {lot}; the plan before does not make it here"
        return [] if is_done else [Problem("P077", row.where, found)]
    shops = sorted({task.workshop for task in allocation.tasks})
    if row.workshop and row.workshop not in shops:
        rule = f"lot {lot} is made by {', '.join(shops)}"
        return [Problem("P074", f"{row.where}.workshop", f"found {row.workshop!r}; {rule}")]
    return []
