"""What everybody may see of the published plan: sums by place, design and workshop; nothing of single orders."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from cosmolocal.exports.area_files import Areas
from cosmolocal.exports.area_tables import polygon_geometry
from cosmolocal.exports.map_layers import MapLayers, build_layers
from cosmolocal.exports.measures import AreaFigures, AreaKind, measure_areas
from cosmolocal.exports.tables import Row
from cosmolocal.records import LocalShare, Region
from cosmolocal.workflows.area_shapes import recall_areas
from cosmolocal.workflows.inputs import settings_of
from cosmolocal.workflows.plan_publishing import find_publication
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.workspace import PlanView, Workspace

MADE_COLUMNS = (
    "workshop", "workshop_name", "design", "design_name", "place", "place_name", "units", "first_week", "last_week",
    "licence", "attribution",
)  # fmt: skip
AREA_COLUMNS = (
    "place",
    "name",
    "district",
    "units_asked",
    "units_made_here",
    "share_percent",
    "licence",
    "attribution",
)
UNKNOWN_LICENCE = "unknown"


@dataclass(frozen=True, slots=True)
class Made:
    """What one workshop makes of one design for one place."""

    workshop: str
    workshop_name: str
    #: ``id@version``
    design: str
    design_name: str
    place: str
    place_name: str
    units: int
    #: Mondays, as 2026-09-07
    first_week: str
    last_week: str


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """The published plan as everybody may see it."""

    region: Region
    #: as 2026-09-07
    published_on: str
    local_share: LocalShare
    units: int
    units_made: int
    made: tuple[Made, ...]
    areas: tuple[AreaFigures, ...]
    shapes: Areas
    layers: MapLayers

    @property
    def licence(self) -> str:
        """Return the licence of these data; `UNKNOWN_LICENCE` where the region does not say."""
        return self.region.open_data_licence or UNKNOWN_LICENCE


def find_open_plan(workspace: Workspace) -> OpenPlan | None:
    """Return the plan that counts, without anything about single orders; None: none was published."""
    publication = find_publication(workspace)
    if publication is None:
        return None
    view, region = workspace.plan(publication.plan), workspace.region()
    day, shapes = publication.published_at[:10], recall_areas(region, workspace.folder)
    key = Same(view), Same(region), Same(shapes), day
    return _OPEN.recall(key, lambda: build_open_plan(view, region, day, shapes))


def build_open_plan(view: PlanView, region: Region, published_on: str, shapes: Areas) -> OpenPlan:
    """Return a plan without its orders: what is kept of them are sums."""
    plan = view.plan
    return OpenPlan(
        region,
        published_on,
        view.kpis.local_share,
        view.kpis.units,
        view.kpis.units_served,
        _made(view, region),
        measure_areas(region, view.orders, plan.allocations, plan.unmet),
        shapes,
        _without_lots(build_layers(region, shapes, view.orders, plan.allocations, plan.unmet)),
    )


def _without_lots(layers: MapLayers) -> MapLayers:
    return replace(layers, flows=tuple(replace(flow, lots=()) for flow in layers.flows))


def _made(view: PlanView, region: Region) -> tuple[Made, ...]:
    home = {order.id: order.place for order in view.orders}
    units: dict[tuple[str, str, str], int] = defaultdict(int)
    weeks: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in view.plan.allocations:
        key = row.workshop, row.design, home[row.order]
        units[key] += row.quantity
        weeks[key].append(row.week)
    names = {place.id: place.name for place in region.places} | {shop.id: shop.name for shop in region.workshops}
    designs = {design.key: design.name for design in region.designs}
    start = settings_of(view.plan.settings).start_date
    found = [
        Made(
            workshop=shop,
            workshop_name=names.get(shop, shop),
            design=design,
            design_name=designs.get(design, design),
            place=place,
            place_name=names.get(place, place),
            units=units[shop, design, place],
            first_week=str(start + timedelta(weeks=min(weeks[shop, design, place]))),
            last_week=str(start + timedelta(weeks=max(weeks[shop, design, place]))),
        )
        for shop, design, place in units
    ]
    return tuple(sorted(found, key=lambda row: (row.workshop_name, row.design_name, row.place_name)))


def made_rows(plan: OpenPlan) -> list[Row]:
    """Return what is made where for whom by `MADE_COLUMNS`."""
    return [
        {name: getattr(row, name) for name in MADE_COLUMNS[:-2]}
        | _terms(plan)  # every row says what it may be used for
        for row in plan.made
    ]


def area_rows(plan: OpenPlan) -> list[Row]:
    """Return the neighbourhoods that asked for anything by `AREA_COLUMNS`."""
    district = {place.id: place.district for place in plan.region.places}
    return [
        {
            "place": area.id,
            "name": area.name,
            "district": district.get(area.id) or "",
            "units_asked": area.asked,
            "units_made_here": area.made,
            "share_percent": None if area.share_permille is None else f"{area.share_permille / 10:.1f}",
            **_terms(plan),
        }
        for area in asked_areas(plan)
    ]


def asked_areas(plan: OpenPlan) -> list[AreaFigures]:
    """Return the neighbourhoods that asked for anything, those that asked for most first."""
    found = [area for area in plan.areas if area.kind is AreaKind.NEIGHBOURHOOD and area.asked]
    return sorted(found, key=lambda area: (-area.asked, area.name))


def _terms(plan: OpenPlan) -> Row:
    return {"licence": plan.licence, "attribution": plan.region.attribution}


def open_geojson(plan: OpenPlan) -> str:
    """Return neighbourhoods and the workshops that make something as a FeatureCollection that names its licence."""
    features = [
        _feature("neighbourhood", row, polygon_geometry(plan.shapes.get(str(row["place"]), ())))
        for row in area_rows(plan)
    ]
    units: dict[str, int] = defaultdict(int)
    for one in plan.made:
        units[one.workshop] += one.units
    features += [
        _feature(
            "workshop",
            {"workshop": shop.id, "name": shop.name, "units": units[shop.id]},
            {"type": "Point", "coordinates": [round(shop.lon, 6), round(shop.lat, 6)]},
        )
        for shop in plan.region.workshops
        if shop.id in units
    ]
    document = {"type": "FeatureCollection", **_terms(plan), "features": features}
    return json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"


def _feature(kind: str, row: Row, geometry: dict[str, Any] | None) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in ("licence", "attribution")}
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind, **kept}}


def describe_open_plan(plan: OpenPlan) -> dict[str, Any]:
    """Return all of it as one JSON document."""
    return {
        "region": plan.region.id,
        **_terms(plan),
        "published_on": plan.published_on,
        "units": plan.units,
        "units_made_here": plan.units_made,
        "neighbourhoods": _bare(area_rows(plan)),
        "made": _bare(made_rows(plan)),
    }


def _bare(rows: Iterable[Row]) -> list[Row]:
    return [{name: value for name, value in row.items() if name not in ("licence", "attribution")} for row in rows]


#: one: a single plan counts
_OPEN = Memory[OpenPlan](1)
