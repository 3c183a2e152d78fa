"""What is odd about a street network as a whole: it lies elsewhere, or its lengths are no metres."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from cosmolocal.errors import Problem, say
from cosmolocal.network.distances import near_geodesic_m
from cosmolocal.network.routes import all_places
from cosmolocal.records import Region, StreetNetwork

CODES = {
    "N010": "Warning: a street network seems to have its coordinates the other way round, or lengths in no metres.",
}
#: [m] from the middle of the places: a network that far off is looked at the other way round, and doubted when it is as
#: near as that then
FAR_M, NEAR_M = 1_000_000.0, 200_000.0
#: a street is at least that part of the straight line between its ends, coordinates being rounded
LEAST_RATIO = 0.9
#: [m] shorter ones are not looked at: there, rounded coordinates weigh too much
SHORT_M = 20.0
#: part of the streets that may be shorter than a street can be, before it is told: one in so many
ONE_IN = 2


def check_networks(region: Region) -> Iterator[Problem]:
    """Yield what is odd about the street networks of a region."""
    spots = [(place.lat, place.lon) for place in all_places(region)] if region.streets else []
    for name, network in sorted(region.streets.items()):
        if spots and len(network.lat):
            yield from _doubt_order(name, network, np.mean(spots, axis=0).reshape(1, 2))
        short, count = _count_short(network)
        if short * ONE_IN > count:
            told = say(
                "%(short)s of %(count)s streets are shorter than the beeline between their ends; lengths are metres",
                short=short,
                count=count,
            )
            yield Problem("N010", name, told)


def _doubt_order(name: str, network: StreetNetwork, middle: np.ndarray) -> Iterator[Problem]:
    there = np.array([[network.lat.mean(), network.lon.mean()]])
    if abs(there[0, 1]) > 90:
        return
    here, turned = (float(near_geodesic_m(middle, spot)[0]) for spot in (there, there[:, ::-1]))
    if here > FAR_M and turned < NEAR_M:
        told = say(
            "is %(km)s km off, and %(turned)s km with latitude and longitude the other way round",
            km=round(here / 1000),
            turned=round(turned / 1000),
        )
        yield Problem("N010", name, told)


@lru_cache(maxsize=32)
def _count_short(network: StreetNetwork) -> tuple[int, int]:
    """Return how many streets are shorter than they can be, and how many were looked at."""
    spots = np.stack([network.lat, network.lon], axis=1)
    straight_mm = near_geodesic_m(spots[network.start], spots[network.end]) * 1000
    seen = straight_mm >= SHORT_M * 1000
    return int((network.length_mm[seen] < straight_mm[seen] * LEAST_RATIO).sum()), int(seen.sum())
