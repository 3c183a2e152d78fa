"""Which plan counts: publishing one in the API, what was published before, and what a plan changes."""

import threading
from typing import Any

from flask import Response, g
from marshmallow import fields as ma
from marshmallow.validate import Length

from cosmolocal.records import Declined, Move, Pinned, Publication, Reason, Scope, to_plain
from cosmolocal.web.api.answers import answer, page_after, require_match
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.plan_schemas import ReasonSchema
from cosmolocal.web.api.plans import PLAN
from cosmolocal.web.api.reading import Body, PageQuery
from cosmolocal.web.api.schemas import build_schema, field_of, list_of, members_of, nested, schema_of
from cosmolocal.web.shared import load_plan, load_region, workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.explaining import plan_words, sentences
from cosmolocal.workflows.moved import Cause, MovedPart, find_moved
from cosmolocal.workflows.plan_publishing import find_publication, list_publications, outdated_inputs, publish_plan
from cosmolocal.workflows.replanning import tell_changes
from cosmolocal.workflows.rights import Action

PublicationSchema = schema_of(Publication)
StandingDocument = build_schema(
    "Standing",
    plan=field_of(str),
    outdated=field_of(tuple[str, ...], "inputs that have changed since it was made; to publish it, confirm them"),
    current=nested(PublicationSchema, "the plan that counts; null: none does", allow_none=True),
)
PartSchema = schema_of(MovedPart)
MoveSchema = build_schema(
    "MovedLot",
    **members_of(Move, "why"),
    why=nested(ReasonSchema),
    order=field_of(str),
    quantity=field_of(int, "[units]"),
    cause=field_of(Cause, "what kind of thing let it move"),
    extra_cents=field_of(int | None, "[cents] that it costs more than before; null: that plan is not stored any more"),
    parts=nested(PartSchema, "those that are made elsewhere, or on other machines of the same workshop", many=True),
    text=field_of(str, "the sentence in English"),
)
ConflictSchema = build_schema(
    "Conflict",
    lot=field_of(str),
    state=field_of(str),
    workshop=field_of(str),
    week=field_of(int),
    text=field_of(str, "the sentence in English"),
)
_counted = ("weeks_later", "earlier", "done", "kept", "move_cents", "counted_moves", "forced_moves")
ChangesSchema = build_schema(
    "PlanChanges",
    previous=field_of(str, "id of the plan that it follows"),
    **{name: field_of(int) for name in _counted},
    most_moves=field_of(int | None, "most lots that might move without need; null: any number"),
    churn=field_of(float | None, "[ratio] lots that moved, of those that stood"),
    steered_bound_cents=field_of(int),
    free_bound_cents=field_of(int),
    stability_cents_at_most=field_of(int, "what it costs at most that lots stay"),
    next_move_cents=field_of(int | None, "[cents] that one more move would save"),
    moves=nested(MoveSchema, many=True),
    conflicts=nested(ConflictSchema, many=True),
    declined=nested(schema_of(Declined), many=True),
    forbidden=nested(schema_of(Declined), many=True),
    pinned=nested(schema_of(Pinned), many=True),
)
ChangesDocument = build_schema(
    "ChangesOfPlan",
    plan=field_of(str),
    changes=nested(ChangesSchema, "against the plan it follows; null: it follows none", allow_none=True),
)
#: one publishing at a time, so that none falls between being compared and being done
_lock = threading.Lock()


class PublishBody(Body):
    """What somebody knows who publishes a plan."""

    confirmed = ma.List(
        ma.String(validate=Length(1, 200)),
        load_default=list,
        validate=Length(max=10_000),
        metadata={"description": "inputs that may have changed since the plan was made"},
    )


def describe_standing(view: PlanView) -> dict[str, Any]:
    """Return what somebody must have seen who publishes a plan."""
    return {
        "plan": view.plan.id,
        "outdated": list(outdated_inputs(workspace(), view.plan)),
        "current": to_plain(find_publication(workspace())),
    }


@bp.operation(
    "GET",
    "/publications",
    Terms("plans", list_of("publications", PublicationSchema), query=PageQuery),
)
def list_published(query: dict[str, Any]) -> Response:
    """Return a page of the plans that were published, by whom and when; the newest first counts."""
    load_region()
    found = list_publications(workspace())
    rows, following = page_after(found, lambda one: f"{one.plan}@{one.published_at}", query)
    return answer({"publications": to_plain(rows), "next": following})


@bp.operation("GET", f"{PLAN}/publication", Terms("plans", StandingDocument))
def show_standing(plan_id: str) -> Response:
    """Return what to look at before a plan is published: what changed since, and which plan counts now."""
    return answer(describe_standing(load_plan(plan_id)))


@bp.operation(
    "POST",
    f"{PLAN}/publish",
    Terms(
        "plans",
        PublicationSchema,
        body=PublishBody,
        action=Action.PUBLISH_PLAN,
        scope=Scope.PLAN,
        if_match=True,
    ),
)
def publish_one(body: dict[str, Any], plan_id: str) -> Response:
    """Let a plan count: its jobs are offered to the workshops. If-Match is the ETag of its `publication`.

    A plan that counts already stays as it is.
    """
    person = require(Action.PUBLISH_PLAN)
    with _lock:
        view = load_plan(plan_id)
        standing = describe_standing(view)
        require_match(standing)
        over = standing["current"]["plan"] if standing["current"] else ""
        return answer(to_plain(publish_plan(workspace(), person, view.plan.id, body["confirmed"], over=over)))


@bp.operation("GET", f"{PLAN}/changes", Terms("plans", ChangesDocument))
def show_changes(plan_id: str) -> Response:
    """Return what a plan changes against the one it follows: each lot that moved, and why."""
    view = load_plan(plan_id)
    found = tell_changes(view.plan, g.region)
    if found is not None:
        reason_text, _ = sentences(plan_words(view.plan, g.region))
        moved = find_moved(workspace(), view.plan)
        found["moves"] = [
            {
                **told,
                "why": _tell(lot.move.why, reason_text),
                "order": lot.order,
                "quantity": lot.quantity,
                "cause": lot.cause.value,
                "extra_cents": lot.extra_cents,
            }
            for told, lot in zip(found["moves"], moved.lots, strict=True)
        ]
    return answer({"plan": view.plan.id, "changes": found})


def _tell(reason: Reason, text: Any) -> dict[str, Any]:
    return {**to_plain(reason), "text": text(reason.code, reason.values)}
