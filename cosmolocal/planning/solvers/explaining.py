"""Why here, for every lot at once: what its place costs, what the next best would, and where the gap comes from."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.compiled import (
    CHUNKS,
    THREADS,
    Arrays,
    build_arrays,
    compiled,
    inlined,
    piece,
    steps_cost,
)
from cosmolocal.planning.solvers.relaxation import lagrangian_total, least_priced, priced_costs
from cosmolocal.planning.solvers.solution import PRICE_SCALE, main_options

Flags = NDArray[np.bool_]

#: stands for "no other option"; −1 is the unmet
NO_OPTION = -2
#: cents, above any cost
NEVER = 1 << 60


class Moves(NamedTuple):
    """What it would cost to send a unit of each lot by another option, all other units staying, [O] each."""

    #: cents more than by the option that the lot goes by, overtime and unfairness included; 0 for that option
    extra_cents: Ints
    #: whether there is no room, or no room among the resources that are named
    is_full: Flags
    lacks_named: Flags


class NextBest(NamedTuple):
    """The best other places of each lot, [L] each; all other units staying."""

    #: cheapest other option with room, −1: unmet, `NO_OPTION`: none; cents more per unit
    option: Ints
    extra_cents: Ints
    #: cheapest option without room, `NO_OPTION`: none; cents more per unit
    full_option: Ints
    full_extra_cents: Ints
    #: what it lacks most of, and how much: minutes or kilograms
    full_resource: Ints
    full_lack: Ints


@dataclass(frozen=True, slots=True)
class GapSplit:
    """Where the gap between a plan and the bound at the prices comes from, in thousandths of a cent; each part ≥ 0."""

    #: [L] by how much dearer than its best option a lot is at the prices
    lots: Ints
    #: [R] worth of capacity that is paid for but idle
    idle: Ints
    #: [S] worth of blocks that are added and not worth it, or worth it and not added
    steps: Ints
    #: the bound before it is rounded
    bound: int

    @property
    def total(self) -> int:
        """Return the sum, which is the cost less the bound, exactly."""
        return int(self.lots.sum()) + int(self.idle.sum()) + int(self.steps.sum())


@dataclass(frozen=True, slots=True)
class Explained:
    """Each lot of a plan explained at the prices."""

    #: [L] thousandths of a cent that the resources of a lot are worth
    paid: Ints
    gap: GapSplit
    next: NextBest


def explain(problem: PlanningProblem, taken: Taken, prices: Ints) -> Explained:
    """Return the explanation of each lot of a plan; nothing is solved again."""
    arrays, loads, choice = build_arrays(problem), problem.loads_of(taken), main_options(problem, taken)
    nothing = np.full(problem.lot_count, NO_OPTION, dtype=np.int64)
    found = NextBest(*(nothing.copy() for _ in NextBest._fields))
    THREADS.run(_find_next, CHUNKS, arrays, loads, choice, found)
    priced = priced_costs(problem, prices)[taken.option]
    lot = np.searchsorted(problem.option_start, taken.option, side="right") - 1
    paid = np.zeros(problem.lot_count, dtype=np.int64)
    np.add.at(paid, lot, (priced - problem.option_cost[taken.option] * PRICE_SCALE) * taken.units)
    return Explained(paid, split_gap(problem, taken, prices), found)


def split_gap(problem: PlanningProblem, taken: Taken, prices: Ints) -> GapSplit:
    """Return the gap in parts.

    cost − bound = Σ lots (priced cost − least priced cost) + Σ price × idle
    + Σ steps (blocks added × d − blocks × min(0, d)) with d = cost of a block − price × size.
    """
    best, priced = least_priced(problem, prices), priced_costs(problem, prices)
    lots = problem.unmet_units(taken) * problem.unmet_cost * PRICE_SCALE - problem.units * best
    lot = np.searchsorted(problem.option_start, taken.option, side="right") - 1
    np.add.at(lots, lot, priced[taken.option] * taken.units)
    loads = problem.loads_of(taken)
    blocks = problem.blocks_taken(loads)
    room = problem.capacity - loads
    np.add.at(room, problem.step_resource, blocks * problem.step_size)
    less = problem.step_cost * PRICE_SCALE - prices[problem.step_resource] * problem.step_size
    steps = blocks * less - problem.step_blocks * np.minimum(less, 0)
    return GapSplit(lots, room * prices, steps, lagrangian_total(problem, prices, best))


def find_moves(problem: PlanningProblem, choice: Ints, named: int) -> Moves:
    """Return what other options would cost; resources from ``named`` on have no name, as fair loads."""
    arrays, loads, count = build_arrays(problem), problem.loads(choice), problem.option_count
    moves = Moves(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_))
    THREADS.run(_weigh_moves, CHUNKS, arrays, loads, choice, moves, named)
    return moves


@inlined
def _own(arrays: Arrays, option: int, resource: int) -> int:
    """Return how much of a resource a unit by an option uses; −1, unmet: nothing."""
    amount = 0
    if option >= 0:
        for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
            if arrays.use_resource[use] == resource:
                amount = arrays.use_amount[use]
    return amount


@inlined
def _leaving(arrays: Arrays, loads: Ints, lot: int, old: int) -> int:
    """Return the cents that are saved when a unit leaves an option."""
    if old < 0:
        return arrays.unmet_cost[lot]
    saved = arrays.option_cost[old]
    for use in range(arrays.use_start[old], arrays.use_start[old + 1]):
        resource = arrays.use_resource[use]
        if arrays.step_start[resource] < arrays.step_start[resource + 1]:
            saved += steps_cost(arrays, resource, loads[resource])
            saved -= steps_cost(arrays, resource, loads[resource] - arrays.use_amount[use])
    return saved


@inlined
def _entering(arrays: Arrays, loads: Ints, old: int, new: int) -> int:
    """Return the cents that a unit costs by another option once it has left ``old``."""
    cost = arrays.option_cost[new]
    for use in range(arrays.use_start[new], arrays.use_start[new + 1]):
        resource = arrays.use_resource[use]
        if arrays.step_start[resource] < arrays.step_start[resource + 1]:
            load = loads[resource] - _own(arrays, old, resource)
            cost += steps_cost(arrays, resource, load + arrays.use_amount[use]) - steps_cost(arrays, resource, load)
    return cost


@inlined
def _lack(arrays: Arrays, loads: Ints, old: int, use: int) -> int:
    """Return how much of its resource a use lacks once a unit has left ``old``; ≤ 0: there is room."""
    resource = arrays.use_resource[use]
    return loads[resource] - _own(arrays, old, resource) + arrays.use_amount[use] - arrays.limit[resource]


@compiled
def _weigh_moves(arrays: Arrays, loads: Ints, choice: Ints, moves: Moves, named: int, chunk: int) -> None:
    first_lot, end_lot = piece(len(choice), chunk)
    for lot in range(first_lot, end_lot):
        old = choice[lot]
        saved = _leaving(arrays, loads, lot, old)
        for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
            if option == old:
                continue
            moves.extra_cents[option] = _entering(arrays, loads, old, option) - saved
            for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
                if _lack(arrays, loads, old, use) > 0:
                    moves.is_full[option] = True
                    if arrays.use_resource[use] < named:
                        moves.lacks_named[option] = True


@compiled
def _find_next(arrays: Arrays, loads: Ints, choice: Ints, found: NextBest, chunk: int) -> None:
    first_lot, end_lot = piece(len(choice), chunk)
    for lot in range(first_lot, end_lot):
        old = choice[lot]
        saved = _leaving(arrays, loads, lot, old)
        least, least_full = NEVER, NEVER
        if old >= 0:
            found.option[lot], least = -1, arrays.unmet_cost[lot] - saved
        for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
            if option == old:
                continue
            extra = _entering(arrays, loads, old, option) - saved
            lack, resource = 0, -1
            for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
                missing = _lack(arrays, loads, old, use)
                if missing > lack:
                    lack, resource = missing, arrays.use_resource[use]
            if lack == 0 and extra < least:
                found.option[lot], least = option, extra
            elif lack > 0 and extra < least_full:
                found.full_option[lot], least_full = option, extra
                found.full_resource[lot], found.full_lack[lot] = resource, lack
        found.extra_cents[lot] = least if least < NEVER else 0
        found.full_extra_cents[lot] = least_full if least_full < NEVER else 0
