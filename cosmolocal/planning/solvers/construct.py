"""The room that a choice leaves, for few lots at a time; `placing` does the same for all of them."""

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem


class Room:
    """The loads of a choice, and what adding or removing an option would cost in steps."""

    def __init__(self, problem: PlanningProblem) -> None:
        self.problem = problem
        self.loads = np.zeros(problem.resource_count, dtype=np.int64)
        self.limit = problem.largest_capacity()
        steps: dict[int, list[tuple[int, int, int]]] = {}
        for resource, size, blocks, cost in zip(
            problem.step_resource.tolist(),
            problem.step_size.tolist(),
            problem.step_blocks.tolist(),
            problem.step_cost.tolist(),
            strict=True,
        ):
            steps.setdefault(resource, []).append((size, blocks, cost))
        self._steps = steps

    def uses(self, option: int) -> tuple[Ints, Ints]:
        """Return (resources, amounts) of an option."""
        span = slice(self.problem.use_start[option], self.problem.use_start[option + 1])
        return self.problem.use_resource[span], self.problem.use_amount[span]

    def fits(self, option: int) -> bool:
        """Tell whether there is room for an option."""
        resources, amounts = self.uses(option)
        return bool((self.loads[resources] + amounts <= self.limit[resources]).all())

    def change(self, option: int, sign: int) -> int:
        """Add (+1) or remove (−1) an option; return the change of the step costs in cents."""
        resources, amounts = self.uses(option)
        before = self._step_cost(resources)
        self.loads[resources] += sign * amounts
        return self._step_cost(resources) - before

    def _step_cost(self, resources: Ints) -> int:
        total = 0
        for resource in resources.tolist():
            missing = int(self.loads[resource] - self.problem.capacity[resource])
            for size, blocks, cost in self._steps.get(resource, ()) if missing > 0 else ():
                taken = min(blocks, -(-missing // size))
                total += taken * cost
                missing -= taken * size
                if missing <= 0:
                    break
        return total
