"""A plan as tables: one row per lot made in the region, one per lot imported."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from cosmolocal.records import CostTerms, Order, Plan, to_plain

Row = dict[str, str | int | None]

#: a cell that begins with one of these is a formula to a spreadsheet
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

_TERMS = tuple(field.name for field in fields(CostTerms))
_COST_COLUMNS = (
    "machine_cents",
    "material_cents",
    "bought_cents",
    "transport_cents",
    "co2e_cents",
    "lateness_cents",
    "distance_cents",
)
ALLOCATION_COLUMNS = (
    "plan",
    "order",
    "lot",
    "design",
    "quantity",
    "workshop",
    "week",
    "place",
    "due_date",
    "priority",
    "late_weeks",
    "makers",
    "machine_minutes",
    *_COST_COLUMNS,
    "money_cents",
    "total_cents",
    "co2e_g",
    "distance_m",
    "first_article_week",
)
#: the others hold whole numbers
TEXT_COLUMNS = frozenset({"plan", "order", "lot", "design", "workshop", "place", "due_date", "priority", "makers"})
TRIP_COLUMNS = (
    "plan",
    "from_place",
    "to_place",
    "mode",
    "week",
    "distance_m",
    "trips",
    "load_kg",
    "cents",
    "co2e_g",
    "total_cents",
    "lots",
)
UNMET_COLUMNS = (
    "plan",
    "order",
    "lot",
    "design",
    "quantity",
    "place",
    "due_date",
    "priority",
    "import_cents",
    "co2e_cents",
    "penalty_cents",
    "total_cents",
    "co2e_g",
    "reasons",
    "fixes",
)


def allocation_rows(plan: Plan, orders: Iterable[Order]) -> list[Row]:
    """Return a row by `ALLOCATION_COLUMNS` for each lot that is made in the region."""
    by_id = {order.id: order for order in orders}
    rows = []
    for item in plan.allocations:
        makers = dict.fromkeys(task.workshop for task in item.tasks)
        row = _lot_row(plan, item.lot, by_id[item.order]) | {
            "design": item.design,
            "quantity": item.quantity,
            "workshop": item.workshop,
            "week": item.week,
            "makers": " ".join(makers),
            "machine_minutes": sum(use.minutes for task in item.tasks for use in task.uses),
            "money_cents": item.cost.money_cents,
            "total_cents": item.cost.total_cents,
            "first_article_week": None if item.first_article is None else item.first_article.week,
        }
        rows.append(_in_order(ALLOCATION_COLUMNS, row | _terms(item.cost)))
    return rows


def unmet_rows(plan: Plan, orders: Iterable[Order]) -> list[Row]:
    """Return a row by `UNMET_COLUMNS` for each lot that is imported; reasons and fixes by their codes."""
    by_id = {order.id: order for order in orders}
    rows = []
    for item in plan.unmet:
        row = _lot_row(plan, item.lot, by_id[item.order]) | {
            "design": item.design,
            "quantity": item.quantity,
            "reasons": " ".join(dict.fromkeys(reason.code for reason in item.reasons)),
            "fixes": " ".join(dict.fromkeys(fix.code for fix in item.fixes)),
            "total_cents": item.cost.total_cents,
        }
        rows.append(_in_order(UNMET_COLUMNS, row | _terms(item.cost)))
    return rows


def _terms(cost: CostTerms) -> Row:
    return {name: getattr(cost, name) for name in _TERMS}


def _lot_row(plan: Plan, lot: str, order: Order) -> Row:
    return {
        "plan": plan.id,
        "order": order.id,
        "lot": lot,
        "place": order.place,
        "due_date": order.due_date.isoformat(),
        "priority": str(order.priority),
    }


def _in_order(columns: Sequence[str], row: Mapping[str, str | int | None]) -> Row:
    return {column: row[column] for column in columns}


def build_trips_csv(plan: Plan) -> str:
    """Return the trips that lots share as CSV, each with the lots that share it."""
    sharing: dict[tuple[str, str, str, int], dict[str, None]] = {}
    for item in plan.allocations:
        for leg in item.legs:
            sharing.setdefault((leg.from_place, leg.to_place, leg.mode, leg.week), {})[item.lot] = None
    rows = []
    for trip in plan.trips:
        lots = sharing.get((trip.from_place, trip.to_place, trip.mode, trip.week), {})
        rows.append(_in_order(TRIP_COLUMNS, {"plan": plan.id, "lots": " ".join(lots)} | to_plain(trip)))
    return build_csv(TRIP_COLUMNS, rows)


def build_allocations_csv(plan: Plan, orders: Iterable[Order]) -> str:
    """Return the lots made in the region as CSV."""
    return build_csv(ALLOCATION_COLUMNS, allocation_rows(plan, orders))


def build_unmet_csv(plan: Plan, orders: Iterable[Order]) -> str:
    """Return the lots imported as CSV."""
    return build_csv(UNMET_COLUMNS, unmet_rows(plan, orders))


def build_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str | int | None]]) -> str:
    """Return rows as CSV with these columns, other values of a row left out; no cell is a formula to a spreadsheet."""
    text = io.StringIO(newline="")
    # CRLF as RFC 4180 has it: with "\n" alone, Python before 3.13 leaves a "\r" in a cell unquoted
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_safe_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _safe_cell(value: str | int | None) -> str | int | None:
    """Return text that a spreadsheet takes for a formula with ``'`` before it; numbers stay as they are."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
