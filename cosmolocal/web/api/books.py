"""Order books in the API: their orders to read, and to add, change and remove one by one."""

from dataclasses import fields
from typing import Any

from flask import Response, g, url_for
from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf

from cosmolocal.database.order_changes import OrderChange
from cosmolocal.errors import InputError
from cosmolocal.orders import OPTIONAL, REQUIRED
from cosmolocal.records import Scope, to_plain
from cosmolocal.web import order_books_view as view
from cosmolocal.web.api.answers import Made, answer, digest_of, once, page_after, require_match, tagged
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import Body, IsoDate, PageQuery, Query, told, told_of_body, word
from cosmolocal.web.api.schemas import ProblemSchema, build_schema, field_of, list_of, members_of, nested
from cosmolocal.web.order_books import load_book, sees_all
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows import order_changes
from cosmolocal.workflows.order_books import PRIVATE, OrderBook, Row, list_books, list_changes, shown_columns
from cosmolocal.workflows.order_changes import LONGEST_REASON
from cosmolocal.workflows.rights import Action

BOOK = "/books/<book>"
ORDER = f"{BOOK}/orders/<key>"
KNOWN_COLUMNS = (*REQUIRED, *OPTIONAL)
MAX_CELL = 10_000
cells_field = ma.Dict(
    keys=ma.String(),
    values=ma.String(),
    required=True,
    metadata={"description": "by column, as the file has it; `address` and `contact` only for who may change orders"},
)
_row = {
    "name": field_of(str),
    "file": field_of(str, "what plans and runs call it"),
    "digest": field_of(str | None, "of the file; null: it cannot be read"),
    "orders": field_of(int),
    "units": field_of(int),
    "first_due": field_of(str | None),
    "last_due": field_of(str | None),
    "problems": field_of(int, "how many things are wrong with it"),
    "address": field_of(str),
}
BookRow = build_schema("BookRow", **_row)
BookDocument = build_schema(
    "OrderBook",
    **_row,
    columns=field_of(tuple[str, ...]),
    faults=nested(ProblemSchema, "what is wrong besides single orders", many=True),
)
OrderCells = build_schema(
    "OrderInBook",
    key=field_of(str, "its id; `:` and its line where the id is wrong or not its own"),
    cells=cells_field,
    faults=nested(ProblemSchema, "what is wrong with it", many=True),
    address=field_of(str),
)
HistoryDocument = build_schema(
    "BookHistory",
    changes=nested(
        build_schema("OrderChange", **members_of(OrderChange, "before", "after"), before=ma.Dict(), after=ma.Dict()),
        "the newest 200, newest first; of a table not its cells",
        many=True,
    ),
)


class BookOrderQuery(PageQuery):
    """Which orders: the filters of the book's page."""

    q = word("words that the row's cells and names hold, all of them")
    place = word("id of a place")
    design = word("id of a design")
    priority = ma.String(load_default="", validate=OneOf([str(one) for one in view.PRIORITIES]))
    since = IsoDate(metadata={"description": "due on this day or later"})
    until = IsoDate(metadata={"description": "due on this day or earlier"})
    faults = ma.String(load_default="", validate=OneOf(["yes"]), metadata={"description": "only what is wrong"})
    sort = ma.String(
        load_default="line",
        validate=OneOf([*view.SORTS, *(f"-{key}" for key in view.SORTS)]),
        metadata={"description": "`-` before it: largest first"},
    )


class RemoveQuery(Query):
    """Why an order is removed."""

    reason = ma.String(
        required=True, validate=Length(1, LONGEST_REASON), metadata={"description": "kept in the history"}
    )


class BookBody(Body):
    """An order book that is wanted."""

    name = told("small letters, digits and hyphens, such as spring-2027", required=True)


def _cells(name: str, required: tuple[str, ...]) -> Any:
    table = {column: ma.String(required=column in required, validate=Length(max=MAX_CELL)) for column in KNOWN_COLUMNS}
    return build_schema(name, **table)


NewOrderBody = _cells("NewOrderCells", REQUIRED)
ChangeBody = _cells("ChangedOrderCells", ())


def describe_row(book: OrderBook) -> dict[str, Any]:
    """Return a book in the list."""
    due = book.due_dates
    return {
        "name": book.name,
        "file": book.file,
        "digest": book.digest,
        "orders": len(book.rows),
        "units": book.units,
        "first_due": due[0].isoformat() if due else None,
        "last_due": due[1].isoformat() if due else None,
        "problems": book.problems,
        "address": url_for("api.show_book", book=book.name),
    }


def describe_broken(name: str, error: InputError) -> dict[str, Any]:
    """Return a book in the list that cannot be read."""
    empty = dict.fromkeys(("digest", "first_due", "last_due")) | {"orders": 0, "units": 0}
    address = url_for("api.show_book", book=name)
    return {"name": name, "file": f"orders/{name}.csv", **empty, "problems": len(error.problems), "address": address}


def describe_book(book: OrderBook) -> dict[str, Any]:
    """Return a book with what is wrong with it as a whole."""
    private = sees_all()
    faults = [problem.as_dict() for problem in view.book_faults(book, private)]
    return {**describe_row(book), "columns": list(shown_columns(book, private)), "faults": faults}


