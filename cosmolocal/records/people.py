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
