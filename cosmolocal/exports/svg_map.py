"""A map of a plan as one SVG picture: for pages without JavaScript or WebGL, for print, for reports.

Colours stand in attributes, so that the picture is whole on its own; a page's style sheet may override them by class.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from cosmolocal.exports.area_files import Polygon
from cosmolocal.exports.map_layers import Area, Flow, MapLayers, Spot

Translate = Callable[[str], str]

WIDTH = 720
MARGIN = 16
#: how far from the paper's edge marks of places beyond it stand
EDGE = 12
#: no taller and no flatter than this, as height / width
TALLEST, FLATTEST = 1.25, 0.5
#: fill by level: pale to strong in even steps of lightness, so that it also reads without colour
LEVEL_COLOURS = ("#f4f3ee", "#f0efcf", "#d6e6c3", "#aedbc0", "#7fc6bd", "#4faab0")
INK, PAPER = "#1c1f22", "#ffffff"
#: of Okabe and Ito's palette for colour-blind readers
LATE, TRANSFER = "#d55e00", "#0072b2"
LEGEND_ROW = 20
#: class of what somebody chose
CHOSEN = " map-chosen"


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the map's legend."""

    #: ``area``, ``flow``, ``workshop`` or ``hub``
    kind: str
    #: class of its mark, e.g. ``map-level-3``
    mark: str
    text: str


def legend_entries(translate: Translate) -> tuple[LegendEntry, ...]:
    """Return what the marks of the map mean."""
    return (
        LegendEntry("area", "map-level-0", translate("nothing asked for")),
        LegendEntry("area", "map-level-1", translate("under 25% made here")),
        LegendEntry("area", "map-level-2", translate("25 to 49% made here")),
        LegendEntry("area", "map-level-3", translate("50 to 74% made here")),
        LegendEntry("area", "map-level-4", translate("75 to 99% made here")),
        LegendEntry("area", "map-level-5", translate("all made here")),
        LegendEntry("flow", "map-flow", translate("delivery in time")),
        LegendEntry("flow", "map-flow map-late", translate("delivery, some of it late")),
        LegendEntry("flow", "map-flow map-transfer", translate("parts to another workshop")),
        LegendEntry("workshop", "map-workshop", translate("workshop with its number")),
        LegendEntry("workshop", "map-workshop map-idle", translate("workshop without work in this view")),
        LegendEntry("workshop", "map-workshop map-beyond", translate("workshop beyond the edge of the map")),
        LegendEntry("hub", "map-hub", translate("hub")),
    )


def draw_map(layers: MapLayers, title: str, description: str, translate: Translate, legend: bool = True) -> str:
    """Return the map as an ``<svg>`` element that works inside HTML and as a file."""
    frame = Frame.around(layers)
    entries = legend_entries(translate) if legend else ()
    names = layers.names
    rows = math.ceil(len(entries) / 2)
    height = frame.height + rows * LEGEND_ROW + (12 if rows else 0)
    groups = [
        group("map-areas", (_area(frame, area, translate, area.place.id in layers.chosen) for area in layers.areas)),
        group("map-flows", (_flow(frame, flow, names, translate, flow.id in layers.chosen) for flow in layers.flows)),
        group("map-hubs", (draw_hub(frame, spot) for spot in layers.hubs)),
        group("map-workshops", (draw_workshop(frame, spot, spot.id in layers.chosen) for spot in layers.workshops)),
        group("map-legend", (_legend_row(entry, number, rows, frame.height) for number, entry in enumerate(entries))),
    ]
    return picture(height, title, description, groups)


