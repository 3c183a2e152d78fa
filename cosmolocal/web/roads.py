"""The road to the target: one sentence, the path, what to buy in which year, what limits, what it rests on."""

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError, NotFoundError, Problem
from cosmolocal.exports.bands import draw_bands
from cosmolocal.web import roads_view as view
from cosmolocal.web.fault_words import tell_whole
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.rights import Action, may
from cosmolocal.workflows.road_figures import YEAR_COLUMNS, year_rows
from cosmolocal.workflows.road_report import build_road_report
from cosmolocal.workflows.roads import RoadFinder, RoadView, describe_road, has_road, kept_view

bp = Blueprint("roads", __name__)


def set_up(app: Flask) -> None:
    """Give the application what finds roads in the background."""
    app.extensions["road_finder"] = RoadFinder(app.extensions["workspace"])


def finder() -> RoadFinder:
    """Return what finds roads in the background."""
    return current_app.extensions["road_finder"]  # type: ignore[no-any-return]


@bp.get("/road/")
def index() -> str:
    """Show the road that was found, or how to get one."""
    load_region()
    found, problems = find_kept()
    page = view.build_page(found) if found else None
    return render_template(
        "roads/index.html",
        page=page,
        chart=draw_bands(page.chart) if page else "",
        has_files=has_road(workspace()),
        busy=finder().busy,
        problems=[*map(tell_whole, problems)],
        may_find=may(current_person(), Action.PLAN),
    )


def find_kept() -> tuple[RoadView | None, tuple[Problem, ...]]:
    """Return the road that is kept, and what is wrong with its files or with the last search."""
    try:
        return kept_view(workspace()), finder().problems
    except InputError as error:
        return None, error.problems


@bp.post("/road/")
def find() -> AnyResponse:
    """Begin to find the road of the files as they are."""
    finder().start(require(Action.PLAN))
    return redirect(url_for("roads.index"), 303)


@bp.get("/road/road.<any(json, csv, html):form>")
def export(form: str) -> Response:
    """Send the road: all of it as JSON, its years as CSV, or the report."""
    load_region()
    found = kept_view(workspace())
    if found is None:
        raise NotFoundError("there is no road yet")
    if form == "csv":
        return send_rows("road", form, YEAR_COLUMNS, year_rows(found))
    return send_file("road", form, describe_road(found) if form == "json" else build_road_report(found))
