"""Workshops: what they can do, and how full they are week by week."""

from flask import Blueprint, g, render_template, request

from cosmolocal.errors import NotFoundError, say
from cosmolocal.web import plan_table, plans_view, workshops_view
from cosmolocal.web.shared import load_plan
from cosmolocal.web.shared_pages import shared_page

bp = Blueprint("workshops", __name__)


@bp.get("/plans/<plan_id>/workshops/")
@shared_page(own_designs=True)
def index(plan_id: str) -> str:
    """Show the load of all workshops."""
    view = load_plan(plan_id)
    found = workshops_view.find_page(g.region, view, request.args, g.names)
    return render_template("workshops/index.html", found=found)


@bp.get("/plans/<plan_id>/workshops/<workshop_id>")
@shared_page(own_designs=True)
def show(plan_id: str, workshop_id: str) -> str:
    """Show a workshop: its machine groups, their load per week, and what it makes."""
    view = load_plan(plan_id)
    # the region may have been read again since the plan was: it is the same workshop, and another record
    rows = workshops_view.workshop_rows(g.region, view)
    row = next((row for row in rows if row.workshop.id == workshop_id), None)
    if row is None:
        raise NotFoundError(say("there is no workshop %(name)s", name=repr(workshop_id)))
    query = plan_table.PlanQuery(workshop=workshop_id, sort="week")
    return render_template(
        "workshops/show.html",
        workshop=row.workshop,
        row=row,
        groups=workshops_view.group_rows(row.workshop, view, g.names),
        rows=plan_table.find_rows(plans_view.plan_rows(view, g.names), query),
    )
