"""Plans that outlive the program: the best so far lies in a file, and whoever comes after a crash stores it.

The file lies beside the database under a lock that ends with its process, so that plans of the living are left alone.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from cosmolocal.database import open_database
from cosmolocal.database import planning_runs as rows
from cosmolocal.errors import InputError
from cosmolocal.exports.plan_file import plan_from_bytes, plan_to_bytes
from cosmolocal.planning.solvers.solution import Watch
from cosmolocal.records import Order, Plan, RunInfo, from_plain, to_plain
from cosmolocal.workflows.planning import Planned, audit_records
from cosmolocal.workflows.rewriting import replace_file
from cosmolocal.workflows.workspace import Workspace

FOLDER = "kept"
log = logging.getLogger(__name__)


@contextmanager
def outliving(workspace: Workspace, watch: Watch, run: int = 0) -> Iterator[None]:
    """Keep the best plan so far in a file until the run ends, however it does; ``run``: of the web, 0: of none."""
    folder = workspace.database_path.parent / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    place, started_at = folder / f"{run}-{token_hex(8)}.json", datetime.now(UTC).isoformat(timespec="seconds")
    lock = _make_lock(place.with_suffix(".lock"))

    def take(plan: Plan, orders: tuple[Order, ...]) -> None:
        try:
            if not audit_records(plan, workspace.region(), orders).problems:
                info = RunInfo(started_at, round(watch.seconds(), 2))
                replace_file(place, _write(run, plan, orders, info))
        except (OSError, InputError):  # what is kept is a courtesy: the run itself goes on
            log.exception("the best plan so far cannot be kept")

    watch.on_plan = take
    try:
        yield
    finally:
        watch.on_plan = None
        _drop(place)
        os.close(lock)


def _make_lock(path: Path) -> int:
    """Make a file and lock it before anybody finds it: one that is not locked counts as left by a dead program."""
    unseen = path.with_name(f".{path.name}.staging")
    lock = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    unseen.rename(path)
    return lock


def _write(run: int, plan: Plan, orders: tuple[Order, ...], info: RunInfo) -> bytes:
    known = tuple(replace(order.without_contact()) for order in orders)
    document = {"run": run, "info": to_plain(info), "orders": to_plain(known), "plan": plan_to_bytes(plan).decode()}
    return json.dumps(document, ensure_ascii=False).encode()


def _drop(place: Path) -> None:
    with suppress(OSError):
        place.unlink(missing_ok=True)
        place.with_suffix(".lock").unlink(missing_ok=True)


def store_interrupted(workspace: Workspace, now: str) -> tuple[str, ...]:
    """Store the plans that programs left which are gone; return their ids. Their runs of the web have ended so."""
    folder = workspace.database_path.parent / FOLDER
    if not folder.is_dir():
        return ()
    return tuple(plan for lock in sorted(folder.glob("*.lock")) for plan in _store(workspace, lock, now))


def _store(workspace: Workspace, lock: Path, now: str) -> Iterator[str]:
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock.exists():
            yield from _save(workspace, lock.with_suffix(".json"), now)
            _drop(lock.with_suffix(".json"))
    except BlockingIOError:
        return  # its program lives
    finally:
        os.close(descriptor)


def _save(workspace: Workspace, place: Path, now: str) -> Iterator[str]:
    run, plan = int(place.stem.partition("-")[0]), ""
    with suppress(FileNotFoundError):
        kept = json.loads(place.read_bytes())
        planned = plan_from_bytes(kept["plan"].encode(), place.name)
        orders = from_plain(tuple[Order, ...], kept["orders"])
        report = audit_records(planned, workspace.region(), orders)
        workspace.save(Planned(planned, orders, from_plain(RunInfo, kept["info"]), report), workspace.region())
        plan = planned.id
        yield plan
    if run:
        db = open_database(workspace.database_path)
        try:
            rows.end_interrupted(db, run, now, plan)
        finally:
            db.close()
