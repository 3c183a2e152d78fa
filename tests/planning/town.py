"""A made-up town of middle size, where many lots fight for few machine hours."""

import random
from datetime import timedelta

from planning.workbench import CUT, MONDAY, SEW, design

from cosmolocal.records import (
    BomLine,
    CapacityPeriod,
    MachineGroup,
    Mode,
    NetworkSettings,
    Operation,
    Order,
    Part,
    Place,
    PlaceKind,
    Priority,
    Process,
    Region,
    Settings,
    Vocabulary,
    Workshop,
)

WEEKS = 4


def town(seed: int, orders: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a region of 8 workshops and 12 places over four weeks, with so many orders."""
    dice = random.Random(seed)
    places = tuple(
        Place(f"place-{number}", f"Place {number}", PlaceKind.NEIGHBOURHOOD, *_spot(dice)) for number in range(12)
    )
    lamp = design(
        "lamp",
        (Part("", None, (SEW,)), Part("shade", 500, (Operation("cutting", 400, 120, "plywood", 100),))),
        (BomLine(2, part="shade"),),
    )
    region = Region(
        id="town",
        name="Town",
        places=places,
        workshops=tuple(_workshop(dice, number) for number in range(8)),
        network=NetworkSettings(
            1.3, (Mode("bike", "Bike", 15, 150, 90, 5, 20_000), Mode("van", "Van", 30, 400, 60, 250, 400_000))
        ),
        settings=Settings(
            MONDAY,
            WEEKS,
            overtime_percent=50,
            # so many that every way there is is considered from the start
            workshops_per_lot=8,
            makers_per_part=8,
            routes_per_workshop=8,
            price_rounds=0,
        ),
        vocabulary=Vocabulary((Process("cutting", "Cutting"), Process("sewing", "Sewing"))),
        designs=(design("shelf", (Part("", 3_000, (CUT,)),)), lamp),
    )
    return region, tuple(_order(dice, number, places) for number in range(orders))


def _spot(dice: random.Random) -> tuple[float, float]:
    return round(41.36 + dice.random() / 12, 5), round(2.10 + dice.random() / 9, 5)


def _workshop(dice: random.Random, number: int) -> Workshop:
    lat, lon = _spot(dice)
    groups = [
        MachineGroup(
            id=process,
            process=process,
            machines=1,
            hourly_cost_cents=dice.randrange(900, 2_400, 50),
            periods=(CapacityPeriod(minutes, minutes, minutes + 60),),
            envelope_mm=(500, 400, 100),
            materials=("plywood",),
        )
        for process, minutes in (("cutting", dice.randrange(200, 600)), ("sewing", dice.randrange(60, 240)))
    ]
    return Workshop(f"shop-{number}", f"Shop {number}", lat, lon, tuple(groups))


def _order(dice: random.Random, number: int, places: tuple[Place, ...]) -> Order:
    return Order(
        id=f"order-{number:03}",
        design=dice.choice(("us~shelf", "us~lamp")),
        version="*",
        quantity=dice.randint(2, 16),
        place=dice.choice(places).id,
        due_date=MONDAY + timedelta(days=dice.randrange(7 * WEEKS)),
        priority=dice.choice(tuple(Priority)),
        splittable=dice.random() < 0.3,
        minimum_lot=3,
    )
