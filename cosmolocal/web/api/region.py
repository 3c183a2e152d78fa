"""The region in the API: its places, its workshops, and the words for ways of making."""

from collections.abc import Iterable
from typing import Any

from flask import Response
from marshmallow import fields as ma
from marshmallow.validate import OneOf

from cosmolocal.errors import NotFoundError
from cosmolocal.records import (
    NetworkSettings,
    Place,
    PlaceKind,
    Process,
    Region,
    Settings,
    Workshop,
    WorkshopStatus,
    to_plain,
)
from cosmolocal.web.api.answers import answer, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import PageQuery, word
from cosmolocal.web.api.schemas import build_schema, field_of, list_of, members_of, nested, schema_of
from cosmolocal.web.shared import load_region

#: left out, or said otherwise
_APART = (
    *("places", "workshops", "vocabulary", "designs", "taken_down", "network", "settings"),
    *("areas", "district_areas", "streets", "street_cache"),
)
_COUNTS = ("places", "workshops", "machine_groups", "designs", "processes")
RegionDocument = build_schema(
    "Region",
    **members_of(Region, *_APART),
    areas_file=field_of(str | None),
    districts_file=field_of(str | None),
    network=nested(schema_of(NetworkSettings)),
    settings=nested(schema_of(Settings)),
    counts=nested(build_schema("RegionCounts", **{name: field_of(int) for name in _COUNTS})),
)


class WorkshopQuery(PageQuery):
    """Which workshops."""

    process = word("id of a process that one of its machine groups does")
    status = ma.String(load_default="", validate=OneOf([status.value for status in WorkshopStatus]))


class PlaceQuery(PageQuery):
    """Which places."""

    kind = ma.String(load_default="", validate=OneOf([PlaceKind.NEIGHBOURHOOD.value, PlaceKind.HUB.value]))


def _answer_one(kind: str, wanted: str, things: Iterable[Place | Workshop]) -> Response:
    for thing in things:
        if thing.id == wanted:
            return answer(to_plain(thing))
    raise NotFoundError(f"there is no {kind} {wanted!r}")


@bp.operation("GET", "/region", Terms("region", RegionDocument))
def show_region() -> Response:
    """Return the region: its network's parameters, its settings, and how much there is of what."""
    region = load_region()
    counts = (
        len(region.places),
        len(region.workshops),
        sum(len(shop.groups) for shop in region.workshops),
        len({design.id for design in region.designs}),
        len(region.vocabulary.processes),
    )
    return answer(
        {
            "id": region.id,
            "name": region.name,
            "areas_file": region.areas and region.areas.file,
            "districts_file": region.district_areas and region.district_areas.file,
            "attribution": region.attribution,
            "open_data_licence": region.open_data_licence,
            "network": to_plain(region.network),
            "settings": to_plain(region.settings),
            "counts": dict(zip(_COUNTS, counts, strict=True)),
        }
    )


@bp.operation("GET", "/workshops", Terms("region", list_of("workshops", schema_of(Workshop)), query=WorkshopQuery))
def list_workshops(query: dict[str, Any]) -> Response:
    """Return a page of workshops by id."""
    found = [
        shop
        for shop in sorted(load_region().workshops, key=lambda shop: shop.id)
        if query["status"] in ("", shop.status.value)
        and (not query["process"] or query["process"] in {group.process for group in shop.groups})
    ]
    rows, following = page_after(found, lambda shop: shop.id, query, sorted_by_key=True)
    return answer({"workshops": [to_plain(shop) for shop in rows], "next": following})


@bp.operation("GET", "/workshops/<workshop_id>", Terms("region", schema_of(Workshop)))
def show_workshop(workshop_id: str) -> Response:
    """Return a workshop with its machine groups and their capacity."""
    return _answer_one("workshop", workshop_id, load_region().workshops)


@bp.operation("GET", "/places", Terms("region", list_of("places", schema_of(Place)), query=PlaceQuery))
def list_places(query: dict[str, Any]) -> Response:
    """Return a page of neighbourhoods and hubs by id; workshops are places, too, and have a list of their own."""
    found = [place for place in load_region().places if query["kind"] in ("", place.kind.value)]
    found.sort(key=lambda place: place.id)
    rows, following = page_after(found, lambda place: place.id, query, sorted_by_key=True)
    return answer({"places": [to_plain(place) for place in rows], "next": following})


@bp.operation("GET", "/places/<place_id>", Terms("region", schema_of(Place)))
def show_place(place_id: str) -> Response:
    """Return a neighbourhood or a hub."""
    return _answer_one("place", place_id, load_region().places)


@bp.operation("GET", "/processes", Terms("region", list_of("processes", schema_of(Process)), query=PageQuery))
def list_processes(query: dict[str, Any]) -> Response:
    """Return a page of the vocabulary of processes by id."""
    found = sorted(load_region().vocabulary.processes, key=lambda process: process.id)
    rows, following = page_after(found, lambda process: process.id, query, sorted_by_key=True)
    return answer({"processes": [to_plain(process) for process in rows], "next": following})
