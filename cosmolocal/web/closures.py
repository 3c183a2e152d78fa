"""A workshop's hours: week by week, with closed days, machines that are down and other hours."""

from collections.abc import Mapping

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cosmolocal.errors import InputError, NotFoundError, say
from cosmolocal.records import Closure
from cosmolocal.web import closures_view as view
from cosmolocal.web.bench import moment_now
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import current_person, require
from cosmolocal.workflows.closures import effect_of_closure, list_closures, remove_closure, set_closure
from cosmolocal.workflows.own_hours import read_own_hours
from cosmolocal.workflows.plan_publishing import find_publication
from cosmolocal.workflows.rights import Action, answering

bp = Blueprint("closures", __name__)
Page = str | Response | tuple[str, int]


@bp.get("/workshops/<workshop_id>/hours")
def show(workshop_id: str) -> Page:
    """Show the hours of a workshop's machines week by week, and the form that changes them."""
    open_workshop(workshop_id)
    return show_hours(workshop_id, {}, {})


def open_workshop(workshop_id: str) -> None:
    """Let in who may change the hours of a workshop.

    Raises
    ------
    NotFoundError
        When there is no such workshop.
    """
    require(Action.SET_CLOSURE, answering(current_person(), workshop_id))
    load_region()
    if workshop_id not in g.names.workshops:
        raise NotFoundError(say("there is no workshop %(name)s", name=repr(workshop_id)))


def show_hours(workshop_id: str, sent: Mapping[str, str], told: Mapping[str, list[str]]) -> str:
    """Return the page of a workshop's hours, the form filled in as it was sent."""
    today = moment_now().date()
    return render_template(
        "closures/show.html",
        workshop=g.names.workshops[workshop_id],
        groups=view.coming_weeks(read_own_hours(workspace(), current_person(), workshop_id), today),
        closures=[(one, view.fill_form(one)) for one in list_closures(workspace(), workshop_id)],
        publication=find_publication(workspace()),
        today=today,
        sent=sent,
        told=told,
    )


@bp.post("/workshops/<workshop_id>/hours")
def change(workshop_id: str) -> Page:
    """Show what a closure would do to the work planned, then save it; or give the form back to be changed."""
    open_workshop(workshop_id)
    sent = {name: request.form.get(name, "") for name in view.FIELDS}
    if request.form.get("do") == "change":
        return show_hours(workshop_id, sent, {})
    try:
        closure = view.read_closure(request.form, workshop_id)
        if request.form.get("do") == "save":
            set_closure(workspace(), current_person(), closure)
            return redirect(url_for("closures.show", workshop_id=workshop_id, done="saved"), 303)
        return show_effect(closure)
    except InputError as error:
        return show_hours(workshop_id, sent, view.by_field(error.problems)), 422


def show_effect(closure: Closure) -> str:
    """Return the page that tells what a closure would do; nothing is saved yet."""
    return render_template(
        "closures/effect.html",
        workshop=g.names.workshops[closure.workshop],
        closure=closure,
        fields=view.fill_form(closure),
        shortages=effect_of_closure(workspace(), current_person(), closure),
        publication=find_publication(workspace()),
    )


@bp.post("/workshops/<workshop_id>/hours/remove")
def remove(workshop_id: str) -> Page:
    """Take a closure back."""
    open_workshop(workshop_id)
    closure = view.same_closure(request.form, list_closures(workspace(), workshop_id))
    if closure is None:
        raise NotFoundError(say("there is no such closure any more"))
    remove_closure(workspace(), current_person(), closure)
    return redirect(url_for("closures.show", workshop_id=workshop_id, done="removed"), 303)
