"""The room that a choice leaves beside it, for few lots at a time; `placing` does the same for all of them."""

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem


class Room:
    """The loads of a choice, and what adding or removing an option would cost in steps."""

    def __init__(self, problem: PlanningProblem) -> None:
        self.problem = problem
        self.loads = np.zeros(problem.resource_count, dtype=np.int64)
        self.limit = problem.largest_capacity()
        self._order = np.argsort(problem.step_resource, kind="stable")
        self._stepped = problem.step_resource[self._order]
        self._steps: dict[int, list[tuple[int, int, int]]] = {}

    def uses(self, option: int) -> tuple[Ints, Ints]:
        """Return (resources, amounts) of an option."""
        span = slice(self.problem.use_start[option], self.problem.use_start[option + 1])
        return self.problem.use_resource[span], self.problem.use_amount[span]

    def fits(self, option: int) -> bool:
        """Tell whether there is room for an option."""
        resources, amounts = self.uses(option)
        return bool((self.loads[resources] + amounts <= self.limit[resources]).all())

    def fitting(self, lot: int) -> Ints:
        """Return the options of a lot for which there is room."""
        first, end = self.problem.option_start[lot], self.problem.option_start[lot + 1]
        starts = self.problem.use_start[first : end + 1]
        span = slice(starts[0], starts[-1])
        resources = self.problem.use_resource[span]
        misfits = self.loads[resources] + self.problem.use_amount[span] > self.limit[resources]
        so_far = np.append(0, np.cumsum(misfits))[starts - starts[0]]
        return np.asarray(first + np.flatnonzero(np.diff(so_far) == 0), dtype=np.int64)

    def change(self, option: int, sign: int) -> int:
        """Add (+1) or remove (−1) an option; return the change of the step costs in cents."""
        resources, amounts = self.uses(option)
        before = self._step_cost(resources)
        self.loads[resources] += sign * amounts
        return self._step_cost(resources) - before

    def _steps_of(self, resource: int) -> list[tuple[int, int, int]]:
        """Return (size, blocks, cents) of the steps of a resource; only those asked for are read."""
        if resource not in self._steps:
            problem, (first, end) = self.problem, np.searchsorted(self._stepped, (resource, resource + 1))
            steps = self._order[first:end]
            columns = (problem.step_size[steps], problem.step_blocks[steps], problem.step_cost[steps])
            self._steps[resource] = list(zip(*(column.tolist() for column in columns), strict=True))
        return self._steps[resource]

    def _step_cost(self, resources: Ints) -> int:
        total = 0
        for resource in resources.tolist():
            missing = int(self.loads[resource] - self.problem.capacity[resource])
            for size, blocks, cost in self._steps_of(resource) if missing > 0 else ():
                taken = min(blocks, -(-missing // size))
                total += taken * cost
                missing -= taken * size
                if missing <= 0:
                    break
        return total
