"""Whether a database has changed, seen from outside, without a connection to it."""

import os
import threading
from collections import OrderedDict
from pathlib import Path

#: where a database's header holds its file change counter (https://www.sqlite.org/fileformat.html)
_COUNTER = slice(24, 28)
#: files that are kept open at most
MOST_OPEN = 64

_lock = threading.Lock()
#: (device, inode) and descriptor by path, the one longest not asked for first
_open: OrderedDict[str, tuple[tuple[int, int], int]] = OrderedDict()


def find_state(path: Path) -> tuple[int, ...]:
    """Return what changes whenever something is committed to a database; all zero: there is no file.

    Its header counts the commits, because the clock of a file system may stand still between two of them.
    """
    try:
        with _lock:
            handle = _keep_open(str(path))
            status, header = os.fstat(handle), os.pread(handle, _COUNTER.stop, 0)
    except OSError:
        return 0, 0, 0, 0
    return status.st_ino, status.st_mtime_ns, status.st_size, int.from_bytes(header[_COUNTER])


def _keep_open(path: str) -> int:
    """Return a descriptor of a file, which stays open.

    Closing any descriptor of a file takes away every lock that this process has on it: a transaction of another thread
    would go on without its lock, and other processes would take its journal for that of a dead one
    (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    status = os.stat(path)  # noqa: PTH116 - to make a path of it would take longer than the look
    which = status.st_dev, status.st_ino
    kept = _open.get(path)
    if kept is None or kept[0] != which:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if kept is not None:
            os.close(kept[1])  # of a file whose place another one has taken
        _open[path] = which, handle
    _open.move_to_end(path)
    while len(_open) > MOST_OPEN:
        _, (_, longest) = _open.popitem(last=False)
        os.close(longest)
    return _open[path][1]
