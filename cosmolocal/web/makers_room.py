"""The maker's room: own designs, what was made of them, what is to be confirmed, and questions."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cosmolocal.designs.notices import find_owners
from cosmolocal.errors import InputError
from cosmolocal.records import DesignQuestion
from cosmolocal.web.bench import moment_now
from cosmolocal.web.people import ID
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.design_page import require_design
from cosmolocal.workflows.design_questions import answer_question, ask_question, questions_about, read_question
from cosmolocal.workflows.own_designs import read_own_designs
from cosmolocal.workflows.rights import Action, may

bp = Blueprint("makers_room", __name__)
Page = str | Response | tuple[str, int]


@bp.app_template_global()
def design_questions(design_id: str) -> tuple[DesignQuestion, ...]:
    """Return the threads about a design, the newest first."""
    return questions_about(workspace(), design_id)


@bp.app_template_global()
def may_reply(question: DesignQuestion) -> bool:
    """Tell whether the person may write on in a thread: owners of the design, administrators, who asked."""
    owners = find_owners(workspace().folder / "designs", question.design)
    return may(current_person(), Action.ANSWER_QUESTION, (*owners, question.person))


@bp.get("/my-designs/")
def index() -> str:
    """Show what the person published, and what waits for the person."""
    person = require(Action.PUBLISH_NEW)
    load_region()
    return render_template("makers_room/index.html", room=read_own_designs(workspace(), person))


@bp.get("/designs/<design_id>/<version>/ask")
def ask(design_id: str, version: str) -> Page:
    """Show the form for a question to the makers of a design."""
    return show_ask(design_id, version)


@bp.post("/designs/<design_id>/<version>/ask")
def ask_now(design_id: str, version: str) -> Page:
    """Take a question, and go back to the job or the design that it is about."""
    person = require(Action.ASK_QUESTION)
    try:
        ask_question(workspace(), person, f"{design_id}@{version}", request.form.get("text", ""), moment_now)
    except InputError as error:
        return show_ask(design_id, version, error), 422
    if job := request.form.get("job", ""):
        return redirect(url_for("bench.show", job_id=job, done="asked", _anchor="questions"), 303)
    return redirect(url_for("designs.show", design_id=design_id, version=version, _anchor="questions"), 303)


def show_ask(design_id: str, version: str, error: InputError | None = None) -> str:
    """Return the form for a question, with what was typed."""
    require(Action.ASK_QUESTION)
    load_region()
    _, design = require_design(workspace(), design_id, version)
    job = request.values.get("job", "")
    return render_template("makers_room/ask.html", design=design, job=job, wrong=error is not None)


@bp.get(f"/questions/<{ID}:question_id>/")
def thread(question_id: int) -> Page:
    """Show a question with all that was said to it."""
    load_region()
    question = read_question(workspace(), question_id)
    return render_template("makers_room/thread.html", question=question, wrong=False)


@bp.post(f"/questions/<{ID}:question_id>/")
def reply(question_id: int) -> Page:
    """Take an answer to a question, or one more line of who asked."""
    person = current_person()
    load_region()
    try:
        question = answer_question(workspace(), person, question_id, request.form.get("text", ""), moment_now)
    except InputError:
        question = read_question(workspace(), question_id)
        return render_template("makers_room/thread.html", question=question, wrong=True), 422
    return redirect(url_for("makers_room.thread", question_id=question.id, done="said"), 303)


def name_of(question: DesignQuestion) -> str:
    """Return the name of the version that a question is about."""
    return str(g.names.design(f"{question.design}@{question.version}"))


bp.add_app_template_filter(name_of, "question_subject")
