"""Sends naughty strings into every field of every form, one at a time, and looks at what comes back."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from torture.full_region import FullRegion, send
from torture.pages import CSRF, Form, find_active, read_page, route_of

#: what makes forms right in which nothing is filled in yet, by route and, for all others, by name
RIGHT: dict[str, dict[str, str]] = {
    "POST /workshops/<workshop_id>/hours": {"from": "2026-09-14", "to": "2026-09-15", "do": "save"},
    "POST /orders/<book>/add": {
        "id": "NEW",
        "due_date": "2026-09-25",
        "quantity": "2",
        "design": "us~lamp",
        "place": "home",
        "do": "save",
    },
    "POST /orders/<book>/rows/<key>/": {"do": "save"},
    "POST /orders/new": {"name": "spring"},
    "POST /scenarios/new": {"name": "spring", "text": "scenario:\n  title: Spring\nedits: []\n"},
    "POST /scenarios/<scenario_id>/add/<kind>": {"percent": "150"},
    "POST /designs/<design_id>/<version>/take-down": {"typed": "us~lamp@1.0.0"},
    "POST /designs/<design_id>/owners": {"add": "bo"},
    "POST /people/invitations": {"name": "cleo", "roles": "maker"},
    "POST /account/password": {"present": "a quiet evening by the sea", "new": "a loud morning on the hill"},
    "POST /account/tokens": {"token_name": "laptop", "scopes": "read"},
    "POST /sign-in": {"name": "ada", "password": "a quiet evening by the sea"},
    "POST /first-run": {"name": "ann", "full_name": "Ann", "password": "a quiet evening by the sea"},
    "POST /invitation/<code>": {"name": "ann", "full_name": "Ann", "password": "a quiet evening by the sea"},
    "POST /places/": {"name": "New Place", "id": "new-place", "lat": "41.4", "lon": "2.17"},
    "POST /designs/<design_id>/<version>/report-make": {"date": "2026-09-01", "quantity": "1"},
    "POST /plans/<plan_id>/publish": {"confirmed": "closures.csv"},
    "POST /jobs/<job_id>/": {"step": "accept"},
    "POST /orders/<book>/upload": {
        "text": "id,design,quantity,place,due_date\nN,us~lamp,2,home,2026-09-25\n",
        "do": "take",
        "encoding": "pasted",
    },
}
COMMON = {"reason": "a good reason", "note": "a note", "text": "Some words?"}
#: what people do before they are signed in
BY_NOBODY = ("POST /sign-in", "POST /first-run", "POST /invitation/<code>")
#: status of who tries to sign in too often
TOO_MANY = 429
REDIRECTS = (302, 303)
_ANSWERED_BY_SCRIPT = "PUT /drafts/<draft_id>/files/<path:path>", "DELETE /drafts/<draft_id>/files/<path:path>"


@dataclass(slots=True)
class Fed:
    """What came of the strings."""

    requests: int = 0
    fields: int = 0
    #: requests by form and status
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: forms that took at least one string
    taken: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Fed") -> None:
        """Add what came of others."""
        self.requests += other.requests
        self.fields += other.fields
        self.answers.update(other.answers)
        self.taken.update(other.taken)
        self.wrong += [line for line in other.wrong if line not in self.wrong]

    def tell(self, line: str) -> None:
        """Note what is wrong, once."""
        if line not in self.wrong:
            self.wrong.append(line)


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Give a folder in memory, where the machine has such a place."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="torture-", dir=str(memory) if memory.is_dir() else gettempdir()) as folder:
        yield Path(folder)


def uncovered(app: Flask, forms: Iterable[str]) -> list[str]:
    """Return the routes that take something from a person and for which no form was met."""
    safe = {"GET", "HEAD", "OPTIONS"}
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - safe
        if not rule.rule.startswith("/api/")
    }
    return sorted(routes - set(forms) - set(_ANSWERED_BY_SCRIPT))


def find_forms(full: FullRegion) -> dict[str, Form]:
    """Return every form, with the fields that some have only on the page after them, such as a preview."""
    forms, client = full.crawl().forms, full.client()
    for route, form in [*forms.items()]:
        if form.method == "POST" and route not in BY_NOBODY:
            response = send(client, form, right_values(route, form))
            if response.mimetype == "text/html":
                address = form.action
                for one in read_page(address, response.get_data(as_text=True))[1]:
                    called = route_of(full.app, one.action, one.method)
                    if called == route and len(one.names) > len(forms[route].names):
                        forms[route] = one
            full.restore()
    return forms


def right_values(route: str, form: Form) -> dict[str, str]:
    """Return what makes a form right."""
    own = {name: text for name, text in COMMON.items() if name in form.names and not any(form.values.get(name, ()))}
    return own | RIGHT.get(route, {})


def feed_form(full: FullRegion, route: str, form: Form, strings: Sequence[str]) -> Fed:
    """Send each string in each field of a form, all others as they should be; after what is taken all is as before.

    What is shown afterwards is looked at with the string in all fields that took it, unless they are refused together.
    """
    fed, feeding = Fed(), _Feeding(full, route, form)
    names = _each_once(form.names)
    fed.fields += len(names)
    for text in strings:
        alone = names if len(names) == 1 else ()
        shown = alone or [name for name in names if feeding.send(fed, [name], text) in REDIRECTS]
        if len(shown) > 1 and feeding.show(fed, shown, text) in REDIRECTS:
            continue
        for name in shown:
            feeding.show(fed, [name], text)
    return fed


class _Feeding:
    """A form that is sent, each time by a browser that has done nothing else, to a region that is as before."""

    def __init__(self, full: FullRegion, route: str, form: Form) -> None:
        self.full, self.route, self.form = full, route, form
        self.said = right_values(route, form)
        self.client = self._open()

    def _open(self) -> FlaskClient:
        if self.route == "POST /first-run":
            return self.full.stranger()
        return self.full.client(signed_in=self.route not in BY_NOBODY)

    def send(self, fed: Fed, names: Sequence[str], text: str) -> int:
        """Send a string in some fields; return the status of the answer."""
        response = self._ask(fed, names, text)
        if self.form.method == "POST" and response.status_code < 400:
            fed.taken[self.route] += 1
            self._restore()
        return response.status_code

    def show(self, fed: Fed, names: Sequence[str], text: str) -> int:
        """Send a string in some fields and look at the page after it; return the status of the answer."""
        response = self._ask(fed, names, text)
        if response.status_code in REDIRECTS:
            page = self.client.get(response.location, buffered=True)
            _check(fed, f"after {self.route}: {', '.join(names)}={text[:60]!r}", page)
        if self.form.method == "POST" and response.status_code < 400:
            fed.taken[self.route] += 1
            self._restore()
        return response.status_code

    def _ask(self, fed: Fed, names: Sequence[str], text: str) -> TestResponse:
        said = {**self.said, **dict.fromkeys(names, text)}
        response = send(self.client, self.form, said)
        if response.status_code == TOO_MANY:
            self._restore()
            response = send(self.client, self.form, said)
        fed.requests += 1
        fed.answers[self.route, response.status_code] += 1
        _check(fed, f"{self.route}: {', '.join(names)}={text[:60]!r}", response)
        return response

    def _restore(self) -> None:
        self.full.restore()
        self.client = self._open()  # signing in or out, or a new password, ends the session of the one before


def _each_once(names: Iterable[str]) -> list[str]:
    """Return the names of fields; of rows that are numbered, those of the first row."""
    return list({re.sub(r"\d+", "0", name): name for name in reversed(list(names))}.values())


def _check(fed: Fed, place: str, response: TestResponse) -> None:
    """Note a fault of the server, and what runs in a page."""
    if response.status_code >= 500 and response.status_code != 507:
        fed.tell(f"{place}: status {response.status_code}")
    if response.mimetype == "text/html":
        for active in find_active(response.get_data(as_text=True)):
            fed.tell(f"{place}: the page holds {active}")


def feed_addresses(full: FullRegion, strings: Sequence[str]) -> Fed:
    """Put each string into each variable part of each address of the pages, and send it by every method."""
    fed, client = Fed(), full.client()
    page = client.get("/orders/new").get_data(as_text=True)
    token = next(form for form in read_page("/orders/new", page)[1] if form.method == "POST").values[CSRF][0]
    for rule in full.app.url_map.iter_rules():
        if rule.rule.startswith(("/api", "/static")):
            continue
        for name in sorted(rule.arguments):
            fed.fields += 1
            for text in strings:
                path = _address(rule.rule, {**full.values, name: text})
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    response = client.open(
                        path, method=method, data={CSRF: token} if method != "GET" else None, buffered=True
                    )
                    fed.requests += 1
                    fed.answers[f"{method} {rule.rule}", response.status_code] += 1
                    _check(fed, f"{method} {rule.rule}: {name}={text[:60]!r}", response)
                    if method != "GET" and response.status_code < 400:
                        full.restore()
    return fed


def _address(rule: str, values: dict[str, str]) -> str:
    """Return the address of a rule; a part that may hold slashes keeps them."""
    path = ""
    for piece in rule.replace(">", "<").split("<"):
        name = piece.rpartition(":")[2]
        is_name = name in values and (":" in piece or piece == name) and f"{piece}>" in rule
        path += (
            quote(values[name].encode("utf-8", "surrogatepass"), safe="/" if "path:" in piece else "")
            if is_name
            else piece
        )
    return path


def run_tasks(full: FullRegion, tasks: Sequence[Callable[[FullRegion], Fed]]) -> Fed:
    """Do the tasks, each on a copy of the region of its own, in as many processes as there are cores."""
    fed = Fed()
    context = get_context("fork")  # the region is handed on as it is, an application cannot be sent
    with ProcessPoolExecutor(os.cpu_count(), context, initializer=_SHARED.append, initargs=(full,)) as pool:
        for done in [pool.submit(_apart, task) for task in tasks]:
            fed.add(done.result())
    return fed


#: the region, in each process of its own
_SHARED: list[FullRegion] = []


def _apart(task: Callable[[FullRegion], Fed]) -> Fed:
    with memory_folder() as folder:
        return task(_SHARED[-1].copy(folder))


def form_tasks(full: FullRegion, strings: Sequence[str]) -> tuple[list[Callable[[FullRegion], Fed]], list[str]]:
    """Return what feeds each form, those with most fields first, and for which routes no form was met."""
    met = find_forms(full)
    forms = {route: form for route, form in met.items() if form.names}
    order = sorted(forms, key=lambda route: (-len(forms[route].names), route))
    tasks = [partial(feed_form, route=route, form=forms[route], strings=strings) for route in order]
    missing = [f"{route}: no form of it was met" for route in uncovered(full.app, met)]
    return [*tasks], missing
