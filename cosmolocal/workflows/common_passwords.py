"""The long passwords that most people have: the first thing that somebody tries. Only their digests are kept."""

import hashlib
from functools import cache
from pathlib import Path

#: digests, one after the other, in no separate lines; `tools/common_passwords.py` writes it
PATH = Path(__file__).with_suffix(".bin")
#: [bytes] of SHA-256 that are kept: among 2^48 another password hardly ever meets one of ten thousand
SIZE = 6


def digest_of(folded: str) -> bytes:
    """Return what is kept of a password, however its letters are written."""
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).digest()[:SIZE]


@cache
def common_digests() -> frozenset[bytes]:
    """Return all that is kept."""
    data = PATH.read_bytes()
    return frozenset(data[at : at + SIZE] for at in range(0, len(data), SIZE))


def is_common(folded: str) -> bool:
    """Tell whether many people have this password.

    >>> is_common("unbelievable"), is_common("three quiet looms")
    (True, False)
    """
    return digest_of(folded) in common_digests()
