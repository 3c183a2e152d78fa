"""Errors as JSON for programs: problem documents after RFC 9457, with all problems listed."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import Response, json, request
from werkzeug.exceptions import (
    HTTPException,
    NotAcceptable,
    PreconditionFailed,
    PreconditionRequired,
    TooManyRequests,
    UnsupportedMediaType,
)

from cosmolocal.errors import BusyError, ForbiddenError, InputError, NotFoundError, Problem
from cosmolocal.workflows.incoming import FULL, StorageFullError, TooLargeError

#: where people read about the API
PAGE = "/api/"
TYPE = "application/problem+json"
#: problems of an upload that is right in itself, and does not fit what is published already
CONFLICTS = frozenset({"D004", "D065", "U069"})
#: problems of a change that was made of what is something else by now
STALE = frozenset({"J003", "J005", "O033"})
#: errors of HTTP whose description is ours
OWN_WORDS = (NotAcceptable, PreconditionFailed, PreconditionRequired, TooManyRequests, UnsupportedMediaType)
#: problems of somebody who may publish, but not this design
FOREIGN = frozenset({"D060", "D061"})


def status_of(error: Exception) -> int:
    """Return the HTTP status that says what kind of error it is."""
    if isinstance(error, HTTPException):
        return error.code or 500
    if isinstance(error, ForbiddenError):
        return 401 if error.sign_in else 403
    if isinstance(error, InputError):
        codes = {one.code for one in error.problems}
        if codes and codes <= STALE:
            return 412
        if codes and codes <= CONFLICTS | FOREIGN:
            return 403 if codes & FOREIGN else 409
    statuses = (
        (NotFoundError, 404),
        (TooLargeError, 413),
        (StorageFullError, 507),
        (InputError, 422),
        (BusyError, 503),
    )
    return next((status for kind, status in statuses if isinstance(error, kind)), 500)


def answer_error(error: Exception) -> Response:
    """Return the problem document of an error."""
    problems = error.problems if isinstance(error, InputError) else ()
    detail = str(error) if isinstance(error, NotFoundError | ForbiddenError | BusyError) else ""
    if isinstance(error, OWN_WORDS):
        detail = error.description or ""
    response = build_problem(status_of(error), detail, problems)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after"):
                response.headers[name] = value
    return response


def build_problem(status: int, detail: str = "", problems: Iterable[Problem] = ()) -> Response:
    """Return the answer with a problem document about this request."""
    document = describe_problem(status, request.path, detail, tuple(problems))
    response = Response(json.dumps(document), status, mimetype=TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def describe_problem(status: int, path: str, detail: str = "", problems: tuple[Problem, ...] = ()) -> dict[str, Any]:
    """Return a problem document; its sentences are in English, as those of the command line."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "instance": path,
        "problems": [problem.as_dict() for problem in problems],
    }
    told = "; ".join(f"{problem.where}: {problem.message}" for problem in problems)
    detail = detail or told or _DETAILS.get(status, "")
    return document | ({"detail": detail} if detail else {})


def is_for_programs(path: str) -> bool:
    """Tell whether programs ask for what is at a path, so that no error of it is a page."""
    return path.startswith("/api/") and path != PAGE


_DETAILS = {
    400: "The request cannot be understood.",
    404: "There is nothing at this address.",
    405: "This address cannot be used with this method.",
    413: "More was sent than is taken here.",
    507: f"{FULL[0].upper()}{FULL[1:]}.",
    500: "The program made a mistake; nothing was changed. The log of the server has the rest.",
}
