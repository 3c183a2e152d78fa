"""The nearest workshops: measuring every pair is the oracle."""

import numpy as np
import pytest
from geopy.distance import geodesic

from cosmolocal.network.distances import near_geodesic_m
from cosmolocal.network.nearest import NONE, find_nearest


def spots(seed: int, count: int, box: tuple[float, float, float, float]) -> np.ndarray:
    dice = np.random.default_rng(seed)
    return np.stack([dice.uniform(box[0], box[1], count), dice.uniform(box[2], box[3], count)], axis=1)


CITY, LAND, EARTH = (41.3, 41.5, 2.0, 2.3), (36.0, 44.0, -9.0, 3.0), (-80.0, 80.0, -180.0, 180.0)


def brute_force(orders: np.ndarray, workshops: np.ndarray, k: int, max_m: float) -> tuple[list, list]:
    pairs = len(orders), len(workshops)
    metres = near_geodesic_m(np.repeat(orders, pairs[1], axis=0), np.tile(workshops, (pairs[0], 1))).reshape(pairs)
    order = np.argsort(metres, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(metres, order, axis=1)
    return np.where(near <= max_m, order, NONE).tolist(), np.where(near <= max_m, near, np.inf).tolist()


@pytest.mark.parametrize("box", [CITY, LAND, EARTH], ids=["city", "land", "earth"])
@pytest.mark.parametrize("k", [1, 5, 40])
@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_are_those_of_measuring_every_pair(seed: int, k: int, box: tuple[float, float, float, float]):
    orders, workshops = spots(seed, 80, box), spots(seed + 100, 60, box)
    max_m = (np.inf, 9_000.0)[seed % 2]
    found = find_nearest(orders, workshops, k, max_m)
    assert (found.workshop.tolist(), found.distance_m.tolist()) == brute_force(orders, workshops, k, max_m)


def test_of_workshops_on_one_spot_the_first_in_the_list_counts():
    home = np.array([[41.4, 2.1]])
    workshops = np.concatenate((np.repeat([[41.41, 2.1]], 30, axis=0), home))
    assert find_nearest(home, workshops, 4).workshop.tolist() == [[30, 0, 1, 2]]


def test_fewer_workshops_than_asked_for_and_none_at_all():
    home = np.array([[41.4, 2.1], [41.4, 2.1]])
    one = find_nearest(home, np.array([[41.41, 2.1]]), 3)
    assert one.workshop.tolist() == [[0, NONE, NONE]] * 2
    assert one.distance_m[0, 0] == pytest.approx(geodesic((41.4, 2.1), (41.41, 2.1)).m, abs=1e-3)
    assert find_nearest(home, np.empty((0, 2)), 2).workshop.tolist() == [[NONE, NONE]] * 2
    assert find_nearest(np.empty((0, 2)), home, 2).workshop.shape == (0, 2)
