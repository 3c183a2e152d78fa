"""Every way of solving, held against brute force and against an independent check."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from planning.tiny_problems import (
    allowed_plans,
    as_dict,
    empty_problem,
    ints,
    middle_problem,
    naive_cost_of,
    naive_faults,
    one_use,
    random_divisible_problem,
    random_flow,
    random_problem,
)

from cosmolocal.errors import InputError
from cosmolocal.planning.problem import MOST_CENTS, PlanningProblem
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.compiled import THREADS
from cosmolocal.planning.solvers.flow import is_flow, solve_flow
from cosmolocal.planning.solvers.solution import Known, Progress, Solution, SolveSettings, Watch, find_verdict
from cosmolocal.planning.solvers.twins import find_twins, merge_twins, part_twins
from cosmolocal.records import PlanStatus, StoppedBy

#: odd things that a problem may be
ODD = {
    "nothing": empty_problem(),
    "resources only": empty_problem(resources=3),
    "lots without options": empty_problem(lots=3, resources=1),
    "options that use nothing": empty_problem(lots=3, options=2),
    "no resources": empty_problem(lots=1, options=1),
    "one lot": one_use(5, capacity=[5]),
    "options that never fit": empty_problem(
        lots=2, options=1, resources=1, use_start=[0, 1, 2], use_resource=[0, 0], use_amount=[5, 6], capacity=[4]
    ),
    "options dearer than importing": empty_problem(lots=2, options=2, option_cost=[100, 101, 200, 300]),
    "lots that cost nothing": empty_problem(lots=2, options=1, option_cost=[0, 0], unmet_cost=[0, 0]),
    "steps without blocks": one_use(5, step_resource=[0], step_size=[9], step_blocks=[0], step_cost=[1]),
    "a lot of many units": empty_problem(
        lots=1,
        options=2,
        resources=1,
        use_start=[0, 1, 1],
        use_resource=[0],
        use_amount=[3],
        capacity=[10],
        lot_units=[1000],
        option_cost=[1, 50],
    ),
}
STEPS = ("step_resource", "step_size", "step_blocks", "step_cost")
TINY = [*(("whole", seed) for seed in range(30)), *(("divisible", seed) for seed in range(30))]


def tiny(kind: str, seed: int) -> PlanningProblem:
    return random_problem(seed) if kind == "whole" else random_divisible_problem(seed)


def require_right(problem: PlanningProblem, solution: Solution) -> None:
    """Check a solution without the solver's own sums."""
    taken = as_dict(solution.taken)
    assert naive_faults(problem, taken) == []
    assert solution.cost_cents == naive_cost_of(problem, taken)
    assert solution.bound_cents <= solution.cost_cents
    assert list(taken) == sorted(taken)
    for lot, option in enumerate(solution.choice.tolist()):
        mine = {o: taken[o] for o in range(problem.option_start[lot], problem.option_start[lot + 1]) if o in taken}
        assert (option == -1) == (not mine)
        assert not mine or mine[option] == max(mine.values())


@pytest.mark.parametrize("solver", ["auto", "exact", "prices"])
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("settings", [SolveSettings(10, 0.0), SolveSettings(0, 0.0)], ids=["time", "no time"])
def test_odd_problems_have_right_plans(name: str, solver: str, settings: SolveSettings):
    problem = ODD[name]
    solution = solve(problem, replace(settings, solver=solver), Watch())
    require_right(problem, solution)
    assert len(solution.prices) == problem.resource_count
    if settings.seconds and solver != "prices" and name != "a lot of many units":
        assert solution.cost_cents == solution.bound_cents == allowed_plans(problem)[0][0]
        assert solution.stopped_by is StoppedBy.PROOF


@pytest.mark.parametrize("name", ODD)
def test_odd_problems_stopped_beforehand_have_right_plans(name: str):
    watch = Watch()
    watch.stop.set()
    require_right(ODD[name], solve(ODD[name], SolveSettings(10, 0.0), watch))


