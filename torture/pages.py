"""Reads pages as a browser without JavaScript does: links, forms and their fields; and finds what none may hold.

No page of ours has a script in itself, a handler or a link that runs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

#: addresses of one route that are looked at
EACH = 3
CSRF = "csrf_token"
_NO_VALUE = frozenset({"submit", "button", "image", "reset"})
_TAG = re.compile(r"<[a-zA-Z][^>]*>")
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_HANDLER = re.compile(r"\s(?:on[a-z]+|srcdoc)\s*=", re.IGNORECASE)
_RUNS = re.compile(
    r"""\s(?:href|src|action|formaction|data|xlink:href)\s*=\s*["']?[\s\x00-\x1f]*(?:javascript|vbscript|data:text)\s*:""",
    re.IGNORECASE,
)
_FOREIGN = re.compile(r"<(?:iframe|object|embed|base|math|template|frame)\b", re.IGNORECASE)
_INLINE = re.compile(r"<script\b(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE)


@dataclass(slots=True)
class Field:
    """A field of a form, with what it holds when the page comes."""

    name: str
    kind: str
    value: str = ""
    is_set: bool = True


@dataclass(slots=True)
class Form:
    """A form of a page."""

    #: address of the page
    page: str
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the names of what can be said in it."""
        return list(dict.fromkeys(one.name for one in self.fields if one.name != CSRF))

    @property
    def values(self) -> dict[str, list[str]]:
        """Return what is sent when nothing is changed; files are left out."""
        found: dict[str, list[str]] = {}
        for one in self.fields:
            if one.is_set and one.kind not in ("file", *_NO_VALUE):
                found.setdefault(one.name, []).append(one.value)
        return found


class _Reader(HTMLParser):
    """Gathers links and forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.links, self.forms = page, list[str](), list[Form]()
        self.by_id: dict[str, Form] = {}
        self.form: Form | None = None
        self.select: Field | None = None
        self.has_option = False
        self.text: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.links.append(urldefrag(urljoin(self.page, said["href"]))[0])
        elif tag == "form":
            action = urldefrag(urljoin(self.page, said.get("action") or self.page))[0]
            self.form = Form(self.page, action, said.get("method", "get").upper())
            self.forms.append(self.form)
            self.by_id[said.get("id", "")] = self.form
        elif tag in ("input", "select", "textarea", "button") and (said.get("name") or tag == "select"):
            self._field(tag, said)
        elif tag == "option" and self.select is not None:
            if "selected" in said or not self.has_option:  # a browser takes the first unless told
                self.select.value = said.get("value", "")
            self.has_option = True

    def _field(self, tag: str, said: dict[str, str]) -> None:
        form = self.by_id.get(said["form"]) if "form" in said else self.form
        kind = said.get("type", "text") if tag == "input" else tag
        is_set = "checked" in said if kind in ("checkbox", "radio") else True
        default = "on" if kind == "checkbox" else ""
        found = Field(said.get("name", ""), kind, said.get("value", default), is_set and tag != "button")
        if form is not None and found.name:
            form.fields.append(found)
        if tag == "select":
            self.select, self.has_option = found, False
        elif tag == "textarea":
            self.text = found

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.text is not None:
            self.text.value = self.text.value.removeprefix("\n")
            self.text = None


@dataclass(slots=True)
class Crawl:
    """What was found by following links."""

    #: text of each page by its address
    pages: dict[str, str] = field(default_factory=dict)
    #: addresses of files, such as CSV
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    #: by method and route
    forms: dict[str, Form] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def read_page(address: str, html: str) -> tuple[list[str], list[Form]]:
    """Return links and forms of a page."""
    reader = _Reader(address)
    reader.feed(html)
    return reader.links, reader.forms


def route_of(app: Flask, address: str, method: str = "GET") -> str | None:
    """Return the route that answers at an address: ``"GET /plans/<plan_id>/"``; None: it is none of ours."""
    parts = urlsplit(address)
    if parts.scheme not in ("", "http") or parts.netloc not in ("", "localhost"):
        return None
    try:
        rule, _ = app.url_map.bind("localhost").match(parts.path, method, return_rule=True)
    except HTTPException:
        return None
    return f"{method} {rule.rule}"


def crawl(app: Flask, client: FlaskClient, starts: list[str]) -> Crawl:
    """Follow all links from some addresses; of a route only the first few addresses are looked at."""
    found, waiting, count = Crawl(), [*starts], dict[str, int]()
    met = set(waiting)
    while waiting:
        address = waiting.pop(0)
        route = route_of(app, address)
        if route is None or count.get(route, 0) >= EACH or "/static/" in route:
            continue
        count[route] = count.get(route, 0) + 1
        response = client.get(address, follow_redirects=True, buffered=True)
        if response.status_code >= 500:
            found.wrong.append(f"{route}: {response.status_code}")
        if response.mimetype != "text/html":
            found.files[address] = (response.mimetype or "", response.get_data())
            continue
        html = response.get_data(as_text=True)
        found.pages[address] = html
        links, forms = read_page(address, html)
        for form in forms:
            if (called := route_of(app, form.action, form.method)) is not None:
                known = found.forms.setdefault(called, form)
                if len(form.names) > len(known.names):
                    found.forms[called] = form
        fresh = [link for link in dict.fromkeys(links) if link not in met]
        met.update(fresh)
        waiting += fresh
    return found


def find_active(html: str) -> Iterator[str]:
    """Yield what in a page runs, or would if the policy of the page let it."""
    for found in _INLINE.finditer(html):
        yield html[found.start() : found.start() + 120]
    for found in _TAG.finditer(html):
        tag = found[0]
        if _HANDLER.search(_QUOTED.sub('=""', tag)) or _RUNS.search(tag) or _FOREIGN.match(tag):
            yield tag[:120]
