"""Parts of a problem that can be searched at the same time without touching each other."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.solvers.annealing import ANYWHERE, Zones
from cosmolocal.planning.solvers.candidates import OpenLots
from cosmolocal.planning.solvers.compiled import CHUNKS, THREADS, Arrays, compiled, piece
from cosmolocal.planning.solvers.standing import Standing

#: uses that are looked at to learn which resources are neighbours
MOST_USES = 2_000_000
#: part of its uses that a resource shares with another one from which on they stay together
INSEPARABLE = 0.9


def order_resources(opened: OpenLots) -> Ints:
    """Return the place of each resource in a row, [R], in which those that share lots stand close together."""
    arrays, count = opened.arrays, len(opened.arrays.capacity)
    option = np.repeat(np.arange(len(opened.options)), np.diff(arrays.use_start))[:MOST_USES]
    lot, resource = opened.option_lot[option], arrays.use_resource[:MOST_USES].astype(np.int64)
    bundle = _find_bundles(option, resource, count)
    bundles = int(bundle.max(initial=-1)) + 1
    same_lot = lot[1:] == lot[:-1]
    one, other = bundle[resource[:-1][same_lot]], bundle[resource[1:][same_lot]]
    links = coo_array((np.ones(2 * len(one)), (np.append(one, other), np.append(other, one))), shape=(bundles, bundles))
    row = reverse_cuthill_mckee(links.tocsr(), symmetric_mode=True)
    place = np.empty(bundles, dtype=np.int64)
    place[row] = np.arange(bundles)
    order = np.empty(count, dtype=np.int64)
    order[np.argsort(place[bundle], kind="stable")] = np.arange(count)
    return order


def _find_bundles(option: Ints, resource: Ints, count: int) -> Ints:
    """Return the bundle of each resource, [R]: resources that are hardly ever used without each other are one.

    As the hours of a workshop's machines and its fair load are: in different zones no option could use both.
    """
    same_option = option[1:] == option[:-1]
    one, other = resource[:-1][same_option], resource[1:][same_option]
    together = coo_array((np.ones(len(one)), (np.minimum(one, other), np.maximum(one, other))), shape=(count, count))
    together.sum_duplicates()
    uses = np.bincount(resource, minlength=count)
    first, second = together.coords
    strong = together.data >= INSEPARABLE * np.minimum(uses[first], uses[second])
    links = coo_array((np.ones(int(strong.sum())), (first[strong], second[strong])), shape=(count, count))
    _, bundle = connected_components(links, directed=False)
    return np.asarray(bundle, dtype=np.int64)


def count_zones(opened: OpenLots) -> int:
    """Return in how many zones a problem is searched: by its size alone, so that machines agree on the result."""
    most = 4 if len(opened.arrays.use_resource) > 2 * len(opened.options) else 8
    return max(1, min(most, len(opened.lots) // 1_000, len(opened.arrays.capacity) // 25))


def build_zones(opened: OpenLots, standing: Standing, place: Ints, zones: int, shift: float) -> Zones:
    """Return the zones that cutting the row of resources into equal pieces gives; ``shift`` moves the cuts, 0 to 1."""
    count = max(1, len(place))
    resource_zone = ((place + int(shift * count)) % count) * zones // count
    option_zone = np.empty(len(opened.options), dtype=np.int64)
    lot_zone = np.empty(len(opened.lots), dtype=np.int64)
    THREADS.run(_mark_options, CHUNKS, opened.arrays, resource_zone, option_zone)
    THREADS.run(_mark_lots, CHUNKS, opened.arrays, standing, option_zone, lot_zone)
    lots = np.argsort(lot_zone, kind="stable")
    start = np.searchsorted(lot_zone[lots], np.arange(zones + 1))
    return Zones(start.astype(np.int64), lots, lot_zone, option_zone)


@compiled
def _mark_options(arrays: Arrays, resource_zone: Ints, option_zone: Ints, chunk: int) -> None:
    first_option, end_option = piece(len(option_zone), chunk)
    for option in range(first_option, end_option):
        zone = ANYWHERE
        for use in range(arrays.use_start[option], arrays.use_start[option + 1]):
            here = resource_zone[arrays.use_resource[use]]
            if zone not in (ANYWHERE, here):
                zone = -1
                break
            zone = here
        option_zone[option] = zone


@compiled
def _mark_lots(arrays: Arrays, standing: Standing, option_zone: Ints, lot_zone: Ints, chunk: int) -> None:
    """Write the zone of each lot: that of an option that it has, else of an option that it could have."""
    first_lot, end_lot = piece(len(lot_zone), chunk)
    for lot in range(first_lot, end_lot):
        zone = -1
        first, end = arrays.option_start[lot], arrays.option_start[lot + 1]
        if arrays.lot_units[lot] == 1 and standing.choice[lot] >= 0 and option_zone[standing.choice[lot]] != ANYWHERE:
            zone = option_zone[standing.choice[lot]]
        else:
            for option in range(first, end):
                is_here = arrays.lot_units[lot] > 1 and standing.taken[option] > 0
                if option_zone[option] >= 0 and (zone < 0 or is_here):
                    zone = option_zone[option]
        lot_zone[lot] = zone
