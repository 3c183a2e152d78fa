"""Reading what an address asks for: all that it holds which is not known is told at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Generic, TypeVar

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Place, Workshop
from cosmolocal.web.names import Names
from cosmolocal.web.paging import Cut

CODES = {"P095": "a filter, sort key or page in an address is not known"}

T = TypeVar("T")
Q = TypeVar("Q", bound="RowQuery")

#: parts of an address that say which of the rows found are shown
_SHOWN = frozenset({"page", "size", "start"})


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows of a table an address asks for; the fields of those who build on it are filters, and an order."""

    page: int = field(default=1, kw_only=True)

    @property
    def filters(self) -> bool:
        """Tell whether some rows may be left out."""
        return bool(self.as_args().keys() - {"sort"})

    def as_args(self) -> dict[str, str]:
        """Return the filters and the order as parts of an address; what is usual is left out."""
        chosen = {one.name: (getattr(self, one.name), one.default) for one in fields(self) if one.name not in _SHOWN}
        return {
            name: "yes" if value is True else str(value) for name, (value, usual) in chosen.items() if value != usual
        }


@dataclass(frozen=True, slots=True)
class Found(Generic[Q, T]):
    """What an address finds, and the part of it that one page shows."""

    query: Q
    #: all that fits the filters, in the order asked for
    rows: Sequence[T]
    #: [rows] of a page
    size: int

    @property
    def cut(self) -> Cut[T]:
        """Return the rows of the page asked for."""
        return Cut(self.rows, self.size, self.query.page)


class Asked:
    """The parts of an address, and what is wrong with them; workshops and places may be called by their names."""

    def __init__(self, args: Mapping[str, str], names: Names) -> None:
        self.args = dict(args.items()) | _find_named(args, names)
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        """Return a part as it is; one that is absent is empty."""
        return self.args.get(name, "")

    def choice(self, name: str, known: Collection[str], default: str = "") -> str:
        """Return one of the known values; an empty or absent part is the default."""
        value = self.args.get(name, "") or default
        if value != default and value not in known:
            self.fault(name, value)
        return value

    def order(self, keys: Collection[str], default: str) -> str:
        """Return what rows are sorted by; "-" before it: largest first."""
        return self.choice("sort", {*keys, *(f"-{key}" for key in keys)}, default)

    def flag(self, name: str) -> bool:
        """Tell whether a part says yes."""
        return self.choice(name, ("yes",)) == "yes"

    def fault(self, name: str, value: str) -> None:
        """Keep that a part names nothing."""
        told = say("found %(found)s; it names nothing that this page can show", found=repr(value))
        self.problems.append(Problem("P095", name, told))

    def number(self, name: str) -> int | None:
        """Return a whole number; None: it is not there."""
        text = self.args.get(name, "").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            told = say("found %(found)s; it must be a whole number from 0 to 9999", found=repr(text))
            self.problems.append(Problem("P095", name, told))
            return None
        return int(text)

    def page(self) -> int:
        """Return the number of the page, from 1."""
        return max(1, self.number("page") or 1)

    def day(self, name: str) -> date | None:
        """Return a date; None: it is not there."""
        text = self.args.get(name, "").strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            told = say("found %(found)s; must be a date such as 2026-09-30", found=repr(text))
            self.problems.append(Problem("P095", name, told))
            return None

    def words(self) -> str:
        """Return what is searched for."""
        return self.args.get("q", "").strip()

    def finish(self) -> None:
        """Raise `InputError` with every part that cannot be read."""
        if self.problems:
            raise InputError(self.problems)


def _find_named(args: Mapping[str, str], names: Names) -> dict[str, str]:
    """Return the ids of places and workshops that an address calls by their names, where only one has the name."""
    kinds: dict[str, Mapping[str, Place | Workshop]] = {"workshop": names.workshops, "place": names.places}
    found: dict[str, str] = {}
    for kind, things in kinds.items():
        wanted = args.get(kind, "").strip().casefold()
        if wanted and args[kind] not in things:
            ids = [thing.id for thing in things.values() if thing.name.casefold() == wanted]
            found |= {kind: ids[0]} if len(ids) == 1 else {}
    return found


def read_cut(asked: Asked, size: int) -> tuple[int, int]:
    """Return the rows of a page and its number: ``show=all`` puts all rows on one page."""
    everything = asked.choice("show", ("all",)) == "all"
    return (0 if everything else size), asked.page()


def has_words(text: str, words: str) -> bool:
    """Tell whether a text holds all words, in any case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())
