"""What a map can say of neighbourhoods: what each asked for, and what became of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from cosmolocal.records import Allocation, Order, Place, PlaceKind, Region, Unmet


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """A neighbourhood in figures."""

    place: Place
    #: [units] asked for, made in the region, and made but delivered after the due week
    asked: int
    made: int
    late: int
    #: [cents] of all its lots, made or imported, with their weights
    cost_cents: int

    @property
    def unmet(self) -> int:
        """Return the units that are imported."""
        return self.asked - self.made

    @property
    def share_permille(self) -> int | None:
        """Return the part of its units that is made in the region, rounded down; None: nothing asked."""
        return 1000 * self.made // self.asked if self.asked else None

    @property
    def unit_cents(self) -> int | None:
        """Return what a unit costs in the mean, rounded; None: nothing asked."""
        return round(self.cost_cents / self.asked) if self.asked else None


def measure_areas(
    region: Region, orders: Iterable[Order], allocations: Iterable[Allocation], unmet: Iterable[Unmet]
) -> tuple[AreaFigures, ...]:
    """Return the figures of every neighbourhood, by its id."""
    home = {order.id: order.place for order in orders}
    asked, made, late, cents = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for row in allocations:
        place = home[row.order]
        made[place] += row.quantity
        asked[place] += row.quantity
        late[place] += row.quantity if row.cost.late_weeks else 0
        cents[place] += row.cost.total_cents
    for lot in unmet:
        asked[home[lot.order]] += lot.quantity
        cents[home[lot.order]] += lot.cost.total_cents
    places = (place for place in region.places if place.kind is PlaceKind.NEIGHBOURHOOD)
    return tuple(
        AreaFigures(place, asked[place.id], made[place.id], late[place.id], cents[place.id])
        for place in sorted(places, key=lambda place: place.id)
    )
