"""The plan that counts and its jobs from the command line."""

from pathlib import Path

import click

from cosmolocal.cli.options import json_option, region_option
from cosmolocal.cli.output import count, say, write_json, write_table
from cosmolocal.records import JobState, JobStatus, to_plain
from cosmolocal.workflows import Workspace
from cosmolocal.workflows.jobs import Bench
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.plan_publishing import outdated_inputs, publish_plan


@click.command("publish-plan")
@click.argument("plan")
@region_option
@click.option("--although-changed", is_flag=True, help="Even where inputs have changed since the plan was made.")
@json_option
def publish_plan_command(plan: str, region: Path, although_changed: bool, as_json: bool) -> None:
    """Make a stored plan (file or id) the one that counts, and offer its jobs to the workshops."""
    workspace = Workspace(region)
    if Path(plan).is_file():
        plan = workspace.load(plan).id
    confirmed = outdated_inputs(workspace, workspace.plan(plan).plan) if although_changed else ()
    found = publish_plan(workspace, OPERATOR, plan, confirmed)
    if as_json:
        write_json(to_plain(found))
    say(f"plan {found.plan} counts since {found.published_at}")


@click.command()
@click.option("--workshop", help="Only the jobs of this workshop.")
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in JobState]))
@region_option
@json_option
def jobs(workshop: str | None, states: tuple[str, ...], region: Path, as_json: bool) -> None:
    """List the jobs of the plan that counts, and what their workshops answered."""
    found = Bench(Workspace(region)).jobs(OPERATOR, workshop, frozenset(map(JobState, states)) or None)
    if as_json:
        write_json([to_plain(status) for status in found])
        return
    head = ("job", "workshop", "lot", "design", "units", "made", "from", "to", "state")
    write_table(head, map(_cells, found))
    say(count(len(found), "job"))


def _cells(status: JobStatus) -> tuple[object, ...]:
    job = status.job
    weeks = (job.first_monday, job.last_monday)
    return (job.id, job.workshop, job.lot, job.design, job.quantity, status.made, *weeks, status.state.value)
