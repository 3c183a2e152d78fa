"""The JSON API of designs, version 1: programs read, check, publish and withdraw them, with a token."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, Response, json, request, url_for
from werkzeug.exceptions import HTTPException, InternalServerError, UnsupportedMediaType

from cosmolocal.errors import CosmolocalError, InputError, NotFoundError, Problem
from cosmolocal.fields import Fields
from cosmolocal.files import parse_json
from cosmolocal.records import Design, to_plain
from cosmolocal.web import designs_view
from cosmolocal.web.problem_json import answer_error, build_problem
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import current_person, exempt, require
from cosmolocal.web.uploads import FormFile, form_files, receive_body
from cosmolocal.workflows.draft_publishing import (
    check_submission,
    describe_design,
    publish_archive,
    yank_release,
)
from cosmolocal.workflows.drafts import INCOMING
from cosmolocal.workflows.incoming import Incoming
from cosmolocal.workflows.rights import Action

ROOT = "/api/v1"
PAGE, LONGEST_PAGE = 50, 500
ZIP_TYPES = ("application/zip", "application/x-zip-compressed")

bp = Blueprint("api", __name__, url_prefix=ROOT)
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
    """Publish the zip archive in the body, or in the field ``bundle`` of a form; ``dry_run=1`` only checks it."""
    person, folder, asked = require(Action.PUBLISH_NEW), workspace().folder, request.args
    design_id = asked.get("id") or None
    with received(folder / INCOMING) as archive:
        if asked.get("dry_run", "0") != "0":
            return answer(check_submission(folder, archive.path, person, design_id))
        message = asked.get("message", "")
        result = publish_archive(folder, archive.path, person, design_id=design_id, message=message)
    response = answer(result, 201 if result["is_new"] else 200)
    response.headers["Location"] = url_for("api.show_version", design_id=result["id"], version=result["version"])
    return response


@contextmanager
def received(folder: Path) -> Iterator[Incoming]:
    """Give the archive of this request as a file, which is gone afterwards."""
    if request.mimetype in ZIP_TYPES:
        archive = receive_body(folder, "bundle")
        try:
            yield archive
        finally:
            archive.drop()
        return
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send a zip archive as application/zip, or in the field bundle of a form.")
    with form_files(folder):
        file = request.files.get("bundle")
        if file is None or not file.filename:
            raise InputError([Problem("U064", "bundle", "is missing; send the zip archive in the field bundle")])
        found = cast(FormFile, file.stream).result()
        if isinstance(found, InputError):
            raise found
        yield found


@bp.post("/designs/<design_id>/yank")
def yank(design_id: str) -> Response:
    """Withdraw a version: ``{"version": "1.0.0", "reason": "…"}``."""
    person = require(Action.OWN_ACCOUNT)
    words = read_words("version", "reason")
    return answer(yank_release(workspace().folder, design_id, words["version"], words["reason"], person))


def read_words(*names: str) -> dict[str, str]:
    """Return the texts of the JSON object in the body; all are required, and no others are known."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send a JSON object as application/json.")
    problems: list[Problem] = []
    text = request.get_data().decode("utf-8", "replace")
    table = Fields(parse_json(text, "body", "U066"), "body", "U066", problems)
    words = {name: table.text(name, required=True) for name in names}
    table.finish()
    if problems:
        raise InputError(problems)
    return words


def read_limit() -> int:
    """Return how many designs a page holds."""
    problems: list[Problem] = []
    table = Fields({"limit": request.args.get("limit")}, "address", "U066", problems)
    limit = table.number("limit", PAGE, low=1, high=LONGEST_PAGE)
    if problems:
        raise InputError(problems)
    return limit or PAGE


def answer(document: object, status: int = 200) -> Response:
    """Return a JSON document; whoever has it already is told that nothing changed."""
    response = Response(json.dumps(document, sort_keys=False), status, mimetype="application/json")
    if request.method == "GET":
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
    if request.path.startswith(f"{ROOT}/") and response.status_code >= 400 and response.mimetype == "text/html":
        found = request.routing_exception
        return answer_error(found) if found else build_problem(response.status_code)
    return response
