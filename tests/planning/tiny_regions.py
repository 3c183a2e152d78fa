"""Tiny regions by the hundred: each takes another mixture of everything the planning model knows."""

import random
from dataclasses import replace
from datetime import timedelta

from benchmarks.made_up import MONDAY, plain_design
from cosmolocal.records import (
    BomLine,
    CapacityBasis,
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
    Tolerance,
    Vocabulary,
    Workshop,
    WorkshopStatus,
)

PROCESSES = (
    Process("cutting", "Cutting"),
    Process("laser-cutting", "Laser cutting", parents=("cutting",)),
    Process("sewing", "Sewing"),
)
MODES = (
    Mode("bike", "Cargo bike", 15, 150, 90, 5, 20_000, 6_000),
    Mode("van", "Van", 30, 400, 60, 250, 400_000),
)


def random_region(seed: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a region of 1 to 4 workshops and 1 to 3 designs over 1 to 3 weeks, with 2 to 4 orders."""
    dice = random.Random(seed)
    settings = _settings(dice)
    # one process for all: capacity, overtime and fairness decide, not who can
    is_plain = dice.random() < 0.3
    groups = ("cutting",) if is_plain else ("cutting", "laser-cutting", "sewing")
    workshops = tuple(_workshop(dice, number, settings.weeks, groups) for number in range(dice.choice((1, 2, 3, 3, 4))))
    places = [_place(dice, f"place-{number}", PlaceKind.NEIGHBOURHOOD) for number in range(dice.randint(1, 3))]
    if dice.random() < 0.4:
        places.append(_place(dice, "hub", PlaceKind.HUB))
    designs = _designs(dice, is_plain)
    names = [place.id for place in places] + [workshop.id for workshop in workshops]
    network = NetworkSettings(
        detour_factor=dice.choice((1.0, 1.3)),
        modes=MODES[:1] if dice.random() < 0.15 else MODES,
        weekly_capacity_kg=dice.choice((None, None, 30)),
        links=_links(dice, names),
    )
    vocabulary = Vocabulary(PROCESSES)
    region = Region("tiny", "Tiny", tuple(places), workshops, network, settings, vocabulary, designs)
    ids = sorted({design.id for design in designs})
    orders = tuple(_order(dice, number, ids, names, settings.weeks) for number in range(dice.choice((2, 3, 4, 4))))
    return region, orders


def _settings(dice: random.Random) -> Settings:
    return Settings(
        start_date=MONDAY,
        weeks=dice.choice((1, 2, 3, 3, 3)),
        capacity_basis=dice.choice(tuple(CapacityBasis)),
        overtime_percent=dice.choice((None, 25, 150)),
        transfer_weeks=dice.choice((0, 0, 1)),
        max_late_weeks=dice.randint(0, 2),
        max_lots_per_order=2,
        # so many that the naive oracle and the limits agree
        workshops_per_lot=100,
        makers_per_part=100,
        routes_per_workshop=100_000,
        co2e_cents_per_kg=dice.choice((0, 20)),
        lateness_percent_per_week=dice.choice((0, 5, 30)),
        distance_cents_per_km=dice.choice((0, 0, 7)),
        fairness_cents_per_hour=dice.choice((0, 150, 800)),
        import_penalty_percent=dice.choice((0, 100)),
    )


def _place(dice: random.Random, name: str, kind: PlaceKind) -> Place:
    return Place(name, name.title(), kind, round(41.36 + dice.random() / 12, 5), round(2.10 + dice.random() / 9, 5))


def _workshop(dice: random.Random, number: int, weeks: int, processes: tuple[str, ...]) -> Workshop:
    spot = _place(dice, f"shop-{number}", PlaceKind.WORKSHOP)
    groups = dice.sample(processes, min(len(processes), dice.choice((1, 2, 3, 3))))
    some_day = MONDAY + timedelta(days=dice.randrange(7 * weeks))
    return Workshop(
        id=spot.id,
        name=spot.name,
        lat=spot.lat,
        lon=spot.lon,
        groups=tuple(_group(dice, process) for process in groups),
        status=WorkshopStatus.PLANNED if dice.random() < 0.1 else WorkshopStatus.ACTIVE,
        radius_m=dice.choice((None, None, None, 5_000)),
        open_weekdays=dice.choice(((0, 1, 2, 3, 4), (1, 3, 5))),
        closed_days=(some_day, some_day + timedelta(days=2)) if dice.random() < 0.4 else (),
    )


def _group(dice: random.Random, process: str) -> MachineGroup:
    agreed = dice.choice((60, 90, 240))
    periods = (CapacityPeriod(agreed, agreed + 70, agreed + 200),)
    if dice.random() < 0.2:
        early = CapacityPeriod(20, 30, 100, None, MONDAY + timedelta(days=6))
        periods = (early, CapacityPeriod(agreed, agreed, agreed + 61, MONDAY + timedelta(days=7), None))
    return MachineGroup(
        id=f"the-{process}",
        process=process,
        machines=dice.choice((1, 1, 2)),
        hourly_cost_cents=dice.choice((900, 1_550, 3_100)),
        periods=periods,
        envelope_mm=dice.choice(((900, 600, 100),) * 3 + (None, (300, 300, 300))),
        materials=dice.choice((("plywood", "felt"),) * 6 + (None, ("plywood",))),
        tolerance=dice.choice((Tolerance.FINE, Tolerance.MEDIUM, Tolerance.MEDIUM, None, Tolerance.COARSE)),
        setup_seconds=dice.choice((0, 400)),
        speed_percent=dice.choice((80, 100, 130)),
        co2e_g_per_hour=dice.choice((0, 350)),
        minimum_lot=dice.choice((1, 1, 1, 1, 3)),
    )


def _operation(dice: random.Random, process: str) -> Operation:
    """Mostly with little asked for, so that most operations find a machine."""
    unknown = dice.random() < 0.04
    return Operation(
        process=None if dice.random() < 0.03 else process,
        seconds=None if dice.random() < 0.03 else dice.randrange(200, 1_200),
        setup_seconds=dice.choice((0, 300)),
        material=dice.choice((None, None, "plywood", "felt")),
        material_cents=dice.choice((0, 180)),
        envelope_mm=dice.choice((None, None, None, (80, 500, 400))),
        tolerance=dice.choice((None, None, None, Tolerance.MEDIUM)),
        unknown=("envelope",) if unknown else (),
    )


def _design(dice: random.Random, name: str, version: str, parts: tuple[Part, ...], bom: tuple[BomLine, ...]) -> Design:
    return replace(
        plain_design("tiny", name, parts, bom),
        version=version,
        reference_price_cents=dice.choice((None, 3_000, 6_000, 12_000)),
        reference_co2e_g=dice.choice((None, 2_500)),
    )


def _designs(dice: random.Random, is_plain: bool) -> tuple[Design, ...]:
    stool = [
        _design(dice, "stool", version, (Part("", dice.choice((800, 3_500)), (_operation(dice, "cutting"),)),), ())
        for version in ("1.0.0", "1.1.0")[: dice.randint(1, 2)]
    ]
    designs = [*stool]
    if is_plain:
        return tuple(designs)
    if dice.random() < 0.85:
        put_together = () if dice.random() < 0.3 else (_operation(dice, "sewing"),)
        parts = (Part("", None, put_together), Part("shade", 240, (_operation(dice, "laser-cutting"),)))
        missing = dice.random() < 0.05
        bolts = BomLine(4, into=dice.choice(("", "shade")), bought="bolt", cost_cents=12, mass_g=9)
        lines = (BomLine(dice.choice((1, 2)), part="missing" if missing else "shade"), bolts)
        designs.append(_design(dice, "lamp", "2.0.0", parts, lines))
    if dice.random() < 0.35:
        module = dice.choice(designs[-1:] + stool)
        lines = (BomLine(2, design=module.id),)
        designs.append(_design(dice, "bench", "0.3.0", (Part("", None, (_operation(dice, "sewing"),)),), lines))
    return tuple(designs)


def _links(dice: random.Random, names: list[str]) -> tuple[LinkRule, ...]:
    if len(names) < 2 or dice.random() < 0.4:
        return ()
    pairs = {tuple(sorted(dice.sample(names, 2))) for _ in range(dice.randint(1, 3))}
    rules = (
        {"closed": True},
        {"distance_m": dice.choice((700, 9_000))},
        {"weekly_capacity_kg": dice.choice((1, 15, 40))},
    )
    return tuple(LinkRule(first, second, **dice.choice(rules)) for first, second in sorted(pairs))


def _order(dice: random.Random, number: int, designs: list[str], places: list[str], weeks: int) -> Order:
    return Order(
        id=f"order-{number}",
        design=dice.choice(designs),
        version=dice.choice(("*",) * 8 + ("^1.0", "^9.0")),
        quantity=dice.randint(1, 14),
        place=dice.choice(places),
        due_date=MONDAY + timedelta(days=dice.randrange(-6, 7 * weeks + 9)),
        release_date=dice.choice((None, None, None, MONDAY + timedelta(days=dice.randrange(-3, 7 * weeks)))),
        priority=dice.choice(tuple(Priority)),
        splittable=dice.random() < 0.35,
        minimum_lot=dice.randint(1, 4),
        max_distance_m=dice.choice((None, None, None, 6_000)),
    )
