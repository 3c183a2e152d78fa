"""The region: places, the network's parameters, and the settings of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from cosmolocal.records.codec import SPARSE
from cosmolocal.records.designs import Design, Provenance
from cosmolocal.records.orders import Priority
from cosmolocal.records.streets import StreetNetwork, StreetRules
from cosmolocal.records.workshops import Workshop


class PlaceKind(StrEnum):
    """What a node of the network is."""

    WORKSHOP = "workshop"
    NEIGHBOURHOOD = "neighbourhood"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the network."""

    id: str
    name: str
    kind: PlaceKind
    #: [degrees north, WGS 84]
    lat: float
    #: [degrees east, WGS 84]
    lon: float
    #: name of the district it lies in; "": unknown
    district: str = ""
    #: [people]; None: unknown or none
    population: int | None = None
    #: official number, as files of areas have it; "": none
    code: str = ""
    #: of its coordinates
    provenance: Provenance = Provenance.DECLARED
    #: [kg per week] that a hub can pass on; None: no limit. Only hubs have one
    weekly_capacity_kg: int | None = field(default=None, metadata=SPARSE)
    #: [cents per kg] of what changes from one mode to another in a hub
    handling_cents_per_kg: int = field(default=0, metadata=SPARSE)


@dataclass(frozen=True, slots=True)
class AreaFile:
    """A GeoJSON file with the polygons of neighbourhoods or districts."""

    #: relative to the region's folder
    file: str
    #: property of its features that says whose polygon it is: an id, a code or a name
    property: str = "id"


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to travel: cargo bike, van ..."""

    id: str
    name: str
    speed_kmh: int
    cents_per_trip: int
    cents_per_km: int
    co2e_g_per_km: int
    #: [g] heaviest load of one trip
    max_load_g: int
    #: [m] farthest trip; None: no limit
    max_distance_m: int | None = None
    #: classes of streets it may use, as OpenStreetMap's highway; empty: all. A street of unknown class is open to all
    classes: tuple[str, ...] = ()
    #: False: it may use one-way streets both ways, as people on foot do
    oneway: bool = True
    #: street network of its own, within the region's folder; "": the region's
    streets: str = ""
    #: where its figures come from
    source: str = ""
    provenance: Provenance = Provenance.UNKNOWN


@dataclass(frozen=True, slots=True)
class LinkRule:
    """What the region knows of the link between two places, in both directions."""

    from_place: str
    to_place: str
    #: [m]; None: great circle x detour factor
    distance_m: int | None = None
    #: [kg per week, both directions together]; None: the network's default
    weekly_capacity_kg: int | None = None
    #: True: nothing may pass
    closed: bool = False


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How places are linked; every workshop is linked with every other place, hubs with all."""

    #: road distance / great-circle distance
    detour_factor: float
    modes: tuple[Mode, ...]
    #: [kg per week] of every link that has no rule of its own; None: no limit
    weekly_capacity_kg: int | None = None
    links: tuple[LinkRule, ...] = ()
    #: None: every link is as long as the great circle x detour factor
    streets: StreetRules | None = None
    #: do lots that go the same way by the same mode in the same week share its trips?
    share_trips: bool = field(default=False, metadata=SPARSE)


@dataclass(frozen=True, slots=True)
class Nominatim:
    """A Nominatim server that may be asked where an address is."""

    domain: str
    #: who asks, as its owner wants to know
    user_agent: str
    scheme: str = "https"
    #: two letters each; none: the whole world
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Geocoding:
    """How places are found by what people write."""

    #: CSV file of addresses, relative to the region's folder; None: there is none
    addresses: str | None = None
    #: None: nobody else is asked
    nominatim: Nominatim | None = None


class CapacityBasis(StrEnum):
    """Which of a machine group's weekly hours may be planned without extra cost."""

    AGREED = "agreed"
    ACTUAL = "actual"
    MAXIMUM = "maximum"


