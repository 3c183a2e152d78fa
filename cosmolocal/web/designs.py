"""Designs: what can be made, in all its versions, with its files."""

from pathlib import PurePosixPath

from flask import Blueprint, Response, render_template, request, send_file

from cosmolocal.errors import NotFoundError
from cosmolocal.web import designs_view
from cosmolocal.web.security import INERT
from cosmolocal.web.shared import load_region, workspace

bp = Blueprint("designs", __name__)


@bp.get("/designs/")
def index() -> str:
    """Show all designs of the region."""
    words = request.args.get("q", "").strip()
    region = load_region()
    rows = designs_view.list_designs(region.designs, words)
    return render_template("designs/index.html", rows=rows, words=words, total=len(designs_view.by_id(region.designs)))


@bp.get("/designs/<design_id>/")
@bp.get("/designs/<design_id>/<version>/")
def show(design_id: str, version: str | None = None) -> str:
    """Show one version of a design, the newest unless named."""
    versions = designs_view.by_id(load_region().designs)
    row = designs_view.design_row(versions[design_id]) if design_id in versions else None
    design = next((one for one in row.versions if version in (None, one.version)), None) if row else None
    if row is None or design is None:
        raise NotFoundError(f"there is no design {design_id!r}" + (f" in version {version!r}" if version else ""))
    return render_template(
        "designs/show.html",
        design=design,
        row=row,
        bill=designs_view.bill_tree(design, versions),
        operations=designs_view.operation_rows(design),
        unknown=designs_view.unknown_operations(design),
    )


@bp.get("/designs/<design_id>/<version>/files/<path:path>")
def file(design_id: str, version: str, path: str) -> Response:
    """Send a file of a bundle, inert: pictures to look at, the rest to download."""
    place = workspace().design_file(design_id, version, path)
    kind = designs_view.IMAGE_TYPES.get(PurePosixPath(path).suffix.lower())
    response = send_file(
        place.resolve(),
        mimetype=kind or "application/octet-stream",
        as_attachment=kind is None,
        download_name=PurePosixPath(path).name,
    )
    response.headers["Content-Security-Policy"] = INERT
    return response
