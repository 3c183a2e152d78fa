"""What is reached from a workshop: laws of circles, and the region's own streets where it has some."""

import math
from dataclasses import replace

import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st
from network.made_up_streets import street_region
from samples import REGION
from showcase import ShownWorkspace

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.network.isochrones import find_isochrone
from cosmolocal.records import Mode
from cosmolocal.workflows.reachable import circle, circle_radius_m, reachable_area

BIKE = REGION.network.modes[0]


@pytest.fixture
def shop(tmp_path):
    return ShownWorkspace(tmp_path, (), REGION)


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(10, 100_000))
def test_every_corner_of_a_circle_is_as_far_as_the_radius(lat, lon, radius_m):
    [ring] = circle(lat, lon, radius_m)
    assert all(
        math.isclose(great_circle((lat, lon), (y, (x + 180) % 360 - 180)).m, radius_m, abs_tol=0.3) for x, y in ring
    )


@given(st.integers(1, 200), st.integers(1, 600), st.floats(1, 3), st.none() | st.integers(1, 50_000))
def test_who_is_within_the_circle_is_there_in_time_and_not_beyond_the_farthest_trip(speed, minutes, factor, most):
    mode = replace(BIKE, speed_kmh=speed, max_distance_m=most)
    radius_m, is_cut = circle_radius_m(mode, minutes, factor)
    way_m = radius_m * factor
    assert way_m / (speed * 1000 / 60) <= minutes + 1e-9
    assert most is None or way_m <= most + 1e-9
    farther = (radius_m + 1) * factor
    assert farther > (most if is_cut else speed * 1000 / 60 * minutes) - 1e-6


def test_more_minutes_never_reach_less(shop):
    before: set[str] = set()
    for minutes in (1, 5, 10, 20, 40, 80, 600):
        found = {place.id for place in reachable_area(shop, "makers", minutes, "bike").places}
        assert before <= found
        before = found
    assert before == {place.id for place in REGION.places}


def test_what_is_reached_is_what_lies_near_enough(shop):
    found = reachable_area(shop, "makers", 15, "bike")
    near = {
        place.id for place in REGION.places if great_circle((41.40, 2.16), (place.lat, place.lon)).m <= found.radius_m
    }
    assert {place.id for place in found.places} == near == {"north"}


@pytest.mark.parametrize("minutes", [0, -1, 601])
def test_minutes_out_of_range_are_refused(shop, minutes):
    with pytest.raises(InputError, match="from 1 to 600"):
        reachable_area(shop, "makers", minutes, "bike")


@pytest.mark.parametrize(("workshop", "mode"), [("nobody", "bike"), ("makers", "rocket"), ("north", "bike")])
def test_what_does_not_exist_is_not_found(shop, workshop, mode):
    with pytest.raises(NotFoundError):
        reachable_area(shop, workshop, 10, mode)


def test_a_region_with_streets_gets_the_area_along_them(tmp_path):
    region, _ = street_region(1)
    shop = ShownWorkspace(tmp_path, (), region)
    mode: Mode = region.network.modes[0]
    for one in region.workshops:
        try:
            area = find_isochrone(region, one.id, mode.id, 5).area
        except InputError:
            with pytest.raises(InputError):
                reachable_area(shop, one.id, 5, mode.id)
            continue
        found = reachable_area(shop, one.id, 5, mode.id)
        assert (found.polygons, found.radius_m) == (area, None)
