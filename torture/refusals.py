"""What has to be refused: forms of other sites, fixed sessions, guessing, addresses to fetch, paths that lead out."""

import random
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from cosmolocal.errors import InputError
from cosmolocal.records import Person, Role
from cosmolocal.web.sign_in import SAFE_METHODS, SESSION, takes_tokens
from cosmolocal.workflows.drafts import Draft, create_draft
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.sessions import TRIES
from cosmolocal.workflows.workspace import DATABASE
from torture.small_region import KNOWN, NoHasher

SEED = 1
NAME, PASSWORD = "ada", "a quiet evening by the sea"
#: stands in files that no address may lead to
CANARY = "canary-" + "3b1f" * 8
#: what an address may be called by that a server is to be tricked into fetching
ADDRESSES = (
    *("http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://0.0.0.0:9/", "http://2130706433:9/"),
    *("http://0x7f.1:9/", "http://0177.0.0.1:9/", "http://127.1:9/", "http://[::ffff:127.0.0.1]:9/"),
    *(
        "http://169.254.169.254/latest/meta-data/",
        "http://example.org@127.0.0.1:9/",
        "http://127.0.0.1:9#.example.org/",
    ),
    *(
        "//127.0.0.1:9/x",
        "\\\\127.0.0.1\\share",
        "file:///etc/passwd",
        "gopher://127.0.0.1:9/_x",
        "ftp://127.0.0.1:9/x",
    ),
    *("data:text/html,x", "jar:http://127.0.0.1:9!/x", "http://127.0.0.1:9/%0d%0aX: y", "http://１２７.０.０.１:9/"),
)
#: names of fields of our forms and addresses that hold text
FIELDS = (
    *(
        "name",
        "full_name",
        "text",
        "note",
        "reason",
        "message",
        "address",
        "place",
        "q",
        "words",
        "near",
        "next",
        "url",
    ),
    *("repo", "manifest", "title", "description", "table", "file", "path", "book", "owners", "license", "question"),
    *("licensor", "function", "image", "readme", "origin", "contact", "search", "text_of", "lang", "design", "other"),
)


@dataclass(slots=True)
class Tally:
    """What was tried, and what was not refused."""

    tries: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ground:
    """An application that is attacked, and somebody in it who may do everything."""

    app: Flask
    folder: Path
    #: the draft that somebody works on; made anew when it was thrown away
    drafts: list[Draft] = field(default_factory=list)

    def client(self) -> FlaskClient:
        """Return a browser in which that person is signed in."""
        client = self.app.test_client()
        people: People = self.app.extensions["people"]()
        if NAME not in {person.name for person in people.list_all(OPERATOR)}:
            roles = frozenset(Role)
            people.add(OPERATOR, Person(NAME, "Ada", roles, "north"), PASSWORD)
        with client.session_transaction() as session:
            session[SESSION] = people.sign_in(NAME, PASSWORD)
        people.close()
        return client

    def token(self, client: FlaskClient, key: Any = None) -> str:
        """Return the CSRF token of a browser's session, signed with its key or with another."""
        with client.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        serializer = URLSafeTimedSerializer(key or self.app.secret_key or "", salt="wtf-csrf-token")
        return str(serializer.dumps(raw))

    def rules(self) -> list[Rule]:
        """Return the routes, by their rule."""
        return sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule)

    def draft_id(self) -> str:
        """Return the id of a draft of that person."""
        if not self.drafts or not self.drafts[-1].folder.is_dir():
            self.drafts.append(create_draft(self.folder, Person(NAME, "Ada", frozenset(Role))))
        return self.drafts[-1].id

    def address(self, rule: Rule, **values: Any) -> str:
        """Return an address of a route; what is not given is what there is in the small region."""
        known: dict[str, Any] = {"form": "geojson" if "geojson" in rule.rule else "json", "kind": "districts"}
        known |= {"change": "deactivate", "path": "okh.toml", "filename": "css/site.css", **KNOWN}
        if "draft_id" in rule.arguments and "draft_id" not in values:
            values["draft_id"] = self.draft_id()
        with self.app.test_request_context():
            asked = {
                name: values.get(name, known.get(name, 1 if name.endswith("_id") else "x")) for name in rule.arguments
            }
            for name in ("session_id", "invitation_id", "token_id"):
                if name in asked:
                    asked[name] = 999
            return self.app.url_for(rule.endpoint, **asked)


