"""The exact solver: prices bound the plan and rule options out, CP-SAT decides among those that are left."""

import math
import threading
from dataclasses import replace

import numpy as np
from ortools.sat.python import cp_model

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choice_model import ChoiceModel
from cosmolocal.planning.solvers.construct import construct, improve
from cosmolocal.planning.solvers.neighbourhoods import NeighbourhoodSearch
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.relaxation import (
    PRICE_SCALE,
    cheapest_priced,
    find_prices,
    lagrangian_bound,
    lagrangian_total,
)
from cosmolocal.planning.solvers.solution import Solution, SolveSettings, Watch
from cosmolocal.records import PlanStatus, StoppedBy

#: one worker makes the search the same every time
WORKERS = 1
#: up to so many options CP-SAT takes the whole problem at once; beyond, parts of it first
WHOLE_OPTIONS = 5_000


def solve(
    problem: PlanningProblem,
    settings: SolveSettings,
    watch: Watch,
    limit: int | None = None,
    prices: Ints | None = None,
) -> Solution:
    """Return a plan within ``settings.gap`` of the best, or the best found in time.

    ``limit`` is what no plan can cost less than, were more ways considered than the problem's options; the solution's
    bound is never above it. ``prices``, [R], spare the search for them. Same problem and settings give the same
    solution unless the clock or a person stopped it.
    """
    reduced, options = presolve(problem)
    solution = _solve_reduced(reduced, find_prices(reduced) if prices is None else prices, settings, watch, limit)
    choice = np.where(solution.choice >= 0, np.append(options, -1)[solution.choice], -1)
    return replace(solution, choice=choice)


def _solve_reduced(
    problem: PlanningProblem, prices: Ints, settings: SolveSettings, watch: Watch, limit: int | None
) -> Solution:
    bound = lagrangian_bound(problem, prices)
    sure = bound if limit is None else min(bound, limit)
    choice = improve(problem, construct(problem, prices))
    cost = problem.cost(choice)
    watch.report(cost, sure)
    if not _is_done(cost, sure, settings, watch):
        if len(options_worth_keeping(problem, prices, cost)) > WHOLE_OPTIONS:
            choice = improve(problem, NeighbourhoodSearch(problem, prices, choice, sure).run(settings, watch))
            cost = problem.cost(choice)
        if not _is_done(cost, sure, settings, watch):
            choice, bound = _solve_whole(problem, prices, (choice, bound), settings, watch, limit)
            cost = problem.cost(choice)
            sure = bound if limit is None else min(bound, limit)
    watch.report(cost, sure)
    return Solution(choice, cost, sure, *_verdict(cost, (sure, bound), settings, watch), prices)


def _is_done(cost: int, bound: int, settings: SolveSettings, watch: Watch) -> bool:
    late = watch.seconds() >= settings.seconds
    return late or watch.stop.is_set() or cost - bound <= settings.gap * cost


def _verdict(cost: int, bounds: tuple[int, int], settings: SolveSettings, watch: Watch) -> tuple[PlanStatus, StoppedBy]:
    """Return status and reason from the bounds over all ways and over the options."""
    over_all, over_options = bounds
    if cost == over_all:
        return PlanStatus.OPTIMAL, StoppedBy.PROOF
    if cost - over_all <= settings.gap * cost:
        return PlanStatus.FEASIBLE, StoppedBy.GAP
    if watch.stop.is_set():
        return PlanStatus.FEASIBLE, StoppedBy.PERSON
    solved_out = cost - over_options <= settings.gap * cost
    return PlanStatus.FEASIBLE, StoppedBy.OPTIONS if solved_out else StoppedBy.CLOCK


def options_worth_keeping(problem: PlanningProblem, prices: Ints, cost: int) -> Ints:
    """Return the options that a plan cheaper than ``cost`` may hold; all others are proved useless.

    Taking an option costs at least its priced cost above the lot's cheapest; where the prices' bound + that > cost − 1,
    no better plan has it.
    """
    best, priced = cheapest_priced(problem, prices)
    least_total = lagrangian_total(problem, prices, best) + priced - best[problem.option_lot()]
    return np.flatnonzero(least_total <= (cost - 1) * PRICE_SCALE)


def _solve_whole(
    problem: PlanningProblem,
    prices: Ints,
    start: tuple[Ints, int],
    settings: SolveSettings,
    watch: Watch,
    limit: int | None,
) -> tuple[Ints, int]:
    """Return (choice, bound) of CP-SAT over all options that a better plan may hold; ``limit`` as for `solve`."""
    choice, bound = start
    cost = problem.cost(choice)
    model = ChoiceModel(problem, options_worth_keeping(problem, prices, cost), choice, floor=bound)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = settings.seed
    solver.parameters.num_workers = WORKERS
    solver.parameters.relative_gap_limit = settings.gap
    solver.parameters.max_time_in_seconds = max(0.1, settings.seconds - watch.seconds())
    listener = _Listener(solver, watch, cost, bound, limit)
    with _Stopper(solver, watch):
        status = solver.solve(model.model, listener)
    found = model.read(solver, status)
    if found is None:
        return choice, bound
    # options left out can only be part of plans that cost at least as much as the one at hand
    bound = max(bound, min(cost, math.ceil(solver.best_objective_bound - 1e-6)))
    found = improve(problem, found)
    if problem.cost(found) < cost:
        choice = found
    return choice, min(bound, problem.cost(choice))


class _Listener(cp_model.CpSolverSolutionCallback):
    """Passes on what CP-SAT finds."""

    def __init__(self, solver: cp_model.CpSolver, watch: Watch, cost: int, bound: int, limit: int | None) -> None:
        super().__init__()
        self.watch, self.cost, self.bound, self.limit = watch, cost, bound, limit
        solver.best_bound_callback = self.on_bound

    def on_solution_callback(self) -> None:
        """Report a better plan."""
        self.cost = min(self.cost, round(self.objective_value))
        self._report()

    def on_bound(self, bound: float) -> None:
        """Report a better bound."""
        self.bound = max(self.bound, min(self.cost, math.ceil(bound - 1e-6)))
        self._report()

    def _report(self) -> None:
        self.watch.report(self.cost, self.bound if self.limit is None else min(self.bound, self.limit))


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
