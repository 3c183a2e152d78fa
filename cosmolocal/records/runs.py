"""When plans were made: runs of the solver, and a plan in one line."""

from dataclasses import dataclass

from cosmolocal.records.plans import LocalShare, PlanStatus, StoppedBy


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

    @property
    def gap(self) -> float:
        """Return how far, as a part of its cost, the plan is at most from the best: 0 is proved best."""
        return 0.0 if self.cost_cents == 0 else (self.cost_cents - self.bound_cents) / self.cost_cents


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """What a plan was made from."""

    #: sha256 by input file
    digests: dict[str, str]
    #: settings as planned with, as plain values
    settings: dict[str, str | int | None]
