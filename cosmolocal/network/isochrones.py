"""Where a mode gets to from a place within some minutes: streets, parts of streets, and the area around them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from cosmolocal.errors import InputError, NotFoundError, Problem, Said, say
from cosmolocal.network.contours import Ring, find_outlines
from cosmolocal.network.routes import all_places
from cosmolocal.network.street_lengths import ModeLengths, find_streets, recall_streets
from cosmolocal.network.street_modes import OFF, Arcs, build_matrix
from cosmolocal.network.street_points import PARTS
from cosmolocal.records import Region
from cosmolocal.records.streets import Floats, Ints

CODES = {"N008": "what is asked of the street network cannot be told, or is out of range"}

#: [minutes] longest
LONGEST = 600
#: [m] how far from a street the area still counts as reached, and the grid it is drawn on: no finer than that, and no
#: more points on a side than that
MARGIN_M = 60.0
_CELL_M = 20.0
_MOST_CELLS = 500
#: [m per degree] of a meridian: close enough to draw by (6,371 km × π / 180)
_DEGREE_M = 111_195.0

Area = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Isochrone:
    """What is reached from a place; coordinates are (lon, lat)."""

    place: str
    mode: str
    minutes: int
    #: nodes of the network that are reached
    nodes: int
    #: [m] of streets that are reached, each direction by itself
    streets_m: int
    #: from where to where each street is passed; the last piece of a way may end within a street
    lines: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    #: polygons, each an outer ring and its holes
    area: Area


def find_isochrone(region: Region, place_id: str, mode_id: str, minutes: int) -> Isochrone:
    """Return where a mode gets to from a place or workshop of a region.

    Each street is passed at the mode's speed or at the limit of the street, where one is known and lower.

    Raises
    ------
    NotFoundError
        When there is no such place or mode.
    InputError
        When the region names no street network, or the place is not on it.
    """
    mode = next((mode for mode in region.network.modes if mode.id == mode_id), None)
    if mode is None:
        raise NotFoundError(f"there is no mode {mode_id!r}; there are {', '.join(m.id for m in region.network.modes)}")
    place = next((place for place in all_places(region) if place.id == place_id), None)
    if place is None:
        raise NotFoundError(say("there is no place %(name)s", name=repr(place_id)))
    if not 1 <= minutes <= LONGEST:
        raise _refused("minutes", say("found %(found)s; must be from 1 to %(most)s", found=minutes, most=LONGEST))
    if region.network.streets is None:
        raise _refused("region.yaml: network", say("names no street network; set network.streets"))
    ways = ModeLengths(recall_streets(find_streets(region, mode), mode), [place], region.network, "")
    if int(ways.node[0]) == OFF:
        raise _refused(place_id, say("is not on the streets of %(mode)s", mode=mode_id))
    arcs, spots = _start_arcs(ways), _spots(ways)
    passed = _pass(ways, arcs, 60.0 * minutes)
    lines = _lines(spots, arcs, passed)
    metres = (passed.part * arcs.length_mm[passed.arc]).sum() / 1000
    shown = tuple(((one[0], one[1]), (one[2], one[3])) for one in np.round(lines, 6).tolist())
    area = _outline(lines, spots[ways.node[0]]) if passed.nodes else ()
    return Isochrone(place_id, mode_id, minutes, passed.nodes, round(metres), shown, area)


def _refused(where: str, why: Said) -> InputError:
    return InputError([Problem("N008", where, why)])


@dataclass(frozen=True, slots=True)
class _Passed:
    """The arcs that are passed within the time, [A]."""

    arc: Ints
    #: above 0, 1: to its end
    part: Floats
    #: how many nodes are reached
    nodes: int


def _pass(ways: ModeLengths, arcs: Arcs, seconds: float) -> _Passed:
    left = seconds - float(ways.access_mm[0]) / 1000 * 3.6 / ways.streets.mode.speed_kmh
    if left < 0:
        return _Passed(np.empty(0, dtype=np.int64), np.empty(0), 0)
    takes = arcs.length_mm / 1000 * 3.6 / arcs.speed_kmh
    nodes = len(ways.streets.streets.lat)
    graph = build_matrix(arcs.start, arcs.end, takes, nodes + 1)
    times = np.asarray(dijkstra(graph, indices=[int(ways.node[0])], limit=left))[0]
    rest = left - times[arcs.start]
    passed = np.flatnonzero(rest > 0)
    return _Passed(passed, np.minimum(1.0, rest[passed] / takes[passed]), int(np.isfinite(times[:nodes]).sum()))


def _start_arcs(ways: ModeLengths) -> Arcs:
    """Return the arcs of a mode, and those from the point of a street that the place is at to its ends."""
    arcs, points = ways.streets.arcs, ways.points
    for first, second, part in zip(points.streets.first, points.streets.second, points.part, strict=True):
        for start, end, rest in ((first, second, PARTS - int(part)), (second, first, int(part))):
            along = np.flatnonzero((arcs.start == start) & (arcs.end == end))
            arcs = Arcs(
                np.append(arcs.start, np.full(len(along), ways.node[0])),
                np.append(arcs.end, arcs.end[along]),
                np.append(arcs.length_mm, arcs.length_mm[along] * rest // PARTS),
                np.append(arcs.speed_kmh, arcs.speed_kmh[along]),
            )
    return arcs


def _spots(ways: ModeLengths) -> Floats:
    """Return (lon, lat) of all nodes, and of the point that the place is at, if any."""
    streets, points = ways.streets.streets, ways.points
    return np.stack([np.append(streets.lon, points.lon), np.append(streets.lat, points.lat)], axis=1)


def _lines(spots: Floats, arcs: Arcs, passed: _Passed) -> Floats:
    """Return (lon, lat, lon, lat) of the straight line along each arc as far as it is passed, [A × 4]."""
    begin, end = spots[arcs.start[passed.arc]], spots[arcs.end[passed.arc]]
    return np.concatenate((begin, begin + (end - begin) * passed.part[:, None]), axis=1)


def _outline(lines: Floats, home: Floats) -> Area:
    """Return the area within `MARGIN_M` of the streets that are passed, on a grid of metres around the first node."""
    per_degree = np.array([_DEGREE_M * math.cos(math.radians(float(home[1]))), _DEGREE_M])
    begin, end = ((ends - home) * per_degree for ends in (lines[:, :2], lines[:, 2:]))
    every = np.concatenate((begin, end, [[0.0, 0.0]]))
    low = every.min(axis=0) - 2 * MARGIN_M
    size = every.max(axis=0) + 2 * MARGIN_M - low
    cell = max(_CELL_M, float(size.max()) / _MOST_CELLS)
    # a grid coarser than the margin would lose streets between its points
    margin = max(MARGIN_M, 1.5 * cell)
    low, size = low - 2 * (margin - MARGIN_M), size + 4 * (margin - MARGIN_M)
    columns, rows = (np.ceil(size / cell).astype(np.int64) + 1).tolist()
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2) * cell + low
    away = cKDTree(_along(begin, end, cell / 2)).query(grid, distance_upper_bound=margin + 2 * cell)[0]
    field = margin - np.minimum(away, margin + 2 * cell).reshape(rows, columns)

    def place(ring: Ring) -> tuple[tuple[float, float], ...]:
        spots = np.array(ring) * cell + low
        return tuple((one[0], one[1]) for one in np.round(spots / per_degree + home, 6).tolist())

    return tuple(tuple(place(ring) for ring in polygon) for polygon in find_outlines(field))


def _along(begin: Floats, end: Floats, step: float) -> Floats:
    """Return points along lines, no farther apart than a step, and the middle of the grid."""
    counts = np.ceil(np.hypot(*(end - begin).T) / step).astype(np.int64) + 1
    line = np.repeat(np.arange(len(begin)), counts)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    part = nth / np.maximum(counts[line] - 1, 1)
    return np.concatenate((begin[line] + (end - begin)[line] * part[:, None], [[0.0, 0.0]]))


def build_isochrone_geojson(found: Isochrone) -> dict[str, Any]:
    """Return an isochrone as GeoJSON: the area, then the streets."""
    said = {"place": found.place, "mode": found.mode, "minutes": found.minutes}
    figures = {"nodes": found.nodes, "streets_m": found.streets_m}
    shapes = (("area", "MultiPolygon", found.area), ("streets", "MultiLineString", found.lines))
    features = [
        {
            "type": "Feature",
            "geometry": {"type": kind, "coordinates": coordinates},
            "properties": {"what": what, **said, **figures},
        }
        for what, kind, coordinates in shapes
    ]
    return {"type": "FeatureCollection", "features": features}
