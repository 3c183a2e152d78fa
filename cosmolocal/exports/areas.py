"""The areas of neighbourhoods: read from the region's GeoJSON file, or drawn as cells around their centres."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull, Voronoi

from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_json, read_text
from cosmolocal.records import Place, PlaceKind, Region

#: corners as (x, y) or (lon, lat), the first one not repeated at the end
Ring = tuple[tuple[float, float], ...]
#: outer ring first, then its holes
Polygon = tuple[Ring, ...]
#: the polygons of each place
Areas = Mapping[str, tuple[Polygon, ...]]

CODES = {"W080": "the file of areas is no GeoJSON, or a feature of it is no polygon of a known neighbourhood"}
_CODE = "W080"

#: [degrees] about 300 m: how far a cell reaches at least beyond its centre
LEAST_PAD = 0.003
#: how far the outline reaches beyond the outer centres, in median distances to the next centre
PAD_STEPS = 0.75


def find_areas(region: Region, folder: Path) -> Areas:
    """Return the areas of the region's neighbourhoods by place id.

    Raises
    ------
    InputError
        When the region names a file of areas that cannot be used.
    """
    homes = [place for place in region.places if place.kind is PlaceKind.NEIGHBOURHOOD]
    if region.areas_file is None:
        return build_cells(homes)
    return read_areas(folder / region.areas_file, region.areas_file, {place.id for place in homes})


# --- cells ---------------------------------------------------------------------------------------


def build_cells(places: Iterable[Place]) -> Areas:
    """Return for each place the part of the map that is nearest to it, within a padded outline of all.

    Places on one spot share their cell.
    """
    spots = {place.id: (place.lon, place.lat) for place in places}
    if not spots:
        return {}
    unique = sorted(set(spots.values()))
    stretch = math.cos(math.radians(sum(lat for _, lat in unique) / len(unique)))
    points = np.array([(lon * stretch, lat) for lon, lat in unique])
    outline = padded_outline(points)
    cells = {}
    for spot, cell in zip(unique, nearest_cells(points), strict=True):
        ring = clip_convex(cell, outline)
        cells[spot] = (tuple((round(x / stretch, 6), round(y, 6)) for x, y in ring),)
    return {place_id: (cells[spot],) for place_id, spot in spots.items()}


def padded_outline(points: np.ndarray) -> Ring:
    """Return the convex outline of discs around the points, counter-clockwise; one point gives one disc."""
    pad = max(LEAST_PAD, PAD_STEPS * _median_step(points))
    angles = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    disc = pad * np.column_stack((np.cos(angles), np.sin(angles)))
    rim = (points[:, None, :] + disc[None, :, :]).reshape(-1, 2)
    return _as_ring(rim[ConvexHull(rim).vertices])


def _median_step(points: np.ndarray) -> float:
    if len(points) < 2:
        return 0.0
    distances = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(distances, np.inf)
    return float(np.median(distances.min(axis=1)))


def nearest_cells(points: np.ndarray) -> list[Ring]:
    """Return the Voronoi cell of each point, closed by a far frame; the points must differ."""
    middle = points.mean(axis=0)
    reach = 10 * max(float(np.abs(points - middle).max()), LEAST_PAD)
    # the frame makes every cell finite, and keeps one point or points on a line from being degenerate
    angles = np.linspace(0.1, 2 * np.pi + 0.1, 8, endpoint=False)
    frame = middle + reach * np.column_stack((np.cos(angles), np.sin(angles)))
    diagram = Voronoi(np.vstack((points, frame)))
    cells = []
    for number, point in enumerate(points):
        corners = diagram.vertices[diagram.regions[diagram.point_region[number]]]
        turn = np.arctan2(corners[:, 1] - point[1], corners[:, 0] - point[0])
        cells.append(_as_ring(corners[np.argsort(turn)]))
    return cells


def _as_ring(corners: np.ndarray) -> Ring:
    return tuple((float(x), float(y)) for x, y in corners)


def clip_convex(ring: Ring, window: Ring) -> Ring:
    """Return the part of a ring within a convex, counter-clockwise window (Sutherland–Hodgman); may be empty."""
    corners = list(ring)
    for start, end in zip(window, window[1:] + window[:1], strict=True):
        inside = [_side(start, end, corner) for corner in corners]
        kept: list[tuple[float, float]] = []
        for number, corner in enumerate(corners):
            before, here = inside[number - 1], inside[number]
            if (before >= 0) != (here >= 0):
                share = before / (before - here)
                last = corners[number - 1]
                kept.append((last[0] + share * (corner[0] - last[0]), last[1] + share * (corner[1] - last[1])))
            if here >= 0:
                kept.append(corner)
        corners = kept
    return tuple(corners)


def _side(start: tuple[float, float], end: tuple[float, float], corner: tuple[float, float]) -> float:
    return (end[0] - start[0]) * (corner[1] - start[1]) - (end[1] - start[1]) * (corner[0] - start[0])


# --- the region's own file -----------------------------------------------------------------------


def read_areas(path: Path, where: str, known: set[str]) -> Areas:
    """Return the polygons of a GeoJSON file by the feature property ``id``; places it leaves out have none.

    Raises
    ------
    InputError
        With every feature that is no polygon of a known place.
    """
    document = parse_json(read_text(path, where, _CODE), where, _CODE)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError([Problem(_CODE, where, "has no list of features; it must be a GeoJSON FeatureCollection")])
    problems: list[Problem] = []
    areas: dict[str, tuple[Polygon, ...]] = {}
    for number, feature in enumerate(features):
        place = f"{where}: features[{number}]"
        try:
            place_id = str(feature["properties"]["id"])
            polygons = _polygons(feature["geometry"])
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(_CODE, place, f"is not a polygon with a property id: {error!r}"))
            continue
        if place_id not in known or place_id in areas:
            rule = "stands twice" if place_id in areas else "is no neighbourhood of places.csv"
            problems.append(Problem(_CODE, place, f"found id {place_id!r}; it {rule}"))
        areas[place_id] = polygons
    if problems:
        raise InputError(problems)
    return areas


def _polygons(geometry: Any) -> tuple[Polygon, ...]:
    parts = {"Polygon": lambda shape: [shape], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
    return tuple(tuple(_ring(ring) for ring in polygon) for polygon in parts)


def _ring(corners: Sequence[Sequence[float]]) -> Ring:
    ring = tuple((float(corner[0]), float(corner[1])) for corner in corners)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a ring needs four corners, the last one being the first")
    if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring):
        raise ValueError("corners must be degrees, longitude first")
    return ring[:-1]
