"""What is known of a problem before it is solved: a plan at hand, prices, and lots that are the same."""

import random
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from planning.tiny_problems import allowed_choices, ints, keeps_capacities, naive_cost, random_problem

from cosmolocal.errors import InputError
from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.choosing import find_prices, solve
from cosmolocal.planning.solvers.flow import is_flow
from cosmolocal.planning.solvers.presolve import presolve, take_options
from cosmolocal.planning.solvers.solution import SOLVERS, Known, SolveSettings, Watch
from cosmolocal.planning.solvers.twins import find_twins, of_first, part_twins

SEEDS = range(40)


@cache
def with_twins(seed: int) -> PlanningProblem:
    """Return a tiny problem of five lots, of which some are the same."""
    problem = random_problem(seed)
    dice = random.Random(seed)
    lots = sorted([*range(problem.lot_count), *dice.choices(range(problem.lot_count), k=5 - problem.lot_count)])
    spans = [range(problem.option_start[lot], problem.option_start[lot + 1]) for lot in lots]
    options = [option for span in spans for option in span]
    uses = [range(problem.use_start[option], problem.use_start[option + 1]) for option in options]
    flat = ints([use for span in uses for use in span])
    return replace(
        problem,
        option_start=ints(np.cumsum([0, *(len(span) for span in spans)])),
        option_cost=problem.option_cost[ints(options)],
        use_start=ints(np.cumsum([0, *(len(span) for span in uses)])),
        use_resource=problem.use_resource[flat],
        use_amount=problem.use_amount[flat],
        unmet_cost=problem.unmet_cost[ints(lots)],
    )


