"""Whole packings: each resource takes the best set of options it has room for, while lots have prices.

Where every option uses at most one resource, it can be relaxed that a lot is served once, instead of the capacities.
What is left falls apart into one knapsack a resource, which is decided exactly. The bound is never below that of the
prices of resources, and far above it where few lots share a resource (``docs/planning.md``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.compiled import CHUNKS, THREADS, compiled, piece
from cosmolocal.planning.solvers.relaxation import priced_costs
from cosmolocal.planning.solvers.soft_dual import Floats
from cosmolocal.planning.solvers.solution import PRICE_SCALE

#: cells of all tables together (options of a resource x its capacity) up to which packings are looked at
MOST_CELLS = 200_000_000
#: of one resource: it is the memory of a thread
MOST_CELLS_OF_ONE = 5_000_000
#: cells that climbing may take, and its rounds at most
WORK, ROUNDS = 10_000_000_000, 2_000
#: rounds without a higher bound before steps become shorter, by how much, and when they are too short
PATIENCE, SHORTER, SHORTEST = 25, 0.7, 1e-4
#: part of the direction before that is kept
MOMENTUM = 0.6
#: below any profit
NEVER = -(1 << 60)


class Bins(NamedTuple):
    """The options of each resource as compiled functions read them; money in thousandths of a cent."""

    #: [R + 1] items of resource r are start[r] … start[r + 1] − 1
    start: Ints
    #: [K]
    lot: Ints
    cost: Ints
    amount: Ints
    #: [R] capacity with all steps
    limit: Ints
    #: [R + 1] edges of resource r are edge_start[r] … : loads up to which its steps cost the same, rising
    edge_start: Ints
    edge: Ints
    edge_cost: Ints


@dataclass(frozen=True, slots=True)
class Packable:
    """A problem whose options use one resource each."""

    bins: Bins
    #: [K] option of each item
    option: Ints
    #: [L] thousandths of a cent: what a lot costs that no resource takes
    alone: Ints
    #: [L] option that costs that; −1: unmet
    alone_option: Ints


@dataclass(slots=True)
class Packed:
    """What climbing came to."""

    #: [L] thousandths of a cent
    values: Ints
    #: thousandths of a cent; no choice costs less
    total: int


def read_packable(problem: PlanningProblem) -> Packable | None:
    """Return a problem as bins; None: an option uses several resources, a lot has several units, or it is too large."""
    uses = np.diff(problem.use_start)
    if problem.lot_units is not None or len(problem.use_resource) == 0 or uses.max(initial=0) > 1:
        return None
    limit, lot = problem.largest_capacity(), problem.option_lot()
    fits = np.zeros(problem.option_count, dtype=bool)
    using = np.flatnonzero(uses == 1)
    resource = problem.use_resource.astype(np.int64)
    fits[using] = problem.use_amount <= limit[resource]
    of_option = np.full(problem.option_count, -1, dtype=np.int64)
    of_option[using] = resource
    items = np.flatnonzero(fits)
    items = items[np.argsort(of_option[items], kind="stable")]
    start = np.searchsorted(of_option[items], np.arange(problem.resource_count + 1)).astype(np.int64)
    # what nothing fits in is packed by nobody, and however large it is needs no table
    limit = np.where(np.diff(start) > 0, limit, 0)
    cells = np.diff(start) * (limit + 1)
    if cells.sum() > MOST_CELLS or cells.max(initial=0) > MOST_CELLS_OF_ONE:
        return None
    alone, alone_option = problem.unmet_cost * PRICE_SCALE, np.full(problem.lot_count, -1, dtype=np.int64)
    for option in np.flatnonzero(uses == 0).tolist():
        cost = int(problem.option_cost[option]) * PRICE_SCALE
        if cost < alone[lot[option]]:
            alone[lot[option]], alone_option[lot[option]] = cost, option
    amount = np.zeros(problem.option_count, dtype=np.int64)
    amount[using] = problem.use_amount
    edges = [_find_edges(problem, one, int(limit[one])) for one in range(problem.resource_count)]
    bins = Bins(
        start=start,
        lot=lot[items],
        cost=problem.option_cost[items] * PRICE_SCALE,
        amount=amount[items],
        limit=limit,
        edge_start=np.cumsum([0, *(len(each) for each in edges)]).astype(np.int64),
        edge=np.array([load for each in edges for load, _ in each], dtype=np.int64),
        edge_cost=np.array([cost for each in edges for _, cost in each], dtype=np.int64) * PRICE_SCALE,
    )
    return Packable(bins, items, alone, alone_option)


def _find_edges(problem: PlanningProblem, resource: int, limit: int) -> list[tuple[int, int]]:
    """Return the loads just before the next block of a resource is needed, and what the steps cost up to there."""
    load, cost = min(int(problem.capacity[resource]), limit), 0
    edges = [(load, cost)]
    for step in np.flatnonzero(problem.step_resource == resource).tolist():
        for _ in range(int(problem.step_blocks[step]) if limit else 0):
            load, cost = load + int(problem.step_size[step]), cost + int(problem.step_cost[step])
            edges.append((min(load, limit), cost))
    return edges


def first_values(problem: PlanningProblem, packable: Packable, prices: Ints) -> Ints:
    """Return the value of each lot at prices of resources: its least priced cost, in thousandths of a cent, [L]."""
    values = packable.alone.copy()
    np.minimum.at(values, problem.option_lot(), priced_costs(problem, prices))
    return values


class Packer:
    """Packs all resources at values of lots, in the same memory each time."""

    def __init__(self, packable: Packable) -> None:
        self.packable, bins = packable, packable.bins
        items, widest = np.diff(bins.start), int(bins.limit.max(initial=0)) + 1
        cells = int((items * (bins.limit + 1)).max(initial=0))
        #: best profit by load, and which items make it, of each chunk
        self.memory = np.zeros((CHUNKS, 2, widest), dtype=np.int64), np.zeros((CHUNKS, max(1, cells)), dtype=np.uint8)
        self.chosen = np.zeros(len(bins.lot), dtype=np.uint8)
        self.profit = np.zeros(len(bins.limit), dtype=np.int64)
        self.cells = int((items * (bins.limit + 1)).sum())

    def pack(self, values: Ints) -> int:
        """Choose the best packing of each resource; return the bound, in thousandths of a cent."""
        THREADS.run(_pack, CHUNKS, self.packable.bins, values, self.memory, self.chosen, self.profit)
        return int(np.minimum(values, self.packable.alone).sum()) - int(self.profit.sum())

    def slope(self, values: Ints) -> Floats:
        """Return by how much each lot is served too seldom, [L]: the slope of the bound."""
        lots = len(values)
        served = np.bincount(self.packable.bins.lot, self.chosen, lots)
        return np.asarray(1.0 - served - (self.packable.alone < values))


def climb(packer: Packer, values: Ints, cost_cents: int, is_late: Callable[[], bool] = lambda: False) -> Packed:
    """Return the highest bound met when the values of lots follow its slope, towards the cost of a known plan."""
    packed = Packed(values.copy(), NEVER)
    current, direction = values.astype(np.float64), np.zeros(len(values))
    stride, idle = 1.0, 0
    for _ in range(min(ROUNDS, max(20, WORK // max(1, packer.cells)))):
        rounded = np.rint(current).astype(np.int64)
        total = packer.pack(rounded)
        if total > packed.total:
            packed.total, packed.values, idle = total, rounded, 0
        else:
            idle += 1
            if idle >= PATIENCE:
                stride, idle = stride * SHORTER, 0
                current, direction = packed.values.astype(np.float64), np.zeros(len(values))
        direction = packer.slope(rounded) + MOMENTUM * direction
        length = float((direction * direction).sum())
        if length == 0 or stride < SHORTEST or total >= cost_cents * PRICE_SCALE or is_late():
            break
        current = np.maximum(0.0, current + stride * (cost_cents * PRICE_SCALE - total) / length * direction)
    return packed


def totals_with(packable: Packable, packed: Packed) -> Ints:
    """Return for each item what no choice that holds it costs less than, [K] thousandths of a cent."""
    bins = packable.bins
    items = np.diff(bins.start)
    rows, widest = int(items.max(initial=0)) + 1, int(bins.limit.max(initial=0)) + 1
    before, after = np.zeros((rows, widest), dtype=np.int64), np.zeros((rows, widest), dtype=np.int64)
    lost = np.zeros(len(bins.lot), dtype=np.int64)
    _force(bins, packed.values, before, after, lost)
    spared = np.maximum(0, packed.values - packable.alone)
    return np.asarray(packed.total + lost + spared[bins.lot])


@compiled
def _best_of(without: Ints, rest: Ints, new: Ints, taken: Ints, gain: float) -> None:
    """Write the better of leaving and taking an item; a loop this plain is done four loads at a time."""
    for load in range(len(new)):
        with_it = rest[load] + gain
        taken[load] = with_it > without[load]
        new[load] = max(with_it, without[load])


@compiled
def add_item(old: Ints, new: Ints, taken: Ints, amount: int, gain: float) -> None:
    """Write the best profit by load with one item more, and whether it is taken at each."""
    for load in range(amount):
        new[load] = old[load]
        taken[load] = 0
    _best_of(old[amount:], old[: len(old) - amount], new[amount:], taken[amount:], gain)


@compiled
def _pack(bins: Bins, values: Ints, memory: tuple[Ints, Ints], chosen: Ints, profit: Ints, chunk: int) -> None:
    """Decide the knapsack of each resource of a chunk: the best profit by load, then which items make it."""
    first_resource, end_resource = piece(len(bins.limit), chunk)
    rows, is_taken = memory[0][chunk], memory[1][chunk]
    for resource in range(first_resource, end_resource):
        first, end, width = bins.start[resource], bins.start[resource + 1], bins.limit[resource] + 1
        now = 0
        for load in range(width):
            rows[now, load] = 0
        for item in range(first, end):
            chosen[item] = 0
            gain, row = values[bins.lot[item]] - bins.cost[item], (item - first) * width
            if gain > 0:
                add_item(rows[now][:width], rows[1 - now][:width], is_taken[row : row + width], bins.amount[item], gain)
                now = 1 - now
        most, load, profit[resource] = rows[now], 0, 0
        for edge in range(bins.edge_start[resource], bins.edge_start[resource + 1]):
            if most[bins.edge[edge]] - bins.edge_cost[edge] > profit[resource]:
                load, profit[resource] = bins.edge[edge], most[bins.edge[edge]] - bins.edge_cost[edge]
        if profit[resource] > 0:
            for item in range(end - 1, first - 1, -1):
                if values[bins.lot[item]] > bins.cost[item] and is_taken[(item - first) * width + load]:
                    chosen[item] = 1
                    load -= bins.amount[item]


@compiled
def _fill(bins: Bins, values: Ints, item: int, width: int, old: Ints, new: Ints) -> None:
    """Write the best profits by load with one item more."""
    gain, amount = values[bins.lot[item]] - bins.cost[item], bins.amount[item]
    for load in range(width):
        new[load] = old[load]
        if gain > 0 and load >= amount and old[load - amount] + gain > new[load]:
            new[load] = old[load - amount] + gain


@compiled
def _force(bins: Bins, values: Ints, before: Ints, after: Ints, lost: Ints) -> None:
    """Write by how much less each resource can win when it has to hold an item."""
    for resource in range(len(bins.limit)):
        first, end, width = bins.start[resource], bins.start[resource + 1], bins.limit[resource] + 1
        items = end - first
        for load in range(width):
            before[0, load] = 0
            after[items, load] = 0
        for nth in range(items):
            _fill(bins, values, first + nth, width, before[nth], before[nth + 1])
        for nth in range(items - 1, -1, -1):
            _fill(bins, values, first + nth, width, after[nth + 1], after[nth])
        free = 0
        for edge in range(bins.edge_start[resource], bins.edge_start[resource + 1]):
            free = max(free, before[items, bins.edge[edge]] - bins.edge_cost[edge])
        for nth in range(items):
            gain, amount = values[bins.lot[first + nth]] - bins.cost[first + nth], bins.amount[first + nth]
            forced = NEVER
            for edge in range(bins.edge_start[resource], bins.edge_start[resource + 1]):
                room = bins.edge[edge] - amount
                for load in range(room + 1):
                    together = before[nth, load] + after[nth + 1, room - load] + gain - bins.edge_cost[edge]
                    forced = max(forced, together)
            lost[first + nth] = free - forced
