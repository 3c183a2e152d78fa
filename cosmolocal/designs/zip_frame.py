"""The frame of a ZIP archive, checked before any byte of a file in it is read.

The headers and the data of the files must cover the archive from its first byte to its list of files, without gap or
overlap, and the list must say of each file what its header says. So no two programs can read two different things
out of one archive, and no data can be used twice (D. Fifield, "A better zip bomb", 2019).
Field names and layouts: APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3.7 to 4.3.16 and 4.5.3.
"""

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cosmolocal.designs.zip_list import (
    FULL_32,
    ZIP64,
    End,
    Entry,
    read_at,
    read_end,
    read_entries,
    read_extras,
    refuse,
    show_name,
)
from cosmolocal.errors import InputError, Problem, say

CODES: dict[str, str] = {
    "U010": "An upload cannot be read, is no ZIP archive or was cut off.",
    "U011": "The parts of an archive leave gaps, overlap, or do not lie where its list of files says.",
    "U012": "The header of a file in an archive differs from the archive's list of files.",
    "U013": "A file in an archive is encrypted, or packed by another method than stored or deflate.",
    "U014": "An archive holds something other than files and folders, such as a link.",
    "U015": "An archive is too large, holds too many files, or unpacks to too much.",
    "U016": "An extra field of an archive is damaged or contradicts its header.",
    "U017": "A name in an archive is neither plain ASCII nor marked as UTF-8.",
}
MAX_UNPACKED_BYTES = 2 * 1024**3
#: most unpacked bytes for one packed byte, of a file and of the whole; deflate itself reaches 1,032
MAX_RATIO = 200
#: [bytes] what unpacks to no more than this may have any ratio: a small blank drawing has a high one, and does no harm
RATIO_COUNTS_FROM = 1024**2

