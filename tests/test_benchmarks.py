"""What the benchmarks make up can be planned, and their own check of a plan can fail."""

import json
from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks import explain, gap
from benchmarks.gap import Assignment, build_problem, check_assignment, read_instance, run
from benchmarks.generator import make_region
from benchmarks.network import compare_matrix, compare_nearest
from benchmarks.others import OTHERS
from benchmarks.region_audit import audit_region
from cosmolocal.errors import InputError
from cosmolocal.planning.problem import PlanningProblem, Taken
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.solution import SolveSettings, Watch

KINDS = {
    "plain": {},
    "weeks": {"weeks": 3},
    "parts": {"parts": 3, "weeks": 4},
    "split": {"splittable": 0.5, "fairness": True},
}
GAP_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "gap"


def region(kind: str, seed: int = 1) -> PlanningProblem:
    return make_region(lots=300, workshops=12, seed=seed, **KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_makes_the_same_region(kind: str):
    one, again, other = region(kind), region(kind), region(kind, seed=2)
    for field in fields(one):
        assert np.array_equal(getattr(one, field.name), getattr(again, field.name))
    assert not np.array_equal(one.option_cost, other.option_cost)


@pytest.mark.parametrize("kind", KINDS)
def test_regions_are_as_realistic_as_they_say(kind: str):
    """Twenty options and more, no resource twice in one option, and about three quarters of all hours wanted."""
    problem = region(kind)
    assert (np.diff(problem.option_start) >= min(12, 20)).all()
    pairs = problem.use_option() * problem.resource_count + problem.use_resource
    assert len(np.unique(pairs)) == len(pairs)
    assert (problem.use_amount > 0).all()
    assert (problem.unmet_cost >= problem.option_cost.reshape(300, -1).max(axis=1)).all()
    each = np.repeat(problem.units, np.diff(problem.option_start)) / np.repeat(
        np.diff(problem.option_start), np.diff(problem.option_start)
    )
    machines = 12 * KINDS[kind].get("weeks", 1)
    load = np.bincount(problem.use_resource, problem.use_amount * each[problem.use_option()], problem.resource_count)
    assert 0.6 < load[:machines].sum() / problem.capacity[:machines].sum() < 0.8


@pytest.mark.parametrize("kind", KINDS)
def test_plans_of_all_solvers_pass_the_check_of_the_benchmark(kind: str):
    problem = region(kind)
    ours = solve(problem, SolveSettings(seconds=2, gap=0.01), Watch())
    assert audit_region(problem, ours.taken, ours.cost_cents, ours.bound_cents) == []
    for other in OTHERS.values():
        answer = other(problem, 1.0)
        assert audit_region(problem, answer.taken, answer.cost_cents, answer.bound_cents) == []
        assert ours.bound_cents <= answer.cost_cents


def test_the_check_finds_what_is_planted():
    problem = region("split")
    solution = solve(problem, SolveSettings(seconds=5, gap=0.05), Watch())
    taken, cost, bound = solution.taken, solution.cost_cents, solution.bound_cents
    more = replace(taken, units=taken.units + 20)
    assert any("too many" in fault for fault in audit_region(problem, more, cost, bound))
    assert any("cost" in fault for fault in audit_region(problem, taken, cost - 1, bound))
    assert any("bound" in fault for fault in audit_region(problem, taken, cost, cost + 1))
    narrow = replace(problem, capacity=problem.capacity * 0)
    assert any("lacks" in fault for fault in audit_region(narrow, taken, cost, bound))
    twice = Taken(np.append(taken.option, taken.option[-1]), np.append(taken.units, 1))
    assert any("twice" in fault for fault in audit_region(problem, twice, cost, bound))


INSTANCE = "2 3\n 5 6 7\n 6 5 9\n 3 4 5\n 4 4 4\n 8 4\n"


@pytest.mark.parametrize("method", ["ours", *OTHERS])
def test_an_assignment_instance_is_read_solved_and_checked(method: str, tmp_path: Path):
    """By hand: jobs 0 and 2 go to agent 0 (5 + 7, use 8), job 1 to agent 1 (5, use 4)."""
    path = tmp_path / "tiny"
    path.write_text(INSTANCE)
    figures = run(path, SolveSettings(seconds=5, gap=0.0), method)
    assert (figures["objective"], figures["bound"], figures["assignment"]) == (17, 17, [0, 1, 0])


def test_an_assignment_that_overloads_or_leaves_out_is_none():
    instance = Assignment(np.array([[5, 6, 7], [6, 5, 9]]), np.array([[3, 4, 5], [4, 4, 4]]), np.array([8, 4]))
    assert check_assignment(instance, [0, 1, 0]) == 17
    assert check_assignment(instance, [0, 0, 0]) is None
    assert check_assignment(instance, [0, 1, -1]) is None


def test_a_file_of_the_wrong_length_is_refused(tmp_path: Path):
    path = tmp_path / "short"
    path.write_text("2 3 1 2 3")
    with pytest.raises(ValueError, match="holds 5 numbers"):
        read_instance(path)


def write_instance(path: Path, instance: Assignment) -> Path:
    tables = [instance.cost.shape, *instance.cost, *instance.use, instance.capacity]
    path.write_text("\n".join(" ".join(map(str, row)) for row in tables))
    return path


def odd_instance(seed: int) -> Assignment:
    """Return an instance of few agents and jobs: costs equal, none, or very large, often too little room."""
    dice = np.random.default_rng(seed)
    shape = int(dice.integers(1, 4)), int(dice.integers(1, 6))
    most = int(dice.choice((0, 1, 9, 10**9)))
    cost = np.full(shape, most) if seed % 4 == 0 else dice.integers(0, most + 1, shape)
    use = dice.integers(dice.choice((0, 1)), int(dice.choice((2, 9, 10**9))) + 1, shape)
    room = int(dice.choice((0, 1, 3))) * int(use.max())
    return Assignment(cost, use, np.array([dice.integers(0, room + 1) for _ in range(shape[0])]))


@pytest.mark.parametrize("solver", ["auto", "exact", "prices"])
def test_odd_assignments_are_solved_or_called_infeasible(solver: str, tmp_path: Path):
    """Oracle: every assignment. Of what CP-SAT decides the answer is always known."""
    seen = {True: 0, False: 0}
    for seed in range(60):
        instance = odd_instance(seed)
        agents, jobs = instance.cost.shape
        every = [check_assignment(instance, list(agent)) for agent in product(range(agents), repeat=jobs)]
        best = min((cost for cost in every if cost is not None), default=None)
        figures = run(
            write_instance(tmp_path / "odd", instance), SolveSettings(0.3 if solver == "prices" else 60, 0.0, 0, solver)
        )
        if solver != "prices":
            assert figures["objective"] == best
            assert figures["feasible"] is (best is not None)
        if figures["feasible"]:
            assert figures["bound"] <= best <= figures["objective"]
        else:
            assert figures["objective"] is figures["gap"] is None
            assert figures["feasible"] is None or best is None
        seen[best is not None] += 1
    assert min(seen.values()) > 5


def test_a_flow_of_jobs_may_be_solved_as_one_and_others_are_refused(tmp_path: Path):
    same = Assignment(np.array([[5, 6, 7], [6, 5, 9]]), np.array([[3, 3, 3], [4, 4, 4]]), np.array([8, 4]))
    figures = run(write_instance(tmp_path / "same", same), SolveSettings(5, 0.0, 0, "flow"))
    assert (figures["objective"], figures["bound"], figures["solver"]) == (17, 17, "flow")
    (tmp_path / "other").write_text(INSTANCE)
    with pytest.raises(InputError, match="flow"):
        run(tmp_path / "other", SolveSettings(5, 0.0, 0, "flow"))


BAD_FILES = {
    "empty": "",
    "no agents": "0 3",
    "no jobs": "2 0 5 5",
    "fraction": "1 1 2.5 1 1",
    "negative": "1 1 -2 1 1",
    "words": "one agent",
    "more than 64 bits": f"1 1 {10**30} 1 1",
    "uncountable": f"1 2 {10**18} {10**18} 1 1 5",
    "one number too many": "1 1 2 1 1 1",
}


def test_files_that_cannot_be_read_are_named_and_the_others_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name, text in BAD_FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "good").write_text(INSTANCE)
    files = [str(tmp_path / name) for name in (*BAD_FILES, "missing", "good")]
    monkeypatch.setattr("sys.argv", ["gap", *files, "--seconds", "5"])
    assert gap.main() == 3
    out, err = capsys.readouterr()
    assert [json.loads(line)["objective"] for line in out.splitlines()] == [17]
    lines = err.splitlines()
    assert all(any(name in line for line in lines) for name in (*BAD_FILES, "missing"))
    assert "Traceback" not in err


