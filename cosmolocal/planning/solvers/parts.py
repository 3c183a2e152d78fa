"""Deciding a large problem part by part, and a small one as a whole."""

from cosmolocal.planning.solvers.by_prices import Run
from cosmolocal.planning.solvers.candidates import MOST_OPTIONS
from cosmolocal.planning.solvers.neighbourhoods import Neighbourhoods
from cosmolocal.planning.solvers.standing import build_standing, read_taken


def decide_parts(run: Run) -> None:
    """Decide neighbourhood by neighbourhood until the gap, the clock, a person or the largest of them ends it."""
    standing = build_standing(run.arrays, run.best)
    # the more options, the fewer lots CP-SAT can decide at once
    search = run.open(standing, MOST_OPTIONS)
    inner = search.enter(standing)
    parts = Neighbourhoods(search.opened, run.prices, inner)
    while not run.is_done() and not parts.is_done:
        if parts.round(run.dice, run.settings.seed):
            search.leave(inner, standing)
            run.take(read_taken(standing))
