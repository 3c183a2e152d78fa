"""The form of a closure: closed days, a machine that is down, weeks of other hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from cosmolocal.errors import InputError, Problem
from cosmolocal.records import Closure, MachineGroup
from cosmolocal.web.fault_words import tell
from cosmolocal.web.words import gettext
from cosmolocal.workflows.own_hours import OwnGroup, OwnWeek
from cosmolocal.workshops.closures import HOURS_PER_WEEK

FIELDS = ("kind", "group", "from", "to", "hours", "reason")
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class GroupWeeks:
    """A machine group with the weeks that are not over."""

    group: MachineGroup
    weeks: tuple[OwnWeek, ...]


def coming_weeks(groups: Iterable[OwnGroup], today: date) -> list[GroupWeeks]:
    """Return machine groups with the weeks that are not over; with all of them where the plan is."""
    found = []
    for row in groups:
        coming = tuple(week for week in row.weeks if week.monday + timedelta(days=7) > today)
        found.append(GroupWeeks(row.group, coming or row.weeks))
    return found


def read_closure(form: MultiDict[str, str], workshop: str) -> Closure:
    """Return the closure that a form describes; other hours are set for whole weeks.

    Raises
    ------
    InputError
        With everything that is missing or wrong.
    """
    problems: list[Problem] = []
    first = _read_day(form, "from", problems)
    last = _read_day(form, "to", problems) if form.get("to", "").strip() else first
    if first and last and last < first:
        problems.append(Problem("W052", "to", gettext("The last day must not be before the first.")))
    minutes = _read_minutes(form, problems) if form.get("kind") == "hours" else None
    reason = form.get("reason", "").strip()
    if not reason.isprintable() or len(reason) > LONGEST_REASON:
        problems.append(Problem("W051", "reason", gettext("Write one line of at most 500 characters.")))
    if problems or first is None or last is None:
        raise InputError(problems)
    if minutes is not None:
        first, last = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    return Closure(workshop, form.get("group", ""), first, last, minutes, reason)


def _read_day(form: MultiDict[str, str], name: str, problems: list[Problem]) -> date | None:
    try:
        found = date.fromisoformat(form.get(name, "").strip())
    except ValueError:
        found = date.max
    # far from both ends, so that the week around a day can be reckoned
    if not 2000 <= found.year <= 2999:
        problems.append(Problem("W051", name, gettext("Name a day, such as 2026-09-07.")))
        return None
    return found


def _read_minutes(form: MultiDict[str, str], problems: list[Problem]) -> int | None:
    text = form.get("hours", "").strip().replace(",", ".")
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not (0 <= hours <= HOURS_PER_WEEK and text.replace(".", "", 1).isdecimal()):
        told = gettext("Say how many hours one machine runs a week: 0 to 168.")
        problems.append(Problem("W051", "hours", told))
        return None
    return round(60 * hours)


def by_field(problems: Iterable[Problem]) -> Mapping[str, list[str]]:
    """Return what is wrong by the name of its field; under "" what is about none of them."""
    told: dict[str, list[str]] = {}
    sentences = {
        "W053": gettext("Other hours are set already for one of these weeks. Remove those first."),
        "W054": gettext("There is no such machine group."),
    }
    for problem in problems:
        name = problem.where if problem.where in FIELDS else "group" if problem.code == "W054" else ""
        told.setdefault(name, []).append(sentences.get(problem.code) or tell(problem))
    return told


def fill_form(closure: Closure) -> dict[str, str]:
    """Return a closure as the fields of its form."""
    minutes = closure.weekly_minutes
    return {
        "kind": "closed" if minutes is None else "hours",
        "group": closure.group,
        "from": closure.first_day.isoformat(),
        "to": closure.last_day.isoformat(),
        "hours": "" if minutes is None else f"{round(minutes / 60, 4):g}",
        "reason": closure.reason,
    }


def same_closure(form: MultiDict[str, str], closures: Iterable[Closure]) -> Closure | None:
    """Return the closure that a form names by all its fields."""
    named = {name: form.get(name, "") for name in FIELDS}
    return next((closure for closure in closures if fill_form(closure) == named), None)
