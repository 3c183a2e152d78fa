"""For everybody: the published plan and the road to the target, in plain words, with their data; no personal data."""

from datetime import date

from flask import Blueprint, Response, g, render_template, request

from cosmolocal.errors import InputError, NotFoundError, say
from cosmolocal.exports.bands import draw_bands
from cosmolocal.exports.map_layers import MapLayers, greatest_flows
from cosmolocal.exports.svg_map import draw_map, legend_entries
from cosmolocal.records import Region
from cosmolocal.web import roads_view
from cosmolocal.web.asking import Asked, read_cut
from cosmolocal.web.languages import day
from cosmolocal.web.paging import Cut
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.words import gettext
from cosmolocal.workflows import open_data
from cosmolocal.workflows.road_figures import YEAR_COLUMNS, year_rows
from cosmolocal.workflows.roads import RoadView, kept_view, road_states

bp = Blueprint("open_pages", __name__)

#: of what is made where, on one page
ROWS = 50


@bp.get("/open/")
@shared_page(lambda: (road_states(workspace()), workspace().database_state()))
def index() -> str:
    """Show what is made where and for whom, and where the region wants to get."""
    region = load_region()
    asked = Asked(request.args, g.names)
    size, number = read_cut(asked, ROWS)
    asked.finish()
    plan, road = open_data.find_open_plan(workspace()), _road()
    layers, left_out = greatest_flows(plan.layers) if plan else (None, 0)
    page = roads_view.build_page(road) if road else None
    return render_template(
        "open_pages/index.html",
        plan=plan,
        published=day(date.fromisoformat(plan.published_on), year=True) if plan else "",
        asked=open_data.asked_areas(plan) if plan else [],
        made=Cut(plan.made if plan else (), size, number),
        drawing=_map(layers) if layers else "",
        left_out=left_out,
        legend=legend_entries(gettext),
        page=page,
        chart=draw_bands(page.chart) if page else "",
        licence=region.open_data_licence,
    )


def _map(layers: MapLayers) -> str:
    title = gettext("Map of what is made where")
    told = gettext("Neighbourhoods by the share of what they asked for that is made here; lines are deliveries.")
    return draw_map(layers, title, told, gettext, legend=False)


def _road() -> RoadView | None:
    try:
        return kept_view(workspace())
    except InputError:
        return None


@bp.get("/open/plan.<any(csv, json, geojson):form>")
def plan(form: str) -> Response:
    """Send what is made where and for whom: sums, with their licence."""
    found = _require_plan()
    if form == "csv":
        return send_rows("open-plan", form, open_data.MADE_COLUMNS, open_data.made_rows(found))
    document = open_data.open_geojson(found) if form == "geojson" else open_data.describe_open_plan(found)
    return send_file("open-plan", form, document)


@bp.get("/open/neighbourhoods.csv")
def neighbourhoods() -> Response:
    """Send what each neighbourhood asked for, and what of it is made here."""
    return send_rows("open-neighbourhoods", "csv", open_data.AREA_COLUMNS, open_data.area_rows(_require_plan()))


@bp.get("/open/road.<any(csv, json):form>")
def road(form: str) -> Response:
    """Send the years of the road, with their licence."""
    region = load_region()
    found = _road()
    if found is None:
        raise NotFoundError(say("there is no road yet"))
    terms = _terms(region)
    rows = [{**row, **terms} for row in year_rows(found)]
    if form == "csv":
        return send_rows("open-road", form, (*YEAR_COLUMNS, *terms), rows)
    return send_file("open-road", form, {**terms, "years": year_rows(found)})


def _terms(region: Region) -> dict[str, str]:
    return {"licence": region.open_data_licence or open_data.UNKNOWN_LICENCE, "attribution": region.attribution}


def _require_plan() -> open_data.OpenPlan:
    load_region()
    found = open_data.find_open_plan(workspace())
    if found is None:
        raise NotFoundError("no plan was published yet")
    return found
