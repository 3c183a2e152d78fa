"""Looking at a database without changing or making it: can it be read and written, what is in it, what is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cosmolocal.database.opening import KNOWN, migrations

DatabaseError = sqlite3.Error
SQLITE_VERSION, SQLITE_VERSION_INFO = sqlite3.sqlite_version, sqlite3.sqlite_version_info
#: [s] somebody else may hold the database before it counts as busy
PATIENCE_SECONDS = 2.0
#: findings of one kind that are told
MOST_TOLD = 5


@contextmanager
def looking(path: Path, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    """Open a database that is there, as it is: no migration, nothing made; any fault raises `sqlite3.Error`."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)) as db:
        yield db


def probe_database(path: Path) -> str:
    """Return why a database cannot be read or written now; "": it can. One that somebody writes to is well."""
    try:
        with looking(path, "rw") as db:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            try:
                db.execute("BEGIN IMMEDIATE")
                db.execute("ROLLBACK")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
    except sqlite3.Error as error:
        return str(error)
    return ""


def count_runs(path: Path) -> dict[str, int]:
    """Return how many runs of the planner there are by state; none where that cannot be told."""
    try:
        with looking(path) as db:
            return dict(db.execute("SELECT state, count(*) FROM planning_runs GROUP BY state").fetchall())
    except sqlite3.Error:
        return {}


def find_damage(path: Path) -> list[str]:
    """Return what SQLite finds wrong in the whole of a file; an unreadable one raises `sqlite3.Error`."""
    with looking(path) as db:
        found = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({MOST_TOLD})")]
    return [] if found == ["ok"] else found


def find_dangling(path: Path) -> list[str]:
    """Return rows that refer to what is not there, as ``table → table: rows``."""
    with looking(path) as db:
        sql = 'SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2'
        return [f"{table} → {parent}: {count}" for table, parent, count in db.execute(sql)]


def find_migrations(path: Path) -> tuple[list[str], list[str]]:
    """Return which migrations a database lacks, and which this program does not know."""
    with looking(path) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"
        applied = {name for (name,) in db.execute(sql, [migrations.name])} if "_sqlite_migrations" in tables else set()
    return [name for name in KNOWN if name not in applied], sorted(applied - set(KNOWN))


def find_journal_mode(path: Path) -> str:
    """Return the journal mode that the file itself asks for: ``wal`` or ``delete``."""
    with looking(path) as db:
        return str(db.execute("PRAGMA journal_mode").fetchone()[0])


def ask(path: Path, sql: str, *values: str) -> list[tuple[str, ...]]:
    """Return the rows of a question; none where the file lacks the table (it waits for a migration)."""
    with looking(path) as db:
        try:
            return db.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return []


def has_search() -> bool:
    """Tell whether this SQLite can search in texts."""
    with closing(sqlite3.connect(":memory:")) as db:
        return any(row[0] == "ENABLE_FTS5" for row in db.execute("PRAGMA compile_options"))
