"""What people read instead of ids, week numbers, metres and cents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cosmolocal.exports.report import euros
from cosmolocal.records import Region


@dataclass(frozen=True, slots=True)
class Words:
    """The names of a region's things, for the command line and the report; an id stands beside each name."""

    #: Monday of week 0
    start_date: date
    #: by id of a workshop or place
    names: Mapping[str, str]
    #: process by "workshop/group"
    groups: Mapping[str, str]
    processes: Mapping[str, str]

    @classmethod
    def of(cls, region: Region, start_date: date) -> "Words":
        """Return the words for a region and a plan that begins on a day."""
        return cls(
            start_date,
            {place.id: place.name for place in region.places} | {shop.id: shop.name for shop in region.workshops},
            {f"{shop.id}/{group.id}": group.process for shop in region.workshops for group in shop.groups},
            {process.id: process.name for process in region.vocabulary.processes},
        )

    def place(self, place_id: str) -> str:
        """Return a workshop or place by name and id."""
        name = self.names.get(place_id)
        return place_id if name is None else f"{name} ({place_id})"

    def process(self, process_id: str) -> str:
        """Return the name of a process."""
        return self.processes.get(process_id, process_id)

    def resource(self, resource: str) -> str:
        """Return the name of a machine group ``workshop/group`` or of a link ``a–b``."""
        if resource in self.groups:
            workshop, _, group = resource.partition("/")
            return f"{self.process(self.groups[resource])} at {self.names[workshop]} ({workshop}/{group})"
        return " – ".join(self.place(end) for end in resource.split("–"))

    def monday(self, week: int) -> date:
        """Return the first day of a week."""
        return self.start_date + timedelta(weeks=week)

    def week(self, week: int) -> str:
        """Return a week with its first day."""
        return f"week {week} (from Monday {self.monday(week)})"

    def show(self, name: str, value: str | int) -> str:
        """Return a value of a reason or fix as people read it; the unit is in its name."""
        if name == "minutes":
            return f"{int(value) / 60:.1f} h"
        if name == "part":
            return str(value) or "putting the design together"
        unit = name.rpartition("_")[2]
        maker = {
            # upward: a radius that is told must be enough
            "m": lambda: f"{-(-int(value) // 100) / 10} km",
            "cents": lambda: euros(int(value)),
            "week": lambda: self.week(int(value)),
            "workshop": lambda: self.place(str(value)),
            "place": lambda: self.place(str(value)),
            "resource": lambda: self.resource(str(value)),
            "process": lambda: self.process(str(value)),
            "processes": lambda: ", ".join(self.process(process) for process in str(value).split(", ")),
        }.get(unit)
        return str(value) if maker is None else maker()
