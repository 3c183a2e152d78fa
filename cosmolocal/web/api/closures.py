"""Closures in the API: when workshops and their machines are closed or have other hours, and what that does."""

from typing import Any

from flask import Response, url_for
from marshmallow import fields as ma
from marshmallow.validate import Length, Range

from cosmolocal.errors import NotFoundError, say
from cosmolocal.records import Closure, Scope, to_plain
from cosmolocal.web.api.answers import Made, answer, digest_of, etag_of, once, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import Body, IsoDate, PageQuery, told, told_of_body, word
from cosmolocal.web.api.schemas import build_schema, field_of, list_of, members_of, nested
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.closures import Shortage, effect_of_closure, list_closures, remove_closure, set_closure
from cosmolocal.workflows.rights import Action
from cosmolocal.workshops.closures import HOURS_PER_WEEK

ClosureSchema = build_schema("ClosureRow", id=field_of(str, "the same for the same closure"), **members_of(Closure))
EffectDocument = build_schema(
    "Effect",
    shortages=nested(
        build_schema("Shortage", **members_of(Shortage), missing_minutes=field_of(int, "[machine minutes]")),
        "what the plan that counts would lack",
        many=True,
    ),
)


class ClosureQuery(PageQuery):
    """Which closures."""

    workshop = word("id of a workshop")


class ClosureBody(Body):
    """Days on which a workshop or one of its machine groups is closed, or weeks of other hours."""

    workshop = told("id of the workshop", required=True, validate=Length(1, 80))
    group = told("id of the machine group; left out: all of the workshop", 80)
    first_day = IsoDate(required=True)
    last_day = IsoDate(required=True, metadata={"description": "included"})
    weekly_minutes = ma.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=Range(0, HOURS_PER_WEEK * 60),
        metadata={"description": "[machine minutes per week] of ONE machine; null: closed"},
    )
    reason = told("why, in one line", 500)


def id_of(closure: Closure) -> str:
    """Return what names a closure in addresses."""
    return etag_of(to_plain(closure))[:16]


def describe_closure(closure: Closure) -> dict[str, Any]:
    """Return a closure with its id."""
    return {"id": id_of(closure), **to_plain(closure)}


def find_closure(closure_id: str) -> Closure:
    """Return a closure by its id."""
    for row in list_closures(workspace()):
        if id_of(row) == closure_id:
            return row
    raise NotFoundError(say("there is no closure %(name)s", name=repr(closure_id)))


@bp.operation("GET", "/closures", Terms("closures", list_of("closures", ClosureSchema), query=ClosureQuery))
def show_closures(query: dict[str, Any]) -> Response:
    """Return a page of closures by their first day."""
    found = list_closures(workspace(), query["workshop"] or None)
    rows, following = page_after(found, id_of, query)
    return answer({"closures": [describe_closure(row) for row in rows], "next": following})


@bp.operation("GET", "/closures/<closure_id>", Terms("closures", ClosureSchema))
def show_closure(closure_id: str) -> Response:
    """Return a closure."""
    return answer(describe_closure(find_closure(closure_id)))


@bp.operation(
    "POST",
    "/closures/effect",
    Terms("closures", EffectDocument, body=ClosureBody, action=Action.OWN_ACCOUNT, scope=Scope.ANSWER),
)
def preview_closure(body: dict[str, Any]) -> Response:
    """Return which machine groups would lack minutes for the plan that counts; nothing is kept."""
    person = require(Action.OWN_ACCOUNT)
    with told_of_body():
        found = effect_of_closure(workspace(), person, Closure(**body))
    return answer({"shortages": [{**to_plain(row), "missing_minutes": row.missing_minutes} for row in found]})


@bp.operation(
    "POST",
    "/closures",
    Terms(
        "closures",
        ClosureSchema,
        body=ClosureBody,
        status=201,
        action=Action.OWN_ACCOUNT,
        scope=Scope.ANSWER,
        creates=True,
    ),
)
def make_closure(body: dict[str, Any]) -> Response:
    """Close a workshop or a machine group, or give it other hours; what stands there already stays once."""
    person = require(Action.OWN_ACCOUNT)
    closure = Closure(**body)

    def make() -> Made:
        with told_of_body():
            set_closure(workspace(), person, closure)
        return Made(describe_closure(closure), location=url_for("api.show_closure", closure_id=id_of(closure)))

    return once(person, digest_of(to_plain(closure)), make)


@bp.operation(
    "DELETE",
    "/closures/<closure_id>",
    Terms("closures", ClosureSchema, action=Action.OWN_ACCOUNT, scope=Scope.ANSWER),
)
def drop_closure(closure_id: str) -> Response:
    """Take a closure back, and return it as it was."""
    person, closure = require(Action.OWN_ACCOUNT), find_closure(closure_id)
    remove_closure(workspace(), person, closure)
    return answer(describe_closure(closure))
