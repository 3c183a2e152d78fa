"""The operations on a region's database and files that are tortured: from a change of an order to a restored backup."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cosmolocal.database import open_database
from cosmolocal.database.library import Database
from cosmolocal.database.opening import KNOWN, migrations
from cosmolocal.designs.bundles import create_root, recover_root
from cosmolocal.designs.verify import verify_root
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.records import Answer, DeclineReason, Person, Role, Step
from cosmolocal.workflows import Planned, Workspace, plan_book, publish_design
from cosmolocal.workflows.backups import MANIFEST, WITHIN, back_up, restore
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.order_books import list_changes, list_names, open_book
from cosmolocal.workflows.order_changes import add_order, change_order, remove_order, start_book
from cosmolocal.workflows.plan_publishing import publish_plan
from cosmolocal.workflows.workspace import DATABASE
from torture.faults import Operation
from torture.lamp_region import write_lamp, write_region

ADA = Person("ada", "Ada Lovelace", frozenset({Role.ADMINISTRATOR, Role.PLANNER}))
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
CELLS = {"id": "NEW", "design": "us~lamp", "version": "*", "quantity": "2", "place": "home", "due_date": "2026-09-25"}
#: how far an old database had come
OLD = 3
REGION, BACKUP, RESTORED = "region", "backup", "restored"
#: what differs from one run to the next, or is looked at in another way
_VOLATILE = {"order_changes", "_sqlite_migrations", "sqlite_sequence"}
#: solving is not what is tortured
_PLANNED: dict[int, Planned] = {}


def operations() -> tuple[Operation, ...]:
    """Return each operation that changes a database, or a file that belongs to it."""
    acts: dict[str, tuple[Callable[[Path], None], Callable[[Path], None]]] = {
        "start a book": (prepare, partial(_unless_there, act=_start)),
        "add an order": (prepare, partial(_unless_there, act=_add)),
        "add an order after a stop": (_prepare_stopped, partial(_unless_there, act=_add)),
        "change an order": (prepare, partial(change, key="A", quantity="7")),
        "remove an order": (prepare, partial(_unless_there, act=_remove)),
        "store a plan": (partial(prepare, plans=0), save),
        "publish a plan": (prepare, publish),
        "publish the next plan": (_prepare_published, partial(publish, which=1)),
        "accept a job": (_prepare_published, partial(answer, step=Step.ACCEPT)),
        "decline a job": (_prepare_published, partial(answer, step=Step.DECLINE)),
        "migrate": (_prepare_old, migrate),
        "back up": (_prepare_published, _back_up),
        "restore": (_prepare_backup, _restore),
    }
    return tuple(Operation(name, make, act, look, recover, verify) for name, (make, act) in acts.items())


def planned(folder: Path, number: int = 0) -> Planned:
    """Return a plan of the region's order book, made once; each number has its own."""
    if number not in _PLANNED:
        workspace = Workspace(folder)
        inputs, book = workspace.read(folder / "orders/book.csv", {"distance_cents_per_km": str(number)})
        _PLANNED[number] = plan_book(inputs, book, SolveSettings(5.0), Watch())
    return _PLANNED[number]


def prepare(place: Path, plans: int = 2) -> None:
    """Make a region with a design, an order book and stored plans."""
    folder = place / REGION
    write_region(folder)
    create_root(folder / "designs")
    publish_design(folder, write_lamp(place / "lamp", "1.0.0"), None, "first version", "ada")
    shutil.rmtree(place / "lamp")
    open_database(folder / DATABASE).close()
    for number in range(2):
        planned(folder, number)
    for number in range(plans):
        save(place, number)


def save(place: Path, number: int = 0) -> None:
    """Store a plan, unless it is there: another run of the planner would be noted as one."""
    workspace = Workspace(place / REGION)
    new = planned(place / REGION, number)
    if all(plan.id != new.plan.id for plan in workspace.plans()):
        workspace.save(new, workspace.region())


def publish(place: Path, which: int = 0) -> None:
    """Make a stored plan count."""
    plan = planned(place / REGION, which).plan
    confirmed = ("order book", *plan.digests)
    publish_plan(Workspace(place / REGION), ADA, plan.id, confirmed, NOON)


def answer(place: Path, step: Step) -> None:
    """Answer the first job as its workshop does."""
    bench = Bench(Workspace(place / REGION), now=lambda: NOON)
    job = bench.jobs(ADA)[0]
    if job.version == 0:
        reason = DeclineReason.NO_MATERIAL if step is Step.DECLINE else None
        bench.answer(_maker(job.job.workshop), job.job.id, Answer(step, reason), 0)


def _maker(workshop: str) -> Person:
    return Person("mary", "Mary", frozenset({Role.WORKSHOP}), workshop)


def change(place: Path, key: str, quantity: str) -> None:
    """Change how much an order asks for."""
    change_order(Workspace(place / REGION), ADA, "book", "", key, {"quantity": quantity})


