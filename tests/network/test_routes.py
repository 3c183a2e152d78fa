"""Routes as a table: networkx is the oracle."""

import random
from dataclasses import replace

import pytest
from network.shortest import find_routes
from planning.tiny_regions import random_region

from cosmolocal.network.graph import build_graph
from cosmolocal.network.routes import NO_WAY, Links, Routes
from cosmolocal.records import LinkRule, Region


def shops(region: Region) -> list[str]:
    return sorted(shop.id for shop in region.workshops)


def rules(dice: random.Random, region: Region, lengths: tuple[int | None, ...]) -> tuple[LinkRule, ...]:
    """Return rules for about a third of all pairs; one names a place that does not exist."""
    names = [place.id for place in region.places] + shops(region)
    pairs = [(one, other) for number, one in enumerate(names) for other in names[number + 1 :]]
    chosen = [pair for pair in pairs if dice.random() < 0.35]
    made = (LinkRule(*pair, dice.choice(lengths), dice.choice((None, 5)), dice.random() < 0.3) for pair in chosen)
    return (*made, LinkRule(names[0], "nowhere", 1))


@pytest.mark.parametrize("lengths", [(None,), (None, 40_000), (None, 40_000, 900, 10)])
@pytest.mark.parametrize("seed", range(30))
def test_the_table_holds_what_networkx_finds(seed: int, lengths: tuple[int | None, ...]):
    """Without rules of length, with detours, and with short cuts."""
    dice = random.Random(seed)
    region, _ = random_region(seed)
    region = replace(region, network=replace(region.network, links=rules(dice, region, lengths)))
    routes, graph = Routes(region, shops(region)), build_graph(region)
    expected = find_routes(graph, shops(region))
    for row, source in enumerate(shops(region)):
        for column, place in enumerate(routes.links.places):
            route = expected[source].get(place.id)
            assert routes.find(source, place.id) == route
            assert routes.distance_m[row, column] == (NO_WAY if route is None else route.distance_m)
            assert not routes.is_direct[row, column] or route.via == (source, place.id)


@pytest.mark.parametrize("common", [None, 30])
@pytest.mark.parametrize("seed", range(20))
def test_the_limited_links_are_those_of_the_graph(seed: int, common: int | None):
    dice = random.Random(seed)
    region, _ = random_region(seed)
    network = replace(region.network, links=rules(dice, region, (None, 900)), weekly_capacity_kg=common)
    region = replace(region, network=network)
    links = Links(region)
    found = [(links.places[one].id, links.places[other].id, limit) for one, other, limit in links.capacities()]
    edges = build_graph(region).edges(data="weekly_capacity_kg")
    assert found == sorted((min(a, b), max(a, b), limit) for a, b, limit in edges if limit is not None)


def test_a_place_that_does_not_exist_has_no_route():
    region, _ = random_region(3)
    assert Routes(region, shops(region)).find(shops(region)[0], "nowhere") is None
