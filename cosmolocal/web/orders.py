"""Orders: why each is made where it is, or why it is not."""

from flask import Blueprint, g, render_template

from cosmolocal.exports.svg_map import draw_map
from cosmolocal.web import orders_view, plans_view, unmet_view
from cosmolocal.web.shared import find_order, load_plan
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.words import gettext

bp = Blueprint("orders", __name__)


@bp.get("/plans/<plan_id>/orders/<order_id>")
@shared_page()
def show(plan_id: str, order_id: str) -> str:
    """Show an order of a plan: its lots, their costs term by term, and what else was possible."""
    view = load_plan(plan_id)
    order = find_order(view, order_id)
    words = gettext("Map of the order"), gettext("The ways of this order from its workshops to its neighbourhood.")
    return render_template(
        "orders/show.html",
        order=order,
        made=orders_view.made_lots(view.plan, order_id, g.names),
        unmet=unmet_view.unmet_rows((row for row in view.plan.unmet if row.order == order_id), view, g.names),
        svg=draw_map(plans_view.order_layers(g.region, view, order), *words, gettext, legend=False),
    )
