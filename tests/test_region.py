import csv
import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cosmolocal.errors import InputError
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import (
    AreaFile,
    CapacityBasis,
    LinkRule,
    Mode,
    Place,
    PlaceKind,
    Priority,
    Provenance,
    Settings,
    to_plain,
)
from cosmolocal.region import RANGES, apply_settings, check_places, read_places, read_region_file
from cosmolocal.workshops.register import read_workshops

ROOT = Path(__file__).parents[1]
BARRIS = ROOT.parent / "shared" / "data" / "barcelona" / "barcelona_barris.csv"
MODE = {
    "id": "bike",
    "name": "Bike",
    "speed_kmh": 15,
    "cents_per_trip": 150,
    "cents_per_km": 90,
    "co2e_g_per_km": 5,
    "max_load_kg": 0.5,
    "max_distance_km": 8,
}

settings_records = st.builds(
    Settings,
    start_date=st.integers(0, 5000).map(lambda weeks: date.fromordinal(1 + 7 * (100_000 + weeks))),
    capacity_basis=st.sampled_from(CapacityBasis),
    overtime_percent=st.none() | st.integers(0, 100_000),
    priority_percent=st.fixed_dictionaries(dict.fromkeys(Priority, st.integers(0, 100_000))),
    **{name: st.integers(low, high) for name, (low, high) in RANGES.items()},
)


def valid() -> dict[str, Any]:
    return {
        "region": {"id": "two", "name": "Two", "attribution": "nobody", "areas": "areas.geojson"},
        "settings": {"start_date": "2026-09-07", "weeks": 10, "priority_percent": {"high": 300}},
        "network": {
            "detour_factor": 1.3,
            "weekly_capacity_kg": 1500,
            "modes": [dict(MODE), {**MODE, "id": "van"}],
            "links": [
                {"from": "a", "to": "b", "distance_km": 3.2, "weekly_capacity_kg": 300},
                {"from": "a", "to": "c", "closed": "yes"},
            ],
        },
    }


def write(tmp_path: Path, content: Any) -> Path:
    (tmp_path / "areas.geojson").write_text("{}", encoding="utf-8")
    path = tmp_path / "region.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def as_text(settings: Settings) -> dict[str, str]:
    """Return every setting as the command line would state it."""
    plain = to_plain(settings)
    priorities = plain.pop("priority_percent")
    words = {name: "none" if value is None else str(value) for name, value in plain.items()}
    return words | {f"priority_percent.{name}": str(value) for name, value in priorities.items()}


@given(settings_records)
def test_every_setting_can_be_stated_in_words_and_wins(wanted):
    assert apply_settings(Settings(date(2026, 9, 7), 4), as_text(wanted)) == wanted


@given(settings_records)
def test_without_words_the_settings_stay(settings):
    assert apply_settings(settings, {}) == settings


def test_every_setting_has_a_reader():
    """A setting that nobody reads would be refused as unknown."""
    names = {field.name for field in dataclasses.fields(Settings)}
    assert names == set(RANGES) | {"start_date", "capacity_basis", "overtime_percent", "priority_percent"}


def test_a_file_with_every_setting_gives_these_settings(tmp_path):
    wanted = Settings(date(2026, 9, 7), 8, CapacityBasis.MAXIMUM, 50, **dict.fromkeys(list(RANGES)[1:], 7))
    assert read_region_file(write(tmp_path, {**valid(), "settings": to_plain(wanted)})).settings == wanted


SETTING_FAULTS = [
    *((name, str(low - 1)) for name, (low, _) in RANGES.items()),
    *((name, str(high + 1)) for name, (_, high) in RANGES.items()),
    ("weeks", "1.5"),
    ("start_date", "2026-09-08"),
    ("start_date", "monday"),
    ("capacity_basis", "all"),
    ("overtime_percent", "-1"),
    ("overtime_percent", "some"),
    ("priority_percent", "3"),
    ("priority_percent.high", "-1"),
    ("priority_percent.highest", "5"),
    ("weeks.first", "5"),
    ("speed", "5"),
]


@pytest.mark.parametrize(("name", "value"), SETTING_FAULTS)
def test_a_wrong_setting_is_reported_with_its_name(name, value):
    with pytest.raises(InputError) as error:
        apply_settings(Settings(date(2026, 9, 7), 4), {name: value})
    assert [(problem.code, problem.where) for problem in error.value.problems] == [("W022", f"settings: {name}")]


def test_a_setting_that_is_a_table_is_refused_with_the_form_that_works():
    settings = Settings(date(2026, 9, 7), 4)
    with pytest.raises(InputError, match=r"as in priority_percent\.emergency=1$"):
        apply_settings(settings, {"priority_percent": "1"})
    assert apply_settings(settings, {"priority_percent.emergency": "1"}).priority_percent[Priority.EMERGENCY] == 1


