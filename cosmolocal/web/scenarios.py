"""What if: scenarios made, edited, planned in the background, and compared."""

from dataclasses import replace

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.files import parse_yaml
from cosmolocal.records import Region, RunRequest
from cosmolocal.scenarios import KINDS, append_edit, remove_edit
from cosmolocal.web import scenario_comparison_view as comparison
from cosmolocal.web import scenarios_view as view
from cosmolocal.web.runs import runner
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import load_region, use_region, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.asking import list_books, read_run_request
from cosmolocal.workflows.plan_comparison import Comparison, compare, tell_comparison
from cosmolocal.workflows.rights import Action
from cosmolocal.workflows.scenarios import (
    delete_scenario,
    find_scenario,
    list_scenarios,
    plans_of_names,
    read_scenario_text,
    save_scenario_text,
)

bp = Blueprint("scenarios", __name__)
Answer = str | AnyResponse | tuple[str, int]


@bp.get("/scenarios/")
def index() -> str:
    """List the scenarios, each with its newest plan, to be compared."""
    load_region()
    return render_template("scenarios/index.html", listed=list_scenarios(workspace()))


@bp.get("/scenarios/new")
def new() -> str:
    """Show the form of a new scenario: empty, or a copy."""
    require(Action.EDIT_SCENARIOS)
    copied = request.args.get("copy", "")
    text = read_scenario_text(workspace(), copied) if copied else view.EMPTY
    return show_text("", text, "", {"name": f"{copied}-2" if copied else ""})


@bp.post("/scenarios/new")
def create() -> Answer:
    """Save a new scenario, from the text of the form or from a file."""
    person = require(Action.EDIT_SCENARIOS)
    name, text = request.form.get("name", "").strip(), request.form.get("text", "")
    file = request.files.get("file")
    if file is not None and file.filename:
        text = file.read(view.MOST_BYTES).decode("utf-8", "replace")
        name = name or file.filename.rpartition(".")[0]
    try:
        save_scenario_text(workspace(), person, name, text, before="")
    except InputError as error:
        return show_text("", text, "", {"name": name}, error), 422
    return redirect(url_for("scenarios.show", scenario_id=name), 303)


@bp.get("/scenarios/<scenario_id>/")
def show(scenario_id: str) -> str:
    """Show a scenario: its edits in words and as text, and its plans."""
    return show_scenario(scenario_id)


