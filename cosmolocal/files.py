"""Strict reading of YAML, TOML, JSON and CSV, with a place for every fault.

YAML scalars stay strings until a field types them: ``version: 1.10`` is not 1.1, ``NO`` is not false.
"""

import csv
import hashlib
import io
import itertools
import json
import math
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cosmolocal.errors import InputError, Problem, UnreadableError, say

#: how the system says that there is no such file
NO_FILE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
#: deepest nesting and most nodes of a YAML or JSON file we read (docs/formats.md)
MAX_DEPTH = 32
MAX_NODES = 2_000_000
#: what programs that give plain YAML words a type take for a number, and the longest that a number needs to be
_NUMBER_LIKE = re.compile(r"[-+0-9][-+0-9_.:eE]*")
_MAX_NUMBER_SIGNS = 400
_NOT_FINITE = re.compile(r"[-+]?\.inf|\.nan", re.IGNORECASE)
_NO_DAY = re.compile(
    r"\d{4}-(?:(?!0[1-9]|1[0-2])\d\d-\d\d|\d\d-(?!0[1-9]|[12]\d|3[01])\d\d)(?:[Tt ][-+0-9:.Zz ]*)?", re.ASCII
)
#: where YAML 1.1, which libyaml reads, breaks lines
_YAML_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_DIRECTIVE_WITH_COMMENT = re.compile(r"%[^\n#]*[^\s#]#")
_NO_BLANK = "a comment needs a blank before its #"
#: more names with dots between them than tables may be nested; tomllib's time grows with the square of their number
_DOTTED = re.compile(rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}""")


def read_text(path: Path, where: str, code: str, max_bytes: int = 64 * 1024 * 1024) -> str:
    """Return the UTF-8 text of a file.

    A missing, too large or wrongly encoded one raises `InputError`; one that is there and cannot be read raises
    `UnreadableError`, which is one too.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            told = say("has %(size)s bytes; at most %(most)s are read", size=size, most=max_bytes)
            raise InputError([Problem(code, where, told)])
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = say(
            "byte %(start)s is %(object)s; the file must be UTF-8 text",
            start=error.start,
            object=f"{error.object[error.start]:#04x}",
        )
        raise InputError([Problem(code, where, found)]) from None
    except OSError as error:
        fault = Problem(code, where, say("cannot be read: %(why)s", why=error.strerror))
        raise (InputError if isinstance(error, NO_FILE) else UnreadableError)([fault]) from None


def sha256_of(path: Path) -> str:
    """Return ``sha256:`` and the digest of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def find_digest(path: Path, where: str, code: str) -> str | None:
    """Return what `sha256_of` does; None: there is no such file.

    One that is there and cannot be read raises `UnreadableError`: nobody knows whether it is still the same.
    """
    try:
        return sha256_of(path)
    except NO_FILE:
        return None
    except OSError as error:
        raise UnreadableError([Problem(code, where, say("cannot be read: %(why)s", why=error.strerror))]) from None


def is_there(path: Path, where: str, code: str) -> bool:
    """Tell whether there is such a file; raises `UnreadableError` where that cannot be found out."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except NO_FILE:
        return False
    except OSError as error:
        raise UnreadableError([Problem(code, where, say("cannot be read: %(why)s", why=error.strerror))]) from None


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
        raise InputError(
            [Problem(code, where, say("is nested deeper than %(max_depth)s levels", max_depth=MAX_DEPTH))]
        ) from None


