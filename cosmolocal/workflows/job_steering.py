"""What the answers of workshops mean for the next plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cosmolocal.records import Declined, JobState, JobStatus, LotState, Plan, Step
from cosmolocal.workflows.keep_file import Said

_AT_WORK = frozenset({JobState.STARTED, JobState.PART_DONE})


@dataclass(frozen=True, slots=True)
class Wish:
    """A workshop would make its part of a lot, but in another week; the planner decides."""

    job: str
    lot: str
    workshop: str
    #: Monday of the week that the plan says
    planned: date
    #: Monday of the week that the workshop says
    proposed: date
    note: str
    person: str


@dataclass(frozen=True, slots=True)
class JobSteering:
    """What workshops said of the plan that counts."""

    said: Said
    wishes: tuple[Wish, ...]
    #: ids of lots that are free again because somebody did not answer in time
    expired: tuple[str, ...]
    #: jobs whose workshops reported a problem; their lots stay until they are declined
    problems: tuple[JobStatus, ...]
    #: jobs declined after some units were made; the next plan makes the whole lot again
    begun: tuple[JobStatus, ...]


def steering_of_jobs(plan: Plan, statuses: Iterable[JobStatus]) -> JobSteering:
    """Return what the jobs of a plan mean for the plan after it.

    A lot is declined when one of its workshops declines; it stays when somebody has started it, or accepted it and
    nobody else let the time pass or wants another week; it is done when all are.
    """
    by_lot: dict[str, list[JobStatus]] = {}
    for status in statuses:
        if status.plan == plan.id:
            by_lot.setdefault(status.job.lot, []).append(status)
    every = [status for row in by_lot.values() for status in row]
    states = {lot: state for lot, row in sorted(by_lot.items()) if (state := _lot_state(row)) is not None}
    declined = [status for status in every if status.state is JobState.DECLINED]
    return JobSteering(
        Said(states, tuple(map(_declined, declined))),
        tuple(_wish(status) for status in every if status.state is JobState.PROPOSED),
        tuple(sorted({status.job.lot for status in every if status.state is JobState.EXPIRED})),
        tuple(status for status in every if status.state is JobState.PROBLEM),
        tuple(status for status in declined if status.made),
    )


def _lot_state(row: list[JobStatus]) -> LotState | None:
    """Return what became of a lot; None: nobody has said anything yet."""
    states = {status.state for status in row}
    if JobState.DECLINED in states:
        return LotState.DECLINED
    if states == {JobState.DONE}:
        return LotState.DONE
    if states & (_AT_WORK | {JobState.DONE}) or any(_has_started(status) for status in row):
        return LotState.STARTED
    if states & {JobState.EXPIRED, JobState.PROPOSED}:
        return LotState.PLANNED
    return LotState.ACCEPTED if states & {JobState.ACCEPTED, JobState.PROBLEM} else None


def _has_started(status: JobStatus) -> bool:
    return status.state is JobState.PROBLEM and any(event.answer.step is Step.START for event in status.events)


def _declined(status: JobStatus) -> Declined:
    answer = status.events[-1].answer
    why = answer.note.strip() or (answer.reason.value if answer.reason else "")
    return Declined(status.job.lot, status.job.workshop, why)


def _wish(status: JobStatus) -> Wish:
    event, job = status.events[-1], status.job
    week = event.answer.week or job.last_monday
    return Wish(job.id, job.lot, job.workshop, job.last_monday, week, event.answer.note, event.person)
