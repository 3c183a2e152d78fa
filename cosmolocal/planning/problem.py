"""The planning problem as arrays: what solvers see, and all they see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosmolocal.errors import InputError, Problem

CODES = {"P098": "what all orders cost to import comes to more than can be counted exactly"}

Ints = NDArray[np.int64]

#: blocks of a step that no plan ever needs all of; presolve leaves those that all lots together may need
ENDLESS = 1_000_000
#: [cents] of all imports together: a thousand times as much still is a whole number of 64 bits, with room to add, and
#: solvers that count in fractions of 53 bits still tell each cent from the next
MOST_CENTS = 10**15
#: minutes or kilograms of one use: far more than any resource has, far below overflow
MOST_AMOUNT = 10**15


@dataclass(frozen=True, slots=True)
class Taken:
    """Which options are taken, for how many units: what a solver answers."""

    #: [K] rising; an option stands once
    option: Ints
    #: [K] ≥ 1
    units: Ints


@dataclass(frozen=True, slots=True)
class PlanningProblem:
    """Lots have options, options use resources; pick at most one option per unit of a lot, at least cost.

    L lots, O options, U uses, R resources, S steps. All arrays are int64; ``use_resource`` and ``use_amount`` may be
    int32, which is what solvers read. A lot has one unit, unless ``lot_units`` says that it may be divided: its units
    then go their own ways, and all its costs and uses are per unit.
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
    #: [R] minutes or kilograms that cost nothing extra, ≥ 0
    capacity: Ints
    #: [S] resource that the step adds to
    step_resource: Ints
    #: [S] minutes or kilograms that one block of the step adds, > 0; within a resource all steps add the same
    step_size: Ints
    #: [S] most blocks that can be added
    step_blocks: Ints
    #: [S] cents per block; within a resource, steps stand in order of cost
    step_cost: Ints
    #: [L] units that may be spread over options, ≥ 1; None: every lot is one unit
    lot_units: Ints | None = None

    @property
    def units(self) -> Ints:
        """Return the units of each lot, [L]."""
        return np.ones(self.lot_count, dtype=np.int64) if self.lot_units is None else self.lot_units

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
        """Return the load of each resource, [R], under ``choice`` (option of all units of a lot, −1: unmet)."""
        return self.loads_of(self.whole(choice))

    def whole(self, choice: Ints) -> "Taken":
        """Return a choice of one option for all units of each lot as what is taken."""
        met = np.flatnonzero(choice >= 0)
        return Taken(choice[met], self.units[met])

    def loads_of(self, taken: "Taken") -> Ints:
        """Return the load of each resource, [R]."""
        counts = self.use_start[taken.option + 1] - self.use_start[taken.option]
        ends = np.cumsum(counts)
        uses = np.repeat(self.use_start[taken.option] - ends + counts, counts) + np.arange(int(counts.sum()))
        amounts = self.use_amount[uses] * np.repeat(taken.units, counts)
        loads = np.zeros(self.resource_count, dtype=np.int64)
        np.add.at(loads, self.use_resource[uses], amounts)
        return loads

    def unmet_units(self, taken: "Taken") -> Ints:
        """Return the units of each lot that no option is taken for, [L]."""
        lot = np.searchsorted(self.option_start, taken.option, side="right") - 1
        placed = np.zeros(self.lot_count, dtype=np.int64)
        np.add.at(placed, lot, taken.units)
        return self.units - placed

    def step_costs(self, loads: Ints) -> Ints:
        """Return the least cost of the steps that cover ``loads``, [R] cents.

        Steps are taken in their order, each in whole blocks; costs rise within a resource, so that is the least.
        """
        costs = np.zeros(self.resource_count, dtype=np.int64)
        np.add.at(costs, self.step_resource, self.blocks_taken(loads) * self.step_cost)
        return costs

    def blocks_taken(self, loads: Ints) -> Ints:
        """Return how many blocks of each step cover ``loads`` at least cost, [S]."""
        blocks = np.zeros(len(self.step_resource), dtype=np.int64)
        missing = np.maximum(loads - self.capacity, 0)
        left = np.flatnonzero(missing[self.step_resource])
        while len(left):
            # the next step of each resource at once
            _, place = np.unique(self.step_resource[left], return_index=True)
            steps = left[place]
            resources, sizes = self.step_resource[steps], self.step_size[steps]
            blocks[steps] = np.minimum(self.step_blocks[steps], -(-missing[resources] // sizes))
            missing[resources] = np.maximum(missing[resources] - blocks[steps] * sizes, 0)
            left = np.delete(left, place)
            left = left[missing[self.step_resource[left]] > 0]
        return blocks

    def cost(self, choice: Ints) -> int:
        """Return the cost of a choice in cents, steps included."""
        return self.cost_of(self.whole(choice))

    def cost_of(self, taken: "Taken") -> int:
        """Return the cost of what is taken in cents, steps included."""
        lots = int((self.option_cost[taken.option] * taken.units).sum())
        unmet = int((self.unmet_cost * self.unmet_units(taken)).sum())
        return lots + unmet + int(self.step_costs(self.loads_of(taken)).sum())


def require_countable(import_cents: int) -> None:
    """Refuse what cannot be counted exactly: no plan costs more than importing all, which is what is looked at.

    Raises
    ------
    InputError
        When all imports together cost more than `MOST_CENTS`.
    """
    if import_cents > MOST_CENTS:
        message = f"importing all of it costs {import_cents:,} cents; at most {MOST_CENTS:,} can be planned exactly"
        raise InputError([Problem("P098", "orders", message)])
