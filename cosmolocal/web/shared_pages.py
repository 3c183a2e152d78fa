"""Pages that are made once and shown to many: what a page needs to be shared, and how it is kept.

A view opts in with one decorator below its route::

    @bp.get("/plans/<plan_id>/load")
    @shared_page()
    def load(plan_id: str) -> str:
        view = load_plan(plan_id)
        return render_template("load/show.html", ...)

It is then made once for each address with its query, language and state of what it shows, `Workspace.state`: the files
of the region and the plan that ``plan_id`` in the address names, or all plans where it names none. What else a page
shows, such as answers of workshops, must be named: ``@shared_page(lambda: workspace().jobs_state())`` returns what
changes whenever that does; asked before and after the page is made.

Whenever a design is published all pages would be made again. One that shows no designs but those of its plan says
``@shared_page(own_designs=True)`` and stays as long as these do; what an address asks for by ``design`` may be any.

The head of a page with the name of who is signed in is put in at each request; it depends on the address, the language,
the person and the plan alone, and is kept by them. So such a page may not look at
who is signed in, nor at the session: to do so raises `PrivatePageError`, which a test of the page meets. A page that
shows different people different things says ``@shared_page(per_person=True)``: it may ask for `current_person`, and is
kept for each person, with their rights as they are, apart. ``csrf_field()`` may stand in any of them. A page that
depends on the clock, on a header or a cookie other than the language's, or that changes anything, cannot be shared.

A view may return a `Response` instead, such as JSON: it is kept with its type. Whoever is not signed in, and programs
that read such a response, get an ETag and 304 while nothing changed. Only what was answered with 200 is kept.
"""

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from cosmolocal.web.languages import choose_language
from cosmolocal.web.shared import HEAD, NEWEST, TOKEN, find_region, is_being_shared, workspace
from cosmolocal.web.sign_in import current_person
from cosmolocal.workflows.remembering import Memory
from cosmolocal.workflows.workspace import real_plans

#: [bytes] of the pages that are kept, and of their heads
ROOM = 64 << 20
HEADS_ROOM = 8 << 20
STORE = "private, no-cache"

P = ParamSpec("P")
Answer = str | Response


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that is kept."""

    body: bytes
    content_type: str
    #: whether the body holds forms that want a token
    asks_token: bool
    #: tells this body from all others
    tag: str
    #: of the region, and of the plan that the head's links lead to; None: it has no head
    region_name: str | None = None
    plan_id: str | None = None


def set_up(app: Flask) -> None:
    """Give the application its memory of pages, and templates the head."""
    app.extensions["shared_pages"] = Memory[Kept](ROOM, lambda kept: len(kept.body) + 1000)
    app.extensions["heads"] = Memory[str](HEADS_ROOM, lambda head: len(head) + 1000)
    app.jinja_env.globals.update(site_head=site_head)


def site_head() -> Markup:
    """Return the head of the page; in a page that is kept what stands for it."""
    if is_being_shared():
        return Markup(HEAD)
    region = find_region()
    head = _head(region.name if region else "", g.get("plan_id"))
    return Markup(head.replace(TOKEN, generate_csrf()) if TOKEN in head else head)


def _head(region_name: str, plan_id: str | None) -> str:
    """Return the head for this request, `TOKEN` in place of its form's token: to make it takes longer than all else."""
    values = {"region_name": region_name, "plan_id": plan_id, "person": current_person()}

    def make() -> str:
        before, g.sharing = g.get("sharing"), True
        try:
            return render_template("_head.html", **values)
        finally:
            g.sharing = before

    heads: Memory[str] = current_app.extensions["heads"]
    return heads.recall((_address(), request.method, *values.values()), make)


def shared_page(
    depends: Callable[[], Hashable] | None = None, *, per_person: bool = False, own_designs: bool = False
) -> Callable[[Callable[P, Answer]], Callable[P, Response]]:
    """Let a view's page be made once and shown to many; see above what it may depend on."""

    def decorate(view: Callable[P, Answer]) -> Callable[P, Response]:
        @wraps(view)
        def show(*args: P.args, **kwargs: P.kwargs) -> Response:
            def state() -> Hashable:
                return _state(kwargs.get("plan_id"), own_designs), depends() if depends else None

            # who it is for is asked first: a token or a session that is not good is refused as everywhere
            person = current_person()
            pages: Memory[Kept] = current_app.extensions["shared_pages"]
            before = state()
            family = (_address(), person if per_person else None)
            key = (*family, before)

            def make() -> Kept:
                kept = _make(lambda: view(*args, **kwargs), per_person)
                if state() != before:
                    raise _ChangedError(kept)
                return kept

            try:
                kept = pages.recall(key, make, family)
            except _ChangedError as changed:
                kept = changed.kept
            return _answer(kept, may_store=person is None or (not per_person and kept.region_name is None))

        return show

    return decorate


class _ChangedError(Exception):
    """What a page shows changed while it was made: it is shown this once, and not kept."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept


def _state(plan_id: Any, own_designs: bool) -> Hashable:
    shown = workspace()
    if plan_id == NEWEST:
        plans = real_plans(shown.plans())
        plan_id = plans[0].id if plans else None
    return shown.state(plan_id, of_its_designs=own_designs and "design" not in request.args)


def _address() -> Hashable:
    """Return all of a request that a shared page may depend on."""
    query = tuple(request.args.items(multi=True))
    return request.root_url, request.endpoint, request.path, query, choose_language()


def _make(view: Callable[[], Answer], per_person: bool) -> Kept:
    g.sharing, g.unseen = True, not per_person
    try:
        answer = view()
    finally:
        g.sharing = g.unseen = False
    if isinstance(answer, str):
        body, region = answer.encode(), g.get("region")
        asks = TOKEN.encode() in body
        return Kept(body, "text/html; charset=utf-8", asks, _tag(body), region.name if region else "", g.get("plan_id"))
    body = answer.get_data()
    return Kept(body, answer.content_type or "application/octet-stream", TOKEN.encode() in body, _tag(body))


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _answer(kept: Kept, *, may_store: bool) -> Response:
    """Put what is this request's own into a page."""
    body, head = kept.body, b""
    if kept.region_name is not None:
        text = _head(kept.region_name, kept.plan_id)
        asks_token = kept.asks_token or TOKEN in text
        head = text.encode()
        body = body.replace(HEAD.encode(), head, 1)
        if asks_token:
            body, may_store = body.replace(TOKEN.encode(), generate_csrf().encode()), False
    response = Response(body, content_type=kept.content_type)
    if may_store:
        response.headers["Cache-Control"] = STORE
        response.set_etag(_tag(kept.tag.encode() + head)[:32])
        response.make_conditional(request)
    return response
