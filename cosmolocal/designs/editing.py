"""What a maker types into the fields of a page, to and from a manifest; all that no field shows stays as it is."""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import tomli_w

from cosmolocal.designs.manifest import EXTENSION, OKH_VERSION, kebab_keys

#: fields at the top of a manifest
TOP_FIELDS = ("name", "version", "function", "license", "licensor", "repo", "organization", "image", "mass")
#: fields under ``x-cosmolocal``
EXTENSION_FIELDS = ("derived-from", "changes", "reference-price")
FIELDS = TOP_FIELDS + EXTENSION_FIELDS
KINDS = ("part", "bought", "design")
#: of a line of the bill of materials; ``kind`` and ``name`` stand for part, bought or design
LINE_FIELDS = ("kind", "name", "quantity", "into", "version", "cost", "mass", "provenance")
OPERATION_FIELDS = (
    "part",
    "process",
    "minutes-per-unit",
    "setup-minutes",
    "material",
    "envelope-mm",
    "material-cost",
    "tolerance",
    "provenance",
)
_NUMBERS = frozenset(
    ("mass", "reference-price", "quantity", "cost", "mass-g", "minutes-per-unit", "setup-minutes", "material-cost")
)
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,9})?")
_WITH_COMMA = re.compile(r"-?\d{1,12},\d{1,2}")
#: "" in a field says the same
_UNKNOWN = "unknown"
_MAY_BE_UNKNOWN = ("process", "minutes-per-unit")

Row = Mapping[str, str]
Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a manifest, word for word as a maker sees or types them."""

    #: by name in FIELDS
    fields: Row = field(default_factory=dict)
    #: lines of the bill of materials first, then parts that no line names; by name in LINE_FIELDS
    lines: tuple[Row, ...] = ()
    #: by name in OPERATION_FIELDS
    operations: tuple[Row, ...] = ()

    def clean(self) -> "Typed":
        """Return the same with every field there, no blanks around, and rows that say nothing left out."""
        return Typed(
            _clean(self.fields, FIELDS),
            _clean_rows(self.lines, LINE_FIELDS, ("kind", "provenance")),
            _clean_rows(self.operations, OPERATION_FIELDS, ("tolerance", "provenance")),
        )


def _clean(row: Row, names: Iterable[str]) -> dict[str, str]:
    return {name: row.get(name, "").replace("\r\n", "\n").strip() for name in names}


def _clean_rows(rows: Iterable[Row], names: tuple[str, ...], silent: tuple[str, ...]) -> tuple[Row, ...]:
    cleaned = (_clean(row, names) for row in rows)
    return tuple(row for row in cleaned if any(value for name, value in row.items() if name not in silent))


def read_typed(document: Mapping[str, Any]) -> Typed:
    """Return what the fields show of a manifest, which may be wrong in any way."""
    top = kebab_keys(document)
    extension = _table(top.get(EXTENSION))
    fields = {name: _text(top.get(name)) for name in TOP_FIELDS}
    fields |= {name: _text(extension.get(name), "\n") for name in EXTENSION_FIELDS}
    operations = tuple(_read_operation(table) for table in _tables(extension.get("operation")))
    return Typed(fields, _read_lines(top, extension), operations).clean()


def _read_operation(table: Mapping[str, Any]) -> Row:
    row = {name: _text(table.get(name), " × ") for name in OPERATION_FIELDS}
    return row | {name: "" for name in _MAY_BE_UNKNOWN if row[name] == _UNKNOWN}


def _read_lines(top: Mapping[str, Any], extension: Mapping[str, Any]) -> tuple[Row, ...]:
    masses = {_text(part.get("name")): _text(part.get("mass")) for part in _tables(top.get("part"))}
    rows = []
    for table in _tables(extension.get("bom")):
        kind = next((kind for kind in KINDS if table.get(kind)), "part")
        name = _text(table.get(kind))
        row = {key: _text(table.get(key)) for key in LINE_FIELDS} | {"kind": kind, "name": name}
        # a part's mass is shown in its first line only, so that two fields never disagree
        rows.append(row | {"mass": masses.pop(name, "") if kind == "part" else _text(table.get("mass-g"))})
    return (*rows, *({"kind": "part", "name": name, "mass": mass} for name, mass in masses.items()))


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [_table(item) for item in value] if isinstance(value, list) else []


def _text(value: Any, between: str = ", ") -> str:
    """Return a value of a manifest as a field shows it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return between.join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return _text(value.get("name", value.get("value")))
    if isinstance(value, float | Decimal) and Decimal(value).is_finite():
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)


