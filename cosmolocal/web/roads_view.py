"""The page of a road: its figures in the reader's language."""

from dataclasses import dataclass

from cosmolocal.errors import Said
from cosmolocal.exports.bands import BandChart
from cosmolocal.records import Figure, RoadLimit, RoadTerms, Variant
from cosmolocal.web.languages import count, euros, percent
from cosmolocal.web.names import process_name
from cosmolocal.web.words import gettext
from cosmolocal.workflows.road_figures import (
    YearLine,
    assumptions,
    build_chart,
    full_categories,
    fullest_years,
    offer_names,
    year_lines,
)
from cosmolocal.workflows.road_words import Tellers, headline, scope, sureness, variant_state, variant_word
from cosmolocal.workflows.roads import RoadView, Wanted


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure that the road rests on."""

    about: str
    field: str
    value: str
    #: "": the figure is taken to be sure
    between: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class VariantRow:
    """What comes out when one thing is otherwise."""

    word: str
    state: str
    variant: Variant
    #: [millionths] more than planned, and [cents] more
    more_share: int
    more_cents: int


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A process that keeps the share from being higher."""

    name: str
    limit: RoadLimit


@dataclass(frozen=True, slots=True)
class RoadPage:
    """All that the page shows."""

    view: RoadView
    headline: str
    sureness: str
    scope: str
    chart: BandChart
    lines: list[YearLine]
    totals: list[tuple[str, int, int]]
    limits: list[LimitRow]
    full_years: list[int]
    full_categories: list[str]
    variants: list[VariantRow]
    figures: list[FigureRow]
    made: list[tuple[str, int, int]]


def share(millionths: int) -> str:
    """Return a share with one digit after the point, rounded as its band and its goals are."""
    return percent(round(millionths, -3) / 1_000_000, 1)


def tellers() -> Tellers:
    """Return what writes figures in the reader's language."""
    return Tellers(share, euros, lambda number: count(number, 1))


def tell(said: Said) -> str:
    """Return a sentence in the reader's language."""
    return said.tell_in(gettext)


def build_page(view: RoadView) -> RoadPage:
    """Return what the page shows of a road."""
    road, write = view.road, tellers()
    names = {process.id: process.name for process in view.inputs.region.vocabulary.processes}
    title = gettext("Share made here by year: what is planned, and between what it may come to lie")
    return RoadPage(
        view=view,
        headline=tell(headline(view, write)),
        sureness=tell(sureness(view, write)),
        scope=tell(scope(view, write)),
        chart=build_chart(view, title, percent),
        lines=year_lines(view),
        totals=_totals(view),
        limits=[LimitRow(process_name(names.get(one.process, one.process)), one) for one in road.limits],
        full_years=[year.year for year in fullest_years(view)],
        full_categories=[one.name for one in full_categories(view)],
        variants=[
            VariantRow(
                tell(variant_word(one, write)),
                tell(variant_state(one, view.terms, write)),
                one,
                one.share - road.share,
                one.cost_cents - road.cost_cents,
            )
            for one in road.variants
        ],
        figures=_figures(view, names),
        made=[
            (category.name, eur, round(1_000_000 * eur / max(1, sum(each for _, each in road.years[-1].made))))
            for category, (_, eur) in zip(view.consumption.categories, road.years[-1].made, strict=True)
        ],
    )


def _totals(view: RoadView) -> list[tuple[str, int, int]]:
    """Return of each offer how many are bought on the whole road, and for how much."""
    names = offer_names(view)
    totals = {name: [0, 0] for name in names}
    for buy in view.road.buys:
        totals[buy.offer][0] += buy.count
        totals[buy.offer][1] += buy.price_cents
    return [(names[offer], number, cents) for offer, (number, cents) in totals.items() if number]


def _figures(view: RoadView, names: dict[str, str]) -> list[FigureRow]:
    categories = {one.id: one.name for one in view.consumption.categories}
    rows = []
    for one in assumptions(view):
        field, _, process = one.field.partition(".")
        word = field_words()[field]
        told = f"{word}: {process_name(names.get(process, process))}" if process else word
        low, high = number(one.low), number(one.high)
        between = gettext("%(low)s to %(high)s", low=low, high=high) if one.low != one.high else ""
        rows.append(FigureRow(categories.get(one.about, ""), told, number(one.value), between, one.figure))
    return rows


def number(value: float) -> str:
    """Return a figure as its file has it."""
    return count(value, 2)


def field_words() -> dict[str, str]:
    """Return what the figures of the files are called."""
    return {
        "yearly_budget": gettext("Budget a year, €"),
        "machines_added_per_workshop": gettext("Machines that one workshop has room for besides its own"),
        "open_weeks": gettext("Weeks a year in which what is bought works"),
        "price_percent": gettext("Prices, percent of those in the list"),
        "discount_percent": gettext("Percent a year by which a later payment counts less"),
        "eur_per_year": gettext("Consumed a year, €"),
        "kg_per_year": gettext("Consumed a year, kg"),
        "growth_percent": gettext("Growth a year, percent"),
        "local_percent": gettext("Made here by others today, percent"),
        "outside_percent": gettext("Cannot be made here, percent"),
        "hours_per_1000_eur": gettext("Machine hours for 1,000 €"),
    }


def usual_wishes(terms: RoadTerms) -> dict[str, str]:
    """Return what the form holds where nothing else is asked for: target [percent], year, budget [EUR a year]."""
    return {
        "target": f"{terms.target.share / 10:g}",
        "year": str(terms.target.year),
        "budget": f"{terms.budget.value / 100:.0f}",
    }


def tell_wishes(wanted: Wanted) -> dict[str, str]:
    """Return what is wanted of a road as the address of its page has it; what its file says is left out."""
    told = {
        "target": None if wanted.target is None else f"{wanted.target / 10:g}",
        "year": None if wanted.year is None else str(wanted.year),
        "budget": None if wanted.budget is None else f"{wanted.budget / 100:.2f}".removesuffix(".00"),
    }
    return {name: value for name, value in told.items() if value is not None}
