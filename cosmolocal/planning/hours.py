"""The calendar of a machine group: which days of a week are open, and weeks of other hours."""

from datetime import date, timedelta

from cosmolocal.records import MachineGroup, Workshop


def open_days(workshop: Workshop, group: MachineGroup, monday: date) -> int:
    """Return how many of the week's usual open days are left for a machine group, those closed taken off."""
    usual = len(workshop.open_weekdays)
    if not workshop.closed_days and not workshop.closures:
        return usual
    sunday = monday + timedelta(days=6)
    closed = [
        row
        for row in workshop.closures
        if row.first_day <= sunday
        and monday <= row.last_day
        and row.weekly_minutes is None
        and row.group in ("", group.id)
    ]
    if not closed and not any(monday <= day <= sunday for day in workshop.closed_days):
        return usual
    week = [monday + timedelta(days=day) for day in range(7)]
    return usual - sum(
        day.weekday() in workshop.open_weekdays
        and (day in workshop.closed_days or any(row.first_day <= day <= row.last_day for row in closed))
        for day in week
    )


def other_minutes(workshop: Workshop, group: MachineGroup, monday: date) -> int | None:
    """Return the minutes of ONE machine in a week that a closure sets instead of the usual ones; None: none does.

    An hour whose cost is unknown is no hour to plan with.
    """
    if "hourly_cost" in group.unknown:
        return None
    for row in workshop.closures:
        if row.weekly_minutes is not None and row.group in ("", group.id) and row.first_day <= monday <= row.last_day:
            return row.weekly_minutes
    return None
