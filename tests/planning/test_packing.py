"""Packings: a bound that is never too high, and dives whose plans keep all capacities; against trying every choice."""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from planning.tiny_problems import allowed_choices, empty_problem, random_problem, single_resource

from benchmarks.generator import make_region
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.by_packings import begin_packings
from cosmolocal.planning.solvers.by_prices import Run
from cosmolocal.planning.solvers.compiled import THREADS
from cosmolocal.planning.solvers.diving import NOWHERE, OPEN, Diver, Start
from cosmolocal.planning.solvers.exact import decide_whole
from cosmolocal.planning.solvers.packing import Packer, climb, first_values, read_packable, totals_with
from cosmolocal.planning.solvers.relaxation import find_prices, lagrangian_bound
from cosmolocal.planning.solvers.solution import PRICE_SCALE, SolveSettings, Watch

#: of problems that use anything
SEEDS = [seed for seed in range(170) if len(single_resource(seed).use_resource)]


@cache
def choices(seed: int) -> list[tuple[int, Ints]]:
    return allowed_choices(single_resource(seed))


def best(seed: int) -> int:
    return choices(seed)[0][0]


@cache
def packed_seed(seed: int):
    return packed(single_resource(seed))


def packed(problem: PlanningProblem):
    packable = read_packable(problem)
    assert packable is not None
    start = first_values(problem, packable, find_prices(problem))
    return packable, start, climb(Packer(packable), start, problem.cost(np.full(problem.lot_count, -1)) + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_costs_less_than_the_bound(seed):
    _, _, found = packed_seed(seed)
    assert found.total <= best(seed) * PRICE_SCALE


@pytest.mark.parametrize("seed", SEEDS)
def test_any_values_give_a_bound(seed):
    problem, dice = single_resource(seed), np.random.default_rng(seed)
    packer = Packer(read_packable(problem))
    for _ in range(5):
        values = dice.integers(-200_000, 1_600_000, problem.lot_count)
        assert packer.pack(values) <= best(seed) * PRICE_SCALE


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_is_not_below_that_of_the_prices(seed):
    """But for what rounding to whole thousandths of a cent takes away."""
    problem = single_resource(seed)
    _, _, found = packed_seed(seed)
    assert found.total > (lagrangian_bound(problem, find_prices(problem)) - 1) * PRICE_SCALE - 100


@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_that_holds_an_option_costs_less_than_is_said_of_it(seed):
    packable, _, found = packed_seed(seed)
    least = dict(zip(packable.option.tolist(), totals_with(packable, found).tolist(), strict=True))
    for cost, choice in choices(seed):
        for option in choice.tolist():
            assert least.get(option, 0) <= cost * PRICE_SCALE, option


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_dive_decides_keeps_all_capacities(seed):
    problem, dice = single_resource(seed), np.random.default_rng(seed)
    packable, _, found = packed_seed(seed)
    diver = Diver(packable)
    target = float(best(seed) * PRICE_SCALE)
    starts = [
        Start(found.values + dice.normal(0, 9_000, problem.lot_count), np.full(problem.lot_count, OPEN), target)
        for _ in range(4)
    ]
    diver.dive(starts)
    for one in starts:
        assert (one.place != OPEN).all()
        choice = diver.read(np.where(one.place == NOWHERE, -2, one.place), np.full(problem.lot_count, -1))
        assert (problem.loads(choice) <= problem.largest_capacity()).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_searching_by_packings_finds_the_best_plan_of_small_problems(seed):
    problem = single_resource(seed)
    prices = find_prices(problem)
    run = Run(problem, prices, SolveSettings(60.0, 0.0), Watch(), None)
    packings = begin_packings(run)
    packings.search()
    assert run.bound <= best(seed) <= run.cost
    assert (problem.loads_of(run.best) <= problem.largest_capacity()).all()
    assert run.cost == best(seed)
    kept = set(run.worth_keeping().tolist())
    better = [choice for cost, choice in choices(seed) if cost < run.cost]
    assert all(option in kept for choice in better for option in choice.tolist() if option >= 0)


def test_the_whole_is_proved_where_lots_pack_into_resources():
    """With twenty times the work CP-SAT does not prove this one unless all rows are in its linear relaxation."""
    agents, jobs = 5, 60
    dice = np.random.default_rng(4)
    cost, use = dice.integers(10, 51, (jobs, agents)), dice.integers(5, 26, (jobs, agents))
    problem = empty_problem(
        jobs,
        agents,
        option_cost=cost.ravel(),
        use_start=np.arange(jobs * agents + 1),
        use_resource=np.tile(np.arange(agents), jobs),
        use_amount=use.ravel(),
        unmet_cost=np.full(jobs, 3_001),
        capacity=0.75 * use.sum(axis=0) / agents,
    )
    run = Run(problem, find_prices(problem), SolveSettings(math.inf, 0.0), Watch(), None)
    run.search(0)
    assert begin_packings(run) is not None
    assert run.bound < run.cost, "else there is nothing to prove"
    decide_whole(run, work=4.0)
    assert run.bound == run.cost


def test_problems_with_several_resources_an_option_are_no_packings():
    several = [random_problem(seed) for seed in range(40)]
    assert {read_packable(one) is None for one in several if np.diff(one.use_start).max(initial=0) > 1} == {True}


def test_what_nothing_fits_in_takes_no_table_however_large_it_is():
    """The tables were as wide as the widest resource, whether or not any option was on it: 48 GiB in one case."""
    problem = empty_problem(
        lots=2,
        options=1,
        resources=3,
        use_start=[0, 1, 2],
        use_resource=[0, 0],
        use_amount=[5, 6],
        capacity=[10, 10**9, 0],
        step_resource=[1],
        step_size=[60],
        step_blocks=[1_000],
        step_cost=[7],
    )
    packable, _, found = packed(problem)
    assert packable.bins.limit.tolist() == [10, 0, 0]
    assert Packer(packable).cells == 2 * 11
    assert found.total <= 110 * PRICE_SCALE


@pytest.fixture
def threads() -> Iterator[None]:
    """Put the number of threads back."""
    count = THREADS.count
    yield
    THREADS.set_count(count)


@pytest.mark.usefixtures("threads")
def test_the_number_of_threads_changes_nothing_in_packings_and_dives():
    problem = make_region(lots=90, workshops=9, seed=2)
    found = []
    for count in (1, 2, 5):
        THREADS.set_count(count)
        run = Run(problem, find_prices(problem), SolveSettings(600.0, 0.0002), Watch(), None)
        packings = begin_packings(run)
        packings.search(patience=2)
        values = (run.cost, run.bound, run.best.option, run.best.units, packings.packed.values, run.least_total)
        found.append((packings.count, *(np.asarray(value).tolist() for value in values)))
    assert found[0][0] > 3, "hardly a dive was made"
    assert found[0] == found[1] == found[2]
