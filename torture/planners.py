"""Many planners plan and publish in one region at once, and are killed at moments nobody chose.

Each looks which plan counts, plans one of the order books or takes a plan that is stored, and publishes it over what
was seen; who was overtaken looks again the next time. At most one plan counts at any moment, it fits into the hours
that there are, its jobs are exactly those on offer, and each publication follows the one its planner saw.
"""

import json
import os
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from cosmolocal.database import find_plan_id, load_orders, load_plan, open_database
from cosmolocal.database import jobs as rows
from cosmolocal.errors import InputError
from cosmolocal.records import Person, Plan, Publication, Role
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.job_list import jobs_of
from cosmolocal.workflows.plan_publishing import find_publication, publish_plan
from torture.busy_region import HOURS, NOW, make_busy_region, plan_and_save, write_book

#: order books that want the same machines
BOOKS = 4
#: orders of a book, which fill more than half of the hours of a week
ORDERS = 12
#: of so many publications one is of a plan that is made anew
NEW_EVERY = 10
#: [s] longest time between two kills
PAUSE = 0.4

#: publishes a plan over the one that counted; returns what was acknowledged
Publish = Callable[[Workspace, Person, str, str], Publication]


def publish(workspace: Workspace, person: Person, plan: str, over: str) -> Publication:
    """Publish a plan as the pages do."""
    return publish_plan(workspace, person, plan, (), NOW, over)


@dataclass(frozen=True, slots=True)
class Published:
    """What came of many planners."""

    #: publications that were acknowledged, those refused because another came first, plans made, kills
    acknowledged: int
    refused: int
    planned: int
    kills: int
    #: publications that are there
    there: int
    #: what was wrong; empty: all as it must be
    wrong: tuple[str, ...]


def run_planners(planners: int, rounds: int, publish: Publish = publish, seed: int = 1) -> Published:
    """Let so many planners try to publish so often in all, and look at the region meanwhile and afterwards."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        place = Path(folder)
        workspace = make_busy_region(place / "region", ORDERS)
        for number in range(BOOKS):
            orders = (f"B{number}-{order}" for order in range(ORDERS))
            write_book(workspace.folder / f"orders/book-{number}.csv", orders, quantity=40)
            plan_and_save(workspace, f"book-{number}")
        wrong, kills = _watch(place, workspace, (planners, rounds), publish, random.Random(seed))
        told = [json.loads(line) for path in sorted(place.glob("told-*")) for line in path.read_text().splitlines()]
        wrong += [line["fault"] for line in told if line["kind"] == "fault"]
        with closing(open_database(workspace.database_path)) as db:
            there = rows.list_publications(db)
        acknowledged = [line for line in told if line["kind"] == "published"]
        wrong += [*find_overtaken(there, acknowledged), *_look(workspace)]
        counts = Counter(line["kind"] for line in told)
        return Published(
            counts["published"], counts["refused"], counts["planned"], kills, len(there), tuple(dict.fromkeys(wrong))
        )


def find_overtaken(there: Sequence[Publication], acknowledged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield which publications are lost, or follow another plan than their planner saw; ``there``: newest first.

    Each publication has a person of its own, so that it can be told from others of the same plan.
    """
    before = {one.published_by: earlier.plan for one, earlier in pairwise(there)}
    counting = [one.plan for one in there if one.superseded_at is None]
    if len(counting) != 1 or there[0].superseded_at is not None:
        yield f"{len(counting)} plans count"
    for line in acknowledged:
        if line["person"] not in before:
            yield f"plan {line['plan']} was published by {line['person']}, and that is lost"
        elif before[line["person"]] != line["over"]:
            found = before[line["person"]]
            yield f"plan {line['plan']} was published over {line['over']}, and stands over {found}, which nobody saw"


