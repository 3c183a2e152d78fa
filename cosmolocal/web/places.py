"""Where the places are: a list, a map to point at, and the forms that move and add places."""

from contextlib import suppress

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError
from cosmolocal.exports.place_map import STYLE, draw_places
from cosmolocal.web import places_view as view
from cosmolocal.web.security import picture_policy
from cosmolocal.web.sending import send_rows
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.locating import add_place, list_located, move_place
from cosmolocal.workflows.rights import Action

bp = Blueprint("places", __name__)
Page = str | AnyResponse | tuple[str, int]


@bp.get("/places/")
def index() -> Page:
    """Show all places, doubtful ones first, and the form of the one that is named."""
    require(Action.EDIT_PLACES)
    return _page(view.read_form(request.args), {})


def _page(form: view.Form, told: dict[str, list[str]]) -> str:
    # a place without coordinates keeps the region from being read, and here it gets some
    with suppress(InputError):
        load_region()
    located = list_located(workspace(), current_person())
    return render_template("places/index.html", page=view.build_page(workspace(), located, form), form=form, told=told)


@bp.get("/places/map.svg")
def picture() -> Response:
    """Send the map that the page lets somebody point at."""
    require(Action.EDIT_PLACES)
    located = list_located(workspace(), current_person())
    page = view.build_page(workspace(), located, view.read_form(request.args))
    response = Response(draw_places(page.frame, page.areas, page.marks, page.at), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    # opened by itself it is a page, whose style sheet within has to be allowed
    response.headers["Content-Security-Policy"] = picture_policy(STYLE)
    return response


@bp.get("/places/places.<any(csv, json):form>")
def export(form: str) -> Response:
    """Send the list of places with their coordinates."""
    require(Action.EDIT_PLACES)
    return send_rows("places", form, view.COLUMNS, view.rows(list_located(workspace(), current_person())))


@bp.post("/places/")
def save() -> Page:
    """Move the place that is named, or add the one that is described."""
    person = require(Action.EDIT_PLACES)
    form = view.read_form(request.form)
    try:
        spot = view.require_spot(form)
        if form.is_new:
            add_place(workspace(), person, form.new_place, spot)
        else:
            move_place(workspace(), person, form.place, spot)
    except InputError as error:
        return _page(form, view.by_field(error.problems)), 422
    done = "added" if form.is_new else "moved"
    return redirect(url_for("places.index", done=done, which=form.id if form.is_new else form.place), 303)
