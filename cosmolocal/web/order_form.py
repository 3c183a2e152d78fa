"""The form of one order: its fields whatever columns order books have, and what a quote says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import g

from cosmolocal.errors import InputError
from cosmolocal.orders import ALL_COLUMNS, REQUIRED
from cosmolocal.records import Fix, Reason, Region
from cosmolocal.web.fault_words import tell
from cosmolocal.web.order_books_view import next_id
from cosmolocal.web.reasons_view import tell_fix, tell_reason
from cosmolocal.workflows import Question, Workspace, open_desk, quote
from cosmolocal.workflows.book_text import MEANT
from cosmolocal.workflows.order_books import OrderBook, Row, find_newest_plan
from cosmolocal.workflows.order_changes import check_cells
from cosmolocal.workflows.order_reading import Options, Reader, Reading

ALTERNATIVES = 3
#: fields that stand in the form before all others
FIRST = ("design", "version", "quantity", "place", "due_date")


@dataclass(frozen=True, slots=True)
class Form:
    """An order as it stands in the form."""

    #: None: a new order
    key: str | None
    #: of the book that the form was filled from
    digest: str
    #: trimmed, by column
    cells: Mapping[str, str]
    #: cells that were understood as something else than typed
    readings: tuple[Reading, ...] = ()
    #: columns of the file that order books do not have, shown as they are
    unknown: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns in the order of the form."""
        rest = [name for name in ALL_COLUMNS if name not in FIRST and name != "id"]
        return ("id", *FIRST, *rest)

    def is_required(self, column: str) -> bool:
        """Tell whether a field must be filled in."""
        return column in REQUIRED

    def value(self, column: str) -> str:
        """Return what stands in a field."""
        return self.cells.get(column, "") or MEANT.get(column, "")

    def refreshed(self, book: OrderBook, now: Row | None) -> "Form":
        """Return the form as one of the book as it is now; an order that is gone would be added anew."""
        return replace(self, digest=book.digest, key=None if now is None else self.key)


def start_form(book: OrderBook, row: Row | None, given: Mapping[str, str]) -> Form:
    """Return the form of an order of the book, or of a new one with what an address says."""
    unknown = tuple(name for name in dict.fromkeys(book.text.columns) if name and name not in ALL_COLUMNS)
    if row is not None:
        return Form(row.key, book.digest, row.cells, unknown=unknown)
    cells = {column: given[column] for column in ALL_COLUMNS if given.get(column)}
    return Form(None, book.digest, {"id": next_id(book), **cells}, unknown=unknown)


def read_form(sent: Mapping[str, str], book: OrderBook, key: str | None, region: Region) -> Form:
    """Return the form as it was sent; names that mean one design or place become its id."""
    unknown = tuple(name for name in dict.fromkeys(book.text.columns) if name and name not in ALL_COLUMNS)
    cells = {column: " ".join(sent[column].split()) for column in ALL_COLUMNS if column in sent}
    read, readings = Reader(region, Options().dates).read(cells)
    before = next((row.cells for row in book.rows if key is not None and row.key == key), {})
    # what says no more than nothing stays as the book has it
    kept = {
        name: cell
        for name, cell in read.items()
        if not (name in before and cell == MEANT.get(name) and not before[name])
    }
    return Form(key, sent.get("digest", "?"), kept, readings, unknown)


def by_field(error: InputError | None, form: Form) -> dict[str, list[str]]:
    """Return the sentences to be shown beside each field; "": beside none."""
    told: dict[str, list[str]] = {}
    for problem in error.problems if error else ():
        name = problem.where.rpartition(".")[2]
        told.setdefault(name if name in form.columns else "", []).append(tell(problem))
    return told


def ask_quote(workspace: Workspace, book: OrderBook, form: Form) -> dict[str, Any]:
    """Return who could make the order of a form, from when and for how much.

    Raises
    ------
    InputError
        With everything that is wrong with the order.
    """
    before = next((row.cells for row in book.rows if row.key == form.key), {}) if form.key else {}
    order, problems = check_cells(workspace.region(), {**before, **form.cells})
    # its id is no part of the question
    problems = [problem for problem in problems if problem.where != "order.id"]
    if problems:
        raise InputError(problems)
    plan = find_newest_plan(workspace, book.name)
    question = Question(
        design=f"{order.design}@{order.version}",
        quantity=order.quantity,
        place=order.place,
        due_date=order.due_date,
        release_date=order.release_date,
        max_distance_m=order.max_distance_m,
        priority=order.priority,
        alternatives=ALTERNATIVES,
        first_article=order.first_article,
    )
    found = quote(open_desk(workspace, plan.id if plan else None), question)
    reasons = [tell_reason(Reason(one["code"], one["values"]), g.names) for one in found["reasons"]]
    fixes = [tell_fix(Fix(one["code"], one["values"], one["saves_cents"]), g.names) for one in found["fixes"]]
    return {**found, "reasons": reasons, "fixes": fixes}
