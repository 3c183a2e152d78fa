"""The region as a networkx graph of places and links: what is drawn, exported and measured."""

import math
from typing import TypeAlias

import networkx as nx

from cosmolocal.network.routes import METRE_WEIGHT, NO_WAY, Links
from cosmolocal.network.transport import choose_haul
from cosmolocal.records import Region

Graph: TypeAlias = "nx.Graph[str]"


def build_graph(region: Region) -> Graph:
    """Return the undirected graph of the region.

    Nodes are place ids with ``name``, ``kind``, ``lat``, ``lon``, ``district``, ``population``. Links carry
    ``distance_m``, ``minutes``, ``cents`` and ``co2e_g`` of one trip by the cheapest mode for a light load (``mode``),
    and ``weekly_capacity_kg`` (None: no limit).
    """
    graph: Graph = nx.Graph(name=region.name)
    links = Links(region)
    for place in links.places:
        graph.add_node(
            place.id, name=place.name, kind=place.kind.value, lat=place.lat, lon=place.lon, district=place.district
        )
        if place.population is not None:
            graph.nodes[place.id]["population"] = place.population
    lengths = links.lengths_m(range(len(links.places)))
    for one, row in enumerate(lengths.tolist()):
        for other in range(one + 1, len(row)):
            if row[other] != NO_WAY:
                rule = links.rules.get((one, other))
                capacity = rule.weekly_capacity_kg if rule is not None else None
                ends = links.places[one].id, links.places[other].id
                _add_link(graph, ends, row[other], capacity, region)
    return graph


def _add_link(graph: Graph, ends: tuple[str, str], distance_m: int, capacity: int | None, region: Region) -> None:
    network = region.network
    if capacity is None:
        capacity = network.weekly_capacity_kg
    weight = distance_m * METRE_WEIGHT + 1
    graph.add_edge(*ends, distance_m=distance_m, weight=weight, weekly_capacity_kg=capacity)
    haul = choose_haul(network.modes, 1, 1, distance_m, region.settings.co2e_cents_per_kg)
    if haul is not None:
        minutes = math.ceil(distance_m * 60 / (haul.mode.speed_kmh * 1000))
        graph.edges[ends].update(mode=haul.mode.id, minutes=minutes, cents=haul.cents, co2e_g=haul.co2e_g)


def link_name(one: str, other: str) -> str:
    """Return the name of a link as plans and prices write it."""
    return f"{min(one, other)}–{max(one, other)}"
