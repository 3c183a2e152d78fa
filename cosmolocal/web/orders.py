"""Orders: why each is made where it is, or why it is not, and what a planner wishes for it."""

from flask import Blueprint, g, render_template, request

from cosmolocal.exports.svg_map import draw_map
from cosmolocal.records import Order
from cosmolocal.web import orders_view, plans_view, steering_view, unmet_view
from cosmolocal.web.shared import find_order, load_plan, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.sign_in import current_person
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.rights import Action, may
from cosmolocal.workflows.wishing import list_wishes

bp = Blueprint("orders", __name__)


@bp.get("/plans/<plan_id>/orders/<order_id>")
@shared_page(lambda: workspace().database_state(), per_person=True)
def show(plan_id: str, order_id: str) -> str:
    """Show an order of a plan: its lots, their costs term by term, and what else was possible."""
    view = load_plan(plan_id)
    return show_order(view, find_order(view, order_id))


def show_order(view: PlanView, order: Order, faults: list[str] | None = None) -> str:
    """Return the page of an order; to a planner with wishes, what was sent and what is wrong with it."""
    words = gettext("Map of the order"), gettext("The ways of this order from its workshops to its neighbourhood.")
    steers = may(current_person(), Action.STEER)
    held = list_wishes(workspace(), view.plan.region, view.plan.book, order.id) if steers else ()
    return render_template(
        "orders/show.html",
        order=order,
        made=orders_view.made_lots(view.plan, order.id, g.names),
        unmet=unmet_view.unmet_rows((row for row in view.plan.unmet if row.order == order.id), view, g.names),
        svg=draw_map(plans_view.order_layers(g.region, view, order), *words, gettext, legend=False),
        steers=steers,
        wishes=[(wish, steering_view.tell_wish(wish, g.names)) for wish in held],
        faults=faults or [],
        sent=steering_view.sent_values(request.form),
        workshop_choices=lambda lot: steering_view.workshop_choices(lot, g.names),
        mondays=steering_view.week_choices(view, g.names),
    )
