"""The map of the next workshops: who is there, who could open, who is chosen, and whom they would serve."""

import re

from cosmolocal.exports.map_layers import Area, MapLayers, Spot
from cosmolocal.exports.site_map import SERVED, Site, draw_sites
from cosmolocal.records import Place, PlaceKind


def a_square(name: str, west: float) -> Area:
    ring = ((west, 0.0), (west + 1, 0.0), (west + 1, 1.0), (west, 1.0), (west, 0.0))
    place = Place(id=name, name=name.title(), kind=PlaceKind.NEIGHBOURHOOD, lat=0.5, lon=west + 0.5)
    return Area(place, ((ring,),), asked=1, made=0)


LAYERS = MapLayers(
    areas=(a_square("west", 0.0), a_square("middle", 1.0), a_square("east", 2.0)),
    workshops=(Spot("north", "North", 0.9, 1.5, number=1, lots=2),),
    hubs=(),
    flows=(),
)


def test_each_chosen_site_has_its_letter_and_a_line_to_each_place_it_would_serve():
    chosen = Site("A", "west", 0.5, 0.5, "Workshop, <West>", ("west", "east", "nowhere"))
    told = {"east": "East: would be served by A"}
    drawn = draw_sites(LAYERS, [chosen, Site("", "middle", 0.5, 1.5, "Middle: could open")], ("Map", "Told"), told)
    assert drawn.count('class="map-serve"') == 2, "places that are not on the map have no line"
    assert drawn.count('class="map-candidate"') == 1
    assert "<title>A Workshop, &lt;West&gt;</title>" in drawn
    assert "<title>East: would be served by A</title>" in drawn
    levels = re.findall(r"map-area map-level-(\d)", drawn)
    assert levels == [str(SERVED), "0", str(SERVED)]
    assert 'role="img"' in drawn
    assert 'aria-label="Map"' in drawn


def test_where_nothing_is_chosen_no_place_is_shaded():
    drawn = draw_sites(LAYERS, [], ("Map", "Told"), {})
    assert "map-serve" not in drawn.replace("map-serves", "")
    assert set(re.findall(r"map-level-(\d)", drawn)) == {"0"}
