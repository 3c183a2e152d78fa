"""Measures the pages of a large region through the real server: python -m benchmarks.web.

A region of 10,000 orders and 500 workshops with 20 plans is made in ``--folder`` unless it is there already, its newest
plan published, and served as ``cosmolocal serve`` does. Rows: the start; every page, asked for one by one by somebody
who is signed in; all jobs after an answer to one; 50 readers at once, in a process of their own; the map in a browser
that draws in software, new and in its second visit; memory. Of a page ``ours`` is the
median when it is kept, ``made`` the median when it is not, its plan being known; ``cpu_ms`` and ``made_cpu_ms`` are the
time of the server's processor. Nothing is measured against others. Linux only.
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from playwright.sync_api import sync_playwright

from benchmarks.made_up import Size
from benchmarks.made_up_files import BOOK
from benchmarks.upload import NAME, PASSWORD, Browser
from benchmarks.web_region import SCENARIO, furnish, make_folder
from cosmolocal.records import Answer, Person, Role, Step
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.fronts import list_fronts
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.people import OPERATOR, people_of
from cosmolocal.workflows.plan_publishing import publish_plan

#: how often each page is asked for
TIMES = 20
READERS = 50
#: pages that readers of a plan read, signed in or not
READ_BY_MANY = (
    "plan", "newest plan", "plan, page 40", "plan, of a workshop", "plan, of a place, by cost", "plan, of words",
    "plan, of a week, late", "plan, by cost and prices", "plan, by load of a week", "plan, a lot chosen",
    "plan, worked on in a week", "what the map draws", "what the map draws, by prices", "difference of two plans",
    "load", "load, of a workshop", "timeline", "timeline, of a workshop", "worth",
    "not made here", "workshops", "a workshop", "an order", "an order not made here", "network", "network, of a place",
    "all plans",
)  # fmt: skip
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


class Server:
    """The pages of a region, served in a process of their own; ``seconds`` is what its start took."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "cosmolocal", "serve", "--region", str(folder), "--port", str(port)]
        began = time.perf_counter()
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        if self.process.stderr is None or "serving" not in self.process.stderr.readline():
            raise RuntimeError("the server did not start")
        # a pipe that nobody empties stops who writes into it
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.host, self.seconds = f"127.0.0.1:{port}", time.perf_counter() - began

    def memory_mib(self, name: str) -> int:
        """Return a figure of ``/proc``: VmRSS is what it holds now, VmHWM the most so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith(name))) // 1024

    def cpu_ms(self) -> float:
        """Return the processor time that it took so far: what else the machine does is no part of it."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return 1000 * (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()


def row(what: str, ours: float, **more: object) -> None:
    """Print a row."""
    print(json.dumps({"what": what, "ours": round(ours, 3), "theirs": None, "ratio": None, **more}), flush=True)


