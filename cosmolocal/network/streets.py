"""Reading street networks: GraphML as OSMnx writes it, or CSV, each as it is or packed by gzip."""

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.network.street_draft import UNREADABLE, Draft, Street
from cosmolocal.network.street_graphml import read_graphml
from cosmolocal.records import StreetNetwork

CODES = {
    "N001": "a street network cannot be read: missing, damaged, too large, or of no known form",
    "N002": "a node or a street of a street network is wrong, or lacks something",
    "N003": "a street network in XML declares a document type or entities, which are refused",
}

#: [bytes] largest street network, unpacked
MOST_BYTES = 512 * 1024 * 1024
_BLOCK = 1 << 20

#: a column's name by what it may be called
_EDGE_COLUMNS = {
    "from": "start",
    "u": "start",
    "i": "start",
    "to": "end",
    "v": "end",
    "j": "end",
    "length_m": "length_m",
    "length": "length_m",
    "oneway": "oneway",
    "class": "kind",
    "highway": "kind",
    "maxspeed": "speed",
}
_NODE_COLUMNS = {"id": "name", "osmid": "name", "lon": "lon", "x": "lon", "lat": "lat", "y": "lat"}
#: what parts columns; where it is no comma, numbers may have a decimal comma
_SEPARATORS = (",", ";", "\t")
_NUMBERS = frozenset(("lat", "lon", "length_m"))
_COMMA = re.compile(r"-?\d+,\d+")
_BARE_COLUMNS = ("start", "end", "length_m", "oneway", "kind", "speed")


def read_streets(folder: Path, name: str) -> StreetNetwork:
    """Return the street network in a file of a region's folder.

    A CSV whose name ends in ``edges.csv`` has its nodes in the file beside it whose name ends in ``nodes.csv``; any
    other holds both: the number of nodes, their ``lon,lat``, then ``i,j,length_m`` of each street.

    Raises
    ------
    InputError
        With every fault, each with its line.
    """
    draft = Draft(name)
    data = _read_bytes(folder / name, draft)
    if data.lstrip()[:1] == b"<":
        read_graphml(data, draft)
        return draft.build(_digest(data))
    paired = _nodes_of(name)
    if paired is None:
        _read_counted(_lines(data, draft), draft)
        return draft.build(_digest(data))
    nodes = _read_bytes(folder / paired, Draft(paired))
    draft.file = paired
    _read_nodes(_lines(nodes, draft), draft)
    draft.file = name
    _read_edges(_lines(data, draft), draft)
    return draft.build(_digest(nodes + data))


def street_files(name: str) -> tuple[str, ...]:
    """Return the files that a street network is read from."""
    paired = _nodes_of(name)
    return (name,) if paired is None else (name, paired)


def _nodes_of(name: str) -> str | None:
    for ending in ("edges.csv", "edges.csv.gz"):
        if name.endswith(ending):
            return name.removesuffix(ending) + ending.replace("edges", "nodes")
    return None


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _read_bytes(path: Path, draft: Draft) -> bytes:
    """Return the bytes of a file, unpacked; never more than `MOST_BYTES` and one block."""
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            file = gzip.GzipFile(fileobj=raw) if is_packed else raw
            blocks, size = [], 0
            while block := file.read(_BLOCK):
                size += len(block)
                if size > MOST_BYTES:
                    raise draft.refuse(UNREADABLE, say("has more than %(most)s bytes unpacked", most=MOST_BYTES))
                blocks.append(block)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise draft.refuse(UNREADABLE, say("cannot be read: %(why)s", why=why)) from None
    return b"".join(blocks)


def _lines(data: bytes, draft: Draft) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line that is not empty."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        told = say("byte %(start)s is no UTF-8 text", start=error.start)
        raise InputError([*draft.problems, Problem(UNREADABLE, draft.name, told)]) from None
    return ((number, line.strip(" \r")) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _read_counted(lines: Iterator[tuple[int, str]], draft: Draft) -> None:
    number, first = next(lines, (1, ""))
    if not first.isascii() or not first.isdigit() or len(first) > 9:
        rule = say(
            "must be the number of nodes; a file of streets with headers ends in edges.csv, its nodes in nodes.csv"
        )
        draft.fault(f"line {number}", first, rule)
        return
    count = int(first)
    for nth in range(count):
        number, line = next(lines, (0, ""))
        if not number:
            draft.fault("end", nth, say("must hold %(count)s nodes, as its first line says", count=count))
            return
        lon, _, lat = line.partition(",")
        draft.add_node(f"line {number}", str(nth), lon, lat)
    for number, line in lines:
        cells = line.split(",")
        if not 3 <= len(cells) <= len(_BARE_COLUMNS):
            draft.fault(f"line {number}", line, say("must be i,j,length_m, then oneway, class and maxspeed if known"))
            continue
        row = dict(zip(_BARE_COLUMNS, (cell.strip() for cell in cells), strict=False))
        draft.add_street(_street(f"line {number}", row))


def _rows(
    lines: Iterator[tuple[int, str]], draft: Draft, names: Mapping[str, str], required: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the place and the cells of each line under a header."""
    number, head = next(lines, (1, ""))
    separator = max(_SEPARATORS, key=lambda sign: sum(word in names for word in _split(head.lower(), sign)))
    columns = [names.get(cell.lower(), "") for cell in _split(head, separator)]
    if set(required) - set(columns) or len([name for name in columns if name]) != len(set(columns) - {""}):
        known = ", ".join(names)
        draft.fault(f"line {number}", head, say("must be a header of such columns: %(known)s", known=known))
        return
    for number, line in lines:
        cells = _split(line, separator)
        if len(cells) != len(columns):
            draft.fault(f"line {number}", line, say("must have %(n)s columns, as the header", n=len(columns)))
            continue
        row = {name: cell for name, cell in zip(columns, cells, strict=True) if name}
        if separator != ",":
            row = {name: _point(cell) if name in _NUMBERS else cell for name, cell in row.items()}
        yield f"line {number}", row


def _split(line: str, separator: str) -> list[str]:
    """Return the cells of a line; one in quotation marks may hold the separator, and ends where its line ends."""
    cells = next(csv.reader([line], delimiter=separator)) if '"' in line else line.split(separator)
    return [cell.strip() for cell in cells]


def _point(cell: str) -> str:
    """Return a number with a decimal point."""
    return cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell


def _read_nodes(lines: Iterator[tuple[int, str]], draft: Draft) -> None:
    for where, row in _rows(lines, draft, _NODE_COLUMNS, ("name", "lon", "lat")):
        draft.add_node(where, row["name"], row["lon"], row["lat"])


def _read_edges(lines: Iterator[tuple[int, str]], draft: Draft) -> None:
    for where, row in _rows(lines, draft, _EDGE_COLUMNS, ("start", "end", "length_m")):
        draft.add_street(_street(where, row))


def _street(where: str, row: Mapping[str, str]) -> Street:
    start, end, length_m, oneway, kind, speed = (row.get(name, "") for name in _BARE_COLUMNS)
    return Street(where, start, end, length_m, oneway, kind, speed)
