"""What the map of a plan shows, for whoever draws it: areas, workshops, hubs and the ways between them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cosmolocal.exports.area_files import Areas, Polygon
from cosmolocal.records import Allocation, Order, Place, PlaceKind, Region, Unmet

#: an area's level is 1 + the number of these percentages of its units that are reached; 0: nothing asked
LEVEL_PERCENTS = (25, 50, 75, 100)

#: ways that a map shows at most: more than that cannot be told apart
MOST_FLOWS = 300

#: room left around the neighbourhoods, as a part of their extent, so that what lies just beside them is seen
AIR = 0.08


@dataclass(frozen=True, slots=True)
class Shade:
    """How a mark of the map is shaded by a measure."""

    #: 0 (nothing) to 5
    level: int
    #: what it says, in words
    told: str
    #: written beside it; "": nothing
    label: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A neighbourhood, and how much of what it asked for is made in the region."""

    place: Place
    polygons: tuple[Polygon, ...]
    #: [units] asked for, and made in the region
    asked: int
    made: int
    #: None: by the share that is made here
    shade: Shade | None = None

    @property
    def level(self) -> int:
        """Return the level of its shade; without one 0 (nothing asked), else 1 (under 25 %) to 5 (all)."""
        if self.shade is not None:
            return self.shade.level
        if self.asked == 0:
            return 0
        return 1 + sum(100 * self.made >= percent * self.asked for percent in LEVEL_PERCENTS)


@dataclass(frozen=True, slots=True)
class Spot:
    """A workshop or a hub."""

    id: str
    name: str
    lat: float
    lon: float
    #: number in the key beside the map; 0: none
    number: int
    #: lots that it makes, or makes parts of
    lots: int
    #: None: by whether it has work
    shade: Shade | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """All that goes from one place to another."""

    from_place: str
    to_place: str
    #: (lon, lat) of both
    ends: tuple[tuple[float, float], tuple[float, float]]
    #: [units] delivered; of parts on their way to another workshop, pieces
    quantity: int
    #: ids of the lots
    lots: tuple[str, ...]
    #: does any of it arrive after its due week?
    late: bool
    #: True: parts on their way to another workshop
    transfer: bool

    @property
    def id(self) -> str:
        """Return a name that rows of a table and lines of a map share."""
        return f"{self.from_place}~{self.to_place}"


@dataclass(frozen=True, slots=True)
class MapLayers:
    """All that a map of a plan, or of a part of it, shows."""

    areas: tuple[Area, ...]
    workshops: tuple[Spot, ...]
    hubs: tuple[Spot, ...]
    #: in the order in which they are drawn: transfers, in time, late
    flows: tuple[Flow, ...]
    #: ids of what somebody chose: flows, workshops, neighbourhoods
    chosen: frozenset[str] = frozenset()
    #: of neighbourhoods that the areas hold, where those are districts
    home_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """Return what workshops, hubs, areas and neighbourhoods are called, by their ids."""
        spots = {spot.id: spot.name for spot in (*self.workshops, *self.hubs)}
        return {**spots, **{area.place.id: area.place.name for area in self.areas}, **self.home_names}

    @property
    def heart(self) -> tuple[float, float, float, float]:
        """Return west, south, east, north of the neighbourhoods and some air; of all, where there are none."""
        spots = [corner for area in self.areas for polygon in area.polygons for corner in polygon[0]]
        spots += [(area.place.lon, area.place.lat) for area in self.areas]
        spots = spots or [(spot.lon, spot.lat) for spot in (*self.workshops, *self.hubs)] or [(0.0, 0.0)]
        lons, lats = [lon for lon, _ in spots], [lat for _, lat in spots]
        air_lon, air_lat = AIR * (max(lons) - min(lons)), AIR * (max(lats) - min(lats))
        return min(lons) - air_lon, min(lats) - air_lat, max(lons) + air_lon, max(lats) + air_lat


