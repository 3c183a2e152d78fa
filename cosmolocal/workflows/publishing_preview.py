"""What publishing a plan would change: jobs that stay, come and go, and inputs that are no longer those of the plan."""

from dataclasses import dataclass

from cosmolocal.records import Job, JobStatus, Person, PlanState, Publication
from cosmolocal.workflows.job_list import jobs_of
from cosmolocal.workflows.jobs import JOBS, Bench
from cosmolocal.workflows.plan_publishing import find_publication, list_publications, outdated_inputs
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.rights import Action, authorize
from cosmolocal.workflows.workspace import Workspace

#: what each plan asks of its workshops
_JOBS = Memory[tuple[Job, ...]](JOBS, lambda jobs: 1 + len(jobs))


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan to be published, against the one that counts."""

    #: the publication of the plan that counts now; None: none was published yet
    before: Publication | None
    #: jobs of both plans: their answers hold
    stay: tuple[JobStatus, ...]
    #: jobs that are offered anew
    new: tuple[Job, ...]
    #: jobs of the plan before that are withdrawn
    gone: tuple[JobStatus, ...]
    #: names of the inputs that have changed since the plan was made
    outdated: tuple[str, ...]


def preview_publication(workspace: Workspace, person: Person | None, plan_id: str) -> Preview:
    """Return what would change if a stored plan were made the one that counts; nothing is saved."""
    authorize(person, Action.PUBLISH_PLAN)
    view = workspace.plan(plan_id)
    wanted = {job.id: job for job in _JOBS.recall(Same(view), lambda: jobs_of(view.plan, view.orders))}
    now = {status.job.id: status for status in Bench(workspace).statuses()}
    return Preview(
        before=find_publication(workspace),
        stay=tuple(status for key, status in now.items() if key in wanted),
        new=tuple(job for key, job in wanted.items() if key not in now),
        gone=tuple(status for key, status in now.items() if key not in wanted),
        outdated=outdated_inputs(workspace, view.plan),
    )


def find_plan_state(workspace: Workspace, plan_id: str) -> tuple[PlanState, Publication | None]:
    """Return whether a plan counts, with its newest publication; None: it is a draft."""
    found = next((one for one in list_publications(workspace) if one.plan == plan_id), None)
    if found is None:
        return PlanState.DRAFT, None
    return PlanState.PUBLISHED if found.superseded_at is None else PlanState.SUPERSEDED, found
