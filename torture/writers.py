"""Many processes write one region at once through the workflows, as many people at many servers would.

Each person does one thing after the other, and notes each acknowledgement and how long it took. Afterwards the region
must hold exactly what was acknowledged: no order, answer, question, wish or closure more, none fewer.
"""

import json
import os
import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cosmolocal.collecting import keep_survivors
from cosmolocal.database import open_database
from cosmolocal.errors import InputError
from cosmolocal.records import Answer, Closure, Person, Role, Step
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.closures import list_closures, remove_closure, set_closure
from cosmolocal.workflows.design_questions import answer_question, ask_question
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.order_books import open_book
from cosmolocal.workflows.order_changes import add_order, change_order, remove_order
from cosmolocal.workflows.wishing import add_wish, withdraw_wish
from torture.busy_region import DESIGN, NOW, make_busy_region, order_cells

#: order books, and jobs, that all writers share
BOOKS = 5
JOBS = 10
#: [units] made so far, as a workshop may say again and again
MADE = Answer(Step.PART, quantity=1)
EVERYBODY = frozenset({Role.ADMINISTRATOR, Role.MAKER})


@dataclass(slots=True)
class Writer:
    """Somebody who writes, and all that was acknowledged to them."""

    number: int
    workspace: Workspace
    chance: random.Random
    #: units by book and order
    orders: dict[tuple[str, str], int] = field(default_factory=dict)
    #: by job
    answers: Counter[str] = field(default_factory=Counter)
    asked: list[int] = field(default_factory=list)
    #: lines that were added to threads
    said: int = 0
    wishes: list[int] = field(default_factory=list)
    #: how often a wish was acknowledged
    wished: int = 0
    closure: Closure | None = None
    #: how often something was done so far, which makes names
    done: int = 0

    @property
    def person(self) -> Person:
        """Return who writes."""
        return Person(f"writer-{self.number}", f"Writer {self.number}", EVERYBODY)

    @property
    def book(self) -> str:
        """Return one of the order books."""
        return f"book-{self.chance.randrange(BOOKS)}"


Act = Callable[[Writer], None]


def _add_order(writer: Writer) -> None:
    book, name, units = writer.book, f"W{writer.number}-{writer.done}", writer.chance.randint(1, 9)
    add_order(writer.workspace, writer.person, book, "", order_cells(name, units))
    writer.orders[book, name] = units


def _change_order(writer: Writer) -> None:
    if not writer.orders:
        return _add_order(writer)
    (book, name), units = writer.chance.choice(sorted(writer.orders)), writer.chance.randint(10, 99)
    change_order(writer.workspace, writer.person, book, "", name, {"quantity": str(units)})
    writer.orders[book, name] = units
    return None


def _remove_order(writer: Writer) -> None:
    if not writer.orders:
        return _add_order(writer)
    book, name = writer.chance.choice(sorted(writer.orders))
    remove_order(writer.workspace, writer.person, book, "", name, "no longer needed")
    del writer.orders[book, name]
    return None


def _answer_job(writer: Writer) -> None:
    """Answer a job that others answer too: who was too late looks again, and answers what is there then."""
    bench = Bench(writer.workspace, lambda: NOW)
    jobs = sorted(status.job.id for status in bench.jobs(writer.person))
    job = jobs[writer.number % min(JOBS, len(jobs))]
    answer = Answer(MADE.step, quantity=MADE.quantity, note=f"{writer.number}-{writer.done}")
    while True:
        try:
            bench.answer(writer.person, job, answer, bench.job(writer.person, job).version)
        except InputError as error:
            if [problem.code for problem in error.problems] != ["J003"]:
                raise
        else:
            break
    writer.answers[job] += 1


def _ask(writer: Writer) -> None:
    text = f"Question {writer.done} of {writer.number}?"
    writer.asked.append(ask_question(writer.workspace, writer.person, f"{DESIGN}@1.0.0", text).id)


def _say(writer: Writer) -> None:
    if not writer.asked:
        return _ask(writer)
    answer_question(writer.workspace, writer.person, writer.chance.choice(writer.asked), "It does.")
    writer.said += 1
    return None


