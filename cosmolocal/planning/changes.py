"""What a plan changes against the one before, and why: read from the arrays into records."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from cosmolocal.planning.earlier import stands_as
from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.resolving import Replanned
from cosmolocal.planning.steering import Rules
from cosmolocal.records import Changes, Declined, Earlier, LotState, Move, Reason, Unmet


def describe_changes(
    table: OptionTable, found: Replanned, rules: Rules, earlier: tuple[Earlier, ...], declined: tuple[Declined, ...]
) -> Changes:
    """Return what a plan took over and what it moves; what stays for all its hindrance is hindered by nothing."""
    number = {lot.id: index for index, lot in enumerate(table.lots)}
    rows, moves = [], []
    for row in earlier:
        if row.state is LotState.DONE:
            rows.append(row)
            continue
        lot = number[row.lot]
        option = int(found.solution.choice[lot])
        if option >= 0 and _now(table, option) == stands_as(row):
            rows.append(replace(row, hindrance=None))
            continue
        rows.append(row)
        to_workshop = table.ways[int(table.option_way[option])].way.workshop if option >= 0 else ""
        to_week = int(table.option_week[option]) if option >= 0 else None
        why = row.hindrance or _why(table, found.solution.prices, lot, (int(rules.before[lot]), option))
        forced = row.hindrance is not None
        moves.append(Move(row.lot, row.workshop, row.week, to_workshop, to_week, why, forced))
    return Changes(
        previous="",
        weeks_later=0,
        most_moves=rules.most_moves,
        move_cents=rules.move_cents,
        earlier=tuple(rows),
        declined=declined,
        moves=tuple(moves),
        steered_bound_cents=found.steered_bound_cents,
        free_bound_cents=found.free_bound_cents,
        next_move_cents=found.next_move_cents,
    )


def _now(table: OptionTable, option: int) -> tuple[object, int]:
    return table.ways[int(table.option_way[option])].way.places(), int(table.option_week[option])


def _why(table: OptionTable, prices: Ints, lot: int, options: tuple[int, int]) -> Reason:
    """Return why a lot moves that could have stayed: it saves by itself, or it makes room where room is dear."""
    problem, (old, new) = table.problem, options
    after = int(problem.option_cost[new]) if new >= 0 else int(problem.unmet_cost[lot])
    saves_cents = int(problem.option_cost[old]) - after
    if saves_cents > 0:
        return Reason("cheaper", {"saves_cents": saves_cents})
    span = slice(int(problem.use_start[old]), int(problem.use_start[old + 1]))
    worth = prices[problem.use_resource[span]] * problem.use_amount[span]
    if worth.max(initial=0) > 0:
        resource = int(problem.use_resource[span][int(np.argmax(worth))])
        if resource < table.resources.fair_start:
            name, week = table.resources.name(resource)
            return Reason("makes-room", {"resource": name, "week": week})
    return Reason("rearranged")


def explain_declined(unmet: Iterable[Unmet], closed: Mapping[str, Iterable[Declined]]) -> tuple[Unmet, ...]:
    """Return unmet lots whose reasons begin with who may not make them; what only seems a reason without them goes.

    ``closed`` holds who declined, and whom a planner forbade, by the code of the reason.
    """
    by_lot: dict[str, list[Reason]] = {}
    for code, rows in closed.items():
        for row in rows:
            by_lot.setdefault(row.lot, []).append(Reason(code, {"workshop": row.workshop}))
    vague = ("gap", "no-way", "radius")
    return tuple(
        replace(row, reasons=(*by_lot[row.lot], *(each for each in row.reasons if each.code not in vague)))
        if row.lot in by_lot
        else row
        for row in unmet
    )
