"""Moves of lots between their options, accepted like atoms in a metal that cools down.

Capacities are soft while it is warm: what a resource is overloaded by costs a little more than its price, then ever
more. So lots can pass through full machines on their way to a better place, which no search that keeps all capacities
at each step can do. A lot moves to another option; where that overloads a resource, another lot may leave it for
its best place in the same move.
"""

from typing import NamedTuple

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.compiled import THREADS, Arrays, compiled, inlined, steps_blend
from cosmolocal.planning.solvers.soft_dual import Floats
from cosmolocal.planning.solvers.standing import Standing, held, put

#: tries to find a lot on an overloaded resource
TRIES = 8
#: the zone of options that use nothing: all of them
ANYWHERE = -2


class Field(NamedTuple):
    """Where lots may move; all indexes are those of the open lots and options."""

    arrays: Arrays
    option_lot: Ints
    user_start: Ints
    user_option: Ints
    #: [R] cents per unit of overload
    penalty: Floats
    #: 1: steps cost whole blocks, as they do; 0: only the parts of blocks that are used; between: between
    whole: float


class Zones(NamedTuple):
    """Parts of the field that do not touch: lots and options whose resources all lie in one part."""

    #: [Z + 1], [lots]
    start: Ints
    lots: Ints
    #: [L] zone; −1: none
    lot_zone: Ints
    #: [O] zone; −1: none, `ANYWHERE`: it uses nothing
    option_zone: Ints


class Heat(NamedTuple):
    """How much worse a move may make things."""

    #: [cents]
    temperature: float
    #: per zone and lot of it
    moves: int
    seed: int


@inlined
def _draw(random: Ints, below: int) -> int:
    """Return a number from 0 to ``below`` − 1 (xorshift64, G. Marsaglia 2003)."""
    word = random[0]
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    random[0] = word
    return np.int64((word >> np.uint64(32)) % np.uint64(below))  # type: ignore[return-value]


@inlined
def _cost_of_load(field: Field, standing: Standing, option: int, units: int) -> float:
    """Return by how much steps and overload would cost more with units by an option; the loads stay."""
    arrays, change = field.arrays, 0.0
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        resource = arrays.use_resource[use]
        before = standing.loads[resource]
        after = before + units * arrays.use_amount[use]
        limit = arrays.limit[resource]
        change += field.penalty[resource] * (max(0, after - limit) - max(0, before - limit))
        has_steps = arrays.step_start[resource] < arrays.step_start[resource + 1]
        if has_steps and max(before, after) > arrays.capacity[resource]:
            change += steps_blend(arrays, resource, after, field.whole)
            change -= steps_blend(arrays, resource, before, field.whole)
    return change


@inlined
def _cost(field: Field, lot: int, option: int) -> int:
    return field.arrays.option_cost[option] if option >= 0 else field.arrays.unmet_cost[lot]


@inlined
def _apply(field: Field, standing: Standing, option: int, units: int) -> None:
    """Add units by an option to the loads."""
    arrays = field.arrays
    if option >= 0:
        for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
            standing.loads[arrays.use_resource[use]] += units * arrays.use_amount[use]


@inlined
def _move(field: Field, standing: Standing, lot: int, option: int, units: int) -> float:
    """Let units of a lot enter an option (negative: leave it); return the change of cost. The caller notes it."""
    change = float(units * _cost(field, lot, option))
    if option >= 0:
        change += _cost_of_load(field, standing, option, units)
        _apply(field, standing, option, units)
    return change


@inlined
def _is_within(zones: Zones, option: int, lot: int) -> bool:
    """Tell whether an option lies in the zone of a lot."""
    return zones.option_zone[option] == zones.lot_zone[lot] or zones.option_zone[option] == ANYWHERE


@inlined
def _source(field: Field, standing: Standing, random: Ints, lot: int) -> int:
    """Return an option that units of a lot may leave; −1: the unmet."""
    arrays = field.arrays
    if arrays.lot_units[lot] == 1:
        return standing.choice[lot]
    first = arrays.option_start[lot]
    count = arrays.option_start[lot + 1] - first
    nth = _draw(random, count + 1)
    for step in range(count + 1):
        option = first + (nth + step) % (count + 1)
        if option == first + count:
            option = -1
        if held(field.arrays, standing, lot, option) > 0:
            return option
    return -1


@inlined
def _target(field: Field, zones: Zones, random: Ints, lot: int, old: int) -> int:
    """Return an option that units of a lot may enter, now and then −1, the unmet; −2: none."""
    arrays = field.arrays
    first = arrays.option_start[lot]
    count = arrays.option_start[lot + 1] - first
    if count == 0 or (old >= 0 and _draw(random, 64) == 0):
        return -1 if old >= 0 else -2
    option = first + _draw(random, count)
    if option == old or not _is_within(zones, option, lot):
        return -2
    return option


@inlined
def _to_edge(arrays: Arrays, standing: Standing, resource: int, sign: int) -> int:
    """Return how much load may come (+1) until a limit or block is full, or has to go (−1) until a block is empty."""
    load = standing.loads[resource]
    above = load - arrays.capacity[resource]
    room = arrays.limit[resource] - load if sign > 0 else load
    for step in range(arrays.step_start[resource], arrays.step_start[resource + 1]):
        size = arrays.step_size[step]
        width = size * arrays.step_blocks[step]
        if above < 0:
            return -above if sign > 0 else room
        if above < width or (sign < 0 and above == width):
            over = above % size
            return size - over if sign > 0 else (over if over > 0 else size)
        above -= width
    return room