def _wish(writer: Writer) -> None:
    workspace = writer.workspace
    view = workspace.plan(workspace.plans()[0].id)
    order = view.orders[writer.number % len(view.orders)]
    values = {"kind": "avoid", "workshop": ("north", "south")[writer.number // len(view.orders) % 2]}
    writer.wishes.append(add_wish(workspace, writer.person, (view, order), values).id)
    writer.wished += 1


def _withdraw(writer: Writer) -> None:
    if not writer.wishes:
        return _wish(writer)
    withdraw_wish(writer.workspace, writer.person, writer.wishes[-1])
    writer.wishes.clear()
    return None


def _close(writer: Writer) -> None:
    """Close a workshop for a day, or open it again."""
    if writer.closure:
        remove_closure(writer.workspace, writer.person, writer.closure)
        writer.closure = None
        return
    day = date(2027, 1, 4) + timedelta(days=writer.number)
    closure = Closure("south", "", day, day, None, f"{writer.number}-{writer.done}")
    set_closure(writer.workspace, writer.person, closure)
    writer.closure = closure


#: what people do; those named twice are done twice as often
ACTS: Mapping[str, tuple[Act, int]] = {
    "add an order": (_add_order, 4),
    "change an order": (_change_order, 3),
    "remove an order": (_remove_order, 2),
    "answer a job": (_answer_job, 4),
    "ask": (_ask, 2),
    "answer a question": (_say, 2),
    "wish": (_wish, 2),
    "take a wish back": (_withdraw, 1),
    "close or open": (_close, 1),
}


@dataclass(frozen=True, slots=True)
class Written:
    """What came of many writers."""

    #: [s] each took, by what was done
    seconds: Mapping[str, tuple[float, ...]]
    #: what was wrong; empty: all as it must be
    wrong: tuple[str, ...]

    @property
    def every(self) -> tuple[float, ...]:
        """Return how long each took, whatever was done."""
        return tuple(one for each in self.seconds.values() for one in each)


def run_writers(writers: int, each: int, acts: Mapping[str, tuple[Act, int]] = ACTS, seed: int = 1) -> Written:
    """Let so many processes do so many things each, all at once, and compare the region with what they were told."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        place = Path(folder)
        workspace = make_busy_region(place / "region", max(JOBS, writers // 2), (f"book-{n}" for n in range(BOOKS)))
        _accept_all(workspace)
        told = _write(place, (writers, each), acts, seed)
        seconds: dict[str, list[float]] = {}
        for name, taken in (pair for one in told for pair in one["seconds"]):
            seconds.setdefault(name, []).append(taken)
        wrong = [*(fault for one in told for fault in one["faults"]), *find_differences(workspace, told)]
        wrong += [f"a writer ended without a word: {writers - len(told)}"] if len(told) < writers else []
        return Written({name: tuple(taken) for name, taken in seconds.items()}, tuple(wrong))


def _accept_all(workspace: Workspace) -> None:
    bench, person = Bench(workspace, lambda: NOW), Writer(0, workspace, random.Random()).person
    for status in bench.jobs(person):
        for number, step in enumerate((Step.ACCEPT, Step.START)):
            bench.answer(person, status.job.id, Answer(step), number)


def _write(
    place: Path, amount: tuple[int, int], acts: Mapping[str, tuple[Act, int]], seed: int
) -> list[dict[str, Any]]:
    """Return what each writer noted; all begin at the same moment, when the pipe is closed."""
    # each is a server, which begins so; else each would copy all that was loaded when its collector first looks at it
    keep_survivors()
    reader, starter = os.pipe()
    children = []
    for number in range(amount[0]):
        child = os.fork()
        if child == 0:
            os.close(starter)
            os.read(reader, 1)
            try:
                noted = _work(
                    Writer(number, Workspace(place / "region"), random.Random(f"{seed}-{number}")), amount[1], acts
                )
                (place / f"told-{number}.json").write_text(json.dumps(noted))
            finally:
                os._exit(0)
        children.append(child)
    os.close(starter)
    for child in children:
        os.waitpid(child, 0)
    os.close(reader)
    return [json.loads(path.read_text()) for path in sorted(place.glob("told-*.json"))]


def _work(writer: Writer, amount: int, acts: Mapping[str, tuple[Act, int]]) -> dict[str, Any]:
    names = [name for name, (_, weight) in acts.items() for _ in range(weight)]
    seconds, faults = [], []
    for _ in range(amount):
        name, begun = writer.chance.choice(names), time.monotonic()
        try:
            acts[name][0](writer)
        except Exception:  # whatever it is, somebody was shown it
            faults.append(f"{name}, writer {writer.number}: {traceback.format_exc(limit=-3)}")
        seconds.append((name, time.monotonic() - begun))
        writer.done += 1
    closure = writer.closure
    return {
        "seconds": seconds,
        "faults": faults,
        "orders": [(book, order, units) for (book, order), units in writer.orders.items()],
        "answers": dict(writer.answers),
        "asked": len(writer.asked),
        "said": writer.said,
        "wished": writer.wished,
        "wishes": writer.wishes[-1:],
        "closed": [closure.reason] if closure else [],
    }


def find_differences(workspace: Workspace, told: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield where the region does not hold exactly what was acknowledged."""
    told = list(told)
    books = (f"book-{number}" for number in range(BOOKS))
    orders = {(name, row.order.id): row.order.quantity for name in books for row in open_book(workspace, name).rows}
    with closing(open_database(workspace.database_path)) as db:
        answers = dict(db.execute("SELECT job, count(*) FROM job_events WHERE step = 'part' GROUP BY job").fetchall())
        sums = {
            "questions": "SELECT count(*) FROM design_questions",
            "lines of threads": "SELECT count(*) FROM design_answers",
            "wishes": "SELECT count(*) FROM wishes",
        }
        there: dict[str, Any] = {name: db.execute(sql).fetchone()[0] for name, sql in sums.items()}
        there["what SQLite finds"] = db.execute("PRAGMA integrity_check").fetchone()[0]
        held = {row[0] for row in db.execute("SELECT id FROM wishes WHERE withdrawn IS NULL").fetchall()}
    there |= {"orders": orders, "answers to jobs": answers, "wishes that hold": held}
    there["closures"] = {closure.reason for closure in list_closures(workspace)}
    expected: dict[str, Any] = {
        "questions": sum(one["asked"] for one in told),
        "lines of threads": sum(one["said"] for one in told),
        "wishes": sum(one["wished"] for one in told),
        "what SQLite finds": "ok",
        "orders": {(book, order): units for one in told for book, order, units in one["orders"]},
        "answers to jobs": dict(sum((Counter(one["answers"]) for one in told), Counter[str]())),
        "wishes that hold": {wish for one in told for wish in one["wishes"]},
        "closures": {reason for one in told for reason in one["closed"]},
    }
    for name, value in expected.items():
        if there[name] != value:
            yield f"{name}: acknowledged {_shown(value, there[name])}; there {_shown(there[name], value)}"


def _shown(value: Any, other: Any) -> str:
    """Return a value, of collections what the other one lacks."""
    if isinstance(value, dict):
        return f"{len(value)}, of them other than there {sorted(value.items() - other.items())[:5]}"
    return (
        f"{len(value)}, of them other than there {sorted(value - other)[:5]}" if isinstance(value, set) else str(value)
    )
