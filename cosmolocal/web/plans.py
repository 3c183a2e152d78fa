"""Plans: the map, the key figures and the allocations of one; the list of all."""

from flask import Blueprint, Response, g, jsonify, render_template, request

from cosmolocal.exports.map_layers import greatest_flows
from cosmolocal.exports.svg_map import draw_map, legend_entries
from cosmolocal.web import plan_table, plans_view
from cosmolocal.web.paging import page_links
from cosmolocal.web.shared import NEWEST, load_plan, load_region, workspace
from cosmolocal.web.shared_pages import shared_page
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
def newest() -> Response:
    """Show the newest plan."""
    return show(plan_id=NEWEST)


@bp.get("/plans/")
@shared_page()
def index() -> str:
    """List all plans, newest first."""
    load_region()
    return render_template("plans/index.html", plans=workspace().plans())


@bp.get("/plans/<plan_id>/")
@shared_page()
def show(plan_id: str) -> str:
    """Show a plan: its figures, its map and its allocations."""
    view = load_plan(plan_id)
    found = plan_table.find_in(plans_view.plan_rows(view, g.names), request.args, g.names)
    layers = plans_view.map_layers(g.region, view, found)
    words = (
        gettext("Map of the plan"),
        gettext("How much of what each neighbourhood asked for is made here, and by whom."),
    )
    drawn, ways_left_out = greatest_flows(layers)
    return render_template(
        "plans/show.html",
        view=view,
        found=found,
        page_links=page_links(found.query.page, found.pages),
        layers=layers,
        svg=draw_map(drawn, *words, gettext, legend=False),
        ways_left_out=ways_left_out,
        legend=legend_entries(gettext),
        figures=plans_view.key_figures(view),
        terms=plans_view.cost_terms(view),
        choices=plans_view.filter_choices(view, layers, g.names),
    )


@bp.get("/plans/<plan_id>/map.json")
@shared_page()
def map_json(plan_id: str) -> Response:
    """Send what the map draws, for the same query as the page."""
    view = load_plan(plan_id)
    found = plan_table.find_in(plans_view.plan_rows(view, g.names), request.args, g.names)
    layers = plans_view.map_layers(g.region, view, found)
    return jsonify(plans_view.map_data(greatest_flows(layers)[0], g.names, g.plan_id))


@bp.get("/plans/<plan_id>/plan.<any(csv, json, geojson, html):form>")
def export(plan_id: str, form: str) -> Response:
    """Send a plan as a file; as rows or as a map also the part of it that an address asks for."""
    view = load_plan(plan_id)
    found = plan_table.find_in(plans_view.plan_rows(view, g.names), request.args, g.names)
    narrowed = found.query.filters and form in plans_view.PART_FORMS
    content = plans_view.export_part(form, found, view) if narrowed else workspace().export(view.plan.id, form)
    response = Response(content, content_type=EXPORTS[form])
    name = f"plan-{view.plan.id}-part.{form}" if narrowed else f"plan-{view.plan.id}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
