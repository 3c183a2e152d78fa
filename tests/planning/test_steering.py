"""Rules that tie a plan to the one before: each a law, held against all choices of tiny problems."""

import random
from dataclasses import dataclass, replace

import numpy as np
import pytest
from planning.tiny_problems import allowed_choices, ints, keeps_capacities, naive_cost, random_problem

from cosmolocal.errors import InputError
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.resolving import replan
from cosmolocal.planning.solvers.flow import is_flow
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.planning.steering import Added, Rules, add_options, find_overbooked, set_aside, steer
from cosmolocal.records import PlanStatus

SEEDS = range(50)
PROVED = SolveSettings(seconds=20, gap=0.0)


@dataclass(frozen=True, slots=True)
class Case:
    """A problem with rules, and all choices that keep the rules, each with its cost and moves."""

    problem: PlanningProblem
    rules: Rules
    allowed: list[tuple[int, int, Ints]]

    def least(self, move_cents: int = 0) -> int:
        return min(cost + move_cents * moves for cost, moves, _ in self.allowed)


def find_case(seed: int, most_moves: int | None = None, move_cents: int = 0, keep: float = 0.4) -> Case:
    """Take any allowed choice for the plan before, then let costs change and some lots stay."""
    dice = random.Random(seed)
    problem = random_problem(seed)
    before = dice.choice(allowed_choices(problem))[1]
    problem = replace(problem, option_cost=ints([dice.randint(100, 1000) for _ in problem.option_cost]))
    kept = np.array([option >= 0 and dice.random() < keep for option in before.tolist()], dtype=bool)
    forbidden = np.array([dice.random() < 0.15 for _ in problem.option_cost], dtype=bool)
    forbidden[before[before >= 0]] = False
    rules = Rules(before, kept, forbidden, most_moves, move_cents)
    allowed = []
    for cost, choice in allowed_choices(problem):
        moves = sum(b >= 0 and not k and b != c for b, k, c in zip(before, kept, choice, strict=True))
        stays = all(c == b for b, k, c in zip(before, kept, choice, strict=True) if k)
        if stays and not any(forbidden[c] for c in choice if c >= 0) and (most_moves is None or moves <= most_moves):
            allowed.append((cost, moves, choice))
    return Case(problem, rules, allowed)


def check(case: Case, prices: Ints | None = None) -> int:
    """Check all laws of one plan; return its moves."""
    found = replan(case.problem, case.rules, PROVED, Watch(), prices)
    choice, cents = found.solution.choice, case.rules.move_cents
    assert any(np.array_equal(choice, allowed) for _, _, allowed in case.allowed)
    assert keeps_capacities(case.problem, choice)
    assert found.solution.cost_cents == naive_cost(case.problem, choice)
    steered = found.solution.cost_cents + cents * found.moves
    assert steered == case.least(cents), "no plan under the same rules is better"
    assert found.steered_bound_cents <= steered
    assert found.solution.bound_cents <= case.least(), "the bound holds for every plan under the rules"
    free = find_like(case, None)
    assert found.free_bound_cents <= free.least(), "and this one without the budget"
    return found.moves


def find_like(case: Case, most_moves: int | None) -> Case:
    """Return the same case with another budget."""
    rules = replace(case.rules, most_moves=most_moves)
    allowed = [
        (cost, rules.moves(choice), choice)
        for cost, choice in allowed_choices(case.problem)
        if np.array_equal(choice[rules.kept], rules.before[rules.kept])
        and not rules.forbidden[choice[choice >= 0]].any()
        and (most_moves is None or rules.moves(choice) <= most_moves)
    ]
    return Case(case.problem, rules, allowed)


