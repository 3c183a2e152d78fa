"""Records into rows."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from cosmolocal.database.library import Database
from cosmolocal.database.opening import writing
from cosmolocal.records import (
    PRIVATE_FIELDS,
    Allocation,
    Alternative,
    CostTerms,
    Fix,
    GroupUse,
    Leg,
    LocalShare,
    Order,
    Place,
    PlaceKind,
    Plan,
    Price,
    Reason,
    Region,
    RunInfo,
    Task,
    Trip,
    Unmet,
    Workshop,
    to_plain,
)

Row = dict[str, Any]


def save_plan(db: Database, plan: Plan, orders: Iterable[Order], run: RunInfo) -> None:
    """Store a plan with its order book and the run that made it, all or nothing.

    A plan that is stored already stays as it is; only the run is added, with the cost and bound it came to.
    """
    with writing(db):
        if not db.table("plans").count_where("id = ?", [plan.id]):
            region = {"id": plan.region, "name": plan.region, "attribution": ""}
            db.table("regions").insert(region, ignore=True)
            for table, rows in _plan_rows(plan, orders).items():
                db.table(table).insert_all(rows)
        _insert_run(db, plan, run)


def save_region(db: Database, region: Region) -> None:
    """Store the region's name and its places, workshops among them; what was stored of them before is replaced."""
    places = [_place_row(place, place.kind) for place in region.places]
    workshops = [_place_row(workshop, PlaceKind.WORKSHOP) for workshop in region.workshops]
    row = {"id": region.id, "name": region.name, "attribution": region.attribution}
    with writing(db):
        db.table("regions").upsert(row, pk="id")
        db.table("places").delete_where("region = ?", [region.id])
        db.table("places").insert_all({"region": region.id} | place for place in places + workshops)


def _place_row(place: Place | Workshop, kind: PlaceKind) -> Row:
    return {
        "id": place.id,
        "name": place.name,
        "kind": str(kind),
        "latitude": place.lat,
        "longitude": place.lon,
        "district": place.district if isinstance(place, Place) else "",
        "population": place.population if isinstance(place, Place) else None,
    }


def _plan_rows(plan: Plan, orders: Iterable[Order]) -> dict[str, list[Row]]:
    """Return the rows by table, every table after those it refers to."""
    of_plan = {"plan": plan.id}
    rows: dict[str, list[Row]] = defaultdict(list)
    rows["plans"] = [_plan_row(plan)]
    rows["orders"] = _numbered(of_plan, map(_order_row, orders))
    rows["allocations"] = _numbered(of_plan, map(_lot_row, plan.allocations))
    rows["unmet"] = _numbered(of_plan, map(_lot_row, plan.unmet))
    rows["prices"] = _numbered(of_plan, map(_scalars, plan.prices))
    rows["trips"] = _numbered(of_plan, map(_scalars, plan.trips))
    for allocation in plan.allocations:
        of_lot = of_plan | {"lot": allocation.lot}
        rows["tasks"] += _numbered(of_lot, map(_task_row, allocation.tasks))
        for position, task in enumerate(allocation.tasks):
            rows["machine_uses"] += _numbered(of_lot | {"task": position}, map(_use_row, task.uses))
        rows["legs"] += _numbered(of_lot, map(_leg_row, allocation.legs))
        rows["alternatives"] += _numbered(of_lot, map(_alternative_row, allocation.alternatives))
    for unmet in plan.unmet:
        of_lot = of_plan | {"lot": unmet.lot}
        rows["reasons"] += _numbered(of_lot, map(_reason_row, unmet.reasons))
        rows["fixes"] += _numbered(of_lot, map(_fix_row, unmet.fixes))
    return rows


def _numbered(key: Row, rows: Iterable[Row]) -> list[Row]:
    return [key | {"position": position} | row for position, row in enumerate(rows)]


def _json(value: Any) -> str:
    return json.dumps(to_plain(value), ensure_ascii=False)


def _scalars(
    record: Plan | Allocation | Unmet | Task | Leg | Trip | Alternative | CostTerms | LocalShare | Price,
) -> Row:
    """Return the fields of a record that a column can hold; nested ones have tables or columns of their own."""
    values = ((field.name, getattr(record, field.name)) for field in fields(record))
    return {name: value for name, value in values if value is None or isinstance(value, str | int | float)}


def _plan_row(plan: Plan) -> Row:
    share = {f"local_{name}_permille": value for name, value in _scalars(plan.local_share).items()}
    changes = None if plan.changes is None else _json(plan.changes)
    tables = {name: _json(getattr(plan, name)) for name in ("digests", "versions", "settings")}
    limits = _json(plan.limits) if plan.limits else None
    return _scalars(plan) | share | tables | {"changes": changes, "limits": limits}


def _order_row(order: Order) -> Row:
    row = dict(to_plain(order)) | {
        "splittable": int(order.splittable),
        "first_article": int(order.first_article),
    }
    return {name: value for name, value in row.items() if name not in PRIVATE_FIELDS}


def _lot_row(lot: Allocation | Unmet) -> Row:
    row = _scalars(lot)
    row["order_id"] = row.pop("order")
    return row | _scalars(lot.cost)


def _task_row(task: Task) -> Row:
    return _scalars(task) | {"first": int(task.first)}


def _use_row(use: GroupUse) -> Row:
    return {"machine_group": use.group, "process": use.process, "minutes": use.minutes}


def _leg_row(leg: Leg) -> Row:
    return _scalars(leg) | {"via": _json(leg.via), "first": int(leg.first)}


def _alternative_row(alternative: Alternative) -> Row:
    return _scalars(alternative) | {"lacks": _json(alternative.lacks)}


def _reason_row(reason: Reason) -> Row:
    return {"code": reason.code, "details": _json(reason.values)}


def _fix_row(fix: Fix) -> Row:
    return {"code": fix.code, "details": _json(fix.values), "saves_cents": fix.saves_cents}


def _insert_run(db: Database, plan: Plan, run: RunInfo) -> None:
    finished = datetime.fromisoformat(run.started_at) + timedelta(seconds=run.seconds)
    row = {
        "plan": plan.id,
        "started_at": run.started_at,
        "finished_at": finished.isoformat(timespec="seconds"),
        "seconds": run.seconds,
        "status": str(plan.status),
        "stopped_by": str(plan.stopped_by),
        "cost_cents": plan.cost_cents,
        "bound_cents": plan.bound_cents,
    }
    run_id = db.table("runs").insert(row).last_pk
    steps = ({"seconds": at, "cost_cents": cost, "bound_cents": bound} for at, cost, bound in run.progress)
    db.table("run_progress").insert_all(_numbered({"run": run_id}, steps))
