"""The network as a map and as rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from cosmolocal.exports.map_layers import MOST_FLOWS, MapLayers, build_layers
from cosmolocal.exports.network_layers import Link, NetworkLayers, build_network
from cosmolocal.exports.network_map import NetworkMark, draw_network, network_legend, reach_legend
from cosmolocal.records import Place, PlaceKind, Plan, Region, Trip
from cosmolocal.web.asking import Asked
from cosmolocal.web.languages import percent
from cosmolocal.web.names import Names
from cosmolocal.web.paging import Cut
from cosmolocal.web.plans_view import whole_layers
from cosmolocal.web.reach_view import Reach, find_reach
from cosmolocal.web.shared import recall_of, workspace
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.area_shapes import recall_areas
from cosmolocal.workflows.remembering import Memory, Same

#: links on one page
LINK_ROWS = 50

_bare = Memory[NetworkLayers](2)


@dataclass(frozen=True, slots=True)
class HubRow:
    """A hub, and what a plan carries to and from it."""

    place: Place
    kg: int
    trips: int


@dataclass(frozen=True, slots=True)
class TripRow:
    """Trips of a plan, and who shares them."""

    trip: Trip
    #: [kg] what as many trips can carry
    most_kg: int
    #: (lot, order) of each, in the order of the plan
    lots: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """All that the page of the network shows."""

    network: NetworkLayers
    layers: MapLayers
    svg: str
    legend: tuple[NetworkMark, ...]
    #: id of the place whose links are shown; "": all
    place: str
    #: (id, name) of the places that used links lead to, by name
    places: list[tuple[str, str]]
    #: used links that lead to the place, those with the greatest load first
    cut: Cut[Link]
    hubs: list[HubRow]
    #: used links that the drawn map leaves out
    left_out: int
    #: trips that several lots may share, to or from the place, those of most lots first
    trips: list[TripRow]
    reach: Reach


def build_page(region: Region, view: PlanView | None, args: Mapping[str, str], names: Names) -> NetworkPage:
    """Return the network with what a plan carries; ``place`` and ``page`` of the address narrow the links it uses."""
    place, number = read_query(args, names)
    network, layers = _network(region, view), _layers(region, view)
    reach = find_reach(args, region, names)
    found = tuple(link for link in network.used if place in ("", *link.ends))
    ends = {end for link in network.used for end in link.ends}
    return NetworkPage(
        network=network,
        layers=layers,
        svg=_draw(network, layers, found[:MOST_FLOWS], reach),
        left_out=max(0, len(found) - MOST_FLOWS),
        legend=_legend(reach),
        reach=reach,
        place=place,
        places=sorted(((end, names.place(end)) for end in ends), key=lambda pair: pair[1].casefold()),
        cut=Cut(found, LINK_ROWS, number),
        trips=[] if view is None else trip_rows(region, view.plan, place),
        hubs=[_hub_row(place, network) for place in region.places if place.kind is PlaceKind.HUB],
    )


def read_query(args: Mapping[str, str], names: Names) -> tuple[str, int]:
    """Return the place and the page that an address asks for.

    Raises
    ------
    InputError
        With every part that cannot be read.
    """
    # the place of an address may be a workshop, too; each by its id or its name
    asked = Asked(dict.fromkeys(("place", "workshop"), args.get("place", "")) | {"page": args.get("page", "")}, names)
    given = args.get("place", "")
    place = next((one for one in (asked.text("workshop"), asked.text("place")) if one != given), given)
    if place and place not in names.places and place not in names.workshops:
        asked.fault("place", place)
    number = asked.page()
    asked.finish()
    return place, number


def _network(region: Region, view: PlanView | None) -> NetworkLayers:
    if view is None:
        return _bare.recall(Same(region), lambda: build_network(region))
    return recall_of(view, "network", lambda: build_network(region, view.plan.allocations, view.plan.trips))


def _layers(region: Region, view: PlanView | None) -> MapLayers:
    if view is None:
        return build_layers(region, recall_areas(region, workspace().folder), (), (), ())
    return whole_layers(region, view)


def _legend(reach: Reach) -> tuple[NetworkMark, ...]:
    marks = network_legend(gettext)
    return (*marks, reach_legend(gettext("what is reached"))) if reach.found else marks


def _draw(network: NetworkLayers, layers: MapLayers, found: tuple[Link, ...], reach: Reach) -> str:
    words = (
        gettext("Map of the network"),
        gettext("All links between workshops, hubs and neighbourhoods; wide lines are those that the plan uses."),
    )
    # those that are used are drawn anyway
    links = network.links if network.is_whole else (link for link in network.links if link.rule is not None)
    return draw_network(layers, links, found, words, gettext, reach.found.polygons if reach.found else ())


def _hub_row(place: Place, network: NetworkLayers) -> HubRow:
    uses = [link.use for link in network.used if place.id in link.ends]
    return HubRow(place, sum(use.kg for use in uses), sum(use.trips for use in uses))


def trip_rows(region: Region, plan: Plan, place: str) -> list[TripRow]:
    """Return the shared trips to or from a place, or all, those that most lots share first."""
    loads = {mode.id: mode.max_load_g // 1000 for mode in region.network.modes}
    sharing: dict[tuple[str, str, str, int], dict[str, str]] = {}
    for row in plan.allocations if plan.trips else ():
        for leg in row.legs:
            sharing.setdefault((leg.from_place, leg.to_place, leg.mode, leg.week), {})[row.lot] = row.order
    rows = []
    for trip in plan.trips:
        if place in ("", trip.from_place, trip.to_place):
            lots = sharing.get((trip.from_place, trip.to_place, trip.mode, trip.week), {})
            rows.append(TripRow(trip, trip.trips * loads.get(trip.mode, 0), tuple(lots.items())))
    return sorted(rows, key=lambda row: (-len(row.lots), row.trip.week))


def mode_shares(link: Link, names: Names) -> str:
    """Return how the trips over a link are shared out over the modes, most frequent first; a mode alone by its name."""
    shares = sorted(link.use.trips_by_mode.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(shares) == 1:
        return _mode(shares[0][0], names)
    return ", ".join(
        gettext("%(share)s %(mode)s", share=percent(round(trips / link.use.trips, 2)), mode=_mode(mode, names))
        for mode, trips in shares
    )


def _mode(mode: str, names: Names) -> str:
    return names.modes.get(mode, mode)
