"""BagIt bags (RFC 8493) as an upload: the payload must be whole, by SHA-256 or SHA-512."""

import hashlib
import re
from collections.abc import Iterator, Mapping

from cosmolocal.designs.names import show_path
from cosmolocal.errors import Problem

CODES: dict[str, str] = {
    "U022": "A BagIt bag is not whole: its declaration, or a file that differs from what a manifest says of it.",
}
DECLARATION = "bagit.txt"
ALGORITHMS = ("sha256", "sha512")
_DECLARED = re.compile(
    r"BagIt-Version: ?(?:0\.9[3-9]|1\.[0-9]+)\s+Tag-File-Character-Encoding: ?UTF-8\s*", re.IGNORECASE
)
#: the checksum, blanks, a star of md5sum's binary mode, the path
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
#: what RFC 8493, 2.1.3 has written otherwise in a path
_ESCAPES = {"%0A": "\n", "%0D": "\r", "%25": "%"}


def check_bag(tags: Mapping[str, bytes], payload: Mapping[str, Mapping[str, str]]) -> list[Problem]:
    """Return why a bag is not whole.

    Parameters
    ----------
    tags
        The bytes of each file outside ``data/`` by path.
    payload
        The hexadecimal digests of each file in ``data/``, by path and by algorithm.
    """
    problems = list(_declaration_problems(tags))
    if not any(f"manifest-{name}.txt" in tags for name in ALGORITHMS):
        problems.append(_fault("manifest-sha256.txt", "is missing; a bag lists its files by SHA-256 or SHA-512"))
    of_tags = {
        path: {name: hashlib.new(name, data).hexdigest() for name in ALGORITHMS}
        for path, data in tags.items()
        if not path.startswith("tagmanifest-")
    }
    for name in ALGORITHMS:
        for where, found, is_complete in (
            (f"manifest-{name}.txt", payload, True),
            (f"tagmanifest-{name}.txt", of_tags, False),
        ):
            if where in tags:
                digests = {path: by_algorithm[name] for path, by_algorithm in found.items()}
                problems += _compare(where, tags[where], digests, is_complete)
    return problems


def _fault(where: str, message: str) -> Problem:
    return Problem("U022", show_path(where), message)


def _declaration_problems(tags: Mapping[str, bytes]) -> Iterator[Problem]:
    if not _DECLARED.fullmatch(tags[DECLARATION].decode("utf-8", "replace")):
        yield _fault(DECLARATION, "must hold BagIt-Version: 1.0 and Tag-File-Character-Encoding: UTF-8, one line each")
    if "fetch.txt" in tags:
        yield _fault("fetch.txt", "names files that lie elsewhere; put all files into data/")


def _compare(where: str, data: bytes, digests: Mapping[str, str], is_complete: bool) -> Iterator[Problem]:
    """Yield a problem for each line that fits no file and, in a complete list, for each file without a line."""
    listed: set[str] = set()
    for number, line in enumerate(_lines(data), 1):
        match = _LINE.fullmatch(line)
        path = _find(match[2].removeprefix("./"), digests) if match else None
        if match is None:
            yield _fault(where, f"line {number} is no checksum with a path")
        elif path is None:
            yield _fault(where, f"line {number} names {show_path(match[2])}, which is not in the bag")
        elif path in listed:
            yield _fault(where, f"line {number} names {show_path(path)} a second time")
        elif digests[path] != match[1].lower():
            yield _fault(path, f"differs from its checksum in {where}: it was changed or damaged")
        if path is not None:
            listed.add(path)
    if is_complete:
        for path in sorted(digests.keys() - listed):
            yield _fault(path, f"is missing from {where}")


def _lines(data: bytes) -> Iterator[str]:
    for line in re.split("\r\n|\n|\r", data.decode("utf-8", "replace")):
        if line:
            yield line


def _find(path: str, paths: Mapping[str, str]) -> str | None:
    """Return the file that a line means; old tools write a percent sign as it is."""
    plain = re.sub("%0A|%0D|%25", lambda match: _ESCAPES[match[0].upper()], path, flags=re.IGNORECASE)
    return next((found for found in (path, plain) if found in paths), None)
