"""The moves of the large-scale search: what is noted of a plan is always what the plan is."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numba
import numpy as np
import pytest
from planning.tiny_problems import (
    as_dict,
    empty_problem,
    ints,
    middle_problem,
    naive_cost_of,
    naive_faults,
    naive_loads_of,
    one_use,
    random_divisible_problem,
)

from cosmolocal.planning.problem import PlanningProblem, Taken
from cosmolocal.planning.solvers import choosing
from cosmolocal.planning.solvers import search as searching
from cosmolocal.planning.solvers.annealing import ANYWHERE
from cosmolocal.planning.solvers.by_prices import Run, improve, improve_all
from cosmolocal.planning.solvers.candidates import MOST_HELD, find_regrets
from cosmolocal.planning.solvers.compiled import build_arrays, telling
from cosmolocal.planning.solvers.neighbourhoods import Neighbourhoods
from cosmolocal.planning.solvers.placing import enter_taken, mend, place_lots
from cosmolocal.planning.solvers.relaxation import find_prices, lagrangian_bound, least_priced, priced_costs
from cosmolocal.planning.solvers.room import Room
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.planning.solvers.standing import Standing, build_standing, nothing_taken, read_taken
from cosmolocal.planning.solvers.zoning import build_zones, order_resources

ROOT = Path(__file__).parent.parent.parent
#: what pytest puts on the path
PATHS = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
#: opened to a few lots and options only, as large problems are, and wide
OPENINGS = [(0, 0), (2_000, 100_000)]


def require_true(problem: PlanningProblem, standing: Standing, *, within: bool = True) -> None:
    """Check what a standing says of itself: loads, units, and capacities unless they may be left."""
    taken = as_dict(read_taken(standing))
    assert standing.loads.tolist() == naive_loads_of(problem, taken)
    faults = naive_faults(problem, taken)
    assert [fault for fault in faults if within or not fault.startswith("resource")] == []
    for lot, units in enumerate(problem.units.tolist()):
        held = sum(taken.get(option, 0) for option in range(problem.option_start[lot], problem.option_start[lot + 1]))
        if units > 1:
            assert standing.choice[lot] == -1
            assert standing.spare[lot] == units - held
        else:
            assert standing.spare[lot] == 0
    assert (standing.taken >= 0).all()


@pytest.fixture(params=OPENINGS, ids=["narrow", "wide"])
def opening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open problems as if they were large, or small."""
    few_lots, few_options = request.param
    monkeypatch.setattr(searching, "FEW_LOTS", few_lots)
    monkeypatch.setattr(searching, "FEW_OPTIONS", few_options)


def start(problem: PlanningProblem, seed: int) -> tuple[Run, Standing]:
    """Return a run, and a standing in which each lot has its best option at the prices, whatever the capacities."""
    run = Run(problem, find_prices(problem), SolveSettings(60, 0.0, seed), Watch(), None)
    first = run.regrets.first
    return run, build_standing(run.arrays, Taken(first[first >= 0], problem.units[first >= 0]))


@pytest.mark.usefixtures("opening")
@pytest.mark.parametrize("seed", range(6))
def test_whatever_moves_loads_and_units_stay_true(seed: int):
    problem = middle_problem(seed, lots=250, resources=60)
    run, standing = start(problem, seed)
    require_true(problem, standing, within=False)
    run.open(standing).cool(standing, 20, run.dice, lambda: False)
    require_true(problem, standing, within=False)
    mend(run.arrays, standing)
    require_true(problem, standing)
    before = problem.cost_of(read_taken(standing))
    improve_all(run.arrays, standing)
    require_true(problem, standing)
    improved = problem.cost_of(read_taken(standing))
    run.open(standing).polish(standing, 20, run.dice, lambda: False)
    require_true(problem, standing, within=False)
    assert improved <= before


@pytest.mark.usefixtures("opening")
@pytest.mark.parametrize("seed", range(2))
def test_neighbourhoods_keep_plans_right_and_only_make_them_cheaper(seed: int):
    problem = middle_problem(seed, lots=250, resources=40)
    run, standing = start(problem, seed)
    mend(run.arrays, standing)
    search = run.open(standing)
    inner = search.enter(standing)
    parts = Neighbourhoods(search.opened, run.prices, inner)
    cost, helped = problem.cost_of(read_taken(standing)), 0
    for _ in range(5):
        found = parts.round(run.dice, seed)
        search.leave(inner, standing)
        require_true(problem, standing)
        now = naive_cost_of(problem, as_dict(read_taken(standing)))
        assert (now < cost) if found else (now == cost)
        helped += found
        cost = now
    assert helped


