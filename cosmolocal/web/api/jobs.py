"""Jobs of workshops in the API: what they are asked to make, and what they say to that."""

from typing import Any

from flask import Response, url_for
from marshmallow import fields as ma
from marshmallow.validate import OneOf, Range

from cosmolocal.records import (
    Answer,
    DeclineReason,
    Delivery,
    Job,
    JobEvent,
    JobState,
    JobStatus,
    Person,
    Scope,
    Step,
    to_plain,
)
from cosmolocal.web.api.answers import Made, answer, digest_of, once, page_after, require_match, tagged
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import Body, IsoDate, PageQuery, told, told_of_body, word
from cosmolocal.web.api.schemas import build_schema, field_of, list_of, members_of, nested, schema_of
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.job_states import LONGEST_NOTE, steps_for
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.rights import Action, may

JOB = "/jobs/<job_id>"
_row = {
    **members_of(Job),
    **members_of(JobStatus, "job", "events"),
    "minutes": field_of(int, "[machine minutes] of all tasks"),
    "version": field_of(int, "how often it was answered"),
    "steps": field_of(tuple[Step, ...], "what may be said of it now"),
    "address": field_of(str),
}
JobRow = build_schema("JobRow", **_row)
JobDocument = build_schema(
    "JobDocument",
    **_row,
    events=nested(build_schema("JobAnswer", **members_of(JobEvent, "job")), "oldest first", many=True),
    delivery=nested(schema_of(Delivery), "where it goes exactly; null: not for this reader", allow_none=True),
)


class JobQuery(PageQuery):
    """Which jobs."""

    workshop = word("id of a workshop; left out: one's own, or for planners all of them")
    state = ma.String(
        load_default="",
        validate=OneOf([state.value for state in JobState]),
        metadata={"description": "of all plans that ever counted; left out: any, of the plan that counts"},
    )


class AnswerBody(Body):
    """What a workshop says of a job."""

    step = ma.String(required=True, validate=OneOf([step.value for step in Step]))
    reason = ma.String(
        load_default=None,
        allow_none=True,
        validate=OneOf([*(reason.value for reason in DeclineReason), None]),
        metadata={"description": "of `decline`"},
    )
    week = IsoDate(
        load_default=None,
        allow_none=True,
        metadata={"description": "of `propose`: Monday of the week it would be made in"},
    )
    quantity = ma.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=Range(0, 10**9),
        metadata={"description": "of `part`: [units of the lot] made so far, all together"},
    )
    note = told("of any step; needed for a problem, and for another reason", LONGEST_NOTE)


def bench() -> Bench:
    """Return the jobs of the region."""
    return Bench(workspace())


def describe_row(status: JobStatus) -> dict[str, Any]:
    """Return a job as a list has it."""
    plain = {name: value for name, value in to_plain(status).items() if name not in ("job", "events")}
    return {
        **to_plain(status.job),
        **plain,
        "minutes": status.job.minutes,
        "version": status.version,
        "steps": [step.value for step in steps_for(status)],
        "address": url_for("api.show_job", job_id=status.job.id),
    }


def describe_job(person: Person, status: JobStatus) -> dict[str, Any]:
    """Return a job with all that was said of it, and where it goes if the person may know."""
    events = [{name: value for name, value in to_plain(one).items() if name != "job"} for one in status.events]
    return {
        **describe_row(status),
        "events": events,
        "delivery": to_plain(bench().delivery(person, status.job.id)),
    }


# whose the jobs are is asked by the workflow: the table alone knows nobody who answers for a workshop
@bp.operation("GET", "/jobs", Terms("jobs", list_of("jobs", JobRow), query=JobQuery, action=Action.OWN_ACCOUNT))
def list_jobs(query: dict[str, Any]) -> Response:
    """Return a page of jobs, by the week they begin in."""
    person = require(Action.OWN_ACCOUNT)
    workshop = query["workshop"] or (None if may(person, Action.SEE_JOB) else person.workshop)
    states = [JobState(query["state"])] if query["state"] else None
    rows, following = page_after(bench().jobs(person, workshop, states), lambda status: status.job.id, query)
    return answer({"jobs": [describe_row(status) for status in rows], "next": following})


@bp.operation("GET", JOB, Terms("jobs", JobDocument, action=Action.OWN_ACCOUNT))
def show_job(job_id: str) -> Response:
    """Return a job with its tasks, and what was said of it; its ETag is what an answer sends as If-Match."""
    person = require(Action.OWN_ACCOUNT)
    return answer(describe_job(person, bench().job(person, job_id)))


@bp.operation(
    "POST",
    f"{JOB}/answers",
    Terms(
        "jobs",
        JobDocument,
        body=AnswerBody,
        status=201,
        action=Action.OWN_ACCOUNT,
        scope=Scope.ANSWER,
        creates=True,
        if_match=True,
    ),
)
def answer_job(body: dict[str, Any], job_id: str) -> Response:
    """Say something of a job, and get it as it is then, with its new ETag."""
    person = require(Action.OWN_ACCOUNT)
    said = Answer(
        Step(body["step"]),
        DeclineReason(body["reason"]) if body["reason"] else None,
        body["week"],
        body["quantity"],
        body["note"],
    )

    def make() -> Made:
        seen = bench().job(person, job_id)
        require_match(describe_job(person, seen))
        with told_of_body():
            status = bench().answer(person, job_id, said, seen.version)
        return Made(describe_job(person, status), location=url_for("api.show_job", job_id=job_id))

    return tagged(once(person, digest_of(to_plain(said)), make))
