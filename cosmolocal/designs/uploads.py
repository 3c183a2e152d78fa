"""Archives that anyone may upload: checked as a whole, then unpacked into a new folder, or refused with every reason.

Nothing is read before the frame of the archive and all its names are sound. Data are inflated against a counter, in
blocks, and compared with the size and checksum that the archive declares. Modes and times are dropped; an archive in
an archive stays a file.

Refused although some programs unpack it: passwords, methods other than stored and deflate, backslashes in names (a
folder to some, a letter to others), letters beyond ASCII that are not marked as UTF-8, a second name in an extra field.
"""

import hashlib
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cosmolocal.designs.bag_check import ALGORITHMS, DECLARATION, check_bag
from cosmolocal.designs.left_out import sort_out, warn_left_out
from cosmolocal.designs.names import check_paths, show_path
from cosmolocal.designs.zip_frame import STORED, Frame, Member, read_frame
from cosmolocal.errors import InputError, Problem, say

CODES: dict[str, str] = {
    "U020": "A file in an archive is damaged: it does not unpack to the size and checksum that the archive declares.",
    "U021": "The files about a BagIt bag, outside data/, are too large.",
}
#: [bytes] of the files outside data/ of a bag; they are kept in memory
MAX_TAG_BYTES = 32 * 1024**2
#: [bytes] read, and unpacked, at a time
_PACKED_BLOCK, _BLOCK = 64 * 1024, 1024**2


class _DamagedError(Exception):
    """Data are not what their header says; the text says why."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where in an archive the files of the design lie."""

    #: a folder that holds everything, as code hosts make it, e.g. ``lamp-main/``, or nothing
    wrapper: str
    is_bag: bool
    #: what is no part of a design, by name, with the rule that says so
    left_out: Mapping[str, str]

    def payload_path(self, name: str) -> str | None:
        """Return where a member goes within the bundle; None for what only tells about a bag."""
        inner = name.removeprefix(self.wrapper)
        if not self.is_bag:
            return inner
        return inner.removeprefix("data/") if inner.startswith("data/") else None


@dataclass(slots=True)
class _Bag:
    """What is gathered of a bag while it is unpacked."""

    tags: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, dict[str, str]] = field(default_factory=dict)


def check_archive(archive: Path) -> list[Problem]:
    """Return everything wrong with the frame of a ZIP archive and the names in it; no file of it is unpacked."""
    try:
        with archive.open("rb") as file:
            return _check(file)[2]
    except OSError as error:
        return [_unreadable(error)]


def unpack_archive(archive: Path, target: Path) -> tuple[Problem, ...]:
    """Unpack a ZIP archive into the new folder ``target``; return a warning for each kind of file that was left out.

    A single folder around all files is left away, and of a BagIt bag, once it is found whole, all but its payload.

    Raises
    ------
    InputError
        With everything wrong with the archive; ``target`` is not there then.
    """
    try:
        file = archive.open("rb")
    except OSError as error:
        raise InputError([_unreadable(error)]) from None
    with file:
        frame, layout, problems = _check(file)
        if problems:
            raise InputError(problems)
        target.mkdir()
        try:
            if problems := _unpack(file, frame.members, layout, target):
                raise InputError(problems)
        except BaseException:
            shutil.rmtree(target)
            raise
    return warn_left_out(layout.left_out)


def _unreadable(error: OSError) -> Problem:
    return Problem("U010", "archive", say("cannot be read: %(why)s", why=error.strerror))


def _check(file: BinaryIO) -> tuple[Frame, _Layout, list[Problem]]:
    frame = read_frame(file)
    layout = _find_layout(frame.names)
    problems = [*frame.problems, *_name_problems(frame.names, layout)]
    tag_bytes = sum(member.size for member in frame.members if layout.payload_path(member.name) is None)
    if tag_bytes > MAX_TAG_BYTES:
        found = say(
            "has %(tag_bytes)s bytes outside data/; at most %(max_tag_bytes)s are taken",
            tag_bytes=tag_bytes,
            max_tag_bytes=MAX_TAG_BYTES,
        )
        problems.append(Problem("U021", "archive", found))
    return frame, layout, problems


def _find_layout(names: Iterable[str]) -> _Layout:
    kept, left_out = sort_out(names, is_archive=True)
    tops = {name.partition("/")[0] for name in kept}
    is_wrapped = len(tops) == 1 and all("/" in name for name in kept)
    wrapper = f"{tops.pop()}/" if is_wrapped else ""
    return _Layout(wrapper, wrapper + DECLARATION in kept, left_out)


