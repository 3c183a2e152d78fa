"""Solve a siting problem: a bound from values of customers, moves, then branch and bound (docs/siting.md)."""

import math
import time
from dataclasses import dataclass
from functools import cache

import numpy as np

from cosmolocal.planning.siting import Bools, Floats, SitingProblem, SitingSolution
from cosmolocal.planning.solvers.compiled import telling
from cosmolocal.planning.solvers.siting_climb import Climbed, Enough, climb
from cosmolocal.planning.solvers.siting_moves import Choices
from cosmolocal.planning.solvers.siting_prices import build_costs, make_room
from cosmolocal.planning.solvers.siting_rows import Rows, build_rows, rounded_rows, sites_needed
from cosmolocal.planning.solvers.siting_tree import SETTLED, SIDE_BY_SIDE, Node, Tree, decide
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import PlanStatus, StoppedBy

#: steps of the first climb, of one after rows were added
FIRST_STEPS, MORE_STEPS = 300, 1500
#: rounds of rounded rows, and rows each
ROUNDS, ROWS = 3, 2
#: [ratio] a gap at most this is a proof
PROVED = 1e-6
#: choices served before the tree begins, and after each kick
FIRST_CHOICES, KICK_CHOICES = 2000, 300


def solve_siting(problem: SitingProblem, settings: SolveSettings, watch: Watch | None = None) -> SitingSolution:
    """Return the best choice found in the time given, with a bound; unless the clock ends it, always the same."""
    watch = watch or Watch()
    with telling(watch.on_compiling):
        compile_siting()
    return _Run(problem, settings, watch).solve()


@cache
def compile_siting() -> None:
    """Have all compiled that solving needs, most of a minute on a fresh machine; no clock runs meanwhile."""
    two = np.ones(2)
    tiny = SitingProblem(two, np.array([3, 3]), np.array([2, 2]), np.eye(2), np.full(2, np.inf), two > 1)
    _Run(tiny, SolveSettings(), Watch()).solve()


