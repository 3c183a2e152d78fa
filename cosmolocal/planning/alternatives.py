"""Why here? What each lot would cost elsewhere or at another time, all other lots staying where they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.choosing import find_moves
from cosmolocal.records import Alternative

#: how many alternatives a plan keeps for each allocation
MOST_ALTERNATIVES = 4


def find_alternatives(table: OptionTable, choice: Ints) -> list[tuple[Alternative, ...]]:
    """Return for each lot the cheapest other options, one per workshop, those with room first; none for unmet lots."""
    resources, problem = table.resources, table.problem
    # a fair load has no end: what exceeds its steps exceeds a machine group too
    moves = find_moves(problem, choice, resources.fair_start)
    names = [way.way.workshop for way in table.ways]
    workshops, of_way = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    workshop, lot = of_way[table.option_way], problem.option_lot()
    other = np.flatnonzero((choice[lot] >= 0) & (choice[lot] != np.arange(problem.option_count)))
    cheapest = _first_of(other, lot * len(workshops) + workshop, (problem.option_cost, moves.is_full))
    order = (table.option_week, workshop, moves.extra_cents, moves.lacks_named)
    kept = cheapest[np.lexsort([column[cheapest] for column in (*order, lot)])]
    start = np.searchsorted(lot[kept], np.arange(problem.lot_count + 1))
    nth = np.arange(len(kept)) - start[lot[kept]]
    kept = kept[nth < MOST_ALTERNATIVES]
    loads, limit = problem.loads(choice), problem.largest_capacity()
    found: list[list[Alternative]] = [[] for _ in range(problem.lot_count)]
    columns = (kept, lot[kept], of_way[table.option_way[kept]], table.option_week[kept], moves.extra_cents[kept])
    for option, number, shop, week, extra in zip(*(column.tolist() for column in columns), strict=True):
        lacks = _lacks(table, (loads, limit), int(choice[number]), option) if moves.lacks_named[option] else ()
        found[number].append(Alternative(str(workshops[shop]), week, extra, lacks))
    return [tuple(row) for row in found]


def _first_of(options: Ints, group: Ints, order: tuple[NDArray[Any], ...]) -> Ints:
    """Return the first option of each group, in an order of columns that matter the more the later they stand."""
    ordered = options[np.lexsort([column[options] for column in (*order, group)])]
    is_first = np.append(True, np.diff(group[ordered]) != 0)[: len(ordered)]
    return np.asarray(ordered[is_first])


def _lacks(
    table: OptionTable, capacity: tuple[Ints, Ints], chosen: int, option: int
) -> tuple[tuple[str, int, int], ...]:
    """Return (resource, week, amount) of what an option lacks once the lot has left its place."""
    problem, (loads, limit) = table.problem, capacity
    uses, own = (slice(int(problem.use_start[one]), int(problem.use_start[one + 1])) for one in (option, chosen))
    mine = dict(zip(problem.use_resource[own].tolist(), problem.use_amount[own].tolist(), strict=True))
    pairs = zip(problem.use_resource[uses].tolist(), problem.use_amount[uses].tolist(), strict=True)
    missing = [(each, int(loads[each]) - mine.get(each, 0) + amount - int(limit[each])) for each, amount in pairs]
    named = table.resources.fair_start
    return tuple((*table.resources.name(each), lack) for each, lack in missing if lack > 0 and each < named)
