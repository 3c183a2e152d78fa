"""The road to a target: what a region consumes, what it may spend, and what is to be bought in which year."""

from dataclasses import dataclass
from enum import StrEnum

from cosmolocal.records.designs import Provenance
from cosmolocal.records.regions import CapacityBasis


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the range it may lie in, and where it comes from."""

    #: in the unit of its field
    value: int
    low: int
    high: int
    #: "": nobody has said
    source: str = ""
    provenance: Provenance = Provenance.DECLARED


@dataclass(frozen=True, slots=True)
class Category:
    """Things of one kind that a region consumes."""

    id: str
    name: str
    #: [EUR per year] consumed in the baseline's year
    eur: Figure
    #: [kg per year] consumed in the baseline's year
    kg: Figure
    #: [hundredths of a percent per year] by which consumption grows
    growth: Figure
    #: [per mille of the value] made in the region by others than the workshops that are planned
    local: Figure
    #: [per mille of the value] that cannot be made in the region: materials, pieces from outside
    outside: Figure
    #: (process, [machine minutes per 1,000 EUR made])
    minutes: tuple[tuple[str, Figure], ...]

    @property
    def most(self) -> int:
        """Return how many per mille the workshops can add at most."""
        return 1000 - self.outside.value - self.local.value


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a region consumes: ``consumption.yaml``."""

    #: to which the figures belong
    year: int
    categories: tuple[Category, ...]


class Measure(StrEnum):
    """What the local share is counted in."""

    VALUE = "value"
    MASS = "mass"


@dataclass(frozen=True, slots=True)
class Goal:
    """A local share to be reached in a year."""

    year: int
    #: [per mille of what is consumed]
    share: int
    source: str = ""
    provenance: Provenance = Provenance.DECLARED


@dataclass(frozen=True, slots=True)
class RoadTerms:
    """Where a region wants to get, and what it may spend: ``road.yaml``."""

    #: in which something may be bought first
    first_year: int
    target: Goal
    #: by year, all before the target
    milestones: tuple[Goal, ...]
    #: [cents per year] for what is bought in a year and for keeping what was bought; what is left over is gone
    budget: Figure
    #: [machines] that can be added to one workshop
    room: Figure
    #: [weeks per year] in which what is bought works
    open_weeks: Figure
    #: [percent of the prices in ``investments.yaml``]
    prices: Figure
    #: [hundredths of a percent per year] by which a later payment counts less
    discount: Figure
    measure: Measure = Measure.VALUE
    #: which weekly hours of machines count
    basis: CapacityBasis = CapacityBasis.ACTUAL
    #: how many futures are drawn
    samples: int = 200
    seed: int = 0

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years of the road."""
        return tuple(range(self.first_year, self.target.year + 1))

    @property
    def goals(self) -> tuple[Goal, ...]:
        """Return milestones and target, by year."""
        return (*self.milestones, self.target)

    @property
    def asked(self) -> tuple[Goal, ...]:
        """Return what is to be reached in each year from the first milestone on: a milestone holds until the next."""
        asked = [[goal for goal in self.goals if goal.year <= year] for year in self.years]
        return tuple(Goal(year, found[-1].share) for year, found in zip(self.years, asked, strict=True) if found)


@dataclass(frozen=True, slots=True)
class Buy:
    """Something bought or opened at the beginning of a year."""

    year: int
    #: id of the machine or workshop in ``investments.yaml``
    offer: str
    count: int
    #: [cents] for all of them
    price_cents: int


@dataclass(frozen=True, slots=True)
class ProcessYear:
    """The machine time of one process in a year."""

    process: str
    used_minutes: int
    capacity_minutes: int


@dataclass(frozen=True, slots=True)
class RoadYear:
    """How far the region is in one year."""

    year: int
    #: [EUR] consumed
    consumed_eur: int
    #: (category, [EUR] made by the workshops)
    made: tuple[tuple[str, int], ...]
    #: [millionths] of what is consumed, by the measure of the terms, that is made here
    share: int
    #: [millionths] without anything bought
    share_without: int
    #: [cents] for what is bought
    bought_cents: int
    #: [cents] for keeping what was bought on the road
    kept_cents: int
    processes: tuple[ProcessYear, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Between what a year's share lies in the futures that were drawn."""

    year: int
    #: [millionths] below which one in ten lies, half, nine in ten
    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True)
class RoadLimit:
    """A process that keeps the share of the target's year from being higher."""

    process: str
    #: [millionths of the share] that one thousand machine hours more in that year would add
    worth: int


class RoadStatus(StrEnum):
    """What was found."""

    #: every goal is met
    MET = "met"
    #: the target is met, a milestone is not
    LATE = "late"
    #: no path meets the target: proved
    UNREACHABLE = "unreachable"
    #: no path that meets the target was found, and none is ruled out
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Variant:
    """What comes out when one thing is otherwise."""

    #: budget | demand | margin
    what: str
    #: [cents per year] more, [percent] more, or [per mille of the share] beyond every goal
    change: int
    #: judged by the goals as they are, without the margin
    status: RoadStatus
    #: [millionths] in the target's year
    share: int
    cost_cents: int
    #: [per mille] of the futures in which the target is met
    met: int


@dataclass(frozen=True, slots=True)
class Road:
    """A path from today to the target."""

    status: RoadStatus
    #: [millionths] that no path can get above in the target's year; the target itself where it is met
    share_bound: int
    #: [cents] paid until the target's year, discounted to the first year
    cost_cents: int
    #: [cents] that no path with these shares can cost less than
    bound_cents: int
    #: (cost − bound) / cost
    gap: float
    buys: tuple[Buy, ...]
    #: all years of the road
    years: tuple[RoadYear, ...]
    #: one for each year
    bands: tuple[Band, ...]
    #: [per mille] of the futures in which the target is met
    met: int
    limits: tuple[RoadLimit, ...]
    variants: tuple[Variant, ...] = ()

    @property
    def share(self) -> int:
        """Return the share of the target's year [millionths]."""
        return self.years[-1].share
