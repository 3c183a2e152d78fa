"""Neighbourhoods decided anew: each round, the plan keeps all capacities and gets no dearer."""

from collections.abc import Callable

import numpy as np
import pytest
from planning.planned import tabled
from planning.tiny_problems import middle_problem
from planning.town import town

from cosmolocal.planning.solvers.by_prices import Run
from cosmolocal.planning.solvers.candidates import MOST_OPTIONS
from cosmolocal.planning.solvers.neighbourhoods import Neighbourhoods
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.relaxation import find_prices
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.planning.solvers.standing import build_standing, read_taken
from cosmolocal.planning.solvers.twins import find_twins, merge_twins


@pytest.mark.parametrize("seed", [1, 2])
def test_a_round_that_says_so_makes_the_plan_cheaper_and_no_other_changes_it(seed: int):
    """Two neighbourhoods decided side by side may have lots in common, and then other options of them."""
    whole = tabled(*town(seed, 120)).options.problem
    problem, _ = presolve(merge_twins(whole, find_twins(whole))[0])
    run = Run(problem, find_prices(problem), SolveSettings(), Watch(), None)
    run.place()
    standing = build_standing(run.arrays, run.best)
    search = run.open(standing, MOST_OPTIONS)
    inner = search.enter(standing)
    parts, dice, cost = Neighbourhoods(search.opened, run.prices, inner), np.random.default_rng(seed), run.cost
    for _ in range(12):
        is_better = parts.round(dice, seed)
        search.leave(inner, standing)
        taken = read_taken(standing)
        now = problem.cost_of(taken)
        assert (now < cost) if is_better else (now == cost)
        assert np.array_equal(problem.loads_of(taken), standing.loads)
        assert (standing.loads <= run.arrays.limit).all()
        cost = now
    assert cost < run.cost


def decided(seed: int, beforehand: Callable[[Neighbourhoods], None]) -> tuple[int, list[bool], int]:
    """Return what all rounds lead to: the cost, which of them helped, and how many neighbourhoods were settled."""
    problem, _ = presolve(middle_problem(seed, lots=6, resources=3))
    run = Run(problem, find_prices(problem), SolveSettings(), Watch(), None)
    run.place()
    standing = build_standing(run.arrays, run.best)
    search = run.open(standing, MOST_OPTIONS)
    inner = search.enter(standing)
    parts, dice, better = Neighbourhoods(search.opened, run.prices, inner), np.random.default_rng(seed), []
    while not parts.is_done:
        beforehand(parts)
        better.append(parts.round(dice, seed))
    search.leave(inner, standing)
    return problem.cost_of(read_taken(standing)), better, len(parts.settled)


@pytest.mark.parametrize("seed", [0, 2])
def test_what_was_settled_is_not_decided_again_and_that_changes_nothing(seed: int):
    kept = decided(seed, lambda parts: None)  # noqa: ARG005
    forgotten = decided(seed, lambda parts: parts.settled.clear())
    assert kept[:2] == forgotten[:2]
    assert any(kept[1])
    assert 0 < kept[2] < len(kept[1])
