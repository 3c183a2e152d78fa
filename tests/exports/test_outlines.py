"""Polygons as one shape: it is as large as they are, and holds what they hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.exports.areas import build_cells
from cosmolocal.exports.outlines import holds_point, join, ring_size
from cosmolocal.records import Place, PlaceKind


def square(x: float, y: float, side: float = 1.0):
    return (((x, y), (x + side, y), (x + side, y + side), (x, y + side)),)


def size(polygons) -> float:
    return math.fsum(
        abs(ring_size(ring)) * (1 if number == 0 else -1) for shape in polygons for number, ring in enumerate(shape)
    )


def holds(polygons, x: float, y: float) -> bool:
    return any(sum(holds_point(ring, x, y) for ring in shape) % 2 for shape in polygons)


GRID = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30, unique=True)


@given(GRID, st.randoms(use_true_random=False))
def test_squares_of_a_grid_become_shapes_of_their_size_that_hold_the_same_points(spots, random):
    """Turned either way round: files of areas do not agree on which is right."""
    squares = [square(*spot) for spot in spots]
    squares = [(ring[::-1],) if random.random() < 0.5 else (ring,) for (ring,) in squares]
    joined = join(squares)
    assert math.isclose(size(joined), len(spots))
    for x in range(6):
        for y in range(6):
            assert holds(joined, x + 0.4, y + 0.6) == ((x, y) in spots)


@given(GRID)
def test_no_edge_of_the_shape_is_shared_by_two_of_its_polygons(spots):
    edges = [
        frozenset(pair)
        for shape in join([square(*spot) for spot in spots])
        for ring in shape
        for pair in zip(ring, (*ring[1:], ring[0]), strict=True)
    ]
    assert len(edges) == len(set(edges))


def test_a_ring_of_squares_keeps_its_hole():
    [shape] = join([square(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)])
    outer, hole = shape
    assert (ring_size(outer), ring_size(hole)) == (9.0, -1.0)


def test_a_neighbour_that_fills_a_hole_closes_it():
    frame = (square(0, 0, 3)[0], square(1, 1)[0])
    assert [len(shape) for shape in join([frame])] == [2]
    assert [len(shape) for shape in join([frame, square(1, 1)])] == [1]


def test_corners_on_another_ones_edge_are_no_gap():
    """A large square beside two small ones: their common corner lies on its edge."""
    [shape] = join([square(0, 0, 2), square(2, 0), square(2, 1)])
    assert len(shape) == 1
    assert size([shape]) == 6.0


def test_squares_that_only_touch_at_a_corner_stay_two():
    assert len(join([square(0, 0), square(1, 1)])) == 2


def test_what_lies_apart_stays_apart():
    assert len(join([square(0, 0), square(5, 5)])) == 2


def test_what_overlaps_is_left_as_it_is():
    """One square within another, and one twice: there is no shape that is as large as both."""
    for parts in ((square(0, 0, 2), square(1, 1, 2)), (square(0, 0), square(0, 0))):
        assert sorted(join(parts)) == sorted(parts)


@pytest.mark.parametrize("polygons", [[], [()], [(((0.0, 0.0), (1.0, 1.0)),)]])
def test_nothing_gives_nothing(polygons):
    assert join(polygons) == ()


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda xy: (2.0 + xy[0] / 1000, 41.0 + xy[1] / 1000)),
        min_size=2,
        max_size=20,
        unique=True,
    )
)
def test_cells_put_together_are_as_large_as_they_were(spots):
    places = [Place(f"p{number}", "P", PlaceKind.NEIGHBOURHOOD, lat, lon) for number, (lon, lat) in enumerate(spots)]
    parts = [shape for shapes in build_cells(places).values() for shape in shapes]
    joined = join(parts)
    assert math.isclose(size(joined), size(parts), rel_tol=1e-3)
    assert len(joined) == 1, "cells of one region lie side by side, without gaps"
