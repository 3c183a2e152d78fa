"""What planners wish for single orders, beside what costs least."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class WishKind(StrEnum):
    """What is wished for a lot."""

    #: it stays in this workshop and week
    STAY = "stay"
    #: it goes to this workshop and week
    PLACE = "place"
    #: this workshop does nothing of it
    AVOID = "avoid"


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a planner wants a lot made, or not made; it holds for every plan until it is taken back."""

    id: int
    #: order book that the order stands in
    book: str
    order: str
    #: "": all lots of the order
    lot: str
    kind: WishKind
    #: id of the workshop
    workshop: str
    #: Monday of the week of the last task; None: of no matter
    monday: date | None
    note: str
    #: name of who wishes it
    person: str
    #: RFC 3339, UTC
    created: str
