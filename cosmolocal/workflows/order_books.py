"""Order books of a region, ``orders/*.csv``, to read: orders, faults, changes, and their place in plans."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from cosmolocal.database.opening import open_database
from cosmolocal.database.order_changes import (
    OrderChange,
    PlacedLot,
    load_order_changes,
    load_placed_lots,
    load_start_date,
)
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.orders import ALL_COLUMNS, OPTIONAL, ORDER_ID, REQUIRED, check_digests, check_orders
from cosmolocal.planning.bill import Catalogue
from cosmolocal.records import Order, PlanSummary, Region
from cosmolocal.workflows.book_text import BookText, Line, parse_book
from cosmolocal.workflows.makers import place_ids
from cosmolocal.workflows.order_notes import find_note, with_note
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.suggesting import suggest_places
from cosmolocal.workflows.workspace import Workspace, real_plans

FOLDER = "orders"
#: columns that only those who may change orders see; of columns that are not known nobody can tell
PRIVATE = frozenset({"address", "contact"})
MAX_BOOK_BYTES = 64 * 1024 * 1024
CHANGES_SHOWN = 200

_PLACE = re.compile(r": line (\d+)(?:\.(\w+))?$")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: in which column, and how that is told."""

    #: "": the whole row
    column: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Row:
    """An order of a book as its file says it."""

    #: the order's id where only it has it, else ``:`` and the number of its line
    key: str
    line: int
    #: trimmed, by column
    cells: Mapping[str, str]
    #: fields at fault hold what stands for nothing
    order: Order
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class OrderBook:
    """An order book as its file is now."""

    name: str
    #: ``sha256:`` of the file
    digest: str
    text: BookText
    rows: tuple[Row, ...]
    #: faults that belong to no row
    faults: tuple[Problem, ...]

    @property
    def file(self) -> str:
        """Return the book's path within the region, as plans name it."""
        return f"{FOLDER}/{self.name}.csv"

    @cached_property
    def units(self) -> int:
        """Return the units of all orders."""
        return sum(row.order.quantity for row in self.rows)

    @cached_property
    def due_dates(self) -> tuple[date, date] | None:
        """Return the first and the last day something is due; None: nothing is."""
        days = [row.order.due_date for row in self.rows if row.order.due_date != date.max]
        return (min(days), max(days)) if days else None

    @cached_property
    def problems(self) -> int:
        """Return how many things are wrong with it."""
        return len(self.faults) + sum(len(row.faults) for row in self.rows)

    @cached_property
    def places(self) -> frozenset[str]:
        """Return the places that orders name."""
        return frozenset(row.order.place for row in self.rows if row.order.place)

    @cached_property
    def designs(self) -> frozenset[str]:
        """Return the designs that orders name."""
        return frozenset(row.order.design for row in self.rows if row.order.design)

    @cached_property
    def row_by_key(self) -> Mapping[str, Row]:
        """Return every row by its key."""
        return {row.key: row for row in self.rows}

    @cached_property
    def _words(self) -> dict[tuple[str, ...], list[str]]:
        return {}

    def words(self, columns: tuple[str, ...]) -> list[str]:
        """Return what some columns of each row hold, as one text without capitals; kept for the next time."""
        if columns not in self._words:
            self._words[columns] = [
                "\n".join(row.cells.get(column, "") for column in columns).casefold() for row in self.rows
            ]
        return self._words[columns]

    def find(self, key: str) -> Row:
        """Return a row by its key; raises `NotFoundError`."""
        if (row := self.row_by_key.get(key)) is not None:
            return row
        raise NotFoundError(
            say("there is no order %(name)s in the order book %(book)s", name=repr(key), book=self.name)
        )


def list_names(folder: Path) -> list[str]:
    """Return the names of the region's order books."""
    return sorted(path.stem for path in (folder / FOLDER).glob("*.csv") if not path.name.startswith("."))


def book_path(folder: Path, name: str) -> Path:
    """Return where an order book lies; raises `NotFoundError` where there is none of that name."""
    if name not in list_names(folder):
        raise NotFoundError(say("there is no order book %(name)s", name=repr(name)))
    return folder / FOLDER / f"{name}.csv"


def list_books(workspace: Workspace) -> list[OrderBook | tuple[str, InputError]]:
    """Return every order book of the region; of one that cannot be read its name and why."""
    found: list[OrderBook | tuple[str, InputError]] = []
    for name in list_names(workspace.folder):
        try:
            found.append(open_book(workspace, name))
        except InputError as error:
            found.append((name, error))
    return found


def open_book(workspace: Workspace, name: str) -> OrderBook:
    """Return an order book as its file is now; read again only when the file or the region changed.

    Raises
    ------
    NotFoundError
        When there is none.
    InputError
        When it is no CSV file in UTF-8.
    """
    path, region = book_path(workspace.folder, name), workspace.region()
    status = path.stat()
    key = path, status.st_ino, status.st_mtime_ns, status.st_size, Same(region)
    return _OPENED.recall(key, lambda: recall_book(name, read_bytes(path), region), family=path)