STORED, DEFLATE = 0, 8
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 1 << 0, 1 << 3, 1 << 11
#: bits 1 and 2 tell how hard deflate tried
_KNOWN_FLAGS = _DESCRIPTOR | _UTF8 | 1 << 1 | 1 << 2
#: times ten, of APPNOTE.TXT
_NEWEST = 63
#: DOS attributes: volume label, device, reparse point (how Windows keeps links); and folder
_DOS_SPECIAL, _DOS_FOLDER = 0x08 | 0x40 | 0x400, 0x10
_LOCAL = struct.Struct("<4sHHHHHLLLHH")
#: a data descriptor by its length: with or without signature, sizes of 4 or 8 bytes
_DESCRIPTORS = {12: "<LLL", 16: "<4xLLL", 20: "<LQQ", 24: "<4xLQQ"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder of an archive; a folder's name ends in ``/``."""

    name: str
    method: int
    crc: int
    #: [bytes] in the archive
    packed_bytes: int
    #: [bytes] as declared
    size: int
    #: [bytes from the beginning] where its data begin
    start: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of an archive says; nothing of it may be used while there are problems."""

    names: tuple[str, ...]
    #: in the order in which they lie in the archive
    members: tuple[Member, ...]
    problems: tuple[Problem, ...]


def read_frame(file: BinaryIO) -> Frame:
    """Return the members of a ZIP archive and everything wrong with its frame; names are not judged here."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    members: list[Member] = []
    try:
        end = read_end(file)
        entries = read_entries(file, end)
        for entry in entries:
            problems += _entry_problems(entry)
        problems += _size_problems(entries)
        members = list(_walk(file, entries, end, problems))
    except InputError as error:
        problems += error.problems
    names = tuple(entry.text for entry in entries if _is_readable(entry))
    return Frame(names, tuple(members) if not problems else (), tuple(problems))


def _is_readable(entry: Entry) -> bool:
    try:
        entry.name.decode("utf-8" if entry.flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        return False
    return True


def _entry_problems(entry: Entry) -> Iterator[Problem]:
    """Yield what the list of files alone shows to be wrong with a file."""
    where = entry.where
    if not _is_readable(entry):
        rule = say(
            "is not plain ASCII and not marked as UTF-8, so its letters are unknown; pack it with another program"
        )
        yield Problem("U017", where, rule)
    found = say("flags %(flags)s, version %(version)s", flags=f"{entry.flags:#06x}", version=entry.version / 10)
    if entry.flags & _ENCRYPTED:
        yield Problem("U013", where, say("is encrypted; upload it without a password"))
    elif entry.flags & ~_KNOWN_FLAGS or entry.version > _NEWEST:
        yield Problem("U013", where, say("uses a rare way of packing (%(found)s); pack it as plain ZIP", found=found))
    if entry.method not in (STORED, DEFLATE):
        told = say("is packed by method %(method)s; stored (0) and deflate (8) are taken", method=entry.method)
        yield Problem("U013", where, told)
    if fault := _kind_fault(entry):
        yield Problem("U014", where, fault)
    if entry.size > max(RATIO_COUNTS_FROM, MAX_RATIO * entry.packed_bytes):
        sizes = say("%(packed_bytes)s bytes that unpack to %(size)s", packed_bytes=entry.packed_bytes, size=entry.size)
        message = say(
            "holds %(sizes)s; at most %(max_ratio)s times as many are taken", sizes=sizes, max_ratio=MAX_RATIO
        )
        yield Problem("U015", where, message)


def _kind_fault(entry: Entry) -> str | None:
    """Return why an entry is neither a plain file nor a folder; who made the archive decides nothing here."""
    kind = stat.S_IFMT(entry.attributes >> 16)
    is_folder = entry.name.endswith(b"/")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or entry.attributes & _DOS_SPECIAL:
        return "is a link, a device or another special file; only files and folders are taken"
    if is_folder and (kind == stat.S_IFREG or entry.size != 0):
        return "is a folder by its name and a file by its kind or size"
    if not is_folder and (kind == stat.S_IFDIR or entry.attributes & _DOS_FOLDER):
        return "is a file by its name and a folder by its kind"
    return None


def _size_problems(entries: list[Entry]) -> Iterator[Problem]:
    size = sum(entry.size for entry in entries)
    packed = sum(entry.packed_bytes for entry in entries)
    if size > MAX_UNPACKED_BYTES:
        told = say(
            "unpacks to %(size)s bytes; at most %(max_unpacked_bytes)s are taken",
            size=size,
            max_unpacked_bytes=MAX_UNPACKED_BYTES,
        )
        yield Problem("U015", "archive", told)
    if size > max(RATIO_COUNTS_FROM, MAX_RATIO * packed):
        found = say("holds %(packed)s packed bytes that unpack to %(size)s", packed=packed, size=size)
        rule = say("%(found)s; at most %(max_ratio)s times as many are taken", found=found, max_ratio=MAX_RATIO)
        yield Problem("U015", "archive", rule)


def _walk(file: BinaryIO, entries: list[Entry], end: End, problems: list[Problem]) -> Iterator[Member]:
    """Yield the members from the first byte on; every byte up to the list of files must belong to one of them."""
    entries = sorted(entries, key=lambda entry: entry.offset)
    position = 0
    for entry, following in zip(entries, [*(entry.offset for entry in entries), end.offset][1:], strict=True):
        if entry.offset != position:
            refuse("U011", "does not begin where the file before it ends: data lie before or between", entry.where)
        start = _check_header(file, entry, problems)
        gap = following - start - entry.packed_bytes
        if gap < 0:
            refuse("U011", "overlaps what follows it", entry.where)
        if entry.flags & _DESCRIPTOR:
            _check_descriptor(read_at(file, following - gap, gap) if gap in _DESCRIPTORS else b"", entry)
        elif gap:
            refuse("U011", f"is followed by {gap} bytes that belong to no file", entry.where)
        yield Member(entry.text, entry.method, entry.crc, entry.packed_bytes, entry.size, start)
        position = following
    if position != end.offset:
        refuse("U011", f"begins with {end.offset} bytes that belong to no file")


def _check_header(file: BinaryIO, entry: Entry, problems: list[Problem]) -> int:
    """Compare the header before a file with the entry; return where the data begin."""
    header = read_at(file, entry.offset, _LOCAL.size, entry.where)
    signature, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _LOCAL.unpack(header)
    if signature != b"PK\x03\x04":
        refuse("U011", "has no header where the list of files says", entry.where)
    rest = read_at(file, entry.offset + _LOCAL.size, name_bytes + extra_bytes, entry.where)
    extras = read_extras(rest[name_bytes:], entry.name)
    size, packed = _header_sizes(size, packed, extras.get(ZIP64), entry)
    sums = {"checksum": (crc, entry.crc), "packed size": (packed, entry.packed_bytes), "size": (size, entry.size)}
    # where the sums follow the data, a header may say 0 or FFFFFFFF for "not known yet"
    unknown = (0, FULL_32) if flags & _DESCRIPTOR else ()
    pairs = {
        "flags": (flags, entry.flags),
        "method": (method, entry.method),
        **{what: pair for what, pair in sums.items() if pair[0] not in unknown},
    }
    if rest[:name_bytes] != entry.name:
        found = say(
            "its header calls it %(show_name)s; the list of files gives another name",
            show_name=show_name(rest[:name_bytes]),
        )
        problems.append(Problem("U012", entry.where, found))
    for what, (own, listed) in pairs.items():
        if own != listed:
            told = say(
                "%(what)s: its header says %(own)s, the list of files %(listed)s", what=what, own=own, listed=listed
            )
            problems.append(Problem("U012", entry.where, told))
    return entry.offset + _LOCAL.size + len(rest)


def _header_sizes(size: int, packed: int, block: bytes | None, entry: Entry) -> tuple[int, int]:
    """Return size and packed size of a header; its ZIP64 field must hold both (APPNOTE.TXT 4.5.3)."""
    if block is None:
        return size, packed
    if len(block) not in (16, 24, 28):
        refuse("U016", "its ZIP64 field lacks a value or has one too many; pack the archive anew", entry.where)
    long_size, long_packed = struct.unpack_from("<QQ", block)
    if packed not in (long_packed, FULL_32):
        refuse("U016", f"its ZIP64 field says {long_packed} where its header says {packed}", entry.where)
    return (long_size if size == FULL_32 else size), long_packed


def _check_descriptor(data: bytes, entry: Entry) -> None:
    """Require after the data a data descriptor that says what the list of files says."""
    if not data:
        refuse("U011", "lacks the sums that should follow its data, or more follows", entry.where)
    if struct.unpack(_DESCRIPTORS[len(data)], data) != (entry.crc, entry.packed_bytes, entry.size):
        refuse("U012", "the sums that follow its data differ from the list of files", entry.where)
    if len(data) in (16, 24) and data[:4] != b"PK\x07\x08":
        refuse("U012", "the sums that follow its data do not begin as they should", entry.where)
