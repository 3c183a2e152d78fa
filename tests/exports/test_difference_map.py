"""The map of what moved: one arrow for each way, none for what cannot be drawn."""

from dataclasses import replace
from xml.etree import ElementTree

from exports.test_svg_map import SVG, layers
from samples import JOINERS, REGION

from cosmolocal.exports.difference_map import draw_moves


def arrows(moves, region=REGION) -> list[ElementTree.Element]:
    drawn = draw_moves(layers(region), moves, ("What <moved>", "Why & where"), lambda *move: " ".join(map(str, move)))
    return [mark for mark in ElementTree.fromstring(drawn).iter(f"{SVG}g") if mark.get("class") == "map-arrow"]


def test_both_ways_between_two_workshops_are_drawn_apart_the_wide_one_first():
    found = arrows({("makers", "joiners"): 1, ("joiners", "makers"): 30})
    assert [arrow.find(f"{SVG}title").text for arrow in found] == ["joiners makers 30", "makers joiners 1"]
    widths = [float(arrow.find(f"{SVG}path").get("stroke-width")) for arrow in found]
    assert widths == sorted(widths, reverse=True)
    assert len({arrow.find(f"{SVG}path").get("d").split("Q")[1] for arrow in found}) == 2


def test_a_workshop_that_is_gone_has_no_arrow():
    assert arrows({("makers", "closed-long-ago"): 3}) == []


def test_workshops_on_one_spot_have_no_arrow_between_them():
    makers = replace(JOINERS, id="makers")
    assert arrows({("makers", "joiners"): 3}, replace(REGION, workshops=(JOINERS, makers))) == []