FAULTS: list[tuple[tuple[str | int, ...], Any, str, str]] = [
    (("colour",), "red", "W021", "colour"),
    (("region", "id"), "Two!", "W021", "region.id"),
    (("region", "name"), None, "W021", "region.name"),
    (("region", "areas"), "../areas.geojson", "W021", "region.areas"),
    (("region", "areas"), "/areas.geojson", "W021", "region.areas"),
    (("region", "areas"), "none.geojson", "W026", "region.areas"),
    (("region", "areas"), {"districts": "none.geojson"}, "W026", "region.areas.districts"),
    (("region", "areas"), {"districts": {"file": "none.geojson"}}, "W026", "region.areas.districts.file"),
    (("region", "areas"), {"districts": {"property": "NOM"}}, "W021", "region.areas.districts.file"),
    (
        ("region", "areas"),
        {"neighbourhoods": {"file": "areas.geojson", "key": "x"}},
        "W021",
        "region.areas.neighbourhoods.key",
    ),
    (("region", "areas"), {"streets": "areas.geojson"}, "W021", "region.areas.streets"),
    (("region", "areas"), ["areas.geojson"], "W021", "region.areas"),
    (("region", "colour"), "red", "W021", "region.colour"),
    (("settings", "weeks"), 105, "W022", "settings.weeks"),
    (("settings", "start_date"), None, "W022", "settings.start_date"),
    (("settings", "start_date"), "2026-09-09", "W022", "settings.start_date"),
    (("settings", "colour"), "red", "W022", "settings.colour"),
    (("settings", "priority_percent", "low"), "x", "W022", "settings.priority_percent.low"),
    (("network", "detour_factor"), 0.9, "W021", "network.detour_factor"),
    (("network", "detour_factor"), None, "W021", "network.detour_factor"),
    (("network", "weekly_capacity_kg"), -1, "W021", "network.weekly_capacity_kg"),
    (("network", "colour"), "red", "W021", "network.colour"),
    (("network", "modes"), [], "W021", "network.modes"),
    (("network", "modes"), None, "W021", "network.modes"),
    (("network", "modes", 0, "speed_kmh"), 0, "W021", "network.modes[0].speed_kmh"),
    (("network", "modes", 0, "max_load_kg"), None, "W021", "network.modes[0].max_load_kg"),
    (("network", "modes", 0, "wheels"), 2, "W021", "network.modes[0].wheels"),
    (("network", "modes", 1, "id"), "bike", "W023", "network.modes[1].id"),
    (("network", "links", 0, "to"), "a", "W021", "network.links[0].to"),
    (("network", "links", 0, "from"), None, "W021", "network.links[0].from"),
    (("network", "links", 0, "distance_km"), "far", "W021", "network.links[0].distance_km"),
    (("network", "links", 1, "to"), "b", "W024", "network.links[1]"),
    (("network", "links", 1), {"from": "b", "to": "a"}, "W024", "network.links[1]"),
    (("network", "links", 1, "closed"), "x", "W021", "network.links[1].closed"),
    (("network", "links", 1, "colour"), "red", "W021", "network.links[1].colour"),
]


@pytest.mark.parametrize(("place", "value", "code", "where"), FAULTS)
def test_a_planted_fault_is_reported_with_its_place_and_nothing_else_is(tmp_path, place, value, code, where):
    content = target = valid()
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    with pytest.raises(InputError) as error:
        read_region_file(write(tmp_path, content))
    assert [(problem.code, problem.where) for problem in error.value.problems] == [(code, f"region.yaml: {where}")]


def test_faults_planted_together_are_all_reported(tmp_path):
    content = valid()
    content["region"]["id"], content["settings"]["weeks"] = "Two!", 0
    content["network"]["detour_factor"], content["network"]["modes"][1]["id"] = "x", "bike"
    with pytest.raises(InputError) as error:
        read_region_file(write(tmp_path, content))
    assert [problem.where.partition(": ")[2] for problem in error.value.problems] == [
        "network.detour_factor",
        "region.id",
        "settings.weeks",
        "network.modes[1].id",
    ]


def test_trips_are_shared_where_the_region_says_so_and_loads_are_whole(tmp_path):
    content = valid()
    assert not read_region_file(write(tmp_path, content)).network.share_trips
    content["network"]["share_trips"] = True
    with pytest.raises(InputError) as error:
        read_region_file(write(tmp_path, content))
    where = {(problem.code, problem.where.partition(": ")[2]) for problem in error.value.problems}
    assert ("W021", "network.modes[0].max_load_kg") in where
    assert all(place.endswith("max_load_kg") for _, place in where)
    for mode in content["network"]["modes"]:
        mode["max_load_kg"] = 2
    assert read_region_file(write(tmp_path, content)).network.share_trips


