"""Open Know-Where: facilities as JSON or YAML, read as people write them, and written so that nothing is lost."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import MachineGroup, Vocabulary, Workshop, WorkshopStatus
from cosmolocal.workshops.exchange import EXTENSION, extension_of, record_of
from cosmolocal.workshops.found import Equipment, Row, join_faults, read_coordinate, read_pair, read_status
from cosmolocal.workshops.tables import id_of, read_envelope, read_materials, read_tolerance

#: how Open Know-Where writes the status of a facility
STATUS_WORDS = {
    WorkshopStatus.ACTIVE: "Active",
    WorkshopStatus.PLANNED: "Planned",
    WorkshopStatus.TEMPORARILY_CLOSED: "Temporary Closure",
    WorkshopStatus.CLOSED: "Closed",
}
EXPORT_FORMATS = ("okw", "geojson")
_ENVELOPES = ("build_volume", "bed_size", "working_surface", "envelope_mm", "maximum_part_size")
_MOST_MACHINES = 10_000


def rows_of_okw(document: Any, where: str, vocabulary: Vocabulary) -> tuple[Row, ...]:
    """Return the facilities of a document: one, a list of them, or a table with the list ``facilities``.

    Raises
    ------
    InputError
        When it holds none.
    """
    plain = _plain_keys(document)
    if isinstance(plain, list):
        return tuple(_facility(f"facilities[{number}]", each, vocabulary) for number, each in enumerate(plain))
    for name in ("facilities", "manufacturing_facilities", "okw"):
        if isinstance(plain, Mapping) and isinstance(plain.get(name), list):
            return rows_of_okw(plain[name], where, vocabulary)
    if not isinstance(plain, Mapping):
        raise InputError([Problem("W060", where, say("must be a facility of Open Know-Where, or a list of them"))])
    return (_facility("facility", plain, vocabulary),)


def _plain_keys(value: Any) -> Any:
    """Return tables with keys in small letters and underscores; ours stay as they are."""
    if isinstance(value, list):
        return [_plain_keys(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key if key == EXTENSION else str(key).strip().casefold().replace("-", "_").replace(" ", "_"): (
            item if key == EXTENSION else _plain_keys(item)
        )
        for key, item in value.items()
    }


def _facility(place: str, table: Any, vocabulary: Vocabulary) -> Row:
    if not isinstance(table, Mapping):
        return Row(place, fault=say("is no table of named fields"))
    name = _text(table.get("name") or table.get("title"))
    found = table.get("location")
    location = found if isinstance(found, Mapping) else {"address": found}
    lat, lon, told = _coordinates(location, table)
    equipment = tuple(_equipment_of(table))
    misplaced = say("found %(found)s; must be degrees north and east", found=repr(str(told)[:60]))
    fault = join_faults("" if name else say("has no name"), misplaced if told and lat is None else "")
    row = Row(
        place=place,
        id=id_of(_text(table.get("id") or table.get("identifier"))),
        name=" ".join(name.split()),
        lat=lat,
        lon=lon,
        address=_address(location.get("address")),
        country=_country(location.get("address")),
        status=read_status(table.get("facility_status") or table.get("status")),
        equipment=equipment,
        fault=fault,
    )
    if EXTENSION in table:
        return record_of(row, table[EXTENSION], {"name": table.get("name", "")}, vocabulary)
    return row


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _coordinates(location: Mapping[str, Any], table: Mapping[str, Any]) -> tuple[float | None, float | None, Any]:
    told: Any = None
    for holder in (location, table):
        for name in ("gps_coordinates", "gps", "coordinates", "geo"):
            value = holder.get(name)
            told = told or value
            pair = read_pair(value) if isinstance(value, str) else _pair_of(value)
            if pair is not None:
                return (*pair, value)
        if (pair := _pair_of(holder)) is not None:
            return (*pair, holder)
        told = told or holder.get("lat") or holder.get("latitude")
    return None, None, told


def _pair_of(value: Any) -> tuple[float, float] | None:
    if isinstance(value, list) and len(value) == 2:
        value = {"lat": value[0], "lon": value[1]}
    if not isinstance(value, Mapping):
        return None
    lat = read_coordinate(value.get("lat", value.get("latitude")), 90)
    lon = read_coordinate(value.get("lon", value.get("longitude", value.get("lng"))), 180)
    return None if lat is None or lon is None else (lat, lon)


def _address(value: Any) -> str:
    if isinstance(value, Mapping):
        names = ("number", "street", "district", "postcode", "city", "region", "country")
        return ", ".join(text for name in names if (text := _text(value.get(name))))
    return " ".join(_text(value).split())


def _country(value: Any) -> str:
    return _text(value.get("country")) if isinstance(value, Mapping) else ""


def _equipment_of(table: Mapping[str, Any]) -> Iterator[Equipment]:
    """Yield equipment; where none is listed, what the facility says it can do."""
    listed = table.get("equipment")
    items = listed if isinstance(listed, list) else [listed] if listed else []
    for item in items:
        if isinstance(item, str):
            yield Equipment((item,))
        elif isinstance(item, Mapping):
            yield _equipment(item)
    if items:
        return
    for name in ("manufacturing_processes", "processes", "tool_list_atoms"):
        words = table.get(name)
        for word in words if isinstance(words, list) else _text(words).split(","):
            text = _text(word.get("description") or word.get("name")) if isinstance(word, Mapping) else _text(word)
            if text.strip():
                yield Equipment((_last_part(text),))


def _last_part(text: str) -> str:
    """Return the words of a process: of a web address, its last part."""
    return id_of(text).replace("_", " ")


def _equipment(item: Mapping[str, Any]) -> Equipment:
    process = item.get("manufacturing_process")
    words = [_text(each) for each in (process if isinstance(process, list) else [process])]
    words.append(_text(item.get("equipment_type")))
    quantity = read_coordinate(item.get("quantity"), _MOST_MACHINES)
    materials = item.get("materials_worked")
    envelopes = [read_envelope(_envelope_text(item[name])) for name in _ENVELOPES if name in item]
    return Equipment(
        words=tuple(_last_part(word) for word in words if word),
        machines=max(1, round(quantity)) if quantity else 1,
        make=_text(item.get("make")),
        model=_text(item.get("model")),
        envelope_mm=next((each for each in envelopes if each), None),
        materials=read_materials(materials if isinstance(materials, list) else _text(materials).split(",")),
        tolerance=read_tolerance(item.get("tolerance_class")),
    )


def _envelope_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " x ".join(_text(each) for each in value.values())
    return " x ".join(map(_text, value)) if isinstance(value, list) else _text(value)


def write_okw(workshops: Collection[Workshop]) -> str:
    """Return the facilities as JSON; `rows_of_okw` reads the same workshops from it."""
    facilities = [_plain_facility(workshop) for workshop in workshops]
    return json.dumps({"facilities": facilities}, ensure_ascii=False, indent=2) + "\n"


def _plain_facility(workshop: Workshop) -> dict[str, Any]:
    return {
        "name": workshop.name,
        "location": {
            "address": workshop.address,
            "gps_coordinates": {"latitude": workshop.lat, "longitude": workshop.lon},
        },
        "facility_status": STATUS_WORDS[workshop.status],
        "manufacturing_processes": sorted({group.process for group in workshop.groups}),
        "equipment": [_plain_equipment(group) for group in workshop.groups],
        EXTENSION: extension_of(workshop),
    }


def _plain_equipment(group: MachineGroup) -> dict[str, Any]:
    plain = {
        "equipment_type": group.process,
        "manufacturing_process": group.process,
        "make": group.make,
        "model": group.model,
        "quantity": group.machines,
        "materials_worked": list(group.materials or ()),
        "tolerance_class": group.tolerance.value if group.tolerance else "",
        "build_volume": " x ".join(map(str, group.envelope_mm)) if group.envelope_mm else "",
    }
    return {name: value for name, value in plain.items() if value}


def write_geojson(workshops: Collection[Workshop]) -> str:
    """Return the workshops as points; what reads GeoJSON here reads the same workshops from it."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [workshop.lon, workshop.lat]},
            "properties": {
                "name": workshop.name,
                "address": workshop.address,
                "status": STATUS_WORDS[workshop.status],
                "equipment": sorted({group.process for group in workshop.groups}),
                EXTENSION: extension_of(workshop),
            },
        }
        for workshop in workshops
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=2) + "\n"
