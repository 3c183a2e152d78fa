"""Where to open sites: held against all choices there are, each served by a linear programme."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from benchmarks.siting import Answer, check_answer, read_instances, run
from benchmarks.siting_cities import make_city
from benchmarks.siting_others import OTHERS
from cosmolocal.planning.siting import SitingProblem, SitingSolution, find_faults
from cosmolocal.planning.solvers.siting import solve_siting
from cosmolocal.planning.solvers.siting_flow import Server
from cosmolocal.planning.solvers.siting_prices import build_costs, make_room, weigh_sites
from cosmolocal.planning.solvers.solution import SolveSettings
from cosmolocal.records import PlanStatus, StoppedBy

SETTINGS = SolveSettings(seconds=20.0, gap=0.0)
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "cflp"


def made_up(seed: int, m: int = 6, n: int = 7) -> SitingProblem:
    """Return a tiny problem; by its seed with standing sites, few new ones, a budget, people left out, gaps."""
    dice = np.random.default_rng(seed)
    m, n = int(dice.integers(1, m)), int(dice.integers(1, n))
    cost = dice.integers(0, 30, (m, n)) * dice.choice([1.0, 0.37])
    cost[dice.random((m, n)) < 0.1] = np.inf
    leave = dice.choice([0.0, 0.5, 1.0])
    problem = SitingProblem(
        open_cost=dice.integers(0, 40, m) * 1.5,
        capacity=dice.integers(0, 30, m),
        demand=dice.integers(1, 12, n),
        cost=cost,
        unserved_cost=np.where(dice.random(n) < leave, dice.integers(0, 60, n) * 1.0, np.inf),
        existing=dice.random(m) < dice.choice([0.0, 0.4]),
    )
    if dice.random() < 0.4:
        problem = replace(problem, most_new=int(dice.integers(0, m + 1)))
    if dice.random() < 0.4:
        problem = replace(problem, budget=float(dice.integers(0, 90)), price=dice.integers(1, 40, m) * 1.0)
    return problem


def serve_by_linear_programme(problem: SitingProblem, is_open: np.ndarray) -> float:
    m, n = problem.cost.shape
    cost = np.append(problem.cost.ravel(), problem.unserved_cost)
    most = np.where(np.isfinite(cost), 1.0, 0.0)
    each = np.hstack([np.eye(n)] * (m + 1))
    room = np.hstack([np.kron(np.eye(m), problem.demand[None, :]), np.zeros((m, n))])
    found = linprog(
        np.where(np.isfinite(cost), cost, 0.0),
        A_ub=room,
        b_ub=problem.capacity * is_open,
        A_eq=each,
        b_eq=np.ones(n),
        bounds=np.column_stack([np.zeros(len(most)), most]),
    )
    return float(found.fun + problem.open_cost[is_open].sum()) if found.status == 0 else float("inf")


def try_all(problem: SitingProblem) -> float:
    choices = (np.array(each) for each in product([False, True], repeat=problem.site_count))
    return min(
        (serve_by_linear_programme(problem, each) for each in choices if problem.allows(each)), default=float("inf")
    )


def is_near(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= 2e-6 * max(1.0, abs(other))


@pytest.mark.parametrize("seed", range(120))
def test_nothing_is_cheaper_and_the_bound_is_below(seed: int):
    problem = made_up(seed)
    best, found = try_all(problem), solve_siting(problem, SETTINGS)
    assert is_near(found.cost, best)
    assert found.bound <= best * (1 + 1e-12) or found.bound <= best + 1e-9
    assert (found.status, found.stopped_by) == (PlanStatus.OPTIMAL, StoppedBy.PROOF)
    assert not np.isfinite(best) or find_faults(problem, found) == []


@pytest.mark.parametrize("seed", range(60))
def test_any_values_of_customers_bound_every_choice(seed: int):
    """That any values will do is why nothing that searches for good ones has to be trusted."""
    problem, dice = made_up(seed), np.random.default_rng(seed)
    costs = build_costs(problem, np.zeros((1, problem.site_count)))
    values = np.minimum(dice.random(problem.customer_count) * 60, problem.unserved_cost)
    worth = weigh_sites(costs, values, make_room(costs))
    for is_open in map(np.array, product([False, True], repeat=problem.site_count)):
        assert values.sum() + worth[is_open].sum() <= serve_by_linear_programme(problem, is_open) + 1e-7


@pytest.mark.parametrize("seed", range(60))
def test_a_middle_changes_nothing_but_the_time(seed: int):
    problem, dice = make_city(5, 40, 3.0, seed), np.random.default_rng(seed)
    none = np.zeros((1, problem.site_count))
    values, middle = (dice.random(40) ** 3 * 100 for _ in range(2))
    plain, sorted_by = build_costs(problem, none), build_costs(problem, none, middle)
    room = make_room(sorted_by)
    for _ in range(3):
        assert np.allclose(weigh_sites(plain, values, make_room(plain)), weigh_sites(sorted_by, values, room))
        values = values * (0.8 + 0.4 * dice.random(40))


@pytest.mark.parametrize("seed", range(40))
def test_serving_goes_on_from_any_choice_to_any_other(seed: int):
    problem, dice = made_up(seed), np.random.default_rng(seed)
    server = Server(problem)
    for _ in range(6):
        is_open = dice.random(problem.site_count) < 0.6
        opening = float(problem.open_cost[is_open].sum())
        assert is_near(server.serve(is_open) + opening, serve_by_linear_programme(problem, is_open))


@pytest.mark.parametrize(("m", "n", "ratio"), [(16, 50, 1.3), (25, 50, 3.0), (30, 80, 8.0)])
def test_a_city_is_solved_to_the_proof(m: int, n: int, ratio: float):
    problem = make_city(m, n, ratio, 1)
    found = solve_siting(problem, SETTINGS)
    assert (found.status, find_faults(problem, found)) == (PlanStatus.OPTIMAL, [])
    assert found.gap <= 1e-6


def test_the_same_seed_gives_the_same_answer():
    problem = make_city(30, 60, 2.0, 2)
    one, again = (solve_siting(problem, SETTINGS) for _ in range(2))
    assert (one.is_open == again.is_open).all()
    assert one.bound == again.bound
    assert (one.flow.units == again.flow.units).all()


def test_more_sites_more_budget_or_more_room_never_cost_more():
    problem = replace(make_city(12, 30, 3.0, 3), most_new=5, budget=5000.0, unserved_cost=np.full(30, 500.0))
    cost = solve_siting(problem, SETTINGS).cost
    for easier in (
        replace(problem, most_new=6),
        replace(problem, budget=5600.0),
        replace(problem, capacity=problem.capacity + 5),
        replace(problem, existing=np.arange(12) == 0, open_cost=problem.open_cost * (np.arange(12) > 0)),
    ):
        assert solve_siting(easier, SETTINGS).cost <= cost * (1 + 1e-6)


def test_what_nobody_can_serve_is_proved():
    problem = replace(make_city(5, 20, 2.0, 4), most_new=1)
    found = solve_siting(problem, SETTINGS)
    assert (found.cost, found.bound, found.gap) == (np.inf, np.inf, None)


def test_the_clock_ends_it_with_an_honest_status():
    problem = make_city(60, 200, 3.0, 5)
    found = solve_siting(problem, replace(SETTINGS, seconds=0.3))
    assert find_faults(problem, found) == []
    assert (found.status is PlanStatus.OPTIMAL) == (found.gap <= 1e-6)


def test_a_gap_that_is_wide_enough_ends_it():
    found = solve_siting(make_city(40, 80, 1.5, 6), replace(SETTINGS, gap=0.05))
    assert found.gap <= 0.05


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("demand", np.array([0, 1])),
        ("capacity", np.array([-1])),
        ("cost", np.array([[1.0, -1.0]])),
        ("cost", np.array([[1.0, np.nan]])),
        ("open_cost", np.array([np.inf])),
        ("open_cost", np.array([1.0, 2.0])),
    ],
)
def test_arrays_that_make_no_sense_are_refused(field: str, value: np.ndarray):
    good = SitingProblem(
        np.ones(1), np.ones(1, np.int64), np.ones(2, np.int64), np.ones((1, 2)), np.ones(2), np.ones(1) > 1
    )
    with pytest.raises(ValueError, match="found"):
        replace(good, **{field: value})


def broken(found: SitingSolution) -> list[SitingSolution]:
    flow = found.flow
    return [
        replace(found, cost=found.cost + 1),
        replace(found, is_open=~found.is_open),
        replace(found, flow=replace(flow, units=flow.units + 1)),
        replace(found, flow=replace(flow, units=flow.units * 0)),
        replace(found, flow=replace(flow, site=flow.site * 0)),
    ]


def test_the_check_finds_what_is_wrong():
    problem = make_city(10, 20, 2.0, 7)
    found = solve_siting(problem, SETTINGS)
    assert find_faults(problem, found) == []
    assert all(find_faults(problem, each) for each in broken(found))


TWO_SITES = "2 2\n capacity 5.5\n 10 7.25\n 4\n 1.5 2\n 3.5\n 4 1\n"


def test_a_file_is_read_and_its_answer_checked(tmp_path: Path):
    """Site 1 alone serves both customers for 7.25 + 2 + 1; site 0 with its 6 units cannot hold 7.5."""
    path = tmp_path / "made.txt"
    path.write_text(TWO_SITES, "ascii")
    [(name, problem), (other, _)] = read_instances(path, [6, 8])
    assert (name, other, problem.demand.tolist(), problem.capacity.tolist()) == ("made_6", "made_8", [8, 7], [12, 20])
    figures = run(name, problem, SETTINGS)
    assert (figures["objective"], figures["open"], figures["status"]) == (10.25, [1], "optimal")


@pytest.mark.parametrize("other", OTHERS)
def test_other_solvers_agree(other: str):
    problem = make_city(6, 10, 3.0, 8)
    ours, theirs = (run("made", problem, SETTINGS, method) for method in ("ours", other))
    assert theirs["objective"] == pytest.approx(ours["objective"], rel=1e-5)
    assert ours["bound"] <= theirs["objective"] * (1 + 1e-9)
    assert theirs["bound"] <= ours["objective"] * (1 + 1e-6)


def test_the_checker_of_the_benchmark_refuses_wrong_answers():
    problem = SitingProblem(
        np.ones(2), np.array([3, 3]), np.array([2, 2]), np.ones((2, 2)), np.full(2, np.inf), np.zeros(2, np.bool_)
    )
    assert check_answer(problem, Answer([0, 1], [(0, 0, 2), (1, 1, 2)])) == 4.0
    assert check_answer(problem, Answer([0], [(0, 0, 2), (0, 1, 2)])) is None
    assert check_answer(problem, Answer([0], [(0, 0, 2), (1, 1, 2)])) is None
    assert check_answer(problem, Answer([0, 1], [(0, 0, 2), (1, 1, 1)])) is None


def test_demand_in_halves_and_fifths_is_counted_in_tenths(tmp_path: Path):
    path = tmp_path / "parts.txt"
    path.write_text("1 2 3.25 1 0.5 1 1.2 1", "ascii")
    [(_, problem)] = read_instances(path, [])
    assert (problem.demand.tolist(), problem.capacity.tolist()) == ([5, 12], [32])


def test_a_file_with_too_few_numbers_is_refused(tmp_path: Path):
    path = tmp_path / "short.txt"
    path.write_text("2 2 1 1", "ascii")
    with pytest.raises(ValueError, match="holds 4 numbers"):
        list(read_instances(path, []))


@pytest.mark.skipif(not FOLDER.exists(), reason="the instances of the OR-Library are not here")
@pytest.mark.parametrize(("name", "best"), [("cap71", 932615.750), ("cap101", 796648.437), ("cap134", 928941.750)])
def test_an_instance_of_the_library_is_solved_to_the_proof(name: str, best: float):
    [(_, problem)] = read_instances(FOLDER / f"{name}.txt", [])
    found = solve_siting(problem, SETTINGS)
    assert found.cost == pytest.approx(best, rel=1e-8)
    assert found.gap <= 1e-6
