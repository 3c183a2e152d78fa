"""Workshops as rows, and their load per week as charts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.exports.charts import Bar, BarChart, draw_bars
from cosmolocal.exports.classes import load_level
from cosmolocal.exports.map_layers import workshop_numbers
from cosmolocal.planning.metrics import GroupLoad
from cosmolocal.records import MachineGroup, Region, Workshop
from cosmolocal.web.asking import Asked, Found, RowQuery, has_words
from cosmolocal.web.languages import day, whole_hours
from cosmolocal.web.names import Names
from cosmolocal.web.shared import recall_of
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView

#: workshops of one page
PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """Load of a workshop, or of one of its machine groups, in a week."""

    week: int
    used_minutes: int
    basis_minutes: int
    #: [cents] what one more machine hour would be worth; 0: nothing
    hour_worth_cents: int = 0

    @property
    def level(self) -> int:
        """Return the load's step on a scale from 0 (none) to 5 (full or more)."""
        return load_level(self.used_minutes, self.basis_minutes)


@dataclass(frozen=True, slots=True)
class WorkshopRow:
    """A workshop with its work in a plan."""

    workshop: Workshop
    #: on the map
    number: int
    #: lots that are put together here
    lots: int
    weeks: tuple[WeekLoad, ...]
    #: [cents] the most that one more hour of any of its machines would be worth in a week
    hour_worth_cents: int

    @property
    def used_minutes(self) -> int:
        """Return the load of all weeks."""
        return sum(week.used_minutes for week in self.weeks)

    @property
    def basis_minutes(self) -> int:
        """Return the planned capacity of all weeks."""
        return sum(week.basis_minutes for week in self.weeks)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A machine group with its load."""

    group: MachineGroup
    process: str
    weeks: tuple[WeekLoad, ...]
    #: the chart of its load as ``<svg>``
    chart: str


def workshop_rows(region: Region, view: PlanView) -> list[WorkshopRow]:
    """Return a row for every workshop, in the order of the map's key."""
    return recall_of(view, "workshops", lambda: _workshop_rows(region, view))


def _workshop_rows(region: Region, view: PlanView) -> list[WorkshopRow]:
    numbers = workshop_numbers(region)
    loads = _by_workshop(view.loads)
    lots = Counter(allocation.workshop for allocation in view.plan.allocations)
    worth = Counter[str]()
    for price in view.plan.prices:
        shop, slash, _ = price.resource.partition("/")
        if slash:
            worth[shop] = max(worth[shop], price.cents)
    rows = [
        WorkshopRow(
            workshop,
            numbers[workshop.id],
            lots[workshop.id],
            _week_sums(loads[workshop.id]),
            worth[workshop.id],
        )
        for workshop in region.workshops
    ]
    return sorted(rows, key=lambda row: row.number)


@dataclass(frozen=True, slots=True)
class WorkshopQuery(RowQuery):
    """Which workshops an address asks for."""

    #: words that number and name hold, all of them
    q: str = ""


WorkshopPage = Found[WorkshopQuery, WorkshopRow]


def find_page(region: Region, view: PlanView, args: Mapping[str, str], names: Names) -> WorkshopPage:
    """Return the workshops that an address asks for: ``q``, ``page``; raises `InputError` where it cannot be read."""
    asked = Asked(args, names)
    query = WorkshopQuery(asked.words(), page=asked.page())
    asked.finish()
    rows = [row for row in workshop_rows(region, view) if has_words(f"{row.number} {row.workshop.name}", query.q)]
    return Found(query, rows, PAGE_ROWS)


def _by_workshop(loads: Iterable[GroupLoad]) -> dict[str, list[GroupLoad]]:
    found: dict[str, list[GroupLoad]] = defaultdict(list)
    for load in loads:
        found[load.workshop].append(load)
    return found


def _week_sums(loads: Iterable[GroupLoad]) -> tuple[WeekLoad, ...]:
    used, basis = defaultdict[int, int](int), defaultdict[int, int](int)
    for load in loads:
        used[load.week] += load.used_minutes
        basis[load.week] += load.basis_minutes
    return tuple(WeekLoad(week, used[week], basis[week]) for week in sorted(used))


def _hour_worth(view: PlanView) -> dict[tuple[str, int], int]:
    return {(price.resource, price.week): price.cents for price in view.plan.prices}


def group_rows(workshop: Workshop, view: PlanView, names: Names) -> list[GroupRow]:
    """Return a row with a chart for every machine group of a workshop."""
    worth = _hour_worth(view)
    loads = _by_workshop(view.loads)[workshop.id]
    rows = []
    for group in workshop.groups:
        weeks = tuple(
            WeekLoad(
                load.week, load.used_minutes, load.basis_minutes, worth.get((f"{workshop.id}/{group.id}", load.week), 0)
            )
            for load in loads
            if load.group == group.id
        )
        process = names.process(group.process)
        rows.append(GroupRow(group, process, weeks, draw_bars(load_chart(process, weeks, names))))
    return rows


def load_chart(process: str, weeks: Iterable[WeekLoad], names: Names) -> BarChart:
    """Return the chart of a machine group's load per week against its planned hours."""
    bars = tuple(Bar(day(names.monday(week.week)), week.used_minutes / 60, week.basis_minutes / 60) for week in weeks)
    return BarChart(
        gettext("%(process)s: hours used per week, and hours planned for", process=process), whole_hours, bars
    )
