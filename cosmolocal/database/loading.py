"""Rows into records."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date
from functools import lru_cache
from sys import intern
from typing import Any, TypeVar

from cosmolocal.database.library import Database
from cosmolocal.errors import NotFoundError, say
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
    Plan,
    PlanSummary,
    Price,
    Priority,
    Reason,
    RunInfo,
    Task,
    Trip,
    Unmet,
    from_plain,
)

Row = dict[str, Any]
T = TypeVar("T")

_COST_TERMS = tuple(field.name for field in fields(CostTerms))
_TRIP_COLUMNS = ", ".join(field.name for field in fields(Trip))
_PLAN_TABLES = ("digests", "versions", "settings")
_PLAN_COLUMNS = tuple(
    field.name
    for field in fields(Plan)
    if field.name not in {*_PLAN_TABLES, "local_share", "allocations", "unmet", "prices", "changes", "trips", "limits"}
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
        raise NotFoundError(say("there is no plan %(name)s", name=repr(prefix)))
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
        plain["limits"] = [] if row["limits"] is None else json.loads(row["limits"])
        plain["allocations"] = plain["unmet"] = []
        # the tables are strict: what comes out of them has the types that went in
        return replace(
            from_plain(Plan, plain),
            allocations=tuple(_load_allocations(db, row["id"])),
            unmet=tuple(_load_unmet(db, row["id"])),
            prices=tuple(
                Price(intern(resource), week, cents)
                for resource, week, cents in _select(db, "prices", "resource, week, cents", row["id"], "position")
            ),
            trips=tuple(_trip(*values) for values in _select(db, "trips", _TRIP_COLUMNS, row["id"], "position")),
        )


def load_orders(db: Database, plan_id: str) -> tuple[Order, ...]:
    """Return the order book of a stored plan, in its order."""
    names = [field.name for field in fields(Order) if field.name not in PRIVATE_FIELDS]
    rows = _select(db, "orders", ", ".join(names), find_plan_id(db, plan_id), "position")
    return tuple(_order(dict(zip(names, row, strict=True))) for row in rows)


def _order(values: Row) -> Order:
    order = Order(**values)
    return replace(
        order,
        design=intern(order.design),
        version=intern(order.version),
        place=intern(order.place),
        due_date=_day(values["due_date"]),
        release_date=None if values["release_date"] is None else _day(values["release_date"]),
        priority=Priority(order.priority),
        splittable=bool(order.splittable),
        first_article=bool(order.first_article),
    )


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    return date.fromisoformat(text)


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


def _take(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def _share(row: Row) -> Row:
    return {field.name: row[f"local_{field.name}_permille"] for field in fields(LocalShare)}


def _select(db: Database, table: str, columns: str, plan_id: str, order: str) -> Iterator[tuple[Any, ...]]:
    return iter(db.execute(f"SELECT {columns} FROM {table} WHERE plan = ? ORDER BY {order}", [plan_id]))


def _by_lot(db: Database, table: str, columns: str, plan_id: str, make: Callable[..., T]) -> dict[str, tuple[T, ...]]:
    """Return what is made of the rows of each lot, in their order."""
    found: dict[str, list[T]] = defaultdict(list)
    for lot, *values in _select(db, table, f"lot, {columns}", plan_id, "lot, position"):
        found[lot].append(make(*values))
    return {lot: tuple(items) for lot, items in found.items()}


def _load_allocations(db: Database, plan_id: str) -> Iterator[Allocation]:
    uses: dict[tuple[str, int], list[GroupUse]] = defaultdict(list)
    columns = "lot, task, machine_group, process, minutes"
    for lot, task, group, process, minutes in _select(db, "machine_uses", columns, plan_id, "lot, task, position"):
        uses[lot, task].append(GroupUse(intern(group), intern(process), minutes))
    tasks = _by_lot(
        db,
        "tasks",
        "lot, position, path, design, part, workshop, week, quantity, first",
        plan_id,
        lambda lot, number, *values: _task(tuple(uses[lot, number]), *values),
    )
    columns = "path, from_place, to_place, mode, week, distance_m, trips, mass_g, via, first, share_cents"
    legs = _by_lot(db, "legs", columns, plan_id, _leg)
    others = _by_lot(db, "alternatives", "workshop, week, extra_cents, lacks", plan_id, _alternative)
    columns = f"lot, order_id, design, quantity, workshop, week, {', '.join(_COST_TERMS)}"
    for lot, order, design, quantity, workshop, week, *cost in _select(db, "allocations", columns, plan_id, "position"):
        yield Allocation(
            lot,
            order,
            intern(design),
            quantity,
            intern(workshop),
            week,
            tasks.get(lot, ()),
            legs.get(lot, ()),
            CostTerms(*cost),
            others.get(lot, ()),
        )


def _task(uses: tuple[GroupUse, ...], *values: Any) -> Task:
    path, design, part, workshop, week, quantity, first = values
    return Task(intern(path), intern(design), intern(part), intern(workshop), week, quantity, uses, bool(first))


def _leg(*values: Any) -> Leg:
    path, start, end, mode, week, distance_m, trips, mass_g, via, first, share_cents = values
    names, load = (intern(path), intern(start), intern(end), intern(mode)), (distance_m, trips, mass_g)
    return Leg(*names, week, *load, _tuple_of(via), bool(first), share_cents)


def _trip(*values: Any) -> Trip:
    start, end, mode, *rest = values
    return Trip(intern(start), intern(end), intern(mode), *rest)


def _alternative(workshop: str, week: int, extra_cents: int, lacks: str) -> Alternative:
    return Alternative(intern(workshop), week, extra_cents, _tuple_of(lacks))


@lru_cache(maxsize=65_536)
def _tuple_of(text: str) -> tuple[Any, ...]:
    return tuple(tuple(item) if isinstance(item, list) else intern(item) for item in json.loads(text))


def _load_unmet(db: Database, plan_id: str) -> Iterator[Unmet]:
    reasons = _by_lot(db, "reasons", "code, details", plan_id, _reason)
    fixes = _by_lot(db, "fixes", "code, details, saves_cents", plan_id, _fix)
    columns = f"lot, order_id, design, quantity, {', '.join(_COST_TERMS)}"
    for lot, order, design, quantity, *cost in _select(db, "unmet", columns, plan_id, "position"):
        cost_terms = CostTerms(*cost)
        yield Unmet(lot, order, intern(design), quantity, cost_terms, reasons.get(lot, ()), fixes.get(lot, ()))


def _reason(code: str, details: str) -> Reason:
    return Reason(intern(code), json.loads(details))


def _fix(code: str, details: str, saves_cents: int) -> Fix:
    return Fix(intern(code), json.loads(details), saves_cents)
