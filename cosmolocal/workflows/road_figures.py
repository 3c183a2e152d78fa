"""The figures of a road as tables: what pages, files and the report show, each made once, here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cosmolocal.exports.bands import BandChart
from cosmolocal.exports.tables import Row
from cosmolocal.records import Band, Category, Figure, Goal, RoadYear
from cosmolocal.workflows.roads import RoadView

YEAR_COLUMNS = (
    "year",
    "share_percent",
    "low_percent",
    "middle_percent",
    "high_percent",
    "without_percent",
    "goal_percent",
    "consumed_eur",
    "made_eur",
    "bought_cents",
    "kept_cents",
)
BUY_COLUMNS = ("year", "offer", "name", "count", "price_cents")
PERCENT = 10_000


@dataclass(frozen=True, slots=True)
class Assumption:
    """One figure that the road rests on."""

    #: where it stands: file and field
    file: str
    field: str
    #: id of the category, or ""
    about: str
    #: as it stands in the file
    value: float
    low: float
    high: float
    figure: Figure


@dataclass(frozen=True, slots=True)
class YearLine:
    """One year of a road, with all that a table of years shows."""

    year: RoadYear
    band: Band
    #: that is to be reached first in this year; None: none
    goal: Goal | None
    #: is it reached?
    reached: bool
    #: (name, count, [cents])
    buys: tuple[tuple[str, int, int], ...]


def year_lines(view: RoadView) -> list[YearLine]:
    """Return the years of a road."""
    names, goals = offer_names(view), {goal.year: goal for goal in view.terms.goals}
    lines = []
    for year, band in zip(view.road.years, view.road.bands, strict=True):
        goal = goals.get(year.year)
        bought = tuple(
            (names[buy.offer], buy.count, buy.price_cents) for buy in view.road.buys if buy.year == year.year
        )
        reached = goal is not None and year.share >= goal.share * 1000 - 1
        lines.append(YearLine(year, band, goal, reached, bought))
    return lines


def offer_names(view: RoadView) -> dict[str, str]:
    """Return the names of what may be bought."""
    return {offer.id: offer.name for offer in view.inputs.offers}


def year_rows(view: RoadView) -> list[Row]:
    """Return a row by `YEAR_COLUMNS` for each year; shares in per cent with two decimals, as text."""
    bands = {band.year: band for band in view.road.bands}
    goals = {goal.year: goal.share for goal in view.terms.asked}
    rows: list[Row] = []
    for year in view.road.years:
        band = bands[year.year]
        rows.append(
            {
                "year": year.year,
                "share_percent": _percent(year.share),
                "low_percent": _percent(band.low),
                "middle_percent": _percent(band.middle),
                "high_percent": _percent(band.high),
                "without_percent": _percent(year.share_without),
                "goal_percent": _percent(goals[year.year] * 1000) if year.year in goals else None,
                "consumed_eur": year.consumed_eur,
                "made_eur": sum(eur for _, eur in year.made),
                "bought_cents": year.bought_cents,
                "kept_cents": year.kept_cents,
            }
        )
    return rows


def _percent(millionths: int) -> str:
    return f"{millionths / PERCENT:.2f}"


def buy_rows(view: RoadView) -> list[Row]:
    """Return a row by `BUY_COLUMNS` for each thing that is bought in a year."""
    names = offer_names(view)
    return [
        {
            "year": buy.year,
            "offer": buy.offer,
            "name": names[buy.offer],
            "count": buy.count,
            "price_cents": buy.price_cents,
        }
        for buy in view.road.buys
    ]


def build_chart(view: RoadView, title: str, tell: Callable[[float], str]) -> BandChart:
    """Return the chart of the path; ``tell`` writes a share between 0 and 1."""
    road, part = view.road, 100 * PERCENT
    return BandChart(
        title,
        tell,
        path=tuple((year.year, year.share / part) for year in road.years),
        band=tuple((band.year, band.low / part, band.high / part) for band in road.bands),
        without=tuple((year.year, year.share_without / part) for year in road.years),
        goals=tuple((goal.year, goal.share / 1000) for goal in view.terms.goals),
    )


def fullest_years(view: RoadView) -> list[RoadYear]:
    """Return the years that pay at least 95 % of the budget: more money would be of use there."""
    most = view.terms.budget.value
    return [year for year in view.road.years if 100 * (year.bought_cents + year.kept_cents) >= 95 * most]


def full_categories(view: RoadView) -> list[Category]:
    """Return the categories of which all that can be made here is made in the target's year."""
    last = view.road.years[-1]
    made = dict(last.made)
    years = last.year - view.consumption.year
    found = []
    for one in view.consumption.categories:
        demand = one.eur.value * (1 + one.growth.value / 10_000) ** years
        if made[one.id] >= demand * one.most / 1000 * 0.999:
            found.append(one)
    return found


def assumptions(view: RoadView) -> Iterator[Assumption]:
    """Yield every figure with a range that the road rests on, in the order of the files."""
    terms = view.terms
    own = (
        ("yearly_budget", terms.budget, 100),
        ("machines_added_per_workshop", terms.room, 1),
        ("open_weeks", terms.open_weeks, 1),
        ("price_percent", terms.prices, 1),
        ("discount_percent", terms.discount, 100),
    )
    for field, figure, scale in own:
        yield _assumption("road.yaml", field, "", figure, scale)
    for one in view.consumption.categories:
        named = (
            ("eur_per_year", one.eur, 1),
            ("kg_per_year", one.kg, 1),
            ("growth_percent", one.growth, 100),
            ("local_percent", one.local, 10),
            ("outside_percent", one.outside, 10),
        )
        for field, figure, scale in named:
            yield _assumption("consumption.yaml", field, one.id, figure, scale)
        for process, figure in one.minutes:
            yield _assumption("consumption.yaml", f"hours_per_1000_eur.{process}", one.id, figure, 60)


def _assumption(file: str, field: str, about: str, figure: Figure, scale: int) -> Assumption:
    low, value, high = (each / scale for each in (figure.low, figure.value, figure.high))
    return Assumption(file, field, about, value, low, high, figure)
