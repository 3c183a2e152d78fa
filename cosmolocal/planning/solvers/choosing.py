"""Which solver takes a problem.

| solver | takes | proves |
| --- | --- | --- |
| flow | options of at most one resource, all of the same amount of it, without steps: a flow | the best plan |
| exact | problems of few options: prices, a search, then CP-SAT over all options left | the best plan, in time |
| prices | all others: prices, a search, then CP-SAT part by part | a bound |
"""

# ruff: noqa: PLC0415 - OR-Tools and compiled code are read at the first problem: pages and commands start without them

import math
from typing import TYPE_CHECKING

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.solution import NOTHING_KNOWN, Known, Solution, SolveSettings, Watch, main_options

if TYPE_CHECKING:
    from cosmolocal.planning.solvers.explaining import Moves


def solve(problem: PlanningProblem, settings: SolveSettings, watch: Watch, known: Known = NOTHING_KNOWN) -> Solution:
    """Return a plan within ``settings.gap`` of the best, or the best found in time.

    Same problem and settings give the same solution unless the clock or a person stopped it, whatever the number of
    threads.
    """
    get_ready(watch)
    from cosmolocal.planning.solvers import solving

    return solving.solve(problem, settings, watch, known)


def get_ready(watch: Watch) -> None:
    """Load and compile what solving needs; it does not count as solving, so the watch is set forward by it.

    Compiling what has not been compiled on this machine takes most of a minute, once; the watch is told when it begins.
    """
    before = watch.seconds()
    from cosmolocal.planning.solvers import compiled, solving

    with compiled.telling(watch.on_compiling):
        solving.make_ready()
    watch.started += watch.seconds() - before


def require_flow(problem: PlanningProblem) -> None:
    """Refuse a problem that is no flow; see `flow.require_flow`."""
    from cosmolocal.planning.solvers import flow

    flow.require_flow(problem)


def place(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return a quick plan: lots one by one to their best option with room, then improved one by one."""
    from cosmolocal.planning.solvers import by_prices

    return main_options(problem, by_prices.place(problem, prices))


def improve(problem: PlanningProblem, choice: Ints) -> Ints:
    """Return a choice no single lot can improve by itself; see `by_prices.improve`."""
    from cosmolocal.planning.solvers import by_prices

    return main_options(problem, by_prices.improve(problem, problem.whole(choice)))


def find_prices(
    problem: PlanningProblem, watch: Watch, rough: bool = False, start: Ints | None = None, until: float = math.inf
) -> Ints:
    """Return the prices at which the bound is about highest; see `relaxation.find_prices`.

    Who stops the watch, or the clock when it is ``until`` seconds, gets the best so far.
    """
    from cosmolocal.planning.solvers import relaxation

    temperatures = relaxation.ROUGH_TEMPERATURES if rough else relaxation.TEMPERATURES
    return relaxation.find_prices(problem, temperatures, start, lambda: watch.stop.is_set() or watch.seconds() > until)


def lagrangian_bound(problem: PlanningProblem, prices: Ints, weights: Ints | None = None) -> int:
    """Return a cost that no choice can beat; see `relaxation.lagrangian_bound`."""
    from cosmolocal.planning.solvers import relaxation

    return relaxation.lagrangian_bound(problem, prices, weights)


def find_moves(problem: PlanningProblem, choice: Ints, named: int) -> "Moves":
    """Return what other options would cost each lot; see `explaining.find_moves`."""
    from cosmolocal.planning.solvers import explaining

    return explaining.find_moves(problem, choice, named)


def least_priced(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return for each lot the least priced cost of a unit; see `relaxation.least_priced`."""
    from cosmolocal.planning.solvers import relaxation

    return relaxation.least_priced(problem, prices)


def priced_costs(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return the cost of each option with its resources paid for; see `relaxation.priced_costs`."""
    from cosmolocal.planning.solvers import relaxation

    return relaxation.priced_costs(problem, prices)
