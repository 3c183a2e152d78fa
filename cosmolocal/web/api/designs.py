"""Designs in the API: programs read, check, publish and withdraw them, and name their owners."""

import threading
from typing import Any

from flask import Response, request, url_for
from marshmallow import RAISE, Schema
from marshmallow import fields as ma
from marshmallow.validate import Length

from cosmolocal.errors import InputError, NotFoundError, Problem
from cosmolocal.records import Design, Notice, Release, Scope, to_plain
from cosmolocal.web import designs_view
from cosmolocal.web.api.answers import KEY_HEADER, Made, answer, answer_made, digest_of, once, page_after, require_match
from cosmolocal.web.api.archives import OPTIONS, digest_archive, read_options, received
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import PageQuery
from cosmolocal.web.api.schemas import ProblemSchema, build_schema, field_of, list_of, members_of, nested, schema_of
from cosmolocal.web.design_changes import is_known
from cosmolocal.web.shared import workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.draft_publishing import (
    check_submission,
    describe_design,
    name_owners,
    publish_archive,
    unyank_release,
    yank_release,
)
from cosmolocal.workflows.drafts import INCOMING
from cosmolocal.workflows.repeats import require_key
from cosmolocal.workflows.rights import Action

DESIGN = "/designs/<design_id>"
DesignRow = build_schema(
    "DesignRow",
    **{name: hint for name, hint in members_of(Design).items() if name in ("id", "name", "function", "license")},
    version=field_of(str, "the newest one"),
    versions=field_of(tuple[str, ...], "newest first"),
    address=field_of(str),
)
OwnersSchema = build_schema("Owners", owners=field_of(tuple[str, ...], "names of people"))
DesignHistory = build_schema(
    "DesignHistory",
    id=field_of(str),
    owners=field_of(tuple[str, ...], "names of people"),
    releases=nested(schema_of(Release), many=True),
)
NoticeSchema = build_schema("Notice", id=field_of(str), **members_of(Notice, "values"), values=ma.Dict(required=True))
#: what was published, or what a dry run found
_published = {
    "id": field_of(str),
    "version": field_of(str | None),
    "digest": field_of(str | None, "tree digest of the bundle"),
    "warnings": nested(ProblemSchema, many=True),
}
PublishedDocument = build_schema("Published", **_published, is_new=field_of(bool, "false: it was there already"))
CheckReport = build_schema(
    "CheckReport",
    **_published,
    ok=field_of(bool),
    manifest=field_of(str | None),
    format=field_of(str | None),
    problems=nested(ProblemSchema, many=True),
    unknown=field_of(tuple[str, ...], "what planning does not know"),
    blocked=field_of(int, "[units] of the order books that wait for it"),
    published=field_of(bool, "is this very bundle there already?"),
    versions=field_of(tuple[str, ...], "of the design"),
)
_archive_options = {
    "id": {"type": "string", "description": "id of the design; left out: the manifest makes it"},
    "message": {"type": "string", "description": "what the log of the store says"},
    "dry_run": {"type": "string", "enum": ["1", "true", "0", "false"], "description": "only check it"},
}
_binary = {"type": "string", "format": "binary"}
PUBLISH_DOC = {
    "parameters": [{"in": "query", "name": name, "schema": schema} for name, schema in _archive_options.items()],
    "requestBody": {
        "required": True,
        "content": {
            "application/zip": {"schema": _binary},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"bundle": _binary, **_archive_options},
                    "required": ["bundle"],
                    "additionalProperties": False,
                }
            },
        },
    },
    "responses": {
        200: {
            "description": "It was there already, or this is the report of a dry run",
            "content": {"application/json": {"schema": {"anyOf": [PublishedDocument, CheckReport]}}},
        }
    },
}
#: one change of owners at a time, so that none falls between being compared and being written
_owners_lock = threading.Lock()


class _Body(Schema):
    class Meta:
        unknown = RAISE


def _text(told: str, **how: Any) -> ma.String:
    return ma.String(validate=Length(max=10_000), metadata={"description": told}, **how)


class YankBody(_Body):
    """A version to be withdrawn."""

    version = _text("such as 1.0.0", required=True)
    reason = _text("what is wrong with it", required=True)


class UnyankBody(_Body):
    """A withdrawn version to be offered again."""

    version = _text("such as 1.0.0", required=True)
    reason = _text("why", load_default="")


class OwnersBody(_Body):
    """The people who release versions from now on."""

    owners = ma.List(ma.String(validate=Length(1, 100)), required=True, validate=Length(1, 100))


