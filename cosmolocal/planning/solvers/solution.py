"""What a solver is asked and what it answers."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cosmolocal.planning.problem import Ints
from cosmolocal.records import PlanStatus, StoppedBy


@dataclass(frozen=True, slots=True)
class SolveSettings:
    """How long and how well to solve."""

    #: [s] wall clock
    seconds: float = 60.0
    #: [ratio] stop when (cost − bound) / cost is at most this
    gap: float = 0.005
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solver is; None: nothing yet."""

    #: [s] since the start
    seconds: float
    cost_cents: int | None
    bound_cents: int | None

    @property
    def gap(self) -> float | None:
        """Return the gap so far."""
        if self.cost_cents is None or self.bound_cents is None:
            return None
        return 0.0 if self.cost_cents == 0 else max(0.0, (self.cost_cents - self.bound_cents) / self.cost_cents)


@dataclass(frozen=True, slots=True)
class Solution:
    """A choice of options, how good it is at least, and what capacity is worth."""

    #: [L] option per lot, −1: unmet
    choice: Ints
    cost_cents: int
    #: no choice costs less
    bound_cents: int
    status: PlanStatus
    stopped_by: StoppedBy
    #: [R] thousandths of a cent per minute or kilogram
    prices: Ints


@dataclass
class Watch:
    """Tells how far the solver is, and is told when to stop."""

    listener: Callable[[Progress], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.started

    def report(self, cost_cents: int | None, bound_cents: int | None) -> None:
        """Pass progress on."""
        if self.listener is not None:
            self.listener(Progress(self.seconds(), cost_cents, bound_cents))
