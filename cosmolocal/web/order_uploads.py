"""Many orders at once: a CSV file or pasted rows, a preview of what they would do, and doing just that."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.orders import ALL_COLUMNS, REQUIRED
from cosmolocal.records import Person
from cosmolocal.web import order_books_view as view
from cosmolocal.web.order_books import load_book
from cosmolocal.web.problem_json import status_of
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import csrf, require
from cosmolocal.workflows.order_books import OrderBook
from cosmolocal.workflows.order_changes import StaleBookError
from cosmolocal.workflows.order_reading import (
    DATE_ORDERS,
    LEFT_OUT,
    MAX_BYTES,
    MAX_ROWS,
    SEPARATORS,
    Options,
    decode,
    read_header,
    too_large,
)
from cosmolocal.workflows.order_uploads import Preview, preview_rows, take_upload
from cosmolocal.workflows.rights import Action

bp = Blueprint("order_uploads", __name__)
Answer = str | Response | tuple[str, int]

#: rows of each kind that the preview shows
SHOWN = 200
PASTED = "pasted"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form of an upload holds."""

    text: str = ""
    #: utf-8, utf-8-bom, utf-16, windows-1252 or pasted
    encoding: str = PASTED
    file: str = ""
    options: Options = field(default_factory=Options)


@bp.get("/orders/<book>/upload")
def upload(book: str) -> Answer:
    """Show the form that takes many orders."""
    require(Action.EDIT_ORDERS)
    return show(load_book(book), Sent())


@bp.post("/orders/<book>/upload")
def upload_now(book: str) -> Answer:
    """Show what a table would do to the book; or do it, when its preview was seen."""
    person = require(Action.EDIT_ORDERS)
    sent = Sent()
    try:
        with large_form() as form:
            csrf.protect()
            opened = load_book(book)
            sent = read_sent_form(form)
        preview = preview_rows(workspace(), opened, sent.text, sent.options)
    except InputError as error:
        return show(load_book(book), sent, problems=error.problems), status_of(error)
    do = form.get("do", "preview")
    if do in ("take", "take-good"):
        return take(opened, person, sent, preview, form)
    return show(opened, sent, preview), 422 if preview.problems else 200


# its body may be large: the token is checked once it is known who sends it
csrf.exempt(upload_now)


@contextmanager
def large_form() -> Iterator[MultiDict[str, str]]:
    """Read a form that may be as large as an upload of orders."""
    # pasted text is sent with each of its signs up to three times as long
    request.max_content_length = 3 * MAX_BYTES
    request.max_form_memory_size = 2 * MAX_BYTES
    try:
        yield request.form
    except RequestEntityTooLarge:
        raise too_large(say("is larger")) from None


def read_sent_form(form: MultiDict[str, str]) -> Sent:
    """Return what the form holds; a file outweighs what stands in the field for text."""
    file = request.files.get("file")
    options = Options(
        separator=form.get("separator", "") if form.get("separator") in SEPARATORS else "",
        dates=form.get("dates", "") if form.get("dates") in DATE_ORDERS else DATE_ORDERS[0],
    )
    if file is not None and file.filename:
        with closing(file.stream) as stream:
            text, encoding = decode(stream.read(MAX_BYTES + 1))
        sent = Sent(text, encoding, file.filename, options)
    else:
        sent = Sent(form.get("text", ""), form.get("encoding", PASTED), form.get("file-name", ""), options)
    text = sent.text.replace("\r\n", "\n").replace("\r", "\n")
    header = read_header(text, options.separator)
    if form.get("header") == name_header(header):
        # only what was chosen for these very columns means anything
        chosen = {number: form.get(f"column-{number}", LEFT_OUT) for number in range(len(header))}
        options = replace(options, columns=chosen)
    return replace(sent, text=text, options=options)


def name_header(header: tuple[str, ...]) -> str:
    """Return a short word for these names of columns."""
    return hashlib.sha256("\n".join(header).encode()).hexdigest()[:24]


@bp.app_template_filter()
def column_pair(column: str) -> tuple[str, str]:
    """Return a column of orders with its label, as a choice."""
    return column, f"{view.label(column)} ({column})"


def take(book: OrderBook, person: Person, sent: Sent, preview: Preview, form: MultiDict[str, str]) -> Answer:
    """Do what the preview showed."""
    digest, leave_out = form.get("digest", "?"), form.get("do") == "take-good"
    try:
        done = take_upload(
            workspace(),
            person,
            replace(book, digest=digest),
            sent.text,
            sent.options,
            (form.get("shown", ""), leave_out),
        )
    except StaleBookError as error:
        fresh = load_book(book.name)
        preview = preview_rows(workspace(), fresh, sent.text, sent.options)
        return show(fresh, sent, preview, error.problems), 409
    except InputError as error:
        return show(book, sent, preview, error.problems), status_of(error)
    added, changed, left = len(done.added), len(done.changed), len(done.faulty)
    address = url_for("order_books.show", book=book.name, done="uploaded", added=added, changed=changed, left=left)
    return redirect(address, 303)


def show(book: OrderBook, sent: Sent, preview: Preview | None = None, problems: tuple[Problem, ...] = ()) -> str:
    """Return the page of the form, with a preview where something was sent."""
    return render_template(
        "order_books/upload.html",
        book=book,
        sent=sent,
        preview=preview,
        problems=problems,
        header=name_header(preview.sent.header) if preview else "",
        labels=view.labels(),
        columns=ALL_COLUMNS,
        required=REQUIRED,
        shown=SHOWN,
        limits={"mib": MAX_BYTES >> 20, "rows": MAX_ROWS},
        doubts={},
    )
