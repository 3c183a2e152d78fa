"""Machine groups of what lists tell of equipment, and what they change in a workshop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cosmolocal.errors import say
from cosmolocal.records import CapacityPeriod, MachineGroup, Origin, Provenance, Workshop
from cosmolocal.workshops.equipment import Reader, Reading, Sureness
from cosmolocal.workshops.found import Equipment, Row, make_id, plain_name

#: process, make, model: what makes machines the same to a planner who knows no more of them
Key = tuple[str, str, str]
#: how a machine group fared (new, changed, kept, same), and what to tell of it
Effect = tuple[str, str]
HOURLY_COST, WEEKLY_HOURS = "hourly_cost", "weekly_hours"


@dataclass(frozen=True, slots=True)
class Assumed:
    """Figures that whoever imports gives for machines of which nobody knows them."""

    #: [minutes per week of ONE machine]
    weekly_minutes: int
    #: [cents per machine hour]
    hourly_cost_cents: int


class Importing(Protocol):
    """What is needed to know of an import."""

    @property
    def assumed(self) -> Assumed | None:
        """Return the figures to assume."""

    @property
    def source(self) -> "Listed":
        """Return the list."""

    @property
    def reader(self) -> Reader:
        """Return the reader of equipment."""


class Listed(Protocol):
    """A list that can say where something comes from."""

    @property
    def name(self) -> str:
        """Return its name."""

    def imported(self, key: str) -> Origin:
        """Return the note of where something comes from."""


@dataclass(slots=True)
class Group:
    """A machine group that a list asks for."""

    process: str
    equipment: Equipment
    sureness: Sureness
    machines: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The machine groups that rows of one workshop ask for."""

    groups: Mapping[Key, Group]
    keys_by_place: Mapping[str, tuple[Key, ...]]
    unsure_by_place: Mapping[str, tuple[Reading, ...]]

    @property
    def unsure(self) -> tuple[Reading, ...]:
        """Return every reading that nobody can rely on, that somebody could decide."""
        return tuple(reading for readings in self.unsure_by_place.values() for reading in readings)


def want_groups(rows: Sequence[Row], reader: Reader) -> Wanted:
    """Return what the rows of one workshop tell of its machines; machines of rows of one machine are counted."""
    groups: dict[Key, Group] = {}
    keys: dict[str, tuple[Key, ...]] = {}
    unsure: dict[str, tuple[Reading, ...]] = {}
    for row in rows:
        counts: dict[Key, int] = {}
        for equipment in row.equipment:
            reading = reader.read(equipment)
            if not reader.takes(reading) or reading.process is None:
                unsure[row.place] = (*unsure.get(row.place, ()), reading)
                continue
            key = (reading.process, plain_name(equipment.make), plain_name(equipment.model))
            groups.setdefault(key, Group(reading.process, equipment, reading.sureness))
            counts[key] = counts.get(key, 0) + equipment.machines
        for key, count in counts.items():
            group = groups[key]
            group.machines = group.machines + count if row.one_machine else max(group.machines, count)
        keys[row.place] = tuple(counts)
    return Wanted(groups, keys, unsure)


def merge_groups(
    workshop: Workshop, wanted: Mapping[Key, Group], terms: Importing
) -> tuple[Workshop, dict[Key, Effect]]:
    """Return the workshop with machine groups as a list tells of them, and how each fared."""
    groups = list(workshop.groups)
    effects: dict[Key, Effect] = {}
    taken: set[int] = set()
    for key, want in wanted.items():
        number = _find(groups, key, terms.reader, taken)
        if number is None:
            groups.append(_new_group(groups, want, terms))
            effects[key] = ("new", _is_new(groups[-1]))
            number = len(groups) - 1
        else:
            groups[number], effects[key] = _merge(groups[number], want, terms)
        if key[1] or key[2]:
            taken.add(number)
    return replace(workshop, groups=tuple(groups)), effects


def _find(groups: Sequence[MachineGroup], key: Key, reader: Reader, taken: set[int]) -> int | None:
    process, make, model = key
    named = [
        (plain_name(group.make) if group.make else "", plain_name(group.model) if group.model else "")
        for group in groups
    ]
    numbers = [number for number in range(len(groups)) if number not in taken]

    def best(fitting: list[int]) -> int | None:
        return min(fitting, key=lambda number: groups[number].process != process, default=None)

    if not (make or model):
        return best([number for number in range(len(groups)) if process in reader.lineage[groups[number].process]])
    related = [
        number
        for number in numbers
        if process in reader.lineage[groups[number].process] or groups[number].process in reader.lineage[process]
    ]
    found = best([number for number in related if named[number] == (make, model)])
    vague = [
        number
        for number in related
        if groups[number].imported is not None and not any(named[number]) and WEEKLY_HOURS in groups[number].unknown
    ]
    flag = best([number for number in vague if groups[number].process in reader.lineage[process]])
    return flag if found is None else found


