"""Which way a load travels, and what that costs."""

from dataclasses import replace

import pytest

from cosmolocal.network.transport import ceil_div, choose_haul
from cosmolocal.records import Mode

BIKE = Mode("bike", "Bike", 15, 150, 90, 5, 20_000, 6_000)
VAN = Mode("van", "Van", 30, 400, 60, 250, 400_000)


def haul(
    unit_mass_g: int, quantity: int, distance_m: int, price: int = 20, modes: tuple[Mode, ...] = (BIKE, VAN)
) -> tuple[str, int, int, int] | None:
    found = choose_haul(modes, (unit_mass_g, quantity), distance_m, price, None)
    return None if found is None else (found.mode.id, found.trips, found.cents, found.co2e_g)


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        ((1_000, 20, 2_001), ("bike", 1, 150 + 181, 11)),
        ((1_000, 21, 2_001), ("van", 1, 400 + 121, 501)),
        ((6_000, 6, 100), ("bike", 2, 2 * 159, 2)),
        ((20_000, 1, 6_000), ("bike", 1, 690, 30)),
        ((20_001, 1, 1_000), ("van", 1, 460, 250)),
        ((1_000, 1, 6_001), ("van", 1, 761, 1_501)),
        ((0, 20_000, 1_000), ("bike", 1, 240, 5)),
        ((400_001, 1, 1_000), None),
        ((1_000, 5_000, 0), ("bike", 1, 0, 0)),
        ((30_000, 50, 0), ("van", 1, 0, 0)),
    ],
)
def test_loads_by_hand(load: tuple[int, int, int], expected: tuple[str, int, int, int] | None):
    """Whole units per trip, whole trips, the kilometres' cents rounded up per trip; nothing for no distance."""
    assert haul(*load) == expected


def test_co2e_is_weighed_in():
    assert haul(1_000, 40, 2_000, 0) == ("van", 1, 520, 500)
    assert haul(1_000, 40, 2_000, 1_000) == ("bike", 2, 660, 20)


def test_of_two_modes_as_dear_the_first_is_taken():
    twin = replace(BIKE, id="twin")
    assert (haul(1, 1, 10, modes=(BIKE, twin)) or ("",))[0] == "bike"
    assert (haul(1, 1, 10, modes=(twin, BIKE)) or ("",))[0] == "twin"


def test_division_rounds_up():
    assert [ceil_div(amount, 4) for amount in (0, 1, 4, 5)] == [0, 1, 1, 2]
