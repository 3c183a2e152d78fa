"""The region as a networkx graph of places and links, and the shortest ways through it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import networkx as nx
from geopy.distance import geodesic

from cosmolocal.network.transport import choose_haul
from cosmolocal.records import LinkRule, NetworkSettings, Place, PlaceKind, Region

Graph: TypeAlias = "nx.Graph[str]"

#: what a metre weighs when a link weighs 1: more than any way has links, so that fewer links only decide between ways
#: of the same length; whole numbers, so that the same length is exactly the same
METRE_WEIGHT = 1_000_000


@dataclass(frozen=True, slots=True)
class Route:
    """The shortest way between two places."""

    #: [m]
    distance_m: int
    #: ids of the places passed, both ends included
    via: tuple[str, ...]

    def links(self) -> tuple[tuple[str, str], ...]:
        """Return the links passed, each with its ids in order."""
        return tuple((min(a, b), max(a, b)) for a, b in pairwise(self.via))


def all_places(region: Region) -> tuple[Place, ...]:
    """Return the region's places, workshops included, by id."""
    workshops = [
        Place(id=workshop.id, name=workshop.name, kind=PlaceKind.WORKSHOP, lat=workshop.lat, lon=workshop.lon)
        for workshop in region.workshops
    ]
    return tuple(sorted([*region.places, *workshops], key=lambda place: place.id))


def build_graph(region: Region) -> Graph:
    """Return the undirected graph of the region.

    Nodes are place ids with ``name``, ``kind``, ``lat``, ``lon``, ``district``, ``population``. Links carry
    ``distance_m``, ``minutes``, ``cents`` and ``co2e_g`` of one trip by the cheapest mode for a light load (``mode``),
    and ``weekly_capacity_kg`` (None: no limit).
    """
    graph: Graph = nx.Graph(name=region.name)
    places = all_places(region)
    for place in places:
        graph.add_node(
            place.id, name=place.name, kind=place.kind.value, lat=place.lat, lon=place.lon, district=place.district
        )
        if place.population is not None:
            graph.nodes[place.id]["population"] = place.population
    rules = {frozenset((rule.from_place, rule.to_place)): rule for rule in region.network.links}
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            rule = rules.get(frozenset((one.id, other.id)))
            if _are_linked(one, other) or rule is not None:
                _add_link(graph, one, other, rule, region)
    return graph


def _are_linked(one: Place, other: Place) -> bool:
    return {one.kind, other.kind} != {PlaceKind.NEIGHBOURHOOD}


def _add_link(graph: Graph, one: Place, other: Place, rule: LinkRule | None, region: Region) -> None:
    if rule is not None and rule.closed:
        return
    network = region.network
    distance_m = rule.distance_m if rule is not None else None
    if distance_m is None:
        distance_m = direct_distance_m(one, other, network)
    capacity = rule.weekly_capacity_kg if rule is not None else None
    if capacity is None:
        capacity = network.weekly_capacity_kg
    weight = distance_m * METRE_WEIGHT + 1
    graph.add_edge(one.id, other.id, distance_m=distance_m, weight=weight, weekly_capacity_kg=capacity)
    haul = choose_haul(network.modes, 1, 1, distance_m, region.settings.co2e_cents_per_kg)
    if haul is not None:
        minutes = math.ceil(distance_m * 60 / (haul.mode.speed_kmh * 1000))
        graph.edges[one.id, other.id].update(mode=haul.mode.id, minutes=minutes, cents=haul.cents, co2e_g=haul.co2e_g)


def direct_distance_m(one: Place, other: Place, network: NetworkSettings) -> int:
    """Return the great-circle distance (WGS 84 geodesic) times the detour factor, in whole metres, rounded up."""
    metres: float = geodesic((one.lat, one.lon), (other.lat, other.lon)).m * network.detour_factor
    # a micrometre of slack, so that noise of floating point does not add a metre
    return math.ceil(metres - 1e-6)


def find_routes(graph: Graph, sources: Iterable[str]) -> dict[str, dict[str, Route]]:
    """Return the shortest route by source and target; ties: fewer links, then smaller ids.

    Places that cannot be reached are left out.
    """
    return {source: _routes_from(graph, source) for source in sources}


def _routes_from(graph: Graph, source: str) -> dict[str, Route]:
    before, weights = nx.dijkstra_predecessor_and_distance(graph, source, weight="weight")
    via: dict[str, tuple[str, ...]] = {source: (source,)}
    # nearest first: the ways to all places before a place are known when its turn comes
    for target in weights:
        if target != source:
            via[target] = min((*via[place], target) for place in before[target])
    return {target: Route(int(weights[target]) // METRE_WEIGHT, places) for target, places in via.items()}


def link_name(one: str, other: str) -> str:
    """Return the name of a link as plans and prices write it."""
    return f"{min(one, other)}–{max(one, other)}"