def test_a_lot_of_many_units_fills_what_is_cheap_and_spills_over():
    solution = solve(ODD["a lot of many units"], SolveSettings(10, 0.0), Watch())
    assert as_dict(solution.taken) == {0: 3, 1: 997}
    assert (solution.cost_cents, solution.choice.tolist()) == (3 + 997 * 50, [1])


@pytest.mark.parametrize(("kind", "seed"), TINY)
def test_no_solver_breaks_what_brute_force_knows(kind: str, seed: int):
    problem = tiny(kind, seed)
    best = allowed_plans(problem)[0][0]
    for solver in ("auto", "exact", "prices", *(["flow"] if is_flow(problem) else [])):
        solution = solve(problem, SolveSettings(10, 0.0, seed, solver), Watch())
        require_right(problem, solution)
        assert solution.bound_cents <= best <= solution.cost_cents
        if solver != "prices":
            assert (solution.cost_cents, solution.status) == (best, PlanStatus.OPTIMAL), solver


def test_the_prices_solver_mostly_finds_the_best_of_tiny_problems():
    """It proves nothing, but what CP-SAT decides part by part is often the whole here."""
    best = [allowed_plans(tiny(*one))[0][0] for one in TINY[::4]]
    costs = [solve(tiny(*one), SolveSettings(10, 0.0, 0, "prices"), Watch()).cost_cents for one in TINY[::4]]
    assert sum(cost == least for cost, least in zip(costs, best, strict=True)) >= 0.8 * len(best)


@pytest.mark.parametrize("seed", range(60))
def test_a_flow_costs_what_brute_force_and_cp_sat_say(seed: int):
    problem = random_flow(seed)
    assert is_flow(problem)
    taken = as_dict(solve_flow(problem))
    assert naive_faults(problem, taken) == []
    exact = solve(problem, SolveSettings(10, 0.0, 0, "exact"), Watch())
    flow = solve(problem, SolveSettings(10, 0.0, 0, "flow"), Watch())
    require_right(problem, flow)
    assert naive_cost_of(problem, taken) == flow.cost_cents == exact.cost_cents
    if np.prod(problem.units + 1.0) < 200:
        assert flow.cost_cents == allowed_plans(problem)[0][0]
    assert (flow.solver, flow.status) == ("flow", PlanStatus.OPTIMAL)


def test_what_is_no_flow_is_refused():
    two_amounts = replace(ODD["options that never fit"], capacity=ints([6]))
    with pytest.raises(InputError, match="flow"):
        solve(two_amounts, SolveSettings(1, 0.0, 0, "flow"), Watch())


def test_costs_too_large_for_or_tools_are_no_flow_and_solved_all_the_same():
    """It multiplies costs by the number of lots and resources, and gave up with a status."""
    lots = 6_000
    costs = {"option_cost": [10**11] * lots, "unmet_cost": [10**11 + 7] * lots}
    problem = empty_problem(
        lots=lots, options=1, resources=1, use_start=range(lots + 1), use_resource=[0] * lots, use_amount=[2] * lots,
        capacity=[9], **costs,
    )  # fmt: skip
    assert is_flow(problem)
    assert solve(problem, SolveSettings(60, 0.0), Watch()).cost_cents == lots * (10**11 + 7) - 4 * 7
    dear = replace(problem, option_cost=problem.option_cost * 10**4, unmet_cost=problem.unmet_cost * 10**4)
    assert not is_flow(dear)


