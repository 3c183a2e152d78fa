"""Problems that are a flow of lots to resources: OR-Tools solves them exactly, at any size."""

import numpy as np
from ortools.graph.python import min_cost_flow

from cosmolocal.errors import InputError, Problem, SolverError
from cosmolocal.planning.problem import Ints, PlanningProblem, Taken

CODES = {"P093": "the solver flow was asked for, and the problem is no flow"}

NO_FLOW = (
    "found flow; it takes options of at most one scarce resource, all the same amount of it, no overtime, and costs "
    "that stay whole numbers when multiplied by all lots; here it is otherwise: auto, exact and prices take any problem"
)
#: costs times lots and resources up to which OR-Tools counts
MOST_SCALED = 1 << 61


def is_flow(problem: PlanningProblem) -> bool:
    """Tell whether each option uses at most one resource, all the same amount of it, and none of these has steps.

    OR-Tools multiplies costs by the number of lots and resources: these must not be too large for that.
    """
    if (np.diff(problem.use_start) > 1).any():
        return False
    most_cents = int(max(problem.unmet_cost.max(initial=0), problem.option_cost.max(initial=0)))
    if most_cents * (problem.lot_count + problem.resource_count + 2) > MOST_SCALED:
        return False
    amount = np.zeros(problem.resource_count, dtype=np.int64)
    amount[problem.use_resource] = problem.use_amount
    is_same = bool((amount[problem.use_resource] == problem.use_amount).all())
    return is_same and not (amount[problem.step_resource] > 0).any()


def require_flow(problem: PlanningProblem) -> None:
    """Refuse a problem that is no flow.

    Raises
    ------
    InputError
        When it is none.
    """
    if not is_flow(problem):
        raise InputError([Problem("P093", "solver", NO_FLOW)])


def solve_flow(problem: PlanningProblem) -> Taken:
    """Return what is taken by the cheapest plan there is; the problem has to be a flow, see `is_flow`.

    Lots are sources of their units, resources have room for so many, and what is unmet flows past them.
    """
    lots, resources = problem.lot_count, problem.resource_count
    lot, sink = problem.option_lot(), lots + resources
    amount = np.ones(resources, dtype=np.int64)
    amount[problem.use_resource] = problem.use_amount
    units, every = problem.units, np.arange(lots)
    goal = np.full(problem.option_count, sink)
    goal[problem.use_option()] = lots + problem.use_resource
    tails = np.concatenate((lot, lots + np.arange(resources), every))
    heads = np.concatenate((goal, np.full(resources + lots, sink)))
    # as much as all lots together, lest sums overflow
    free = np.minimum(np.maximum(problem.capacity, 0) // amount, units.sum())
    room = np.concatenate((units[lot], free, units))
    costs = np.concatenate((problem.option_cost, np.zeros(resources, dtype=np.int64), problem.unmet_cost))
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, room, costs)
    flow.set_nodes_supplies(np.append(every, sink), np.append(units, -units.sum()))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise SolverError(f"min-cost flow ended with status {status}")
    moved: Ints = flow.flows(arcs[: problem.option_count])
    options = np.flatnonzero(moved)
    return Taken(options, moved[options].astype(np.int64))
