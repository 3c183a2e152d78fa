"""Lengths of the ways over streets between places, in bulk; kept in memory and on disk by what they follow from."""

import hashlib
import os
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from zipfile import BadZipFile

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cosmolocal.cores import use_all_cores
from cosmolocal.network.contraction import contract
from cosmolocal.network.street_modes import OFF, ModeStreets
from cosmolocal.network.street_points import split
from cosmolocal.records import Mode, NetworkSettings, OffStreets, Place, Region, StreetNetwork
from cosmolocal.records.streets import Ints

#: [m] stands for "no way"
NO_WAY = -1
#: changes when lengths are worked out otherwise, so that what was kept before is not used
VERSION = 2
#: sources from which a smaller network is worth making, and how many a thread searches from at once
WORTH_CONTRACTING = 64
CHUNK = 16
THREADS = 2
_MOST_KEPT = 8


def shortest_mm(graph: csr_array, sources: Ints, targets: Ints) -> Ints:
    """Return the length of the shortest way from each source to each target, [S × T] millimetres; `NO_WAY`: none."""
    nodes = np.arange(graph.shape[0])
    if len(sources) >= WORTH_CONTRACTING:
        graph, nodes = contract(graph, np.unique(np.concatenate((sources, targets))).tolist())
    number = np.full(int(nodes.max(initial=-1)) + 1, -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    starts, columns = number[sources], number[targets]

    def search(begin: int) -> Ints:
        found = np.atleast_2d(dijkstra(graph, indices=starts[begin : begin + CHUNK]))[:, columns]
        return np.where(np.isfinite(found), found, NO_WAY).astype(np.int64)

    with ThreadPoolExecutor(THREADS, initializer=use_all_cores) as pool:
        parts = list(pool.map(search, range(0, len(sources), CHUNK)))
    return np.concatenate(parts) if parts else np.empty((0, len(targets)), dtype=np.int64)


class ModeLengths:
    """The lengths of the ways of one mode between places, row by row as they are asked for."""

    def __init__(self, streets: ModeStreets, places: Sequence[Place], network: NetworkSettings, cache: str) -> None:
        self.streets = streets
        spots = [(place.lat, place.lon) for place in places]
        snaps = streets.snap(spots)
        rules = network.streets
        limit_m = np.inf
        if rules is not None and rules.off_streets is OffStreets.UNREACHABLE:
            limit_m = rules.snap_limit_m
        #: [P] metres to the nearest street
        self.snap_m = snaps.distance_m
        #: points on streets that places are at; they are nodes, too, the last ones
        self.points = snaps.points
        #: [P] number of the node that each place is at; `OFF`: it is not on the streets
        self.node: Ints = np.where(self.snap_m <= limit_m, snaps.node, OFF)
        #: [P] millimetres from each place to its node
        access_m = np.where(np.isfinite(self.snap_m), self.snap_m, 0.0) * network.detour_factor
        self.access_mm = np.rint(access_m * 1000).astype(np.int64)
        #: [P] number of the island that each place is on; `OFF`: on none
        self.island: Ints = np.where(self.node == OFF, OFF, streets.island[self.end])
        self._file = Path(cache) / f"{self._key()}.npz" if cache else None
        self._rows: dict[int, Ints] = {}
        self._lock = Lock()

    @property
    def end(self) -> Ints:
        """Return the crossing that each place is at, or next to along its street, [P]; `OFF`: none."""
        nodes = len(self.streets.streets.lat)
        ends = np.append(self.points.end, OFF)
        return np.where(self.node < nodes, self.node, ends[np.maximum(self.node - nodes, -1)])

    def _key(self) -> str:
        mode = self.streets.mode
        said = repr((VERSION, self.streets.streets.digest, sorted(mode.classes), mode.oneway)).encode()
        points = self.points
        arrays = (self.node, self.access_mm, points.streets.first, points.streets.second, points.part)
        return hashlib.sha256(said + b"".join(array.tobytes() for array in arrays)).hexdigest()[:32]

    def rows_m(self, rows: Iterable[int]) -> Ints:
        """Return the lengths of the ways from some places to all, [rows × P] metres, rounded up; `NO_WAY`: none."""
        rows = list(rows)
        with self._lock:
            if any(row not in self._rows for row in rows) and not self._rows:
                self._load()
            missing = [row for row in dict.fromkeys(rows) if row not in self._rows]
            if missing:
                self._rows |= dict(zip(missing, self._find(missing), strict=True))
                self._save()
        if not rows:
            return np.empty((0, len(self.node)), dtype=np.int64)
        return np.stack([self._rows[row] for row in rows]).astype(np.int64)

    def _find(self, rows: list[int]) -> Ints:
        on = np.flatnonzero(self.node != OFF)
        begins = [row for row in rows if self.node[row] != OFF]
        lengths = np.full((len(rows), len(self.node)), NO_WAY, dtype=np.int64)
        if begins:
            sources, source_of = np.unique(self.node[begins], return_inverse=True)
            targets, target_of = np.unique(self.node[on], return_inverse=True)
            found = shortest_mm(split(self.streets.graph, self.points), sources, targets)[np.ix_(source_of, target_of)]
            total = found + self.access_mm[begins][:, None] + self.access_mm[on]
            where = np.flatnonzero(np.isin(rows, begins))
            # who cannot come back does not go: a way that leads from one island to another counts as none
            is_there = (found != NO_WAY) & (self.island[begins][:, None] == self.island[on])
            lengths[np.ix_(where, on)] = np.where(is_there, -(-total // 1000), NO_WAY)
        lengths[np.arange(len(rows)), rows] = 0
        return lengths

    def _load(self) -> None:
        """Take what an earlier run has kept; a file that is damaged counts as none."""
        try:
            if self._file is None or not self._file.is_file():
                return
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                rows, lengths = kept["rows"], kept["lengths"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
            return
        if lengths.shape == (len(rows), len(self.node)) and len(rows) and int(rows.max()) < len(self.node):
            self._rows = dict(zip(rows.tolist(), lengths, strict=True))

    def _save(self) -> None:
        """Keep all rows for later runs; a disk that cannot be written costs only time."""
        if self._file is None:
            return
        draft = self._file.with_suffix(f".{os.getpid()}.tmp")
        rows = sorted(self._rows)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                np.savez_compressed(file, rows=np.array(rows), lengths=np.stack([self._rows[row] for row in rows]))
            draft.replace(self._file)
        except OSError:
            draft.unlink(missing_ok=True)


class StreetLengths:
    """The lengths of the ways of all modes of a region between its places."""

    def __init__(self, region: Region, places: Sequence[Place]) -> None:
        network = region.network
        self.modes = [
            _recall_lengths(find_streets(region, mode), mode, tuple(places), network, region.street_cache)
            for mode in network.modes
        ]
        #: do all modes get from the same places to the same places?
        self.is_alike = all(self._is_like_first(mode.island) for mode in self.modes)

    def _is_like_first(self, island: Ints) -> bool:
        """Tell whether whoever one island of a mode connects is connected by the first mode too."""
        first = self.modes[0].island
        return all(
            len(set(there.tolist())) == 1 and int(there[0]) != OFF
            for number in np.unique(island[island != OFF])
            if len(there := first[island == number]) > 1
        )

    def natural_m(self, rows: Iterable[int]) -> Ints:
        """Return the lengths by the first mode that gets there, [rows × P] metres; `NO_WAY`: none does."""
        rows = list(rows)
        lengths = self.modes[0].rows_m(rows)
        for mode in () if self.is_alike else self.modes[1:]:
            lengths = np.where(lengths == NO_WAY, mode.rows_m(rows), lengths)
        return lengths


def find_streets(region: Region, mode: Mode) -> StreetNetwork:
    """Return the street network that a mode of a region uses; the region must name one."""
    rules = region.network.streets
    return region.streets[mode.streets or (rules.file if rules else "")]


def _recall_lengths(
    streets: StreetNetwork, mode: Mode, places: tuple[Place, ...], network: NetworkSettings, cache: str
) -> ModeLengths:
    """Return the lengths of a mode; the same as before for the same streets, mode and places."""
    spots = tuple((place.lat, place.lon) for place in places)
    key = (streets, mode.classes, mode.oneway, spots, network.streets, network.detour_factor, cache)
    with _KEPT_LOCK:
        if key not in _KEPT:
            _KEPT[key] = ModeLengths(recall_streets(streets, mode), places, network, cache)
            while len(_KEPT) > _MOST_KEPT:
                _KEPT.popitem(last=False)
        _KEPT.move_to_end(key)
        return _KEPT[key]


def recall_streets(streets: StreetNetwork, mode: Mode) -> ModeStreets:
    """Return the streets of a mode; the same as before for the same network and mode."""
    key = (streets, mode.classes, mode.oneway, mode.speed_kmh)
    found = _STREETS.get(key)
    if found is None:
        found = _STREETS[key] = ModeStreets(streets, mode)
        while len(_STREETS) > _MOST_KEPT:
            _STREETS.popitem(last=False)
    return found


_KEPT: OrderedDict[tuple[object, ...], ModeLengths] = OrderedDict()
_KEPT_LOCK = Lock()
_STREETS: OrderedDict[tuple[object, ...], ModeStreets] = OrderedDict()
