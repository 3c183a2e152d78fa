"""What a map can say of neighbourhoods and districts: what each asked for, and what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.exports.districts import NO_DISTRICT, add_known, name_districts
from cosmolocal.records import Allocation, Order, Place, PlaceKind, Region, Unmet


class AreaKind(StrEnum):
    """What figures are about."""

    NEIGHBOURHOOD = "neighbourhood"
    DISTRICT = "district"
    #: neighbourhoods of which no district is known
    NO_DISTRICT = "no-district"
    #: all that goes to workshops and hubs
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """A neighbourhood or a district in figures."""

    #: of its place, or of the district; "": elsewhere
    id: str
    #: "": elsewhere, or no district is known
    name: str
    kind: AreaKind
    #: [people]; None: unknown
    population: int | None = None
    #: [units] asked for, made in the region, and made but delivered after the due week
    asked: int = 0
    made: int = 0
    late: int = 0
    #: [cents] of all its lots, made or imported, with their weights
    cost_cents: int = 0
    #: [m] all trips of what is made for it, one way
    distance_m: int = 0

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

    @property
    def units_per_100000(self) -> int | None:
        """Return the units asked for by 100,000 people, rounded; None: unknown how many live there, or none."""
        return round(100_000 * self.asked / self.population) if self.population else None

    @property
    def head_cents(self) -> int | None:
        """Return what its lots cost for each of its people, rounded; None as above."""
        return round(self.cost_cents / self.population) if self.population else None


@dataclass(slots=True)
class _Sums:
    asked: int = 0
    made: int = 0
    late: int = 0
    cost_cents: int = 0
    distance_m: int = 0


def measure_areas(
    region: Region, orders: Iterable[Order], allocations: Iterable[Allocation], unmet: Iterable[Unmet]
) -> tuple[AreaFigures, ...]:
    """Return the figures of every neighbourhood by its id; last those of all other places, where they asked for any."""
    home = {order.id: order.place for order in orders}
    sums = defaultdict[str, _Sums](_Sums)
    for row in allocations:
        place = sums[home[row.order]]
        place.made += row.quantity
        place.asked += row.quantity
        place.late += row.quantity if row.cost.late_weeks else 0
        place.cost_cents += row.cost.total_cents
        place.distance_m += row.cost.distance_m
    for lot in unmet:
        sums[home[lot.order]].asked += lot.quantity
        sums[home[lot.order]].cost_cents += lot.cost.total_cents
    homes = sorted((p for p in region.places if p.kind is PlaceKind.NEIGHBOURHOOD), key=lambda place: place.id)
    found = tuple(_figures(place, sums.pop(place.id, _Sums())) for place in homes)
    return found if not sums else (*found, add_up("", "", AreaKind.ELSEWHERE, sums.values(), None))


def _figures(place: Place, sums: _Sums) -> AreaFigures:
    return add_up(place.id, place.name, AreaKind.NEIGHBOURHOOD, (sums,), place.population)


def add_up(
    area_id: str, name: str, kind: AreaKind, parts: Iterable[AreaFigures | _Sums], population: int | None
) -> AreaFigures:
    """Return the figures of what is made of parts."""
    parts = tuple(parts)
    return AreaFigures(
        area_id,
        name,
        kind,
        population,
        asked=sum(part.asked for part in parts),
        made=sum(part.made for part in parts),
        late=sum(part.late for part in parts),
        cost_cents=sum(part.cost_cents for part in parts),
        distance_m=sum(part.distance_m for part in parts),
    )


def measure_districts(region: Region, homes: Iterable[AreaFigures]) -> tuple[AreaFigures, ...]:
    """Return the figures of every district from those of its neighbourhoods; those of other places stay last."""
    by_id: Mapping[str, AreaFigures] = {row.id: row for row in homes}
    found = []
    for district in name_districts(region):
        kind = AreaKind.NO_DISTRICT if district.id == NO_DISTRICT else AreaKind.DISTRICT
        parts = [by_id[place.id] for place in district.homes]
        population = add_known(part.population for part in parts)
        found.append(add_up(district.id, district.name, kind, parts, population))
    return (*found, *(row for row in by_id.values() if row.kind is AreaKind.ELSEWHERE))