def _new_group(groups: Sequence[MachineGroup], want: Group, terms: Importing) -> MachineGroup:
    equipment = want.equipment
    wanted = make_id(equipment.model, want.process) if equipment.model else want.process
    ids = {group.id for group in groups}
    number, name = 1, wanted
    while name in ids:
        number += 1
        name = f"{wanted}-{number}"
    sure = want.sureness in (Sureness.EXACT, Sureness.STATED)
    group = MachineGroup(
        id=name,
        process=want.process,
        machines=max(1, min(want.machines, 10_000)),
        hourly_cost_cents=0,
        periods=(),
        envelope_mm=equipment.envelope_mm,
        materials=equipment.materials,
        tolerance=equipment.tolerance,
        provenance=Provenance.DECLARED if sure else Provenance.INFERRED,
        make=equipment.make,
        model=equipment.model,
        unknown=(HOURLY_COST, WEEKLY_HOURS),
        imported=terms.source.imported(""),
    )
    return _fill(group, equipment, terms.assumed)


def _fill(group: MachineGroup, equipment: Equipment, assumed: Assumed | None) -> MachineGroup:
    """Return a group with hours and costs in place of unknown ones: as the list says, else as assumed."""
    unknown = list(group.unknown)
    provenance, cents, periods = group.provenance, group.hourly_cost_cents, group.periods
    spare = (assumed.hourly_cost_cents, assumed.weekly_minutes) if assumed else (None, None)
    if HOURLY_COST in unknown and (cost := _first(equipment.hourly_cost_cents, spare[0])) is not None:
        cents = cost
        unknown.remove(HOURLY_COST)
        provenance = Provenance.ASSUMED if equipment.hourly_cost_cents is None else provenance
    minutes = _first(equipment.weekly_minutes, spare[1])
    if WEEKLY_HOURS in unknown and HOURLY_COST not in unknown and minutes is not None:
        periods = (CapacityPeriod(minutes, minutes, minutes),)
        unknown.remove(WEEKLY_HOURS)
        provenance = Provenance.ASSUMED if equipment.weekly_minutes is None else provenance
    return replace(group, hourly_cost_cents=cents, periods=periods, unknown=tuple(unknown), provenance=provenance)


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def _merge(before: MachineGroup, want: Group, terms: Importing) -> tuple[MachineGroup, Effect]:
    equipment, ours = want.equipment, before.imported is not None and before.imported.source == terms.source.name
    after = before
    if (before.make or before.model) and not (equipment.model or equipment.make):
        return before, ("same", "")  # a flag says no more than its machines
    if equipment.model or equipment.make:
        if not (before.make or before.model):  # a flag of another list becomes the machine that it stood for
            after = replace(after, process=want.process, make=equipment.make, model=equipment.model)
            after = replace(after, machines=want.machines, imported=terms.source.imported(""))
        elif ours:
            after = replace(after, process=want.process, machines=want.machines)
    elif ours and equipment.machines > 1:
        after = replace(after, machines=want.machines)
    stated: dict[str, Any] = {
        "envelope_mm": equipment.envelope_mm,
        "materials": equipment.materials,
        "tolerance": equipment.tolerance,
    }
    for name, value in stated.items():
        if value is not None and (ours or getattr(after, name) is None):
            after = replace(after, **{name: value})
    after = _fill(after, equipment, terms.assumed if before.imported is not None else None)
    if after == before:
        return before, ("same", "")
    note = say("machine group %(group)s: %(changes)s", group=before.id, changes=_told(before, after))
    if before.provenance is Provenance.CONFIRMED:
        return before, ("kept", note)
    return after, ("changed", note)


def _told(before: MachineGroup, after: MachineGroup) -> str:
    """Return what changes, in the words of ``workshops.yaml``."""
    old, new = (
        {
            "process": group.process,
            "machines": str(group.machines),
            "make": group.make or "none",
            "model": group.model or "none",
            "envelope_mm": " x ".join(map(str, group.envelope_mm or ())) or "unknown",
            "materials": ", ".join(group.materials or ()) or "unknown",
            "tolerance": group.tolerance.value if group.tolerance else "unknown",
            "hourly_cost": "unknown" if HOURLY_COST in group.unknown else f"{group.hourly_cost_cents / 100:.2f}",
            "weekly_hours": "unknown" if WEEKLY_HOURS in group.unknown else _hours(group),
        }
        for group in (before, after)
    )
    return "; ".join(f"{name} {old[name]} → {new[name]}" for name in old if old[name] != new[name])


def _hours(group: MachineGroup) -> str:
    return ", ".join(f"{period.agreed_minutes / 60:g}" for period in group.periods) or "none"


def _is_new(group: MachineGroup) -> str:
    return say("machine group %(group)s (%(process)s) is new", group=group.id, process=group.process)