@pytest.mark.parametrize("solver", ["auto", "exact", "prices"])
def test_what_cannot_be_counted_is_refused(solver: str):
    """Beyond it the bound would be a fraction of 53 bits, rounded to a cent it does not know."""
    problem = empty_problem(lots=2, options=1, unmet_cost=[MOST_CENTS // 2] * 2, option_cost=[MOST_CENTS // 2 - 1] * 2)
    solution = solve(problem, SolveSettings(10, 0.0, 0, solver), Watch())
    assert solution.cost_cents == solution.bound_cents == MOST_CENTS - 2
    more = replace(problem, lot_units=ints([1, 2]))
    with pytest.raises(InputError) as refused:
        solve(more, SolveSettings(10, 0.0, 0, solver), Watch())
    assert [problem.code for problem in refused.value.problems] == ["P098"]


@pytest.mark.parametrize("solver", ["auto", "exact", "prices"])
def test_steps_of_absurd_costs_are_left_out(solver: str):
    """CP-SAT refuses a model whose costs could add up to more than 64 bits."""
    many = 300
    problem = one_use(
        5, step_resource=[0] * many, step_size=[1] * many, step_blocks=[10_000] * many,
        step_cost=[7, *[10**13] * (many - 1)], unmet_cost=[10**13],
    )  # fmt: skip
    solution = solve(problem, SolveSettings(10, 0.0, 0, solver), Watch())
    require_right(replace(problem, **{name: getattr(problem, name)[:1] for name in STEPS}), solution)
    assert solution.cost_cents == 10 + 5 * 7


def test_a_start_that_needs_steps_left_out_is_not_taken_for_cheap():
    many = 300
    problem = one_use(
        5, step_resource=[0] * many, step_size=[1] * many, step_blocks=[10_000] * many,
        step_cost=[10**13] * many, unmet_cost=[10**13],
    )  # fmt: skip
    solution = solve(problem, SolveSettings(10, 0.0), Watch(), Known(start=ints([0])))
    assert (as_dict(solution.taken), solution.cost_cents) == ({}, 10**13)


def twice(problem: PlanningProblem, dice: np.random.Generator) -> PlanningProblem:
    """Return the problem with each lot repeated one to three times, side by side."""
    lots = np.repeat(np.arange(problem.lot_count), dice.integers(1, 4, problem.lot_count))
    options = [o for lot in lots for o in range(problem.option_start[lot], problem.option_start[lot + 1])]
    spans = [range(problem.use_start[option], problem.use_start[option + 1]) for option in options]
    uses = [use for span in spans for use in span]
    return replace(
        problem,
        option_start=ints(np.append(0, np.cumsum(np.diff(problem.option_start)[lots]))),
        option_cost=problem.option_cost[options],
        use_start=ints(np.cumsum([0, *(len(span) for span in spans)])),
        use_resource=problem.use_resource[uses],
        use_amount=problem.use_amount[uses],
        unmet_cost=problem.unmet_cost[lots],
    )


@pytest.mark.parametrize("seed", range(40))
def test_twins_cost_the_same_merged_and_apart(seed: int):
    problem = twice(random_problem(seed), np.random.default_rng(seed))
    first = find_twins(problem)
    merged, options = merge_twins(problem, first)
    assert merged.units.sum() == problem.lot_count
    assert len(options) == merged.option_count
    together = solve(merged, SolveSettings(10, 0.0), Watch())
    single = replace(problem, lot_units=np.ones(problem.lot_count, dtype=np.int64))
    apart = solve(single, SolveSettings(10, 0.0), Watch())
    both = solve(problem, SolveSettings(10, 0.0), Watch())
    assert together.cost_cents == apart.cost_cents == both.cost_cents
    require_right(problem, both)
    taken = replace(together.taken, option=options[together.taken.option])
    parted = part_twins(problem, taken)
    assert naive_faults(problem, as_dict(parted)) == []
    assert naive_cost_of(problem, as_dict(parted)) == together.cost_cents


def test_lots_that_differ_in_one_number_are_no_twins():
    problem = twice(random_problem(3), np.random.default_rng(0))
    lots = np.flatnonzero(np.diff(problem.option_start) > 0)
    twin = next(lot for lot in lots if find_twins(problem)[lot] != lot)
    for name, place in (("option_cost", problem.option_start[twin]), ("unmet_cost", twin)):
        changed = getattr(problem, name).copy()
        changed[place] += 1
        assert find_twins(replace(problem, **{name: changed}))[twin] == twin
    use = problem.use_start[problem.option_start[twin]]
    if use < problem.use_start[problem.option_start[twin + 1]]:
        amount = problem.use_amount.copy()
        amount[use] += 1
        assert find_twins(replace(problem, use_amount=amount))[twin] == twin


@pytest.fixture
def threads() -> Iterator[None]:
    """Put the number of threads back."""
    count = THREADS.count
    yield
    THREADS.set_count(count)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.usefixtures("threads")
def test_each_piece_is_done_once_and_by_a_single_thread_at_once(count: int):
    THREADS.set_count(count)
    done: list[tuple[str, int, int]] = []
    THREADS.run(lambda given, nth: done.append((given, nth, threading.get_ident())), 7, "given")
    assert sorted((given, nth) for given, nth, _ in done) == [("given", nth) for nth in range(7)]
    assert {one == threading.get_ident() for _, _, one in done} == {count == 1}


@pytest.mark.parametrize("solver", ["auto", "prices"])
@pytest.mark.usefixtures("threads")
def test_the_number_of_threads_changes_nothing(solver: str):
    problem = middle_problem(5)
    found = []
    for count in (1, 2, 5):
        THREADS.set_count(count)
        found.append(solve(problem, SolveSettings(120, 0.015, 3, solver), Watch()))
    for other in found[1:]:
        assert np.array_equal(found[0].taken.option, other.taken.option)
        assert np.array_equal(found[0].taken.units, other.taken.units)
        assert np.array_equal(found[0].prices, other.prices)
        assert (found[0].cost_cents, found[0].bound_cents) == (other.cost_cents, other.bound_cents)


@pytest.mark.parametrize("seed", range(4))
def test_middle_problems_get_close_to_their_bound(seed: int):
    problem = middle_problem(seed)
    solution = solve(problem, SolveSettings(6, 0.005, 0, "prices"), Watch())
    require_right(problem, solution)
    assert solution.cost_cents - solution.bound_cents <= 0.02 * solution.cost_cents


def test_a_stop_in_the_middle_ends_soon_with_a_right_plan():
    """Also while CP-SAT looks at a neighbourhood or the whole; progress only gets better."""
    for solver, wait in product(("prices", "exact"), (1, 4)):
        problem, watch, steps = middle_problem(9), Watch(), list[Progress]()

        def listen(step: Progress, watch: Watch = watch, steps: list[Progress] = steps, wait: int = wait) -> None:
            steps.append(step)
            if len(steps) == wait:
                threading.Timer(0.05, watch.stop.set).start()

        watch.listener = listen
        solution = solve(problem, SolveSettings(60, 0.0, 0, solver), watch)
        require_right(problem, solution)
        assert watch.seconds() < 20
        costs = [step.cost_cents or 0 for step in steps]
        bounds = [step.bound_cents or 0 for step in steps]
        assert costs == sorted(costs, reverse=True)
        assert bounds == sorted(bounds)
        assert solution.cost_cents <= costs[-1]


@pytest.mark.parametrize(
    ("cost", "over_options", "over_all", "is_stopped", "is_late", "reason"),
    [
        (100, 100, 100, True, True, StoppedBy.PROOF),
        (100, 99, 95, True, True, StoppedBy.GAP),
        (100, 99, 50, True, True, StoppedBy.PERSON),
        (100, 99, 50, False, True, StoppedBy.OPTIONS),
        (100, 50, 50, False, True, StoppedBy.CLOCK),
        (100, 50, 50, False, False, StoppedBy.TRIED),
    ],
)
def test_a_plan_says_what_ended_it(cost, over_options, over_all, is_stopped, is_late, reason):
    found = find_verdict(cost, (over_options, over_all), SolveSettings(10, 0.05), is_stopped, is_late)
    assert found == (PlanStatus.OPTIMAL if reason is StoppedBy.PROOF else PlanStatus.FEASIBLE, reason)


def test_running_out_of_parts_to_decide_is_not_the_clock():
    """The bound of these is not tight, and nothing in them is left to decide after a moment."""
    for kind, seed in (("whole", 17), ("divisible", 5)):
        found = solve(tiny(kind, seed), SolveSettings(60, 0.0, 0, "prices"), Watch())
        assert found.bound_cents < found.cost_cents
        assert found.stopped_by is StoppedBy.TRIED
