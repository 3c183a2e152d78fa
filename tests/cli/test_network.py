"""Street networks on the command line, from a region's files to a plan that travels over them."""

import json
import math
import shutil
from pathlib import Path

import pytest
from cli.small_region import make_region, run
from geopy.distance import geodesic

from cosmolocal.workflows.inputs import STREET_CACHE, find_file_states

#: north (0), home (1), south (2), and a hill (3); the direct street from north to home is only for bikes
STREETS = """4
2.16,41.42
2.18,41.40
2.16,41.38
2.20,41.42
0,1,3000,no,cycleway
1,2,3500,yes,residential
2,0,5000,no,primary
0,3,4000,no,residential
3,1,2500,no,residential
"""
MODES = """
  modes:
    - {id: bike, name: Bike, speed_kmh: 15, cents_per_trip: 150, cents_per_km: 90, co2e_g_per_km: 5, max_load_kg: 80,
       oneway: no, source: "counted on three streets", provenance: assumed}
    - {id: van, name: Van, speed_kmh: 25, cents_per_trip: 600, cents_per_km: 70, co2e_g_per_km: 230, max_load_kg: 800,
       classes: [residential, primary, motorway]}
"""


def street_folder(folder: Path, rules: str = "streets.csv") -> Path:
    """Return the small region with a street network."""
    make_region(folder)
    text = (folder / "region.yaml").read_text()
    (folder / "region.yaml").write_text(text[: text.index("  modes:")] + f"  streets: {rules}" + MODES)
    (folder / "streets.csv").write_text(STREETS)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return street_folder(tmp_path_factory.mktemp("streets") / "region")


def asked(*arguments: str | Path) -> object:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_each_mode_goes_its_own_way(folder: Path):
    """The bike takes the cycleway and one-way streets both ways; the van goes around by the hill."""
    there = asked("network", "distance", "north", "home", "--region", folder, "--json")
    assert there == [
        {"mode": "bike", "distance_m": 3_000, "minutes": 12},
        {"mode": "van", "distance_m": 6_500, "minutes": 16},
    ]
    south = asked("network", "distance", "south", "home", "--region", folder, "--json")
    assert [row["distance_m"] for row in south] == [3_500, 11_500]
    back = asked("network", "distance", "home", "south", "--region", folder, "--json")
    assert [row["distance_m"] for row in back] == [3_500, 3_500]


def test_a_plan_travels_over_streets_and_names_them_as_an_input(folder: Path, tmp_path: Path):
    """No lamp goes as the crow flies, the audit agrees, and other streets make the plan an old one."""
    mine = shutil.copytree(folder, tmp_path / "mine")
    out = tmp_path / "plan.json"
    summary = asked("plan", mine / "orders" / "book.csv", "--region", mine, "--seconds", "5", "--out", out, "--json")
    assert summary["digests"]["streets.csv"].startswith("sha256:")
    plan = json.loads(out.read_text())
    legs = [leg for row in plan["allocations"] for leg in row["legs"]]
    assert legs
    assert {(leg["from_place"], leg["mode"], leg["distance_m"]) for leg in legs} <= {
        ("north", "bike", 3_000),
        ("north", "van", 6_500),
        ("south", "bike", 3_500),
    }
    assert list((mine / STREET_CACHE).iterdir()), "distances are kept"
    audit = asked("audit", out, "--region", mine, "--json")
    assert audit["problems"] == []
    (mine / "streets.csv").write_text(STREETS.replace("3000", "3100"))
    result = run("audit", out, "--region", mine, "--json")
    assert result.exit_code == 3
    codes = {problem["code"] for problem in json.loads(result.stdout)["problems"]}
    assert {"P090", "P034"} <= codes


def test_what_changes_with_the_streets_is_noticed(folder: Path, tmp_path: Path):
    mine = shutil.copytree(folder, tmp_path / "mine")
    before = find_file_states(mine)
    (mine / "streets.csv").write_text(STREETS + "0,2,100\n")
    assert find_file_states(mine) != before


