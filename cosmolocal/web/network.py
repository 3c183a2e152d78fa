"""The network: places, links and modes, and what a plan carries over them."""

from flask import Blueprint, Response, g, render_template, request

from cosmolocal.web import network_view, reach_view
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import NEWEST, NoPlanYetError, load_plan, load_region
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.workflows import PlanView, export_network

bp = Blueprint("network", __name__)


@bp.get("/network/")
@shared_page()
def index() -> str:
    """Show the network with the newest plan; alone where there is none yet."""
    try:
        return _page(load_plan(NEWEST))
    except NoPlanYetError:
        return _page(None)


@bp.get("/plans/<plan_id>/network")
@shared_page(own_designs=True)
def show(plan_id: str) -> str:
    """Show the network, and the links that a plan uses."""
    return _page(load_plan(plan_id))


def _page(view: PlanView | None) -> str:
    page = network_view.build_page(g.region, view, request.args, g.names)
    return render_template(
        "network/index.html",
        page=page,
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
        return send_rows(name, form, reach_view.COLUMNS, reach_view.reach_rows(found))
    return send_file(name, form, reach_view.reach_geojson(found))


@bp.get("/network.<any(graphml, geojson):form>")
def export(form: str) -> Response:
    """Send the network as a file."""
    return send_file("network", form, export_network(load_region(), form))
