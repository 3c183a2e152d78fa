"""The JSON Schema of ``workshops.yaml``, published as ``docs/workshops.schema.json``.

It says what single fields may hold. Rules between fields (ids that stand twice, agreed <= actual <= maximum,
overlapping periods) are `register`'s alone.
"""

import json
from typing import Any

from cosmolocal.fields import SLUG
from cosmolocal.records import Provenance, Tolerance, Vocabulary, WorkshopStatus
from cosmolocal.workshops.register import HOURS_PER_WEEK, LEGAL_FORMS, UNKNOWN, WEEKDAYS

ID = {"type": "string", "pattern": f"^{SLUG.pattern}$", "maxLength": 80}
TEXT = {"type": "string", "maxLength": 10_000}
DAY = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
PROVENANCE = {"enum": [member.value for member in Provenance]}


def build_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the schema; the processes allowed are those of the vocabulary."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The workshops of a region (workshops.yaml)",
        **_table({"workshops": {"type": "array", "items": _workshop(vocabulary)}}, ["workshops"]),
    }


def schema_text(vocabulary: Vocabulary) -> str:
    """Return the text of ``docs/workshops.schema.json``."""
    return json.dumps(build_schema(vocabulary), indent=2, ensure_ascii=False) + "\n"


def _workshop(vocabulary: Vocabulary) -> dict[str, Any]:
    fields = {
        "id": ID | {"description": "also the id of its place in the network"},
        "name": TEXT | {"minLength": 1},
        "lat": _number(-90, 90, "degrees north, WGS 84"),
        "lon": _number(-180, 180, "degrees east, WGS 84"),
        "address": _or_null(TEXT),
        "status": {"enum": [member.value for member in WorkshopStatus]},
        "legal_form": {"enum": list(LEGAL_FORMS)},
        "radius_km": _or_null(_number(0, 20_000, "km along the network; null: no limit")),
        "open_weekdays": {"type": "array", "items": {"enum": list(WEEKDAYS)}, "minItems": 1, "uniqueItems": True},
        "closed_days": {"type": "array", "items": DAY, "uniqueItems": True},
        "example": {"type": "boolean", "description": "true: made up"},
        "source": _or_null(TEXT | {"description": "where name and coordinates come from"}),
        "provenance": PROVENANCE | {"description": "of name and coordinates"},
        "terms_provenance": PROVENANCE | {"description": "of legal form, radius, open weekdays and closed days"},
        "imported": {"type": "array", "items": _imported(), "description": "the lists that tell of it"},
        "groups": {"type": "array", "items": _group(vocabulary)},
    }
    return _table(fields, ["id", "name", "lat", "lon", "groups"])


def _group(vocabulary: Vocabulary) -> dict[str, Any]:
    side = _integer(1, 1_000_000)
    words = {"type": "array", "items": {"type": "string", "pattern": f"^{SLUG.pattern}$"}, "uniqueItems": True}
    fields = {
        "id": ID | {"description": "unique within its workshop"},
        "process": {"enum": sorted(process.id for process in vocabulary.processes)},
        "machines": _integer(1, 10_000),
        "envelope_mm": _or_unknown({"type": "array", "items": side, "minItems": 3, "maxItems": 3}),
        "materials": _or_unknown(words),
        "tolerance": {"enum": [*(member.value for member in Tolerance), UNKNOWN]},
        "setup_minutes": _number(0, 10_080, "minutes per lot"),
        "speed_percent": _integer(1, 10_000),
        "hourly_cost": _or_unknown(_number(0, 100_000, "euros per machine hour")),
        "co2e_g_per_hour": _integer(0, 1_000_000_000),
        "minimum_lot": _integer(1, 1_000_000_000),
        "weekly_hours": _or_unknown({"type": "array", "items": _period(), "description": "of one machine"}),
        "provenance": PROVENANCE | {"description": "of the group's figures"},
        "make": TEXT | {"description": "who builds these machines"},
        "model": TEXT | {"description": "what they call them"},
        "imported": _imported(),
    }
    return _table(fields, ["id", "process", "machines", "hourly_cost", "weekly_hours"])


def _imported() -> dict[str, Any]:
    fields = {
        "source": TEXT | {"minLength": 1, "description": "name of the list"},
        "id": TEXT | {"description": "what the list calls it"},
        "date": DAY,
        "licence": TEXT,
    }
    return _table(fields, ["source"])


def _period() -> dict[str, Any]:
    hours = _number(0, HOURS_PER_WEEK, "machine hours per week")
    fields = {"agreed": hours, "actual": hours, "maximum": hours, "valid_from": DAY, "valid_to": DAY}
    return _table(fields, ["agreed", "actual", "maximum"])


def _table(fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _number(low: int, high: int, description: str) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high, "description": description}


def _integer(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


def _or_null(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, {"type": "null"}]}


def _or_unknown(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, {"const": UNKNOWN}]}
