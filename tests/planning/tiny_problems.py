"""Tiny planning problems as arrays, and their best choices by trying all."""

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise, product

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken


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


def single_resource(seed: int) -> PlanningProblem:
    """Return a random problem whose options use one resource each, or none."""
    problem, dice = random_problem(seed), random.Random(seed)
    starts = problem.use_start.tolist()
    kept = [dice.randrange(first, end) for first, end in pairwise(starts) if end > first]
    return replace(
        problem,
        use_start=ints(np.cumsum([0, *(np.diff(problem.use_start) > 0)])),
        use_resource=problem.use_resource[kept] if kept else ints([]),
        use_amount=problem.use_amount[kept] if kept else ints([]),
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


def random_divisible_problem(seed: int) -> PlanningProblem:
    """Return up to 3 lots of up to 3 units with up to 3 options each, on up to 4 resources, some with steps."""
    dice = random.Random(seed + 10_000)
    problem = random_problem(seed)
    lots = min(3, problem.lot_count)
    counts = np.minimum(np.diff(problem.option_start)[:lots], 3)
    kept = [int(problem.option_start[lot]) + nth for lot in range(lots) for nth in range(counts[lot])]
    spans = [range(problem.use_start[option], problem.use_start[option + 1]) for option in kept]
    uses = [use for span in spans for use in span]
    return replace(
        problem,
        option_start=ints(np.append(0, np.cumsum(counts))),
        option_cost=problem.option_cost[kept],
        use_start=ints(np.cumsum([0, *(len(span) for span in spans)])),
        use_resource=problem.use_resource[uses],
        use_amount=problem.use_amount[uses],
        unmet_cost=problem.unmet_cost[:lots],
        lot_units=ints([dice.randint(1, 3) for _ in range(lots)]),
        capacity=problem.capacity * 2,
    )


def random_flow(seed: int) -> PlanningProblem:
    """Return up to 4 lots of up to 4 units whose options use one resource or none, always the same amount of it."""
    dice = random.Random(seed)
    lots, resources = dice.randint(1, 4), dice.randint(1, 3)
    amount = [dice.randint(1, 9) for _ in range(resources)]
    options = [dice.randint(0, 3) for _ in range(lots)]
    uses = [dice.sample(range(resources), dice.choice((0, 1, 1, 1, 1))) for _ in range(sum(options))]
    return PlanningProblem(
        option_start=ints(np.cumsum([0, *options])),
        option_cost=ints([dice.randint(100, 1000) for _ in uses]),
        use_start=ints(np.cumsum([0, *(len(each) for each in uses)])),
        use_resource=ints([resource for each in uses for resource in each]),
        use_amount=ints([amount[resource] for each in uses for resource in each]),
        unmet_cost=ints([dice.randint(300, 1500) for _ in range(lots)]),
        capacity=ints([dice.randint(0, 30) for _ in range(resources)]),
        step_resource=ints([]),
        step_size=ints([]),
        step_blocks=ints([]),
        step_cost=ints([]),
        lot_units=ints([dice.randint(1, 4) for _ in range(lots)]),
    )


def middle_problem(seed: int, lots: int = 300, resources: int = 20) -> PlanningProblem:
    """Return many lots of one to four units on few resources: one to three uses per option, steps on some resources."""
    dice = np.random.default_rng(seed)
    options = dice.integers(1, 9, lots)
    total = int(options.sum())
    uses = [np.sort(dice.choice(resources, count, replace=False)) for count in dice.integers(1, 4, total)]
    stepped = np.flatnonzero(dice.random(resources) < 0.4)
    units = dice.integers(1, 5, lots)
    cost = dice.integers(500, 3_000, total)
    return PlanningProblem(
        option_start=ints(np.append(0, np.cumsum(options))),
        option_cost=ints(cost),
        use_start=ints(np.cumsum([0, *(len(each) for each in uses)])),
        use_resource=ints(np.concatenate(uses)),
        use_amount=ints(dice.integers(5, 60, sum(len(each) for each in uses))),
        unmet_cost=ints(dice.integers(3_000, 9_000, lots)),
        capacity=ints(dice.integers(20, 50, resources) * lots // resources * 2),
        step_resource=ints(np.repeat(stepped, 2)),
        step_size=ints(np.full(2 * len(stepped), 60)),
        step_blocks=ints(dice.integers(1, 8, 2 * len(stepped))),
        step_cost=ints(np.tile([300, 900], len(stepped))),
        lot_units=ints(units),
    )


def empty_problem(lots: int = 0, options: int = 0, resources: int = 0, **arrays: object) -> PlanningProblem:
    """Return lots with ``options`` options each that use nothing; ``arrays`` stand in for some of it."""
    none = ints([])
    problem = PlanningProblem(
        option_start=ints(np.arange(lots + 1) * options),
        option_cost=ints(np.full(lots * options, 10)),
        use_start=ints(np.zeros(lots * options + 1)),
        use_resource=none,
        use_amount=none,
        unmet_cost=ints(np.full(lots, 100)),
        capacity=ints(np.zeros(resources)),
        step_resource=none,
        step_size=none,
        step_blocks=none,
        step_cost=none,
    )
    return replace(problem, **{name: ints(array) for name, array in arrays.items()})


def one_use(amount: int, **arrays: object) -> PlanningProblem:
    """Return one lot with one option that uses so much of one resource; ``arrays`` stand in for some of it."""
    given = {"use_start": [0, 1], "use_resource": [0], "use_amount": [amount], **arrays}
    return empty_problem(lots=1, options=1, resources=1, **given)


def allowed_plans(problem: PlanningProblem) -> list[tuple[int, dict[int, int]]]:
    """Return all that can be taken within the capacities, as units by option, with its cost, cheapest first."""
    menus = [
        [units for units in product(range(most + 1), repeat=int(end - start)) if sum(units) <= most]
        for most, start, end in zip(
            problem.units.tolist(), problem.option_start[:-1], problem.option_start[1:], strict=True
        )
    ]
    plans = []
    for menu in product(*menus):
        flat = [units for one in menu for units in one]
        taken = {option: units for option, units in enumerate(flat) if units}
        if not naive_faults(problem, taken):
            plans.append((naive_cost_of(problem, taken), taken))
    return sorted(plans, key=lambda plan: plan[0])


def naive_loads_of(problem: PlanningProblem, taken: Mapping[int, int]) -> list[int]:
    """Return the load of each resource, use by use."""
    loads = [0] * problem.resource_count
    for option, units in taken.items():
        for use in range(problem.use_start[option], problem.use_start[option + 1]):
            loads[problem.use_resource[use]] += units * int(problem.use_amount[use])
    return loads


def naive_faults(problem: PlanningProblem, taken: Mapping[int, int]) -> list[str]:
    """Return what is wrong with what is taken: too many units of a lot, or more than a resource can do."""
    limits = problem.capacity.tolist()
    for resource, size, blocks in zip(problem.step_resource, problem.step_size, problem.step_blocks, strict=True):
        limits[resource] += int(size * blocks)
    pairs = enumerate(zip(naive_loads_of(problem, taken), limits, strict=True))
    faults = [f"resource {resource}: {load} of {limit}" for resource, (load, limit) in pairs if load > limit]
    for lot, most in enumerate(problem.units.tolist()):
        units = sum(taken.get(option, 0) for option in range(problem.option_start[lot], problem.option_start[lot + 1]))
        faults += [f"lot {lot}: {units} of {most}"] * (units > most)
    return faults + [f"option {option}: {units}" for option, units in taken.items() if units < 1]


def naive_cost_of(problem: PlanningProblem, taken: Mapping[int, int]) -> int:
    """Return the cost of what is taken, each resource's cheapest numbers of blocks found by trying all."""
    cost = sum(_cheapest_blocks(problem, *pair) for pair in enumerate(naive_loads_of(problem, taken)))
    for lot, units in enumerate(problem.units.tolist()):
        mine = {o: taken[o] for o in range(problem.option_start[lot], problem.option_start[lot + 1]) if o in taken}
        cost += sum(count * int(problem.option_cost[option]) for option, count in mine.items())
        cost += (units - sum(mine.values())) * int(problem.unmet_cost[lot])
    return cost


def as_dict(taken: Taken) -> dict[int, int]:
    """Return units by option."""
    return dict(zip(taken.option.tolist(), taken.units.tolist(), strict=True))
