"""Planning from the web: asking for a run, watching it, ending it."""

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError
from cosmolocal.records import RunRequest
from cosmolocal.web import runs_view as view
from cosmolocal.web.people import ID
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows import SOLVERS
from cosmolocal.workflows.asking import list_books, read_run_request
from cosmolocal.workflows.rights import Action
from cosmolocal.workflows.running import Runner
from cosmolocal.workflows.wishing import list_wishes

bp = Blueprint("runs", __name__)
Answer = str | AnyResponse | tuple[str, int]


def set_up(app: Flask) -> None:
    """Give the application what runs plans in the background."""
    app.extensions["runner"] = Runner(app.extensions["workspace"])
    app.jinja_env.globals.update(run_state_name=view.state_name, run_state_sentence=view.state_sentence)


def runner() -> Runner:
    """Return what runs plans in the background."""
    return current_app.extensions["runner"]  # type: ignore[no-any-return]


@bp.get("/runs/")
def index() -> str:
    """List the runs, newest first."""
    require(Action.PLAN)
    load_region()
    return render_template("runs/index.html", runs=runner().list_newest())


@bp.get("/runs/new")
def new() -> str:
    """Show the form that asks for a plan; what the address names is filled in."""
    require(Action.PLAN)
    return show_form({**view.form_values(RunRequest("")), **request.args.to_dict()})


@bp.post("/runs/")
def ask() -> Answer:
    """Ask for a plan, and lead to the page of its run."""
    person = require(Action.PLAN)
    try:
        run_id = runner().ask(person, read_run_request(workspace(), request.form))
    except InputError as error:
        return show_form(request.form.to_dict(), error), 422
    return redirect(url_for("runs.show", run_id=run_id), 303)


@bp.get(f"/runs/<{ID}:run_id>")
def show(run_id: int) -> str:
    """Show a run: how far it is, or what came of it."""
    require(Action.PLAN)
    load_region()
    return render_template("runs/show.html", shown=view.show_run(runner().find(run_id)))


@bp.get(f"/runs/<{ID}:run_id>/progress")
def progress(run_id: int) -> AnyResponse:
    """Send the part of the page that changes, if it did."""
    require(Action.PLAN)
    run = runner().find(run_id)
    answer = Response(content_type="text/html; charset=utf-8")
    answer.set_etag(view.tag_of(run), weak=True)
    if request.if_none_match.contains_weak(view.tag_of(run)):
        answer.status_code = 304
        return answer
    answer.headers["X-Run-Open"] = "yes" if run.is_open else "no"
    answer.set_data(render_template("runs/_progress.html", shown=view.show_run(run)))
    return answer


@bp.post(f"/runs/<{ID}:run_id>/cancel")
def cancel(run_id: int) -> AnyResponse:
    """Let a run end; the best plan so far is kept."""
    runner().cancel(require(Action.PLAN), run_id)
    return redirect(url_for("runs.show", run_id=run_id), 303)


def show_form(values: dict[str, str], error: InputError | None = None) -> str:
    """Return the page of the form, with what was sent and what is wrong with it."""
    region = load_region()
    plans = workspace().plans()
    followed = next((plan for plan in plans if plan.id == values.get("previous")), None)
    if followed and not values.get("book"):
        values["book"] = followed.book
    return render_template(
        "runs/new.html",
        values=view.field_values(values),
        told=view.by_field(error.problems if error else ()),
        doubts={},
        books=list_books(workspace().folder),
        plans=plans,
        followed=followed,
        wishes=list_wishes(workspace(), region.id, followed.book if followed else values.get("book", "")),
        solvers=SOLVERS,
    )
