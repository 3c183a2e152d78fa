"""A street network while it is read: nodes and streets are taken one by one, and every fault is collected."""

import math
import re
from dataclasses import dataclass, field

import numpy as np

from cosmolocal.errors import InputError, Problem, Said, say
from cosmolocal.records import StreetNetwork

#: a street network cannot be read; a node or street of it is wrong
UNREADABLE, WRONG, ENTITIES = "N001", "N002", "N003"
#: most nodes and streets of a network, and most faults that are listed one by one
MOST_NODES = 2_000_000
MOST_STREETS = 6_000_000
MOST_FAULTS = 100
#: [m] longest street
LONGEST_M = 1_000_000.0
#: [km/h] fastest limit that is taken for one
FASTEST_KMH = 200
KMH_PER_MPH = 1.609344

_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(mph)?")
_FORWARD = frozenset(("true", "yes", "1", "1.0"))
_BACKWARD = frozenset(("-1", "-1.0", "reverse"))
_BOTH = frozenset(("", "false", "no", "0", "0.0", "reversible", "alternating"))


@dataclass(slots=True)
class Street:
    """One street as a file tells it; every field as text."""

    where: str
    start: str
    end: str
    length_m: str
    oneway: str = ""
    kind: str = ""
    speed: str = ""
    #: None: the file draws each direction by itself; True: it draws both as one
    is_both: bool = True


@dataclass
class Draft:
    """Takes what a file holds; `build` gives the network or every fault."""

    name: str
    #: file that is being read; "": that of the name
    file: str = ""
    problems: list[Problem] = field(default_factory=list)
    more_faults: int = 0
    number: dict[str, int] = field(default_factory=dict)
    lat: list[float] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    #: (start, end, mm, one-way, kind, km/h)
    arcs: list[tuple[int, int, int, bool, int, int]] = field(default_factory=list)
    kinds: dict[tuple[str, ...], int] = field(default_factory=dict)
    _streets: int = 0

    def fault(self, where: str, found: object, rule: Said) -> None:
        """Add a fault; beyond `MOST_FAULTS` they are only counted."""
        if len(self.problems) >= MOST_FAULTS:
            self.more_faults += 1
            return
        shown = repr(found) if len(repr(found)) <= 60 else repr(found)[:57] + "..."
        told = say("found %(found)s; %(rule)s", found=shown, rule=rule)
        self.problems.append(Problem(WRONG, f"{self.file or self.name}: {where}", told))

    def refuse(self, code: str, why: Said) -> InputError:
        """Return the error that ends the reading, with all faults so far."""
        return InputError([*self.problems, Problem(code, self.name, why)])

    def add_node(self, where: str, name: str, lon: str, lat: str) -> None:
        """Take a node; one that stands twice is a fault."""
        if len(self.number) >= MOST_NODES:
            raise self.refuse(UNREADABLE, say("has more than %(most)s nodes", most=MOST_NODES))
        if name in self.number:
            self.fault(where, name, say("stands twice; a node has one line"))
            return
        self.number[name] = len(self.lat)
        self.lon.append(self._degrees(where, "lon", lon, 180.0))
        self.lat.append(self._degrees(where, "lat", lat, 90.0))

    def _degrees(self, where: str, name: str, text: str, most: float) -> float:
        value = _real(text)
        if not -most <= value <= most:
            low, high = f"{-most:g}", f"{most:g}"
            self.fault(f"{where}.{name}", text, say("must be degrees from %(low)s to %(high)s", low=low, high=high))
            return 0.0
        return value

    def add_street(self, street: Street) -> None:
        """Take a street: one arc where it is one-way or the file draws each direction by itself, else two."""
        self._streets += 1
        if self._streets > MOST_STREETS:
            raise self.refuse(UNREADABLE, say("has more than %(most)s streets", most=MOST_STREETS))
        ends = [self.number.get(name) for name in (street.start, street.end)]
        for name, end, key in zip((street.start, street.end), ends, ("from", "to"), strict=True):
            if end is None:
                self.fault(f"{street.where}.{key}", name, say("must be a node of the network"))
        length_m = _real(street.length_m)
        if not 0 <= length_m <= LONGEST_M:
            rule = say("must be metres from 0 to %(most)s", most=f"{LONGEST_M:g}")
            self.fault(f"{street.where}.length", street.length_m, rule)
        direction = self._direction(street)
        if ends[0] is None or ends[1] is None or not 0 <= length_m <= LONGEST_M or ends[0] == ends[1]:
            return
        kind, speed = self._kind(street.kind), _speed_kmh(street.speed)
        rest = (max(1, round(length_m * 1000)), direction != 0, kind, speed)
        if direction >= 0:
            self.arcs.append((ends[0], ends[1], *rest))
        if direction < 0 or (direction == 0 and street.is_both):
            self.arcs.append((ends[1], ends[0], *rest))

    def _direction(self, street: Street) -> int:
        """Return 1: from start to end only, -1: from end to start only, 0: both."""
        words = {word.strip().strip("'\"").lower() for word in street.oneway.strip("[] ").split(",")}
        if words <= _BOTH:
            return 0
        if words <= _BOTH | _FORWARD:
            return 1
        if words <= _BACKWARD:
            return -1
        self.fault(f"{street.where}.oneway", street.oneway, say("must be yes, no or -1"))
        return 0

    def _kind(self, text: str) -> int:
        quoted = sorted({one or other for one, other in _QUOTED.findall(text)}) if text.startswith("[") else [text]
        kinds = tuple(kind.strip() for kind in quoted if kind.strip())
        return self.kinds.setdefault(kinds, len(self.kinds)) if kinds else -1

    def build(self, digest: str) -> StreetNetwork:
        """Return the network; raise `InputError` with every fault."""
        if not self.lat and not self.problems:
            raise self.refuse(UNREADABLE, say("holds no node"))
        if self.more_faults:
            self.problems.append(Problem(WRONG, f"{self.name}: …", say("and %(n)s more faults", n=self.more_faults)))
        if self.problems:
            raise InputError(self.problems)
        table = np.array(self.arcs, dtype=np.int64).reshape(-1, 6)
        arrays = [np.ascontiguousarray(table[:, column]) for column in range(6)]
        start, end, length_mm, oneway, kind, speed = arrays
        return StreetNetwork(
            self.name,
            digest,
            np.array(self.lat, dtype=np.float64),
            np.array(self.lon, dtype=np.float64),
            start,
            end,
            length_mm,
            oneway.astype(np.bool_),
            kind,
            speed,
            tuple(self.kinds),
        )


def _real(text: str) -> float:
    """Return a number; NaN where the text is none, which no range holds."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _speed_kmh(text: str) -> int:
    """Return the lowest limit that a text names; 0: unknown.

    >>> [_speed_kmh(text) for text in ("50", "30 mph", "['50', '30']", "ES:urban", "")]
    [50, 48, 30, 0, 0]
    """
    found = [float(number) * (KMH_PER_MPH if unit else 1) for number, unit in _SPEED.findall(text)]
    fit = [round(speed) for speed in found if 1 <= speed <= FASTEST_KMH]
    return min(fit, default=0)
