"""Strict reading of YAML, TOML, JSON and CSV, with a place for every fault.

YAML scalars stay strings until a field types them: ``version: 1.10`` is not 1.1, ``NO`` is not false.
"""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cosmolocal.errors import InputError, Problem

#: deepest nesting and most nodes of a YAML or JSON file we read (docs/formats.md)
MAX_DEPTH = 32
MAX_NODES = 2_000_000


def read_text(path: Path, where: str, code: str, max_bytes: int = 64 * 1024 * 1024) -> str:
    """Return the UTF-8 text of a file; a missing, too large or wrongly encoded file raises `InputError`."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise InputError([Problem(code, where, f"has {size} bytes; at most {max_bytes} are read")])
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is {error.object[error.start]:#04x}; the file must be UTF-8 text"
        raise InputError([Problem(code, where, found)]) from None
    except OSError as error:
        raise InputError([Problem(code, where, f"cannot be read: {error.strerror}")]) from None


def sha256_of(path: Path) -> str:
    """Return ``sha256:`` and the digest of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def parse_yaml(text: str, where: str, code: str, max_nodes: int = MAX_NODES, repeated: list[str] | None = None) -> Any:
    """Return dicts, lists, strings and None (an empty plain scalar, ``~`` or ``null``).

    Keys that stand twice with one and the same value are noted in ``repeated`` where that is given, else refused.

    Raises
    ------
    InputError
        For anything but one plain document: anchors, tags, duplicate keys, merge keys, too deep, too large.
    """
    try:
        return _YamlReader(where, code, max_nodes, repeated).read(text)
    except yaml.YAMLError as error:
        raise InputError([Problem(code, where, "is not YAML: " + " ".join(str(error).split()))]) from None
    except RecursionError:
        raise InputError([Problem(code, where, f"is nested deeper than {MAX_DEPTH} levels")]) from None


class _YamlReader:
    """Builds values from YAML events, so that nothing of YAML's object machinery runs."""

    def __init__(self, where: str, code: str, max_nodes: int, repeated: list[str] | None) -> None:
        self.where, self.code, self.nodes_left, self.repeated = where, code, max_nodes, repeated

    def read(self, text: str) -> Any:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        next(events)  # stream start
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        value = self._value(events, next(events), 1)
        next(events)  # document end
        if not isinstance(following := next(events), yaml.StreamEndEvent):
            raise self._refused(following, "a second document; one is allowed")
        return value

    def _refused(self, event: yaml.Event, what: str) -> InputError:
        mark = event.start_mark
        line = f"line {mark.line + 1}: " if mark is not None else ""
        return InputError([Problem(self.code, self.where, f"{line}{what}")])

    def _value(self, events: Iterator[yaml.Event], event: yaml.Event, depth: int) -> Any:
        self.nodes_left -= 1
        if self.nodes_left < 0:
            raise self._refused(event, "too many values")
        if depth > MAX_DEPTH:
            raise self._refused(event, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._refused(event, "anchors and aliases are not allowed")
        if (tag := getattr(event, "tag", None)) is not None:
            raise self._refused(event, f"the tag {tag} is not allowed")
        if isinstance(event, yaml.ScalarEvent):
            plain_null = event.style in (None, "") and event.value in ("", "~", "null", "Null", "NULL")
            return None if plain_null else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, depth)
        return self._mapping(events, depth)

    def _sequence(self, events: Iterator[yaml.Event], depth: int) -> list[Any]:
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(events, event, depth + 1))
        return items

    def _mapping(self, events: Iterator[yaml.Event], depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.value == "<<":
                raise self._refused(event, "keys must be plain words")
            value = self._value(events, next(events), depth + 1)
            if event.value in items:
                if self.repeated is None or value != items[event.value]:
                    raise self._refused(event, f"the key {event.value!r} stands twice")
                self.repeated.append(event.value)
            items[event.value] = value
        return items


def parse_toml(text: str, where: str, code: str) -> dict[str, Any]:
    """Return the tables of a TOML document (which knows no duplicate keys)."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also an integer of over 4,300 digits
        raise InputError([Problem(code, where, f"is not TOML: {error}")]) from None


def parse_json(text: str, where: str, code: str) -> Any:
    """Return the value of a JSON document; duplicate keys and NaN are refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the key {twice!r} stands twice")
        return dict(pairs)

    def no_constant(word: str) -> Any:
        raise ValueError(f"{word} is no number of JSON")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(code, where, f"is not JSON: {error}")]) from None


def parse_csv(
    text: str, where: str, code: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[tuple[int, dict[str, str]]]:
    """Return (line number, trimmed cells by column) for each row; blank rows are passed over.

    Raises
    ------
    InputError
        With every missing, unknown or repeated column, and every row of another length.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems, rows = [], []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        problems += [Problem(code, where, f"the column {name!r} is missing") for name in required if name not in header]
        for name in header:
            if name not in required + optional:
                known = ", ".join(required + optional)
                problems.append(Problem(code, where, f"unknown column {name!r}; known are {known}"))
        if len(set(header)) < len(header):
            problems.append(Problem(code, where, "a column stands twice"))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                found = f"has {len(cells)} cells; the header has {len(header)}"
                problems.append(Problem(code, f"{where}: line {reader.line_num}", found))
                continue
            rows.append((reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        problems.append(Problem(code, f"{where}: line {reader.line_num}", f"is not CSV: {error}"))
    if problems:
        raise InputError(problems)
    return rows
