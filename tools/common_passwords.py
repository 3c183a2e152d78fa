"""Writes which long passwords most people have, as digests: python -m tools.common_passwords LISTS.

A list is a text file with a password a line, the most common ones first. Such lists are made of what was stolen
elsewhere and published: the file was made of ten million (Mark Burnett, 2015) and of hundred thousand (NCSC, 2019).
Passwords that are too short anyway are left out, of the rest of each list the first 10,000 are taken.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from cosmolocal.workflows.common_passwords import PATH, digest_of
from cosmolocal.workflows.passwords import SHORTEST, normalize_password

MOST = 10_000


def build_digests(lists: Iterable[str]) -> bytes:
    r"""Return the digests of the passwords of some lists, in order, each once.

    >>> build_digests(["short\nlong enough, this\n"]).hex()
    '0c5631145803'
    """
    found: set[bytes] = set()
    for text in lists:
        folded = (normalize_password(line.strip()).casefold() for line in text.split("\n"))
        long = dict.fromkeys(password for password in folded if len(password) >= SHORTEST and "\ufffd" not in password)
        found |= {digest_of(password) for password in list(long)[:MOST]}
    return b"".join(sorted(found))


def main() -> None:
    """Write the file beside the code that reads it."""
    parser = argparse.ArgumentParser(prog="python -m tools.common_passwords", description=__doc__)
    parser.add_argument("list", nargs="+", type=Path)
    given = parser.parse_args()
    digests = build_digests(path.read_text("utf-8", "replace") for path in given.list)
    PATH.write_bytes(digests)
    sys.stdout.write(f"{len(digests):,} bytes\n")


if __name__ == "__main__":
    main()
