"""Calendars of a workshop's jobs: making, renewing and revoking their secret addresses, and what stands there."""

from datetime import datetime

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from cosmolocal.exports.job_calendar import JobEntry, build_job_calendar
from cosmolocal.records import JobState, JobStatus
from cosmolocal.web import job_words
from cosmolocal.web.bench import moment_now, open_bench
from cosmolocal.web.languages import choose_language, count, hours
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.web.words import gettext
from cosmolocal.workflows.feeds import find_feed_date, open_feed, renew_feed, revoke_feed
from cosmolocal.workflows.rights import Action, answering

bp = Blueprint("feeds", __name__)

#: how sure a calendar shows a job to be
STATUSES = {
    JobState.OFFERED: "TENTATIVE",
    JobState.EXPIRED: "TENTATIVE",
    JobState.PROPOSED: "TENTATIVE",
    JobState.DECLINED: "CANCELLED",
    JobState.WITHDRAWN: "CANCELLED",
}


@bp.get("/workshops/<workshop_id>/calendar")
def show(workshop_id: str) -> str:
    """Show whether there is a calendar of a workshop's jobs for the person, and how to have one."""
    return show_feed(workshop_id)


def show_feed(workshop_id: str, address: str = "") -> str:
    """Return the page of a calendar; ``address`` is shown this once."""
    person = require(Action.SEE_JOB, answering(current_person(), workshop_id))
    load_region()
    since = find_feed_date(workspace(), person, workshop_id)
    return render_template("feeds/show.html", workshop=workshop_id, since=since, address=address)


@bp.post("/workshops/<workshop_id>/calendar")
def renew(workshop_id: str) -> str:
    """Make a new address and show it, this once; the one before is worth nothing."""
    secret = renew_feed(workspace(), current_person(), workshop_id, moment_now)
    address = url_for("feeds.read", secret=secret, lang=choose_language(), _external=True)
    return show_feed(workshop_id, address)


@bp.post("/workshops/<workshop_id>/calendar/revoke")
def revoke(workshop_id: str) -> Redirect:
    """Make the address worth nothing."""
    revoke_feed(workspace(), current_person(), workshop_id)
    return redirect(url_for("feeds.show", workshop_id=workshop_id, done="revoked"), 303)


@bp.get("/calendars/<secret>.ics")
def read(secret: str) -> Response:
    """Send the jobs of a workshop as an iCalendar; whoever knows the address may read it."""
    person, workshop = open_feed(workspace(), secret)
    region = load_region()
    statuses = open_bench().jobs(person, workshop)
    name = gettext("Jobs of %(workshop)s", workshop=g.names.place(workshop))
    content = build_job_calendar(name, [build_entry(status, region.id) for status in statuses])
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


def build_entry(status: JobStatus, region_id: str) -> JobEntry:
    """Return a job as a calendar shows it: nothing that tells where an order goes."""
    job = status.job
    design, state = g.names.design(job.design), job_words.state_words()[status.state]
    summary = gettext("%(quantity)s × %(design)s (%(state)s)", quantity=count(job.quantity), design=design, state=state)
    told = gettext("Lot %(lot)s, %(hours)s of machine time", lot=job.lot, hours=hours(job.minutes))
    if job.gate is not None:
        checked_at = status.checked_at
        told += f"\n{job_words.tell_gate(job.gate, g.names, checked_at)} {job_words.tell_check(checked_at)}"
    return JobEntry(
        uid=f"{job.id}@{region_id}.cosmolocal",
        first_monday=job.first_monday,
        last_monday=job.last_monday,
        summary=summary,
        description=told,
        url=url_for("bench.show", job_id=job.id, _external=True),
        status=STATUSES.get(status.state, "CONFIRMED"),
        changed_at=datetime.fromisoformat(status.events[-1].at if status.events else status.offered_at),
        sequence=status.version,
    )


@bp.after_request
def keep_address(response: Response) -> Response:
    """Keep secret addresses out of every cache and of what other sites are told."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
