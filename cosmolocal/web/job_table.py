"""Jobs as rows: what is to be done now for a workshop, and a table with filters in the address for planners."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cosmolocal.exports.tables import Row
from cosmolocal.records import JobState, JobStatus
from cosmolocal.web.asking import Asked, Found, RowQuery
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext
from cosmolocal.workflows.jobs import PROMISED

#: rows of one page
PAGE_ROWS = 100
#: [days] an offer is said to run out soon
SOON_DAYS = 2
#: what presses: an answer, work that is late, a first article that its workshop has to check
DUES = ("soon", "late", "check")
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
    "gate_workshop",
    "gate_monday",
    "rest_monday",
    "checked_at",
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

    @property
    def is_to_check(self) -> bool:
        """Tell whether its workshop is at it and has the first article to check."""
        status = self.status
        return status.waits and status.job.checks and status.state in _TO_COME

    def presses(self, due: str) -> bool:
        """Tell whether it presses in one way of ``DUES``."""
        if due == "soon":
            return self.is_soon
        return self.is_late if due == "late" else self.is_to_check


@dataclass(frozen=True, slots=True)
class JobQuery(RowQuery):
    """Which jobs an address asks for."""

    workshop: str = ""
    state: str = ""
    #: first day of the first week
    week: date | None = None
    #: one of ``DUES``
    due: str = ""


JobPage = Found[JobQuery, JobRow]


def read_query(args: Mapping[str, str], names: Names) -> JobQuery:
    """Return which jobs an address asks for.

    Raises
    ------
    InputError
        With every part that names nothing; an empty part counts as absent.
    """
    asked = Asked(args, names)
    query = JobQuery(
        workshop=asked.choice("workshop", names.workshops),
        state=asked.choice("state", tuple(JobState)),
        week=asked.day("week"),
        due=asked.choice("due", DUES),
        page=asked.page(),
    )
    asked.finish()
    return query


def build_rows(
    statuses: Iterable[JobStatus], names: Names, today: date, before: Iterable[JobRow] = ()
) -> tuple[JobRow, ...]:
    """Return jobs as rows, in the order in which they come.

    Of ``before``, made on the same day with the same names, the rows of jobs that nobody has answered since are taken.
    """
    kept = {id(row.status): row for row in before}
    return tuple(
        kept.get(id(status))
        or JobRow(
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
        and (not query.due or row.presses(query.due))
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """All jobs that a person may see, in numbers."""

    jobs: int
    #: how many are in each state that occurs, in the order of the states
    states: tuple[tuple[JobState, int], ...]
    #: how many press in each way of ``DUES``
    dues: Mapping[str, int]
    #: first days of the weeks in which jobs begin
    weeks: tuple[date, ...]


def count_jobs(rows: Collection[JobRow]) -> Overview:
    """Return jobs in numbers."""
    found = Counter(row.status.state for row in rows)
    return Overview(
        len(rows),
        tuple((state, found[state]) for state in JobState if found[state]),
        {due: sum(row.presses(due) for row in rows) for due in DUES},
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


def build_plain(row: JobRow) -> Row:
    """Return a job as programs read it: no address, no contact."""
    status, job, gate = row.status, row.status.job, row.status.job.gate
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
        *(
            (None, None, None)
            if gate is None
            else (gate.workshop, gate.monday.isoformat(), gate.rest_monday.isoformat())
        ),
        status.checked_at,
    )
    return dict(zip(COLUMNS, values, strict=True))
