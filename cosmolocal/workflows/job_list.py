"""The jobs of a plan: its allocations by workshop, in weeks that have dates."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from cosmolocal.records import Allocation, Gate, Job, JobLeg, JobTask, Leg, Order, Plan, Task, to_plain


def jobs_of(plan: Plan, orders: Iterable[Order]) -> tuple[Job, ...]:
    """Return what each workshop does for each lot of a plan."""
    start = date.fromisoformat(str(plan.settings["start_date"]))
    places = {order.id: order.place for order in orders}
    return tuple(
        _job(plan.book, row, workshop, start, places)
        for row in plan.allocations
        for workshop in sorted({task.workshop for task in row.tasks})
    )


def _job(book: str, row: Allocation, workshop: str, start: date, places: Mapping[str, str]) -> Job:
    tasks = tuple(_task(task, start) for task in row.tasks if task.workshop == workshop)
    legs = tuple(_leg(leg, start) for leg in row.legs if workshop in (leg.from_place, leg.to_place))
    gate = _gate(row, start)
    mondays = [task.monday for task in tasks]
    return Job(
        id=_job_id(book, row, workshop, tasks, gate),
        book=book,
        order=row.order,
        lot=row.lot,
        design=row.design,
        quantity=row.quantity,
        workshop=workshop,
        place=places[row.order],
        delivers=workshop == row.workshop,
        first_monday=min(mondays),
        last_monday=max(mondays),
        tasks=tasks,
        legs=legs,
        gate=gate,
    )


def _gate(row: Allocation, start: date) -> Gate | None:
    first = row.first_article
    if first is None:
        return None
    return Gate(first.workshop, start + timedelta(weeks=first.week), start + timedelta(weeks=row.batch_week))


def _job_id(book: str, row: Allocation, workshop: str, tasks: Iterable[JobTask], gate: Gate | None) -> str:
    """Return what stays the same as long as a workshop is asked for the same thing: its answer then holds."""
    asked = [
        [task.path, task.design, task.part, task.monday, task.quantity, [use.group for use in task.uses]]
        for task in sorted(tasks, key=lambda task: (task.path, not task.first))
    ]
    facts = [book, row.lot, row.design, row.quantity, workshop, to_plain(asked)]
    if gate is not None:
        facts.append(to_plain(gate))
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _task(task: Task, start: date) -> JobTask:
    monday = start + timedelta(weeks=task.week)
    return JobTask(task.path, task.design, task.part, monday, task.quantity, task.uses, task.first)


def _leg(leg: Leg, start: date) -> JobLeg:
    return JobLeg(leg.path, leg.from_place, leg.to_place, leg.mode, start + timedelta(weeks=leg.week), leg.mass_g)
