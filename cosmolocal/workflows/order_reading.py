"""Orders as people send them: files of any separator and encoding, columns by other names, names instead of ids."""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.orders import ALL_COLUMNS
from cosmolocal.records import Region

CODES = {
    "O030": "orders that were sent cannot be read as a table",
    "O031": "more orders were sent than are taken at once",
    "O032": "a column that orders need is missing, or two columns stand for the same",
}
#: [bytes] and [rows] of one upload
MAX_BYTES = 4 << 20
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_CELL = 10_000
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DATE_ORDERS = ("iso", "day-first", "month-first")
#: a column that is left out
LEFT_OUT = ""

#: what columns are called elsewhere, small letters without accents or signs between them
ALIASES = {
    "id": ("order orderid orderno ordernumber no nr numero", "commande pedido comanda reference ref"),
    "design": ("product item article designid objet produit", "diseno producto disseny producte conception"),
    "version": ("designversion versionrange versio",),
    "quantity": ("qty units pieces pcs amount count", "quantite qte unites cantidad unidades quantitat unitats"),
    "place": (
        "placeid neighbourhood neighborhood deliverto shipto destination for to",
        "lieu quartier lugar barrio lloc barri",
    ),
    "due_date": (
        "due duedate dueby deadline neededby echeance datelimite",
        "vencimiento fechalimite venciment datalimit",
    ),
    "release_date": (
        "release notbefore earliest start startdate",
        "debut datedebut inicio fechainicio inici datainici",
    ),
    "priority": ("prio urgency priorite urgence prioridad prioritat",),
    "splittable": ("split maybesplit divisible fractionnable sepuededividir espotdividir",),
    "minimum_lot": ("minlot smallestlot lotminimum lotminimal loteminimo lotminim",),
    "max_distance_km": ("maxdistance maxkm distancekm", "distancemax distancemaximale distanciamaxima"),
    "address": ("adresse direccion adreca street deliveryaddress",),
    "contact": ("contacto contacte phone email telephone telefono telefon",),
    "first_article": ("firstpiece sample premierepiece primerapieza primerapeca",),
}
YES = frozenset({"yes", "true", "y", "1", "x", "oui", "vrai", "si", "verdadero", "cert"})
NO = frozenset({"no", "false", "n", "0", "non", "faux", "falso", "fals"})
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_LONG_DAY = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?")
_DECIMAL_COMMA = re.compile(r"(\d+),(\d{1,2}|\d{4,})")
_WHOLE = re.compile(r"(\d+)[.,]0{1,2}")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_NUMBERS = ("quantity", "minimum_lot", "max_distance_km")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person says of what was sent; empty: it is found out."""

    separator: str = ""
    dates: str = DATE_ORDERS[0]
    #: column of an order by number of the column sent, from 0
    columns: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell that was understood as something else than it says."""

    column: str
    found: str
    read: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A table as it was sent: its rows by the columns of orders."""

    separator: str
    header: tuple[str, ...]
    #: for each column sent what it stands for, or `LEFT_OUT`
    columns: tuple[str, ...]
    #: (number of the line, trimmed cells by column, what was read otherwise)
    rows: tuple[tuple[int, dict[str, str], tuple[Reading, ...]], ...]
    #: rows of another length than the header, by line
    broken: tuple[tuple[int, Problem], ...]


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and its encoding: utf-8, utf-8-bom, utf-16 or windows-1252.

    Raises
    ------
    InputError
        When it is too large or no text.
    """
    if len(content) > MAX_BYTES:
        raise too_large(say("has %(size)s bytes", size=f"{len(content):,}"))
    marks = ((codecs.BOM_UTF8, "utf-8-sig", "utf-8-bom"), (codecs.BOM_UTF16_LE, "utf-16", "utf-16"))
    tries = [
        (kind, name)
        for mark, kind, name in (*marks, (codecs.BOM_UTF16_BE, "utf-16", "utf-16"))
        if content.startswith(mark)
    ]
    for kind, name in tries or [("utf-8", "utf-8"), ("cp1252", "windows-1252")]:
        try:
            text = content.decode(kind)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, name
    told = say(
        "found something else than text; must be text as CSV in UTF-8, UTF-16 with its mark, "
        "or Windows-1252, not a workbook or a zip"
    )
    raise InputError([Problem("O030", "file", told)])


