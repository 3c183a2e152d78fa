"""The links of a network, and what a plan carries over them."""

from dataclasses import replace

import pytest
from samples import LAMPS_MADE, PLAN, REGION

from cosmolocal.exports.network_layers import build_network, measure_uses
from cosmolocal.network.graph import build_graph
from cosmolocal.records import Leg, LinkRule

SHADES, DELIVERY = LAMPS_MADE.legs


def ruled(*rules: LinkRule):
    return replace(REGION, network=replace(REGION.network, links=rules))


def links_by_ends(region=REGION, allocations=PLAN.allocations):
    return {tuple(sorted(link.ends)): link for link in build_network(region, allocations).links}


def test_the_links_are_those_of_the_graph():
    graph, network = build_graph(REGION), build_network(REGION)
    assert (network.places, network.open_links) == (4, graph.number_of_edges())
    lengths = {tuple(sorted((a, b))): link["distance_m"] for a, b, link in graph.edges(data=True)}
    assert {ends: link.distance_m for ends, link in links_by_ends().items()} == lengths


def test_a_load_counts_on_every_link_it_passes_both_directions_together():
    """As the model does: the kilograms of each leg rounded up."""
    uses = measure_uses(PLAN.allocations)
    assert set(uses) == {("joiners", "makers"), ("makers", "north")}
    both = uses["joiners", "makers"]
    assert (dict(both.kg_by_week), both.kg, both.trips) == ({1: 2, 2: 5}, 7, 2)
    assert both.busiest_week == (2, 5)
    assert uses["makers", "north"].kg == 5


def test_of_equal_weeks_the_first_is_the_busiest():
    twice = replace(LAMPS_MADE, legs=(replace(SHADES, week=3), SHADES))
    assert measure_uses([twice])["joiners", "makers"].busiest_week == (1, 2)


def test_a_way_from_a_place_to_itself_uses_no_link():
    stays = Leg("", "makers", "makers", "bike", 1, 0, 1, 900, ("makers", "makers"))
    assert measure_uses([replace(LAMPS_MADE, legs=(stays,))]) == {}


def test_the_end_from_which_more_comes_stands_first():
    assert links_by_ends()["joiners", "makers"].ends == ("joiners", "makers")
    shades_alone = replace(LAMPS_MADE, legs=(SHADES,))
    assert links_by_ends(allocations=[shades_alone])["joiners", "makers"].ends == ("makers", "joiners")


def test_used_links_stand_by_their_load():
    assert [link.use.kg for link in build_network(REGION, PLAN.allocations).used] == [7, 5]
    assert build_network(REGION).used == ()


@pytest.mark.parametrize(("capacity", "default", "found"), [(300, 1500, 300), (None, 1500, 1500), (None, None, None)])
def test_the_capacity_is_the_rule_s_or_that_of_all(capacity, default, found):
    rule = LinkRule("makers", "north", distance_m=6_200, weekly_capacity_kg=capacity)
    region = replace(REGION, network=replace(REGION.network, links=(rule,), weekly_capacity_kg=default))
    link = links_by_ends(region)["makers", "north"]
    assert (link.distance_m, link.weekly_capacity_kg, link.rule) == (6_200, found, rule)


def test_a_closed_link_is_shown_but_not_counted():
    region = ruled(LinkRule("north", "makers", closed=True))
    link = links_by_ends(region)["makers", "north"]
    assert link.distance_m is None
    assert link.line is not None
    assert build_network(region).open_links == build_network(REGION).open_links - 1


def test_a_link_to_a_place_that_is_gone_keeps_its_load():
    """The region may have changed since the plan was made."""
    smaller = replace(REGION, places=REGION.places[1:])
    link = links_by_ends(smaller)["makers", "north"]
    assert (link.line, link.distance_m, link.use.kg) == (None, None, 5)
