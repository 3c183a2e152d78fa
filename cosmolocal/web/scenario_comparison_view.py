"""Plans side by side in words and rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cosmolocal.exports.tables import Row
from cosmolocal.web.differences_view import FigureRow, draw_difference, figure_row, points
from cosmolocal.web.languages import count, euros, hours, percent
from cosmolocal.web.names import Names
from cosmolocal.workflows.plan_comparison import Comparison, PlaceRow, ShopRow, tell_comparison

COLUMNS = ("what", "name", "plan", "scenario", "figure", "value", "difference")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a plan, with its difference from the first plan's."""

    value: str
    #: with its sign; "": none
    delta: str
    #: "better", "worse", "same" or ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """What the page shows."""

    #: (label, first plan's value, cells of the others)
    figures: list[tuple[str, str, list[Cell]]]
    #: maps of what moved from the first plan to each other one
    maps: list[str]
    #: (id, name, hours by plan, money by plan) of workshops whose work differs
    workshops: list[tuple[str, str, list[Cell], list[Cell]]]
    #: (id, name, units made here, late, local share, each by plan) of places that are served otherwise
    places: list[tuple[str, str, list[Cell], list[Cell], list[Cell]]]


def build_page(found: Comparison, names: Names) -> ComparisonPage:
    """Return what the page of a comparison shows."""
    figures = []
    for changes in found.figures:
        rows: list[FigureRow] = [figure_row(change) for change in changes]
        figures.append((rows[0].label, rows[0].before, [Cell(row.after, row.delta, row.verdict) for row in rows]))
    maps = [
        draw_difference(view, difference, names)
        for view, difference in zip(found.views[1:], found.differences, strict=True)
    ]
    shops = sorted((row for row in found.workshops if not row.is_same), key=_shop_size)
    places = sorted((row for row in found.places if not row.is_same), key=_place_size)
    return ComparisonPage(
        figures,
        maps,
        [
            (
                row.workshop,
                names.place(row.workshop),
                _cells([side.minutes for side in row.sides], hours, 1),
                _cells([side.cents for side in row.sides], euros, 1),
            )
            for row in shops
        ],
        [
            (
                row.place,
                names.place(row.place),
                _cells([side.served for side in row.sides], count, 1),
                _cells([side.late for side in row.sides], count, -1),
                _cells([side.share for side in row.sides], lambda value: percent(value / 1000, 1), 1, points),
            )
            for row in places
        ],
    )


def _shop_size(row: ShopRow) -> tuple[int, str]:
    first = row.sides[0].minutes
    return -max(abs(side.minutes - first) for side in row.sides), row.workshop


def _place_size(row: PlaceRow) -> tuple[int, str]:
    first = row.sides[0].served
    return -max(abs(side.served - first) for side in row.sides), row.place


def _cells(
    values: list[int | None] | list[int],
    show: Callable[[Any], str],
    sign: int,
    show_difference: Callable[[Any], str] | None = None,
) -> list[Cell]:
    first, cells = values[0], []
    for value in values:
        if value is None or first is None:
            cells.append(Cell("–" if value is None else show(value), ""))
            continue
        delta = value - first
        told = "" if delta == 0 else f"{'+' if delta > 0 else '−'}{(show_difference or show)(abs(delta))}"
        cells.append(Cell(show(value), told, "" if delta == 0 else "better" if delta * sign > 0 else "worse"))
    return cells


def export_rows(found: Comparison) -> list[Row]:
    """Return a comparison by ``COLUMNS``: every figure of every plan in a row."""
    plain, rows = tell_comparison(found), list[Row]()

    def add(what: str, name: str, figure: str, values: list[Any]) -> None:
        for plan, value in zip(plain["plans"], values, strict=True):
            both = value is not None and values[0] is not None
            rows.append(
                {
                    "what": what,
                    "name": name,
                    "plan": plan["plan"],
                    "scenario": plan["scenario"],
                    "figure": figure,
                    "value": value,
                    "difference": value - values[0] if both else None,
                }
            )

    for row in plain["figures"]:
        add("plan", "", row["figure"], row["values"])
    for what, key in (("workshops", "workshop"), ("places", "place")):
        for row in plain[what]:
            for figure in row["plans"][0]:
                add(key, row[key], figure, [side[figure] for side in row["plans"]])
    return rows
