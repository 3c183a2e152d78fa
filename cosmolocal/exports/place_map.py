"""A map to point at: areas, places, and where somebody points; a picture of fixed size, whose spots are degrees."""

from collections.abc import Iterable
from dataclasses import dataclass

from cosmolocal.exports.area_files import Polygon
from cosmolocal.exports.svg_map import WIDTH, Frame, group, outline, tag

#: how much closer each step of the zoom is
STEP = 3
CLOSEST = 4

#: a picture in a page knows nothing of the page's style sheet
STYLE = (
    "svg{background:#fff}.area{fill:#f4f3ee;stroke:#8a8a85}.spot{fill:#565a5f}.at{stroke:#0b6a71}.name{fill:#1c1f22}"
    "@media (prefers-color-scheme:dark){svg{background:#1b1f23}.area{fill:#20252a;stroke:#7d8388}.spot{fill:#aeb2b6}"
    ".at{stroke:#6fc9ce}.name{fill:#e9e7e2}}"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the map."""

    name: str
    lat: float
    lon: float
    is_chosen: bool = False


def closer(frame: Frame, at: tuple[float, float], zoom: int) -> Frame:
    """Return the frame so many steps closer around (latitude, longitude)."""
    factor = STEP**zoom
    per_lon, per_lat = frame.per_lon * factor, frame.per_lat * factor
    return Frame(at[1] - WIDTH / 2 / per_lon, at[0] + frame.height / 2 / per_lat, per_lon, per_lat, frame.height)


def degrees_at(frame: Frame, x: float, y: float) -> tuple[float, float]:
    """Return latitude and longitude of a spot of the paper: `Frame.at` the other way round."""
    return round(frame.north - y / frame.per_lat, 6), round(frame.west + x / frame.per_lon, 6)


def draw_places(
    frame: Frame, areas: Iterable[tuple[Polygon, ...]], marks: Iterable[Mark], at: tuple[float, float] | None
) -> str:
    """Return the map as an SVG file; marks are named where they are chosen, ``at`` is what is pointed at."""
    shapes = (tag("path", "", False, class_="area", d=outline(frame, shape), fill_rule="evenodd") for shape in areas)
    body = group("areas", shapes) + group("spots", (_mark(frame, mark) for mark in marks))
    if at is not None:
        x, y = frame.at(at[1], at[0])
        cross = f"M{x - 14} {y}h10M{x + 4} {y}h10M{x} {y - 14}v10M{x} {y + 4}v10"
        body += tag("path", "", False, class_="at", d=cross, stroke_width=3, fill="none")
        body += tag("circle", "", False, class_="at", cx=x, cy=y, r=9, stroke_width=2, fill="none")
    size = f'width="{WIDTH}" height="{frame.height}" viewBox="0 0 {WIDTH} {frame.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="12">'
        f"<style>{STYLE}</style>{body}</svg>"
    )


def _mark(frame: Frame, mark: Mark) -> str:
    x, y = frame.at(mark.lon, mark.lat)
    dot = tag("circle", "", False, class_="spot", cx=x, cy=y, r=4 if mark.is_chosen else 2.5)
    if not mark.is_chosen:
        return dot
    anchor = "end" if x > WIDTH * 0.7 else "start"
    return dot + tag(
        "text", mark.name, class_="name", x=x - 8 if anchor == "end" else x + 8, y=y - 8, text_anchor=anchor
    )
