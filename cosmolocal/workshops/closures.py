"""``closures.csv``: days on which workshops or machine groups are closed, and weeks of other hours."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.files import parse_csv, read_text
from cosmolocal.records import Closure, Provenance, Workshop

CODES = {
    "W050": "the file of closures cannot be read",
    "W051": "a field of a closure is missing or wrong",
    "W052": "a closure ends before it begins, or weeks of other hours are not from a Monday to a Sunday",
    "W053": "two closures set the hours of one machine group for the same week",
    "W054": "a closure names a workshop or a machine group that does not exist",
}
REQUIRED, OPTIONAL = ("workshop", "from", "to", "hours"), ("group", "reason", "provenance")
COLUMNS = ("workshop", "group", "from", "to", "hours", "reason", "provenance")
CLOSED = "closed"
HOURS_PER_WEEK = 168
#: [closures] that are remembered as their cells were read
SOUND = 4096

#: a closure and the line of the file it stands in
Line = tuple[int, Closure]


def read_closures(path: Path) -> tuple[Line, ...]:
    """Return the closures of a file with their lines, in its order; lines that begin with # say nothing.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    return parse_closures(read_text(path, path.name, "W050"), path.name)


def parse_closures(text: str, where: str) -> tuple[Line, ...]:
    """Return the closures of a text, as `read_closures` does those of a file."""
    problems: list[Problem] = []
    said = "".join("\n" if line.startswith("#") else line for line in lines_of(text))
    found = [
        (line, _read_sound(tuple(cells.items())) or _read(Fields(cells, f"{where}: line {line}", "W051", problems)))
        for line, cells in parse_csv(said, where, "W050", REQUIRED, OPTIONAL)
    ]
    if problems:
        raise InputError(problems)
    return tuple(found)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends, counted as the reader of CSV does."""
    return io.StringIO(text, newline="").readlines()


@lru_cache(maxsize=SOUND)
def _read_sound(cells: tuple[tuple[str, str], ...]) -> Closure | None:
    """Return the closure of cells that hold no fault; the file is read again whenever one of its lines has changed."""
    problems = list[Problem]()
    closure = _read(Fields(dict(cells), "", "W051", problems))
    return None if problems else closure


def _read(table: Fields) -> Closure:
    first, last = table.day("from", required=True), table.day("to", required=True)
    minutes = None
    if table.raw("hours", required=True) != CLOSED and table.has("hours"):
        minutes = table.number("hours", scale=60, high=HOURS_PER_WEEK)
    if first and last and last < first:
        told = say("found %(found)s; must not be before from %(first)s", found=last, first=first)
        table.problems.append(Problem("W052", table.place("to"), told))
    elif first and last and minutes is not None and (first.weekday() != 0 or last.weekday() != 6):
        found = say(
            "found %(first)s to %(last)s; hours per week are set from a Monday to a Sunday", first=first, last=last
        )
        table.problems.append(Problem("W052", table.place("from"), found))
    reason = table.text("reason", max_length=500)
    if not reason.isprintable():
        table.fault("reason", reason, say("must be one line"))
    return Closure(
        workshop=table.text("workshop", required=True, max_length=80),
        group=table.text("group", max_length=80),
        first_day=first or date.min,
        last_day=last or date.max,
        weekly_minutes=minutes,
        reason=reason,
        provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
    )


def check_closures(
    closures: Sequence[Line], workshops: Collection[Workshop], where: str = "closures.csv"
) -> list[Problem]:
    """Return what does not fit between closures and the register, or between two closures."""
    groups = {shop.id: {group.id for group in shop.groups} for shop in workshops}
    problems = []
    for line, row in closures:
        if row.workshop not in groups:
            found = say("found %(found)s; must be the id of a workshop", found=repr(row.workshop))
            problems.append(Problem("W054", f"{where}: line {line}.workshop", found))
        elif row.group and row.group not in groups[row.workshop]:
            found = say(
                "found %(found)s; must be a machine group of %(workshop)s, or empty for all of them",
                found=repr(row.group),
                workshop=row.workshop,
            )
            problems.append(Problem("W054", f"{where}: line {line}.group", found))
    hours = [(line, row) for line, row in closures if row.weekly_minutes is not None]
    for (first, one), (second, other) in combinations(hours, 2):
        same = one.workshop == other.workshop and (one.group == other.group or not one.group or not other.group)
        if same and one.first_day <= other.last_day and other.first_day <= one.last_day:
            rule = say("sets hours of a week that line %(first)s sets too", first=first)
            problems.append(Problem("W053", f"{where}: line {second}", rule))
    return problems


def add_closures(workshops: Collection[Workshop], closures: Collection[Closure]) -> tuple[Workshop, ...]:
    """Return the workshops, each with its closures."""
    by_shop: dict[str, tuple[Closure, ...]] = {}
    for row in closures:
        by_shop[row.workshop] = (*by_shop.get(row.workshop, ()), row)
    return tuple(replace(shop, closures=by_shop[shop.id]) if shop.id in by_shop else shop for shop in workshops)


def append_closure(text: str, closure: Closure) -> str:
    """Return a file's text with one more closure at its end, all else as it is; "" is a file that is not there yet."""
    if not text.strip():
        text = ",".join(COLUMNS) + "\n"
    head = next(csv.reader([lines_of(text)[0]]))
    cells = _cells(closure)
    row = io.StringIO(newline="")
    csv.writer(row, lineterminator="\n").writerow([cells[name.strip()] for name in head])
    return (text if text.endswith(("\n", "\r")) else text + "\n") + row.getvalue()


def drop_line(text: str, line: int) -> str:
    """Return a text without one of its lines, counted from 1, all else as it is."""
    lines = lines_of(text)
    return "".join((*lines[: line - 1], *lines[line:]))


def _cells(closure: Closure) -> dict[str, str]:
    minutes = closure.weekly_minutes
    exact = Decimal(0) if minutes is None else Decimal(minutes) / 60
    return {
        "workshop": closure.workshop,
        "group": closure.group,
        "from": closure.first_day.isoformat(),
        "to": closure.last_day.isoformat(),
        "hours": CLOSED if minutes is None else f"{round(exact, 4).normalize():f}",
        "reason": closure.reason,
        "provenance": closure.provenance.value,
    }
