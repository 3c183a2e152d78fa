"""The machine groups of a region as arrays: which can do an operation, how long it takes, what that weighs."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from cosmolocal.planning.haulage import Ints
from cosmolocal.records import MachineGroup, Operation, Workshop

#: what names the groups that can do an operation, by workshop
Fitting = Callable[[Operation], Mapping[str, tuple[MachineGroup, ...]]]


class Machines:
    """Numbers the machine groups of all active workshops: workshops in their order, groups as they stand in them."""

    def __init__(self, shops: Sequence[Workshop], fitting: Fitting, co2e_cents_per_kg: int) -> None:
        self.shop_count, self._fitting, self._co2e_cents_per_kg = len(shops), fitting, co2e_cents_per_kg
        self.groups: list[tuple[Workshop, MachineGroup]] = [
            (workshop, group) for workshop in shops for group in workshop.groups
        ]
        self.number = {(workshop.id, group.id): number for number, (workshop, group) in enumerate(self.groups)}
        #: [G] row of the group's workshop
        self.row = _ints(row for row, workshop in enumerate(shops) for _ in workshop.groups)
        self._hourly_cents = _ints(group.hourly_cost_cents for _, group in self.groups)
        self._co2e_g = _ints(group.co2e_g_per_hour for _, group in self.groups)
        self._setup_seconds = _ints(group.setup_seconds for _, group in self.groups)
        self._speed_percent = _ints(group.speed_percent for _, group in self.groups)
        self._minimum_lot = _ints(group.minimum_lot for _, group in self.groups)
        self._able: dict[Operation, Ints] = {}

    def spread(self, values: Mapping[tuple[str, str], int]) -> Ints:
        """Return values by (workshop, group) as an array, [G]; 0 where there is none."""
        found = np.zeros(len(self.groups), dtype=np.int64)
        for name, value in values.items():
            if name in self.number:
                found[self.number[name]] = value
        return found

    def able(self, operation: Operation, lot_quantity: int) -> Ints:
        """Return the numbers of the groups that can do an operation for a lot of this size, ascending."""
        if operation not in self._able:
            fitting = self._fitting(operation)
            self._able[operation] = _ints(
                self.number[workshop_id, group.id] for workshop_id, groups in fitting.items() for group in groups
            )
        able = self._able[operation]
        return able[self._minimum_lot[able] <= lot_quantity]

    def minutes(self, operation: Operation, numbers: Ints, pieces: int) -> Ints:
        """Return ceil((set-up × speed + quantity × seconds × 100) / (60 × speed)) of some groups, in minutes."""
        speed = self._speed_percent[numbers]
        setup_seconds = (self._setup_seconds[numbers] + operation.setup_seconds) * speed
        return -(-(setup_seconds + pieces * (operation.seconds or 0) * 100) // (60 * speed))

    def weights(self, numbers: Ints, minutes: Ints) -> Ints:
        """Return what minutes of some groups weigh at their own rates, CO2e weighed in, in thousandths of a cent."""
        money = 1000 * -(-minutes * self._hourly_cents[numbers] // 60)
        return np.asarray(money + self._co2e_cents_per_kg * -(-minutes * self._co2e_g[numbers] // 60), dtype=np.int64)

    def least_by_row(self, numbers: Ints, weights: Ints, nothing: int) -> Ints:
        """Return the least of the weights of each workshop's groups, by row; ``nothing`` where it has none.

        ``weights`` are [groups] or [groups × weeks].
        """
        least = np.full((self.shop_count, *weights.shape[1:]), nothing, dtype=np.int64)
        if len(numbers):
            rows = self.row[numbers]
            begins = np.flatnonzero(np.diff(rows, prepend=-1))
            least[rows[begins]] = np.minimum.reduceat(weights, begins, axis=0)
        return least


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)
