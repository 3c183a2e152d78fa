"""What a person reads when something is wrong: what happened, and what to do next."""

from flask import Flask, g, render_template, request
from werkzeug.exceptions import HTTPException

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.web import plan_table
from cosmolocal.web.shared import NoPlanYetError
from cosmolocal.web.words import gettext

#: faults of an address; all others stand in the region's files
ADDRESS_CODES = frozenset(plan_table.CODES)

Answer = tuple[str, int]


def set_up(app: Flask) -> None:
    """Answer every error with a page in plain words."""
    app.register_error_handler(NoPlanYetError, show_no_plan)
    app.register_error_handler(NotFoundError, show_not_found)
    app.register_error_handler(InputError, show_input_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(500, show_own_fault)


def show_no_plan(_: NoPlanYetError) -> Answer:
    """Say how to make the first plan."""
    return render_template("plans/none.html"), 200 if request.path == "/" else 404


def show_not_found(error: NotFoundError) -> Answer:
    """Say what was looked for."""
    return render_template("errors/not_found.html", detail=str(error)), 404


def show_input_error(error: InputError) -> Answer:
    """List everything that is wrong with the region's files or with the address."""
    g.pop("plan_id", None)
    of_address = all(problem.code in ADDRESS_CODES for problem in error.problems)
    return render_template("errors/input.html", problems=error.problems, of_address=of_address), 422


def show_http_error(error: HTTPException) -> Answer:
    """Say what HTTP refuses, in plain words."""
    if error.code == 404:
        return render_template("errors/not_found.html", detail=""), 404
    told = gettext("This address cannot be used in this way.")
    return render_template("errors/refused.html", code=error.code or 400, told=told), error.code or 400


def show_own_fault(_: Exception) -> Answer:
    """Own up to a fault of the program; the log has the rest."""
    return render_template("errors/own_fault.html"), 500
