"""The CP-SAT model of a planning problem: one function per constraint."""

from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from cosmolocal.errors import SolverError
from cosmolocal.planning.problem import Ints, PlanningProblem, Taken


class ChoiceModel:
    """Which of the ``kept`` options to take; starts from what keeps all capacities."""

    def __init__(self, problem: PlanningProblem, kept: Ints, start: Taken) -> None:
        self.problem, self.kept = problem, kept
        self.model = cp_model.CpModel()
        units = problem.units[problem.option_lot()[kept]]
        self.take = [self.model.new_int_var(0, most, "") for most in units.tolist()]
        self.blocks = [self.model.new_int_var(0, blocks, "") for blocks in problem.step_blocks.tolist()]
        each_lot_takes_at_most_its_units(self.model, self.take, problem.option_lot()[kept], problem.units)
        no_resource_exceeds_its_capacity(self.model, self.take, self.blocks, problem, kept)
        self.model.minimize(total_cost(self.take, self.blocks, problem, kept))
        self._hint(start)

    def _hint(self, start: Taken) -> None:
        units = dict(zip(start.option.tolist(), start.units.tolist(), strict=True))
        for variable, option in zip(self.take, self.kept.tolist(), strict=True):
            self.model.add_hint(variable, units.get(option, 0))
        missing = np.maximum(self.problem.loads_of(start) - self.problem.capacity, 0)
        for step, variable in enumerate(self.blocks):
            resource, size = int(self.problem.step_resource[step]), int(self.problem.step_size[step])
            taken = min(int(self.problem.step_blocks[step]), -(-int(missing[resource]) // size))
            missing[resource] = max(0, missing[resource] - taken * size)
            self.model.add_hint(variable, taken)

    def read(self, solver: cp_model.CpSolver, status: cp_model.CpSolverStatus) -> Taken | None:
        """Return what is taken; None: the solver found nothing.

        Raises
        ------
        SolverError
            When CP-SAT refuses the model.
        """
        if status == cp_model.MODEL_INVALID:
            raise SolverError(f"the CP-SAT model is invalid: {self.model.validate()}")
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        units = np.array([solver.value(variable) for variable in self.take], dtype=np.int64)
        return Taken(self.kept[units > 0], units[units > 0])


def each_lot_takes_at_most_its_units(
    model: cp_model.CpModel, take: list[cp_model.IntVar], lot: Ints, units: Ints
) -> None:
    """Σ take[o] over the options of a lot ≤ its units."""
    start = 0
    for end in [*(np.flatnonzero(np.diff(lot)) + 1).tolist(), len(lot)]:
        if end > start:
            most = int(units[lot[start]])
            if most == 1:
                model.add_at_most_one(take[start:end])
            else:
                model.add(sum(take[start:end]) <= most)
        start = end


def no_resource_exceeds_its_capacity(
    model: cp_model.CpModel,
    take: list[cp_model.IntVar],
    blocks: list[cp_model.IntVar],
    problem: PlanningProblem,
    kept: Ints,
) -> None:
    """Σ amount × take ≤ capacity + Σ size × blocks, for each resource."""
    position = np.full(problem.option_count, -1, dtype=np.int64)
    position[kept] = np.arange(len(kept))
    where = position[problem.use_option()]
    uses = np.flatnonzero(where >= 0)
    uses = uses[np.argsort(problem.use_resource[uses], kind="stable")]
    resources = problem.use_resource[uses]
    steps: dict[int, list[int]] = {}
    for step, resource in enumerate(problem.step_resource.tolist()):
        steps.setdefault(resource, []).append(step)
    edges = [0, *(np.flatnonzero(np.diff(resources)) + 1).tolist(), len(resources)]
    for begin, end in pairwise(edges):
        if begin == end:
            continue
        resource = int(resources[begin])
        span = uses[begin:end]
        load = cp_model.LinearExpr.weighted_sum([take[i] for i in where[span]], problem.use_amount[span].tolist())
        added = [int(problem.step_size[step]) * blocks[step] for step in steps.get(resource, [])]
        model.add(load <= int(problem.capacity[resource]) + sum(added))


def total_cost(
    take: list[cp_model.IntVar], blocks: list[cp_model.IntVar], problem: PlanningProblem, kept: Ints
) -> cp_model.LinearExprT:
    """Σ unmet × units + Σ (cost − unmet) × take + Σ step cost × blocks."""
    saved = (problem.option_cost - problem.unmet_cost[problem.option_lot()])[kept].tolist()
    costs = saved + problem.step_cost.tolist()
    return cp_model.LinearExpr.weighted_sum([*take, *blocks], costs) + int((problem.unmet_cost * problem.units).sum())
