"""Which investments in which year: against every path there is."""

import numpy as np
import pytest
from road.tiny_roads import allowed, cost_of, random_problem, share_in, try_all

from cosmolocal.planning.solvers.making import make_most
from cosmolocal.planning.solvers.roads import RoadSettings, choose

EXACT = RoadSettings(30, 0.0)


@pytest.mark.parametrize("seed", range(16))
def test_no_path_is_cheaper_or_gets_further(seed: int):
    """Every path of two investments in three years is tried."""
    problem = random_problem(seed)
    best, least = try_all(problem)
    choice = choose(problem, EXACT)
    assert choice is not None
    assert allowed(problem, choice.counts)
    assert choice.cost == pytest.approx(cost_of(problem, choice.counts))
    assert choice.bound <= choice.cost + 1e-9
    reached = share_in(problem, choice.counts, int(problem.goal_year[-1]))
    target = float(problem.goal_share[-1])
    if least is not None:
        assert choice.cost == pytest.approx(least, abs=1e-6)
        assert choice.bound == pytest.approx(least, abs=1e-6)
    else:
        assert reached == pytest.approx(min(best, target), abs=1e-5) or reached > target
    assert choice.share_bound >= min(best, target) - 1e-6


def test_the_oracle_meets_both_kinds_of_roads():
    """Some goals can be met, some cannot; else the test above would say little."""
    found = [try_all(random_problem(seed))[1] is None for seed in range(16)]
    assert 3 <= sum(found) <= 13


@pytest.mark.parametrize("seed", range(16))
def test_what_is_made_gives_the_highest_share(seed: int):
    problem = random_problem(seed)
    counts = np.array([[1, 0, 0], [0, 0, 0]])
    years = range(3)
    worth = (problem.weight / problem.demand).T
    stand = problem.standing(counts)
    capacity = np.array([problem.capacity + problem.minutes[:, :, year].T @ stand[:, year] for year in years])
    made = make_most(worth, (problem.most[:, None] * problem.demand).T, capacity, problem.need).made
    for year in years:
        share = float(problem.base @ problem.weight[:, year] + worth[year] @ made[year])
        assert share == pytest.approx(share_in(problem, counts, year))
        assert (made[year] @ problem.need <= capacity[year] + 1e-6).all()


def test_a_dual_price_is_what_one_more_minute_adds():
    problem = random_problem(1)
    worth = (problem.weight / problem.demand).T[:1]
    most = (problem.most[:, None] * problem.demand).T[:1]
    one = make_most(worth, most, np.array([[20.0]]), problem.need)
    more = make_most(worth, most, np.array([[21.0]]), problem.need)
    assert one.worth[0, 0] > 0
    assert float((worth * more.made).sum() - (worth * one.made).sum()) == pytest.approx(one.worth[0, 0])
