"""Machine time by process: what the workshops have in a year as it is known today, and what could be bought."""

from collections.abc import Mapping
from datetime import date, timedelta

from cosmolocal.planning.capacity import weekly_minutes
from cosmolocal.processes import ancestors_by_process
from cosmolocal.records import (
    CapacityBasis,
    Consumption,
    Investments,
    MachineGroup,
    Region,
    RoadTerms,
    Vocabulary,
    WorkshopStatus,
)

#: [weeks] of the year that is looked at, from the first day of the plan
YEAR_WEEKS = 52


def needed_processes(consumption: Consumption) -> tuple[str, ...]:
    """Return the processes that categories need, in the order of the file."""
    return tuple(dict.fromkeys(process for category in consumption.categories for process, _ in category.minutes))


def process_counted(vocabulary: Vocabulary, needed: tuple[str, ...]) -> Mapping[str, str]:
    """Return by each process of the vocabulary which needed one it counts for; the readers see to it that it is one."""
    return {
        process: wanted
        for process, lineage in ancestors_by_process(vocabulary).items()
        for wanted in needed
        if wanted in lineage
    }


def minutes_today(region: Region, terms: RoadTerms, needed: tuple[str, ...]) -> dict[str, int]:
    """Return the machine minutes per year by needed process, days and weeks that are closed taken off."""
    counted = process_counted(region.vocabulary, needed)
    mondays = [region.settings.start_date + timedelta(weeks=week) for week in range(YEAR_WEEKS)]
    minutes = dict.fromkeys(needed, 0)
    for workshop in region.workshops:
        if workshop.status is not WorkshopStatus.ACTIVE:
            continue
        for group in workshop.groups:
            if group.process in counted:
                found = (weekly_minutes(workshop, group, monday, terms.basis) for monday in mondays)
                minutes[counted[group.process]] += sum(found)
    return minutes


def minutes_bought(
    vocabulary: Vocabulary, terms: RoadTerms, found: Investments, needed: tuple[str, ...], year: int
) -> dict[str, dict[str, int]]:
    """Return by offer and needed process the minutes that one of it adds in a year."""
    day, weeks = date(year, 7, 1), terms.open_weeks.value
    counted = process_counted(vocabulary, needed)
    of_machine = {
        one.id: {counted[one.group.process]: weeks * group_minutes(one.group, terms.basis, day)}
        for one in found.machines
        if one.group.process in counted
    }
    added: dict[str, dict[str, int]] = {one.id: {} for one in found.machines} | of_machine
    for shop in found.workshops:
        of_shop = added.setdefault(shop.id, {})
        for machine, count in shop.machines:
            for process, minutes in added[machine].items():
                of_shop[process] = of_shop.get(process, 0) + count * minutes
    return added


def group_minutes(group: MachineGroup, basis: CapacityBasis, day: date) -> int:
    """Return the minutes of all machines of a group in an open week around a day."""
    for period in group.periods:
        if (period.valid_from or day) <= day <= (period.valid_to or day):
            minutes = {
                CapacityBasis.AGREED: period.agreed_minutes,
                CapacityBasis.ACTUAL: period.actual_minutes,
                CapacityBasis.MAXIMUM: period.maximum_minutes,
            }
            return group.machines * minutes[basis]
    return 0


def active_workshops(region: Region) -> int:
    """Return how many workshops machines could be added to."""
    return sum(shop.status is WorkshopStatus.ACTIVE for shop in region.workshops)
