"""Is the server well, and how much does it hold? What whoever runs it wants to know from minute to minute."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmolocal.database.probing import count_runs, probe_database
from cosmolocal.designs.ocfl import require_root
from cosmolocal.errors import InputError
from cosmolocal.records import RunState
from cosmolocal.workflows.workspace import DATABASE

#: [bytes] that a probe writes, waits for, and removes
PROBE = b"\0" * 4096
#: [s] that a look at the disk counts, so that many who ask do not wear it out
FRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """What works; each fault in plain words, without names of folders."""

    #: what is wrong, by what was looked at; "": nothing
    faults: dict[str, str]

    @property
    def ok(self) -> bool:
        """Tell whether all is well."""
        return not any(self.faults.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is, and how much room."""

    runs_by_state: dict[str, int]
    database_bytes: int
    #: [bytes] on the disk of the database
    free_bytes: int

    @property
    def waiting(self) -> int:
        """Return how many runs wait for their turn."""
        return self.runs_by_state[str(RunState.QUEUED)]


class Watchman:
    """Looks after a region; what was seen a moment ago is not looked at again."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._now = folder, now
        self._lock = threading.Lock()
        self._seen: tuple[float, Health] | None = None

    def health(self) -> Health:
        """Return what works."""
        with self._lock:
            if self._seen is None or self._now() - self._seen[0] >= FRESH_SECONDS:
                self._seen = (self._now(), look_after(self._folder))
            return self._seen[1]

    def figures(self) -> Figures:
        """Return how much there is."""
        path = self._folder / DATABASE
        found = count_runs(path) if path.exists() else {}
        runs = {str(state): found.get(str(state), 0) for state in RunState}
        size = path.stat().st_size if path.exists() else 0
        return Figures(runs, size, shutil.disk_usage(self._folder).free)


def look_after(folder: Path) -> Health:
    """Return whether the database and the store of a region can be read and written."""
    return Health(dict(_look(folder)))


def _look(folder: Path) -> Iterator[tuple[str, str]]:
    path, root = folder / DATABASE, folder / "designs"
    yield "database", probe_database(path) if path.exists() else ""
    yield "database_disk", _probe_folder(path.parent if path.parent.is_dir() else folder)
    yield "store", _probe_store(root) if root.exists() else ""
    yield "store_disk", _probe_folder(folder)


def _probe_store(root: Path) -> str:
    try:
        require_root(root)
        any(root.iterdir())
    except InputError as error:
        return error.problems[0].message
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _probe_folder(folder: Path) -> str:
    """Return why nothing can be written into a folder; "": something was written, and removed again."""
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=".probe-", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(PROBE)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or type(error).__name__
    finally:
        if name:
            Path(name).unlink(missing_ok=True)
    return ""
