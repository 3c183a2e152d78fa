"""The whole problem decided by CP-SAT, without the options that prices prove useless."""

import math
import threading

from ortools.sat.python import cp_model

from cosmolocal.planning.solvers.by_prices import Run, improve
from cosmolocal.planning.solvers.choice_model import ChoiceModel
from cosmolocal.planning.solvers.solution import Watch

#: one worker makes the search the same every time
WORKERS = 1
#: all rows are in its linear relaxation: where lots pack into resources it proves in a second what it never did without
LINEAR = 2


def decide_whole(run: Run, work: float = math.inf) -> None:
    """Let CP-SAT find the best plan of all options worth keeping, and the bound with it.

    ``work`` is how much it may do at most, by its own measure: about seconds on a quiet machine.
    """
    kept = run.worth_keeping()
    model = ChoiceModel(run.problem, kept, run.best)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = run.settings.seed
    solver.parameters.num_workers = WORKERS
    solver.parameters.linearization_level = LINEAR
    solver.parameters.relative_gap_limit = run.settings.gap
    solver.parameters.max_deterministic_time = work
    solver.parameters.max_time_in_seconds = max(0.1, run.settings.seconds - run.watch.seconds())
    with _Stopper(solver, run.watch):
        status = solver.solve(model.model, _Listener(solver, run))
    found = model.read(solver, status)
    if found is None:
        return
    # options left out can only be part of plans that cost at least as much as the one at hand
    run.bound = max(run.bound, min(run.cost, math.ceil(solver.best_objective_bound - 1e-6)))
    run.take(improve(run.problem, found))
    run.bound = min(run.bound, run.cost)


class _Listener(cp_model.CpSolverSolutionCallback):
    """Passes on what CP-SAT finds."""

    def __init__(self, solver: cp_model.CpSolver, run: Run) -> None:
        super().__init__()
        self.run, self.cost, self.bound = run, run.cost, run.bound
        solver.best_bound_callback = self.on_bound

    def on_solution_callback(self) -> None:
        """Report a better plan."""
        self.cost = min(self.cost, round(self.objective_value))
        self._report()
        # the prices may know a bound that CP-SAT does not: as a row of the model it would slow down the relaxation
        if self.cost - max(self.bound, self.run.bound) <= self.run.settings.gap * self.cost:
            self.stop_search()

    def on_bound(self, bound: float) -> None:
        """Report a better bound."""
        self.bound = max(self.bound, min(self.cost, math.ceil(bound - 1e-6)))
        self._report()

    def _report(self) -> None:
        limit = self.run.limit
        self.run.watch.report(self.cost, self.bound if limit is None else min(self.bound, limit))


class _Stopper:
    """Stops CP-SAT as soon as the watch says so."""

    def __init__(self, solver: cp_model.CpSolver, watch: Watch) -> None:
        self.solver, self.watch, self.done = solver, watch, threading.Event()
        self.thread = threading.Thread(target=self._wait, daemon=True)

    def _wait(self) -> None:
        while not self.done.is_set():
            if self.watch.stop.wait(0.02):
                self.solver.stop_search()
                return

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.thread.join()
