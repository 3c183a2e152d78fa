"""Digests of a file in all algorithms that OCFL knows, the file being read once."""

import hashlib
from collections.abc import Iterable


def find_digests(path: str, algorithms: Iterable[str], buffer: memoryview) -> dict[str, str]:
    """Return the hex digest by algorithm; "" for one we do not know."""
    found: dict[str, str] = {}
    hashes = {}
    for algorithm in algorithms:
        try:
            hashes[algorithm] = _new_hash(algorithm)
        except (ValueError, TypeError):
            found[algorithm] = ""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each of many files takes its time
        while size := file.readinto(buffer):
            for each in hashes.values():
                each.update(buffer[:size])
            if size < len(buffer):
                break
    return found | {algorithm: each.hexdigest() for algorithm, each in hashes.items()}


def _new_hash(algorithm: str) -> "hashlib._Hash":
    name, _, size = algorithm.partition("-")
    if name == "blake2b" and size:
        return hashlib.blake2b(digest_size=int(size) // 8)  # type: ignore[return-value]
    return hashlib.new(algorithm.replace("/", "_"))
