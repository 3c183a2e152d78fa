"""The areas of neighbourhoods: cells nearest to their centres, and the region's own file."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import REGION

from cosmolocal.errors import InputError
from cosmolocal.exports.area_files import fold
from cosmolocal.exports.areas import build_cells, clip_convex, find_areas
from cosmolocal.exports.districts import check_area_files, find_districts
from cosmolocal.exports.outlines import holds_point
from cosmolocal.records import AreaFile, Place, PlaceKind
from cosmolocal.workflows.inputs import read_region


def home(number: int, lon: float, lat: float) -> Place:
    return Place(f"p{number}", f"P{number}", PlaceKind.NEIGHBOURHOOD, lat, lon)


def ring_of(areas, place_id):
    [polygon] = areas[place_id]
    [ring] = polygon
    return ring


def size(ring) -> float:
    return 0.5 * abs(
        math.fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True))
    )


def holds(ring, lon: float, lat: float) -> bool:
    """Tell whether a convex counter-clockwise ring holds a point, with a little slack for rounding."""
    edges = zip(ring, (*ring[1:], ring[0]), strict=True)
    return all((x2 - x1) * (lat - y1) - (y2 - y1) * (lon - x1) >= -1e-7 for (x1, y1), (x2, y2) in edges)


SPOTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda xy: (2.0 + xy[0] / 1000, 41.0 + xy[1] / 1000)),
    min_size=1,
    max_size=30,
)


@given(SPOTS)
def test_every_place_lies_in_its_own_cell(spots):
    places = [home(number, *spot) for number, spot in enumerate(spots)]
    areas = build_cells(places)
    assert all(holds(ring_of(areas, place.id), place.lon, place.lat) for place in places)


@given(SPOTS, st.tuples(st.floats(2.0, 2.06), st.floats(41.0, 41.06)))
def test_whatever_lies_in_a_cell_is_nearest_to_its_centre(spots, point):
    """The law of Voronoi cells, in the plane that is true to shape at the middle latitude."""
    places = [home(number, *spot) for number, spot in enumerate(spots)]
    areas = build_cells(places)
    unique = sorted(set(spots))
    stretch = math.cos(math.radians(sum(lat for _, lat in unique) / len(unique)))

    def away(place: Place) -> float:
        return math.hypot((place.lon - point[0]) * stretch, place.lat - point[1])

    nearest = min(away(place) for place in places)
    for place in places:
        if holds(ring_of(areas, place.id), *point):
            assert away(place) <= nearest + 1e-5


@given(SPOTS)
def test_cells_do_not_overlap(spots):
    places = [home(number, *spot) for number, spot in enumerate(sorted(set(spots)))]
    areas = build_cells(places)
    for place in places:
        others = [other for other in places if other.id != place.id]
        assert not any(holds(shrunk(ring_of(areas, other.id)), place.lon, place.lat) for other in others)


def shrunk(ring):
    middle = [sum(side) / len(ring) for side in zip(*ring, strict=True)]
    return tuple(tuple(mid + 0.99 * (side - mid) for side, mid in zip(corner, middle, strict=True)) for corner in ring)


def test_no_places_give_no_cells():
    assert build_cells([]) == {}


def test_one_place_gets_a_disc():
    ring = ring_of(build_cells([home(0, 2.1, 41.4)]), "p0")
    assert len(ring) == 24
    assert holds(ring, 2.1, 41.4)


def test_places_on_a_line_get_cells():
    areas = build_cells([home(number, 2.1 + number / 100, 41.4) for number in range(4)])
    assert all(size(ring_of(areas, f"p{number}")) > 0 for number in range(4))


def test_places_on_one_spot_share_their_cell():
    areas = build_cells([home(0, 2.1, 41.4), home(1, 2.1, 41.4), home(2, 2.2, 41.4)])
    assert areas["p0"] == areas["p1"] != areas["p2"]


def test_clipping_keeps_what_is_within_a_window():
    window = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
    assert size(clip_convex(((1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)), window)) == 1.0
    assert clip_convex(((5.0, 5.0), (6.0, 5.0), (6.0, 6.0)), window) == ()


SQUARE = [[2.1, 41.4], [2.2, 41.4], [2.2, 41.5], [2.1, 41.4]]


def written(tmp_path: Path, document: object) -> Path:
    (tmp_path / "areas.geojson").write_text(json.dumps(document))
    return tmp_path


def feature(place_id: str, kind: str, coordinates: object) -> dict:
    return {"type": "Feature", "properties": {"id": place_id}, "geometry": {"type": kind, "coordinates": coordinates}}


def region_with_file():
    return replace(REGION, areas=AreaFile("areas.geojson"))


def test_areas_come_from_the_file_the_region_names(tmp_path):
    features = [feature("north", "Polygon", [SQUARE]), feature("south", "MultiPolygon", [[SQUARE], [SQUARE]])]
    areas = find_areas(region_with_file(), written(tmp_path, {"type": "FeatureCollection", "features": features}))
    assert areas["north"] == ((((2.1, 41.4), (2.2, 41.4), (2.2, 41.5)),),)
    assert len(areas["south"]) == 2


def test_every_fault_of_the_file_is_told(tmp_path):
    features = [
        feature("nowhere", "Polygon", [SQUARE]),
        feature("north", "Point", [2.1, 41.4]),
        feature("south", "Polygon", [[[2.1, 41.4], [2.2, 41.4]]]),
        feature("north", "Polygon", [[[200.0, 0.0], [201.0, 0.0], [201.0, 1.0], [200.0, 0.0]]]),
    ]
    with pytest.raises(InputError) as caught:
        find_areas(region_with_file(), written(tmp_path, {"type": "FeatureCollection", "features": features}))
    assert [problem.where[-2] for problem in caught.value.problems] == ["0", "1", "2", "3"]
    assert {problem.code for problem in caught.value.problems} == {"W080"}


def test_a_file_that_is_no_collection_is_refused(tmp_path):
    with pytest.raises(InputError):
        find_areas(region_with_file(), written(tmp_path, ["north"]))


# --- whose polygon is it -------------------------------------------------------------------------

BARCELONA = Path(__file__).parents[3] / "shared" / "data" / "barcelona"


def named(value: object, name: str = "NOM") -> dict:
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    return {"type": "Feature", "properties": {name: value}, "geometry": shape}


def town(source: AreaFile | None = None, districts: AreaFile | None = None):
    places = (
        Place("raval", "el Raval", PlaceKind.NEIGHBOURHOOD, 41.40, 2.10, "Ciutat Vella", 10, code="01"),
        Place("gotic", "el Barri Gòtic", PlaceKind.NEIGHBOURHOOD, 41.40, 2.11, "Ciutat Vella", 20, code="02"),
        Place("sants", "Sants", PlaceKind.NEIGHBOURHOOD, 41.40, 2.12, "Sants-Montjuïc", code="3"),
        Place("far", "Far", PlaceKind.NEIGHBOURHOOD, 41.40, 2.13),
        Place("hub", "Hub", PlaceKind.HUB, 41.40, 2.10, "Ciutat Vella"),
    )
    return replace(REGION, places=places, areas=source, district_areas=districts)


def collected(tmp_path: Path, *features: dict) -> Path:
    return written(tmp_path, {"type": "FeatureCollection", "features": list(features)})


@pytest.mark.parametrize(
    ("value", "place"),
    [("raval", "raval"), ("01", "raval"), (3, "sants"), ("EL RAVAL", "raval"), ("el barri gotic", "gotic"),
     ("  Sants ", "sants")],
)  # fmt: skip
def test_a_feature_says_whose_it_is_by_id_code_or_name(tmp_path, value, place):
    areas = find_areas(town(AreaFile("areas.geojson", "NOM")), collected(tmp_path, named(value)))
    assert list(areas) == [place]


def test_an_id_goes_before_a_code_and_a_code_before_a_name(tmp_path):
    region = town(AreaFile("areas.geojson", "NOM"))
    places = (replace(region.places[0], id="02"), replace(region.places[1], name="03"), *region.places[2:])
    places = (*places[:2], replace(places[2], code="03"), *places[3:])
    areas = find_areas(replace(region, places=places), collected(tmp_path, named("02"), named("03")))
    assert list(areas) == ["02", "sants"]


def test_all_that_does_not_match_is_told_at_once(tmp_path):
    region = town(AreaFile("areas.geojson", "NOM"))
    twins = replace(region, places=(*region.places, replace(region.places[2], id="sants-2", code="")))
    features = [named("Sants"), named("Gràcia"), named("raval"), named("01"), named(None), named(True), named("x", "N")]
    with pytest.raises(InputError) as caught:
        find_areas(twins, collected(tmp_path, *features))
    told = [(problem.where[-2], problem.message) for problem in caught.value.problems]
    assert [number for number, _ in told] == ["0", "1", "3", "4", "5", "6"]
    assert "fits several: sants, sants-2" in told[0][1]
    assert "'Gràcia'; it is no id, code or name" in told[1][1]
    assert "stands twice, as raval" in told[2][1]
    assert "has no property NOM; it has N" in told[5][1]


def test_what_a_file_leaves_out_is_a_warning(tmp_path):
    region = town(AreaFile("areas.geojson", "NOM"), AreaFile("areas.geojson", "DIST"))
    feature = {**named("raval"), "properties": {"NOM": "raval", "DIST": "ciutat  vella"}}
    folder = collected(tmp_path, feature)
    areas = find_areas(region, folder)
    districts = find_districts(region, folder, areas)
    assert [warning.where for warning in check_area_files(region, areas, districts)] == [
        "areas.geojson: gotic",
        "areas.geojson: sants",
        "areas.geojson: far",
        "areas.geojson: sants-montjuic",
    ]


def test_districts_are_those_that_neighbourhoods_name():
    """Hubs count in none, neighbourhoods that name none stand together; people are known where all of them are."""
    region = town()
    districts = find_districts(region, Path(), find_areas(region, Path()))
    assert [(one.id, one.name, [home.id for home in one.homes], one.population) for one in districts] == [
        ("ciutat-vella", "Ciutat Vella", ["raval", "gotic"], 30),
        ("sants-montjuic", "Sants-Montjuïc", ["sants"], None),
        ("unknown", "", ["far"], None),
    ]
    assert [len(one.polygons) for one in districts] == [1, 1, 1]
    nameless = replace(region, places=tuple(replace(place, district="") for place in region.places))
    assert find_districts(nameless, Path(), {}) == ()


def test_a_district_holds_the_centres_of_its_neighbourhoods_and_no_others():
    region = town()
    for one in find_districts(region, Path(), find_areas(region, Path())):
        [shape] = one.polygons
        for place in region.places[:4]:
            assert holds_point(shape[0], place.lon, place.lat) == (place in one.homes)


@given(st.text(), st.text())
def test_folded_names_stay_as_they_are(one, other):
    assert fold(fold(one)) == fold(one)
    assert fold(f"{one} {other}") == "-".join(filter(None, (fold(one), fold(other))))


@pytest.mark.skipif(not BARCELONA.exists(), reason="the shared data is not here")
def test_the_real_districts_of_barcelona_are_as_large_as_their_neighbourhoods():
    """Two files of one office: each district's own polygon, and its neighbourhoods' put together."""
    sample = read_region(Path(__file__).parents[2]).region
    source = AreaFile("barcelona_barris.geojson", "name")
    joined = replace(sample, areas=source)
    areas = find_areas(joined, BARCELONA)
    assert len(areas) == 73
    given_by_file = replace(joined, district_areas=AreaFile("barcelona_districts.geojson", "name"))
    for one, other in zip(
        find_districts(joined, BARCELONA, areas), find_districts(given_by_file, BARCELONA, areas), strict=True
    ):
        sizes = [
            math.fsum(size(shape[0]) - math.fsum(map(size, shape[1:])) for shape in each.polygons)
            for each in (one, other)
        ]
        assert math.isclose(*sizes, rel_tol=1e-3)
        assert len(one.polygons) == len(other.polygons)


def test_what_is_wrong_with_a_feature_is_said_in_words_of_its_file(tmp_path):
    """A missing geometry was said to be not subscriptable."""
    kinds = [None, {"type": "Point", "coordinates": [2, 41]}, {"type": "Polygon", "coordinates": [[[2, 41]]]}]
    features = [{"properties": {"id": f"p{number}"}, "geometry": kind} for number, kind in enumerate(kinds)]
    (tmp_path / "areas.geojson").write_text(json.dumps({"features": [*features, {"geometry": kinds[2]}, 5]}))
    region = replace(REGION, places=tuple(home(n, 2, 41) for n in range(3)), areas=AreaFile("areas.geojson", "id"))
    with pytest.raises(InputError) as caught:
        find_areas(region, tmp_path)
    assert [problem.message.rpartition(": ")[2] for problem in caught.value.problems] == [
        "it has no geometry",
        "its geometry is 'Point'",
        "a ring needs four corners, the last one being the first",
        "it has no properties",
        "it has no properties",
    ]


def test_polygons_with_latitude_first_are_doubted():
    """They were taken as they are, and the map showed nothing."""
    region = replace(REGION, places=(home(0, 2.16, 41.4), home(1, 2.17, 41.41)), areas=AreaFile("areas.geojson", "id"))
    corners = ((2.1, 41.3), (2.3, 41.3), (2.2, 41.5))
    turned = tuple((lat, lon) for lon, lat in corners)
    assert check_area_files(region, {"p0": ((corners,),), "p1": ((corners,),)}, ()) == []
    [problem] = check_area_files(region, {"p0": ((turned,),), "p1": ((corners,),)}, ())
    assert (problem.code, problem.where) == ("W083", "areas.geojson: p0")