@compiled
def _amount(field: Field, standing: Standing, random: Ints, lot: int, old: int, new: int) -> int:
    """Return how many units move: all, some, as many as fill what they enter, or as many as empty what they leave."""
    there = held(field.arrays, standing, lot, old)
    if there == 1:
        return 1
    way = _draw(random, 4)
    option = new if way == 2 else old
    if way == 0 or (way > 1 and option < 0):
        return there
    if way == 1:
        return 1 + _draw(random, there)
    arrays, room = field.arrays, there
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        resource, amount = arrays.use_resource[use], int(arrays.use_amount[use])
        if way == 2:
            room = min(room, _to_edge(arrays, standing, resource, 1) // amount)
        elif arrays.step_start[resource] < arrays.step_start[resource + 1]:
            room = min(room, -(-_to_edge(arrays, standing, resource, -1) // amount))
    return max(1, room)


@inlined
def _overloaded(field: Field, standing: Standing, option: int) -> int:
    """Return a resource of an option that is overloaded; −1: none is."""
    arrays, found = field.arrays, -1
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        resource = arrays.use_resource[use]
        if standing.loads[resource] > arrays.limit[resource]:
            found = resource
    return found


@inlined
def _find_rival(field: Field, standing: Standing, zones: Zones, random: Ints, resource: int, lot: int) -> int:
    """Return an option by which another lot of the zone uses a resource; −1: none was found."""
    first = field.user_start[resource]
    count = field.user_start[resource + 1] - first
    zone = zones.lot_zone[lot]
    for _ in range(TRIES):
        option = field.user_option[first + _draw(random, count)]
        rival = field.option_lot[option]
        is_near = rival != lot and zones.lot_zone[rival] == zone and zones.option_zone[option] == zone
        if is_near and held(field.arrays, standing, rival, option) > 0:
            return option
    return -1


@inlined
def _excess(field: Field, standing: Standing, option: int, resource: int) -> int:
    """Return how many units have to leave an option so that a resource is not overloaded."""
    arrays = field.arrays
    for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
        if arrays.use_resource[use] == resource:
            over = standing.loads[resource] - arrays.limit[resource]
            return -(-over // arrays.use_amount[use])
    return 1


@inlined
def _best_place(field: Field, standing: Standing, zones: Zones, rival: int, units: int, at_most: float) -> int:
    """Return the cheapest other option for units of the lot of option ``rival``; −1: unmet, −2: all cost more."""
    arrays, lot = field.arrays, field.option_lot[rival]
    best, found = at_most, -2
    if units * arrays.unmet_cost[lot] <= best:
        best, found = float(units * arrays.unmet_cost[lot]), -1
    for option in range(arrays.option_start[lot], arrays.option_start[lot + 1]):
        cost = float(units * arrays.option_cost[option])
        if option == rival or cost > best or not _is_within(zones, option, lot):
            continue
        cost += _cost_of_load(field, standing, option, units)
        if cost <= best:
            best, found = cost, option
    return found


@inlined
def _eject(field: Field, standing: Standing, zones: Zones, random: Ints, new: int, room: float) -> bool:
    """Let another lot leave a resource that ``new`` overloads, for its best place; True: it did, within ``room``."""
    resource = _overloaded(field, standing, new)
    if resource < 0:
        return False
    rival = _find_rival(field, standing, zones, random, resource, field.option_lot[new])
    if rival < 0:
        return False
    lot = field.option_lot[rival]
    units = min(held(field.arrays, standing, lot, rival), _excess(field, standing, rival, resource))
    freed = _move(field, standing, lot, rival, -units)
    place = _best_place(field, standing, zones, rival, units, room - freed)
    if place == -2:
        _apply(field, standing, rival, units)
        return False
    _apply(field, standing, place, units)
    put(field.arrays, standing, lot, rival, -units)
    put(field.arrays, standing, lot, place, units)
    return True


@inlined
def _try_lot(field: Field, standing: Standing, zones: Zones, heat: Heat, random: Ints, lot: int) -> None:
    """Try to move units of a lot."""
    old = _source(field, standing, random, lot)
    if old >= 0 and not _is_within(zones, old, lot):
        return
    new = _target(field, zones, random, lot, old)
    if new == -2:
        return
    units = 1 if field.arrays.lot_units[lot] == 1 else _amount(field, standing, random, lot, old, new)
    luck = (_draw(random, 1 << 31) + 1.0) / ((1 << 31) + 1.0)
    room = -heat.temperature * np.log(luck)
    change = _move(field, standing, lot, old, -units) + _move(field, standing, lot, new, units)
    if change <= room or (new >= 0 and _eject(field, standing, zones, random, new, room - change)):
        put(field.arrays, standing, lot, old, -units)
        put(field.arrays, standing, lot, new, units)
    else:
        _apply(field, standing, new, -units)
        _apply(field, standing, old, units)


@compiled
def _anneal_zone(field: Field, standing: Standing, zones: Zones, heat: Heat, randoms: Ints, zone: int) -> None:
    first = zones.start[zone]
    count = zones.start[zone + 1] - first
    random = randoms[zone]
    random[0] = np.uint64(heat.seed * 2654435761 + zone * 40503 + 88172645463325252)
    for _ in range(20):
        _draw(random, 2)
    for _ in range(heat.moves * count):
        _try_lot(field, standing, zones, heat, random, zones.lots[first + _draw(random, count)])


def anneal(field: Field, standing: Standing, zones: Zones, heat: Heat) -> None:
    """Try ``heat.moves`` moves per lot in each zone, at one temperature."""
    count = len(zones.start) - 1
    THREADS.run(_anneal_zone, count, field, standing, zones, heat, np.empty((count, 1), dtype=np.uint64))
