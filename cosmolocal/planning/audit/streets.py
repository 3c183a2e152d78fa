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
        #: number of the node of each place on the streets, and millimetres to it
        self._node: dict[str, int] = {}
        self._access_mm: dict[str, int] = {}
        self.island: dict[str, int] = {}
        on_sphere = _on_sphere(streets.lat[fits], streets.lon[fits])
        for name, spot in spots.items() if len(fits) else ():
            here = _on_sphere(np.array([spot[0]]), np.array([spot[1]]))
            node = int(fits[int(((on_sphere - here) ** 2).sum(axis=1).argmin())])
            away_m = geodesic_m(spot, (float(streets.lat[node]), float(streets.lon[node])))
            if _is_beyond(network, away_m):
                continue
            self._node[name] = node
            self._access_mm[name] = round(away_m * network.detour_factor * 1000)
            self.island[name] = int(label[node])
        self._found: dict[int, NDArray[np.float64]] = {}

    def find_m(self, first: str, second: str) -> int | None:
        """Return the length of the way from one place to another, rounded up; None: there is none, or none back."""
        if first not in self._node or second not in self._node or self.island[first] != self.island[second]:
            return None
        begin = self._node[first]
        if begin not in self._found:
            # only what lies at places is kept: a whole row for each place would fill the memory
            row = np.asarray(dijkstra(self._graph, indices=[begin]))[0]
            self._found[begin] = row[list(self._node.values())]
            self._column = {name: column for column, name in enumerate(self._node)}
        between = float(self._found[begin][self._column[second]])
        if not math.isfinite(between):
            return None
        total = int(between) + self._access_mm[first] + self._access_mm[second]
        return math.ceil(total / 1000)


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
