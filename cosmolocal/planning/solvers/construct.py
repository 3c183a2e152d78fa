"""A first choice by prices, and its repair by small moves: lots taken one by one, each to its best option with room."""

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.relaxation import cheapest_priced


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


def construct(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return a choice that keeps all capacities: lots by what they lose without their best option, largest first."""
    best, priced = cheapest_priced(problem, prices)
    room = Room(problem)
    choice = np.full(problem.lot_count, -1, dtype=np.int64)
    loss = problem.unmet_cost * 1000 - best
    for lot in np.argsort(-loss, kind="stable").tolist():
        choice[lot] = _best_with_room(problem, room, lot, priced)
        if choice[lot] >= 0:
            room.change(int(choice[lot]), +1)
    return choice


def _best_with_room(problem: PlanningProblem, room: Room, lot: int, priced: Ints) -> int:
    start, end = problem.option_start[lot], problem.option_start[lot + 1]
    for option in (start + np.argsort(priced[start:end], kind="stable")).tolist():
        if priced[option] >= problem.unmet_cost[lot] * 1000:
            return -1
        if room.fits(option):
            return int(option)
    return -1


def improve(problem: PlanningProblem, choice: Ints, rounds: int = 20) -> Ints:
    """Return a choice no single lot can improve by itself: each lot moves to its cheapest option with room."""
    choice, room = choice.copy(), Room(problem)
    for option in choice[choice >= 0].tolist():
        room.change(option, +1)
    for _ in range(rounds):
        moves = sum(_improve_lot(problem, room, choice, lot) for lot in range(problem.lot_count))
        if not moves:
            break
    return choice


def _improve_lot(problem: PlanningProblem, room: Room, choice: Ints, lot: int) -> bool:
    start, end = problem.option_start[lot], problem.option_start[lot + 1]
    old = int(choice[lot])
    freed = room.change(old, -1) if old >= 0 else 0
    best, best_cost = old, (int(problem.option_cost[old]) - freed) if old >= 0 else int(problem.unmet_cost[lot])
    costs = problem.option_cost[start:end]
    for nth in np.argsort(costs, kind="stable").tolist():
        option = int(start) + nth
        if costs[nth] >= best_cost:
            break
        if option == old or not room.fits(option):
            continue
        total = int(costs[nth]) + room.change(option, +1)
        room.change(option, -1)
        if total < best_cost:
            best, best_cost = option, total
    if old >= 0 and int(problem.unmet_cost[lot]) < best_cost:
        best = -1
    choice[lot] = best
    if best >= 0:
        room.change(best, +1)
    return best != old
