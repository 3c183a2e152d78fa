"""The shortest routes from workshops to all places, as a table of metres; what is passed on the way is found on demand.

Every workshop is linked with every place, and no way around is shorter than the link: it is as long as the geodesic
times a factor or, where the region names a street network, as the shortest way over the streets. So the link itself is
the route, but where a rule closes or lengthens it, or where a rule anywhere makes a short cut: there Dijkstra's search
decides.

Over streets each mode has lengths of its own. Which places a route passes follows from the lengths of the first mode
that passes a link; the other modes take the same places, each at its own lengths.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cosmolocal.network.distances import direct_distances_m
from cosmolocal.network.street_lengths import NO_WAY, StreetLengths
from cosmolocal.records import LinkRule, Place, PlaceKind, Region

Ints = NDArray[np.int64]

#: what a metre weighs when a link weighs 1: more than any way has links, so that fewer links only decide between ways
#: of the same length; whole numbers, so that the same length is exactly the same
METRE_WEIGHT = 1_000_000


@dataclass(frozen=True, slots=True)
class Route:
    """The shortest way between two places."""

    #: [m]
    distance_m: int
    #: ids of the places passed, both ends included
    via: tuple[str, ...]
    #: [m] of each mode of the region, `NO_WAY` where it cannot pass; (): all modes go the distance
    modes_m: tuple[int, ...] = ()

    def by(self, mode: int) -> "Route":
        """Return the route as a mode goes it, by its number in the region's list."""
        return replace(self, distance_m=self.modes_m[mode], modes_m=()) if self.modes_m else self

    @property
    def nearest_m(self) -> int:
        """Return the least metres that any mode goes."""
        return min((length for length in self.modes_m if length != NO_WAY), default=self.distance_m)

    def links(self) -> tuple[tuple[str, str], ...]:
        """Return the links passed, each with its ids in order."""
        return tuple((min(a, b), max(a, b)) for a, b in pairwise(self.via))


def all_places(region: Region) -> tuple[Place, ...]:
    """Return the region's places, workshops included, by id."""
    workshops = [
        Place(id=workshop.id, name=workshop.name, kind=PlaceKind.WORKSHOP, lat=workshop.lat, lon=workshop.lon)
        for workshop in region.workshops
    ]
    return tuple(sorted([*region.places, *workshops], key=lambda place: place.id))


