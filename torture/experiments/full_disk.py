"""A disk that is full: reading goes on, what cannot be kept is refused in words, and all is well when there is room."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from cosmolocal.workflows.incoming import FULL
from torture.full_disk import empty, fill, small_disk
from torture.region import CELLS, look_at, verify_region
from torture.sections import Result, Section, amount, table
from torture.small_region import SmallRegion, make_small_region, zip_lamp

#: how often the disk is filled and emptied
ROUNDS = 20
READS = (
    *("/", "/plans/", "/orders/", "/orders/book/", "/orders/book/history", "/jobs/", "/my-designs/", "/network/"),
    *("/designs/", "/designs/us~lamp/1.0.0/", "/account", "/api/v1/plans", "/api/v1/designs", "/api/v1/books"),
    *("/api/v1/plans/newest", "/api/v1/books/book/orders"),
)
PASSWORD = "a quiet evening by the sea"
SENTENCE = "disk of the server is full"
#: noted beside other things
PASSING = ("sessions", "tokens", "tries", "kept_answers")


@dataclass(slots=True)
class Tally:
    """What came of the requests."""

    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def run_full_disk(share: float) -> Result:
    """Fill and empty a disk, and ask for all there is in between."""
    with small_disk() as disk:
        tally = torture_disk(disk, amount(ROUNDS, share))
    rows = [(when, what, status, count) for (when, what, status), count in sorted(tally.answers.items())]
    head = ("the disk", "requests", "status", "how many")
    return Result(f"{sum(tally.answers.values()):,} requests", tuple(tally.wrong), table(head, rows))


def torture_disk(disk: Path, rounds: int, spoil: Callable[[Flask], object] = lambda _: None) -> Tally:
    """Run some rounds in a region on the disk, and look at the region in the end; tests spoil the application."""
    small, tally = make_small_region(disk / "region"), Tally()
    spoil(small.app)
    small.app.config["WTF_CSRF_ENABLED"] = False
    client = small.app.test_client()
    client.post("/sign-in", data={"name": "ada", "password": PASSWORD, "next": "/"})
    for number in range(rounds):
        _expect(tally, "has room", _write(client, small, 2 * number), {201, 303})
        before = _state(disk / "region")
        fill(disk)
        _read(client, tally)
        _expect(tally, "is full", _write(client, small, 2 * number + 1), {507})
        tally.wrong += _refused_command(disk / "region") if number == 0 else []
        if _state(disk / "region") != before:
            tally.wrong.append(f"round {number}: something changed although it was refused")
        empty(disk)
        _expect(tally, "has room again", _write(client, small, 2 * number + 1), {201, 303})
    tally.wrong += verify_region(disk / "region")
    return tally


def _read(client: FlaskClient, tally: Tally) -> None:
    for address in READS:
        status = client.get(address).status_code
        tally.answers["is full", "read", status] += 1
        if status != 200:
            tally.wrong.append(f"GET {address} while the disk is full: {status}")


def _write(client: FlaskClient, small: SmallRegion, number: int) -> Iterator[tuple[str, int, str]]:
    """Yield what each way of writing was answered: name, status, text."""
    token = {"Authorization": f"Bearer {small.token}"}
    cells = {**CELLS, "id": f"N{number}"}
    asked: dict[str, Any] = {
        "page: add an order": lambda: client.post("/orders/book/add", data={**cells, "id": f"P{number}", "digest": ""}),
        "page: ask a question": lambda: client.post(
            "/designs/us~lamp/1.0.0/ask", data={"text": f"Which glue holds it, number {number}?"}
        ),
        "API: add an order": lambda: client.post("/api/v1/books/book/orders", json=cells, headers=token),
        "API: publish a version": lambda: client.post(
            "/api/v1/designs?id=us~lamp", data=zip_lamp(f"2.{number}.0"), headers=zip_headers(token)
        ),
    }
    for name, ask in asked.items():
        answer = ask()
        yield name, answer.status_code, answer.text


def zip_headers(token: dict[str, str]) -> dict[str, str]:
    """Return the headers of an archive that is sent to the API."""
    return {**token, "Content-Type": "application/zip"}


def _expect(tally: Tally, when: str, answers: Iterator[tuple[str, int, str]], allowed: set[int]) -> None:
    for name, status, text in answers:
        tally.answers[when, name, status] += 1
        if status not in allowed:
            tally.wrong.append(f"{name} while the disk {when}: {status} {text[:200]}")
        elif status == 507 and SENTENCE not in text:
            tally.wrong.append(f"{name} while the disk {when}: not told in words: {text[:200]}")


def _refused_command(folder: Path) -> list[str]:
    """Return what is wrong with how the command line tells that the disk is full."""
    book = folder.parent.parent / f"{folder.parent.name}-more.csv"
    book.write_text(",".join(CELLS) + "\n" + ",".join({**CELLS, "id": "CLI"}.values()) + "\n")
    commands = (["orders", "add", "book", str(book)], ["backup", str(folder.parent / "backup")])
    wrong = []
    for arguments in commands:
        command = [sys.executable, "-m", "cosmolocal", *arguments, "--region", str(folder), "--json"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        told = json.loads(ended.stdout or "{}").get("problems", [{}])
        if ended.returncode != 1 or FULL not in ended.stderr or told[0].get("message") != FULL:
            wrong.append(f"{' '.join(arguments[:2])}: exit code {ended.returncode}: {ended.stdout} {ended.stderr}")
    book.unlink()
    return wrong


def _state(folder: Path) -> dict[str, Any]:
    found = look_at(folder)
    return {"files": found["files"], "tables": {**found["tables"], **dict.fromkeys(PASSING, ())}}


SECTIONS = (
    Section(
        "full-disk",
        "a small disk filled to the last byte and emptied again under the web app, the API and the command line",
        "reading goes on, what is written is answered with 507 and a sentence, all works again when there is room",
        run_full_disk,
    ),
)
