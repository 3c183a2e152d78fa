"""Workshops: what they can do, and how full they are week by week."""

from flask import Blueprint, g, render_template

from cosmolocal.errors import NotFoundError
from cosmolocal.web import plan_table, workshops_view
from cosmolocal.web.shared import load_plan

bp = Blueprint("workshops", __name__)


@bp.get("/plans/<plan_id>/workshops/")
def index(plan_id: str) -> str:
    """Show the load of all workshops."""
    view = load_plan(plan_id)
    return render_template("workshops/index.html", rows=workshops_view.workshop_rows(g.region, view))


@bp.get("/plans/<plan_id>/workshops/<workshop_id>")
def show(plan_id: str, workshop_id: str) -> str:
    """Show a workshop: its machine groups, their load per week, and what it makes."""
    view = load_plan(plan_id)
    if workshop_id not in g.names.workshops:
        raise NotFoundError(f"there is no workshop {workshop_id!r}")
    workshop = g.names.workshops[workshop_id]
    query = plan_table.PlanQuery(workshop=workshop_id, sort="week")
    rows = plan_table.find_rows(plan_table.build_rows(view.plan.allocations, view.orders, g.names), query)
    return render_template(
        "workshops/show.html",
        workshop=workshop,
        row=next(row for row in workshops_view.workshop_rows(g.region, view) if row.workshop is workshop),
        groups=workshops_view.group_rows(workshop, view, g.names),
        rows=rows,
    )
