"""Order books as people see them: columns by name, rows found, sorted and paged as an address asks."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cosmolocal.database.order_changes import OrderChange, PlacedLot
from cosmolocal.errors import Problem
from cosmolocal.records import PlanSummary, Priority, Region
from cosmolocal.web.asking import Asked, Found, RowQuery
from cosmolocal.web.fault_words import tell, tell_at
from cosmolocal.web.languages import count, day, km
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext
from cosmolocal.workflows.book_text import write_row
from cosmolocal.workflows.order_books import PRIVATE, OrderBook, Row, find_start, shown_columns
from cosmolocal.workflows.order_reading import protect
from cosmolocal.workflows.workspace import Workspace

#: rows of one page
PAGE_ROWS = 100
#: of the number at the end of an id; longer ones count nothing
MOST_DIGITS = 12
#: columns that have a column of their own in the table
MAIN = ("id", "design", "version", "quantity", "place", "due_date", "priority")
PRIORITIES = tuple(Priority)
_URGENCY = {priority: number for number, priority in enumerate(PRIORITIES)}

#: what a column sorts by
SORTS: dict[str, Callable[[Row, Names], Any]] = {
    "line": lambda row, _: row.line,
    "id": lambda row, _: row.cells.get("id", ""),
    "design": lambda row, names: names.any_version(row.order.design).casefold(),
    "quantity": lambda row, _: row.order.quantity,
    "place": lambda row, names: names.place(row.order.place).casefold(),
    "due": lambda row, _: row.order.due_date,
    "priority": lambda row, _: _URGENCY[row.order.priority],
}


@dataclass(frozen=True, slots=True)
class BookQuery(RowQuery):
    """What part of an order book an address asks for."""

    #: words that the row holds, all of them
    q: str = ""
    place: str = ""
    design: str = ""
    priority: str = ""
    #: due on this day or later
    since: date | None = None
    #: due on this day or earlier
    until: date | None = None
    #: rows with faults alone
    faults: bool = False
    #: key of ``SORTS``; "-" before it: largest first
    sort: str = "line"


Page = Found[BookQuery, Row]


def read_query(args: Mapping[str, str], names: Names) -> BookQuery:
    """Return the query of an address.

    Raises
    ------
    InputError
        With every part that cannot be read; an empty part counts as absent.
    """
    asked = Asked(args, names)
    query = BookQuery(
        q=asked.words(),
        place=asked.text("place"),
        design=asked.text("design"),
        priority=asked.choice("priority", PRIORITIES),
        since=asked.day("since"),
        until=asked.day("until"),
        faults=asked.flag("faults"),
        sort=asked.order(SORTS, "line"),
        page=asked.page(),
    )
    asked.finish()
    return query


def find_page(book: OrderBook, args: Mapping[str, str], names: Names, private: bool) -> Page:
    """Return what an address finds in a book; ``private``: addresses and contacts are searched too."""
    query = read_query(args, names)
    rows = list(_holding(book, query.q.casefold().split(), shown_columns(book, private), names))
    rows = [row for row in rows if _wanted(row, query)] if query.filters else rows
    if query.sort == "-line":
        rows.reverse()
    elif query.sort != "line":
        key = SORTS[query.sort.removeprefix("-")]
        rows.sort(key=lambda row: key(row, names), reverse=query.sort.startswith("-"))
    return Found(query, rows, PAGE_ROWS)


def _wanted(row: Row, query: BookQuery) -> bool:
    order = row.order
    return (
        (not query.place or order.place == query.place)
        and (not query.design or order.design == query.design)
        and (not query.priority or order.priority == query.priority)
        and (query.since is None or order.due_date >= query.since)
        and (query.until is None or order.due_date <= query.until)
        and (not query.faults or bool(row.faults))
    )


def _holding(book: OrderBook, words: list[str], columns: tuple[str, ...], names: Names) -> Iterable[Row]:
    """Yield the rows that hold every word, in a cell or in the name of their design or place."""
    if not words:
        yield from book.rows
        return
    designs = {one: names.any_version(one).casefold() for one in book.designs}
    places = {one: names.place(one).casefold() for one in book.places}
    for row, text in zip(book.rows, book.words(columns), strict=True):
        named = designs.get(row.order.design, ""), places.get(row.order.place, "")
        if all(word in text or word in named[0] or word in named[1] for word in words):
            yield row


def labels() -> dict[str, str]:
    """Return what the columns of orders are called."""
    return {
        "id": gettext("Order"),
        "design": gettext("Design"),
        "version": gettext("Versions"),
        "quantity": gettext("Units"),
        "place": gettext("For"),
        "due_date": gettext("Due on"),
        "release_date": gettext("Not before"),
        "priority": gettext("Priority"),
        "splittable": gettext("May be split"),
        "minimum_lot": gettext("Smallest lot"),
        "max_distance_km": gettext("Farthest workshop, in km"),
        "address": gettext("Address"),
        "contact": gettext("Contact"),
        "first_article": gettext("First piece to be checked"),
    }


def label(column: str) -> str:
    """Return what a column is called; one that is not known by its own name."""
    return labels().get(column, column)


def filter_choices(book: OrderBook, names: Names) -> dict[str, list[tuple[str, str]]]:
    """Return what the filters offer: places and designs of the book by name."""
    return {
        "places": sorted(((one, names.place(one)) for one in book.places), key=lambda pair: pair[1].casefold()),
        "designs": sorted(((one, names.any_version(one)) for one in book.designs), key=lambda pair: pair[1].casefold()),
    }


def tell_more(row: Row, columns: Iterable[str]) -> list[str]:
    """Return what an order says besides the main columns, in words."""
    order, told = row.order, []
    if order.release_date:
        told.append(gettext("not before %(day)s", day=day(order.release_date)))
    if order.splittable:
        many = gettext("may be split, from %(number)s units on", number=count(order.minimum_lot))
        told.append(many if order.minimum_lot > 1 else gettext("may be split"))
    if order.max_distance_m is not None:
        told.append(gettext("from at most %(distance)s away", distance=km(order.max_distance_m)))
    said = {*MAIN, "release_date", "splittable", "minimum_lot", "max_distance_km"}
    for column in columns:
        if column not in said and row.cells.get(column):
            told.append(f"{label(column)}: {row.cells[column]}")
    return told


def visible_faults(row: Row, private: bool) -> list[str]:
    """Return what is wrong with a row, without cells that somebody may not see."""
    faults = [fault for fault in row.faults if private or fault.column not in PRIVATE]
    return [tell_at(label(fault.column), fault.problem) if fault.column else tell(fault.problem) for fault in faults]


def book_faults(book: OrderBook, private: bool) -> list[Problem]:
    """Return what is wrong with a book besides its rows; names of unknown columns are not for everybody."""
    return list(book.faults) if private else [one for one in book.faults if "unknown column" not in one.message]


def place_in_plan(lots: Iterable[PlacedLot] | None, names: Names) -> str:
    """Return where a plan has an order, in words; "": nowhere."""
    if lots is None:
        return ""
    made: dict[str, None] = {}
    left = 0
    for lot in lots:
        if lot.workshop is None or lot.week is None:
            left += 1
        else:
            monday = day(names.monday(lot.week))
            made[gettext("%(workshop)s, week of %(monday)s", workshop=names.place(lot.workshop), monday=monday)] = None
    told = list(made)
    if left:
        told.append(gettext("not made here") if not made else gettext("rest not made here"))
    return "; ".join(told)


def to_csv(rows: Iterable[Row], columns: tuple[str, ...], exact: bool) -> str:
    """Return rows as CSV; unless ``exact`` no spreadsheet takes a cell of it for a formula."""
    safe: Callable[[str], str] = str if exact else protect
    lines = [columns, *([safe(row.cells.get(column, "")) for column in columns] for row in rows)]
    return "".join(write_row(line) + "\r\n" for line in lines)


def to_json(book: OrderBook, rows: Iterable[Row], columns: tuple[str, ...]) -> str:
    """Return rows as a JSON document."""
    orders = [{column: row.cells.get(column, "") for column in columns} for row in rows]
    return json.dumps({"book": book.file, "digest": book.digest, "orders": orders}, ensure_ascii=False, indent=1)


def tell_change(change: OrderChange) -> list[str]:
    """Return what a change did, in words."""
    if change.kind == "started":
        return [gettext("started the book")]
    if change.kind == "uploaded":
        return [
            gettext(
                "from a table: %(added)s added, %(changed)s changed",
                added=count(change.added),
                changed=count(change.changed),
            )
        ]
    if change.kind == "changed":
        [(old_id, before)], [(new_id, after)] = change.before.items(), change.after.items()
        moved = [
            f"{label(name)}: {shown(before.get(name, ''))} → {shown(after.get(name, ''))}"
            for name in dict.fromkeys((*before, *after))
            if before.get(name, "") != after.get(name, "")
        ]
        head = gettext("changed %(order)s", order=new_id or old_id)
        return [f"{head}: {'; '.join(moved)}" if moved else head]
    if change.kind == "removed":
        return [gettext("removed %(order)s", order=", ".join(change.before))]
    return [gettext("added %(order)s", order=", ".join(change.after))]


def shown(cell: str) -> str:
    """Return a cell as a sentence shows it."""
    return cell or gettext("nothing")


def next_id(book: OrderBook) -> str:
    """Return an id that is free: the next one of those that most orders have; "" where none ends in a number."""
    ids = [row.cells.get("id", "") for row in book.rows] or [f"{book.name[:1].upper()}-0000"]
    numbers: dict[str, list[str]] = defaultdict(list)
    for one in ids:
        head = one.rstrip("0123456789")
        if 1 <= len(one) - len(head) <= MOST_DIGITS:
            numbers[head].append(one[len(head) :])
    if not numbers:
        return ""
    # the last of several that are as frequent: people go on where they were
    head = max(reversed(numbers), key=lambda one: len(numbers[one]))
    highest = max(numbers[head], key=int)
    return f"{head}{int(highest) + 1:0{len(highest)}}"


def options_of(region: Region) -> dict[str, list[tuple[str, str]]]:
    """Return what may be typed for designs and places: ids with their names."""
    designs = {design.id: design.name for design in region.designs}
    places = [*((one.id, one.name) for one in region.places), *((one.id, one.name) for one in region.workshops)]
    return {
        "designs": sorted(designs.items(), key=lambda pair: pair[1].casefold()),
        "places": sorted(places, key=lambda pair: pair[1].casefold()),
    }


def names_at(names: Names, workspace: Workspace, plan: PlanSummary | None) -> Names:
    """Return names whose weeks are those of a plan, which may have begun on another day than one would now."""
    return names if plan is None else replace(names, start_date=find_start(workspace, plan))