def picture(height: int, title: str, description: str, groups: Iterable[str]) -> str:
    """Return the ``<svg>`` element of a map."""
    body = tag("title", title) + tag("desc", description) + "".join(groups)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map-svg" role="img" viewBox="0 0 {WIDTH} {height}"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="12">{body}</svg>'
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """Where degrees fall on the paper; true to shape at the middle latitude."""

    west: float
    north: float
    #: [paper units per degree] to the east and to the south
    per_lon: float
    per_lat: float
    height: int

    @classmethod
    def around(cls, layers: MapLayers) -> "Frame":
        """Return the frame that holds the neighbourhoods and what lies just beside them."""
        west, south, east, north = layers.heart
        stretch = max(0.01, math.cos(math.radians((south + north) / 2)))
        wide, tall = max((east - west) * stretch, 1e-3), max(north - south, 1e-3)
        height = round(WIDTH * min(TALLEST, max(FLATTEST, tall / wide)))
        scale = min((WIDTH - 2 * MARGIN) / wide, (height - 2 * MARGIN) / tall)
        left = (west + east) / 2 - WIDTH / 2 / scale / stretch
        top = (south + north) / 2 + height / 2 / scale
        return cls(left, top, scale * stretch, scale, height)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the place on the paper."""
        return round((lon - self.west) * self.per_lon, 1), round((self.north - lat) * self.per_lat, 1)

    def spot(self, lon: float, lat: float) -> tuple[float, float, bool]:
        """Return the place on the paper, moved straight onto its edge if it lies beyond; and whether it does."""
        x, y = self.at(lon, lat)
        middle_x, middle_y = WIDTH / 2, self.height / 2
        pull = max(abs(x - middle_x) / (middle_x - EDGE), abs(y - middle_y) / (middle_y - EDGE), 1.0)
        return round(middle_x + (x - middle_x) / pull, 1), round(middle_y + (y - middle_y) / pull, 1), pull > 1


def outline(frame: Frame, polygons: Iterable[Polygon]) -> str:
    """Return the edges of polygons as the data of an SVG path."""
    return "".join(
        "M" + "L".join(f"{x} {y}" for x, y in (frame.at(*corner) for corner in ring)) + "Z"
        for polygon in polygons
        for ring in polygon
        if ring
    )


def _area(frame: Frame, area: Area, translate: Translate, chosen: bool) -> str:
    told = (
        area.shade.told
        if area.shade
        else translate("%(place)s: %(made)s of %(asked)s units made here")
        % {
            "place": area.place.name,
            "made": area.made,
            "asked": area.asked,
        }
    )
    name = f"map-area map-level-{area.level}{CHOSEN * chosen}"
    return tag(
        "path", tag("title", told), raw=True, class_=name, d=outline(frame, area.polygons),
        fill=LEVEL_COLOURS[area.level], stroke=PAPER, stroke_width=1, fill_rule="evenodd",
    )  # fmt: skip


def _flow(frame: Frame, flow: Flow, names: Mapping[str, str], translate: Translate, chosen: bool) -> str:
    if flow.transfer:
        sentence = translate("%(pieces)s parts from %(start)s to %(end)s")
    else:
        sentence = translate("%(pieces)s units from %(start)s to %(end)s")
    told = sentence % {"pieces": flow.quantity, "start": names[flow.from_place], "end": names[flow.to_place]}
    (x1, y1, _), (x2, y2, _) = (frame.spot(*end) for end in flow.ends)
    kind = " map-transfer" if flow.transfer else " map-late" if flow.late else ""
    return tag(
        "line", tag("title", told), raw=True, class_=f"map-flow{kind}{CHOSEN * chosen}", data_flow=flow.id,
        x1=x1, y1=y1, x2=x2, y2=y2, stroke_width=_flow_width(flow.quantity), **_flow_paint(kind),
    )  # fmt: skip


def _flow_width(quantity: int) -> float:
    """Return a line's width: it doubles when the quantity grows sixteenfold."""
    return round(min(5.0, 0.7 * math.sqrt(math.sqrt(max(1, quantity)))), 1)


def _flow_paint(kind: str) -> dict[str, str | float]:
    if "transfer" in kind:
        return {"stroke": TRANSFER, "stroke_dasharray": "1.5 3", "stroke_linecap": "round"}
    if "late" in kind:
        return {"stroke": LATE, "stroke_dasharray": "7 3", "stroke_opacity": 0.8}
    return {"stroke": INK, "stroke_opacity": 0.5}


def draw_hub(frame: Frame, spot: Spot) -> str:
    """Return the mark of a hub."""
    x, y, _ = frame.spot(spot.lon, spot.lat)
    return _hub_mark(x, y, tag("title", spot.name))


