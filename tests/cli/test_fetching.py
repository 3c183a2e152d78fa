"""Fetching streets: through OSMnx where it is installed, else through a stand-in; nothing leaves this machine."""

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import networkx as nx
import pytest
from cli.overpass import GRAPHML, STAND_IN, WAYS, fetch, serve
from cli.small_region import files_in, make_region, run

from cosmolocal.network.streets import read_streets
from cosmolocal.records import StreetNetwork

Fetched = CompletedProcess[str]
installed = pytest.mark.skipif(find_spec("osmnx") is None, reason="OSMnx is not installed: pip install osmnx")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_region(tmp_path_factory.mktemp("fetching") / "region")


@pytest.fixture
def region(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "region"))


@pytest.fixture
def stand_in(region: Path, tmp_path: Path) -> Callable[..., Fetched]:
    """Return what fetches through a stand-in that writes to ``notes`` what it was asked."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "osmnx.py").write_text(STAND_IN)

    def fetch_it(*more: str, out: str = "streets.graphml", **extra: str) -> Fetched:
        known = {"STAND_IN_NOTES": str(tmp_path / "notes"), "STAND_IN_GRAPH": GRAPHML}
        return fetch(region, region / out, *more, modules=modules, **known | extra)

    return fetch_it


def arcs_of(network: StreetNetwork) -> list[tuple[Any, ...]]:
    """Return (from, to, mm, one-way, classes, km/h) of each arc, with the spots of its ends."""
    spots = list(zip(network.lat.tolist(), network.lon.tolist(), strict=True))
    columns = (network.start, network.end, network.length_mm, network.is_oneway, network.kind, network.speed_kmh)
    return sorted(
        (spots[start], spots[end], mm, oneway, network.kinds[kind] if kind >= 0 else (), kmh)
        for start, end, mm, oneway, kind, kmh in zip(*(column.tolist() for column in columns), strict=True)
    )


def use_streets(region: Path, file: str) -> None:
    text = (region / "region.yaml").read_text()
    (region / "region.yaml").write_text(text.replace("network:\n", f"network:\n  streets: {file}\n"))


def distances_m(region: Path, *pairs: tuple[str, str]) -> list[int]:
    found = [run("network", "distance", *pair, "--region", region, "--json") for pair in pairs]
    return [json.loads(each.stdout)[0]["distance_m"] for each in found]


def test_without_osmnx_it_says_what_it_needs(region: Path, tmp_path: Path):
    (tmp_path / "osmnx.py").write_text("raise ImportError('not here')")
    result = fetch(region, region / "x.graphml", modules=tmp_path)
    assert result.returncode == 3
    assert "N007" in result.stderr
    assert "cosmolocal[osm]" in result.stderr


def test_osmnx_is_asked_for_the_frame_and_the_kind_and_nobody_else_for_anything(stand_in, tmp_path):
    result = stand_in("--kind", "bike", "--margin", "1000", "--overpass", "http://127.0.0.1:9/api")
    assert result.returncode == 0, result.stderr
    told = json.loads((tmp_path / "notes").read_text())
    west, south, east, north = told["bbox"]
    assert (round(south, 4), round(north, 4)) == (41.371, 41.429)
    assert 2.14 < west < 2.15
    assert 2.19 < east < 2.2
    assert {name: told[name] for name in ("network_type", "use_cache", "doh_url_template", "overpass_url")} == {
        "network_type": "bike",
        "use_cache": False,
        "doh_url_template": None,
        "overpass_url": "http://127.0.0.1:9/api",
    }
    stand_in()
    assert json.loads((tmp_path / "notes").read_text())["overpass_url"] == "https://usual.example.org/api"


def test_what_was_fetched_is_a_street_network_of_the_region(stand_in, region):
    """Both directions of a street, a merged one-way one, and one of which a piece is one-way; the loop is left out."""
    before = set(files_in(region))
    assert stand_in().returncode == 0
    assert set(files_in(region)) - before == {"streets.graphml"}
    home, north, south = (41.4, 2.18), (41.42, 2.16), (41.38, 2.16)
    assert arcs_of(read_streets(region, "streets.graphml")) == [
        (south, home, 4_000_250, True, ("residential", "tertiary"), 0),
        (home, south, 2_774_500, True, ("primary", "tertiary"), 32),
        (home, north, 2_861_400, False, ("residential",), 30),
        (north, home, 2_861_400, False, ("residential",), 30),
    ]
    use_streets(region, "streets.graphml")
    assert distances_m(region, ("north", "home"), ("home", "south"), ("south", "north")) == [2_862, 2_775, 6_862]


@pytest.mark.parametrize("fails", ["asked", "written"])
def test_when_it_fails_the_file_that_was_there_stays(stand_in, region, fails):
    (region / "streets.graphml").write_text(GRAPHML)
    before = files_in(region)
    result = stand_in(STAND_IN_FAILS=fails)
    assert result.returncode == 3
    assert "N007" in result.stderr
    assert files_in(region) == before


def test_an_address_that_is_none_is_refused(stand_in):
    result = stand_in("--overpass", "overpass.example.org")
    assert result.returncode == 2
    assert "https://" in result.stderr


@installed
def test_osmnx_and_the_reader_see_the_same_town(region):
    """Every edge that OSMnx reads back from the file is an arc, but for the loop; the island is not fetched."""
    osmnx = pytest.importorskip("osmnx")
    before = set(files_in(region))
    with serve() as (address, asked):
        result = fetch(region, region / "streets.graphml", "--overpass", address)
    assert result.returncode == 0, result.stderr
    assert [question.split(" ")[:2] for question in asked] == [["GET", "/api/status"], ["POST", "/api/interpreter"]]
    assert "motor_vehicle" in asked[1]
    assert set(files_in(region)) - before == {"streets.graphml"}
    graph = osmnx.load_graphml(region / "streets.graphml")
    network = read_streets(region, "streets.graphml")
    spots = {number: (data["y"], data["x"]) for number, data in graph.nodes(data=True)}
    assert sorted(zip(network.lat.tolist(), network.lon.tolist(), strict=True)) == sorted(spots.values())
    assert arcs_of(network) == sorted(_expected(graph, spots))
    loops = [pair for pair in graph.edges() if pair[0] == pair[1]]
    assert loops, "the town has a street that ends where it begins"
    assert len(network.start) == graph.number_of_edges() - len(loops)
    assert (41.385, 2.185) not in spots.values()


def _expected(graph: Any, spots: dict[int, tuple[float, float]]) -> list[tuple[Any, ...]]:
    """Return the arcs of what OSMnx says; limits by hand, for it keeps them as texts."""
    limits = {"30": 30, "50": 50, "20 mph": 32, "ES:urban": 0}
    rows = []
    for start, end, data in graph.edges(data=True):
        kinds, speeds = (data.get(name) or [] for name in ("highway", "maxspeed"))
        kinds, speeds = ([each] if isinstance(each, str) else each for each in (kinds, speeds))
        known = [limits[speed] for speed in speeds if limits[speed]]
        if start != end:
            row = (max(1, round(data["length"] * 1000)), data["oneway"], tuple(sorted(set(kinds))))
            rows.append((spots[start], spots[end], *row, min(known, default=0)))
    return rows


@installed
def test_ways_are_as_long_as_those_of_osmnx(region):
    """The three places stand on crossings, so a way is the shortest path of OSMnx's graph, rounded up to metres."""
    osmnx = pytest.importorskip("osmnx")
    with serve() as (address, _):
        assert fetch(region, region / "streets.graphml", "--overpass", address).returncode == 0
    graph = osmnx.load_graphml(region / "streets.graphml")
    use_streets(region, "streets.graphml")
    number = {"north": 1, "home": 3, "south": 5}
    pairs = [(one, other) for one in number for other in number if one != other]
    ours = distances_m(region, *pairs)
    theirs = [nx.shortest_path_length(graph, number[a], number[b], weight="length") for a, b in pairs]
    assert ours == [pytest.approx(metres, abs=1) for metres in theirs]
    assert ours[pairs.index(("home", "south"))] != ours[pairs.index(("south", "home"))]


@installed
@pytest.mark.parametrize("status", [200, 400])
def test_a_server_without_streets_is_told(region, status):
    town = {"version": 0.6, "elements": []}
    with serve(status, town) as (address, _):
        result = fetch(region, region / "streets.graphml", "--overpass", address)
    assert result.returncode == 3, result.stderr
    assert "N007" in result.stderr
    assert not (region / "streets.graphml").exists()


@installed
def test_walkers_may_go_both_ways(region):
    with serve() as (address, _):
        assert fetch(region, region / "w.graphml", "--kind", "walk", "--overpass", address).returncode == 0
    assert not read_streets(region, "w.graphml").is_oneway.any()
    assert any("oneway" in tags for _, tags in WAYS)
