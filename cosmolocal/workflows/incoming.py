"""Files on their way in: written to disk as they come, counted, and kept only when all of them is there."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast

from cosmolocal.errors import InputError, Problem, is_full_disk, say

CODES: dict[str, str] = {
    "U060": "More bytes than one upload or one draft may hold.",
    "U061": "More files than one draft may hold.",
    "U062": "The disk of the server has no room for the upload.",
    "U063": "An upload ended before all of it had come.",
    "U064": "An upload holds no file, or is of a kind that is not taken.",
    "U065": "A draft was published in the meantime, and does not change any more.",
    "U066": "What a program sent to the API is no JSON object, or a field of it is missing, wrong or unknown.",
}
#: [bytes] of one upload, and of what a maker puts into one draft
MAX_BYTES = 512 << 20
#: [bytes] read at a time
CHUNK = 1 << 20


FULL = say("the disk of the server is full, so this was not kept; all that was there before is still there")


class TooLargeError(InputError):
    """An upload is larger than allowed."""

    def __init__(self, where: str, found: str) -> None:
        told = say("%(found)s; at most %(max_bytes)s MiB are taken", found=found, max_bytes=MAX_BYTES >> 20)
        super().__init__([Problem("U060", where, told)])


class StorageFullError(InputError):
    """There is no room on the disk; nothing that was there is harmed."""

    def __init__(self, where: str) -> None:
        super().__init__([Problem("U062", where, FULL)])


def create_file(path: Path) -> BinaryIO:
    """Open a new file for writing; tests put a full disk in its place."""
    return open_private(path, "xb")


def open_private(path: Path, mode: str) -> BinaryIO:
    """Open a file, made where it is missing, that only the user of the server may read: no draft is public."""
    opened = open(path, mode, opener=partial(os.open, mode=0o600))  # noqa: SIM115 - the caller closes it
    return cast(BinaryIO, opened)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, which only the user of the server may look into."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def move_private(path: Path, target: Path) -> None:
    """Put a file in its place, over what is there; only the user of the server may read it there."""
    make_folder(target.parent)
    path.chmod(0o600)
    path.replace(target)


class Incoming:
    """One file that is coming in; it looks like a file to whoever writes it."""

    def __init__(self, folder: Path, name: str, limit: int = MAX_BYTES) -> None:
        self.name, self.limit, self.size = name, limit, 0
        self.path = folder / secrets.token_hex(16)
        try:
            make_folder(folder)
            self._file = create_file(self.path)
        except OSError as error:
            raise _told(error, name) from error

    def write(self, data: bytes) -> int:
        """Write the next bytes."""
        self.size += len(data)
        if self.size > self.limit:
            raise TooLargeError(self.name, say("is too large for what is left of this draft's room"))
        try:
            return self._file.write(data)
        except OSError as error:
            raise _told(error, self.name) from error

    def seek(self, *_: int) -> int:
        """Close the file: the reader of a form goes back to the start of each file that is complete."""
        self.close()
        return 0

    def close(self) -> None:
        """Close the file; what did not fit on the disk shows only now."""
        try:
            self._file.close()
        except OSError as error:
            raise _told(error, self.name) from error

    def receive(self, stream: IO[bytes], expected: int | None = None) -> None:
        """Write all that a stream gives; ``expected`` is how many bytes its sender has announced."""
        while data := stream.read(CHUNK):
            self.write(data)
        self.close()
        if expected is not None and self.size != expected:
            found = say("only %(size)s of %(expected)s bytes came; send it again", size=self.size, expected=expected)
            raise InputError([Problem("U063", self.name, found)])

    def move(self, target: Path) -> None:
        """Put the complete file in its place, over what is there."""
        try:
            move_private(self.path, target)
        except OSError as error:
            raise _told(error, self.name) from error

    def drop(self) -> None:
        """Take the file away, unless it was moved."""
        with suppress(OSError):  # it goes anyway
            self._file.close()
        self.path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Put a text in its place, over what is there, whole or not at all."""
    incoming = Incoming(path.parent, path.name)
    try:
        incoming.write(text.encode())
        incoming.close()
        incoming.move(path)
    finally:
        incoming.drop()


@contextmanager
def full_disk_told(where: str) -> Iterator[None]:
    """Say in our words that the disk is full, whoever finds it out."""
    try:
        yield
    except OSError as error:
        raise _told(error, where) from error


def _told(error: OSError, name: str) -> Exception:
    return StorageFullError(name) if is_full_disk(error) else error
