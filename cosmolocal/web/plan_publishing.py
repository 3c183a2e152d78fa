"""Making a plan the one that counts: what that changes, and what has changed since it was made."""

from datetime import timedelta

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cosmolocal.errors import InputError
from cosmolocal.records import JobState, PlanState, Publication
from cosmolocal.web import job_words
from cosmolocal.web.bench import moment_now
from cosmolocal.web.fault_words import tell_at
from cosmolocal.web.shared import load_plan, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.jobs import PROMISED
from cosmolocal.workflows.plan_publishing import publish_plan
from cosmolocal.workflows.publishing_preview import find_plan_state, preview_publication
from cosmolocal.workflows.rights import Action

bp = Blueprint("plan_publishing", __name__)
Page = str | Response | tuple[str, int]

#: jobs that are withdrawn although their workshops promised or have begun them
HURT = PROMISED - {JobState.DONE}


@bp.app_template_global()
def plan_state(plan_id: str) -> tuple[PlanState, Publication | None]:
    """Return whether a plan counts, with its newest publication."""
    return find_plan_state(workspace(), plan_id)


@bp.app_template_global()
def plan_state_word(state: PlanState) -> str:
    """Return whether a plan counts, in a word."""
    return job_words.plan_state_words()[state]


@bp.get("/plans/<plan_id>/publish")
def show(plan_id: str) -> Page:
    """Show what publishing a plan would change."""
    require(Action.PUBLISH_PLAN)
    load_plan(plan_id)
    return show_preview(())


@bp.post("/plans/<plan_id>/publish")
def publish(plan_id: str) -> Page:
    """Make a plan the one that counts, and offer its jobs."""
    require(Action.PUBLISH_PLAN)
    load_plan(plan_id)
    try:
        confirmed, over = request.form.getlist("confirmed"), request.form.get("counted")
        publish_plan(workspace(), current_person(), g.plan_id, confirmed, moment_now(), over)
    except InputError as error:
        return show_preview(
            tuple(tell_at(one.where.removeprefix("plan: ").removeprefix("digests."), one) for one in error.problems)
        ), 422
    return redirect(url_for("plans.show", plan_id=g.plan_id, done="published"), 303)


def show_preview(told: tuple[str, ...]) -> str:
    """Return the page that asks whether a plan is to be published."""
    found = preview_publication(workspace(), current_person(), g.plan_id)
    today = moment_now().date()
    return render_template(
        "plan_publishing/show.html",
        found=found,
        hurt=[status for status in found.gone if status.state in HURT],
        past=[job for job in found.new if job.last_monday + timedelta(weeks=1) <= today],
        told=told,
        confirmed=request.form.getlist("confirmed"),
        state=find_plan_state(workspace(), g.plan_id)[0],
    )
