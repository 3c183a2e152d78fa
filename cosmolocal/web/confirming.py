"""Confirming what a design asks of machines: what is to be done first, and the form for one part."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cosmolocal.errors import InputError
from cosmolocal.web import confirming_view as view
from cosmolocal.web import designs_view
from cosmolocal.web.publishing_view import read_form
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import require
from cosmolocal.workflows.design_page import require_design
from cosmolocal.workflows.design_use import find_waiting
from cosmolocal.workflows.makers import find_gaps
from cosmolocal.workflows.rights import Action
from cosmolocal.workflows.stewarding import confirm_operations
from cosmolocal.workflows.work_list import recall_work_list

bp = Blueprint("confirming", __name__)
Answer = str | Response | tuple[str, int]


@bp.get("/designs/to-confirm")
def index() -> str:
    """Show which designs somebody should look at first, and what that would unlock."""
    found = recall_work_list(workspace().folder, load_region())
    return render_template("confirming/index.html", found=found)


@bp.get("/designs/<design_id>/<version>/confirm")
def show(design_id: str, version: str) -> Answer:
    """Show the form that confirms how a part is made, with what is known of it."""
    require(Action.CONFIRM)
    return show_form(design_id, version, request.args.get("part"))


@bp.post("/designs/<design_id>/<version>/confirm")
def confirm(design_id: str, version: str) -> Answer:
    """Keep what a person confirms; or give the form more rows."""
    person = require(Action.CONFIRM)
    part, rows, note = request.form.get("part", ""), read_form(request.form).operations, request.form.get("note", "")
    if request.form.get("do") == "more":
        return show_form(design_id, version, part, view.Sent(rows, note, spare=view.SPARE_ROWS + 2))
    try:
        tables = view.build_tables(rows)
        if request.form.get("do") != "anyway" and (gaps := find_gaps(load_region(), view.read_steps(tables))):
            return show_form(design_id, version, part, view.Sent(rows, note, gaps=gaps)), 422
        confirm_operations(workspace().folder, f"{design_id}@{version}", part, tables, person.name, note.strip())
    except InputError as error:
        return show_form(design_id, version, part, view.Sent(rows, note, error.problems)), 422
    return redirect(url_for("designs.show", design_id=design_id, version=version, done="confirmed"), 303)


def show_form(design_id: str, version: str, wanted: str | None, sent: view.Sent | None = None) -> str:
    """Return the page of the form, with what was sent where something was."""
    region = load_region()
    record, design = require_design(workspace(), design_id, version)
    part = view.choose_part(design, wanted)
    sent = sent or view.Sent(view.build_rows(part.operations))
    return render_template(
        "confirming/show.html",
        design=design,
        record=record,
        part=part,
        sent=sent,
        told=view.by_field(sent.problems),
        doubts=view.tell_gaps(sent.gaps),
        processes=designs_view.process_options(region.vocabulary),
        unknown={one.name: designs_view.unknown_fields(design, one) for one in design.parts},
        waiting=find_waiting(workspace(), design.key),
        title=g.names.part(design.key, part.name),
    )
