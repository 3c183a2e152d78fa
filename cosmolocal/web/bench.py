"""The workshop's bench: the list of jobs, one job with its forms, and its sheet for the wall."""

from datetime import datetime

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from cosmolocal.errors import InputError
from cosmolocal.exports.qr import draw_qr
from cosmolocal.exports.tables import build_csv
from cosmolocal.records import JobState, JobStatus, Person, Role, Step
from cosmolocal.web import bench_view as view
from cosmolocal.web import job_table, job_words
from cosmolocal.web.asking import Found
from cosmolocal.web.sending import send_file
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.shared_pages import shared_page
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.web.words import gettext
from cosmolocal.workflows.design_questions import questions_about
from cosmolocal.workflows.feeds import find_feed_date
from cosmolocal.workflows.jobs import JOBS, Bench
from cosmolocal.workflows.plan_publishing import find_publication
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.rights import Action, answering, may
from cosmolocal.workflows.sessions import utc_now

bp = Blueprint("bench", __name__)
Page = str | Redirect | tuple[str, int]

#: by the jobs, the names and the day
_ROWS = Memory[tuple[tuple[job_table.JobRow, ...], job_table.Overview]](JOBS, lambda kept: 1 + len(kept[0]))


#: the newest of them by region, workshop, names and day: an answer changes a few of ten thousand
_NEWEST = Memory[tuple[job_table.JobRow, ...]](JOBS, lambda kept: 1 + len(kept))


def moment_now() -> datetime:
    """Return the present moment; tests give the application another clock."""
    now: datetime = current_app.extensions.get("now", utc_now)()
    return now


def open_bench() -> Bench:
    """Return the jobs of the region."""
    return Bench(workspace(), moment_now)


@bp.app_context_processor
def words() -> dict[str, object]:
    """Give templates the words of jobs and plans."""
    return {
        "job_signs": job_words.SIGNS,
        "job_states": state_words,
        "job_steps": job_words.step_words,
        "decline_reasons": job_words.reason_words,
        "tell_event": job_words.tell_event,
        "tell_gate": job_words.tell_gate,
        "tell_check": job_words.tell_check,
        "own_rooms": own_rooms,
    }


def state_words() -> dict[JobState, str]:
    """Return what each state of a job is called; looked up once for a request."""
    if "job_states" not in g:
        g.job_states = job_words.state_words()
    return g.job_states  # type: ignore[no-any-return]


def own_rooms() -> list[tuple[str, str, str]]:
    """Return the rooms in the head of each page that are there for the person: blueprint, address, word."""
    person = current_person()
    rooms = []
    if may(person, Action.SEE_JOB):
        rooms.append(("bench", url_for("bench.index"), gettext("Jobs")))
    elif person is not None and may(person, Action.SEE_JOB, answering(person, person.workshop or "")):
        rooms.append(("bench", url_for("bench.index"), gettext("My jobs")))
    if person is not None and Role.MAKER in person.roles:
        rooms.append(("makers_room", url_for("makers_room.index"), gettext("My designs")))
    return rooms


def see_jobs() -> tuple[Person, str | None]:
    """Return who makes this request, and the one workshop whose jobs may be seen; None: those of all."""
    person = current_person()
    own = person.workshop if person is not None and not may(person, Action.SEE_JOB) else None
    return require(Action.SEE_JOB, answering(person, own or "")), own


@bp.get("/jobs/")
@shared_page(lambda: (workspace().database_state(), moment_now().date()), per_person=True)
def index() -> str:
    """Show a workshop its jobs by what is to be done now; planners those of all workshops, with filters."""
    person, own = see_jobs()
    load_region()
    found = find_jobs(person, own)
    if own is None:
        return render_template(
            "bench/all.html",
            found=found,
            every=every_job(person)[1],
            publication=find_publication(workspace()),
        )
    today = moment_now().date()
    return render_template(
        "bench/index.html",
        groups=job_table.group_rows(found.rows, today),
        workshop=own,
        publication=find_publication(workspace()),
        feed_since=find_feed_date(workspace(), person, own),
    )


