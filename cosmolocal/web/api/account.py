"""The own account in the API: who a token speaks for, and the tokens of that person."""

from dataclasses import replace
from typing import Any

from flask import Response, url_for
from marshmallow import RAISE, Schema
from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf, Range

from cosmolocal.errors import ForbiddenError, InputError
from cosmolocal.records import Person, Scope, Token
from cosmolocal.web.api.answers import Made, answer, digest_of, once, page_after
from cosmolocal.web.api.contract import Terms, bp
from cosmolocal.web.api.reading import PageQuery
from cosmolocal.web.api.schemas import build_schema, field_of, list_of, members_of, nested
from cosmolocal.web.people import ID
from cosmolocal.web.sign_in import current_token, people, require
from cosmolocal.workflows.rights import SIGN_IN, Action
from cosmolocal.workflows.sessions import LONGEST_TOKEN_DAYS

TokenSchema = build_schema("Token", **members_of(Token, "person"))
MeDocument = build_schema(
    "Me", **members_of(Person), token=nested(TokenSchema, "the one that this request was sent with")
)
NewTokenDocument = build_schema(
    "NewToken",
    **members_of(Token, "person"),
    secret=field_of(str | None, "the token itself, told this once; null where the same request was sent again"),
)


class TokenBody(Schema):
    """A token that is wanted."""

    class Meta:
        """Refuse other names."""

        unknown = RAISE

    name = ma.String(required=True, validate=Length(1, 100), metadata={"description": "what it is for"})
    scopes = ma.List(
        ma.String(validate=OneOf([scope.value for scope in Scope])), required=True, validate=Length(1, len(Scope))
    )
    days = ma.Integer(
        required=True,
        strict=True,
        validate=Range(1, LONGEST_TOKEN_DAYS),
        metadata={"description": "[days] until it ends; it does not last longer than the token it is made through"},
    )


def describe_token(token: Token) -> dict[str, Any]:
    """Return a token without its secret, which nobody knows but who made it."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created": token.created,
        "expires": token.expires,
        "last_used": token.last_used,
    }


def own_token() -> Token:
    """Return the token of this request."""
    token = current_token()
    if token is None:
        raise ForbiddenError(SIGN_IN, sign_in=True)
    return token


@bp.operation("GET", "/me", Terms("account", MeDocument, action=Action.OWN_ACCOUNT))
def show_me() -> Response:
    """Return whose token it is, and what that person and the token may do."""
    person = require(Action.OWN_ACCOUNT)
    return answer(
        {
            "name": person.name,
            "full_name": person.full_name,
            "roles": sorted(person.roles),
            "workshop": person.workshop,
            "active": person.active,
            "token": describe_token(own_token()),
        }
    )


@bp.operation(
    "GET",
    "/me/tokens",
    Terms("account", list_of("tokens", TokenSchema), query=PageQuery, action=Action.OWN_ACCOUNT),
)
def list_tokens(query: dict[str, Any]) -> Response:
    """Return a page of one's own tokens by name, expired ones included."""
    found = sorted(people().tokens(require(Action.OWN_ACCOUNT)), key=lambda token: token.name)
    rows, following = page_after(found, lambda token: token.name, query, sorted_by_key=True)
    return answer({"tokens": [describe_token(token) for token in rows], "next": following})


@bp.operation(
    "POST",
    "/me/tokens",
    Terms("account", NewTokenDocument, body=TokenBody, status=201, action=Action.OWN_ACCOUNT, creates=True),
)
def make_token(body: dict[str, Any]) -> Response:
    """Make a token that can neither do more nor last longer than the one this request is sent with."""
    person = require(Action.OWN_ACCOUNT)

    def make() -> Made:
        scopes = [Scope(name) for name in body["scopes"]]
        try:
            secret = people().make_token(person, body["name"], scopes, body["days"], own_token())
        except InputError as error:
            raise InputError([_in_body(problem) for problem in error.problems]) from None
        token = next(one for one in people().tokens(person) if one.name == body["name"].strip())
        plain = describe_token(token)
        location = url_for("api.revoke_token", token_id=token.id)
        return Made({**plain, "secret": secret}, location=location, again={**plain, "secret": None})

    return once(person, digest_of(body), make)


def _in_body(problem: Any) -> Any:
    name = "name" if problem.where == "token_name" else problem.where
    return replace(problem, where=f"body: {name}")


@bp.operation(
    "DELETE",
    f"/me/tokens/<{ID}:token_id>",
    Terms("account", build_schema("Revoked", id=field_of(int)), action=Action.OWN_ACCOUNT),
)
def revoke_token(token_id: int) -> Response:
    """Make one of one's own tokens worth nothing; one that can do more needs a token that can, too."""
    people().revoke_token(require(Action.OWN_ACCOUNT), token_id, own_token())
    return answer({"id": token_id})
