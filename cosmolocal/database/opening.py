"""Opening the database: safe settings, one writer at a time, migrations."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.resources import files
from pathlib import Path

from cosmolocal.database.library import AnyDatabase, Database, Migrations
from cosmolocal.database.queueing import queued
from cosmolocal.errors import BusyError, InputError, Problem

CODES = {
    "P080": "the database cannot be opened, or is no SQLite file",
    "P081": "the database was written by a newer version of this program",
}

#: [s] a writer waits for another one before it gives up
BUSY_SECONDS = 30

#: what the system calls what SQLite cannot do
_DISK_FAULTS = {
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_FULL: errno.ENOSPC,
}

migrations = Migrations("cosmolocal")

#: names of all migrations, oldest first
KNOWN = (
    "0001_plans",
    "0002_people",
    "0003_design_index",
    "0004_makes",
    "0005_changes",
    "0006_jobs",
    "0007_runs",
    "0009_api",
    "0010_order_changes",
    "0011_feeds",
    "0012_first_article",
    "0013_trips",
    "0014_fronts",
    "0015_scenarios",
)


@migrations(name=KNOWN[0])
def _create_tables(db: AnyDatabase) -> None:
    _run_script(db, "schema.sql")


@migrations(name=KNOWN[1])
def _create_people(db: AnyDatabase) -> None:
    _run_script(db, "people.sql")


@migrations(name=KNOWN[2])
def _create_design_index(db: AnyDatabase) -> None:
    db.table("orders").add_column("digest", str)
    _run_script(db, "design_index.sql")
    words = ("name", "function", "people", "contents")
    db.table("design_words").enable_fts(words, tokenize="unicode61 remove_diacritics 2", create_triggers=True)


@migrations(name=KNOWN[3])
def _create_makes(db: AnyDatabase) -> None:
    _run_script(db, "makes.sql")


@migrations(name=KNOWN[4])
def _add_changes(db: AnyDatabase) -> None:
    db.table("plans").add_column("changes", str)  # JSON: what it took over from a plan before; NULL: nothing


@migrations(name=KNOWN[5])
def _create_jobs(db: AnyDatabase) -> None:
    _run_script(db, "jobs.sql")


@migrations(name=KNOWN[6])
def _create_planning_runs(db: AnyDatabase) -> None:
    _run_script(db, "planning_runs.sql")


@migrations(name=KNOWN[7])
def _create_kept_answers(db: AnyDatabase) -> None:
    _run_script(db, "api.sql")


@migrations(name=KNOWN[8])
def _create_order_changes(db: AnyDatabase) -> None:
    _run_script(db, "order_changes.sql")


@migrations(name=KNOWN[9])
def _create_feeds(db: AnyDatabase) -> None:
    _run_script(db, "feeds.sql")


@migrations(name=KNOWN[10])
def _add_first_articles(db: AnyDatabase) -> None:
    yes_or_no = "INTEGER NOT NULL DEFAULT 0 CHECK ({0} IN (0, 1))"
    for table, column in (("orders", "first_article"), ("tasks", "first"), ("legs", "first")):
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {yes_or_no.format(column)}")


@migrations(name=KNOWN[11])
def _create_trips(db: AnyDatabase) -> None:
    db.execute("ALTER TABLE plans ADD COLUMN trips_cents INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE legs ADD COLUMN share_cents INTEGER NOT NULL DEFAULT 0")
    _run_script(db, "trips.sql")


@migrations(name=KNOWN[12])
def _create_fronts(db: AnyDatabase) -> None:
    db.table("plans").add_column("limits", str)  # JSON: aim and value of each limit that it keeps; NULL: none
    _run_script(db, "fronts.sql")


@migrations(name=KNOWN[13])
def _add_scenarios(db: AnyDatabase) -> None:
    db.execute("ALTER TABLE plans ADD COLUMN scenario TEXT NOT NULL DEFAULT ''")


def _run_script(db: AnyDatabase, name: str) -> None:
    db.executescript(files("cosmolocal.database").joinpath(name).read_text("utf-8"))


def open_database(path: Path) -> Database:
    """Open the database, make it or bring it up to date where needed.

    Raises
    ------
    InputError
        When the file is no database, or one that this version does not know.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)  # it holds the hashes of passwords
        db = Database(sqlite3.connect(path, timeout=BUSY_SECONDS))
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, OSError) and error.errno in _DISK_FAULTS.values():
            raise
        raise InputError([Problem("P080", str(path), f"cannot be opened: {error}")]) from None
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: Database, path: Path) -> None:
    try:
        # Not WAL: SQLite up to 3.51.2 may corrupt a WAL file with several writers, and WAL with synchronous=NORMAL
        # loses acknowledged rows when the power fails.
        db.execute("PRAGMA journal_mode = TRUNCATE")
        db.execute("PRAGMA synchronous = EXTRA")
        db.execute("PRAGMA foreign_keys = ON")
        applied = _find_applied(db)
        newer = [name for name in applied if name not in KNOWN]
        if newer:
            raise InputError([Problem("P081", str(path), f"holds {', '.join(newer)}; known are {', '.join(KNOWN)}")])
        if set(KNOWN) - set(applied):
            with writing(db):
                migrations.apply(db)
    except sqlite3.DatabaseError as error:
        raise InputError([Problem("P080", str(path), f"cannot be opened: {error}")]) from None


def _find_applied(db: Database) -> list[str]:
    """Return the names of the migrations that were applied, oldest first, in one look, for many requests open it."""
    sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid"
    try:
        return [name for (name,) in db.conn.execute(sql, [migrations.name])]
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return []


@contextmanager
def writing(db: Database, look: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the write lock from the first statement on, so that nothing read before a write can go stale.

    While others write, ``look`` is called now and then; what it raises ends the wait.

    Within a transaction it is a part of that one. A disk that is full or may not be written is no fault of the
    database: it raises `OSError`. Where others write all the while, it raises `BusyError`.
    """
    if db.conn.in_transaction:
        yield
        return
    [(_, _, path)] = db.execute("PRAGMA database_list").fetchall()
    with queued(Path(path), BUSY_SECONDS, look) if path else nullcontext():
        try:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.commit()
        except BaseException as error:
            db.rollback()
            if number := disk_fault(error):
                raise OSError(number, os.strerror(number), "database") from None
            if _is_busy(error):
                raise BusyError from None
            raise


def keep_so_far(db: Database) -> None:
    """Make durable what was written until now, and go on; the caller has the turn, so that nobody writes in between."""
    db.commit()
    db.execute("BEGIN IMMEDIATE")


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


@contextmanager
def reading(db: Database) -> Iterator[None]:
    """Let all that is read be of one moment, whatever others write meanwhile; within a transaction, of that one."""
    if db.conn.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()


def disk_fault(error: BaseException) -> int | None:
    """Return the error number of the disk that is behind an error of SQLite; None: it is another one."""
    code = error.sqlite_errorcode if isinstance(error, sqlite3.OperationalError) else 0
    return _DISK_FAULTS.get(code & 0xFF)  # what lies above tells more exactly what failed
