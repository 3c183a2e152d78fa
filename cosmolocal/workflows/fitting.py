"""Whether a plan still fits into the hours of the machines and the limits of links and hubs as they are now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from cosmolocal.errors import Problem, say
from cosmolocal.planning.capacity import Resources, group_name
from cosmolocal.planning.free_room import FreeRoom, find_loads
from cosmolocal.planning.ground import Ground
from cosmolocal.records import Plan, Region
from cosmolocal.workflows.inputs import settings_of

CODES = {"J006": "a plan to be published needs more hours or a larger load than there are now"}


def find_overbooked(plan: Plan, region: Region) -> Iterator[Problem]:
    """Yield each machine group, link and hub that a plan uses more than there is of it in some week."""
    resources = Resources(Ground(replace(region, settings=settings_of(plan.settings))))
    yield from _find_gone(plan, resources)
    room = FreeRoom(resources, find_loads(resources, plan.allocations))
    for resource, free in enumerate(room.most[: resources.fair_start].tolist()):
        if free < 0:
            used = int(room.loads[resource])
            yield _tell(resources, resource, used, used + int(free))


def _find_gone(plan: Plan, resources: Resources) -> Iterator[Problem]:
    """Yield the machine groups of a plan that do not exist any more, each once."""
    tasks = [task for row in plan.allocations for task in row.tasks]
    used = {(task.workshop, use.group) for task in tasks for use in task.uses}
    for workshop, group in sorted(used - resources.machines.number.keys()):
        yield Problem("J006", f"plan: {group_name(workshop, group)}", say("does not exist any more; plan again"))


def _tell(resources: Resources, resource: int, used: int, there: int) -> Problem:
    name, week = resources.name(resource)
    values = {"monday": resources.ground.settings.start_date + timedelta(weeks=week)}
    if resources.is_group(resource):
        hours = {"used": f"{used / 60:.1f}", "there": f"{there / 60:.1f}"}
        told = say(
            "the plan needs %(used)s h in the week of %(monday)s; there are at most %(there)s h now, so plan again",
            **values,
            **hours,
        )
    else:
        told = say(
            "the plan carries %(used)s kg in the week of %(monday)s; at most %(there)s kg can pass now, so plan again",
            **values,
            used=used,
            there=there,
        )
    return Problem("J006", f"plan: {name}", told)