class Links:
    """The lengths of the links between places; ids and rules are looked up once."""

    def __init__(self, region: Region) -> None:
        self.network = region.network
        self.places = all_places(region)
        self.number: dict[str, int] = {place.id: number for number, place in enumerate(self.places)}
        self._spots = [(place.lat, place.lon) for place in self.places]
        #: None: the region names no street network
        self.streets = StreetLengths(region, self.places) if region.network.streets is not None else None
        self._is_end = np.array([place.kind is PlaceKind.NEIGHBOURHOOD for place in self.places], dtype=bool)
        #: rules whose places are known, by the numbers of the places, the smaller first
        self.rules: dict[tuple[int, int], LinkRule] = {
            (min(ends), max(ends)): rule
            for rule in region.network.links
            if len(ends := [self.number[id_] for id_ in (rule.from_place, rule.to_place) if id_ in self.number]) == 2
        }

    def natural_m(self, rows: Iterable[int]) -> Ints:
        """Return how far some places are from all places where no rule says otherwise, [rows × N] metres.

        The geodesic times the detour factor; where the region names a street network the way over it by the first mode
        that gets there, `NO_WAY` where none does.
        """
        if self.streets is not None:
            return self.streets.natural_m(rows)
        return direct_distances_m([self._spots[row] for row in rows], self._spots, self.network.detour_factor)

    def lengths_m(self, rows: Iterable[int], mode: int | None = None) -> Ints:
        """Return the lengths of the links of some places, [rows × N] metres; `NO_WAY`: not linked.

        Over streets those of a mode, by its number, or of the first mode that gets there.
        """
        rows = list(rows)
        if mode is not None and self.streets is not None:
            lengths = self.streets.modes[mode].rows_m(rows)
        else:
            lengths = self.natural_m(rows)
        lengths[np.ix_(self._is_end[rows], self._is_end)] = NO_WAY
        lengths[np.arange(len(rows)), rows] = NO_WAY
        position = {row: nth for nth, row in enumerate(rows)}
        for ends, rule in self.rules.items():
            for one, other in (ends, ends[::-1]):
                if one in position:
                    lengths[position[one], other] = self._ruled_m((one, other), rule, mode)
        return lengths

    def _ruled_m(self, ends: tuple[int, int], rule: LinkRule, mode: int | None) -> int:
        one, other = ends
        if rule.closed or one == other:
            return NO_WAY
        if rule.distance_m is not None:
            return rule.distance_m
        if mode is not None and self.streets is not None:
            return int(self.streets.modes[mode].rows_m([one])[0, other])
        return self.natural_between_m(one, other)

    def natural_between_m(self, one: int, other: int) -> int:
        """Return how far one place is from another where no rule says otherwise, as `natural_m` does."""
        if self.streets is not None:
            return int(self.natural_m([one])[0, other])
        return int(direct_distances_m([self._spots[one]], [self._spots[other]], self.network.detour_factor)[0, 0])

    def capacities(self) -> Iterator[tuple[int, int, int]]:
        """Yield (smaller, larger, kilograms a week) of the open links with a limit, by the numbers of their ends."""
        common = self.network.weekly_capacity_kg
        if common is not None:
            lengths = self.lengths_m(range(len(self.places)))
            ones, others = np.nonzero(np.triu(lengths != NO_WAY))
            ends = list(zip(ones.tolist(), others.tolist(), strict=True))
        else:
            ends = sorted(ends for ends, rule in self.rules.items() if not rule.closed and ends[0] != ends[1])
        for pair in ends:
            rule = self.rules.get(pair)
            limit = common if rule is None or rule.weekly_capacity_kg is None else rule.weekly_capacity_kg
            if limit is not None:
                yield *pair, limit

    @cached_property
    def has_short_cuts(self) -> bool:
        """Tell whether any rule makes a link shorter than it would be, or modes do that get to unlike places."""
        ruled = {ends: rule for ends, rule in self.rules.items() if not rule.closed and rule.distance_m is not None}
        if self.streets is not None:
            self.natural_m({end for ends in ruled for end in ends})  # all at once is faster than one by one
        return (self.streets is not None and not self.streets.is_alike) or any(
            natural_m == NO_WAY or (rule.distance_m or 0) < natural_m
            for ends, rule in ruled.items()
            for natural_m in self._both_ways_m(*ends)
        )

    def _both_ways_m(self, one: int, other: int) -> tuple[int, ...]:
        there = self.natural_between_m(one, other)
        return (there,) if self.streets is None else (there, self.natural_between_m(other, one))