def recall_book(name: str, content: bytes, region: Region) -> OrderBook:
    """Return what `read_order_book` does; the same bytes are read once."""
    key = name, hashlib.sha256(content).digest(), Same(region)
    return _READ.recall(key, lambda: read_order_book(name, content, region), family=name)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of an order book; raises `InputError` where they are too many or cannot be read."""
    try:
        if (size := path.stat().st_size) > MAX_BOOK_BYTES:
            told = say("has %(size)s bytes; at most %(most)s are read", size=size, most=MAX_BOOK_BYTES)
            raise InputError([Problem("O001", path.name, told)])
        return path.read_bytes()
    except OSError as error:
        raise InputError([Problem("O001", path.name, say("cannot be read: %(why)s", why=error.strerror))]) from None


def read_order_book(name: str, content: bytes, region: Region) -> OrderBook:
    """Return an order book by the bytes of its file.

    Raises
    ------
    InputError
        When they are no CSV in UTF-8; all other faults stand beside the rows.
    """
    where = f"{name}.csv"
    try:
        text = parse_book(content.decode("utf-8"), where)
    except UnicodeDecodeError as error:
        found = say(
            "byte %(start)s is %(object)s; the file must be UTF-8 text",
            start=error.start,
            object=f"{error.object[error.start]:#04x}",
        )
        raise InputError([Problem("O001", where, found)]) from None
    rows, faults = _build_rows(where, text, region)
    return OrderBook(
        name, "sha256:" + hashlib.sha256(content).hexdigest(), text, rows, (*_check_head(where, text), *faults)
    )


def _check_head(where: str, text: BookText) -> list[Problem]:
    columns = text.columns
    found = [
        Problem("O001", where, say("the column %(name)s is missing", name=repr(name)))
        for name in REQUIRED
        if name not in columns
    ]
    known = ", ".join(ALL_COLUMNS)
    for name in columns:
        if name not in (*REQUIRED, *OPTIONAL):
            found.append(
                Problem(
                    "O001", where, say("unknown column %(name)s; known are %(known)s", name=repr(name), known=known)
                )
            )
    if len(set(columns)) < len(columns):
        found.append(Problem("O001", where, say("a column stands twice")))
    if not text.lines:
        return found
    for line in text.lines:
        if len(line.cells) != len(columns) and not line.is_blank:
            told = say("has %(cells)s cells; the header has %(header)s", cells=len(line.cells), header=len(columns))
            found.append(Problem("O001", f"{where}: line {line.number}", told))
    return found


def _build_rows(where: str, text: BookText, region: Region) -> tuple[tuple[Row, ...], list[Problem]]:
    found = list(text.rows())
    orders, faults_by_line, rest = check_rows(where, [(line.number, cells) for line, cells in found], region)
    ids = [cells.get("id", "") for _, cells in found]
    counts: dict[str, int] = {}
    for order_id in ids:
        counts[order_id] = counts.get(order_id, 0) + 1
    rows = tuple(
        Row(_key(line, order_id, counts), line.number, cells, order, tuple(faults_by_line.get(line.number, ())))
        for (line, cells), order, order_id in zip(found, orders, ids, strict=True)
    )
    return rows, rest


def _key(line: Line, order_id: str, counts: Mapping[str, int]) -> str:
    return order_id if counts[order_id] == 1 and ORDER_ID.fullmatch(order_id) else f":{line.number}"


def check_rows(
    where: str, rows: list[tuple[int, dict[str, str]]], region: Region
) -> tuple[tuple[Order, ...], dict[int, list[Fault]], list[Problem]]:
    """Return the orders of rows, what is wrong with each by its line, and what is wrong besides."""
    catalogue = Catalogue(region.designs)
    orders, problems = check_orders(where, rows, place_ids(region), catalogue.versions, suggest_places(region))
    for (line, _), order in zip(rows, orders, strict=True):
        for problem in check_digests(where, [order], catalogue.find):
            problems.append(replace(problem, where=f"{where}: line {line}.version"))
    by_line: dict[int, list[Fault]] = {}
    rest = []
    for problem in problems:
        if match := _PLACE.search(problem.where):
            by_line.setdefault(int(match[1]), []).append(Fault(match[2] or "", problem))
        else:
            rest.append(problem)
    return orders, by_line, rest


def shown_columns(book: OrderBook, private: bool) -> tuple[str, ...]:
    """Return the columns of a book that somebody may see; ``private``: all of them."""
    known = [name for name in ALL_COLUMNS if name in book.text.columns]
    if not private:
        return tuple(name for name in known if name not in PRIVATE)
    return (*known, *dict.fromkeys(name for name in book.text.columns if name not in known))


def find_newest_plan(workspace: Workspace, book: str) -> PlanSummary | None:
    """Return the newest plan of an order book."""
    return next((plan for plan in real_plans(workspace.plans()) if plan.book == f"{FOLDER}/{book}.csv"), None)


def find_lots(workspace: Workspace, plan: PlanSummary, orders: list[str]) -> dict[str, list[PlacedLot]]:
    """Return where a plan has the lots of some orders."""
    db = open_database(workspace.database_path)
    try:
        found: dict[str, list[PlacedLot]] = {}
        for lot in load_placed_lots(db, plan.id, orders):
            found.setdefault(lot.order, []).append(lot)
        return found
    finally:
        db.close()


def list_changes(workspace: Workspace, name: str) -> tuple[OrderChange, ...]:
    """Return the newest changes of an order book, newest first."""
    if not workspace.database_path.exists():
        return ()
    note = find_note(workspace.folder / FOLDER / f"{name}.csv")
    db = open_database(workspace.database_path)
    try:
        return with_note(note, load_order_changes(db, name, CHANGES_SHOWN))
    finally:
        db.close()


def find_start(workspace: Workspace, plan: PlanSummary) -> date:
    """Return the Monday of a plan's week 0."""
    db = open_database(workspace.database_path)
    try:
        return date.fromisoformat(load_start_date(db, plan.id))
    finally:
        db.close()


#: the newest of each book: by the state of its file, and by its bytes
_OPENED, _READ = Memory[OrderBook](16), Memory[OrderBook](16)
