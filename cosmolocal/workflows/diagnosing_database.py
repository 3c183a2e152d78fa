"""What the doctor says of the database: is it whole, does it fit, and what in it wants somebody."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cosmolocal.database import probing
from cosmolocal.errors import InputError
from cosmolocal.workflows.design_search import compare_index
from cosmolocal.workflows.findings import Finding, note, right, wrong
from cosmolocal.workflows.running import LOST_AFTER
from cosmolocal.workflows.workspace import DATABASE

CODES = {
    "P177": "the database is damaged, or rows in it refer to what is not there",
    "P178": "the database was written by a newer version, or in a way that can lose what was acknowledged",
    "P179": "the index of the designs is not what the store says",
}
RESTORE = "put it back from a backup (cosmolocal restore), or move it away and plan again"
#: the first version of SQLite that knows strict tables
OLDEST_SQLITE = (3, 37)
_NEWEST_MOMENTS = (
    "SELECT max(asked_at) FROM planning_runs",
    "SELECT max(finished_at) FROM runs",
    "SELECT max(last_seen) FROM sessions",
)
_EXPIRED = "SELECT person, name, expires FROM tokens WHERE expires <= ? ORDER BY expires"
_OPEN_RUNS = "SELECT id, person FROM planning_runs WHERE state IN ('queued', 'running') AND heartbeat < ? ORDER BY id"


def look_at_database(folder: Path, now: datetime) -> Iterator[Finding]:
    """Yield what is to say of SQLite and of the region's database; one that cannot be read is not looked into."""
    yield _look_at_sqlite()
    path = folder / DATABASE
    if not path.exists():
        yield right("database", "none yet: cosmolocal plan makes it")
        return
    try:
        damage = probing.find_damage(path)
        if not damage:
            yield right("database", "ok")
            yield from _look_inside(folder, path, now)
            return
    except probing.DatabaseError as error:
        damage = [str(error)]
    yield wrong("P177", "database", "; ".join(damage), RESTORE)


def _look_at_sqlite() -> Finding:
    found = f"{probing.SQLITE_VERSION}, journal mode of a new database: truncate"
    if probing.SQLITE_VERSION_INFO >= OLDEST_SQLITE and probing.has_search():
        return right("SQLite", found)
    mend = "use a Python with SQLite 3.37 or newer that has FTS5 in it"
    return wrong("P178", "SQLite", probing.SQLITE_VERSION, mend)


def _look_inside(folder: Path, path: Path, now: datetime) -> Iterator[Finding]:
    yield from _look_at_references(path)
    missing, unknown = probing.find_migrations(path)
    if unknown:
        found = f"holds {', '.join(unknown)}, which this version does not know"
        yield wrong("P178", "migrations", found, "install the newer version of the program that wrote it")
        return
    if missing:
        yield note("migrations", f"waits for {', '.join(missing)}", "back up, then start the program: it does the rest")
        return
    yield right("migrations", "all there")
    yield _look_at_journal(path)
    yield _look_at_moments(path, now)
    yield _look_at_index(folder)
    yield _look_at_runs(path, now)
    yield _look_at_tokens(path, now)


def _look_at_references(path: Path) -> Iterator[Finding]:
    dangling = probing.find_dangling(path)
    if dangling:
        yield wrong("P177", "references", f"to rows that are not there: {', '.join(dangling)}", RESTORE)
    else:
        yield right("references", "every row finds what it refers to")


def _look_at_journal(path: Path) -> Finding:
    mode = probing.find_journal_mode(path)
    if mode != "wal":
        return right("journal", "what is acknowledged is on the disk (truncate, extra)")
    found = "the file is in WAL mode: another program set it"
    return wrong("P178", "journal", found, "end what else has it open; the next cosmolocal command sets it back")


def _look_at_moments(path: Path, now: datetime) -> Finding:
    told = (row[0] for sql in _NEWEST_MOMENTS for row in probing.ask(path, sql) if row[0])
    newest = max((datetime.fromisoformat(moment) for moment in told), default=now)
    if newest <= now + LOST_AFTER:
        return right("time of the database", "nothing in it is from the future")
    found = f"something in it is from {newest.isoformat(timespec='seconds')}, which has not come yet"
    return wrong("P172", "time of the database", found, "set the clock of this machine; it was ahead, or is behind")


def _look_at_index(folder: Path) -> Finding:
    mend = "cosmolocal designs reindex builds it anew from the store"
    if not (folder / "designs").exists():
        return right("index of designs", "no store of designs")
    try:
        waiting, differing = compare_index(folder)
    except (InputError, OSError):
        return right("index of designs", "not compared, for the store cannot be read")
    if differing:
        return wrong("P179", "index of designs", f"not what the store says of {', '.join(differing)}", mend)
    if waiting:
        return right("index of designs", f"designs that the next search takes in: {len(waiting)}")
    return right("index of designs", "as the store says")


def _look_at_runs(path: Path, now: datetime) -> Finding:
    since = (now - LOST_AFTER).strftime("%Y-%m-%dT%H:%M:%SZ")
    left = [f"{number} ({person})" for number, person in probing.ask(path, _OPEN_RUNS, since)]
    if not left:
        return right("runs", "none was interrupted")
    found = f"interrupted: {', '.join(left)}"
    return note("runs", found, "start cosmolocal serve and open the page Runs: it says so of each, and asks again")


def _look_at_tokens(path: Path, now: datetime) -> Finding:
    expired = probing.ask(path, _EXPIRED, now.isoformat(timespec="seconds"))
    if not expired:
        return right("tokens", "none has expired")
    found = "expired: " + ", ".join(f"{name} of {person} ({expires[:10]})" for person, name, expires in expired)
    return note("tokens", found, "their owners revoke them on the page Account, and make new ones where needed")
