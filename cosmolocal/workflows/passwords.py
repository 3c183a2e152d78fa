"""Passwords: which are good enough, and how they are kept."""

import re
import threading
import unicodedata
from typing import Protocol

from werkzeug.security import check_password_hash, generate_password_hash

from cosmolocal.errors import Problem, say

#: [characters]
SHORTEST, LONGEST = 12, 1000
#: [characters] different ones, at least; "aaaaaaaaaaaa" is long and yet nothing
FEWEST_DIFFERENT = 5
#: [characters] at least, besides the person's own name
BESIDES_NAME = 6
OBVIOUS = frozenset(
    [
        "password",
        "password1",
        "password12",
        "password123",
        "password1234",
        "passwordpassword",
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123412341234",
        "qwertyuiop",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyqwerty",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "abcdefghijklm",
        "iloveyou1234",
        "administrator",
        "administrator1",
        "changemeplease",
        "changeme1234",
        "letmeinplease",
        "letmein12345",
        "cosmolocal12",
        "cosmolocal123",
        "cosmolocal1234",
        "correcthorsebatterystaple",
        "motdepasse12",
        "motdepasse123",
        "contraseña12",
        "contraseña123",
        "contrasenya12",
        "contrasenya123",
    ]
)

_WORDS = """
password passwort motdepasse contrasena contraseña contrasenya senha letmein welcome bienvenue bienvenido admin root
administrator administrador guest master secret iloveyou jetaime teamo princess sunshine football superman batman dragon
monkey shadow michael jessica charlie liverpool chelsea barcelona realmadrid pokemon starwars whatever trustno access
computer internet changeme default test qwerty qwertyuiop azerty asdfgh asdfghjkl zxcvbn zxcvbnm abc abcdef hello login
summer winter spring autumn samsung google facebook cosmolocal user
"""
#: what long passwords that many people have are made of, with numbers and signs around it or said again
WORDS = frozenset(_WORDS.split())
#: rows that fingers walk along
ROWS = (
    *("01234567890123456789", "qwertyuiopqwertyuiop", "azertyuiopazertyuiop", "asdfghjklasdfghjkl", "zxcvbnmzxcvbnm"),
    *("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn", "1q2w3e4r5t6y7u8i9o0p"),
)
#: [characters] that may stand beside a walk or a repeated piece
FEW_BESIDES = 5
LONGEST_PIECE = 6

TOO_SHORT = say("The password must have 12 characters at least.")
TOO_LONG = say("The password must have 1000 characters at most.")
OWN_NAME = say("The password must not be the name of the person.")
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
    """Tell whether a password is one of those that are tried first: a word with numbers, a piece again, or a walk.

    >>> is_guessed("football2024!"), is_guessed("abc123abc123"), is_guessed("the quiet loom")
    (True, True, False)
    """
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    plain = word.translate(str.maketrans("@$0134!57", "asoieaist"))
    said_again = any(folded.startswith(folded[:size] * (len(folded) // size)) for size in range(1, LONGEST_PIECE + 1))
    return bool({word, plain} & WORDS) or said_again or _is_walk(folded)


def _is_walk(folded: str) -> bool:
    """Tell whether all but a few characters follow a row of keys or letters, forwards or backwards."""
    longest = max(len(folded) - FEW_BESIDES, 8)
    rows = (*ROWS, *(row[::-1] for row in ROWS))
    pieces = (folded[start : start + longest] for start in range(len(folded) - longest + 1))
    return any(piece in row for piece in pieces for row in rows)


def check_password(password: str, name: str, full_name: str = "") -> list[Problem]:
    """Return what is wrong with a new password."""
    folded = password.casefold()
    owned = [own.casefold() for own in (name, full_name) if own]
    named = any(own in folded and len(folded.replace(own, "")) < BESIDES_NAME for own in owned)
    few = len(set(folded)) < min(FEWEST_DIFFERENT, len(folded))
    obvious = few or folded in OBVIOUS or (len(folded) >= SHORTEST and is_guessed(folded))
    found = (
        ("S006", TOO_SHORT, len(password) < SHORTEST),
        ("S006", TOO_LONG, len(password) > LONGEST),
        ("S007", OWN_NAME, named),
        ("S007", TOO_OBVIOUS, obvious),
    )
    return [Problem(code, "password", message) for code, message, wrong in found if wrong]
