"""Order books: their orders to read, filter and take away; forms that add, change and remove one."""

from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import Person
from cosmolocal.web import order_books_view as view
from cosmolocal.web.fault_words import tell
from cosmolocal.web.order_form import Form, ask_quote, by_field, read_form, start_form
from cosmolocal.web.sending import send_file
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows import order_changes
from cosmolocal.workflows.order_books import (
    OrderBook,
    Row,
    find_lots,
    find_newest_plan,
    list_books,
    list_changes,
    open_book,
    shown_columns,
)
from cosmolocal.workflows.order_changes import StaleBookError
from cosmolocal.workflows.rights import Action, may
from cosmolocal.workflows.workspace import real_plans

bp = Blueprint("order_books", __name__)
Answer = str | Response | tuple[str, int]


@bp.app_template_filter()
def place_name(place_id: str) -> str:
    """Return the name of a place or workshop."""
    return str(g.names.place(place_id))


@bp.app_template_filter()
def column_label(column: str) -> str:
    """Return what a column of orders is called."""
    return view.label(column)


@bp.app_template_filter()
def iso_day(text: str) -> date:
    """Return the day that an ISO date says."""
    return date.fromisoformat(text)


def load_book(name: str) -> OrderBook:
    """Return an order book of the region."""
    load_region()
    return open_book(workspace(), name)


def sees_all() -> bool:
    """Tell whether addresses, contacts and authors are shown to who asks."""
    return may(current_person(), Action.EDIT_ORDERS)


@bp.get("/orders/")
def index() -> str:
    """List the order books of the region."""
    load_region()
    books = list_books(workspace())
    plans = {plan.book: plan for plan in reversed(real_plans(workspace().plans()))}
    good = [book for book in books if isinstance(book, OrderBook)]
    broken = [book for book in books if not isinstance(book, OrderBook)]
    return render_template("order_books/index.html", books=good, broken=broken, plans=plans)


@bp.get("/orders/new")
def new() -> str:
    """Show the form that starts an order book."""
    require(Action.EDIT_ORDERS)
    load_region()
    return render_template("order_books/new.html", name="", told={}, doubts={})


@bp.post("/orders/new")
def start() -> Answer:
    """Start an order book."""
    person = require(Action.EDIT_ORDERS)
    load_region()
    name = request.form.get("name", "")
    try:
        name = order_changes.start_book(workspace(), person, name)
    except InputError as error:
        told = {"name": [tell(problem) for problem in error.problems]}
        return render_template("order_books/new.html", name=name, told=told, doubts={}), 422
    return redirect(url_for("order_books.show", book=name, done="started"), 303)


@bp.get("/orders/<book>/")
def show(book: str) -> str:
    """Show a book as a table: the part of it that an address asks for."""
    opened, private = load_book(book), sees_all()
    found = view.find_page(opened, request.args, g.names, private)
    plan = find_newest_plan(workspace(), book)
    ids = [row.cells.get("id", "") for row in found.cut.shown]
    names = view.names_at(g.names, workspace(), plan)
    lots = find_lots(workspace(), plan, ids) if plan else {}
    columns = shown_columns(opened, private)
    rows = [
        {
            "row": row,
            "more": view.tell_more(row, columns),
            "faults": view.visible_faults(row, private),
            "placed": view.place_in_plan(lots.get(row.cells.get("id", "")), names),
        }
        for row in found.cut.shown
    ]
    return render_template(
        "order_books/show.html",
        book=opened,
        found=found,
        query=found.query,
        rows=rows,
        plan=plan,
        choices=view.filter_choices(opened, g.names),
        priorities=view.PRIORITIES,
        faults=view.book_faults(opened, private),
    )


@bp.get("/orders/<book>/book.<any(csv, json):form>")
def export(book: str, form: str) -> Response:
    """Send a book, or the part of it that an address asks for, as a file."""
    opened, private = load_book(book), sees_all()
    found = view.find_page(opened, request.args, g.names, private)
    columns = shown_columns(opened, private)
    exact = request.args.get("exact") == "yes"
    content = view.to_json(opened, found.rows, columns) if form == "json" else view.to_csv(found.rows, columns, exact)
    response = send_file(f"{book}-part" if found.query.filters else book, form, content)
    if private:
        response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/orders/<book>/history")
