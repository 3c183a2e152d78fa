"""Jobs as rows: what is to be done now for a workshop, and a table with filters in the address for planners."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from math import ceil
from typing import Any

from cosmolocal.errors import InputError, Problem
from cosmolocal.records import JobState, JobStatus
from cosmolocal.web.names import Names
from cosmolocal.web.plan_table import read_number
from cosmolocal.web.words import gettext
from cosmolocal.workflows.jobs import PROMISED

#: rows of one page
PAGE_ROWS = 100
#: [days] an offer is said to run out soon
SOON_DAYS = 2
#: states of jobs that are promised and not done
_TO_COME = PROMISED - {JobState.DONE}
#: columns of the files that programs read
COLUMNS = (
    "job",
    "plan",
    "workshop",
    "book",
    "order",
    "lot",
    "design",
    "quantity",
    "made",
    "place",
    "first_monday",
    "last_monday",
    "minutes",
    "state",
    "answer_by",
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with what its workshop and planners read of it at a glance."""

    status: JobStatus
    design: str
    workshop: str
    #: [days] until the answer is late; negative: it is
    days_left: int
    today: date

    @property
    def is_soon(self) -> bool:
        """Tell whether the time to answer runs out, or has."""
        state = self.status.state
        return state is JobState.EXPIRED or (state is JobState.OFFERED and self.days_left <= SOON_DAYS)

    @property
    def is_late(self) -> bool:
        """Tell whether the workshop promised it for a week that is over, and it is not done."""
        return self.status.state in _TO_COME and self.status.job.last_monday + timedelta(days=7) <= self.today


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs an address asks for."""

    workshop: str = ""
    state: str = ""
    #: first day of the first week
    week: date | None = None
    #: "soon": the time to answer runs out; "late": promised for a week that is over
    due: str = ""
    page: int = 1

    @property
    def filters(self) -> bool:
        """Tell whether some jobs may be left out."""
        return bool(self.workshop or self.state or self.week or self.due)

    def as_args(self) -> dict[str, str]:
        """Return the filters as parts of an address; what is not set is left out."""
        chosen = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "page"}
        return {name: str(value) for name, value in chosen.items() if value}


@dataclass(frozen=True, slots=True)
class JobPage:
    """What an address finds, and the part of it that one page shows."""

    query: JobQuery
    rows: tuple[JobRow, ...]

    @property
    def shown(self) -> tuple[JobRow, ...]:
        """Return the rows of the page asked for."""
        first = (self.query.page - 1) * PAGE_ROWS
        return self.rows[first : first + PAGE_ROWS]

    @property
    def pages(self) -> int:
        """Return the number of pages, at least one."""
        return max(1, ceil(len(self.rows) / PAGE_ROWS))


def read_query(args: Mapping[str, str], names: Names) -> JobQuery:
    """Return which jobs an address asks for.

    Raises
    ------
    InputError
        With every part that names nothing; an empty part counts as absent.
    """
    problems: list[Problem] = []
    choices: dict[str, Collection[str]] = {
        "workshop": set(names.workshops),
        "state": set(JobState),
        "due": {"soon", "late"},
    }
    for name, known in choices.items():
        if args.get(name) and args[name] not in known:
            problems.append(Problem("P095", name, f"found {args[name]!r}; it names nothing that this page can show"))
    week = _read_day(args, problems)
    page = read_number(args, "page", problems)
    if problems:
        raise InputError(problems)
    return JobQuery(args.get("workshop", ""), args.get("state", ""), week, args.get("due", ""), page or 1)


def _read_day(args: Mapping[str, str], problems: list[Problem]) -> date | None:
    text = args.get("week", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems.append(Problem("P095", "week", f"found {text!r}; must be a day such as 2026-09-07"))
        return None


def build_rows(statuses: Iterable[JobStatus], names: Names, today: date) -> tuple[JobRow, ...]:
    """Return jobs as rows, in the order in which they come."""
    return tuple(
        JobRow(
            status,
            names.design(status.job.design),
            names.place(status.job.workshop),
            (status.answer_by - today).days,
            today,
        )
        for status in statuses
    )


def find_rows(rows: Iterable[JobRow], query: JobQuery) -> tuple[JobRow, ...]:
    """Return the rows that a query asks for."""
    if not query.filters:
        return tuple(rows)
    return tuple(
        row
        for row in rows
        if query.workshop in ("", row.status.job.workshop)
        and query.state in ("", row.status.state)
        and query.week in (None, row.status.job.first_monday)
        and (query.due != "soon" or row.is_soon)
        and (query.due != "late" or row.is_late)
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """All jobs that a person may see, in numbers."""

    jobs: int
    #: how many are in each state that occurs, in the order of the states
    states: tuple[tuple[JobState, int], ...]
    #: how many press in each way: "soon", "late"
    dues: Mapping[str, int]
    #: first days of the weeks in which jobs begin
    weeks: tuple[date, ...]


def count_jobs(rows: Collection[JobRow]) -> Overview:
    """Return jobs in numbers."""
    found = Counter(row.status.state for row in rows)
    return Overview(
        len(rows),
        tuple((state, found[state]) for state in JobState if found[state]),
        {"soon": sum(row.is_soon for row in rows), "late": sum(row.is_late for row in rows)},
        tuple(sorted({row.status.job.first_monday for row in rows})),
    )


@dataclass(frozen=True, slots=True)
class JobGroup:
    """Jobs of a workshop with which the same is to be done."""

    key: str
    title: str
    rows: tuple[JobRow, ...]


def group_rows(rows: Iterable[JobRow], today: date) -> list[JobGroup]:
    """Return the jobs of a workshop by what must be done now, the most urgent first; groups of none are left out."""
    this_monday = today - timedelta(days=today.weekday())
    given = list(rows)

    def is_now(row: JobRow) -> bool:
        return row.status.state is JobState.ACCEPTED and row.status.job.first_monday <= this_monday

    tests: list[tuple[str, str, Callable[[JobRow], bool]]] = [
        ("answer", gettext("To answer"), _is_in(JobState.OFFERED, JobState.EXPIRED)),
        ("running", gettext("Running"), _is_in(JobState.STARTED, JobState.PART_DONE, JobState.PROBLEM)),
        ("week", gettext("This week"), is_now),
        ("later", gettext("Later"), _is_in(JobState.ACCEPTED)),
        ("away", gettext("Waits for the next plan"), _is_in(JobState.PROPOSED, JobState.DECLINED)),
        ("done", gettext("Done"), _is_in(JobState.DONE)),
        ("gone", gettext("Not in the plan any more"), _is_in(JobState.WITHDRAWN)),
    ]
    groups = []
    for key, title, fits in tests:
        chosen = tuple(row for row in given if fits(row))
        given = [row for row in given if not fits(row)]
        if chosen:
            groups.append(JobGroup(key, title, chosen))
    return groups


def _is_in(*states: JobState) -> Callable[[JobRow], bool]:
    return lambda row: row.status.state in states


def build_plain(row: JobRow) -> dict[str, Any]:
    """Return a job as programs read it: no address, no contact."""
    status, job = row.status, row.status.job
    values = (
        job.id,
        status.plan,
        job.workshop,
        job.book,
        job.order,
        job.lot,
        job.design,
        job.quantity,
        status.made,
        job.place,
        job.first_monday.isoformat(),
        job.last_monday.isoformat(),
        job.minutes,
        status.state.value,
        status.answer_by.isoformat(),
    )
    return dict(zip(COLUMNS, values, strict=True))


def build_csv(rows: Iterable[JobRow]) -> str:
    """Return jobs as CSV, a head first."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(build_plain(row) for row in rows)
    return text.getvalue()
