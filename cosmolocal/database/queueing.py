"""Writers queue in front of the database: who comes first writes first.

SQLite lets a writer that finds the database taken try again after a while, so that one of many may wait for seconds
while others pass it; and a lock that many wait for goes to whoever asks at the right moment. So each takes a number:
a byte of a file beside the database, locked for as long as the writer waits and writes. It waits for the byte before
its own, which nobody else waits for. The system takes all locks of a process back when that ends, however it ends.
"""

import errno
import fcntl
import os
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cosmolocal.errors import BusyError

#: ``struct flock`` (fcntl.h): kind, whence, start, length, process
_LOCK = struct.Struct("hhqqi0q")
#: byte that is locked while somebody takes a number; numbers are the bytes from 1 on
_DOOR = 0
#: [s] after which who waits looks whether that is still of use
LOOK_SECONDS = 0.05


def queue_path(database: Path) -> Path:
    """Return the file whose bytes the writers of a database lock."""
    return database.with_name(f".{database.name}.queue")


@contextmanager
def queued(database: Path, seconds: float, look: Callable[[], None] | None = None) -> Iterator[None]:
    """Wait for one's turn to write, and have it until the end.

    ``look`` is called now and then while that takes its time; it raises what ends the wait.

    Raises
    ------
    BusyError
        When it does not come within some seconds.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(queue_path(database), flags, 0o600)
    try:
        place = _take_place(descriptor)
        if not place.comes_at_once():
            _wait(place, seconds, look)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "linux":

    def find_last(descriptor: int) -> int:
        """Return the highest number that anybody has in a queue, by its open file; 0: nobody has one."""
        last = 0
        while True:
            asked = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, last + 1, 0, 0)
            kind, _, start, length, _ = _LOCK.unpack(fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked))
            if kind == fcntl.F_UNLCK:
                return last
            last = start + length - 1

    class _Place:
        """A place in the queue, which belongs to an open file, not to a process: threads queue as processes do."""

        def __init__(self, descriptor: int) -> None:
            self.descriptor = descriptor
            self._lock(fcntl.F_WRLCK, _DOOR, 1)
            self.number = find_last(descriptor) + 1
            self._lock(fcntl.F_WRLCK, self.number, 1)
            self._lock(fcntl.F_UNLCK, _DOOR, 1)

        def comes_at_once(self) -> bool:
            """Tell whether nobody is in front; it is one's turn then."""
            return self.number == 1 or self._lock(fcntl.F_RDLCK, 1, self.number - 1, waits=False)

        def wait(self) -> None:
            """Wait for whoever is in front, and for those in front of one that gave up or was ended."""
            self._lock(fcntl.F_RDLCK, self.number - 1, 1)
            self._lock(fcntl.F_RDLCK, 1, self.number - 1)

        def _lock(self, kind: int, start: int, length: int, *, waits: bool = True) -> bool:
            """Lock some bytes, and tell whether that was done; without waiting it is not where others have them."""
            asked = _LOCK.pack(kind, os.SEEK_SET, start, length, 0)
            try:
                fcntl.fcntl(self.descriptor, fcntl.F_OFD_SETLKW if waits else fcntl.F_OFD_SETLK, asked)
            except OSError as error:
                if waits or error.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
                return False
            return True


class _WholeFile:
    """A place among those who wait for the lock of a whole file, where a system has no locks of open files' bytes."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def comes_at_once(self) -> bool:
        """Tell whether nobody has the lock; it is one's turn then."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            return False
        return True

    def wait(self) -> None:
        """Wait for one's turn."""
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)


def _take_place(descriptor: int) -> "_Place | _WholeFile":
    if sys.platform == "linux":
        try:
            return _Place(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some sandboxes do not know these locks
                raise
    return _WholeFile(descriptor)


def _wait(place: "_Place | _WholeFile", seconds: float, look: Callable[[], None] | None) -> None:
    """Wait in a thread of its own, for such a wait cannot be ended otherwise.

    Who gives up leaves the thread behind: it ends when the turn comes, and the place in the queue with it.
    """
    faults: list[OSError] = []
    came = threading.Lock()
    # the file stays open for as long as the thread asks for its bytes, and its number is no other file's
    spare = os.dup(place.descriptor)

    def take() -> None:
        place.descriptor = spare
        try:
            place.wait()
        except OSError as error:
            faults.append(error)
        finally:
            os.close(spare)
            came.release()

    came.acquire()
    threading.Thread(target=take, name="queue", daemon=True).start()
    end = time.monotonic() + seconds
    while not came.acquire(timeout=max(0.0, min(LOOK_SECONDS if look else seconds, end - time.monotonic()))):
        if time.monotonic() >= end:
            raise BusyError
        if look:
            look()
    if faults:
        raise faults[0]
