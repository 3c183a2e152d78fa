"""A version of a design to take away: a BagIt 1.0 bag (RFC 8493) in a zip whose bytes are the same everywhere."""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from cosmolocal.errors import InputError, Problem

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ALGORITHMS = ("sha256", "sha512")
_BLOCK = 1 << 20
#: [bytes], entries: a plain zip counts in 32 and 16 bits
_MAX_ZIP_BYTES, _MAX_ENTRIES = 0xFFFF_FFFF, 0xFFFF
#: 1980-01-01 00:00 as DOS writes it, the first moment a zip can name
_DOS_TIME, _DOS_DATE = 0, 0x21
_UTF8 = 0x0800
#: a plain file that its owner may write and everybody read, as Unix says it
_ATTRIBUTES = 0o100644 << 16
_UNIX = 3 << 8
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")


@dataclass(frozen=True, slots=True)
class BagPart:
    """A file of the bundle, and where its bytes lie."""

    #: within the bundle, with slashes
    path: str
    size: int
    sha256: str
    #: None: not known yet
    sha512: str | None
    place: Path


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of the zip; its bytes are ``content``, or those of ``place``."""

    name: str
    size: int
    crc32: int
    content: bytes = b""
    place: Path | None = None

    def blocks(self) -> Iterator[bytes]:
        return iter([self.content]) if self.place is None else _blocks(self.place)


@dataclass(frozen=True, slots=True)
class Bag:
    """The bytes of a zip, block by block, and how many they are."""

    size: int
    entries: tuple[_Entry, ...]

    def __iter__(self) -> Iterator[bytes]:
        return _zip(self.entries)


def build_bag(name: str, files: Iterable[BagPart], info: Mapping[str, str]) -> Bag:
    """Return a zip that holds the bag ``name``; the bytes of all files have been checked then.

    ``info`` goes into ``bag-info.txt``, besides the Payload-Oxum.

    Raises
    ------
    InputError
        When a file's bytes are not those its digests name, or there are too many of them for a zip.
    """
    problems: list[Problem] = []
    payload: list[_Entry] = []
    digests_by_path: dict[str, tuple[str, ...]] = {}
    for file in sorted(files, key=lambda file: file.path.encode()):
        crc32, digests = _measure(file, problems)
        path = f"data/{file.path}"
        digests_by_path[path] = digests
        payload.append(_Entry(f"{name}/{path}", file.size, crc32, place=file.place))
    tags = _tag_files(digests_by_path, {**info, "Payload-Oxum": f"{sum(e.size for e in payload)}.{len(payload)}"})
    entries = [*payload, *(_Entry(f"{name}/{tag}", len(text), zlib.crc32(text), text) for tag, text in tags.items())]
    entries.sort(key=lambda entry: entry.name.encode())
    heads = sum(_LOCAL.size + _CENTRAL.size + 2 * len(entry.name.encode()) for entry in entries)
    size = heads + sum(entry.size for entry in entries) + _END.size
    if size > _MAX_ZIP_BYTES or len(entries) > _MAX_ENTRIES:
        found = f"a zip holds at most {_MAX_ZIP_BYTES:,} bytes in {_MAX_ENTRIES:,} files; take the files one by one"
        problems.append(Problem("D051", name, found))
    if problems:
        raise InputError(problems)
    return Bag(size, tuple(entries))


def find_swhid(files: Iterable[BagPart]) -> str:
    """Return the SWHID ``swh:1:dir:…`` of the bundle: the name that the Software Heritage archive knows it by."""
    blobs = [(tuple(file.path.split("/")), file) for file in files]
    return "swh:1:dir:" + _tree_sha1(blobs).hex()


def _measure(file: BagPart, problems: list[Problem]) -> tuple[int, tuple[str, ...]]:
    """Return CRC and digests of a file's bytes, which must be those it was published with."""
    crc32, size = 0, 0
    digests = [hashlib.new(algorithm) for algorithm in _ALGORITHMS]
    for block in _blocks(file.place):
        crc32 = zlib.crc32(block, crc32)
        size += len(block)
        for digest in digests:
            digest.update(block)
    found = tuple(digest.hexdigest() for digest in digests)
    if (size, found[0]) != (file.size, file.sha256) or file.sha512 not in (None, found[1]):
        rule = f"has {size} bytes with sha256 {found[0]}; published were {file.size} bytes with sha256 {file.sha256}"
        problems.append(Problem("D052", file.path, rule))
    return crc32, found


def _tag_files(digests_by_path: Mapping[str, tuple[str, ...]], info: Mapping[str, str]) -> dict[str, bytes]:
    """Return the bag's own files by name."""
    lines = (f"{key}: {' '.join(value.split())}\n" for key, value in sorted(info.items()))
    tags = {"bag-info.txt": "".join(lines).encode(), "bagit.txt": BAGIT}
    for index, algorithm in enumerate(_ALGORITHMS):
        digest_by_path = {path: digests[index] for path, digests in digests_by_path.items()}
        tags[f"manifest-{algorithm}.txt"] = _manifest(digest_by_path)
    named = sorted(tags)
    for algorithm in _ALGORITHMS:
        digest_by_tag = {tag: hashlib.new(algorithm, tags[tag]).hexdigest() for tag in named}
        tags[f"tagmanifest-{algorithm}.txt"] = _manifest(digest_by_tag)
    return tags


def _manifest(digest_by_path: Mapping[str, str]) -> bytes:
    return "".join(f"{digest}  {_encoded(path)}\n" for path, digest in digest_by_path.items()).encode()


def _encoded(path: str) -> str:
    """Return a path with the three characters in percent-encoding that RFC 8493 asks for, and no others."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _zip(entries: tuple[_Entry, ...]) -> Iterator[bytes]:
    """Yield a zip of stored entries; `zipfile` cannot stream without data descriptors, which many readers refuse."""
    directory, offset = bytearray(), 0
    for entry in entries:
        name = entry.name.encode()
        flags = 0 if entry.name.isascii() else _UTF8
        common = (20, flags, 0, _DOS_TIME, _DOS_DATE, entry.crc32, entry.size, entry.size, len(name), 0)
        yield _LOCAL.pack(b"PK\x03\x04", *common) + name
        yield from entry.blocks()
        directory += _CENTRAL.pack(b"PK\x01\x02", _UNIX | 20, *common, 0, 0, 0, _ATTRIBUTES, offset) + name
        offset += _LOCAL.size + len(name) + entry.size
    yield bytes(directory)
    yield _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), offset, 0)


def _tree_sha1(blobs: list[tuple[tuple[str, ...], BagPart]]) -> bytes:
    """Return git's digest of a folder: of its files and folders by name, a folder's name taken with a slash."""
    rows: list[tuple[bytes, bytes]] = []
    for name, group in groupby(sorted(blobs, key=lambda blob: blob[0]), key=lambda blob: blob[0][0]):
        inside = list(group)
        raw = name.encode()
        if len(inside[0][0]) == 1:
            rows.append((raw, b"100644 " + raw + b"\0" + _blob_sha1(inside[0][1])))
        else:
            deeper = [(path[1:], file) for path, file in inside]
            rows.append((raw + b"/", b"40000 " + raw + b"\0" + _tree_sha1(deeper)))
    tree = b"".join(row for _, row in sorted(rows))
    return hashlib.sha1(b"tree %d\0" % len(tree) + tree, usedforsecurity=False).digest()


def _blob_sha1(file: BagPart) -> bytes:
    digest = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    for block in _blocks(file.place):
        digest.update(block)
    return digest.digest()
