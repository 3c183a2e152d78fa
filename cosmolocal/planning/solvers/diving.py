"""Plans from packings: lots whose place hardly changes while their values do are given it, the others are packed again.

The share of rounds in which a resource takes a lot is about what the best mixture of packings holds of it, which is
much nearer to a plan than a mixture of options is.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.compiled import THREADS, compiled
from cosmolocal.planning.solvers.packing import Bins, Packable, add_item
from cosmolocal.planning.solvers.soft_dual import Floats

#: dives side by side: always as many, so that the number of threads does not change the result
BATCH = 4
#: rounds of values before lots are given their places, and how much shorter each stride is than the one before
ROUNDS, SHORTER = 30, 0.97
#: share of rounds from which on a lot is given its place; at least this part of the lots is each time
SURE, LEAST = 0.9, 0.1
#: part of what is left to win that a stride is for at least
LEAST_STRIDE = 0.002
#: where a lot is: not decided, with no resource, or nowhere, as there was no room
OPEN, ALONE, NOWHERE = -1, -2, -3


class Scratch(NamedTuple):
    """Memory of one dive: what numbers it holds does not matter before."""

    #: [2 x widest] best profit by load
    best: Floats
    #: [cells]
    taken: Ints
    #: [K] whether and how often each item was chosen
    chosen: Ints
    times: Ints
    #: [L] how often it was alone, its best item, and in how many rounds
    alone: Ints
    item: Ints
    share: Ints
    #: [R] load of what is decided
    used: Ints
    #: [ROUNDS + 2] lots by share
    lots: Ints


@dataclass(frozen=True, slots=True)
class Start:
    """Where a dive begins."""

    #: [L] thousandths of a cent
    values: Floats
    #: [L] item of each lot that stays where it is, or one of `OPEN`, `ALONE`; changed in place
    place: Ints
    #: thousandths of a cent: the cost of a plan worth having
    target: float


class Diver:
    """Dives, several side by side, each in its own memory."""

    def __init__(self, packable: Packable) -> None:
        self.packable, bins = packable, packable.bins
        items, lots, resources = len(bins.lot), len(packable.alone), len(bins.limit)
        self.resource = np.repeat(np.arange(resources), np.diff(bins.start))
        widest = int(bins.limit.max(initial=0)) + 1
        cells = int((np.diff(bins.start) * (bins.limit + 1)).max(initial=0))
        self.scratch = [
            Scratch(
                best=np.zeros((2, widest)),
                taken=np.zeros(max(1, cells), dtype=np.uint8),
                chosen=np.zeros(items, dtype=np.uint8),
                times=np.zeros(items, dtype=np.int64),
                alone=np.zeros(lots, dtype=np.int64),
                item=np.zeros(lots, dtype=np.int64),
                share=np.zeros(lots, dtype=np.int64),
                used=np.zeros(resources, dtype=np.int64),
                lots=np.zeros(ROUNDS + 2, dtype=np.int64),
            )
            for _ in range(BATCH)
        ]

    def dive(self, starts: list[Start]) -> None:
        """Decide the lots of each start that are open."""

        def go(nth: int) -> None:
            one = starts[nth]
            given = (self.packable.bins, self.resource, self.packable.alone)
            _dive(given, one.values, one.place, one.target, self.scratch[nth])

        THREADS.run(go, len(starts))

    def read(self, place: Ints, fallback: Ints) -> Ints:
        """Return the option of each lot, [L]; ``fallback``: the option of a lot that found no room, [L]."""
        choice = np.where(place == ALONE, self.packable.alone_option, fallback)
        inside = place >= 0
        choice[inside] = self.packable.option[place[inside]]
        return choice


@compiled
def _cost_at(bins: Bins, resource: int, load: int) -> float:
    """Return what the steps cost that cover a load."""
    for edge in range(bins.edge_start[resource], bins.edge_start[resource + 1]):
        if load <= bins.edge[edge]:
            return float(bins.edge_cost[edge])
    return 0.0


@compiled
def _pack_rest(given: tuple[Bins, Ints, Ints], values: Floats, place: Ints, resource: int, scratch: Scratch) -> float:
    """Pack the open lots into what is free of a resource; return what that wins."""
    bins, used = given[0], scratch.used[resource]
    first, end, width = bins.start[resource], bins.start[resource + 1], bins.limit[resource] + 1 - used
    rows, taken, now = scratch.best, scratch.taken, 0
    for load in range(width):
        rows[now, load] = 0.0
    for item in range(first, end):
        scratch.chosen[item] = 0
        gain, amount, row = values[bins.lot[item]] - bins.cost[item], bins.amount[item], (item - first) * width
        if place[bins.lot[item]] == OPEN and gain > 0.0 and amount < width:
            add_item(rows[now][:width], rows[1 - now][:width], taken[row : row + width], amount, gain)
            now = 1 - now
    best = rows[now]
    sunk, load, profit = _cost_at(bins, resource, used), 0, 0.0
    for edge in range(bins.edge_start[resource], bins.edge_start[resource + 1]):
        room = bins.edge[edge] - used
        if room >= 0 and best[room] - bins.edge_cost[edge] + sunk > profit:
            load, profit = room, best[room] - bins.edge_cost[edge] + sunk
    if profit > 0.0:
        for item in range(end - 1, first - 1, -1):
            gain, amount = values[bins.lot[item]] - bins.cost[item], bins.amount[item]
            if place[bins.lot[item]] != OPEN or gain <= 0.0 or amount >= width:
                continue
            if taken[(item - first) * width + load]:
                scratch.chosen[item] = 1
                load -= amount
    return profit


@compiled
def _round(
    given: tuple[Bins, Ints, Ints], values: Floats, place: Ints, goal: tuple[float, float], scratch: Scratch
) -> bool:
    """Pack all resources once and let values follow; return whether every open lot is served just once.

    ``goal``: what the open lots may cost, and the part of the stride towards it that is made.
    """
    bins, _, alone = given
    total, length = 0.0, 0.0
    for lot in range(len(values)):
        scratch.item[lot] = 0
        if place[lot] == OPEN:
            total += min(values[lot], float(alone[lot]))
            if alone[lot] < values[lot]:
                scratch.item[lot] = 1
                scratch.alone[lot] += 1
    for resource in range(len(bins.limit)):
        total -= _pack_rest(given, values, place, resource, scratch)
        for item in range(bins.start[resource], bins.start[resource + 1]):
            if scratch.chosen[item]:
                scratch.item[bins.lot[item]] += 1
                scratch.times[item] += 1
    for lot in range(len(values)):
        if place[lot] == OPEN:
            length += (1.0 - scratch.item[lot]) ** 2
    if length == 0.0:
        return True
    stride = goal[1] * max(goal[0] - total, LEAST_STRIDE * goal[0]) / length
    for lot in range(len(values)):
        if place[lot] == OPEN:
            values[lot] += stride * (1.0 - scratch.item[lot])
    return False


@compiled
def _settle(given: tuple[Bins, Ints, Ints], place: Ints, left: int, scratch: Scratch) -> int:
    """Give lots their places, those first that were nearly always there; return how many were."""
    bins, resources, _ = given
    share, settled = scratch.share, 0
    for lot in range(len(place)):
        scratch.item[lot], share[lot] = ALONE, scratch.alone[lot]
    for item in range(len(bins.lot)):
        lot = bins.lot[item]
        room = bins.limit[resources[item]] - scratch.used[resources[item]]
        if place[lot] == OPEN and scratch.times[item] > share[lot] and bins.amount[item] <= room:
            scratch.item[lot], share[lot] = item, scratch.times[item]
    for number in range(len(scratch.lots)):
        scratch.lots[number] = 0
    for lot in range(len(place)):
        if place[lot] == OPEN:
            scratch.lots[share[lot]] += 1
    wanted, level = max(1, int(LEAST * left)), ROUNDS + 1
    while level > 1 and (wanted > 0 or level > SURE * ROUNDS):
        level -= 1
        wanted -= scratch.lots[level]
    for least in (ROUNDS, level):  # the surest first
        for lot in range(len(place)):
            if place[lot] != OPEN or share[lot] < max(1, least):
                continue
            item = scratch.item[lot]
            if item >= 0:
                resource = resources[item]
                if bins.amount[item] > bins.limit[resource] - scratch.used[resource]:
                    continue
                scratch.used[resource] += bins.amount[item]
            place[lot] = item
            settled += 1
    return settled


@compiled
def _give_up(given: tuple[Bins, Ints, Ints], place: Ints, scratch: Scratch) -> None:
    """Put each open lot where it is cheapest and has room; nowhere else is known."""
    bins, resources, alone = given
    for lot in range(len(place)):
        scratch.item[lot] = NOWHERE
    for item in range(len(bins.lot)):
        lot, resource = bins.lot[item], resources[item]
        if place[lot] == OPEN and bins.amount[item] <= bins.limit[resource] - scratch.used[resource]:
            now = scratch.item[lot]
            if bins.cost[item] < (bins.cost[now] if now >= 0 else alone[lot]):
                scratch.item[lot] = item
    for lot in range(len(place)):
        if place[lot] == OPEN:
            item = scratch.item[lot]
            place[lot] = NOWHERE
            if item >= 0 and bins.amount[item] <= bins.limit[resources[item]] - scratch.used[resources[item]]:
                place[lot] = item
                scratch.used[resources[item]] += bins.amount[item]


@compiled
def _goal(given: tuple[Bins, Ints, Ints], place: Ints, target: float, scratch: Scratch) -> float:
    """Return what is left of ``target`` for the lots that are open."""
    bins, _, alone = given
    goal = target
    for lot in range(len(place)):
        if place[lot] >= 0:
            goal -= bins.cost[place[lot]]
        elif place[lot] == ALONE:
            goal -= alone[lot]
    for resource in range(len(bins.limit)):
        goal -= _cost_at(bins, resource, scratch.used[resource])
    return goal


@compiled
def _follow(given: tuple[Bins, Ints, Ints], values: Floats, place: Ints, goal: float, scratch: Scratch) -> bool:
    """Let values follow for some rounds; return whether the last one served every open lot just once."""
    for lot in range(len(place)):
        scratch.alone[lot] = 0
    for item in range(len(scratch.times)):
        scratch.times[item] = 0
    pace = 1.0
    for _ in range(ROUNDS):
        if _round(given, values, place, (goal, pace), scratch):
            return True
        pace *= SHORTER
    return False


@compiled
def _take_whole(bins: Bins, place: Ints, scratch: Scratch) -> None:
    """Give all open lots the places of the last round."""
    for item in range(len(bins.lot)):
        if place[bins.lot[item]] == OPEN and scratch.chosen[item]:
            place[bins.lot[item]] = item
    for lot in range(len(place)):
        if place[lot] == OPEN:
            place[lot] = ALONE


@compiled
def _dive(given: tuple[Bins, Ints, Ints], values: Floats, place: Ints, target: float, scratch: Scratch) -> None:
    """Decide all open lots."""
    bins, resources, _ = given
    for resource in range(len(bins.limit)):
        scratch.used[resource] = 0
    left = 0
    for lot in range(len(place)):
        if place[lot] == OPEN:
            left += 1
        elif place[lot] >= 0:
            scratch.used[resources[place[lot]]] += bins.amount[place[lot]]
    while left > 0:
        if _follow(given, values, place, _goal(given, place, target, scratch), scratch):
            _take_whole(bins, place, scratch)
            return
        settled = _settle(given, place, left, scratch)
        if settled == 0:
            _give_up(given, place, scratch)
            return
        left -= settled
