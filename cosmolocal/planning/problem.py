"""The planning problem as arrays: what solvers see, and all they see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlanningProblem:
    """Lots have options, options use resources; pick at most one option per lot, at least cost.

    L lots, O options, U uses, R resources, S steps. All arrays are int64.
    """

    #: [L + 1] options of lot l are option_start[l] … option_start[l + 1] − 1
    option_start: Ints
    #: [O] cents
    option_cost: Ints
    #: [O + 1] uses of option o are use_start[o] … use_start[o + 1] − 1; no resource twice in one option
    use_start: Ints
    #: [U] resource index
    use_resource: Ints
    #: [U] minutes or kilograms, > 0
    use_amount: Ints
    #: [L] cents when no option is picked
    unmet_cost: Ints
    #: [R] minutes or kilograms that cost nothing extra
    capacity: Ints
    #: [S] resource that the step adds to
    step_resource: Ints
    #: [S] minutes or kilograms that one block of the step adds, > 0
    step_size: Ints
    #: [S] most blocks that can be added
    step_blocks: Ints
    #: [S] cents per block; within a resource, steps stand in order of cost
    step_cost: Ints

    @property
    def lot_count(self) -> int:
        """Return L."""
        return len(self.unmet_cost)

    @property
    def option_count(self) -> int:
        """Return O."""
        return len(self.option_cost)

    @property
    def resource_count(self) -> int:
        """Return R."""
        return len(self.capacity)

    def option_lot(self) -> Ints:
        """Return the lot of each option, [O]."""
        return np.repeat(np.arange(self.lot_count), np.diff(self.option_start))

    def use_option(self) -> Ints:
        """Return the option of each use, [U]."""
        return np.repeat(np.arange(self.option_count), np.diff(self.use_start))

    def largest_capacity(self) -> Ints:
        """Return the capacity of each resource with all its steps, [R]."""
        added = np.bincount(self.step_resource, self.step_size * self.step_blocks, self.resource_count)
        return self.capacity + added.astype(np.int64)

    def loads(self, choice: Ints) -> Ints:
        """Return the load of each resource, [R], under ``choice`` (option per lot, −1: unmet)."""
        picked = np.zeros(self.option_count, dtype=bool)
        picked[choice[choice >= 0]] = True
        mask = picked[self.use_option()]
        return np.bincount(self.use_resource[mask], self.use_amount[mask], self.resource_count).astype(np.int64)

    def step_costs(self, loads: Ints) -> Ints:
        """Return the least cost of the steps that cover ``loads``, [R] cents.

        Steps are taken in their order, each in whole blocks; costs rise within a resource, so that is the least.
        """
        costs = np.zeros(self.resource_count, dtype=np.int64)
        missing = np.maximum(loads - self.capacity, 0)
        for resource, size, blocks, cost in zip(
            self.step_resource, self.step_size, self.step_blocks, self.step_cost, strict=True
        ):
            taken = min(int(blocks), -(-int(missing[resource]) // int(size)))
            costs[resource] += taken * cost
            missing[resource] = max(0, missing[resource] - taken * size)
        return costs

    def cost(self, choice: Ints) -> int:
        """Return the cost of a choice in cents, steps included."""
        met = choice >= 0
        lots = int(self.option_cost[choice[met]].sum()) + int(self.unmet_cost[~met].sum())
        return lots + int(self.step_costs(self.loads(choice)).sum())
