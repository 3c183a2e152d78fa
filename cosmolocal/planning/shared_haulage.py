"""What loads weigh on their way where lots share trips, for all workshops and places at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cosmolocal.network.routes import NO_WAY, Routes
from cosmolocal.network.transport import load_kg, shared_kg
from cosmolocal.planning.haulage import NEVER, Bools, Haulage, Ints
from cosmolocal.planning.sharing import Sharing
from cosmolocal.records import Mode, Region


@dataclass(frozen=True, slots=True)
class ModeTrips:
    """One trip by a mode between some starts and some ends."""

    mode: Mode
    #: [starts × ends] cents of one trip, all weighed; `NEVER`: it cannot be made
    cents: Ints
    #: ids of the places
    starts: tuple[str, ...]
    ends: tuple[str, ...]

    @property
    def load_kg(self) -> int:
        """Return the kilograms of one trip."""
        return load_kg(self.mode)

    def listed(self, bases: Mapping[tuple[str, str], int]) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield the cells, (row, column), whose trips are resources, each with its resource in week 0."""
        start, end = ({name: nth for nth, name in enumerate(names)} for names in (self.starts, self.ends))
        for (one, other), base in bases.items():
            if one in start and other in end:
                yield (start[one], end[other]), base


#: what a load weighs on one leg by some mode, [starts × ends] thousandths of a cent
TripWeights = Callable[[ModeTrips], Ints]


def trip_cents(region: Region, mode: Mode, distance_m: Ints) -> Ints:
    """Return the cents of one trip over each distance, all weighed; `NEVER` where the mode cannot go."""
    settings, metres = region.settings, np.maximum(distance_m, 0)
    cents = mode.cents_per_trip - -mode.cents_per_km * metres // 1000
    co2e_g = -(-mode.co2e_g_per_km * metres // 1000)
    cents = cents - -co2e_g * settings.co2e_cents_per_kg // 1000 - -metres * settings.distance_cents_per_km // 1000
    cents = np.where(metres == 0, 0, cents)
    far = np.zeros(metres.shape, dtype=bool) if mode.max_distance_m is None else metres > mode.max_distance_m
    return np.where((distance_m == NO_WAY) | far, NEVER, cents)


def least_of(weights: list[Ints], shape: tuple[int, int]) -> Ints:
    """Return the least of some weights, `NEVER` where there are none."""
    least = np.full(shape, NEVER, dtype=np.int64)
    for each in weights:
        least = np.minimum(least, each)
    return least


class SharedHaulage(Haulage):
    """The loads that workshops send on trips they share, straight or by a hub."""

    def __init__(self, region: Region, routes: Routes, radii_m: list[int | None], sharing: Sharing) -> None:
        super().__init__(region, routes, radii_m)
        self.sharing, self._places = sharing, tuple(place.id for place in routes.links.places)
        self._sources = tuple(self._places[start] for start in routes.starts)
        self.hub_m = sharing.hub_routes.distance_m
        self.hub_columns: Ints = np.array(sharing.hub_routes.starts, dtype=np.int64)
        farthest = np.array(
            [np.iinfo(np.int64).max if radius is None else radius for radius in radii_m], dtype=np.int64
        )
        self._farthest = farthest
        modes = region.network.modes
        self._from_shops = [(mode, trip_cents(region, mode, self.distance_m)) for mode in modes]
        self._from_hubs = [(mode, trip_cents(region, mode, self.hub_m)) for mode in modes]

    def straight(self, unit_mass_g: int, rows: Ints, columns: Ints, weigh: TripWeights) -> Ints:
        """Return what a load weighs straight from each row to each column, by the mode that is best for it."""
        starts, ends = self._ids(self._sources, rows), self._ids(self._places, columns)
        cells = np.ix_(rows, columns)
        every = [
            weigh(ModeTrips(mode, cents[cells], starts, ends))
            for mode, cents in self._from_shops
            if unit_mass_g <= mode.max_load_g
        ]
        return least_of(every, (len(rows), len(columns)))

    def from_hub(self, unit_mass_g: int, hub: int, columns: Ints, weigh: TripWeights) -> Ints:
        """Return what a load weighs from a hub to each column, [columns]."""
        start, ends = (self.sharing.hubs[hub].id,), self._ids(self._places, columns)
        every = [
            weigh(ModeTrips(mode, cents[hub : hub + 1, columns], start, ends))
            for mode, cents in self._from_hubs
            if unit_mass_g <= mode.max_load_g
        ]
        found: Ints = least_of(every, (1, len(columns)))[0]
        return found

    def may_go_straight(self, rows: Ints, columns: Ints, ignore_radius: bool) -> Bools:
        """Tell which columns each row may send to."""
        allowed: Bools = (self._is_reached if ignore_radius else self._is_near)[np.ix_(rows, columns)]
        return allowed

    def may_go_by(self, hub: int, rows: Ints, columns: Ints, ignore_radius: bool) -> Bools:
        """Tell which columns each row may send to by a hub: it is none of them, and the whole way is near enough."""
        at = int(self.hub_columns[hub])
        first, second = self.distance_m[rows, at][:, None], self.hub_m[hub, columns][None, :]
        near = (first != NO_WAY) & (second != NO_WAY)
        if not ignore_radius:
            near = near & (first + second <= self._farthest[rows, None])
        ends = self.columns[rows][:, None]
        allowed: Bools = near & (ends != at) & (columns != at)[None, :] & (ends != columns[None, :])
        return allowed

    def weights(self, load: tuple[int, int], rows: Ints, columns: Ints, ignore_radius: bool = False) -> Ints:
        """Return what a load of (grams per piece, pieces) weighs from each row to each column, alone on its trips."""
        unit_mass_g, kilograms = load[0], shared_kg(load[0] * load[1])

        def alone(trips: ModeTrips) -> Ints:
            number = -(-kilograms // trips.load_kg)
            return np.where(trips.cents < NEVER, 1000 * number * trips.cents, NEVER)

        best = self.straight(unit_mass_g, rows, columns, alone)
        best[~self.may_go_straight(rows, columns, ignore_radius)] = NEVER
        for number, hub in enumerate(self.sharing.hubs):
            inward = self.straight(unit_mass_g, rows, self.hub_columns[[number]], alone)
            weight = inward + self.from_hub(unit_mass_g, number, columns, alone)[None, :]
            weight += 1000 * kilograms * hub.handling_cents_per_kg
            weight[~self.may_go_by(number, rows, columns, ignore_radius)] = NEVER
            best = np.minimum(best, weight)
        return best

    @staticmethod
    def _ids(names: tuple[str, ...], numbers: Ints) -> tuple[str, ...]:
        return tuple(names[number] for number in numbers.tolist())
