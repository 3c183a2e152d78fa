"""What one workshop is asked to do for one lot of the plan that counts, and what it says to that."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cosmolocal.records.plans import GroupUse


class JobState(StrEnum):
    """How far a job has come."""

    #: nobody has answered yet
    OFFERED = "offered"
    #: nobody answered in time: unknown, which is no refusal
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    #: the workshop would make it in another week
    PROPOSED = "proposed"
    STARTED = "started"
    #: some units are made
    PART_DONE = "part-done"
    DONE = "done"
    #: something keeps the workshop from going on
    PROBLEM = "problem"
    #: the plan that counts does not have it any more
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What a workshop may say of a job."""

    ACCEPT = "accept"
    DECLINE = "decline"
    PROPOSE = "propose"
    START = "start"
    #: the first article is made and checked
    CHECKED = "checked"
    PART = "part"
    FINISH = "finish"
    PROBLEM = "problem"


class DeclineReason(StrEnum):
    """Why a workshop will not make something."""

    NO_TIME = "no-time"
    CLOSED = "closed"
    MACHINE_DOWN = "machine-down"
    NO_MATERIAL = "no-material"
    CANNOT_MAKE = "cannot-make"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class JobTask:
    """A task of a job; as in `cosmolocal.records.Task`, with a date for the week."""

    path: str
    #: ``id@version``
    design: str
    part: str
    #: first day of the week it is made in
    monday: date
    #: [units of the part]
    quantity: int
    uses: tuple[GroupUse, ...]
    #: is it the first article, made and checked before the rest?
    first: bool = False


@dataclass(frozen=True, slots=True)
class JobLeg:
    """What comes to the workshop for a job, or leaves it; ``path`` "" is the lot itself, to its place."""

    path: str
    from_place: str
    to_place: str
    mode: str
    monday: date
    mass_g: int


@dataclass(frozen=True, slots=True)
class Gate:
    """One unit of a lot is made and checked before the rest is begun."""

    #: id of the workshop that makes it whole and checks it
    workshop: str
    #: first day of the week in which it is whole
    monday: date
    #: first day of the week in which the rest is begun at the earliest, as planned
    rest_monday: date


@dataclass(frozen=True, slots=True)
class Job:
    """What one workshop does for one lot."""

    #: the same as long as the same workshop makes the same on the same machines in the same weeks for the same lot
    id: str
    #: name of the order book
    book: str
    order: str
    lot: str
    #: ``id@version`` of what the lot is
    design: str
    #: [units of the lot]
    quantity: int
    workshop: str
    #: id of the place the order is for
    place: str
    #: does the workshop deliver the lot to that place?
    delivers: bool
    #: first days of the first and the last week it works on it
    first_monday: date
    last_monday: date
    tasks: tuple[JobTask, ...]
    legs: tuple[JobLeg, ...]
    #: None: the lot has no first article
    gate: Gate | None = None

    @property
    def gated(self) -> bool:
        """Tell whether the rest of the lot waits for a first article."""
        return self.gate is not None

    @property
    def checks(self) -> bool:
        """Tell whether it is for this job to say that the first article of the lot is checked."""
        return self.gate is not None and self.gate.workshop == self.workshop

    @property
    def minutes(self) -> int:
        """Return the machine minutes of all tasks."""
        return sum(use.minutes for task in self.tasks for use in task.uses)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a workshop says of a job."""

    step: Step
    #: of `Step.DECLINE`
    reason: DeclineReason | None = None
    #: of `Step.PROPOSE`: Monday of the week it would be made in
    week: date | None = None
    #: of `Step.PART`: [units of the lot] made so far, all together
    quantity: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class JobEvent:
    """An answer as it was given."""

    job: str
    #: of the job, from 1
    number: int
    answer: Answer
    person: str
    #: RFC 3339, UTC
    at: str


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job with what was said of it."""

    job: Job
    #: newest published plan that has it
    plan: str
    state: JobState
    #: [units of the lot] made so far
    made: int
    #: RFC 3339, UTC
    offered_at: str
    #: last day on which an answer is in time
    answer_by: date
    #: oldest first
    events: tuple[JobEvent, ...]
    #: since when the first article of the lot is checked, RFC 3339, UTC; None: it is not, or there is none
    checked_at: str | None = None

    @property
    def waits(self) -> bool:
        """Tell whether the rest of the lot has to wait for the check of its first article."""
        return self.job.gated and self.checked_at is None

    @property
    def version(self) -> int:
        """Return what a form must name, so that it does not answer what nobody saw."""
        return len(self.events)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where exactly an order goes, and whom to ask there; "": nobody has said."""

    address: str
    contact: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A plan that counts, or did; moments are RFC 3339, UTC."""

    plan: str
    published_by: str
    published_at: str
    #: None: it still counts
    superseded_at: str | None
    #: inputs that had changed since the plan was made, as the publisher confirmed
    changed: tuple[str, ...] = ()
