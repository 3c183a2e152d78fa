"""The key that signs cookies: made when it is missing, and made anew when somebody may have seen it."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cosmolocal.database import open_database, writing
from cosmolocal.database.people import drop_given_out, drop_sessions
from cosmolocal.workflows.workspace import DATABASE

KEY = "secret.key"
KEY_BYTES = 32


def read_secret_key(folder: Path) -> bytes:
    """Return the key that signs cookies, from a file in ``folder`` that only its owner may read; made when missing."""
    path = folder / KEY
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make_key(path)
    return path.read_bytes()


def rotate_keys(folder: Path, given_out: bool = False) -> dict[str, int]:
    """Make the key of a region anew and end every session; returns how many of what came to an end.

    Tokens, invitations and addresses of calendars do not hang on the key and stay, unless ``given_out``: then they end.
    A server that runs has read the key before: it takes the new one when it is started again.
    """
    path = (folder / DATABASE).with_name(KEY)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _fresh_key(path) as fresh:
        fresh.replace(path)
    _sync(path.parent)
    if not (folder / DATABASE).exists():
        return {"sessions": 0}
    db = open_database(folder / DATABASE)
    try:
        with writing(db):
            ended = {"sessions": drop_sessions(db, "TRUE")}
            return ended | (drop_given_out(db) if given_out else {})
    finally:
        db.close()


def _make_key(path: Path) -> None:
    """Write a new key under another name and link it: of several servers that start at once, one wins for all."""
    # another server may have been faster: its key is everybody's
    with _fresh_key(path) as fresh, suppress(FileExistsError):
        path.hardlink_to(fresh)


@contextmanager
def _fresh_key(path: Path) -> Iterator[Path]:
    """Give a new key in a file beside ``path``, which is gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=".staging-", dir=path.parent)  # O_EXCL, mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