class Routes:
    """The shortest routes from some workshops; ties: fewer links, then smaller ids."""

    def __init__(self, region: Region, sources: Iterable[str]) -> None:
        self.links = Links(region)
        #: numbers of the places that routes begin at
        self.starts = [self.links.number[source] for source in sources]
        self._row = {start: row for row, start in enumerate(self.starts)}
        direct = self.links.lengths_m(self.starts)
        #: [sources × N] metres; `NO_WAY`: cannot be reached
        self.distance_m: Ints = direct.copy()
        self.distance_m[np.arange(len(self.starts)), self.starts] = 0
        #: rows that Dijkstra's search has found
        self._searched: dict[int, Ints] = {}
        bent = self._bent_rows()
        if bent:
            self._search(bent)
        #: [sources × N] is the link itself the route?
        self.is_direct = (self.distance_m == direct) & (direct != NO_WAY)
        #: [sources × N] metres of each mode along the routes; (): all modes go the distance
        self.modes_m: tuple[Ints, ...] = ()
        if self.links.streets is not None:
            self.modes_m = tuple(self._along(mode) for mode in range(len(region.network.modes)))

    def number(self, place: str) -> int | None:
        """Return the column of a place; None: there is no such place."""
        return self.links.number.get(place)

    def find(self, source: str, target: str) -> Route | None:
        """Return the shortest route from a workshop to a place; None: it cannot be reached."""
        start, end = self.links.number[source], self.links.number.get(target)
        return None if end is None else self.between(self._row[start], end)

    def between(self, row: int, column: int) -> Route | None:
        """Return the route of a cell of the table; None: there is none."""
        distance_m = int(self.distance_m[row, column])
        if distance_m == NO_WAY:
            return None
        via = tuple(self.links.places[number].id for number in self.passed(row, column))
        return Route(distance_m, via, tuple(int(lengths[row, column]) for lengths in self.modes_m))

    def reaches_m(self, rows: Ints, column: int) -> list[int]:
        """Return how far it is from some rows to a place, by any mode, least first."""
        tables = self.modes_m or (self.distance_m,)
        found = np.unique(np.concatenate([table[rows, column] for table in tables]))
        reached: list[int] = found[found != NO_WAY].tolist()
        return reached

    def _along(self, mode: int) -> Ints:
        """Return how long the routes are for a mode; `NO_WAY` where it cannot pass."""
        lengths = self.links.lengths_m(self.starts, mode)
        lengths[self.distance_m == NO_WAY] = NO_WAY
        lengths[np.arange(len(self.starts)), self.starts] = 0
        is_around = ~self.is_direct & (self.distance_m != NO_WAY)
        is_around[np.arange(len(self.starts)), self.starts] = False
        around = np.argwhere(is_around).tolist()
        every = self.links.lengths_m(range(len(self.links.places)), mode) if around else lengths
        for row, column in around:
            passed = [int(every[pair]) for pair in pairwise(self.passed(row, column))]
            lengths[row, column] = NO_WAY if NO_WAY in passed else sum(passed)
        return lengths

    def passed(self, row: int, column: int) -> tuple[int, ...]:
        """Return the numbers of the places that the route of a cell passes, both ends included."""
        start = self.starts[row]
        if start == column:
            return (start,)
        if self.is_direct[row, column]:
            return start, column
        weights = self._searched[row]
        before = np.flatnonzero((weights + self._link_weights[:, column] == weights[column]) & (weights >= 0))
        return min((*self.passed(row, place), column) for place in before.tolist())

    def _bent_rows(self) -> list[int]:
        """Return the rows where the link itself may not be the shortest way."""
        if self.links.has_short_cuts:
            return list(range(len(self.starts)))
        bent = [ends for ends, rule in self.links.rules.items() if rule.closed or rule.distance_m is not None]
        return sorted({self._row[end] for ends in bent for end in ends if end in self._row})

    @cached_property
    def _link_weights(self) -> Ints:
        """Return the weight of every link, [N × N]; far above any way where there is none."""
        lengths = self.links.lengths_m(range(len(self.links.places)))
        return np.where(lengths == NO_WAY, np.int64(1) << 61, lengths * METRE_WEIGHT + 1)

    def _search(self, rows: list[int]) -> None:
        weights = self._link_weights
        ones, others = np.nonzero(weights < np.int64(1) << 61)
        shape = weights.shape
        # whole numbers below 2 ** 53, so that floating point is exact
        links = csr_array((weights[ones, others].astype(np.float64), (ones, others)), shape=shape)
        found = np.atleast_2d(dijkstra(links, indices=[self.starts[row] for row in rows]))
        whole = np.where(np.isfinite(found), found, -1).astype(np.int64)
        for row, weight in zip(rows, whole, strict=True):
            self._searched[row] = weight
            self.distance_m[row] = np.where(weight < 0, NO_WAY, weight // METRE_WEIGHT)
