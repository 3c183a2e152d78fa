"""The network of a region as a file."""

import json
from typing import Any

import networkx as nx

from cosmolocal.network.graph import build_graph
from cosmolocal.records import Region

NETWORK_FORMATS = ("graphml", "geojson", "json")


def export_network(region: Region, form: str) -> str:
    """Return the region's graph as GraphML, GeoJSON or node-link JSON; what is unknown or unlimited is left out."""
    graph = build_graph(region)
    for _, _, link in graph.edges(data=True):
        del link["weight"]
        if link["weekly_capacity_kg"] is None:
            del link["weekly_capacity_kg"]
    if form == "graphml":
        return "\n".join(nx.generate_graphml(graph)) + "\n"
    if form == "json":
        return json.dumps(nx.node_link_data(graph, edges="links"), ensure_ascii=False, indent=1) + "\n"
    features = [
        _feature("Point", _position(place), {"id": name, **place}) for name, place in graph.nodes(data=True)
    ] + [
        _feature(
            "LineString",
            [_position(graph.nodes[one]), _position(graph.nodes[other])],
            {"from": one, "to": other, **link},
        )
        for one, other, link in graph.edges(data=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False) + "\n"


def _position(place: dict[str, Any]) -> list[float]:
    return [round(place["lon"], 6), round(place["lat"], 6)]


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}
