"""A copy of the database while others use it; with what is secret, or without."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cosmolocal.database.opening import disk_fault, open_database, writing

#: tables of which every row lets somebody in, or tells who tried
_KEYS = ("sessions", "invitations", "tokens", "feeds", "tries")


@contextmanager
def holding_writers(path: Path) -> Iterator[None]:
    """Let nobody change the database, nor the files that change under its lock, for a moment; readers go on."""
    db = open_database(path)
    try:
        with writing(db):
            yield
    finally:
        db.close()


def copy_database(path: Path, target: Path) -> None:
    """Write a new file that holds what was last committed; the caller waits until the disk has it."""
    target.touch(mode=0o600, exist_ok=False)
    with _faults_told(target), closing(sqlite3.connect(path)) as source, closing(_connect(target)) as copy:
        source.backup(copy)


def forget_secrets(path: Path, no_password: str) -> None:
    """Take every password, session, token and invitation out of a copy; no byte of them stays in the file."""
    with _faults_told(path), closing(_connect(path)) as copy:
        copy.execute("PRAGMA secure_delete = ON")
        with copy:
            copy.execute("UPDATE people SET password = ?", [no_password])
            for table in _KEYS:
                copy.execute(f"DELETE FROM {table}")
        copy.execute("VACUUM")


def find_damage(path: Path) -> list[str]:
    """Return what is wrong with a database, in SQLite's words; empty: every page and every reference is whole."""
    try:
        with closing(sqlite3.connect(path)) as db:
            told = [str(line) for (line,) in db.execute("PRAGMA integrity_check")]
            lost = [f"{table}, row {row}: refers to what is not in {other}" for table, row, other, _ in _astray(db)]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [*(line for line in told if line != "ok"), *lost]


def count_plans(path: Path) -> int:
    """Return how many plans a database holds."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM plans").fetchone()[0])


def _astray(db: sqlite3.Connection) -> list[tuple[str, int, str, int]]:
    return db.execute("PRAGMA foreign_key_check").fetchall()


def _connect(path: Path) -> sqlite3.Connection:
    """Open a copy that nobody else uses, and that is thrown away whenever something fails."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = MEMORY")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA temp_store = MEMORY")
    return db


@contextmanager
def _faults_told(path: Path) -> Iterator[None]:
    """Raise `OSError` where it is the disk that fails."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        number = disk_fault(error) or errno.EIO
        raise OSError(number, os.strerror(number), str(path)) from error
