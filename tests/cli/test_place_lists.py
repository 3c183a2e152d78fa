"""Lists of neighbourhoods, as cities have them, into places.csv; those of Barcelona where they are."""

import csv
import json
import math
from pathlib import Path

import pytest
from cli.small_region import run

BARCELONA = Path(__file__).parents[3] / "shared" / "data" / "barcelona"
TABLE = """codi;nom_barri;districte;nom_districte;població;lat;lon;area
01;el Nord;1;Dalt;46520;41,42;2,16;110
02;el Sud;2;Baix;;41,38;2,17;81
03;el Nord;2;Baix;5;41,39;2,18;81
;Enlloc;;;molts;2,1;;
"""


@pytest.fixture
def started(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    assert run("init", folder, "--name", "City", "--lat", 41.4, "--lon", 2.16, "--start", "2026-09-07").exit_code == 0
    return folder


def add(folder: Path, file: Path, *options: object) -> dict:
    result = run("places", "add", file, "--region", folder, "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "places.csv").read_text("utf-8").splitlines()))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_table_is_shown_first_then_taken_and_then_the_same(started: Path, tmp_path: Path, encoding: str):
    file = tmp_path / "barris.csv"
    file.write_text(TABLE, encoding)
    before = (started / "places.csv").read_bytes()
    shown = add(started, file)
    assert shown["counts"] == {"rows": 4, "new": 3, "same": 0, "refused": 1}
    assert [row["id"] for row in shown["rows"]] == ["el-nord", "el-sud", "el-nord-2", ""]
    wrong = shown["rows"][3]
    assert (wrong["place"], wrong["note"]) == (
        "line 5",
        "found lat '2,1', lon ''; must be degrees north and east; found population 'molts'; must be a whole number",
    )
    assert (started / "places.csv").read_bytes() == before
    add(started, file, "--apply")
    taken = (started / "places.csv").read_bytes()
    assert taken.startswith(before.splitlines()[0]), "the file keeps its columns"
    [_, north, south, _] = rows_of(started)
    assert (north["lat"], north["district"], north["population"], north["code"]) == ("41.42", "Dalt", "46520", "01")
    assert (south["population"], south["kind"]) == ("", "neighbourhood")
    assert add(started, file, "--apply")["counts"] == {"rows": 4, "new": 0, "same": 3, "refused": 1}
    assert (started / "places.csv").read_bytes() == taken
    assert run("validate", "--region", started).exit_code == 0


def test_the_middle_of_an_area_is_inferred_and_what_stands_there_stays(started: Path, tmp_path: Path):
    square = [[[2.0, 41.0], [2.2, 41.0], [2.2, 41.1], [2.0, 41.1], [2.0, 41.0]]]
    small = [[[3.0, 42.0], [3.01, 42.0], [3.01, 42.01], [3.0, 42.0]]]
    line = {"type": "LineString", "coordinates": [[2, 41], [3, 41]]}
    shapes = [
        ("City", {"type": "Point", "coordinates": [0, 0]}),
        ("Square", {"type": "MultiPolygon", "coordinates": [small, square]}),
        ("Spot", {"type": "Point", "coordinates": [2.15, 41.41]}),
        ("Line", line),
        ("Square", {"type": "Polygon", "coordinates": square}),
    ]
    features = [{"type": "Feature", "properties": {"NOM": name}, "geometry": shape} for name, shape in shapes]
    file = tmp_path / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [*features, 5]}))
    found = add(started, file, "--kind", "hub", "--apply")
    assert [row["outcome"] for row in found["rows"]] == ["same", "new", "new", "refused", "refused", "refused"]
    [centre, middle, spot] = rows_of(started)
    assert (centre["id"], centre["lat"]) == ("city-centre", "41.4")
    assert (float(middle["lat"]), float(middle["lon"]), middle["provenance"]) == (41.05, 2.1, "inferred")
    assert (spot["kind"], spot["provenance"]) == ("hub", "")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds nothing"),
        (b"a,b\n1,2\n", "no column holds the name of a place"),
        (b"name,lat\nA,41\n", "no columns hold latitude and longitude"),
        (b'name,lat,lon\n"A,41,2\n', "a quotation mark opens"),
        (b'{"type": "FeatureCollection"}', "must be a FeatureCollection"),
        (b"{", "is not JSON"),
        (b"\x00\xff", "is no text"),
    ],
)
def test_what_is_no_list_of_places_is_refused(started: Path, tmp_path: Path, content: bytes, told: str):
    file = tmp_path / "list"
    file.write_bytes(content)
    result = run("places", "add", file, "--region", started, "--apply")
    assert (result.exit_code, told in result.stderr) == (3, True), result.stderr


@pytest.mark.skipif(not BARCELONA.is_dir(), reason="the folder shared/data is not here")
def test_the_neighbourhoods_of_barcelona_come_in_from_either_list(started: Path):
    shown = add(started, BARCELONA / "barcelona_barris.geojson")
    assert shown["counts"] == {"rows": 73, "new": 73, "same": 0, "refused": 0}
    add(started, BARCELONA / "barcelona_barris.csv", "--apply")
    places = rows_of(started)[1:]
    assert (len(places), len({row["district"] for row in places})) == (73, 10)
    assert places[0]["district"] == "Ciutat Vella"
    assert sum(int(row["population"]) for row in places) > 1_600_000
    assert not any(math.isnan(float(row["lat"])) for row in places)
    assert add(started, BARCELONA / "barcelona_barris.geojson", "--apply")["counts"]["same"] == 73
    assert run("validate", "--region", started).exit_code == 0
