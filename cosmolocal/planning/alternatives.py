"""Why here? What each lot would cost elsewhere or at another time, all other lots staying where they are."""

import numpy as np

from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.construct import Room
from cosmolocal.records import Alternative

#: how many alternatives a plan keeps for each allocation
MOST_ALTERNATIVES = 4


def find_alternatives(table: OptionTable, choice: Ints) -> list[tuple[Alternative, ...]]:
    """Return for each lot the cheapest other options, one per workshop, those with room first; none for unmet lots."""
    room = Room(table.problem)
    for option in choice[choice >= 0].tolist():
        room.change(option, +1)
    return [_of_lot(table, room, lot, option) if option >= 0 else () for lot, option in enumerate(choice.tolist())]


def _of_lot(table: OptionTable, room: Room, lot: int, chosen: int) -> tuple[Alternative, ...]:
    problem = table.problem
    chosen_cost = int(problem.option_cost[chosen]) - room.change(chosen, -1)
    start, end = int(problem.option_start[lot]), int(problem.option_start[lot + 1])
    has_room = _has_room(problem.use_start[start : end + 1], room)
    by_workshop: dict[str, int] = {}
    for option in (start + np.lexsort((problem.option_cost[start:end], ~has_room))).tolist():
        workshop = table.ways[int(table.option_way[option])].way.workshop
        if option != chosen:
            by_workshop.setdefault(workshop, option)
    found = [_alternative(table, room, option, chosen_cost) for option in by_workshop.values()]
    room.change(chosen, +1)
    found.sort(key=lambda other: (bool(other.lacks), other.extra_cents, other.workshop, other.week))
    return tuple(found[:MOST_ALTERNATIVES])


def _has_room(use_start: Ints, room: Room) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return for consecutive options whether each fits beside the loads."""
    span = slice(int(use_start[0]), int(use_start[-1]))
    resources, amounts = room.problem.use_resource[span], room.problem.use_amount[span]
    too_much = np.concatenate(([0], np.cumsum(room.loads[resources] + amounts > room.limit[resources])))
    edges = use_start - use_start[0]
    return np.asarray(too_much[edges[1:]] == too_much[edges[:-1]])


def _alternative(table: OptionTable, room: Room, option: int, chosen_cost: int) -> Alternative:
    resources, amounts = room.uses(option)
    missing = room.loads[resources] + amounts - room.limit[resources]
    # a fair load has no end: what exceeds its steps exceeds a machine group too
    lacks = tuple(
        (*table.resources.name(resource), lack)
        for resource, lack in zip(resources.tolist(), missing.tolist(), strict=True)
        if lack > 0 and resource < table.resources.fair_start
    )
    cost = int(table.problem.option_cost[option]) + room.change(option, +1)
    room.change(option, -1)
    workshop = table.ways[int(table.option_way[option])].way.workshop
    return Alternative(workshop, int(table.option_week[option]), cost - chosen_cost, lacks)
