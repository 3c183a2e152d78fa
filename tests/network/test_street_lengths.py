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
from cosmolocal.network.street_points import PARTS, Points, split
from cosmolocal.network.streets import read_streets
from cosmolocal.planning.audit.ways import Ways
from cosmolocal.records import LinkRule, Mode, OffStreets, Place, PlaceKind, StreetNetwork

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


def shortest_arc(graph: nx.MultiDiGraph, start: int, end: int) -> int:
    """Return the length of the shortest street from a node to the next; 0: none."""
    return min((arc["mm"] for arc in graph.get_edge_data(start, end, default={}).values()), default=0)


def streets_to_part(graph: nx.MultiDiGraph, islands: list[set[int]]) -> list[tuple[int, int]]:
    """Return the streets that may be parted, by their nodes, the lower one first."""
    pairs = {(min(one, other), max(one, other)) for one, other in graph.edges() if one != other}
    inside = [pair for pair in sorted(pairs) if any(set(pair) <= island for island in islands)]
    lengths = ((shortest_arc(graph, *pair), shortest_arc(graph, *pair[::-1])) for pair in inside)
    return [pair for pair, mm in zip(inside, lengths, strict=True) if min(filter(None, mm)) >= PARTS]


def nearest_m(place: Place, nodes: list[int], pairs: list[tuple[int, int]], streets: StreetNetwork) -> float:
    """Return how far a place is from streets, by looking at each part of each of them."""
    spots = [np.stack([streets.lat[nodes], streets.lon[nodes]], axis=1)]
    for one, other in pairs:
        share = np.arange(1, PARTS)[:, None] / PARTS
        ends = np.array([[streets.lat[node], streets.lon[node]] for node in (one, other)])
        spots.append(ends[0] * (1 - share) + ends[1] * share)
    every = np.concatenate(spots)
    return float(near_geodesic_m(np.tile([[place.lat, place.lon]], (len(every), 1)), every).min())


def with_points(graph: nx.MultiDiGraph, points: Points) -> nx.MultiDiGraph:
    """Return a graph with points as its last nodes, each joined to both ends of its street and all others on it."""
    nodes, found = len(graph), graph.copy()
    told = zip(points.streets.first.tolist(), points.streets.second.tolist(), points.part.tolist(), strict=True)
    for number, (one, other, part) in enumerate(told, nodes):
        # (node, parts from the first end) along the street: the ends, and the points that are there already
        along = [(one, 0), (other, PARTS), *found.nodes[one].get("on", {}).get(other, [])]
        there, back = shortest_arc(graph, one, other), shortest_arc(graph, other, one)
        for node, at in along:
            for mm, ends in ((there, (number, node)), (back, (node, number))):
                low, high = sorted((mm * at // PARTS, mm * part // PARTS))
                if mm:
                    found.add_edge(*(ends if at > part else ends[::-1]), mm=high - low)
        found.nodes[one].setdefault("on", {}).setdefault(other, []).append((number, part))
    return found


@pytest.mark.parametrize("off", OffStreets)
@pytest.mark.parametrize("seed", range(12))
def test_places_are_at_the_nearest_street_and_pay_their_way_there(seed: int, off: OffStreets):
    region, _ = street_region(seed, off)
    places, rules = all_places(region), region.network.streets
    assert rules is not None
    for mode, lengths in zip(region.network.modes, StreetLengths(region, places).modes, strict=True):
        streets = lengths.streets
        graph = as_networkx(streets.streets, mode)
        islands = [island for island in nx.strongly_connected_components(graph) if len(island) > 1]
        usable, pairs = sorted(set().union(*islands)), streets_to_part(graph, islands)
        for number, place in enumerate(places):
            # a quarter of a part of the longest street: where the nearest point is rounded to
            assert lengths.snap_m[number] == pytest.approx(
                nearest_m(place, usable, pairs, streets.streets), rel=0.005, abs=0.5
            )
            is_off = off is OffStreets.UNREACHABLE and lengths.snap_m[number] > rules.snap_limit_m
            assert (lengths.node[number] == OFF) == is_off
        parted = with_points(graph, lengths.points)
        table = lengths.rows_m(range(len(places)))
        on = np.flatnonzero(lengths.node != OFF).tolist()
        for one in on:
            [row] = expected_mm(parted, [int(lengths.node[one])], lengths.node[on].tolist())
            for other, way_mm in zip(on, row, strict=True):
                total = (way_mm * 1.0 + lengths.access_mm[one] + lengths.access_mm[other]) / 1000
                ends = {int(lengths.end[one]), int(lengths.end[other])}
                has_way_back = any(ends <= island for island in islands)
                wanted = 0 if one == other else math.ceil(total) if has_way_back else NO_WAY
                assert table[one, other] == wanted


@pytest.mark.parametrize("seed", range(30))
def test_streets_that_are_parted_are_as_long_as_before(seed: int):
    """Many points on few streets, one-way streets too: lengths are those of networkx, and old ones stay."""
    dice = np.random.default_rng(seed)
    streets = ModeStreets(random_streets(seed, 30), BIKE)
    first, *_ = spots = dice.random((60, 2)) * (0.084, 0.112) + (41.36, 2.10)
    snaps = streets.snap([*map(tuple, spots.tolist()), tuple(first.tolist())])
    assert len(snaps.points.part) > 5
    assert snaps.node[-1] == snaps.node[0], "the same point is one node"
    graph = split(streets.graph, snaps.points)
    every = np.arange(graph.shape[0])
    oracle = with_points(as_networkx(streets.streets, BIKE), snaps.points)
    assert shortest_mm(graph, every, every).tolist() == expected_mm(oracle, every.tolist(), every.tolist())
    old = every[:30]
    assert np.array_equal(shortest_mm(graph, old, old), shortest_mm(streets.graph, old, old))


def test_a_place_beside_a_long_street_goes_along_it():
    """Worked by hand: a street of 1,000 m from west to east; two places beside its 256th and 768th of 1024 parts."""
    metres = 1_000_000
    arrays = {"start": np.array([0, 1]), "end": np.array([1, 0]), "length_mm": np.array([metres, metres])}
    lon = np.array([2.0, 2.012])
    none = np.zeros(2, dtype=np.int64)
    streets = StreetNetwork(
        "s", "one street", np.zeros(2), lon, **arrays, is_oneway=none > 0, kind=none - 1, speed_kmh=none
    )
    places = [
        Place(str(number), "", PlaceKind.NEIGHBOURHOOD, 0.0001 * sign, 2.0 + 0.003 * part)
        for number, (part, sign) in enumerate(((1, 1), (3, -1), (-1, 0)))
    ]
    region, _ = street_region(1)
    lengths = ModeLengths(ModeStreets(streets, BIKE), places, region.network, "")
    assert lengths.points.part.tolist() == [1024, 3072]
    assert lengths.end.tolist() == [0, 1, 0]
    access = lengths.access_mm.tolist()
    assert access[:2] == [round(11.0574 * region.network.detour_factor * 1000)] * 2
    table = lengths.rows_m(range(3)).tolist()
    assert table[0][1] == math.ceil((500_000 + access[0] + access[1]) / 1000)
    assert table[2][1] == math.ceil((750_000 + access[2] + access[1]) / 1000)


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