def forge_forms(ground: Ground, every: int = 1) -> Tally:
    """Send every form that changes something as another site would: without a token, or with one that is not right."""
    tally, client, other = Tally(), ground.client(), ground.app.test_client()
    forged = {
        "no token": "",
        "a made-up token": "made.up.token",
        "the token of another session": ground.token(other),
        "a token signed with another key": ground.token(client, b"another key"),
    }
    for rule in [rule for rule in ground.rules() if not takes_tokens(rule.endpoint.rpartition(".")[0])][::every]:
        for method in sorted((rule.methods or set()) - SAFE_METHODS):
            for what, token in forged.items():
                tally.tries += 1
                answer = client.open(ground.address(rule), method=method, data={"csrf_token": token}, buffered=True)
                if answer.status_code != 400:
                    tally.wrong.append(f"{method} {rule.rule} with {what}: {answer.status}")
    return tally


def fix_sessions(ground: Ground) -> Tally:
    """Sign in with cookies that somebody else knows: no secret from before counts afterwards."""
    tally = Tally()
    people: People = ground.app.extensions["people"]()
    ground.client()
    for planted in ("chosen by somebody else", people.sign_in(NAME, PASSWORD), ""):
        tally.tries += 1
        client = ground.app.test_client()
        with client.session_transaction() as session:
            session[SESSION], session["left"] = planted, "over"
        form = {"name": NAME, "password": PASSWORD, "csrf_token": ground.token(client)}
        client.post("/sign-in", data=form)
        with client.session_transaction() as session:
            now, left = session.get(SESSION), "left" in session
        if now == planted or now is None:
            tally.wrong.append(f"signing in keeps the session {planted[:8]!r}")
        if left:
            tally.wrong.append("signing in keeps what the cookie held")
        if planted and people.find_signed_in(planted) is not None:
            tally.wrong.append(f"the session from before is still worth something: {planted[:8]!r}")
    people.close()
    return tally


def guess_passwords(ground: Ground, minutes: int) -> Tally:
    """Guess the password of somebody, and of nobody: few guesses a minute are looked at, and all answers are alike."""
    tally, clock, hasher = Tally(), _Clock(), _CountingHasher()
    people = People(ground.folder / DATABASE, now=clock, hasher=hasher)
    ground.client()
    for name in (NAME, "nobody-here"):
        looked_at, told = 0, set[str]()
        for _ in range(minutes):
            for guess in range(20):
                tally.tries += 1
                before = hasher.checks
                told.add(_try_to_sign_in(people, name, f"guess {guess}"))
                looked_at += hasher.checks - before
            clock.now += timedelta(minutes=1, seconds=1)
        if looked_at > TRIES * minutes:
            tally.wrong.append(f"{looked_at} guesses at {name} were looked at within {minutes} minutes")
        if told != {"S001", "S002"}:
            tally.wrong.append(f"{name} is told {sorted(told)}")
    for _ in range(TRIES):
        _try_to_sign_in(people, NAME, "wrong")
    tally.tries += 1
    if _try_to_sign_in(people, NAME, PASSWORD) != "S002":
        tally.wrong.append("the right password is taken from somebody who guesses")
    people.close()
    return tally


def _try_to_sign_in(people: People, name: str, password: str) -> str:
    try:
        people.sign_in(name, password)
    except InputError as error:
        return error.problems[0].code
    return "signed in"


class _Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now


class _CountingHasher(NoHasher):
    def __init__(self) -> None:
        self.checks = 0

    def check(self, stored: str, password: str) -> bool:
        """Tell whether it is the one that is stored, and count."""
        self.checks += 1
        return super().check(stored, password)


_heard: list[str] = []
_listening: list[bool] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if (
        _listening
        and _listening[-1]
        and event in ("socket.connect", "socket.getaddrinfo", "urllib.Request", "ftplib.connect")
    ):
        _heard.append(f"{event} {arguments[-1] if event == 'socket.connect' else arguments[:2]}")


@contextmanager
def connections_heard() -> Iterator[list[str]]:
    """Give what this process reaches out to meanwhile, as Python itself tells it."""
    if not _listening:
        sys.addaudithook(_hear)
    _heard.clear()
    _listening.append(True)
    try:
        yield _heard
    finally:
        _listening[-1] = False


def tempt_to_fetch(ground: Ground, every: int = 1) -> Tally:
    """Write addresses into every field of every route: nothing is fetched, and nobody is led elsewhere."""
    tally, client = Tally(), ground.client()
    token = ground.token(client)
    rules = ground.rules()[::every]
    with connections_heard() as heard:
        for number, rule in enumerate(rules):
            # each route meets each trick over the rounds of all; two at a time keep it short
            for trick in (ADDRESSES[number % len(ADDRESSES)], ADDRESSES[(number * 7 + 3) % len(ADDRESSES)]):
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    tally.tries += 1
                    answer = _tempt(client, ground.address(rule), method, trick, token)
                    what = f"{method} {rule.rule} with {trick}"
                    if heard:
                        tally.wrong.append(f"{what}: {heard.pop()}")
                        heard.clear()
                    if _leads_away(answer):
                        tally.wrong.append(f"{what} leads to {answer.headers['Location']}")
                    if answer.status_code >= 500:
                        tally.wrong.append(f"{what}: {answer.status}")
    return tally


