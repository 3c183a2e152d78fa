"""Links to the pages of a table: the first, the last, and those around the one that is shown."""

from collections.abc import Sequence
from typing import TypeVar

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


def page_of(items: Sequence[T], page: int, rows: int) -> list[T]:
    """Return the items of a page, which counts from 1."""
    return list(items[(page - 1) * rows : page * rows])


def count_pages(items: int, rows: int) -> int:
    """Return the number of pages, at least one."""
    return max(1, -(-items // rows))
