"""The graph of places: which are linked, how far, and the shortest ways."""

import io
import json
import random
from dataclasses import replace

import networkx as nx
import pytest
from geopy.distance import geodesic
from network.shortest import find_routes
from planning.workbench import MONDAY

from cosmolocal.network.files import NETWORK_FORMATS, export_network
from cosmolocal.network.graph import build_graph, link_name
from cosmolocal.network.routes import Route, Routes
from cosmolocal.planning.audit.ways import Ways
from cosmolocal.records import (
    CapacityPeriod,
    LinkRule,
    MachineGroup,
    Mode,
    NetworkSettings,
    Place,
    PlaceKind,
    Region,
    Settings,
    Vocabulary,
    Workshop,
)

EAST = Place("east", "East & <co>", PlaceKind.NEIGHBOURHOOD, 41.40, 2.20, "Sea", 1_234)
WEST = Place("west", "West", PlaceKind.NEIGHBOURHOOD, 41.40, 2.10)
HUB = Place("hub", "Hub", PlaceKind.HUB, 41.41, 2.15)
GROUP = MachineGroup("saw", "cutting", 1, 1_200, (CapacityPeriod(60, 60, 60),))
SHOP = Workshop("shop", "Shop", 41.43, 2.15, (GROUP,))
OTHER = Workshop("other", "Other", 41.38, 2.16, (GROUP,))
BIKE = Mode("bike", "Bike", 15, 150, 90, 5, 20_000, 6_000)
VAN = Mode("van", "Van", 30, 400, 60, 250, 400_000)


def region(*rules: LinkRule, places: tuple[Place, ...] = (EAST, WEST), capacity: int | None = None) -> Region:
    network = NetworkSettings(1.25, (BIKE, VAN), capacity, rules)
    return Region("r", "R", places, (SHOP, OTHER), network, Settings(MONDAY, 1), Vocabulary(()), ())


def links(of: Region) -> set[str]:
    return {link_name(one, other) for one, other in build_graph(of).edges}


def test_workshops_are_linked_with_all_and_neighbourhoods_not_with_each_other():
    assert links(region()) == {"other–shop", "east–shop", "shop–west", "east–other", "other–west"}


def test_hubs_are_linked_with_all():
    assert links(region(places=(EAST, WEST, HUB))) - links(region()) == {
        "east–hub",
        "hub–west",
        "hub–shop",
        "hub–other",
    }


def test_distance_is_the_geodesic_times_the_detour_rounded_up():
    metres = geodesic((SHOP.lat, SHOP.lon), (EAST.lat, EAST.lon)).m * 1.25
    found = build_graph(region()).edges["shop", "east"]["distance_m"]
    assert metres <= found < metres + 1


def test_two_workshops_in_one_spot_are_zero_metres_apart():
    twin = replace(OTHER, lat=SHOP.lat, lon=SHOP.lon)
    assert build_graph(replace(region(), workshops=(SHOP, twin))).edges["shop", "other"]["distance_m"] == 0


def test_a_rule_replaces_the_distance_in_both_directions():
    for rule in (LinkRule("shop", "east", 1_234), LinkRule("east", "shop", 1_234)):
        assert build_graph(region(rule)).edges["shop", "east"]["distance_m"] == 1_234


def test_a_rule_sets_the_capacity_and_others_keep_the_default():
    graph = build_graph(region(LinkRule("shop", "east", None, 7), capacity=50))
    assert graph.edges["shop", "east"]["weekly_capacity_kg"] == 7
    assert graph.edges["shop", "west"]["weekly_capacity_kg"] == 50
    assert build_graph(region()).edges["shop", "west"]["weekly_capacity_kg"] is None


def test_a_closed_link_is_gone():
    assert "east–shop" not in links(region(LinkRule("shop", "east", closed=True)))


def test_a_rule_between_places_not_linked_adds_a_link():
    graph = build_graph(region(LinkRule("east", "west")))
    metres = geodesic((EAST.lat, EAST.lon), (WEST.lat, WEST.lon)).m * 1.25
    assert metres <= graph.edges["east", "west"]["distance_m"] < metres + 1


