"""The blueprint of the API: each operation says in one place what it takes, gives and asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import HTTPException, InternalServerError, NotAcceptable, PreconditionRequired

from cosmolocal.errors import CosmolocalError
from cosmolocal.records import Scope
from cosmolocal.web.api.limits import require_patience
from cosmolocal.web.api.reading import Parser, require_known
from cosmolocal.web.problem_json import TYPE, answer_error
from cosmolocal.web.sign_in import current_person, exempt
from cosmolocal.workflows.rights import RULES, Action, authorize

PREFIX = "/api/v1"
JSON = "application/json"
View = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operation of the API takes, gives and asks for; the specification says the same."""

    #: subject under which it is listed
    tag: str
    #: what its answer holds
    answer: type[Schema]
    #: what its address may hold after the question mark; the view gets it as a dict
    query: type[Schema] | None = None
    #: what its JSON body holds; the view gets it as a dict, after that of the query
    body: type[Schema] | None = None
    status: int = HTTPStatus.OK
    #: who may use it at all; workflows ask again, for the thing itself
    action: Action = Action.READ
    #: what a token must be good for
    scope: Scope = Scope.READ
    #: does it make something? Then it takes an Idempotency-Key
    creates: bool = False
    #: If-Match: None: not taken, False: taken, True: required
    if_match: bool | None = None
    #: is it dear to answer, so that few are answered in a minute?
    dear: bool = False
    #: statuses of its own, besides those that follow from the above
    errors: tuple[int, ...] = ()
    #: names of the query that the view reads itself; ``doc`` describes them
    options: frozenset[str] = frozenset()
    #: what is put into the specification as it is
    doc: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_public(self) -> bool:
        """Tell whether it needs no token."""
        return RULES[self.action].anyone


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint of operations, each with its terms."""

    ARGUMENTS_PARSER = Parser()

    def operation(self, method: str, rule: str, terms: Terms) -> Callable[[View], View]:
        """Return a decorator that makes a view an operation."""

        def decorate(view: View) -> View:
            called: Any = view
            if terms.body:
                called = self.arguments(terms.body, location="json")(called)
            if terms.query:
                called = self.arguments(terms.query, location="query")(called)
            called = self.response(int(terms.status), terms.answer)(called)
            called = self.doc(operationId=view.__name__, **describe(method, rule, terms))(called)
            self.route(rule, methods=[method], tags=[terms.tag])(guarded(called, terms))
            return view

        return decorate


def guarded(view: View, terms: Terms) -> View:
    """Return a view that asks first who it is, whether that may be, and whether the request can be meant."""

    @wraps(view)
    def guard(*args: Any, **kwargs: Any) -> Response:
        g.scope = terms.scope
        if request.accept_mimetypes and not request.accept_mimetypes.best_match([JSON, TYPE]):
            raise NotAcceptable(f"This address answers in {JSON}.")
        authorize(current_person(), terms.action)
        require_patience(dear=terms.dear)
        if terms.query is None:
            require_known(request.args, terms.options, "address")
        if terms.if_match and "If-Match" not in request.headers:
            raise PreconditionRequired("Send If-Match with the ETag of what you have seen, so that nothing is lost.")
        return view(*args, **kwargs)

    return guard


def describe(method: str, rule: str, terms: Terms) -> dict[str, Any]:
    """Return what the specification says of an operation besides its query, body and answer."""
    responses: dict[int, Any] = {status: error_name(status) for status in statuses(method, rule, terms)}
    headers = [
        name
        for name, wanted in (
            ("IfNoneMatch", method == "GET"),
            ("IfMatchRequired" if terms.if_match else "IfMatch", terms.if_match is not None),
            ("IdempotencyKey", terms.creates),
        )
        if wanted
    ]
    token = {"token": [str(terms.scope)]}
    described: dict[str, Any] = {
        "responses": responses,
        "security": [token] if not terms.is_public else [{}, token],
    }
    if method == "GET":
        responses[HTTPStatus.NOT_MODIFIED] = "NotModified"
        responses[int(terms.status)] = {"headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}
    if headers:
        described["x-headers"] = headers
    return {**described, **terms.doc, "responses": responses | terms.doc.get("responses", {})}


def statuses(method: str, rule: str, terms: Terms) -> list[int]:
    """Return the statuses of the errors that an operation may answer with."""
    found = {401, 403, 406, 422, *terms.errors}
    found |= {404} if "<" in rule else set()
    found |= {413, 415} if terms.body else set()
    found |= {409, 507} if terms.creates else set()
    found |= {412} if terms.if_match is not None else set()
    found |= {428} if terms.if_match else set()
    found |= {429} if terms.dear or method != "GET" else set()
    return sorted(found)


def error_name(status: int) -> str:
    """Return what the specification calls the answer of an error.

    >>> error_name(404)
    'NotFound'
    """
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


bp = ApiBlueprint("api", __name__, url_prefix=PREFIX)
exempt(bp)


for _kind in (CosmolocalError, HTTPException, InternalServerError):
    bp.register_error_handler(_kind, answer_error)
