"""HiGHS beside our own search: another kind of search at the same small problem, where the best plan is asked for.

Its plans count when they keep all capacities in whole numbers; its bound does not, as it is made of rounded numbers.
It starts from the best plan at hand. Where a better plan may hold many options it first sees the best few of each lot.
"""

import threading
from collections import deque

import highspy
import numpy as np
from scipy.sparse import csc_matrix

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.relaxation import priced_costs
from cosmolocal.planning.solvers.soft_dual import Floats

#: up to so many options that a better plan may hold are seen all at once
WHOLE = 5_000
#: options of each lot in the first, narrow problem, and the part of the time left that it may take
FEW, NARROW_SHARE = 3, 0.2
#: the part of the time left after which HiGHS ends by itself, as it is slow to notice that it has to
ENDS_AT = 0.95
#: [s] waited for that
PATIENCE = 2.0


class _QuietHighs(highspy.Highs):
    """HiGHS that writes nothing to stdout, its name included."""

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS calls it so, and tells its name there
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class Beside:
    """HiGHS in a thread of its own; `hear` tells what it found meanwhile."""

    def __init__(
        self, problem: PlanningProblem, prices: Ints, kept: Ints, best: Taken, seconds: float, seed: int
    ) -> None:
        self.problem, self.best, self.seconds, self.seed = problem, best, ENDS_AT * seconds, seed
        narrow = np.intersect1d(best_options(problem, prices, FEW), kept, assume_unique=True)
        self.stages = ((kept, 1.0),) if len(kept) <= WHOLE else ((narrow, NARROW_SHARE), (kept, 1.0 - NARROW_SHARE))
        self.found: deque[Taken] = deque()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, name="highs", daemon=True)
        self.thread.start()

    def hear(self) -> list[Taken]:
        """Return the plans found since this was last asked; each keeps all capacities."""
        heard = []
        while self.found:
            heard.append(self.found.popleft())
        return heard

    def end(self) -> None:
        """Let it end."""
        self.stop.set()
        self.thread.join(PATIENCE)

    def _work(self) -> None:
        for options, share in self.stages:
            if not self.stop.is_set():
                self._solve(options, share * self.seconds)

    def _solve(self, options: Ints, seconds: float) -> None:
        solver = _QuietHighs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("random_seed", self.seed % (1 << 31))
        solver.setOptionValue("time_limit", seconds)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 0.99)
        solver.passModel(build_model(self.problem, options))
        solver.setSolution(start_at(self.problem, options, self.best))
        solver.cbMipImprovingSolution += lambda event: self._note(options, np.array(event.data_out.mip_solution))
        solver.cbMipInterrupt += self._interrupt
        solver.cbSimplexInterrupt += self._interrupt
        solver.run()

    def _interrupt(self, event: highspy.HighsCallbackEvent) -> None:
        if event.data_in is not None:
            event.data_in.user_interrupt = self.stop.is_set()

    def _note(self, options: Ints, values: Floats) -> None:
        units = np.rint(values[: len(options)]).astype(np.int64)
        taken = Taken(options[units > 0], units[units > 0])
        if keeps_all(self.problem, taken):
            self.found.append(taken)


def best_options(problem: PlanningProblem, prices: Ints, most: int) -> Ints:
    """Return the options of each lot that cost least with their resources paid for, ``most`` of each at most."""
    lot = problem.option_lot()
    order = np.lexsort((priced_costs(problem, prices), lot))
    place = np.arange(len(order)) - problem.option_start[lot]
    return np.sort(order[place < most])


def start_at(problem: PlanningProblem, options: Ints, best: Taken) -> highspy.HighsSolution:
    """Return the best plan at hand as a solution; where it has others than ``options`` their lots stay unmet."""
    units = np.zeros(problem.option_count)
    units[best.option] = best.units
    solution = highspy.HighsSolution()
    left = np.flatnonzero(units[options])
    taken = Taken(options[left], units[options][left].astype(np.int64))
    solution.col_value = np.append(units[options], problem.blocks_taken(problem.loads_of(taken)))
    return solution


def keeps_all(problem: PlanningProblem, taken: Taken) -> bool:
    """Tell whether a choice takes no more of a lot than it has and keeps all capacities."""
    return bool(
        (problem.unmet_units(taken) >= 0).all() and (problem.loads_of(taken) <= problem.largest_capacity()).all()
    )


def build_model(problem: PlanningProblem, options: Ints) -> highspy.HighsLp:
    """Return the mixed-integer programme: units by option, blocks by step; rows of lots, then of resources."""
    taken, lots, steps = len(options), problem.lot_count, len(problem.step_size)
    lot = problem.option_lot()[options]
    position = np.full(problem.option_count, -1, dtype=np.int64)
    position[options] = np.arange(taken)
    column = position[problem.use_option()]
    used = column >= 0
    rows = np.concatenate((lot, lots + problem.use_resource[used], lots + problem.step_resource))
    columns = np.concatenate((np.arange(taken), column[used], taken + np.arange(steps)))
    values = np.concatenate((np.ones(taken), problem.use_amount[used], -problem.step_size)).astype(float)
    matrix = csc_matrix((values, (rows, columns)), shape=(lots + problem.resource_count, taken + steps))
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = np.concatenate((problem.option_cost[options] - problem.unmet_cost[lot], problem.step_cost)).astype(
        float
    )
    lp.col_lower_ = np.zeros(taken + steps)
    lp.col_upper_ = np.concatenate((problem.units[lot], problem.step_blocks)).astype(float)
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate((problem.units, problem.capacity)).astype(float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * (taken + steps)
    return lp
