"""Where the next workshops go: what a model chooses beside a plan, as a scenario, and really planned."""

from collections.abc import Hashable

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError
from cosmolocal.records import Plan, Proposal
from cosmolocal.web.fault_words import tell_by_field, tell_whole
from cosmolocal.web.gaps_map import candidate_places, draw_siting, letter_of
from cosmolocal.web.plans_view import whole_layers
from cosmolocal.web.runs import runner
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import NEWEST, load_plan, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.gaps import proposals_of
from cosmolocal.workflows.rights import Action, may
from cosmolocal.workflows.siting import (
    COLUMNS,
    load_siting,
    read_siting_request,
    siting_rows,
    siting_state,
    tell_siting,
    write_sites,
)
from cosmolocal.workflows.workspace import real_plans

bp = Blueprint("siting", __name__)
#: of the form that asks for sites
FIELDS = ("most", "budget", "aim", "seconds")
Answer = str | AnyResponse | tuple[str, int]


def _state() -> Hashable:
    """Return what changes when there is another answer beside the plan."""
    named = (request.view_args or {})["plan_id"]
    plans = real_plans(workspace().plans())[:1] if named == NEWEST else workspace().plans()
    return tuple(siting_state(workspace(), plan.id) for plan in plans if named == NEWEST or plan.id.startswith(named))


@bp.get("/plans/<plan_id>/siting")
@shared_page(_state, per_person=True)
def show(plan_id: str) -> str:
    """Show where sites would best open, by the model and really planned."""
    return show_page(plan_id)


def show_page(plan_id: str, told: dict[str, list[str]] | None = None, sent: dict[str, str] | None = None) -> str:
    """Return the page, with what is wrong with a form that was sent, by field."""
    view = load_plan(plan_id)
    found = load_siting(workspace(), view.plan)
    proposals, broken = _find_proposals(view.plan)
    layers = whole_layers(g.region, view)
    sites = () if found is None else found.sites
    return render_template(
        "siting/show.html",
        found=None if found is None else tell_siting(found),
        count=len(proposals),
        svg=draw_siting(layers, g.region, sites, proposals, g.names) if proposals else "",
        layers=layers,
        letters=[letter_of(number) for number in range(len(sites))],
        candidates=candidate_places(proposals),
        broken=broken,
        told=told or {},
        doubts={},
        sent=sent if sent is not None else _as_sent(view.plan),
        place=g.names.place,
        may_plan=may(current_person(), Action.PLAN),
        is_scenario=bool(view.plan.scenario),
    )


def _as_sent(plan: Plan) -> dict[str, str]:
    """Return what was asked last, as the form has it."""
    found = load_siting(workspace(), plan)
    if found is None:
        return {}
    budget = found.wish.budget_cents
    asked = {"most": str(found.wish.most_new), "aim": found.wish.aim.value}
    return asked if budget is None else {**asked, "budget": str(budget // 100)}


def _find_proposals(plan: Plan) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """Return what could be bought or opened, and what is wrong with the file that says so."""
    try:
        return tuple(proposals_of(workspace(), plan).values()), ()
    except InputError as error:
        return (), tuple(map(tell_whole, error.problems))


@bp.get("/plans/<plan_id>/siting.<any(csv, json):form>")
def export(plan_id: str, form: str) -> Response:
    """Send the chosen sites; as JSON with all that is known of the choice."""
    view = load_plan(plan_id)
    found = load_siting(workspace(), view.plan)
    if form == "csv":
        return send_rows(f"siting-{view.plan.id}", form, COLUMNS, siting_rows(found))
    return send_file(f"siting-{view.plan.id}", form, {} if found is None else tell_siting(found))


@bp.post("/plans/<plan_id>/siting/runs")
def ask(plan_id: str) -> Answer:
    """Let sites be chosen in the background."""
    person = require(Action.PLAN)
    view = load_plan(plan_id)
    try:
        run_id = runner().ask(person, read_siting_request(view.plan, request.form))
    except InputError as error:
        return show_page(plan_id, tell_by_field(error.problems, FIELDS), request.form.to_dict()), 422
    return redirect(url_for("runs.show", run_id=run_id), 303)


@bp.post("/plans/<plan_id>/siting/scenarios")
def make_scenario(plan_id: str) -> Answer:
    """Write the chosen sites as a scenario of the region, and plan it in the background where that is asked."""
    person = require(Action.PLAN)
    view = load_plan(plan_id)
    try:
        scenario = write_sites(workspace(), person, view.plan, request.form.get("name", "").strip())
        if request.form.get("do") == "plan":
            run_id = runner().ask(person, read_siting_request(view.plan, request.form))
            return redirect(url_for("runs.show", run_id=run_id), 303)
    except InputError as error:
        return show_page(plan_id, tell_by_field(error.problems, ())), 422
    return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)
