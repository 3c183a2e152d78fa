"""A plan's key figures, cost terms and map as values that templates and the map's script read."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from flask import g, url_for

from cosmolocal.exports.area_tables import polygon_geometry
from cosmolocal.exports.geo import build_geojson
from cosmolocal.exports.map_layers import Area, Flow, MapLayers, Spot, build_layers
from cosmolocal.exports.tables import build_allocations_csv
from cosmolocal.records import CostTerms, Order, Region
from cosmolocal.web.languages import choose_language, count, euros, km, mass, percent
from cosmolocal.web.measures_view import DISTRICT_MARK
from cosmolocal.web.names import Names
from cosmolocal.web.plan_table import AllocationRow, Page, build_rows
from cosmolocal.web.shared import recall_of, workspace
from cosmolocal.web.words import gettext, ngettext
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.area_shapes import recall_areas

#: names of the key figures, in their order; "why-" before one is where the plan's page explains it
WHYS = ("made", "unmet", "late", "share", "cost", "co2e", "distance", "use", "uneven")
#: what a part of a plan can be downloaded as; the other forms hold a plan as a whole
PART_FORMS = ("csv", "geojson")


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure."""

    label: str
    value: str
    #: what it is a part of, or is made of
    note: str
    #: where its "why?" leads
    link: str
    #: does it need a person?
    alarm: bool = False
    #: which of ``WHYS`` it is
    name: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a plan offer: only what finds something."""

    #: (id, name), by name
    workshops: list[tuple[str, str]]
    places: list[tuple[str, str]]
    districts: list[tuple[str, str]]
    designs: list[tuple[str, str]]
    weeks: list[int]


def plan_rows(view: PlanView, names: Names) -> tuple[AllocationRow, ...]:
    """Return the rows of all allocations of a plan, by lot."""

    def build() -> tuple[AllocationRow, ...]:
        rows = build_rows(view.plan.allocations, view.orders, names)
        return tuple(sorted(rows, key=lambda row: row.allocation.lot))

    return recall_of(view, "rows", build)


def filter_choices(view: PlanView, region: Region, names: Names) -> Choices:
    """Return what a plan can be filtered by."""
    return recall_of(view, f"choices {choose_language()}", lambda: _find_choices(view, region, names))


def _find_choices(view: PlanView, region: Region, names: Names) -> Choices:
    made, layers = view.plan.allocations, whole_layers(region, view)
    working = {task.workshop for row in made for task in row.tasks}
    return Choices(
        workshops=[(spot.id, spot.name) for spot in layers.workshops if spot.id in working],
        places=_by_name((area.place.id, area.place.name) for area in layers.areas if area.made),
        districts=_by_name(
            {
                district: names.district(district)
                for area in layers.areas
                if area.made and (district := names.district_of.get(area.place.id))
            }.items()
        ),
        designs=_by_name({row.design.partition("@")[0]: names.design(row.design) for row in made}.items()),
        weeks=sorted({row.week for row in made}),
    )


def _by_name(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1].casefold())


def key_figures(view: PlanView) -> list[Figure]:
    """Return the key figures of a plan, the most important first."""
    kpis, plan_id = view.kpis, view.plan.id
    plan_url, unmet_url, workshops_url = (
        url_for(page, plan_id=plan_id) for page in ("plans.show", "unmet.index", "workshops.index")
    )
    away = len(view.plan.unmet)
    placed = Figure(
        gettext("made here"),
        gettext("%(part)s of %(all)s lots", part=count(kpis.lots_served), all=count(kpis.lots)),
        gettext("%(share)s of units", share=_per_mille(kpis.served_share)),
        f"{plan_url}#about",
    )
    unmet = Figure(
        gettext("not made here"),
        ngettext("%(num)s lot", "%(num)s lots", away),
        gettext("imported instead") if away else gettext("nothing is imported"),
        unmet_url,
        alarm=away > 0,
    )
    late = Figure(
        gettext("late"),
        ngettext("%(num)s order", "%(num)s orders", kpis.orders_late),
        gettext("of %(all)s orders", all=count(kpis.orders)),
        f"{plan_url}?late=yes",
    )
    figures = [placed, unmet, late, *_share_figures(view, plan_url), *_load_figures(view, workshops_url)]
    return [replace(figure, name=name) for name, figure in zip(WHYS, figures, strict=True)]


def _share_figures(view: PlanView, plan_url: str) -> list[Figure]:
    kpis, share = view.kpis, view.plan.local_share
    others = gettext("%(mass)s of mass, %(units)s of units", mass=_per_mille(share.mass), units=_per_mille(share.units))
    co2e = mass(1000 * (kpis.co2e_local_kg + kpis.co2e_imported_kg))
    abroad = gettext("%(amount)s of it by imports", amount=mass(1000 * kpis.co2e_imported_kg))
    paid = gettext("%(amount)s really paid", amount=euros(kpis.money_cents))
    return [
        Figure(
            gettext("local share"),
            gettext("%(share)s of value", share=_per_mille(share.value)),
            others,
            f"{plan_url}#about",
        ),
        Figure(gettext("cost"), euros(kpis.cost_cents), paid, f"{plan_url}#cost"),
        Figure("CO₂e", co2e, abroad, f"{plan_url}?sort=-co2e"),
        Figure(
            gettext("distance"),
            km(kpis.distance_km * 1000),
            gettext("all trips, one way"),
            f"{plan_url}?sort=-distance",
        ),
    ]


def _load_figures(view: PlanView, workshops_url: str) -> list[Figure]:
    kpis = view.kpis
    unfairness = gettext("not known") if kpis.unfairness is None else count(kpis.unfairness / 1000, 2)
    return [
        Figure(gettext("machines in use"), _per_mille(kpis.utilisation), gettext("of planned hours"), workshops_url),
        Figure(gettext("uneven load"), unfairness, gettext("0 all alike, 1 all at one"), workshops_url),
    ]


def _per_mille(share: int | None) -> str:
    return gettext("not known") if share is None else percent(share / 1000, 1)


def cost_terms(view: PlanView) -> list[tuple[str, int]]:
    """Return each term of the plan's cost that is not zero; they sum up to the whole."""
    sums = recall_of(view, "term sums", lambda: _sum_terms(view))
    terms = [(label, sums[name]) for name, label in term_labels().items()]
    terms += [(gettext("overtime"), view.plan.overtime_cents), (gettext("uneven load"), view.plan.fairness_cents)]
    terms += [(gettext("shared trips, all weighed"), view.plan.trips_cents)]
    return [(label, cents) for label, cents in terms if cents]