def history(book: str) -> str:
    """Show who changed what in a book, and when."""
    require(Action.EDIT_ORDERS)
    opened = load_book(book)
    changes = [(change, view.tell_change(change)) for change in list_changes(workspace(), book)]
    return render_template("order_books/history.html", book=opened, changes=changes)


@bp.get("/orders/<book>/add")
def add(book: str) -> Answer:
    """Show the form of a new order."""
    require(Action.EDIT_ORDERS)
    opened = load_book(book)
    return show_form(opened, start_form(opened, None, request.args))


@bp.post("/orders/<book>/add")
def add_now(book: str) -> Answer:
    """Add an order; or say who could make it."""
    person = require(Action.EDIT_ORDERS)
    return take_form(load_book(book), person, None)


@bp.get("/orders/<book>/rows/<key>/")
def change(book: str, key: str) -> Answer:
    """Show the form of an order that is in the book."""
    require(Action.EDIT_ORDERS)
    opened = load_book(book)
    return show_form(opened, start_form(opened, opened.find(key), {}))


@bp.post("/orders/<book>/rows/<key>/")
def change_now(book: str, key: str) -> Answer:
    """Change an order; or say who could make it."""
    person = require(Action.EDIT_ORDERS)
    return take_form(load_book(book), person, key)


@bp.get("/orders/<book>/rows/<key>/remove")
def remove(book: str, key: str) -> Answer:
    """Show the form that removes an order."""
    require(Action.EDIT_ORDERS)
    opened = load_book(book)
    return show_removal(opened, opened.find(key), {})


@bp.post("/orders/<book>/rows/<key>/remove")
def remove_now(book: str, key: str) -> Answer:
    """Remove an order from the book."""
    person = require(Action.EDIT_ORDERS)
    opened = load_book(book)
    row, reason = opened.find(key), request.form.get("reason", "")
    try:
        order_changes.remove_order(workspace(), person, book, request.form.get("digest", "?"), key, reason)
    except StaleBookError:
        return show_removal(load_book(book), row, {}, reason, stale=True), 409
    except InputError as error:
        return show_removal(opened, row, {"reason": [tell(one) for one in error.problems]}, reason), 422
    return redirect(url_for("order_books.show", book=book, done="removed", order=row.cells.get("id", "")), 303)


def show_removal(book: OrderBook, row: Row, told: dict[str, list[str]], reason: str = "", stale: bool = False) -> str:
    """Return the page that asks why an order is removed."""
    more = view.tell_more(row, shown_columns(book, private=True))
    return render_template(
        "order_books/remove.html", book=book, row=row, more=more, told=told, doubts={}, reason=reason, stale=stale
    )


def take_form(book: OrderBook, person: Person, key: str | None) -> Answer:
    """Do what the button of an order's form says."""
    form = read_form(request.form, book, key, g.region)
    if request.form.get("do") == "quote":
        return ask_and_show(book, form)
    try:
        if key is None:
            order = order_changes.add_order(workspace(), person, book.name, "", form.cells)
        else:
            order = order_changes.change_order(workspace(), person, book.name, form.digest, key, form.cells)
    except StaleBookError:
        return show_stale(load_book(book.name), form)
    except NotFoundError:
        return show_stale(book, form)
    except InputError as error:
        return show_form(book, form, error), 422
    done = "added" if key is None else "changed"
    return redirect(url_for("order_books.show", book=book.name, q=order.id, done=done, order=order.id), 303)


def ask_and_show(book: OrderBook, form: Form) -> Answer:
    """Show a form with who could make the order."""
    try:
        found = ask_quote(workspace(), book, form)
    except InputError as error:
        return show_form(book, form, error), 422
    return show_form(book, form, quote=found)


def show_stale(book: OrderBook, form: Form) -> Answer:
    """Show what was typed beside what the book says by now; saving again is then a decision."""
    try:
        now: Row | None = book.find(form.key or "")
    except NotFoundError:
        now = None
    return show_form(book, form.refreshed(book, now), stale=True, now=now), 409


def show_form(book: OrderBook, form: Form, error: InputError | None = None, **more: Any) -> str:
    """Return the page of an order's form, each problem beside its field."""
    return render_template(
        "order_books/form.html",
        book=book,
        form=form,
        told=by_field(error, form),
        doubts={},
        labels=view.labels(),
        options=view.options_of(g.region),
        plan=find_newest_plan(workspace(), book.name),
        **more,
    )
