"""The form of a draft: what was typed, read from a request, and its problems, put beside their fields."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from cosmolocal.designs.editing import FIELDS, Typed, read_typed
from cosmolocal.errors import Problem
from cosmolocal.web.fault_words import tell_place
from cosmolocal.web.publishing_words import name_field, tidy

#: rows of a table that are there to be filled in
SPARE_ROWS = 1
_ROW_FIELD = re.compile(r"(line|operation)-(\d{1,5})-([a-z-]+)")
_PLACE = re.compile(r"okh[^:]*: (?:x-cosmolocal\.?)?(?P<name>[a-z-]+)(?:\[(?P<index>\d+)\])?(?:\.(?P<key>[a-z-]+))?")
#: what the field of a row is called that shows a key of the manifest
_LINE_KEYS = {"part": "name", "design": "name", "bought": "name", "mass-g": "mass", "": "name"}

#: fields that problems of the store are about, which speak of no place in the manifest
_FIELD_BY_CODE = {"D002": "design-id", "D004": "version", "D060": "design-id", "D061": "design-id", "D065": "version"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem or warning as the page shows it."""

    code: str
    where: str
    message: str
    #: name of the field it is about; "": none of the form
    field: str


def read_form(form: MultiDict[str, str]) -> Typed:
    """Return what was typed into the form; rows that are ticked to be left out are."""
    rows: dict[str, dict[int, dict[str, str]]] = {"line": {}, "operation": {}}
    for name, value in form.items():
        if match := _ROW_FIELD.fullmatch(name):
            rows[match[1]].setdefault(int(match[2]), {})[match[3]] = value
    kept = {
        kind: tuple(row for _, row in sorted(by_number.items()) if not row.get("leave-out"))
        for kind, by_number in rows.items()
    }
    fields = {name: form.get(name, "") for name in FIELDS}
    return Typed(fields, kept["line"], kept["operation"]).clean()


def list_findings(problems: Iterable[Mapping[str, str]], document: Mapping[str, Any]) -> list[Finding]:
    """Return problems with the fields they are about; ``document`` is the manifest."""
    found = []
    for one in problems:
        field = _FIELD_BY_CODE.get(one["code"]) or find_field(one["where"], document)
        found.append(
            Finding(
                one["code"], name_field(field) or tell_place(one["where"]), tidy(one["code"], one["message"]), field
            )
        )
    return found


def find_field(where: str, document: Mapping[str, Any]) -> str:
    """Return the name of the field that shows a place of a manifest; "" where none does.

    >>> find_field("okh.toml: x-cosmolocal.operation[2].process", {})
    'operation-2-process'
    """
    match = _PLACE.match(where)
    if match is None:
        return ""
    name, index, key = match["name"], match["index"], match["key"] or ""
    if index is None:
        return name if name in FIELDS else ""
    if name == "operation":
        return f"operation-{index}-{key or 'process'}"
    if name == "bom":
        return f"line-{index}-{_LINE_KEYS.get(key, key)}"
    return _part_field(document, int(index), key) if name == "part" else ""


def _part_field(document: Mapping[str, Any], index: int, key: str) -> str:
    """Return the field of the row that shows a part of a manifest."""
    if key not in ("name", "mass", ""):
        return ""
    parts = document.get("part")
    part = parts[index] if isinstance(parts, list) and index < len(parts) else {}
    name = str(part.get("name", "")).strip() if isinstance(part, Mapping) else ""
    rows = read_typed(document).lines
    found = (number for number, row in enumerate(rows) if row["kind"] == "part" and row["name"] == name)
    return f"line-{number}-{key or 'name'}" if (number := next(found, None)) is not None else ""


def by_field(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Return the sentences to be shown beside each field."""
    told: dict[str, list[str]] = {}
    for finding in findings:
        if finding.field:
            told.setdefault(finding.field, []).append(finding.message)
    return told


def as_findings(problems: Iterable[Problem]) -> list[Finding]:
    """Return problems that no field of the form is about; those that say the same are one."""
    told = list(problems)
    # what is said of a file in an archive needs no second word about the archive
    named = {one.code for one in told if one.where != "archive"}
    places: dict[tuple[str, str], list[str]] = {}
    for one in told:
        if one.where == "archive" and one.code in named:
            continue
        places.setdefault((one.code, one.message), []).append(one.where)
    return [
        Finding(code, ", ".join(map(tell_place, dict.fromkeys(where))), tidy(code, message), "")
        for (code, message), where in places.items()
    ]
