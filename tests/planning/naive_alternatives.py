"""What each lot would cost elsewhere, option by option: the oracle of `cosmolocal.planning.alternatives`."""

import numpy as np

from cosmolocal.planning.alternatives import MOST_ALTERNATIVES
from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.room import Room
from cosmolocal.records import Alternative


def naive_alternatives(table: OptionTable, choice: Ints) -> list[tuple[Alternative, ...]]:
    """Return for each lot the cheapest other options, one per workshop, those with room first; none for unmet lots."""
    room = Room(table.problem)
    for option in choice[choice >= 0].tolist():
        room.change(option, +1)
    return [_of_lot(table, room, lot, option) if option >= 0 else () for lot, option in enumerate(choice.tolist())]


def _of_lot(table: OptionTable, room: Room, lot: int, chosen: int) -> tuple[Alternative, ...]:
    problem = table.problem
    chosen_cost = int(problem.option_cost[chosen]) - room.change(chosen, -1)
    options = range(int(problem.option_start[lot]), int(problem.option_start[lot + 1]))
    by_workshop: dict[str, int] = {}
    for option in sorted(options, key=lambda each: (not room.fits(each), int(problem.option_cost[each]))):
        if option != chosen:
            by_workshop.setdefault(table.ways[int(table.option_way[option])].way.workshop, option)
    found = [_alternative(table, room, option, chosen_cost) for option in by_workshop.values()]
    room.change(chosen, +1)
    found.sort(key=lambda other: (bool(other.lacks), other.extra_cents, other.workshop, other.week))
    return tuple(found[:MOST_ALTERNATIVES])


def _alternative(table: OptionTable, room: Room, option: int, chosen_cost: int) -> Alternative:
    resources, amounts = room.uses(option)
    missing = room.loads[resources] + amounts - room.limit[resources]
    lacks = tuple(
        (*table.resources.name(resource), lack)
        for resource, lack in zip(resources.tolist(), missing.tolist(), strict=True)
        if lack > 0 and resource < table.resources.fair_start
    )
    cost = int(table.problem.option_cost[option]) + room.change(option, +1)
    room.change(option, -1)
    workshop = table.ways[int(table.option_way[option])].way.workshop
    return Alternative(workshop, int(np.int64(table.option_week[option])), cost - chosen_cost, lacks)
