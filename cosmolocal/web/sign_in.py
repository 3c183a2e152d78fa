"""Who is it? The person behind a request: by the cookie of the pages, or by the token of the API."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup

from cosmolocal.errors import ForbiddenError
from cosmolocal.records import Person, Scope, Token
from cosmolocal.web.shared import TOKEN, PrivatePageError, is_being_shared, this_page
from cosmolocal.workflows.people import People
from cosmolocal.workflows.rights import SIGN_IN, Action, authorize, may

#: key of the session's secret in the signed cookie
SESSION = "session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

csrf = CSRFProtect()
_token_blueprints: set[str] = set()


class Unseen:
    """Stands for the person in a shared page: whatever a template does with it is refused."""

    def __getattr__(self, name: str) -> Any:
        raise PrivatePageError(f"a shared page may not look at who is signed in (here: {name})")

    def __bool__(self) -> bool:
        return self.anybody  # type: ignore[no-any-return]

    __str__ = __html__ = __bool__  # type: ignore[assignment]


def set_up(app: Flask) -> None:
    """Ask for a CSRF token on every change, and tell templates who is signed in."""
    csrf.init_app(app)
    app.context_processor(lambda: {"person": Unseen() if g.get("unseen") else current_person()})
    app.jinja_env.globals.update(csrf_field=csrf_field, next_path=next_path, may=may, Action=Action)
    app.after_request(keep_private)
    app.teardown_appcontext(close_people)


def people() -> People:
    """Return the accounts of the region, with a connection that is this request's alone."""
    if "people" not in g:
        g.people = current_app.extensions["people"]()
    return g.people  # type: ignore[no-any-return]


def close_people(_: BaseException | None = None) -> None:
    """Close the connection of this request."""
    if (opened := g.pop("people", None)) is not None:
        opened.close()


def exempt(blueprint: Blueprint) -> None:
    """Let a blueprint be used with tokens alone: it needs no CSRF token, and cookies mean nothing to it."""
    csrf.exempt(blueprint)
    _token_blueprints.add(blueprint.name)


def takes_tokens(blueprint: str) -> bool:
    """Return whether a blueprint is used with tokens alone."""
    return blueprint in _token_blueprints


def current_person() -> Person | None:
    """Return who makes this request; None: nobody is signed in.

    Raises
    ------
    ForbiddenError
        When a token is given that is not good for this.
    PrivatePageError
        In a page that others are shown too.
    """
    if g.get("unseen"):
        raise PrivatePageError("a shared page may not look at who is signed in")
    if "person" not in g:
        if request.blueprint in _token_blueprints:
            g.person = token_person(g.get("scope", Scope.READ if request.method in SAFE_METHODS else Scope.PUBLISH))
        else:
            g.person = people().find_signed_in(session[SESSION]) if SESSION in session else None
    return g.person  # type: ignore[no-any-return]


def token_person(scope: Scope) -> Person | None:
    """Return whose token stands in ``Authorization: Bearer``; None: there is none.

    Raises
    ------
    ForbiddenError
        When the token is unknown, expired or revoked, or not good for ``scope``.
    """
    secret = _sent_secret()
    return None if secret is None else people().use_token(secret, scope)


def current_token() -> Token | None:
    """Return the token of this request, which `current_person` has looked at; None: there is none."""
    secret = _sent_secret()
    return None if secret is None else people().find_token(secret)[0]


def _sent_secret() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def require(action: Action, owners: Collection[str] = ()) -> Person:
    """Return who makes this request, if that person may do this.

    Raises
    ------
    ForbiddenError
        When nobody is signed in, or the person may not.
    """
    person = current_person()
    authorize(person, action, owners)
    if person is None:
        raise ForbiddenError(SIGN_IN, sign_in=True)
    return person


def start_session(secret: str) -> None:
    """Sign this browser in; whatever its cookie held before is gone, and ends on the server."""
    end_session()
    session.permanent = True
    session[SESSION] = secret
    g.pop("person", None)


def end_session() -> None:
    """Sign this browser out, here and on the server."""
    if SESSION in session:
        people().end_session(session[SESSION])
    session.clear()
    g.person = None


def next_path() -> str | None:
    """Return where to go on after signing in: this page, where it can be asked for again."""
    only_once = request.endpoint in ("people.sign_in", "people.first_run", "people.invitation")
    return None if request.method != "GET" or request.endpoint is None or only_once else this_page()


def csrf_field() -> Markup:
    """Return the hidden input that every form with ``method="post"`` needs."""
    token = TOKEN if is_being_shared() else generate_csrf()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)


def keep_private(response: Response) -> Response:
    """Keep pages of a signed-in person out of every cache: others may use the same computer."""
    if g.get("person") is not None and response.mimetype == "text/html":
        response.headers["Cache-Control"] = "private, no-store"
    return response
