"""Writes ZIP archives record by record, so that a test can make any one field of them wrong."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

FULL_32 = 0xFFFF_FFFF


@dataclass
class Item:
    """A file or folder; ``header``, ``entry`` and ``sums`` put wrong values into the records of the same names."""

    name: str | bytes
    data: bytes = b"solid"
    method: int = 8
    flags: int | None = None
    attributes: int = 0o100644 << 16
    #: the bytes in the archive; the data, packed, unless told
    packed: bytes | None = None
    header: dict[str, Any] = field(default_factory=dict)
    entry: dict[str, Any] = field(default_factory=dict)
    header_extra: bytes = b""
    entry_extra: bytes = b""
    #: how the sums after the data are laid out, such as ``<4sLLL``
    descriptor: str = ""
    sums: dict[str, Any] = field(default_factory=dict)
    #: bytes before the header
    before: bytes = b""

    def fields(self) -> dict[str, Any]:
        name = self.name.encode() if isinstance(self.name, str) else self.name
        plain = 0 if name.isascii() else 0x800
        flags = self.flags if self.flags is not None else plain | (8 if self.descriptor else 0)
        return {
            "version": 20,
            "flags": flags,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "packed": len(self.body()),
            "size": len(self.data),
            "name": name,
            "disk": 0,
            "attributes": self.attributes,
        }

    def body(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data


def deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def extra(number: int, data: bytes) -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def header_of(item: Item) -> bytes:
    values = item.fields()
    if item.descriptor:
        values |= {"crc": 0, "packed": 0, "size": 0}
    values |= item.header
    numbers = [values[name] for name in ("version", "flags", "method")] + [0, 33]
    numbers += [values[name] for name in ("crc", "packed", "size")]
    start = struct.pack("<4sHHHHHLLLHH", b"PK\x03\x04", *numbers, len(values["name"]), len(item.header_extra))
    return start + values["name"] + item.header_extra


def entry_of(item: Item, offset: int) -> bytes:
    values = item.fields() | {"offset": offset} | item.entry
    numbers = [0x314, *(values[name] for name in ("version", "flags", "method")), 0, 33]
    numbers += [values[name] for name in ("crc", "packed", "size")]
    numbers += [len(values["name"]), len(item.entry_extra), 0, values["disk"], 0]
    start = struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\x01\x02", *numbers, values["attributes"], values["offset"])
    return start + values["name"] + item.entry_extra


def sums_of(item: Item) -> bytes:
    if not item.descriptor:
        return b""
    values = item.fields() | item.sums
    numbers = [values[name] for name in ("crc", "packed", "size")]
    signature = [item.sums.get("signature", b"PK\x07\x08")] if "4s" in item.descriptor else []
    return struct.pack(item.descriptor, *signature, *numbers)


def build_zip(
    *items: Item, comment: bytes = b"", before_list: bytes = b"", end_64: bool = False, **wrong: int
) -> bytes:
    """Return an archive; ``wrong`` are fields of its end record: disk, list_disk, here, count, size, offset."""
    data, entries = b"", b""
    for item in items:
        data += item.before
        entries += entry_of(item, len(data))
        data += header_of(item) + item.body() + sums_of(item)
    data += before_list
    names = ("disk", "list_disk", "here", "count", "size", "offset")
    true = dict(zip(names, (0, 0, len(items), len(items), len(entries), len(data)), strict=True))
    long = b""
    if end_64:
        at = len(data) + len(entries)
        long = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, *true.values())
        long += struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
        true |= {"size": FULL_32, "offset": FULL_32}
    numbers = (true | wrong).values()
    return data + entries + long + struct.pack("<4sHHHHLLH", b"PK\x05\x06", *numbers, len(comment)) + comment
