"""Distances over streets: networkx is the oracle, on random networks with one-way streets, islands and parallels."""

import math
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from network.made_up_streets import FILE, random_streets, street_region

from cosmolocal.network.contraction import contract
from cosmolocal.network.distances import near_geodesic_m
from cosmolocal.network.routes import Links, Routes, all_places
from cosmolocal.network.street_lengths import NO_WAY, ModeLengths, StreetLengths, shortest_mm
from cosmolocal.network.street_modes import OFF, ModeStreets, find_arcs
from cosmolocal.network.streets import read_streets
from cosmolocal.planning.audit.ways import Ways
from cosmolocal.records import LinkRule, Mode, OffStreets, StreetNetwork

BIKE = Mode("bike", "Bike", 15, 150, 90, 5, 20_000)
MODES = (BIKE, replace(BIKE, oneway=False), replace(BIKE, classes=("residential", "primary")))
ROADS = Path(__file__).parents[3] / "shared" / "data" / "barcelona"


def as_networkx(streets: StreetNetwork, mode: Mode) -> nx.MultiDiGraph:
    """Return what a mode may use, told independently of the code under test."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(streets.lat)))
    columns = (streets.start, streets.end, streets.length_mm, streets.is_oneway, streets.kind)
    for start, end, length, is_oneway, kind in zip(*(column.tolist() for column in columns), strict=True):
        if kind == -1 or not mode.classes or all(name in mode.classes for name in streets.kinds[kind]):
            graph.add_edge(start, end, mm=length)
            if is_oneway and not mode.oneway:
                graph.add_edge(end, start, mm=length)
    return graph


def expected_mm(graph: nx.MultiDiGraph, sources: list[int], targets: list[int]) -> list[list[int]]:
    found = [nx.single_source_dijkstra_path_length(graph, source, weight="mm") for source in sources]
    return [[row.get(target, NO_WAY) for target in targets] for row in found]


@pytest.mark.parametrize("mode", MODES, ids=["one-way", "both-ways", "classes"])
@pytest.mark.parametrize("most_sources", [5, 200], ids=["as-it-is", "contracted"])
@pytest.mark.parametrize("seed", range(12))
def test_distances_are_those_of_networkx(seed: int, most_sources: int, mode: Mode):
    streets = random_streets(seed, 200)
    dice = np.random.default_rng(seed)
    sources, targets = (dice.choice(200, size, replace=False) for size in (most_sources, 30))
    found = shortest_mm(ModeStreets(streets, mode).graph, sources, targets)
    assert found.tolist() == expected_mm(as_networkx(streets, mode), sources.tolist(), targets.tolist())


@pytest.mark.parametrize("seed", range(20))
def test_a_smaller_network_has_the_same_distances(seed: int):
    graph = ModeStreets(random_streets(seed, 150), BIKE).graph
    kept = np.random.default_rng(seed).choice(150, 10, replace=False)
    smaller, nodes = contract(graph, kept.tolist())
    assert set(kept.tolist()) <= set(nodes.tolist())
    assert len(nodes) < 150
    number = {node: position for position, node in enumerate(nodes.tolist())}
    inside = np.array([number[node] for node in kept.tolist()])
    assert np.array_equal(shortest_mm(smaller, inside, inside), shortest_mm(graph, kept, kept))


@pytest.mark.parametrize("seed", range(20))
def test_no_way_around_is_shorter(seed: int):
    region, _ = street_region(seed)
    lengths = StreetLengths(region, all_places(region))
    for mode in lengths.modes:
        table = mode.rows_m(range(len(mode.node))).astype(float)
        table[table == NO_WAY] = np.inf
        around = (table[:, :, None] + table[None, :, :]).min(axis=1)
        assert (table <= around).all()


@pytest.mark.parametrize("off", OffStreets)
@pytest.mark.parametrize("seed", range(12))
def test_places_are_at_the_nearest_street_and_pay_their_way_there(seed: int, off: OffStreets):
    region, _ = street_region(seed, off)
    places, rules = all_places(region), region.network.streets
    assert rules is not None
    for mode, lengths in zip(region.network.modes, StreetLengths(region, places).modes, strict=True):
        streets = lengths.streets
        graph = as_networkx(streets.streets, mode)
        islands = sorted(nx.strongly_connected_components(graph), key=len)
        usable = sorted(node for island in islands if len(island) > 1 for node in island)
        spots = np.stack([streets.streets.lat[usable], streets.streets.lon[usable]], axis=1)
        for number, place in enumerate(places):
            away_m = near_geodesic_m(np.tile([[place.lat, place.lon]], (len(usable), 1)), spots)
            assert lengths.snap_m[number] == pytest.approx(away_m.min(), rel=0.01)
            is_off = off is OffStreets.UNREACHABLE and lengths.snap_m[number] > rules.snap_limit_m
            assert (lengths.node[number] == OFF) == is_off
        table = lengths.rows_m(range(len(places)))
        on = np.flatnonzero(lengths.node != OFF).tolist()
        for one in on:
            [row] = expected_mm(graph, [int(lengths.node[one])], lengths.node[on].tolist())
            for other, way_mm in zip(on, row, strict=True):
                total = (way_mm * 1.0 + lengths.access_mm[one] + lengths.access_mm[other]) / 1000
                ends = {int(lengths.node[one]), int(lengths.node[other])}
                has_way_back = any(ends <= island for island in islands)
                wanted = 0 if one == other else math.ceil(total) if has_way_back else NO_WAY
                assert table[one, other] == wanted


@pytest.mark.parametrize("off", OffStreets)
@pytest.mark.parametrize("seed", range(25))
def test_routes_and_the_audit_agree_on_every_way_and_mode(seed: int, off: OffStreets):
    """The audit searches on the network as it is, without what the routes take from it."""
    region, _ = street_region(seed, off)
    shops = sorted(shop.id for shop in region.workshops)
    routes, ways = Routes(region, shops), Ways(region)
    for source in shops:
        for place in routes.links.places:
            route = routes.find(source, place.id)
            if source == place.id:
                continue
            assert ways.find_shortest_m(source, place.id) == (None if route is None else route.distance_m)
            if route is not None:
                assert ways.find_length_m(route.via) == route.distance_m
                known = tuple(ways.find_length_m(route.via, mode) for mode in range(len(region.network.modes)))
                assert tuple(None if length == NO_WAY else length for length in route.modes_m) == known


def test_what_is_kept_on_disk_is_taken_again_and_damage_is_mended(tmp_path: Path):
    region, _ = street_region(4)
    places = all_places(region)

    def measure() -> list[list[int]]:
        streets = ModeStreets(region.streets[FILE], BIKE)
        return ModeLengths(streets, places, region.network, str(tmp_path)).rows_m(range(len(places))).tolist()

    first = measure()
    [kept] = tmp_path.iterdir()
    with np.load(kept) as file:
        arrays = dict(file)
    arrays["lengths"] = arrays["lengths"] + 7
    np.savez_compressed(kept, **arrays)
    assert measure() != first, "what is kept was not read"
    kept.write_bytes(b"PK\x03\x04 damaged")
    assert measure() == first
    assert list(tmp_path.iterdir()) == [kept]


def test_other_streets_places_or_modes_are_kept_apart(tmp_path: Path):
    region, _ = street_region(4)
    places = all_places(region)
    for mode in MODES:
        for seed in (1, 2):
            streets = ModeStreets(random_streets(seed), mode)
            ModeLengths(streets, places, region.network, str(tmp_path)).rows_m([0])
            ModeLengths(streets, places[1:], region.network, str(tmp_path)).rows_m([0])
    assert len(list(tmp_path.iterdir())) == 12


def test_a_link_over_streets_may_be_longer_one_way_than_the_other():
    seeds = (street_region(seed)[0] for seed in range(10))
    tables = [Links(region).lengths_m(range(len(all_places(region)))) for region in seeds]
    assert any((table != table.T).any() for table in tables)


def test_a_rule_joins_what_no_street_does():
    region, _ = street_region(3, OffStreets.UNREACHABLE)
    rules = region.network.streets
    assert rules is not None
    shop, place = region.workshops[0].id, region.places[0].id
    nowhere = replace(region.network, links=(), streets=replace(rules, snap_limit_m=0))
    assert Routes(replace(region, network=nowhere), [shop]).find(shop, place) is None
    ferry = replace(nowhere, links=(LinkRule(shop, place, 1_234),))
    route = Routes(replace(region, network=ferry), [shop]).find(shop, place)
    assert route is not None
    assert (route.distance_m, set(route.modes_m)) == (1_234, {1_234})


@pytest.mark.skipif(not ROADS.is_dir(), reason="the roads of Barcelona are not here")
def test_barcelona_is_as_networkx_says():
    streets = read_streets(ROADS, "barcelona_roads.csv.gz")
    assert (len(streets.lat), len(streets.start)) == (9187, 28900)
    nodes = np.random.default_rng(7).choice(9187, 80, replace=False)
    found = shortest_mm(ModeStreets(streets, BIKE).graph, nodes, nodes)
    assert found[:3].tolist() == expected_mm(as_networkx(streets, BIKE), nodes[:3].tolist(), nodes.tolist())
    assert (found == found.T).all()
    assert len(find_arcs(streets, BIKE).start) == 28900
