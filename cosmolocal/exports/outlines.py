"""Several polygons as one shape: edges that two of them share fall away, what is left is chained into rings."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from cosmolocal.exports.area_files import Polygon, Ring

Corner = tuple[float, float]

#: [degrees] about 20 cm: corners as near as that are one
NEAR = 2e-6
#: how far the size of the shape may differ from the sum of its parts
SLACK = 1e-3


def join(polygons: Iterable[Polygon]) -> tuple[Polygon, ...]:
    """Return polygons that lie beside each other as one shape; the same ones where they overlap."""
    parts = tuple(polygon for polygon in polygons if polygon and len(polygon[0]) > 2)
    if len(parts) < 2:
        return parts
    rings = _chain(_free_edges(_split(_snap([ring for part in parts for ring in _turned(part)]))))
    joined = _nest(rings)
    before, after = math.fsum(map(_size, parts)), math.fsum(map(_size, joined))
    return joined if abs(after - before) <= SLACK * before else parts


def ring_size(ring: Sequence[Corner]) -> float:
    """Return the size of a ring in square degrees; above zero where it goes counter-clockwise."""
    edges = zip(ring, (*ring[1:], ring[0]), strict=True)
    return 0.5 * math.fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in edges)


def _size(polygon: Polygon) -> float:
    outer, *holes = (abs(ring_size(ring)) for ring in polygon)
    return outer - math.fsum(holes)


def _turned(polygon: Polygon) -> list[Ring]:
    """Return the rings of a polygon so that its inside is on the left: the outer one counter-clockwise, holes not."""
    return [
        ring if (ring_size(ring) > 0) == (number == 0) else tuple(reversed(ring)) for number, ring in enumerate(polygon)
    ]


def _snap(rings: Sequence[Ring]) -> list[list[Corner]]:
    """Return the rings with corners that are nearly the same made the same."""
    corners = sorted({corner for ring in rings for corner in ring})
    stands_for = {corner: corner for corner in corners}
    for first, second in sorted(cKDTree(np.array(corners)).query_pairs(NEAR)):
        stands_for[corners[second]] = min(stands_for[corners[first]], stands_for[corners[second]])
    return [[stands_for[corner] for corner in ring] for ring in rings]


def _split(rings: Sequence[Sequence[Corner]]) -> list[tuple[Corner, Corner]]:
    """Return the edges of the rings, cut wherever a corner of another one lies on them."""
    corners = sorted({corner for ring in rings for corner in ring})
    tree = cKDTree(np.array(corners))
    edges = [pair for ring in rings for pair in zip(ring, (*ring[1:], ring[0]), strict=True) if pair[0] != pair[1]]
    cut: list[tuple[Corner, Corner]] = []
    for start, end in edges:
        length = math.dist(start, end)
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        near = (corners[number] for number in tree.query_ball_point(middle, length / 2))
        stops = [start, *sorted((c for c in near if _lies_on(start, end, c)), key=lambda c: math.dist(start, c)), end]
        cut += pairwise(stops)
    return cut


def _lies_on(start: Corner, end: Corner, corner: Corner) -> bool:
    if corner in (start, end):
        return False
    length = math.dist(start, end)
    along = ((corner[0] - start[0]) * (end[0] - start[0]) + (corner[1] - start[1]) * (end[1] - start[1])) / length
    across = ((end[0] - start[0]) * (corner[1] - start[1]) - (end[1] - start[1]) * (corner[0] - start[0])) / length
    return abs(across) <= NEAR and 0 < along < length


def _free_edges(edges: Iterable[tuple[Corner, Corner]]) -> dict[Corner, list[Corner]]:
    """Return the ends by the start of edges that no other one goes back over."""
    ends = defaultdict[Corner, list[Corner]](list)
    for start, end in edges:
        if start in ends.get(end, ()):
            ends[end].remove(start)
        else:
            ends[start].append(end)
    return {start: found for start, found in ends.items() if found}


def _chain(ends: dict[Corner, list[Corner]]) -> list[Ring]:
    """Return the rings that edges make; where several go on from a corner, the one most to the left is taken."""
    left = {start: sorted(found) for start, found in sorted(ends.items())}
    rings = []
    while left:
        first = next(iter(left))
        ring, here = [first], _take(left, first, None)
        while here is not None and here != first:
            ring.append(here)
            here = _take(left, here, ring[-2])
        if here is not None and len(ring) > 2:
            rings.append(tuple(ring))
    return rings


def _take(left: dict[Corner, list[Corner]], here: Corner, before: Corner | None) -> Corner | None:
    choices = left.get(here)
    if not choices:
        return None
    if before is None:
        end = choices[0]
    else:
        came = math.atan2(before[1] - here[1], before[0] - here[0])
        end = min(choices, key=lambda to: (came - math.atan2(to[1] - here[1], to[0] - here[0])) % (2 * math.pi))
    choices.remove(end)
    if not choices:
        del left[here]
    return end


def _nest(rings: Iterable[Ring]) -> tuple[Polygon, ...]:
    """Return polygons: each ring that goes counter-clockwise, with the holes that lie in it."""
    outer = sorted((ring for ring in rings if ring_size(ring) > 0), key=ring_size)
    holes: list[list[Ring]] = [[] for _ in outer]
    for hole in (ring for ring in rings if ring_size(ring) < 0):
        number = next((at for at, ring in enumerate(outer) if _holds(ring, hole)), None)
        if number is not None:
            holes[number].append(hole)
    return tuple((ring, *found) for ring, found in reversed(list(zip(outer, holes, strict=True))))


def _holds(ring: Ring, hole: Ring) -> bool:
    """Tell whether a ring holds another one that shares no edge with it: by the middle of an edge of that."""
    (x1, y1), (x2, y2) = hole[0], hole[1]
    return holds_point(ring, (x1 + x2) / 2, (y1 + y2) / 2)


def holds_point(ring: Sequence[Corner], x: float, y: float) -> bool:
    """Tell whether a point lies within a ring: whether a ray from it crosses the ring an odd number of times."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside
