"""The drawn network: thin links, wide loads, and rules that are told apart without colour."""

from dataclasses import replace
from xml.etree import ElementTree

from samples import ORDERS, PLAN, REGION

from cosmolocal.exports.areas import build_cells
from cosmolocal.exports.map_layers import build_layers
from cosmolocal.exports.network_layers import build_network
from cosmolocal.exports.network_map import draw_network, network_legend, rule_kinds
from cosmolocal.records import LinkRule

SVG = "{http://www.w3.org/2000/svg}"
RULES = (
    LinkRule("makers", "north", distance_m=6_200, weekly_capacity_kg=300),
    LinkRule("joiners", "north", weekly_capacity_kg=100),
    LinkRule("joiners", "south", closed=True),
)


def drawn(*rules: LinkRule, region=REGION, allocations=PLAN.allocations, used=None) -> ElementTree.Element:
    ruled = replace(region, network=replace(region.network, links=rules))
    layers = build_layers(ruled, build_cells(ruled.places), ORDERS, allocations, ())
    network = build_network(ruled, allocations)
    shown = network.used if used is None else used
    return ElementTree.fromstring(draw_network(layers, network.links, shown, ("A <net>", "All & each"), str))


def marked(picture: ElementTree.Element, word: str) -> list[ElementTree.Element]:
    return [element for element in picture.iter() if word in element.get("class", "").split()]


def thin_lines(picture: ElementTree.Element) -> int:
    [path] = marked(picture, "map-link")
    return path.get("d").count("M")


def test_every_open_link_is_a_thin_line():
    assert thin_lines(drawn()) == 5
    assert thin_lines(drawn(*RULES)) == 4


def test_loads_are_the_wider_the_more_is_carried():
    [most, least] = marked(drawn(), "map-load")
    assert float(most.get("stroke-width")) > float(least.get("stroke-width"))
    assert most.findtext(f"{SVG}title").startswith("Joiners to Makers & <Friends>: ")
    assert most.findtext(f"{SVG}title").endswith(", 7 kg carried")


def test_only_the_loads_asked_for_are_drawn():
    assert marked(drawn(used=()), "map-load") == []


def test_each_kind_of_rule_has_its_own_sign():
    picture = drawn(*RULES)
    assert [sign.tag.removeprefix(SVG) for sign in marked(picture, "map-sign")] == ["rect", "path", "circle", "rect"]
    assert len({line.get("stroke-dasharray") for line in marked(picture, "map-rule")}) == 2
    assert marked(drawn(), "map-sign") == []


def test_a_closed_rule_says_nothing_else():
    assert rule_kinds(LinkRule("a", "b", distance_m=5, closed=True)) == ("closed",)
    assert rule_kinds(LinkRule("a", "b", distance_m=5)) == ("length",)
    assert rule_kinds(None) == ()


def test_a_closed_link_says_so():
    [closed] = [line for line in marked(drawn(*RULES), "map-rule") if "closed" in line.findtext(f"{SVG}title")]
    assert closed.findtext(f"{SVG}title") == "Joiners to South: closed"


def test_a_link_whose_end_is_gone_is_not_drawn():
    picture = drawn(region=replace(REGION, places=REGION.places[1:]), allocations=())
    assert thin_lines(picture) == 3
    gone = build_network(replace(REGION, places=REGION.places[1:]), PLAN.allocations).used
    assert len(marked(drawn(used=gone), "map-load")) == 1


def test_the_picture_has_a_title_and_a_description():
    picture = drawn()
    assert (picture.findtext(f"{SVG}title"), picture.findtext(f"{SVG}desc")) == ("A <net>", "All & each")


def test_the_legend_explains_every_sign_with_the_map_s_own_drawing():
    drawings = [ElementTree.fromstring(mark.drawing) for mark in network_legend(str)]
    explained = {(el.tag.rpartition("}")[2], el.get("class")) for one in drawings for el in one.iter()}
    shown = {
        (el.tag.removeprefix(SVG), el.get("class"))
        for word in ("map-link", "map-load", "map-rule", "map-sign")
        for el in marked(drawn(*RULES), word)
    }
    assert shown <= explained


def test_a_map_without_a_plan_holds_all_links():
    picture = drawn(allocations=())
    assert (thin_lines(picture), marked(picture, "map-load")) == (5, [])
