"""A region's own places: what is found for sure, what is only suggested."""

import pytest
from geopy.geocoders.base import Geocoder
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.network.geocoding import OwnPlaces, Quality, Spot, read_addresses

SPOTS = (
    Spot("el Poble-sec", 41.3637, 2.15727, "el-poble-sec", "neighbourhood"),
    Spot("Sants", 41.3781, 2.13569, "sants", "neighbourhood"),
    Spot("Carrer d'Àvila 4, Barcelona", 41.4, 2.19),
    Spot("Carrer d'Àvila 40, Barcelona", 41.41, 2.19),
    Spot("実験室", 35.0, 139.0, "lab", "workshop", "Tokyo 1"),
)
PLACES = OwnPlaces(SPOTS)


@pytest.mark.parametrize(
    ("text", "name", "quality"),
    [
        ("Sants", "Sants", Quality.EXACT),
        ("el-poble-sec", "el Poble-sec", Quality.EXACT),
        ("EL POBLE SEC", "el Poble-sec", Quality.NORMALISED),
        ("Barcelona, carrer d'avila 4", "Carrer d'Àvila 4, Barcelona", Quality.NORMALISED),
        ("実験室", "実験室", Quality.EXACT),
        ("Tokyo 1", "実験室", Quality.EXACT),
        ("poble sec", "el Poble-sec", Quality.PARTIAL),
        ("Santts", "Sants", Quality.FUZZY),
    ],
)
def test_the_quality_of_a_match_is_told(text, name, quality):
    best = PLACES.find(text)[0]
    assert (best.name, best.quality) == (name, quality)
    assert best.is_sure is (quality in (Quality.EXACT, Quality.NORMALISED))


@pytest.mark.parametrize("text", ["", "   ", "?!", "Timbuktu"])
def test_what_is_like_nothing_is_not_found(text):
    assert PLACES.find(text) == ()


def test_it_is_a_geocoder_of_geopy_that_gives_sure_places_only():
    assert isinstance(PLACES, Geocoder)
    location = PLACES.geocode("sants")
    assert (location.latitude, location.longitude, location.raw["quality"]) == (41.3781, 2.13569, "exact")
    assert PLACES.geocode("Santts") is None
    assert [each.address for each in PLACES.geocode("Santts", exactly_one=False)] == ["Sants"]
    assert PLACES.reverse((41.378, 2.1357)).address == "Sants"


def test_a_name_that_two_places_have_is_never_sure():
    twice = OwnPlaces([Spot("Centre", 1, 1, "a"), Spot("Centre", 2, 2, "b")])
    assert [each.is_sure for each in twice.find("Centre")] == [False, False]


@given(st.text(max_size=30))
def test_any_text_can_be_looked_for(text):
    for found in PLACES.find(text):
        assert 0 <= found.score <= 1


def test_an_address_list_is_read_and_its_faults_are_told(tmp_path):
    path = tmp_path / "addresses.csv"
    path.write_text("address,lat,lon,place\nStreet 1,41,2,sants\n")
    assert read_addresses(path) == (Spot("Street 1", 41, 2, "sants"),)
    path.write_text("address,lat,lon\nStreet 1,north,2\n")
    with pytest.raises(InputError, match=r"W027 addresses.csv: line 2.lat"):
        read_addresses(path)
