"""Rows into records."""

import json
from collections import defaultdict
from dataclasses import fields
from typing import Any

from cosmolocal.database.library import Database
from cosmolocal.errors import NotFoundError
from cosmolocal.records import PRIVATE_FIELDS, CostTerms, LocalShare, Order, Plan, PlanSummary, RunInfo, from_plain

Row = dict[str, Any]
RowsByLot = dict[str, list[Row]]

_COST_TERMS = tuple(field.name for field in fields(CostTerms))
_PLAN_TABLES = ("digests", "versions", "settings")
_PLAN_COLUMNS = tuple(
    field.name
    for field in fields(Plan)
    if field.name not in {*_PLAN_TABLES, "local_share", "allocations", "unmet", "prices", "changes"}
)


def find_plan_id(db: Database, prefix: str) -> str:
    """Return the one plan id that begins with ``prefix``.

    Raises
    ------
    NotFoundError
        When none does, or several do.
    """
    where = "length(:prefix) > 0 AND substr(id, 1, length(:prefix)) = :prefix"
    ids = [row["id"] for row in db.table("plans").rows_where(where, {"prefix": prefix}, order_by="id", select="id")]
    if prefix in ids:
        return prefix
    if not ids:
        raise NotFoundError(f"there is no plan {prefix!r}")
    if len(ids) > 1:
        raise NotFoundError(f"{prefix!r} begins several plans: {', '.join(ids)}")
    return str(ids[0])


def load_plan(db: Database, plan_id: str) -> Plan:
    """Return a stored plan by its id or the beginning of it."""
    with db.atomic():
        row = db.table("plans").get(find_plan_id(db, plan_id))
        plain = _take(row, *_PLAN_COLUMNS) | {name: json.loads(row[name]) for name in _PLAN_TABLES}
        plain["local_share"] = _share(row)
        plain["changes"] = None if row["changes"] is None else json.loads(row["changes"])
        plain["allocations"] = _load_allocations(db, row["id"])
        plain["unmet"] = _load_unmet(db, row["id"])
        plain["prices"] = [_take(price, "resource", "week", "cents") for price in _rows(db, "prices", row["id"])]
    return from_plain(Plan, plain)


def load_orders(db: Database, plan_id: str) -> tuple[Order, ...]:
    """Return the order book of a stored plan, in its order."""
    names = [field.name for field in fields(Order) if field.name not in PRIVATE_FIELDS]
    rows = _rows(db, "orders", find_plan_id(db, plan_id))
    flags = ("splittable", "first_article")
    return tuple(from_plain(Order, _take(row, *names) | {name: bool(row[name]) for name in flags}) for row in rows)


def load_runs(db: Database, plan_id: str) -> tuple[RunInfo, ...]:
    """Return the runs that made a stored plan, oldest first."""
    with db.atomic():
        rows = list(db.table("runs").rows_where("plan = ?", [find_plan_id(db, plan_id)], order_by="id"))
        return tuple(RunInfo(row["started_at"], row["seconds"], _progress(db, row["id"])) for row in rows)


def _progress(db: Database, run_id: int) -> tuple[tuple[float, int | None, int | None], ...]:
    rows = db.table("run_progress").rows_where("run = ?", [run_id], order_by="position")
    return tuple((row["seconds"], row["cost_cents"], row["bound_cents"]) for row in rows)


def list_plans(db: Database) -> tuple[PlanSummary, ...]:
    """Return all stored plans, the one with the newest run first."""
    rows = db.query("""
        SELECT plans.*, runs.started_at, runs.seconds,
            (SELECT count(*) FROM allocations WHERE plan = plans.id) AS allocations,
            (SELECT count(*) FROM unmet WHERE plan = plans.id) AS unmet,
            (SELECT CASE
                WHEN count(*) = 0 THEN 'draft' WHEN sum(superseded_at IS NULL) THEN 'published' ELSE 'superseded' END
                FROM publications WHERE plan = plans.id) AS state
        FROM plans
        JOIN runs ON runs.id = (SELECT max(id) FROM runs WHERE plan = plans.id)
        ORDER BY runs.id DESC
    """)
    names = [field.name for field in fields(PlanSummary) if field.name != "local_share"]
    return tuple(from_plain(PlanSummary, _take(row, *names) | {"local_share": _share(row)}) for row in rows)


def _rows(db: Database, table: str, plan_id: str) -> list[Row]:
    return list(db.table(table).rows_where("plan = ?", [plan_id], order_by="position"))


def _take(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def _share(row: Row) -> Row:
    return {field.name: row[f"local_{field.name}_permille"] for field in fields(LocalShare)}


def _by_lot(db: Database, table: str, plan_id: str) -> RowsByLot:
    rows: RowsByLot = defaultdict(list)
    for row in _rows(db, table, plan_id):
        rows[row["lot"]].append(row)
    return rows


def _lot(row: Row) -> Row:
    plain = _take(row, "lot", "design", "quantity")
    return plain | {"order": row["order_id"], "cost": _take(row, *_COST_TERMS)}


def _load_allocations(db: Database, plan_id: str) -> list[Row]:
    tasks, legs = _by_lot(db, "tasks", plan_id), _by_lot(db, "legs", plan_id)
    uses, alternatives = _by_lot(db, "machine_uses", plan_id), _by_lot(db, "alternatives", plan_id)
    return [
        _lot(row)
        | _take(row, "workshop", "week")
        | {
            "tasks": [_task(task, uses[row["lot"]]) for task in tasks[row["lot"]]],
            "legs": [_leg(leg) for leg in legs[row["lot"]]],
            "alternatives": [
                _take(item, "workshop", "week", "extra_cents") | {"lacks": json.loads(item["lacks"])}
                for item in alternatives[row["lot"]]
            ],
        }
        for row in _rows(db, "allocations", plan_id)
    ]


def _task(row: Row, uses_of_lot: list[Row]) -> Row:
    uses = [
        {"group": use["machine_group"]} | _take(use, "process", "minutes")
        for use in uses_of_lot
        if use["task"] == row["position"]
    ]
    return _take(row, "path", "design", "part", "workshop", "week", "quantity") | {
        "uses": uses,
        "first": bool(row["first"]),
    }


def _leg(row: Row) -> Row:
    names = ("path", "from_place", "to_place", "mode", "week", "distance_m", "trips", "mass_g")
    return _take(row, *names) | {"via": json.loads(row["via"]), "first": bool(row["first"])}


def _load_unmet(db: Database, plan_id: str) -> list[Row]:
    reasons, fixes = _by_lot(db, "reasons", plan_id), _by_lot(db, "fixes", plan_id)
    return [
        _lot(row)
        | {
            "reasons": [_reason(reason) for reason in reasons[row["lot"]]],
            "fixes": [_reason(fix) | _take(fix, "saves_cents") for fix in fixes[row["lot"]]],
        }
        for row in _rows(db, "unmet", plan_id)
    ]


def _reason(row: Row) -> Row:
    return {"code": row["code"], "values": json.loads(row["details"])}
