"""The streets that a mode may use, and where places are on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from cosmolocal.network.distances import near_geodesic_m
from cosmolocal.network.street_points import NearestStreets, Pairs, Points, find_pairs, plane_squares, unit_vectors
from cosmolocal.records import Mode, StreetNetwork
from cosmolocal.records.streets import Bools, Floats, Ints

#: an island counts as streets when it has at least this part of the nodes of the largest one, and more than one node
SMALLEST_ISLAND = 1 / 100
#: how many nodes are looked at for the nearest, so that of several on one spot the first counts
_NEAREST = 8
#: stands for "not on the streets"
OFF = -1


@dataclass(frozen=True, slots=True)
class Arcs:
    """The arcs that a mode may use, [A]."""

    start: Ints
    end: Ints
    length_mm: Ints
    #: km/h at which the mode passes
    speed_kmh: Ints


@dataclass(frozen=True, slots=True)
class Snaps:
    """Where places are on the streets of a mode, [P]."""

    #: number of the nearest node, or, from the number of nodes on, of the point that is nearer
    node: Ints
    #: [m] to it
    distance_m: Floats
    #: points on streets that are nearer than any node
    points: Points


def find_arcs(streets: StreetNetwork, mode: Mode) -> Arcs:
    """Return the arcs that a mode may use: those of its classes or of none, against one-way streets if it may."""
    fits = np.array([not mode.classes or set(kind) <= set(mode.classes) for kind in streets.kinds], dtype=np.bool_)
    usable = streets.kind < 0
    known = ~usable
    usable[known] = fits[streets.kind[known]]
    start, end = streets.start[usable], streets.end[usable]
    length_mm, speed = streets.length_mm[usable], streets.speed_kmh[usable]
    if not mode.oneway:
        back = streets.is_oneway[usable]
        start, end = np.concatenate((start, end[back])), np.concatenate((end, start[back]))
        length_mm, speed = np.concatenate((length_mm, length_mm[back])), np.concatenate((speed, speed[back]))
    return Arcs(start, end, length_mm, np.where(speed > 0, np.minimum(speed, mode.speed_kmh), mode.speed_kmh))


def build_matrix(start: Ints, end: Ints, weight: Ints | Floats, nodes: int) -> csr_array:
    """Return a graph as a sparse matrix; of several arcs between the same nodes the lightest counts."""
    order = np.lexsort((weight, end, start))
    start, end, weight = start[order], end[order], weight[order]
    is_first = np.ones(len(start), dtype=np.bool_)
    is_first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    cells = weight[is_first].astype(np.float64), (start[is_first], end[is_first])
    return csr_array(cells, shape=(nodes, nodes))


class ModeStreets:
    """The streets of one mode."""

    def __init__(self, streets: StreetNetwork, mode: Mode) -> None:
        self.streets = streets
        self.mode = mode
        self.arcs = find_arcs(streets, mode)
        #: [N × N] millimetres
        self.graph = build_matrix(self.arcs.start, self.arcs.end, self.arcs.length_mm, len(streets.lat))
        #: [N] number of the island: from each of its nodes one gets to each other, and back
        self.island: Ints = connected_components(self.graph, connection="strong")[1].astype(np.int64)
        self.usable = self._usable()

    def _usable(self) -> Bools:
        """Return which nodes lie on an island that counts; a dead end that only leads in, or out, does not."""
        sizes = np.bincount(self.island, minlength=1)
        enough = np.maximum(2, int(np.max(sizes)) * SMALLEST_ISLAND)
        on_large: Bools = sizes[self.island] >= enough
        return on_large

    @cached_property
    def nearest_streets(self) -> NearestStreets:
        """The streets that places may be at between two crossings: both ends lie on one island that counts."""
        pairs = find_pairs(self.graph)
        is_inside = self.usable[pairs.first] & (self.island[pairs.first] == self.island[pairs.second])
        return NearestStreets(pairs.take(np.flatnonzero(is_inside)), self.streets.lat, self.streets.lon)

    def snap(self, spots: Sequence[tuple[float, float]]) -> Snaps:
        """Return the nearest node of each (lat, lon), or point of a street; `OFF` where the mode has no streets."""
        nodes = np.flatnonzero(self.usable)
        places = np.array(spots, dtype=np.float64).reshape(-1, 2)
        if not len(nodes) or not len(places):
            return Snaps(np.full(len(places), OFF, dtype=np.int64), np.full(len(places), np.inf), _NO_POINTS)
        points = unit_vectors(self.streets.lat[nodes], self.streets.lon[nodes])
        wanted = unit_vectors(places[:, 0], places[:, 1])
        most = min(_NEAREST, len(nodes))
        near = np.sort(np.asarray(cKDTree(points).query(wanted, k=most)[1]).reshape(len(places), most), axis=1)
        square = ((points[near] - wanted[:, None, :]) ** 2).sum(axis=2)
        node = nodes[near[np.arange(len(places)), square.argmin(axis=1)]]
        ends = np.stack([self.streets.lat[node], self.streets.lon[node]], axis=1)
        return self._to_streets(places, node, ends)

    def _to_streets(self, places: Floats, node: Ints, ends: Floats) -> Snaps:
        """Return where places are that are at nodes, unless a point of a street is nearer."""
        found = np.array(list(self.nearest_streets.find(places, plane_squares(places, ends))), dtype=np.int64)
        which, street, part = found.reshape(-1, 3).T
        points, number = self.nearest_streets.points(street, part)
        node = node.copy()
        node[which] = len(self.streets.lat) + number
        ends[which] = np.stack([points.lat, points.lon], axis=1)[number]
        return Snaps(node, near_geodesic_m(places, ends), points)


_NO_POINTS = Points(Pairs(*(np.empty(0, dtype=np.int64),) * 4), np.empty(0, dtype=np.int64), *(np.empty(0),) * 2)
