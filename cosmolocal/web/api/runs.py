"""Planning in the API: asking for a run, watching it, ending it."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from flask import Response, url_for
from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf, Range

from cosmolocal.planning.solvers.solution import SOLVERS, SolveSettings
from cosmolocal.records import PlanningRun, RunRequest, Scope, to_plain
from cosmolocal.web.api.answers import Made, answer, digest_of, once, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import Body, PageQuery, require_visible, told, told_of_body
from cosmolocal.web.api.schemas import ProblemSchema, build_schema, field_of, list_of, members_of, nested
from cosmolocal.web.people import ID
from cosmolocal.web.runs import runner
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.asking import LONGEST_SECONDS, MOST_SEED, read_run_request
from cosmolocal.workflows.rights import Action

RUN = f"/runs/<{ID}:run_id>"
MOST_OVERRIDES = 100
_usual = SolveSettings()
_row = {
    **members_of(PlanningRun, "progress", "problems"),
    "problems": nested(ProblemSchema, "what kept it from a plan", many=True),
    "is_open": field_of(bool, "may it still come to something?"),
    "plan_address": field_of(str | None, "where its plan is told; null: there is none"),
    "address": field_of(str),
}
RunRow = build_schema("RunRow", **_row)
RunDocument = build_schema("PlanningRun", **_row, progress=members_of(PlanningRun)["progress"])


def _cell() -> ma.String:
    return ma.String(validate=[Length(1, 200), require_visible])


class RunBody(Body):
    """A plan that is wanted."""

    book = told("order book, such as `orders/autumn.csv`", required=True)
    seconds = ma.Float(
        load_default=_usual.seconds,
        validate=Range(0.1, LONGEST_SECONDS),
        metadata={"description": "[s] longest time to solve"},
    )
    gap = ma.Float(
        load_default=_usual.gap,
        validate=Range(0, 1),
        metadata={"description": "[ratio] stop when the plan is at most this part of its cost from the best"},
    )
    seed = ma.Integer(load_default=0, strict=True, validate=Range(0, MOST_SEED))
    solver = ma.String(load_default=_usual.solver, validate=OneOf(list(SOLVERS)))
    overrides = ma.Dict(
        keys=_cell(),
        values=_cell(),
        load_default=dict,
        validate=Length(max=MOST_OVERRIDES),
        metadata={"description": "settings of the region that are overridden, as written in its file"},
    )
    previous = told("id of the plan that is followed; left out: planned from scratch")
    most_moves = ma.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=Range(0, 1_000_000),
        metadata={"description": "most lots that may move without need; null: any number"},
    )
    move_cents = ma.Integer(
        load_default=0,
        strict=True,
        validate=Range(0, 10_000_000),
        metadata={"description": "[cents] by which each of them is made dearer while searching"},
    )


def describe_run(run: PlanningRun, *, whole: bool = True) -> dict[str, Any]:
    """Return a run; ``whole``: with its progress."""
    long = () if whole else ("progress",)
    plain = {field.name: to_plain(getattr(run, field.name)) for field in fields(run) if field.name not in long}
    return {
        **plain,
        "problems": [dict(zip(("code", "where", "message"), one, strict=True)) for one in run.problems],
        "is_open": run.is_open,
        "plan_address": url_for("api.show_plan", plan_id=run.plan) if run.plan else None,
        "address": url_for("api.show_run", run_id=run.id),
    }


def read_request(body: dict[str, Any]) -> RunRequest:
    """Return the request of a body, checked as that of the form is."""
    texts = {
        "book": body["book"],
        "seconds": str(body["seconds"]),
        "gap": f"{Decimal(str(body['gap'])) * 100:f}",
        "seed": str(body["seed"]),
        "solver": body["solver"],
        "settings": "\n".join(f"{name}={value}" for name, value in body["overrides"].items()),
        "previous": body["previous"],
        "most-moves": "" if body["most_moves"] is None else str(body["most_moves"]),
        "move-cost": f"{Decimal(body['move_cents']) / 100:f}",
    }
    with told_of_body():
        return read_run_request(workspace(), texts)


@bp.operation("GET", "/runs", Terms("runs", list_of("runs", RunRow), query=PageQuery, action=Action.PLAN))
def list_runs(query: dict[str, Any]) -> Response:
    """Return a page of the newest hundred runs, newest first."""
    require(Action.PLAN)
    rows, following = page_after(runner().list_newest(), lambda run: str(run.id), query)
    return answer({"runs": [describe_run(run, whole=False) for run in rows], "next": following})


@bp.operation(
    "POST",
    "/runs",
    Terms("runs", RunDocument, body=RunBody, status=201, action=Action.PLAN, scope=Scope.PLAN, creates=True),
)
def ask_for_run(body: dict[str, Any]) -> Response:
    """Ask for a plan; it is made after those that were asked for before. Look at the run until `is_open` is false."""
    person = require(Action.PLAN)

    def make() -> Made:
        run_id = runner().ask(person, read_request(body))
        return Made(describe_run(runner().find(run_id)), location=url_for("api.show_run", run_id=run_id))

    return once(person, digest_of(body), make)


@bp.operation("GET", RUN, Terms("runs", RunDocument, action=Action.PLAN))
def show_run(run_id: int) -> Response:
    """Return a run with its progress: seconds, cost of the best plan so far, and its bound."""
    require(Action.PLAN)
    return answer(describe_run(runner().find(run_id)))


@bp.operation("POST", f"{RUN}/cancel", Terms("runs", RunDocument, action=Action.PLAN, scope=Scope.PLAN))
def cancel_run(run_id: int) -> Response:
    """Let a run end; the best plan so far is kept. One that has ended stays as it is."""
    runner().cancel(require(Action.PLAN), run_id)
    return answer(describe_run(runner().find(run_id)))