class _YamlReader:
    """Builds values from YAML events, so that nothing of YAML's object machinery runs."""

    def __init__(self, where: str, code: str, max_nodes: int, repeated: list[str] | None) -> None:
        self.where, self.code, self.nodes_left, self.repeated = where, code, max_nodes, repeated

    def read(self, text: str) -> Any:
        self.lines = [*_YAML_BREAK.split(text), ""]  # libyaml ends the last line even where nothing does
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        next(events)  # stream start
        if isinstance(start := next(events), yaml.StreamEndEvent):
            return None
        if _DIRECTIVE_WITH_COMMENT.match(text):
            raise self._refused(start, _NO_BLANK)
        value = self._value(events, next(events), 1, -1)
        next(events)  # document end
        if not isinstance(following := next(events), yaml.StreamEndEvent):
            raise self._refused(following, "a second document; one is allowed")
        if ",#" in text:
            self._check_commas(text)
        return value

    def _check_commas(self, text: str) -> None:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.FlowEntryToken):
                self._check_end(token)

    def _check_end(self, event: Any) -> None:
        """Refuse a comment that touches what stands before it; libyaml takes it for one all the same."""
        if self.lines[event.end_mark.line][event.end_mark.column :].startswith("#"):
            raise self._refused(event, _NO_BLANK)

    def _check_indent(self, start: Any, end: Any, indent: int) -> None:
        """Refuse lines of a quoted text or a bracket that are indented no further than what they belong to.

        A bracket may close there: many people write it so, and nothing else can be meant.
        """
        for line in self.lines[start.start_mark.line + 1 : end.end_mark.line + 1]:
            if len(line) - len(line.lstrip(" ")) <= indent and not re.fullmatch(r"[\]}, \t]*(?:#.*)?", line):
                raise self._refused(start, f"goes on in a line that is not indented further: {line[:40]!r}")

    def _refused(self, event: yaml.Event, what: str) -> InputError:
        mark = event.start_mark
        line = f"line {mark.line + 1}: " if mark is not None else ""
        return InputError([Problem(self.code, self.where, f"{line}{what}")])

    def _value(self, events: Iterator[yaml.Event], event: Any, depth: int, indent: int) -> Any:
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
            return self._scalar(event, indent)
        within = indent if event.flow_style else event.start_mark.column
        value, end = (self._sequence if isinstance(event, yaml.SequenceStartEvent) else self._mapping)(
            events, depth, within
        )
        if event.flow_style:
            self._check_end(end)
            self._check_indent(event, end, indent)
        return value

    def _scalar(self, event: yaml.ScalarEvent, indent: int) -> str | None:
        """Return the text; what other programs cannot read as the number or day it looks like is refused."""
        value: str = event.value
        if "\x00" in value:
            raise self._refused(event, "holds a NUL character, which no text may hold")
        if event.style in ("'", '"'):
            self._check_end(event)
            self._check_indent(event, event, indent)
            return value
        if event.style in ("|", ">"):
            self._check_block(event)
            return value
        if why := why_quoted(value):
            raise self._refused(event, why)
        return None if value in ("", "~", "null", "Null", "NULL") else value

    def _check_block(self, event: Any) -> None:
        """Refuse a comment that touches ``|`` or ``>``, and an empty text whose blank lines are indented too far."""
        mark = event.start_mark
        if re.match(r"[|>][-+0-9]*#", self.lines[mark.line][mark.column :]):
            raise self._refused(event, _NO_BLANK)
        following = self.lines[mark.line + 1 :] if not event.value.strip() else []
        blanks = list(itertools.takewhile(lambda line: not line.strip(" "), following))
        first = following[len(blanks)] if len(blanks) < len(following) else ""
        if first.lstrip(" ").startswith("#") and any(
            len(line) > len(first) - len(first.lstrip(" ")) for line in blanks
        ):
            raise self._refused(event, "begins with blank lines that are indented further than what follows")

    def _sequence(self, events: Iterator[yaml.Event], depth: int, indent: int) -> tuple[list[Any], yaml.Event]:
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(events, event, depth + 1, indent))
        return items, event

    def _mapping(self, events: Iterator[yaml.Event], depth: int, indent: int) -> tuple[dict[str, Any], yaml.Event]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.value == "<<":
                raise self._refused(event, "keys must be plain words")
            self._scalar(event, indent)
            value = self._value(events, next(events), depth + 1, indent)
            if event.value in items:
                if self.repeated is None or value != items[event.value]:
                    raise self._refused(event, f"the key {event.value!r} stands twice")
                self.repeated.append(event.value)
            items[event.value] = value
        return items, event


def parse_toml(text: str, where: str, code: str) -> dict[str, Any]:
    """Return the tables of a TOML document (which knows no duplicate keys); inf and nan are refused."""
    try:
        if _DOTTED.search(text):
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        document = tomllib.loads(text, parse_float=_finite)
        _require_sound(document, text)
    except (ValueError, RecursionError) as error:  # ValueError: also an integer of over 4,300 digits
        raise InputError([Problem(code, where, say("is not TOML: %(error)s", error=_plainly(error)))]) from None
    return document


