"""Reading what an address asks for: all that it holds which is not known is told at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cosmolocal.errors import InputError, Problem
from cosmolocal.web.names import Names
from cosmolocal.web.paging import count_pages, page_links, page_of
from cosmolocal.web.plan_table import find_named, read_number

T = TypeVar("T")


class Asked:
    """The parts of an address, and what is wrong with them; workshops and places may be called by their names."""

    def __init__(self, args: Mapping[str, str], names: Names) -> None:
        self.args = dict(args.items()) | find_named(args, names)
        self.problems: list[Problem] = []

    def choice(self, name: str, known: Collection[str], default: str = "") -> str:
        """Return one of the known values; an empty or absent part is the default."""
        value = self.args.get(name, "") or default
        if value != default and value not in known:
            self.fault(name, value)
        return value

    def fault(self, name: str, value: str) -> None:
        """Keep that a part names nothing."""
        self.problems.append(Problem("P095", name, f"found {value!r}; it names nothing that this page can show"))

    def number(self, name: str) -> int | None:
        """Return a whole number; None: it is not there."""
        return read_number(self.args, name, self.problems)

    def words(self) -> str:
        """Return what is searched for."""
        return self.args.get("q", "").strip()

    def finish(self) -> None:
        """Raise `InputError` with every part that cannot be read."""
        if self.problems:
            raise InputError(self.problems)


@dataclass(frozen=True, slots=True)
class Cut(Generic[T]):
    """The rows that one page shows, of all that were found."""

    found: Sequence[T]
    #: [rows] of a page; 0: all on one
    size: int
    number: int

    @property
    def shown(self) -> Sequence[T]:
        """Return the rows of this page."""
        return page_of(self.found, self.number, self.size) if self.size else self.found

    @property
    def pages(self) -> int:
        """Return the number of pages, at least one."""
        return count_pages(len(self.found), self.size) if self.size else 1

    @property
    def links(self) -> list[int | None]:
        """Return the numbers of the pages to link to; None stands where some are left out."""
        return page_links(self.number, self.pages)


def read_cut(asked: Asked, size: int) -> tuple[int, int]:
    """Return the rows of a page and its number: ``show=all`` puts all rows on one page."""
    everything = asked.choice("show", ("all",)) == "all"
    return (0 if everything else size), max(1, asked.number("page") or 1)


def has_words(text: str, words: str) -> bool:
    """Tell whether a text holds all words, in any case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())