def any_choices(problem: PlanningProblem, seed: int, count: int = 4) -> list[Ints]:
    """Return some allowed choices, good and bad ones."""
    found = [choice for _, choice in allowed_choices(problem)]
    return random.Random(seed).sample(found, min(count, len(found)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_solution_is_never_dearer_than_the_plan_at_hand_even_without_time(seed: int):
    """Whatever that plan holds: options dearer than importing too, and lots that are the same treated otherwise."""
    problem = with_twins(seed)
    for start in any_choices(problem, seed):
        found = solve(problem, SolveSettings(seconds=0.0, gap=0.0), Watch(), Known(start=start))
        assert keeps_capacities(problem, found.choice)
        assert found.cost_cents == naive_cost(problem, found.choice) <= naive_cost(problem, start)


@pytest.mark.parametrize("seed", SEEDS)
def test_lots_that_are_the_same_stay_where_they_were_as_far_as_the_plan_allows(seed: int):
    """As many stay as the units of each option in both plans: they do not change places for nothing."""
    problem = with_twins(seed)
    first = find_twins(problem)
    for choice, start in pairwise(any_choices(problem, seed)):
        wish, found = of_first(problem, first, start), of_first(problem, first, choice)
        ours, theirs = (np.bincount(each[each >= 0], minlength=problem.option_count) for each in (found, wish))
        taken = np.flatnonzero(ours)
        parted = part_twins(problem, Taken(taken, ours[taken]), wish)
        assert problem.cost_of(parted) == problem.cost(choice)
        assert np.array_equal(problem.loads_of(parted), problem.loads(choice))
        assert np.isin(start[start >= 0], parted.option).sum() == np.minimum(ours, theirs).sum()
        alike = part_twins(problem, Taken(taken, ours[taken]), found)
        assert alike.option.tolist() == sorted(choice[choice >= 0].tolist()), "the same choice again"


@pytest.mark.parametrize("seed", SEEDS)
def test_any_known_prices_and_plan_give_the_same_cost(seed: int):
    """Prices are those of all resources: options and lots may be left out or joined, resources never are."""
    problem = with_twins(seed)
    best = allowed_choices(problem)[0][0]
    dice = np.random.default_rng(seed)
    for prices in (dice.integers(0, 30_000, problem.resource_count), find_prices(problem, Watch())):
        for start in (None, any_choices(problem, seed, 1)[0]):
            found = solve(problem, SolveSettings(20.0, 0.0), Watch(), Known(prices=prices, start=start))
            assert found.cost_cents == best
            assert found.bound_cents <= best
            assert len(found.prices) == problem.resource_count


def test_an_option_dearer_than_importing_is_given_up_and_so_is_the_last_lot_s_none():
    """−1 is no option: it must not be read as the last one."""
    three = PlanningProblem(
        option_start=ints([0, 1, 2, 4]),
        option_cost=ints([500, 90, 10, 20]),
        use_start=ints([0, 1, 2, 3, 4]),
        use_resource=ints([0, 0, 0, 0]),
        use_amount=ints([10, 10, 10, 30]),
        unmet_cost=ints([100, 100, 100]),
        capacity=ints([20]),
        step_resource=ints([]),
        step_size=ints([]),
        step_blocks=ints([]),
        step_cost=ints([]),
    )
    for start in ([0, 1, -1], [-1, -1, -1], [0, -1, 2], [-1, 1, 2]):
        for solver in ("auto", "exact", "prices"):
            found = solve(three, SolveSettings(0.0, 0.0, 0, solver), Watch(), Known(start=ints(start)))
            assert keeps_capacities(three, found.choice)
            assert found.cost_cents == three.cost(found.choice) <= three.cost(ints(start))


def flow_problem(seed: int) -> PlanningProblem:
    """Return a tiny problem that is a flow: one use an option at most, all of a resource the same, no steps on it."""
    problem = random_problem(seed)
    is_first = np.zeros(len(problem.use_resource), dtype=bool)
    is_first[problem.use_start[:-1][np.diff(problem.use_start) > 0]] = True
    single = take_options(problem, np.ones(problem.option_count, dtype=bool), is_first)
    return replace(
        single,
        use_amount=single.use_resource % 3 * 10 + 10,
        step_blocks=single.step_blocks[:0],
        step_resource=single.step_resource[:0],
        step_size=single.step_size[:0],
        step_cost=single.step_cost[:0],
    )


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", range(20))
def test_every_solver_finds_the_best_plan_of_a_flow_and_says_which_it_was(seed: int, solver: str):
    problem = flow_problem(seed)
    found = solve(problem, SolveSettings(20.0, 0.0, 0, solver), Watch())
    assert found.cost_cents == naive_cost(problem, found.choice)
    assert keeps_capacities(problem, found.choice)
    assert found.bound_cents <= allowed_choices(problem)[0][0]
    if solver != "prices":
        assert found.cost_cents == found.bound_cents
    if solver != "auto":
        assert found.solver == solver


def test_a_flow_is_refused_for_what_is_none_and_all_others_take_it():
    kinds = set()
    for seed in range(60):
        problem = random_problem(seed)
        reduced, _ = presolve(problem)
        kinds.add(is_flow(reduced))
        if is_flow(reduced):
            found = solve(problem, SolveSettings(20.0, 0.0, 0, "flow"), Watch())
            assert found.cost_cents == allowed_choices(problem)[0][0]
            continue
        with pytest.raises(InputError) as caught:
            solve(problem, SolveSettings(20.0, 0.0, 0, "flow"), Watch())
        [fault] = caught.value.problems
        assert (fault.code, fault.where) == ("P093", "solver")
    assert kinds == {True, False}


def test_steps_of_a_resource_that_nothing_can_exhaust_do_not_matter():
    problem = flow_problem(0)
    stepped = replace(
        problem,
        capacity=np.append(problem.capacity, 10),
        step_resource=ints([problem.resource_count]),
        step_size=ints([10]),
        step_blocks=ints([2]),
        step_cost=ints([5]),
    )
    assert is_flow(stepped)
    assert not is_flow(replace(stepped, step_resource=problem.use_resource[:1]))


@pytest.mark.parametrize("searches", [0, 2])
@pytest.mark.parametrize("seed", range(20))
def test_a_start_that_exceeds_capacities_is_mended_where_short_searches_are_asked_for(seed: int, searches: int):
    problem = random_problem(seed)
    first = np.where(np.diff(problem.option_start) > 0, problem.option_start[:-1], -1)
    prices = find_prices(problem, Watch())
    known = Known(None, prices, first, short_searches=searches)
    found, again = (solve(problem, SolveSettings(gap=0.0), Watch(), known) for _ in range(2))
    assert keeps_capacities(problem, found.choice)
    assert found.cost_cents == naive_cost(problem, found.choice)
    assert found.bound_cents <= min(cost for cost, _ in allowed_choices(problem))
    assert (found.choice == again.choice).all()
