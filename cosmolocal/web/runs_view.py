"""Runs of the planner in the reader's words: how far each is, its numbers over time, what it was asked for."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cosmolocal.errors import Problem
from cosmolocal.exports.lines import Line, LineChart, draw_lines
from cosmolocal.records import PlanningRun, RunRequest, RunState
from cosmolocal.web.fault_words import tell, tell_whole
from cosmolocal.web.languages import choose_language, euros, money, seconds
from cosmolocal.web.roads_view import tell_wishes
from cosmolocal.web.words import gettext
from cosmolocal.workflows.asking import FIELDS
from cosmolocal.workflows.roads import wanted_by

#: rows of progress that a table shows: the first, the last, and some between
MOST_ROWS = 24
#: from this span on a scale of costs has no cents
FINE_CENTS = 1000


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """What was known at one moment."""

    seconds: float
    cost_cents: int | None
    bound_cents: int | None

    @property
    def gap(self) -> float | None:
        """Return how far the best plan is at most from the best there can be."""
        if self.cost_cents is None or self.bound_cents is None:
            return None
        return max(0.0, (self.cost_cents - self.bound_cents) / self.cost_cents) if self.cost_cents else 0.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as its page shows it."""

    run: PlanningRun
    rows: tuple[ProgressRow, ...]
    #: [s] since it started; until its end where it has ended
    seconds: float
    chart: str

    @property
    def last(self) -> ProgressRow:
        """Return what is known now."""
        return self.rows[-1] if self.rows else ProgressRow(0.0, None, None)

    @property
    def road(self) -> dict[str, str]:
        """Return what is wanted of a road otherwise than its file says, as the address of its page has it."""
        return tell_wishes(wanted_by(self.run.request)) if self.run.request.road else {}


def show_run(run: PlanningRun, now: datetime | None = None) -> Shown:
    """Return a run with its numbers, and their chart."""
    every = tuple(ProgressRow(*point) for point in run.progress)
    seconds = elapsed(run, now or datetime.now(UTC))
    return Shown(run, thin_out(every), seconds, draw_progress(every, seconds) if every else "")


def elapsed(run: PlanningRun, now: datetime) -> float:
    """Return the seconds since a run started, until its end; 0 while it waits."""
    if not run.started_at:
        return 0.0
    end = datetime.fromisoformat(run.finished_at) if run.finished_at else now
    return max(0.0, (end - datetime.fromisoformat(run.started_at)).total_seconds())


