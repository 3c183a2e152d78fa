"""Where writers prepare what they will move into the store, and the lock under which they move it.

Each writer has a folder of its own beside the root, on the same file system. It holds a lock on that folder as long
as it lives, so that others know what a crash left from what is being written. Copying, which may take minutes, happens
there. The lock of the root is held for the short rest only: the checks, one rename, a few small files. It is one for
the whole root, not one per object, because who may start a design depends on the other designs of its publisher.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cosmolocal.designs import disk, ocfl

#: in a writer's folder: the object that is to take the place of the one in the store, and that one on its way out
INCOMING = "incoming"
OUTGOING = "outgoing"


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Let one writer at a time change the root; the lock ends with the process that holds it."""
    ocfl.require_root(root)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        sweep_staging(root)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def staging_place(root: Path) -> Iterator[Path]:
    """Give a folder that no other writer touches; enter this under the lock of the root, leave it at any time."""
    _staging(root).mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="", dir=_staging(root)))
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield place
        except Exception:
            # the fault that ends the writer is the one to tell; what stays is swept by the next writer
            with suppress(OSError):
                shutil.rmtree(place)
            raise
        shutil.rmtree(place)
    finally:
        os.close(descriptor)


def sweep_staging(root: Path) -> None:
    """Remove the folders of writers that are gone, under the lock of the root; the living keep theirs."""
    if not _staging(root).is_dir():
        return
    for place in sorted(_staging(root).iterdir()):
        if not place.is_dir():
            place.unlink(missing_ok=True)  # a stray file, or a writer that has just gone
        elif (descriptor := _abandoned(place)) is not None:
            try:
                _end_exchange(root, place)
                shutil.rmtree(place)
            finally:
                os.close(descriptor)


def list_abandoned(root: Path) -> list[str]:
    """Return the names of what writers that are gone left; the living are not disturbed."""
    left = []
    for place in sorted(_staging(root).iterdir()) if _staging(root).is_dir() else []:
        if not place.is_dir():
            left.append(place.name)
        elif (descriptor := _abandoned(place)) is not None:
            os.close(descriptor)
            left.append(place.name)
    return left


def _staging(root: Path) -> Path:
    return root.parent / f".staging-{root.name}"


def _abandoned(place: Path) -> int | None:
    """Return the descriptor that locks a dead writer's folder; None: its writer lives, or has just removed it."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if place.exists():
            return descriptor
    except BlockingIOError:
        pass
    os.close(descriptor)
    return None


def _end_exchange(root: Path, place: Path) -> None:
    """Move the complete new object in where a crash came after the old one was moved out."""
    outgoing, incoming = place / OUTGOING, place / INCOMING
    for old in sorted(outgoing.iterdir()) if outgoing.is_dir() else []:
        target, new = root / old.name, incoming / old.name
        if not target.exists():
            (new if new.exists() else old).rename(target)
            disk.sync_folder(root)
