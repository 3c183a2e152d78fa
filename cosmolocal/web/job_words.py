"""What states of jobs, answers to them and reasons are called; each state has a sign, so that colour is never alone."""

from cosmolocal.records import DeclineReason, Gate, JobEvent, JobState, PlanState, Step
from cosmolocal.web.languages import count, day, moment
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext

#: beside the word, for the eye alone
SIGNS = {
    JobState.OFFERED: "○",
    JobState.EXPIRED: "◌",
    JobState.PROPOSED: "⇄",
    JobState.DECLINED: "✕",
    JobState.ACCEPTED: "✓",
    JobState.STARTED: "▸",
    JobState.PART_DONE: "◐",
    JobState.PROBLEM: "!",
    JobState.DONE: "●",
    JobState.WITHDRAWN: "–",
}


def state_words() -> dict[JobState, str]:
    """Return what each state of a job is called."""
    return {
        JobState.OFFERED: gettext("to answer"),
        JobState.EXPIRED: gettext("not answered in time"),
        JobState.PROPOSED: gettext("another week proposed"),
        JobState.DECLINED: gettext("declined"),
        JobState.ACCEPTED: gettext("accepted"),
        JobState.STARTED: gettext("started"),
        JobState.PART_DONE: gettext("partly done"),
        JobState.PROBLEM: gettext("problem"),
        JobState.DONE: gettext("done"),
        JobState.WITHDRAWN: gettext("not in the plan any more"),
    }


def step_words() -> dict[Step, str]:
    """Return what a workshop may say, as its buttons say it."""
    return {
        Step.ACCEPT: gettext("Accept"),
        Step.DECLINE: gettext("Decline"),
        Step.PROPOSE: gettext("Propose another week"),
        Step.START: gettext("Start"),
        Step.CHECKED: gettext("The first article is checked"),
        Step.PART: gettext("A part is done"),
        Step.FINISH: gettext("All is done"),
        Step.PROBLEM: gettext("Report a problem"),
    }


def done_words(resumed: bool = False) -> dict[Step, str]:
    """Return what is told after an answer was taken; ``resumed``: it was begun again after a problem."""
    return {
        Step.ACCEPT: gettext("Thank you: the job is accepted. Start it when you begin."),
        Step.DECLINE: gettext("The job is declined. The next plan looks for another way."),
        Step.PROPOSE: gettext("Your week is noted. The planners decide with the next plan."),
        Step.START: gettext("The job goes on.") if resumed else gettext("The job has begun."),
        Step.CHECKED: gettext("It is noted that the first article is checked. The rest may be made now."),
        Step.PART: gettext("It is noted how many are made."),
        Step.FINISH: gettext("The job is done. Thank you."),
        Step.PROBLEM: gettext("The planners see the problem now. Go on when it is solved, or decline."),
    }


def reason_words() -> dict[DeclineReason, str]:
    """Return why a workshop will not make something."""
    return {
        DeclineReason.NO_TIME: gettext("no time"),
        DeclineReason.CLOSED: gettext("we are closed"),
        DeclineReason.MACHINE_DOWN: gettext("a machine is down"),
        DeclineReason.NO_MATERIAL: gettext("no material"),
        DeclineReason.CANNOT_MAKE: gettext("we cannot make this"),
        DeclineReason.OTHER: gettext("another reason (write which)"),
    }


def plan_state_words() -> dict[PlanState, str]:
    """Return whether a plan counts, in a word."""
    return {
        PlanState.DRAFT: gettext("draft"),
        PlanState.PUBLISHED: gettext("published plan"),
        PlanState.SUPERSEDED: gettext("superseded"),
    }


def tell_gate(gate: Gate, names: Names, checked_at: str | None) -> str:
    """Return what the gate of a first article asks for, or that it is open."""
    if checked_at is not None:
        return gettext(
            "The rest may be made now; it is planned from the week of %(rest)s on.", rest=day(gate.rest_monday)
        )
    return gettext(
        "One unit is made first, by the week of %(day)s, and %(workshop)s checks it. The rest waits for that check; "
        "it is planned from the week of %(rest)s on.",
        day=day(gate.monday),
        workshop=names.place(gate.workshop),
        rest=day(gate.rest_monday),
    )


def tell_check(checked_at: str | None) -> str:
    """Return whether a first article is checked."""
    if checked_at is None:
        return gettext("The first article is not checked yet.")
    return gettext("The first article was checked on %(moment)s.", moment=moment(checked_at))


def tell_event(event: JobEvent) -> str:
    """Return what was said, without the note."""
    answer = event.answer
    if answer.step is Step.DECLINE and answer.reason is not None:
        return gettext("declined: %(reason)s", reason=reason_words()[answer.reason])
    if answer.step is Step.PROPOSE and answer.week is not None:
        return gettext("would make it in the week of %(day)s", day=day(answer.week))
    if answer.step is Step.PART and answer.quantity is not None:
        return gettext("%(quantity)s made so far", quantity=count(answer.quantity))
    words = {
        Step.ACCEPT: gettext("accepted"),
        Step.START: gettext("started"),
        Step.CHECKED: gettext("first article made and checked"),
        Step.FINISH: gettext("done"),
        Step.PROBLEM: gettext("problem"),
    }
    return words.get(answer.step, answer.step.value)
