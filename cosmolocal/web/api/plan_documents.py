"""What the API says of plans, as JSON values."""

from collections import Counter
from dataclasses import fields
from typing import Any

from flask import g, url_for

from cosmolocal.planning.metrics import Kpis
from cosmolocal.records import PRIVATE_FIELDS, CostTerms, Order, PlanSummary, Unmet, to_plain
from cosmolocal.web.plan_table import AllocationRow
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.explaining import plan_words, sentences

#: parts of a plan that have lists of their own, by the word for them
PARTS = {
    "allocations": "api.list_allocations",
    "unmet": "api.list_unmet",
    "orders": "api.list_orders",
    "prices": "api.list_prices",
    "loads": "api.list_loads",
}


def describe_summary(plan: PlanSummary) -> dict[str, Any]:
    """Return a plan in the list."""
    return {**to_plain(plan), "gap": plan.gap, "address": url_for("api.show_plan", plan_id=plan.id)}


def describe_plan(view: PlanView) -> dict[str, Any]:
    """Return a plan with its figures; its allocations and other long lists stand at addresses of their own."""
    plan = view.plan
    long = ("allocations", "unmet", "prices", "changes")
    plain = {field.name: to_plain(getattr(plan, field.name)) for field in fields(plan) if field.name not in long}
    return {
        **plain,
        "gap": plan.gap,
        "previous": plan.changes.previous if plan.changes else None,
        "figures": _figures(view.kpis),
        "run": {"started_at": view.run.started_at, "seconds": view.run.seconds},
        "addresses": {name: url_for(endpoint, plan_id=plan.id) for name, endpoint in PARTS.items()},
    }


def _figures(kpis: Kpis) -> dict[str, Any]:
    plain = {field.name: to_plain(getattr(kpis, field.name)) for field in fields(kpis) if field.name != "matching"}
    return {**plain, "matching": to_plain(kpis.matching.overall)}


def describe_cost(cost: CostTerms) -> dict[str, int]:
    """Return the terms of a cost and their sums."""
    return {**to_plain(cost), "money_cents": cost.money_cents, "total_cents": cost.total_cents}


def describe_allocation(row: AllocationRow) -> dict[str, Any]:
    """Return a lot that is made in the region."""
    plain = {
        field.name: to_plain(getattr(row.allocation, field.name))
        for field in fields(row.allocation)
        if field.name not in ("alternatives", "cost")
    }
    return {
        **plain,
        "cost": describe_cost(row.allocation.cost),
        **_of_order(row.order),
        "monday": row.monday.isoformat(),
    }


def describe_unmet(row: Unmet, order: Order, view: PlanView) -> dict[str, Any]:
    """Return a lot that is imported, with its reasons and fixes in words."""
    reason_text, fix_text = sentences(plan_words(view.plan, g.region))
    return {
        "lot": row.lot,
        "order": row.order,
        "design": row.design,
        "quantity": row.quantity,
        "cost": describe_cost(row.cost),
        "reasons": [{**to_plain(item), "text": reason_text(item.code, item.values)} for item in row.reasons],
        "fixes": [{**to_plain(item), "text": fix_text(item.code, item.values)} for item in row.fixes],
        **_of_order(order),
    }


def _of_order(order: Order) -> dict[str, Any]:
    return {"place": order.place, "due_date": order.due_date.isoformat(), "priority": order.priority.value}


def describe_orders(view: PlanView, orders: list[Order]) -> list[dict[str, Any]]:
    """Return some orders of a plan, and what became of each."""
    made, imported, late = Counter[str](), Counter[str](), Counter[str]()
    for row in view.plan.allocations:
        made[row.order] += row.quantity
        late[row.order] = max(late[row.order], row.cost.late_weeks)
    for lot in view.plan.unmet:
        imported[lot.order] += lot.quantity
    return [
        {
            **{name: value for name, value in to_plain(order).items() if name not in PRIVATE_FIELDS},
            "made": made[order.id],
            "imported": imported[order.id],
            "late_weeks": late[order.id],
            "address": url_for("api.show_order", plan_id=view.plan.id, order_id=order.id),
        }
        for order in orders
    ]
