"""How full the workshops are, week by week, and what more room would be worth: a table that is a map of heat."""

from flask import Blueprint, Response, g, render_template, request

from cosmolocal.web import load_view
from cosmolocal.web.sending import send_rows
from cosmolocal.web.shared import load_plan
from cosmolocal.web.shared_pages import shared_page

bp = Blueprint("load", __name__)


@bp.get("/plans/<plan_id>/load")
@shared_page(own_designs=True)
def show(plan_id: str) -> str:
    """Show hours used of hours there by workshop and week; of one workshop, by machine group and week."""
    view = load_plan(plan_id)
    query = load_view.read_query(request.args, g.names)
    grid = load_view.build_grid(g.region, view, query, g.names)
    return render_template("load/show.html", query=query, grid=grid, words=load_view.legend(query, grid))


@bp.get("/plans/<plan_id>/load.<any(csv, json):form>")
def export(plan_id: str, form: str) -> Response:
    """Send the hours of every machine group and week that the address asks for."""
    view = load_plan(plan_id)
    query = load_view.read_query(request.args, g.names)
    rows = load_view.load_rows(view, query, g.names)
    return send_rows(f"load-{view.plan.id}", form, load_view.COLUMNS, rows)
