"""What a plan lacks, what one more hour is worth, and what to buy or open next."""

from collections.abc import Hashable

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError
from cosmolocal.records import Plan, Proposal
from cosmolocal.web import gaps_view
from cosmolocal.web.fault_words import tell_by_field, tell_whole
from cosmolocal.web.gaps_map import draw_gaps
from cosmolocal.web.plans_view import whole_layers
from cosmolocal.web.runs import runner
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import NEWEST, load_plan, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.gaps import (
    HOUR_COLUMNS,
    gaps_of,
    hour_rows,
    kept_state,
    load_kept,
    proposals_of,
    propose,
    read_gaps_request,
    tell_gaps,
    tell_next,
)
from cosmolocal.workflows.rights import Action, may
from cosmolocal.workflows.workspace import real_plans

bp = Blueprint("gaps", __name__)
#: of the form that asks what to buy or open next
FIELDS = ("count", "seconds")
Answer = str | AnyResponse | tuple[str, int]


def _state() -> Hashable:
    """Return what changes when more was found out beside the plan."""
    named = (request.view_args or {})["plan_id"]
    plans = real_plans(workspace().plans())[:1] if named == NEWEST else workspace().plans()
    return tuple(kept_state(workspace(), plan.id) for plan in plans if named == NEWEST or plan.id.startswith(named))


@bp.get("/plans/<plan_id>/gaps")
@shared_page(_state, per_person=True)
def show(plan_id: str) -> str:
    """Show the hours that are missing, by place and process, and what would mend that."""
    return show_page(plan_id)


def show_page(plan_id: str, told: dict[str, list[str]] | None = None, sent: dict[str, str] | None = None) -> str:
    """Return the page, with what is wrong with a form that was sent, by field."""
    view = load_plan(plan_id)
    found, kept = gaps_of(workspace(), view), load_kept(workspace(), view.plan)
    query = gaps_view.read_query(_filters(), g.names, found)
    grid = gaps_view.build_grid(found, query, g.names)
    proposals, broken = _find_proposals(view.plan)
    told_next = None if kept.next is None else tell_next(kept.next, proposals)
    layers = whole_layers(g.region, view)
    return render_template(
        "gaps/show.html",
        gaps=found,
        query=query,
        grid=grid,
        words=gaps_view.legend(grid),
        drawn=draw_gaps(layers, grid.cut.found),
        layers=layers,
        apart=gaps_view.apart_rows(found, g.names),
        dear=gaps_view.hour_rows(view, kept.hours, g.names),
        found=told_next,
        left=gaps_view.open_rows(told_next, proposals, g.names),
        proposals=proposals,
        told=told or {},
        doubts={},
        broken=broken,
        sent=sent or {},
        where=lambda row: gaps_view.tell_where(row, g.names),
        may_plan=may(current_person(), Action.PLAN),
    )


def _filters() -> dict[str, str]:
    """Return the parts of the address that choose rows: a form that was sent has none."""
    return {} if request.method == "POST" else request.args.to_dict()


def _find_proposals(plan: Plan) -> tuple[dict[str, Proposal], tuple[str, ...]]:
    """Return what could be bought or opened, and what is wrong with the file that says so."""
    try:
        return proposals_of(workspace(), plan), ()
    except InputError as error:
        return {}, tuple(map(tell_whole, error.problems))


@bp.get("/plans/<plan_id>/gaps.<any(csv, json):form>")
def export(plan_id: str, form: str) -> Response:
    """Send the unmet hours that the address asks for; as JSON all that is known of what the plan lacks."""
    view = load_plan(plan_id)
    found = gaps_of(workspace(), view)
    query = gaps_view.read_query(request.args, g.names, found)
    hours = gaps_view.find_hours(found, query, g.names)
    rows = hour_rows(found, view.plan, g.region, hours)
    if form == "csv":
        return send_rows(f"gaps-{view.plan.id}", form, HOUR_COLUMNS, rows)
    return send_file(f"gaps-{view.plan.id}", form, {**tell_gaps(workspace(), view), "hours": rows})


@bp.post("/plans/<plan_id>/gaps/runs")
def ask(plan_id: str) -> Answer:
    """Let it be found out in the background what to buy next, or what one more hour saves."""
    person = require(Action.PLAN)
    view = load_plan(plan_id)
    try:
        run_id = runner().ask(person, read_gaps_request(view.plan, request.form))
    except InputError as error:
        return show_page(plan_id, tell_by_field(error.problems, FIELDS), request.form.to_dict()), 422
    return redirect(url_for("runs.show", run_id=run_id), 303)


@bp.post("/plans/<plan_id>/gaps/scenarios")
def make_scenario(plan_id: str) -> Answer:
    """Write one thing to buy or open as a scenario of the region."""
    person = require(Action.EDIT_SCENARIOS)
    view = load_plan(plan_id)
    try:
        scenario = propose(workspace(), person, view.plan, request.form.get("proposal", ""))
    except InputError as error:
        return show_page(plan_id, tell_by_field(error.problems, ())), 422
    return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)
