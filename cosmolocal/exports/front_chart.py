"""Plans to choose from as points over two scales, and below them what no plan can reach; a table says the same."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from cosmolocal.exports.lines import round_steps

WIDTH, HEIGHT = 480, 300
LEFT, RIGHT, TOP, BOTTOM = 84, 22, 16, 46
INK, POINT, AREA = "#1c1f22", "#0b6a71", "#8a8f94"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A plan."""

    x: float
    y: float
    #: the number that the table gives it
    label: str
    #: what is said of it
    title: str
    #: page of the plan
    href: str


@dataclass(frozen=True, slots=True)
class FrontChart:
    """Plans over an aim (across) and cost (up)."""

    title: str
    points: tuple[ChartPoint, ...]
    #: (value of the aim, what no plan costs less than), by value; empty: nothing is known of this aim
    bound: tuple[tuple[float, float], ...]
    across: str
    up: str
    #: write values with their units
    tell_x: Callable[[float], str]
    tell_y: Callable[[float], str]

    @property
    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the least and greatest of both scales, some room apart."""
        xs = [point.x for point in self.points] + [x for x, _ in self.bound]
        ys = [point.y for point in self.points] + [y for _, y in self.bound if y > 0]
        return _span(xs, 0.0 if self.bound else 0.08), _span(ys, 0.1)


def _span(values: list[float], part: float) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low) * part if high > low else max(1.0, abs(high) * 0.05)
    return low - room, high + room


def draw_front(chart: FrontChart) -> str:
    """Return the chart as an ``<svg>`` element whose points are links."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart front-chart" role="group"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" aria-label="{escape(chart.title)}"'
        f' font-family="system-ui, sans-serif" font-size="12"><title>{escape(chart.title)}</title>'
        f"{_area(chart)}{_scales(chart)}{_line(chart)}{''.join(_mark(chart, point) for point in chart.points)}</svg>"
    )


def _place(chart: FrontChart, x: float, y: float) -> tuple[float, float]:
    (left, right), (low, high) = chart.spans
    across = LEFT + (WIDTH - LEFT - RIGHT) * (x - left) / (right - left)
    up = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (max(y, low) - low) / (high - low)
    return round(across, 1), round(up, 1)


def _area(chart: FrontChart) -> str:
    """Return the area that no plan can reach."""
    if not chart.bound:
        return ""
    edge = [_place(chart, x, y) for x, y in chart.bound]
    floor = HEIGHT - BOTTOM
    corners = [(edge[0][0], floor), *edge, (edge[-1][0], floor)]
    path = " ".join(f"{x},{y}" for x, y in corners)
    line = " ".join(f"{x},{y}" for x, y in edge)
    return (
        f'<polygon class="front-area" points="{path}" fill="{AREA}" fill-opacity="0.25"/>'
        f'<polyline class="front-bound" points="{line}" fill="none" stroke="{INK}" stroke-width="1.5"'
        ' stroke-dasharray="5 3"/>'
    )


def _scales(chart: FrontChart) -> str:
    (left, right), (low, high) = chart.spans
    marks = []
    for value in round_steps(low, high, 5):
        y = _place(chart, left, value)[1]
        across = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"'
        marks.append(f'<line class="chart-rule" {across} stroke="{INK}" stroke-opacity="0.15"/>')
        beside = f'x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="{INK}"'
        marks.append(f'<text class="chart-text" {beside}>{escape(chart.tell_y(value))}</text>')
    for value in round_steps(left, right, 5):
        below = f'x="{_place(chart, value, low)[0]}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle" fill="{INK}"'
        marks.append(f'<text class="chart-text" {below}>{escape(chart.tell_x(value))}</text>')
    middle = f'x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle" fill="{INK}"'
    marks.append(f'<text class="chart-text" {middle}>{escape(chart.across)}</text>')
    return "".join(marks)


def _line(chart: FrontChart) -> str:
    path = " ".join("{},{}".format(*_place(chart, point.x, point.y)) for point in chart.points)
    return f'<polyline class="front-line" points="{path}" fill="none" stroke="{POINT}" stroke-width="1"/>'


def _mark(chart: FrontChart, point: ChartPoint) -> str:
    x, y = _place(chart, point.x, point.y)
    return (
        f'<a href="{escape(point.href)}" aria-label="{escape(point.title)}"><title>{escape(point.title)}</title>'
        f'<circle class="front-reach" cx="{x}" cy="{y}" r="14" fill="{POINT}" fill-opacity="0"/>'
        f'<circle class="front-dot" cx="{x}" cy="{y}" r="9" fill="{POINT}"/>'
        f'<text class="front-number" x="{x}" y="{y + 4}" text-anchor="middle" fill="#ffffff"'
        f' font-weight="600">{escape(point.label)}</text></a>'
    )
