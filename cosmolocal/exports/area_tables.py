"""The figures of neighbourhoods and districts as rows, CSV and GeoJSON."""

import json
from collections.abc import Iterable
from typing import Any

from cosmolocal.exports.area_files import Areas, Polygon
from cosmolocal.exports.measures import AreaFigures
from cosmolocal.exports.tables import Row

AREA_COLUMNS = (
    "plan", "place", "name", "asked", "made", "unmet", "late", "share_permille", "cost_cents", "unit_cents",
    "kind", "population", "distance_m", "units_per_100000", "head_cents",
)  # fmt: skip


def area_rows(figures: Iterable[AreaFigures], plan_id: str) -> list[Row]:
    """Return figures by ``AREA_COLUMNS``; what is not known is None."""
    return [
        {
            "plan": plan_id,
            "place": row.id,
            "name": row.name,
            "asked": row.asked,
            "made": row.made,
            "unmet": row.unmet,
            "late": row.late,
            "share_permille": row.share_permille,
            "cost_cents": row.cost_cents,
            "unit_cents": row.unit_cents,
            "kind": str(row.kind),
            "population": row.population,
            "distance_m": row.distance_m,
            "units_per_100000": row.units_per_100000,
            "head_cents": row.head_cents,
        }
        for row in figures
    ]


def build_area_geojson(rows: Iterable[Row], shapes: Areas) -> str:
    """Return rows as a FeatureCollection with the polygons of each; what has none has no geometry."""
    features = [
        {"type": "Feature", "properties": row, "geometry": polygon_geometry(shapes.get(str(row["place"]), ()))}
        for row in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, allow_nan=False) + "\n"


def polygon_geometry(polygons: Iterable[Polygon]) -> dict[str, Any] | None:
    """Return polygons as a GeoJSON geometry, each ring closed; None: there is none."""
    rings = [[[list(corner) for corner in (*ring, ring[0])] for ring in polygon if ring] for polygon in polygons]
    coordinates = [polygon for polygon in rings if polygon]
    return {"type": "MultiPolygon", "coordinates": coordinates} if coordinates else None
