"""What the map of a plan is shaded by: a measure of neighbourhoods or districts, and one of the workshops."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cosmolocal.exports.area_files import Areas
from cosmolocal.exports.classes import find_limits, level_of, load_level
from cosmolocal.exports.districts import District
from cosmolocal.exports.map_layers import Area, MapLayers, Shade, Spot
from cosmolocal.exports.measures import AreaFigures, AreaKind, measure_areas, measure_districts
from cosmolocal.exports.svg_map import LegendEntry, legend_entries
from cosmolocal.records import Place, PlaceKind, Region
from cosmolocal.web.asking import Asked
from cosmolocal.web.languages import count, euros, hours, km, money, percent
from cosmolocal.web.names import Names
from cosmolocal.web.shared import recall_of, workspace
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.area_shapes import recall_areas, recall_districts

SHARE, WORK = "share", "work"
AREA_MEASURES = (SHARE, "asked", "unmet", "late", "cost", "distance", "people")
SPOT_MEASURES = (WORK, "load", "price")
#: more labels beside workshops would run into each other
MOST_LABELS = 30

#: what the map's areas and the table's rows are
BY = (AreaKind.NEIGHBOURHOOD.value, AreaKind.DISTRICT.value)
#: stands before the id of a district where those of neighbourhoods stand too
DISTRICT_MARK = "district:"

Tell = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Measures:
    """What an address asks the map to be shaded by."""

    #: one of ``AREA_MEASURES``
    area: str = SHARE
    #: one of ``SPOT_MEASURES``
    spot: str = WORK
    #: one of ``BY``
    by: str = BY[0]

    def as_args(self) -> dict[str, str]:
        """Return them as parts of an address; what is usual is left out."""
        usual = Measures()
        chosen = {"measure": (self.area, usual.area), "spots": (self.spot, usual.spot), "by": (self.by, usual.by)}
        return {name: value for name, (value, default) in chosen.items() if value != default}


@dataclass(frozen=True, slots=True)
class Shaded:
    """A map whose marks are shaded, and what its shades mean."""

    layers: MapLayers
    legend: tuple[LegendEntry, ...]
    figures: tuple[AreaFigures, ...]


def area_names() -> dict[str, str]:
    """Return what the measures of areas are called."""
    return {
        SHARE: gettext("share made here"),
        "asked": gettext("units asked for"),
        "unmet": gettext("units not made here"),
        "late": gettext("units that come late"),
        "cost": gettext("cost per unit"),
        "distance": gettext("distance travelled"),
        "people": gettext("units asked for by 100,000 people"),
    }


def by_names(names: Names) -> dict[str, str]:
    """Return what areas the map can show; a region without districts has one kind alone."""
    words = {BY[0]: gettext("neighbourhoods"), BY[1]: gettext("districts")}
    return words if names.districts else {BY[0]: words[BY[0]]}


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
    area = asked.choice("measure", AREA_MEASURES, SHARE)
    spot = asked.choice("spots", SPOT_MEASURES, WORK)
    by = asked.choice("by", BY if names.districts else BY[:1], BY[0])
    asked.finish()
    return Measures(area, spot, by)


def area_figures(region: Region, view: PlanView, by: str = BY[0]) -> tuple[AreaFigures, ...]:
    """Return what became of what each neighbourhood or district asked for, and last what all other places did."""
    homes = recall_of(view, "areas", lambda: measure_areas(region, view.orders, view.plan.allocations, view.plan.unmet))
    if by == BY[0]:
        return homes
    return recall_of(view, "districts", lambda: measure_districts(region, homes))


def area_shapes(region: Region, kind: str) -> Areas:
    """Return the polygons of neighbourhoods or of districts, as they stand in the file of figures."""
    folder = workspace().folder
    if kind == "districts":
        return {one.id: one.polygons for one in recall_districts(region, folder)}
    return recall_areas(region, folder)


def shade_map(layers: MapLayers, region: Region, view: PlanView, measures: Measures, week: int | None) -> Shaded:
    """Return the map with its marks shaded; ``week`` narrows load and prices to one week."""
    figures = area_figures(region, view, measures.by)
    if measures.by != BY[0]:
        layers = show_districts(layers, recall_districts(region, workspace().folder), figures)
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


# --- neighbourhoods and districts ----------------------------------------------------------------


def _value(figures: AreaFigures, measure: str) -> int | None:
    """Return a figure to shade by; None: it is not known."""
    values = {
        SHARE: figures.share_permille or 0,
        "asked": figures.asked,
        "unmet": figures.unmet,
        "late": figures.late,
        "cost": figures.unit_cents or 0,
        "distance": figures.distance_m,
        "people": figures.units_per_100000,
    }
    return values[measure]


def tell_figure(measure: str, value: int | None) -> str:
    """Return a figure of an area in words."""
    if value is None:
        return gettext("unknown")
    return {"cost": euros, "distance": km}.get(measure, count)(value)


def _shade_areas(
    layers: MapLayers, figures: Sequence[AreaFigures], measure: str
) -> tuple[MapLayers, tuple[LegendEntry, ...]]:
    values = {row.id: _value(row, measure) for row in figures}
    limits = find_limits(value for value in values.values() if value is not None)
    name = area_names()[measure]

    def shade(area: Area) -> Shade:
        value = values[area_key(area)]
        words = {"place": area.place.name, "measure": name, "value": tell_figure(measure, value)}
        return Shade(level_of(value or 0, limits), gettext("%(place)s: %(measure)s %(value)s", **words))

    areas = tuple(replace(area, shade=shade(area)) for area in layers.areas)
    entries = _classes(limits, lambda value: tell_figure(measure, value), "area", "map-level-{}", name)
    if None in values.values():
        none = gettext("%(measure)s: none, or unknown", measure=name)
        entries = (replace(entries[0], text=none), *entries[1:])
    return replace(layers, areas=areas), entries


def area_key(area: Area) -> str:
    """Return the id of a neighbourhood or a district, without what tells the two apart on a map."""
    return area.place.id.removeprefix(DISTRICT_MARK)


def show_districts(layers: MapLayers, districts: Iterable[District], figures: Iterable[AreaFigures]) -> MapLayers:
    """Return the map with districts in place of the neighbourhoods."""
    by_id = {row.id: row for row in figures}
    return replace(
        layers,
        home_names={area.place.id: area.place.name for area in layers.areas},
        areas=tuple(
            Area(
                Place(DISTRICT_MARK + one.id, _name(by_id[one.id]), PlaceKind.NEIGHBOURHOOD, *one.middle),
                one.polygons,
                by_id[one.id].asked,
                by_id[one.id].made,
            )
            for one in districts
        ),
    )


def _name(row: AreaFigures) -> str:
    return row.name or gettext("district unknown")


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