def edit_manifest(document: Mapping[str, Any], before: Typed, after: Typed) -> dict[str, Any]:
    """Return the manifest with each field that differs between ``before`` and ``after`` as it is after."""
    top: Table = copy.deepcopy(kebab_keys(document))
    top.setdefault("okhv", OKH_VERSION)
    extension: Table = dict(_table(top.get(EXTENSION)))
    renamed = _renamed(before.lines, after.lines)
    for name in FIELDS:
        if after.fields.get(name) != before.fields.get(name):
            _put(extension if name in EXTENSION_FIELDS else top, name, after.fields.get(name, ""))
    if after.lines != before.lines:
        top["part"] = _merge_parts(_tables(top.get("part")), before.lines, after.lines, renamed)
        extension["bom"] = [_line(row) for row in after.lines if row["kind"] != "part" or row["quantity"]]
    if after.operations != before.operations or renamed:
        rows = [{**row, "part": renamed.get(row["part"], row["part"])} for row in after.operations]
        extension["operation"] = [_operation(row) for row in rows]
    # tables come after plain values, so that what is read first stands first
    parts = top.pop("part", None)
    top.pop(EXTENSION, None)
    # the extension stands there even when it is empty: it says that the manifest is one of ours
    return (
        top
        | ({"part": parts} if parts else {})
        | {EXTENSION: {name: value for name, value in extension.items() if value != []}}
    )


def write_document(document: Mapping[str, Any]) -> str:
    """Return the text of a manifest that may still hold faults."""
    return tomli_w.dumps(document)


def _put(table: Table, name: str, text: str) -> None:
    """Set a field to what was typed; nothing typed takes it away."""
    value = _value(name, text)
    if value in ("", []):
        table.pop(name, None)
    else:
        table[name] = value


def _value(name: str, text: str) -> Any:
    """Return what a manifest holds for a typed text; what is no number stays as typed, and is told as a fault later."""
    if name == "derived-from":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if name == "envelope-mm" and text != _UNKNOWN:
        return [_number(word) for word in re.split(r"[\s×x*,;]+", text) if word]
    return _number(text) if name in _NUMBERS else text


def _number(text: str) -> Any:
    """Return a number; ``12,5`` is one too, ``1,200`` might be meant in two ways and stays a text."""
    if _WITH_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return text
    try:
        return Decimal(text) if "." in text else int(text)
    except InvalidOperation:
        return text


def _renamed(before: tuple[Row, ...], after: tuple[Row, ...]) -> dict[str, str]:
    """Return the new name by the old one of each part that has another name in the same row."""
    old = {row["name"] for row in before if row["kind"] == "part"}
    new = {row["name"] for row in after if row["kind"] == "part"}
    pairs = [
        (one["name"], other["name"])
        for one, other in zip(before, after, strict=False)
        if one["kind"] == other["kind"] == "part"
    ]
    return {one: other for one, other in pairs if one not in new and other not in old and one and other}


def _merge_parts(
    parts: list[Mapping[str, Any]], before: tuple[Row, ...], after: tuple[Row, ...], renamed: Mapping[str, str]
) -> list[Table]:
    """Return the parts that lines name, with their masses, and those that no field showed."""
    shown = {row["name"] for row in before if row["kind"] == "part"}
    masses_before, masses = _masses(before), _masses(after)
    merged: dict[str, Table] = {}
    for part in parts:
        was = _text(part.get("name"))
        name = renamed.get(was, was)
        if name in masses or was not in shown:
            merged[name] = {**part, "name": name}
    for name, mass in masses.items():
        table = merged.setdefault(name, {"name": name})
        if mass != masses_before.get(name, ""):
            _put(table, "mass", mass)
    return list(merged.values())


def _masses(rows: Iterable[Row]) -> dict[str, str]:
    masses: dict[str, str] = {}
    for row in rows:
        if row["kind"] == "part" and row["name"]:
            masses[row["name"]] = masses.get(row["name"]) or row["mass"]
    return masses


def _line(row: Row) -> Table:
    kind = row["kind"] if row["kind"] in KINDS else "part"
    table: Table = {}
    _put(table, kind, row["name"])
    for name in ("quantity", "into", "version", "cost", "provenance"):
        _put(table, name, row[name])
    if kind != "part":
        _put(table, "mass-g", row["mass"])
    return table


def _operation(row: Row) -> Table:
    table: Table = {}
    for name in OPERATION_FIELDS:
        _put(table, name, row[name] or (_UNKNOWN if name in _MAY_BE_UNKNOWN else ""))
    return table
