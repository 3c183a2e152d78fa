"""Distances of many pairs at once: geopy, which measures one by one, is the oracle."""

import math
import random

import numpy as np
import pytest
from geopy.distance import geodesic

from cosmolocal.network.distances import DOUBT, FARTHEST_M, SLACK_M, direct_distances_m, near_geodesic_m

Spot = tuple[float, float]


def spots(dice: random.Random, number: int, span: float) -> list[Spot]:
    lat, lon = dice.uniform(-70, 70), dice.uniform(-170, 170)
    return [(lat + dice.uniform(0, span), lon + dice.uniform(0, span)) for _ in range(number)]


@pytest.mark.parametrize("span", [0.0001, 0.01, 0.3, 8.0])
def test_whole_metres_are_those_of_the_geodesic(span: float):
    dice = random.Random(str(span))
    for factor in (1.0, 1.3):
        starts, ends = spots(dice, 25, span), spots(dice, 25, span)
        starts.append(ends[0])
        exact = [[math.ceil(geodesic(one, other).m * factor - SLACK_M) for other in ends] for one in starts]
        assert direct_distances_m(starts, ends, factor).tolist() == exact


@pytest.mark.parametrize("span", [0.0001, 0.01, 1.0, 30.0, 170.0])
def test_the_fast_formula_is_never_off_by_more_than_is_doubted(span: float):
    dice = random.Random(str(span))
    for _ in range(500):
        lat, lon = dice.uniform(-89, 89), dice.uniform(-90, 0)
        one, other = (lat, lon), (max(-89, min(89, lat + dice.uniform(-span, span))), lon + dice.uniform(0, span))
        metres = geodesic(one, other).m
        found = float(near_geodesic_m(np.array([one]), np.array([other]))[0])
        assert metres > FARTHEST_M or abs(found - metres) <= metres * DOUBT + SLACK_M


@pytest.mark.parametrize("at_once", [1, 7, 20, 1000])
def test_it_does_not_matter_how_many_pairs_are_measured_at_once(monkeypatch: pytest.MonkeyPatch, at_once: int):
    """Ten thousand workshops and as many places took 40 GB."""
    dice = random.Random(7)
    starts, ends = spots(dice, 9, 0.3), spots(dice, 6, 0.3)
    expected = direct_distances_m(starts, ends, 1.3)
    monkeypatch.setattr("cosmolocal.network.distances.AT_ONCE", at_once)
    assert (direct_distances_m(starts, ends, 1.3) == expected).all()
    assert direct_distances_m([], ends, 1.3).shape == (0, 6)
    assert direct_distances_m(starts, [], 1.3).shape == (9, 0)


def test_where_rounding_is_in_doubt_the_geodesic_decides():
    """A factor that makes a distance a whole number of metres, to the last bit that the fast formula is unsure of."""
    one, other = (41.40, 2.10), (41.43, 2.17)
    metres = geodesic(one, other).m
    for wanted in (7_000, 9_000):
        for shift in (-1e-10, 0.0, 1e-10, 4e-10):
            factor = wanted / metres * (1 + shift)
            assert direct_distances_m([one], [other], factor)[0, 0] == math.ceil(metres * factor - SLACK_M)


def test_the_same_spot_is_no_metre_away_and_opposite_ones_are_half_the_earth():
    assert direct_distances_m([(41.4, 2.1)], [(41.4, 2.1), (-41.4, -177.9)], 1.0).tolist() == [[0, 20_003_932]]