def test_a_lot_on_very_many_options_is_left_alone_and_keeps_its_units():
    """Once its units beyond the options that stay open were counted as unmet, and taken twice."""
    for options in (40, MOST_HELD + 40):
        problem = empty_problem(
            lots=2,
            options=options,
            resources=options,
            use_start=range(2 * options + 1),
            use_resource=[*range(options)] * 2,
            use_amount=[1] * (2 * options),
            capacity=[2] * options,
            lot_units=[options + 5, options],
            option_cost=[*range(2 * options)],
            unmet_cost=[5_000, 5_000],
        )
        run, _ = start(problem, 0)
        standing = build_standing(run.arrays, Taken(ints(range(2 * options)), ints([1] * (2 * options))))
        search = run.open(standing)
        search.cool(standing, 30, run.dice, lambda: False)
        require_true(problem, standing, within=False)
        mend(run.arrays, standing)
        require_true(problem, standing)
        search = run.open(standing)
        parts = Neighbourhoods(search.opened, run.prices, search.enter(standing))
        for _ in range(3):
            parts.round(run.dice, 0)
            search.leave(parts.standing, standing)
            require_true(problem, standing)


@pytest.mark.parametrize("seed", range(40))
def test_entering_what_is_taken_is_all_or_nothing(seed: int):
    problem = random_divisible_problem(seed)
    arrays, dice = build_arrays(problem), np.random.default_rng(seed)
    standing = nothing_taken(arrays)
    for _ in range(20):
        lots = ints(np.sort(dice.choice(problem.lot_count, dice.integers(1, problem.lot_count + 1), replace=False)))
        options = ints([o for lot in lots for o in range(problem.option_start[lot], problem.option_start[lot + 1])])
        units = ints(np.zeros(len(options)))
        for lot in lots.tolist():
            mine = np.flatnonzero((options >= problem.option_start[lot]) & (options < problem.option_start[lot + 1]))
            for _ in range(int(dice.integers(0, problem.units[lot] + 1)) if len(mine) else 0):
                units[dice.choice(mine)] += 1
        before = as_dict(read_taken(standing))
        wanted = {option: count for option, count in before.items() if option not in set(options.tolist())}
        wanted |= {option: count for option, count in zip(options.tolist(), units.tolist(), strict=True) if count}
        helps = not naive_faults(problem, wanted) and naive_cost_of(problem, wanted) < naive_cost_of(problem, before)
        assert enter_taken(arrays, standing, lots, options, units) is helps
        require_true(problem, standing)
        assert as_dict(read_taken(standing)) == (dict(sorted(wanted.items())) if helps else before)


@pytest.mark.parametrize("seed", range(40))
def test_placing_and_improving_divisible_lots_keeps_the_capacities(seed: int):
    problem = random_divisible_problem(seed)
    arrays = build_arrays(problem)
    standing = nothing_taken(arrays)
    place_lots(arrays, find_prices(problem), ints(range(problem.lot_count)), standing)
    require_true(problem, standing)
    placed = read_taken(standing)
    improved = improve(problem, placed)
    assert naive_faults(problem, as_dict(improved)) == []
    assert naive_cost_of(problem, as_dict(improved)) <= naive_cost_of(problem, as_dict(placed))


def test_units_that_cost_more_than_importing_are_let_go():
    problem = one_use(1, step_resource=[0], step_size=[1], step_blocks=[9], step_cost=[200], lot_units=[3])
    assert as_dict(improve(problem, Taken(ints([0]), ints([3])))) == {}


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.71])
@pytest.mark.parametrize("zones", [1, 2, 4])
def test_zones_share_no_resource_and_no_lot(zones: int, shift: float):
    problem = middle_problem(1, lots=250, resources=60)
    run, standing = start(problem, 1)
    search = run.open(standing)
    inner = search.enter(standing)
    found = build_zones(search.opened, inner, order_resources(search.opened), zones, shift)
    arrays = search.opened.arrays
    touched: list[set[int]] = []
    seen: set[int] = set()
    for zone in range(zones):
        lots = found.lots[found.start[zone] : found.start[zone + 1]].tolist()
        assert seen.isdisjoint(lots)
        seen.update(lots)
        assert all(found.lot_zone[lot] == zone for lot in lots)
        options = [
            option
            for lot in lots
            for option in range(arrays.option_start[lot], arrays.option_start[lot + 1])
            if found.option_zone[option] == zone
        ]
        uses = [use for option in options for use in range(arrays.use_start[option], arrays.use_start[option + 1])]
        touched.append({int(arrays.use_resource[use]) for use in uses})
    assert sum(len(resources) for resources in touched) == len(set().union(*touched))
    assert len(seen) > 50
    for option in np.flatnonzero(found.option_zone == ANYWHERE).tolist():
        assert arrays.use_start[option] == arrays.use_start[option + 1]


