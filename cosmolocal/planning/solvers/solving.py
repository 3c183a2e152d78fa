"""A problem from its arrays to a plan with a bound; `cosmolocal.planning.solvers.choosing` says which way it takes."""

import math
from dataclasses import replace
from functools import cache

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem, Taken, require_countable
from cosmolocal.planning.solvers.by_packings import Packings, begin_packings
from cosmolocal.planning.solvers.by_prices import Run
from cosmolocal.planning.solvers.compiled import CHUNKS, THREADS, Arrays, build_arrays, compiled, piece
from cosmolocal.planning.solvers.exact import decide_whole
from cosmolocal.planning.solvers.explaining import find_moves
from cosmolocal.planning.solvers.flow import is_flow, require_flow, solve_flow
from cosmolocal.planning.solvers.parts import decide_parts
from cosmolocal.planning.solvers.placing import enter_taken, mend
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.relaxation import find_prices, priced_costs
from cosmolocal.planning.solvers.search import FEW_LOTS
from cosmolocal.planning.solvers.solution import (
    Known,
    Solution,
    SolveSettings,
    Watch,
    find_verdict,
    main_options,
)
from cosmolocal.planning.solvers.standing import build_standing
from cosmolocal.planning.solvers.twins import find_twins, merge_twins, of_first, part_twins

