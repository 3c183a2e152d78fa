"""For whom and by when: orders and the lots they are cut into."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class Priority(StrEnum):
    """How much an order's lateness and import weigh; see ``Settings.priority_percent``."""

    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Order:
    """Somebody at a place wants a quantity of a design by a date."""

    id: str
    #: id of the design
    design: str
    #: version range, e.g. ``^1.2``
    version: str
    #: [units]
    quantity: int
    #: id of the place it is delivered to
    place: str
    due_date: date
    #: making may not start before the week of this day; None: at once
    release_date: date | None = None
    priority: Priority = Priority.NORMAL
    #: may several workshops share it?
    splittable: bool = False
    #: [units] smallest lot it may be split into
    minimum_lot: int = 1
    #: [m along the network] farthest workshop that may deliver it; None: no limit
    max_distance_m: int | None = None
    #: ``sha256:`` tree digest that the version it names must have; None: any will do
    digest: str | None = None
    #: street and door, and whom to ask there; they stay in the order book: see `PRIVATE_FIELDS`
    address: str = ""
    contact: str = ""
    #: is one piece made and checked before the rest is begun? Such an order is never split
    first_article: bool = False

    def without_contact(self) -> "Order":
        """Return the order without what only its planner and its workshop may read."""
        return replace(self, address="", contact="") if self.address or self.contact else self


#: fields of an order that are stored, shown and exported nowhere but where `visible_delivery` allows it
PRIVATE_FIELDS = frozenset({"address", "contact"})


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of an order that one workshop delivers in one go."""

    #: ``order id/number``, numbered from 1
    id: str
    order: str
    #: ``id@version`` of the design that the version range resolved to
    design: str
    #: [units]
    quantity: int
    #: is its first unit made and checked before the others are begun?
    first_article: bool = False
