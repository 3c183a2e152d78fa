"""What is reached within some minutes: networkx tells the nodes, geometry the area."""

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from network.made_up_streets import FILE, street_region

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.network.contours import contains, find_outlines, signed_area
from cosmolocal.network.distances import near_geodesic_m
from cosmolocal.network.isochrones import MARGIN_M, Isochrone, build_isochrone_geojson, find_isochrone
from cosmolocal.network.street_lengths import StreetLengths, find_streets
from cosmolocal.network.street_modes import find_arcs
from cosmolocal.network.street_points import PARTS
from cosmolocal.records import OffStreets, Region

SEEDS = range(12)


def reached_by_networkx(region: Region, minutes: int) -> set[int]:
    """Return the nodes that the first mode reaches from the first workshop in time."""
    mode, shop = region.network.modes[0], region.workshops[0]
    lengths = StreetLengths(region, (shop,)).modes[0]  # a workshop has all that is asked of a place
    arcs = find_arcs(find_streets(region, mode), mode)
    graph = nx.MultiDiGraph()
    graph.add_node(int(lengths.node[0]))
    for start, end, mm, kmh in zip(
        *(column.tolist() for column in (arcs.start, arcs.end, arcs.length_mm, arcs.speed_kmh)), strict=True
    ):
        graph.add_edge(start, end, seconds=mm / 1000 / (kmh / 3.6))
    # a place beside a street begins within it
    for one, other, part in zip(
        lengths.points.streets.first.tolist(),
        lengths.points.streets.second.tolist(),
        lengths.points.part.tolist(),
        strict=True,
    ):
        for start, end, share in ((one, other, 1 - part / PARTS), (other, one, part / PARTS)):
            for arc in graph.get_edge_data(start, end, default={}).values():
                graph.add_edge(int(lengths.node[0]), end, seconds=arc["seconds"] * share)
    left = 60 * minutes - float(lengths.access_mm[0]) / 1000 / (mode.speed_kmh / 3.6)
    if left < 0:
        return set()
    times = nx.single_source_dijkstra_path_length(graph, int(lengths.node[0]), cutoff=left, weight="seconds")
    return {node for node in times if node < len(lengths.streets.streets.lat)}


def is_in(found: Isochrone, lon: float, lat: float) -> bool:
    return any(
        contains(list(polygon[0]), (lon, lat)) and not any(contains(list(hole), (lon, lat)) for hole in polygon[1:])
        for polygon in found.area
    )


@pytest.mark.parametrize("minutes", [1, 6, 25])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_nodes_reached_are_those_of_networkx_and_lie_in_the_area(seed: int, minutes: int):
    region, _ = street_region(seed)
    found = find_isochrone(region, region.workshops[0].id, region.network.modes[0].id, minutes)
    expected = reached_by_networkx(region, minutes)
    streets = region.streets[FILE]
    assert found.nodes == len(expected)
    for node in expected:
        assert is_in(found, float(streets.lon[node]), float(streets.lat[node]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_area_is_near_streets_that_are_reached(seed: int):
    """Every point of its outline is about the margin from what is reached: not in the air, not cut off."""
    region, _ = street_region(seed)
    found = find_isochrone(region, region.workshops[0].id, region.network.modes[0].id, 6)
    if not found.lines:
        return
    lines = np.array(found.lines)
    points = np.concatenate([lines[:, 0] + (lines[:, 1] - lines[:, 0]) * part for part in np.linspace(0, 1, 200)])
    for ring in (ring for polygon in found.area for ring in polygon):
        for lon, lat in ring[::7]:
            spot = np.tile([[lat, lon]], (len(points), 1))
            away_m = near_geodesic_m(spot, points[:, ::-1].copy()).min()
            assert 0.7 * MARGIN_M < away_m < 1.6 * MARGIN_M


@pytest.mark.parametrize("seed", SEEDS)
def test_more_minutes_never_reach_less(seed: int):
    region, _ = street_region(seed)
    found = [find_isochrone(region, region.workshops[0].id, region.network.modes[0].id, n) for n in (1, 3, 9, 27, 81)]
    assert all(less.nodes <= more.nodes and less.streets_m <= more.streets_m for less, more in pairwise(found))


def test_rings_are_closed_and_turn_the_right_way():
    region, _ = street_region(1)
    found = find_isochrone(region, region.workshops[0].id, region.network.modes[0].id, 60)
    for outer, *holes in found.area:
        assert signed_area(list(outer)) > 0
        assert all(signed_area(list(hole)) < 0 for hole in holes)
        assert all(ring[0] == ring[-1] for ring in (outer, *holes))
    area, streets = build_isochrone_geojson(found)["features"]
    assert (area["geometry"]["type"], streets["geometry"]["type"]) == ("MultiPolygon", "MultiLineString")
    assert area["properties"]["minutes"] == 60


@pytest.mark.parametrize("seed", range(30))
def test_outlines_tell_inside_from_outside(seed: int):
    """Law: every grid point lies in the polygons exactly when its value is above 0; holes in holes included."""
    field = np.full((14, 17), -1.0)
    field[1:-1, 1:-1] = np.random.default_rng(seed).uniform(-1, 1, (12, 15))
    polygons = find_outlines(field)
    for row, column in np.ndindex(field.shape):
        around = sum(
            contains(rings[0], (column, row)) and not any(contains(hole, (column, row)) for hole in rings[1:])
            for rings in polygons
        )
        assert around == (field[row, column] > 0)


@pytest.mark.parametrize(("place", "mode"), [("nowhere", "bike"), ("shop-0", "balloon")])
def test_unknown_places_and_modes_are_not_found(place: str, mode: str):
    region, _ = street_region(1)
    with pytest.raises(NotFoundError):
        find_isochrone(region, place, mode, 5)


def test_what_cannot_be_told_is_refused():
    region, _ = street_region(1, OffStreets.UNREACHABLE)
    shop, mode = region.workshops[0].id, region.network.modes[0].id
    rules = region.network.streets
    assert rules is not None
    off = replace(region, network=replace(region.network, streets=replace(rules, snap_limit_m=0)))
    without = replace(region, network=replace(region.network, streets=None))
    for there, minutes in ((region, 0), (region, 601), (off, 5), (without, 5)):
        with pytest.raises(InputError) as error:
            find_isochrone(there, shop, mode, minutes)
        assert [problem.code for problem in error.value.problems] == ["N008"]
