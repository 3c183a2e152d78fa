"""The region as a networkx graph of places and links: what is drawn, exported and measured."""

import math
from typing import Any, TypeAlias

import networkx as nx

from cosmolocal.network.routes import METRE_WEIGHT, Links
from cosmolocal.network.street_lengths import NO_WAY
from cosmolocal.network.transport import choose_haul
from cosmolocal.records import Region

Graph: TypeAlias = "nx.Graph[str]"


def build_graph(region: Region) -> Graph:
    """Return the undirected graph of the region.

    Nodes are place ids with ``name``, ``kind``, ``lat``, ``lon``, ``district``, ``population``. Links carry
    ``distance_m``, ``minutes``, ``cents`` and ``co2e_g`` of one trip by the cheapest mode for a light load (``mode``),
    and ``weekly_capacity_kg`` (None: no limit). Where the region names a street network they are those from the place
    whose id comes first; ``<mode>_m`` and ``<mode>_back_m`` tell how far each mode goes there and back.
    """
    graph: Graph = nx.Graph(name=region.name)
    network = region.network
    links = Links(region)
    for place in links.places:
        graph.add_node(
            place.id, name=place.name, kind=place.kind.value, lat=place.lat, lon=place.lon, district=place.district
        )
        if place.population is not None:
            graph.nodes[place.id]["population"] = place.population
    everywhere = range(len(links.places))
    lengths = links.lengths_m(everywhere)
    modes = [] if links.streets is None else [links.lengths_m(everywhere, mode) for mode in range(len(network.modes))]
    for one, row in enumerate(lengths.tolist()):
        for other in range(one + 1, len(row)):
            if row[other] != NO_WAY:
                rule = links.rules.get((one, other))
                capacity = rule.weekly_capacity_kg if rule is not None else None
                ends = links.places[one].id, links.places[other].id
                _add_link(graph, ends, row[other], capacity, region)
                own = [int(table[one, other]) for table in modes]
                _add_haul(graph.edges[ends], own or row[other], region)
                for mode, there, table in zip(network.modes, own, modes, strict=False):
                    _add_mode(graph.edges[ends], mode.id, there, int(table[other, one]))
    return graph


def _add_mode(link: dict[str, Any], mode: str, there_m: int, back_m: int) -> None:
    link |= {name: metres for name, metres in ((f"{mode}_m", there_m), (f"{mode}_back_m", back_m)) if metres != NO_WAY}


def _add_haul(link: dict[str, Any], distances_m: int | list[int], region: Region) -> None:
    """Say how a light load goes over a link."""
    modes = region.network.modes
    haul = choose_haul(modes, (1, 1), distances_m, region.settings.co2e_cents_per_kg, None)
    if haul is not None:
        own_m = distances_m if isinstance(distances_m, int) else distances_m[modes.index(haul.mode)]
        minutes = math.ceil(own_m * 60 / (haul.mode.speed_kmh * 1000))
        link |= {"distance_m": own_m, "mode": haul.mode.id, "minutes": minutes}
        link |= {"cents": haul.cents, "co2e_g": haul.co2e_g}


def _add_link(graph: Graph, ends: tuple[str, str], distance_m: int, capacity: int | None, region: Region) -> None:
    network = region.network
    if capacity is None:
        capacity = network.weekly_capacity_kg
    weight = distance_m * METRE_WEIGHT + 1
    graph.add_edge(*ends, distance_m=distance_m, weight=weight, weekly_capacity_kg=capacity)


def link_name(one: str, other: str) -> str:
    """Return the name of a link as plans and prices write it."""
    return f"{min(one, other)}–{max(one, other)}"