def test_the_graph_tells_what_each_mode_goes(folder: Path):
    links = asked("graph", "--region", folder, "--format", "json")["links"]
    [link] = [each for each in links if {each["source"], each["target"]} == {"home", "south"}]
    assert (link["bike_m"], link["bike_back_m"], link["van_m"], link["van_back_m"]) == (3_500, 3_500, 3_500, 11_500)
    assert run("graph", "--region", folder, "--format", "graphml").exit_code == 0


def test_validate_warns_of_far_places_and_classes_that_no_street_has(tmp_path: Path):
    rules = "{file: streets.csv, snap_warning_m: 500, snap_limit_m: 3000}"
    mine = street_folder(tmp_path / "mine", rules)
    text = (mine / "places.csv").read_text() + "farm,Farm,neighbourhood,41.39,2.18,,10\nfar,Far,hub,41.9,2.18,,10\n"
    (mine / "places.csv").write_text(text)
    found = asked("validate", "--region", mine, "--json")
    assert found["problems"] == []
    told = {(warning["code"], warning["where"].rpartition(": ")[2]) for warning in found["warnings"]}
    assert {("N004", "farm"), ("N005", "far"), ("N006", "network.modes[1].classes")} <= told
    assert ("N004", "far") not in told  # what is not on the streets is told once, for all modes
    [far] = [warning["message"] for warning in found["warnings"] if warning["where"].endswith(": far")]
    assert "from the streets of bike, van, beyond snap_limit_m" in far
    reach = asked("network", "reach", "--region", mine, "--json")
    assert {row["reached"] for row in reach["places"] if row["place"] == "far"} == {False}
    assert [mode["provenance"] for mode in reach["modes"]] == ["assumed", "unknown"]
    assert asked("network", "distance", "north", "far", "--region", mine, "--json")[0]["distance_m"] is None
    beeline = street_folder(tmp_path / "other" / "beeline", "{file: streets.csv, off_streets: beeline}")
    (beeline / "places.csv").write_text(text)
    assert asked("network", "distance", "north", "far", "--region", beeline, "--json")[0]["distance_m"] > 50_000


def test_the_nearest_workshops_of_each_order_are_those_that_geopy_finds(tmp_path: Path):
    mine = make_region(tmp_path / "mine")
    text = (mine / "workshops.yaml").read_text()
    (mine / "workshops.yaml").write_text(text.replace("process: laser-cutting", "process: fdm-printing", 1))
    shops, home = {"north": (41.42, 2.16), "south": (41.38, 2.16)}, (41.40, 2.18)
    metres = {name: math.ceil(geodesic(home, spot).m) for name, spot in shops.items()}
    ranked = sorted(shops, key=lambda name: metres[name])
    book = mine / "orders" / "book.csv"

    def nearest(*options: object) -> list[list[tuple[str, int]]]:
        rows = asked("network", "nearest", book, "--region", mine, "--json", *options)
        assert [row["order"] for row in rows] == ["A", "B", "FAR"]
        return [[(each["workshop"], each["distance_m"]) for each in row["workshops"]] for row in rows]

    assert nearest() == [[(name, metres[name]) for name in ranked]] * 3
    assert nearest("--most", 1) == [[(ranked[0], metres[ranked[0]])]] * 3
    assert nearest("--process", "3d-printing") == [[("north", metres["north"])]] * 3
    assert nearest("--within", 1) == [[]] * 3
    result = run("network", "nearest", book, "--region", mine, "--within", 1)
    assert "without a workshop: A, B, FAR" in result.stderr
    assert run("network", "nearest", book, "--region", mine, "--process", "alchemy").exit_code == 4


