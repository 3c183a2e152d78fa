"""Lines over time as SVG; the numbers stand beside the drawing in a table, made from the same record."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from math import floor, log10

WIDTH, HEIGHT = 480, 180
LEFT, RIGHT, TOP, BOTTOM = 80, 10, 12, 24
INK, FIRST, SECOND = "#1c1f22", "#0b6a71", "#d55e00"


@dataclass(frozen=True, slots=True)
class Line:
    """A value that changes at some moments and holds in between."""

    label: str
    #: ([s], value), by time
    points: tuple[tuple[float, float], ...]
    #: is it drawn with dashes, so that it can be told without colour?
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over one scale of time, which begins at zero, and one of values, which need not."""

    title: str
    #: writes a value with its unit, as its reader's language does
    tell: Callable[[float], str]
    lines: tuple[Line, ...]
    #: [s] where the scale of time ends at least
    until: float
    #: writes seconds
    tell_time: Callable[[float], str]

    @property
    def values(self) -> tuple[float, float]:
        """Return the least and the greatest value, some room apart."""
        every = [value for line in self.lines for _, value in line.points]
        if not every:
            return 0.0, 1.0
        low, high = min(every), max(every)
        room = (high - low) * 0.08 or max(1.0, abs(high) * 0.05)
        return low - room, high + room

    @property
    def seconds(self) -> float:
        """Return where the scale of time ends."""
        return max([self.until, 0.1, *(at for line in self.lines for at, _ in line.points)])


def round_steps(low: float, high: float, most: int = 4) -> list[float]:
    """Return round numbers from ``low`` to ``high``, at most so many.

    >>> round_steps(0, 1), round_steps(1234, 1890)
    ([0.0, 0.5, 1.0], [1400.0, 1600.0, 1800.0])
    """
    span = high - low
    base = 10.0 ** floor(log10(span / most))
    step = next(base * factor for factor in (1, 2, 5, 10, 20) if span / (base * factor) < most)
    first = floor(low / step) + (0 if low % step == 0 else 1)
    return [step * (first + n) for n in range(most + 1) if step * (first + n) <= high]


def draw_lines(chart: LineChart) -> str:
    """Return the chart as an ``<svg>`` element."""
    lines = "".join(_line(chart, line, number) for number, line in enumerate(chart.lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' aria-label="{escape(chart.title)}" font-family="system-ui, sans-serif" font-size="11">'
        f"<title>{escape(chart.title)}</title>{_scales(chart)}{lines}</svg>"
    )


def _x(chart: LineChart, seconds: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * seconds / chart.seconds, 1)


def _y(chart: LineChart, value: float) -> float:
    low, high = chart.values
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low), 1)


def _scales(chart: LineChart) -> str:
    marks = []
    for value in round_steps(*chart.values):
        y = _y(chart, value)
        across = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"'
        beside = f'x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="{INK}"'
        marks.append(f'<line class="chart-rule" {across} stroke="{INK}" stroke-opacity="0.15"/>')
        marks.append(f'<text class="chart-text" {beside}>{escape(chart.tell(value))}</text>')
    for seconds in round_steps(0, chart.seconds, 6):
        below = f'x="{_x(chart, seconds)}" y="{HEIGHT - 6}" text-anchor="middle" fill="{INK}"'
        marks.append(f'<text class="chart-text" {below}>{escape(chart.tell_time(seconds))}</text>')
    return "".join(marks)


def _line(chart: LineChart, line: Line, number: int) -> str:
    """Return a line of steps: a value holds until the next one, and to the end."""
    if not line.points:
        return ""
    corners: list[tuple[float, float]] = []
    for at, value in line.points:
        if corners:
            corners.append((at, corners[-1][1]))
        corners.append((at, value))
    corners.append((chart.seconds, corners[-1][1]))
    path = " ".join(f"{_x(chart, at)},{_y(chart, value)}" for at, value in corners)
    paint = f'fill="none" stroke="{(FIRST, SECOND)[number % 2]}" stroke-width="2"'
    dashes = ' stroke-dasharray="5 3"' if line.dashed else ""
    x, y = _x(chart, corners[0][0]), _y(chart, corners[0][1])
    end = f'<circle class="line-dot-{number}" cx="{x}" cy="{y}" r="3" fill="{(FIRST, SECOND)[number % 2]}"/>'
    return f'<polyline class="line-{number}" points="{path}" {paint}{dashes}/>{end}'
