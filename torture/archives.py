"""Makes ZIP archives that are almost right: any field of any record may say something else than it should."""

import random
import struct
import zlib
from dataclasses import dataclass

#: a signature, and numbers
Record = list[int | bytes]
_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_ENTRY = struct.Struct("<4sHHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_END_64 = struct.Struct("<4sQHHLLQQQQ")
_LOCATOR = struct.Struct("<4sLQL")
NAMES = (
    b"okh.toml",
    b"readme.md",
    b"parts/",
    b"parts/leg.stl",
    b"PARTS/leg.stl",
    b"lamp-main/okh.toml",
    b"bagit.txt",
    b"data/okh.toml",
    b"manifest-sha256.txt",
    b"..",
    b"../x",
    b"/etc/x",
    b"C:\\x",
    b"con.txt",
    b"a\\b",
    b"a\x00b",
    b"",
    b"a//b",
    b".git/config",
    b"__MACOSX/._x",
    "é.txt".encode(),
    "e\N{COMBINING ACUTE ACCENT}.txt".encode(),
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe".encode(),
    b"\xff.txt",
    b"x" * 250,
    b"d/" * 20 + b"x",
)
CONTENTS = (
    b"",
    b"x",
    b"Some text, more or less. " * 8,
    b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
    bytes(3000),
)


@dataclass(slots=True)
class _Member:
    """A file of an archive, as its two headers tell it."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: bytes
    size: int
    attributes: int
    extra: bytes = b""
    offset: int = 0
    header: bytes = b""
    descriptor: bytes = b""


def make_archive(chance: random.Random) -> bytes:
    """Return an archive of up to four files; half of them are as they should be."""
    lies = chance.random() < 0.5
    members = [_make_member(chance, lies) for _ in range(chance.randint(0, 4))]
    body = b""
    for member in members:
        member.offset = len(body)
        body += member.header + member.packed + member.descriptor
        if lies and chance.random() < 0.05:
            member.offset = chance.randint(0, len(body))
    listed = b"".join(_entry(member, chance if lies else None) for member in members)
    end: Record = [b"PK\x05\x06", 0, 0, len(members), len(members), len(listed), len(body), 0]
    records = b""
    if chance.random() < 0.15:
        long: Record = [b"PK\x06\x06", 44, 45, 45, 0, 0, *end[3:7]]
        _lie(long, chance, lies)
        locator: Record = [b"PK\x06\x07", 0, len(body) + len(listed), 1]
        _lie(locator, chance, lies)
        records = _pack(_END_64, long) + _pack(_LOCATOR, locator)
        end[3:7] = [0xFFFF, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF] if chance.random() < 0.7 else end[3:7]
    comment = chance.choice((b"", b"", b"", b"made by hand", b"\x00"))
    end[-1] = len(comment)
    _lie(end, chance, lies)
    return body + listed + records + _pack(_END, end) + comment


def _make_member(chance: random.Random, lies: bool) -> _Member:
    name, data = chance.choice(NAMES), chance.choice(CONTENTS)
    if name.endswith(b"/"):
        data = b""
    method = chance.choice((0, 8))
    engine = zlib.compressobj(chance.choice((0, 1, 9)), zlib.DEFLATED, -15)
    packed = engine.compress(data) + engine.flush() if method else data
    flags = (0 if name.isascii() else 1 << 11) | (1 << 3 if chance.random() < 0.15 else 0)
    kind = chance.choice((0, 0o100644, 0o100644, 0o40755 if name.endswith(b"/") else 0o100600))
    member = _Member(name, flags, method, zlib.crc32(data), packed, len(data), (kind << 16))
    if chance.random() < 0.1:
        member.extra = _extra(member, chance)
    sums = (member.crc, len(packed), len(data))
    shown = (0, 0, 0) if flags & 1 << 3 else sums
    header: Record = [b"PK\x03\x04", 20, flags, method, 0, 0x21, *shown, len(name), len(member.extra)]
    _lie(header, chance, lies)
    member.header = _pack(_LOCAL, header) + name + member.extra
    if flags & 1 << 3:
        member.descriptor = chance.choice((b"PK\x07\x08", b"")) + struct.pack("<LLL", *sums)
    if lies and chance.random() < 0.1:
        member.size, member.crc = chance.choice(((member.size + 1, member.crc), (2**31, member.crc), (member.size, 1)))
    return member


def _extra(member: _Member, chance: random.Random) -> bytes:
    """Return an extra field: sizes of 64 bits, a second name, times, or anything."""
    number = chance.choice((0x0001, 0x7075, 0x5455, 0xFFFF))
    block = {
        0x0001: struct.pack("<QQ", member.size, len(member.packed)),
        0x7075: b"\x01" + struct.pack("<L", zlib.crc32(member.name)) + member.name,
    }.get(number, chance.randbytes(5))
    return struct.pack("<HH", number, len(block)) + block


def _entry(member: _Member, chance: random.Random | None) -> bytes:
    fields: Record = [
        b"PK\x01\x02",
        0x0314,
        20,
        member.flags,
        member.method,
        0,
        0x21,
        member.crc,
        len(member.packed),
        member.size,
    ]
    fields += [len(member.name), len(member.extra), 0, 0, 0, member.attributes, member.offset]
    if chance is not None:
        _lie(fields, chance, lies=True)
    return _pack(_ENTRY, fields) + member.name + member.extra


def _lie(fields: Record, chance: random.Random, lies: bool) -> None:
    """Change one of the numbers of a record, now and then."""
    if lies and chance.random() < 0.25:
        at = chance.randrange(1, len(fields))
        value = fields[at]
        if isinstance(value, int):
            odd = chance.choice(
                (0, 1, 0xFFFF, 0xFFFF_FFFF, value ^ 1, value + 1, value - 1, value ^ 1 << chance.randrange(16))
            )
            fields[at] = odd


def _pack(layout: struct.Struct, fields: Record) -> bytes:
    """Pack the fields, each cut to its size."""
    sizes = {"H": 0xFFFF, "L": 0xFFFF_FFFF, "Q": 2**64 - 1}
    signs = layout.format.removeprefix("<4s")
    return layout.pack(fields[0], *(int(value) & sizes[sign] for value, sign in zip(fields[1:], signs, strict=True)))
