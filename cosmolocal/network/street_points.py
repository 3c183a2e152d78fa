"""Points on streets: where a place is nearest to a street between two crossings, the street is parted there.

A point lies a whole number of `PARTS` along its street, so that lengths stay whole millimetres and add up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from cosmolocal.records.streets import Floats, Ints

#: a street is parted at one of its 4096ths; one that is shorter than as many millimetres is not parted
PARTS = 4096
#: [radians] streets longer than that are always looked at
_LONG = 0.01


@dataclass(frozen=True, slots=True)
class Pairs:
    """The streets between two nodes each, the lower number first, [E]."""

    first: Ints
    second: Ints
    #: [mm] from the first node to the second, and back; 0: no way
    there_mm: Ints
    back_mm: Ints

    def take(self, which: Ints) -> "Pairs":
        """Return some of the streets."""
        return Pairs(self.first[which], self.second[which], self.there_mm[which], self.back_mm[which])

    @property
    def shortest_mm(self) -> Ints:
        """Return the shorter of both directions."""
        one, other = (np.where(mm > 0, mm, np.iinfo(np.int64).max) for mm in (self.there_mm, self.back_mm))
        return np.minimum(one, other)


def find_pairs(graph: csr_array) -> Pairs:
    """Return the streets of a graph [N × N] of millimetres, by their nodes; loops are left out."""
    cells = graph.tocoo()
    start, end, mm = (array.astype(np.int64) for array in (cells.row, cells.col, cells.data))
    key = np.minimum(start, end) * graph.shape[0] + np.maximum(start, end)
    keys, number = np.unique(key[start != end], return_inverse=True)
    there, back = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
    start, end, mm = start[start != end], end[start != end], mm[start != end]
    there[number[start < end]] = mm[start < end]
    back[number[start > end]] = mm[start > end]
    return Pairs(keys // graph.shape[0], keys % graph.shape[0], there, back)


@dataclass(frozen=True, slots=True)
class Points:
    """Points on streets that places are at, [S], ordered by street and part."""

    #: [S]
    streets: Pairs
    #: [S] of `PARTS`, counted from the first node: from 1 to `PARTS` - 1
    part: Ints
    #: [S] degrees, WGS 84
    lat: Floats
    lon: Floats

    @property
    def end(self) -> Ints:
        """Return the end of each point's street that is nearer along it, [S]."""
        return np.where(2 * self.part <= PARTS, self.streets.first, self.streets.second)


def split(graph: csr_array, points: Points) -> csr_array:
    """Return a graph with the points as its last nodes; what was there before is as far apart as it was."""
    if not len(points.part):
        return graph
    nodes, on, each = graph.shape[0], points.streets, np.arange(len(points.part))
    is_first = np.ones(len(each), dtype=np.bool_)
    is_first[1:] = (on.first[1:] != on.first[:-1]) | (on.second[1:] != on.second[:-1])
    is_last = np.append(is_first[1:], True)
    before = np.where(is_first, on.first, nodes + each - 1)
    cells = graph.tocoo()
    starts, ends = [cells.row.astype(np.int64)], [cells.col.astype(np.int64)]
    lengths = [cells.data.astype(np.float64)]
    for whole, is_back in ((on.there_mm, False), (on.back_mm, True)):
        along = whole * points.part // PARTS
        step = along - np.where(is_first, 0, np.roll(along, 1))
        for one, other, mm in (
            (before, nodes + each, np.where(whole > 0, step, 0)),
            (nodes + each, on.second, np.where((whole > 0) & is_last, whole - along, 0)),
        ):
            there = mm > 0
            starts.append((other if is_back else one)[there])
            ends.append((one if is_back else other)[there])
            lengths.append(mm[there].astype(np.float64))
    size = nodes + len(each)
    return csr_array((np.concatenate(lengths), (np.concatenate(starts), np.concatenate(ends))), shape=(size, size))