def too_large(found: str) -> InputError:
    """Return the error of an upload that is too large."""
    told = say(
        "%(found)s; at most %(max_bytes)s MiB and %(max_rows)s rows are taken at once",
        found=found,
        max_bytes=MAX_BYTES >> 20,
        max_rows=f"{MAX_ROWS:,}",
    )
    return InputError([Problem("O031", "upload", told)])


def read_sent(text: str, region: Region, options: Options) -> Sent:
    """Return the rows of a text; its first row names the columns.

    Raises
    ------
    InputError
        When it is empty, no CSV or too long.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise too_large(say("is larger"))
    text, skipped, separator = _find_separator(text.removeprefix("\ufeff"), options.separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATORS[separator], strict=True)
    table: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                table.append((reader.line_num + skipped, [cell.strip() for cell in cells]))
            if len(table) > MAX_ROWS + 1:
                raise too_large(say("has more than %(rows)s rows", rows=f"{MAX_ROWS:,}"))
    except csv.Error as error:
        raise InputError(
            [Problem("O030", f"line {reader.line_num + skipped}", say("is not CSV: %(error)s", error=error))]
        ) from None
    if not table:
        raise InputError([Problem("O030", "upload", say("holds nothing; its first row must name the columns"))])
    header = tuple(table[0][1])
    if len(header) > MAX_COLUMNS:
        told = say(
            "has %(header)s columns; at most %(max_columns)s are read", header=len(header), max_columns=MAX_COLUMNS
        )
        raise InputError([Problem("O030", "upload", told)])
    columns = _choose_columns(header, options.columns)
    return _build(separator, header, columns, table[1:], Reader(region, options.dates))


def read_header(text: str, wanted: str) -> tuple[str, ...]:
    """Return the names of the columns of a text; none where it is empty or no CSV."""
    text, _, separator = _find_separator(text.removeprefix("\ufeff"), wanted)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATORS[separator], strict=True)
        return tuple(cell.strip() for cell in next((row for row in reader if any(map(str.strip, row))), []))
    except csv.Error:
        return ()


def _build(
    separator: str,
    header: tuple[str, ...],
    columns: tuple[str, ...],
    table: list[tuple[int, list[str]]],
    reader: "Reader",
) -> Sent:
    rows, broken = [], []
    for line, cells in table:
        # spreadsheets leave out or add empty cells at the end
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) > len(header):
            told = say(
                "has %(cells)s cells; the header has %(header)s; a cell that holds the separator needs quotes",
                cells=len(cells),
                header=len(header),
            )
            broken.append((line, Problem("O030", f"line {line}", told)))
            continue
        named = {column: cell for column, cell in zip(columns, cells, strict=False) if column != LEFT_OUT}
        named |= {column: "" for column in columns[len(cells) :] if column != LEFT_OUT}
        rows.append((line, *reader.read(named)))
    return Sent(separator, header, columns, tuple(rows), tuple(broken))


def _find_separator(text: str, wanted: str) -> tuple[str, int, str]:
    """Return the text, how many lines before it were passed over, and its separator."""
    skipped = 0
    if match := re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE):
        text, skipped = text[match.end() :], 1
        wanted = wanted or next(name for name, sign in SEPARATORS.items() if sign == match[1])
    if wanted in SEPARATORS:
        return text, skipped, wanted
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")

    def worth(sign: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=sign), [])
        return sum(1 for cell in cells if find_column(cell)), len(cells)

    return text, skipped, max(SEPARATORS, key=lambda name: worth(SEPARATORS[name]))


def plain(text: str) -> str:
    """Return a name as it is compared: small letters and digits without accents or signs.

    >>> plain("Échéance (Date)")
    'echeancedate'
    """
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parted if sign.isalnum() and not unicodedata.combining(sign))


_COLUMN_BY_NAME = {
    plain(name): column
    for column in reversed(ALL_COLUMNS)
    for name in (*" ".join(ALIASES.get(column, ())).split(), column)
}


def find_column(name: str) -> str:
    """Return the column of orders that a header means; "": none."""
    return _COLUMN_BY_NAME.get(plain(name), LEFT_OUT)


def _choose_columns(header: tuple[str, ...], wanted: Mapping[int, str] | None) -> tuple[str, ...]:
    """Return what each column stands for: as wanted, else by its name, the first of each."""
    if wanted is not None:
        return tuple(
            name if (name := wanted.get(number, LEFT_OUT)) in ALL_COLUMNS else LEFT_OUT for number in range(len(header))
        )
    exact = {name for name in header if name in ALL_COLUMNS}
    chosen: list[str] = []
    for name in header:
        column = name if name in exact else find_column(name)
        if column in chosen or (column in exact and name != column):
            column = LEFT_OUT
        chosen.append(column)
    return tuple(chosen)


def check_columns(columns: Iterable[str], required: Iterable[str]) -> list[Problem]:
    """Return what is wrong with what columns stand for."""
    counts = Counter(columns)
    problems = [
        Problem("O032", "columns", say("nothing stands for %(name)s; it is required", name=name))
        for name in required
        if not counts[name]
    ]
    problems += [
        Problem(
            "O032", "columns", say("found %(count)s columns for %(name)s; one can stand for it", count=count, name=name)
        )
        for name, count in counts.items()
        if name != LEFT_OUT and count > 1
    ]
    return problems


def check_numbers(line: int, cells: Mapping[str, str]) -> list[tuple[str, Problem]]:
    """Return the numbers of a row that may mean two things, by column: 3.000 is three, or three thousand."""
    rule = say("may be a thousand or a part of one; write it without a sign between the digits")
    return [
        (
            name,
            Problem(
                "O002",
                f"upload: line {line}.{name}",
                say("found %(found)s; %(rule)s", found=repr(cells[name]), rule=rule),
            ),
        )
        for name in _NUMBERS
        if _THOUSANDS.fullmatch(cells.get(name, ""))
    ]


class Reader:
    """Reads cells as people write them."""

    def __init__(self, region: Region, dates: str) -> None:
        self.dates = dates
        self.places = _by_name(
            [*((one.id, one.name) for one in region.places), *((one.id, one.name) for one in region.workshops)]
        )
        self.designs = _by_name({design.id: design.name for design in region.designs}.items())

    def read(self, cells: Mapping[str, str]) -> tuple[dict[str, str], tuple[Reading, ...]]:
        """Return cells in the words of order books, and which of them said something else."""
        read = {column: self._read(column, unprotect(cell)) for column, cell in cells.items()}
        readings = tuple(
            Reading(column, cell, read[column]) for column, cell in cells.items() if read[column] != cell and cell
        )
        return read, readings

    def _read(self, column: str, cell: str) -> str:
        readers: dict[str, Callable[[str], str]] = {
            "place": self._read_place,
            "design": self._read_design,
            "splittable": _read_flag,
        }
        readers |= {"release_date": self._read_day, "due_date": self._read_day, "first_article": _read_flag}
        readers |= {"priority": str.lower, "quantity": _read_whole, "minimum_lot": _read_whole}
        readers |= {"max_distance_km": _read_decimal}
        return readers.get(column, str)(cell)

    def _read_place(self, cell: str) -> str:
        return self.places.get(plain(cell), cell)

    def _read_design(self, cell: str) -> str:
        return self.designs.get(plain(cell), cell)

    def _read_day(self, cell: str) -> str:
        if match := _LONG_DAY.fullmatch(cell):
            return match[1]
        match = _DAY.fullmatch(cell)
        if match is None or self.dates == DATE_ORDERS[0]:
            return cell
        one, other, year = match.groups()
        day, month = (one, other) if self.dates == "day-first" else (other, one)
        return f"{year}-{int(month):02}-{int(day):02}"


def _read_flag(cell: str) -> str:
    word = plain(cell)
    return "yes" if word in YES else "no" if word in NO else cell


def _read_whole(cell: str) -> str:
    match = _WHOLE.fullmatch(cell)
    return match[1] if match else cell


def _read_decimal(cell: str) -> str:
    match = _DECIMAL_COMMA.fullmatch(cell)
    return f"{match[1]}.{match[2]}" if match else cell


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return ids by what people may write for them; what means more than one thing means none."""
    pairs = list(pairs)
    found: dict[str, str] = {}
    counts = Counter(plain(name) for _, name in pairs)
    for one_id, name in pairs:
        if counts[plain(name)] == 1:
            found[plain(name)] = one_id
    ids = Counter(plain(one_id) for one_id, _ in pairs)
    return found | {plain(one_id): one_id for one_id, _ in pairs if ids[plain(one_id)] == 1}


def protect(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands before what could be one.

    >>> protect("=1+1"), protect("A-1")
    ("'=1+1", 'A-1')
    """
    return "'" + cell if re.match(r"['=+\-@\t\r]", cell) else cell


def unprotect(cell: str) -> str:
    """Return what `protect` was given."""
    return cell[1:] if re.match(r"'['=+\-@\t\r]", cell) else cell
