"""No setting is accepted and ignored: changing just it changes the plan, in a region where it matters."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from planning.planned import audited, planned
from planning.workbench import MONDAY, design, edit

from cosmolocal.records import (
    BomLine,
    CapacityBasis,
    CapacityPeriod,
    Closure,
    LinkRule,
    MachineGroup,
    Mode,
    NetworkSettings,
    OffStreets,
    Operation,
    Order,
    Part,
    Place,
    PlaceKind,
    Plan,
    Priority,
    Process,
    Region,
    Settings,
    StreetNetwork,
    StreetRules,
    Tolerance,
    Vocabulary,
    Workshop,
    WorkshopStatus,
)

CUT = Operation("cutting", 600, 120, "plywood", 250, (300, 20, 400), Tolerance.MEDIUM)
TABLE = design(
    "table",
    (Part("", None, (Operation("sewing", 300),)), Part("top", 900, (CUT,))),
    (BomLine(2, part="top"), BomLine(4, bought="screw", cost_cents=5, mass_g=10)),
)
STOOL = design("stool", (Part("", 2_000, (CUT,)),))
NEWER_STOOL = replace(STOOL, version="2.0.0", reference_price_cents=7_000)


def group(process: str, cost: int, **more: Any) -> MachineGroup:
    known: dict[str, Any] = {"envelope_mm": (500, 400, 100), "materials": ("plywood",), "tolerance": Tolerance.MEDIUM}
    return MachineGroup(process, process, 1, cost, (CapacityPeriod(600, 700, 900),), **{**known, **more})


REGION = Region(
    id="two",
    name="Two workshops",
    places=(Place("home", "Home", PlaceKind.NEIGHBOURHOOD, 41.40, 2.18),),
    workshops=(
        Workshop("near", "Near", 41.41, 2.18, (group("cutting", 1_200, co2e_g_per_hour=500), group("sewing", 1_000))),
        Workshop("wide", "Wide", 41.45, 2.14, (group("cutting", 1_100), group("sewing", 900))),
    ),
    network=NetworkSettings(
        1.3,
        (Mode("bike", "Bike", 15, 150, 90, 5, 20_000, 6_000), Mode("van", "Van", 30, 500, 60, 250, 400_000)),
        links=(LinkRule("home", "near", 2_000, 500),),
    ),
    settings=Settings(MONDAY, 4),
    vocabulary=Vocabulary((Process("cutting", "Cutting"), Process("sewing", "Sewing"))),
    designs=(STOOL, NEWER_STOOL, TABLE),
)
ORDERS = (
    Order("A", "us~table", "*", 6, "home", MONDAY + timedelta(days=16)),
    Order("B", "us~stool", "^1.0", 5, "home", MONDAY + timedelta(days=9)),
)

NEAR, CUTTING = "region.workshops.0", "region.workshops.0.groups.0"
NETWORK, LINK, BIKE = "region.network", "region.network.links.0", "region.network.modes.0"
PERIOD = f"{CUTTING}.periods.0"
B = "orders.1"
#: only the near workshop
ALONE = {"region.workshops": REGION.workshops[:1]}
#: one workshop that cannot do everything in the regular hours of any week
BUSY = {**ALONE, PERIOD: CapacityPeriod(60, 90, 160)}
#: due before it can be made
LATE = {f"{B}.due_date": MONDAY - timedelta(days=4)}
SHUT = Closure("near", "", MONDAY, MONDAY + timedelta(days=13))
OPEN = Closure("near", "cutting", MONDAY, MONDAY + timedelta(days=27), 600)
#: one workshop, closed for two weeks, in which an order cannot be made in time
CLOSED = {**BUSY, **LATE, f"{NEAR}.closures": (SHUT,)}
#: no order can be made
TIGHT = {**ALONE, PERIOD: CapacityPeriod(40, 40, 40)}
#: no workshop can do everything
PARTED = {
    "region.workshops": (
        replace(REGION.workshops[0], groups=(group("cutting", 100),)),
        replace(REGION.workshops[1], groups=(group("sewing", 900),)),
    )
}
#: the second workshop can, but it is much cheaper to have parts made in the first
SHARED = {
    "region.workshops": (
        replace(REGION.workshops[0], groups=(group("cutting", 100),)),
        replace(REGION.workshops[1], groups=(group("cutting", 9_000), group("sewing", 900))),
    ),
    "region.settings.price_rounds": 0,
}
FAR = MONDAY + timedelta(days=100)


def streets(file: str, lengths_m: tuple[int, int], round_m: int = 0) -> StreetNetwork:
    """Return streets from the home to the near and to the wide workshop.

    ``round_m``: how long the only way back from the near workshop is where one-way streets are respected; 0: they are
    no one-way streets.
    """
    near_m, wide_m = lengths_m
    arcs = [
        (0, 1, near_m, bool(round_m)),
        (1, 0, round_m or near_m, bool(round_m)),
        (0, 2, wide_m, 0),
        (2, 0, wide_m, 0),
    ]
    start, end, length_m, oneway = np.array(arcs, dtype=np.int64).T.copy()
    spots, none = np.array([(41.40, 2.18), (41.41, 2.18), (41.45, 2.14)]), np.zeros(len(arcs), dtype=np.int64)
    known = (1000 * length_m, oneway.astype(bool), none, none)
    return StreetNetwork(
        file, f"{file} {lengths_m} {round_m}", spots[:, 0], spots[:, 1], start, end, *known, (("residential",),)
    )


#: the usual streets, and those of a mode that goes farther round
CITY = {"city": streets("city", (1_300, 7_000)), "long": streets("long", (5_000, 7_500))}
STREETS = {"region.network.links": (), "region.streets": CITY, "region.network.streets": StreetRules("city")}
ONEWAY = {**STREETS, "region.streets": {"city": streets("city", (1_300, 7_000), 5_000)}}
#: a workshop a little off the streets
OFF = {**STREETS, "region.workshops.0.lat": 41.412}

#: record: field: (what the region is like, the path of the field, its other value)
Table = dict[str, tuple[dict[str, Any], str, Any]]


def at(path: str, name: str, value: Any, given: dict[str, Any] | None = None) -> tuple[dict[str, Any], str, Any]:
    return given or {}, f"{path}.{name}", value


def rows(path: str, **by_field: Any) -> Table:
    """Return the rows of a record: a value, or (value, what the region is like)."""
    return {name: at(path, name, *(value if isinstance(value, list) else [value])) for name, value in by_field.items()}


TABLES: dict[type, Table] = {
    Settings: rows(
        "region.settings",
        start_date=MONDAY + timedelta(days=14),
        weeks=[1, {f"{B}.release_date": MONDAY + timedelta(days=7)}],
        capacity_basis=[CapacityBasis.MAXIMUM, BUSY],
        overtime_percent=[50, {**BUSY, PERIOD: CapacityPeriod(60, 60, 190)}],
        transfer_weeks=[9, PARTED],
        first_article_weeks=[2, {f"{B}.first_article": True}],
        max_late_weeks=[0, LATE],
        max_lots_per_order=[2, {**BUSY, f"{B}.splittable": True}],
        workshops_per_lot=[1, {PERIOD: CapacityPeriod(0, 0, 0), "region.settings.price_rounds": 0}],
        makers_per_part=[1, SHARED],
        routes_per_workshop=[1, {**SHARED, PERIOD: CapacityPeriod(0, 0, 0)}],
        price_rounds=[4, {**SHARED, PERIOD: CapacityPeriod(0, 0, 0), "region.settings.routes_per_workshop": 1}],
        co2e_cents_per_kg=500,
        lateness_percent_per_week=[40, LATE],
        distance_cents_per_km=50,
        fairness_cents_per_hour=[
            5_000,
            {
                **ALONE,
                PERIOD: CapacityPeriod(130, 130, 130),
                f"{NEAR}.groups.1.periods.0": CapacityPeriod(35, 35, 35),
            },
        ],
        import_penalty_percent=[300, BUSY],
        import_cents_per_kg=[900, BUSY],
        import_co2e_g_per_kg=[9_000, BUSY],
        unknown_import_cents=[20_000, {**BUSY, "region.designs.2.reference_price_cents": None}],
        priority_percent=[{**Settings(MONDAY, 1).priority_percent, Priority.NORMAL: 300}, BUSY],
    ),
    NetworkSettings: rows(
        NETWORK,
        detour_factor=[2.0, {f"{NETWORK}.links": ()}],
        modes=REGION.network.modes[1:],
        weekly_capacity_kg=[1, {LINK: LinkRule("home", "near")}],
        links=(),
        share_trips=True,
        streets=[None, STREETS],
    ),
    StreetRules: rows(
        f"{NETWORK}.streets",
        file=["long", STREETS],
        snap_limit_m=[100, OFF],
        off_streets=[OffStreets.BEELINE, {**OFF, f"{NETWORK}.streets": StreetRules("city", snap_limit_m=100)}],
    ),
    Mode: rows(
        BIKE,
        id="trike",
        cents_per_trip=170,
        cents_per_km=95,
        co2e_g_per_km=9_000,
        max_load_g=3_000,
        max_distance_m=1_000,
        classes=[("primary",), STREETS],
        oneway=[False, ONEWAY],
        streets=["long", STREETS],
    ),
    LinkRule: rows(LINK, from_place="wide", to_place="wide", distance_m=2_500, weekly_capacity_kg=1, closed=True),
    Workshop: rows(
        NEAR,
        id="other",
        lat=[41.395, {f"{NETWORK}.links": ()}],
        lon=[2.16, {f"{NETWORK}.links": ()}],
        groups=(),
        status=WorkshopStatus.TEMPORARILY_CLOSED,
        radius_m=1_000,
        open_weekdays=[(0,), {**BUSY, **LATE, f"{NEAR}.closed_days": (MONDAY + timedelta(days=1),)}],
        closed_days=[tuple(MONDAY + timedelta(days=day) for day in range(4)), {**BUSY, **LATE}],
        closures=[(SHUT,), {**BUSY, **LATE}],
    ),
    Closure: rows(
        f"{NEAR}.closures.0",
        group=["sewing", CLOSED],
        first_day=[MONDAY + timedelta(days=7), CLOSED],
        last_day=[MONDAY, CLOSED],
        weekly_minutes=[90, CLOSED],
    ),
    MachineGroup: rows(
        CUTTING,
        id="other",
        process="sewing",
        machines=[4, BUSY],
        hourly_cost_cents=1_300,
        periods=(),
        envelope_mm=(300, 300, 300),
        materials=("felt",),
        tolerance=Tolerance.COARSE,
        setup_seconds=1_200,
        speed_percent=80,
        co2e_g_per_hour=9_000,
        minimum_lot=7,
        unknown=[("hourly_cost",), {**ALONE, PERIOD: CapacityPeriod(0, 0, 0), f"{NEAR}.closures": (OPEN,)}],
    ),
    CapacityPeriod: rows(
        PERIOD,
        agreed_minutes=[20, ALONE],
        actual_minutes=[20, {**ALONE, "region.settings.capacity_basis": CapacityBasis.ACTUAL}],
        maximum_minutes=[20, {**ALONE, "region.settings.capacity_basis": CapacityBasis.MAXIMUM}],
        valid_from=[FAR, ALONE],
        valid_to=[MONDAY - timedelta(days=1), ALONE],
    ),
    Order: rows(
        B,
        id="C",
        design="us~table",
        version="^2.0",
        quantity=7,
        place="wide",
        due_date=MONDAY - timedelta(days=4),
        release_date=MONDAY + timedelta(days=15),
        priority=[Priority.HIGH, TIGHT],
        splittable=[True, BUSY],
        minimum_lot=[3, {**BUSY, f"{B}.splittable": True}],
        max_distance_m=1_000,
        first_article=True,
    ),
    Operation: rows(
        "region.designs.2.parts.1.operations.0",
        process="sewing",
        seconds=700,
        setup_seconds=900,
        material="felt",
        material_cents=260,
        envelope_mm=(3_000, 20, 400),
        tolerance=Tolerance.FINE,
        unknown=("material",),
    ),
    BomLine: rows(
        "region.designs.2.bom.1",
        quantity=5,
        into=["top", {"region.designs.2.parts.1.mass_g": None}],
        part=["top", {"region.designs.2.bom.1.bought": None}],
        design=["us~stool", {"region.designs.2.bom.1.bought": None, "region.designs.2.bom.1.part": None}],
        version=["^1.0", {"region.designs.2.bom.1": BomLine(1, design="us~stool")}],
        bought=None,
        cost_cents=6,
        mass_g=2_000,
    ),
}

#: fields that tell people something and plans nothing
TELLING = {
    Mode: {"name", "speed_kmh", "source", "provenance"},
    StreetRules: {"snap_warning_m"},
    Workshop: {"name", "legal_form", "address", "example", "source", "provenance", "terms_provenance", "imported"},
    MachineGroup: {"provenance", "make", "model", "imported"},
    Closure: {"workshop", "reason", "provenance"},  # those of a workshop stand in its own record
    Operation: {"provenance", "confirmed"},
    BomLine: {"provenance"},
    # a book whose digest is not that of the store is refused before it is planned
    Order: {"digest", "address", "contact"},
}


def result(plan: Plan) -> tuple[Any, ...]:
    """Return what is planned, without what merely repeats the settings."""
    made = tuple(replace(row, alternatives=()) for row in plan.allocations)
    return plan.cost_cents, made, tuple((row.lot, row.cost) for row in plan.unmet)


def given(edits: dict[str, Any]) -> tuple[Region, tuple[Order, ...]]:
    world: dict[str, Any] = {"region": REGION, "orders": ORDERS}
    for path, value in edits.items():
        name, _, rest = path.partition(".")
        world[name] = edit(world[name], rest, value)
    return world["region"], world["orders"]


CASES = [
    pytest.param(*row, id=f"{record.__name__}.{name}")
    for record, table in TABLES.items()
    for name, row in table.items()
]


@pytest.mark.parametrize(("edits", "path", "value"), CASES)
def test_changing_just_this_changes_the_plan(edits: dict[str, Any], path: str, value: Any):
    region, orders = given(edits)
    other_region, other_orders = given({**edits, path: value})
    plan, other = planned(region, orders), planned(other_region, other_orders)
    assert result(plan) != result(other)
    assert not audited(plan, region, orders).problems
    assert not audited(other, other_region, other_orders).problems


@pytest.mark.parametrize("record", TABLES, ids=lambda record: record.__name__)
def test_every_field_has_its_row(record: Any):
    assert set(TABLES[record]) | TELLING.get(record, set()) == {field.name for field in fields(record)}


@pytest.mark.parametrize("priority", Priority)
def test_every_priority_has_its_weight(priority: Priority):
    edits = {**TIGHT, f"{B}.priority": priority}
    percents = {**Settings(MONDAY, 1).priority_percent, priority: 777}
    plan, other = planned(*given(edits)), planned(*given({**edits, "region.settings.priority_percent": percents}))
    assert result(plan) != result(other)


@pytest.mark.parametrize("basis", CapacityBasis)
def test_every_capacity_basis_has_its_minutes(basis: CapacityBasis):
    minutes = {
        CapacityBasis.AGREED: (20, 90, 160),
        CapacityBasis.ACTUAL: (60, 20, 160),
        CapacityBasis.MAXIMUM: (60, 90, 20),
    }
    edits = {**BUSY, "region.settings.capacity_basis": basis}
    plan, other = planned(*given(edits)), planned(*given({**edits, PERIOD: CapacityPeriod(*minutes[basis])}))
    assert len(other.unmet) > len(plan.unmet)


def test_what_only_tells_people_something_leaves_the_plan_alone():
    plan = planned(REGION, ORDERS)
    told = {
        f"{NEAR}.address": "Street 1",
        f"{NEAR}.legal_form": "public",
        f"{NEAR}.example": True,
        f"{BIKE}.speed_kmh": 9,
    }
    assert result(planned(*given(told))) == result(plan)
