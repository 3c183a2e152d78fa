"""From draft to the plan that counts: who published which plan when, and what it offers to whom."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from cosmolocal.database import find_plan_id, load_orders, load_plan, open_database, writing
from cosmolocal.database import jobs as rows
from cosmolocal.database.library import Database
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.files import find_digest
from cosmolocal.records import Job, JobState, Person, Plan, Publication
from cosmolocal.scenarios.reading import file_name
from cosmolocal.workflows.fitting import find_overbooked
from cosmolocal.workflows.job_list import jobs_of
from cosmolocal.workflows.job_states import find_progress
from cosmolocal.workflows.pins import find_taken_down
from cosmolocal.workflows.planning import changed_inputs, find_book_now
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace

CODES = {
    "J001": "an input has changed since the plan to be published was made, and nobody confirmed that",
    "J002": "the plan to be published makes a design that was taken down",
    "J004": "the plan to be published is one of a scenario, not of the region as it is",
    "J005": "another plan was published since somebody looked at what publishing this one would change",
}


def outdated_inputs(workspace: Workspace, plan: Plan) -> tuple[str, ...]:
    """Return the names of the inputs that are no longer those a plan was made of.

    Order book and scenario may be gone or at fault by now: their bytes count, not what they say.

    Raises
    ------
    InputError
        When one is there and cannot be read: it is not taken for one that has changed.
    """
    inputs = workspace.inputs()
    if plan.scenario:
        name = file_name(plan.scenario)
        digest = find_digest(workspace.folder / name, name, "W070")
        inputs = replace(inputs, digests={**inputs.digests, **({name: digest} if digest else {})})
    book = find_book_now(plan, workspace.folder)
    return tuple(sorted({name for name, _ in changed_inputs(plan, inputs, book)}))


def publish_plan(
    workspace: Workspace,
    person: Person | None,
    plan_id: str,
    confirmed: Collection[str] = (),
    now: datetime | None = None,
    over: str | None = None,
) -> Publication:
    """Make a stored plan the one that counts, offer its jobs, and return its publication.

    One that counts already stays as it is. ``confirmed`` are inputs that may have changed since the plan was made.
    ``over`` is the plan that counted when the person looked, "" for none; None: whichever it is.

    Raises
    ------
    InputError
        When an input cannot be read; J001 for every input that has changed and is not confirmed; J002 where a design
        of it was taken down; J005 where another plan counts than ``over``; J006 for all that the plan has no room for
        any more.
    """
    authorize(person, Action.PUBLISH_PLAN)
    if person is None or not workspace.database_path.exists():
        raise NotFoundError(say("there is no plan %(name)s", name=repr(plan_id)))
    now = now or datetime.now(UTC)
    db = open_database(workspace.database_path)
    try:
        plan = load_plan(db, find_plan_id(db, plan_id))
        changed = outdated_inputs(workspace, plan)
        problems = [*_supposed(plan), *_taken_down(workspace, plan), *_unconfirmed(changed, confirmed)]
        if changed and not problems:  # of inputs that are still the same its audit has found that it fits
            problems += find_overbooked(plan, workspace.region())
        if problems:
            raise InputError(problems)
        jobs = jobs_of(plan, load_orders(db, plan.id))
        with writing(db):
            before = rows.find_published(db)
            if before is not None and before.plan == plan.id:
                return before
            if over is not None and over != (before.plan if before else ""):
                raise InputError([_overtaken(before)])
            found = Publication(plan.id, person.name, now.isoformat(timespec="seconds"), None, changed)
            _offer(db, jobs, before, found)
            rows.add_publication(db, found)
        return found
    finally:
        db.close()


def _overtaken(now: Publication | None) -> Problem:
    """Return that what a person saw of the change is not what it would be."""
    plan, person = (now.plan, now.published_by) if now else ("–", "–")
    told = say(
        "%(person)s has published plan %(plan)s since you looked; nothing was published now, so look again",
        person=person,
        plan=plan,
    )
    return Problem("J005", "plan: before", told)


def _supposed(plan: Plan) -> Iterator[Problem]:
    if plan.scenario:
        found = say("found %(found)s; only plans of the region as it is can count", found=repr(plan.scenario))
        yield Problem("J004", "plan: scenario", found)


def _taken_down(workspace: Workspace, plan: Plan) -> Iterator[Problem]:
    for key, why in find_taken_down(plan, workspace.region().taken_down).items():
        yield Problem("J002", f"plan: {key}", say("was taken down: %(why)s", why=why))


def _unconfirmed(changed: Collection[str], confirmed: Collection[str]) -> Iterator[Problem]:
    for name in changed:
        if name not in confirmed:
            yield Problem("J001", f"plan: digests.{name}", say("has changed since; plan again, or confirm it"))


def _offer(db: Database, jobs: Collection[Job], before: Publication | None, found: Publication) -> None:
    """Store the jobs of a plan; what nobody answered is offered anew, unless the plan before offers it still."""
    known = {job.id: (plan, offered) for job, plan, offered in rows.load_jobs(db)}
    events = rows.load_events(db, known)
    now = datetime.fromisoformat(found.published_at)
    for job in jobs:
        plan, offered_at = known.get(job.id, ("", found.published_at))
        answered = bool(events.get(job.id))
        still = before is not None and plan == before.plan
        in_time = find_progress(job, (), offered_at, now).state is JobState.OFFERED
        keeps = answered or (still and in_time)
        rows.save_job(db, job, found.plan, offered_at if keeps else found.published_at)


def find_publication(workspace: Workspace) -> Publication | None:
    """Return which plan counts; None: none was published yet."""
    if not workspace.database_path.exists():
        return None
    db = open_database(workspace.database_path)
    try:
        return rows.find_published(db)
    finally:
        db.close()


def list_publications(workspace: Workspace) -> tuple[Publication, ...]:
    """Return which plans were published by whom and when, the newest first."""
    if not workspace.database_path.exists():
        return ()
    db = open_database(workspace.database_path)
    try:
        return rows.list_publications(db)
    finally:
        db.close()
