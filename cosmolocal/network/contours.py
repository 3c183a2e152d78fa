"""Outlines of where a field on a grid is above 0: marching squares, with holes."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ring = list[tuple[float, float]]

#: sides of a cell: bottom, right, top, left
_B, _R, _T, _L = range(4)
#: (from, to) sides by which corners are inside: 1 lower left, 2 lower right, 4 upper right, 8 upper left; inside lies
#: on the left hand; of two opposite corners each has an outline of its own
_SEGMENTS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_B, _L),),
    2: ((_R, _B),),
    3: ((_R, _L),),
    4: ((_T, _R),),
    5: ((_B, _L), (_T, _R)),
    6: ((_T, _B),),
    7: ((_T, _L),),
    8: ((_L, _T),),
    9: ((_B, _T),),
    10: ((_R, _B), (_L, _T)),
    11: ((_R, _T),),
    12: ((_L, _R),),
    13: ((_B, _R),),
    14: ((_L, _B),),
}
#: a side of a cell: (column, row) of its first corner, and whether it goes up
Side = tuple[int, int, bool]


def find_outlines(field: Floats) -> list[list[Ring]]:
    """Return the polygons in which a field [rows × columns] is above 0, each as its outer ring and its holes.

    Coordinates are (column, row) of the grid; rings are closed, outer ones run counterclockwise, holes clockwise. What
    touches the border of the grid must be 0 or below.
    """
    inside = field > 0
    case = inside[:-1, :-1].astype(np.int64) + 2 * inside[:-1, 1:] + 4 * inside[1:, 1:] + 8 * inside[1:, :-1]
    following: dict[Side, Side] = {}
    for row, column in np.argwhere((case > 0) & (case < 15)).tolist():
        for begin, end in _SEGMENTS[int(case[row, column])]:
            following[_side(column, row, begin)] = _side(column, row, end)
    rings = list(_rings(field, following))
    outer = [ring for ring in rings if signed_area(ring) > 0]
    polygons = [[ring] for ring in outer]
    for hole in (ring for ring in rings if signed_area(ring) < 0):
        around = [number for number, ring in enumerate(outer) if contains(ring, hole[0])]
        if around:
            polygons[min(around, key=lambda number: signed_area(outer[number]))].append(hole)
    return polygons


def _side(column: int, row: int, side: int) -> Side:
    return (column + (side == _R), row + (side == _T), side in (_R, _L))


def _rings(field: Floats, following: dict[Side, Side]) -> Iterator[Ring]:
    while following:
        first = next(iter(following))
        ring, side = [_crossing(field, first)], following.pop(first)
        while side != first:
            ring.append(_crossing(field, side))
            side = following.pop(side)
        yield [*ring, ring[0]]


def _crossing(field: Floats, side: Side) -> tuple[float, float]:
    """Return where the field is 0 on a side, between its two corners by their values."""
    column, row, is_up = side
    one, other = float(field[row, column]), float(field[row + is_up, column + (not is_up)])
    part = one / (one - other)
    return (column + (0.0 if is_up else part), row + (part if is_up else 0.0))


def signed_area(ring: Ring) -> float:
    """Return the area of a closed ring, above 0 when it runs counterclockwise.

    >>> signed_area([(0, 0), (2, 0), (2, 1), (0, 0)])
    1.0
    """
    return sum(one[0] * other[1] - other[0] * one[1] for one, other in pairwise(ring)) / 2


def contains(ring: Ring, point: tuple[float, float]) -> bool:
    """Tell whether a closed ring goes around a point."""
    x, y = point
    is_inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            is_inside = not is_inside
    return is_inside
