"""Changing order books: each change is whole or not there, is noted with its author, and harms no other line."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cosmolocal.database.opening import open_database, writing
from cosmolocal.database.order_changes import Cells, OrderChange
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.orders import COLUMNS
from cosmolocal.records import Order, Person, Region
from cosmolocal.workflows.book_text import add_rows, change_row, change_rows, parse_book, remove_row
from cosmolocal.workflows.order_books import (
    FOLDER,
    OrderBook,
    Row,
    book_path,
    check_rows,
    list_names,
    open_book,
    read_bytes,
    recall_book,
)
from cosmolocal.workflows.order_notes import replace_book
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace

CODES = {
    "O033": "an order book was changed since the form was opened",
    "O034": "the name of a new order book is wrong or taken",
    "O035": "a change of an order book needs a reason",
}
LONGEST_REASON = 500
MAX_NAME = 60


class StaleBookError(InputError):
    """An order book is no longer what the form showed; nothing was changed."""

    def __init__(self, name: str) -> None:
        told = say("was changed since this form was opened; nothing was written")
        super().__init__([Problem("O033", f"{name}.csv", told)])


@dataclass(frozen=True, slots=True)
class Act:
    """What is done to a book: its new text, and what the history says of it."""

    kind: str
    text: str
    before: Cells
    after: Cells
    reason: str = ""


def add_order(workspace: Workspace, person: Person | None, name: str, digest: str, cells: Mapping[str, str]) -> Order:
    """Add an order at the end of a book, and return it.

    ``digest`` is that of the book as the person saw it; "": whatever it is, for adding harms nobody's work.

    Raises
    ------
    ForbiddenError, NotFoundError, StaleBookError
    InputError
        With every fault of the cells.
    """
    order, region = list[Order](), workspace.region()

    def act(book: OrderBook) -> Act:
        order.append(_require_sound(region, book, cells, None))
        text = add_rows(book.text, [cells]).text
        return Act("added", text, {}, {order[0].id: _filled(cells)})

    change_book(workspace, person, name, digest, act)
    return order[0]


def change_order(
    workspace: Workspace, person: Person | None, name: str, digest: str, key: str, cells: Mapping[str, str]
) -> Order:
    """Change an order of a book; columns that are not named stay. Raises as `add_order` does."""
    order, region = list[Order](), workspace.region()

    def act(book: OrderBook) -> Act:
        row = book.find(key)
        merged = {**row.cells, **cells}
        order.append(_require_sound(region, book, merged, row))
        text = change_row(book.text, row.line, cells).text
        return Act("changed", text, {row.cells.get("id", ""): row.cells}, {order[0].id: merged})

    change_book(workspace, person, name, digest, act)
    return order[0]


def remove_order(workspace: Workspace, person: Person | None, name: str, digest: str, key: str, reason: str) -> None:
    """Remove an order from a book. Raises as `add_order` does, and `InputError` without a reason."""

    def act(book: OrderBook) -> Act:
        row = book.find(key)
        told = require_reason(reason)
        return Act("removed", remove_row(book.text, row.line).text, {row.cells.get("id", ""): row.cells}, {}, told)

    change_book(workspace, person, name, digest, act)


def take_rows(
    book: OrderBook, added: list[Mapping[str, str]], changed: Mapping[int, tuple[Row, Mapping[str, str]]]
) -> Act:
    """Return what adding and changing many orders does to a book; ``changed`` is by line."""
    text = change_rows(book.text, {line: cells for line, (_, cells) in changed.items()})
    text = add_rows(text, added) if added else text
    before = {row.cells["id"]: row.cells for row, _ in changed.values()}
    after = {cells["id"]: _filled(cells) for cells in added}
    after |= {row.cells["id"]: {**row.cells, **cells} for row, cells in changed.values()}
    return Act("uploaded", text.text, before, after)


def require_reason(reason: str) -> str:
    """Return a reason without blanks around it; raises `InputError` where there is none, or a long one."""
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= LONGEST_REASON:
        told = say(
            "found %(reason)s signs; must be 1 to %(longest_reason)s", reason=len(reason), longest_reason=LONGEST_REASON
        )
        raise InputError([Problem("O035", "reason", told)])
    return reason


def start_book(workspace: Workspace, person: Person | None, name: str) -> str:
    """Make an empty order book, and return its name.

    Raises
    ------
    ForbiddenError
        When the person may not.
    InputError
        When the name is wrong or taken.
    """
    authorize(person, Action.EDIT_ORDERS)
    name = name.strip()
    good = name.replace("-", "").isalnum() and name.isascii() and name == name.lower() and name[0] != "-"
    if not good or len(name) > MAX_NAME:
        rule = say(
            "must be 1 to %(max_name)s small letters a to z, digits and hyphens, such as spring-2027", max_name=MAX_NAME
        )
        raise InputError([Problem("O034", "name", say("found %(found)s; %(rule)s", found=repr(name), rule=rule))])
    text = ",".join(COLUMNS) + "\n"
    path = workspace.folder / FOLDER / f"{name}.csv"
    db = open_database(workspace.database_path)
    try:
        with writing(db):
            if name in list_names(workspace.folder) or path.exists():
                told = say("found %(found)s; there is an order book of that name", found=repr(name))
                raise InputError([Problem("O034", "name", told)])
            path.parent.mkdir(exist_ok=True)
            replace_book(db, path, text.encode(), _note(name, person, Act("started", text, {}, {})))
    finally:
        db.close()
    return name


def change_book(
    workspace: Workspace, person: Person | None, name: str, digest: str, act: Callable[[OrderBook], Act]
) -> None:
    """Do something to a book; what changes nothing is not noted.

    The lock is the database's own: whoever changes a book of this region waits for it. The file is replaced while it
    is held, which is the moment from which the change and its note count.

    Raises
    ------
    ForbiddenError
        When the person may not.
    StaleBookError
        When the book is not ``digest`` any more.
    """
    authorize(person, Action.EDIT_ORDERS)
    open_book(workspace, name)  # what others write while one waits takes little time to read then
    path, region = book_path(workspace.folder, name), workspace.region()
    db = open_database(workspace.database_path)
    try:
        with writing(db):
            book = recall_book(name, read_bytes(path), region)
            if digest not in ("", book.digest):
                raise StaleBookError(name)
            done = act(book)
            if done.text != book.text.text:
                parse_book(done.text, f"{name}.csv")  # what cannot be read again is never written
                replace_book(db, path, done.text.encode(), _note(name, person, done))
    finally:
        db.close()


def _require_sound(region: Region, book: OrderBook, cells: Mapping[str, str], row: Row | None) -> Order:
    """Return the order of cells; raises `InputError` with all that is wrong with them, or with their id in the book."""
    where = f"{book.name}.csv"
    order, problems = check_cells(region, cells)
    taken = {other.cells.get("id", ""): other.line for other in book.rows if row is None or other.line != row.line}
    if order.id and order.id in taken:
        found = say(
            "found %(found)s; it already stands in line %(taken)s of %(where)s",
            found=repr(order.id),
            taken=taken[order.id],
            where=where,
        )
        problems.append(Problem("O003", "order.id", found))
    if problems:
        raise InputError(problems)
    return order


def check_cells(region: Region, cells: Mapping[str, str]) -> tuple[Order, list[Problem]]:
    """Return the order that cells make, and what is wrong with them, at ``order.column``."""
    [order], faults, rest = check_rows("order", [(1, {name: value.strip() for name, value in cells.items()})], region)
    problems = [Problem(one.problem.code, f"order.{one.column}", one.problem.message) for one in faults.get(1, ())]
    for name, value in cells.items():
        if "\x00" in value:
            problems.append(Problem("O002", f"order.{name}", say("holds a NUL character, which no text may hold")))
    return order, [*problems, *rest]


def _filled(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in cells.items() if value}


def _note(name: str, person: Person | None, act: Act) -> OrderChange:
    both = act.before.keys() & act.after.keys()
    renamed = act.kind == "changed"
    return OrderChange(
        book=name,
        kind=act.kind,
        person=person.name if person else "",
        changed_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        reason=act.reason,
        added=0 if renamed else len(act.after.keys() - both),
        changed=1 if renamed else len(both),
        removed=0 if renamed else len(act.before.keys() - both),
        before=act.before,
        after=act.after,
        digest="sha256:" + hashlib.sha256(act.text.encode()).hexdigest(),
    )
