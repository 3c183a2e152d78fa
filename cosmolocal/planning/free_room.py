"""What a plan leaves free: minutes and kilograms by week, and what more would cost in overtime, fairness and trips."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cosmolocal.network.transport import ceil_div, shared_kg
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.haulage import NEVER, Bools, Ints
from cosmolocal.planning.shared_haulage import ModeTrips
from cosmolocal.records import Allocation

#: (resource, amount) of what a way uses
Uses = Mapping[int, int]


def find_loads(resources: Resources, allocations: Iterable[Allocation]) -> Ints:
    """Return what allocations use of each resource, [R] minutes or kilograms; what the region lacks is left out."""
    allocations = tuple(allocations)
    on_trips = _find_trips(resources, allocations)
    loads = np.zeros(resources.count, dtype=np.int64)
    numbers = resources.machines.number
    for row in allocations:
        for task in row.tasks:
            for use in task.uses if 0 <= task.week < resources.weeks else ():
                if (task.workshop, use.group) in numbers:
                    loads[resources.group(task.workshop, use.group) + task.week] += use.minutes
                    fair = resources.fair(task.workshop)
                    if fair is not None:
                        loads[fair] += use.minutes
        for leg in row.legs if resources.links else ():
            for one, other in pairwise(leg.via) if 0 <= leg.week < resources.weeks else ():
                link = resources.link(one, other)
                if link is not None:
                    loads[link + leg.week] += ceil_div(leg.mass_g, 1000)
    for resource, kilograms in on_trips:
        loads[resource] += kilograms
    return loads


def _find_trips(resources: Resources, allocations: Iterable[Allocation]) -> list[tuple[int, int]]:
    """Return (resource, kilograms) of each leg on shared trips and of each load that passes through a hub."""
    modes = {mode.id: mode for mode in resources.ground.region.network.modes}
    found = []
    for row in allocations if resources.ground.sharing is not None else ():
        for before, leg in zip((None, *row.legs), row.legs, strict=False):
            if not 0 <= leg.week < resources.weeks:
                continue
            if leg.trips == 0 and leg.mode in modes:
                trip = resources.trip((leg.from_place, leg.to_place), modes[leg.mode], leg.distance_m)
                found.append((trip + leg.week, shared_kg(leg.mass_g)))
            hub = resources.hub(leg.from_place)
            if before is not None and hub is not None and before.to_place == leg.from_place:
                found.append((hub + leg.week, shared_kg(leg.mass_g)))
    return found


class FreeRoom:
    """The room beside some loads."""

    def __init__(self, resources: Resources, loads: Ints) -> None:
        self.resources, self.loads = resources, loads
        capacity = np.array(resources.capacities, dtype=np.int64)
        #: [S × R] blocks that each step can add, and cents per block; steps stand in order of cost
        self.blocks, self.rates = resources.step_table
        #: [R] minutes or kilograms of a block: an hour, or a trip
        self.size = resources.block_sizes
        self.capacity = capacity
        #: [R] blocks of all steps that the loads use already
        self.taken = np.minimum(-(-np.maximum(loads - capacity, 0) // self.size), self.blocks.sum(axis=0))
        #: [R] amount that is left at no further cost
        self.slack = capacity + self.size * self.taken - loads
        #: [R] amount that is left at any cost; a fair load and trips have no end
        self.most = capacity + self.size * self.blocks.sum(axis=0) - loads
        self.most[resources.fair_start :] = NEVER
        # of each step, what the loads leave: the first steps are taken first
        before = np.cumsum(self.blocks, axis=0) - self.blocks
        self.left = np.clip(self.blocks + before - self.taken, 0, self.blocks)

    def lacks(self, uses: Uses) -> dict[int, int]:
        """Return how much of each resource is missing; nothing: there is room."""
        limited = ((resource, use) for resource, use in uses.items() if resource < self.resources.trip_start)
        return {resource: lack for resource, use in limited if (lack := use - int(self.most[resource])) > 0}

    def cents_of(self, uses: Uses) -> tuple[int, int, int]:
        """Return what uses cost in overtime, in fairness and in trips, in whole blocks."""
        found = [0, 0, 0]
        edges = self.resources.fair_start, self.resources.trip_start
        for resource, amount in uses.items():
            found[sum(resource >= edge for edge in edges)] += self.cents(resource, amount)
        return found[0], found[1], found[2]

    def cents(self, resource: int, amount: int) -> int:
        """Return what an amount of one resource costs, in whole blocks."""
        if resource >= len(self.slack):
            # trips that nothing goes on so far
            kind = self.resources.trip_kind(resource)
            return ceil_div(amount, kind.load_kg) * kind.cost.total_cents
        missing = amount - int(self.slack[resource])
        return self._climb(resource, -(-missing // int(self.size[resource])), 1) if missing > 0 else 0

    def free_kg(self, resource: int) -> int:
        """Return the kilograms that go on trips made anyway."""
        return int(self.slack[resource]) if resource < len(self.slack) else 0

    def part_weight(self, resource: int, amount: int) -> int:
        """Return what `weights` does of an amount that may not be alone on its resource."""
        missing = amount - int(self.slack[resource])
        return self._climb(resource, missing, int(self.size[resource])) if missing > 0 else 0

    def _climb(self, resource: int, wanted: int, size: int) -> int:
        """Return the cents of blocks, or with their ``size`` the thousandths of a cent of parts, step by step."""
        found = 0
        for left, cents in zip(self.left[:, resource].tolist(), self.rates[:, resource].tolist(), strict=True):
            taken = min(wanted, size * left)
            found += taken * cents if size == 1 else taken * 1000 * cents // size
            wanted -= taken
        return found

    def _whole(self, resources: Ints, amounts: Ints) -> Ints:
        """Return the cents of the whole hours that amounts add."""
        blocks = -(-np.maximum(amounts - self.slack[resources], 0) // self.size[resources])
        return self._spread(resources, blocks, 1, self.rates)

    def _spread(self, resources: Ints, wanted: Ints, size: int, rates: Ints) -> Ints:
        cents = np.zeros_like(wanted)
        for nth in range(len(self.left)):
            taken = np.minimum(wanted, size * self.left[nth, resources])
            cents += taken * rates[nth, resources] // size
            wanted = wanted - taken
        return cents

    def weights(self, resources: Ints, amounts: Ints, is_alone: Bools) -> Ints:
        """Return at least what amounts add, in thousandths of a cent, so that those of several uses add up.

        Whole hours where a use is the only one of its resource. Else part of an hour costs its part: then what is
        used together never costs less than the sum of its parts.
        """
        whole = 1000 * self._whole(resources, amounts)
        parts = self._spread(resources, np.maximum(amounts - self.slack[resources], 0), 60, 1000 * self.rates)
        return np.where(is_alone, whole, parts)


@dataclass(frozen=True, slots=True)
class RoomTariff:
    """What it weighs to use free room, for lots of one design."""

    room: FreeRoom
    #: [G] can no more than one operation of the design use the group?
    is_alone: Bools
    #: has the design no more than one operation?
    is_single: bool

    def of_minutes(self, resources: Resources, numbers: Ints, minutes: Ints) -> Ints:
        """Return the weight of minutes of some machine groups by week, [groups × T]; `NEVER`: no room."""
        weeks = np.arange(resources.weeks)
        cells = numbers[:, None] * resources.weeks + weeks
        amounts = np.broadcast_to(minutes[:, None], cells.shape)
        weights = self.room.weights(cells, amounts, np.broadcast_to(self.is_alone[numbers][:, None], cells.shape))
        if resources.is_fair:
            fair = resources.fair_start + resources.machines.row[numbers]
            weights += self.room.weights(fair, minutes, np.full(len(numbers), self.is_single))[:, None]
        return np.where(amounts <= self.room.most[cells], weights, NEVER)

    def of_kilograms(self, resources: Resources, links: Ints, kilograms: int) -> Ints:
        """Return the weight of a load on some limited links by week, [links × T]; `NEVER`: no room."""
        begin, end = len(resources.groups) * resources.weeks, resources.fair_start
        free = self.room.most[begin:end].reshape(-1, resources.weeks)[links]
        return np.where(kilograms <= free, np.int64(0), NEVER)

    def carried_free(self, resources: Resources) -> int:
        """Return the kilograms up to which a load weighs nothing on any limited link in any week; −1: none does."""
        begin, end = len(resources.groups) * resources.weeks, resources.fair_start
        return int(self.room.most[begin:end].min(initial=NEVER))

    def of_trips(self, resources: Resources, trips: ModeTrips, kilograms: int, week: int) -> Ints:
        """Return at least the weight of a load on shared trips in a week, [starts × ends].

        Parts of a trip count as such, since several parts of a lot may go together.
        """
        full = kilograms * (1000 * trips.cents // trips.load_kg)
        weights: Ints = np.where(trips.cents < NEVER, full, NEVER)
        for cell, base in trips.listed(resources.trip_bases(trips.mode.id)):
            price = 1000 * int(trips.cents[cell]) // trips.load_kg
            weights[cell] = min(int(weights[cell]), max(0, kilograms - self.room.free_kg(base + week)) * price)
        return weights
