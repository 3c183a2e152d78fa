"""What every page needs: the workspace, the region with its names, and the plan that is looked at."""

from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from flask import Flask, current_app, g, request, url_for

from cosmolocal.errors import NotFoundError
from cosmolocal.records import Order, Region
from cosmolocal.web.names import Names
from cosmolocal.workflows import PlanView, Workspace

#: stands for the id of the newest plan in addresses
NEWEST = "newest"


class NoPlanYetError(NotFoundError):
    """The region has no plan."""


def set_up(app: Flask) -> None:
    """Give templates the address of this page in another language."""
    app.jinja_env.globals.update(this_page=this_page)
    app.jinja_env.filters.update(book_name=book_name)


def book_name(book: str) -> str:
    """Return what an order book is called: its file without folder and ending.

    >>> book_name("orders/autumn.csv")
    'autumn'
    """
    return PurePosixPath(book).stem


def this_page(**changes: str | int | None) -> str:
    """Return the address of this page with some of its query changed; None takes a part away."""
    query: dict[str, str | int | None] = {**request.args.to_dict(), **changes}
    # names with an underscore steer url_for itself: scheme, host, anchor
    kept = {key: value for key, value in query.items() if value not in (None, "") and not key.startswith("_")}
    return url_for(request.endpoint or "plans.newest", **{**kept, **(request.view_args or {})})


def workspace() -> Workspace:
    """Return the workspace of the application."""
    return current_app.extensions["workspace"]  # type: ignore[no-any-return]


def load_region() -> Region:
    """Return the region; the page's head shows its name."""
    region = workspace().region()
    g.region = region
    g.names = Names.of(region)
    return region


def load_plan(plan_id: str) -> PlanView:
    """Return a plan of the region; the page's links lead to it from now on.

    Raises
    ------
    NoPlanYetError
        When the newest is asked for and there is none.
    """
    load_region()
    if plan_id == NEWEST:
        plans = workspace().plans()
        if not plans:
            raise NoPlanYetError
        plan_id = plans[0].id
    view = workspace().plan(plan_id)
    g.plan_id = view.plan.id
    g.names = replace(g.names, start_date=date.fromisoformat(str(view.plan.settings["start_date"])))
    return view


def find_order(view: PlanView, order_id: str) -> Order:
    """Return an order of the plan."""
    for order in view.orders:
        if order.id == order_id:
            return order
    raise NotFoundError(f"there is no order {order_id!r} in this plan")
