"""What the map of a plan is shaded by: a measure of the neighbourhoods, and one of the workshops."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cosmolocal.exports.classes import find_limits, level_of, load_level
from cosmolocal.exports.map_layers import MapLayers, Shade, Spot
from cosmolocal.exports.measures import AreaFigures, measure_areas
from cosmolocal.exports.svg_map import LegendEntry, legend_entries
from cosmolocal.exports.tables import Row
from cosmolocal.records import Region
from cosmolocal.web.asking import Asked
from cosmolocal.web.languages import count, euros, hours, money, percent
from cosmolocal.web.names import Names
from cosmolocal.web.shared import recall_of
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView

SHARE, WORK = "share", "work"
AREA_MEASURES = (SHARE, "asked", "unmet", "late", "cost")
SPOT_MEASURES = (WORK, "load", "price")
#: more labels beside workshops would run into each other
MOST_LABELS = 30

AREA_COLUMNS = (
    "plan", "place", "name", "asked", "made", "unmet", "late", "share_permille", "cost_cents", "unit_cents",
)  # fmt: skip

Tell = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Measures:
    """What an address asks the map to be shaded by."""

    #: one of ``AREA_MEASURES``
    area: str = SHARE
    #: one of ``SPOT_MEASURES``
    spot: str = WORK

    def as_args(self) -> dict[str, str]:
        """Return them as parts of an address; what is usual is left out."""
        usual = Measures()
        chosen = {"measure": (self.area, usual.area), "spots": (self.spot, usual.spot)}
        return {name: value for name, (value, default) in chosen.items() if value != default}


@dataclass(frozen=True, slots=True)
class Shaded:
    """A map whose marks are shaded, and what its shades mean."""

    layers: MapLayers
    legend: tuple[LegendEntry, ...]
    figures: tuple[AreaFigures, ...]


def area_names() -> dict[str, str]:
    """Return what the measures of neighbourhoods are called."""
    return {
        SHARE: gettext("share made here"),
        "asked": gettext("units asked for"),
        "unmet": gettext("units not made here"),
        "late": gettext("units that come late"),
        "cost": gettext("cost per unit"),
    }


def spot_names() -> dict[str, str]:
    """Return what the measures of workshops are called."""
    return {
        WORK: gettext("number"),
        "load": gettext("load"),
        "price": gettext("what an hour is worth"),
    }


def read_measures(args: Mapping[str, str], names: Names) -> Measures:
    """Return the measures of an address; raises `InputError` where one is not known."""
    asked = Asked(args, names)
    found = Measures(asked.choice("measure", AREA_MEASURES, SHARE), asked.choice("spots", SPOT_MEASURES, WORK))
    asked.finish()
    return found


def area_figures(region: Region, view: PlanView) -> tuple[AreaFigures, ...]:
    """Return what became of what each neighbourhood asked for."""
    return recall_of(view, "areas", lambda: measure_areas(region, view.orders, view.plan.allocations, view.plan.unmet))


def shade_map(layers: MapLayers, region: Region, view: PlanView, measures: Measures, week: int | None) -> Shaded:
    """Return the map with its marks shaded; ``week`` narrows load and prices to one week."""
    figures = area_figures(region, view)
    usual = legend_entries(gettext)
    areas = tuple(entry for entry in usual if entry.kind == "area")
    if measures.area != SHARE:
        layers, areas = _shade_areas(layers, figures, measures.area)
    spots = tuple(entry for entry in usual if entry.kind == "workshop")
    if measures.spot == "load":
        layers = _with_shades(layers, _load_shades(layers.workshops, view, week))
        spots = _load_legend()
    elif measures.spot == "price":
        layers, spots = _shade_prices(layers, view, week)
    others = tuple(entry for entry in usual if entry.kind in ("flow", "hub"))
    return Shaded(layers, (*areas, *others[:-1], *spots, *others[-1:]), figures)


# --- neighbourhoods ------------------------------------------------------------------------------


def _value(figures: AreaFigures, measure: str) -> int:
    values = {"asked": figures.asked, "unmet": figures.unmet, "late": figures.late, "cost": figures.unit_cents or 0}
    return values[measure]


def _shade_areas(
    layers: MapLayers, figures: Sequence[AreaFigures], measure: str
) -> tuple[MapLayers, tuple[LegendEntry, ...]]:
    tell: Tell = euros if measure == "cost" else count
    values = {row.place.id: _value(row, measure) for row in figures}
    limits = find_limits(values.values())
    name = area_names()[measure]
    areas = tuple(
        replace(
            area,
            shade=Shade(
                level_of(values[area.place.id], limits),
                gettext(
                    "%(place)s: %(measure)s %(value)s",
                    place=area.place.name,
                    measure=name,
                    value=tell(values[area.place.id]),
                ),
            ),
        )
        for area in layers.areas
    )
    entries = _classes(limits, tell, "area", "map-level-{}", name)
    return replace(layers, areas=areas), entries


def _classes(limits: Sequence[int], tell: Tell, kind: str, mark: str, name: str) -> tuple[LegendEntry, ...]:
    """Return what the classes of a measure mean: nothing, then from class 1 to the last, which is always 5."""
    none = gettext("%(measure)s: none", measure=name)
    classes = tell_classes(limits, tell, none)
    return tuple(LegendEntry(kind, mark.format(level), text) for level, text in classes)


def tell_classes(limits: Sequence[int], tell: Tell, none: str) -> list[tuple[int, str]]:
    """Return (level, what it means) of each class between the limits; ``none`` is what level 0 means."""
    told = [none]
    if limits:
        told.append(gettext("under %(top)s", top=tell(limits[0])))
        told += [gettext("%(low)s to under %(top)s", low=tell(low), top=tell(top)) for low, top in pairwise(limits)]
        told.append(gettext("%(low)s or more", low=tell(limits[-1])))
    else:
        told.append(gettext("more than none"))
    return list(zip((0, *range(5 - len(limits), 6)), told, strict=True))


# --- workshops -----------------------------------------------------------------------------------


def _with_shades(layers: MapLayers, shades: Mapping[str, Shade]) -> MapLayers:
    return replace(layers, workshops=tuple(replace(spot, shade=shades[spot.id]) for spot in layers.workshops))


def load_words() -> list[str]:
    """Return what the steps of a load mean, from 0 to 5."""
    return [
        gettext("no hours used"),
        gettext("under 25% used"),
        gettext("25 to 49% used"),
        gettext("50 to 74% used"),
        gettext("75 to 99% used"),
        gettext("full, or above plan"),
    ]


def _load_legend() -> tuple[LegendEntry, ...]:
    return tuple(
        LegendEntry("workshop", f"map-workshop map-shade map-shade-{level}", told)
        for level, told in enumerate(load_words())
    )


def _load_shades(spots: Iterable[Spot], view: PlanView, week: int | None) -> dict[str, Shade]:
    used, basis = {spot.id: 0 for spot in spots}, {spot.id: 0 for spot in spots}
    for load in view.loads:
        if week in (None, load.week) and load.workshop in used:
            used[load.workshop] += load.used_minutes
            basis[load.workshop] += load.basis_minutes
    few = len(used) <= MOST_LABELS
    return {
        spot.id: Shade(
            load_level(used[spot.id], basis[spot.id]),
            gettext(
                "%(workshop)s: %(used)s of %(all)s used",
                workshop=spot.name,
                used=hours(used[spot.id]),
                all=hours(basis[spot.id]),
            ),
            percent(used[spot.id] / basis[spot.id]) if few and basis[spot.id] else "",
        )
        for spot in spots
    }


def best_prices(view: PlanView, week: int | None = None) -> dict[str, int]:
    """Return by workshop the most that an hour more of any of its machines would be worth, in any or in one week."""
    best: dict[str, int] = {}
    for price in view.plan.prices:
        workshop, _, group = price.resource.partition("/")
        if group and week in (None, price.week):
            best[workshop] = max(best.get(workshop, 0), price.cents)
    return best


def _shade_prices(layers: MapLayers, view: PlanView, week: int | None) -> tuple[MapLayers, tuple[LegendEntry, ...]]:
    cents = best_prices(view, week)
    limits = find_limits(cents.values())
    labelled = sorted(cents, key=lambda workshop: (-cents[workshop], workshop))[:MOST_LABELS]
    shades = {
        spot.id: Shade(
            level_of(cents.get(spot.id, 0), limits),
            _tell_worth(spot.name, cents.get(spot.id, 0)),
            tell_price(cents[spot.id]) if spot.id in labelled and cents[spot.id] else "",
        )
        for spot in layers.workshops
    }
    entries = _classes(limits, tell_price, "workshop", "map-workshop map-shade map-shade-{}", spot_names()["price"])
    return _with_shades(layers, shades), entries


def tell_price(cents: int) -> str:
    """Return what an hour is worth: from ten euros on without cents."""
    return euros(cents) if cents >= 1000 else money(cents)


def _tell_worth(workshop: str, cents: int) -> str:
    if cents == 0:
        return gettext("%(workshop)s: one more hour would change nothing", workshop=workshop)
    return gettext("%(workshop)s: an hour more is worth up to %(amount)s", workshop=workshop, amount=tell_price(cents))


# --- the same as rows ----------------------------------------------------------------------------


def area_rows(figures: Iterable[AreaFigures], plan_id: str) -> list[Row]:
    """Return the figures of the neighbourhoods by ``AREA_COLUMNS``."""
    return [
        {
            "plan": plan_id,
            "place": row.place.id,
            "name": row.place.name,
            "asked": row.asked,
            "made": row.made,
            "unmet": row.unmet,
            "late": row.late,
            "share_permille": row.share_permille,
            "cost_cents": row.cost_cents,
            "unit_cents": row.unit_cents,
        }
        for row in figures
    ]
