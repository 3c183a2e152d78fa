"""Other solvers on the same siting problem: CP-SAT by itself, and HiGHS as scipy has it."""

from collections.abc import Callable

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from cosmolocal.planning.siting import Bools, Flow, SitingProblem
from cosmolocal.planning.solvers.siting_flow import Server

#: what is open, who is served from where, the bound, the status
Found = tuple[Bools, Flow, float, str]
#: costs are whole numbers to CP-SAT: thousandths
SCALE = 1000


def served(problem: SitingProblem, is_open: Bools, bound: float, status: str) -> Found:
    """Return an answer with everyone served from the open sites at least cost."""
    server = Server(problem)
    server.serve(is_open)
    return is_open, server.flow(is_open), bound, status


def solve_highs(problem: SitingProblem, seconds: float) -> Found:
    """Return what HiGHS finds with share ≤ open for each pair, its strong formulation."""
    m, n = problem.cost.shape
    pairs = m * n
    pair, site, customer = np.arange(pairs), np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
    each = coo_array((np.ones(pairs), (customer, m + pair)), shape=(n, m + pairs)).tocsr()
    values = np.concatenate((problem.demand[customer].astype(float), -problem.capacity.astype(float)))
    room = coo_array((values, (np.append(site, np.arange(m)), np.append(m + pair, np.arange(m)))), (m, m + pairs))
    values = np.concatenate((np.ones(pairs), -np.ones(pairs)))
    linked = coo_array((values, (np.append(pair, pair), np.append(m + pair, site))), (pairs, m + pairs))
    found = milp(
        np.append(problem.open_cost, problem.cost.ravel()),
        constraints=[
            LinearConstraint(each, 1.0, 1.0),
            LinearConstraint(room.tocsr(), -np.inf, 0.0),
            LinearConstraint(linked.tocsr(), -np.inf, 0.0),
        ],
        bounds=Bounds(0, 1),
        integrality=np.append(np.ones(m), np.zeros(pairs)),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    is_open = np.zeros(m, dtype=np.bool_) if found.x is None else found.x[:m] > 0.5
    bound = 0.0 if found.mip_dual_bound is None else float(found.mip_dual_bound)
    return served(problem, is_open, bound, "optimal" if found.status == 0 else "feasible")


def solve_cpsat(problem: SitingProblem, seconds: float) -> Found:
    """Return what CP-SAT finds with eight workers, units of demand being whole."""
    model = cp_model.CpModel()
    m, n = problem.cost.shape
    unit = np.rint(problem.cost * SCALE / problem.demand).astype(np.int64)
    is_open = [model.new_bool_var("") for _ in range(m)]
    units = [[model.new_int_var(0, int(problem.demand[j]), "") for j in range(n)] for _ in range(m)]
    for i in range(m):
        model.add(sum(units[i]) <= int(problem.capacity[i]) * is_open[i])
    for j in range(n):
        model.add(sum(units[i][j] for i in range(m)) == int(problem.demand[j]))
    opening = np.rint(problem.open_cost * SCALE).astype(np.int64)
    flat = [each for row in units for each in row]
    opened = cp_model.LinearExpr.weighted_sum(is_open, opening)
    model.minimize(opened + cp_model.LinearExpr.weighted_sum(flat, unit.ravel()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 8
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    has_any = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    chosen = np.array([has_any and solver.boolean_value(each) for each in is_open], dtype=np.bool_)
    # rounded costs may be too high by half a thousandth for each unit
    bound = (solver.best_objective_bound - 0.5 * float(problem.demand.sum()) - 0.5 * m) / SCALE
    return served(problem, chosen, bound, "optimal" if status == cp_model.OPTIMAL else "feasible")


OTHERS: dict[str, Callable[[SitingProblem, float], Found]] = {"cpsat": solve_cpsat, "highs": solve_highs}
