"""What a page shows, as a file for other programs: the same address with .json, .csv or .geojson, the same filters."""

from dataclasses import replace

from flask import Blueprint, Response, g, request

from cosmolocal.errors import NotFoundError, say
from cosmolocal.exports.geo import build_workshops_geojson
from cosmolocal.exports.tables import Row, build_allocations_csv, build_csv, build_trips_csv, build_unmet_csv
from cosmolocal.records import to_plain
from cosmolocal.web import designs_view, unmet_view, workshops_view
from cosmolocal.web.api.designs import describe_row
from cosmolocal.web.api.plan_documents import describe_unmet
from cosmolocal.web.sending import send_file
from cosmolocal.web.shared import find_order, load_plan, load_region, workspace
from cosmolocal.workflows import PlanView, explain_order, read_query
from cosmolocal.workflows.design_search import find_all

bp = Blueprint("page_files", __name__)

DESIGN_COLUMNS = ("id", "version", "name", "function", "license")
WORKSHOP_COLUMNS = ("workshop", "name", "lots", "used_minutes", "basis_minutes", "hour_worth_cents")
LOAD_COLUMNS = ("workshop", "group", "week", "used_minutes", "basis_minutes", "maximum_minutes")


@bp.get("/designs.<any(json, csv):form>")
def designs(form: str) -> Response:
    """Send the designs that a search finds, on all pages of it."""
    versions = designs_view.by_id(load_region().designs)
    found = find_all(workspace(), read_query(designs_view.read_search(request.args)))
    rows = [describe_row(versions[design.id]) for design in found]
    if form == "csv":
        return send_file("designs", form, build_csv(DESIGN_COLUMNS, rows))
    return send_file("designs", form, {"designs": rows})


@bp.get("/plans/<plan_id>/unmet.<any(json, csv):form>")
def unmet(plan_id: str, form: str) -> Response:
    """Send what is not made here, in the order of the page."""
    view = load_plan(plan_id)
    found = unmet_view.unmet_rows(unmet_view.find_unmet(view, request.args, g.names), view, g.names)
    if form == "csv":
        part = replace(view.plan, unmet=tuple(row.unmet for row in found))
        return send_file(f"plan-{view.plan.id}-unmet", form, build_unmet_csv(part, view.orders))
    told = [describe_unmet(row.unmet, row.order, view) for row in found]
    return send_file(f"plan-{view.plan.id}-unmet", form, {"plan": view.plan.id, "unmet": told})


@bp.get("/plans/<plan_id>/trips.<any(json, csv):form>")
def trips(plan_id: str, form: str) -> Response:
    """Send the trips that lots share."""
    view = load_plan(plan_id)
    name = f"plan-{view.plan.id}-trips"
    if form == "csv":
        return send_file(name, form, build_trips_csv(view.plan))
    return send_file(name, form, {"plan": view.plan.id, "trips": to_plain(view.plan.trips)})


@bp.get("/plans/<plan_id>/workshops.<any(json, csv, geojson):form>")
def workshops(plan_id: str, form: str) -> Response:
    """Send the load of all workshops."""
    view = load_plan(plan_id)
    name = f"plan-{view.plan.id}-workshops"
    if form == "geojson":
        return send_file(name, form, build_workshops_geojson(view.plan, g.region))
    rows = [describe_load(row) for row in workshops_view.workshop_rows(g.region, view)]
    if form == "csv":
        return send_file(name, form, build_csv(WORKSHOP_COLUMNS, rows))
    return send_file(name, form, {"plan": view.plan.id, "workshops": rows})


def describe_load(row: workshops_view.WorkshopRow) -> Row:
    """Return a workshop as a row by `WORKSHOP_COLUMNS`."""
    return {
        "workshop": row.workshop.id,
        "name": row.workshop.name,
        "lots": row.lots,
        "used_minutes": row.used_minutes,
        "basis_minutes": row.basis_minutes,
        "hour_worth_cents": row.hour_worth_cents,
    }


@bp.get("/plans/<plan_id>/workshops/<workshop_id>.<any(json, csv):form>")
def workshop(plan_id: str, workshop_id: str, form: str) -> Response:
    """Send a workshop and the load of its machine groups, week by week."""
    view = load_plan(plan_id)
    if workshop_id not in g.names.workshops:
        raise NotFoundError(say("there is no workshop %(name)s", name=repr(workshop_id)))
    name = f"plan-{view.plan.id}-{workshop_id}"
    loads: list[Row] = [to_plain(load) for load in view.loads if load.workshop == workshop_id]
    if form == "csv":
        return send_file(name, form, build_csv(LOAD_COLUMNS, loads))
    document = {"plan": view.plan.id, "workshop": to_plain(g.names.workshops[workshop_id]), "loads": loads}
    return send_file(name, form, document)


@bp.get("/plans/<plan_id>/orders/<order_id>.<any(json, csv):form>")
def order(plan_id: str, order_id: str, form: str) -> Response:
    """Send why an order is made where it is; as CSV the lots of it that are made here."""
    view = load_plan(plan_id)
    find_order(view, order_id)
    name = f"plan-{view.plan.id}-order"
    if form == "csv":
        return send_file(name, form, build_allocations_csv(_of_order(view, order_id).plan, view.orders))
    return send_file(name, form, explain_order(view.plan, view.orders, g.region, order_id))


def _of_order(view: PlanView, order_id: str) -> PlanView:
    rows = tuple(row for row in view.plan.allocations if row.order == order_id)
    return replace(view, plan=replace(view.plan, allocations=rows))
