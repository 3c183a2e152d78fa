"""Processes that change one region at once, each noting durably, outside of it, what was acknowledged to it."""

import json
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cosmolocal.database import jobs as job_rows
from cosmolocal.database import open_database, reading
from cosmolocal.designs.bundles import list_designs, read_history
from cosmolocal.errors import InputError
from cosmolocal.records import Answer, DeclineReason, JobState, Person, Role, Step
from cosmolocal.workflows import Workspace, publish_design
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.order_books import list_changes, open_book
from cosmolocal.workflows.order_changes import add_order, change_order
from cosmolocal.workflows.plan_publishing import publish_plan
from torture.lamp_region import write_lamp
from torture.region import CELLS, NOON, REGION, planned

#: something acknowledged: kind, and what it was about
Told = list[Any]
QUANTITY = "9"


def person(writer: int) -> Person:
    """Return who a writer is."""
    return Person(f"writer-{writer}", "Writer", frozenset({Role.ADMINISTRATOR, Role.PLANNER, Role.MAKER}))


def add(place: Path, writer: int, nth: int) -> Told:
    """Add an order, unless it is there: what a person does who got no answer the first time."""
    workspace, key = Workspace(place / REGION), f"W{writer}-{nth}"
    if key not in open_book(workspace, "book").row_by_key:
        add_order(workspace, person(writer), "book", "", {**CELLS, "id": key})
    return ["added", key]


def change(place: Path, writer: int, nth: int) -> Told:
    """Change the order that was added before."""
    key = f"W{writer}-{nth - 1}"
    change_order(Workspace(place / REGION), person(writer), "book", "", key, {"quantity": QUANTITY})
    return ["changed", key]


