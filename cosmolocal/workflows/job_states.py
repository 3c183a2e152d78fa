"""What the answers to a job come to, and which answer may come next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cosmolocal.errors import Problem, say
from cosmolocal.records import Answer, Job, JobEvent, JobState, JobStatus, Step

CODES = {
    "J010": "a job is not in a state in which it can be answered so",
    "J011": "a job is declined without a reason from the list, or for another one without a note",
    "J012": "the week proposed for a job is missing, no Monday, past, or the one it is planned for",
    "J013": "the units made are missing, or not from 1 to one less than all",
    "J014": "a problem is reported without a note, or a note is too long",
    "J015": "an answer holds what does not belong to it",
    "J016": "more than the first unit is said to be made before the first article of the lot is checked",
    "J017": "a job says that the first article is checked, but has none to check, or it is checked already",
}

#: [days] a workshop has to answer; after that a job is free again, which is no refusal
ANSWER_DAYS = 7
LONGEST_NOTE = 2_000

_BEFORE = frozenset({Step.ACCEPT, Step.DECLINE, Step.PROPOSE})
_UNDER_WAY = frozenset({Step.CHECKED, Step.PART, Step.FINISH, Step.PROBLEM})
#: what may be said of a job in each state
MOVES: dict[JobState, frozenset[Step]] = {
    JobState.OFFERED: _BEFORE,
    JobState.EXPIRED: _BEFORE,
    JobState.PROPOSED: _BEFORE,
    JobState.DECLINED: frozenset({Step.ACCEPT, Step.PROPOSE}),
    JobState.ACCEPTED: frozenset({Step.START, Step.DECLINE, Step.PROPOSE, Step.PROBLEM}),
    JobState.STARTED: _UNDER_WAY,
    JobState.PART_DONE: _UNDER_WAY,
    JobState.PROBLEM: frozenset({Step.START, Step.DECLINE, Step.PROBLEM}),
    JobState.DONE: frozenset(),
    JobState.WITHDRAWN: frozenset(),
}
#: what a job is after each answer
AFTER = {
    Step.ACCEPT: JobState.ACCEPTED,
    Step.DECLINE: JobState.DECLINED,
    Step.PROPOSE: JobState.PROPOSED,
    Step.START: JobState.STARTED,
    Step.CHECKED: JobState.PART_DONE,
    Step.PART: JobState.PART_DONE,
    Step.FINISH: JobState.DONE,
    Step.PROBLEM: JobState.PROBLEM,
}
#: why nothing, or not this, may be said of a job in a state
REFUSALS: dict[JobState, str] = {
    JobState.OFFERED: say("Accept this job first, then it can be started."),
    JobState.EXPIRED: say("Nobody answered this job in time. Accept it first, then it can be started."),
    JobState.PROPOSED: say("You proposed another week. Accept this one first, or wait for the next plan."),
    JobState.DECLINED: say("This job was declined. It can still be accepted, or another week be proposed."),
    JobState.ACCEPTED: say("This job is accepted. Start it first."),
    JobState.STARTED: say("This job has been started. Report a problem if it cannot go on."),
    JobState.PART_DONE: say("A part of this job is made. Report a problem if it cannot go on."),
    JobState.PROBLEM: say("A problem was reported. Start the job again, or decline it."),
    JobState.DONE: say("This job is done; nothing more can be said of it."),
    JobState.WITHDRAWN: say("The plan that counts does not have this job any more."),
}
NO_REASON = say("Choose why the job is declined; for another reason write which.")
NO_WEEK = say("Name the Monday of a week that is not past and not the one planned.")
NO_QUANTITY = say("Say how many are made so far: at least 1, and fewer than all. When all are made, the job is done.")
NO_NOTE = say("Write what the problem is.")
LONG_NOTE = say("Write at most 2,000 characters.")
UNCHECKED = say(
    "The first article of this lot is not checked yet. The rest must wait for that: say at most that 1 unit is made."
)
NO_CHECK = say("There is no first article that this job has to check, or it is checked already.")
NEEDLESS = say("This does not belong to the answer.")


@dataclass(frozen=True, slots=True)
class Progress:
    """What the answers to a job come to."""

    state: JobState
    #: [units of the lot]
    made: int
    answer_by: date


def find_progress(
    job: Job, events: Sequence[JobEvent], offered_at: str, now: datetime, *, is_current: bool = True
) -> Progress:
    """Return how far a job has come; ``is_current``: the plan that counts has it."""
    offered = datetime.fromisoformat(offered_at).date()
    # when the week of the first task is over it is too late; whoever gets an offer has that day at least
    answer_by = max(offered, min(offered + timedelta(days=ANSWER_DAYS), job.first_monday + timedelta(days=6)))
    state, made = JobState.OFFERED, 0
    for event in events:
        state = AFTER[event.answer.step]
        if event.answer.step is Step.PART:
            made = event.answer.quantity or 0
        elif event.answer.step is Step.CHECKED:
            made = max(made, 1)
        elif event.answer.step is Step.FINISH:
            made = job.quantity
    if state is JobState.OFFERED and now.date() > answer_by:
        state = JobState.EXPIRED
    if not is_current and state is not JobState.DONE:
        state = JobState.WITHDRAWN
    return Progress(state, made, answer_by)


def find_news(events: Sequence[JobEvent], seen: int, answer: Answer) -> Sequence[JobEvent]:
    """Return what was said since a version of a job and an answer given to that version must not pass over.

    That as many units are made as were, with whatever note, changes nothing for a report of how many are made: two who
    report at the same moment are both heard, and neither count was said without knowing the other. All else is news.
    """
    last = events[seen - 1].answer if 0 < seen <= len(events) else None
    if answer.step is not Step.PART or last is None or last.step is not Step.PART:
        return events[seen:]
    known = last.step, last.quantity
    return [event for event in events[seen:] if (event.answer.step, event.answer.quantity) != known]


def check_answer(job: Job, state: JobState, answer: Answer, today: date, *, waits: bool = False) -> list[Problem]:
    """Return what is wrong with an answer to a job in a state, and why it may not be given.

    ``waits``: the lot has a first article that nobody has checked yet.
    """
    if answer.step not in MOVES[state]:
        return [Problem("J010", "step", REFUSALS[state])]
    if answer.step is Step.CHECKED and not (waits and job.checks):
        return [Problem("J017", "step", NO_CHECK)]
    if waits and answer.step is Step.FINISH:
        return [Problem("J016", "step", UNCHECKED)]
    found = (
        ("J011", "reason", NO_REASON, answer.step is Step.DECLINE and _lacks_reason(answer)),
        ("J012", "week", NO_WEEK, answer.step is Step.PROPOSE and not _is_other_week(job, answer.week, today)),
        ("J013", "quantity", NO_QUANTITY, answer.step is Step.PART and not 1 <= (answer.quantity or 0) < job.quantity),
        ("J016", "quantity", UNCHECKED, waits and answer.step is Step.PART and (answer.quantity or 0) > 1),
        ("J014", "note", NO_NOTE, answer.step is Step.PROBLEM and not answer.note.strip()),
        ("J014", "note", LONG_NOTE, len(answer.note) > LONGEST_NOTE),
        ("J015", "reason", NEEDLESS, answer.step is not Step.DECLINE and answer.reason is not None),
        ("J015", "week", NEEDLESS, answer.step is not Step.PROPOSE and answer.week is not None),
        ("J015", "quantity", NEEDLESS, answer.step is not Step.PART and answer.quantity is not None),
    )
    return [Problem(code, where, message) for code, where, message, wrong in found if wrong]


def _lacks_reason(answer: Answer) -> bool:
    return answer.reason is None or (answer.reason.value == "other" and not answer.note.strip())


def _is_other_week(job: Job, week: date | None, today: date) -> bool:
    """Tell whether a week may be proposed; the present one may."""
    if week is None or week.weekday() != 0 or week + timedelta(days=6) < today:
        return False
    return week != job.last_monday


def steps_for(status: JobStatus) -> Collection[Step]:
    """Return what may be said of a job now, in the order of the steps."""
    barred = {Step.FINISH} if status.waits else set()
    if not (status.waits and status.job.checks):
        barred.add(Step.CHECKED)
    return tuple(step for step in Step if step in MOVES[status.state] and step not in barred)
