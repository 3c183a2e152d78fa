"""The records at the end of a ZIP archive: where its list of files lies, and what it says of each file.

Layouts and names: APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3.12 to 4.3.16 (list of files: central directory) and
4.5 (extra fields). Everything that leaves room for two readings is refused.
"""

import os
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from cosmolocal.designs.names import show_path
from cosmolocal.errors import InputError, Problem, say

MAX_ARCHIVE_BYTES = 512 * 1024**2
MAX_ENTRIES = 10_000
#: [bytes] 10,000 entries with the longest names and usual extra fields take a quarter of it
_MAX_LIST_BYTES = 16 * 1024**2
_MAX_EXTRA_FIELDS = 32

FULL_32, _FULL_16 = 0xFFFF_FFFF, 0xFFFF
ZIP64, _UNICODE_PATH = 0x0001, 0x7075
_ENTRY = struct.Struct("<4sHHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQHHLLQQQQ")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list of files (central directory)."""

    name: bytes
    #: of APPNOTE.TXT that a program must know, times ten
    version: int
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size: int
    offset: int
    attributes: int

    @property
    def text(self) -> str:
        """Return the name; where it is no UTF-8, with its bytes spelled out."""
        return self.name.decode("utf-8", "backslashreplace")

    @property
    def where(self) -> str:
        """Return the name as one can print it."""
        return show_name(self.name)


@dataclass(frozen=True, slots=True)
class End:
    """Where the list of files lies, and how many entries it has."""

    count: int
    size: int
    offset: int


def refuse(code: str, message: str, where: str = "archive") -> NoReturn:
    """Raise `InputError` with this one problem."""
    raise InputError([Problem(code, where, message)])


def read_at(file: BinaryIO, offset: int, length: int, where: str = "archive") -> bytes:
    """Return so many bytes from there on; an archive that ends before them is refused."""
    file.seek(offset)
    data = file.read(length)
    if len(data) < length:
        refuse("U010", say("ends in the middle of a file; it was cut off, upload it again"), where)
    return data


def read_end(file: BinaryIO) -> End:
    """Return what the record at the end of the archive says, in its ZIP64 form where there is one."""
    total = file.seek(0, os.SEEK_END)
    if total > MAX_ARCHIVE_BYTES:
        refuse("U015", say("has %(size)s bytes; at most %(most)s are taken", size=total, most=MAX_ARCHIVE_BYTES))
    tail_start = max(0, total - _END.size - _FULL_16)
    tail = read_at(file, tail_start, total - tail_start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        refuse("U010", say("is no ZIP archive, or was cut off: the record that ends every ZIP archive is missing"))
    _, disk, list_disk, here, count, size, offset, comment_bytes = _END.unpack_from(tail, at)
    comment = tail[at + _END.size :]
    if len(comment) != comment_bytes:
        refuse("U011", "holds data after its end; a ZIP archive ends with its list of files and its comment")
    if any(byte < 32 and byte not in b"\t\r\n" for byte in comment):
        refuse("U011", "holds data other than text in its comment")
    position = tail_start + at
    end = End(count, size, offset)
    disks = (disk, list_disk)
    if position >= _LOCATOR.size and read_at(file, position - _LOCATOR.size, 4) == b"PK\x06\x07":
        position, end, disks = _read_end_64(
            file, position - _LOCATOR.size, (disk, list_disk, here, count, size, offset)
        )
    elif here != count:
        refuse("U011", f"counts {here} files in one place and {count} in another")
    if disks != (0, 0):
        refuse("U011", "is one piece of an archive of several pieces; upload a ZIP archive of one piece")
    if end.count > MAX_ENTRIES:
        # 65535 in the short record means: a ZIP64 record has the number; here there is none
        found = f"{end.count} files and folders" if end.count != _FULL_16 else "more files than its end can count"
        refuse("U015", f"holds {found}; at most {MAX_ENTRIES} are taken")
    if end.size > _MAX_LIST_BYTES:
        refuse("U015", f"has a list of files of {end.size} bytes; at most {_MAX_LIST_BYTES} are taken")
    if end.offset + end.size != position:
        refuse("U011", "its list of files does not lie where its end says: data were added before, between or after")
    return end


def _read_end_64(file: BinaryIO, locator_at: int, short: tuple[int, ...]) -> tuple[int, End, tuple[int, int]]:
    """Return where the ZIP64 end record lies, what it says, and its disks; ``short`` are the same fields in short."""
    _, disk, at, disks = _LOCATOR.unpack(read_at(file, locator_at, _LOCATOR.size))
    if at + _END_64.size != locator_at:
        refuse("U011", "its ZIP64 end record does not lie where its locator says")
    signature, length, _, _, *fields = _END_64.unpack(read_at(file, at, _END_64.size))
    if signature != b"PK\x06\x06" or length != _END_64.size - 12:
        refuse("U011", "its ZIP64 end record is damaged or holds more than it should")
    for number, (small, large) in enumerate(zip(short, fields, strict=True)):
        if small not in (large, _FULL_16 if number < 4 else FULL_32):
            refuse("U011", f"its two end records differ: one says {small}, the other {large}")
    own_disk, list_disk, here, count, size, offset = fields
    if here != count:
        refuse("U011", f"counts {here} files in one place and {count} in another")
    pieces = (max(own_disk, disk, 0 if disks == 1 else 1), list_disk)
    return at, End(count, size, offset), pieces


def read_entries(file: BinaryIO, end: End) -> list[Entry]:
    """Return the list of files; it must be as long as its end says, to the byte."""
    data = read_at(file, end.offset, end.size)
    entries: list[Entry] = []
    at = 0
    for _ in range(end.count):
        if data[at : at + 4] != b"PK\x01\x02" or len(data) - at < _ENTRY.size:
            refuse("U011", f"its list of files ends after {len(entries)} files; {end.count} are counted")
        lengths = struct.unpack_from("<HHH", data, at + 28)
        stop = at + _ENTRY.size + sum(lengths)
        if stop > len(data):
            refuse("U011", "its list of files is cut off")
        entries.append(_read_entry(data[at:stop], *lengths[:2]))
        at = stop
    if at != len(data):
        refuse("U011", f"its list of files holds more than the {end.count} files that are counted")
    return entries


def _read_entry(data: bytes, name_bytes: int, extra_bytes: int) -> Entry:
    _, _, version, flags, method, _, _, crc, packed, size, *_, disk, _, attributes, offset = _ENTRY.unpack_from(data)
    name = data[_ENTRY.size : _ENTRY.size + name_bytes]
    extras = read_extras(data[_ENTRY.size + name_bytes :][:extra_bytes], name)
    size, packed, offset, disk = _full_values((size, packed, offset, disk), extras.get(ZIP64), name)
    if disk != 0:
        refuse("U011", "lies in another piece of the archive; upload a ZIP archive of one piece", show_name(name))
    return Entry(name, version & 0xFF, flags, method, crc, packed, size, offset, attributes)


def show_name(name: bytes) -> str:
    """Return a name as one can print it."""
    return show_path(name.decode("utf-8", "backslashreplace"))


def read_extras(data: bytes, name: bytes) -> dict[int, bytes]:
    """Return the extra fields by their number; those that change what is read may stand once."""
    fields: dict[int, bytes] = {}
    at = count = 0
    while at < len(data):
        number, length = struct.unpack_from("<HH", data, at) if len(data) - at >= 4 else (0, len(data))
        at += 4 + length
        count += 1
        is_repeated = number in fields and number in (ZIP64, _UNICODE_PATH)
        if at > len(data) or is_repeated or count > _MAX_EXTRA_FIELDS:
            refuse("U016", "its extra fields are damaged, repeated or too many; pack the archive anew", show_name(name))
        fields[number] = data[at - length : at]
        if number == _UNICODE_PATH and fields[number] != b"\x01" + struct.pack("<L", zlib.crc32(name)) + name:
            refuse("U016", "has a second name that differs from its first; pack the archive anew", show_name(name))
    return fields


def _full_values(short: tuple[int, ...], block: bytes | None, name: bytes) -> tuple[int, ...]:
    """Return size, packed size, offset and disk of an entry, from its ZIP64 field where its header sends there."""
    full = (FULL_32, FULL_32, FULL_32, _FULL_16)
    asked = [number for number in range(4) if short[number] == full[number]]
    if block is None:
        given: list[int] = []
    elif len(block) == sum(4 if number == 3 else 8 for number in asked):
        given = asked
    else:
        given = {16: [0, 1], 24: [0, 1, 2], 28: [0, 1, 2, 3]}.get(len(block), [])
    if not set(asked) <= set(given) or (block and not given):
        refuse("U016", "its ZIP64 field lacks a value or has one too many; pack the archive anew", show_name(name))
    values = list(short)
    layout = "<" + "".join("L" if number == 3 else "Q" for number in given)
    for number, value in zip(given, struct.unpack(layout, block or b""), strict=True):
        # a size that is told twice in two ways steers no part of the frame; it is found out when the file is unpacked
        if number not in asked and number != 0 and value != short[number]:
            refuse("U016", f"its ZIP64 field says {value} where its header says {short[number]}", show_name(name))
        values[number] = value if number in asked else short[number]
    return tuple(values)
