"""Tiny planning problems as arrays, and their best choices by trying all."""

import random
from itertools import product

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem


def ints(values: object) -> Ints:
    """Return values as the arrays of a problem hold them."""
    return np.array(values, dtype=np.int64)


def random_problem(seed: int) -> PlanningProblem:
    """Return up to 4 lots with up to 4 options each, on up to 4 resources, some with steps."""
    dice = random.Random(seed)
    lots, resources = dice.randint(1, 4), dice.randint(1, 4)
    options = [dice.randint(0, 4) for _ in range(lots)]
    uses = [sorted(dice.sample(range(resources), dice.randint(0, resources))) for _ in range(sum(options))]
    sizes = [dice.choice((7, 20)) for _ in range(resources)]
    steps = [
        (resource, sizes[resource], dice.randint(1, 3), cost)
        for resource in range(resources)
        for cost in sorted(dice.sample(range(400), dice.choice((0, 0, 1, 2))))
    ]
    columns = zip(*steps, strict=True) if steps else ((), (), (), ())
    step_resource, step_size, step_blocks, step_cost = (ints(column) for column in columns)
    return PlanningProblem(
        option_start=ints(np.cumsum([0, *options])),
        option_cost=ints([dice.randint(100, 1000) for _ in uses]),
        use_start=ints(np.cumsum([0, *(len(each) for each in uses)])),
        use_resource=ints([resource for each in uses for resource in each]),
        use_amount=ints([dice.randint(1, 40) for each in uses for _ in each]),
        unmet_cost=ints([dice.randint(300, 1500) for _ in range(lots)]),
        capacity=ints([dice.choice((0, 20, 45, 80)) for _ in range(resources)]),
        step_resource=step_resource,
        step_size=step_size,
        step_blocks=step_blocks,
        step_cost=step_cost,
    )


def allowed_choices(problem: PlanningProblem) -> list[tuple[int, Ints]]:
    """Return every choice within the capacities with its cost, cheapest first."""
    menus = [[-1, *range(problem.option_start[lot], problem.option_start[lot + 1])] for lot in range(problem.lot_count)]
    choices = [ints(choice) for choice in product(*menus)]
    fitting = [choice for choice in choices if keeps_capacities(problem, choice)]
    return sorted(((naive_cost(problem, choice), choice) for choice in fitting), key=lambda pair: pair[0])


def naive_loads(problem: PlanningProblem, choice: Ints) -> list[int]:
    """Return the load of each resource, option by option."""
    loads = [0] * problem.resource_count
    for option in choice.tolist():
        if option >= 0:
            for use in range(problem.use_start[option], problem.use_start[option + 1]):
                loads[problem.use_resource[use]] += int(problem.use_amount[use])
    return loads


def keeps_capacities(problem: PlanningProblem, choice: Ints) -> bool:
    """Tell whether a choice fits into the capacities with all their steps."""
    limits = problem.capacity.tolist()
    for resource, size, blocks in zip(problem.step_resource, problem.step_size, problem.step_blocks, strict=True):
        limits[resource] += int(size * blocks)
    return all(load <= limit for load, limit in zip(naive_loads(problem, choice), limits, strict=True))


def naive_cost(problem: PlanningProblem, choice: Ints) -> int:
    """Return the cost of a choice, each resource's cheapest numbers of blocks found by trying all."""
    lots = sum(
        int(problem.unmet_cost[lot] if option < 0 else problem.option_cost[option])
        for lot, option in enumerate(choice.tolist())
    )
    return lots + sum(_cheapest_blocks(problem, *pair) for pair in enumerate(naive_loads(problem, choice)))


def _cheapest_blocks(problem: PlanningProblem, resource: int, load: int) -> int:
    steps = np.flatnonzero(problem.step_resource == resource).tolist()
    counts = product(*(range(problem.step_blocks[step] + 1) for step in steps))
    missing = load - int(problem.capacity[resource])
    return min(
        int(sum(problem.step_cost[step] * taken for step, taken in zip(steps, count, strict=True)))
        for count in counts
        if sum(problem.step_size[step] * taken for step, taken in zip(steps, count, strict=True)) >= missing
    )
