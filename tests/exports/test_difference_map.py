"""The map of what moved: one arrow for each way, none for what cannot be drawn."""

from dataclasses import replace
from xml.etree import ElementTree

from exports.test_svg_map import SVG, layers
from samples import JOINERS, REGION

from cosmolocal.exports.difference_map import draw_moves
from cosmolocal.exports.map_layers import Shade


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


def test_what_a_workshop_gains_is_written_within_the_paper_wherever_it_lies():
    """At the foot of the map it stands above the mark, where it was cut off below."""
    plain = layers(REGION)
    _, south, _, north = plain.heart
    for lat in (north + 1, (north + south) / 2, south - 1):
        spots = tuple(replace(spot, lat=lat, shade=Shade(5, "more", "+4")) for spot in plain.workshops)
        drawn = ElementTree.fromstring(draw_moves(replace(plain, workshops=spots), {}, ("What", "Why"), str))
        height = float(drawn.get("viewBox").split()[3])
        labels = [mark for mark in drawn.iter(f"{SVG}text") if mark.get("class") == "map-value"]
        assert len(labels) == len(spots)
        for label in labels:
            assert 11 <= float(label.get("y")) <= height - 2
