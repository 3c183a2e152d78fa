"""What can be wrong, said in the owner's words."""

from collections.abc import Iterable
from dataclasses import dataclass


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


class CosmolocalError(Exception):
    """The root of every error this package raises on purpose."""


class InputError(CosmolocalError):
    """An input is wrong; holds everything wrong with it, not the first thing."""

    def __init__(self, problems: Iterable[Problem], warnings: Iterable[Problem] = ()) -> None:
        self.problems = tuple(sorted(problems))
        #: what is odd besides
        self.warnings = tuple(warnings)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotFoundError(CosmolocalError):
    """Something asked for by name does not exist."""


class SolverError(CosmolocalError):
    """The model itself is invalid: a fault of this program, not of its input."""


class ForbiddenError(CosmolocalError):
    """A person may not do what was asked for; nobody is signed in where ``sign_in`` is set."""

    def __init__(self, message: str, *, sign_in: bool = False) -> None:
        self.sign_in = sign_in
        super().__init__(message)
