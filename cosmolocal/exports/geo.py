"""A plan as GeoJSON (RFC 7946): places, workshops, and every transport and shared trip as a line."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cosmolocal.records import Allocation, Leg, Order, Place, Plan, Region, Trip, Workshop, to_plain

Feature = dict[str, Any]


def build_geojson(plan: Plan, orders: Iterable[Order], region: Region) -> str:
    """Return the plan as a FeatureCollection; the property ``kind`` tells places, workshops, legs and trips apart."""
    spots: tuple[Place | Workshop, ...] = (*region.places, *region.workshops)
    points = {spot.id: _position(spot) for spot in spots}
    by_order = {order.id: order for order in orders}
    ordered: Counter[str] = Counter()
    local: Counter[str] = Counter()
    for order in by_order.values():
        ordered[order.place] += order.quantity
    for item in plan.allocations:
        local[by_order[item.order].place] += item.quantity
    features = [_place(place, ordered[place.id], local[place.id]) for place in region.places]
    features += _workshops(plan, region)
    features += [_leg(item, leg, points) for item in plan.allocations for leg in item.legs]
    features += [_trip(trip, points) for trip in plan.trips]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, allow_nan=False) + "\n"


def build_workshops_geojson(plan: Plan, region: Region) -> str:
    """Return the workshops of a region, and what each does in a plan, as a FeatureCollection."""
    return json.dumps({"type": "FeatureCollection", "features": _workshops(plan, region)}, ensure_ascii=False) + "\n"


def build_moves_geojson(
    region: Region, moves: Mapping[tuple[str, str], int], lots: Mapping[str, tuple[int, int]]
) -> str:
    """Return what moved between two plans as a FeatureCollection: workshops with their lots, and a line for each move.

    ``moves`` counts lots by (workshop before, workshop after); a pair of which one is not in the region has no line.
    ``lots`` holds by workshop how many it finished before and after.
    """
    points = {shop.id: _position(shop) for shop in region.workshops}
    features = [
        _feature(
            "Point",
            points[shop.id],
            {
                "kind": "workshop",
                "id": shop.id,
                "name": shop.name,
                "lots_before": lots.get(shop.id, (0, 0))[0],
                "lots_after": lots.get(shop.id, (0, 0))[1],
            },
        )
        for shop in region.workshops
    ]
    features += [
        _feature(
            "LineString", [points[start], points[end]], {"kind": "move", "before": start, "after": end, "lots": number}
        )
        for (start, end), number in sorted(moves.items())
        if {start, end} <= points.keys()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False) + "\n"


def _position(spot: Place | Workshop) -> list[float]:
    return [round(spot.lon, 6), round(spot.lat, 6)]


def _feature(geometry: str, coordinates: list[Any], properties: dict[str, Any]) -> Feature:
    return {
        "type": "Feature",
        "geometry": {"type": geometry, "coordinates": coordinates},
        "properties": properties,
    }


def _place(place: Place, ordered_units: int, local_units: int) -> Feature:
    properties = {
        "kind": str(place.kind),
        "id": place.id,
        "name": place.name,
        "district": place.district,
        "population": place.population,
        "ordered_units": ordered_units,
        "local_units": local_units,
    }
    return _feature("Point", _position(place), properties)


def _workshops(plan: Plan, region: Region) -> list[Feature]:
    minutes: Counter[str] = Counter()
    lots: Counter[str] = Counter()
    for item in plan.allocations:
        for task in item.tasks:
            minutes[task.workshop] += sum(use.minutes for use in task.uses)
        lots.update({task.workshop for task in item.tasks})
    return [
        _feature(
            "Point",
            _position(workshop),
            {
                "kind": "workshop",
                "id": workshop.id,
                "name": workshop.name,
                "status": str(workshop.status),
                "lots": lots[workshop.id],
                "machine_minutes": minutes[workshop.id],
            },
        )
        for workshop in region.workshops
    ]


def _leg(item: Allocation, leg: Leg, points: dict[str, list[float]]) -> Feature:
    properties = {"kind": "leg", "plan_lot": item.lot, "order": item.order, "design": item.design}
    # a line needs two positions, also from a place to itself
    via = leg.via if len(leg.via) > 1 else (leg.from_place, leg.to_place)
    return _feature("LineString", [points[place] for place in via], properties | to_plain(leg))


def _trip(trip: Trip, points: dict[str, list[float]]) -> Feature:
    return _feature("LineString", [points[trip.from_place], points[trip.to_place]], {"kind": "trip"} | to_plain(trip))
