"""A second look at what stays unmet: every workshop is considered for it, not just the cheapest ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choosing import improve, solve
from cosmolocal.planning.solvers.solution import Known, Solution, SolveSettings, Watch
from cosmolocal.records import Order, PlanStatus, StoppedBy


@dataclass(frozen=True, slots=True)
class Solving:
    """How a plan is being solved."""

    settings: SolveSettings
    watch: Watch


def widen(
    builder: OptionBuilder, table: OptionTable, solution: Solution, orders: Mapping[str, Order], solving: Solving
) -> tuple[OptionTable, Solution]:
    """Return the options with those of all workshops for unmet lots, and the plan after trying them.

    The bound stays: it holds for all ways. Where the options were solved out without reaching the gap, they are
    solved again.
    """
    if builder.is_complete or not _add_ways(builder, table, solution.choice, orders):
        return table, solution
    wider = builder.build(table.lots, orders.values())
    choice = improve(wider.problem, carry_over(table, solution.choice, wider))
    better = judge(solution, choice, wider.problem, solving.settings)
    if better.stopped_by is StoppedBy.OPTIONS:
        again = solve(wider.problem, solving.settings, solving.watch, Known(solution.bound_cents))
        if again.cost_cents < better.cost_cents:
            still = replace(again, bound_cents=solution.bound_cents)
            better = judge(still, again.choice, wider.problem, solving.settings)
    return wider, better


def _add_ways(builder: OptionBuilder, table: OptionTable, choice: Ints, orders: Mapping[str, Order]) -> bool:
    everywhere = builder.like(builder.ground, builder.resources)
    known = {(way.lot, way.key) for way in table.ways}
    found = False
    for number in np.flatnonzero(choice < 0).tolist():
        lot = table.lots[number]
        for way in everywhere.lot_ways(number, lot, orders[lot.order]):
            if (number, way.key) not in known:
                builder.add_way(lot, way.way, way.delivery)
                found = True
    return found


def carry_over(table: OptionTable, choice: Ints, wider: OptionTable) -> Ints:
    """Return a choice of one table as the same choice of another that has all its options."""
    number_of = {(way.lot, way.key): number for number, way in enumerate(wider.ways)}
    carried = np.full(len(choice), -1, dtype=np.int64)
    for lot, option in enumerate(choice.tolist()):
        if option >= 0:
            way = table.ways[int(table.option_way[option])]
            # the options of a way stand together, week by week
            first = int(np.searchsorted(wider.option_way, number_of[lot, way.key]))
            carried[lot] = first + int(table.option_week[option]) - int(wider.option_week[first])
    return carried


def judge(solution: Solution, choice: Ints, problem: PlanningProblem, settings: SolveSettings) -> Solution:
    """Return the solution with a cheaper choice and the status that goes with its cost."""
    cost = problem.cost(choice)
    status, stopped_by = solution.status, solution.stopped_by
    if cost == solution.bound_cents:
        status, stopped_by = PlanStatus.OPTIMAL, StoppedBy.PROOF
    elif cost - solution.bound_cents <= settings.gap * cost and stopped_by in (StoppedBy.OPTIONS, StoppedBy.TRIED):
        stopped_by = StoppedBy.GAP
    return replace(
        solution, choice=choice, taken=problem.whole(choice), cost_cents=cost, status=status, stopped_by=stopped_by
    )
