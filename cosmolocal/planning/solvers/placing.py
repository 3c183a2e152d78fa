"""Plans that keep all capacities: built lot by lot, mended where a resource is overloaded, improved move by move."""

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.compiled import Arrays, add_load, compiled, has_room, priced_cost, steps_cost
from cosmolocal.planning.solvers.standing import Standing, held, put

#: cents, above any cost
NEVER = 1 << 60


@compiled
def _room(arrays: Arrays, loads: Ints, option: int, units: int) -> int:
    """Return how many of ``units`` fit by an option; −1, unmet: all."""
    room = units
    if option < 0:
        return room
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        resource = arrays.use_resource[use]
        room = min(room, (arrays.limit[resource] - loads[resource]) // arrays.use_amount[use])
    return max(0, room)


@compiled
def _enter(arrays: Arrays, standing: Standing, lot: int, option: int, units: int) -> int:
    """Let units of a lot enter an option, −1: become unmet (negative: leave it); return the change of cost in cents."""
    put(arrays, standing, lot, option, units)
    if option < 0:
        return units * arrays.unmet_cost[lot]
    return units * arrays.option_cost[option] + add_load(arrays, standing.loads, option, units)


@compiled
def _cost_of_entering(arrays: Arrays, loads: Ints, lot: int, option: int, units: int) -> int:
    """Return what units of a lot by an option would cost, steps included; −1: unmet."""
    if option < 0:
        return units * arrays.unmet_cost[lot]
    change = add_load(arrays, loads, option, units)
    add_load(arrays, loads, option, -units)
    return units * arrays.option_cost[option] + change


@compiled
def place_lots(arrays: Arrays, prices: Ints, order: Ints, standing: Standing) -> None:
    """Give each lot, in order, the options with the least priced cost that have room."""
    for nth in range(len(order)):
        lot = order[nth]
        left = arrays.lot_units[lot]
        while left > 0:
            best, found, fit = arrays.unmet_cost[lot] * 1000, -1, 0
            for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
                priced = priced_cost(arrays, prices, option)
                if priced < best:
                    room = _room(arrays, standing.loads, option, left)
                    if room > 0:
                        best, found, fit = priced, option, room
            if found < 0:
                break
            put(arrays, standing, lot, -1, -fit)
            _enter(arrays, standing, lot, found, fit)
            left -= fit


@compiled
def _cheapest_with_room(arrays: Arrays, standing: Standing, lot: int, units: int, at_most: int) -> tuple[int, int]:
    """Return (option, cents) of the cheapest place below ``at_most`` for all of some units; −1: unmet, −2: none."""
    found, best = -2, at_most
    if units * arrays.unmet_cost[lot] < best:
        found, best = -1, units * arrays.unmet_cost[lot]
    for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
        if units * arrays.option_cost[option] < best and has_room(arrays, standing.loads, option, units):
            cost = _cost_of_entering(arrays, standing.loads, lot, option, units)
            if cost < best:
                found, best = option, cost
    return found, best


@compiled
def _amount(arrays: Arrays, option: int, resource: int) -> int:
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        if arrays.use_resource[use] == resource:
            return int(arrays.use_amount[use])
    return 0


@compiled
def _relieve(arrays: Arrays, standing: Standing, members: tuple[Ints, Ints], resource: int) -> None:
    """Move units off a resource, those first that lose least per unit of load, until it is not overloaded."""
    options, lots = members
    while standing.loads[resource] > arrays.limit[resource]:
        over = standing.loads[resource] - arrays.limit[resource]
        best_rate, best, best_units = np.inf, -1, 0
        for nth in range(len(options)):
            option, lot = options[nth], lots[nth]
            units = held(arrays, standing, lot, option)
            amount = _amount(arrays, option, resource)
            if units > 0 and amount > 0:
                units = min(units, -(-over // amount))
                saved = _enter(arrays, standing, lot, option, -units)
                _, cost = _cheapest_with_room(arrays, standing, lot, units, NEVER)
                _enter(arrays, standing, lot, option, units)
                rate = (cost + saved) / min(over, units * amount)
                if rate < best_rate:
                    best_rate, best, best_units = rate, nth, units
        if best < 0:
            return
        _enter(arrays, standing, lots[best], options[best], -best_units)
        place, _ = _cheapest_with_room(arrays, standing, lots[best], best_units, NEVER)
        _enter(arrays, standing, lots[best], place, best_units)


@compiled
def _relieve_all(arrays: Arrays, standing: Standing, start: Ints, options: Ints, lots: Ints) -> None:
    for resource in range(len(start) - 1):
        if standing.loads[resource] > arrays.limit[resource]:
            span = slice(start[resource], start[resource + 1])
            _relieve(arrays, standing, (options[span], lots[span]), resource)


def mend(arrays: Arrays, standing: Standing) -> None:
    """Move lots off all overloaded resources, to where there is room."""
    overloaded = standing.loads > arrays.limit
    if not overloaded.any():
        return
    options = np.concatenate((standing.choice[standing.choice >= 0], np.flatnonzero(standing.taken)))
    counts = arrays.use_start[options + 1] - arrays.use_start[options]
    start = np.cumsum(counts) - counts
    use = np.repeat(arrays.use_start[options] - start, counts) + np.arange(int(counts.sum()))
    resource = arrays.use_resource[use]
    kept = np.flatnonzero(overloaded[resource])
    kept = kept[np.argsort(resource[kept], kind="stable")]
    option = np.repeat(options, counts)[kept]
    lot = np.searchsorted(arrays.option_start, option, side="right") - 1
    edges = np.searchsorted(resource[kept], np.arange(len(arrays.capacity) + 1))
    _relieve_all(arrays, standing, edges, option, lot)


@compiled
def improve_lots(arrays: Arrays, standing: Standing) -> int:
    """Move each lot's units to their cheapest option with room; return how many moves were made."""
    moves = 0
    for lot in range(len(arrays.unmet_cost)):
        if arrays.lot_units[lot] == 1:
            moves += _improve_single(arrays, standing, lot)
        else:
            moves += _improve_divided(arrays, standing, lot)
    return moves


@compiled
def _improve_single(arrays: Arrays, standing: Standing, lot: int) -> int:
    old = standing.choice[lot]
    dearest = arrays.option_cost[old] if old >= 0 else arrays.unmet_cost[lot]
    least = dearest
    for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
        least = min(least, arrays.option_cost[option])
    if old >= 0 and least >= dearest and len(arrays.step_cost) == 0 and dearest <= arrays.unmet_cost[lot]:
        return 0
    saved = _enter(arrays, standing, lot, old, -1)
    place, _ = _cheapest_with_room(arrays, standing, lot, 1, -saved)
    _enter(arrays, standing, lot, place if place > -2 else old, 1)
    return 1 if place > -2 else 0


@compiled
def _improve_divided(arrays: Arrays, standing: Standing, lot: int) -> int:
    """Move as many units as fit from each option, or from the unmet, to a cheaper one, or to the unmet."""
    moves, first, end = 0, arrays.option_start[lot], arrays.option_start[lot + 1]
    for source in range(first - 1, end):
        old = source if source >= first else -1
        for target in range(first - 1, end):
            option = target if target >= first else -1
            units = held(arrays, standing, lot, old)
            if option == old or units == 0:
                continue
            _enter(arrays, standing, lot, old, -units)
            fit = _room(arrays, standing.loads, option, units)
            _enter(arrays, standing, lot, old, units - fit)
            # those that stay may need what both options use
            while fit > 0 and option >= 0 and not has_room(arrays, standing.loads, option, fit):
                _enter(arrays, standing, lot, old, fit - fit // 2)
                fit = fit // 2
            if fit == 0:
                continue
            stay = _cost_of_entering(arrays, standing.loads, lot, old, fit)
            if _cost_of_entering(arrays, standing.loads, lot, option, fit) < stay:
                _enter(arrays, standing, lot, option, fit)
                moves += 1
            else:
                _enter(arrays, standing, lot, old, fit)
    return moves


@compiled
def _cost_of_steps(arrays: Arrays, resources: Ints, loads: Ints) -> int:
    total = 0
    for nth in range(len(resources)):
        total += steps_cost(arrays, resources[nth], loads[nth])
    return total


def enter_taken(arrays: Arrays, standing: Standing, lots: Ints, options: Ints, units: Ints) -> bool:
    """Let lots take these units of all their ``options`` and no others; where it does not fit or is no cheaper: False.

    The standing stays as it is then.
    """
    divided = arrays.lot_units[lots] > 1
    lot = np.searchsorted(arrays.option_start, options, side="right") - 1
    before = (standing.choice[lot] == options).astype(np.int64)
    if divided.any():
        before += np.where(arrays.lot_units[lot] > 1, standing.taken[options], 0)
    counts = arrays.use_start[options + 1] - arrays.use_start[options]
    ends = np.cumsum(counts)
    uses = np.repeat(arrays.use_start[options] - ends + counts, counts) + np.arange(int(counts.sum()))
    resources, place = np.unique(arrays.use_resource[uses].astype(np.int64), return_inverse=True)
    change = np.zeros(len(resources), dtype=np.int64)
    np.add.at(change, place, arrays.use_amount[uses] * np.repeat(units - before, counts))
    now = standing.loads[resources]
    saved = int(((arrays.option_cost[options] - arrays.unmet_cost[lot]) * (before - units)).sum())
    saved += _cost_of_steps(arrays, resources, now) - _cost_of_steps(arrays, resources, now + change)
    if saved <= 0 or (now + change > arrays.limit[resources]).any():
        return False
    standing.loads[resources] += change
    single = arrays.lot_units[lot] == 1
    standing.choice[lots[~divided]] = -1
    standing.choice[lot[single & (units > 0)]] = options[single & (units > 0)]
    if divided.any():
        standing.taken[options[~single]] = units[~single]
        placed = np.bincount(lot[~single], units[~single], len(arrays.unmet_cost)).astype(np.int64)
        standing.spare[lots[divided]] = (arrays.lot_units - placed)[lots[divided]]
    return True
