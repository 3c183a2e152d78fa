"""Quotes in the API: when an order that is not in the book could be had, from where, and for how much."""

import threading
from typing import Any

from flask import Response
from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf, Range

from cosmolocal.records import Allocation, Priority
from cosmolocal.web.api.answers import answer
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.plan_schemas import CostSchema, FixSchema, ReasonSchema
from cosmolocal.web.api.reading import LONGEST_WORD, IsoDate, Query, WholeNumber, word
from cosmolocal.web.api.schemas import build_schema, field_of, members_of, nested
from cosmolocal.web.shared import workspace
from cosmolocal.workflows import PRIORITIES, Question, open_desk, quote
from cosmolocal.workflows.promising import MOST_UNITS

MOST_ALTERNATIVES = 20
#: one quote at a time: its desk is shared, and there are not more processors than one for it anyway
_desk_lock = threading.Lock()


def _required(told: str) -> ma.String:
    return ma.String(required=True, validate=Length(1, LONGEST_WORD), metadata={"description": told})


class QuoteQuery(Query):
    """What somebody wants a quote for."""

    design = _required("`id`, or `id@range`")
    quantity = WholeNumber(required=True, validate=Range(1, MOST_UNITS), metadata={"description": "[units]"})
    place = _required("id of the place it is for")
    due_date = IsoDate(metadata={"description": "left out: any week of the plan will do"})
    release_date = IsoDate(metadata={"description": "making may not start before its week"})
    max_distance_m = WholeNumber(validate=Range(0, 10**9), metadata={"description": "[m]"})
    priority = ma.String(load_default=Priority.NORMAL.value, validate=OneOf(list(PRIORITIES)))
    prefer = ma.String(load_default="earliest", validate=OneOf(["earliest", "cheapest"]))
    alternatives = WholeNumber(
        load_default=0, validate=Range(0, MOST_ALTERNATIVES), metadata={"description": "how many other offers to list"}
    )
    plan = word("id of the plan it stands beside; left out: the newest one")


_when = {
    "week": field_of(int | None),
    "monday": field_of(str | None, "first day of that week"),
    "promised_date": field_of(str | None, "last day of that week"),
}
OfferSchema = build_schema(
    "Offer",
    **_when,
    workshops=field_of(tuple[str, ...]),
    cost_cents=field_of(int),
    extra_cents=field_of(int | None, "[cents] dearer than the answer; negative: cheaper"),
    late_weeks=field_of(int),
)
_of_row = members_of(Allocation)
QuoteDocument = build_schema(
    "Quote",
    design=field_of(str, "`id@version`"),
    quantity=field_of(int, "[units]"),
    place=field_of(str),
    due_date=field_of(str | None),
    plan=field_of(str | None, "the plan that the quote stands beside; null: there is none, and all machines are free"),
    book=field_of(str | None),
    changed=field_of(tuple[str, ...], "files that changed since that plan was made"),
    first_monday=field_of(str),
    weeks=field_of(int),
    preference=field_of(str),
    feasible=field_of(bool),
    **_when,
    cost_cents=field_of(int | None),
    workshops=field_of(tuple[str, ...]),
    cost=nested(CostSchema, allow_none=True),
    overtime_cents=field_of(int | None),
    fairness_cents=field_of(int | None),
    trips_cents=field_of(int | None, "what it adds to the trips that the plan's lots share"),
    import_is_cheaper=field_of(bool | None),
    proved=field_of(bool, "is it proved that nothing better can be promised?"),
    tasks=_of_row["tasks"],
    legs=_of_row["legs"],
    imported=nested(CostSchema),
    reasons=nested(ReasonSchema, many=True),
    fixes=nested(FixSchema, many=True),
    alternatives=nested(OfferSchema, many=True),
)


@bp.operation("GET", "/quote", Terms("quotes", QuoteDocument, query=QuoteQuery, dear=True, errors=(404,)))
def show_quote(query: dict[str, Any]) -> Response:
    """Return when an order could be had beside a plan, from where and for how much, or why not. Nothing is reserved."""
    question = Question(
        query["design"],
        query["quantity"],
        query["place"],
        query.get("due_date"),
        query.get("release_date"),
        query.get("max_distance_m"),
        PRIORITIES[query["priority"]],
        query["prefer"] == "cheapest",
        query["alternatives"],
    )
    with _desk_lock:
        plan = workspace().plan(query["plan"]).plan.id if query["plan"] else None
        return answer(quote(open_desk(workspace(), plan), question))
