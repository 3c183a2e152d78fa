"""The drawn map: what it shows, and that it is one whole, harmless picture."""

from dataclasses import replace
from xml.etree import ElementTree

from samples import LAMPS_MADE, ORDERS, PLAN, REGION

from cosmolocal.exports.areas import build_cells
from cosmolocal.exports.map_layers import Area, MapLayers, build_layers, greatest_flows
from cosmolocal.exports.svg_map import WIDTH, draw_map, legend_entries
from cosmolocal.records import PlaceKind

SVG = "{http://www.w3.org/2000/svg}"


def layers(region=REGION, allocations=PLAN.allocations, unmet=PLAN.unmet) -> MapLayers:
    homes = [place for place in region.places if place.kind is PlaceKind.NEIGHBOURHOOD]
    return build_layers(region, build_cells(homes), ORDERS, allocations, unmet)


def drawn(shown: MapLayers, legend: bool = True) -> ElementTree.Element:
    return ElementTree.fromstring(draw_map(shown, "A <plan>", "Who & where", str, legend))


def marked(picture: ElementTree.Element, word: str) -> list[ElementTree.Element]:
    return [element for element in picture.iter() if word in element.get("class", "").split()]


def test_units_asked_and_made_are_counted_by_neighbourhood():
    assert {area.place.id: (area.asked, area.made) for area in layers().areas} == {"north": (4, 4), "south": (3, 0)}


def test_levels_rise_with_the_share_that_is_made_here():
    place = REGION.places[0]
    shares = [(0, 0), (8, 0), (8, 1), (8, 2), (8, 4), (8, 6), (8, 7), (8, 8)]
    assert [Area(place, (), asked, made).level for asked, made in shares] == [0, 1, 1, 2, 3, 4, 4, 5]


def test_a_flow_joins_all_lots_between_two_places():
    twice = (LAMPS_MADE, replace(LAMPS_MADE, lot="o-1/2", cost=replace(LAMPS_MADE.cost, late_weeks=0)))
    [transfer, delivery] = layers(allocations=twice).flows
    assert (transfer.id, transfer.transfer, transfer.quantity) == ("makers~joiners", True, 16)
    assert (delivery.id, delivery.late, delivery.lots) == ("joiners~north", True, ("o-1/1", "o-1/2"))


def test_of_many_ways_the_chosen_ones_stay_then_the_greatest():
    whole = layers()
    [transfer, delivery] = whole.flows
    assert transfer.quantity > delivery.quantity
    for chosen, most, kept in (
        ((), 1, (transfer,)),
        ((delivery.id,), 1, (delivery,)),
        ((transfer.id,), 1, (transfer,)),
        ((delivery.id,), 2, (transfer, delivery)),
    ):
        shown, left_out = greatest_flows(replace(whole, chosen=frozenset(chosen)), most)
        assert (shown.flows, left_out) == (kept, 2 - most)


def test_a_workshop_keeps_its_number_whatever_is_shown():
    assert [spot.number for spot in layers().workshops] == [spot.number for spot in layers(allocations=()).workshops]


def test_a_workshop_that_makes_parts_is_at_work():
    assert [(spot.id, spot.lots) for spot in layers().workshops] == [("joiners", 1), ("makers", 1)]


def test_the_map_draws_every_area_way_and_workshop():
    picture = drawn(layers())
    assert len(marked(picture, "map-area")) == 2
    assert len(marked(picture, "map-flow")) == 2 + 3  # three of the legend
    assert len([mark for mark in marked(picture, "map-workshop") if mark.find(f"{SVG}title") is not None]) == 2


def test_the_map_has_a_title_and_a_description():
    picture = drawn(layers())
    assert picture.get("role") == "img"
    assert (picture.findtext(f"{SVG}title"), picture.findtext(f"{SVG}desc")) == ("A <plan>", "Who & where")


def test_names_cannot_break_out_of_the_picture():
    titles = [title.text for title in drawn(layers()).iter(f"{SVG}title")]
    assert "2 Makers & <Friends>" in titles


def test_everything_is_drawn_within_the_paper():
    """Also what lies far away: it stands at the edge, towards where it is."""
    far = replace(REGION.workshops[0], lat=48.85, lon=2.35)
    picture = drawn(layers(replace(REGION, workshops=(far, REGION.workshops[1]))), legend=False)
    height = float(picture.get("viewBox").split()[3])
    [beyond] = marked(picture, "map-beyond")
    assert beyond.findtext(f"{SVG}title") == "2 Makers & <Friends>"
    for line in marked(picture, "map-flow"):
        assert all(0 <= float(line.get(side)) <= WIDTH for side in ("x1", "x2"))
        assert all(0 <= float(line.get(side)) <= height for side in ("y1", "y2"))


def test_the_picture_needs_no_style_and_no_script():
    text = draw_map(layers(), "Map", "", str)
    assert "style=" not in text
    assert "<script" not in text


def test_the_legend_explains_every_mark_that_is_drawn():
    explained = {word for entry in legend_entries(str) for word in entry.mark.split()}
    picture = drawn(layers(), legend=False)
    shapes = [mark for mark in picture.iter() if mark.find(f"{SVG}title") is not None and mark is not picture]
    kinds = {word for mark in shapes for word in mark.get("class").split()} - {"map-area"}
    assert {"map-late", "map-transfer", "map-workshop"} <= kinds <= explained


def test_a_region_without_places_still_has_a_map():
    bare = replace(REGION, places=(), workshops=())
    assert drawn(build_layers(bare, {}, (), (), ())).tag == f"{SVG}svg"


def test_the_same_plan_gives_the_same_picture():
    assert draw_map(layers(), "Map", "", str) == draw_map(layers(), "Map", "", str)