def rank(values: Sequence[float], part: float) -> float:
    """Return the value that so great a part of all does not exceed."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


class Reader:
    """One person, one connection."""

    def __init__(self, host: str, cookie: str = "") -> None:
        self._connection = http.client.HTTPConnection(host, timeout=60)
        self._headers = {"Cookie": cookie} if cookie else {}

    def time_ms(self, address: str) -> tuple[float, int]:
        """Return how long an address takes, and the bytes that come."""
        began = time.perf_counter()
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        size = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{address}: answered {answer.status}")
        return 1000 * (time.perf_counter() - began), size


def list_pages(folder: Path) -> dict[str, str]:
    """Return an address of every kind of page that can be read, by what it is."""
    return _plan_pages(folder) | _room_pages(folder)


def _plan_pages(folder: Path) -> dict[str, str]:
    workspace = Workspace(folder)
    plans = workspace.plans()
    region, plan = workspace.region(), workspace.plan(plans[0].id).plan
    made, unmet = plan.allocations[len(plan.allocations) // 2], plan.unmet[0]
    here = f"/plans/{plan.id}"
    return {
        "plan": f"{here}/",
        "newest plan": "/",
        "plan, page 40": f"{here}/?page=40",
        "plan, of a workshop": f"{here}/?workshop={made.workshop}",
        "plan, of a place, by cost": f"{here}/?place={region.places[3].id}&sort=-cost",
        "plan, of words": f"{here}/?q=simple",
        "plan, of a week, late": f"{here}/?week=2&sort=late",
        "plan, by cost and prices": f"{here}/?measure=cost&spots=price",
        "plan, by load of a week": f"{here}/?spots=load&week=2",
        "plan, a lot chosen": f"{here}/?chosen=lot:{made.lot}",
        "plan, worked on in a week": f"{here}/?workshop={made.workshop}&made_week={made.week}",
        "what the map draws": f"{here}/map.json",
        "what the map draws, by prices": f"{here}/map.json?spots=price&measure=late",
        "load": f"{here}/load",
        "load, of a workshop": f"{here}/load?workshop={made.workshop}",
        "load, all on one page": f"{here}/load?show=all",
        "timeline": f"{here}/timeline",
        "timeline, of words": f"{here}/timeline?q=simple",
        "timeline, of a workshop": f"{here}/timeline?workshop={made.workshop}",
        "worth": f"{here}/worth",
        "worth, by name": f"{here}/worth?sort=name",
        "what is missing": f"{here}/gaps",
        "next workshops": f"{here}/siting",
        "what moved": f"/plans/{plans[1].id}/changes",
        "plans to choose from": "/plans/front/",
        "plans of a front": f"/plans/front/{list_fronts(workspace)[0][1].id}",
        "scenarios": "/scenarios/",
        "a new scenario": "/scenarios/new",
        "a scenario": f"/scenarios/{SCENARIO}/",
        "an edit of a scenario": f"/scenarios/{SCENARIO}/add/demand",
        "a scenario as text": f"/scenarios/{SCENARIO}/edit",
        "plans side by side": f"/scenarios/compare?plan={plans[-1].id}&plan={plan.id}",
        "the road": "/road/",
        "open page": "/open/",
        "open page, neighbourhoods as a file": "/open/neighbourhoods.csv",
        "difference of two plans": f"/plans/{plans[-1].id}/difference/{plan.id}/",
        "places": "/places/",
        "not made here": f"{here}/unmet",
        "workshops": f"{here}/workshops/",
        "a workshop": f"{here}/workshops/{made.workshop}",
        "an order": f"{here}/orders/{made.order}",
        "an order not made here": f"{here}/orders/{unmet.order}",
        "network": f"{here}/network",
        "network, of a place": f"{here}/network?place={made.workshop}",
        "network, without a plan": "/network/",
        "publishing a plan": f"{here}/publish",
        "all plans": "/plans/",
        "a plan as a file": f"{here}/plan.csv",
    }


def _room_pages(folder: Path) -> dict[str, str]:
    workspace = Workspace(folder)
    region, made = workspace.region(), workspace.plan(workspace.plans()[0].id).plan.allocations[0]
    design_id, _, version = made.design.partition("@")
    design, book = f"/designs/{design_id}", f"/orders/{Path(BOOK).stem}"
    job = Bench(workspace).statuses()[0].job
    return {
        "jobs": "/jobs/",
        "jobs, page 40": "/jobs/?page=40",
        "jobs, of a workshop and a state": f"/jobs/?workshop={job.workshop}&state=offered",
        "jobs for programs": f"/jobs/jobs.json?workshop={job.workshop}",
        "a job": f"/jobs/{job.id}/",
        "a job's sheet": f"/jobs/{job.id}/sheet",
        "hours of a workshop": f"/workshops/{job.workshop}/hours",
        "calendar of a workshop": f"/workshops/{job.workshop}/calendar",
        "runs": "/runs/",
        "a new run": "/runs/new",
        "a run": "/runs/1",
        "a run as it goes on": "/runs/1/progress",
        "steering": "/wishes/",
        "order books": "/orders/",
        "a new order book": "/orders/new",
        "an order book": f"{book}/",
        "an order book, of words": f"{book}/?q=simple",
        "history of an order book": f"{book}/history",
        "uploading orders": f"{book}/upload",
        "a new order": f"{book}/add",
        "changing an order": f"{book}/rows/{made.order}/",
        "removing an order": f"{book}/rows/{made.order}/remove",
        "bringing in workshops": "/workshops/import",
        "designs": "/designs/",
        "designs, near a place": f"/designs/?near={region.places[3].id}&within=5",
        "a design": f"{design}/",
        "a version": f"{design}/{version}/",
        "a file of a version": f"{design}/{version}/preview/okh.toml",
        "confirming a version": f"{design}/{version}/confirm",
        "asking about a version": f"{design}/{version}/ask",
        "a question": "/questions/1/",
        "two versions compared": f"{design}/compare?from={version}&to={version}",
        "designs to confirm": "/designs/to-confirm",
        "publishing": "/designs/new",
        "own designs": "/my-designs/",
        "drafts": "/drafts/",
        "account": "/account",
        "health": "/health",
    }


def measure_pages(server: Server, pages: dict[str, str], cookie: str) -> None:
    """Ask for each page again and again: first so that none is kept, then the same."""
    reader = Reader(server.host, cookie)
    for what, address in pages.items():
        mark = "&" if "?" in address else "?"
        first, _ = reader.time_ms(address)
        clock = [server.cpu_ms()]
        made = [reader.time_ms(f"{address}{mark}nothing={number}")[0] for number in range(TIMES)]
        clock.append(server.cpu_ms())
        kept, sizes = zip(*(reader.time_ms(address) for _ in range(TIMES)), strict=True)
        clock.append(server.cpu_ms())
        figures = {"p95": rank(kept, 0.95), "made": median(made), "made_p95": rank(made, 0.95), "first": first}
        figures |= {"cpu_ms": (clock[2] - clock[1]) / TIMES, "made_cpu_ms": (clock[1] - clock[0]) / TIMES}
        row(f"{what}, ms", median(kept), **{name: round(value, 1) for name, value in figures.items()}, bytes=sizes[0])


def measure_answers(server: Server, folder: Path, cookie: str) -> None:
    """Ask for all jobs each time after somebody answered one of them."""
    reader, bench, times = Reader(server.host, cookie), Bench(Workspace(folder)), []
    clock = server.cpu_ms()
    for status in [status for status in bench.statuses() if not status.events][:TIMES]:
        bench.answer(OPERATOR, status.job.id, Answer(step=Step.ACCEPT), status.version)
        times.append(reader.time_ms("/jobs/")[0])
    cpu_ms = (server.cpu_ms() - clock) / len(times)
    row("jobs, after an answer, ms", median(times), p95=round(rank(times, 0.95), 1), cpu_ms=round(cpu_ms, 1))


def read_at_once(host: str, addresses: list[str], cookie: str, seconds: float) -> tuple[list[float], int]:
    """Return what each request of 50 readers took [ms], and how many failed; every other reader is signed in."""

    async def read(number: int, until: float) -> None:
        dice = random.Random(number)
        name, _, port = host.partition(":")
        reader, writer = await asyncio.open_connection(name, int(port), limit=1 << 22)
        head = f"Host: {host}\r\n" + (f"Cookie: {cookie}\r\n" if number % 2 and cookie else "")
        while time.perf_counter() < until:
            began = time.perf_counter()
            writer.write(f"GET {dice.choice(addresses)} HTTP/1.1\r\n{head}\r\n".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            lower = answer.lower()
            start = lower.index(b"content-length:") + 15
            await reader.readexactly(int(lower[start : lower.index(b"\r", start)]))
            times.append(1000 * (time.perf_counter() - began))
            if not answer.startswith(b"HTTP/1.1 200"):
                faults.append(answer)
        writer.close()

    async def read_all() -> None:
        until = time.perf_counter() + seconds
        found = await asyncio.gather(*(read(number, until) for number in range(READERS)), return_exceptions=True)
        faults.extend(str(one).encode() for one in found if isinstance(one, BaseException))

    times: list[float] = []
    faults: list[bytes] = []
    asyncio.run(read_all())
    return times, len(faults)


def measure_readers(server: Server, pages: dict[str, str], cookie: str, seconds: float) -> None:
    """Let 50 readers read at once, each one page after the other."""
    addresses = list(pages.values())
    with multiprocessing.get_context("spawn").Pool(1) as others:
        # as many seconds before, so that each page is kept
        others.apply(read_at_once, (server.host, addresses, cookie, seconds))
        began = server.cpu_ms()
        times, faults = others.apply(read_at_once, (server.host, addresses, cookie, seconds))
        cpu_ms = (server.cpu_ms() - began) / len(times)
    figures = {"p50_ms": median(times), "p99_ms": rank(times, 0.99), "slowest_ms": max(times), "cpu_ms": cpu_ms}
    rounded = {name: round(value, 1) for name, value in figures.items()}
    row("50 readers at once, requests/s", len(times) / seconds, **rounded, errors=faults, addresses=len(addresses))


def _rank_as_ours(browser_folder: str) -> None:
    """Let the browser be as urgent as we are: it starts a session, and Linux ranks sessions apart from each other.

    Without this the ``nice`` that the benchmark is started with does not reach it.
    """
    ours = re.search(r"nice (-?\d+)", Path("/proc/self/autogroup").read_text("ascii"))
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if ours and browser_folder in (process / "cmdline").read_text("utf-8", "replace"):
                (process / "autogroup").write_text(ours[1])


def measure_map(server: Server, address: str) -> None:
    """Open the page of a plan in new browsers until its map can be used, and once more in each."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    seconds: tuple[list[float], list[float]] = [], []
    with sync_playwright() as playwright:
        for _ in range(5):
            with TemporaryDirectory() as folder:
                browser = playwright.chromium.launch_persistent_context(
                    folder, executable_path=chromium, args=FLAGS, viewport={"width": 1400, "height": 900}
                )
                _rank_as_ours(folder)
                page = browser.new_page()
                for visits in seconds:
                    began = time.perf_counter()
                    page.goto(f"http://{server.host}{address}", wait_until="commit")
                    page.wait_for_selector("#map[data-ready]", timeout=60_000)
                    visits.append(time.perf_counter() - began)
                browser.close()
    for what, visits in zip(("first visit", "second visit"), seconds, strict=True):
        row(f"map can be used, {what}, s", median(visits), slowest=round(max(visits), 2))


