"""The text of an order book: rows are added, changed and removed, and every other byte stays as it was."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cosmolocal.errors import InputError, Problem, say

#: what an empty cell of a column means; such a value needs no column of its own
MEANT = {"version": "*", "priority": "normal", "splittable": "no", "minimum_lot": "1", "first_article": "no"}
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Line:
    """A record of the file: an order, or what else stands there."""

    #: number of its last line in the file
    number: int
    #: as it stands, the end of the line included
    text: str
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Tell whether it holds nothing."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class BookText:
    """An order book, record by record; joined together they are the file."""

    head: Line
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Return the file."""
        return self.head.text + "".join(line.text for line in self.lines)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(cell.removeprefix(BOM).strip() for cell in self.head.cells)

    @property
    def line_end(self) -> str:
        """Return what ends a line of this file."""
        return _line_end(self.head.text) or "\n"

    def rows(self) -> Iterator[tuple[Line, dict[str, str]]]:
        """Yield each record that has a cell for each column, with its trimmed cells by column."""
        columns = self.columns
        for line in self.lines:
            if len(line.cells) == len(columns) and not line.is_blank:
                yield line, dict(zip(columns, (cell.strip() for cell in line.cells), strict=True))


def parse_book(text: str, where: str) -> BookText:
    """Return a book by its text.

    Raises
    ------
    InputError
        When it is no CSV.
    """
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(noted(), strict=True)
    lines: list[Line] = []
    try:
        for cells in reader:
            lines.append(Line(reader.line_num, "".join(taken), tuple(cells)))
            taken.clear()
    except csv.Error as error:
        place = f"{where}: line {reader.line_num}"
        raise InputError([Problem("O001", place, say("is not CSV: %(error)s", error=error))]) from None
    return BookText(lines[0] if lines else Line(1, "", ()), tuple(lines[1:]))


def write_row(cells: Iterable[str]) -> str:
    """Return cells as a line of CSV without its end."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(list(cells))
    return text.getvalue().removesuffix("\r\n")


def add_rows(book: BookText, rows: Iterable[Mapping[str, str]]) -> BookText:
    """Return the book with rows after its last one; columns that they need and it lacks come in on the right.

    A file whose last line has no end keeps that habit, so that what is added can be removed without a trace.
    """
    rows = list(rows)
    book = with_columns(book, rows)
    end = book.line_end
    lines = [book.head, *book.lines]
    open_ended = not _line_end(lines[-1].text)
    for row in rows:
        cells = tuple(row.get(column, "") for column in book.columns)
        if open_ended:
            lines[-1] = replace(lines[-1], text=lines[-1].text + end)
        lines.append(Line(0, write_row(cells) + ("" if open_ended else end), cells))
    return _numbered(lines)


def change_row(book: BookText, number: int, cells: Mapping[str, str]) -> BookText:
    """Return the book with other cells in the record of a line; columns that are not named keep theirs."""
    book = with_columns(book, [cells])
    return replace(book, lines=tuple(_changed(book, line, cells, number) for line in book.lines))


def change_rows(book: BookText, cells_by_number: Mapping[int, Mapping[str, str]]) -> BookText:
    """Return the book with other cells in many records."""
    book = with_columns(book, cells_by_number.values())
    nothing: Mapping[str, str] = {}
    lines = tuple(_changed(book, line, cells_by_number.get(line.number, nothing), line.number) for line in book.lines)
    return replace(book, lines=lines)


def _changed(book: BookText, line: Line, wanted: Mapping[str, str], number: int) -> Line:
    if line.number != number:
        return line
    new = tuple(
        wanted[column] if column in wanted and wanted[column] != cell.strip() else cell
        for column, cell in zip(book.columns, line.cells, strict=False)
    )
    return line if new == line.cells else Line(number, write_row(new) + _line_end(line.text), new)


def remove_row(book: BookText, number: int) -> BookText:
    """Return the book without the record of a line."""
    lines = [book.head, *book.lines]
    at = next(index for index, line in enumerate(lines) if line.number == number and index)
    gone = lines.pop(at)
    if not _line_end(gone.text):
        before = lines[-1]
        lines[-1] = replace(before, text=before.text.removesuffix(_line_end(before.text)))
    return _numbered(lines)


def with_columns(book: BookText, rows: Iterable[Mapping[str, str]]) -> BookText:
    """Return the book with the columns that rows need; records of another length than the head stay as they are."""
    rows = list(rows)
    needed = dict.fromkeys(name for row in rows for name, value in row.items() if value and value != MEANT.get(name))
    lacking = [name for name in needed if name not in book.columns]
    if not lacking:
        return book
    width = len(book.head.cells)

    def widened(line: Line, cells: tuple[str, ...]) -> Line:
        end = _line_end(line.text)
        body = line.text.removesuffix(end)
        # a row of one empty cell would be written in quotes
        more = write_row(("x", *cells))[1:] if width else write_row(cells)
        return Line(line.number, body + more + end, line.cells + cells)

    empty = tuple("" for _ in lacking)
    lines = tuple(
        widened(line, empty) if len(line.cells) == width and not line.is_blank else line for line in book.lines
    )
    return BookText(widened(book.head, tuple(lacking)), lines)


def _numbered(lines: list[Line]) -> BookText:
    """Return a book whose records know their lines again."""
    done, number = [], 0
    for line in lines:
        number += _count_lines(line.text)
        done.append(line if line.number == number else replace(line, number=number))
    return BookText(done[0], tuple(done[1:]))


def _count_lines(text: str) -> int:
    return sum(1 for _ in io.StringIO(text, newline=""))


def _line_end(text: str) -> str:
    return next((end for end in ("\r\n", "\n", "\r") if text.endswith(end)), "")
