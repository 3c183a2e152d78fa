"""What loads weigh on their way, for all workshops and places at once.

Most of it depends on the mode and the distance alone, and is worked out once: what one trip weighs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosmolocal.network.routes import Routes
from cosmolocal.network.street_lengths import NO_WAY
from cosmolocal.records import Mode, Region

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: stands for "cannot be done"; far above any weight, far below overflow
NEVER = np.int64(1 << 60)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a load may go."""

    #: [m] besides the radius of who sends it; None: no limit
    limit_m: int | None = None
    #: False: neither limit nor radius holds
    is_limited: bool = True


ANYWHERE = Reach(is_limited=False)


@dataclass(frozen=True, slots=True)
class _Trips:
    """One mode: where it may go, and what one trip weighs in thousandths of a cent, all [W × N]."""

    mode: Mode
    #: None: everywhere
    allowed: Bools | None
    #: money and CO2e: the mode with the least is taken
    rank: Ints
    #: distance weighed in too; the same array where distance weighs nothing
    weight: Ints
    #: [m] `NO_WAY`: cannot be reached
    distance_m: Ints
    is_reached: Bools
    #: reached, and within the radius of who sends
    is_near: Bools


class Haulage:
    """The loads that workshops send."""

    def __init__(self, region: Region, routes: Routes, radii_m: list[int | None]) -> None:
        #: [W] column of each workshop among the places
        self.columns: Ints = np.array(routes.starts, dtype=np.int64)
        farthest = np.array(
            [np.iinfo(np.int64).max if radius is None else radius for radius in radii_m], dtype=np.int64
        )
        #: do all modes go the same distances?
        self._is_common = not routes.modes_m
        tables = [
            (table, reached := table != NO_WAY, reached & (table <= farthest[:, None]))
            for table in routes.modes_m or (routes.distance_m,)
        ]
        self._trips = [
            self._of_mode(mode, tables[0 if self._is_common else number], region)
            for number, mode in enumerate(region.network.modes)
        ]

    def _of_mode(self, mode: Mode, table: tuple[Ints, Bools, Bools], region: Region) -> _Trips:
        settings, distance_m = region.settings, np.maximum(table[0], 0)
        cents = mode.cents_per_trip - -mode.cents_per_km * distance_m // 1000
        co2e_g = -(-mode.co2e_g_per_km * distance_m // 1000)
        rank = np.where(distance_m == 0, 0, 1000 * cents + co2e_g * settings.co2e_cents_per_kg)
        allowed = None if mode.max_distance_m is None else distance_m <= mode.max_distance_m
        if settings.distance_cents_per_km == 0:
            return _Trips(mode, allowed, rank, rank, *table)
        return _Trips(mode, allowed, rank, rank + distance_m * settings.distance_cents_per_km, *table)

    def weights(self, load: tuple[int, int], rows: Ints, columns: Ints, reach: Reach) -> Ints:
        """Return what a load of (grams per piece, pieces) weighs from each row to each column; `NEVER`: not allowed."""
        unit_mass_g, quantity = load
        cells = np.ix_(rows, columns)
        best = np.full((len(rows), len(columns)), NEVER, dtype=np.int64)
        weight = best
        # what all modes have in common is looked up once, not for each
        far = self._is_far(self._trips[0], rows, columns, reach) if self._is_common else None
        for trips in self._trips:
            if unit_mass_g > trips.mode.max_load_g:
                continue
            number = -(-quantity // (trips.mode.max_load_g // max(1, unit_mass_g)))
            rank = trips.rank[cells] * number
            if trips.allowed is not None:
                rank[~trips.allowed[cells]] = NEVER
            if far is None:
                rank[self._is_far(trips, rows, columns, reach)] = NEVER
            if trips.weight is trips.rank:
                weight = best = np.minimum(best, rank)
            else:
                weight = np.where(rank < best, trips.weight[cells] * number, weight)
                best = np.minimum(best, rank)
        if far is not None:
            weight[far] = NEVER
        return weight

    def _is_far(self, trips: _Trips, rows: Ints, columns: Ints, reach: Reach) -> Bools:
        """Tell where a mode does not get to, or only beyond a limit, [rows × columns]."""
        cells = np.ix_(rows, columns)
        far: Bools = ~(trips.is_near if reach.is_limited else trips.is_reached)[cells]
        if reach.is_limited and reach.limit_m is not None:
            far |= trips.distance_m[cells] > reach.limit_m
        return far
