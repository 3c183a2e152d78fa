"""Plain texts and tables: their beginning."""

import csv
import io
from collections import Counter
from pathlib import Path

from cosmolocal.previews.kinds import NoPreviewError, Table, Text, Why

#: endings of files that people read as they are
TEXT_ENDINGS = frozenset(
    [
        # texts and data
        ".txt", ".log", ".toml", ".yaml", ".yml", ".json", ".ini", ".cfg", ".xml", ".html", ".htm",
        ".css", ".tex", ".rst", ".adoc", ".bib", ".cff", ".license", ".lock", ".diff", ".patch",
        # programs
        ".js", ".py", ".ino", ".c", ".h", ".cpp", ".hpp", ".rs", ".sh", ".scad", ".jscad",
        # for machines
        ".gcode", ".gco", ".nc", ".ngc", ".tap", ".gbr", ".drl",
        # drawn by other programs
        ".kicad_pcb", ".kicad_sch", ".kicad_pro", ".kicad_mod", ".sch", ".brd", ".obj", ".ply", ".step", ".stp",
        ".iges", ".igs",
    ]
)  # fmt: skip
#: names without an ending that are texts too
TEXT_NAMES = frozenset(("license", "licence", "copying", "readme", "authors", "notice", "changelog", "makefile"))
SHOWN_BYTES = 64 * 1024
#: of a table: bytes looked at, rows, columns and letters of a cell shown
TABLE_BYTES = 256 * 1024
TABLE_ROWS = 100
TABLE_COLUMNS = 40
CELL_LETTERS = 300
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_beginning(place: Path, limit: int) -> Text:
    """Return the beginning of a text: UTF-8, UTF-16 where it says so, else the old Western letters."""
    with place.open("rb") as file:
        content = file.read(limit + 1)
    is_cut = len(content) > limit
    content = content[:limit]
    if not content:
        raise NoPreviewError(Why.EMPTY)
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    try:
        text = _decoded(content, encoding, is_cut)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if sum(1 for letter in text if letter < " " and letter not in "\t\n\r\f\x1b"):
        raise NoPreviewError(Why.NOT_TEXT)
    return Text(text, is_cut)


def _decoded(content: bytes, encoding: str, is_cut: bool) -> str:
    """Return the text; the letter that a cut goes through is left out."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if is_cut and error.start >= len(content) - 4:
            return content[: error.start].decode(encoding)
        raise


def read_table(place: Path) -> Table:
    """Return the first rows of a table; the separator is the one that gives most rows the same number of cells."""
    found = read_beginning(place, TABLE_BYTES)
    text = found.text[: found.text.rfind("\n") + 1] or found.text if found.is_cut else found.text
    try:
        separator = max(",;\t|", key=lambda mark: _evenness(text, mark))
        rows = _rows(text, separator, TABLE_ROWS + 2)
    except csv.Error as error:
        raise NoPreviewError(Why.TABLE_DAMAGED) from error
    if not rows:
        raise NoPreviewError(Why.EMPTY)
    width = max(len(row) for row in rows)
    shown = [_cells(row, min(width, TABLE_COLUMNS)) for row in rows[: TABLE_ROWS + 1]]
    return Table(shown[0], tuple(shown[1:]), found.is_cut or len(rows) > TABLE_ROWS + 1 or width > TABLE_COLUMNS)


def _rows(text: str, separator: str, limit: int) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        if any(cell.strip() for cell in row):
            rows.append(row)
        if len(rows) == limit:
            break
    return rows


def _evenness(text: str, separator: str) -> tuple[int, int]:
    """Return how many of the first rows have the commonest number of cells, and that number."""
    counts = Counter(len(row) for row in _rows(text, separator, 20) if len(row) > 1)
    return max(((rows, cells) for cells, rows in counts.items()), default=(0, 0))


def _cells(row: list[str], width: int) -> tuple[str, ...]:
    cells = [cell if len(cell) <= CELL_LETTERS else cell[:CELL_LETTERS] + "…" for cell in row[:width]]
    return (*cells, *[""] * (width - len(cells)))
