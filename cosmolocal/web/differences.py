"""What is different between two plans: figures, lots that moved, workshops that gain and lose work."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from cosmolocal.web import differences_view, twins
from cosmolocal.web.asking import Asked
from cosmolocal.web.shared import load_plan, workspace
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.plan_differences import PlanDifference, compare_plans

bp = Blueprint("differences", __name__)


@bp.get("/plans/difference")
def choose() -> Answer:
    """Lead to the difference of the two plans that a form names."""
    asked = Asked(request.args)
    known = [plan.id for plan in workspace().plans()]
    before, after = asked.choice("before", known), asked.choice("after", known)
    for name, value in (("before", before), ("after", after)):
        if not value:
            asked.fault(name, value)
    asked.finish()
    return redirect(url_for("differences.show", before=before, after=after), 303)


@bp.get("/plans/<before>/difference/<after>/")
def show(before: str, after: str) -> str:
    """Show what is different in a plan from an earlier one."""
    old, new, found = _load(before, after)
    query = differences_view.read_query(request.args, g.names)
    page = differences_view.build_page(new, found, query, g.names)
    return render_template(
        "differences/show.html", before=old, after=new, found=found, query=query, page=page, svg=page.svg
    )


@bp.get("/plans/<before>/difference/<after>/lots.<any(csv, json):form>")
def export(before: str, after: str, form: str) -> Response:
    """Send the lots that the two plans do not serve in the same way, of those that the address asks for."""
    old, new, found = _load(before, after)
    query = differences_view.read_query(request.args, g.names)
    rows = differences_view.lot_rows(differences_view.find_lots(found, query, g.names), old.plan.id, new.plan.id)
    return twins.send_rows(form, f"difference-{old.plan.id}-{new.plan.id}", differences_view.COLUMNS, rows)


def _load(before: str, after: str) -> tuple[PlanView, PlanView, PlanDifference]:
    old = load_plan(before)
    new = load_plan(after)
    return old, new, compare_plans(old, new)