@bp.operation("GET", "/designs", Terms("designs", list_of("designs", DesignRow), query=PageQuery))
def list_designs(query: dict[str, Any]) -> Response:
    """Return a page of designs by id."""
    versions_by_id = designs_view.by_id(workspace().region().designs)
    ids, following = page_after(sorted(versions_by_id), str, query, sorted_by_key=True)
    return answer({"designs": [describe_row(versions_by_id[one]) for one in ids], "next": following})


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


@bp.operation("GET", DESIGN, Terms("designs", DesignHistory))
def show_design(design_id: str) -> Response:
    """Return a design: its owners, and all its releases."""
    return answer(describe_design(workspace().folder, design_id))


@bp.operation("GET", f"{DESIGN}/owners", Terms("designs", OwnersSchema))
def show_owners(design_id: str) -> Response:
    """Return the people who release versions of a design."""
    return answer(_owners_of(design_id))


def _owners_of(design_id: str) -> dict[str, Any]:
    return {"owners": describe_design(workspace().folder, design_id)["owners"]}


@bp.operation(
    "PUT",
    f"{DESIGN}/owners",
    Terms("designs", OwnersSchema, body=OwnersBody, action=Action.OWN_ACCOUNT, scope=Scope.PUBLISH, if_match=True),
)
def set_owners(body: dict[str, Any], design_id: str) -> Response:
    """Name the people who release versions of a design from now on; send the ETag of the owners as they are."""
    with _owners_lock:
        now = _owners_of(design_id)
        person = require(Action.SET_OWNERS, now["owners"])
        require_match(now)
        unknown = [name for name in body["owners"] if name not in now["owners"] and not is_known(name)]
        if unknown:
            found = "there is nobody here of this name who may sign in"
            raise InputError([Problem("D063", "body: owners", f"found {name[:60]!r}; {found}") for name in unknown])
        name_owners(workspace().folder, design_id, body["owners"], person)
        return answer(_owners_of(design_id))


@bp.operation("GET", f"{DESIGN}/<version>", Terms("designs", schema_of(Design)))
def show_version(design_id: str, version: str) -> Response:
    """Return all that one version of a design says."""
    for design in workspace().region().designs:
        if (design.id, design.version) == (design_id, version):
            return answer(to_plain(design))
    raise NotFoundError(f"there is no design {design_id!r} in version {version!r}")


@bp.operation(
    "POST",
    "/designs",
    Terms(
        "designs",
        PublishedDocument,
        status=201,
        action=Action.PUBLISH_NEW,
        scope=Scope.PUBLISH,
        creates=True,
        errors=(413, 415),
        options=OPTIONS,
        doc=PUBLISH_DOC,
    ),
)
def publish() -> Response:
    """Publish the zip archive in the body, or in the field `bundle` of a form; `dry_run=1` only checks it.

    Options stand in the address, or in other fields of the form. The same archive again is accepted and changes
    nothing. A dry run answers with the check report.
    """
    read_options(request.args)
    person, folder = require(Action.PUBLISH_NEW), workspace().folder
    if KEY_HEADER in request.headers:
        require_key(request.headers[KEY_HEADER])  # of a dry run too, which needs none
    with received(folder / INCOMING) as sent:
        if sent.is_dry_run:
            return answer(check_submission(folder, sent.archive, person, sent.design_id))

        def make() -> Made:
            result = publish_archive(folder, sent.archive, person, design_id=sent.design_id, message=sent.message)
            location = url_for("api.show_version", design_id=result["id"], version=result["version"])
            return Made(result, 201 if result["is_new"] else 200, location)

        if KEY_HEADER not in request.headers:
            return answer_made(make())
        return once(person, digest_of([digest_archive(sent.archive), sent.design_id, sent.message]), make)


@bp.operation(
    "POST",
    f"{DESIGN}/yank",
    Terms("designs", NoticeSchema, body=YankBody, action=Action.OWN_ACCOUNT, scope=Scope.PUBLISH, if_match=False),
)
def yank(body: dict[str, Any], design_id: str) -> Response:
    """Withdraw a version: only orders that name exactly this one still get it. If-Match is the ETag of the design."""
    return _noted(design_id, body, yank_release)


@bp.operation(
    "POST",
    f"{DESIGN}/unyank",
    Terms("designs", NoticeSchema, body=UnyankBody, action=Action.OWN_ACCOUNT, scope=Scope.PUBLISH, if_match=False),
)
def unyank(body: dict[str, Any], design_id: str) -> Response:
    """Offer a withdrawn version again. If-Match is the ETag of the design."""
    return _noted(design_id, body, unyank_release)


def _noted(design_id: str, body: dict[str, Any], note: Any) -> Response:
    person, folder = require(Action.OWN_ACCOUNT), workspace().folder
    if "If-Match" in request.headers:
        require_match(describe_design(folder, design_id))
    return answer(note(folder, design_id, body["version"], body["reason"], person))