@pytest.mark.parametrize("most_moves", [None, 0, 1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_is_the_best_of_all_that_keep_the_rules(seed: int, most_moves: int | None):
    moves = check(find_case(seed, most_moves))
    assert most_moves is None or moves <= most_moves


@pytest.mark.parametrize("seed", SEEDS)
def test_with_the_cost_of_moves_the_sum_of_both_is_least(seed: int):
    check(find_case(seed, random.Random(seed).choice((None, 1, 2)), 150))


@pytest.mark.parametrize("seed", range(20))
def test_any_prices_of_before_give_the_same_cost(seed: int):
    case = find_case(seed, 1)
    dice = np.random.default_rng(seed)
    check(case, dice.integers(0, 30_000, case.problem.resource_count))


@pytest.mark.parametrize("seed", range(25))
def test_a_larger_budget_never_costs_more_and_a_huge_one_is_free_planning(seed: int):
    costs = []
    for most_moves in (0, 1, 2, 3, 1_000, None):
        case = find_like(find_case(seed), most_moves)
        costs.append(replan(case.problem, case.rules, PROVED, Watch()).solution.cost_cents)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == costs[-2]


@pytest.mark.parametrize("seed", range(30))
def test_dearer_moves_are_never_more_moves(seed: int):
    """Two best plans at prices c < d of a move: adding both inequalities gives (d − c) × (moves at d − at c) ≤ 0."""
    moves = []
    for move_cents in (0, 100, 400, 5_000):
        case = find_case(seed, None, move_cents)
        moves.append(replan(case.problem, case.rules, PROVED, Watch()).moves)
    assert moves == sorted(moves, reverse=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_set_aside_pays_its_steps_and_leaves_the_rest(seed: int):
    """Cost of steps of all = what is paid + the cost of steps of the rest in what is left, for every choice."""
    problem = random_problem(seed)
    dice = random.Random(seed)
    for _, choice in dice.sample(found := allowed_choices(problem), min(10, len(found))):
        is_fixed = np.array([dice.random() < 0.5 for _ in choice], dtype=bool)
        rest, paid = set_aside(problem, np.where(is_fixed, choice, -1))
        others = np.where(is_fixed, -1, choice)
        assert (rest.capacity >= 0).all()
        whole = int(problem.step_costs(problem.loads(choice)).sum())
        assert paid + int(rest.step_costs(rest.loads(others)).sum()) == whole


@pytest.mark.parametrize("seed", range(40))
def test_an_added_option_stands_last_in_its_lot_and_the_others_are_as_they_were(seed: int):
    problem = random_problem(seed)
    lots = ints(sorted(random.Random(seed).choices(range(problem.lot_count), k=3)))
    added = Added(lots, ints([7, 8, 9]), ints([1, 0, 2]), ints([0, 0, problem.resource_count - 1]), ints([5, 6, 7]))
    if problem.resource_count == 1:
        added = replace(added, use_count=ints([1, 1, 1]))
    grown, source = add_options(problem, added)
    assert grown.option_lot().tolist() == sorted([*problem.option_lot().tolist(), *lots.tolist()])
    old = np.flatnonzero(source < problem.option_count)
    assert np.array_equal(grown.option_cost[old], problem.option_cost[source[old]])
    for option in old.tolist():
        span = slice(grown.use_start[option], grown.use_start[option + 1])
        was = slice(problem.use_start[source[option]], problem.use_start[source[option] + 1])
        assert np.array_equal(grown.use_amount[span], problem.use_amount[was])
        assert np.array_equal(grown.use_resource[span], problem.use_resource[was])
    new = np.flatnonzero(source >= problem.option_count)
    assert grown.option_cost[new].tolist() == [7, 8, 9]
    assert np.diff(grown.use_start)[new].tolist() == added.use_count.tolist()


@pytest.mark.parametrize("seed", range(40))
def test_of_lots_that_cannot_all_stay_those_of_least_weight_leave(seed: int):
    dice = random.Random(seed)
    problem = random_problem(seed)
    before = dice.choice(allowed_choices(problem))[1]
    problem = replace(problem, capacity=problem.capacity // 2)
    weight = ints([dice.randint(1, 9) for _ in before])
    leaving = find_overbooked(problem, before, weight)
    staying = [
        choice
        for _, choice in allowed_choices(problem)
        if all(c in (-1, b) for b, c in zip(before, choice, strict=True))
    ]
    least = min(int(weight[(before >= 0) & (choice < 0)].sum()) for choice in staying)
    assert keeps_capacities(problem, np.where(leaving, -1, before))
    assert int(weight[leaving].sum()) == least


def test_a_problem_in_which_everything_stays_is_proved_at_once():
    problem = random_problem(3)
    before = allowed_choices(problem)[-1][1]
    kept = before >= 0
    rules = Rules(before, kept, np.ones(problem.option_count, dtype=bool))
    found = replan(problem, rules, PROVED, Watch())
    assert np.array_equal(found.solution.choice, before)
    assert found.solution.status is PlanStatus.OPTIMAL
    assert steer(problem, rules).problem.option_count == 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("most_moves", [None, 0, 1])
def test_a_flow_that_was_asked_for_is_refused_for_what_is_none_even_where_all_may_stay(
    seed: int, most_moves: int | None
):
    case = find_case(seed, most_moves)
    steered, _ = presolve(steer(case.problem, case.rules).problem)
    settings = SolveSettings(seconds=20, gap=1.0, solver="flow")
    if is_flow(presolve(case.problem)[0]) and is_flow(steered):
        found = replan(case.problem, case.rules, settings, Watch()).solution
        assert found.cost_cents == case.least()
        return
    with pytest.raises(InputError) as caught:
        replan(case.problem, case.rules, settings, Watch())
    assert [(fault.code, fault.where) for fault in caught.value.problems] == [("P093", "solver")]
