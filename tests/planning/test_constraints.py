"""Each constraint of the CP-SAT model alone, on a problem of two lots and two places."""

import pytest
from ortools.sat.python import cp_model
from planning.tiny_problems import ints

from cosmolocal.planning.problem import PlanningProblem, Taken
from cosmolocal.planning.solvers.choice_model import (
    ChoiceModel,
    each_lot_takes_at_most_its_units,
    no_resource_exceeds_its_capacity,
    total_cost,
)

#: option names: lot and place
LAMP_NORTH, LAMP_SOUTH, STOOL_NORTH, STOOL_SOUTH = range(4)
NOTHING = Taken(ints([]), ints([]))


@pytest.fixture
def two_by_two() -> PlanningProblem:
    """Return the choice of a place for a lamp (70 minutes) and a stool (50 minutes).

    The north has 100 minutes and is cheap, the south has 60 and is dear.
    North alone has room for one of them and, with two more blocks of 10 minutes at 40 cents, for both.
    By hand: lamp north 100 + stool south 220 = 320; both north 100 + 150 + 2 × 40 = 330; lamp south never fits.
    """
    return PlanningProblem(
        option_start=ints([0, 2, 4]),
        option_cost=ints([100, 130, 150, 220]),
        use_start=ints([0, 1, 2, 3, 4]),
        use_resource=ints([0, 1, 0, 1]),
        use_amount=ints([70, 70, 50, 50]),
        unmet_cost=ints([900, 800]),
        capacity=ints([100, 60]),
        step_resource=ints([0]),
        step_size=ints([10]),
        step_blocks=ints([2]),
        step_cost=ints([40]),
    )


class Bench:
    """Variables without constraints; the test adds those it is about."""

    def __init__(self, problem: PlanningProblem) -> None:
        self.problem, self.model = problem, cp_model.CpModel()
        self.take = [self.model.new_bool_var("") for _ in range(problem.option_count)]
        self.blocks = [self.model.new_int_var(0, blocks, "") for blocks in problem.step_blocks.tolist()]
        self.kept = ints(range(problem.option_count))

    def allows(self, *options: int, blocks: int = 0) -> bool:
        for option, variable in enumerate(self.take):
            self.model.add(variable == (option in options))
        for variable in self.blocks:
            self.model.add(variable == blocks)
        return cp_model.CpSolver().solve(self.model) == cp_model.OPTIMAL


@pytest.mark.parametrize(
    ("options", "is_allowed"),
    [
        ((), True),
        ((LAMP_NORTH,), True),
        ((LAMP_NORTH, STOOL_NORTH), True),
        ((LAMP_NORTH, LAMP_SOUTH), False),
        ((STOOL_NORTH, STOOL_SOUTH), False),
    ],
)
def test_each_lot_takes_at_most_one_option(two_by_two: PlanningProblem, options: tuple[int, ...], is_allowed: bool):
    bench = Bench(two_by_two)
    each_lot_takes_at_most_its_units(bench.model, bench.take, two_by_two.option_lot(), two_by_two.units)
    assert bench.allows(*options) is is_allowed


@pytest.mark.parametrize(
    ("options", "blocks", "is_allowed"),
    [
        ((LAMP_NORTH,), 0, True),
        ((LAMP_NORTH, STOOL_SOUTH), 0, True),
        ((LAMP_SOUTH,), 2, False),
        ((LAMP_NORTH, STOOL_NORTH), 0, False),
        ((LAMP_NORTH, STOOL_NORTH), 1, False),
        ((LAMP_NORTH, STOOL_NORTH), 2, True),
    ],
)
def test_no_resource_exceeds_its_capacity(
    two_by_two: PlanningProblem, options: tuple[int, ...], blocks: int, is_allowed: bool
):
    bench = Bench(two_by_two)
    no_resource_exceeds_its_capacity(bench.model, bench.take, bench.blocks, two_by_two, bench.kept)
    assert bench.allows(*options, blocks=blocks) is is_allowed


def test_capacity_counts_only_the_options_kept(two_by_two: PlanningProblem):
    bench = Bench(two_by_two)
    bench.take = bench.take[:1]
    no_resource_exceeds_its_capacity(bench.model, bench.take, bench.blocks, two_by_two, ints([STOOL_SOUTH]))
    assert bench.allows(0)


@pytest.mark.parametrize(
    ("options", "blocks", "cents"),
    [
        ((), 0, 1_700),
        ((LAMP_NORTH,), 0, 900),
        ((LAMP_NORTH, STOOL_SOUTH), 0, 320),
        ((LAMP_NORTH, STOOL_NORTH), 2, 330),
    ],
)
def test_total_cost_sums_options_imports_and_blocks(
    two_by_two: PlanningProblem, options: tuple[int, ...], blocks: int, cents: int
):
    bench = Bench(two_by_two)
    bench.model.minimize(total_cost(bench.take, bench.blocks, two_by_two, bench.kept))
    for option, variable in enumerate(bench.take):
        bench.model.add(variable == (option in options))
    bench.model.add(bench.blocks[0] == blocks)
    solver = cp_model.CpSolver()
    solver.solve(bench.model)
    assert solver.objective_value == cents


def test_the_whole_model_finds_what_the_hand_finds(two_by_two: PlanningProblem):
    model = ChoiceModel(two_by_two, ints(range(4)), NOTHING)
    solver = cp_model.CpSolver()
    taken = model.read(solver, solver.solve(model.model))
    assert taken is not None
    assert (taken.option.tolist(), taken.units.tolist()) == ([LAMP_NORTH, STOOL_SOUTH], [1, 1])
