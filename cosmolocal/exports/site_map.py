"""A map of where workshops would go: those that stand, places that could open, chosen sites and whom they serve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.exports.map_layers import MapLayers
from cosmolocal.exports.svg_map import (
    INK,
    LEVEL_COLOURS,
    PAPER,
    TRANSFER,
    Frame,
    draw_workshop,
    group,
    outline,
    picture,
    tag,
)

#: shade of a neighbourhood that a chosen site would serve
SERVED = 3


@dataclass(frozen=True, slots=True)
class Site:
    """Something that could open or be added, and whom it would serve."""

    #: in the table beside the map: A, B, …; "": it is not chosen
    letter: str
    place: str
    lat: float
    lon: float
    #: what it is, and where
    told: str
    #: ids of the places that it would serve
    serves: tuple[str, ...] = ()


def draw_sites(layers: MapLayers, sites: Iterable[Site], words: tuple[str, str], told_of: Mapping[str, str]) -> str:
    """Return the map as an ``<svg>`` element; ``told_of`` says by whom each neighbourhood would be served."""
    sites, frame = tuple(sites), Frame.around(layers)
    chosen = [site for site in sites if site.letter]
    centre = {area.place.id: (area.place.lon, area.place.lat) for area in layers.areas}
    served = {place for site in chosen for place in site.serves}
    groups = [
        group("map-areas", (
            tag("path", tag("title", told_of.get(area.place.id, area.place.name)), raw=True,
                class_=f"map-area map-level-{SERVED * (area.place.id in served)}", d=outline(frame, area.polygons),
                fill=LEVEL_COLOURS[SERVED * (area.place.id in served)], stroke=PAPER, fill_rule="evenodd")
            for area in layers.areas
        )),
        group("map-serves", (
            _line(frame, site, centre[place]) for site in chosen for place in site.serves if place in centre
        )),
        group("map-candidates", (_candidate(frame, site) for site in sites if not site.letter)),
        group("map-workshops", (draw_workshop(frame, spot) for spot in layers.workshops)),
        group("map-sites", (_mark(frame, site) for site in chosen)),
    ]  # fmt: skip
    return picture(frame.height, *words, groups)


def _line(frame: Frame, site: Site, end: tuple[float, float]) -> str:
    (x1, y1, _), (x2, y2, _) = frame.spot(site.lon, site.lat), frame.spot(*end)
    return tag(
        "line", "", False, class_="map-serve", x1=x1, y1=y1, x2=x2, y2=y2, stroke=TRANSFER, stroke_width=1.2,
        stroke_dasharray="4 3", stroke_opacity=0.6,
    )  # fmt: skip


def _candidate(frame: Frame, site: Site) -> str:
    x, y, _ = frame.spot(site.lon, site.lat)
    return tag(
        "circle", tag("title", site.told), raw=True, class_="map-candidate", cx=x, cy=y, r=4, fill=PAPER, stroke=INK,
        stroke_width=1.2,
    )  # fmt: skip


def _mark(frame: Frame, site: Site) -> str:
    x, y, _ = frame.spot(site.lon, site.lat)
    corners = f"{x} {y - 15} {x + 15} {y} {x} {y + 15} {x - 15} {y}"
    body = tag("polygon", "", False, class_="map-site", points=corners, fill=TRANSFER, stroke=PAPER, stroke_width=2)
    letter = tag(
        "text", site.letter, class_="map-site-letter", x=x, y=y + 4.5, text_anchor="middle", font_size=13,
        font_weight=700, fill=PAPER,
    )  # fmt: skip
    return tag("g", tag("title", f"{site.letter} {site.told}") + body + letter, raw=True, class_="map-chosen-site")
