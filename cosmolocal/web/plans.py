"""Plans: the map, the key figures and the allocations of one; the list of all."""

from flask import Blueprint, Response, g, jsonify, render_template, request

from cosmolocal.exports.area_tables import AREA_COLUMNS, area_rows, build_area_geojson
from cosmolocal.exports.map_layers import greatest_flows
from cosmolocal.exports.svg_map import draw_map
from cosmolocal.web import history_view, measures_view, plan_table, plans_view, weeks_view
from cosmolocal.web.chosen import Chosen, mark_chosen, read_chosen
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import NEWEST, load_plan, load_region, recall_of, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView

bp = Blueprint("plans", __name__)


@bp.get("/")
def newest() -> Response:
    """Show the newest plan."""
    return show(plan_id=NEWEST)


@bp.get("/plans/")
@shared_page(per_person=True)
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
    return send_rows("plans", form, history_view.COLUMNS, history_view.export_rows(rows))


@bp.get("/plans/<plan_id>/")
@shared_page(per_person=True, own_designs=True)
def show(plan_id: str) -> str:
    """Show a plan: its figures, its map and its allocations."""
    view = load_plan(plan_id)
    found = plan_table.find_in(plans_view.plan_rows(view, g.names), request.args, g.names)
    measures, chosen = measures_view.read_measures(request.args, g.names), read_chosen(request.args, view, g.names)
    shaded, ways_left_out = _draw_layers(view, found, measures, chosen)
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
        ways_left_out=ways_left_out,
        shaded=shaded,
        measures=measures,
        switches={
            "areas": measures_view.area_names(),
            "spots": measures_view.spot_names(),
            "by": measures_view.by_names(g.names),
        },
        chosen=chosen,
        hours=weeks_view.week_hours(view, g.names, chosen),
        figures=plans_view.key_figures(view),
        terms=plans_view.cost_terms(view),
        choices=plans_view.filter_choices(view, g.region, g.names),
    )


@bp.get("/plans/<plan_id>/map.json")
@shared_page(own_designs=True)
def map_json(plan_id: str) -> Response:
    """Send what the map draws, for the same query as the page."""
    view = load_plan(plan_id)
    found = plan_table.find_in(plans_view.plan_rows(view, g.names), request.args, g.names)
    measures, chosen = measures_view.read_measures(request.args, g.names), read_chosen(request.args, view, g.names)
    shaded, _ = _draw_layers(view, found, measures, chosen)
    return jsonify(plans_view.map_data(shaded.layers, g.names, g.plan_id))


def _draw_layers(
    view: PlanView, found: plan_table.Page, measures: measures_view.Measures, chosen: Chosen
) -> tuple[measures_view.Shaded, int]:
    """Return the map that an address asks for, and how many of its ways are left out."""
    layers = mark_chosen(plans_view.map_layers(g.region, view, found), chosen)
    if found.query.filters or chosen.kind:
        layers, left_out = greatest_flows(layers)
    else:
        layers, left_out = recall_of(view, "greatest ways", lambda: greatest_flows(layers))
    return measures_view.shade_map(layers, g.region, view, measures, found.query.week), left_out


@bp.get("/plans/<plan_id>/<any(neighbourhoods, districts):kind>.<any(csv, json, geojson):form>")
def areas(plan_id: str, kind: str, form: str) -> Response:
    """Send what became of what each neighbourhood or district asked for."""
    view = load_plan(plan_id)
    rows = area_rows(measures_view.area_figures(g.region, view, kind.removesuffix("s")), view.plan.id)
    name = f"{kind}-{view.plan.id}"
    if form != "geojson":
        return send_rows(name, form, AREA_COLUMNS, rows)
    return send_file(name, form, build_area_geojson(rows, measures_view.area_shapes(g.region, kind)))


@bp.get("/plans/<plan_id>/plan.<any(csv, json, geojson, html):form>")
def export(plan_id: str, form: str) -> Response:
    """Send a plan as a file; as rows or as a map also the part of it that an address asks for."""
    view = load_plan(plan_id)
    found = plan_table.find_in(plans_view.plan_rows(view, g.names), request.args, g.names)
    narrowed = found.query.filters and form in plans_view.PART_FORMS
    content = plans_view.export_part(form, found, view) if narrowed else workspace().export(view.plan.id, form)
    return send_file(f"plan-{view.plan.id}-part" if narrowed else f"plan-{view.plan.id}", form, content)
