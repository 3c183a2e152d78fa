"""A plan in which each lot pays for its own trips: where the search for one with shared trips begins.

Trips that are shared cost no more than the same trips apart, so the plan that is found apart is one with shared trips
too, and no dearer. A search that begins with nothing has each lot pay a whole trip before another can join it.
"""

from dataclasses import replace

import numpy as np

from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choosing import find_prices, solve
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import Known, SolveSettings, Watch

#: the part of the time left that it may take
SHARE_OF_TIME = 0.4


def choose_apart(problem: PlanningProblem, resources: Resources, settings: SolveSettings, watch: Watch) -> Ints | None:
    """Return the choice of a good plan without sharing, [L]; None: no trips are shared in this problem."""
    if resources.trip_start >= problem.resource_count or watch.stop.is_set():
        return None
    apart = part_trips(problem, resources.trip_start)
    # what is found and bounded here is not what was asked for, so nobody is told of it
    own = Watch(None, watch.stop, watch.started)
    now = watch.seconds()
    limited = replace(settings, seconds=now + SHARE_OF_TIME * max(0.0, settings.seconds - now))
    return solve(apart, limited, own, Known(prices=find_prices(presolve(apart)[0], own))).choice


def part_trips(problem: PlanningProblem, trip_start: int) -> PlanningProblem:
    """Return the problem without the resources from ``trip_start`` on: an option costs all trips that it needs itself.

    The unit of a lot that may be divided costs its part of full trips, for many of them go together.
    """
    block_cost, block_size = np.zeros((2, problem.resource_count), dtype=np.int64)
    block_cost[problem.step_resource], block_size[problem.step_resource] = problem.step_cost, problem.step_size
    is_trip = problem.use_resource >= trip_start
    used, option = problem.use_resource[is_trip], problem.use_option()[is_trip]
    amount, size = problem.use_amount[is_trip].astype(np.int64), block_size[used]
    single = problem.units[problem.option_lot()[option]] == 1
    cost = np.where(single, -(-amount // size) * block_cost[used], amount * block_cost[used] // size)
    own = np.bincount(option, weights=cost, minlength=problem.option_count).astype(np.int64)
    left = np.bincount(problem.use_option()[~is_trip], minlength=problem.option_count)
    steps = problem.step_resource < trip_start
    return replace(
        problem,
        option_cost=problem.option_cost + own,
        use_start=np.append(0, np.cumsum(left)),
        use_resource=problem.use_resource[~is_trip],
        use_amount=problem.use_amount[~is_trip],
        capacity=problem.capacity[:trip_start],
        step_resource=problem.step_resource[steps],
        step_size=problem.step_size[steps],
        step_blocks=problem.step_blocks[steps],
        step_cost=problem.step_cost[steps],
    )