def test_hubs_alone_have_a_throughput_and_a_price(tmp_path):
    path = tmp_path / "places.csv"
    head = "id,name,kind,lat,lon,weekly_capacity_kg,handling_cents_per_kg"
    path.write_text(f"{head}\nh,H,hub,41,2,800,3\nn,N,neighbourhood,41,2,,\n", encoding="utf-8")
    hub, other = read_places(path)
    assert (hub.weekly_capacity_kg, hub.handling_cents_per_kg) == (800, 3)
    assert (other.weekly_capacity_kg, other.handling_cents_per_kg) == (None, 0)
    path.write_text(f"{head}\nn,N,neighbourhood,41,2,5,7\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_places(path)
    faults = {problem.where.rpartition(".")[2] for problem in error.value.problems}
    assert faults == {"weekly_capacity_kg", "handling_cents_per_kg"}


def test_units_are_those_of_the_records(tmp_path):
    file = read_region_file(write(tmp_path, valid()))
    assert (file.id, file.name, file.attribution, file.areas) == (
        "two",
        "Two",
        "nobody",
        (AreaFile("areas.geojson"), None),
    )
    assert file.network.modes[0] == Mode("bike", "Bike", 15, 150, 90, 5, 500, 8000)
    assert file.network.links == (LinkRule("a", "b", 3200, 300), LinkRule("a", "c", closed=True))
    assert file.settings.priority_percent == {
        Priority.EMERGENCY: 1000,
        Priority.HIGH: 300,
        Priority.NORMAL: 100,
        Priority.LOW: 50,
    }


HEADER = "id,name,kind,lat,lon,district,population"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("North,North,hub,41,2,,", "W021", "id"),
        ("north,,hub,41,2,,", "W021", "name"),
        ("north,North,workshop,41,2,,", "W021", "kind"),
        ("north,North,city,41,2,,", "W021", "kind"),
        ("north,North,hub,,2,,", "W021", "lat"),
        ("north,North,hub,41,200,,", "W021", "lon"),
        ("north,North,hub,41,2,,many", "W021", "population"),
        ("south,North,hub,41,2,,", "W023", "id"),
    ],
)
def test_a_fault_planted_in_the_places_is_reported_with_its_place(tmp_path, row, code, column):
    path = tmp_path / "places.csv"
    path.write_text(f"{HEADER}\nsouth,South,neighbourhood,41,2,Lower,5\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_places(path)
    assert [(problem.code, problem.where) for problem in error.value.problems] == [
        (code, f"places.csv: line 3.{column}")
    ]


def test_files_of_areas_are_read_with_the_property_that_names_whose_they_are(tmp_path):
    content = valid()
    (tmp_path / "districts.json").write_text("{}")
    content["region"]["areas"] = {
        "neighbourhoods": {"file": "areas.geojson", "property": "BARRI"},
        "districts": "districts.json",
    }
    file = read_region_file(write(tmp_path, content))
    assert file.areas == (AreaFile("areas.geojson", "BARRI"), AreaFile("districts.json", "id"))


def test_a_place_is_read_with_its_code_and_how_its_coordinates_are_known(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(f"{HEADER},code,provenance\nsouth,South,neighbourhood,41.5,2,,,07,assumed\n")
    [place] = read_places(path)
    assert (place.code, place.provenance) == ("07", Provenance.ASSUMED)


def test_a_place_is_read_with_its_district_and_population(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(f'{HEADER}\nsouth,"South, the",neighbourhood,41.5,2,Lower,5\n', encoding="utf-8")
    assert read_places(path) == (Place("south", "South, the", PlaceKind.NEIGHBOURHOOD, 41.5, 2.0, "Lower", 5),)


def test_links_to_nowhere_and_places_named_as_a_workshop_are_faults(tmp_path):
    network = read_region_file(write(tmp_path, valid())).network
    places = [Place("a", "A", PlaceKind.HUB, 0, 0), Place("b", "B", PlaceKind.HUB, 0, 0)]
    found = {(problem.code, problem.where) for problem in check_places(network, places, {"b"})}
    assert found == {("W023", "places.csv"), ("W025", "region.yaml: network.links[1].to")}


def test_the_files_of_the_sample_fit_together():
    workshops = read_workshops(ROOT / "workshops.yaml", load_vocabulary())
    places = read_places(ROOT / "places.csv")
    network = read_region_file(ROOT / "region.yaml").network
    assert check_places(network, places, {workshop.id for workshop in workshops}) == []
    assert sum(place.kind is PlaceKind.NEIGHBOURHOOD for place in places) == 73


def test_the_neighbourhoods_of_the_sample_have_the_published_names_centres_and_population():
    if not BARRIS.exists():
        pytest.skip("needs ../shared/data")
    with BARRIS.open(encoding="utf-8", newline="") as file:
        published = {
            (row["name"], row["district_name"], int(row["population"]), float(row["lat"]), float(row["lon"]))
            for row in csv.DictReader(file)
        }
    neighbourhoods = [p for p in read_places(ROOT / "places.csv") if p.kind is PlaceKind.NEIGHBOURHOOD]
    assert {(p.name, p.district, p.population, p.lat, p.lon) for p in neighbourhoods} == published
