"""What is reached from a workshop within some minutes: over the region's streets, or where it has none in a circle."""

import math
from dataclasses import dataclass

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.exports.area_files import Polygon
from cosmolocal.exports.outlines import holds_point
from cosmolocal.network.isochrones import LONGEST, find_isochrone
from cosmolocal.records import Mode, Place, Region
from cosmolocal.workflows.workspace import Workspace

CODES = {"N009": "what is asked of the area around a workshop is out of range"}

#: [m] mean radius of the earth, as `cosmolocal.network.distances` has it
EARTH_RADIUS_M = 6_371_009
#: corners of a circle
CORNERS = 72


@dataclass(frozen=True, slots=True)
class Reachable:
    """An area that a mode reaches from a workshop, and the places in it."""

    workshop: str
    mode: str
    minutes: int
    polygons: tuple[Polygon, ...]
    #: neighbourhoods and hubs whose centres lie in it, by their ids
    places: tuple[Place, ...]
    #: [m] of the circle, as the crow flies; None: the area was found on the streets
    radius_m: int | None = None
    #: does the farthest trip of the mode end the circle, not its time?
    is_cut: bool = False


def reachable_area(workspace: Workspace, workshop: str, minutes: int, mode: str) -> Reachable:
    """Return where a mode gets to from a workshop within some minutes.

    Without a street network it is a circle: speed x time / detour factor, and never farther than the mode goes.

    Raises
    ------
    NotFoundError
        When there is no such workshop or mode.
    InputError
        When the minutes are out of range, or the workshop is not on the streets of the mode.
    """
    region = workspace.region()
    home = next((shop for shop in region.workshops if shop.id == workshop), None)
    by = next((one for one in region.network.modes if one.id == mode), None)
    if home is None or by is None:
        raise NotFoundError(f"there is no workshop {workshop!r}" if home is None else f"there is no mode {mode!r}")
    if not 1 <= minutes <= LONGEST:
        told = say("found %(found)s; must be from 1 to %(most)s", found=minutes, most=LONGEST)
        raise InputError([Problem("N009", "minutes", told)])
    if region.network.streets is not None:
        polygons = find_isochrone(region, workshop, mode, minutes).area
        return Reachable(workshop, mode, minutes, polygons, _within(region, polygons))
    radius_m, is_cut = circle_radius_m(by, minutes, region.network.detour_factor)
    polygons = (circle(home.lat, home.lon, radius_m),)
    return Reachable(workshop, mode, minutes, polygons, _within(region, polygons), radius_m, is_cut)


def circle_radius_m(mode: Mode, minutes: int, detour_factor: float) -> tuple[int, bool]:
    """Return how far a mode gets as the crow flies, rounded down, and whether its farthest trip is what ends it."""
    way_m = mode.speed_kmh * 1000 * minutes / 60
    is_cut = mode.max_distance_m is not None and mode.max_distance_m < way_m
    return math.floor((mode.max_distance_m if is_cut and mode.max_distance_m else way_m) / detour_factor), is_cut


def circle(lat: float, lon: float, radius_m: float) -> Polygon:
    """Return a circle on the globe, counter-clockwise from the east; its corners are (lon, lat)."""
    turn, height = radius_m / EARTH_RADIUS_M, math.radians(lat)
    corners = []
    for number in range(CORNERS):
        angle = 2 * math.pi * number / CORNERS
        sine = math.sin(height) * math.cos(turn) + math.cos(height) * math.sin(turn) * math.sin(angle)
        there = math.asin(max(-1.0, min(1.0, sine)))
        aside = math.atan2(
            math.cos(angle) * math.sin(turn) * math.cos(height), math.cos(turn) - math.sin(height) * sine
        )
        corners.append((round(lon + math.degrees(aside), 6), round(math.degrees(there), 6)))
    return (tuple(corners),)


def _within(region: Region, polygons: tuple[Polygon, ...]) -> tuple[Place, ...]:
    found = (place for place in region.places if any(_holds(polygon, place) for polygon in polygons))
    return tuple(sorted(found, key=lambda place: place.id))


def _holds(polygon: Polygon, place: Place) -> bool:
    return sum(holds_point(ring, place.lon, place.lat) for ring in polygon) % 2 == 1