def test_lots_that_use_nothing_at_best_take_part_in_the_search():
    """Presolve takes the uses of idle resources away; such options lay in no zone once."""
    problem = empty_problem(
        lots=40,
        options=2,
        resources=1,
        use_start=[0, *np.repeat(np.arange(1, 41), 2).tolist()][: 2 * 40 + 1],
        use_resource=[0] * 40,
        use_amount=[1] * 40,
        capacity=[20],
        option_cost=[5, 50] * 40,
    )
    run, standing = start(problem, 0)
    search = run.open(standing)
    inner = search.enter(standing)
    zones = build_zones(search.opened, inner, order_resources(search.opened), 1, 0.0)
    assert (zones.option_zone == ANYWHERE).sum() == 40
    assert (zones.lot_zone == 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_compiled_counts_as_plain_python_does(seed: int):
    problem = random_divisible_problem(seed)
    dice = np.random.default_rng(seed)
    prices = ints(dice.integers(0, 9_000, problem.resource_count))
    arrays = build_arrays(problem)
    priced = [
        int(problem.option_cost[option]) * 1000
        + sum(
            int(prices[problem.use_resource[use]] * problem.use_amount[use])
            for use in range(problem.use_start[option], problem.use_start[option + 1])
        )
        for option in range(problem.option_count)
    ]
    assert priced_costs(problem, prices).tolist() == priced
    regrets = find_regrets(arrays, prices)
    for lot in range(problem.lot_count):
        mine = priced[problem.option_start[lot] : problem.option_start[lot + 1]]
        every = sorted([int(problem.unmet_cost[lot]) * 1000, *mine])
        assert least_priced(problem, prices)[lot] == every[0]
        if mine:
            assert regrets.regret[lot] == every[1] - every[0]
        first = int(regrets.first[lot])
        assert (priced[first] if first >= 0 else int(problem.unmet_cost[lot]) * 1000) == every[0]


def test_amounts_beyond_32_bits_stay_what_they_are():
    """As minutes of a lot of absurd size: a number that wraps around would fit anywhere."""
    problem = empty_problem(
        lots=1, options=1, resources=1, use_start=[0, 1], use_resource=[0], use_amount=[(1 << 32) + 1], capacity=[100]
    )
    assert as_dict(improve(problem, Taken(ints([]), ints([])))) == {}
    assert not Room(problem).fits(0)


def test_numba_still_compiles_without_counting_references():
    """The option is numba's own and private: without it moves are ten times slower (`compiled`)."""
    said = "numba has no option _nrt any longer: measure the moves again, and take it out of compiled.py"
    try:
        double = numba.njit(_nrt=False, nogil=True)(lambda values: values[0] * 2)
        assert double(np.array([21])) == 42, said
    except (KeyError, TypeError, numba.core.errors.NumbaError) as error:
        pytest.fail(f"{said} ({error})")


@pytest.mark.parametrize("module", ["cosmolocal.cli", "cosmolocal.web", "cosmolocal.workflows"])
def test_commands_and_pages_start_without_the_solvers(module: str):
    """What takes a second to load is loaded at the first problem."""
    code = (
        f"import sys, {module}; print([name for name in ('numba', 'scipy.optimize', 'ortools') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_what_is_made_ready_leaves_nothing_to_be_compiled_while_solving():
    """Else a plan would take half a minute longer on a fresh machine, and the clock would count it."""
    code = """
import sys
from planning.planned import planned
from planning.town import town
from cosmolocal.planning.solvers.choosing import get_ready
from cosmolocal.planning.solvers.solution import SolveSettings, Watch

def kinds():
    return {
        (name, thing.py_func.__qualname__): len(thing.signatures)
        for name, module in sys.modules.items() if name.startswith("cosmolocal.planning")
        for thing in vars(module).values() if hasattr(thing, "signatures")
    }

get_ready(Watch())
before = kinds()
for orders in (20, 120):
    planned(*town(1, orders), SolveSettings(3.0, 0.0, 1))
after = kinds()
print(len(before) > 10, sorted(name for name in after if after[name] != before.get(name)))
"""
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": PATHS},
    )
    assert found.stdout.split(maxsplit=1) == ["True", "[]\n"]


def test_it_is_told_once_that_something_is_compiled():
    told: list[str] = []

    def double(value: int) -> int:
        return 2 * value

    one, other, third = (numba.njit(double) for _ in range(3))
    with telling(None):
        one(21)
    with telling(lambda: told.append("now")):
        assert one(21) == 42
        assert told == []
        assert other(21) + third(21) == 84
    assert told == ["now"]


class Impatient(threading.Event):
    """Is set as soon as somebody asks for the third time."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked >= 3


def test_the_search_for_prices_ends_when_it_is_stopped_and_its_prices_are_good_for_a_bound():
    problem = middle_problem(1, lots=250, resources=60)
    watch = Watch(stop=Impatient())
    stopped, best = choosing.find_prices(problem, watch), choosing.find_prices(problem, Watch())
    assert watch.stop.asked < 10
    assert lagrangian_bound(problem, stopped) < lagrangian_bound(problem, best)
