"""The street network of a region: what is on it, what is reached, and where it comes from."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cosmolocal.errors import NotFoundError, say
from cosmolocal.network.fetching import KINDS, fetch_streets
from cosmolocal.network.isochrones import build_isochrone_geojson, find_isochrone
from cosmolocal.network.nearest import NONE, find_nearest
from cosmolocal.network.reach import list_reach
from cosmolocal.network.routes import Links, all_places
from cosmolocal.network.street_lengths import NO_WAY, find_streets
from cosmolocal.processes import ancestors_by_process
from cosmolocal.records import Region, WorkshopStatus
from cosmolocal.workflows.inputs import read_book
from cosmolocal.workflows.workspace import Workspace

STREET_KINDS = KINDS


def tell_isochrone(workspace: Workspace, place: str, mode: str, minutes: int) -> dict[str, Any]:
    """Return as GeoJSON where a mode gets to from a place within some minutes."""
    return build_isochrone_geojson(find_isochrone(workspace.region(), place, mode, minutes))


def tell_reach(workspace: Workspace) -> dict[str, Any]:
    """Return the street network of each mode, and where each place is on it."""
    region = workspace.region()
    return {"modes": list(_tell_modes(region)), "places": list(_tell_places(region))}


def _tell_modes(region: Region) -> Iterator[dict[str, Any]]:
    for mode in region.network.modes if region.network.streets is not None else ():
        streets = find_streets(region, mode)
        yield {
            "mode": mode.id,
            "streets": streets.file,
            "digest": streets.digest,
            "nodes": len(streets.lat),
            "arcs": len(streets.start),
            "classes": list(mode.classes),
            "oneway": mode.oneway,
            "source": mode.source,
            "provenance": mode.provenance.value,
        }


def _tell_places(region: Region) -> Iterator[dict[str, Any]]:
    for reached in list_reach(region):
        snap_m = None if reached.snap_m is None else round(reached.snap_m, 1)
        where = {"place": reached.place, "mode": reached.mode}
        yield {**where, "snap_m": snap_m, "node": reached.node, "reached": reached.is_reached}


def tell_distance(workspace: Workspace, start: str, end: str) -> list[dict[str, Any]]:
    """Return how far it is from one place to another by each mode, as plans count it; links' rules are left out."""
    region = workspace.region()
    links = Links(region)
    for name in (start, end):
        if name not in links.number:
            raise NotFoundError(say("there is no place %(name)s", name=repr(name)))
    rows, column = [links.number[start]], links.number[end]
    found = []
    for number, mode in enumerate(region.network.modes):
        table = links.natural_m(rows) if links.streets is None else links.streets.modes[number].rows_m(rows)
        metres = int(table[0, column])
        there = metres != NO_WAY
        minutes = -(-metres * 60 // (mode.speed_kmh * 1000)) if there else None
        found.append({"mode": mode.id, "distance_m": metres if there else None, "minutes": minutes})
    return found


def tell_nearest(
    workspace: Workspace, book: Path, most: int, within_km: float | None = None, process: str = ""
) -> list[dict[str, Any]]:
    """Return the nearest workshops that are open of each order of a book, nearest first, as the crow flies.

    With a process only workshops that do it, or a kind of it.
    """
    region = workspace.region()
    kinds = ancestors_by_process(region.vocabulary)
    if process and process not in kinds:
        raise NotFoundError(f"there is no process {process!r}")
    orders = read_book(workspace.folder, book, region).orders
    shops = [
        shop
        for shop in region.workshops
        if shop.status is WorkshopStatus.ACTIVE
        and (not process or any(process in kinds[group.process] for group in shop.groups))
    ]
    spot_of = {place.id: (place.lat, place.lon) for place in all_places(region)}
    order_spots, shop_spots = (
        np.array(each, dtype=np.float64).reshape(-1, 2)
        for each in ([spot_of[order.place] for order in orders], [(shop.lat, shop.lon) for shop in shops])
    )
    found = find_nearest(order_spots, shop_spots, most, np.inf if within_km is None else within_km * 1000)
    rows = zip(orders, found.workshop.tolist(), found.distance_m.tolist(), strict=True)
    return [
        {
            "order": order.id,
            "place": order.place,
            "workshops": [
                {"workshop": shops[number].id, "distance_m": math.ceil(metres)}
                for number, metres in zip(numbers, lengths, strict=True)
                if number != NONE
            ],
        }
        for order, numbers, lengths in rows
    ]


def fetch_region_streets(workspace: Workspace, path: Path, kind: str, margin_m: int, overpass: str = "") -> None:
    """Write the streets around a region's places to a file; needs the extra ``osm`` and an Overpass server."""
    fetch_streets(all_places(workspace.region()), path, kind, margin_m, overpass)
