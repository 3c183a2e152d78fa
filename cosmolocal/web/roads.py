"""The road to the target: one sentence, the path, what to buy in which year, what limits, what it rests on."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError, NotFoundError, say
from cosmolocal.exports.bands import draw_bands
from cosmolocal.web import roads_view as view
from cosmolocal.web.fault_words import tell_whole
from cosmolocal.web.runs import runner
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.rights import Action, may
from cosmolocal.workflows.road_figures import YEAR_COLUMNS, year_rows
from cosmolocal.workflows.road_report import build_road_report
from cosmolocal.workflows.roads import (
    FIELDS,
    Wanted,
    describe_road,
    has_road,
    kept_view,
    read_road_inputs,
    read_road_request,
    read_wanted,
    without_usual,
)

bp = Blueprint("roads", __name__)
Answer = str | AnyResponse | tuple[str, int]


@bp.get("/road/")
def index() -> str:
    """Show the road that was found for what the address wants, or how to get one."""
    return show_page(request.args.to_dict())


def show_page(sent: dict[str, str], error: InputError | None = None) -> str:
    """Return the page, with what is wrong with a form that was sent."""
    load_region()
    wanted, problems = Wanted(), error.problems if error else ()
    found, terms = None, None
    try:
        if not error:
            wanted = without_usual(workspace(), read_wanted(sent))
        found = kept_view(workspace(), wanted)
        terms = read_road_inputs(workspace())[0].terms if has_road(workspace()) else None
    except InputError as fault:
        problems = (*problems, *fault.problems)
    page = view.build_page(found) if found else None
    return render_template(
        "roads/index.html",
        page=page,
        chart=draw_bands(page.chart) if page else "",
        has_files=has_road(workspace()),
        problems=[*map(tell_whole, dict.fromkeys(problems))],
        may_find=may(current_person(), Action.PLAN),
        sent={name: sent[name] for name in FIELDS if sent.get(name)},
        wishes=view.tell_wishes(wanted),
        usual=view.usual_wishes(terms) if terms else {},
    )


@bp.post("/road/")
def find() -> Answer:
    """Let the road be found in the background, as the files say or as the form wants it."""
    person = require(Action.PLAN)
    try:
        run_id = runner().ask(person, read_road_request(workspace(), request.form))
    except InputError as error:
        return show_page(request.form.to_dict(), error), 422
    return redirect(url_for("runs.show", run_id=run_id), 303)


@bp.get("/road/road.<any(json, csv, html):form>")
def export(form: str) -> Response:
    """Send the road: all of it as JSON, its years as CSV, or the report."""
    load_region()
    found = kept_view(workspace(), without_usual(workspace(), read_wanted(request.args)))
    if found is None:
        raise NotFoundError(say("there is no road yet"))
    if form == "csv":
        return send_rows("road", form, YEAR_COLUMNS, year_rows(found))
    return send_file("road", form, describe_road(found) if form == "json" else build_road_report(found))
