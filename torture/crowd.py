"""A crowd of clients of one server, each in a thread: who reads, who uploads, and who behaves badly."""

import http.client
import io
import random
import socket
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from torture.lamp_region import MANIFEST
from torture.served import PATIENCE, Served

#: [s] between two bytes of somebody who trickles
TRICKLE = 0.5


@dataclass(slots=True)
class Seen:
    """What clients saw so far."""

    #: [s] by what was done
    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    #: answers that were faults of the server, and those that never came
    wrong: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, address: str, status: int, seconds: float) -> None:
        """Note an answer."""
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)
            self.statuses[status] += 1
            if status >= 500:
                self.wrong[f"{status} at {address}"] += 1

    def miss(self, address: str, error: Exception) -> None:
        """Note that no answer came."""
        with self.lock:
            self.wrong[f"no answer at {address}: {type(error).__name__}: {error}"] += 1


@dataclass(frozen=True, slots=True)
class Crowd:
    """What all clients share."""

    server: Served
    seen: Seen
    over: threading.Event
    #: addresses of pages
    pages: Sequence[str]
    token: str = ""

    def read(self, number: int, pauses: tuple[float, float]) -> None:
        """Open one page after the other over a connection that stays open, with pauses of so many seconds."""
        chance = random.Random(number)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        while not self.over.wait(chance.uniform(*pauses)):
            address, begun = chance.choice(self.pages), time.monotonic()
            try:
                connection.request("GET", address, headers={"Cookie": self.server.cookie})
                answer = connection.getresponse()
                answer.read()
                self.seen.note("read", address, answer.status, time.monotonic() - begun)
            except (OSError, http.client.HTTPException) as error:
                # a server may close a connection that was silent for long; whoever asks then asks again
                if time.monotonic() - begun > 1 or not isinstance(error, http.client.RemoteDisconnected):
                    self.seen.miss(address, error)
                connection.close()
        connection.close()

    def upload(self, number: int, pause: float) -> None:
        """Publish one version after the other of a design of one's own."""
        version = 0
        while not self.over.wait(pause):
            version += 1
            archive, begun = zip_bundle(number, version), time.monotonic()
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/zip"}
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
            try:
                connection.request("POST", "/api/v1/designs", archive, headers)
                answer = connection.getresponse()
                answer.read()
                self.seen.note("upload", "/api/v1/designs", answer.status, time.monotonic() - begun)
            except (OSError, http.client.HTTPException) as error:
                self.seen.miss("/api/v1/designs", error)
            connection.close()

    def trickle(self, _: int) -> None:
        """Send a request byte by byte, never to its end; begin again when the server has enough of it."""
        while not self.over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                while not self.over.wait(TRICKLE):
                    connection.sendall(b"x")

    def hang_up(self, number: int, pause: float) -> None:
        """Ask for a page, or begin an upload, and be gone before the answer comes."""
        chance = random.Random(number)
        while not self.over.wait(pause):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as connection:
                head = f"GET {chance.choice(self.pages)} HTTP/1.1\r\nHost: x\r\nCookie: {self.server.cookie}\r\n\r\n"
                if chance.randrange(2):
                    head = "POST /api/v1/designs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhalf of it"
                connection.sendall(head.encode())


def zip_bundle(number: int, version: int) -> bytes:
    """Return the archive of a version of a design."""
    archive = io.BytesIO()
    text = MANIFEST.format(version=f"1.0.{version}", minutes="20").replace('"Lamp"', f'"Lamp {number}"')
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("okh.toml", text)
        writer.writestr("plan.txt", f"{number} {version}\n" * 5_000)
    return archive.getvalue()


def let_loose(acts: Iterable[Callable[[], None]], over: threading.Event, seconds: float) -> None:
    """Let all act at once for so many seconds."""
    threads = [threading.Thread(target=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join(2 * PATIENCE)
