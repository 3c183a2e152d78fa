"""What people ask the makers of a design, and what they are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DesignAnswer:
    """One more line of a thread, by an owner of the design or by whoever asked."""

    person: str
    #: RFC 3339, UTC
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class DesignQuestion:
    """A question about a version of a design, with what was said to it."""

    id: int
    #: ``publisher~slug``
    design: str
    version: str
    person: str
    #: RFC 3339, UTC
    at: str
    text: str
    #: oldest first
    answers: tuple[DesignAnswer, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether the last word is that of whoever asked."""
        return not self.answers or self.answers[-1].person == self.person
