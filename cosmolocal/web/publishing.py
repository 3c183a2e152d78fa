"""Publishing: the form that makes a bundle, its draft on the server with a check report, and the release."""

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from cosmolocal.designs.editing import Typed
from cosmolocal.errors import ForbiddenError, InputError, NotFoundError
from cosmolocal.records import Person
from cosmolocal.web import faults
from cosmolocal.web import publishing_view as view
from cosmolocal.web.designs_view import process_options
from cosmolocal.web.problem_json import answer_error, status_of
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.web.sign_in import csrf, require
from cosmolocal.web.uploads import form_files, receive_body
from cosmolocal.web.words import gettext
from cosmolocal.workflows import draft_contents, draft_forms, drafts
from cosmolocal.workflows.draft_doubts import list_materials
from cosmolocal.workflows.draft_manifest import read_state
from cosmolocal.workflows.draft_publishing import check_draft, publish_draft, read_release
from cosmolocal.workflows.incoming import CODES, Incoming, StorageFullError
from cosmolocal.workflows.rights import Action

bp = Blueprint("publishing", __name__)
Answer = str | Response | tuple[str, int]


@bp.get("/designs/new")
def new() -> str:
    """Show the empty form."""
    require(Action.PUBLISH_NEW)
    return show_form("publishing/new.html", Typed().clean(), base="", document={})


@bp.get("/designs/<design_id>/new-version")
def new_version(design_id: str) -> str:
    """Show the form with what the newest version of a design says."""
    release = read_release(workspace().folder, design_id)
    require(Action.RELEASE, release.owners)
    return show_form("publishing/new.html", release.typed, base=release.digest, document={}, release=release)


@bp.get("/drafts/")
def index() -> str:
    """Show the drafts a person may go on with."""
    person = require(Action.PUBLISH_NEW)
    load_region()
    found = [(draft, draft_forms.show_form(draft)[1]) for draft in drafts.list_drafts(workspace().folder, person)]
    return render_template("publishing/index.html", drafts=found)


@bp.post("/drafts/")
def create() -> Answer:
    """Keep what was typed and sent as a new draft."""
    person = require(Action.PUBLISH_NEW)
    folder = workspace().folder
    with form_files(folder / drafts.INCOMING) as files:
        csrf.protect()
        kept = request.form.get("after", "") if request.form.get("keep") else ""
        draft = drafts.create_draft(folder, person, kept)
        return take_form(draft, person, files)


@bp.get("/drafts/<draft_id>")
def show(draft_id: str) -> Answer:
    """Show a draft: its form, its files, and what a check of it finds."""
    person = require(Action.PUBLISH_NEW)
    return show_draft(drafts.open_draft(workspace().folder, draft_id, person), person)


@bp.post("/drafts/<draft_id>")
def save(draft_id: str) -> Answer:
    """Keep what was typed and sent, and do what the button said: take a file out, publish, or check."""
    person = require(Action.PUBLISH_NEW)
    draft = drafts.open_draft(workspace().folder, draft_id, person)
    with form_files(draft.incoming, draft_contents.room_left(draft)) as files:
        csrf.protect()
        return take_form(draft, person, files)


@bp.put("/drafts/<draft_id>/files/<path:path>")
def put_file(draft_id: str, path: str) -> Response:
    """Add one file, sent as it is, or what is in it when it is an archive; the answer says what is there now."""
    draft = drafts.open_draft(workspace().folder, draft_id, require(Action.PUBLISH_NEW))
    incoming = receive_body(draft.incoming, path, draft_contents.room_left(draft))
    try:
        csrf.protect()
        added = draft_contents.add_file(draft, incoming, unpack=request.args.get("unpack", "1") == "1")
    finally:
        incoming.drop()
    return jsonify({"files": added, "size": incoming.size})


@bp.delete("/drafts/<draft_id>/files/<path:path>")
def delete_file(draft_id: str, path: str) -> tuple[str, int]:
    """Take one file out of a draft."""
    person = require(Action.PUBLISH_NEW)
    draft_contents.remove_file(drafts.open_draft(workspace().folder, draft_id, person), path)
    return "", 204


@bp.post("/drafts/<draft_id>/discard")
def discard(draft_id: str) -> Response:
    """Throw a draft away."""
    person = require(Action.PUBLISH_NEW)
    drafts.discard_draft(drafts.open_draft(workspace().folder, draft_id, person))
    return redirect(url_for("publishing.index"), 303)