@bp.get("/scenarios/<scenario_id>/scenario.yaml")
def download(scenario_id: str) -> Response:
    """Send the file of a scenario."""
    load_region()
    response = Response(read_scenario_text(workspace(), scenario_id), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{scenario_id}.yaml"'
    return response


@bp.get("/scenarios/<scenario_id>/edit")
def edit(scenario_id: str) -> str:
    """Show the text of a scenario to be changed."""
    require(Action.EDIT_SCENARIOS)
    text = read_scenario_text(workspace(), scenario_id)
    return show_text(scenario_id, text, text, {})


@bp.post("/scenarios/<scenario_id>/edit")
def save(scenario_id: str) -> Answer:
    """Save the changed text of a scenario."""
    person = require(Action.EDIT_SCENARIOS)
    now = read_scenario_text(workspace(), scenario_id)
    text, before = request.form.get("text", ""), request.form.get("before", "")
    try:
        save_scenario_text(workspace(), person, scenario_id, text, before or now)
    except InputError as error:
        return show_text(scenario_id, text, before or now, {}, error), 422
    return redirect(url_for("scenarios.show", scenario_id=scenario_id), 303)


@bp.get("/scenarios/<scenario_id>/add/<kind>")
def add(scenario_id: str, kind: str) -> str:
    """Show the form of one more edit."""
    require(Action.EDIT_SCENARIOS)
    return show_add(scenario_id, kind, {})


@bp.post("/scenarios/<scenario_id>/add/<kind>")
def append(scenario_id: str, kind: str) -> Answer:
    """Add an edit that a form says."""
    person = require(Action.EDIT_SCENARIOS)
    sent, text = request.form.to_dict(), read_scenario_text(workspace(), scenario_id)
    try:
        if kind not in KINDS:
            raise NotFoundError(f"there is no kind of edit {kind!r}")
        entry = parse_yaml(sent["entry"], "entry", "W070") if sent.get("entry", "").strip() else None
        changed = append_edit(text, scenario_id, kind, view.plain_of(kind, sent, entry))
        save_scenario_text(workspace(), person, scenario_id, changed, text)
    except InputError as error:
        return show_add(scenario_id, kind, sent, error), 422
    return redirect(url_for("scenarios.show", scenario_id=scenario_id), 303)


@bp.post("/scenarios/<scenario_id>/remove")
def remove(scenario_id: str) -> Answer:
    """Take an edit out."""
    person = require(Action.EDIT_SCENARIOS)
    text, number = read_scenario_text(workspace(), scenario_id), request.form.get("number", "")
    if number.isdecimal():
        changed = remove_edit(text, scenario_id, int(number))
        save_scenario_text(workspace(), person, scenario_id, changed, text)
    return redirect(url_for("scenarios.show", scenario_id=scenario_id), 303)


@bp.post("/scenarios/<scenario_id>/delete")
def delete(scenario_id: str) -> Answer:
    """Take a scenario away; its plans stay."""
    delete_scenario(workspace(), require(Action.EDIT_SCENARIOS), scenario_id)
    return redirect(url_for("scenarios.index"), 303)


@bp.post("/scenarios/<scenario_id>/run")
def run(scenario_id: str) -> Answer:
    """Ask for a plan of a scenario, and lead to the page of its run."""
    person = require(Action.PLAN)
    find_scenario(workspace(), scenario_id)
    try:
        asked: RunRequest = read_run_request(workspace(), {"book": request.form.get("book", "")})
        run_id = runner().ask(person, replace(asked, scenario=scenario_id))
    except InputError as error:
        return show_scenario(scenario_id, error), 422
    return redirect(url_for("runs.show", run_id=run_id), 303)


@bp.get("/scenarios/compare")
@shared_page()
def compare_plans() -> str:
    """Show plans beside a first one: figures, what moved, who gains and who loses."""
    found = load_comparison()
    return render_template("scenarios/compare.html", found=found, page=comparison.build_page(found, g.names))


@bp.get("/scenarios/compare.<any(csv, json):form>")
def export(form: str) -> Response:
    """Send what the page of a comparison shows."""
    found = load_comparison()
    if form == "json":
        return send_file("comparison", form, tell_comparison(found))
    return send_rows("comparison", form, comparison.COLUMNS, comparison.export_rows(found))


def load_comparison() -> Comparison:
    """Return the comparison that an address asks for; the page speaks of all its regions."""
    region = load_region()
    found = compare(workspace(), plans_of_names(workspace(), request.args.getlist("plan")))
    regions: list[Region] = [workspace().region_of(one.plan) for one in found.views]
    shops = {shop.id: shop for each in reversed(regions) for shop in each.workshops}
    use_region(replace(region, workshops=tuple(shops.values())))
    return found


def show_scenario(scenario_id: str, error: InputError | None = None) -> str:
    """Return the page of a scenario, with what is wrong with what was asked for."""
    load_region()
    found = find_scenario(workspace(), scenario_id)
    return render_template(
        "scenarios/show.html",
        found=found,
        edits=[view.tell_edit(edit, g.names) for edit in (found.scenario.edits if found.scenario else ())],
        text=read_scenario_text(workspace(), scenario_id),
        told=view.tell_all(error.problems if error else found.problems),
        kinds=view.kind_names(),
        books=list_books(workspace().folder),
    )


def show_text(scenario_id: str, text: str, before: str, values: dict[str, str], error: InputError | None = None) -> str:
    """Return the page on which the text of a scenario is written."""
    load_region()
    told = {"": view.tell_all(error.problems)} if error else {"": []}
    return render_template(
        "scenarios/text.html", scenario_id=scenario_id, text=text, before=before, values=values, told=told, doubts={}
    )


def show_add(scenario_id: str, kind: str, sent: dict[str, str], error: InputError | None = None) -> str:
    """Return the page on which an edit is filled in."""
    region = load_region()
    if kind not in KINDS:
        raise NotFoundError(f"there is no kind of edit {kind!r}")
    read_scenario_text(workspace(), scenario_id)
    fields = view.build_fields(kind, region, sent, g.names)
    told = view.by_field(error.problems if error else (), {field.name for field in fields})
    return render_template(
        "scenarios/add.html",
        scenario_id=scenario_id,
        kind=kind,
        title=view.kind_names()[kind],
        fields=fields,
        told=told,
        doubts={},
    )