def describe_order(book: OrderBook, row: Row) -> dict[str, Any]:
    """Return an order of a book, with the cells that its reader may see."""
    private = sees_all()
    faults = [fault.problem.as_dict() for fault in row.faults if private or fault.column not in PRIVATE]
    return {
        "key": row.key,
        "cells": {column: row.cells.get(column, "") for column in shown_columns(book, private)},
        "faults": faults,
        "address": url_for("api.show_book_order", book=book.name, key=row.key),
    }


@bp.operation("GET", "/books", Terms("books", list_of("books", BookRow), query=PageQuery))
def show_books(query: dict[str, Any]) -> Response:
    """Return a page of the order books by name."""
    load_region()
    found = [
        describe_row(one) if isinstance(one, OrderBook) else describe_broken(*one) for one in list_books(workspace())
    ]
    rows, following = page_after(found, lambda row: str(row["name"]), query, sorted_by_key=True)
    return answer({"books": rows, "next": following})


@bp.operation(
    "POST",
    "/books",
    Terms("books", BookDocument, body=BookBody, status=201, action=Action.EDIT_ORDERS, scope=Scope.PLAN, creates=True),
)
def start_book(body: dict[str, Any]) -> Response:
    """Start an empty order book."""
    person = require(Action.EDIT_ORDERS)

    def make() -> Made:
        with told_of_body():
            name = order_changes.start_book(workspace(), person, body["name"])
        return Made(describe_book(load_book(name)), location=url_for("api.show_book", book=name))

    return once(person, digest_of(body), make)


@bp.operation("GET", BOOK, Terms("books", BookDocument))
def show_book(book: str) -> Response:
    """Return an order book without its orders."""
    return answer(describe_book(load_book(book)))


@bp.operation("GET", f"{BOOK}/history", Terms("books", HistoryDocument, action=Action.EDIT_ORDERS))
def show_history(book: str) -> Response:
    """Return who changed what in a book, and when."""
    require(Action.EDIT_ORDERS)
    load_book(book)
    changes = [
        {field.name: to_plain(getattr(one, field.name)) for field in fields(one)}
        for one in list_changes(workspace(), book)
    ]
    return answer({"changes": changes})


@bp.operation(
    "GET",
    f"{BOOK}/orders",
    Terms("books", list_of("orders", OrderCells, called="BookOrdersPage", total=field_of(int)), query=BookOrderQuery),
)
def list_book_orders(query: dict[str, Any], book: str) -> Response:
    """Return a page of a book's orders."""
    opened = load_book(book)
    wanted = {name: str(value) for name, value in query.items() if value not in (None, "")}
    found = view.find_page(opened, wanted, g.names, sees_all()).rows
    rows, following = page_after(found, lambda row: row.key, query)
    told_rows = [describe_order(opened, row) for row in rows]
    return answer({"orders": told_rows, "total": len(found), "next": following})


@bp.operation(
    "POST",
    f"{BOOK}/orders",
    Terms(
        "books",
        OrderCells,
        body=NewOrderBody,
        status=201,
        action=Action.EDIT_ORDERS,
        scope=Scope.PLAN,
        creates=True,
    ),
)
def add_to_book(body: dict[str, Any], book: str) -> Response:
    """Add an order to a book: its cells as the file has them."""
    person = require(Action.EDIT_ORDERS)

    def make() -> Made:
        load_book(book)
        with told_of_body():
            order = order_changes.add_order(workspace(), person, book, "", body)
        opened = load_book(book)
        location = url_for("api.show_book_order", book=book, key=order.id)
        return Made(describe_order(opened, opened.find(order.id)), location=location)

    return tagged(once(person, digest_of(body), make))


@bp.operation("GET", ORDER, Terms("books", OrderCells))
def show_book_order(book: str, key: str) -> Response:
    """Return an order of a book; its ETag is what a change sends as If-Match."""
    opened = load_book(book)
    return answer(describe_order(opened, opened.find(key)))


@bp.operation(
    "PATCH",
    ORDER,
    Terms("books", OrderCells, body=ChangeBody, action=Action.EDIT_ORDERS, scope=Scope.PLAN, if_match=True),
)
def change_in_book(body: dict[str, Any], book: str, key: str) -> Response:
    """Change cells of an order; those that are not named stay."""
    person, opened = require(Action.EDIT_ORDERS), load_book(book)
    require_match(describe_order(opened, opened.find(key)))
    with told_of_body():
        order = order_changes.change_order(workspace(), person, book, opened.digest, key, body)
    opened = load_book(book)
    return tagged(answer(describe_order(opened, opened.find(order.id))))


@bp.operation(
    "DELETE",
    ORDER,
    Terms("books", OrderCells, query=RemoveQuery, action=Action.EDIT_ORDERS, scope=Scope.PLAN, if_match=True),
)
def remove_from_book(query: dict[str, Any], book: str, key: str) -> Response:
    """Remove an order, and return it as it was."""
    person, opened = require(Action.EDIT_ORDERS), load_book(book)
    gone = describe_order(opened, opened.find(key))
    require_match(gone)
    order_changes.remove_order(workspace(), person, book, opened.digest, key, query["reason"])
    return answer(gone)
