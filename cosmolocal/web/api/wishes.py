"""Wishes of planners in the API: where a lot is to be made, or not."""

from datetime import date
from typing import Any

from flask import Response, g
from marshmallow import fields as ma
from marshmallow.validate import OneOf

from cosmolocal.errors import InputError, Problem
from cosmolocal.records import Scope, Wish, WishKind, to_plain
from cosmolocal.web.api.answers import Made, answer, digest_of, once, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.plans import PLAN
from cosmolocal.web.api.reading import Body, IsoDate, PageQuery, told, told_of_body, word
from cosmolocal.web.api.schemas import build_schema, field_of, list_of, schema_of
from cosmolocal.web.people import ID
from cosmolocal.web.shared import find_order, load_plan, load_region, workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.explaining import plan_words, sentences
from cosmolocal.workflows.rights import Action
from cosmolocal.workflows.wishing import LONGEST_NOTE, UnmetWishError, add_wish, list_wishes, withdraw_wish

WishSchema = schema_of(Wish)


class WishQuery(PageQuery):
    """Which wishes."""

    book = word("order book, such as `orders/autumn.csv`")
    order = word("id of an order")


class WishBody(Body):
    """What is wished for an order."""

    kind = ma.String(required=True, validate=OneOf([kind.value for kind in WishKind]))
    lot = told("id of a lot of the order; left out: all of them, which can only be kept from a workshop")
    workshop = told("id of a workshop; to stay needs none")
    monday = IsoDate(load_default=None, allow_none=True, metadata={"description": "a day of the week of the last task"})
    note = told("why", LONGEST_NOTE)


@bp.operation("GET", "/wishes", Terms("wishes", list_of("wishes", WishSchema), query=WishQuery, action=Action.STEER))
def show_wishes(query: dict[str, Any]) -> Response:
    """Return a page of the wishes that hold, newest first."""
    require(Action.STEER)
    found = [
        wish
        for wish in list_wishes(workspace(), load_region().id)
        if query["book"] in ("", wish.book) and query["order"] in ("", wish.order)
    ]
    rows, following = page_after(found, lambda wish: str(wish.id), query)
    return answer({"wishes": to_plain(rows), "next": following})


@bp.operation(
    "POST",
    f"{PLAN}/orders/<order_id>/wishes",
    Terms("wishes", WishSchema, body=WishBody, status=201, action=Action.STEER, scope=Scope.PLAN, creates=True),
)
def make_wish(body: dict[str, Any], plan_id: str, order_id: str) -> Response:
    """Wish something for an order of a plan; the next plans heed it, and it takes the place of what it contradicts."""
    person = require(Action.STEER)
    view = load_plan(plan_id)
    order = find_order(view, order_id)
    monday: date | None = body["monday"]
    texts = {**body, "monday": monday.isoformat() if monday else ""}

    def make() -> Made:
        try:
            with told_of_body():
                return Made(to_plain(add_wish(workspace(), person, (view, order), texts)))
        except UnmetWishError as error:
            raise InputError([Problem("P124", "body: workshop", _tell(error, view))]) from None

    return once(person, digest_of(texts), make)


def _tell(error: UnmetWishError, view: PlanView) -> str:
    reason_text, _ = sentences(plan_words(view.plan, g.region))
    return f"cannot be met. {reason_text(error.reason.code, error.reason.values)}"


@bp.operation(
    "DELETE",
    f"/wishes/<{ID}:wish_id>",
    Terms("wishes", build_schema("Withdrawn", id=field_of(int)), action=Action.STEER, scope=Scope.PLAN),
)
def withdraw_one(wish_id: int) -> Response:
    """Take a wish back."""
    withdraw_wish(workspace(), require(Action.STEER), wish_id)
    return answer({"id": wish_id})
