"""A small region with every rule in use, its plan, and how to change one value of it."""

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from enum import Enum
from functools import cache
from typing import Any

from planning.brute_force import highest, solve_by_brute_force

from benchmarks.made_up import MONDAY, plain_design
from cosmolocal.planning.audit import AuditReport, audit_plan
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
    Plan,
    Process,
    Region,
    Settings,
    Tolerance,
    Vocabulary,
    Workshop,
    WorkshopStatus,
)


def design(name: str, parts: tuple[Part, ...], bom: tuple[BomLine, ...] = (), version: str = "1.0.0") -> Design:
    return replace(
        plain_design("us", name, parts, bom), version=version, reference_price_cents=6_000, reference_co2e_g=5_000
    )


CUT = Operation("cutting", 600, 120, "plywood", 250, (300, 20, 400))
SEW = Operation("sewing", 300)
SHELF = design("shelf", (Part("", 3_000, (CUT,)),))
LAMP = design(
    "lamp",
    (Part("", None, (SEW,)), Part("shade", 500, (CUT,)), Part("stand", None, ())),
    (
        BomLine(2, part="shade"),
        BomLine(1, part="stand"),
        BomLine(3, into="stand", bought="pole", cost_cents=90, mass_g=400),
    ),
)


def group(process: str, agreed: int, maximum: int, **more: Any) -> MachineGroup:
    known = {"envelope_mm": (500, 400, 100), "materials": ("plywood",), "tolerance": Tolerance.MEDIUM}
    return MachineGroup(process, process, 1, 1_200, (CapacityPeriod(agreed, agreed, maximum),), **{**known, **more})


def workshop(name: str, lat: float, *groups: MachineGroup, **more: Any) -> Workshop:
    return Workshop(name, name, lat, 2.16, groups, **more)


REGION = Region(
    id="workbench",
    name="Workbench",
    places=(Place("home", "Home", PlaceKind.NEIGHBOURHOOD, 41.40, 2.18),),
    workshops=(
        workshop("north", 41.42, group("laser-cutting", 70, 190), radius_m=9_000),
        workshop("south", 41.38, group("sewing", 60, 60), group("welding", 60, 60)),
        workshop("spare", 41.41, group("cutting", 500, 500), status=WorkshopStatus.PLANNED),
    ),
    network=NetworkSettings(
        1.3,
        (Mode("bike", "Bike", 15, 150, 90, 5, 4_000), Mode("van", "Van", 30, 900, 60, 250, 500_000)),
        links=(
            LinkRule("home", "north", 3_600, 100),
            LinkRule("home", "south", 3_600),
            LinkRule("south", "north", 5_700),
        ),
    ),
    settings=Settings(MONDAY, 3, overtime_percent=50, max_lots_per_order=2, fairness_cents_per_hour=60),
    vocabulary=Vocabulary(
        (Process("cutting", "Cutting"), Process("laser-cutting", "Laser cutting", parents=("cutting",)))
    ),
    designs=(SHELF, LAMP),
)
ORDERS = (
    Order("A", "us~shelf", "*", 5, "home", MONDAY + timedelta(days=16), splittable=True, minimum_lot=2),
    Order("B", "us~lamp", "^1.0", 4, "home", MONDAY + timedelta(days=8), MONDAY, max_distance_m=9_000),
    Order("C", "us~lamp", "^9.0", 1, "home", MONDAY + timedelta(days=16)),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A plan with what it was made from."""

    plan: Plan
    region: Region = REGION
    orders: tuple[Order, ...] = ORDERS

    def audit(self) -> AuditReport:
        return audit_plan(self.plan, self.region, self.orders, highest)

    def codes(self) -> set[str]:
        return {problem.code for problem in self.audit().problems}


@cache
def right_plan() -> Plan:
    return solve_by_brute_force(REGION, ORDERS)


@cache
def gated_case() -> Case:
    """Return the case in which the lamps are begun after their first article; a week more makes that possible."""
    region = replace(REGION, settings=replace(REGION.settings, weeks=4))
    orders = tuple(replace(order, first_article=order.id == "B") for order in ORDERS)
    return Case(solve_by_brute_force(region, orders), region, orders)


def edit(record: Any, path: str, value: Any) -> Any:
    """Return a copy of nested records and tuples in which one value is another."""
    head, _, rest = path.partition(".")
    if isinstance(record, tuple):
        index = int(head)
        return (*record[:index], edit(record[index], rest, value) if rest else value, *record[index + 1 :])
    return replace(record, **{head: edit(getattr(record, head), rest, value) if rest else value})


def look(record: Any, path: str) -> Any:
    for step in path.split("."):
        record = record[int(step)] if isinstance(record, tuple) else getattr(record, step)
    return record


#: what the audit leaves alone: names of the run, and what is only told
FREE = {"id", "book", "solver", "seed", "gap_limit", "settings", "digests", "versions", "stopped_by", "alternatives"}
#: looked at in `test_audit_changes`
FREE |= {"changes"}


def leaves(record: Any, path: str = "") -> list[str]:
    """Return the paths of all plain values of a plan."""
    if is_dataclass(record):
        names = [field.name for field in fields(record) if field.name not in FREE]
        return [leaf for name in names for leaf in leaves(getattr(record, name), f"{path}.{name}")]
    if isinstance(record, tuple):
        return [leaf for index, item in enumerate(record) for leaf in leaves(item, f"{path}.{index}")]
    return [] if isinstance(record, dict) else [path.removeprefix(".")]


def spoil(value: Any) -> Any:
    if isinstance(value, Enum):
        return next(each for each in type(value) if each is not value)
    return value + 1 if isinstance(value, int) else f"{value}?"
