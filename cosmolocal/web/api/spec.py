"""The specification of the API (OpenAPI 3.1), made from what each operation says of itself; made once for all."""

from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from flask_smorest import Api
from marshmallow import INCLUDE, Schema
from marshmallow import fields as ma

from cosmolocal import __version__
from cosmolocal.records import Scope
from cosmolocal.web.api.answers import answer
from cosmolocal.web.api.contract import Terms, bp, error_name
from cosmolocal.web.api.schemas import ProblemSchema, build_schema, field_of, nested
from cosmolocal.web.problem_json import TYPE

OPENAPI = "3.1.1"
TAGS = {
    "region": "The region: places, workshops, processes.",
    "books": "Order books: their orders, one by one or as a table.",
    "runs": "Planning: asking for a plan, watching it, ending it.",
    "plans": "Plans, and why they are as they are; which one counts.",
    "whatif": "What if: scenarios, trade-offs, what a plan lacks, new sites, the road to the target.",
    "wishes": "What planners wish for single orders.",
    "jobs": "What workshops are asked to make, and what they say to that.",
    "closures": "When workshops are closed, or have other hours.",
    "quotes": "When something could be had, and for how much.",
    "designs": "Designs and their versions, and questions about them.",
    "account": "Whose token it is, and other tokens of the same person.",
    "meta": "The API itself.",
}
SCOPES = {
    Scope.READ: "what is good for anything is good for reading, too",
    Scope.PUBLISH: "designs, their versions, and questions about them",
    Scope.PLAN: "orders and plans",
    Scope.ANSWER: "jobs of a workshop, and its calendar",
}
ProblemDocument = build_schema(
    "ProblemDocument",
    type=field_of(str),
    title=field_of(str),
    status=field_of(int),
    instance=field_of(str, "path of the request"),
    detail=ma.String(metadata={"description": "what is wrong, in one line"}),
    problems=nested(ProblemSchema, many=True),
)


class OpenApi(Schema):
    """A document of OpenAPI 3.1."""

    class Meta:
        """Its own specification says what it holds."""

        unknown = INCLUDE


_ETAG = {"type": "string", "pattern": '^(W/)?"[!#-~]*"$'}
PATH_WORDS = {
    "plan_id": "id of a plan or its beginning; `newest`: the newest plan",
    "order_id": "id of an order of the plan",
    "workshop_id": "id of a workshop",
    "place_id": "id of a neighbourhood or hub",
    "design_id": "`publisher~slug`",
    "version": "semantic version, such as 1.0.0",
    "book": "name of an order book: its file without `orders/` and `.csv`",
    "key": "id of an order; of one with no id of its own `:` and its line",
    "run_id": "id of a run",
    "scenario_id": "name of a scenario: its file without `scenarios/` and `.yaml`",
    "front_id": "id of a front",
    "wish_id": "id of a wish",
    "job_id": "id of a job",
    "closure_id": "id of a closure",
    "question_id": "id of a question",
    "token_id": "id of a token of one's own",
}
HEADERS = {
    "IfNoneMatch": {
        "in": "header",
        "name": "If-None-Match",
        "description": "ETag of an earlier answer: 304 when nothing changed",
        "schema": {"type": "string"},
    },
    "IfMatch": {
        "in": "header",
        "name": "If-Match",
        "description": "ETag of what is changed, as it was seen: 412 when it is another one now",
        "schema": {"type": "string"},
    },
    "IfMatchRequired": {
        "in": "header",
        "name": "If-Match",
        "required": True,
        "description": "ETag of what is changed, as it was seen: 412 when it is another one now, 428 without",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "in": "header",
        "name": "Idempotency-Key",
        "description": "any word of your own: the same request sent again with it, within a day, is not done twice",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
}


class OwnApi(Api):  # type: ignore[misc]
    """The specification, with our errors."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemDocument


@cache
def build_spec() -> dict[str, Any]:
    """Return the document, with all operations of the blueprint."""
    app = Flask(__name__)
    app.config.update(API_TITLE="cosmolocal", API_VERSION=__version__, OPENAPI_VERSION=OPENAPI)
    api = OwnApi(app, spec_kwargs={"info": _info()})
    components = api.spec.components
    components.security_scheme("token", {"type": "http", "scheme": "bearer", "description": _tell_scopes()})
    components.header("ETag", {"description": "changes whenever the answer does", "schema": _ETAG})
    for name, header in HEADERS.items():
        components.parameter(name, "header", header)
    components.response("NotModified", {"description": "Nothing changed since the ETag in If-None-Match."})
    for status in HTTPStatus:
        if status >= 400:
            content = {TYPE: {"schema": ProblemDocument}}
            described: dict[str, Any] = {"description": status.phrase, "content": content}
            if status == HTTPStatus.TOO_MANY_REQUESTS:
                wait = {"description": "[s]", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
                described["headers"] = {"Retry-After": wait}
            components.response(error_name(status), described, lazy=True)
    api.register_blueprint(bp)
    document: dict[str, Any] = api.spec.to_dict()
    document["components"]["schemas"].pop("PaginationMetadata", None)
    document["tags"] = [{"name": name, "description": told} for name, told in TAGS.items()]
    document["servers"] = [{"url": "/", "description": "this server"}]
    for path in document["paths"].values():
        for parameter in path.get("parameters", []):
            parameter["description"] = PATH_WORDS[parameter["name"]]
        for operation in path.values():
            if isinstance(operation, dict):
                names = operation.pop("x-headers", [])
                found = [{"$ref": f"#/components/parameters/{name}"} for name in names]
                operation["parameters"] = [*operation.get("parameters", []), *found]
    return document


def _info() -> dict[str, Any]:
    return {
        "summary": "Plans who makes what, for whom, by when.",
        "description": "Lists come in pages: `next` is the address of the next one. Errors are problem documents"
        " (RFC 9457) with all that is wrong in `problems`. Units stand in the names.",
        "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
    }


def _tell_scopes() -> str:
    told = "; ".join(f"`{scope}`: {words}" for scope, words in SCOPES.items())
    return f"A token that a person made on the page Account, or through the API. What tokens are good for: {told}."


@bp.operation("GET", "/openapi.json", Terms("meta", OpenApi, doc={"summary": "This document"}))
def show_spec() -> Response:
    """Return this document."""
    return answer(build_spec())
