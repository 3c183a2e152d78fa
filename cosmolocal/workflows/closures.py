"""A workshop's own calendar: closed days, machines down, other hours; and what they do to the plan that counts."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.planning.audit.weeks import group_week
from cosmolocal.records import Closure, Person, Plan, Region, Workshop
from cosmolocal.workflows.inputs import CLOSURES, settings_of
from cosmolocal.workflows.plan_publishing import find_publication
from cosmolocal.workflows.rewriting import rewrite
from cosmolocal.workflows.rights import Action, answering, authorize
from cosmolocal.workflows.workspace import Workspace
from cosmolocal.workshops.closures import (
    add_closures,
    append_closure,
    check_closures,
    drop_line,
    parse_closures,
)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A machine group that has too few minutes in a week for what the plan that counts wants of it."""

    workshop: str
    group: str
    monday: date
    #: [machine minutes] that the plan uses, and that there are at most: now, and with the closure
    used_minutes: int
    now_minutes: int
    then_minutes: int
    #: ids of the lots made on it in that week
    lots: tuple[str, ...]

    @property
    def missing_minutes(self) -> int:
        """Return how many minutes the plan uses that there are not."""
        return max(0, self.used_minutes - self.then_minutes)


def list_closures(workspace: Workspace, workshop: str | None = None) -> tuple[Closure, ...]:
    """Return the closures of a workshop, or of all, by their first day."""
    shops = workspace.region().workshops
    found = [row for shop in shops if workshop in (None, shop.id) for row in shop.closures]
    return tuple(sorted(found, key=lambda row: (row.first_day, row.last_day, row.workshop, row.group)))


def set_closure(workspace: Workspace, person: Person | None, closure: Closure) -> None:
    """Add a closure to the region's file; one that stands there already changes nothing.

    Raises
    ------
    InputError
        With every fault of the closure.
    """
    authorize(person, Action.SET_CLOSURE, answering(person, closure.workshop))

    def add(text: str) -> str:
        if text.strip() and closure in [row for _, row in parse_closures(text, CLOSURES)]:
            return text
        changed = append_closure(text, closure)
        lines = parse_closures(changed, CLOSURES)
        problems = check_closures(lines, workspace.region().workshops)
        if [row for _, row in lines][-1:] != [closure]:
            problems.append(_unreadable())
        if problems:
            raise InputError(problems)
        return changed

    rewrite(workspace, CLOSURES, add, "W050")


def remove_closure(workspace: Workspace, person: Person | None, closure: Closure) -> None:
    """Take a closure out of the region's file; all other lines stay as they are.

    Raises
    ------
    NotFoundError
        When it is not there any more.
    """
    authorize(person, Action.SET_CLOSURE, answering(person, closure.workshop))

    def remove(text: str) -> str:
        found = parse_closures(text, CLOSURES) if text.strip() else ()
        lines = [line for line, row in found if row == closure]
        if not lines:
            raise NotFoundError(say("there is no such closure any more"))
        return drop_line(text, lines[0])

    rewrite(workspace, CLOSURES, remove, "W050")


def _unreadable() -> Problem:
    return Problem("W051", "closure", say("cannot be written so that it is read again as it is"))


def effect_of_closure(workspace: Workspace, person: Person | None, closure: Closure) -> tuple[Shortage, ...]:
    """Return which machine groups would lack minutes for the plan that counts; nothing is saved.

    Only what the closure makes worse is told. Faults of the closure raise `InputError`.
    """
    authorize(person, Action.SET_CLOSURE, answering(person, closure.workshop))
    region = workspace.region()
    every = [row for shop in region.workshops for row in shop.closures if row != closure]
    text = append_closure("", closure)
    read = [row for _, row in parse_closures(text, CLOSURES)]
    # lines as they are numbered in a file with the new closure at its end
    problems = check_closures(list(enumerate([*every, *read], 2)), region.workshops)
    if read != [closure]:
        problems.append(_unreadable())
    if problems:
        raise InputError(problems)
    publication = find_publication(workspace)
    if publication is None:
        return ()
    return find_shortages(workspace.plan(publication.plan).plan, region, closure)


def find_shortages(plan: Plan, region: Region, closure: Closure) -> tuple[Shortage, ...]:
    """Return what a plan lacks by a closure, by machine group and week."""
    region = replace(region, settings=settings_of(plan.settings))
    now = {shop.id: shop for shop in region.workshops}.get(closure.workshop)
    if now is None:
        return ()
    [then] = add_closures([replace(now, closures=())], [*(row for row in now.closures if row != closure), closure])
    found = [
        _weigh((now, then), group_id, week, region, (minutes, tuple(sorted(lots))))
        for (group_id, week), (minutes, lots) in sorted(find_uses(plan, closure.workshop).items())
    ]
    return tuple(row for row in found if row.missing_minutes and row.then_minutes < row.now_minutes)


def find_uses(plan: Plan, workshop: str) -> dict[tuple[str, int], tuple[int, set[str]]]:
    """Return the minutes and the lots of each machine group of a workshop in each week."""
    uses: dict[tuple[str, int], tuple[int, set[str]]] = {}
    for row in plan.allocations:
        for task in row.tasks:
            for use in task.uses if task.workshop == workshop else ():
                minutes, lots = uses.setdefault((use.group, task.week), (0, set()))
                uses[use.group, task.week] = (minutes + use.minutes, lots | {row.lot})
    return uses


def _weigh(
    shops: tuple[Workshop, Workshop], group_id: str, week: int, region: Region, used: tuple[int, tuple[str, ...]]
) -> Shortage:
    limits = [
        group_week(shop, group, week, region.settings).limit_minutes
        for shop in shops
        for group in shop.groups
        if group.id == group_id
    ]
    now, then = limits if limits else (0, 0)
    monday = region.settings.start_date + timedelta(weeks=week)
    return Shortage(shops[0].id, group_id, monday, used[0], now, then, used[1])
