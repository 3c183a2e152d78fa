"""What can be wrong, said in the owner's words."""

import errno
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


class Said(str):
    """An English sentence that remembers its template and what fills it, so that a page can say it in any language.

    To everything else it is the sentence; see `say`.
    """

    __slots__ = ("template", "values")

    template: str
    #: by name in the template; one that was said itself is translated too
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any] = MappingProxyType({})) -> "Said":
        """Fill a template; one without values is taken as it is."""
        said = super().__new__(cls, template % values if values else template)
        said.template, said.values = template, dict(values)
        return said

    def __getnewargs__(self) -> tuple[str, Mapping[str, Any]]:  # type: ignore[override]
        """Return what makes the same again in another process."""
        return self.template, self.values

    def tell_in(self, translate: Callable[[str], str], show: Callable[[Any], Any] = lambda value: value) -> str:
        """Return the sentence in another language; ``translate`` turns templates into it, ``show`` writes values."""
        values = {
            name: value.tell_in(translate, show) if isinstance(value, Said) else show(value)
            for name, value in self.values.items()
        }
        template = translate(self.template)
        return template % values if values else template

    def as_plain(self) -> list[Any]:
        """Return template and values as JSON can keep them."""
        return [
            self.template,
            {name: value.as_plain() if isinstance(value, Said) else str(value) for name, value in self.values.items()},
        ]

    @classmethod
    def from_plain(cls, kept: list[Any]) -> "Said":
        """Return what `as_plain` has kept."""
        template, values = kept
        filled = {name: cls.from_plain(value) if isinstance(value, list) else value for name, value in values.items()}
        return cls(template, filled)


def say(template: str, /, **values: Any) -> Said:
    """Return a sentence that can be translated; extraction looks for this name.

    >>> say("found %(found)s; %(rule)s", found="0", rule=say("must be above 0"))
    'found 0; must be above 0'
    """
    return Said(template, values)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of an input: which rule, where, and what was found there."""

    #: a letter for the room (W workshops, O orders, D designs, U uploads, N network, P plans, J jobs, S people) and
    #: a number
    code: str
    #: file and place in it, e.g. ``workshops.yaml: workshops[2].lat``
    where: str
    #: the value found and the rule, one sentence
    message: str

    def __str__(self) -> str:
        return f"{self.code} {self.where}: {self.message}"

    def as_dict(self) -> dict[str, str]:
        """Return the problem as the JSON object that every command prints."""
        return {"code": self.code, "where": self.where, "message": self.message}


def is_full_disk(error: BaseException) -> bool:
    """Tell whether there is no room on the disk, or no more for this user."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class CosmolocalError(Exception):
    """The root of every error this package raises on purpose."""


class InputError(CosmolocalError):
    """An input is wrong; holds everything wrong with it, not the first thing."""

    def __init__(self, problems: Iterable[Problem], warnings: Iterable[Problem] = ()) -> None:
        self.problems = tuple(sorted(problems))
        #: what is odd besides
        self.warnings = tuple(warnings)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnreadableError(InputError):
    """A file is there and cannot be read: nobody knows what it says, so that it counts neither as none nor as wrong."""


class NotFoundError(CosmolocalError):
    """Something asked for by name does not exist."""


class SolverError(CosmolocalError):
    """The model itself is invalid: a fault of this program, not of its input."""


class ForbiddenError(CosmolocalError):
    """A person may not do what was asked for; nobody is signed in where ``sign_in`` is set."""

    def __init__(self, message: str, *, sign_in: bool = False) -> None:
        self.sign_in = sign_in
        super().__init__(message)


class BusyError(CosmolocalError):
    """Others write all the while; nothing was changed, and trying again later helps."""

    def __init__(self) -> None:
        super().__init__("others are writing, and it took too long; nothing was changed, so try again in a moment")
