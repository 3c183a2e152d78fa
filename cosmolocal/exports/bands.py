"""A path over years with the band it may come to lie in, as SVG; its numbers stand beside it in a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from cosmolocal.exports.lines import round_steps

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 26
INK, PATH, BAND, WITHOUT, GOAL = "#1c1f22", "#0b6a71", "#4faab0", "#565a5f", "#d55e00"
#: more years below the chart would run into each other
MOST_YEARS = 9

Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class BandChart:
    """Values by year; the scale begins at zero and ends above the highest of them."""

    title: str
    #: writes a value with its unit, as its reader's language does
    tell: Callable[[float], str]
    #: what is planned
    path: tuple[Point, ...]
    #: (year, low, high)
    band: tuple[tuple[int, float, float], ...]
    #: what comes without doing anything
    without: tuple[Point, ...]
    #: what is to be reached, by year
    goals: tuple[Point, ...]

    @property
    def years(self) -> tuple[int, int]:
        """Return the first and the last year."""
        return self.path[0][0], self.path[-1][0]

    @property
    def top(self) -> float:
        """Return where the scale of values ends."""
        values = [value for points in (self.path, self.without, self.goals) for _, value in points]
        return 1.08 * max([*values, *(high for _, _, high in self.band), 1e-9])


def draw_bands(chart: BandChart) -> str:
    """Return the chart as an ``<svg>`` element: the band, the path, what comes by itself (dashed), goals (diamonds)."""
    marks = [_scales(chart), _area(chart)]
    marks.append(_line(chart, chart.without, f'class="band-without" stroke="{WITHOUT}" stroke-dasharray="3 4"'))
    marks.append(_line(chart, chart.path, f'class="band-path" stroke="{PATH}" stroke-width="2.5"'))
    marks += [_diamond(*_spot(chart, goal)) for goal in chart.goals]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart bands" role="img" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' aria-label="{escape(chart.title)}" font-family="system-ui, sans-serif" font-size="12">'
        f"<title>{escape(chart.title)}</title>{''.join(marks)}</svg>"
    )


def _spot(chart: BandChart, point: Point) -> tuple[float, float]:
    first, last = chart.years
    x = LEFT + (WIDTH - LEFT - RIGHT) * (point[0] - first) / max(1, last - first)
    y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * point[1] / chart.top
    return round(x, 1), round(y, 1)


def _scales(chart: BandChart) -> str:
    first, last = chart.years
    marks = []
    for value in round_steps(0, chart.top, 6):
        _, y = _spot(chart, (first, value))
        across = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"'
        beside = f'x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="{INK}"'
        marks.append(f'<line class="chart-rule" {across} stroke="{INK}" stroke-opacity="0.15"/>')
        marks.append(f'<text class="chart-text" {beside}>{escape(chart.tell(value))}</text>')
    every = -(-(last - first + 1) // MOST_YEARS)
    for year in range(last, first - 1, -every):
        x, _ = _spot(chart, (year, 0))
        anchor = "end" if year == last else "middle"
        below = f'x="{x + (8 if year == last else 0)}" y="{HEIGHT - 7}" text-anchor="{anchor}" fill="{INK}"'
        marks.append(f'<text class="chart-text" {below}>{year}</text>')
    return "".join(marks)


def _area(chart: BandChart) -> str:
    if not chart.band:
        return ""
    there = [_spot(chart, (year, high)) for year, _, high in chart.band]
    back = [_spot(chart, (year, low)) for year, low, _ in reversed(chart.band)]
    return f'<polygon class="band-area" points="{_points([*there, *back])}" fill="{BAND}" fill-opacity="0.35"/>'


def _line(chart: BandChart, points: Sequence[Point], paint: str) -> str:
    corners = _points([_spot(chart, point) for point in points])
    return f'<polyline {paint} points="{corners}" fill="none"/>' if points else ""


def _points(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in corners)


def _diamond(x: float, y: float) -> str:
    corners = f"{x},{y - 6} {x + 6},{y} {x},{y + 6} {x - 6},{y}"
    return f'<polygon class="band-goal" points="{corners}" fill="#fff" stroke="{GOAL}" stroke-width="2"/>'
