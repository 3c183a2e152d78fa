"""Many orders at once in the API: a table as CSV, what it would do to a book, and doing just that."""

from typing import Any

from flask import Response, request, url_for
from marshmallow import fields as ma
from marshmallow.validate import OneOf
from werkzeug.exceptions import UnsupportedMediaType

from cosmolocal.errors import InputError
from cosmolocal.records import Scope
from cosmolocal.web.api.answers import Made, answer, digest_of, once, require_tag
from cosmolocal.web.api.books import BOOK, cells_field
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import Query
from cosmolocal.web.api.schemas import ProblemSchema, build_schema, field_of, nested
from cosmolocal.web.order_books import load_book
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.order_reading import DATE_ORDERS, MAX_BYTES, SEPARATORS, Options, decode
from cosmolocal.workflows.order_uploads import NewRow, Preview, preview_rows, take_upload
from cosmolocal.workflows.rights import Action

#: rows of each kind that an answer lists
SHOWN = 200
CSV_TYPES = ("text/csv", "application/csv")
_shown = f"the first {SHOWN}"
_line = field_of(int, "line of what was sent")
CountsSchema = build_schema("TableCounts", **{name: field_of(int) for name in ("added", "changed", "same", "faulty")})
TableDocument = build_schema(
    "TableReport",
    mark=field_of(str, "send it as If-Match, so that what is done is what was shown"),
    book=field_of(str),
    digest=field_of(str, "of the book it was compared with"),
    separator=field_of(str),
    columns=field_of(tuple[str, ...], "what each column stands for; empty: it is left out"),
    counts=nested(CountsSchema),
    problems=nested(ProblemSchema, "what is wrong with the table; nothing can be done then", many=True),
    added=nested(build_schema("AddedOrder", line=_line, cells=cells_field), _shown, many=True),
    changed=nested(
        build_schema(
            "ChangedOrder",
            line=_line,
            id=field_of(str),
            changes=ma.Dict(required=True, metadata={"description": "by column: before and after"}),
        ),
        _shown,
        many=True,
    ),
    faulty=nested(
        build_schema("FaultyOrder", line=_line, problems=nested(ProblemSchema, many=True)), _shown, many=True
    ),
    readings=nested(
        build_schema("Reading", column=field_of(str), found=field_of(str), read=field_of(str), times=field_of(int)),
        "what was understood as something else than it says",
        many=True,
    ),
)
TABLE_DOC = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "description": "its first row names the columns"}}},
    }
}


class TableQuery(Query):
    """How a table is to be read."""

    separator = ma.String(
        load_default="", validate=OneOf(list(SEPARATORS)), metadata={"description": "left out: it is found out"}
    )
    dates = ma.String(
        load_default=DATE_ORDERS[0],
        validate=OneOf(DATE_ORDERS),
        metadata={"description": "what comes first in a date such as 3/4/2027"},
    )


class TakeQuery(TableQuery):
    """How a table is to be read and taken."""

    faulty = ma.String(
        load_default="refuse",
        validate=OneOf(["refuse", "leave-out"]),
        metadata={"description": "`refuse`: one row with faults means that nothing is done"},
    )


def read_table(query: dict[str, Any]) -> tuple[str, Options]:
    """Return the text of the table in the body, and how it is to be read."""
    if request.mimetype not in CSV_TYPES:
        raise UnsupportedMediaType("Send a table as text/csv.")
    request.max_content_length = MAX_BYTES + 1
    text, _ = decode(request.get_data())
    return text.replace("\r\n", "\n").replace("\r", "\n"), Options(query["separator"], query["dates"])


def describe_preview(book: str, preview: Preview) -> dict[str, Any]:
    """Return what a table would do to a book, or did."""
    kinds = ("added", "changed", "same", "faulty")
    return {
        "mark": preview.mark,
        "book": book,
        "digest": preview.digest,
        "separator": preview.sent.separator,
        "columns": list(preview.sent.columns),
        "counts": {kind: len(getattr(preview, kind)) for kind in kinds},
        "problems": [problem.as_dict() for problem in preview.problems],
        "added": [{"line": row.line, "cells": dict(row.cells)} for row in preview.added[:SHOWN]],
        "changed": [_describe_change(row) for row in preview.changed[:SHOWN]],
        "faulty": [
            {"line": row.line, "problems": [fault.problem.as_dict() for fault in row.faults]}
            for row in preview.faulty[:SHOWN]
        ],
        "readings": [
            {"column": one.column, "found": one.found, "read": one.read, "times": times}
            for one, times in list(preview.readings.items())[:SHOWN]
        ],
    }


def _describe_change(row: NewRow) -> dict[str, Any]:
    changes = {name: list(pair) for name, pair in row.changes.items()}
    return {"line": row.line, "id": row.cells["id"], "changes": changes}


@bp.operation(
    "POST",
    f"{BOOK}/preview",
    Terms(
        "books",
        TableDocument,
        query=TableQuery,
        action=Action.EDIT_ORDERS,
        scope=Scope.PLAN,
        errors=(413, 415),
        doc=TABLE_DOC,
    ),
)
def preview_table(query: dict[str, Any], book: str) -> Response:
    """Return what a table would do to a book: orders are added and changed, none is removed. Nothing is written."""
    require(Action.EDIT_ORDERS)
    text, options = read_table(query)
    return answer(describe_preview(book, preview_rows(workspace(), load_book(book), text, options)))


@bp.operation(
    "POST",
    f"{BOOK}/table",
    Terms(
        "books",
        TableDocument,
        query=TakeQuery,
        status=201,
        action=Action.EDIT_ORDERS,
        scope=Scope.PLAN,
        creates=True,
        if_match=True,
        errors=(413, 415),
        doc=TABLE_DOC,
    ),
)
def take_table(query: dict[str, Any], book: str) -> Response:
    """Add and change what a table says. If-Match is the `mark` of its preview; `*`: whatever it does."""
    person = require(Action.EDIT_ORDERS)
    text, options = read_table(query)

    def make() -> Made:
        opened = load_book(book)
        preview = preview_rows(workspace(), opened, text, options)
        if preview.problems:
            raise InputError(preview.faults)
        require_tag(preview.mark)
        seen = (preview.mark, query["faulty"] == "leave-out")
        done = take_upload(workspace(), person, opened, text, options, seen)
        return Made(describe_preview(book, done), location=url_for("api.list_book_orders", book=book))

    return once(person, digest_of([text, query]), make)
