"""Other solvers on the same arrays: CP-SAT by itself, and HiGHS as scipy has it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from cosmolocal.planning.problem import PlanningProblem, Taken
from cosmolocal.planning.solvers.choice_model import ChoiceModel

NOTHING = Taken(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solver answers."""

    taken: Taken
    cost_cents: int
    bound_cents: int
    name: str


def solve_cpsat(problem: PlanningProblem, seconds: float) -> Answer:
    """Return what CP-SAT finds with eight workers; it starts from importing everything."""
    model = ChoiceModel(problem, np.arange(problem.option_count), NOTHING)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 8
    solver.parameters.max_time_in_seconds = seconds
    taken = model.read(solver, solver.solve(model.model)) or NOTHING
    return Answer(taken, problem.cost_of(taken), max(0, int(np.ceil(solver.best_objective_bound - 1e-6))), "cpsat")


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Keep what a library prints by itself out of the lines of figures."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def solve_highs(problem: PlanningProblem, seconds: float) -> Answer:
    """Return what HiGHS finds for the same mixed-integer program."""
    options, steps = problem.option_count, len(problem.step_resource)
    lot = problem.option_lot()
    per_lot = csr_array((np.ones(options), (lot, np.arange(options))), shape=(problem.lot_count, options + steps))
    rows = np.append(problem.use_resource, problem.step_resource)
    columns = np.append(problem.use_option(), options + np.arange(steps))
    amounts = np.append(problem.use_amount, -problem.step_size)
    per_resource = coo_array((amounts, (rows, columns)), shape=(problem.resource_count, options + steps)).tocsr()
    with _stdout_to_stderr():
        found = milp(
            np.append(problem.option_cost - problem.unmet_cost[lot], problem.step_cost),
            constraints=[
                LinearConstraint(per_lot, -np.inf, problem.units),
                LinearConstraint(per_resource, -np.inf, problem.capacity),
            ],
            bounds=Bounds(0, np.append(problem.units[lot], problem.step_blocks)),
            integrality=np.ones(options + steps, dtype=np.int64),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
    imported = int((problem.unmet_cost * problem.units).sum())
    bound = found.mip_dual_bound
    units = np.zeros(options, dtype=np.int64) if found.x is None else np.rint(found.x[:options]).astype(np.int64)
    taken = Taken(np.flatnonzero(units), units[units > 0])
    least = 0 if bound is None else max(0, int(np.ceil(bound + imported - 1e-3)))
    return Answer(taken, problem.cost_of(taken), least, "highs")


OTHERS: dict[str, Callable[[PlanningProblem, float], Answer]] = {"cpsat": solve_cpsat, "highs": solve_highs}
