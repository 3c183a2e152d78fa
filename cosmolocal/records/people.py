"""People who use the pages, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is here for; a person may have several roles."""

    ADMINISTRATOR = "administrator"
    PLANNER = "planner"
    MAKER = "maker"
    WORKSHOP = "workshop"
    VIEWER = "viewer"


class Scope(StrEnum):
    """What a token of the API is good for; each of the others includes reading."""

    READ = "read"
    #: designs and their versions
    PUBLISH = "publish"
    #: orders and plans
    PLAN = "plan"
    #: jobs of a workshop, and its calendar
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    #: unique, lower-case letters, digits, single hyphens: what owners of designs are called by
    name: str
    full_name: str
    roles: frozenset[Role]
    #: id of the workshop whose jobs this person answers; None: none
    workshop: str | None = None
    #: may sign in?
    active: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a person is signed in; moments are RFC 3339, UTC."""

    id: int
    person: str
    created: str
    last_seen: str
    expires: str
    #: is it the browser that asks?
    here: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A key with which a program acts for a person; moments are RFC 3339, UTC."""

    id: int
    person: str
    #: what it is for, in the person's words; unique for the person
    name: str
    scopes: frozenset[Scope]
    created: str
    expires: str
    #: None: not yet
    last_used: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open invitation; moments are RFC 3339, UTC."""

    id: int
    roles: frozenset[Role]
    #: id of the workshop the new person will answer for; None: none
    workshop: str | None
    created: str
    expires: str
    #: the name the new person will have; None: the person chooses
    name: str | None = None