@pytest.mark.skipif(not GAP_FOLDER.is_dir(), reason="the instances are not beside the project")
@pytest.mark.parametrize("name", ["gap1-0", "gap6-2", "gap12-4"])
def test_known_instances_are_solved_to_proof(name: str):
    best = {"gap1-0": 261, "gap6-2": 519, "gap12-4": 945}
    problem = build_problem(read_instance(GAP_FOLDER / "cattrysse1994" / name))
    solution = solve(problem, SolveSettings(seconds=30, gap=0.0), Watch())
    assert solution.cost_cents == solution.bound_cents == best[name]


def test_what_is_claimed_of_a_plan_is_so_when_it_is_solved_again():
    """Each row of `benchmarks.explain` holds a claim and what solving again says of it."""
    problem = explain.make_problem(lots=400, groups=20, seed=1)
    rows = explain.measure(problem, SolveSettings(seconds=5, gap=0.02, solver="prices"), sample=60, anew=1)
    assert all(set(row) == {"what", "ours", "theirs", "ratio"} for row in rows)
    _, parts, moves, prices, hours = [row["ratio"] for row in rows]
    assert parts == moves == hours == 1.0
    # beyond one hour of one resource a price is an upper limit
    assert 0.5 < prices < 1.1


def test_the_distances_measured_are_those_of_networkx_and_of_every_pair(capsys: pytest.CaptureFixture[str]):
    compare_matrix((20, 16), 66, 30, 6)
    compare_nearest(400, 60, 5, 30)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["unlike"] for row in rows] == [0, 0]
    assert all(row.keys() >= {"what", "ours", "theirs", "ratio"} for row in rows)
