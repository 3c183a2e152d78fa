"""What is not made here: the reasons, and the smallest changes that would help."""

from flask import Blueprint, g, render_template, request

from cosmolocal.web import unmet_view
from cosmolocal.web.shared import load_plan
from cosmolocal.web.shared_pages import shared_page

bp = Blueprint("unmet", __name__)


@bp.get("/plans/<plan_id>/unmet")
@shared_page(own_designs=True)
def index(plan_id: str) -> str:
    """Show all lots of a plan that are not made in the region."""
    view = load_plan(plan_id)
    cut = unmet_view.find_page(view, request.args, g.names)
    return render_template(
        "unmet/index.html",
        cut=cut,
        rows=unmet_view.unmet_rows(cut.shown, view, g.names),
        total=len(view.plan.unmet),
        cost_cents=sum(row.cost.total_cents for row in view.plan.unmet),
        reasons=unmet_view.count_reasons(view),
    )
