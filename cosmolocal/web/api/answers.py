"""What the API answers: JSON with an ETag, pages by keyset, and each thing made once."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, current_app, json, request, url_for
from werkzeug.exceptions import PreconditionFailed

from cosmolocal.errors import InputError, Problem
from cosmolocal.records import KeptAnswer, Person
from cosmolocal.web.api.reading import PAGE

T = TypeVar("T")
#: what it is that a program does not want done twice
KEY_HEADER = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Made:
    """What came of making something."""

    document: Mapping[str, Any]
    status: int = 201
    #: address of what was made; "" none
    location: str = ""
    #: what is given instead when it is asked for again: a secret is told once
    again: Mapping[str, Any] | None = None


def answer(document: object, status: int = 200) -> Response:
    """Return a JSON document; whoever has it already is told that nothing changed."""
    response = Response(json.dumps(document, sort_keys=False), status, mimetype="application/json")
    if request.method in ("GET", "HEAD"):
        response.set_etag(etag_of(document))
        response.make_conditional(request)
    return response


def etag_of(document: object) -> str:
    """Return what changes whenever the document does."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]


def tagged(response: Response) -> Response:
    """Return an answer with the ETag that its document has by now, for the next If-Match."""
    response.set_etag(etag_of(response.get_json()))
    return response


def require_match(document: object) -> None:
    """Refuse a change of something that is not any more what the program has seen.

    ``document`` is what a GET of it would answer now.
    """
    require_tag(etag_of(document))


def require_tag(tag: str) -> None:
    """Refuse a change where If-Match names another tag."""
    if "If-Match" in request.headers and not request.if_match.contains(tag):
        raise PreconditionFailed("It was changed since you have seen it; get it again, then decide anew.")


def answer_made(made: Made, *, repeated: bool = False) -> Response:
    """Return the answer to a request that made something."""
    response = answer(made.document, made.status)
    if made.location:
        response.headers["Location"] = made.location
    if repeated:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def once(person: Person, digest: str, make: Callable[[], Made]) -> Response:
    """Make something, or answer as before where the same request was sent with the same Idempotency-Key.

    ``digest`` tells this request from others; errors are not kept, so that a retry can mend them.
    """
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return answer_made(make())
    repeats = current_app.extensions["repeats"]()
    route = f"{request.method} {request.path}"
    if kept := repeats.begin(person, key, f"{route} {digest}"):
        return answer_made(Made(json.loads(kept.body), kept.status, kept.location), repeated=True)
    try:
        made = make()
    except BaseException:
        repeats.forget(person, key)
        raise
    body = json.dumps(made.document if made.again is None else made.again)
    repeats.keep(person, key, KeptAnswer(made.status, made.location, body))
    return answer_made(made)


def digest_of(value: object) -> str:
    """Return what tells a request from others."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def page_after(
    rows: Iterable[T], key: Callable[[T], str], query: Mapping[str, Any], *, sorted_by_key: bool = False
) -> tuple[list[T], str | None]:
    """Return the rows of a page and the address of the next one; None: it is the last.

    ``after`` is the key of the last row of the page before. Where rows are sorted by key it need not be there any more;
    where they are not, it must.
    """
    rows, after, limit = list(rows), query["after"], query.get("limit", PAGE)
    if after and sorted_by_key:
        rows = [row for row in rows if key(row) > after]
    elif after:
        keys = [key(row) for row in rows]
        if after not in keys:
            raise InputError([Problem("U066", "address: after", f"found {after[:60]!r}; no row of this list has it")])
        rows = rows[keys.index(after) + 1 :]
    if len(rows) <= limit:
        return rows, None
    shown = rows[:limit]
    given = request.args.to_dict() | {"after": key(shown[-1]), "limit": limit}
    return shown, url_for(request.endpoint or "", **{**given, **(request.view_args or {})})
