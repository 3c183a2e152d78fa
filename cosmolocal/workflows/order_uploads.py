"""Many orders at once: what a table would do to an order book, shown first and done only as it was shown."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.orders import ALL_COLUMNS, REQUIRED
from cosmolocal.records import Order, Person, Region
from cosmolocal.workflows.order_books import Fault, OrderBook, Row, check_rows
from cosmolocal.workflows.order_changes import Act, change_book, take_rows
from cosmolocal.workflows.order_reading import (
    LEFT_OUT,
    Options,
    Reading,
    Sent,
    check_columns,
    check_numbers,
    read_sent,
)
from cosmolocal.workflows.workspace import Workspace

CODES = {"O036": "rows that were sent have faults, or what they do changed since it was shown"}


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row that was sent."""

    line: int
    cells: Mapping[str, str]
    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...] = ()
    #: the order it changes; None: it is new
    before: Row | None = None

    def found(self, column: str) -> str:
        """Return a cell as it was sent."""
        return next((one.found for one in self.readings if one.column == column), self.cells.get(column, ""))

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """Return what it changes: cells before and after by column."""
        before = self.before.cells if self.before else {}
        return {name: (before.get(name, ""), cell) for name, cell in self.cells.items() if before.get(name, "") != cell}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a table would do to an order book."""

    sent: Sent
    #: digest of the book it was compared with
    digest: str
    #: what is wrong with the table as a whole; nothing can be done then
    problems: tuple[Problem, ...]
    added: tuple[NewRow, ...] = ()
    changed: tuple[NewRow, ...] = ()
    same: tuple[NewRow, ...] = ()
    faulty: tuple[NewRow, ...] = ()

    @property
    def mark(self) -> str:
        """Return a word that another table, or the same one understood otherwise, does not have."""
        told = [[(row.line, sorted(row.cells.items())) for row in rows] for rows in (self.added, self.changed)]
        counts = [len(rows) for rows in (self.added, self.changed, self.same, self.faulty)]
        return hashlib.sha256(json.dumps([told, counts]).encode()).hexdigest()[:24]

    @property
    def good(self) -> int:
        """Return how many rows would do something."""
        return len(self.added) + len(self.changed)

    @property
    def faults(self) -> tuple[Problem, ...]:
        """Return all that is wrong, with the table and with its rows."""
        return (*self.problems, *(fault.problem for row in self.faulty for fault in row.faults))

    @property
    def readings(self) -> dict[Reading, int]:
        """Return what was read otherwise than it says, and how often."""
        found: dict[Reading, int] = {}
        for row in (*self.added, *self.changed, *self.same, *self.faulty):
            for reading in row.readings:
                found[reading] = found.get(reading, 0) + 1
        return found


def preview_rows(workspace: Workspace, book: OrderBook, text: str, options: Options) -> Preview:
    """Return what a table would do to a book.

    Raises
    ------
    InputError
        When it is no table, or too large.
    """
    region = workspace.region()
    sent = read_sent(text, region, options)
    problems = tuple(check_columns(sent.columns, REQUIRED))
    added, changed, same = [], [], []
    faulty = [NewRow(line, {}, (), (Fault("", problem),)) for line, problem in sent.broken]
    for row, order in _judge_rows(sent, book, region):
        if row.faults:
            faulty.append(row)
        elif row.before is None:
            added.append(row)
        elif order == row.before.order and not row.before.faults and _rest_is_same(row):
            same.append(row)
        else:
            changed.append(row)
    faulty.sort(key=lambda row: row.line)
    if problems:
        return Preview(sent, book.digest, problems, faulty=tuple(faulty))
    return Preview(sent, book.digest, (), tuple(added), tuple(changed), tuple(same), tuple(faulty))


def _judge_rows(sent: Sent, book: OrderBook, region: Region) -> Iterator[tuple[NewRow, Order]]:
    """Yield each row with its faults, and its order; columns that are missing or there twice count for nothing."""
    unsure = {name for name in ALL_COLUMNS if sent.columns.count(name) > 1}
    unsure |= {name for name in REQUIRED if name not in sent.columns}
    row_by_id = {row.key: row for row in book.rows}
    ambiguous = {row.cells.get("id", "") for row in book.rows if row.key.startswith(":")}
    rows = [
        (line, {name: cell for name, cell in cells.items() if name not in unsure}, readings)
        for line, cells, readings in sent.rows
    ]
    whole = [(line, _complete(cells, row_by_id.get(cells.get("id", "")))) for line, cells, _ in rows]
    orders, faults, _ = check_rows("upload", whole, region)
    for (line, cells, readings), order in zip(rows, orders, strict=True):
        order_id = cells.get("id", "")
        told = [fault for fault in faults.get(line, ()) if fault.column not in unsure]
        told += [Fault(name, problem) for name, problem in check_numbers(line, cells)]
        if order_id and order_id in ambiguous:
            rule = say("it stands in the book more than once, or in a row with faults; mend the book first")
            found = say("found %(found)s; %(rule)s", found=repr(order_id), rule=rule)
            told.append(Fault("id", Problem("O003", f"upload: line {line}.id", found)))
        yield NewRow(line, cells, readings, tuple(told), row_by_id.get(order_id)), order


def _complete(cells: Mapping[str, str], before: Row | None) -> dict[str, str]:
    """Return what an order would be: columns that were not sent stay as they are."""
    return {**(before.cells if before else {}), **cells}


def _rest_is_same(row: NewRow) -> bool:
    """Tell whether a row differs from the book at most by saying nothing where that means the same."""
    fields = Order.__dataclass_fields__.keys() | {"max_distance_km"}
    return all(name in fields for name in row.changes)


def map_columns(sent: Sent, stated: Mapping[str, str]) -> dict[int, str]:
    """Return what each column of a table stands for, by its number: as stated by its name, else as it was read.

    A column that is stated takes what another one stood for by its name alone.

    Raises
    ------
    InputError
        When what is stated names no column of the table or none of an order.
    """
    problems = [
        Problem("O032", name, say("found no such column; the columns are %(names)s", names=", ".join(sent.header)))
        for name in stated
        if name not in sent.header
    ]
    problems += [
        Problem("O032", name, say("found %(found)s; must be one of %(names)s", found=repr(field), names=_ALL))
        for name, field in stated.items()
        if field not in (*ALL_COLUMNS, LEFT_OUT)
    ]
    if problems:
        raise InputError(problems)
    taken = set(stated.values())
    found = {number: column for number, column in enumerate(sent.columns) if column not in taken}
    return found | {number: stated[name] for number, name in enumerate(sent.header) if name in stated}


_ALL = ", ".join(ALL_COLUMNS)


def take_upload(
    workspace: Workspace, person: Person | None, book: OrderBook, text: str, options: Options, seen: tuple[str, bool]
) -> Preview:
    """Add and change what a table says, as its preview showed; return what was done.

    ``seen`` is the mark of the preview, and whether rows with faults are to be left out: if not, one of them means
    that nothing is done.

    Raises
    ------
    ForbiddenError
        When the person may not.
    StaleBookError
        When the book changed since ``book`` was read.
    InputError
        When rows have faults that are not to be left out, or it would do something else than was shown.
    """
    shown, leave_out = seen
    done: list[Preview] = []

    def act(now: OrderBook) -> Act:
        preview = preview_rows(workspace, now, text, options)
        if preview.problems:
            raise InputError(preview.faults)
        if preview.mark != shown:
            told = say("would do something else now than was shown; look at it again; nothing was written")
            raise InputError([Problem("O036", "upload", told)])
        if preview.faulty and not leave_out:
            told = say(
                "found %(faulty)s rows with faults; mend them, or say that they are to be left out",
                faulty=len(preview.faulty),
            )
            raise InputError([Problem("O036", "upload", say("%(told)s; nothing was written", told=told))])
        done.append(preview)
        changed = {row.before.line: (row.before, row.cells) for row in preview.changed if row.before}
        return take_rows(now, [row.cells for row in preview.added], changed)

    change_book(workspace, person, book.name, book.digest, act)
    return done[0]
