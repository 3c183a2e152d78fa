"""A job as its page, its sheet and its forms show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from cosmolocal.errors import InputError, Problem
from cosmolocal.records import Answer, DeclineReason, Design, JobEvent, JobLeg, JobStatus, JobTask, Region, Step
from cosmolocal.web.fault_words import tell
from cosmolocal.web.words import gettext
from cosmolocal.workflows.job_states import REFUSALS, steps_for
from cosmolocal.workflows.pick_lists import Pick, build_pick_list

#: weeks that a workshop may choose from when it proposes another one
WEEKS_AHEAD = 10
FIELDS = ("step", "reason", "note", "week", "quantity")


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer that was not taken, as it was typed, with what is wrong with it."""

    step: Step | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    #: sentences by the name of the field; under "" what is about none of them
    told: Mapping[str, list[str]] = field(default_factory=dict)
    #: what was said since the form was opened; None: the form was not stale
    meanwhile: tuple[JobEvent, ...] | None = None


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a design that a job makes something of."""

    key: str
    id: str
    version: str
    #: None: it is not in the region any more
    design: Design | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task of a job with what it takes."""

    task: JobTask
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class JobView:
    """All that is told of a job."""

    status: JobStatus
    versions: tuple[VersionView, ...]
    #: the first article before the rest
    tasks: tuple[TaskView, ...]
    #: the earliest first
    comes: tuple[JobLeg, ...]
    goes: tuple[JobLeg, ...]
    #: what may be said of it now
    steps: tuple[Step, ...]
    #: Mondays that may be proposed
    weeks: tuple[date, ...]
    days_left: int


def view_job(status: JobStatus, region: Region, today: date) -> JobView:
    """Return a job with the designs, materials and ways it is about."""
    job = status.job
    designs = {design.key: design for design in region.designs}
    picks = build_pick_list(job, designs)
    keys = dict.fromkeys([job.design, *(task.design for task in job.tasks)])
    legs = sorted(job.legs, key=lambda leg: leg.monday)
    this_monday = today - timedelta(days=today.weekday())
    ahead = (this_monday + timedelta(weeks=number) for number in range(WEEKS_AHEAD))
    return JobView(
        status=status,
        versions=tuple(_version(key, designs) for key in keys),
        tasks=tuple(
            TaskView(task, tuple(pick for pick in picks if _is_for(pick, task)))
            for task in sorted(job.tasks, key=lambda task: not task.first)
        ),
        comes=tuple(leg for leg in legs if leg.to_place == job.workshop),
        goes=tuple(leg for leg in legs if leg.from_place == job.workshop),
        steps=tuple(steps_for(status)),
        weeks=tuple(monday for monday in ahead if monday != job.last_monday),
        days_left=(status.answer_by - today).days,
    )


def _is_for(pick: Pick, task: JobTask) -> bool:
    return (pick.path, pick.first) == (task.path, task.first)


def _version(key: str, designs: Mapping[str, Design]) -> VersionView:
    name, _, version = key.partition("@")
    return VersionView(key, name, version, designs.get(key))


def read_answer(form: MultiDict[str, str]) -> tuple[Answer, int]:
    """Return what a form says and the version of the job that it was opened with; what is no number is missing.

    Raises
    ------
    InputError
        When it says nothing that can be said of a job.
    """
    text = form.get("step", "")
    if text not in set(Step):
        raise InputError([Problem("J010", "step", gettext("Choose what you want to say."))])
    step = Step(text)
    reason, week, quantity = form.get("reason", ""), form.get("week", ""), form.get("quantity", "").strip()
    answer = Answer(
        step=step,
        reason=DeclineReason(reason) if step is Step.DECLINE and reason in set(DeclineReason) else None,
        week=_read_day(week) if step is Step.PROPOSE else None,
        quantity=_read_number(quantity) if step is Step.PART else None,
        note=form.get("note", "").replace("\r\n", "\n").strip(),
    )
    seen = _read_number(form.get("version", ""))
    return answer, -1 if seen is None else seen


def _read_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_refusal(form: MultiDict[str, str], problems: Iterable[Problem], events: tuple[JobEvent, ...]) -> Sent:
    """Return an answer that was not taken, with what is wrong by field and what was said meanwhile."""
    told: dict[str, list[str]] = {}
    stale = False
    for problem in problems:
        stale = stale or problem.code == "J003"
        name = problem.where if problem.where in FIELDS[1:] else ""
        told.setdefault(name, []).append(tell(problem))
    seen = _read_number(form.get("version", "")) or 0
    step = form.get("step", "")
    return Sent(
        step=Step(step) if step in set(Step) else None,
        values={name: form.get(name, "") for name in FIELDS},
        told=told,
        meanwhile=tuple(event for event in events if event.number > seen) if stale else None,
    )


def why_nothing(status: JobStatus) -> str:
    """Return why nothing can be said of a job."""
    return gettext(REFUSALS[status.state])
