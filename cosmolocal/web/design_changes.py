"""What is done to a published design: withdrawn, offered again, given other owners, taken down, made."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask import redirect as to
from werkzeug.wrappers import Response

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.records import Design, Person
from cosmolocal.web import design_changes_view as view
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import people, require
from cosmolocal.workflows.design_page import Record, read_record, require_design
from cosmolocal.workflows.design_use import find_users
from cosmolocal.workflows.makes import report_make as note_make
from cosmolocal.workflows.people import OPERATOR
from cosmolocal.workflows.rights import Action
from cosmolocal.workflows.stewarding import set_design_owners, take_down_design, unyank_design, yank_design

bp = Blueprint("design_changes", __name__)
VERSION = "/designs/<design_id>/<version>"
Answer = str | Response | tuple[str, int]


@bp.get(f"{VERSION}/yank")
def yank(design_id: str, version: str) -> Answer:
    """Show the form that withdraws a version, or the one that offers it again, and what that means."""
    record, design, _ = open_version(design_id, version, Action.YANK)
    return show_form("yank", record, design)


@bp.post(f"{VERSION}/yank")
def yank_now(design_id: str, version: str) -> Answer:
    """Withdraw a version."""
    record, design, person = open_version(design_id, version, Action.YANK)
    reason = request.form.get("reason", "")
    return change("yank", record, design, "yanked", lambda: yank_design(folder(), record.key, reason, person.name))


@bp.post(f"{VERSION}/unyank")
def unyank(design_id: str, version: str) -> Answer:
    """Offer a withdrawn version again."""
    record, design, person = open_version(design_id, version, Action.YANK)
    reason = request.form.get("reason", "")
    return change("yank", record, design, "unyanked", lambda: unyank_design(folder(), record.key, person.name, reason))


@bp.get("/designs/<design_id>/owners")
def owners(design_id: str) -> Answer:
    """Show who owns a design, with a form to add and remove owners."""
    record = read_record(workspace(), design_id)
    require(Action.SET_OWNERS, record.owners)
    load_region()
    return show_form("owners", record, record.design)


@bp.post("/designs/<design_id>/owners")
def set_owners(design_id: str) -> Answer:
    """Add an owner, or remove one."""
    record = read_record(workspace(), design_id)
    person = require(Action.SET_OWNERS, record.owners)
    load_region()

    def set_now() -> None:
        wanted = view.read_owners(request.form, record.owners, is_known)
        set_design_owners(folder(), design_id, wanted, person.name)

    return change("owners", record, record.design, "owners", set_now)


@bp.get(f"{VERSION}/take-down")
def take_down(design_id: str, version: str) -> Answer:
    """Show the form that removes the files of a version for good."""
    record, design, _ = open_version(design_id, version, Action.TAKE_DOWN)
    return show_form("take_down", record, design)


@bp.post(f"{VERSION}/take-down")
def take_down_now(design_id: str, version: str) -> Answer:
    """Remove the files of a version for good, when its name was typed as it is."""
    record, design, person = open_version(design_id, version, Action.TAKE_DOWN)

    def take_down_for_good() -> None:
        view.require_typed(request.form, record.key)
        take_down_design(folder(), record.key, request.form.get("reason", ""), person.name)

    return change("take_down", record, design, "taken-down", take_down_for_good)


@bp.get(f"{VERSION}/report-make")
def report_make(design_id: str, version: str) -> Answer:
    """Show the form that tells how many were made."""
    record, design, _ = open_version(design_id, version, Action.REPORT_MAKE)
    return show_form("report_make", record, design)


@bp.post(f"{VERSION}/report-make")
def report_make_now(design_id: str, version: str) -> Answer:
    """Note how many were made."""
    record, design, person = open_version(design_id, version, Action.REPORT_MAKE)
    values = {name: request.form.get(name, "") for name in view.MAKE_FIELDS}
    return change(
        "report_make", record, design, "made", lambda: note_make(workspace(), record.key, values, person.name)
    )


def folder() -> Any:
    """Return the folder of the region."""
    return workspace().folder


def open_version(design_id: str, version: str, action: Action) -> tuple[Record, Design, Person]:
    """Return a version whose files are there, and the person, who may do this to it."""
    record = read_record(workspace(), design_id, version)
    person = require(action, record.owners)
    record, design = require_design(workspace(), design_id, version)
    load_region()
    return record, design, person


def is_known(name: str) -> bool:
    """Tell whether somebody of this name has an account."""
    try:
        return people().find(OPERATOR, name).active
    except NotFoundError:
        return False


def change(form: str, record: Record, design: Design | None, done: str, act: Callable[[], object]) -> Answer:
    """Do something and lead to the page of the version, which says so; show the form again where it is refused."""
    try:
        act()
    except InputError as error:
        return show_form(form, record, design, error), 422
    version = record.release.version
    return to(url_for("designs.show", design_id=record.design_id, version=version, done=done), 303)


def show_form(form: str, record: Record, design: Design | None, error: InputError | None = None) -> str:
    """Return the page of a form, with what was sent and what is wrong with it."""
    return render_template(
        f"design_changes/{form}.html",
        record=record,
        design=design,
        users=find_users(workspace(), design) if design and form in ("yank", "take_down") else None,
        told=view.by_field(error.problems if error else ()),
        doubts={},
        sent=request.form,
    )