def default_priority_percent() -> dict[Priority, int]:
    """Return how many percent of the normal weight each priority has."""
    return {Priority.EMERGENCY: 1000, Priority.HIGH: 200, Priority.NORMAL: 100, Priority.LOW: 50}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a planner may steer; ``docs/model.md`` says how each changes the plan."""

    #: first day of week 0, a Monday
    start_date: date
    #: [weeks] planned
    weeks: int
    #: which weekly hours of a machine group may be planned without extra cost: agreed, actual or maximum
    capacity_basis: CapacityBasis = CapacityBasis.AGREED
    #: [percent of the hourly cost] on top, for hours above the basis up to the maximum; None: not allowed
    overtime_percent: int | None = None
    #: [weeks] between making a part in one workshop and using it in another
    transfer_weeks: int = 1
    #: [weeks] between the first article of an order that asks for one and what is made after it: time for the check
    first_article_weeks: int = 1
    #: [weeks] an order may be delivered after its due week
    max_late_weeks: int = 2
    #: into how many lots a splittable order may be cut
    max_lots_per_order: int = 3
    #: how many workshops are considered for the last step of a lot, cheapest first
    workshops_per_lot: int = 6
    #: how many workshops are considered for each part, cheapest first
    makers_per_part: int = 3
    #: how many ways to spread a lot's parts are considered per workshop of the last step, cheapest first
    routes_per_workshop: int = 3
    #: how often more ways are looked for at the prices of scarce machine time
    price_rounds: int = 4
    #: [cents per kg CO2e]
    co2e_cents_per_kg: int = 20
    #: [percent of the lot's reference value per week late]
    lateness_percent_per_week: int = 5
    #: [cents per km travelled], besides what transport costs
    distance_cents_per_km: int = 0
    #: [cents per machine hour] for the load of a workshop above its fair share; see ``FAIR_LOAD_STEPS``
    fairness_cents_per_hour: int = 0
    #: [percent of the import's money] on top: what making here is worth to the region
    import_penalty_percent: int = 100
    #: [cents per kg] of bringing goods in from outside
    import_cents_per_kg: int = 50
    #: [g CO2e per kg] of bringing goods in from outside
    import_co2e_g_per_kg: int = 400
    #: [cents per unit] price of a design whose price outside is unknown
    unknown_import_cents: int = 10000
    #: [percent] weight of lateness and import penalty by priority
    priority_percent: dict[Priority, int] = field(default_factory=default_priority_percent)


#: fairness steps: load of a workshop above this percentage of its capacity over all weeks costs
#: ``fairness_cents_per_hour`` x the factor, per hour
FAIR_LOAD_STEPS: tuple[tuple[int, int], ...] = ((10, 1), (20, 2), (40, 4), (60, 6), (80, 8))


@dataclass(frozen=True, slots=True)
class Process:
    """A way of making, one entry of the process vocabulary."""

    id: str
    name: str
    #: ids of the more general processes that this one is a kind of
    parents: tuple[str, ...] = ()
    #: other words for it: labels of fab labs, TsDC codes, Wikidata names
    aliases: tuple[str, ...] = ()
    #: requirement fields without which a match is unknown: "material", "envelope"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The process vocabulary."""

    processes: tuple[Process, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """All that a plan reads, but the order book."""

    id: str
    name: str
    #: neighbourhoods and hubs; workshops are places too, see ``workshops``
    places: tuple[Place, ...]
    workshops: tuple[Workshop, ...]
    network: NetworkSettings
    settings: Settings
    vocabulary: Vocabulary
    #: every version of every design
    designs: tuple[Design, ...]
    #: polygons of the neighbourhoods; None: cells around their centres
    areas: AreaFile | None = None
    #: polygons of the districts; None: those of their neighbourhoods, put together
    district_areas: AreaFile | None = None
    #: licence and source of the region's facts, shown with them
    attribution: str = ""
    #: licence of what the region opens to everybody; "": unknown
    open_data_licence: str = ""
    #: why by ``id@version`` of designs whose files were taken down
    taken_down: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: the street networks that the region and its modes name, by file
    streets: Mapping[str, StreetNetwork] = field(default_factory=dict, hash=False)
    #: folder in which distances over streets are kept; "": they are not
    street_cache: str = field(default="", compare=False)
