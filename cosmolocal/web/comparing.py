"""Two versions of a design side by side, in words."""

from flask import Blueprint, g, render_template, request

from cosmolocal.web import comparing_view as view
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.workflows.comparing import compare_versions
from cosmolocal.workflows.design_page import read_record

bp = Blueprint("comparing", __name__)


@bp.get("/designs/<design_id>/compare")
def show(design_id: str) -> str:
    """Show what differs between two versions; the newest and the one before unless named."""
    region = load_region()
    record = read_record(workspace(), design_id)
    choices = view.list_choices(record, region.designs)
    old, new = view.choose_pair(choices, request.args.get("old"), request.args.get("new"))
    found = compare_versions(region, design_id, old, new) if old and new else None
    return render_template(
        "comparing/show.html",
        record=record,
        design=record.design,
        choices=choices,
        old=old,
        new=new,
        told=view.tell(found, g.names) if found else None,
    )
