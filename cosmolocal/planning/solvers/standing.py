"""Where the units of all lots are, within a problem of any size."""

from typing import NamedTuple

import numpy as np

from cosmolocal.planning.problem import Ints, Taken
from cosmolocal.planning.solvers.compiled import Arrays, compiled, inlined


class Standing(NamedTuple):
    """Where units are, changed in place."""

    #: [L] option of a lot of one unit; −1: unmet, also for lots of more units
    choice: Ints
    #: [O] units by option of lots of more units; [0] where there are no such lots
    taken: Ints
    #: [L] units of lots of more units that are unmet
    spare: Ints
    #: [R]
    loads: Ints


def nothing_taken(arrays: Arrays) -> Standing:
    """Return the standing with all lots unmet."""
    is_divided = arrays.lot_units > 1
    return Standing(
        choice=np.full(len(arrays.unmet_cost), -1, dtype=np.int64),
        taken=np.zeros(len(arrays.option_cost) if is_divided.any() else 0, dtype=np.int64),
        spare=np.where(is_divided, arrays.lot_units, 0),
        loads=np.zeros(len(arrays.capacity), dtype=np.int64),
    )


def build_standing(arrays: Arrays, taken: Taken) -> Standing:
    """Return the standing of what is taken."""
    standing = nothing_taken(arrays)
    lot = np.searchsorted(arrays.option_start, taken.option, side="right") - 1
    single = arrays.lot_units[lot] == 1
    standing.choice[lot[single]] = taken.option[single]
    if len(standing.taken):
        standing.taken[taken.option[~single]] = taken.units[~single]
        np.subtract.at(standing.spare, lot[~single], taken.units[~single])
    _load(arrays, taken.option, taken.units, standing.loads)
    return standing


def read_taken(standing: Standing) -> Taken:
    """Return what is taken."""
    singles = standing.choice[standing.choice >= 0]
    divided = np.flatnonzero(standing.taken)
    options = np.concatenate((singles, divided))
    units = np.concatenate((np.ones(len(singles), dtype=np.int64), standing.taken[divided]))
    order = np.argsort(options, kind="stable") if len(divided) else np.arange(len(options))
    return Taken(options[order], units[order])


@compiled
def _load(arrays: Arrays, options: Ints, units: Ints, loads: Ints) -> None:
    for nth in range(len(options)):
        for use in range(arrays.use_start[options[nth]], arrays.use_start[options[nth] + 1]):
            loads[arrays.use_resource[use]] += units[nth] * arrays.use_amount[use]


@inlined
def held(arrays: Arrays, standing: Standing, lot: int, option: int) -> int:
    """Return the units of a lot by an option; −1: unmet."""
    if arrays.lot_units[lot] == 1:
        return 1 if standing.choice[lot] == option else 0
    return standing.taken[option] if option >= 0 else standing.spare[lot]


@inlined
def put(arrays: Arrays, standing: Standing, lot: int, option: int, units: int) -> None:
    """Note units of a lot by an option, or that they left it (negative); the loads stay as they are."""
    if arrays.lot_units[lot] == 1:
        if units > 0:
            standing.choice[lot] = option
    elif option >= 0:
        standing.taken[option] += units
    else:
        standing.spare[lot] += units
