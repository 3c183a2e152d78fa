"""Folders that are there whole or not at all: made under a hidden name, and given their own in one step."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cosmolocal.designs.disk import sync_folder, sync_tree

#: who may look into a folder that holds what only its owner may see
PRIVATE = 0o700


@contextmanager
def staged_folder(target: Path, mode: int = 0o777) -> Iterator[Path]:
    """Give a new folder, and put it in the place of ``target``, which is not there or empty, when all went well.

    The disk has all of it before it gets its name. What writers that were killed have left is cleared away.
    """
    above = target.absolute().parent
    above.mkdir(parents=True, exist_ok=True)
    _sweep(above, target.name)
    place = above / f"{_prefix(target.name)}{secrets.token_hex(8)}"
    place.mkdir(mode=mode)
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield place
        sync_tree(place)
        place.rename(target)
        sync_folder(above)
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(place)
        raise
    finally:
        os.close(descriptor)


def _prefix(name: str) -> str:
    return f".{name}.staging-"


def _sweep(above: Path, name: str) -> None:
    """Remove the folders of writers that are gone; the lock of one ends with its process."""
    for place in sorted(path for path in above.iterdir() if path.name.startswith(_prefix(name))):
        with suppress(OSError):
            descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(place)
            finally:
                os.close(descriptor)
