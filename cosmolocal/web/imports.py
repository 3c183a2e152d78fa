"""Lists of workshops and machines: a file or pasted text, what it would change, row by row, and doing just that."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from cosmolocal.errors import InputError, Problem
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Person
from cosmolocal.web import imports_view as view
from cosmolocal.web.problem_json import status_of
from cosmolocal.web.sending import send_file
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import csrf, require
from cosmolocal.workflows.importing import (
    KINDS,
    Request,
    apply_import,
    find_columns,
    middle_of,
    review_import,
    write_review,
)
from cosmolocal.workflows.kept_lists import MAX_BYTES, forget_list, keep_list, read_list, too_large
from cosmolocal.workflows.rights import Action
from cosmolocal.workshops.columns import Column
from cosmolocal.workshops.kinds import guess_kind, name_pasted

bp = Blueprint("imports", __name__)
Answer = str | AnyResponse | tuple[str, int]
#: a form names each column, row in doubt and word
MOST_FIELDS = 5_000


@bp.get("/workshops/import")
def index() -> Answer:
    """Show the form that takes a list."""
    require(Action.EDIT_WORKSHOPS)
    middle = middle_of(workspace())
    near = f"{middle[0]:.4f}, {middle[1]:.4f}" if middle else ""
    return page(view.Form(texts={"near": near, "within": "50" if near else ""}))


@bp.post("/workshops/import")
def send() -> Answer:
    """Show what a list would change; or change it, when that was seen."""
    person = require(Action.EDIT_WORKSHOPS)
    form = view.Form()
    try:
        with large_form() as sent:
            csrf.protect()
            form = view.read_form(sent)
            form, content = take_list(person, form)
        form = view.fill_in(form, guess_kind(form.name, content))
        asked = view.build_request(form, content)
    except InputError as error:
        return page(form, problems=error.problems), status_of(error)
    return answer(person, form, asked)


# its body may be large: the token is checked once it is known who sends it
csrf.exempt(send)


@contextmanager
def large_form() -> Iterator[MultiDict[str, str]]:
    """Read a form that may hold a whole list."""
    # pasted text is sent with each of its signs up to three times as long
    request.max_content_length = 3 * MAX_BYTES
    request.max_form_memory_size = 2 * MAX_BYTES
    request.max_form_parts = MOST_FIELDS
    try:
        yield request.form
    except RequestEntityTooLarge:
        raise InputError([Problem("W096", "list", too_large())]) from None


def take_list(person: Person, form: view.Form) -> tuple[view.Form, bytes]:
    """Return the form with the list that it sends or names, and that list; a file outweighs pasted text."""
    file, text = request.files.get("file"), request.form.get("text", "")
    if file is not None and file.filename:
        with closing(file.stream) as stream:
            content = stream.read(MAX_BYTES + 1)
        name = view.name_of(file.filename)
    elif text.strip() or not form.key:
        content, name = text.encode("utf-8", "replace"), name_pasted(text)
    else:
        return form, read_list(workspace(), person, form.key)
    # what was said of the columns and rows of another list means nothing
    fresh = view.Form(texts=form.texts, accept_fuzzy=form.accept_fuzzy, words=form.words)
    return replace(fresh, key=keep_list(workspace(), person, content), name=name), content


def answer(person: Person, form: view.Form, asked: Request) -> Answer:
    """Do what a form asks for: apply, send all rows as a file, or show."""
    do = request.form.get("do", "look")
    try:
        if do == "apply":
            done = apply_import(workspace(), person, asked, request.form.get("shown", "?"))
            forget_list(workspace(), person, form.key)
            counts = {name: str(done.counts[name]) for name in ("new", "changed", "doubtful", "refused")}
            return redirect(url_for("imports.index") + "?" + urlencode({"done": "yes", **counts}), 303)
        review = review_import(workspace(), asked)
    except InputError as error:
        return show_faults(form, asked, error)
    if do == "rows":
        return no_store(send_file("import", "csv", write_review(review)))
    return page(form, view.show_review(review, form), review.columns, review.read_as)


def show_faults(form: view.Form, asked: Request, error: InputError) -> Answer:
    """Show what is wrong with a list, and with what else the form can mend it; or what it would do now."""
    if any(problem.code == "W095" for problem in error.problems):
        review = review_import(workspace(), asked)
        return page(form, view.show_review(review, form), review.columns, review.read_as, error.problems), 409
    columns: tuple[Column, ...] = ()
    with suppress(InputError):
        columns = find_columns(asked)
    return page(form, None, columns, problems=error.problems), status_of(error)


def no_store(response: Response) -> Response:
    """Return a response that nobody keeps."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def page(
    form: view.Form,
    shown: view.Shown | None = None,
    columns: tuple[Column, ...] = (),
    read_as: str = "",
    problems: Iterable[Problem] = (),
) -> str:
    """Return the page, with what was sent and what it would do."""
    told = list(problems)
    return render_template(
        "imports/index.html",
        form=form,
        shown=shown,
        columns=columns,
        read_as=read_as,
        problems=told,
        told=view.by_field(told),
        labels=view.field_labels(),
        kinds=KINDS,
        processes=load_vocabulary().processes,
        mib=MAX_BYTES >> 20,
        doubts={},
    )