def find_oversold(plan: Plan) -> Iterator[str]:
    """Yield the machine groups of which a plan uses more than the hours there are in a week."""
    minutes: Counter[tuple[str, str, int]] = Counter()
    for row in plan.allocations:
        for task in row.tasks:
            minutes.update({(task.workshop, use.group, task.week): use.minutes for use in task.uses})
    for where, used in minutes.items():
        if used > HOURS * 60:
            yield f"plan {plan.id} uses {used} minutes of {where}; there are {HOURS * 60}"


def _look(workspace: Workspace) -> Iterator[str]:
    """Yield what a reader sees that must not be: all read in one transaction."""
    with closing(open_database(workspace.database_path)) as db:
        db.execute("BEGIN")
        published = rows.find_published(db)
        if published is None:
            yield "no plan counts"
            return
        plan = load_plan(db, find_plan_id(db, published.plan))
        wanted = {job.id for job in jobs_of(plan, load_orders(db, plan.id))}
        offered = {job.id for job, _, _ in rows.load_jobs(db, plan=plan.id)}
    yield from find_oversold(plan)
    if wanted != offered:
        yield f"plan {plan.id} has {len(wanted)} jobs; on offer are {len(offered)}, {len(wanted & offered)} of them its"


def _watch(
    place: Path, workspace: Workspace, amount: tuple[int, int], publish: Publish, chance: random.Random
) -> tuple[list[str], int]:
    """Kill planners and start others until enough was tried; return what a reader saw, and how many were killed."""
    planners, rounds = amount
    wrong: list[str] = []
    children = [_start(place, (number, 0), publish) for number in range(planners)]
    kills = 0
    try:
        while _count(place) < planners * rounds:
            time.sleep(chance.uniform(0, PAUSE))
            number = chance.randrange(planners)
            _end(children[number])
            kills += 1
            wrong += _look(workspace)
            children[number] = _start(place, (number, kills), publish)
    finally:
        for child in children:
            _end(child)
    return wrong, kills


def _count(place: Path) -> int:
    return sum(path.read_bytes().count(b'"tried"') for path in place.glob("told-*"))


def _start(place: Path, name: tuple[int, int], publish: Publish) -> int:
    parent, child = os.getpid(), os.fork()
    if child == 0:
        try:
            _plan(place, name, publish, parent)
        finally:
            os._exit(0)
    return child


def _end(child: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _plan(place: Path, name: tuple[int, int], publish: Publish, parent: int) -> None:
    """Plan and publish as long as the parent lives; each acknowledgement is a line."""
    workspace, chance, nth = Workspace(place / "region"), random.Random(str(name)), 0
    told = os.open(place / f"told-{name[0]}-{name[1]}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(kind: str, **what: Any) -> None:
        os.write(told, (json.dumps({"kind": kind} | what) + "\n").encode())

    while os.getppid() == parent:
        nth += 1
        person = Person(f"planner-{name[0]}-{name[1]}-{nth}", "Planner", frozenset({Role.PLANNER}))
        try:
            seen = find_publication(workspace)
            over = seen.plan if seen else ""
            if chance.randrange(NEW_EVERY) == 0:
                book = workspace.folder / f"orders/book-{chance.randrange(BOOKS)}.csv"
                plan = _plan_anew(workspace, book.stem, chance)
                note("planned")
            else:
                plan = chance.choice([one.id for one in workspace.plans() if one.id != over])
            done = publish(workspace, person, plan, over)
            if done.published_by == person.name:
                note("published", person=person.name, plan=plan, over=over)
        except InputError as error:
            if {problem.code for problem in error.problems} != {"J005"}:
                note("fault", fault=traceback.format_exc(limit=-3))
            note("refused")
        except Exception:  # whatever it is, somebody was shown it
            note("fault", fault=traceback.format_exc(limit=-3))
        note("tried")


def _plan_anew(workspace: Workspace, book: str, chance: random.Random) -> str:
    """Plan a book with a setting that makes another plan of it."""
    overrides = {"co2e_cents_per_kg": str(chance.randrange(200))}
    return plan_and_save(workspace, book, overrides=overrides)