class NearestStreets:
    """Finds the nearest point between the ends of streets."""

    def __init__(self, streets: Pairs, lat: Floats, lon: Floats) -> None:
        self.streets = streets.take(np.flatnonzero(streets.shortest_mm >= PARTS))
        first, second = self.streets.first, self.streets.second
        self._lat, self._lon = lat[first], lon[first]
        self._north, self._east = lat[second] - lat[first], _turn(lon[second] - lon[first])
        half = np.radians(np.hypot(self._north, self._east * np.cos(np.radians(self._lat)))) / 2
        middle = unit_vectors(self._lat + self._north / 2, self._lon + self._east / 2)
        #: streets of about the same length: half of the longest, their numbers, and their middles
        self._bins: list[tuple[float, Ints, cKDTree]] = []
        self._long = np.flatnonzero(half > _LONG)
        for low, high in pairwise([0.0, *(_LONG / 2**n for n in range(11, -1, -1))]):
            which = np.flatnonzero((half > low) & (half <= high))
            if len(which):
                self._bins.append((high, which, cKDTree(middle[which])))

    def find(self, spots: Floats, within: Floats) -> Iterator[tuple[int, int, int]]:
        """Yield (number of the spot, of the street, part) where the nearest point of a street is nearer than a limit.

        ``spots`` are (lat, lon), [P × 2]; ``within`` are squares of degrees, in the plane around each spot, [P].
        Ties: the street whose nodes have the lower numbers.
        """
        # a tenth more: lines are straight on the plane around a spot, and a bit bent on the sphere
        reach = 1.1 * np.radians(np.sqrt(within)) + 1e-9
        found = [
            (which, tree.query_ball_point(unit_vectors(spots[:, 0], spots[:, 1]), reach + 1.1 * half))
            for half, which, tree in self._bins
        ]
        for number, (lat, lon) in enumerate(spots.tolist()):
            near = [which[inside[number]] for which, inside in found if len(inside[number])]
            streets = np.sort(np.concatenate([self._long, *near]))
            part, square = self._nearest(streets, lat, lon)
            if len(square) and square.min() < within[number]:
                best = int(square.argmin())
                yield number, int(streets[best]), int(part[best])

    def _nearest(self, streets: Ints, lat: float, lon: float) -> tuple[Ints, Floats]:
        """Return the nearest part of each street, and the square of its distance; infinite where that is an end."""
        narrow = np.cos(np.radians(lat))
        x, y = _turn(self._lon[streets] - lon) * narrow, self._lat[streets] - lat
        dx, dy = self._east[streets] * narrow, self._north[streets]
        square = dx * dx + dy * dy
        along = np.where(square > 0, -(x * dx + y * dy) / np.where(square > 0, square, 1.0), 0.0)
        part = np.clip(np.rint(along * PARTS), 0, PARTS)
        x, y = x + dx * part / PARTS, y + dy * part / PARTS
        is_between = (part > 0) & (part < PARTS)
        return part.astype(np.int64), np.where(is_between, x * x + y * y, np.inf)

    def points(self, streets: Ints, parts: Ints) -> tuple[Points, Ints]:
        """Return points, ordered and each once, and the number of each one that was asked for."""
        keys, number = np.unique(streets * PARTS + parts, return_inverse=True)
        street, part = keys // PARTS, keys % PARTS
        lat = self._lat[street] + self._north[street] * part / PARTS
        lon = _turn(self._lon[street] + self._east[street] * part / PARTS)
        return Points(self.streets.take(street), part, lat, lon), number.astype(np.int64)


def plane_squares(spots: Floats, ends: Floats) -> Floats:
    """Return the square of the distance of each pair of (lat, lon), in degrees of the plane around the first, [P]."""
    x = _turn(ends[:, 1] - spots[:, 1]) * np.cos(np.radians(spots[:, 0]))
    y = ends[:, 0] - spots[:, 0]
    return np.asarray(x * x + y * y)


def _turn(degrees: Floats) -> Floats:
    """Return longitudes from -180 to 180."""
    return np.where(np.abs(degrees) <= 180, degrees, (degrees + 180) % 360 - 180)


def unit_vectors(lat: Floats, lon: Floats) -> Floats:
    """Return points of the unit sphere, [n × 3]: who is nearest there is nearest on the ground."""
    lat, lon = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
