"""Passwords: which are good enough, and how they are kept."""

import re
import threading
import unicodedata
from collections.abc import Collection
from typing import Protocol

from werkzeug.security import check_password_hash, generate_password_hash

from cosmolocal.errors import Problem, say
from cosmolocal.workflows.common_passwords import is_common

#: [characters]
SHORTEST, LONGEST = 12, 1000
#: [characters] different ones, at least; "aaaaaaaaaaaa" is long and yet nothing
FEWEST_DIFFERENT = 5
#: [characters] at least, besides names that belong to the person or the region
BESIDES_NAME = 6
#: [characters] of a name's part that counts as one
SHORTEST_PART = 3
_WORDS = """
password passwort motdepasse contrasena contraseña contrasenya senha letmein welcome bienvenue bienvenido admin root
administrator administrador guest master secret iloveyou jetaime teamo princess sunshine football superman batman dragon
monkey shadow michael jessica charlie liverpool chelsea barcelona realmadrid pokemon starwars whatever trustno access
computer internet changeme default test qwerty qwertyuiop azerty asdfgh asdfghjkl zxcvbn zxcvbnm abc abcdef hello login
summer winter spring autumn samsung google facebook cosmolocal user
"""
PROGRAM = "cosmolocal"
#: what long passwords that many people have are made of, with numbers and signs around it or said again
WORDS = frozenset(_WORDS.split())
#: rows that fingers walk along
ROWS = (
    *("01234567890123456789", "qwertyuiopqwertyuiop", "azertyuiopazertyuiop", "asdfghjklasdfghjkl", "zxcvbnmzxcvbnm"),
    *("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn", "1q2w3e4r5t6y7u8i9o0p"),
    *("zaq12wsxcde34rfvbgt56yhn", "qazwsxedcrfvtgbyhnujmikolp", "zaqxswcdevfrbgtnhymju", "zaqwsxcderfvbgtyhnmju"),
    *("zaq1xsw2cde3vfr4bgt5nhy6", "1qazxsw23edcvfr45tgbnhy6", "q1w2e3r4t5y6u7i8o9p0", "1qa2ws3ed4rf5tg6yh7uj"),
    *("a1s2d3f4g5h6j7k8l9", "1a2s3d4f5g6h7j8k9l", "z1x2c3v4b5n6m7", "1z2x3c4v5b6n7m", "12qw34er56ty78ui90op"),
    *(
        "112233445566778899",
        "111222333444555666",
        "qweasdzxcrtyfghvbn",
        "qwerasdfzxcvtyuighjkbnm",
        "qwaszxerdfcvtyghbn",
    ),
)
#: [characters] that may stand beside a walk or a repeated piece
FEW_BESIDES = 5
LONGEST_PIECE = 6
#: [characters] of what is said again to the end, and of what is said and then backwards
LONGEST_WHOLE = 11

TOO_SHORT = say("The password must have 12 characters at least.")
TOO_LONG = say("The password must have 1000 characters at most.")
OWN_NAME = say("The password must not be the name of the person.")
NAME_AROUND = say("The password must not be the name of the region or of this program.")
TOO_OBVIOUS = say("This password is among the first that somebody would try; choose another one.")


class Hasher(Protocol):
    """Turns passwords into what may be stored."""

    def hash(self, password: str) -> str:
        """Return what is stored of a password."""

    def check(self, stored: str, password: str) -> bool:
        """Return whether the password is the one that was stored."""


class Scrypt:
    """The hasher of real life: slow and hungry for memory on purpose, so that guessing is dear."""

    #: each hash takes 32 MiB for a moment: a crowd that signs in waits in a line instead of filling the memory
    _line = threading.BoundedSemaphore(2)

    def hash(self, password: str) -> str:
        """Return method, salt and hash."""
        with self._line:
            return generate_password_hash(password, method="scrypt")

    def check(self, stored: str, password: str) -> bool:
        """Return whether the password is the one that was stored."""
        with self._line:
            return check_password_hash(stored, password)


#: what the password of somebody who does not exist is checked against: the same work, and no password fits
NOBODY = "scrypt:32768:8:1$JwhhqM0V7ksjBNFZ$" + "0" * 128


def normalize_password(password: str) -> str:
    """Return the password as it is kept: keyboards write the same sign in different ways."""
    return unicodedata.normalize("NFKC", password)


def is_guessed(folded: str) -> bool:
    """Tell whether a password is one of those that are tried first.

    These are the ones that most people have, a common word with numbers, a piece said again, and walks along the keys.

    >>> is_guessed("football2024!"), is_guessed("abc123abc123"), is_guessed("the quiet loom")
    (True, True, False)
    """
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    plain = word.translate(str.maketrans("@$0134!57", "asoieaist"))
    return bool({word, plain} & WORDS) or is_common(folded) or _is_said_again(folded) or _is_walk(folded)


def _is_said_again(folded: str) -> bool:
    """Tell whether something short is said again and again, or forwards and backwards."""
    length, size = len(folded), len(folded) // 2
    begun = any(folded.startswith(folded[:each] * (length // each)) for each in range(1, LONGEST_PIECE + 1))
    return begun or (
        size <= LONGEST_WHOLE and folded[:size] in (folded[length - size :], folded[: length - size - 1 : -1])
    )


def _is_walk(folded: str) -> bool:
    """Tell whether all but a few characters follow a row of keys or letters, forwards or backwards."""
    longest = max(len(folded) - FEW_BESIDES, 8)
    rows = (*ROWS, *(row[::-1] for row in ROWS))
    pieces = (folded[start : start + longest] for start in range(len(folded) - longest + 1))
    return any(piece in row for piece in pieces for row in rows)


def check_password(password: str, name: str, full_name: str = "", around: Collection[str] = ()) -> list[Problem]:
    """Return what is wrong with a new password; ``around`` are the names of the region."""
    folded = normalize_password(password).casefold()
    few = len(set(folded)) < min(FEWEST_DIFFERENT, len(folded))
    found = (
        ("S006", TOO_SHORT, len(password) < SHORTEST),
        ("S006", TOO_LONG, len(password) > LONGEST),
        ("S007", OWN_NAME, _is_name(folded, (name, full_name))),
        ("S007", NAME_AROUND, _is_name(folded, (*around, PROGRAM))),
        ("S007", TOO_OBVIOUS, few or (SHORTEST <= len(folded) <= LONGEST and is_guessed(folded))),
    )
    return [Problem(code, "password", message) for code, message, wrong in found if wrong]


def _is_name(folded: str, names: Collection[str]) -> bool:
    """Tell whether there is little in a password besides some names or parts of them."""
    parts = {part for name in names for part in re.split(r"[\W_]+", name.casefold()) if len(part) >= SHORTEST_PART}
    parts |= {name.casefold() for name in names if name}
    besides = folded
    for part in sorted(parts, key=len, reverse=True):
        besides = besides.replace(part, "")
    return besides != folded and len(re.sub(r"[\W_]", "", besides)) < BESIDES_NAME
