"""Designs: what can be made, in all its versions, with its files."""

from datetime import UTC, date, datetime

from flask import Blueprint, g, render_template, request

from cosmolocal.designs.licence_terms import USUAL, find_terms
from cosmolocal.errors import InputError, Problem
from cosmolocal.records import Reason
from cosmolocal.web import designs_view as view
from cosmolocal.web.bundle_files import WITH_MODEL, address_in
from cosmolocal.web.fault_words import tell
from cosmolocal.web.languages import day
from cosmolocal.web.reasons_view import field_name, reason_name, tell_reason, tolerance_name
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.workflows.design_page import read_record, read_surroundings
from cosmolocal.workflows.design_search import DesignQuery, read_query, search_designs
from cosmolocal.workflows.makers import recall_makers
from cosmolocal.workflows.previewing import find_main_previews

bp = Blueprint("designs", __name__)
Answer = str | tuple[str, int] | tuple[str, int, dict[str, str]]
bp.add_app_template_filter(reason_name)


@bp.app_context_processor
def words() -> dict[str, object]:
    """Give templates what tells of licences and operations."""
    return {
        "licence_terms": find_terms,
        "usual_licences": [terms for name in USUAL for terms in find_terms(name)],
        "tolerance_name": tolerance_name,
        "field_name": field_name,
        "tell_operation": lambda step: view.tell_operation(step, g.names),
        "is_short": view.is_short,
        "count_made": view.count_made,
        "tell_because": lambda reason: tell_reason(Reason(reason["code"], reason["values"]), g.names),
        "day_of": lambda text: day(date.fromisoformat(text), year=True),
    }


@bp.get("/designs/")
def index() -> Answer:
    """Show the designs of the region that a search finds; all without one."""
    region = load_region()
    asked = view.read_search(request.args)
    query, faults = DesignQuery(), tuple[Problem, ...]()
    try:
        query = read_query(asked)
    except InputError as error:
        faults = error.problems
    found = None if faults else search_designs(workspace(), query)
    page = render_template(
        "designs/index.html",
        asked=asked,
        faults=faults,
        told=view.tell_search_faults(faults, asked),
        found=found,
        rows=[view.found_row(design, g.names) for design in found.designs] if found else [],
        processes=view.process_options(region.vocabulary),
        total=len({design.id for design in region.designs}),
    )
    return page, 422 if faults else 200


@bp.get("/designs/<design_id>/")
@bp.get("/designs/<design_id>/<version>/")
def show(design_id: str, version: str | None = None) -> Answer:
    """Show one version of a design, the one that new plans take unless named."""
    region = load_region()
    record = read_record(workspace(), design_id, version)
    design = record.design
    if design is None:
        return render_template("designs/taken_down.html", record=record), 410
    fault = ""
    try:
        quantity, place = view.read_question(request.args)
        makers = recall_makers(region, design.key, quantity, place)
    except InputError as error:
        fault = tell(error.problems[0])
        makers = recall_makers(region, design.key)
    shown = view.previews_by_kind(find_main_previews(workspace(), design, address_in(design.id, design.version)))
    page = render_template(
        "designs/show.html",
        design=design,
        record=record,
        around=read_surroundings(workspace(), record, design),
        shown=shown,
        makers=view.makers_view(makers, g.names),
        fault=fault,
        today=datetime.now(UTC).date(),
        has_plans=bool(workspace().plans()),
        bill=view.bill_tree(design, view.by_id(region.designs)),
        operations=view.operation_rows(design),
        unknown=view.unknown_operations(design),
        versions=view.version_rows(record, region.designs),
    )
    headers = {"Content-Security-Policy": WITH_MODEL} if "model" in shown else {}
    return page, 422 if fault else 200, headers
