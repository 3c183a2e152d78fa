"""Plans in the API: their figures, allocations, what is not made here, prices and loads, and why."""

from typing import Any

from flask import Response, g
from marshmallow import fields as ma
from marshmallow.validate import OneOf, Range

from cosmolocal.records import Order, to_plain
from cosmolocal.web import plan_table, plans_view, unmet_view
from cosmolocal.web.api import plan_schemas as schemas
from cosmolocal.web.api.answers import answer, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.plan_documents import (
    describe_allocation,
    describe_orders,
    describe_plan,
    describe_summary,
    describe_unmet,
)
from cosmolocal.web.api.reading import PageQuery, WholeNumber, word
from cosmolocal.web.shared import load_plan, load_region, workspace
from cosmolocal.workflows import explain_order

PLAN = "/plans/<plan_id>"


class AllocationQuery(PageQuery):
    """Which allocations: the filters of the plan's page."""

    q = word("words that the row's ids and names hold, all of them")
    workshop = word("id of a workshop that makes it, or a part of it")
    place = word("id of the place it is made for")
    design = word("id of a design")
    week = WholeNumber(validate=Range(0, 9999), metadata={"description": "week of the delivery"})
    late = ma.String(load_default="", validate=OneOf(["yes"]), metadata={"description": "only what is late"})
    sort = ma.String(
        load_default="order",
        validate=OneOf([*plan_table.SORTS, *(f"-{key}" for key in plan_table.SORTS)]),
        metadata={"description": "`-` before it: largest first"},
    )


class UnmetQuery(PageQuery):
    """Which imported lots: the filters of the page."""

    q = word("words that the row's ids and names hold, all of them")
    reason = word("code of a reason")
    sort = ma.String(load_default="saves", validate=OneOf(unmet_view.SORTS))


class OrderQuery(PageQuery):
    """Which orders."""

    design = word("id of a design")
    place = word("id of a place")


class LoadQuery(PageQuery):
    """Which loads."""

    workshop = word("id of a workshop")


@bp.operation("GET", "/plans", Terms("plans", schemas.PlansPage, query=PageQuery))
def list_plans(query: dict[str, Any]) -> Response:
    """Return a page of the stored plans, newest first."""
    load_region()
    rows, following = page_after(workspace().plans(), lambda plan: plan.id, query)
    return answer({"plans": [describe_summary(plan) for plan in rows], "next": following})


@bp.operation("GET", PLAN, Terms("plans", schemas.PlanDocument))
def show_plan(plan_id: str) -> Response:
    """Return a plan with its figures; `newest` stands for the newest one, the beginning of an id for the id."""
    return answer(describe_plan(load_plan(plan_id)))


@bp.operation("GET", f"{PLAN}/allocations", Terms("plans", schemas.AllocationsPage, query=AllocationQuery))
def list_allocations(query: dict[str, Any], plan_id: str) -> Response:
    """Return a page of the lots that are made in the region."""
    view = load_plan(plan_id)
    wanted = {name: str(value) for name, value in query.items() if value not in (None, "")}
    found = plan_table.find_in(plans_view.plan_rows(view, g.names), wanted, g.names).rows
    rows, following = page_after(found, lambda row: row.allocation.lot, query)
    return answer({"allocations": [describe_allocation(row) for row in rows], "total": len(found), "next": following})


@bp.operation("GET", f"{PLAN}/unmet", Terms("plans", schemas.UnmetPage, query=UnmetQuery))
def list_unmet(query: dict[str, Any], plan_id: str) -> Response:
    """Return a page of the lots that are imported, each with its reasons and the smallest changes that would help."""
    view = load_plan(plan_id)
    found = unmet_view.unmet_rows(unmet_view.find_unmet(view, query, g.names), view, g.names)
    rows, following = page_after(found, lambda row: row.unmet.lot, query)
    told = [describe_unmet(row.unmet, row.order, view) for row in rows]
    return answer({"unmet": told, "total": len(found), "next": following})


@bp.operation("GET", f"{PLAN}/prices", Terms("plans", schemas.PricesPage, query=PageQuery))
def list_prices(query: dict[str, Any], plan_id: str) -> Response:
    """Return a page of prices: what one more hour of a machine group, or room on a link, would be worth."""
    found = sorted(load_plan(plan_id).plan.prices, key=lambda price: (price.resource, price.week))
    rows, following = page_after(found, lambda price: f"{price.resource}@{price.week}", query)
    return answer({"prices": to_plain(rows), "next": following})


@bp.operation("GET", f"{PLAN}/loads", Terms("plans", schemas.LoadsPage, query=LoadQuery))
def list_loads(query: dict[str, Any], plan_id: str) -> Response:
    """Return a page of loads: what each machine group does in a week, and could do."""
    found = [load for load in load_plan(plan_id).loads if query["workshop"] in ("", load.workshop)]
    found.sort(key=lambda load: (load.workshop, load.group, load.week))
    rows, following = page_after(found, lambda load: f"{load.workshop}/{load.group}@{load.week}", query)
    return answer({"loads": to_plain(rows), "next": following})


@bp.operation("GET", f"{PLAN}/orders", Terms("plans", schemas.OrdersPage, query=OrderQuery))
def list_orders(query: dict[str, Any], plan_id: str) -> Response:
    """Return a page of the plan's orders by id, and what became of each."""
    view = load_plan(plan_id)
    found = sorted((order for order in view.orders if _is_wanted(order, query)), key=lambda order: order.id)
    rows, following = page_after(found, lambda order: order.id, query, sorted_by_key=True)
    return answer({"orders": describe_orders(view, rows), "next": following})


def _is_wanted(order: Order, query: dict[str, Any]) -> bool:
    return query["design"] in ("", order.design) and query["place"] in ("", order.place)


@bp.operation("GET", f"{PLAN}/orders/<order_id>", Terms("plans", schemas.OrderDocument))
def show_order(plan_id: str, order_id: str) -> Response:
    """Return why an order is made where it is, or why it is not made in the region."""
    view = load_plan(plan_id)
    return answer(explain_order(view.plan, view.orders, g.region, order_id))
