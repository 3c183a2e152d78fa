"""A map of what moved between two plans: an arrow from each workshop to the one that took its lots over."""

import math
from collections.abc import Callable, Mapping

from cosmolocal.exports.map_layers import MapLayers
from cosmolocal.exports.svg_map import (
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

#: [paper units] how far an arrow ends from the middle of a workshop's mark
GAP = 12.0
HEAD = 9.0

Moves = Mapping[tuple[str, str], int]


def draw_moves(layers: MapLayers, moves: Moves, words: tuple[str, str], tell: Callable[[str, str, int], str]) -> str:
    """Return the map as an ``<svg>`` element; wide arrows carry many lots, which ``tell`` says in words."""
    frame = Frame.around(layers)
    at = {spot.id: frame.spot(spot.lon, spot.lat)[:2] for spot in layers.workshops}
    known = {pair: lots for pair, lots in moves.items() if set(pair) <= at.keys()}
    # wide ones first, so that none is hidden below
    arrows = sorted(known.items(), key=lambda item: (-item[1], item[0]))
    groups = [
        group("map-areas", (
            tag("path", class_="map-area map-level-0", d=outline(frame, area.polygons), fill=LEVEL_COLOURS[0],
                stroke=PAPER, fill_rule="evenodd")
            for area in layers.areas
        )),
        group("map-moves", (_arrow(at[start], at[end], lots, tell(start, end, lots)) for (start, end), lots in arrows)),
        group("map-workshops", (draw_workshop(frame, spot) for spot in layers.workshops)),
    ]  # fmt: skip
    return picture(frame.height, *words, groups)


def _arrow(start: tuple[float, float], end: tuple[float, float], lots: int, told: str) -> str:
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    if length <= 2 * GAP:
        return ""
    along_x, along_y = (x2 - x1) / length, (y2 - y1) / length
    width = round(min(6.0, 1 + math.sqrt(lots)), 1)
    # bent to its right, so that the way there and the way back stand apart
    bend = min(40.0, length / 5)
    middle = ((x1 + x2) / 2 - along_y * bend, (y1 + y2) / 2 + along_x * bend)
    turn = math.atan2(y2 - middle[1], x2 - middle[0])
    tip = x2 - GAP * math.cos(turn), y2 - GAP * math.sin(turn)
    head = HEAD + width
    neck = tip[0] - head * math.cos(turn), tip[1] - head * math.sin(turn)
    side_x, side_y = math.sin(turn) * head / 2, -math.cos(turn) * head / 2
    path = f"M{x1:.1f} {y1:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {neck[0]:.1f} {neck[1]:.1f}"
    corners = (tip, (neck[0] + side_x, neck[1] + side_y), (neck[0] - side_x, neck[1] - side_y))
    line = tag("path", class_="map-move", d=path, fill="none", stroke=TRANSFER, stroke_width=width)
    run = tag("path", class_="map-run", d=path, fill="none", stroke=PAPER, stroke_width=1, stroke_dasharray="2 10")
    point = tag(
        "polygon", class_="map-move-head", points=" ".join(f"{x:.1f} {y:.1f}" for x, y in corners), fill=TRANSFER
    )
    return tag("g", tag("title", told) + line + run + point, raw=True, class_="map-arrow")
