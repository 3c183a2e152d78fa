"""Planning an order book, checking the plan, and saying why."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cosmolocal.errors import NotFoundError, Problem, SolverError
from cosmolocal.planning.audit import AuditReport, audit_plan
from cosmolocal.planning.bill import Catalogue
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.solvers.solution import Progress, SolveSettings, Watch
from cosmolocal.planning.wording import fix_sentence, reason_sentence
from cosmolocal.records import Allocation, Order, Plan, Region, RunInfo, Unmet, to_plain
from cosmolocal.workflows.inputs import Book, RegionInputs, settings_of

CODES = {
    "P090": "an input file has changed since the plan was made",
    "P091": "the order book of a plan cannot be found",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the run that made it."""

    plan: Plan
    orders: tuple[Order, ...]
    run: RunInfo
    audit: AuditReport


def plan_book(inputs: RegionInputs, book: Book, settings: SolveSettings, watch: Watch) -> Planned:
    """Return the audited plan of an order book.

    Raises
    ------
    SolverError
        When the plan does not pass its audit: a fault of this program.
    """
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    seen: list[tuple[float, int | None, int | None]] = []
    listener = watch.listener

    def note(progress: Progress) -> None:
        seen.append((round(progress.seconds, 2), progress.cost_cents, progress.bound_cents))
        if listener is not None:
            listener(progress)

    watch.listener = note
    provenance = Provenance(book.name, {**inputs.digests, book.name: book.digest})
    plan = plan_orders(inputs.region, book.orders, provenance, settings, watch)
    report = audit_records(plan, inputs.region, book.orders)
    if report.problems:
        raise SolverError("the plan fails its audit:\n" + "\n".join(str(problem) for problem in report.problems))
    return Planned(plan, book.orders, RunInfo(started_at, round(watch.seconds(), 2), tuple(seen)), report)


def audit_records(plan: Plan, region: Region, orders: tuple[Order, ...]) -> AuditReport:
    """Return the audit of a plan against a region, with the settings the plan was made with."""
    region = replace(region, settings=settings_of(plan.settings))
    return audit_plan(plan, region, orders, Catalogue(region.designs).resolve)


def audit_files(plan: Plan, inputs: RegionInputs, book: Book) -> AuditReport:
    """Return the audit of a plan against the files as they are now; changed files are problems too."""
    report = audit_records(plan, inputs.region, book.orders)
    now = {**inputs.digests, book.name: book.digest}
    changed = [
        Problem("P090", f"plan: digests.{name}", f"found {digest[:19]}…; the input has {now.get(name, 'none')[:19]}…")
        for name, digest in plan.digests.items()
        if now.get(name) != digest
    ]
    return replace(report, problems=(*changed, *report.problems))


def find_book(plan: Plan, folder: Path) -> Path:
    """Return the file of the order book that a plan names."""
    path = folder / plan.book
    if not path.is_file():
        raise NotFoundError(f"P091 the order book {plan.book} of the plan is not in the region's folder; name it")
    return path


def explain_order(plan: Plan, order_id: str) -> dict[str, Any]:
    """Return why an order is served as it is: JSON values for the command line.

    Raises
    ------
    NotFoundError
        When the plan has no such order.
    """
    allocations = [row for row in plan.allocations if row.order == order_id]
    unmet = [row for row in plan.unmet if row.order == order_id]
    if not allocations and not unmet:
        raise NotFoundError(f"the plan has no order {order_id}")
    return {
        "plan": plan.id,
        "order": order_id,
        "allocations": [_allocation(row) for row in allocations],
        "unmet": _unmet(unmet),
    }


def _allocation(row: Allocation) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(row)
    plain["cost"] |= {"money_cents": row.cost.money_cents, "total_cents": row.cost.total_cents}
    return plain


def _unmet(rows: list[Unmet]) -> dict[str, Any]:
    reasons = [_worded(to_plain(reason), reason_sentence) for row in rows[:1] for reason in row.reasons]
    fixes = [_worded(to_plain(fix), fix_sentence) for row in rows[:1] for fix in row.fixes]
    return {
        "quantity": sum(row.quantity for row in rows),
        "lots": [row.lot for row in rows],
        "total_cents": sum(row.cost.total_cents for row in rows),
        "reasons": reasons,
        "fixes": fixes,
    }


def _worded(plain: dict[str, Any], sentence: Any) -> dict[str, Any]:
    return {**plain, "text": sentence(plain["code"], plain["values"], str, show_value)}


def show_value(name: str, value: str | int) -> str:
    """Return a value of a reason or fix with its unit, as the command line writes it."""
    if name.endswith("_m"):
        return f"{int(value) / 1000:.1f} km"
    if name.endswith("_cents"):
        return f"{int(value) / 100:,.2f} €"
    if name == "minutes":
        return f"{int(value) / 60:.1f} h"
    if name == "week":
        return f"week {value}"
    if name == "part" and not value:
        return "the design put together"
    return str(value)


def plan_summary(planned: Planned) -> dict[str, Any]:
    """Return a plan in figures: the JSON document of ``cosmolocal plan``."""
    plan = planned.plan
    share = plan.local_share
    units = sum(order.quantity for order in planned.orders)
    served = sum(row.quantity for row in plan.allocations)
    return {
        "plan": plan.id,
        "book": plan.book,
        "status": plan.status.value,
        "stopped_by": plan.stopped_by.value,
        "cost_cents": plan.cost_cents,
        "bound_cents": plan.bound_cents,
        "gap": round(plan.gap, 6),
        "seconds": planned.run.seconds,
        "orders": len(planned.orders),
        "lots": len(plan.allocations) + len(plan.unmet),
        "served_share": round(served / units, 4) if units else None,
        "local_share": {
            name: None if value is None else value / 1000
            for name, value in (("units", share.units), ("mass", share.mass), ("value", share.value))
        },
        "unmet": len(plan.unmet),
        "digests": dict(plan.digests),
        "versions": dict(plan.versions),
        "seed": plan.seed,
        "solver": plan.solver,
        "audit": {"problems": len(planned.audit.problems), "checked": sum(planned.audit.checked.values())},
    }