def publish(place: Path, writer: int, nth: int) -> Told:
    """Make one of two plans count."""
    plan = planned(place / REGION, nth // 4 % 2).plan
    publish_plan(Workspace(place / REGION), person(writer), plan.id, {"order book", "orders/book.csv", *plan.digests})
    return ["publication", plan.id]


def answer(place: Path, writer: int, nth: int) -> Told | None:
    """Answer a job; None: somebody was faster, or there is nothing to answer."""
    bench = Bench(Workspace(place / REGION), now=lambda: NOON)
    jobs = bench.jobs(person(writer))
    status = jobs[nth // 4 % len(jobs)]
    who = Person(f"writer-{writer}", "Writer", frozenset({Role.WORKSHOP}), status.job.workshop)
    if status.state is JobState.OFFERED:
        said = Answer(Step.ACCEPT) if nth % 8 else Answer(Step.DECLINE, DeclineReason.NO_TIME)
    else:
        said = Answer(Step.PROBLEM, note=f"{writer}-{nth}")
    try:
        now = bench.answer(who, status.job.id, said, status.version)
    except InputError:
        return None
    return ["answer", status.job.id, now.version, who.name]


def release(place: Path, writer: int, nth: int) -> Told:
    """Publish a version of a design of one's own."""
    bundle, version = place / "bundles" / f"{writer}-{nth}", f"1.{writer}.{nth}"
    if not bundle.exists():
        write_lamp(bundle, version)
    publish_design(place / REGION, bundle, f"us~lamp-{writer}", "", "ada")
    return ["release", f"us~lamp-{writer}", version]


Deeds = tuple[Callable[[Path, int, int], Told | None], ...]
#: done one after the other, round and round
DEEDS: Deeds = (add, change, publish, answer)


class Writers:
    """Processes that do deeds until they are ended; whoever takes the place of one goes on where it was."""

    def __init__(self, place: Path, count: int, deeds: Deeds = DEEDS) -> None:
        self.place, self.deeds = place, deeds
        self.processes = [self._start(number) for number in range(count)]

    def kill(self, number: int) -> None:
        """Kill one and let another take its place."""
        _end(self.processes[number])
        self.processes[number] = self._start(number)

    def end(self) -> None:
        """Kill all."""
        for process in self.processes:
            _end(process)

    def told(self) -> list[Told]:
        """Return what was acknowledged so far, a line that is not complete left out."""
        lines = [line for number in range(len(self.processes)) for line in _read(self.place, number)]
        return [one for one in lines if one is not None]

    def faults(self) -> list[str]:
        """Return what went wrong in a writer."""
        return [path.read_text() for path in sorted(self.place.glob("fault-*"))]

    def _start(self, number: int) -> int:
        parent, child = os.getpid(), os.fork()
        if child == 0:
            try:
                self._work(number, parent)
            except BaseException:  # a writer has no fault of its own; whatever it is, it is a finding
                (self.place / f"fault-{os.getpid()}").write_text(f"writer {number}: {traceback.format_exc()}")
            finally:
                os._exit(0)
        return child

    def _work(self, number: int, parent: int) -> None:
        """Do one deed after the other, each acknowledged by one more line, as long as the parent lives."""
        path = self.place / f"told-{number}"
        nth = len(_read(self.place, number))
        with path.open("ab", buffering=0) as file:
            file.truncate(sum(len(json.dumps(one)) + 1 for one in _read(self.place, number)))
            while os.getppid() == parent:
                told = self.deeds[nth % len(self.deeds)](self.place, number, nth)
                file.write(json.dumps(told).encode() + b"\n")
                os.fsync(file.fileno())
                nth += 1


@contextmanager
def writing_at_once(place: Path, count: int, deeds: Deeds = DEEDS) -> Iterator[Writers]:
    """Give writers that are at work, and end them."""
    writers = Writers(place, count, deeds)
    try:
        yield writers
    finally:
        writers.end()


def _read(place: Path, number: int) -> list[Any]:
    path = place / f"told-{number}"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def _end(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


#: the history of a book is shown as far as so many changes
SHOWN = 200


def find_lost(folder: Path, told: list[Told]) -> Iterator[str]:
    """Yield what was acknowledged and is not in a region, and what of it is there in part only."""
    workspace = Workspace(folder)
    db = open_database(workspace.database_path)
    try:
        with reading(db):
            publications = job_rows.list_publications(db)
            offered = [(job.id, plan) for job, plan, _ in job_rows.load_jobs(db)]
            events = job_rows.load_events(db, [job for job, _ in offered])
    finally:
        db.close()
    answers = {(job, event.number, event.person) for job, said in events.items() for event in said}
    plans = {one.plan for one in publications}
    for kind, *what in told:
        if kind == "publication" and what[0] not in plans:
            yield f"the plan {what[0]} was published and is not"
        elif kind == "answer" and tuple(what) not in answers:
            yield f"the answer no. {what[1]} of {what[2]} to the job {what[0]} is not there"
    current = [one.plan for one in publications if one.superseded_at is None]
    if publications and len(current) != 1:
        yield f"{len(current)} plans count at once"
    yield from (f"the plan {plan} counts and offers no jobs" for plan in current if plan not in dict(offered).values())
    yield from _lost_orders(workspace, told)
    yield from _lost_releases(folder / "designs", told)


def _lost_orders(workspace: Workspace, told: list[Told]) -> Iterator[str]:
    """Yield what a book or its history lacks; what nobody was told of is in both of them, or in neither."""
    book, changes = open_book(workspace, "book"), list_changes(workspace, "book")
    noted = {(one.kind, key) for one in changes for key in one.after}
    acknowledged = {(kind, what[0]) for kind, *what in told if kind in ("added", "changed")}
    for kind, key in sorted(acknowledged):
        if key not in book.row_by_key:
            yield f"the order {key} was {kind} and is not there"
        elif kind == "changed" and book.find(key).cells["quantity"] != QUANTITY:
            yield f"the order {key} was changed and is as it was"
    if len(changes) < SHOWN:
        there = {("added", key) for key in book.row_by_key if key.startswith("W")}
        yield from (
            f"the history lacks that the order {key} was {kind}" for kind, key in (acknowledged | there) - noted
        )


def _lost_releases(root: Path, told: list[Told]) -> Iterator[str]:
    there = {(design, one.version) for design in list_designs(root) for one in read_history(root, design)}
    for kind, *what in told:
        if kind == "release" and tuple(what) not in there:
            yield f"{' '.join(what)} was published and is not there"