def _hub_mark(x: float, y: float, inner: str = "") -> str:
    corners = f"{x} {y - 7} {x + 7} {y} {x} {y + 7} {x - 7} {y}"
    return tag("polygon", inner, raw=True, class_="map-hub", points=corners, fill=PAPER, stroke=INK, stroke_width=1.5)


def draw_workshop(frame: Frame, spot: Spot, chosen: bool = False) -> str:
    """Return the mark of a workshop with its number; a shaded one with its label."""
    x, y, beyond = frame.spot(spot.lon, spot.lat)
    kind = "map-workshop" + (" map-idle" if spot.lots == 0 else "") + (" map-beyond" if beyond else "")
    if chosen:
        kind += CHOSEN
    if spot.shade is None:
        return _workshop_mark(x, y, str(spot.number), kind, tag("title", f"{spot.number} {spot.name}"))
    kind = f"{kind.replace(' map-idle', '')} map-shade map-shade-{spot.shade.level}"
    mark = _workshop_mark(x, y, str(spot.number), kind, tag("title", f"{spot.number} {spot.shade.told}"))
    anchor = "start" if x < 2 * EDGE else "end" if x > WIDTH - 2 * EDGE else "middle"
    edge = {"start": x - 9, "end": x + 9, "middle": x}[anchor]
    # below the mark, or above it where the paper ends
    foot = y + 21 if y + 24 <= frame.height else y - 13
    label = tag(
        "text", spot.shade.label, class_="map-value", x=edge, y=foot, text_anchor=anchor, font_size=11,
        font_weight=600, fill=INK, stroke=PAPER, stroke_width=3, paint_order="stroke",
    )  # fmt: skip
    return mark + (label if spot.shade.label else "")


def _workshop_mark(x: float, y: float, number: str, kind: str, inner: str = "") -> str:
    idle = "map-idle" in kind
    fill, ink = (PAPER, INK) if idle else (INK, PAPER)
    if "map-shade" in kind:
        fill, ink = LEVEL_COLOURS[int(kind[-1])], INK
    corner = 2 if "map-beyond" in kind else 9
    disc = tag(
        "rect", class_="map-disc", x=x - 9, y=y - 9, width=18, height=18, rx=corner,
        fill=fill, stroke=INK if idle else PAPER, stroke_width=1.2,
    )  # fmt: skip
    label = tag("text", number, class_="map-number", x=x, y=y + 3.7, text_anchor="middle", font_size=10.5, fill=ink)
    return tag("g", inner + disc + label, raw=True, class_=kind)


def _legend_row(entry: LegendEntry, number: int, rows: int, top: int) -> str:
    x = MARGIN + (number // rows) * (WIDTH // 2)
    y = top + 14 + (number % rows) * LEGEND_ROW
    text = tag("text", entry.text, x=x + 36, y=y + 4, class_="map-legend-text", fill=INK)
    return _legend_mark(entry, x, y) + text


def _legend_mark(entry: LegendEntry, x: float, y: float) -> str:
    if entry.kind == "area":
        fill = LEVEL_COLOURS[int(entry.mark[-1])]
        return tag("rect", x=x, y=y - 7, width=28, height=14, class_=entry.mark, fill=fill, stroke="#8a8a85")
    if entry.kind == "flow":
        paint = _flow_paint(entry.mark)
        return tag("line", "", False, x1=x, y1=y, x2=x + 28, y2=y, class_=entry.mark, stroke_width=2, **paint)
    if entry.kind == "hub":
        return _hub_mark(x + 14, y)
    return _workshop_mark(x + 14, y, "1", entry.mark)


def group(name: str, items: Iterable[str]) -> str:
    """Return the items as a named group."""
    return f'<g class="{name}">{"".join(items)}</g>'


def tag(name: str, inner: str = "", raw: bool = False, **attributes: str | float) -> str:
    """Return an element; ``class_`` is class, other underscores are hyphens; text is escaped unless ``raw``."""
    pairs = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items())
    return f"<{name}{pairs}>{inner if raw else escape(inner)}</{name}>"
