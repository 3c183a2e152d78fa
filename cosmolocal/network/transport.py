"""How a load travels, and what that costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cosmolocal.records import Mode, Settings


@dataclass(frozen=True, slots=True)
class Haul:
    """A load on its way by one mode."""

    mode: Mode
    trips: int
    #: [cents], [g CO2e] of all trips
    cents: int
    co2e_g: int


@dataclass(frozen=True, slots=True)
class TripCost:
    """One trip by a mode over a distance."""

    cents: int
    co2e_g: int
    distance_m: int
    #: [cents] with CO2e and distance weighed, each rounded up
    total_cents: int


def ceil_div(amount: int, by: int) -> int:
    """Return amount / by, rounded up."""
    return -(-amount // by)


def choose_haul(
    modes: Iterable[Mode], load: tuple[int, int], distances_m: int | Sequence[int], price: int, limit_m: int | None
) -> Haul | None:
    """Return the cheapest way to carry a load, CO2e weighed in; None: no mode can.

    ``load`` is (grams per piece, pieces), ``price`` the cents per kg CO2e; ``distances_m`` is one for all modes or one
    for each, below 0 where it cannot pass; none goes farther than ``limit_m``.
    """
    best: Haul | None = None
    unit_mass_g, quantity = load
    for number, mode in enumerate(modes):
        distance_m = distances_m if isinstance(distances_m, int) else distances_m[number]
        if distance_m < 0 or (limit_m is not None and distance_m > limit_m):
            continue
        if unit_mass_g > mode.max_load_g or (mode.max_distance_m is not None and distance_m > mode.max_distance_m):
            continue
        haul = _haul(mode, unit_mass_g, quantity, distance_m)
        if best is None or _weight(haul, price) < _weight(best, price):
            best = haul
    return best


def _haul(mode: Mode, unit_mass_g: int, quantity: int, distance_m: int) -> Haul:
    if distance_m == 0:
        return Haul(mode, 1, 0, 0)
    trips = ceil_div(quantity, mode.max_load_g // max(1, unit_mass_g))
    cents = mode.cents_per_trip + ceil_div(mode.cents_per_km * distance_m, 1000)
    return Haul(mode, trips, trips * cents, trips * ceil_div(mode.co2e_g_per_km * distance_m, 1000))


def _weight(haul: Haul, co2e_cents_per_kg: int) -> int:
    return haul.cents * 1000 + haul.co2e_g * co2e_cents_per_kg


def one_trip(mode: Mode, distance_m: int, settings: Settings) -> TripCost:
    """Return what one trip costs; over no distance nothing."""
    if distance_m == 0:
        return TripCost(0, 0, 0, 0)
    cents = mode.cents_per_trip + ceil_div(mode.cents_per_km * distance_m, 1000)
    co2e_g = ceil_div(mode.co2e_g_per_km * distance_m, 1000)
    weighed = ceil_div(co2e_g * settings.co2e_cents_per_kg, 1000)
    weighed += ceil_div(distance_m * settings.distance_cents_per_km, 1000)
    return TripCost(cents, co2e_g, distance_m, cents + weighed)


def load_kg(mode: Mode) -> int:
    """Return the kilograms of one trip, of whole ones."""
    return mode.max_load_g // 1000


def shared_kg(mass_g: int) -> int:
    """Return the kilograms that a load counts on trips that it shares: whole ones, at least one.

    >>> [shared_kg(mass_g) for mass_g in (0, 1, 1000, 1001)]
    [1, 1, 1, 2]
    """
    return max(1, ceil_div(mass_g, 1000))
