"""Planning an order book, checking the plan, and saying why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cosmolocal.collecting import paused_collector
from cosmolocal.errors import InputError, Problem, SolverError
from cosmolocal.files import find_digest, is_there
from cosmolocal.planning.audit import AuditReport, audit_plan
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.solvers.solution import Progress, SolveSettings, Watch
from cosmolocal.planning.supposing import plan_edited
from cosmolocal.records import LotState, Order, Plan, Region, RunInfo
from cosmolocal.versions import best_version
from cosmolocal.workflows.inputs import Book, RegionInputs, settings_of
from cosmolocal.workflows.pins import (
    designs_as_planned,
    find_changed,
    find_taken_down,
    is_pin,
    note_newer,
    pin_designs,
    pin_name,
)

CODES = {
    "P090": "an input file has changed since the plan was made",
    "P091": "the order book of a plan cannot be found",
    "P092": "Note: a plan made now would take another version of a design: one was published or withdrawn since",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the run that made it."""

    plan: Plan
    orders: tuple[Order, ...]
    run: RunInfo
    audit: AuditReport


def plan_book(
    inputs: RegionInputs,
    book: Book,
    settings: SolveSettings,
    watch: Watch,
    previous: Previous | None = None,
    base: Plan | None = None,
) -> Planned:
    """Return the audited plan of an order book: from scratch, from the plan before, or from the base of a scenario.

    Raises
    ------
    SolverError
        When the plan does not pass its audit: a fault of this program.
    """
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    seen: list[tuple[float, int | None, int | None]] = []

    def note(progress: Progress) -> None:
        seen.append((round(progress.seconds, 2), progress.cost_cents, progress.bound_cents))
        if watch.listener is not None:
            watch.listener(progress)

    pins = pin_designs(inputs.region.designs, book.orders)
    provenance = Provenance(book.name, {**inputs.digests, **pins, book.name: book.digest})
    listened = replace(watch, listener=note)
    if base is not None:
        plan = plan_edited(inputs.region, book.orders, provenance, settings, base, listened)
    elif previous is None:
        plan = plan_orders(inputs.region, book.orders, provenance, settings, listened)
    else:
        plan = replan_orders(inputs.region, book.orders, provenance, settings, previous, listened)
    plan = replace(plan, scenario=inputs.scenario)
    with paused_collector():
        report = audit_records(plan, inputs.region, book.orders)
    if report.problems:
        raise SolverError("the plan fails its audit:\n" + "\n".join(str(problem) for problem in report.problems))
    return Planned(plan, book.orders, RunInfo(started_at, round(listened.seconds(), 2), tuple(seen)), report)


def audit_records(plan: Plan, region: Region, orders: tuple[Order, ...]) -> AuditReport:
    """Return the audit of a plan against a region, with the settings the plan was made with."""
    region = replace(region, settings=settings_of(plan.settings))
    return audit_plan(plan, region, orders, best_version)


def audit_files(plan: Plan, inputs: RegionInputs, book: Book) -> AuditReport:
    """Return the audit of a plan against the files as they are now; changed files are problems too.

    Of the designs the plan's own versions count: one that is published or withdrawn later is a note. Where one of them
    was taken down, no figure of the plan can be checked, and that is all the report says of it.
    """
    designs = inputs.region.designs
    gone = find_taken_down(plan, inputs.region.taken_down)
    region = replace(inputs.region, designs=designs_as_planned(plan, designs))
    changed = [
        Problem("P090", f"plan: digests.{name}", f"found {_shown(plan.digests.get(name))}; the input is {_shown(now)}")
        for name, now in changed_inputs(plan, inputs, book)
    ]
    if gone:
        changed += [
            Problem("P090", f"plan: digests.{pin_name(key)}", f"{key} was taken down: {why}; no figure can be checked")
            for key, why in gone.items()
        ]
        return AuditReport(tuple(changed), cost_cents=0, checked={})
    report = audit_records(plan, region, book.orders)
    notes = note_newer(plan, designs, book.orders)
    return replace(report, problems=(*changed, *report.problems), notes=notes)


def changed_inputs(plan: Plan, inputs: RegionInputs, book: Book | None) -> Iterator[tuple[str, str | None]]:
    """Yield name and digest now of each input that a plan was made of and that has changed; designs taken down do not.

    Without ``book`` the order book is gone.
    """
    yield from _changed_files(plan, inputs, book)
    yield from find_changed(plan, inputs.region.designs, find_taken_down(plan, inputs.region.taken_down))


def _changed_files(plan: Plan, inputs: RegionInputs, book: Book | None) -> Iterator[tuple[str, str | None]]:
    now = {**inputs.digests, **({book.name: book.digest} if book else {})}
    for name in dict.fromkeys((*plan.digests, *inputs.digests, plan.book)):
        if not is_pin(name) and (name not in plan.digests or plan.digests[name] != now.get(name)):
            yield name, now.get(name)


def _shown(digest: str | None) -> str:
    return "nothing" if digest is None else f"{digest[:19]}…"


def find_book(plan: Plan, folder: Path) -> Path:
    """Return the file of the order book that a plan names; one that is not in the region's folder is a fault."""
    path = folder / plan.book
    if not is_there(path, plan.book, "O001") or not path.resolve().is_relative_to(folder.resolve()):
        found = f"found {plan.book!r}; no such file in the region's folder, so name it with --orders"
        raise InputError([Problem("P091", "plan: book", found)])
    return path


def find_book_now(plan: Plan, folder: Path) -> Book | None:
    """Return the order book that a plan names as its file is now, its orders left out; None: it is gone.

    Raises
    ------
    InputError
        When it is there and cannot be read: whether it has changed is not known then.
    """
    path = folder / plan.book
    digest = find_digest(path, plan.book, "O001")
    if digest is None or not path.resolve().is_relative_to(folder.resolve()):
        return None
    return Book(plan.book, (), digest)


def plan_summary(planned: Planned) -> dict[str, Any]:
    """Return a plan in figures: the JSON document of ``cosmolocal plan``."""
    plan = planned.plan
    share = plan.local_share
    units = sum(order.quantity for order in planned.orders)
    served = sum(row.quantity for row in plan.allocations)
    served += sum(row.quantity for row in (plan.changes.earlier if plan.changes else ()) if row.state is LotState.DONE)
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
        "served_share": served * 1000 // units / 1000 if units else None,
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


def find_designs(plan: Plan, orders: Iterable[Order]) -> frozenset[str]:
    """Return the ids of all designs that a plan speaks of: those ordered, those made, those that something lacks."""
    named = {order.design for order in orders} | {row.design for row in plan.allocations}
    named |= {row.design for row in plan.unmet} | {task.design for row in plan.allocations for task in row.tasks}
    for row in plan.unmet:
        named |= {str(reason.values.get("design", "")) for reason in row.reasons}
        named |= {str(fix.values.get("design", "")) for fix in row.fixes}
    return frozenset(name.partition("@")[0] for name in named if name)
