"""What more capacity is worth: the prices of a plan, the highest first."""

from flask import Blueprint, Response, g, render_template, request

from cosmolocal.web import worth_view
from cosmolocal.web.sending import send_rows
from cosmolocal.web.shared import load_plan
from cosmolocal.web.shared_pages import shared_page

bp = Blueprint("worth", __name__)


@bp.get("/plans/<plan_id>/worth")
@shared_page(own_designs=True)
def show(plan_id: str) -> str:
    """Show what an hour more of each machine group, or more room on a link, would be worth, and what that means."""
    view = load_plan(plan_id)
    query = worth_view.read_query(request.args, g.names)
    page = worth_view.build_page(view, query, g.names)
    return render_template("worth/show.html", query=query, page=page)


@bp.get("/plans/<plan_id>/worth.<any(csv, json):form>")
def export(plan_id: str, form: str) -> Response:
    """Send the prices that the address asks for."""
    view = load_plan(plan_id)
    query = worth_view.read_query(request.args, g.names)
    rows = worth_view.price_rows(worth_view.find_prices(view, query, g.names), view.plan.id, g.names)
    return send_rows(f"worth-{view.plan.id}", form, worth_view.COLUMNS, rows)
