"""The workshop's bench: the jobs of the plan that counts, and what their workshops answer."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from cosmolocal.database import jobs as rows
from cosmolocal.database import open_database, reading, writing
from cosmolocal.database.library import Database
from cosmolocal.errors import InputError, NotFoundError, Problem, UnreadableError, say
from cosmolocal.records import Answer, Delivery, JobEvent, JobState, JobStatus, Order, Person
from cosmolocal.workflows.job_states import check_answer, find_news, find_progress
from cosmolocal.workflows.planning import find_book
from cosmolocal.workflows.remembering import Memory
from cosmolocal.workflows.rights import Action, answering, authorize, may
from cosmolocal.workflows.sessions import utc_now
from cosmolocal.workflows.workspace import Workspace

CODES = {"J003": "somebody else has answered a job since the form was opened"}

STALE = say("Somebody has answered this job since you opened it. Look at it again.")

#: jobs that are kept in memory with what was said of them
JOBS = 60_000
#: by what is asked for and by the state of the jobs
_STATUSES = Memory[tuple[JobStatus, ...]](JOBS, lambda statuses: 1 + len(statuses))
#: by what is asked for: the newest, and the event that is the last in it
_NEWEST = Memory[tuple[int, tuple[JobStatus, ...]]](JOBS, lambda kept: 1 + len(kept[1]))

#: states in which a workshop has promised to make it, and so may know where it goes
PROMISED = frozenset({JobState.ACCEPTED, JobState.STARTED, JobState.PART_DONE, JobState.PROBLEM, JobState.DONE})


class Bench:
    """The jobs of a region."""

    def __init__(self, workspace: Workspace, now: Callable[[], datetime] = utc_now) -> None:
        self._workspace, self._now = workspace, now

    @contextmanager
    def _open(self) -> Iterator[Database]:
        db = open_database(self._workspace.database_path)
        try:
            yield db
        finally:
            db.close()

    def jobs(
        self, person: Person | None, workshop: str | None = None, states: Collection[JobState] | None = None
    ) -> tuple[JobStatus, ...]:
        """Return the jobs of the plan that counts, by the week they begin in; of one workshop unless all may be seen.

        With ``states`` those of all plans that ever counted, in one of these states. Who answers for a workshop must
        name it.
        """
        authorize(person, Action.SEE_JOB, answering(person, workshop or ""))
        found = self.statuses(workshop, current=states is None)
        return found if states is None else tuple(status for status in found if status.state in states)

    def statuses(self, workshop: str | None = None, *, current: bool = True) -> tuple[JobStatus, ...]:
        """Return the jobs of the plan that counts, or all there ever were, by the week they begin in.

        Other workflows settle who may see them. The same tuple comes again until one of the jobs or the day changes.
        """
        if not self._workspace.database_path.exists():
            return ()
        with self._open() as db, reading(db):  # of one moment: publishing a plan moves its jobs
            publication, event = rows.find_jobs_state(db)
            asked = (self._workspace.database_path, workshop, current, self._now().date(), publication)

            def load() -> tuple[JobStatus, ...]:
                last = int(event[0])
                before = _NEWEST.find(asked)
                if before is None or before[0] > last:
                    found = self._load(db, workshop, current)
                else:
                    found = self._follow(db, before[1], *rows.load_events_since(db, before[0]))
                _NEWEST.keep(asked, (last, found))
                return found

            return _STATUSES.recall((asked, event), load)

    def _load(self, db: Database, workshop: str | None, current: bool) -> tuple[JobStatus, ...]:
        published = rows.find_published(db)
        if current and published is None:
            return ()
        plan = published.plan if current and published else None
        found = self._statuses(db, rows.load_jobs(db, plan=plan, workshop=workshop))
        return tuple(sorted(found, key=lambda status: (status.job.first_monday, status.job.lot, status.job.id)))

    def _follow(
        self, db: Database, before: tuple[JobStatus, ...], lots: Collection[str], said: rows.Events
    ) -> tuple[JobStatus, ...]:
        """Return jobs as they are after answers to some lots; the check of a first article is told of all its jobs."""
        told = [status for status in before if status.job.lot in lots]
        events = {one.job.id: (*one.events, *said.get(one.job.id, ())) for one in told}
        found = self._statuses(db, [(one.job, one.plan, one.offered_at) for one in told], events)
        now = {status.job.id: status for status in found}
        return tuple(now.get(status.job.id, status) for status in before)

    def job(self, person: Person | None, job_id: str) -> JobStatus:
        """Return a job; one that another workshop answers is forbidden, one that nobody has is not found."""
        return self._find(person, job_id, Action.SEE_JOB)

    def answer(self, person: Person | None, job_id: str, answer: Answer, expected: int) -> JobStatus:
        """Note what a workshop says of a job, and return the job as it is then.

        ``expected`` is the version of the job that the person saw. The same answer sent twice counts once.

        Raises
        ------
        InputError
            With every fault of the answer; J003 where the job is another one now than the person saw: see `find_news`.
        """
        looked = expected

        def look() -> None:
            """Tell somebody who waits for their turn at once that somebody else was faster."""
            nonlocal looked
            before, looked = looked, rows.count_events(db, job_id)
            if person is not None and looked != before:
                _is_there(self._find(person, job_id, Action.ANSWER_JOB, db), person, answer, expected)

        with self._open() as db, writing(db, look):
            status = self._find(person, job_id, Action.ANSWER_JOB, db)
            if person is None or _is_there(status, person, answer, expected):
                return status
            today = self._now().date()
            problems = check_answer(status.job, status.state, answer, today, waits=status.waits)
            if problems:
                raise InputError(problems)
            moment = self._now().isoformat(timespec="seconds")
            event = JobEvent(job_id, status.version + 1, answer, person.name, moment)
            rows.add_event(db, event)
            row = status.job, status.plan, status.offered_at
            return self._statuses(db, (row,), {job_id: (*status.events, event)})[0]

    def delivery(self, person: Person | None, job_id: str) -> Delivery | None:
        """Return where the lot of a job goes exactly; None: the person may not know, or the order book is gone.

        One that is there and cannot be read raises `UnreadableError`.
        """
        status = self.job(person, job_id)
        try:
            plan = self._workspace.load(status.plan)
            book = self._workspace.book(find_book(plan, self._workspace.folder))
        except UnreadableError:
            raise
        except InputError:
            return None
        order = next((order for order in book.orders if order.id == status.job.order), None)
        return None if order is None else visible_delivery(person, status, order)

    def _find(self, person: Person | None, job_id: str, action: Action, opened: Database | None = None) -> JobStatus:
        if opened is None:
            if not self._workspace.database_path.exists():
                raise NotFoundError(say("there is no job %(name)s", name=repr(job_id)))
            with self._open() as db:
                return self._find(person, job_id, action, db)
        row = rows.find_job(opened, job_id)
        if row is None:
            # strangers learn nothing of which jobs there are
            authorize(person, action, answering(person, person.workshop or "") if person else ())
            raise NotFoundError(say("there is no job %(name)s", name=repr(job_id)))
        authorize(person, action, answering(person, row[0].workshop))
        [status] = self._statuses(opened, (row,))
        return status

    def _statuses(
        self, db: Database, found: Collection[rows.JobRow], events: rows.Events | None = None
    ) -> tuple[JobStatus, ...]:
        """Return jobs as they are now; what was answered to them is loaded, unless it is known."""
        published, now = rows.find_published(db), self._now()
        current = published.plan if published else ""
        events = rows.load_events(db, [job.id for job, _, _ in found]) if events is None else events
        checks = rows.find_checks(db, [(plan, job.lot) for job, plan, _ in found if job.gated])
        statuses = []
        for job, plan, offered_at in found:
            said = events[job.id]
            came = find_progress(job, said, offered_at, now, is_current=plan == current)
            checked = checks.get((plan, job.lot)) if job.gated else None
            statuses.append(JobStatus(job, plan, came.state, came.made, offered_at, came.answer_by, said, checked))
        return tuple(statuses)


def _is_there(status: JobStatus, person: Person, answer: Answer, expected: int) -> bool:
    """Tell whether an answer was heard already; raises `InputError` where others said what its person had not seen."""
    if not 0 <= expected <= status.version:
        raise InputError([Problem("J003", "version", STALE)])
    own = [event for event in status.events[expected:] if (event.person, event.answer) == (person.name, answer)]
    if any(event not in own for event in find_news(status.events, expected, answer)):
        raise InputError([Problem("J003", "version", STALE)])
    return bool(own)


def visible_delivery(person: Person | None, status: JobStatus, order: Order) -> Delivery | None:
    """Return where an order goes exactly: for planners, and for the workshop that delivers it once it has accepted."""
    if person is None or order.id != status.job.order:
        return None
    found = Delivery(order.address, order.contact)
    if may(person, Action.PUBLISH_PLAN):
        return found
    owns = may(person, Action.ANSWER_JOB, answering(person, status.job.workshop))
    return found if owns and status.job.delivers and status.state in PROMISED else None