@dataclass
class _Run:
    """One problem being solved."""

    problem: SitingProblem
    settings: SolveSettings
    watch: Watch

    def __post_init__(self) -> None:
        problem = self.problem
        self.random = np.random.default_rng(self.settings.seed)
        self.rows = build_rows(problem)
        self.must, self.may = problem.existing.copy(), np.ones(problem.site_count, dtype=np.bool_)
        self.costs = build_costs(problem, self.rows.rows)
        self.room = make_room(self.costs)
        self.until = time.monotonic() + self.settings.seconds
        self.choices = Choices(problem, self.costs, self.room, self.until)
        self.got = Climbed(-np.inf, first_values(problem, self.rows), np.zeros(0), np.zeros(0))
        self.tree: Tree | None = None

    def solve(self) -> SitingSolution:
        """Bound, choose, branch."""
        if not self._climb(FIRST_STEPS):
            return self._answer(float("inf"))
        self._choose()
        for _ in range(ROUNDS):
            if self.choices.is_late or not self._add_rows():
                break
        self._climb(MORE_STEPS)
        if self.choices.is_late:
            return self._answer(self.got.bound)
        self.must, self.may = decide(self.got, (self.must, self.may), self._target())
        self._polish(self.choices.best, FIRST_CHOICES)
        return self._branch()

    def _target(self) -> float:
        best = self.choices.best_cost
        return best - SETTLED * abs(best) if np.isfinite(best) else float("inf")

    def _climb(self, steps: int) -> bool:
        """Raise the bound; tell whether any choice is possible at all."""
        needed = sites_needed(self.problem, self.must, self.may)
        if needed is None:
            return False
        limits = self.rows.limits.copy()
        limits[0] = -float(needed)
        scope = (self.must, self.may)
        enough = Enough(self._target(), steps, self.until)
        self.got = climb(self.costs, limits, scope, self.got.values, self.room, enough)
        self.choices.note(self.got.values[: self.problem.customer_count])
        return True

    def _add_rows(self) -> bool:
        """Add rows that the average choice breaks, and climb again; tell whether there were any."""
        more = rounded_rows(self.problem, self.got.share, ROWS)
        if not len(more.rows):
            return False
        self.rows = Rows(np.vstack((self.rows.rows, more.rows)), np.append(self.rows.limits, more.limits))
        self.costs = build_costs(self.problem, self.rows.rows)
        self.room = make_room(self.costs)
        self.got = Climbed(
            self.got.bound, np.append(self.got.values, np.zeros(len(more.rows))), self.got.share, self.got.worth
        )
        return self._climb(FIRST_STEPS)

    def _choose(self) -> None:
        """Serve choices near the average one."""
        for share in (
            self.got.share,
            self.got.share + self.problem.capacity / max(1, int(self.problem.capacity.sum())),
        ):
            self._polish(self.choices.fill(share, self.must), KICK_CHOICES)

    def _polish(self, is_open: Bools, most: int) -> None:
        worth = self.got.bound + np.maximum(self.got.worth, 0.0)
        self.choices.polish(is_open, self.may & (worth < self._target()), most)

    def _kick(self) -> None:
        """Close some sites of the best choice, open others by their share, and move on from there."""
        best = self.choices.best
        new = np.flatnonzero(best & ~self.must)
        if not len(new):
            return
        gone = self.random.choice(new, size=min(len(new), int(self.random.integers(1, 4))), replace=False)
        kept = best.copy()
        kept[gone] = False
        share = np.where(self.may & ~best, self.got.share + 0.3 * self.random.random(len(best)), 0.0)
        share[gone] = 0.0
        self._polish(self.choices.fill(np.minimum(share, 0.5), kept), KICK_CHOICES)

    def _branch(self) -> SitingSolution:
        costs = build_costs(self.problem, self.rows.rows, self.got.values[: self.problem.customer_count])
        rooms = [make_room(costs) for _ in range(SIDE_BY_SIDE)]
        tree = self.tree = Tree(self.problem, costs, self.rows, self.choices, rooms, self.may)
        tree.settled = self._target()
        tree.add(Node(self.got.bound, self.must, self.may, self.got.values))
        rounds = 0
        while tree.nodes and not self._is_enough(tree.bound):
            tree.work()
            rounds += 1
            if rounds % 8 == 1:
                self._kick()
            self._report(tree.bound)
        return self._answer(tree.bound)

    def _report(self, bound: float) -> None:
        best = self.choices.best_cost
        self.watch.report(
            math.ceil(best) if np.isfinite(best) else None, math.floor(bound) if np.isfinite(bound) else None
        )

    def _is_enough(self, bound: float) -> bool:
        best = self.choices.best_cost
        within = np.isfinite(best) and best - bound <= self.settings.gap * abs(best)
        return within or self.choices.is_late or self.watch.stop.is_set()

    def _answer(self, bound: float) -> SitingSolution:
        choices = self.choices
        cost = choices.best_cost
        if np.isfinite(cost):
            choices.server.serve(choices.best)
        flow = choices.server.flow(choices.best)
        bound = min(bound, cost)
        status, why = self._verdict(cost, bound)
        values = self.got.values[: self.problem.customer_count]
        return SitingSolution(choices.best, flow, cost, bound, status, why, values)

    def _verdict(self, cost: float, bound: float) -> tuple[PlanStatus, StoppedBy]:
        away = cost - bound if np.isfinite(cost) else float("inf")
        if bound == cost or away <= PROVED * abs(cost):
            return PlanStatus.OPTIMAL, StoppedBy.PROOF
        if away <= self.settings.gap * abs(cost):
            return PlanStatus.FEASIBLE, StoppedBy.GAP
        is_stopped = self.watch.stop.is_set()
        return PlanStatus.FEASIBLE, StoppedBy.PERSON if is_stopped else StoppedBy.CLOCK


def first_values(problem: SitingProblem, rows: Rows) -> Floats:
    """Return the third least cost of serving each customer, and nothing for rows."""
    nth = min(2, problem.site_count - 1)
    values = np.partition(problem.cost, nth, axis=0)[nth]
    finite = problem.cost[np.isfinite(problem.cost)]
    values = np.where(np.isfinite(values), values, finite.max(initial=1.0))
    return np.append(np.minimum(values, problem.unserved_cost), np.zeros(len(rows.limits)))
