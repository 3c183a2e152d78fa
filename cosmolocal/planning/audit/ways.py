"""Distances: shortest ways over open links, which are as long as geodesics or as ways over streets."""

import heapq
import math
from itertools import pairwise

from cosmolocal.planning.audit.geodesics import geodesic_m
from cosmolocal.planning.audit.streets import StreetWays
from cosmolocal.records import LinkRule, PlaceKind, Region

#: [m] farther than any way
_FAR = 1 << 60

#: a way: its distance in metres, and the places passed
Way = tuple[int, tuple[str, ...]]


class Ways:
    """The places of a region and the open links between them."""

    def __init__(self, region: Region) -> None:
        self._network = region.network
        self._spots = {place.id: (place.lat, place.lon) for place in region.places}
        self._spots |= {workshop.id: (workshop.lat, workshop.lon) for workshop in region.workshops}
        hubs = {place.id for place in region.places if place.kind is PlaceKind.HUB}
        self._centres = hubs | {workshop.id for workshop in region.workshops}
        self._rules = {link_key(rule.from_place, rule.to_place): rule for rule in region.network.links}
        #: None: the region names no street network
        self.streets = StreetWays(region, self._spots) if region.network.streets is not None else None
        self._lengths: dict[tuple[str, str], int] = {}
        self._shortest: dict[tuple[str, str], Way | None] = {}
        self._rows: dict[str, list[int]] = {}
        self._from: dict[str, dict[str, int]] = {}
        self._has_shortcuts = any(self._is_shortcut(rule) for rule in self._rules.values())
        self._has_shortcuts |= self.streets is not None and not self.streets.are_alike

    def find_link_m(self, first: str, second: str, mode: int | None = None) -> int | None:
        """Return the length of the open link between two places, if there is one.

        Over streets that of a mode, by its number, or of the first mode that gets there.
        """
        if first == second or first not in self._spots or second not in self._spots:
            return None
        rule = self._rules.get(link_key(first, second))
        if rule is None and first not in self._centres and second not in self._centres:
            return None
        if rule is not None and rule.closed:
            return None
        if rule is not None and rule.distance_m is not None:
            return rule.distance_m
        return self._natural_m(first, second, mode)

    def find_capacity_kg(self, link: tuple[str, str]) -> int | None:
        """Return how much a link carries in a week; None: no limit."""
        rule = self._rules.get(link)
        if rule is None or rule.weekly_capacity_kg is None:
            return self._network.weekly_capacity_kg
        return rule.weekly_capacity_kg

    def find_length_m(self, via: tuple[str, ...], mode: int | None = None) -> int | None:
        """Return the length of a way over open links, for a mode where streets tell them apart; None: it is no way."""
        if not via or via[0] not in self._spots:
            return None
        links = [self.find_link_m(first, second, mode) for first, second in pairwise(via)]
        known = [length for length in links if length is not None]
        return sum(known) if len(known) == len(links) else None

    def find_shortest(self, start: str, end: str) -> Way | None:
        """Return the shortest way; ties: fewer links, then smaller ids."""
        if (start, end) not in self._shortest:
            self._shortest[start, end] = self._find(start, end)
        return self._shortest[start, end]

    def find_shortest_m(self, start: str, end: str) -> int | None:
        """Return the length of the shortest way; all those from one place are searched for together."""
        if start not in self._spots or end not in self._spots:
            return None
        if self._is_shortest(start, end):
            return self.find_link_m(start, end)
        if start not in self._from:
            self._from[start] = self._search_from(start)
        return self._from[start].get(end)

    def _find(self, start: str, end: str) -> Way | None:
        if start not in self._spots or end not in self._spots:
            return None
        direct = self.find_link_m(start, end)
        return (
            (direct, (start, end)) if direct is not None and self._is_shortest(start, end) else self._search(start, end)
        )

    def _is_shortest(self, start: str, end: str) -> bool:
        """Tell whether the link itself is the shortest way: none is shorter than a geodesic, unless a rule says so."""
        rule = self._rules.get(link_key(start, end))
        is_natural = rule is None or (rule.distance_m is None and not rule.closed)
        return is_natural and not self._has_shortcuts and self.find_link_m(start, end) is not None

    def _search_from(self, start: str) -> dict[str, int]:
        """Dijkstra's search for the lengths of the shortest ways to all places."""
        names = list(self._spots)
        found = [0 if name == start else _FAR for name in names]
        waiting = set(range(len(names)))
        while waiting:
            nearest = min(waiting, key=found.__getitem__)
            so_far = found[nearest]
            if so_far >= _FAR:
                break
            waiting.remove(nearest)
            reached = [so_far + length for length in self._row(names[nearest])]
            found = [old if old <= new else new for old, new in zip(found, reached, strict=True)]
        return {name: length for name, length in zip(names, found, strict=True) if length < _FAR}

    def _row(self, name: str) -> list[int]:
        """Return the lengths of a place's links to all places, beyond any way where there is none."""
        if name not in self._rows:
            links = (self.find_link_m(name, other) for other in self._spots)
            self._rows[name] = [_FAR if length is None else length for length in links]
        return self._rows[name]

    def _search(self, start: str, end: str) -> Way | None:
        """Dijkstra's search, over (distance, links, places)."""
        waiting: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, (start,))]
        done: set[str] = set()
        while waiting:
            distance_m, links, via = heapq.heappop(waiting)
            if via[-1] == end:
                return distance_m, via
            if via[-1] in done:
                continue
            done.add(via[-1])
            for place in self._spots.keys() - done:
                length = self.find_link_m(via[-1], place)
                if length is not None:
                    heapq.heappush(waiting, (distance_m + length, links + 1, (*via, place)))
        return None

    def _natural_m(self, first: str, second: str, mode: int | None = None) -> int | None:
        if self.streets is not None:
            return self.streets.find_m(first, second, mode)
        key = link_key(first, second)
        if key not in self._lengths:
            metres = geodesic_m(self._spots[key[0]], self._spots[key[1]])
            self._lengths[key] = math.ceil(metres * self._network.detour_factor)
        return self._lengths[key]

    def _is_shortcut(self, rule: LinkRule) -> bool:
        ends = rule.from_place, rule.to_place
        if rule.closed or rule.distance_m is None or not set(ends) <= self._spots.keys():
            return False
        both = self._natural_m(*ends), self._natural_m(*ends[::-1])
        return any(length is None or rule.distance_m < length for length in both)


def link_key(first: str, second: str) -> tuple[str, str]:
    """Return a link's name, the same in both directions."""
    return (first, second) if first <= second else (second, first)
