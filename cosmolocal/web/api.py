"""The JSON API of designs, version 1: programs read, check, publish and withdraw them, with a token."""

from typing import Any

from flask import Blueprint, Flask, Response, json, request, url_for
from werkzeug.exceptions import HTTPException, InternalServerError

from cosmolocal.errors import CosmolocalError, NotFoundError
from cosmolocal.records import Design, to_plain
from cosmolocal.web import designs_view
from cosmolocal.web.api_input import check_options, read_limit, read_words, received
from cosmolocal.web.problem_json import answer_error, build_problem, is_for_programs
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import current_person, exempt, require
from cosmolocal.workflows.draft_publishing import (
    check_submission,
    describe_design,
    publish_archive,
    unyank_release,
    yank_release,
)
from cosmolocal.workflows.drafts import INCOMING
from cosmolocal.workflows.rights import Action

bp = Blueprint("api", __name__, url_prefix="/api/v1")
bp.before_request(check_options)
exempt(bp)


def set_up(app: Flask) -> None:
    """Answer programs in JSON, whatever goes wrong."""
    app.after_request(never_html)


@bp.get("/designs")
def list_designs() -> Response:
    """Return a page of designs by id; ``after`` is the last id of the page before."""
    current_person()
    after, limit = request.args.get("after", ""), read_limit()
    versions_by_id = designs_view.by_id(workspace().region().designs)
    ids = sorted(design_id for design_id in versions_by_id if design_id > after)
    rows = [describe_row(versions_by_id[one]) for one in ids[:limit]]
    more = url_for("api.list_designs", after=ids[limit - 1], limit=limit) if len(ids) > limit else None
    return answer({"designs": rows, "next": more})


def describe_row(versions: list[Design]) -> dict[str, Any]:
    """Return what the list says of a design; ``versions`` newest first."""
    newest = versions[0]
    return {
        "id": newest.id,
        "name": newest.name,
        "function": newest.function,
        "license": newest.license,
        "version": newest.version,
        "versions": [design.version for design in versions],
        "address": url_for("api.show_design", design_id=newest.id),
    }


@bp.get("/designs/<design_id>")
def show_design(design_id: str) -> Response:
    """Return a design: its owners, and all its releases."""
    current_person()
    return answer(describe_design(workspace().folder, design_id))


@bp.get("/designs/<design_id>/<version>")
def show_version(design_id: str, version: str) -> Response:
    """Return all that one version of a design says."""
    current_person()
    for design in workspace().region().designs:
        if (design.id, design.version) == (design_id, version):
            return answer(to_plain(design))
    raise NotFoundError(f"there is no design {design_id!r} in version {version!r}")


@bp.post("/designs")
def publish() -> Response:
    """Publish the zip archive in the body, or in the field ``bundle`` of a form; ``dry_run=1`` only checks it.

    ``id``, ``message`` and ``dry_run`` stand in the address, or in other fields of the form.
    """
    person, folder = require(Action.PUBLISH_NEW), workspace().folder
    with received(folder / INCOMING) as sent:
        if sent.is_dry_run:
            return answer(check_submission(folder, sent.archive, person, sent.design_id))
        result = publish_archive(folder, sent.archive, person, design_id=sent.design_id, message=sent.message)
    response = answer(result, 201 if result["is_new"] else 200)
    response.headers["Location"] = url_for("api.show_version", design_id=result["id"], version=result["version"])
    return response


@bp.post("/designs/<design_id>/yank")
def yank(design_id: str) -> Response:
    """Withdraw a version: ``{"version": "1.0.0", "reason": "…"}``."""
    person = require(Action.OWN_ACCOUNT)
    words = read_words("version", "reason")
    return answer(yank_release(workspace().folder, design_id, words["version"], words["reason"], person))


@bp.post("/designs/<design_id>/unyank")
def unyank(design_id: str) -> Response:
    """Offer a withdrawn version again: ``{"version": "1.0.0"}``, with a reason or without."""
    person = require(Action.OWN_ACCOUNT)
    words = read_words("version", optional=("reason",))
    return answer(unyank_release(workspace().folder, design_id, words["version"], words["reason"], person))


def answer(document: object, status: int = 200) -> Response:
    """Return a JSON document; whoever has it already is told that nothing changed."""
    response = Response(json.dumps(document, sort_keys=False), status, mimetype="application/json")
    if request.method in ("GET", "HEAD"):
        response.add_etag()
        response.make_conditional(request)
    return response


@bp.errorhandler(CosmolocalError)
@bp.errorhandler(HTTPException)
@bp.errorhandler(InternalServerError)
def show_error(error: Exception) -> Response:
    """Say what is wrong as a problem document."""
    return answer_error(error)


def never_html(response: Response) -> Response:
    """Answer programs in JSON where no view was found either."""
    if is_for_programs(request.path) and response.status_code >= 400 and response.mimetype == "text/html":
        found = request.routing_exception
        return answer_error(found) if found else build_problem(response.status_code)
    return response