def parse_json(text: str, where: str, code: str) -> Any:
    """Return the value of a JSON document; duplicate keys, NaN and numbers too large for a float are refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            [(twice, _)] = Counter(keys).most_common(1)
            raise ValueError(f"the key {twice[:80]!r} stands twice")
        return dict(pairs)

    def no_constant(word: str) -> Any:
        raise ValueError(f"{word} is no number of JSON")

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=no_constant, parse_float=_finite)
        _require_sound(value, text)
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(code, where, say("is not JSON: %(error)s", error=_plainly(error)))]) from None
    return value


def why_quoted(value: str) -> str:
    """Return why a text in YAML must be in quotes to be read as text, though it looks like none; "": it need not."""
    if value == "-":
        return "a hyphen alone is no value; write it in quotes"
    if len(value) > _MAX_NUMBER_SIGNS and _NUMBER_LIKE.fullmatch(value):
        return f"a number of {len(value)} signs; at most {_MAX_NUMBER_SIGNS} are read"
    if _NOT_FINITE.fullmatch(value) or (_NUMBER_LIKE.fullmatch(value) and _is_endless(value)):
        return f"{value[:40]} is no finite number"
    if _NO_DAY.fullmatch(value):
        return f"{value} is no day of the calendar"
    return ""


def _plainly(error: Exception) -> str:
    """Return what a reader found, without what Python says of its own limits."""
    if isinstance(error, RecursionError):
        return f"nested deeper than {MAX_DEPTH} levels"
    return "a whole number of more than 4,300 digits" if "set_int_max_str_digits" in str(error) else str(error)


def _is_endless(word: str) -> bool:
    try:
        return math.isinf(float(word))
    except ValueError:  # a day or a time, say
        return False


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word[:40]} is no finite number")
    return number


def _require_sound(value: Any, text: str) -> None:
    """Raise `ValueError` for what is nested too deep, and for characters that no file, database or page can keep."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
    if level:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    if "\\" not in text:  # an escape is the only way in for them
        return
    written = json.dumps(value, ensure_ascii=False, default=str)
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", written):
        raise ValueError("a text holds a NUL character, which no text may hold")
    try:
        written.encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half of a Unicode surrogate pair, which is no character") from None


def _children(item: Any) -> Iterator[Any]:
    """Yield the tables and lists in a table or list; a value on its own counts as nothing."""
    if isinstance(item, dict | list):
        for child in item.values() if isinstance(item, dict) else item:
            if isinstance(child, dict | list):
                yield child


def parse_csv(
    text: str, where: str, code: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[tuple[int, dict[str, str]]]:
    """Return (line number, trimmed cells by column) for each row; blank rows are passed over.

    Raises
    ------
    InputError
        With every missing, unknown or repeated column, and every row of another length.
    """
    rows, problems = find_rows(text, where, code, required, optional)
    if problems:
        raise InputError(problems)
    return rows


def find_rows(
    text: str, where: str, code: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> tuple[list[tuple[int, dict[str, str]]], list[Problem]]:
    """Return what `parse_csv` does of the rows that can be read, and what it raises.

    Of a column that stands twice no cell is returned: nobody knows which one is meant.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems, rows = [], []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        problems += _check_header(header, where, code, required, optional)
        twice = {name for name, count in Counter(header).items() if count > 1}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                found = say("has %(cells)s cells; the header has %(header)s", cells=len(cells), header=len(header))
                problems.append(Problem(code, f"{where}: line {reader.line_num}", found))
                continue
            named = zip(header, (cell.strip() for cell in cells), strict=True)
            rows.append((reader.line_num, {name: cell for name, cell in named if name not in twice}))
    except csv.Error as error:
        problems.append(Problem(code, f"{where}: line {reader.line_num}", say("is not CSV: %(error)s", error=error)))
    return rows, problems


def _check_header(
    header: list[str], where: str, code: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> list[Problem]:
    problems = [
        Problem(code, where, say("the column %(name)s is missing", name=repr(name)))
        for name in required
        if name not in header
    ]
    known = ", ".join(required + optional)
    for name in header:
        if name not in required + optional:
            told = say("unknown column %(name)s; known are %(known)s", name=repr(name), known=known)
            problems.append(Problem(code, where, told))
    if len(set(header)) < len(header):
        problems.append(Problem(code, where, say("a column stands twice")))
    return problems
