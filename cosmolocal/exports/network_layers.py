"""What a map or a table of the network shows: its links, their rules, and what a plan carries over them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from cosmolocal.network.routes import Ints, Links
from cosmolocal.network.street_lengths import NO_WAY
from cosmolocal.network.transport import ceil_div
from cosmolocal.records import Allocation, LinkRule, Region, Trip

#: links that are listed and drawn one by one
MOST_LINKS = 5_000

#: both directions of a link together: ids of its ends, in order
Ends = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LinkUse:
    """What a plan carries over a link, both directions together."""

    #: [kg], every load rounded up, by week
    kg_by_week: Counter[int] = field(default_factory=Counter)
    trips_by_mode: Counter[str] = field(default_factory=Counter)
    #: [g] by the place it comes from
    grams_from: Counter[str] = field(default_factory=Counter)

    @property
    def kg(self) -> int:
        """Return the load of all weeks."""
        return self.kg_by_week.total()

    @property
    def trips(self) -> int:
        """Return the trips of all modes."""
        return self.trips_by_mode.total()

    @property
    def busiest_week(self) -> tuple[int, int]:
        """Return the week with the greatest load, the first of equal ones, and its kilograms."""
        return max(self.kg_by_week.items(), key=lambda pair: (pair[1], -pair[0]))


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the network, or one that a rule closes."""

    #: the end first from which a plan carries more; without a plan in order
    ends: Ends
    #: (lon, lat) of both ends; None: an end is no longer a place of the region
    line: tuple[tuple[float, float], tuple[float, float]] | None
    #: [m]; None: nothing may pass
    distance_m: int | None
    #: [kg per week]; None: no limit
    weekly_capacity_kg: int | None
    rule: LinkRule | None
    use: LinkUse


@dataclass(frozen=True, slots=True)
class NetworkLayers:
    """The network of a region with what a plan carries over it."""

    places: int
    #: links that something may pass
    open_links: int
    #: by ids; closed links, and links of the plan that the region has no more, are among them
    links: tuple[Link, ...]
    #: False: the region has so many that only those are listed which a plan uses or a rule is about
    is_whole: bool
    #: links that the plan uses, those with the greatest load first
    used: tuple[Link, ...]


def build_network(
    region: Region, allocations: Iterable[Allocation] = (), trips: Iterable[Trip] = (), most: int = MOST_LINKS
) -> NetworkLayers:
    """Return the links of the region as it is now, with what these allocations carry over them, on shared trips too.

    Of a region with more than ``most`` links only those are listed which the allocations use or a rule is about.
    """
    known, uses = Links(region), measure_uses(allocations, trips)
    lengths = np.triu(known.lengths_m(range(len(known.places))) + 1) - 1
    rules = {_ordered(rule.from_place, rule.to_place): rule for rule in region.network.links}
    listed = set(rules) | set(uses)
    open_links = int((lengths != NO_WAY).sum())
    if open_links <= most:
        ids = [place.id for place in known.places]
        listed |= {_ordered(ids[one], ids[other]) for one, other in np.argwhere(lengths != NO_WAY).tolist()}
    links = tuple(_link(known, lengths, ends, rules.get(ends), uses.get(ends, LinkUse())) for ends in sorted(listed))
    used = sorted(
        (link for link in links if link.use.trips), key=lambda link: (-link.use.kg, -link.use.trips, link.ends)
    )
    return NetworkLayers(len(known.places), open_links, links, open_links <= most, tuple(used))


def measure_uses(allocations: Iterable[Allocation], trips: Iterable[Trip] = ()) -> dict[Ends, LinkUse]:
    """Return what the allocations carry, by link; legs that share trips have none of their own."""
    uses: dict[Ends, LinkUse] = defaultdict(LinkUse)
    passed: dict[tuple[str, str, str, int], tuple[str, ...]] = {}
    for allocation in allocations:
        for leg in allocation.legs:
            passed[leg.from_place, leg.to_place, leg.mode, leg.week] = leg.via
            for start, end in _passed(leg.via):
                use = uses[_ordered(start, end)]
                use.kg_by_week[leg.week] += ceil_div(leg.mass_g, 1000)
                use.trips_by_mode[leg.mode] += leg.trips
                use.grams_from[start] += leg.mass_g
    for trip in trips:
        for start, end in _passed(passed.get((trip.from_place, trip.to_place, trip.mode, trip.week), ())):
            uses[_ordered(start, end)].trips_by_mode[trip.mode] += trip.trips
    return dict(uses)


def _passed(via: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return ((start, end) for start, end in pairwise(via) if start != end)


def _ordered(one: str, other: str) -> Ends:
    return min(one, other), max(one, other)


def _link(known: Links, lengths: Ints, ends: Ends, rule: LinkRule | None, use: LinkUse) -> Link:
    numbers = sorted(known.number[end] for end in ends if end in known.number)
    there = len(numbers) == 2
    distance_m = int(lengths[numbers[0], numbers[1]]) if there else NO_WAY
    is_open = distance_m != NO_WAY
    common = known.network.weekly_capacity_kg
    limit = common if rule is None or rule.weekly_capacity_kg is None else rule.weekly_capacity_kg
    one, other = ends if use.grams_from[ends[0]] >= use.grams_from[ends[1]] else ends[::-1]
    return Link(
        ends=(one, other),
        line=(_spot(known, one), _spot(known, other)) if there else None,
        distance_m=distance_m if is_open else None,
        weekly_capacity_kg=limit if is_open else None,
        rule=rule,
        use=use,
    )


def _spot(known: Links, place_id: str) -> tuple[float, float]:
    place = known.places[known.number[place_id]]
    return place.lon, place.lat
