"""Lists of labs as JSON: those of fablabs.io, and points as GeoJSON."""

from collections.abc import Mapping
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Vocabulary
from cosmolocal.workshops.columns import FIELDS, field_of
from cosmolocal.workshops.exchange import EXTENSION, record_of
from cosmolocal.workshops.found import Row, join_faults
from cosmolocal.workshops.tables import row_of


def rows_of_labs(document: Any, where: str) -> tuple[Row, ...]:
    """Return the labs of a list: with nested tables as the Internet of Production's, or flat as fablabs.io gives them.

    Raises
    ------
    InputError
        When it is no list.
    """
    labs = document.get("labs") if isinstance(document, Mapping) else document
    if not isinstance(labs, list):
        raise InputError([Problem("W060", where, say("must be a list of labs, or a table with the list labs"))])
    return tuple(_lab(f"labs[{number}]", lab) for number, lab in enumerate(labs))


def _lab(place: str, lab: Any) -> Row:
    if not isinstance(lab, Mapping):
        return Row(place, fault=say("is no table of named fields"))
    nested = [lab.get(name) for name in ("facility", "geocoding", "address", "region")]
    facility, point, address, region = (each if isinstance(each, Mapping) else {} for each in nested)
    flat = lab.get("address_1") or lab.get("address") if not address else None
    cells = {
        "id": _first(facility.get("url"), facility.get("facility_id"), lab.get("slug"), lab.get("url"), lab.get("id")),
        "name": _first(facility.get("name"), lab.get("name")),
        "lat": _first(point.get("latitude"), lab.get("latitude")),
        "lon": _first(point.get("longitude"), lab.get("longitude")),
        "address": _first(address.get("extended"), flat),
        "city": _first(region.get("city_town"), lab.get("city")),
        "country": _first(region.get("country"), lab.get("country_code")).upper(),
        "status": _first(facility.get("status"), lab.get("activity_status")),
        "equipment": ";".join(_words(lab.get("capabilities"))),
    }
    return row_of(place, cells)


def _first(*values: Any) -> str:
    """Return the first value that is a text with something in it, or a number; "" where none is."""
    for value in values:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _words(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def rows_of_geojson(document: Any, where: str, vocabulary: Vocabulary, stated: Mapping[str, str]) -> tuple[Row, ...]:
    """Return the points of a GeoJSON document as workshops; properties are read by their names, or as stated.

    Raises
    ------
    InputError
        When it is no feature and no collection of them.
    """
    features = document.get("features") if isinstance(document, Mapping) else None
    if isinstance(document, Mapping) and document.get("type") == "Feature":
        features = [document]
    if not isinstance(features, list):
        raise InputError([Problem("W060", where, say("must be a FeatureCollection or a Feature of GeoJSON"))])
    return tuple(
        _feature(f"features[{number}]", feature, vocabulary, stated) for number, feature in enumerate(features)
    )


def _no_point(geometry: Mapping[str, Any]) -> str:
    return say("is a %(kind)s; must be a Point", kind=str(geometry.get("type"))[:40])


def _feature(place: str, feature: Any, vocabulary: Vocabulary, stated: Mapping[str, str]) -> Row:
    if not isinstance(feature, Mapping):
        return Row(place, fault=say("is no feature"))
    geometry = feature.get("geometry")
    point = geometry if isinstance(geometry, Mapping) else {}
    found = feature.get("properties")
    properties = found if isinstance(found, Mapping) else {}
    cells: dict[str, str] = {}
    for name, value in properties.items():
        field = stated[name] if name in stated else field_of(name)
        text = ";".join(_words(value)) if isinstance(value, list) else _first(value)
        if field in FIELDS and text:
            cells.setdefault(field, text)
    cells.setdefault("id", _first(feature.get("id")))
    coordinates = point.get("coordinates")
    if point.get("type") == "Point" and isinstance(coordinates, list) and len(coordinates) >= 2:
        cells |= {"lon": _first(coordinates[0]), "lat": _first(coordinates[1])}
    elif point:
        nameless = "" if cells.get("name") else say("has no name")
        return Row(place, name=cells.get("name", ""), fault=join_faults(nameless, _no_point(point)))
    row = row_of(place, cells)
    if EXTENSION in properties:
        return record_of(row, properties[EXTENSION], properties, vocabulary)
    return row