def measure(folder: Path, seconds: float, *, with_map: bool) -> None:
    """Print all rows."""
    publish_plan(Workspace(folder), OPERATOR, Workspace(folder).plans()[0].id)
    furnish(folder)
    pages = list_pages(folder)
    people = people_of(folder)
    if NAME not in {person.name for person in people.list_all(OPERATOR)}:
        people.add(OPERATOR, Person(NAME, "Ada", frozenset({Role.MAKER, Role.PLANNER})), PASSWORD)
    people.close()
    server = Server(folder)
    try:
        row("start of the server, s", server.seconds)
        row("first page after it, s", Reader(server.host).time_ms("/")[0] / 1000)
        others = [Reader(server.host).time_ms(f"/plans/{plan.id}/")[0] for plan in Workspace(folder).plans()[1:4]]
        row("a plan shown for the first time, s", median(others) / 1000)
        cookie = Browser(SimpleNamespace(host=server.host)).cookie  # type: ignore[arg-type]
        measure_pages(server, pages, cookie)
        measure_answers(server, folder, cookie)
        measure_readers(server, {what: pages[what] for what in READ_BY_MANY}, cookie, seconds)
        if with_map:
            measure_map(server, pages["plan"])
        row("memory of the server, MiB", server.memory_mib("VmRSS"))
        for plan in Workspace(folder).plans():
            Reader(server.host).time_ms(f"/plans/{plan.id}/")
        row("peak memory of the server, all plans shown, MiB", server.memory_mib("VmHWM"))
    finally:
        server.close()


def main() -> None:
    """Make the region and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--workshops", type=int, default=500)
    parser.add_argument("--places", type=int, default=300)
    parser.add_argument("--plans", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10, help="how long the readers read")
    parser.add_argument("--folder", type=Path, help="made unless it is there, and kept; a temporary one unless named")
    parser.add_argument("--no-map", action="store_true", help="leave the browser out")
    given = parser.parse_args()
    with TemporaryDirectory(dir=".") as temporary:
        folder = given.folder or Path(temporary) / "region"
        if not folder.exists():
            make_folder(folder, Size(given.orders, given.workshops, given.places), given.plans)
        measure(folder, given.seconds, with_map=not given.no_map)


if __name__ == "__main__":
    main()
