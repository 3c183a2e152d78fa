"""An oracle for shortest routes: networkx on the graph of a region."""

from collections.abc import Iterable

import networkx as nx

from cosmolocal.network.graph import Graph
from cosmolocal.network.routes import METRE_WEIGHT, Route


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