def _sum_terms(view: PlanView) -> dict[str, int]:
    rows = [row.cost for row in view.plan.allocations] + [row.cost for row in view.plan.unmet]
    return {field.name: sum(getattr(row, field.name) for row in rows) for field in fields(CostTerms)}


def term_labels() -> dict[str, str]:
    """Return what the terms of a cost are called, in the order in which they are shown."""
    return {
        "machine_cents": gettext("machine time"),
        "material_cents": gettext("material"),
        "bought_cents": gettext("bought pieces"),
        "transport_cents": gettext("transport"),
        "import_cents": gettext("import"),
        "co2e_cents": gettext("CO₂e, weighed"),
        "lateness_cents": gettext("lateness, weighed"),
        "distance_cents": gettext("distance, weighed"),
        "penalty_cents": gettext("not made here, weighed"),
    }


def is_weighed(term: str) -> bool:
    """Tell whether a term is a weight of the plan: no money changes hands."""
    return term in ("co2e_cents", "lateness_cents", "distance_cents", "penalty_cents")


def export_part(form: str, found: Page, view: PlanView) -> str:
    """Return what an address finds in a plan, as CSV or GeoJSON; ``form`` is one of ``PART_FORMS``."""
    part = replace(view.plan, allocations=tuple(row.allocation for row in found.rows), unmet=(), trips=())
    orders = {row.order.id: row.order for row in found.rows}.values()
    if form == "csv":
        return build_allocations_csv(part, orders)
    return build_geojson(part, orders, g.region)


