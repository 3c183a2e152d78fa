"""Plans to choose from in the reader's words: their figures, what each step costs, and their chart."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for

from cosmolocal.errors import Problem
from cosmolocal.exports.front_chart import ChartPoint, FrontChart, draw_front
from cosmolocal.records import Aim, Front, FrontPoint, Limit
from cosmolocal.web.fault_words import tell, tell_whole
from cosmolocal.web.languages import euros, mass, money, percent
from cosmolocal.web.words import gettext
from cosmolocal.workflows.fronts import AIMS, FIELDS, sample

#: values of the aim at which the bound is drawn
STEPS = 80


@dataclass(frozen=True, slots=True)
class PointRow:
    """A plan as its table shows it."""

    number: int
    point: FrontPoint
    #: what one more step of the aim costs from here to the next plan; "": it is the last
    step: str
    #: [cents] dearer than the cheapest
    extra_cents: int


@dataclass(frozen=True, slots=True)
class FrontPage:
    """All that the page of a front shows."""

    rows: tuple[PointRow, ...]
    chart: str
    against: Aim
    #: names of the aim across, and of that of the front
    across: str
    front_aim: str
    #: (aim, name) of the scales that can be chosen
    scales: list[tuple[str, str]]
    #: what the steps of the table are
    step_name: str
    #: [cents] what each of them costs
    steps: list[int]
    #: are all plans nearer to each other than their bounds tell?
    is_close: bool


def aim_name(aim: str) -> str:
    """Return what an aim is called."""
    return {
        Aim.CO2E: gettext("CO₂e of all that is made, carried and imported"),
        Aim.SHARE: gettext("local share of value"),
        Aim.UNITS: gettext("local share of units"),
        Aim.MASS: gettext("local share of mass"),
        Aim.FAIRNESS: gettext("load of the busiest workshop"),
    }[Aim(aim)]


def step_name(aim: Aim) -> str:
    """Return what one step of an aim is called."""
    if aim is Aim.CO2E:
        return gettext("one tonne of CO₂e less costs")
    if aim is Aim.FAIRNESS:
        return gettext("one per cent less load on the busiest costs")
    return gettext("one more per cent of local share costs")


def tell_value(aim: Aim) -> Callable[[float], str]:
    """Return how values of an aim are written."""
    return mass if aim is Aim.CO2E else lambda value: percent(value / 1000, 1)


def limit_sentence(limit: Limit) -> str:
    """Return what a plan keeps besides the rules of its region."""
    value = tell_value(limit.aim)(limit.value)
    if limit.aim.is_share:
        return gettext("It keeps a limit: %(aim)s at least %(value)s.", aim=aim_name(limit.aim), value=value)
    return gettext("It keeps a limit: %(aim)s at most %(value)s.", aim=aim_name(limit.aim), value=value)


def build_page(front: Front, against: str) -> FrontPage:
    """Return what the page of a front shows; ``against``: the aim across, that of the front unless it is one."""
    aim = Aim(against) if against in AIMS else front.aim
    cheapest = min((point.figures.cost_cents for point in front.points), default=0)
    steps = [front.step_cents(number) for number in range(len(front.points))]
    rows = tuple(
        PointRow(number + 1, point, "" if step is None else money(step), point.figures.cost_cents - cheapest)
        for number, (point, step) in enumerate(zip(front.points, steps, strict=True))
    )
    spread = max((row.extra_cents for row in rows), default=0)
    widest = max((point.figures.cost_cents - point.bound_cents for point in front.points), default=0)
    return FrontPage(
        rows,
        draw(front, rows, aim),
        aim,
        aim_name(aim),
        aim_name(front.aim),
        [(each, aim_name(each)) for each in AIMS],
        step_name(front.aim),
        [step for step in steps if step is not None],
        len(rows) > 1 and spread < widest,
    )


def draw(front: Front, rows: tuple[PointRow, ...], aim: Aim) -> str:
    """Return the chart over an aim; only over that of the front it is known what no plan can reach."""
    tell_x = tell_value(aim)
    points = tuple(
        ChartPoint(
            value,
            row.point.figures.cost_cents,
            str(row.number),
            gettext(
                "Plan %(number)s: %(cost)s, %(aim)s %(value)s",
                number=row.number,
                cost=euros(row.point.figures.cost_cents),
                aim=aim_name(aim),
                value=tell_x(value),
            ),
            url_for("plans.show", plan_id=row.point.plan),
        )
        for row in rows
        if (value := row.point.figures.of(aim)) is not None
    )
    bound: tuple[tuple[float, float], ...] = ()
    if aim is front.aim:
        bound = tuple((value, front.bound_cents(value)) for value in sample(front, STEPS))
    title = gettext("Cost and %(aim)s of the plans to choose from", aim=aim_name(aim))
    chart = FrontChart(title, points, bound, aim_name(aim), gettext("cost"), tell_x, lambda cents: euros(round(cents)))
    return draw_front(chart)


def by_field(problems: tuple[Problem, ...]) -> dict[str, list[str]]:
    """Return the problems by the field of the form they are about; those of files under ``""``."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        place, _, name = problem.where.partition(": ")
        known = place == "front" and name in FIELDS
        found.setdefault(name if known else "", []).append(tell(problem) if known else tell_whole(problem))
    return found