def _unless_there(place: Path, act: Callable[[Path], None]) -> None:
    """Do what a person does who got no answer the first time: what is done already is not done again."""
    workspace = Workspace(place / REGION)
    keys = open_book(workspace, "book").row_by_key.keys()
    done: dict[Callable[[Path], None], bool]
    done = {_start: "spring" in list_names(workspace.folder), _add: "NEW" in keys, _remove: "FAR" not in keys}
    if not done[act]:
        act(place)


def _start(place: Path) -> None:
    start_book(Workspace(place / REGION), ADA, "spring")


def _add(place: Path) -> None:
    add_order(Workspace(place / REGION), ADA, "book", "", CELLS)


def _remove(place: Path) -> None:
    remove_order(Workspace(place / REGION), ADA, "book", "", "FAR", "not wanted any more")


def _prepare_stopped(place: Path) -> None:
    """Make a region whose book somebody changed who was stopped before the database had the note."""
    prepare(place)
    before = (place / REGION / DATABASE).read_bytes()
    change(place, "A", "6")
    (place / REGION / DATABASE).write_bytes(before)


def _prepare_published(place: Path) -> None:
    prepare(place)
    publish(place)


def _prepare_old(place: Path) -> None:
    """Make a region whose database an earlier version wrote, with somebody in it."""
    write_region(place / REGION)
    create_root(place / REGION / "designs")
    path = place / REGION / DATABASE
    path.parent.mkdir()
    db = Database(sqlite3.connect(path))
    migrations.apply(db, stop_before=KNOWN[OLD])
    ada = {"name": "ada", "full_name": "Ada", "roles": "[]", "active": 1, "password": "x", "created": "2026-09-01"}
    db.table("people").insert(ada)
    db.close()


def migrate(place: Path) -> None:
    """Bring the database up to date, as whatever opens it does."""
    open_database(place / REGION / DATABASE).close()


def _back_up(place: Path) -> None:
    if not (place / BACKUP).exists():
        back_up(place / REGION, place / BACKUP)


def _prepare_backup(place: Path) -> None:
    _prepare_published(place)
    _back_up(place)


def _restore(place: Path) -> None:
    if not (place / RESTORED).exists():
        restore(place / BACKUP, place / RESTORED)


def look(place: Path) -> dict[str, Any]:
    """Return all that a reader can see: of the region, of its backup, of what was restored from that."""
    found: dict[str, Any] = {REGION: look_at(place / REGION)}
    if (place / BACKUP).exists():
        told = {line.split("  ")[1] for line in (place / BACKUP / MANIFEST).read_text().splitlines()}
        found[BACKUP] = (sorted(told), look_at(place / BACKUP / WITHIN))
    if (place / RESTORED).exists():
        found[RESTORED] = look_at(place / RESTORED)
    return found


def look_at(folder: Path) -> dict[str, Any]:
    """Return what the files of a region, its database and the history of its books say; times of notes left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.parts[len(folder.parts)] != "build")
    shown = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        tables = {name: _rows(db, name) for name in names if name not in _VOLATILE}
        applied = [name for (name,) in db.execute("SELECT name FROM _sqlite_migrations ORDER BY rowid")]
    history = {}
    if KNOWN[-1] in applied:
        for name in list_names(folder):
            changes = list_changes(Workspace(folder), name)
            history[name] = [(one.kind, one.person, one.digest, one.before, one.after) for one in changes]
    return {"files": shown, "tables": tables, "applied": applied, "history": history}


def _rows(db: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    return sorted(db.execute(f"SELECT * FROM [{table}]").fetchall(), key=repr)


def recover(place: Path) -> None:
    """Do what a server does when it starts."""
    for name in (REGION, RESTORED):
        if (place / name / "designs").exists():
            recover_root(place / name / "designs")


def verify(place: Path) -> list[str]:
    """Return what is wrong with the databases and stores of a folder, and what was left behind in it."""
    wrong = [f"left behind: {path.name}" for path in sorted(place.iterdir()) if path.name.startswith(".")]
    for folder in (place / REGION, place / BACKUP / WITHIN, place / RESTORED):
        if folder.exists():
            wrong += verify_region(folder)
    return wrong


def verify_region(folder: Path) -> list[str]:
    """Return what is wrong with a region's database, store and order books."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        told = [line for (line,) in db.execute("PRAGMA integrity_check") if line != "ok"]
        told += [f"{row} refers to nothing" for row in db.execute("PRAGMA foreign_key_check").fetchall()]
    wrong = [f"{folder.name}: database: {line}" for line in told]
    staging = folder / ".staging-designs"
    wrong += [
        f"{folder.name}: left in staging: {path.name}" for path in (staging.iterdir() if staging.exists() else ())
    ]
    for name in list_names(folder):
        book = open_book(Workspace(folder), name)
        wrong += [f"{folder.name}: {problem}" for problem in book.faults]
    return wrong + [f"{folder.name}: {error}" for error in verify_root(folder / "designs").errors]
