"""What is not made here: the reasons, and the smallest changes that would help."""

from flask import Blueprint, g, render_template, request

from cosmolocal.web import unmet_view
from cosmolocal.web.shared import load_plan

bp = Blueprint("unmet", __name__)


@bp.get("/plans/<plan_id>/unmet")
def index(plan_id: str) -> str:
    """Show all lots of a plan that are not made in the region."""
    view = load_plan(plan_id)
    rows = unmet_view.unmet_rows(view.plan.unmet, view, g.names)
    return render_template(
        "unmet/index.html",
        rows=unmet_view.find_unmet(rows, request.args),
        total=len(rows),
        cost_cents=sum(row.unmet.cost.total_cents for row in rows),
        reasons=unmet_view.count_reasons(rows),
    )