def map_layers(region: Region, view: PlanView, found: Page) -> MapLayers:
    """Return the map of a plan; what is found narrows the ways and the work, never the shading of the areas."""
    whole = whole_layers(region, view)
    if not found.query.filters:
        return whole
    homes = (row.order for row in found.rows)
    made = [row.allocation for row in found.rows]
    part = build_layers(region, recall_areas(region, workspace().folder), homes, made, ())
    return replace(part, areas=whole.areas)


def whole_layers(region: Region, view: PlanView) -> MapLayers:
    """Return the map of a whole plan."""

    def build() -> MapLayers:
        areas = recall_areas(region, workspace().folder)
        return build_layers(region, areas, view.orders, view.plan.allocations, view.plan.unmet)

    return recall_of(view, "layers", build)


def order_layers(region: Region, view: PlanView, order: Order) -> MapLayers:
    """Return the map of one order."""
    made = [row for row in view.plan.allocations if row.order == order.id]
    unmet = [row for row in view.plan.unmet if row.order == order.id]
    layers = build_layers(region, recall_areas(region, workspace().folder), (order,), made, unmet)
    working = {task.workshop for row in made for task in row.tasks}
    return replace(layers, workshops=tuple(spot for spot in layers.workshops if spot.id in working))


def map_data(layers: MapLayers, names: Names, plan_id: str) -> dict[str, Any]:
    """Return the layers as GeoJSON with the words and links that the map shows."""
    return {
        "areas": _collection(_area_feature(area, plan_id) for area in layers.areas if area.polygons),
        "flows": _collection(_flow_feature(flow, names, plan_id) for flow in layers.flows),
        "heart": list(layers.heart),
        "spots": [_spot(spot, plan_id) for spot in (*layers.hubs, *layers.workshops)],
    }


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _area_feature(area: Area, plan_id: str) -> dict[str, Any]:
    told = (
        area.shade.told
        if area.shade
        else gettext(
            "%(place)s: %(made)s of %(asked)s units made here",
            place=area.place.name,
            made=count(area.made),
            asked=count(area.asked),
        )
    )
    kind = "district" if area.place.id.startswith(DISTRICT_MARK) else "place"
    key = area.place.id.removeprefix(DISTRICT_MARK)
    filters: dict[str, Any] = {kind: key}
    link = url_for("plans.show", plan_id=plan_id, **filters)
    properties = {"id": key, "kind": kind, "level": area.level, "told": told, "link": link}
    return {"type": "Feature", "properties": properties, "geometry": polygon_geometry(area.polygons)}


def _flow_feature(flow: Flow, names: Names, plan_id: str) -> dict[str, Any]:
    ends = {"start": names.place(flow.from_place), "end": names.place(flow.to_place)}
    if flow.transfer:
        told = gettext("%(pieces)s parts from %(start)s to %(end)s", pieces=count(flow.quantity), **ends)
        link = url_for("plans.show", plan_id=plan_id, workshop=flow.to_place)
    else:
        told = gettext("%(pieces)s units from %(start)s to %(end)s", pieces=count(flow.quantity), **ends)
        link = url_for("plans.show", plan_id=plan_id, workshop=flow.from_place, place=flow.to_place)
    kind = "transfer" if flow.transfer else "late" if flow.late else "delivery"
    properties = {"id": flow.id, "kind": kind, "quantity": flow.quantity, "told": told, "link": link}
    properties |= {"from": flow.from_place, "to": flow.to_place, "lots": list(flow.lots)}
    properties["districts"] = [
        names.district_of[end] for end in (flow.from_place, flow.to_place) if end in names.district_of
    ]
    geometry = {"type": "LineString", "coordinates": [list(end) for end in flow.ends]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _spot(spot: Spot, plan_id: str) -> dict[str, Any]:
    link = url_for("workshops.show", plan_id=plan_id, workshop_id=spot.id) if spot.number else ""
    found = {
        "id": spot.id,
        "name": spot.name,
        "number": spot.number,
        "lots": spot.lots,
        "lon": spot.lon,
        "lat": spot.lat,
    }
    shade = spot.shade
    marks = {"level": shade.level, "told": shade.told, "label": shade.label} if shade else {}
    return found | marks | {"link": link, "rows": url_for("plans.show", plan_id=plan_id, workshop=spot.id)}
