"""Weeks, the capacity of machine groups in them, and what load above it costs."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from cosmolocal.planning.audit.rounding import ceil_div
from cosmolocal.records import (
    FAIR_LOAD_STEPS,
    CapacityBasis,
    CapacityPeriod,
    MachineGroup,
    Settings,
    Workshop,
    WorkshopStatus,
)


@dataclass(frozen=True, slots=True)
class GroupWeek:
    """What a machine group may do in a week."""

    #: [minutes] planned without extra cost
    basis_minutes: int
    #: [minutes] that it could run at most, whether overtime is allowed or not
    maximum_minutes: int
    #: [hours] that may be added
    overtime_hours: int

    @property
    def limit_minutes(self) -> int:
        """Return the most minutes that a plan may use."""
        return self.basis_minutes + 60 * self.overtime_hours


def week_of(day: date, settings: Settings) -> int:
    """Return the index of the week a day lies in; negative before the first."""
    return (day - settings.start_date).days // 7


def group_week(workshop: Workshop, group: MachineGroup, week: int, settings: Settings) -> GroupWeek:
    """Return the capacity of a machine group in a week; there is none outside the weeks that are planned."""
    if not 0 <= week < settings.weeks or workshop.status is not WorkshopStatus.ACTIVE:
        return GroupWeek(0, 0, 0)
    monday = settings.start_date + timedelta(days=7 * week)
    period = _set_period(workshop, group, monday) or _period(group, monday)
    if period is None:
        return GroupWeek(0, 0, 0)
    minutes_by_basis = {
        CapacityBasis.AGREED: period.agreed_minutes,
        CapacityBasis.ACTUAL: period.actual_minutes,
        CapacityBasis.MAXIMUM: period.maximum_minutes,
    }
    basis = _open_minutes(workshop, group, monday, minutes_by_basis[settings.capacity_basis])
    maximum = _open_minutes(workshop, group, monday, period.maximum_minutes)
    overtime = 0 if settings.overtime_percent is None else max(0, (maximum - basis) // 60)
    return GroupWeek(basis, maximum, overtime)


def _period(group: MachineGroup, monday: date) -> CapacityPeriod | None:
    for period in group.periods:
        begun = period.valid_from is None or period.valid_from <= monday
        ended = period.valid_to is not None and period.valid_to < monday
        if begun and not ended:
            return period
    return None


def _set_period(workshop: Workshop, group: MachineGroup, monday: date) -> CapacityPeriod | None:
    """Return the hours that ``closures.csv`` sets for a week: nothing can be added to them."""
    if "hourly_cost" in group.unknown:  # nobody knows what it would cost
        return None
    found = [
        row.weekly_minutes
        for row in workshop.closures
        if (not row.group or row.group == group.id) and not (monday < row.first_day or row.last_day < monday)
    ]
    minutes = [each for each in found if each is not None]
    return CapacityPeriod(minutes[0], minutes[0], minutes[0]) if minutes else None


def _open_minutes(workshop: Workshop, group: MachineGroup, monday: date, machine_minutes: int) -> int:
    usual = set(workshop.open_weekdays)
    if not usual:
        return 0
    sunday = monday + timedelta(days=6)
    closed = {day for day in workshop.closed_days if monday <= day <= sunday and day.weekday() in usual}
    for row in workshop.closures:
        if row.weekly_minutes is None and (not row.group or row.group == group.id):
            span = range((max(monday, row.first_day) - monday).days, (min(sunday, row.last_day) - monday).days + 1)
            closed |= {monday + timedelta(days=day) for day in span if day in usual}
    return group.machines * machine_minutes * (len(usual) - len(closed)) // len(usual)


def overtime_cents(load_minutes: int, capacity: GroupWeek, group: MachineGroup, settings: Settings) -> int:
    """Return the cost of the fewest whole hours above the basis that cover a load."""
    hours = ceil_div(max(0, load_minutes - capacity.basis_minutes), 60)
    return hours * ceil_div(group.hourly_cost_cents * (settings.overtime_percent or 0), 100)


def basis_minutes(workshop: Workshop, settings: Settings) -> int:
    """Return a workshop's basis capacity over all weeks and machine groups."""
    weeks = range(settings.weeks)
    return sum(group_week(workshop, group, week, settings).basis_minutes for group in workshop.groups for week in weeks)


def fairness_cents(load_minutes: int, basis: int, settings: Settings) -> int:
    """Return the least cost of whole hours that cover a workshop's load above the first fair step."""
    thresholds = [basis * percent // 100 for percent, _ in FAIR_LOAD_STEPS]
    hours = ceil_div(max(0, load_minutes - thresholds[0]), 60)
    # without an end, the last step holds all hours
    widths = [ceil_div(end - begin, 60) for begin, end in pairwise(thresholds)] + [hours]
    cents = 0
    for factor, width in sorted(zip((factor for _, factor in FAIR_LOAD_STEPS), widths, strict=True)):
        cents += min(hours, width) * settings.fairness_cents_per_hour * factor
        hours -= min(hours, width)
    return cents
