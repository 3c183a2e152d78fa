"""What the benchmarks make up can be planned, and their own check of a plan can fail."""

from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks import explain
from benchmarks.region import check, make_problem
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.solution import SolveSettings, Watch

PROBLEM = make_problem(lots=60, workshops=4, weeks=3, seed=1)


def test_the_same_seed_makes_the_same_region():
    again, other = make_problem(60, 4, 3, seed=1), make_problem(60, 4, 3, seed=2)
    for field in fields(PROBLEM):
        assert np.array_equal(getattr(PROBLEM, field.name), getattr(again, field.name))
    assert not np.array_equal(PROBLEM.option_cost, other.option_cost)


@pytest.fixture(scope="module")
def solution():
    return solve(PROBLEM, SolveSettings(seconds=20, gap=0.02), Watch())


def test_the_solver_s_plan_passes_the_check(solution):
    assert check(PROBLEM, solution) == []


def test_the_check_finds_what_is_planted(solution):
    served = int(np.flatnonzero(solution.choice >= 0)[0])
    other = np.array(solution.choice)
    other[served] = PROBLEM.option_start[served + 1]
    assert any("of another lot" in fault for fault in check(PROBLEM, replace(solution, choice=other)))
    assert any("cost" in fault for fault in check(PROBLEM, replace(solution, cost_cents=solution.cost_cents - 1)))
    narrow = replace(PROBLEM, capacity=PROBLEM.capacity * 0)
    assert any("of 0" in fault for fault in check(narrow, solution))
    assert any("bound" in fault for fault in check(PROBLEM, replace(solution, bound_cents=solution.cost_cents + 1)))


def test_what_is_claimed_of_a_plan_is_so_when_it_is_solved_again():
    """Each row of `benchmarks.explain` holds a claim and what solving again says of it."""
    problem = explain.make_problem(lots=400, groups=20, seed=1)
    rows = explain.measure(problem, SolveSettings(seconds=5, gap=0.02, solver="prices"), sample=60, anew=1)
    assert all(set(row) == {"what", "ours", "theirs", "ratio"} for row in rows)
    _, gap, moves, prices, hours = [row["ratio"] for row in rows]
    assert gap == moves == hours == 1.0
    # beyond one hour of one resource a price is an upper limit
    assert 0.5 < prices < 1.1
