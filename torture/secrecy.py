"""What must stay secret, and where it is looked for: logs, exports, pages, pages of errors, backups, files."""

import importlib.util
import io
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

from cosmolocal.database.probing import looking
from cosmolocal.records import Role, Scope
from cosmolocal.web import create_app, logs
from cosmolocal.workflows.keys import KEY, rotate_keys
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.workspace import DATABASE
from torture.refusals import NAME, PASSWORD, Ground, Tally
from torture.small_region import make_small_region

#: what some programs let in from the start
COMMON = (
    "admin",
    "administrator",
    "root",
    "cosmolocal",
    "test",
    "guest",
    "demo",
    "user",
    "password",
    "operator",
    "ada",
)
TYPED = "typed-and-never-told-4711"


@dataclass(slots=True)
class Secrets:
    """Everything secret in a region, by what it is."""

    by_kind: dict[str, str] = field(default_factory=dict)

    def find_in(self, content: bytes) -> list[str]:
        """Return what of it stands in some bytes."""
        return [kind for kind, secret in self.by_kind.items() if secret.encode() in content]


def use_region(ground: Ground) -> Secrets:
    """Let people use a region, and return every secret that came of it."""
    client = ground.client()
    people: People = ground.app.extensions["people"]()
    ada = people.find(OPERATOR, NAME)
    found = {
        "password": PASSWORD,
        "token": people.make_token(ada, "robot", Scope, 9),
        "invitation": people.invite(OPERATOR, [Role.VIEWER]),
    }
    people.close()
    with client.session_transaction() as session:
        found["session"] = session["session"]
    cookie = client.get_cookie("cosmolocal")
    found["cookie"] = cookie.value if cookie else ""
    with looking(ground.folder / DATABASE) as db:
        for table, column in (
            ("people", "password"),
            ("sessions", "digest"),
            ("tokens", "digest"),
            ("invitations", "digest"),
        ):
            for number, (value,) in enumerate(db.execute(f"SELECT {column} FROM {table}")):
                found[f"{table}.{column} {number}"] = value
    return Secrets(
        {kind: secret for kind, secret in found.items() if (secret and secret != PASSWORD) or kind == "password"}
    )


def look_for_defaults(folder: Path) -> Tally:
    """Try accounts that nobody made and keys that nobody chose."""
    tally = Tally()
    keys = set()
    for number in range(3):
        place = folder / f"new-{number}"
        app = create_app(place)
        keys.add(bytes(app.secret_key or b""))  # type: ignore[arg-type]
        people = app.extensions["people"]()
        tally.tries += 1
        if people.list_all(OPERATOR):
            tally.wrong.append("a new region has an account")
        ground = Ground(app, place)
        for name in COMMON:
            tally.tries += 1
            client = app.test_client()
            form = {"name": name, "password": name, "csrf_token": ground.token(client)}
            if client.post("/sign-in", data=form).status_code == 303:
                tally.wrong.append(f"{name} may sign in to a new region")
        people.close()
    if len(keys) != 3 or min(map(len, keys)) < 32:
        tally.wrong.append("regions share a key, or have a short one")
    return tally


def look_at_modes(folder: Path) -> Tally:
    """Make keys and databases with a umask that allows everything: they are their owner's alone."""
    tally, before = Tally(), os.umask(0)
    try:
        app = create_app(folder)
        app.extensions["people"]().first_run_code()
        for path in (folder / "build" / KEY, folder / DATABASE):
            tally.tries += 1
            _check_mode(path, tally)
        rotate_keys(folder)
        tally.tries += 1
        _check_mode(folder / "build" / KEY, tally)
    finally:
        os.umask(before)
    return tally


def _check_mode(path: Path, tally: Tally) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        tally.wrong.append(f"{path.name} has the mode {mode:04o}")


def look_at_answers(ground: Ground, secrets: Secrets, every: int = 1) -> Tally:
    """Read every page and every export, as an administrator and as nobody; and the log that is written of it."""
    tally, stream = Tally(), io.StringIO()
    writer = logs.start_log("json", stream)
    try:
        for client in (ground.client(), ground.app.test_client()):
            for rule in ground.rules()[::every]:
                if "GET" not in (rule.methods or ()):
                    continue
                tally.tries += 1
                address = ground.address(rule)
                answer = client.get(address, query_string={"q": TYPED, "words": TYPED}, buffered=True)
                tally.wrong += [f"GET {rule.rule} tells {kind}" for kind in secrets.find_in(answer.get_data())]
        client, token = ground.client(), secrets.by_kind.get("token", "")
        for address in (f"/invitation/{token}", f"/calendars/{token}.ics", f"/first-run?code={token}", f"/{token}"):
            tally.tries += 1
            client.get(address, headers={"Referer": address, "User-Agent": token, "Authorization": f"Bearer {token}"})
        form = {"name": NAME, "password": PASSWORD, "csrf_token": ground.token(client), "address": TYPED}
        client.post("/sign-in", data=form)
        client.post("/orders/new", data=form)
    finally:
        logs.stop_log(writer)
    written = stream.getvalue().encode()
    tally.tries += written.count(b"\n")
    tally.wrong += [f"the log tells {kind}" for kind in secrets.find_in(written)]
    if TYPED.encode() in written:
        tally.wrong.append("the log tells what was typed")
    return tally


def look_at_error_pages(ground: Ground) -> Tally:
    """Break the program within a request: the page owns up to it and tells nothing of the inside."""
    tally = Tally()
    app = create_app(ground.folder, secret_key=b"of the errors")

    @app.get("/break")
    def break_down() -> str:
        raise ValueError(f"{TYPED} {ground.folder} {PASSWORD}")

    shown = app.test_client().get("/break")
    tally.tries += 1
    if shown.status_code != 500:
        tally.wrong.append(f"a fault is answered with {shown.status}")
    for inside in ("Traceback", "ValueError", str(ground.folder), PASSWORD, TYPED, ".py"):
        if inside in shown.text:
            tally.wrong.append(f"the page of a fault tells {inside!r}")
    return tally


def look_at_backups(ground: Ground, secrets: Secrets) -> Tally | None:
    """Read every byte of a backup; None: this version makes none."""
    if importlib.util.find_spec("cosmolocal.workflows.backups") is None:
        return None
    backups: Any = importlib.import_module("cosmolocal.workflows.backups")
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        for asked in (False, True):
            target = Path(place) / f"secrets-{asked}"
            backups.back_up(ground.folder, target, asked)
            told: set[str] = set()
            for path in _files(target):
                tally.tries += 1
                told.update(secrets.find_in(path.read_bytes()))
            if told and not asked:
                tally.wrong.append(f"a backup without secrets tells {sorted(told)}")
            if asked and not told:
                tally.wrong.append("a backup with secrets has none, so nothing was looked for")
            shutil.rmtree(target)
    return tally


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def make_ground(folder: Path, app: Flask | None = None) -> Ground:
    """Return the small region as ground for attacks."""
    made = app or make_small_region(folder).app
    return Ground(made, folder)
