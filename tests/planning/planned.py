"""Plans tiny regions as the program does, and audits what comes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from planning.brute_force import highest
from planning.tiny_regions import random_region

from cosmolocal.planning.audit import AuditReport, audit_plan
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, OptionTable
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Order, Plan, Region

PROVENANCE = Provenance("book", {"orders.csv": "0" * 64})
#: no gap, and time enough
PROVED = SolveSettings(seconds=60.0, gap=0.0, seed=1)


def planned(
    region: Region, orders: Iterable[Order], settings: SolveSettings = PROVED, watch: Watch | None = None
) -> Plan:
    """Return the plan of an order book."""
    return plan_orders(region, orders, PROVENANCE, settings, watch)


@cache
def tiny_plan(seed: int) -> tuple[Region, tuple[Order, ...], Plan]:
    """Return a tiny region, its orders and their plan, solved once for all tests that begin with it."""
    region, orders = random_region(seed)
    return region, orders, planned(region, orders)


def audited(plan: Plan, region: Region, orders: Iterable[Order]) -> AuditReport:
    """Return what the audit says of a plan."""
    return audit_plan(plan, region, tuple(orders), highest)


@dataclass(frozen=True, slots=True)
class Table:
    """The options of an order book, with what built them."""

    builder: OptionBuilder
    options: OptionTable
    orders: tuple[Order, ...]


def tabled(region: Region, orders: Iterable[Order]) -> Table:
    """Return the options of an order book."""
    orders = tuple(orders)
    ground = Ground(region)
    builder = OptionBuilder(ground)
    lots = cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)
    return Table(builder, builder.build(lots, orders), orders)
