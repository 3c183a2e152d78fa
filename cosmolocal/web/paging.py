"""Pages of a table: the rows of one, and links to the first, the last, and those around the one that is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

#: pages on either side of the one that is shown
AROUND = 2

T = TypeVar("T")


def page_links(page: int, pages: int) -> list[int | None]:
    """Return the numbers of the pages to link to; None stands where some are left out.

    >>> page_links(6, 20)
    [1, None, 4, 5, 6, 7, 8, None, 20]
    >>> page_links(1, 4)
    [1, 2, 3, 4]
    """
    wanted = sorted({1, pages, *range(max(1, page - AROUND), min(pages, page + AROUND) + 1)})
    links: list[int | None] = []
    last = 0
    for number in wanted:
        if number == last + 2:
            links.append(last + 1)
        elif number > last + 2:
            links.append(None)
        links.append(number)
        last = number
    return links


@dataclass(frozen=True, slots=True)
class Cut(Generic[T]):
    """The rows that one page shows, of all that were found."""

    found: Sequence[T]
    #: [rows] of a page; 0: all on one
    size: int
    #: of the page, from 1
    number: int

    @property
    def shown(self) -> Sequence[T]:
        """Return the rows of this page."""
        return self.found[(self.number - 1) * self.size : self.number * self.size] if self.size else self.found

    @property
    def pages(self) -> int:
        """Return the number of pages, at least one."""
        return max(1, -(-len(self.found) // self.size)) if self.size else 1

    @property
    def links(self) -> list[int | None]:
        """Return the numbers of the pages to link to; None stands where some are left out."""
        return page_links(self.number, self.pages)
