"""A map of the network as one SVG picture: all links as thin lines, those with a load or a rule marked."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.exports.area_files import Polygon
from cosmolocal.exports.map_layers import Area, MapLayers
from cosmolocal.exports.network_layers import Link
from cosmolocal.exports.svg_map import (
    INK,
    LEVEL_COLOURS,
    PAPER,
    TRANSFER,
    Frame,
    Translate,
    draw_hub,
    draw_workshop,
    group,
    outline,
    picture,
    tag,
)
from cosmolocal.records import LinkRule

#: x1, y1, x2, y2 on the paper
Line = tuple[float, float, float, float]

WIDEST = 6.0
#: [paper units] between the signs of a link with several rules
STEP = 11


@dataclass(frozen=True, slots=True)
class NetworkMark:
    """One line of the legend, its mark drawn as on the map."""

    drawing: str
    text: str


def draw_network(
    layers: MapLayers,
    links: Iterable[Link],
    used: Iterable[Link],
    words: tuple[str, str],
    translate: Translate,
    reached: Iterable[Polygon] = (),
) -> str:
    """Return the map of the network as an ``<svg>`` element.

    Of all ``links``, those in ``used`` are drawn as wide as their load; ``words`` are the map's title and description.
    ``reached`` is an area laid over the neighbourhoods.
    """
    frame = Frame.around(layers)
    names = layers.names
    placed = [(link, _on_paper(frame, link)) for link in links if link.line]
    loads = [(link, _on_paper(frame, link)) for link in used if link.line]
    ruled = [(line, kinds, _tell(link, names, translate)) for link, line in placed if (kinds := rule_kinds(link.rule))]
    groups = (
        group("map-areas", (_area(frame, area) for area in layers.areas)),
        _reached(frame, reached),
        _thin(line for link, line in placed if link.distance_m is not None),
        group("map-ruled", (_dashed(line, kinds, told) for line, kinds, told in ruled)),
        group("map-used", (_wide(line, link.use.kg, _tell(link, names, translate)) for link, line in loads)),
        group("map-signs", (_signs(line, kinds, told) for line, kinds, told in ruled)),
        group("map-hubs", (draw_hub(frame, spot) for spot in layers.hubs)),
        group("map-workshops", (draw_workshop(frame, spot) for spot in layers.workshops)),
    )
    return picture(frame.height, *words, groups)


def rule_kinds(rule: LinkRule | None) -> tuple[str, ...]:
    """Return what a rule says of its link: ``length`` and ``capacity``, or ``closed``."""
    if rule is None or rule.closed:
        return ("closed",) if rule else ()
    said = {"length": rule.distance_m, "capacity": rule.weekly_capacity_kg}
    return tuple(kind for kind, value in said.items() if value is not None)


def _on_paper(frame: Frame, link: Link) -> Line:
    (x1, y1, _), (x2, y2, _) = (frame.spot(*end) for end in link.line or ())
    return x1, y1, x2, y2


def _tell(link: Link, names: Mapping[str, str], translate: Translate) -> str:
    ends = {"start": names[link.ends[0]], "end": names[link.ends[1]]}
    if link.distance_m is None:
        return translate("%(start)s to %(end)s: closed") % ends
    values = {**ends, "metres": link.distance_m, "kg": link.use.kg}
    return translate("%(start)s to %(end)s: %(metres)s m, %(kg)s kg carried") % values


def _area(frame: Frame, area: Area) -> str:
    x, y = frame.at(area.place.lon, area.place.lat)
    shape = tag(
        "path", tag("title", area.place.name), raw=True, class_="map-area map-level-0", d=outline(frame, area.polygons),
        fill=LEVEL_COLOURS[0], stroke=PAPER, fill_rule="evenodd",
    )  # fmt: skip
    return shape + tag("circle", class_="map-place", cx=x, cy=y, r=1.8, fill=INK)


def _reached(frame: Frame, polygons: Iterable[Polygon]) -> str:
    path = outline(frame, polygons)
    return _washed("path", d=path, fill_rule="evenodd") if path else ""


def reach_legend(text: str) -> NetworkMark:
    """Return what the area of `draw_network` means."""
    return NetworkMark(_legend_svg(_washed("rect", x=2, y=2, width=24, height=14)), text)


def _washed(name: str, **shape: str | float) -> str:
    return tag(
        name, "", False, class_="map-reach", fill=TRANSFER, fill_opacity=0.2, stroke=TRANSFER, stroke_width=2, **shape
    )


def _thin(lines: Iterable[Line]) -> str:
    # one path for all: a region has thousands of links
    path = "".join(f"M{x1} {y1}L{x2} {y2}" for x1, y1, x2, y2 in lines)
    return tag("path", class_="map-link", d=path, stroke=INK, stroke_width=0.5, stroke_opacity=0.14, fill="none")


def _wide(line: Line, kg: int, told: str = "") -> str:
    width = round(min(WIDEST, 0.4 + 0.15 * math.sqrt(kg)), 1)
    return _line(line, told, class_="map-load", stroke=INK, stroke_width=width, stroke_opacity=0.6)


def _dashed(line: Line, kinds: tuple[str, ...], told: str = "") -> str:
    dashes = "1.5 3" if "closed" in kinds else "7 3"
    return _line(line, told, class_="map-rule", stroke=INK, stroke_width=1.2, stroke_dasharray=dashes)


def _line(line: Line, told: str, **look: str | float) -> str:
    x1, y1, x2, y2 = line
    return tag("line", tag("title", told) if told else "", raw=True, x1=x1, y1=y1, x2=x2, y2=y2, **look)


def _signs(line: Line, kinds: tuple[str, ...], told: str = "") -> str:
    """Return the signs of a link's rules, side by side on it."""
    # not in the middle of closed links, where they would hide the signs of open ones that cross them
    part = 0.4 if "closed" in kinds else 0.5
    x, y = line[0] + part * (line[2] - line[0]), line[1] + part * (line[3] - line[1])
    start = x - STEP * (len(kinds) - 1) / 2
    signs = "".join(_sign(kind, round(start + number * STEP, 1), round(y, 1)) for number, kind in enumerate(kinds))
    return tag("g", (tag("title", told) if told else "") + signs, raw=True)


