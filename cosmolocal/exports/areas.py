"""The areas of neighbourhoods: read from the region's GeoJSON file, or drawn as cells around their centres."""

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.spatial import ConvexHull, Voronoi

from cosmolocal.exports.area_files import Areas, Known, Ring, read_areas
from cosmolocal.records import Place, PlaceKind, Region

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
    homes = find_homes(region)
    if region.areas is None:
        return build_cells(homes)
    return read_areas(folder, region.areas, [Known(place.id, place.name, place.code) for place in homes])


def find_homes(region: Region) -> list[Place]:
    """Return the neighbourhoods, in the order of the file."""
    return [place for place in region.places if place.kind is PlaceKind.NEIGHBOURHOOD]


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
