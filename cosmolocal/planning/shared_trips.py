"""The trips that a plan's lots share, and what of their cost each lot's legs cause."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from cosmolocal.network.transport import ceil_div, shared_kg
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.problem import Ints
from cosmolocal.records import Allocation, Leg, Trip

#: what tells trips apart: from, to, mode and week
TripKey = tuple[str, str, str, int]


def trip_key(row: Leg | Trip) -> TripKey:
    """Return the trips that a leg goes on."""
    return row.from_place, row.to_place, row.mode, row.week


def read_trips(resources: Resources, loads: Ints) -> tuple[Trip, ...]:
    """Return the trips that loads, [R], need, by from, to, mode and week."""
    found = []
    for resource in loads[resources.trip_start :].nonzero()[0].tolist():
        number, week = divmod(resource, resources.weeks)
        kind, load = resources.trips[number], int(loads[resources.trip_start + resource])
        trips = ceil_div(load, kind.load_kg)
        found.append(
            Trip(
                from_place=kind.from_place,
                to_place=kind.to_place,
                mode=kind.mode.id,
                week=week,
                distance_m=kind.cost.distance_m,
                trips=trips,
                load_kg=load,
                cents=trips * kind.cost.cents,
                co2e_g=trips * kind.cost.co2e_g,
                total_cents=trips * kind.cost.total_cents,
            )
        )
    return tuple(sorted(found, key=trip_key))


def share_out(trips: tuple[Trip, ...], allocations: Iterable[Allocation]) -> tuple[Allocation, ...]:
    """Return the allocations with what of the cost of trips their legs cause, by kilograms; together it is all of it.

    What rounding down leaves goes, cent by cent, to the largest remainders; ties: the earlier lots and legs first.
    """
    rows = list(allocations)
    cents_of = {trip_key(trip): trip.total_cents for trip in trips}
    sharing: dict[TripKey, list[tuple[int, int]]] = defaultdict(list)
    for number, row in enumerate(rows if trips else ()):
        for nth, leg in enumerate(row.legs):
            if leg.trips == 0 and trip_key(leg) in cents_of:
                sharing[trip_key(leg)].append((number, nth))
    legs = {number: list(row.legs) for number, row in enumerate(rows)}
    for key, places in sharing.items():
        shares = split_cents(cents_of[key], [shared_kg(legs[number][nth].mass_g) for number, nth in places])
        for (number, nth), cents in zip(places, shares, strict=True):
            legs[number][nth] = replace(legs[number][nth], share_cents=cents)
    return tuple(replace(row, legs=tuple(legs[number])) for number, row in enumerate(rows)) if trips else tuple(rows)


def split_cents(cents: int, weights: list[int]) -> list[int]:
    """Return cents split by weights, whole ones that add up.

    >>> split_cents(10, [1, 1, 1]), split_cents(100, [3, 1])
    ([4, 3, 3], [75, 25])
    """
    whole = sum(weights)
    shares = [cents * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda nth: (-(cents * weights[nth] % whole), nth))
    for nth in order[: cents - sum(shares)]:
        shares[nth] += 1
    return shares
