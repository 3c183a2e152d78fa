"""The network: places, links and modes, and what a plan carries over them."""

from flask import Blueprint, Response, g, json, render_template, request

from cosmolocal.web import network_view, reach_view, row_files
from cosmolocal.web.paging import page_links
from cosmolocal.web.shared import NEWEST, NoPlanYetError, load_plan, load_region
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.workflows import PlanView, export_network

bp = Blueprint("network", __name__)

#: what the network can be downloaded as: its media type
EXPORTS = {"graphml": "application/graphml+xml", "geojson": "application/geo+json"}


@bp.get("/network/")
@shared_page()
def index() -> str:
    """Show the network with the newest plan; alone where there is none yet."""
    try:
        return _page(load_plan(NEWEST))
    except NoPlanYetError:
        return _page(None)


@bp.get("/plans/<plan_id>/network")
@shared_page()
def show(plan_id: str) -> str:
    """Show the network, and the links that a plan uses."""
    return _page(load_plan(plan_id))


def _page(view: PlanView | None) -> str:
    page = network_view.build_page(g.region, view, request.args, g.names)
    return render_template(
        "network/index.html",
        page=page,
        page_links=page_links(page.number, page.pages),
        svg=page.svg,
        view=view,
        mode_shares=network_view.mode_shares,
        tell_how=reach_view.tell_how,
        mode_of={mode.id: mode for mode in g.region.network.modes}.get,
        tell_reached=reach_view.tell_reached,
    )


@bp.get("/network/reach.<any(csv, json, geojson):form>")
def reach(form: str) -> Response:
    """Send what is reached from a workshop: its places as rows, or its area."""
    region = load_region()
    found = reach_view.require_reach(request.args, region, g.names)
    name = f"reach-{found.workshop}-{found.minutes}-min-{found.mode}"
    if form != "geojson":
        return row_files.send_rows(form, name, reach_view.COLUMNS, reach_view.reach_rows(found))
    response = Response(json.dumps(reach_view.reach_geojson(found)), content_type=EXPORTS[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.geojson"'
    return response


@bp.get("/network.<any(graphml, geojson):form>")
def export(form: str) -> Response:
    """Send the network as a file."""
    region = load_region()
    response = Response(export_network(region, form), content_type=f"{EXPORTS[form]}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="network.{form}"'
    return response