def _sign(kind: str, x: float, y: float) -> str:
    look: dict[str, str | float] = {"class_": "map-sign", "fill": PAPER, "stroke": INK, "stroke_width": 1.5}
    if kind == "length":
        return tag("circle", "", False, cx=x, cy=y, r=4.5, **look)
    if kind == "capacity":
        return tag("rect", "", False, x=x - 4, y=y - 4, width=8, height=8, **look)
    return tag("path", "", False, d=f"M{x - 5} {y - 5}L{x + 5} {y + 5}M{x - 5} {y + 5}L{x + 5} {y - 5}", **look)


def network_legend(translate: Translate) -> tuple[NetworkMark, ...]:
    """Return what the lines of the map mean."""
    line = (1.0, 9.0, 27.0, 9.0)
    ruled = {kind: _dashed(line, (kind,)) + _signs(line, (kind,)) for kind in ("length", "capacity", "closed")}
    return (
        NetworkMark(_legend_svg(_thin([line] * 3)), translate("link")),
        NetworkMark(
            _legend_svg(_wide(line, 200)), translate("link that the plan uses; the wider, the more it carries")
        ),
        NetworkMark(_legend_svg(ruled["length"]), translate("link with a length of its own")),
        NetworkMark(_legend_svg(ruled["capacity"]), translate("link with a capacity of its own")),
        NetworkMark(_legend_svg(ruled["closed"]), translate("closed link")),
    )


def _legend_svg(drawing: str) -> str:
    return tag("svg", drawing, raw=True, class_="legend-mark", viewBox="0 0 28 18", aria_hidden="true")
