"""What if: named sets of edits over a region and an order book."""

from dataclasses import dataclass
from datetime import date

from cosmolocal.records.workshops import MachineGroup, Workshop


@dataclass(frozen=True, slots=True)
class CloseWorkshop:
    """A workshop takes no work."""

    workshop: str


@dataclass(frozen=True, slots=True)
class OpenWorkshop:
    """There is one more workshop."""

    workshop: Workshop


@dataclass(frozen=True, slots=True)
class AddMachines:
    """A workshop has one more machine group."""

    workshop: str
    group: MachineGroup


@dataclass(frozen=True, slots=True)
class ChangeMachines:
    """A machine group has more or fewer machines; with none left it is gone."""

    workshop: str
    group: str
    change: int


@dataclass(frozen=True, slots=True)
class MachineDown:
    """Machines stand still for some days."""

    workshop: str
    first_day: date
    #: included
    last_day: date
    #: "": all of the workshop
    group: str = ""


@dataclass(frozen=True, slots=True)
class ChangeHours:
    """Machines run more or fewer hours a week."""

    #: [percent] of the hours there are
    percent: int
    #: "": all of them
    workshop: str = ""
    #: "": all of the workshop
    group: str = ""


@dataclass(frozen=True, slots=True)
class ChangePrice:
    """Machine hours cost more or less."""

    #: [percent] of the hourly cost there is
    percent: int
    #: "": all of them
    workshop: str = ""
    #: "": all of the workshop
    group: str = ""


@dataclass(frozen=True, slots=True)
class ChangeDemand:
    """More or less is ordered; what is empty filters nothing."""

    #: [percent] of the quantity of each order
    percent: int
    place: str = ""
    #: its neighbourhoods
    district: str = ""
    #: id, whatever the version
    design: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Settings of the region are others."""

    #: (name, value) as in ``region.yaml``; ``priority_percent.high`` and the like for those with names of their own
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChangeRadius:
    """A workshop delivers farther or less far."""

    workshop: str
    #: [m along the network]; None: no limit
    radius_m: int | None


@dataclass(frozen=True, slots=True)
class ChangeLink:
    """The link between two places is closed, or carries another load."""

    from_place: str
    to_place: str
    closed: bool = False
    #: [kg per week, both directions together]; None: as it is
    weekly_capacity_kg: int | None = None


Edit = (
    CloseWorkshop
    | OpenWorkshop
    | AddMachines
    | ChangeMachines
    | MachineDown
    | ChangeHours
    | ChangePrice
    | ChangeDemand
    | ChangeSettings
    | ChangeRadius
    | ChangeLink
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named set of edits, applied one after the other."""

    #: name of its file without the ending
    id: str
    title: str
    description: str = ""
    edits: tuple[Edit, ...] = ()
