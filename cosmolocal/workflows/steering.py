"""What people say of the lots of a plan before the next one is made, from all who may say something.

Whatever else steers a new plan is added to `SOURCES`: a function of workspace, plan before and region that returns
what it knows, as a keep file would say it.
"""

from collections.abc import Callable

from cosmolocal.records import Plan, Region
from cosmolocal.workflows.keep_file import Said
from cosmolocal.workflows.wishing import steering_of_wishes
from cosmolocal.workflows.workspace import Workspace

#: who is asked, those whose word counts more later
SOURCES: tuple[Callable[[Workspace, Plan, Region], Said], ...] = (steering_of_wishes,)


def collect_steering(workspace: Workspace, plan: Plan, region: Region) -> Said:
    """Return what all sources say of the lots of a plan, in the weeks of the region's settings."""
    said = [source(workspace, plan, region) for source in SOURCES]
    return Said(
        states={lot: state for one in said for lot, state in one.states.items()},
        declined=tuple(row for one in said for row in one.declined),
        pinned=tuple(pin for one in said for pin in one.pinned),
        forbidden=tuple(row for one in said for row in one.forbidden),
    )
