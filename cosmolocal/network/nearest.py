"""The nearest workshops of very many orders, exactly as the geodesic says.

No geodesic is shorter than the straight line through the earth between its ends. So a tree of points in space finds
the few that can be nearest, and only those are measured along the ground; where they could leave out a nearer one,
more are looked at.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cosmolocal.cores import use_all_cores
from cosmolocal.network.distances import EQUATOR_M, FLATTENING, near_geodesic_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: stands for "no workshop"
NONE = -1
#: places that are worked on at once: few enough that what is worked out stays in the processor's cache
_CHUNK = 4_000
#: [m] noise of floating point in the straight line
_SLACK_M = 1e-3
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest workshops of each order, nearest first; of equally near ones the first in the list."""

    #: [orders × k] numbers of workshops; `NONE`: there are no more within reach
    workshop: Ints
    #: [orders × k] metres along the ground; infinite where there is none
    distance_m: Floats


def find_nearest(orders: Floats, workshops: Floats, k: int, max_m: float = np.inf) -> Nearest:
    """Return the k nearest workshops of each order within a distance.

    Both are (lat, lon) in degrees, [n × 2]; orders at the same place are looked up once.
    """
    places, place_of = np.unique(orders.reshape(-1, 2), axis=0, return_inverse=True)
    count = min(k, len(workshops))
    workshop = np.full((len(places), k), NONE, dtype=np.int64)
    distance_m = np.full((len(places), k), np.inf)
    tree = cKDTree(_in_space(workshops))

    def work(begin: int) -> None:
        chunk = slice(begin, begin + _CHUNK)
        found, metres = _find(tree, places[chunk], workshops, count)
        is_near = metres <= max_m
        workshop[chunk, :count] = np.where(is_near, found, NONE)
        distance_m[chunk, :count] = np.where(is_near, metres, np.inf)

    with ThreadPoolExecutor(_THREADS, initializer=use_all_cores) as pool:
        list(pool.map(work, range(0, len(places) if count else 0, _CHUNK)))
    return Nearest(workshop[place_of.reshape(-1)], distance_m[place_of.reshape(-1)])


def _find(tree: cKDTree, places: Floats, workshops: Floats, count: int) -> tuple[Ints, Floats]:
    """Return (workshops, metres) of each place, [places × count]."""
    number, metres = np.empty((len(places), count), dtype=np.int64), np.empty((len(places), count))
    open_rows, most = np.arange(len(places)), min(count + 1, len(workshops))
    while len(open_rows):
        lines, near = tree.query(_in_space(places[open_rows]), k=most)
        shape = len(open_rows), most
        lines, near = np.reshape(lines, shape), np.reshape(near, shape).astype(np.int64)
        starts = np.repeat(places[open_rows], most, axis=0)
        ground = _measure(starts, workshops[near.reshape(-1)]).reshape(shape)
        order = np.lexsort((near, ground), axis=1)[:, :count]
        number[open_rows] = np.take_along_axis(near, order, axis=1)
        metres[open_rows] = np.take_along_axis(ground, order, axis=1)
        # whatever was not measured is at least as far as the farthest straight line
        is_sure = (metres[open_rows, -1] < lines[:, -1] - _SLACK_M) | (most == len(workshops))
        open_rows, most = open_rows[~is_sure], min(4 * most, len(workshops))
    return number, metres


def _measure(starts: Floats, ends: Floats) -> Floats:
    """Return geodesics; between opposite points of the earth, where none is known, half the equator."""
    return np.nan_to_num(near_geodesic_m(starts, ends), nan=np.pi * EQUATOR_M)


def _in_space(spots: Floats) -> Floats:
    """Return points of the ellipsoid in metres from the middle of the earth, [n × 3]."""
    lat, lon = np.radians(spots.reshape(-1, 2)).T
    flat = (1 - FLATTENING) ** 2
    radius = EQUATOR_M / np.sqrt(np.cos(lat) ** 2 + flat * np.sin(lat) ** 2)
    east = radius * np.cos(lat)
    return np.stack([east * np.cos(lon), east * np.sin(lon), flat * radius * np.sin(lat)], axis=1)
