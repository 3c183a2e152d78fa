"""Which places the streets reach: how far each lies from them, and who cannot be reached by what."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from cosmolocal.errors import Problem, Said, say
from cosmolocal.network.routes import all_places
from cosmolocal.network.street_doubts import check_networks
from cosmolocal.network.street_lengths import StreetLengths, find_streets
from cosmolocal.network.street_modes import OFF
from cosmolocal.records import Region

CODES = {
    "N004": "Warning: a place lies far from the streets.",
    "N005": "Warning: a mode cannot reach a place over the streets.",
    "N006": "Warning: a class of streets that a mode may use is none of the street network.",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a place is on the streets of a mode."""

    place: str
    mode: str
    #: [m] to the nearest street of the mode; None: it has none
    snap_m: float | None
    #: number of the crossing it is at, or next to along its street; None: the place is not on the streets
    node: int | None
    #: can it be reached from the island that most places are on?
    is_reached: bool


def list_reach(region: Region) -> tuple[Reached, ...]:
    """Return where each place is on the streets of each mode; nothing where the region names no street network."""
    if region.network.streets is None:
        return ()
    places = all_places(region)
    found = []
    for mode, lengths in zip(region.network.modes, StreetLengths(region, places).modes, strict=True):
        islands = lengths.island.tolist()
        counts = Counter(island for island in islands if island != OFF)
        main = min(counts, key=lambda island: (-counts[island], island), default=OFF)
        snaps, nodes = lengths.snap_m.tolist(), lengths.end.tolist()
        for place, snap_m, node, island in zip(places, snaps, nodes, islands, strict=True):
            distance_m = None if snap_m == float("inf") else snap_m
            is_reached = island == main and island != OFF
            found.append(Reached(place.id, mode.id, distance_m, None if node == OFF else node, is_reached))
    return tuple(found)


def check_reach(region: Region) -> tuple[Problem, ...]:
    """Return a warning for each place that is far from the streets or cut off, and each class that no street has.

    First comes what is odd about the streets as a whole.
    """
    return (*check_networks(region), *_check_places(region), *_check_classes(region))


def _check_places(region: Region) -> Iterator[Problem]:
    """Yield warnings place by place; modes of which the same holds are named together."""
    rules = region.network.streets
    if rules is None:
        return
    modes: dict[tuple[str, _Doubt, int], list[str]] = {}
    for reached in list_reach(region):
        for doubt in _doubt(reached, rules.snap_warning_m):
            modes.setdefault((reached.place, doubt, round(reached.snap_m or 0)), []).append(reached.mode)
    for (place, doubt, metres), names in modes.items():
        code = "N004" if doubt is _Doubt.FAR else "N005"
        yield Problem(code, f"{rules.file}: {place}", _tell(doubt, ", ".join(names), metres))


class _Doubt(Enum):
    NO_STREETS = auto()
    OFF_STREETS = auto()
    APART = auto()
    FAR = auto()


def _doubt(reached: Reached, warning_m: float) -> Iterator[_Doubt]:
    """Yield what is to be told of a place and a mode; of a place that is not on the streets no more than that."""
    if reached.snap_m is None:
        yield _Doubt.NO_STREETS
    elif reached.node is None:
        yield _Doubt.OFF_STREETS
    else:
        if not reached.is_reached:
            yield _Doubt.APART
        if reached.snap_m > warning_m:
            yield _Doubt.FAR


def _tell(doubt: _Doubt, mode: str, metres: int) -> Said:
    match doubt:
        case _Doubt.NO_STREETS:
            return say("%(mode)s has no streets at all", mode=mode)
        case _Doubt.APART:
            return say("lies on streets of %(mode)s that those of most places do not lead to", mode=mode)
        case _Doubt.FAR:
            return say("lies %(metres)s m from the streets of %(mode)s, above snap_warning_m", metres=metres, mode=mode)
    return say(
        "lies %(metres)s m from the streets of %(mode)s, beyond snap_limit_m: unreachable", metres=metres, mode=mode
    )


def _check_classes(region: Region) -> Iterator[Problem]:
    for number, mode in enumerate(region.network.modes if region.network.streets is not None else ()):
        known = {name for kind in find_streets(region, mode).kinds for name in kind}
        for name in sorted(set(mode.classes) - known):
            where = f"region.yaml: network.modes[{number}].classes"
            yield Problem("N006", where, say("found %(found)s; no street of the network is of it", found=repr(name)))
