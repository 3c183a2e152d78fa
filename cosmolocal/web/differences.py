"""What is different between two plans: figures, lots that moved, workshops that gain and lose work."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from cosmolocal.exports.geo import build_moves_geojson
from cosmolocal.web import differences_view
from cosmolocal.web.asking import Asked
from cosmolocal.web.sending import send_rows
from cosmolocal.web.shared import load_plan, load_region, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.plan_differences import PlanDifference, compare_plans
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.workspace import LOTS, count_lots

bp = Blueprint("differences", __name__)

Compared = tuple[PlanView, PlanView, PlanDifference]

_compared = Memory[Compared](LOTS, lambda compared: count_lots(compared[0]) + count_lots(compared[1]))


@bp.get("/plans/difference")
def choose() -> Answer:
    """Lead to the difference of the two plans that a form names."""
    load_region()
    asked = Asked(request.args, g.names)
    known = [plan.id for plan in workspace().plans()]
    before, after = asked.choice("before", known), asked.choice("after", known)
    for name, value in (("before", before), ("after", after)):
        if not value:
            asked.fault(name, value)
    asked.finish()
    return redirect(url_for("differences.show", before=before, after=after), 303)


@bp.get("/plans/<before>/difference/<after>/")
@shared_page()
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
    return send_rows(f"difference-{old.plan.id}-{new.plan.id}", form, differences_view.COLUMNS, rows)


@bp.get("/plans/<before>/difference/<after>/moves.geojson")
def moves(before: str, after: str) -> Response:
    """Send what the map of the difference draws, all of it: workshops, and the lots that went from one to another."""
    old, new, found = _load(before, after)
    lots = {row.workshop: (row.lots_before, row.lots_after) for row in found.workshops}
    response = Response(build_moves_geojson(g.region, found.moves, lots), content_type="application/geo+json")
    name = f"difference-{old.plan.id}-{new.plan.id}.geojson"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _load(before: str, after: str) -> Compared:
    old = load_plan(before)
    new = load_plan(after)
    return _compared.recall((Same(old), Same(new)), lambda: (old, new, compare_plans(old, new)))
