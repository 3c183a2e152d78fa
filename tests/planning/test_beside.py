"""HiGHS beside our own search: what it finds keeps all capacities, and is no dearer than what it was given to beat."""

import subprocess
import sys
import time

import numpy as np
import pytest
from planning.tiny_problems import allowed_choices, random_problem
from scipy.sparse import csc_matrix

from cosmolocal.planning.problem import PlanningProblem, Taken
from cosmolocal.planning.solvers.beside import Beside, best_options, build_model, keeps_all, start_at
from cosmolocal.planning.solvers.relaxation import find_prices

NOTHING = Taken(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@pytest.mark.parametrize("seed", range(60))
def test_it_finds_the_best_plan_of_small_problems(seed):
    """The oracle tries every choice."""
    problem = random_problem(seed)
    beside = Beside(problem, find_prices(problem), np.arange(problem.option_count), NOTHING, 20.0, 0)
    beside.thread.join()
    found = beside.hear()
    assert all(keeps_all(problem, taken) for taken in found)
    nothing = problem.cost(np.full(problem.lot_count, -1))
    assert min([problem.cost_of(taken) for taken in found], default=nothing) == allowed_choices(problem)[0][0]


@pytest.mark.parametrize("seed", range(60))
def test_a_plan_at_hand_is_a_solution_of_the_same_cost(seed):
    problem = random_problem(seed)
    options = np.arange(problem.option_count)
    model = build_model(problem, options)
    imported = int((problem.unmet_cost * problem.units).sum())
    for cost, choice in allowed_choices(problem)[:20]:
        values = np.array(start_at(problem, options, problem.whole(np.array(choice))).col_value)
        matrix = csc_matrix(
            (model.a_matrix_.value_, model.a_matrix_.index_, model.a_matrix_.start_), (model.num_row_, model.num_col_)
        )
        assert (matrix @ values <= np.array(model.row_upper_)).all()
        assert round(values @ np.array(model.col_cost_)) + imported == cost


def test_it_ends_when_told():
    dice = np.random.default_rng(0)
    lots, groups = 100, 20
    problem = assignment(dice, lots, groups)
    started = time.monotonic()
    beside = Beside(problem, find_prices(problem), np.arange(problem.option_count), NOTHING, 600.0, 0)
    beside.end()
    assert not beside.thread.is_alive()
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("most", [1, 2, 3, 50])
def test_the_best_options_of_a_lot_are_those_with_the_least_priced_cost(most):
    problem = assignment(np.random.default_rng(1), 30, 8)
    prices = find_prices(problem)
    priced = problem.option_cost * 1000 + prices[problem.use_resource] * problem.use_amount
    kept = set(best_options(problem, prices, most).tolist())
    for lot in range(30):
        own = range(lot * 8, lot * 8 + 8)
        inside = [option for option in own if option in kept]
        assert len(inside) == min(most, 8)
        worst = max(priced[option] for option in inside)
        assert all(priced[option] >= worst for option in own if option not in kept)


def test_nothing_is_written_to_stdout():
    """Data alone goes there; HiGHS likes to tell its name."""
    told = subprocess.run(
        [sys.executable, "-c", "from cosmolocal.planning.solvers.beside import _QuietHighs; _QuietHighs().run()"],
        capture_output=True,
        check=True,
    )
    assert told.stdout == b""


def assignment(dice: np.random.Generator, lots: int, groups: int) -> PlanningProblem:
    """Return a tight problem in which the dearer a place is, the less it uses."""
    use = dice.integers(1, 101, lots * groups)
    none = np.zeros(0, dtype=np.int64)
    return PlanningProblem(
        option_start=np.arange(lots + 1) * groups,
        option_cost=111 - use + dice.integers(-10, 11, lots * groups),
        use_start=np.arange(lots * groups + 1),
        use_resource=np.tile(np.arange(groups), lots),
        use_amount=use,
        unmet_cost=np.full(lots, 100_000),
        capacity=np.full(groups, int(0.8 * use.sum() / groups / groups)),
        step_resource=none,
        step_size=none,
        step_blocks=none,
        step_cost=none,
    )
