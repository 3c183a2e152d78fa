"""When plans were made: runs of the solver, and a plan in one line."""

from dataclasses import dataclass, field
from enum import StrEnum

from cosmolocal.records.codec import SPARSE
from cosmolocal.records.plans import LocalShare, PlanStatus, StoppedBy


class PlanState(StrEnum):
    """Whether a stored plan counts."""

    DRAFT = "draft"
    #: it is the one that workshops work by
    PUBLISHED = "published"
    #: it was published, and another one was later
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run of the solver; it says nothing about the machine it ran on."""

    #: UTC, ISO 8601
    started_at: str
    #: [s] from start to the plan
    seconds: float
    #: ([s] since the start, [cents] best cost so far, [cents] best bound so far); None: none yet
    progress: tuple[tuple[float, int | None, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A stored plan in one line."""

    id: str
    region: str
    #: name of the order book
    book: str
    status: PlanStatus
    stopped_by: StoppedBy
    solver: str
    seed: int
    cost_cents: int
    bound_cents: int
    #: lots made in the region
    allocations: int
    #: lots imported
    unmet: int
    local_share: LocalShare
    #: UTC, ISO 8601: start of its newest run
    started_at: str
    #: [s] of its newest run
    seconds: float
    state: PlanState = PlanState.DRAFT
    #: id of the scenario that it is planned by; "": the region as it is
    scenario: str = ""

    @property
    def gap(self) -> float:
        """Return how far, as a part of its cost, the plan is at most from the best: 0 is proved best."""
        return 0.0 if self.cost_cents == 0 else (self.cost_cents - self.bound_cents) / self.cost_cents


class RunState(StrEnum):
    """How far a run that was asked for on the web has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    #: by a person; the best plan so far is kept if there was one
    CANCELLED = "cancelled"
    #: the program ended before the run did
    LOST = "lost"


#: runs that may still come to something
OPEN_STATES = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What somebody wants planned, and how well."""

    #: order book, as its path within the region's folder
    book: str
    #: [s] longest time to solve
    seconds: float = 60.0
    #: [ratio] stop when the plan is at most this part of its cost from the best
    gap: float = 0.005
    seed: int = 0
    solver: str = "auto"
    #: settings of the region that are overridden, as written in its file
    overrides: dict[str, str] = field(default_factory=dict)
    #: id of the plan that is followed; "": planned from scratch
    previous: str = ""
    #: most lots that may move without need; None: any number
    most_moves: int | None = None
    #: [cents] by which each of them is made dearer while searching
    move_cents: int = 0
    #: what cost is traded for, an `Aim`: several plans are made to choose from; "": one plan
    front: str = field(default="", metadata=SPARSE)
    #: plans wanted then
    points: int = field(default=5, metadata=SPARSE)
    #: id of the scenario that region and orders are edited by; "": none. The plan followed is then its base
    scenario: str = ""
    #: what is asked beside the plan before instead of another plan: how many things to buy are planned; None: nothing
    investments: int | None = None
    #: or the price of which hour is checked, as ``workshop/group@week``; "": none
    hour: str = ""
    #: or where sites would best open, a `SiteWish` as JSON; ``plan``: those chosen are planned; "": not asked
    siting: str = field(default="", metadata=SPARSE)
    #: the road is sought instead of a plan: what is wanted otherwise than its file says, as JSON; "": none
    road: str = field(default="", metadata=SPARSE)

    @property
    def is_beside(self) -> bool:
        """Tell whether something is asked beside a plan instead of another plan."""
        return self.investments is not None or bool(self.hour or self.siting)


@dataclass(frozen=True, slots=True)
class PlanningRun:
    """A run that was asked for on the web, and what came of it."""

    id: int
    request: RunRequest
    state: RunState
    #: name of who asked
    person: str
    #: RFC 3339, UTC; "": not yet
    asked_at: str
    started_at: str = ""
    finished_at: str = ""
    #: has somebody asked for its end?
    cancelled: bool = False
    #: id of the plan that it came to; "": none
    plan: str = ""
    #: what kept it from a plan: code, place and message of each
    problems: tuple[tuple[str, str, str], ...] = ()
    #: as in `RunInfo`
    progress: tuple[tuple[float, int | None, int | None], ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether it may still come to something."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """What a plan was made from."""

    #: sha256 by input file
    digests: dict[str, str]
    #: settings as planned with, as plain values
    settings: dict[str, str | int | None]
