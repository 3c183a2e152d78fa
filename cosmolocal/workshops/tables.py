"""Tables of workshops or machines as CSV, of any separator and encoding: capability lists, machine lists, surveys."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import SLUG
from cosmolocal.records import Tolerance
from cosmolocal.workshops.columns import Column, check_columns, field_of, propose_columns
from cosmolocal.workshops.found import (
    Equipment,
    Row,
    join_faults,
    make_id,
    plain_name,
    read_coordinate,
    read_pair,
    read_status,
)

CODES = {
    "W060": "a list of workshops cannot be read",
}
SEPARATORS = (",", ";", "\t", "|")
#: stands for the end of a file: where a cell swallows it, a quotation mark was left open
_END = "\x1d"
#: of lists whose columns are known, beyond what their names say
KNOWN = {
    "capabilities": {"key": "", "url": "id"},
    "machines": {"name": "model", "type": "equipment", "lab": "name", "lat, lon": ""},
}
MOST_MACHINES, MOST_HOURS, MOST_COST, MOST_MM = 10_000, 168, 100_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read."""

    encoding: str
    separator: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def decode(content: bytes, where: str) -> tuple[str, str]:
    """Return the text of a file, and its encoding; what is no text raises `InputError`."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}.get(encoding, "UTF-16")
    told = say("is no text; must be text in UTF-8, UTF-16 with its mark, or Windows-1252, not a workbook or a zip")
    raise InputError([Problem("W060", where, told)])


def read_table(content: bytes, where: str, kind: str, stated: Mapping[str, str]) -> Table:
    """Return the rows of a table; its first line names the columns.

    Raises
    ------
    InputError
        When it is no table, or no column says the name or the place of a workshop.
    """
    table, lines = _open_table(content, where, kind, stated)
    if problems := check_columns(table.columns, where):
        raise InputError(problems)
    fields = [column.field for column in table.columns]
    one_machine = bool({"model", "make"} & set(fields))
    return replace(table, rows=tuple(_read_row(line, cells, fields, one_machine) for line, cells in lines))


def propose_table(content: bytes, where: str, kind: str, stated: Mapping[str, str]) -> Table:
    """Return a table without its rows: what its columns are taken for, also where that is not enough.

    Raises
    ------
    InputError
        When it is no table.
    """
    return _open_table(content, where, kind, stated)[0]


def _open_table(
    content: bytes, where: str, kind: str, stated: Mapping[str, str]
) -> tuple[Table, list[tuple[int, list[str]]]]:
    encoding, separator, lines = read_lines(content, where, field_of)
    header = [cell.strip() for cell in lines[0][1]]
    usual = {name: field for name, field in KNOWN.get(kind, {}).items() if name in header}
    columns = propose_columns(header, [cells for _, cells in lines[1:]], usual | dict(stated))
    return Table(encoding, separator, columns, ()), lines[1:]


def read_lines(content: bytes, where: str, known: Callable[[str], str]) -> tuple[str, str, list[tuple[int, list[str]]]]:
    """Return encoding, separator, and the cells of each line that has any with its number; the first names the columns.

    ``known`` gives "" for a name of a column that says nothing.

    Raises
    ------
    InputError
        When it is no table.
    """
    text, encoding = decode(content, where)
    text, separator = _find_separator(text, known)
    lines = _read_lines(text, separator, where)
    if not lines:
        raise InputError([Problem("W060", where, say("holds nothing; its first line must name the columns"))])
    return encoding, separator, lines


def _find_separator(text: str, known: Callable[[str], str]) -> tuple[str, str]:
    """Return the text, without the name of its separator where a spreadsheet wrote that first, and the separator."""
    if match := re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE):
        return text[match.end() - 1 :], match[1]  # an empty line stays in its place, so that lines keep their numbers
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")

    def worth(sign: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=sign), [])
        return sum(1 for cell in cells if known(cell)), len(cells)

    return text, max(SEPARATORS, key=worth)


def _read_lines(text: str, separator: str, where: str) -> list[tuple[int, list[str]]]:
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=separator)
    lines: list[tuple[int, list[str]]] = []
    last, begin = 1, 1
    try:
        for cells in reader:
            if cells == [_END]:
                return lines
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num, cells))
                last, begin = begin, reader.line_num + 1
        told = say("a quotation mark opens a cell here or further down, and none closes it")
        raise InputError([Problem("W060", f"{where}: line {last}", told)])
    except csv.Error as error:
        raise InputError(
            [Problem("W060", f"{where}: line {reader.line_num}", say("is not CSV: %(why)s", why=str(error)))]
        ) from None


def _read_row(line: int, cells: Sequence[str], fields: Sequence[str], one_machine: bool) -> Row:
    place = f"line {line}"
    filled = [*cells]
    while len(filled) > len(fields) and not filled[-1].strip():
        filled.pop()
    if len(filled) > len(fields):
        return Row(place, fault=_of_cells(len(filled), len(fields)))
    if len(filled) < len(fields) and any("\n" in cell for cell in filled):
        told = say("goes over several lines; was a quotation mark left open?")
        return Row(place, fault=join_faults(_of_cells(len(filled), len(fields)), told))
    named = {field: cell.strip() for field, cell in zip(fields, filled, strict=False) if field}
    return row_of(place, named, one_machine)


def _of_cells(found: int, expected: int) -> str:
    return say("has %(found)s cells; the first line has %(expected)s", found=found, expected=expected)


def row_of(place: str, cells: Mapping[str, str], one_machine: bool = False) -> Row:
    """Return what the cells of a row say, by field."""
    notes: list[str] = []
    lat, lon = (read_coordinate(cells.get(name, ""), most) for name, most in (("lat", 90), ("lon", 180)))
    if (lat is None or lon is None) and (pair := read_pair(cells.get("lat_lon", ""))):
        lat, lon = pair
    name = cells.get("name", "")
    fault = join_faults(
        "" if name.strip() else say("has no name"), "" if lat is not None and lon is not None else _of_point(cells)
    )
    parts = [part for part in (cells.get("address", ""), cells.get("city", "")) if part]
    return Row(
        place=place,
        id=id_of(cells.get("id", "")),
        name=" ".join(name.split()),
        lat=lat,
        lon=lon,
        address=", ".join(" ".join(part.split()) for part in parts),
        country=cells.get("country", ""),
        names_city_only=not cells.get("address"),
        status=read_status(cells.get("status")),
        equipment=_read_equipment(cells, one_machine, notes),
        one_machine=one_machine,
        fault=fault,
        notes=tuple(notes),
    )


def _of_point(cells: Mapping[str, str]) -> str:
    """Return what is wrong with coordinates that cannot be read; "": there are none."""
    told = {name: cells[name] for name in ("lat", "lon", "lat_lon") if cells.get(name)}
    if not told:
        return ""
    if "lat_lon" not in told and len(told) == 1:
        told |= {name: "" for name in ("lat", "lon") if name not in told}
    shown = ", ".join(f"{name} {value[:40]!r}" for name, value in sorted(told.items()))
    return say("found %(found)s; must be degrees north and east", found=shown)


def id_of(text: str) -> str:
    """Return what a list calls a workshop: of a web address its last part.

    >>> id_of("https://www.fablabs.io/labs/greenfablab"), id_of(" 7 ")
    ('greenfablab', '7')
    """
    text = text.strip()
    return text.rstrip("/").rpartition("/")[2] if re.match(r"https?://", text) else text


def _read_equipment(cells: Mapping[str, str], one_machine: bool, notes: list[str]) -> tuple[Equipment, ...]:
    words = [word.strip() for word in re.split(r"[;|,/\n]", cells.get("equipment", "")) if word.strip()]
    model, make = cells.get("model", ""), cells.get("make", "")
    if one_machine:
        told = [word for word in (cells.get("equipment", ""), model) if word]
        if not told:
            return ()
        sets = [(tuple(told), make, " ".join(model.replace("\u00ad", "").split()))]
    else:
        unique = {plain_name(word): word for word in reversed(words)}
        sets = [((word,), "", "") for word in reversed(unique.values())]
    figures = {
        "machines": _whole(cells, "machines", MOST_MACHINES, notes) or 1,
        "weekly_minutes": _scaled(cells, "weekly_hours", (60, MOST_HOURS), notes),
        "hourly_cost_cents": _scaled(cells, "hourly_cost", (100, MOST_COST), notes),
        "envelope_mm": _envelope(cells.get("envelope_mm", ""), notes),
        "materials": read_materials(re.split(r"[;,|]", cells.get("materials", ""))),
        "tolerance": _tolerance(cells.get("tolerance", ""), notes),
    }
    return tuple(Equipment(words=each, make=maker, model=called, **figures) for each, maker, called in sets)  # type: ignore[arg-type]


def _tolerance(text: str, notes: list[str]) -> Tolerance | None:
    found = read_tolerance(text)
    if text.strip() and found is None:
        known = ", ".join(each.value for each in Tolerance)
        found_text = repr(text[:40])
        notes.append(say("tolerance %(found)s is none of %(known)s, and stays unknown", found=found_text, known=known))
    return found


def _envelope(text: str, notes: list[str]) -> tuple[int, int, int] | None:
    found = read_envelope(text)
    if text.strip() and found is None:
        rule = say(
            "envelope %(found)s is no three sides in mm such as 900 x 600 x 50, and stays unknown",
            found=repr(text[:40]),
        )
        notes.append(rule)
    return found


def _number(text: str) -> Decimal | None:
    cleaned = re.sub(r"\s*(?:€|EUR|h)?\s*$", "", text.strip(), flags=re.IGNORECASE).strip("€ ")
    if re.fullmatch(r"\d+,\d{1,2}", cleaned):
        cleaned = cleaned.replace(",", ".")
    try:
        return Decimal(cleaned) if re.fullmatch(r"\d+(?:\.\d+)?", cleaned) else None
    except InvalidOperation:
        return None


def _scaled(cells: Mapping[str, str], field: str, bounds: tuple[int, int], notes: list[str]) -> int | None:
    text, (scale, most) = cells.get(field, ""), bounds
    if not text:
        return None
    number = _number(text)
    if number is None or number > most:
        told = repr(text[:40])
        notes.append(
            say(
                "%(field)s %(found)s is no number from 0 to %(most)s, and stays unknown",
                field=field,
                found=told,
                most=most,
            )
        )
        return None
    return round(number * scale)


def _whole(cells: Mapping[str, str], field: str, most: int, notes: list[str]) -> int | None:
    found = _scaled(cells, field, (1, most), notes)
    return found or None


def read_envelope(text: str) -> tuple[int, int, int] | None:
    """Return three sides in mm, a missing height unknown, as lists write them.

    >>> read_envelope("900 x 600 x 50 mm"), read_envelope("900x600"), read_envelope("large")
    ((900, 600, 50), None, None)
    """
    sides = [round(float(each)) for each in re.findall(r"\d+(?:\.\d+)?", text)]
    if len(sides) != 3 or not all(1 <= side <= MOST_MM for side in sides):
        return None
    return sides[0], sides[1], sides[2]


def read_materials(words: Sequence[object]) -> tuple[str, ...] | None:
    """Return material words as the register writes them; None: unknown.

    >>> read_materials(["Birch plywood", "MDF", "mdf"]), read_materials([""])
    (('birch-plywood', 'mdf'), None)
    """
    slugs = [make_id(str(word), "") for word in words if str(word).strip()]
    kept = tuple(dict.fromkeys(slug for slug in slugs if slug != "workshop" and SLUG.fullmatch(slug)))
    return kept or None


def read_tolerance(text: object) -> Tolerance | None:
    """Return a class of ISO 2768-1, by its name or the letters f, m, c, v; None: unknown.

    >>> read_tolerance("ISO 2768-m").value, read_tolerance("fine").value, read_tolerance("0.1 mm")
    ('medium', 'fine', None)
    """
    word = str(text or "").strip().casefold()
    letters = dict(zip("fmcv", Tolerance, strict=True))
    if match := re.fullmatch(r"(?:iso\s*2768[\s-]*)?(?:1[\s-]*)?([fmcv])", word):
        return letters[match[1]]
    return Tolerance(word) if word in [each.value for each in Tolerance] else None
