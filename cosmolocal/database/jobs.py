"""Which plan counts, the jobs in it, and what workshops answered; whoever changes something holds `writing`."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from cosmolocal.database.library import Database
from cosmolocal.records import Answer, DeclineReason, Job, JobEvent, Publication, Step, from_plain, to_plain

_EVENT = "job_events.job, number, person, at, step, reason, week, quantity, note"

#: a job, the newest published plan that has it, since when it is offered
JobRow = tuple[Job, str, str]
#: what was answered to jobs, oldest first, by job
Events = Mapping[str, tuple[JobEvent, ...]]
#: the newest publication; the newest event, the number of its row first
JobsState = tuple[tuple[int | str, ...], tuple[int | str, ...]]


def find_published(db: Database) -> Publication | None:
    """Return the plan that counts."""
    return next(iter(_publications(db, "superseded_at IS NULL")), None)


def list_publications(db: Database) -> tuple[Publication, ...]:
    """Return all plans that count or did, the newest first."""
    return _publications(db, "1")


def _publications(db: Database, where: str) -> tuple[Publication, ...]:
    names = ("plan", "published_by", "published_at", "superseded_at")
    return tuple(
        from_plain(Publication, {name: row[name] for name in names} | {"changed": json.loads(row["changed"])})
        for row in db.query(f"SELECT * FROM publications WHERE {where} ORDER BY id DESC")
    )


def find_jobs_state(db: Database) -> JobsState:
    """Return what changes whenever jobs would be told otherwise: a plan is published, or somebody answers."""
    publication = db.execute("SELECT id, published_at FROM publications ORDER BY id DESC LIMIT 1").fetchone()
    event = db.execute("SELECT rowid, job, at FROM job_events ORDER BY rowid DESC LIMIT 1").fetchone()
    return publication or (), event or (0,)


def load_events_since(db: Database, event: int) -> tuple[frozenset[str], Events]:
    """Return what was answered after an event, which is named by the number of its row: lots, and answers by job."""
    sql = f"""
        SELECT jobs.lot, {_EVENT} FROM job_events JOIN jobs ON jobs.id = job_events.job
        WHERE job_events.rowid > ? ORDER BY job_events.job, number
    """
    lots, found = set(), dict[str, tuple[JobEvent, ...]]()
    for lot, *cells in db.execute(sql, [event]).fetchall():
        lots.add(lot)
        found[cells[0]] = (*found.get(cells[0], ()), _read_event(*cells))
    return frozenset(lots), found


def add_publication(db: Database, publication: Publication) -> None:
    """Store that a plan counts from now on, and none before it."""
    sql = "UPDATE publications SET superseded_at = ? WHERE superseded_at IS NULL"
    db.execute(sql, [publication.published_at])
    row = to_plain(publication) | {"changed": json.dumps(publication.changed)}
    db.table("publications").insert(row)


@lru_cache(maxsize=50_000)
def _read_job(details: str) -> Job:
    """Return a job as it is stored; it never changes, and pages read thousands of them again and again."""
    return from_plain(Job, json.loads(details))


def save_job(db: Database, job: Job, plan: str, offered_at: str) -> None:
    """Store a job, or that a newer plan has it too."""
    row = {"id": job.id, "plan": plan, "workshop": job.workshop, "lot": job.lot, "offered_at": offered_at}
    db.table("jobs").upsert(row | {"details": json.dumps(to_plain(job), ensure_ascii=False)}, pk="id")


def load_jobs(
    db: Database, *, plan: str | None = None, workshop: str | None = None, ids: Collection[str] | None = None
) -> tuple[JobRow, ...]:
    """Return the jobs of a plan, of a workshop, or some by id; all unless told."""
    where, values = ["1"], list[str]()
    for column, value in (("plan", plan), ("workshop", workshop)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    rows = db.table("jobs").rows_where(" AND ".join(where), values, order_by="lot, id")
    found = (row for row in rows if ids is None or row["id"] in ids)
    return tuple((_read_job(row["details"]), row["plan"], row["offered_at"]) for row in found)


def find_job(db: Database, job_id: str) -> JobRow | None:
    """Return a job by its id."""
    row = next(iter(db.query("SELECT details, plan, offered_at FROM jobs WHERE id = ?", [job_id])), None)
    return (_read_job(row["details"]), row["plan"], row["offered_at"]) if row else None


def load_events(db: Database, jobs: Iterable[str]) -> dict[str, tuple[JobEvent, ...]]:
    """Return what was answered to jobs, oldest first, by job; those nobody answered have none."""
    ids = list(jobs)
    if len(ids) == 1:
        rows = db.execute(f"SELECT {_EVENT} FROM job_events WHERE job = ? ORDER BY number", ids)
    else:
        sql = f"SELECT {_EVENT} FROM job_events WHERE job IN (SELECT value FROM json_each(?)) ORDER BY job, number"
        rows = db.execute(sql, [json.dumps(ids)])
    found: dict[str, list[JobEvent]] = {job: [] for job in ids}
    for cells in rows.fetchall():
        found[cells[0]].append(_read_event(*cells))
    return {job: tuple(events) for job, events in found.items()}


def count_events(db: Database, job: str) -> int:
    """Return how often a job was answered."""
    return int(db.execute("SELECT count(*) FROM job_events WHERE job = ?", [job]).fetchone()[0])


def find_checks(db: Database, lots: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return since when the first articles of lots are checked, by plan and lot; those not checked are left out."""
    if not lots:
        return {}
    sql = """
        SELECT jobs.plan, jobs.lot, min(job_events.at) AS at FROM jobs JOIN job_events ON job_events.job = jobs.id
        WHERE jobs.plan IN (SELECT value FROM json_each(?)) AND jobs.lot IN (SELECT value FROM json_each(?))
            AND job_events.step = 'checked'
        GROUP BY jobs.plan, jobs.lot
    """
    plans, names = ({lot[part] for lot in lots} for part in (0, 1))
    found = db.query(sql, [json.dumps(sorted(plans)), json.dumps(sorted(names))])
    return {(row["plan"], row["lot"]): row["at"] for row in found}


@lru_cache(maxsize=50_000)
def _read_event(job: str, number: int, person: str, at: str, *answer: Any) -> JobEvent:
    """Return an answer as it is stored; it never changes either."""
    step, reason, week, quantity, note = answer
    reason, week = reason and DeclineReason(reason), week and date.fromisoformat(week)
    return JobEvent(job, number, Answer(Step(step), reason or None, week or None, quantity, note), person, at)


def add_event(db: Database, event: JobEvent) -> None:
    """Store an answer; there is no other of this number."""
    row = {"job": event.job, "number": event.number, "person": event.person, "at": event.at}
    db.add_row("job_events", row | to_plain(event.answer))