#: up to so many options that a better plan may hold CP-SAT decides them all at once; beyond, parts of them first
WHOLE_OPTIONS = 5_000
#: beyond so many options CP-SAT never decides the whole
MOST_OPTIONS = 200_000
#: of CP-SAT's own measure of work, for a first look at the whole
FIRST_LOOK = 3.0
#: searches before CP-SAT; more of them where there are few lots
SEARCHES, MORE_SEARCHES = 2, 4
#: batches of dives without a better plan before CP-SAT looks at the whole for the second time
LONG_PATIENCE = 32
#: of CP-SAT's own measure of work, for a first look between dives, and options up to which it looks
SHORT_LOOK, PROVABLE = 1.0, 2_500
#: times the work of the look before; dives go on twice as long, as they find less and less
LONGER_LOOK = 4
#: who asks for a smaller gap asks for the best plan there is: HiGHS helps to find it
BEST_GAP = 1e-4
#: beyond so many uses only options that never fit are looked for before solving
MANY_USES = 5_000_000
NOTHING_TAKEN = Taken(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def solve(problem: PlanningProblem, settings: SolveSettings, watch: Watch, known: Known) -> Solution:
    """Return a plan and its bound; see `cosmolocal.planning.solvers.choosing.solve`."""
    require_countable(round(float((problem.unmet_cost.astype(np.float64) * problem.units).sum())))
    # one search of lots one by one finds more than one of their twins together; more searches do not
    apart = problem.lot_units is not None or known.short_searches is not None
    first = np.arange(problem.lot_count) if apart else find_twins(problem)
    start = np.full(problem.lot_count, -1, dtype=np.int64) if known.start is None else known.start
    if (first == np.arange(problem.lot_count)).all():
        return _solve_reduced(problem, settings, watch, known, problem.whole(start))
    merged, options = merge_twins(problem, first)
    wish = of_first(problem, first, start)
    met, units = np.unique(np.searchsorted(options, wish[wish >= 0]), return_counts=True)

    def read(taken: Taken) -> Taken:
        return part_twins(problem, Taken(options[taken.option], taken.units), wish)

    with watch.seen(lambda told: told.read_by(read)):
        solution = _solve_reduced(merged, settings, watch, known, Taken(met, units))
    parted = read(solution.taken)
    return replace(solution, taken=parted, choice=main_options(problem, parted))


@cache
def make_ready() -> None:
    """Compile what solving needs, or read what was compiled, by solving something small and narrow."""
    lots, groups = 40, 4
    nth = np.arange(lots * groups)
    problem = PlanningProblem(
        option_start=np.arange(lots + 1) * groups,
        option_cost=100 + nth * 37 % 91,
        use_start=np.arange(lots * groups + 1),
        use_resource=nth % groups,
        use_amount=20 + nth * 53 % 29,
        unmet_cost=np.full(lots, 1_000),
        capacity=np.full(groups, 150),
        step_resource=np.arange(groups),
        step_size=np.full(groups, 60),
        step_blocks=np.full(groups, 2),
        step_cost=np.full(groups, 90),
        lot_units=1 + np.arange(lots) % 2,
    )
    run = Run(problem, find_prices(problem), SolveSettings(math.inf, 0.0), Watch(), None)
    run.place()
    run.search(0)
    _use_the_rest(run)


def _use_the_rest(run: Run) -> None:
    """Call what `make_ready` would leave to be compiled: most problems need it, that small one does not."""
    problem, arrays, first = run.problem, run.arrays, run.problem.option_start[:-1]
    standing = build_standing(arrays, Taken(first, problem.units))
    mend(arrays, standing)
    enter_taken(arrays, standing, first[:1], first[:1], np.zeros(1, dtype=np.int64))
    priced_costs(problem, run.prices)
    find_moves(problem, main_options(problem, run.best), 0)
    has_impossible_options(problem)
    whole = Run(replace(problem, lot_units=None), run.prices, run.settings, Watch(), None)
    packings = begin_packings(whole)
    if packings is not None:
        packings.search(patience=1)


def _solve_reduced(
    problem: PlanningProblem, settings: SolveSettings, watch: Watch, known: Known, start: Taken
) -> Solution:
    """Solve without the options that never fit; what takes one of them at the start is unmet, which is no dearer."""
    if len(problem.use_resource) > MANY_USES and not has_impossible_options(problem):
        return _solve(problem, settings, watch, known, start)
    reduced, options = presolve(problem)
    if problem.cost_of(start) > problem.cost_of(NOTHING_TAKEN):
        # its steps may be among those left out
        start = NOTHING_TAKEN
    position = np.full(problem.option_count, -1, dtype=np.int64)
    position[options] = np.arange(len(options))
    left = position[start.option] >= 0
    start = Taken(position[start.option][left], start.units[left])

    def read(taken: Taken) -> Taken:
        return Taken(options[taken.option], taken.units)

    with watch.seen(lambda told: told.read_by(read)):
        solution = _solve(reduced, settings, watch, known, start)
    taken = read(solution.taken)
    return replace(solution, taken=taken, choice=main_options(problem, taken))


def _solve(problem: PlanningProblem, settings: SolveSettings, watch: Watch, known: Known, start: Taken) -> Solution:
    solver, limit, prices = settings.solver, known.limit, known.prices
    if solver == "flow":
        require_flow(problem)
    if prices is None:
        prices = find_prices(problem, stopped=lambda: watch.stop.is_set() or watch.seconds() > settings.seconds / 2)
    if solver == "flow" or (solver == "auto" and problem.option_count and is_flow(problem)):
        taken = solve_flow(problem)
        cost = problem.cost_of(taken)
        sure = cost if limit is None else min(cost, limit)
        watch.report(cost, sure, lambda: taken)
        return _solution(problem, taken, (cost, sure), settings, watch, (prices, "flow", False))
    run = Run(problem, prices, settings, watch, limit)
    if known.short_searches is not None:
        run.resume(start)
        for number in range(known.short_searches):
            if not run.is_done():
                run.search_around(number)
        return _solution(problem, run.best, (run.bound, run.sure), settings, watch, (prices, "prices", run.is_late()))
    run.place()
    run.take(start)
    for number in range(MORE_SEARCHES if problem.lot_count <= FEW_LOTS else SEARCHES):
        if not run.is_done():
            run.search(number)
    try:
        name = _finish(run, solver)
    finally:
        run.end()
    # a whole that CP-SAT did not decide within the gap had too little time
    is_late = run.is_late() or name == "exact"
    return _solution(problem, run.best, (run.bound, run.sure), settings, watch, (prices, name, is_late))


def _finish(run: Run, solver: str) -> str:
    """Let CP-SAT decide what is open: a small problem as a whole, then parts, then the whole again; return the name.

    The first look at the whole is short: what it does not prove at once is found faster part by part, and by searching
    on. Each later look is twice as long as the one before.
    """
    few = run.problem.option_count <= MOST_OPTIONS
    packings = begin_packings(run) if few and not run.is_done() else None
    if packings is not None:
        packings.search()
    kept = run.worth_keeping() if few else np.zeros(0, dtype=np.int64)
    is_small = solver == "exact" or (solver == "auto" and few and len(kept) <= WHOLE_OPTIONS)
    # where many options are open HiGHS finds nothing in time, and takes a core from those that do
    is_beside = is_small or packings is not None
    if few and is_beside and solver != "prices" and run.settings.gap < BEST_GAP and not run.is_done():
        run.search_beside(kept)
    if packings is not None:
        return _dive_on(run, packings, solver)
    if is_small and not run.is_done():
        decide_whole(run, FIRST_LOOK)
    # what is proved cheapest of the options cannot get better, though there may be ways that are no options
    if not run.is_done() and run.cost > run.bound:
        decide_parts(run)
    looks = 0
    while not run.is_done() and not run.is_solved_out() and (is_small or (solver == "auto" and few)):
        is_small = True
        looks += 1
        decide_whole(run, FIRST_LOOK * 2**looks)
        if not run.is_done() and not run.is_solved_out():
            run.search(MORE_SEARCHES + looks)
    return "exact" if is_small else "prices"


def _dive_on(run: Run, packings: Packings, solver: str) -> str:
    """Let dives and CP-SAT take turns, each longer than the one before; return the name.

    CP-SAT sees the whole only while few options may still be part of a better plan: it is there for the proof.
    """
    looks, is_small = 0, solver == "exact"
    while not run.is_done() and not run.is_solved_out() and packings.has_time():
        if solver == "exact" or (solver == "auto" and len(run.worth_keeping()) <= PROVABLE):
            is_small = True
            decide_whole(run, SHORT_LOOK * LONGER_LOOK**looks)
        if not run.is_done() and not run.is_solved_out():
            packings.search(LONG_PATIENCE * 2**looks)
        if solver == "prices":
            break
        looks += 1
    return "exact" if is_small else "prices"


def _solution(
    problem: PlanningProblem,
    taken: Taken,
    bounds: tuple[int, int],
    settings: SolveSettings,
    watch: Watch,
    found: tuple[Ints, str, bool],
) -> Solution:
    cost, (prices, solver, is_late) = problem.cost_of(taken), found
    status, stopped_by = find_verdict(cost, bounds, settings, watch.stop.is_set(), is_late)
    return Solution(main_options(problem, taken), taken, cost, bounds[1], status, stopped_by, prices, solver)


def has_impossible_options(problem: PlanningProblem) -> bool:
    """Tell whether any option alone exceeds a capacity, or costs no less than importing."""
    found = np.zeros(CHUNKS, dtype=np.int64)
    THREADS.run(_find_impossible, CHUNKS, build_arrays(problem), found)
    return bool(found.any())


@compiled
def _find_impossible(arrays: Arrays, found: Ints, chunk: int) -> None:
    first, end = piece(len(arrays.unmet_cost), chunk)
    for lot in range(first, end):
        for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
            if arrays.option_cost[option] >= arrays.unmet_cost[lot]:
                found[chunk] = 1
            for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
                if arrays.use_amount[use] > arrays.limit[arrays.use_resource[use]]:
                    found[chunk] = 1
