"""What loads weigh on their way where lots share trips, for all workshops and places at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from cosmolocal.network.routes import Routes
from cosmolocal.network.street_lengths import NO_WAY
from cosmolocal.network.transport import load_kg, shared_kg
from cosmolocal.planning.haulage import NEVER, Bools, Haulage, Ints, Reach
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


#: [m] farther than any way
_NO_LIMIT = np.iinfo(np.int64).max

#: what a load weighs on one leg by some mode, [starts × ends] thousandths of a cent
TripWeights = Callable[[ModeTrips], Ints]


@dataclass(frozen=True, slots=True)
class Alike:
    """Modes that go the same distances: all of them but over streets, where each has its own."""

    #: mode, and cents of one trip from workshops, [W × N], and from hubs, [H × N]
    modes: tuple[tuple[Mode, Ints, Ints], ...]
    #: [W × N], [H × N] metres
    shop_m: Ints
    hub_m: Ints


def trip_cents(region: Region, mode: Mode, distance_m: Ints) -> Ints:
    """Return the cents of one trip over each distance, all weighed; `NEVER` where the mode cannot go."""
    settings, metres = region.settings, np.maximum(distance_m, 0)
    cents = mode.cents_per_trip - -mode.cents_per_km * metres // 1000
    co2e_g = -(-mode.co2e_g_per_km * metres // 1000)
    cents = cents - -co2e_g * settings.co2e_cents_per_kg // 1000 - -metres * settings.distance_cents_per_km // 1000
    cents = np.where(metres == 0, 0, cents)
    far = np.zeros(metres.shape, dtype=bool) if mode.max_distance_m is None else metres > mode.max_distance_m
    return np.where((distance_m == NO_WAY) | far, NEVER, cents)


class Between:
    """The ways on shared trips from some workshops, by row, to some places, by column: straight, or by a hub."""

    def __init__(self, haulage: "SharedHaulage", rows: Ints, columns: Ints, reach: Reach) -> None:
        self.haulage, self.rows, self.columns = haulage, rows, columns
        self._shape = len(rows), len(columns)
        farthest = haulage.farthest_m[rows] if reach.is_limited else np.full(len(rows), _NO_LIMIT)
        if reach.is_limited and reach.limit_m is not None:
            farthest = np.minimum(farthest, reach.limit_m)
        cells, hubs = np.ix_(rows, columns), np.arange(len(haulage.hub_columns))
        starts, ends, through = (
            haulage.shop_ids(rows),
            haulage.place_ids(columns),
            haulage.place_ids(haulage.hub_columns),
        )
        inward, outward = np.ix_(rows, haulage.hub_columns), np.ix_(hubs, columns)
        #: for each kind of modes: their trips straight, to all hubs, and from all hubs
        self._straight = [[ModeTrips(m, c[cells], starts, ends) for m, c, _ in kind.modes] for kind in haulage.kinds]
        self._inward = [[ModeTrips(m, c[inward], starts, through) for m, c, _ in kind.modes] for kind in haulage.kinds]
        self._outward = [[ModeTrips(m, c[outward], through, ends) for m, _, c in kind.modes] for kind in haulage.kinds]
        #: for each kind of modes: where they do not get to, or only beyond a limit, [rows × columns]
        self._far = [_is_far(kind.shop_m[cells], farthest) for kind in haulage.kinds]
        #: the same for each hub, by (kind to the hub, kind from it); a hub is neither start nor end of the way
        self._far_by = [
            {
                (one, other): self._is_far_by(hub, haulage.kinds[one], haulage.kinds[other], farthest)
                for one, other in product(range(len(haulage.kinds)), repeat=2)
            }
            for hub in hubs.tolist()
        ]

    def _is_far_by(self, hub: int, one: Alike, other: Alike, farthest: Ints) -> Bools:
        at = int(self.haulage.hub_columns[hub])
        first, second = one.shop_m[self.rows, at][:, None], other.hub_m[hub, self.columns][None, :]
        whole = np.where((first == NO_WAY) | (second == NO_WAY), NO_WAY, first + second)
        ends = self.haulage.columns[self.rows][:, None]
        far: Bools = _is_far(whole, farthest) | (ends == at) | (self.columns == at) | (ends == self.columns)
        return far

    def straight(self, unit_mass_g: int, weigh: TripWeights) -> Ints:
        """Return what a load weighs straight, by the mode that is best for it; `NEVER`: none gets there."""
        best = np.full(self._shape, NEVER, dtype=np.int64)
        for trips, far in zip(self._straight, self._far, strict=True):
            best = np.minimum(best, np.where(far, NEVER, _least(unit_mass_g, trips, weigh, self._shape)))
        return best

    def by_hub(self, hub: int, unit_mass_g: int, weigh: TripWeights) -> Ints:
        """Return what a load weighs by a hub, by the modes that are best for it, handling left out."""
        rows, columns = self._shape
        inward = [_least(unit_mass_g, _column(trips, hub), weigh, (rows, 1)) for trips in self._inward]
        outward = [_least(unit_mass_g, _row(trips, hub), weigh, (1, columns)) for trips in self._outward]
        best = np.full(self._shape, NEVER, dtype=np.int64)
        for (one, other), far in self._far_by[hub].items():
            best = np.minimum(best, np.where(far, NEVER, inward[one] + outward[other]))
        return best


def _is_far(distance_m: Ints, farthest: Ints) -> Bools:
    far: Bools = (distance_m == NO_WAY) | (distance_m > farthest[:, None])
    return far


def _least(unit_mass_g: int, every: list[ModeTrips], weigh: TripWeights, shape: tuple[int, int]) -> Ints:
    """Return the least that a load weighs by modes that can carry a piece, at most `NEVER`."""
    least = np.full(shape, NEVER, dtype=np.int64)
    for trips in every:
        if unit_mass_g <= trips.mode.max_load_g:
            least = np.minimum(least, weigh(trips))
    return least


def _column(every: list[ModeTrips], hub: int) -> list[ModeTrips]:
    return [replace(each, cents=each.cents[:, [hub]], ends=each.ends[hub : hub + 1]) for each in every]


def _row(every: list[ModeTrips], hub: int) -> list[ModeTrips]:
    return [replace(each, cents=each.cents[[hub]], starts=each.starts[hub : hub + 1]) for each in every]


class SharedHaulage(Haulage):
    """The loads that workshops send on trips they share, straight or by a hub."""

    def __init__(self, region: Region, routes: Routes, radii_m: list[int | None], sharing: Sharing) -> None:
        super().__init__(region, routes, radii_m)
        self.sharing, self._places = sharing, tuple(place.id for place in routes.links.places)
        hubs, modes = sharing.hub_routes, region.network.modes
        self.hub_columns: Ints = np.array(hubs.starts, dtype=np.int64)
        #: [m] radius of each workshop
        self.farthest_m: Ints = np.array([_NO_LIMIT if each is None else each for each in radii_m], dtype=np.int64)
        tables = zip(routes.modes_m or (routes.distance_m,), hubs.modes_m or (hubs.distance_m,), strict=True)
        alike = [(mode,) for mode in modes] if routes.modes_m else [modes]
        self.kinds = [
            Alike(
                tuple((mode, trip_cents(region, mode, shop_m), trip_cents(region, mode, hub_m)) for mode in group),
                shop_m,
                hub_m,
            )
            for group, (shop_m, hub_m) in zip(alike, tables, strict=True)
        ]

    def shop_ids(self, rows: Ints) -> tuple[str, ...]:
        """Return the ids of workshops, by their rows."""
        return self.place_ids(self.columns[rows])

    def place_ids(self, columns: Ints) -> tuple[str, ...]:
        """Return the ids of places, by their columns."""
        return tuple(self._places[column] for column in columns.tolist())

    def between(self, rows: Ints, columns: Ints, reach: Reach) -> Between:
        """Return the ways from some workshops to some places."""
        return Between(self, rows, columns, reach)

    def weights(self, load: tuple[int, int], rows: Ints, columns: Ints, reach: Reach) -> Ints:
        """Return what a load of (grams per piece, pieces) weighs from each row to each column, alone on its trips."""
        unit_mass_g, kilograms = load[0], shared_kg(load[0] * load[1])

        def alone(trips: ModeTrips) -> Ints:
            number = -(-kilograms // trips.load_kg)
            return np.where(trips.cents < NEVER, 1000 * number * trips.cents, NEVER)

        ways = self.between(rows, columns, reach)
        best = ways.straight(unit_mass_g, alone)
        for number, hub in enumerate(self.sharing.hubs):
            handling = 1000 * kilograms * hub.handling_cents_per_kg
            best = np.minimum(best, ways.by_hub(number, unit_mass_g, alone) + handling)
        return np.minimum(best, NEVER)
