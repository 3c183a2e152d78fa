"""What people say of the lots of a plan before the next one is made, from all who may say something.

Whatever else steers a new plan is added to `SOURCES`: a function of workspace, plan before and region that returns
what it knows, as a keep file would say it.
"""

from collections.abc import Callable

from cosmolocal.records import Plan, Region
from cosmolocal.workflows.job_steering import steering_of_jobs
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.keep_file import Said
from cosmolocal.workflows.wishing import steering_of_wishes
from cosmolocal.workflows.workspace import Workspace


def steering_of_answers(workspace: Workspace, plan: Plan, _: Region) -> Said:
    """Return what workshops answered to the jobs of a plan; nothing when it was never published."""
    return steering_of_jobs(plan, Bench(workspace).statuses()).said


#: who is asked, those whose word counts more later
SOURCES: tuple[Callable[[Workspace, Plan, Region], Said], ...] = (steering_of_answers, steering_of_wishes)


def collect_steering(workspace: Workspace, plan: Plan, region: Region) -> Said:
    """Return what all sources say of the lots of a plan, in the weeks of the region's settings."""
    said = [source(workspace, plan, region) for source in SOURCES]
    return Said(
        states={lot: state for one in said for lot, state in one.states.items()},
        declined=tuple(row for one in said for row in one.declined),
        pinned=tuple(pin for one in said for pin in one.pinned),
        forbidden=tuple(row for one in said for row in one.forbidden),
    )


def add_said(first: Said, later: Said) -> Said:
    """Return what was said all together; of a lot of which both speak, the later counts."""
    kept = [row for row in first.declined if row.lot not in later.states]
    return Said(
        first.states | later.states,
        (*kept, *later.declined),
        (*first.pinned, *later.pinned),
        (*first.forbidden, *later.forbidden),
    )
