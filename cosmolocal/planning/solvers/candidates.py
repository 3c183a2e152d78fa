"""What is still open once prices are known: lots with options that are nearly as good as their best."""

from dataclasses import dataclass

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.compiled import CHUNKS, THREADS, Arrays, compiled, piece, priced_cost
from cosmolocal.planning.solvers.standing import Standing, held

#: stands for "no second option"
NONE = 1 << 60
#: options of a lot that stay open at most in a large problem
MOST_OPTIONS = 12
#: a lot whose units go by more options than this is left as it is
MOST_HELD = 200


@dataclass(frozen=True, slots=True)
class Regrets:
    """How the options of each lot stand at the prices; regrets in thousandths of a cent per unit."""

    #: [L] option with the least priced cost; −1: unmet
    first: Ints
    #: [L] by how much the next best is dearer, unmet included; `NONE`: there is none
    regret: Ints


def find_regrets(arrays: Arrays, prices: Ints) -> Regrets:
    """Return how the options of each lot stand at the prices."""
    first = np.empty(len(arrays.unmet_cost), dtype=np.int64)
    regret = np.empty_like(first)
    THREADS.run(_scan, CHUNKS, arrays, prices, first, regret)
    return Regrets(first, regret)


@compiled
def _scan(arrays: Arrays, prices: Ints, first: Ints, regret: Ints, chunk: int) -> None:
    first_lot, end_lot = piece(len(first), chunk)
    for lot in range(first_lot, end_lot):
        best, second, at = int(arrays.unmet_cost[lot]) * 1000, NONE, -1
        for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
            priced = priced_cost(arrays, prices, option)
            if priced < best:
                best, second, at = priced, best, option
            else:
                second = min(second, priced)
        first[lot] = at
        regret[lot] = min(NONE, second - best)


@compiled
def _collect(arrays: Arrays, prices: Ints, lots: Ints, standing: Standing, rows: Ints, chunk: int) -> None:
    """Write the open options of ``lots`` into ``rows``, [lots × (1 + 2 × most options)]; −1: none.

    The first column holds by how much options may be dearer than the best, the last ones what options cost.
    Options at hand always stay open.
    """
    first, end = piece(len(lots), chunk)
    most = rows.shape[1] // 2
    for nth in range(first, end):
        lot, cut = lots[nth], rows[nth, 0]
        row, weight = rows[nth, 1 : most + 1], rows[nth, most + 1 :]
        row[:] = -1
        count = 0
        least = arrays.unmet_cost[lot] * 1000
        for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
            priced = priced_cost(arrays, prices, option)
            least = min(least, priced)
            if held(arrays, standing, lot, option) > 0:
                priced -= NONE
            if count == most and priced >= weight[count - 1]:
                continue
            count = min(count + 1, most)
            place = count - 1
            while place > 0 and weight[place - 1] > priced:
                weight[place], row[place] = weight[place - 1], row[place - 1]
                place -= 1
            weight[place], row[place] = priced, option
        for place in range(count):
            if weight[place] > least + cut:
                row[place] = -1


@dataclass(frozen=True, slots=True)
class OpenTo:
    """Which options of an open lot stay open."""

    #: [thousandths of a cent] by how much they may be dearer than the best at the prices
    cut: int
    #: how many at most, unless the units of a lot go by more
    most: int = MOST_OPTIONS


@dataclass(frozen=True, slots=True)
class OpenLots:
    """The lots that are open, with the options that are: a small problem within the large one."""

    #: [open lots] their lots, and their arrays; loads and limits are those of the whole problem
    lots: Ints
    arrays: Arrays
    #: [open options] their options
    options: Ints
    #: [open options] lot among the open lots
    option_lot: Ints
    #: [R + 1], [uses] options that use resource r: user_option[user_start[r] : user_start[r + 1]]
    user_start: Ints
    user_option: Ints


def _count_held(arrays: Arrays, lots: Ints, standing: Standing) -> Ints:
    """Return how many options the units of each lot go by, [lots]; of lots of one unit 0."""
    if len(standing.taken) == 0:
        return np.zeros(len(lots), dtype=np.int64)
    used = np.append(0, np.cumsum(standing.taken > 0))
    return np.asarray(used[arrays.option_start[lots + 1]] - used[arrays.option_start[lots]])


def open_lots(arrays: Arrays, prices: Ints, lots: Ints, standing: Standing, bounds: OpenTo) -> OpenLots:
    """Return ``lots`` with their best options."""
    used = _count_held(arrays, lots, standing)
    lots = lots[used <= MOST_HELD]
    there = int((arrays.option_start[lots + 1] - arrays.option_start[lots]).max(initial=1))
    most = max(min(bounds.most, there), int(np.max(used, initial=0, where=used <= MOST_HELD)))
    rows = np.full((len(lots), 1 + 2 * most), bounds.cut, dtype=np.int64)
    THREADS.run(_collect, CHUNKS, arrays, prices, lots, standing, rows)
    kept = np.sort(rows[:, 1 : most + 1], axis=1)
    counts = (kept >= 0).sum(axis=1)
    options = kept[kept >= 0]
    uses = arrays.use_start[options + 1] - arrays.use_start[options]
    use_start = np.concatenate(([0], np.cumsum(uses)))
    flat = np.repeat(arrays.use_start[options] - use_start[:-1], uses) + np.arange(use_start[-1])
    resource = arrays.use_resource[flat]
    order = np.argsort(resource, kind="stable")
    user_start = np.searchsorted(resource[order], np.arange(len(arrays.capacity) + 1))
    small = arrays._replace(
        option_start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        option_cost=arrays.option_cost[options],
        use_start=use_start.astype(np.int64),
        use_resource=resource,
        use_amount=arrays.use_amount[flat],
        unmet_cost=arrays.unmet_cost[lots],
        lot_units=arrays.lot_units[lots],
    )
    user_option = np.repeat(np.arange(len(options)), uses)[order].astype(np.int64)
    option_lot = np.repeat(np.arange(len(lots)), counts)
    return OpenLots(lots, small, options, option_lot, user_start.astype(np.int64), user_option)
