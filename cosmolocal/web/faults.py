"""What a person reads when something is wrong: what happened, and what to do next."""

import errno

from flask import Flask, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from cosmolocal.errors import BusyError, ForbiddenError, InputError, NotFoundError, is_full_disk
from cosmolocal.web import asking
from cosmolocal.web.fault_words import tell_message
from cosmolocal.web.shared import NoPlanYetError
from cosmolocal.web.sign_in import next_path
from cosmolocal.web.words import gettext
from cosmolocal.workflows import makers
from cosmolocal.workflows.incoming import StorageFullError

#: faults of an address; all others stand in the region's files
ADDRESS_CODES = frozenset({*asking.CODES, *makers.CODES})

#: parts of the names of fields whose values are never shown again
SECRETS = ("password", "present", "new", "code", "token")

#: [s] after which somebody who was told that others write may try again
RETRY_SECONDS = 5

Answer = tuple[str, int]


def set_up(app: Flask) -> None:
    """Answer every error with a page in plain words."""
    app.register_error_handler(NoPlanYetError, show_no_plan)
    app.register_error_handler(NotFoundError, show_not_found)
    app.register_error_handler(InputError, show_input_error)
    app.register_error_handler(ForbiddenError, show_forbidden)
    app.register_error_handler(BusyError, show_busy)
    app.register_error_handler(CSRFError, show_stale_form)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(OSError, show_full_disk)
    app.register_error_handler(500, show_own_fault)


def show_no_plan(_: NoPlanYetError) -> Answer:
    """Say how to make the first plan."""
    return render_template("plans/none.html"), 200 if request.path == "/" else 404


def show_not_found(error: NotFoundError) -> Answer:
    """Say what was looked for."""
    return render_template("errors/not_found.html", detail=tell_message("", error.args[0]) if error.args else ""), 404


def show_forbidden(error: ForbiddenError) -> Answer | Response:
    """Say that a person may not do this; let one who is not signed in do that first."""
    if error.sign_in and request.method == "GET":
        return redirect(url_for("people.sign_in", next=next_path()), 303)
    return render_template("errors/forbidden.html", told=gettext(str(error)), sign_in=error.sign_in), 403


def show_stale_form(_: CSRFError) -> Answer:
    """Give back what was typed into a form that cannot be taken; it is only shown, for it may come from elsewhere."""
    return render_template("errors/stale_form.html", typed=_find_typed()), 400


def _find_typed() -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if value.strip() and not any(secret in name.lower() for secret in SECRETS)
    ]


def show_full_disk(error: OSError) -> Answer:
    """Say that nothing can be kept for the moment, and give back what was typed; another fault is our own."""
    if not is_full_disk(error):
        raise error
    g.setdefault("person", None)
    return render_template("errors/full_disk.html", typed=_find_typed()), 507


def show_input_error(error: InputError) -> Answer:
    """List everything that is wrong with the region's files or with the address."""
    if isinstance(error, StorageFullError):
        return show_full_disk(OSError(errno.ENOSPC, ""))
    # the fault may be in the database itself: it is not asked again who is signed in
    g.setdefault("person", None)
    g.pop("plan_id", None)
    of_address = all(problem.code in ADDRESS_CODES for problem in error.problems)
    return render_template("errors/input.html", problems=error.problems, of_address=of_address), 422


def show_busy(_: BusyError) -> tuple[str, int, dict[str, str]]:
    """Say that others write all the while, and when to try again."""
    g.setdefault("person", None)
    told = gettext("Others are writing, and it took too long. Nothing was changed; try again in a moment.")
    page = render_template("errors/refused.html", code=503, told=told)
    return page, 503, {"Retry-After": str(RETRY_SECONDS)}


def show_http_error(error: HTTPException) -> Answer:
    """Say what HTTP refuses, in plain words."""
    if error.code == 404:
        return render_template("errors/not_found.html", detail=""), 404
    told = gettext("This address cannot be used in this way.")
    return render_template("errors/refused.html", code=error.code or 400, told=told), error.code or 400


def show_own_fault(_: Exception) -> Answer:
    """Own up to a fault of the program; the log has the rest."""
    g.setdefault("person", None)
    # what failed may be the region itself
    g.setdefault("region", None)
    return render_template("errors/own_fault.html"), 500
