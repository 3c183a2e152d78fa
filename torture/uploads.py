"""The same upload sent several times at once over real HTTP, some of them cut off somewhere."""

import http.client
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cosmolocal.cli.listening import listen

SENDERS = 5
CUT = "cut"


@dataclass(slots=True)
class Uploads:
    """What came of many uploads."""

    #: by status, or `CUT`
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def served(app: Any) -> Iterator[int]:
    """Serve an application as `cosmolocal serve` does, on a free port of this machine."""
    server = listen(app, "127.0.0.1", 0, 8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(5)


def send_rounds(
    port: int, token: str, rounds: int, archive: Callable[[int], bytes], count_releases: Callable[[int], int]
) -> Uploads:
    """Send one archive five times at once in each round, and count the releases; then once more, to be sure of one."""
    found, chance = Uploads(), random.Random(5)
    with ThreadPoolExecutor(SENDERS) as pool:
        for number in range(rounds):
            body = archive(number)
            whole = chance.randint(0, SENDERS)
            ends = [None] * whole + [chance.randrange(len(body)) for _ in range(SENDERS - whole)]
            chance.shuffle(ends)
            answers = list(pool.map(lambda end, body=body: send(port, token, body, end), ends))
            found.answers.update(answers)
            bad = [answer for answer in answers if answer not in (CUT, "200", "201")]
            found.wrong += [f"round {number}: a whole upload was answered with {answer}" for answer in bad]
            _expect(found, number, count_releases(number), 1 if whole else 0)
            again = send(port, token, body, None)
            found.answers[again] += 1
            if again not in ("200", "201"):
                found.wrong.append(f"round {number}: sent again, it was answered with {again}")
            _expect(found, number, count_releases(number), 1)
    return found


def _expect(found: Uploads, number: int, there: int, expected: int) -> None:
    if there != expected:
        found.wrong.append(f"round {number}: {there} releases instead of {expected}")


def send(port: int, token: str, body: bytes, end: int | None) -> str:
    """Send an archive, or its beginning up to ``end`` and hang up; return the status, or `CUT`."""
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/zip", "Content-Length": str(len(body))}
    if end is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/api/v1/designs", body, head)
        status = str(connection.getresponse().status)
        connection.close()
        return status
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        line.sendall(f"POST /api/v1/designs HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode() + body[:end])
    return CUT