def every_job(person: Person) -> tuple[tuple[job_table.JobRow, ...], job_table.Overview]:
    """Return all jobs that the person may see, and the same in numbers; made again when one of them changed."""
    _, own = see_jobs()
    statuses, today = open_bench().jobs(person, own), moment_now().date()

    def make() -> tuple[tuple[job_table.JobRow, ...], job_table.Overview]:
        asked = (workspace().database_path, own, Same(g.names), today)
        rows = job_table.build_rows(statuses, g.names, today, _NEWEST.find(asked) or ())
        _NEWEST.keep(asked, rows, family=(workspace().database_path, own))
        return rows, job_table.count_jobs(rows)

    return _ROWS.recall((Same(statuses), Same(g.names), today), make, family=(workspace().database_path, own))


def find_jobs(person: Person, own: str | None) -> job_table.JobPage:
    """Return what the address asks for of the jobs that the person may see."""
    query = job_table.JobQuery() if own else job_table.read_query(request.args, g.names)
    return Found(query, job_table.find_rows(every_job(person)[0], query), job_table.PAGE_ROWS)


@bp.get("/jobs/jobs.<any(csv, json):form>")
def export(form: str) -> Response:
    """Send the jobs that an address asks for to programs."""
    person, own = see_jobs()
    load_region()
    rows = find_jobs(person, own).rows
    told = [job_table.build_plain(row) for row in rows]
    return send_file("jobs", form, build_csv(job_table.COLUMNS, told) if form == "csv" else {"jobs": told})


@bp.get("/jobs/<job_id>/")
def show(job_id: str) -> Page:
    """Show a job: what to make of which files, from what, for whom, and the forms to answer it."""
    return show_job(open_bench().job(current_person(), job_id), view.Sent())


@bp.post("/jobs/<job_id>/")
def answer(job_id: str) -> Page:
    """Take what a workshop says of a job."""
    person, bench = current_person(), open_bench()
    status = bench.job(person, job_id)
    require(Action.ANSWER_JOB, answering(person, status.job.workshop))
    try:
        said, seen = view.read_answer(request.form)
        bench.answer(person, job_id, said, seen)
    except InputError as error:
        status = bench.job(person, job_id)
        return show_job(status, view.read_refusal(request.form, error.problems, status.events)), 422
    return redirect(url_for("bench.show", job_id=job_id, done=said.step.value), 303)


def show_job(status: JobStatus, sent: view.Sent) -> str:
    """Return the page of a job, with what was sent where something was not taken."""
    region = load_region()
    person = current_person()
    job = view.view_job(status, region, moment_now().date())
    asked = {version.id: questions_about(workspace(), version.id) for version in job.versions}
    return render_template(
        "bench/show.html",
        job=job,
        sent=sent,
        delivery=open_bench().delivery(person, status.job.id),
        may_answer=may(person, Action.ANSWER_JOB, answering(person, status.job.workshop)),
        may_plan=may(person, Action.PUBLISH_PLAN),
        questions=[one for threads in asked.values() for one in threads],
        why_nothing=view.why_nothing(status),
        done={step.value: told for step, told in job_words.done_words(has_resumed(status)).items()}.get(
            request.args.get("done", "")
        ),
    )


def has_resumed(status: JobStatus) -> bool:
    """Tell whether the last answer took a job up again after a problem."""
    return [event.answer.step for event in status.events[-2:]] == [Step.PROBLEM, Step.START]


@bp.get("/jobs/<job_id>/sheet")
def sheet(job_id: str) -> str:
    """Show a job on one sheet of paper, with a code that leads back to its page."""
    status = open_bench().job(current_person(), job_id)
    region = load_region()
    address = url_for("bench.show", job_id=job_id, _external=True)
    return render_template(
        "bench/sheet.html",
        job=view.view_job(status, region, moment_now().date()),
        delivery=open_bench().delivery(current_person(), job_id),
        address=address,
        code=Markup(draw_qr(address, gettext("QR code of this job's page"))),
    )
