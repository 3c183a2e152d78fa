"""Distances on the ellipsoid for many pairs of places at once, to the metre what geopy's geodesic gives one by one."""

from collections.abc import Sequence

import numpy as np
from geopy.distance import geodesic
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: [m], ratio: WGS 84 (NGA.STND.0036, table 3.1)
EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563

#: noise of floating point that must not add a metre
SLACK_M = 1e-6
#: ratio: twice what `near_geodesic_m` was found to be off up to `FARTHEST_M` (2.9e-9; a test holds it)
DOUBT = 6e-9
#: [m] beyond this, pairs are measured one by one
FARTHEST_M = 8_000_000.0
#: pairs that are measured at once: what is worked out for one takes some 400 bytes
AT_ONCE = 1 << 18


def near_geodesic_m(starts: Floats, ends: Floats) -> Floats:
    """Return the distance of each pair of (lat, lon) in degrees, [n]; NaN between opposite points of the earth.

    The Andoyer-Lambert formula with its terms of second order (P. D. Thomas, Spheroidal Geodesics, 1970, page 8).
    """
    lat = np.radians(np.stack([starts[:, 0], ends[:, 0]]))
    turn = np.radians(ends[:, 1] - starts[:, 1]) / 2
    low, high = np.arctan((1 - FLATTENING) * np.tan(lat))
    mean, half = (low + high) / 2, (high - low) / 2
    across = np.sin(half) ** 2 + (np.cos(half) ** 2 - np.sin(mean) ** 2) * np.sin(turn) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = 2 * np.arcsin(np.sqrt(across))
        sine, cosine = np.sin(angle), np.cos(angle)
        one = 2 * (np.sin(mean) * np.cos(half)) ** 2 / (1 - across)
        other = 2 * (np.sin(half) * np.cos(mean)) ** 2 / across
        plus, minus, bend = one + other, one - other, angle / sine
        square = 4 * bend**2
        second = (bend - (2 * square * cosine - 2 * cosine) / 2) * plus
        terms = (
            plus * (2 * square * cosine + second) - minus * (2 * square + 2 * cosine * minus) + square * plus * minus
        )
        metres = EQUATOR_M * sine * (bend - FLATTENING * (bend * plus - minus) / 4 + FLATTENING**2 * terms / 64)
    return np.asarray(np.where(across == 0, 0.0, metres))


def direct_distances_m(
    starts: Sequence[tuple[float, float]], ends: Sequence[tuple[float, float]], factor: float
) -> Ints:
    """Return the geodesic of each start with each end times a factor, in whole metres, rounded up, [starts × ends].

    Where the fast formula could round otherwise than the geodesic, the geodesic decides.
    """
    first, second = (np.array(spots, dtype=np.float64).reshape(-1, 2) for spots in (starts, ends))
    found = np.empty((len(first), len(second)), dtype=np.int64)
    rows = max(1, AT_ONCE // max(1, len(second)))
    for begin in range(0, len(first), rows):
        found[begin : begin + rows] = _measure(first[begin : begin + rows], second, factor)
    return found


def _measure(starts: Floats, ends: Floats, factor: float) -> Ints:
    shape = len(starts), len(ends)
    first, second = np.repeat(starts, shape[1], axis=0), np.tile(ends, (shape[0], 1))
    metres = near_geodesic_m(first, second)
    doubt = metres * factor * DOUBT + SLACK_M
    lowest, highest = (np.ceil(metres * factor - SLACK_M + sign * doubt) for sign in (-1, 1))
    unsure = (lowest != highest) & (metres != 0) | (metres > FARTHEST_M) | np.isnan(metres)
    whole = np.where(unsure, 0, np.where(metres == 0, 0, highest)).astype(np.int64)
    for number in np.flatnonzero(unsure).tolist():
        # the lower place first, as the same pair is measured once from each end
        pair = sorted((tuple(first[number].tolist()), tuple(second[number].tolist())))
        whole[number] = np.ceil(geodesic(*pair).m * factor - SLACK_M)
    return whole.reshape(shape)
