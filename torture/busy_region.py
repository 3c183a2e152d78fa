"""A region in which many people have something to do: order books of their own and a published plan of many jobs."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from cosmolocal.designs.bundles import create_root
from cosmolocal.orders import COLUMNS
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.workflows import Workspace, plan_book, publish_design
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.plan_publishing import publish_plan
from torture.lamp_region import WORKSHOPS, write_lamp, write_region

#: a week before the plan begins, so that every job can still be answered
NOW = datetime(2026, 8, 31, 8, tzinfo=UTC)
DESIGN = "us~lamp"
#: in each workshop and week
HOURS = 40


def make_busy_region(folder: Path, orders: int, books: Iterable[str] = ()) -> Workspace:
    """Make the region in a new folder, with so many orders in its book, planned and published, and other books."""
    hours = f"agreed: {HOURS}, actual: {HOURS}, maximum: {HOURS}"
    write_region(folder, WORKSHOPS.replace("agreed: 10, actual: 10, maximum: 20", hours))
    create_root(folder / "designs")
    bundle = write_lamp(folder.parent / "lamp", "1.0.0")
    publish_design(folder, bundle, None, "first version", OPERATOR.name)
    write_book(folder / "orders/book.csv", (f"A{number}" for number in range(orders)))
    for name in books:
        write_book(folder / f"orders/{name}.csv", ())
    workspace = Workspace(folder)
    publish_plan(workspace, OPERATOR, plan_and_save(workspace, "book"), now=NOW)
    return workspace


def write_book(path: Path, ids: Iterable[str], quantity: int = 2) -> None:
    """Write an order book of lamps, all for one place."""
    lines = [
        ",".join(COLUMNS),
        *(",".join(order_cells(one, quantity).get(name, "") for name in COLUMNS) for one in ids),
    ]
    path.write_text("\n".join(lines) + "\n")


def order_cells(order: str, quantity: int) -> dict[str, str]:
    """Return an order as the form has it."""
    cells = {"id": order, "design": DESIGN, "version": "*", "quantity": str(quantity), "place": "home"}
    return cells | {"due_date": "2026-10-02", "priority": "normal", "splittable": "no", "minimum_lot": "1"}


def plan_and_save(workspace: Workspace, book: str, overrides: Mapping[str, str] = MappingProxyType({})) -> str:
    """Plan an order book, some settings overridden, and return the id of the plan."""
    inputs, read = workspace.read(workspace.folder / f"orders/{book}.csv", overrides)
    planned = plan_book(inputs, read, SolveSettings(10.0), Watch())
    workspace.save(planned, inputs.region)
    return planned.plan.id
