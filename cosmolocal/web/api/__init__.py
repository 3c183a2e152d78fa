"""The JSON API, version 1: what programs read, publish and change, with a token; described by its own document."""

from flask import Flask, Response, request

from cosmolocal.web.api import (
    account,
    book_uploads,
    books,
    closures,
    designs,
    jobs,
    page,
    plans,
    publications,
    questions,
    quotes,
    region,
    runs,
    spec,
    whatif,
    wishes,
)
from cosmolocal.web.api.contract import bp
from cosmolocal.web.api.limits import Limits
from cosmolocal.web.problem_json import answer_error, build_problem, is_for_programs
from cosmolocal.workflows.repeats import Repeats
from cosmolocal.workflows.workspace import DATABASE

__all__ = [
    "account",
    "book_uploads",
    "books",
    "bp",
    "closures",
    "designs",
    "jobs",
    "page",
    "plans",
    "publications",
    "questions",
    "quotes",
    "region",
    "runs",
    "set_up",
    "spec",
    "whatif",
    "wishes",
]


def set_up(app: Flask) -> None:
    """Answer programs in JSON, whatever goes wrong; count how often they ask."""
    app.extensions["limits"] = Limits()
    app.extensions["repeats"] = lambda: Repeats(app.extensions["workspace"].folder / DATABASE)
    app.after_request(never_html)


def never_html(response: Response) -> Response:
    """Answer programs in JSON where no view was found either."""
    if is_for_programs(request.path) and response.status_code >= 400 and response.mimetype == "text/html":
        found = request.routing_exception
        return answer_error(found) if found else build_problem(response.status_code)
    return response
