"""A region made up at random, as records: clustered places, workshops of uneven speeds and rates, designs of parts.

Capacity follows from the orders: `UTILISATION` of it is what they need together, process by process.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cosmolocal.records import (
    BomLine,
    CapacityPeriod,
    Design,
    LinkRule,
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

MONDAY = date(2026, 9, 7)
PROCESSES = ("cutting", "milling", "printing", "sewing", "soldering", "welding")
MODES = (
    Mode("bike", "Cargo bike", 15, 150, 90, 5, 80_000, 12_000),
    Mode("van", "Van", 30, 700, 60, 250, 600_000),
)
#: part of the capacity that the orders need
UTILISATION = 0.75
#: workshops and places to a cluster, at most
CLUSTER = 40


@dataclass(frozen=True, slots=True)
class Size:
    """How large a region is."""

    orders: int = 10_000
    workshops: int = 500
    places: int = 300
    weeks: int = 8
    #: designs of one part, and of several
    simple: int = 12
    composed: int = 12
    #: [cents per hour] of an unfair load
    fairness_cents_per_hour: int = 0
    #: links with a weekly limit
    limited_links: int = 40
    #: [kg per week] of all other links; None: no limit
    weekly_capacity_kg: int | None = None


def make_region(size: Size, seed: int = 0) -> tuple[Region, tuple[Order, ...]]:
    """Return a region and its order book; the same size and seed always give the same."""
    dice = random.Random(f"{seed} {size}")
    centres = [(41.2 + dice.random() / 2, 1.8 + dice.random() / 1.5) for _ in range(max(1, size.places // CLUSTER))]
    places = tuple(
        Place(f"place-{number:04}", f"Place {number}", PlaceKind.NEIGHBOURHOOD, *_spot(dice, centres))
        for number in range(size.places)
    )
    designs = _designs(dice, size)
    orders = tuple(_order(dice, number, designs, places, size) for number in range(size.orders))
    shops = [_Shop(dice, number, _spot(dice, centres)) for number in range(size.workshops)]
    minutes = _needed_minutes(designs, orders)
    pairs = [(dice.choice(shops).id, dice.choice(places).id) for _ in range(size.limited_links)]
    links = (LinkRule(*pair, weekly_capacity_kg=dice.randrange(100, 1_500, 50)) for pair in dict.fromkeys(pairs))
    region = Region(
        id="made-up",
        name="Made up",
        places=places,
        workshops=tuple(_workshop(dice, shop, shops, minutes, size.weeks) for shop in shops),
        network=NetworkSettings(1.3, MODES, size.weekly_capacity_kg, tuple(links)),
        settings=Settings(
            MONDAY,
            size.weeks,
            overtime_percent=50,
            fairness_cents_per_hour=size.fairness_cents_per_hour,
            max_lots_per_order=1,
        ),
        vocabulary=Vocabulary(tuple(Process(name, name.title()) for name in PROCESSES)),
        designs=designs,
    )
    return region, orders


def make_question(dice: random.Random, region: Region, number: int) -> Order:
    """Return one order more, like those of the book, due at any time."""
    order = _order(dice, number, region.designs, region.places, Size(weeks=region.settings.weeks))
    horizon = region.settings.start_date + timedelta(weeks=region.settings.weeks, days=-1)
    return replace(order, id="more", due_date=horizon, release_date=None)


@dataclass(frozen=True, slots=True)
class _Shop:
    """A workshop before it is known how many hours it has: its processes with the share of their hours."""

    id: str
    spot: tuple[float, float]
    shares: dict[str, int]

    def __init__(self, dice: random.Random, number: int, spot: tuple[float, float]) -> None:
        object.__setattr__(self, "id", f"shop-{number:04}")
        object.__setattr__(self, "spot", spot)
        # the first workshops have every process, so that each is there
        chosen = PROCESSES if number == 0 else dice.sample(PROCESSES, dice.choice((1, 2, 2, 3)))
        object.__setattr__(self, "shares", {name: dice.randint(5, 15) for name in chosen})


def _spot(dice: random.Random, centres: Sequence[tuple[float, float]]) -> tuple[float, float]:
    lat, lon = dice.choice(centres)
    return round(dice.gauss(lat, 0.02), 5), round(dice.gauss(lon, 0.03), 5)


def _workshop(dice: random.Random, shop: _Shop, shops: Sequence[_Shop], needed: Counter[str], weeks: int) -> Workshop:
    groups = []
    for process, share in shop.shares.items():
        total = sum(each.shares.get(process, 0) for each in shops)
        # a week holds at least a lot of the usual size
        agreed = max(240, round(needed[process] * share / total / weeks / UTILISATION))
        speed = dice.randrange(70, 140, 5)
        groups.append(
            MachineGroup(
                id=process,
                process=process,
                machines=1,
                hourly_cost_cents=dice.randrange(1_000, 4_200, 20),
                periods=(CapacityPeriod(min(agreed, 9_000), min(agreed, 9_000), min(agreed * 5 // 4, 10_000)),),
                envelope_mm=(1_500, 1_000, 500),
                materials=("any",),
                setup_seconds=dice.choice((0, 300, 900)),
                speed_percent=speed,
                co2e_g_per_hour=dice.randrange(0, 900, 50),
            )
        )
    radius_m = dice.choice((None, None, 20_000))
    return Workshop(shop.id, shop.id.title(), *shop.spot, tuple(groups), radius_m=radius_m)


def _designs(dice: random.Random, size: Size) -> tuple[Design, ...]:
    simple = [_design(dice, f"simple-{number}", [_part(dice, "")], ()) for number in range(size.simple)]
    composed = []
    for number in range(size.composed):
        parts = [_part(dice, f"part-{part}") for part in range(dice.choice((2, 2, 3)))]
        lines = tuple(BomLine(dice.choice((1, 1, 2)), part=part.name) for part in parts)
        screws = BomLine(8, bought="screw", cost_cents=6, mass_g=5)
        composed.append(_design(dice, f"composed-{number}", [_part(dice, ""), *parts], (*lines, screws)))
    return (*simple, *composed)


def _part(dice: random.Random, name: str) -> Part:
    operation = Operation(
        dice.choice(PROCESSES), dice.randrange(200, 1_500, 20), 300, "any", dice.randrange(50, 900, 10), (400, 300, 40)
    )
    return Part(name, dice.randrange(200, 9_000, 100), (operation,))


def _design(dice: random.Random, name: str, parts: list[Part], bom: tuple[BomLine, ...]) -> Design:
    pieces = {"": 1} | {line.part: line.quantity for line in bom if line.part}
    steps = [(pieces[part.name], operation) for part in parts for operation in part.operations]
    minutes = sum(number * (operation.seconds or 0) for number, operation in steps) // 60
    material_cents = sum(number * operation.material_cents for number, operation in steps)
    price_cents = 500 + 2 * material_cents + minutes * dice.randrange(60, 160)
    co2e_g = dice.randrange(1_000, 9_000, 500)
    return replace(
        plain_design("made-up", name, tuple(parts), bom), reference_price_cents=price_cents, reference_co2e_g=co2e_g
    )


def plain_design(owner: str, name: str, parts: tuple[Part, ...], bom: tuple[BomLine, ...]) -> Design:
    """Return a design that says nothing but what it is made of."""
    return Design(
        id=f"{owner}~{name}",
        version="1.0.0",
        digest="sha256:0",
        name=name,
        function="",
        license="CC0-1.0",
        licensor=owner,
        repo="https://example.org",
        parts=parts,
        bom=bom,
        reference_price_cents=None,
        reference_co2e_g=None,
    )


def _order(dice: random.Random, number: int, designs: Sequence[Design], places: Sequence[Place], size: Size) -> Order:
    due = MONDAY + timedelta(days=dice.randrange(7, 7 * size.weeks))
    return Order(
        id=f"order-{number:06}",
        design=dice.choice(designs).id,
        version="*",
        quantity=dice.choice((2, 3, 4, 6, 8, 10, 12, 14, 16)),
        place=dice.choice(places).id,
        due_date=due,
        priority=dice.choice((Priority.NORMAL, Priority.NORMAL, Priority.HIGH, Priority.LOW)),
        max_distance_m=dice.choice((None, None, None, 30_000)),
    )


def _needed_minutes(designs: Sequence[Design], orders: Sequence[Order]) -> Counter[str]:
    """Return the minutes of each process that the orders need at the usual speed."""
    by_design: dict[str, Counter[str]] = {}
    for design in designs:
        pieces = {"": 1} | {line.part: line.quantity for line in design.bom if line.part}
        needed = by_design.setdefault(design.id, Counter())
        for part in design.parts:
            for operation in part.operations:
                needed[operation.process or ""] += pieces[part.name] * (operation.seconds or 0)
    seconds: Counter[str] = Counter()
    for order in orders:
        for process, amount in by_design[order.design].items():
            seconds[process] += amount * order.quantity + 600
    return Counter({process: amount // 60 for process, amount in seconds.items()})