def test_a_link_tells_minutes_cents_and_co2e_of_its_cheapest_mode():
    graph = build_graph(region(LinkRule("shop", "east", 2_000), LinkRule("shop", "west", 7_000)))
    near, far = graph.edges["shop", "east"], graph.edges["shop", "west"]
    assert (near["mode"], near["minutes"], near["cents"], near["co2e_g"]) == ("bike", 8, 330, 10)
    assert (far["mode"], far["minutes"], far["cents"], far["co2e_g"]) == ("van", 14, 820, 1_750)


def test_the_shortest_way_goes_around_where_that_is_shorter():
    graph = build_graph(
        region(LinkRule("shop", "east", 9_000), LinkRule("shop", "other", 2_000), LinkRule("other", "east", 3_000))
    )
    route = find_routes(graph, ["shop"])["shop"]["east"]
    assert route == Route(5_000, ("shop", "other", "east"))
    assert route.links() == (("other", "shop"), ("east", "other"))


def test_of_two_ways_as_long_the_one_with_fewer_links_is_taken():
    graph = build_graph(
        region(LinkRule("shop", "east", 5_000), LinkRule("shop", "other", 2_000), LinkRule("other", "east", 3_000))
    )
    assert find_routes(graph, ["shop"])["shop"]["east"].via == ("shop", "east")


def test_the_way_to_itself_has_no_length_and_what_is_cut_off_has_no_way():
    cut = region(LinkRule("shop", "east", closed=True), LinkRule("other", "east", closed=True))
    routes = find_routes(build_graph(cut), ["shop"])["shop"]
    assert routes["shop"] == Route(0, ("shop",))
    assert "east" not in routes


@pytest.mark.parametrize("seed", range(40))
def test_shortest_ways_are_those_of_the_audit(seed: int):
    """Lengths are few, so that ties are many: then fewer links, then smaller ids."""
    dice = random.Random(seed)
    names = ["shop", "other", "east", "west", "hub", "isle", "lake"]
    places = (EAST, WEST, HUB, replace(EAST, id="isle"), replace(WEST, id="lake"))
    pairs = [(one, other) for number, one in enumerate(names) for other in names[number + 1 :]]
    rules = (LinkRule(*pair, dice.choice((0, 1, 2, 2, 3)), None, dice.random() < 0.4) for pair in pairs)
    network = region(*rules, places=places)
    ways = Ways(network)
    found, routes = find_routes(build_graph(network), names), Routes(network, names)
    for start in names:
        for end in names:
            route = found[start].get(end)
            assert (None if route is None else (route.distance_m, route.via)) == ways.find_shortest(start, end)
            assert routes.find(start, end) == route
            assert ways.find_shortest_m(start, end) == (None if route is None else route.distance_m)


def test_graphml_is_read_again_by_networkx():
    network = region(LinkRule("shop", "east", None, 7), places=(EAST, WEST, HUB))
    graph = build_graph(network)
    again = nx.read_graphml(io.BytesIO(export_network(network, "graphml").encode()))
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert {frozenset(pair) for pair in again.edges} == {frozenset(pair) for pair in graph.edges}
    for one, other, link in graph.edges(data=True):
        wanted = {name: value for name, value in link.items() if name != "weight" and value is not None}
        assert again.edges[one, other] == wanted


def test_node_link_json_is_read_again_by_networkx():
    network = region()
    again = nx.node_link_graph(json.loads(export_network(network, "json")), edges="links")
    assert dict(again.nodes(data=True)) == dict(build_graph(network).nodes(data=True))


def test_geojson_has_a_point_for_each_place_and_a_line_for_each_link():
    features = json.loads(export_network(region(), "geojson"))["features"]
    points = {each["properties"]["id"]: each for each in features if each["geometry"]["type"] == "Point"}
    lines = [each for each in features if each["geometry"]["type"] == "LineString"]
    assert points["east"]["geometry"]["coordinates"] == [2.2, 41.4]
    assert points["east"]["properties"]["name"] == "East & <co>"
    assert {link_name(each["properties"]["from"], each["properties"]["to"]) for each in lines} == links(region())


@pytest.mark.parametrize("form", NETWORK_FORMATS)
def test_an_export_leaves_out_what_only_the_search_needs(form: str):
    assert "weight" not in export_network(region(), form)
