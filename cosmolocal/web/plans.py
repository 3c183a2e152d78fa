"""Plans: the map, the key figures and the allocations of one; the list of all."""

from flask import Blueprint, Response, g, jsonify, render_template, request

from cosmolocal.exports.measures import measure_areas
from cosmolocal.exports.svg_map import draw_map
from cosmolocal.web import history_view, measures_view, plan_table, plans_view, twins, weeks_view
from cosmolocal.web.chosen import mark_chosen, read_chosen
from cosmolocal.web.shared import NEWEST, load_plan, load_region, workspace
from cosmolocal.web.words import gettext

bp = Blueprint("plans", __name__)

#: what a plan can be downloaded as: its media type
EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "html": "text/html; charset=utf-8",
}


@bp.get("/")
def newest() -> str:
    """Show the newest plan."""
    return show(NEWEST)


@bp.get("/plans/")
def index() -> str:
    """List all plans, newest first, with what changed from one to the next."""
    load_region()
    return render_template(
        "plans/index.html", rows=history_view.history_rows(workspace().plans(), workspace().plan_inputs())
    )


@bp.get("/plans/history.<any(csv, json):form>")
def history(form: str) -> Response:
    """Send the list of all plans."""
    rows = history_view.history_rows(workspace().plans(), workspace().plan_inputs())
    return twins.send_rows(form, "plans", history_view.COLUMNS, history_view.export_rows(rows))


@bp.get("/plans/<plan_id>/")
def show(plan_id: str) -> str:
    """Show a plan: its figures, its map and its allocations."""
    view = load_plan(plan_id)
    found = plan_table.find_page(view.plan.allocations, view.orders, request.args, g.names)
    measures, chosen = measures_view.read_measures(request.args), read_chosen(request.args, view, g.names)
    layers = mark_chosen(plans_view.map_layers(g.region, view, found.allocations), chosen)
    shaded = measures_view.shade_map(layers, g.region, view, measures, found.query.week)
    words = (
        gettext("Map of the plan"),
        gettext("How much of what each neighbourhood asked for is made here, and by whom."),
    )
    return render_template(
        "plans/show.html",
        view=view,
        found=found,
        layers=shaded.layers,
        svg=draw_map(shaded.layers, *words, gettext, legend=False),
        shaded=shaded,
        measures=measures,
        switches={"areas": measures_view.area_names(), "spots": measures_view.spot_names()},
        chosen=chosen,
        hours=weeks_view.week_hours(view, g.names, chosen),
        figures=plans_view.key_figures(view),
        terms=plans_view.cost_terms(view),
        choices=plans_view.filter_choices(view, layers, g.names),
    )


@bp.get("/plans/<plan_id>/map.json")
def map_json(plan_id: str) -> Response:
    """Send what the map draws, for the same query as the page."""
    view = load_plan(plan_id)
    found = plan_table.find_page(view.plan.allocations, view.orders, request.args, g.names)
    layers = plans_view.map_layers(g.region, view, found.allocations)
    measures = measures_view.read_measures(request.args)
    shaded = measures_view.shade_map(layers, g.region, view, measures, found.query.week)
    return jsonify(plans_view.map_data(shaded.layers, g.names, g.plan_id))


@bp.get("/plans/<plan_id>/neighbourhoods.<any(csv, json):form>")
def areas(plan_id: str, form: str) -> Response:
    """Send what became of what each neighbourhood asked for."""
    view = load_plan(plan_id)
    figures = measure_areas(g.region, view.orders, view.plan.allocations, view.plan.unmet)
    rows = measures_view.area_rows(figures, view.plan.id)
    return twins.send_rows(form, f"neighbourhoods-{view.plan.id}", measures_view.AREA_COLUMNS, rows)


@bp.get("/plans/<plan_id>/plan.<any(csv, json, geojson, html):form>")
def export(plan_id: str, form: str) -> Response:
    """Send a plan as a file; as rows or as a map also the part of it that an address asks for."""
    view = load_plan(plan_id)
    found = plan_table.find_page(view.plan.allocations, view.orders, request.args, g.names)
    narrowed = found.query.filters and form in plans_view.PART_FORMS
    content = plans_view.export_part(form, found, view) if narrowed else workspace().export(view.plan.id, form)
    response = Response(content, content_type=EXPORTS[form])
    name = f"plan-{view.plan.id}-part.{form}" if narrowed else f"plan-{view.plan.id}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
