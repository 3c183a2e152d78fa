"""What every page needs: the workspace, the region with its names, and the plan that is looked at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from secrets import token_hex
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask import Flask, current_app, g, request, url_for

from cosmolocal.errors import InputError, NotFoundError, say
from cosmolocal.records import Order, Region
from cosmolocal.web.names import Names
from cosmolocal.workflows import PlanView, Workspace
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.workspace import real_plans

T = TypeVar("T")

#: stands for the id of the newest plan in addresses
NEWEST = "newest"
#: stand for the head, and for the token of a form, in a page that others are shown too; nobody can guess or type them
HEAD, TOKEN = f"<!-- head {token_hex(16)} -->", token_hex(16)

_names = Memory[Names](4)
_of_view: WeakKeyDictionary[PlanView, Memory[Any]] = WeakKeyDictionary()
#: what is kept of each plan, besides the plan
THINGS_OF_A_PLAN = 32


class PrivatePageError(RuntimeError):
    """A page that is shared looks at who is signed in: a fault of the page."""


class NoPlanYetError(NotFoundError):
    """The region has no plan."""


def set_up(app: Flask) -> None:
    """Give templates the region, and the address of this page in another language."""
    app.jinja_env.globals.update(this_page=this_page, find_region=find_region)
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
    return use_region(workspace().region())


def use_region(region: Region) -> Region:
    """Let the page speak of a region: the one that is, or that of a scenario."""
    g.region = region
    g.names = _names.recall(Same(region), lambda: Names.of(region))
    return region


def find_region() -> Region | None:
    """Return the region for the title, the head and the foot of any page; None where its files cannot be read."""
    if "region" not in g:
        try:
            load_region()
        except (InputError, OSError):
            g.region = None
    return g.region  # type: ignore[no-any-return]


def is_being_shared() -> bool:
    """Tell whether a page is being made that others will be shown too; see `cosmolocal.web.shared_pages`."""
    return bool(g.get("sharing"))


def recall_of(view: PlanView, what: str, make: Callable[[], T]) -> T:
    """Return what ``make`` makes of a plan alone, made once and kept as long as the plan is.

    Where it holds words, ``what`` names the language.
    """
    return _of_view.setdefault(view, Memory(THINGS_OF_A_PLAN)).recall(what, make)  # type: ignore[no-any-return]


def load_plan(plan_id: str) -> PlanView:
    """Return a plan of the region; the page's links lead to it from now on.

    Raises
    ------
    NoPlanYetError
        When the newest is asked for and there is none.
    """
    load_region()
    if plan_id == NEWEST:
        plans = real_plans(workspace().plans())
        if not plans:
            raise NoPlanYetError
        plan_id = plans[0].id
    view = workspace().plan(plan_id)
    g.plan_id = view.plan.id
    if view.plan.scenario:
        use_region(workspace().region_of(view.plan))
    g.names = replace(g.names, start_date=date.fromisoformat(str(view.plan.settings["start_date"])))
    return view


def find_order(view: PlanView, order_id: str) -> Order:
    """Return an order of the plan."""
    order = orders_by_id(view).get(order_id)
    if order is None:
        raise NotFoundError(say("there is no order %(name)s in this plan", name=repr(order_id)))
    return order


def orders_by_id(view: PlanView) -> dict[str, Order]:
    """Return the orders of a plan by their ids."""
    return recall_of(view, "orders", lambda: {order.id: order for order in view.orders})
