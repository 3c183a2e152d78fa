"""The hours of a plan week by week, as a chart on its page that follows what somebody chose."""

from dataclasses import dataclass

from cosmolocal.exports.charts import Bar, BarChart, draw_bars
from cosmolocal.web.chosen import Chosen
from cosmolocal.web.languages import day, whole_hours
from cosmolocal.web.names import Names
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The machine hours of a week."""

    week: int
    used_minutes: int
    basis_minutes: int
    #: is what is chosen worked on in it?
    chosen: bool


@dataclass(frozen=True, slots=True)
class HoursChart:
    """The chart and its table."""

    #: whose hours they are
    title: str
    svg: str
    weeks: tuple[WeekHours, ...]


def week_hours(view: PlanView, names: Names, chosen: Chosen) -> HoursChart:
    """Return the hours of all workshops, or of the chosen one; the weeks of a chosen lot or place are marked."""
    of_one = chosen.kind == "workshop"
    used, basis = dict[int, int](), dict[int, int]()
    for load in view.loads:
        if not of_one or load.workshop == chosen.id:
            used[load.week] = used.get(load.week, 0) + load.used_minutes
            basis[load.week] = basis.get(load.week, 0) + load.basis_minutes
    busy = set[int]() if of_one else _busy_weeks(view, chosen)
    weeks = tuple(WeekHours(week, used[week], basis[week], week in busy) for week in sorted(used))
    whose = names.place(chosen.id) if of_one else gettext("all workshops")
    title = gettext("Machine hours used per week, and planned for: %(whose)s", whose=whose)
    bars = tuple(
        Bar(day(names.monday(row.week)), row.used_minutes / 60, row.basis_minutes / 60, row.chosen) for row in weeks
    )
    return HoursChart(title, draw_bars(BarChart(title, whole_hours, bars)), weeks)


def _busy_weeks(view: PlanView, chosen: Chosen) -> set[int]:
    place = {order.id: order.place for order in view.orders}
    return {
        task.week
        for row in view.plan.allocations
        if chosen.kind and chosen.marks(row.lot, place[row.order], set())
        for task in row.tasks
    }
