"""Which lots are made when: by workshop and week, or lot by lot of one workshop."""

from flask import Blueprint, Response, g, render_template, request

from cosmolocal.web import timeline_view
from cosmolocal.web.sending import send_rows
from cosmolocal.web.shared import load_plan
from cosmolocal.web.shared_pages import shared_page

bp = Blueprint("timeline", __name__)


@bp.get("/plans/<plan_id>/timeline")
@shared_page(own_designs=True)
def show(plan_id: str) -> str:
    """Show the lots of a plan along its weeks."""
    view = load_plan(plan_id)
    query = timeline_view.read_query(request.args, g.names)
    steps = timeline_view.find_steps(view, query, g.names)
    return render_template(
        "timeline/show.html",
        query=query,
        weeks=timeline_view.shown_weeks(view, query),
        last_week=timeline_view.last_week(view),
        choices=timeline_view.choices(view, g.names),
        limits=(timeline_view.MOST_SLOTS, timeline_view.MOST_WEEKS),
        lots=len({step.allocation.lot for step in steps}),
        late=len({step.allocation.lot for step in steps if step.late}),
        shops=timeline_view.shop_lines(steps, query, g.names) if not query.workshop else None,
        lines=timeline_view.lot_lines(steps, query) if query.workshop else None,
    )


@bp.get("/plans/<plan_id>/timeline.<any(csv, json):form>")
def export(plan_id: str, form: str) -> Response:
    """Send a row for each part of a lot that a workshop makes, of those that the address asks for."""
    view = load_plan(plan_id)
    query = timeline_view.read_query(request.args, g.names)
    rows = timeline_view.step_rows(timeline_view.find_steps(view, query, g.names), view.plan.id, g.names)
    return send_rows(f"timeline-{view.plan.id}", form, timeline_view.COLUMNS, rows)
