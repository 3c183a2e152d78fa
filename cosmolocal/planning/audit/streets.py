"""Ways over streets, searched for anew on the network as it was read: nothing is left out, joined or kept."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from cosmolocal.planning.audit.geodesics import geodesic_m
from cosmolocal.records import Mode, NetworkSettings, OffStreets, Region, StreetNetwork

Spot = tuple[float, float]

#: part of the largest island's nodes, and number of nodes, that make an island count
_ISLAND = 0.01
_ALONE = 2
#: a street is parted at one of its 4096ths, unless it is shorter than as many millimetres
_PARTS = 4096

#: where a place is: two nodes, the lower number first, and how many parts from the first one; at a node both are it
_Where = tuple[int, int, int]


class ModeWays:
    """The ways of one mode between places."""

    def __init__(self, streets: StreetNetwork, mode: Mode, spots: Mapping[str, Spot], network: NetworkSettings) -> None:
        allowed = [number for number, kind in enumerate(streets.kinds) if not mode.classes or _is_in(kind, mode)]
        usable = np.isin(streets.kind, [-1, *allowed])
        start, end, length = streets.start[usable], streets.end[usable], streets.length_mm[usable].astype(float)
        back = streets.is_oneway[usable] & (not mode.oneway)
        cells = np.concatenate((start, end[back])), np.concatenate((end, start[back]))
        self._graph = _shortest_of_each(np.concatenate((length, length[back])), *cells, len(streets.lat))
        label = connected_components(self._graph, connection="strong")[1]
        size = np.bincount(label)
        fits = np.flatnonzero((size[label] >= _ALONE) & (size[label] >= size.max() * _ISLAND))
        streets_of_islands = _find_streets(self._graph, label, np.isin(label, label[fits]))
        #: where each place is on the streets, and millimetres to there
        self._where: dict[str, _Where] = {}
        self._access_mm: dict[str, int] = {}
        self.island: dict[str, int] = {}
        on_sphere = _on_sphere(streets.lat[fits], streets.lon[fits])
        for name, spot in spots.items() if len(fits) else ():
            here = _on_sphere(np.array([spot[0]]), np.array([spot[1]]))
            node = int(fits[int(((on_sphere - here) ** 2).sum(axis=1).argmin())])
            where, point = _find_nearest(spot, node, streets, streets_of_islands)
            away_m = geodesic_m(spot, point)
            if _is_beyond(network, away_m):
                continue
            self._where[name] = where
            self._access_mm[name] = round(away_m * network.detour_factor * 1000)
            self.island[name] = int(label[where[0]])
        self._ends = sorted({node for one, other, _ in self._where.values() for node in (one, other)})
        self._column = {node: column for column, node in enumerate(self._ends)}
        self._found: dict[int, NDArray[np.float64]] = {}

    def find_m(self, first: str, second: str) -> int | None:
        """Return the length of the way from one place to another, rounded up; None: there is none, or none back."""
        if first not in self._where or second not in self._where or self.island[first] != self.island[second]:
            return None
        begin, end = self._where[first], self._where[second]
        between = min(
            (
                out + self._between(one, other) + into
                for one, out in self._out(begin)
                for other, into in self._into(end)
            ),
            default=math.inf,
        )
        between = min(between, self._along(begin, end))
        if not math.isfinite(between):
            return None
        total = int(between) + self._access_mm[first] + self._access_mm[second]
        return math.ceil(total / 1000)

    def _between(self, start: int, end: int) -> float:
        """Return the millimetres from one node to another."""
        if start not in self._found:
            # only what lies at places is kept: a whole row for each place would fill the memory
            self._found[start] = np.asarray(dijkstra(self._graph, indices=[start]))[0][self._ends]
        return float(self._found[start][self._column[end]])

    def _arc(self, start: int, end: int) -> int:
        """Return the millimetres of the shortest street from one node to the next; 0: there is none."""
        return int(self._graph[start, end])

    def _out(self, where: _Where) -> list[tuple[int, int]]:
        """Return the nodes to which one gets first, with the millimetres to each."""
        first, second, part = where
        if first == second:
            return [(first, 0)]
        there, back = self._arc(first, second), self._arc(second, first)
        ways = [(second, there - there * part // _PARTS)] if there else []
        return [*ways, (first, back * part // _PARTS)] if back else ways

    def _into(self, where: _Where) -> list[tuple[int, int]]:
        """Return the nodes from which one comes last, with the millimetres from each."""
        first, second, part = where
        if first == second:
            return [(first, 0)]
        there, back = self._arc(first, second), self._arc(second, first)
        ways = [(first, there * part // _PARTS)] if there else []
        return [*ways, (second, back - back * part // _PARTS)] if back else ways

    def _along(self, begin: _Where, end: _Where) -> float:
        """Return the millimetres along one street on which both places are; infinite: there is no such way."""
        if begin == end:
            return 0.0
        if begin[:2] != end[:2] or begin[0] == begin[1]:
            return math.inf
        one, other = sorted((begin[2], end[2]))
        whole = self._arc(*begin[:2]) if begin[2] < end[2] else self._arc(begin[1], begin[0])
        return whole * other // _PARTS - whole * one // _PARTS if whole else math.inf


_Streets = tuple[NDArray[np.int64], NDArray[np.int64]]


def _find_streets(graph: csr_array, label: NDArray[np.int32], is_large: NDArray[np.bool_]) -> _Streets:
    """Return the lower and the higher node of all streets that may be parted, ordered."""
    start, end = graph.nonzero()
    one, other, mm = np.minimum(start, end), np.maximum(start, end), graph.data
    fits = (one != other) & (label[one] == label[other]) & is_large[one]
    pairs, number = np.unique(np.stack([one[fits], other[fits]]), axis=1, return_inverse=True)
    least = np.full(pairs.shape[1], np.inf)
    np.minimum.at(least, number.reshape(-1), mm[fits])
    first, second = pairs[:, least >= _PARTS].astype(np.int64)
    return first, second


def _find_nearest(spot: Spot, node: int, streets: StreetNetwork, ends: _Streets) -> tuple[_Where, Spot]:
    """Return where on the streets a place is: at the nearest node, unless a point between two nodes is nearer."""
    (lat, lon), (first, second) = spot, ends
    narrow = np.cos(np.radians(lat))
    x, y = _turned(streets.lon[first] - lon) * narrow, streets.lat[first] - lat
    east, north = _turned(streets.lon[second] - streets.lon[first]), streets.lat[second] - streets.lat[first]
    dx, dy = east * narrow, north
    square = dx * dx + dy * dy
    along = np.divide(-(x * dx + y * dy), square, out=np.zeros(len(square)), where=square > 0)
    part = np.clip(np.rint(along * _PARTS), 0, _PARTS)
    x, y = x + dx * part / _PARTS, y + dy * part / _PARTS
    away = np.where((part > 0) & (part < _PARTS), x * x + y * y, np.inf)
    home = float(streets.lat[node]), float(streets.lon[node])
    aside, up = float(_turned(np.array([home[1] - lon]))[0] * narrow), home[0] - lat
    to_node = aside * aside + up * up
    if not len(away) or away.min() >= to_node:
        return (node, node, 0), home
    best = int(away.argmin())
    share = float(part[best]) / _PARTS
    point = float(streets.lat[first[best]] + north[best] * share), float(streets.lon[first[best]] + east[best] * share)
    return (int(first[best]), int(second[best]), int(part[best])), point


def _turned(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(degrees) <= 180, degrees, (degrees + 180) % 360 - 180)


def _is_beyond(network: NetworkSettings, away_m: float) -> bool:
    rules = network.streets
    return rules is not None and away_m > rules.snap_limit_m and rules.off_streets is OffStreets.UNREACHABLE


def _is_in(kind: Iterable[str], mode: Mode) -> bool:
    return all(name in mode.classes for name in kind)


def _shortest_of_each(
    length: NDArray[np.float64], start: NDArray[np.int64], end: NDArray[np.int64], nodes: int
) -> csr_array:
    longest_first = np.argsort(-length, kind="stable")
    # a later one takes the place of an earlier one
    pairs = zip(start[longest_first].tolist(), end[longest_first].tolist(), strict=True)
    last = dict(zip(pairs, length[longest_first].tolist(), strict=True))
    ends = np.array(list(last), dtype=np.int64).reshape(-1, 2)
    return csr_array((np.array(list(last.values()), dtype=np.float64), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))


def _on_sphere(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, turn = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(turn), np.cos(phi) * np.sin(turn), np.sin(phi)], axis=1)


class StreetWays:
    """The ways of all modes of a region between its places."""

    def __init__(self, region: Region, spots: Mapping[str, Spot]) -> None:
        network = region.network
        usual = network.streets.file if network.streets is not None else ""
        self.modes = [ModeWays(region.streets[mode.streets or usual], mode, spots, network) for mode in network.modes]
        self.are_alike = all(self._first_joins(mode.island) for mode in self.modes[1:])

    def _first_joins(self, island: Mapping[str, int]) -> bool:
        """Tell whether the first mode joins all places that another one does."""
        seen: dict[int, int | None] = {}
        counts: dict[int, int] = {}
        for name, number in island.items():
            counts[number] = counts.get(number, 0) + 1
            here = self.modes[0].island.get(name)
            if counts[number] > 1 and (here is None or seen[number] != here):
                return False
            seen[number] = here
        return True

    def find_m(self, first: str, second: str, mode: int | None = None) -> int | None:
        """Return the length of a way by a mode, or by the first one that gets there."""
        if mode is not None:
            return self.modes[mode].find_m(first, second)
        found = (each.find_m(first, second) for each in self.modes)
        return next((length for length in found if length is not None), None)
