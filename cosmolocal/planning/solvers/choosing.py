"""Which solver takes a problem. OR-Tools is read at the first problem: it costs pages and commands time and memory."""

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.solution import Solution, SolveSettings, Watch


def solve(
    problem: PlanningProblem,
    settings: SolveSettings,
    watch: Watch,
    limit: int | None = None,
    prices: Ints | None = None,
) -> Solution:
    """Return a plan within ``settings.gap`` of the best, or the best found in time; see `exact.solve`."""
    from cosmolocal.planning.solvers import exact  # noqa: PLC0415 - see above

    return exact.solve(problem, settings, watch, limit, prices)