def _name_problems(names: tuple[str, ...], layout: _Layout) -> list[Problem]:
    """Check the names as they will lie in the bundle, and those that are left away, each among their own."""
    left_away = [name for name in names if name == layout.wrapper] or [layout.wrapper] * bool(layout.wrapper)
    left_out = [name for name in names if name in layout.left_out]
    problems = check_paths(left_away) + check_paths(left_out, are_kept=False)
    inner = [
        name.removeprefix(layout.wrapper) for name in names if name != layout.wrapper and name not in layout.left_out
    ]
    if not layout.is_bag:
        return problems + check_paths(inner)
    payload = [name for name in inner if name.startswith("data/") and name != "data/"]
    in_payload = set(payload)
    about = [name for name in inner if name not in in_payload]
    data = [] if "data/" in about else ["data/"]
    return problems + check_paths(about + data) + check_paths(name.removeprefix("data/") for name in payload)


def _unpack(file: BinaryIO, members: Iterable[Member], layout: _Layout, target: Path) -> list[Problem]:
    """Write the members into the folder; return which are damaged."""
    problems: list[Problem] = []
    bag = _Bag()
    for member in members:
        try:
            _unpack_member(file, member, layout, target, bag)
        except _DamagedError as error:
            problems.append(Problem("U020", show_path(member.name), str(error)))
    if layout.is_bag and not problems:
        problems += check_bag(bag.tags, bag.digests)
    return problems


def _unpack_member(file: BinaryIO, member: Member, layout: _Layout, target: Path, bag: _Bag) -> None:
    path = layout.payload_path(member.name)
    blocks = _iterate_blocks(file, member)
    if path is None:
        data = b"".join(blocks)
        if not member.name.endswith("/"):
            bag.tags[member.name.removeprefix(layout.wrapper)] = data
    elif member.name.endswith("/"):
        _digest(blocks, ())  # a folder has no bytes; reading them proves it
        if member.name not in layout.left_out:
            (target / path).mkdir(parents=True, exist_ok=True)
    else:
        # what is left out is read too: that proves it undamaged, and a bag counts it
        place = None if member.name in layout.left_out else target / path
        digests = _take(place, blocks, ALGORITHMS if layout.is_bag else ())
        bag.digests["data/" + path] = digests


def _take(place: Path | None, blocks: Iterator[bytes], algorithms: Iterable[str]) -> dict[str, str]:
    """Write a new file, through no link and over no other file; return its digests. No place: only digest it."""
    if place is None:
        return _digest(blocks, algorithms)
    place.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as written:
        return _digest(_written(written, blocks), algorithms)


def _written(file: BinaryIO, blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        file.write(block)
        yield block


def _digest(blocks: Iterator[bytes], algorithms: Iterable[str]) -> dict[str, str]:
    """Read all blocks, and return their digests by algorithm."""
    digests = {name: hashlib.new(name) for name in algorithms}
    for block in blocks:
        for digest in digests.values():
            digest.update(block)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _iterate_blocks(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield the bytes of a member; raises `_DamagedError` unless they have the declared size and checksum."""
    size = checksum = 0
    for block in _stored(file, member) if member.method == STORED else _inflated(file, member):
        size += len(block)
        if size > member.size:
            raise _DamagedError(f"unpacks to more than the {member.size} bytes that the archive declares")
        checksum = zlib.crc32(block, checksum)
        yield block
    if size < member.size:
        raise _DamagedError(f"unpacks to {size} bytes; the archive declares {member.size}")
    if checksum != member.crc:
        raise _DamagedError(f"has the checksum {checksum:08x}; the archive declares {member.crc:08x}, so it is damaged")


def _stored(file: BinaryIO, member: Member) -> Iterator[bytes]:
    file.seek(member.start)
    left = member.packed_bytes
    while block := file.read(min(_BLOCK, left)):
        left -= len(block)
        yield block


def _inflated(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield inflated blocks, none larger than `_BLOCK` whatever the data say."""
    file.seek(member.start)
    left = member.packed_bytes
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while not engine.eof:
            if not (data := engine.unconsumed_tail):
                data = file.read(min(_PACKED_BLOCK, left))
                left -= len(data)
            block = engine.decompress(data, _BLOCK)
            if not data and not block:
                raise _DamagedError("ends in the middle of its packed data")
            yield block
    except zlib.error:
        raise _DamagedError("cannot be unpacked: its packed data are damaged") from None
    if left or engine.unused_data or engine.unconsumed_tail:
        raise _DamagedError("holds packed data after its end")
