"""Where it is made: workshops, their machine groups and capacity."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cosmolocal.records.designs import Provenance, Tolerance


class WorkshopStatus(StrEnum):
    """Facility status of Open Know-Where; only active workshops are planned."""

    ACTIVE = "active"
    PLANNED = "planned"
    TEMPORARILY_CLOSED = "temporarily-closed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CapacityPeriod:
    """Weekly capacity of ONE machine while the period is valid (Catena-X week based capacity)."""

    #: [machine minutes per week] promised to the region's plan
    agreed_minutes: int
    #: [machine minutes per week] that the workshop runs now
    actual_minutes: int
    #: [machine minutes per week] that it could run at most
    maximum_minutes: int
    #: first day; None: since ever
    valid_from: date | None = None
    #: last day; None: for good
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a workshop or one of its machine groups is closed, or weeks of other hours: ``closures.csv``."""

    workshop: str
    #: id of the machine group; "": all of the workshop
    group: str
    first_day: date
    #: included
    last_day: date
    #: [machine minutes per week] of ONE machine instead of those of its period; None: closed
    weekly_minutes: int | None = None
    reason: str = ""
    provenance: Provenance = Provenance.DECLARED


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was taken over from when a list was imported."""

    #: name of the list
    source: str
    #: what the list calls it; "": it has no id there
    id: str = ""
    #: day of the list; None: unknown
    day: date | None = None
    #: SPDX id, or words; "": unknown
    licence: str = ""


@dataclass(frozen=True, slots=True)
class MachineGroup:
    """Machines of one workshop that are the same to a planner."""

    #: unique within its workshop
    id: str
    #: id in the process vocabulary
    process: str
    machines: int
    #: [cents per machine hour]
    hourly_cost_cents: int
    #: not overlapping; a week in none of them has no capacity
    periods: tuple[CapacityPeriod, ...]
    #: [mm] largest work piece, any order; None: unknown
    envelope_mm: tuple[int, int, int] | None = None
    #: materials worked; None: unknown
    materials: tuple[str, ...] | None = None
    #: finest class it holds; None: unknown
    tolerance: Tolerance | None = None
    #: [machine seconds per lot]
    setup_seconds: int = 0
    #: machine time is the operation's time x 100 / this
    speed_percent: int = 100
    #: [g CO2e per machine hour]
    co2e_g_per_hour: int = 0
    #: [units] smallest lot it takes on
    minimum_lot: int = 1
    #: of its figures
    provenance: Provenance = Provenance.DECLARED
    #: who builds these machines, and what they call them; "": unknown
    make: str = ""
    model: str = ""
    #: names of figures that nobody has stated: "hourly_cost", "weekly_hours"; without them there is no capacity
    unknown: tuple[str, ...] = ()
    #: None: from no list
    imported: Origin | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """A place that makes things (Open Know-Where: manufacturing facility)."""

    #: also the id of its place in the network
    id: str
    name: str
    #: [degrees north, WGS 84]
    lat: float
    #: [degrees east, WGS 84]
    lon: float
    groups: tuple[MachineGroup, ...]
    status: WorkshopStatus = WorkshopStatus.ACTIVE
    #: public | cooperative | association | university | company | foundation
    legal_form: str = "association"
    #: [m along the network] farthest delivery; None: no limit
    radius_m: int | None = None
    #: weekdays it is open, 0 Monday ... 6 Sunday
    open_weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    closed_days: tuple[date, ...] = ()
    address: str = ""
    #: True: made up for the sample
    example: bool = False
    #: where name and coordinates come from
    source: str = ""
    #: of name and coordinates
    provenance: Provenance = Provenance.DECLARED
    #: of legal form, radius, open weekdays and closed days
    terms_provenance: Provenance = Provenance.DECLARED
    #: the lists that tell of it
    imported: tuple[Origin, ...] = ()
    #: as ``closures.csv`` says
    closures: tuple[Closure, ...] = ()
