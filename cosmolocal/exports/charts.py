"""Small charts as SVG; the numbers of each stand beside it in a table, made from the same record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 480, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 6, 12, 22
#: more labels would run into each other
MOST_LABELS = 8
INK, BAR, OVER = "#1c1f22", "#4faab0", "#d55e00"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what is used of what there is."""

    label: str
    value: float
    #: what there is without extra cost; None: no limit
    limit: float | None = None
    #: did somebody choose what it is about?
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars over one scale that begins at zero."""

    title: str
    #: writes a figure of the scale with its unit, as its reader's language does
    tell: Callable[[float], str]
    bars: tuple[Bar, ...]

    @property
    def top(self) -> float:
        """Return the round number at which the scale ends."""
        return round_up(max((max(bar.value, bar.limit or 0) for bar in self.bars), default=0))


def round_up(number: float) -> float:
    """Return the least of 1, 2, 5, 10, 20, 50 … that is not below ``number``.

    >>> round_up(0), round_up(7), round_up(130)
    (1, 10, 200)
    """
    step = 1
    while True:
        for factor in (1, 2, 5):
            if number <= factor * step:
                return factor * step
        step *= 10


def draw_bars(chart: BarChart) -> str:
    """Return the chart as an ``<svg>`` element; what is above its limit has another colour."""
    top = chart.top
    every = -(-len(chart.bars) // MOST_LABELS)
    bars = "".join(
        _bar(bar, number, len(chart.bars), top) + (_label(bar, number, len(chart.bars)) if number % every == 0 else "")
        for number, bar in enumerate(chart.bars)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' aria-label="{escape(chart.title)}" font-family="system-ui, sans-serif" font-size="11">'
        f"<title>{escape(chart.title)}</title>{_scale(top, chart.tell)}{bars}</svg>"
    )


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)


def _scale(top: float, tell: Callable[[float], str]) -> str:
    lines = []
    for value in (0.0, top / 2, top):
        y = _y(value, top)
        across = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"'
        beside = f'x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="{INK}"'
        lines.append(f'<line class="chart-rule" {across} stroke="{INK}" stroke-opacity="0.15"/>')
        lines.append(f'<text class="chart-text" {beside}>{escape(tell(value))}</text>')
    return "".join(lines)


def _bar(bar: Bar, number: int, count: int, top: float) -> str:
    step = (WIDTH - LEFT - RIGHT) / count
    x, width = round(LEFT + number * step + step * 0.15, 1), round(step * 0.7, 1)
    within = bar.value if bar.limit is None else min(bar.value, bar.limit)
    shade = "chart-bar chart-chosen" if bar.chosen else "chart-bar"
    marks = [_column(shade, x, width, (0, within), top, f'fill="{BAR}"')]
    if bar.value > within:
        marks.append(_column("chart-over", x, width, (within, bar.value), top, f'fill="{OVER}"'))
    if bar.limit is not None:
        y = _y(bar.limit, top)
        edge = f'x1="{x - 2}" x2="{x + width + 2}" y1="{y}" y2="{y}"'
        marks.append(f'<line class="chart-limit" {edge} stroke="{INK}" stroke-width="1.5"/>')
    return "".join(marks)


def _label(bar: Bar, number: int, count: int) -> str:
    x = round(LEFT + (number + 0.5) * (WIDTH - LEFT - RIGHT) / count, 1)
    place = f'x="{x}" y="{HEIGHT - 6}" text-anchor="middle"'
    return f'<text class="chart-text" {place} fill="{INK}">{escape(bar.label)}</text>'


def _column(name: str, x: float, width: float, span: Sequence[float], top: float, paint: str) -> str:
    high, low = _y(span[1], top), _y(span[0], top)
    return f'<rect class="{name}" x="{x}" y="{high}" width="{width}" height="{round(low - high, 1)}" {paint}/>'
