"""Whether a workshop that a list tells of is one that the register has."""

import difflib
import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.errors import say
from cosmolocal.records import Workshop
from cosmolocal.workshops.found import Row, distance_m, plain_name

#: [m] a workshop of the same name within this is the same one; up to the second distance it may be
SAME_NAME_M, DOUBTFUL_NAME_M = 2_000.0, 25_000.0
#: [m] within this, two places are one pair of coordinates
SAME_PLACE_M = 15.0
#: [m] and ratio of difflib within which a name that is like another one raises a doubt
NEIGHBOUR_M, ALIKE = 300.0, 0.8
#: [degrees] side of a cell of the index; at least `SAME_NAME_M` from north to south
CELL = 0.02
_M_PER_DEGREE = 111_000.0
#: [degrees] from north to south, a little more than `NEIGHBOUR_M`
_NEXT = 1.1 * NEIGHBOUR_M / _M_PER_DEGREE


class Match(StrEnum):
    """How a row and a workshop of the register belong together."""

    NEW = "new"
    SAME = "same"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a row."""

    match: Match
    #: id of the workshop; "": none
    workshop: str = ""
    #: by what it was found, or why it is doubtful
    reason: str = ""


@dataclass(slots=True)
class _Entry:
    id: str
    plain: str
    point: tuple[float, float]


class Finder:
    """Finds workshops by the ids of lists, by name and by place; more can be added."""

    def __init__(self, workshops: Collection[Workshop]) -> None:
        self.by_key: dict[tuple[str, str], str] = {}
        self.keys: dict[str, dict[str, str]] = defaultdict(dict)
        self.by_id: dict[str, _Entry] = {}
        self.by_name: dict[str, list[_Entry]] = defaultdict(list)
        self.cells: dict[tuple[int, int], list[_Entry]] = defaultdict(list)
        for workshop in workshops:
            self.add(workshop)

    def add(self, workshop: Workshop) -> None:
        """Add a workshop."""
        entry = _Entry(workshop.id, plain_name(workshop.name), (workshop.lat, workshop.lon))
        self.by_id[entry.id] = entry
        self.by_name[entry.plain].append(entry)
        self.cells[_cell(entry.point)].append(entry)
        for imported in workshop.imported:
            self.add_key(workshop.id, imported.source, imported.id)

    def add_key(self, workshop_id: str, source: str, key: str) -> None:
        """Note what a list calls a workshop."""
        if key:
            self.by_key.setdefault((family(source), key), workshop_id)
            self.keys[workshop_id][family(source)] = key

    def find(self, row: Row, source: str) -> Found:
        """Return the workshop that a row speaks of; rows with coordinates only, unless the list's id is known."""
        if row.record is not None:
            known = row.record.id in self.by_id
            return Found(Match.SAME, row.record.id, "id") if known else Found(Match.NEW)
        key = self.by_key.get((family(source), row.id)) if row.id else None
        plain = plain_name(row.name)
        if key is not None:
            return self._check_key(row, plain, self.by_id[key])
        if row.lat is None or row.lon is None:
            return self._find_by_name(row, self.by_name.get(plain, []), source)
        return self._find_near(row, plain, (row.lat, row.lon), source)

    def _check_key(self, row: Row, plain: str, entry: _Entry) -> Found:
        """Return what has the list's id, unless it is plainly another workshop: another list may count alike."""
        if row.lat is not None and row.lon is not None and plain != entry.plain:
            metres = distance_m((row.lat, row.lon), entry.point)
            if metres > DOUBTFUL_NAME_M:
                reason = say(
                    "has the id of %(workshop)s, but another name, and is %(km)s km off",
                    workshop=entry.id,
                    km=round(metres / 1000),
                )
                return Found(Match.DOUBTFUL, entry.id, reason)
        return Found(Match.SAME, entry.id, "id of the list")

    def _find_by_name(self, row: Row, named: list[_Entry], source: str) -> Found:
        if not named:
            return Found(Match.NEW)
        entry = named[0]
        other = self.keys[entry.id].get(family(source), "")
        if len(named) > 1 or (row.id and other and other != row.id):
            reason = say("has the name of %(workshop)s, and no coordinates to tell them apart", workshop=entry.id)
            return Found(Match.DOUBTFUL, entry.id, reason)
        return Found(Match.SAME, entry.id, "name")

    def _find_near(self, row: Row, plain: str, point: tuple[float, float], source: str) -> Found:
        near = sorted((distance_m(point, entry.point), entry.id, entry) for entry in self._around(point, plain))
        for metres, _, entry in near:
            if entry.plain == plain and metres <= SAME_NAME_M:
                other = self.keys[entry.id].get(family(source), "")
                if row.id and other and other != row.id:
                    reason = say(
                        "has the name of %(workshop)s, which the list calls %(key)s", workshop=entry.id, key=other
                    )
                    return Found(Match.DOUBTFUL, entry.id, reason)
                return Found(Match.SAME, entry.id, "name and place")
        for metres, _, entry in near:
            if metres <= SAME_PLACE_M:
                told = say("stands at the same coordinates as %(workshop)s", workshop=entry.id)
                return Found(Match.DOUBTFUL, entry.id, told)
            if metres <= NEIGHBOUR_M and _alike(plain, entry.plain):
                told = say("is %(m)s m from %(workshop)s, whose name is like it", m=round(metres), workshop=entry.id)
                return Found(Match.DOUBTFUL, entry.id, told)
        for entry in self.by_name.get(plain, ()):
            metres = distance_m(point, entry.point)
            if metres <= DOUBTFUL_NAME_M:
                km = f"{metres / 1000:.1f}"
                told = say("has the name of %(workshop)s, which is %(km)s km off", workshop=entry.id, km=km)
                return Found(Match.DOUBTFUL, entry.id, told)
        return Found(Match.NEW)

    def _around(self, point: tuple[float, float], plain: str) -> Iterator[_Entry]:
        """Yield what has the name within `SAME_NAME_M`, all else within `NEIGHBOUR_M`, and some beyond it."""
        north, east = _cell(point)
        narrowest = max(0.02, math.cos(math.radians(min(89.0, abs(point[0]) + CELL))))
        least = math.cos(math.radians(min(90.0, abs(point[0]) + CELL)))
        reach = math.ceil(SAME_NAME_M / (_M_PER_DEGREE * narrowest * CELL))
        around = round(360 / CELL)
        for lat in range(north - 1, north + 2):
            for lon in range(east - reach, east + reach + 1):
                for entry in self.cells.get((lat, lon % around), ()):
                    if entry.plain == plain or _is_next(point, entry.point, least):
                        yield entry


def _is_next(one: tuple[float, float], other: tuple[float, float], least: float) -> bool:
    """Tell whether two points may be within `NEIGHBOUR_M`: quicker than to measure, and never wrongly no.

    ``least``: what a degree to the east is worth at least, of one to the north.
    """
    if abs(one[0] - other[0]) > _NEXT:
        return False
    turn = abs(one[1] - other[1])
    return min(turn, 360 - turn) * least <= _NEXT


def _cell(point: tuple[float, float]) -> tuple[int, int]:
    return math.floor((point[0] + 90) / CELL), math.floor((point[1] + 180) / CELL) % round(360 / CELL)


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) >= 6 and (one in other or other in one):
        return True
    return difflib.SequenceMatcher(None, one, other).ratio() >= ALIKE


def family(source: str) -> str:
    """Return whose list it is: lists of one house share their ids.

    >>> family("fablabs.io: machines"), family("https://example.org/list")
    ('fablabs.io', 'https://example.org/list')
    """
    return source.partition(": ")[0].strip().casefold()
