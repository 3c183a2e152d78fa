"""Trade-offs: asking for plans to choose from, and choosing one."""

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError
from cosmolocal.web import fronts_view as view
from cosmolocal.web.runs import runner
from cosmolocal.web.sending import send_file, send_rows
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.asking import list_books
from cosmolocal.workflows.fronts import (
    AIMS,
    FIELDS,
    describe_front,
    describe_point,
    find_stored,
    front_of_plan,
    list_fronts,
    read_front_request,
)
from cosmolocal.workflows.rights import Action

bp = Blueprint("fronts", __name__)
Answer = str | AnyResponse | tuple[str, int]
COLUMNS = (
    "front", "plan", "cost_cents", "bound_cents", "gap", "co2e_g", "local_value_permille", "local_units_permille",
    "local_mass_permille", "busiest_permille", "limit", "next_step_cents",
)  # fmt: skip


def set_up(app: Flask) -> None:
    """Give templates the words for limits."""
    app.jinja_env.globals.update(limit_sentence=view.limit_sentence)


@bp.get("/plans/front/")
def index() -> str:
    """List what was made to choose from, newest first, and offer to make more."""
    return show_list(request.args.to_dict())


@bp.post("/plans/front/")
def ask() -> Answer:
    """Ask for plans to choose from, and lead to the page of their run."""
    person = require(Action.PLAN)
    try:
        run_id = runner().ask(person, read_front_request(workspace(), request.form))
    except InputError as error:
        return show_list(request.form.to_dict(), error), 422
    return redirect(url_for("runs.show", run_id=run_id), 303)


@bp.get("/plans/front/<front_id>")
def show(front_id: str) -> str:
    """Show the plans of a front in a chart and a table."""
    load_region()
    made_at, front = find_stored(workspace(), front_id)
    page = view.build_page(front, request.args.get("against", ""))
    return render_template("fronts/show.html", made_at=made_at, front=front, page=page)


@bp.get("/plans/front/<front_id>.<any(csv, json):form>")
def export(front_id: str, form: str) -> Response:
    """Send the plans of a front with their figures; as JSON with what no plan can reach too."""
    _, front = find_stored(workspace(), front_id)
    if form == "json":
        return send_file(f"front-{front.id}", form, describe_front(front))
    rows = [describe_point(front, number) for number in range(len(front.points))]
    return send_rows(f"front-{front.id}", form, COLUMNS, rows)


@bp.get("/plans/<plan_id>/front")
def of_plan(plan_id: str) -> AnyResponse:
    """Lead to the newest front that a plan is part of."""
    return redirect(url_for("fronts.show", front_id=front_of_plan(workspace(), plan_id).id), 303)


def show_list(sent: dict[str, str], error: InputError | None = None) -> str:
    """Return the page of all fronts with the form, what was sent and what is wrong with it."""
    load_region()
    usual = {"aim": AIMS[1], "points": "5", "gap": "0.5", "seconds": "180"}
    return render_template(
        "fronts/index.html",
        fronts=list_fronts(workspace()),
        values={name: sent.get(name, usual.get(name, "")) for name in FIELDS},
        told=view.by_field(error.problems if error else ()),
        books=list_books(workspace().folder),
        aims=[(aim, view.aim_name(aim)) for aim in AIMS],
        aim_name=view.aim_name,
        doubts={},
    )