@bp.errorhandler(InputError)
def show_input_error(error: InputError) -> Answer:
    """Say what is wrong with what was sent: to the page's script as JSON, to a person as a page."""
    if wants_json():
        return answer_error(error)
    if any(problem.code == "U065" for problem in error.problems):
        # somebody was faster, perhaps a second click: what was published is what was wanted
        draft_id = (request.view_args or {})["draft_id"]
        return go_to_release(drafts.open_draft(workspace().folder, draft_id, require(Action.PUBLISH_NEW)).published)
    if not any(problem.code in CODES for problem in error.problems):
        return faults.show_input_error(error)
    return render_template("publishing/refused.html", findings=view.as_findings(error.problems)), status_of(error)


@bp.errorhandler(NotFoundError)
def show_not_found(error: NotFoundError) -> Answer:
    """Say what was looked for."""
    if wants_json():
        return answer_error(error)
    return faults.show_not_found(error)


@bp.errorhandler(ForbiddenError)
@bp.errorhandler(CSRFError)
def show_refusal(error: ForbiddenError | CSRFError) -> Answer:
    """Say that a person may not do this, or that the page has grown stale."""
    if wants_json():
        return answer_error(error)
    return faults.show_forbidden(error) if isinstance(error, ForbiddenError) else faults.show_stale_form(error)


def wants_json() -> bool:
    """Tell whether the page's script asks, and not a person."""
    return request.method in ("PUT", "DELETE") or request.accept_mimetypes.best == "application/json"


def take_form(draft: drafts.Draft, person: Person, files: list[Incoming | InputError]) -> Answer:
    """Keep what a form holds, then do what its button said; what is wrong with a file harms nothing else."""
    form = request.form
    draft_forms.save_form(draft, form.get("base", ""), view.read_form(form), form.get("design-id", "").strip())
    refused = draft_contents.add_files(draft, files, unpack=bool(form.get("unpack")))
    if removed := form.get("remove"):
        draft_contents.remove_file(draft, removed)
    if wants_json():
        base, _ = draft_forms.show_form(draft)
        return jsonify({"address": url_for("publishing.show", draft_id=draft.id), "base": base})
    if refused:
        return show_draft(drafts.open_draft(workspace().folder, draft.id, person), person, refused)
    if form.get("do") == "publish":
        return publish(draft, person)
    anchor = "files-title" if removed else "report-title"  # where reading goes on, for the keyboard too
    return redirect(url_for("publishing.show", draft_id=draft.id, _anchor=anchor), 303)


def publish(draft: drafts.Draft, person: Person) -> Answer:
    """Make the draft a release, and show it; what stands against it is shown on the draft's page."""
    folder = workspace().folder
    try:
        result = publish_draft(folder, draft, person)
    except StorageFullError:
        raise
    except InputError:
        # the check of the page finds the same, and puts it beside the fields
        return show_draft(drafts.open_draft(folder, draft.id, person), person)
    if result["is_new"]:
        return go_to_release(f"{result['id']}@{result['version']}")
    return redirect(url_for("publishing.show", draft_id=draft.id), 303)


def go_to_release(name: str) -> Response:
    """Lead to the page of a release ``id@version``."""
    design_id, _, version = name.partition("@")
    return redirect(url_for("designs.show", design_id=design_id, version=version, done="published"), 303)


def show_draft(draft: drafts.Draft, person: Person, refused: list[InputError] | None = None) -> Answer:
    """Show a draft with its check report, and what was wrong with files that were just sent."""
    if draft.published:
        load_region()
        design_id, _, version = draft.published.partition("@")
        return render_template("publishing/published.html", design_id=design_id, version=version)
    refused = refused or []
    base, typed = draft_forms.show_form(draft)
    state = read_state(draft.files)
    page = show_form(
        "publishing/show.html",
        typed,
        base=base,
        document=state.document,
        draft=draft,
        files=draft_contents.list_files(draft),
        report=check_draft(workspace().folder, draft, person),
        faults=view.as_findings(problem for fault in refused for problem in fault.problems),
    )
    status = max((status_of(fault) for fault in refused), default=422 if request.method == "POST" else 200)
    return page, status


def show_form(template: str, typed: Typed, *, base: str, document: Any, **more: Any) -> str:
    """Return the page of a form, each problem beside its field."""
    region = load_region()
    report = more.get("report") or {"problems": [], "warnings": []}
    problems, warnings = (view.list_findings(report[kind], document) for kind in ("problems", "warnings"))
    return render_template(
        template,
        typed=typed,
        base=base,
        problems=problems,
        warnings=warnings,
        told=view.by_field(problems),
        doubts=view.by_field(warnings),
        process_options=[("", gettext("not known")), *process_options(region.vocabulary)],
        spare=view.SPARE_ROWS,
        materials=list_materials(region.workshops),
        **more,
    )


for streamed in (create, save, put_file):
    # their bodies may be large: the token is checked once it is known who sends them, and where to keep them
    csrf.exempt(streamed)
