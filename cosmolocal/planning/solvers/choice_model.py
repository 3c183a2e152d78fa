"""The CP-SAT model of a planning problem: one function per constraint."""

from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from cosmolocal.errors import SolverError
from cosmolocal.planning.problem import Ints, PlanningProblem


class ChoiceModel:
    """Which of the ``kept`` options to take; starts from a choice that keeps all capacities."""

    def __init__(self, problem: PlanningProblem, kept: Ints, start: Ints, floor: int | None = None) -> None:
        self.problem, self.kept = problem, kept
        self.model = cp_model.CpModel()
        self.take = [self.model.new_bool_var("") for _ in range(len(kept))]
        self.blocks = [self.model.new_int_var(0, blocks, "") for blocks in problem.step_blocks.tolist()]
        each_lot_takes_at_most_one(self.model, self.take, problem.option_lot()[kept])
        no_resource_exceeds_its_capacity(self.model, self.take, self.blocks, problem, kept)
        objective = total_cost(self.take, self.blocks, problem, kept)
        if floor is not None:
            self.model.add(objective >= floor)
        self.model.minimize(objective)
        self._hint(start)

    def _hint(self, start: Ints) -> None:
        chosen = set(start[start >= 0].tolist())
        for variable, option in zip(self.take, self.kept.tolist(), strict=True):
            self.model.add_hint(variable, option in chosen)
        missing = np.maximum(self.problem.loads(start) - self.problem.capacity, 0)
        for step, variable in enumerate(self.blocks):
            resource, size = int(self.problem.step_resource[step]), int(self.problem.step_size[step])
            taken = min(int(self.problem.step_blocks[step]), -(-int(missing[resource]) // size))
            missing[resource] = max(0, missing[resource] - taken * size)
            self.model.add_hint(variable, taken)

    def read(self, solver: cp_model.CpSolver, status: cp_model.CpSolverStatus) -> Ints | None:
        """Return the choice found, [L]; None: the solver found none.

        Raises
        ------
        SolverError
            When CP-SAT refuses the model.
        """
        if status == cp_model.MODEL_INVALID:
            raise SolverError(f"the CP-SAT model is invalid: {self.model.validate()}")
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        choice = np.full(self.problem.lot_count, -1, dtype=np.int64)
        taken = [option for option, var in zip(self.kept.tolist(), self.take, strict=True) if solver.value(var)]
        choice[self.problem.option_lot()[taken]] = taken
        return choice


def each_lot_takes_at_most_one(model: cp_model.CpModel, take: list[cp_model.IntVar], lot: Ints) -> None:
    """Σ take[o] over the options of a lot ≤ 1."""
    start = 0
    for end in [*(np.flatnonzero(np.diff(lot)) + 1).tolist(), len(lot)]:
        if end > start:
            model.add_at_most_one(take[start:end])
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
    """Σ unmet + Σ (cost − unmet) × take + Σ step cost × blocks."""
    saved = (problem.option_cost - problem.unmet_cost[problem.option_lot()])[kept].tolist()
    costs = saved + problem.step_cost.tolist()
    return cp_model.LinearExpr.weighted_sum([*take, *blocks], costs) + int(problem.unmet_cost.sum())
