"""A workshop's machine groups week by week: the hours there are, those that the plan that counts uses, what is free."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cosmolocal.errors import NotFoundError, say
from cosmolocal.planning.audit.weeks import group_week
from cosmolocal.records import MachineGroup, Person, Plan, Region, Workshop
from cosmolocal.workflows.closures import find_uses
from cosmolocal.workflows.inputs import settings_of
from cosmolocal.workflows.plan_publishing import find_publication
from cosmolocal.workflows.rights import Action, answering, authorize
from cosmolocal.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class OwnWeek:
    """A machine group in a week."""

    monday: date
    #: [machine minutes] planned for without extra cost, and used by the plan that counts
    there_minutes: int
    used_minutes: int
    #: [machine minutes] that could be added as overtime
    overtime_minutes: int

    @property
    def free_minutes(self) -> int:
        """Return what is left without overtime."""
        return max(0, self.there_minutes - self.used_minutes)


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A machine group with its weeks."""

    group: MachineGroup
    weeks: tuple[OwnWeek, ...]


def read_own_hours(workspace: Workspace, person: Person | None, workshop_id: str) -> tuple[OwnGroup, ...]:
    """Return the weeks of each machine group of a workshop, in the weeks of the plan that counts, else of the region.

    Raises
    ------
    NotFoundError
        When there is no such workshop.
    """
    authorize(person, Action.SET_CLOSURE, answering(person, workshop_id))
    region = workspace.region()
    workshop = next((shop for shop in region.workshops if shop.id == workshop_id), None)
    if workshop is None:
        raise NotFoundError(say("there is no workshop %(name)s", name=repr(workshop_id)))
    publication = find_publication(workspace)
    plan = workspace.plan(publication.plan).plan if publication else None
    return tuple(_groups(workshop, region, plan))


def _groups(workshop: Workshop, region: Region, plan: Plan | None) -> Iterable[OwnGroup]:
    if plan is not None:
        region = replace(region, settings=settings_of(plan.settings))
    uses = find_uses(plan, workshop.id) if plan is not None else {}
    settings = region.settings
    for group in workshop.groups:
        weeks = []
        for week in range(settings.weeks):
            there = group_week(workshop, group, week, settings)
            monday = settings.start_date + timedelta(weeks=week)
            used = uses.get((group.id, week), (0, set()))[0]
            weeks.append(OwnWeek(monday, there.basis_minutes, used, 60 * there.overtime_hours))
        yield OwnGroup(group, tuple(weeks))
