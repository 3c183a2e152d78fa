"""Changes of a disk that are whole, or not there: durable files and folders, and two folders changing places."""

import ctypes
import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_AT_FDCWD = -100
#: linux/fs.h
_RENAME_EXCHANGE = 2
_CANNOT_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
#: glibc and musl have it, other systems do not
_renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the disk has the folder's entries."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def sync_tree(top: Path) -> None:
    """Wait until the disk has every file and every entry of a folder and of all folders below it."""
    folders = []
    for parent, names in walk(top):
        folders.append(parent)
        for name in names:
            _sync(f"{parent}/{name}", os.O_RDONLY)
    for folder in folders:
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def walk(top: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield every folder at and below ``top``, above what it holds, with the names of its files; none without ``top``.

    A folder that cannot be read raises `OSError`; `os.walk` alone would pass over it, and what it holds be lost.
    """
    if top.exists():
        for parent, _, names in os.walk(top, onerror=_raise):
            yield parent, names


def write_files(folder: Path, content_by_name: Mapping[str, bytes]) -> None:
    """Write new files that `sync_tree` is to wait for; the disk begins with them."""
    for name, content in content_by_name.items():
        with (folder / name).open("xb") as file:
            file.write(content)
            file.flush()
            start_writing(file.fileno())


def start_writing(descriptor: int, start: int = 0, length: int = 0) -> None:
    """Let the disk begin with a file's bytes now, so that waiting for many files at the end takes one wait."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, start, length, os.POSIX_FADV_DONTNEED)


def remove_empty_folders(top: Path) -> None:
    """Remove the folders at and below ``top`` that hold no file."""
    for parent, _ in reversed(list(walk(top))):
        remove_if_empty(Path(parent))


def remove_if_empty(folder: Path) -> None:
    """Remove a folder, unless something lies in it or it is gone."""
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise


def exchange(one: Path, other: Path, spare: Path) -> None:
    """Let two folders change places: in one step where the system can, else over ``spare``, where ``one`` waits.

    `cosmolocal.designs.staging.sweep_staging` ends what a crash between the two steps left.
    """
    if _renameat2 is not None:
        if _renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
            return
        number = ctypes.get_errno()
        if number not in _CANNOT_EXCHANGE:
            raise OSError(number, os.strerror(number), str(one))
    one.rename(spare)
    other.rename(one)


def _raise(error: OSError) -> None:
    raise error


def _sync(path: Path | str, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
