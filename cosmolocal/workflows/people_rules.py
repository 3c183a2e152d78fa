"""What is wrong with what people type into the forms of accounts, said in sentences that can be translated."""

import re
import unicodedata
from collections.abc import Collection

from cosmolocal.errors import Problem, say
from cosmolocal.records import Role

CODES = {
    "S001": "name and password do not belong together",
    "S002": "too many tries to sign in to one account within a minute",
    "S003": "a name is not made of lower-case letters, digits and single hyphens",
    "S004": "a name is taken",
    "S005": "a full name is missing, too long or holds control characters",
    "S006": "a password is too short or too long",
    "S007": "a password is too easy to guess",
    "S008": "the present password is wrong",
    "S009": "an invitation or first-run code is unknown, used or expired",
    "S010": "a person has no role",
    "S011": "the workshop of a person does not fit the role",
    "S012": "the last administrator would go",
    "S013": "a token has no name, or one that is in use",
    "S014": "a token has no scope",
    "S015": "a token's time is out of range",
    "S016": "the workshop of a person is not in the region",
    "S017": "a token made through a token would do more, or last longer",
}

LONGEST_FULL_NAME = 100
NAME = re.compile(r"(?=.{2,40}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")

WRONG = say("Name and password do not belong together.")
THROTTLED = say("Too many tries for this name. Wait a minute, then try again.")
NAME_RULE = say("A name has 2 to 40 lower-case letters, digits and single hyphens between them.")
NAME_TAKEN = say("This name is taken; choose another one.")
FULL_NAME_RULE = say("A full name has 1 to 100 characters, all of them visible.")
WRONG_PRESENT = say("This is not your present password.")
NOT_OPEN = say("This invitation is unknown, used or expired. Ask for a new one.")
WRONG_CODE = say("This is not the code that the server printed when it started last.")
NO_ROLE = say("Choose at least one role.")
NO_WORKSHOP = say("Choose the workshop that this person answers for.")
NEEDLESS_WORKSHOP = say("Only people with the role “workshop” answer for a workshop.")
UNKNOWN_WORKSHOP = say("The region has no such workshop.")
LAST_ADMINISTRATOR = say("This is the last administrator; make somebody else one first.")
TOKEN_NAME_RULE = say("A token has a name of 1 to 100 characters that none of your other tokens has.")
NO_SCOPE = say("Choose what the token may do.")
TOKEN_DAYS_RULE = say("A token is valid for 1 to 366 days.")
STRONG_TOKEN = say("A token that is made through another one can neither do more nor last longer.")
BAD_TOKEN = say("The token is unknown, expired or revoked.")
NARROW_TOKEN = say("The token is not good for this.")


def check_new_person(name: str, full_name: str) -> list[Problem]:
    """Return what is wrong with the name and full name of a new person."""
    problems = [] if NAME.match(name) else [Problem("S003", "name", NAME_RULE)]
    if not is_line(full_name, LONGEST_FULL_NAME):
        problems.append(Problem("S005", "full_name", FULL_NAME_RULE))
    return problems


def check_access(roles: Collection[Role], workshop: str | None) -> list[Problem]:
    """Return what is wrong with the roles of a person and the workshop the person answers for."""
    found = (
        ("S010", "roles", NO_ROLE, not roles),
        ("S011", "workshop", NO_WORKSHOP, Role.WORKSHOP in roles and not workshop),
        ("S011", "workshop", NEEDLESS_WORKSHOP, Role.WORKSHOP not in roles and bool(workshop)),
    )
    return [Problem(code, where, message) for code, where, message, wrong in found if wrong]


def check_workshop(workshop: str | None, known: Collection[str]) -> list[Problem]:
    """Return what is wrong with the workshop a person answers for; ``known`` are the ids of the region's."""
    return [] if workshop is None or workshop in known else [Problem("S016", "workshop", UNKNOWN_WORKSHOP)]


def is_line(text: str, longest: int) -> bool:
    """Return whether a text can be shown on one line: no control characters, none that turn the direction."""
    hidden = any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)
    turned = any("\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069" for sign in text)
    return 1 <= len(text.strip()) <= longest and not hidden and not turned
