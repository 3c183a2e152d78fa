"""What things are called: ids of a region to the names that people read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cosmolocal.exports.districts import name_districts
from cosmolocal.records import Design, MachineGroup, Place, Region, Workshop
from cosmolocal.web.words import gettext


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one region's things."""

    start_date: date
    places: Mapping[str, Place]
    workshops: Mapping[str, Workshop]
    #: by ``id@version``
    designs: Mapping[str, Design]
    #: machine groups by ``workshop/group``
    groups: Mapping[str, MachineGroup]
    processes: Mapping[str, str]
    modes: Mapping[str, str]
    #: names of designs by id, whatever their version
    design_ids: Mapping[str, str]
    #: names of districts by id
    districts: Mapping[str, str]
    #: ids of districts by the neighbourhoods that lie in them
    district_of: Mapping[str, str]

    @classmethod
    def of(cls, region: Region) -> "Names":
        """Return the names of a region."""
        districts = name_districts(region)
        return cls(
            region.settings.start_date,
            {place.id: place for place in region.places},
            {workshop.id: workshop for workshop in region.workshops},
            {design.key: design for design in region.designs},
            {f"{shop.id}/{group.id}": group for shop in region.workshops for group in shop.groups},
            {process.id: process.name for process in region.vocabulary.processes},
            {mode.id: mode.name for mode in region.network.modes},
            {design.id: design.name for design in region.designs},
            {one.id: one.name for one in districts},
            {home.id: one.id for one in districts for home in one.homes},
        )

    def place(self, place_id: str) -> str:
        """Return the name of a workshop, neighbourhood or hub; its id where the region has changed since the plan."""
        found = self.workshops.get(place_id) or self.places.get(place_id)
        return found.name if found else place_id

    def district(self, district_id: str) -> str:
        """Return the name of a district."""
        return self.districts.get(district_id) or gettext("district unknown")

    def design(self, key: str) -> str:
        """Return the name of a design's version."""
        found = self.designs.get(key)
        return found.name if found else key

    def any_version(self, design_id: str) -> str:
        """Return the name of a design; its id where the region has none."""
        return self.design_ids.get(design_id, design_id)

    def part(self, design_key: str, part: str) -> str:
        """Return the name of a part; of the design itself where it is put together."""
        return part or self.design(design_key)

    def process(self, process_id: str | None) -> str:
        """Return the name of a process."""
        return gettext("unknown") if process_id is None else process_name(self.processes.get(process_id, process_id))

    def group(self, resource: str) -> str:
        """Return the name of ``workshop/group``: its process and its workshop."""
        workshop, _, group_id = resource.partition("/")
        process = self.machine(workshop, group_id)
        return gettext("%(process)s at %(workshop)s", process=process, workshop=self.place(workshop))

    def machine(self, workshop_id: str, group_id: str) -> str:
        """Return the name of a machine group within its workshop: its process."""
        group = self.groups.get(f"{workshop_id}/{group_id}")
        return self.process(group.process) if group else group_id

    def link(self, resource: str) -> str:
        """Return the name of a link ``a–b``."""
        return " – ".join(self.place(end) for end in resource.split("–"))

    def resource(self, resource: str) -> str:
        """Return the name of a machine group or of a link."""
        return self.group(resource) if "/" in resource else self.link(resource)

    def monday(self, week: int) -> date:
        """Return the first day of a week of the plan."""
        return self.start_date + timedelta(weeks=week)


def process_name(name: str) -> str:
    """Return the name of a process of the vocabulary in the reader's language."""
    return gettext(name) if name else name
