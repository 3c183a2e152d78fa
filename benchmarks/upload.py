"""Sends large uploads to a running server and measures its memory: python -m benchmarks.upload.

Two rows for each way in: what 500 MB add to the server's highest memory, and that memory itself (``ours``, MiB);
nothing is measured against others (``theirs``). Linux only: the memory is read from ``/proc``.
"""

import argparse
import http.client
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import urlencode

from cosmolocal.designs.bundles import create_root
from cosmolocal.records import Person, Role, Scope
from cosmolocal.workflows.keys import read_secret_key
from cosmolocal.workflows.people import OPERATOR, people_of

NAME, PASSWORD = "ada", "a quiet evening by the sea"
BLOCK = 1 << 20
REGION = """region: {id: empty, name: Empty, attribution: made up}
settings: {start_date: 2026-09-07, weeks: 4}
network: {detour_factor: 1.3, modes: []}
"""
MANIFEST = """okhv = "OKH-LOSHv1.0"
name = "Large"
repo = "https://example.org/large"
version = "{version}"
license = "CERN-OHL-S-2.0"
licensor = "Ada"
function = "Takes much room."
"""


class Server:
    """A server in a process of its own, over an empty region."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "region.yaml").write_text(REGION)
        (folder / "workshops.yaml").write_text("workshops: []\n")
        (folder / "places.csv").write_text("id,name,kind,lat,lon\n")
        create_root(folder / "designs")
        people = people_of(folder)
        people.add(OPERATOR, Person(NAME, "Ada", frozenset({Role.MAKER})), PASSWORD)
        self.token = people.make_token(people.find(OPERATOR, NAME), "upload", frozenset(Scope), 1)
        people.close()
        read_secret_key(folder / "build")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "cosmolocal", "serve", "--region", str(folder), "--port", str(port)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        if self.process.stderr is None or "serving" not in self.process.stderr.readline():
            raise RuntimeError("the server did not start")
        self.host = f"127.0.0.1:{port}"

    def peak_mib(self) -> int:
        """Return the most memory the process has held so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()


class Browser:
    """Somebody who is signed in, as far as HTTP goes."""

    def __init__(self, server: Server) -> None:
        self.host, self.cookie = server.host, ""
        words = {"name": NAME, "password": PASSWORD, "csrf_token": self.find_token("/sign-in")}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.ask("POST", "/sign-in", urlencode(words).encode(), kind)
        self.token = self.find_token("/designs/new")

    def find_token(self, address: str) -> str:
        """Return the token of the forms on a page."""
        _, text, _ = self.ask("GET", address)
        return str(re.findall(r'name="csrf_token" value="([^"]+)"', text)[-1])

    def ask(
        self, method: str, address: str, body: bytes | Iterator[bytes] = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Return the status, the text and where an answer leads."""
        connection = http.client.HTTPConnection(self.host, timeout=600)
        connection.request(method, address, body, {"Cookie": self.cookie} | (headers or {}))
        answer = connection.getresponse()
        text, cookie = answer.read().decode(), answer.getheader("Set-Cookie") or ""
        if cookie.startswith("cosmolocal="):
            self.cookie = cookie.partition(";")[0]
        connection.close()
        return answer.status, text, answer.getheader("Location") or ""


def blocks(size: int) -> Iterator[bytes]:
    """Yield so many bytes that no archive makes smaller, a MiB at a time."""
    block = random.Random(1).randbytes(BLOCK)
    for _ in range(size // BLOCK):
        yield block


def send_file(server: Server, size: int) -> int:
    """Send one file as the script of the page does."""
    browser = Browser(server)
    kind, form = form_of({"csrf_token": browser.token})
    _, _, draft = browser.ask("POST", "/drafts/", form, kind)
    headers = {"X-CSRFToken": browser.token, "Content-Length": str(size), "Content-Type": "application/octet-stream"}
    return browser.ask("PUT", f"{draft}/files/model.bin", blocks(size), headers)[0]


def send_form(server: Server, size: int) -> int:
    """Send the form with a large file, as a browser without JavaScript does."""
    browser = Browser(server)
    kind, form = form_of({"csrf_token": browser.token, "name": "Large"})
    head = b'Content-Disposition: form-data; name="files"; filename="model.bin"\r\n\r\n'
    start, end = form.removesuffix(b"--\r\n") + b"\r\n" + head, b"\r\n--x--\r\n"
    length = {"Content-Length": str(len(start) + size + len(end))}
    return browser.ask("POST", "/drafts/", chain([start], blocks(size), [end]), kind | length)[0]


def form_of(fields: dict[str, str]) -> tuple[dict[str, str], bytes]:
    """Return the header and the body of a form in parts."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()]
    return {"Content-Type": "multipart/form-data; boundary=x"}, "\r\n".join([*parts, "--x--\r\n"]).encode()


def send_archive(server: Server, size: int) -> int:
    """Publish an archive through the API."""
    place = server.folder / "large.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("okh.toml", MANIFEST.format(version=f"1.0.{size}"))
        with archive.open(zipfile.ZipInfo("model.bin"), "w", force_zip64=False) as member:
            for block in blocks(size):
                member.write(block)
    connection = http.client.HTTPConnection(server.host, timeout=600)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/zip"}
    with place.open("rb") as body:
        connection.request("POST", "/api/v1/designs", body, headers | {"Content-Length": str(place.stat().st_size)})
    status = connection.getresponse().status
    connection.close()
    return status


WAYS = {
    "one file sent by the page": (send_file, 200),
    "form with a file": (send_form, 303),
    "archive published by the API": (send_archive, 201),
}


def measure(send: Callable[[Server, int], int], expected: int, size: int) -> tuple[int, int]:
    """Return the server's peak [MiB] after a small upload, which loads all the code that is needed, and after this."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        server = Server(Path(folder))
        try:
            peaks = []
            for bytes_sent in (BLOCK, size):
                if (status := send(server, bytes_sent)) != expected:
                    raise RuntimeError(f"{send.__name__}: answered {status} instead of {expected}")
                peaks.append(server.peak_mib())
        finally:
            server.close()
    return peaks[0], peaks[1]


def main() -> None:
    """Measure every way in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=500, help="size of the upload")
    size = parser.parse_args().mb * 1_000_000 // BLOCK * BLOCK
    for way, (send, expected) in WAYS.items():
        before, after = measure(send, expected, size)
        for what, mib in (("memory added by the upload", after - before), ("peak memory of the server", after)):
            row = {"what": f"{way}: {what} [MiB]", "ours": mib, "theirs": None, "ratio": None}
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
