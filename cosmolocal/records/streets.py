"""A street network as it was read, and what a region says about its use."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class OffStreets(StrEnum):
    """What holds for a place that lies farther from the streets than the region allows."""

    UNREACHABLE = "unreachable"
    BEELINE = "beeline"


@dataclass(frozen=True, slots=True)
class StreetRules:
    """How a region uses its street network."""

    #: path within the region's folder; a mode may name another one
    file: str
    #: [m] from a place to its nearest street above which ``validate`` warns
    snap_warning_m: int = 250
    #: [m] above which a place is not on the network
    snap_limit_m: int = 2_000
    #: what holds for places beyond: nobody gets there, or the beeline x detour factor leads to the nearest street
    off_streets: OffStreets = OffStreets.UNREACHABLE


@dataclass(frozen=True, slots=True, eq=False)
class StreetNetwork:
    """A directed graph of streets; equal to another of the same digest.

    Arrays are by node [N] or by arc [A]; an arc is a street in one direction, and a street open both ways has two.
    """

    #: path within the region's folder
    file: str
    #: sha256 of the file
    digest: str
    #: [N] degrees, WGS 84
    lat: Floats
    lon: Floats
    #: [A] numbers of nodes
    start: Ints
    end: Ints
    #: [A] millimetres, whole, so that sums are the same in any order
    length_mm: Ints
    #: [A] is the other direction forbidden to who respects one-way streets?
    is_oneway: Bools
    #: [A] number in ``kinds``; -1: unknown
    kind: Ints
    #: [A] km/h; 0: unknown
    speed_kmh: Ints
    #: the classes of a street, such as residential; a street that was merged from several has several
    kinds: tuple[tuple[str, ...], ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StreetNetwork) and (self.file, self.digest) == (other.file, other.digest)

    def __hash__(self) -> int:
        return hash((self.file, self.digest))
