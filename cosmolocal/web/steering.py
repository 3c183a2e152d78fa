"""Steering: what planners wish for single orders, and what moved in the plan that follows."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cosmolocal.errors import InputError
from cosmolocal.web import orders
from cosmolocal.web import steering_view as view
from cosmolocal.web.people import ID
from cosmolocal.web.shared import find_order, load_plan, load_region, workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.moved import find_moved
from cosmolocal.workflows.rights import Action
from cosmolocal.workflows.wishing import add_wish, list_wishes, withdraw_wish

bp = Blueprint("steering", __name__)
Answer = str | Response | tuple[str, int]


@bp.get("/wishes/")
def index() -> str:
    """List the wishes that hold, newest first."""
    require(Action.STEER)
    region = load_region()
    newest: dict[str, str] = {}
    for plan in workspace().plans():
        newest.setdefault(plan.book, plan.id)
    wishes = [(wish, view.tell_wish(wish, g.names)) for wish in list_wishes(workspace(), region.id)]
    return render_template("steering/index.html", wishes=wishes, newest=newest)


@bp.post("/plans/<plan_id>/orders/<order_id>/wishes")
def wish(plan_id: str, order_id: str) -> Answer:
    """Keep what is wished for an order; show its page again where that cannot be."""
    person = require(Action.STEER)
    found = load_plan(plan_id)
    order = find_order(found, order_id)
    try:
        add_wish(workspace(), person, (found, order), request.form)
    except InputError as error:
        return orders.show_order(found, order, view.tell_faults(error, g.names)), 422
    return redirect(url_for("orders.show", plan_id=plan_id, order_id=order_id, done="wished") + "#wishes", 303)


@bp.post(f"/wishes/<{ID}:wish_id>/withdraw")
def withdraw(wish_id: int) -> Answer:
    """Take a wish back."""
    person = require(Action.STEER)
    withdraw_wish(workspace(), person, wish_id)
    plan_id, order_id = request.form.get("plan", ""), request.form.get("order", "")
    if plan_id and order_id:
        return redirect(url_for("orders.show", plan_id=plan_id, order_id=order_id, done="withdrawn") + "#wishes", 303)
    return redirect(url_for("steering.index"), 303)


@bp.get("/plans/<plan_id>/changes")
def changes(plan_id: str) -> str:
    """Show what a plan changes against the one before: every lot that moved, and why."""
    found = load_plan(plan_id)
    if found.plan.changes is None:
        return render_template("steering/from_scratch.html", view=found)
    moved = find_moved(workspace(), found.plan)
    return render_template(
        "steering/changes.html",
        view=found,
        moved=moved,
        rows=[(lot, *view.tell_move(lot.move, g.names), view.cause_name(lot.cause)) for lot in moved.lots],
        tell_part=lambda part: view.tell_part(part, g.names),
        counts=[(view.cause_name(cause), number) for cause, number in moved.counts],
        wishes=[
            (
                pin,
                view.tell_place(g.names, pin.workshop, pin.week),
                view.tell_hindrance(pin.hindrance, g.names) if pin.hindrance else "",
            )
            for pin in moved.changes.pinned
        ],
        conflicts=[
            (row, view.tell_hindrance(row.hindrance, g.names)) for row in moved.changes.conflicts if row.hindrance
        ],
    )