def _tempt(client: FlaskClient, address: str, method: str, trick: str, token: str) -> TestResponse:
    values = dict.fromkeys(FIELDS, trick)
    if method == "GET":
        return client.get(address, query_string=values, buffered=True)
    return client.open(address, method=method, data=values | {"csrf_token": token}, buffered=True)


def _leads_away(answer: TestResponse) -> bool:
    where = answer.headers.get("Location", "")
    return bool(where) and not where.startswith("http://localhost/") and (where[:1] != "/" or where[1:2] in ("/", "\\"))


TARGETS = ("canary.txt", "build/secret.key", "build/cosmolocal.db", "region.yaml", "etc/passwd")
#: ways to write "the folder above"
UPS = (
    *(
        "../",
        "..\\",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%2f",
        "..%5c",
        "%252e%252e%252f",
        "..%252f",
        "....//",
        "..;/",
        ".%00./",
    ),
    *("..%c0%af", "%c0%ae%c0%ae/", "．．／", "..%ef%bc%8f", "/../", "./../", "x/../../", "%2e./", "..%00/"),
)
ABSOLUTE = (
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "C:\\canary.txt",
    "C:%5ccanary.txt",
    "file:///etc/passwd",
    "~/canary.txt",
)


def paths_out(folder: Path) -> Iterator[str]:
    """Yield paths that try to lead out, each with its parts encoded in one way."""
    for target in TARGETS:
        for up in UPS:
            for depth in (1, 3, 6):
                yield up * depth + target
    yield from ABSOLUTE
    yield quote(str(folder / "canary.txt"), safe="")
    yield str(folder / "canary.txt")
    yield "canary.txt%00.toml"


def lead_out(ground: Ground, every: int = 1, only: str = "") -> Tally:
    """Put paths that lead out into every text of every address: nothing but what is meant is read or written.

    Of all paths each text meets each n-th, another set of them each; ``only`` routes that begin so are tried.
    """
    tally, client = Tally(), ground.client()
    _place_canaries(ground.folder)
    token = ground.token(client)
    before = _names_outside(ground.folder)
    tricks = list(paths_out(ground.folder))
    random.Random(SEED).shuffle(tricks)  # else each n-th is of one kind
    at = 0
    for rule in [rule for rule in ground.rules() if rule.rule.startswith(only)]:
        texts = [name for name in sorted(rule.arguments) if name not in ("form", "kind", "change")]
        for name in [one for one in texts if _takes_text(rule, one)]:
            for trick in tricks[at % every :: every]:
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS", "DELETE"}):
                    tally.tries += 1
                    address = ground.address(rule, **{name: "TRICK"}).replace("TRICK", trick)
                    answer = client.open(address, method=method, headers={"X-CSRFToken": token}, buffered=True)
                    tally.wrong += _read_too_much(f"{method} {rule.rule}: {name}={trick}", answer)
            at += 1
    for name in sorted(_names_outside(ground.folder) - before):
        tally.wrong.append(f"{name} was written")
    return tally


def _takes_text(rule: Rule, name: str) -> bool:
    return type(rule._converters[name]).__name__ in ("UnicodeConverter", "PathConverter")


def _place_canaries(folder: Path) -> None:
    for place in (folder, folder.parent, folder / "build", folder / "designs", folder / "orders"):
        (place / "canary.txt").write_text(CANARY)


def _names_outside(folder: Path) -> set[str]:
    """Return what stands outside the folders that requests may write to."""
    return {
        str(path.relative_to(folder.parent))
        for path in folder.parent.rglob("*")
        if "drafts" not in path.parts and not path.name.startswith(("cosmolocal.db", ".probe-"))
    }


def _read_too_much(what: str, answer: TestResponse) -> Iterator[str]:
    body = answer.get_data()
    if answer.status_code >= 500:
        yield f"{what}: {answer.status}"
    if CANARY.encode() in body or b"root:x:0:0" in body or b"SQLite format 3" in body:
        yield f"{what}: {answer.status} gives a file that is not meant"


def join(tallies: Iterable[Tally]) -> Tally:
    """Return all of them as one."""
    found = Tally()
    for tally in tallies:
        found.tries += tally.tries
        found.wrong += tally.wrong
    return found


Attack = Callable[[Ground], Tally]
