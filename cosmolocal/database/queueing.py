"""Writers queue in front of the database: who comes first writes first.

SQLite lets a writer that finds the database taken try again after a while, so that one of many may wait for seconds
while others pass it. The lock of a file beside the database is taken in the order it was asked for, and ends with the
process that holds it.
"""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cosmolocal.errors import BusyError


def queue_path(database: Path) -> Path:
    """Return the file whose lock the writers of a database queue for."""
    return database.with_name(f".{database.name}.queue")


@contextmanager
def queued(database: Path, seconds: float) -> Iterator[None]:
    """Wait for one's turn to write, and have it until the end.

    Raises
    ------
    BusyError
        When it does not come within some seconds.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(queue_path(database), flags, 0o600)
    try:
        if not _takes_at_once(descriptor):
            _wait(descriptor, seconds)
        yield
    finally:
        os.close(descriptor)


def _takes_at_once(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


def _wait(descriptor: int, seconds: float) -> None:
    """Take the lock in a thread of its own, for waiting for it cannot be ended otherwise.

    Who gives up closes the descriptor; the thread ends when its turn comes, and the lock with it.
    """
    faults: list[OSError] = []

    def take() -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            faults.append(error)

    waiting = threading.Thread(target=take, name="queue", daemon=True)
    waiting.start()
    waiting.join(seconds)
    if waiting.is_alive():
        raise BusyError
    if faults:
        raise faults[0]