def build_layers(
    region: Region, areas: Areas, orders: Iterable[Order], allocations: Iterable[Allocation], unmet: Iterable[Unmet]
) -> MapLayers:
    """Return the layers of these allocations and unmet lots; workshops keep their number whatever is shown."""
    allocations, unmet = tuple(allocations), tuple(unmet)
    home = {order.id: order.place for order in orders}
    made, asked = Counter[str](), Counter[str]()
    for allocation in allocations:
        made[home[allocation.order]] += allocation.quantity
        asked[home[allocation.order]] += allocation.quantity
    for lot in unmet:
        asked[home[lot.order]] += lot.quantity
    places = sorted(region.places, key=lambda place: place.id)
    return MapLayers(
        areas=tuple(
            Area(place, areas.get(place.id, ()), asked[place.id], made[place.id])
            for place in places
            if place.kind is PlaceKind.NEIGHBOURHOOD
        ),
        workshops=_workshop_spots(region, _lots_by_workshop(allocations)),
        hubs=tuple(
            Spot(place.id, place.name, place.lat, place.lon, 0, 0) for place in places if place.kind is PlaceKind.HUB
        ),
        flows=_flows(region, allocations),
    )


def greatest_flows(layers: MapLayers, most: int = MOST_FLOWS) -> tuple[MapLayers, int]:
    """Return the layers with at most so many ways, and how many are left out.

    What is chosen is kept first, then those of the greatest quantity.
    """
    if len(layers.flows) <= most:
        return layers, 0
    greatest = sorted(
        layers.flows,
        key=lambda flow: (flow.id not in layers.chosen, -flow.quantity, flow.from_place, flow.to_place, flow.transfer),
    )
    kept = set(map(id, greatest[:most]))
    flows = tuple(flow for flow in layers.flows if id(flow) in kept)
    return replace(layers, flows=flows), len(layers.flows) - most


def workshop_numbers(region: Region) -> dict[str, int]:
    """Return the number of each workshop in the key of the map, by name."""
    ordered = sorted(region.workshops, key=lambda workshop: (workshop.name, workshop.id))
    return {workshop.id: number for number, workshop in enumerate(ordered, start=1)}


def _lots_by_workshop(allocations: Iterable[Allocation]) -> Counter[str]:
    return Counter(workshop for row in allocations for workshop in {task.workshop for task in row.tasks})


def _workshop_spots(region: Region, lots: Mapping[str, int]) -> tuple[Spot, ...]:
    numbers = workshop_numbers(region)
    spots = [
        Spot(workshop.id, workshop.name, workshop.lat, workshop.lon, numbers[workshop.id], lots.get(workshop.id, 0))
        for workshop in region.workshops
    ]
    return tuple(sorted(spots, key=lambda spot: spot.number))


def _flows(region: Region, allocations: Iterable[Allocation]) -> tuple[Flow, ...]:
    at = {place.id: (place.lon, place.lat) for place in region.places}
    at |= {workshop.id: (workshop.lon, workshop.lat) for workshop in region.workshops}
    quantity, late = Counter[tuple[str, str, bool]](), set[tuple[str, str, bool]]()
    lots: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for allocation in allocations:
        pieces = {(task.path, task.first): task.quantity for task in allocation.tasks}
        pieces["", False] = allocation.quantity
        for leg in allocation.legs:
            if leg.from_place == leg.to_place:
                continue
            key = (leg.from_place, leg.to_place, leg.path != "")
            quantity[key] += pieces[leg.path, leg.first]
            if lots[key][-1:] != [allocation.lot]:
                lots[key].append(allocation.lot)
            if leg.path == "" and allocation.cost.late_weeks:
                late.add(key)
    flows = [
        Flow(start, end, (at[start], at[end]), quantity[key], tuple(lots[key]), key in late, transfer)
        for key in quantity
        for start, end, transfer in [key]
    ]
    return tuple(sorted(flows, key=lambda flow: (not flow.transfer, flow.late, flow.from_place, flow.to_place)))
