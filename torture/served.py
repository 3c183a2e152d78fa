"""The sample region behind the real server, in a process of its own, with somebody who may do everything."""

import http.client
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from cosmolocal.records import Person, Role, Scope
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.people import OPERATOR, people_of
from cosmolocal.workflows.plan_publishing import publish_plan
from torture.busy_region import NOW, plan_and_save

#: the region that comes with the program
SAMPLE = Path(__file__).parent.parent
FILES = ("region.yaml", "workshops.yaml", "places.csv", "consumption.yaml", "investments.yaml", "road.yaml")
BOOK = "small"
NAME, PASSWORD = "ada", "a quiet evening by the sea"
#: [s] that an answer may take before the client gives up
PATIENCE = 60
#: [s] that the server is given to end
ENDING = 60
_LINK = re.compile(r'href="([^"#]+)')
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
#: what is no page to read: what ends the session, changes the language for all, or is meant for other programs
_PASSED_OVER = ("/sign-out", "/language", "/static", "/feeds", "/first-run", "/sign-in")


class Served:
    """A server of a region."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.cookie, self.said = "", list[str]()
        command = [sys.executable, "-m", "cosmolocal", "serve", "--region", str(folder), "--port", str(self.port)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        first = self.process.stderr.readline() if self.process.stderr else ""
        if "serving" not in first:
            raise RuntimeError(f"the server did not start: {first}")
        # nobody else empties the pipe, and a full one would stop the server
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        self.said += self.process.stderr or ()

    @property
    def rss_mib(self) -> float:
        """Return the memory that the process holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024

    def ask(self, address: str, body: str = "") -> tuple[int, str, str]:
        """Return status, text and kind of what is at an address; to somebody who is signed in after `sign_in`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": self.cookie} | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        connection.request("POST" if body else "GET", address, body or None, headers)
        answer = connection.getresponse()
        text, cookie = answer.read().decode("utf-8", "replace"), answer.getheader("Set-Cookie") or ""
        if cookie.startswith("cosmolocal="):
            self.cookie = cookie.partition(";")[0]
        connection.close()
        return answer.status, text, answer.getheader("Content-Type") or ""

    def sign_in(self) -> None:
        """Let all who share the cookie be somebody."""
        token = _TOKEN.findall(self.ask("/sign-in")[1])[-1]
        status, _, _ = self.ask("/sign-in", urlencode({"name": NAME, "password": PASSWORD, "csrf_token": token}))
        if status != 303:
            raise RuntimeError(f"nobody can sign in: {status}")

    def find_pages(self, most: int) -> list[str]:
        """Return the first pages that links lead to from the start, those that are not found left out."""
        found, waiting = list[str](), ["/", "/jobs/", "/plans/", "/orders/", "/workshops/", "/designs/", "/runs/"]
        known = set(waiting)
        while waiting and len(found) < most:
            address = waiting.pop(0)
            status, text, kind = self.ask(address)
            if status != 200 or not kind.startswith("text/html"):
                continue
            found.append(address)
            for link in _LINK.findall(text):
                parts = urlsplit(urljoin(address, link.replace("&amp;", "&")))
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                if not parts.netloc and path not in known and not path.startswith(_PASSED_OVER):
                    known.add(path)
                    waiting.append(path)
        return found

    def end(self) -> int:
        """Tell the server to end; return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def copy_sample(folder: Path, books: Iterable[str]) -> None:
    """Copy the sample region with some of its order books."""
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(SAMPLE / name, folder / name)
    shutil.copytree(SAMPLE / "designs", folder / "designs")
    (folder / "orders").mkdir()
    for book in books:
        shutil.copy(SAMPLE / book, folder / book)


def make_sample(folder: Path) -> str:
    """Copy the sample region, plan its small book, publish the plan, add an account; return a token of its owner."""
    copy_sample(folder, (f"orders/{BOOK}.csv",))
    workspace = Workspace(folder)
    publish_plan(workspace, OPERATOR, plan_and_save(workspace, BOOK), now=NOW)
    people = people_of(folder)
    ada = Person(NAME, "Ada", frozenset({Role.ADMINISTRATOR, Role.MAKER, Role.PLANNER}))
    people.add(OPERATOR, ada, PASSWORD)
    token = people.make_token(ada, "torture", Scope, 9)
    people.close()
    return token


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a region for a while; somebody is signed in."""
    server = Served(folder)
    try:
        server.sign_in()
        yield server
    finally:
        if server.process.poll() is None:
            server.end()
        if server.process.stderr:
            server.process.stderr.close()