def thin_out(rows: tuple[ProgressRow, ...], most: int = MOST_ROWS) -> tuple[ProgressRow, ...]:
    """Return at most so many rows, evenly chosen, the first and the last among them."""
    if len(rows) <= most:
        return rows
    return tuple(rows[number * (len(rows) - 1) // (most - 1)] for number in range(most))


def draw_progress(rows: tuple[ProgressRow, ...], until: float) -> str:
    """Return the chart of best and bound over time."""
    best = tuple((row.seconds, float(row.cost_cents)) for row in rows if row.cost_cents is not None)
    bound = tuple((row.seconds, float(row.bound_cents)) for row in rows if row.bound_cents is not None)
    lines = (Line(gettext("best plan so far"), best), Line(gettext("no plan can cost less"), bound, dashed=True))
    return draw_lines(LineChart(gettext("Best plan and bound over time"), _tell_cost(rows), lines, until, seconds))


def _tell_cost(rows: tuple[ProgressRow, ...]) -> Callable[[float], str]:
    """Return how costs are written beside a scale: without cents unless they tell its steps apart."""
    costs = [cents for row in rows for cents in (row.cost_cents, row.bound_cents) if cents is not None]
    tell = euros if costs and max(costs) - min(costs) >= FINE_CENTS else money
    return lambda cents: tell(round(cents))


def tag_of(run: PlanningRun) -> str:
    """Return what changes when the page of a run does, the time that passes left out."""
    facts = (run.id, run.state, run.cancelled, run.plan, len(run.progress), choose_language())
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def state_name(state: RunState) -> str:
    """Return what the state of a run is called."""
    return {
        RunState.QUEUED: gettext("waiting"),
        RunState.RUNNING: gettext("running"),
        RunState.DONE: gettext("done"),
        RunState.FAILED: gettext("failed"),
        RunState.CANCELLED: gettext("cancelled"),
        RunState.LOST: gettext("interrupted"),
    }[state]


def state_sentence(run: PlanningRun) -> str:
    """Return how a run stands, and what that means."""
    if run.request.road:
        return _road_sentence(run)
    if run.is_open and run.cancelled:
        return _ending_sentence(run)
    if run.request.is_beside and not run.is_open:
        return _beside_sentence(run)
    return {
        RunState.QUEUED: gettext("It waits for the run before it to end."),
        RunState.RUNNING: gettext("It is running. You may leave this page: the run goes on."),
        RunState.DONE: gettext("It is done, and the plan is kept."),
        RunState.FAILED: gettext("It failed; there is no plan."),
        RunState.CANCELLED: gettext("It was cancelled; the best plan that was found is kept.")
        if run.plan
        else gettext("It was cancelled before there was a plan."),
        RunState.LOST: gettext("The program ended before the run did; the best plan until then is kept.")
        if run.plan
        else gettext("The program ended before the run did; nothing was kept. Ask for it again."),
    }[run.state]


def _ending_sentence(run: PlanningRun) -> str:
    """Return how a run stands that somebody wants to end."""
    if any(cost_cents is not None for _, cost_cents, _ in run.progress):
        return gettext("Ending: the best plan so far is being kept.")
    return gettext("Ending: it stops as soon as it has a plan to keep; there is none yet.")


def _road_sentence(run: PlanningRun) -> str:
    """Return how a run stands that seeks the road to the target."""
    if run.is_open and run.cancelled:
        return gettext("Ending: the search at hand is the last; nothing will be kept.")
    return {
        RunState.QUEUED: gettext("It waits for the run before it to end."),
        RunState.RUNNING: gettext("The road is found; what would change it is being looked at.")
        if run.progress
        else gettext("The road is being sought. You may leave this page: the run goes on."),
        RunState.DONE: gettext("It is done, and the road is kept."),
        RunState.FAILED: gettext("It failed; there is no road."),
        RunState.CANCELLED: gettext("It was cancelled; nothing was kept."),
        RunState.LOST: gettext("The program ended before the run did; nothing was kept. Ask for it again."),
    }[run.state]


def _beside_sentence(run: PlanningRun) -> str:
    """Return how a run has ended that asked something beside a plan."""
    return {
        RunState.DONE: gettext("It is done, and what was found is kept with the plan."),
        RunState.FAILED: gettext("It failed; nothing was found out."),
        RunState.CANCELLED: gettext("It was cancelled; what was found until then is kept with the plan."),
        RunState.LOST: gettext("The program ended before the run did; nothing was kept. Ask for it again."),
    }[run.state]


def form_values(request: RunRequest) -> dict[str, str]:
    """Return what a form would hold that asks for the same."""
    return {
        "book": request.book,
        "seconds": f"{request.seconds:g}",
        "gap": f"{request.gap * 100:g}",
        "seed": str(request.seed),
        "solver": request.solver,
        "settings": "\n".join(f"{name}={value}" for name, value in request.overrides.items()),
        "previous": request.previous,
        "most-moves": "" if request.most_moves is None else str(request.most_moves),
        "move-cost": f"{request.move_cents / 100:g}" if request.move_cents else "",
    }


def by_field(problems: tuple[Problem, ...]) -> dict[str, list[str]]:
    """Return the problems by the field of the form they are about; those of files and settings under ``""``."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        place, _, name = problem.where.partition(": ")
        if place == "run" and name in FIELDS:
            found.setdefault(name, []).append(tell(problem))
        else:
            found.setdefault("", []).append(tell_whole(problem))
    return found


def field_values(sent: Mapping[str, str]) -> dict[str, str]:
    """Return what was sent, field by field."""
    return {name: sent.get(name, "") for name in FIELDS}
