"""What a solver is asked and what it answers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.records import Order, Plan, PlanStatus, StoppedBy

#: prices are whole thousandths of a cent per minute or kilogram, so that the bound is exact
PRICE_SCALE = 1000
#: what may be asked for; `cosmolocal.planning.solvers.choosing` says what each of them takes
SOLVERS = ("auto", "exact", "prices", "flow")


@dataclass(frozen=True, slots=True)
class SolveSettings:
    """How long and how well to solve."""

    #: [s] wall clock
    seconds: float = 60.0
    #: [ratio] stop when (cost − bound) / cost is at most this
    gap: float = 0.005
    seed: int = 0
    #: one of `SOLVERS`
    solver: str = "auto"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a problem before it is solved."""

    #: [cents] what no plan can cost less than, were more ways considered than the problem's options: no bound is above
    limit: int | None = None
    #: [R] prices that spare the search for them
    prices: Ints | None = None
    #: [L] a choice within all capacities: the solution is no dearer, and lots that are the same stay where they can.
    #: Where ``short_searches`` are told it may exceed them: it is mended
    start: Ints | None = None
    #: so many short searches around the start are tried, and nothing else; None: all there is
    short_searches: int | None = None


NOTHING_KNOWN = Known()


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
    """What is taken, how good it is at least, and what capacity is worth."""

    #: [L] option per lot, −1: unmet; of a lot of several units the option that most of them go by
    choice: Ints
    taken: Taken
    cost_cents: int
    #: no choice costs less
    bound_cents: int
    status: PlanStatus
    stopped_by: StoppedBy
    #: [R] thousandths of a cent per minute or kilogram
    prices: Ints
    #: which solver found it: exact, prices or flow
    solver: str


def main_options(problem: PlanningProblem, taken: Taken) -> Ints:
    """Return the option that most units of each lot go by, [L]; −1: unmet."""
    choice = np.full(problem.lot_count, -1, dtype=np.int64)
    order = np.argsort(taken.units, kind="stable")
    lot = np.searchsorted(problem.option_start, taken.option[order], side="right") - 1
    choice[lot] = taken.option[order]
    return choice


def find_verdict(
    cost: int, bounds: tuple[int, int], settings: SolveSettings, is_stopped: bool, is_late: bool
) -> tuple[PlanStatus, StoppedBy]:
    """Return status and reason from the cost and the bounds over the options and over all ways there are.

    What neither a bound, a person nor the clock ended (``is_late``) ended because nothing was left to try.
    """
    over_options, over_all = bounds
    if cost == over_all:
        return PlanStatus.OPTIMAL, StoppedBy.PROOF
    if cost - over_all <= settings.gap * cost:
        return PlanStatus.FEASIBLE, StoppedBy.GAP
    if is_stopped:
        return PlanStatus.FEASIBLE, StoppedBy.PERSON
    if cost - over_options <= settings.gap * cost:
        return PlanStatus.FEASIBLE, StoppedBy.OPTIONS
    return PlanStatus.FEASIBLE, StoppedBy.CLOCK if is_late else StoppedBy.TRIED


@dataclass(frozen=True, slots=True)
class Told:
    """What a solver tells of a problem while it solves it; None: nothing yet."""

    #: [cents] of the best plan so far
    cost_cents: int | None = None
    #: [cents] that no plan costs less than
    bound_cents: int | None = None
    #: reads that plan; None: it cannot be read yet
    taken: Callable[[], Taken] | None = None
    #: [cents] that count beside its cost where plans are compared
    beside_cents: int = 0

    def read_by(self, read: Callable[[Taken], Taken]) -> "Told":
        """Return the same of the problem that this one was made from, whose options ``read`` finds."""
        taken = self.taken
        return self if taken is None else replace(self, taken=lambda: read(taken()))

    def without_bound(self) -> "Told":
        """Return the same of a problem that allows more plans than this one: its bound is not known."""
        return replace(self, bound_cents=None)


#: tells of the whole what was told of a part of it
View = Callable[[Told], Told]


class BestTold:
    """A view that tells the best plan and the highest bound of all it was told."""

    def __init__(self) -> None:
        self.best = Told()

    def __call__(self, told: Told) -> Told:
        """Return the best so far, with what is told now."""
        bounds = [each.bound_cents for each in (self.best, told) if each.bound_cents is not None]
        plans = [each for each in (self.best, told) if each.cost_cents is not None]
        best = min(plans, key=lambda each: (each.cost_cents or 0) + each.beside_cents, default=told)
        self.best = replace(best, bound_cents=max(bounds, default=None))
        return self.best


@dataclass
class Watch:
    """Tells how far the solver is, and is told when to stop."""

    listener: Callable[[Progress], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)
    #: called where something has to be compiled first, which takes most of a minute
    on_compiling: Callable[[], None] | None = None
    #: takes the best plan so far and its orders, every now and then; see `cosmolocal.planning.keeping`
    on_plan: Callable[[Plan, tuple[Order, ...]], None] | None = None
    #: how what is told of a part is told of the whole, those of the innermost part last
    views: list[View] = field(default_factory=list)

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.started

    def report(self, cost_cents: int | None, bound_cents: int | None, taken: Callable[[], Taken] | None = None) -> None:
        """Pass progress on, as that of the whole."""
        if self.listener is not None:
            told = Told(cost_cents, bound_cents, taken)
            for view in reversed(self.views):
                told = view(told)
            self.listener(Progress(self.seconds(), told.cost_cents, told.bound_cents))

    @contextmanager
    def seen(self, view: View) -> Iterator[None]:
        """Tell what is reported meanwhile through a view."""
        self.views.append(view)
        try:
            yield
        finally:
            self.views.pop()
