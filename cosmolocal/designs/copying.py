"""The files of a folder: their names checked, and in one pass over each its digests taken and its bytes copied.

What is digested is what is written, so a file cannot change between the two.
"""

import errno
import hashlib
import os
import stat
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import FileIO
from itertools import cycle
from pathlib import Path

from cosmolocal.cores import use_all_cores
from cosmolocal.designs import disk
from cosmolocal.designs.names import check_paths, show_path
from cosmolocal.errors import InputError, Problem
from cosmolocal.records import BundleFile

#: [bytes] read at once, and how many such blocks wait at most; they stay in the caches of a processor
_BLOCK = 1 << 18
_BLOCKS = 8
#: [bytes] written before the disk is told to begin
_WRITE_OUT = 1 << 26


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that was copied, with its digests."""

    record: BundleFile
    sha512: str


def digest_folder(folder: Path) -> tuple[BundleFile, ...]:
    """Return every file of a folder by path; anything but plain files under plain names raises `InputError`."""
    files, problems = [], []
    for path, relative in scan_folder(folder):
        try:
            with _open(path) as source:
                sha256 = hashlib.file_digest(source, "sha256").hexdigest()
                files.append(BundleFile(relative, source.tell(), sha256))
        except OSError as error:
            problems.append(_unreadable(relative, error))
    if problems:
        raise InputError(problems)
    return tuple(files)


def copy_folder(folder: Path, target: Path) -> tuple[StagedFile, ...]:
    """Copy every file of a folder to a new one and return them by path; raises like `digest_folder`.

    The disk has begun to write the copies; `cosmolocal.designs.disk.sync_files` waits for it.
    """
    files, problems = [], []
    listed = scan_folder(folder)
    for parent in {os.path.dirname(relative) for _, relative in listed} | {""}:  # noqa: PTH120 - these are texts
        (target / parent).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(1, initializer=use_all_cores) as pool:
        for path, relative in listed:
            try:
                source = _open(path)
            except OSError as error:
                problems.append(_unreadable(relative, error))
                continue
            with source, FileIO(f"{target}/{relative}", "x") as writer:
                size, sha256, sha512 = _copy(source, writer, pool)
            files.append(StagedFile(BundleFile(relative, size, sha256), sha512))
    if problems:
        raise InputError(problems)
    return tuple(files)


def scan_folder(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return place and path of each file of a folder, by path; what cannot be kept raises `InputError`."""
    if not folder.is_dir():
        raise InputError([Problem("D006", show_path(str(folder)), "is not a folder")])
    paths: list[str] = []
    problems: list[Problem] = []
    waiting = [""]
    while waiting:
        above = waiting.pop()
        with os.scandir(folder / above) as entries:
            for entry in entries:
                relative = above + entry.name
                if entry.is_dir(follow_symlinks=False):
                    relative += "/"
                    waiting.append(relative)
                elif entry.is_symlink():
                    problems.append(Problem("D006", show_path(relative), "is a link; a bundle holds plain files"))
                elif not entry.is_file(follow_symlinks=False):
                    problems.append(Problem("D006", show_path(relative), "is neither a file nor a folder"))
                paths.append(relative)
    if problems := problems + check_paths(sorted(paths)):
        raise InputError(problems)
    return tuple((f"{folder}/{path}", path) for path in sorted(paths) if not path.endswith("/"))


def _unreadable(relative: str, error: OSError) -> Problem:
    return Problem("D006", show_path(relative), f"cannot be read: {error.strerror}")


def _open(path: str) -> FileIO:
    """Open a file that may have become a link or a pipe since its folder was scanned."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is no plain file any more")
    return FileIO(descriptor)


def _copy(source: FileIO, target: FileIO, pool: ThreadPoolExecutor) -> tuple[int, str, str]:
    """Copy a file and return size, sha256 and sha512."""
    # asking for no more than there is spares the memory for it
    start = source.read(min(_BLOCK, os.fstat(source.fileno()).st_size + 1))
    if len(start) == _BLOCK:
        return _copy_large(memoryview(start), source, target, pool)
    size = len(start)
    _write(target, memoryview(start))
    disk.start_writing(target.fileno())
    return size, hashlib.sha256(start).hexdigest(), hashlib.sha512(start).hexdigest()


def _copy_large(block: memoryview, source: FileIO, target: FileIO, pool: ThreadPoolExecutor) -> tuple[int, str, str]:
    """Copy the first block and all that follows; sha512, the slowest, is computed beside all the rest."""
    sha256, sha512, size, begun = hashlib.sha256(), hashlib.sha512(), 0, 0
    pending: deque[Future[None]] = deque()
    buffers = cycle([bytearray(_BLOCK) for _ in range(_BLOCKS)])
    while block:
        pending.append(pool.submit(sha512.update, block))
        _write(target, block)
        sha256.update(block)
        size += len(block)
        if size - begun >= _WRITE_OUT:
            disk.start_writing(target.fileno(), begun, size - begun)
            begun = size
        if len(pending) == _BLOCKS:
            pending.popleft().result()  # the next buffer is free again
        buffer = next(buffers)
        block = memoryview(buffer)[: source.readinto(buffer)]
    for future in pending:
        future.result()
    disk.start_writing(target.fileno())
    return size, sha256.hexdigest(), sha512.hexdigest()


def _write(target: FileIO, block: memoryview) -> None:
    written = 0
    while written < len(block):  # a raw file may take less than it is given
        written += target.write(block[written:])