def test_streets_turned_round_or_in_kilometres_are_doubted(tmp_path: Path):
    """Nothing was said but that each place lies thousands of kilometres from the streets, or nothing at all."""
    mine = street_folder(tmp_path / "mine")

    def doubts(text: str) -> list[str]:
        (mine / "streets.csv").write_text(text)
        found = asked("validate", "--region", mine, "--json")["warnings"]
        return [warning["message"] for warning in found if warning["code"] == "N010"]

    assert doubts(STREETS) == []
    turned = "\n".join(
        ",".join(line.split(",")[::-1]) if line.count(",") == 1 else line for line in STREETS.split("\n")
    )
    [told] = doubts(turned)
    assert told.endswith("km off, and 1 km with latitude and longitude the other way round")
    kilometres = STREETS
    for metres in ("2500", "3000", "3500", "4000", "5000"):
        kilometres = kilometres.replace(f",{metres},", f",{int(metres) / 1000},")
    assert doubts(kilometres) == ["9 of 9 streets are shorter than the beeline between their ends; lengths are metres"]


def test_faults_of_the_streets_are_told_beside_all_others(tmp_path: Path):
    mine = street_folder(tmp_path / "mine")
    (mine / "streets.csv").write_text("2\n2,41\n2,91\n0,5,1\n")
    (mine / "workshops.yaml").write_text("workshops: 5\n")
    result = run("validate", "--region", mine, "--json")
    assert result.exit_code == 3
    problems = [(problem["code"], problem["where"]) for problem in json.loads(result.stdout)["problems"]]
    assert ("N002", "streets.csv: line 3.lat") in problems
    assert ("N002", "streets.csv: line 4.to") in problems
    assert any(code.startswith("W") for code, _ in problems)


@pytest.mark.parametrize(
    "rules",
    ["../streets.csv", "/etc/streets.csv", "{snap_limit_m: 5}", "{file: streets.csv, off_streets: fly}", "[1]"],
)
def test_wrong_rules_are_refused(tmp_path: Path, rules: str):
    result = run("validate", "--region", street_folder(tmp_path / "mine", rules), "--json")
    assert result.exit_code == 3
    assert "W021" in {problem["code"] for problem in json.loads(result.stdout)["problems"]}


def test_a_mode_may_have_streets_of_its_own(tmp_path: Path):
    mine = street_folder(tmp_path / "mine")
    text = (mine / "region.yaml").read_text().replace("motorway]", "motorway], streets: own.csv")
    (mine / "region.yaml").write_text(text)
    (mine / "own.csv").write_text(STREETS.replace("3000,no,cycleway", "2000,no,primary"))
    found = asked("network", "distance", "north", "home", "--region", mine, "--json")
    assert [row["distance_m"] for row in found] == [3_000, 2_000]
    (mine / "region.yaml").write_text(text.replace("  streets: streets.csv", ""))
    assert run("validate", "--region", mine).exit_code == 3


def test_an_isochrone_is_geojson(folder: Path, tmp_path: Path):
    found = asked("network", "isochrone", "north", "--mode", "bike", "--minutes", "13", "--region", folder)
    area, streets = found["features"]
    assert area["properties"]["nodes"] == 2
    assert area["geometry"]["coordinates"]
    assert streets["properties"]["streets_m"] == 3_000 + 2 * 3_250 + 3 * 250
    out = tmp_path / "deep" / "iso.geojson"
    assert run("network", "isochrone", "north", "--mode", "bike", "--out", out, "--region", folder).exit_code == 0
    assert json.loads(out.read_text())["type"] == "FeatureCollection"
    assert run("network", "isochrone", "nowhere", "--mode", "bike", "--region", folder).exit_code == 4
    assert run("network", "isochrone", "north", "--mode", "bike", "--minutes", "0", "--region", folder).exit_code == 3


def test_without_streets_distances_are_those_of_the_beeline(tmp_path: Path):
    mine = make_region(tmp_path / "mine")
    [row] = asked("network", "distance", "north", "home", "--region", mine, "--json")
    assert 3_500 < row["distance_m"] < 3_700
    assert "no street network" in run("network", "reach", "--region", mine).stderr
    assert run("network", "isochrone", "north", "--mode", "bike", "--region", mine).exit_code == 3
