"""The files of a published bundle: their bytes, inert, and pages to look at them."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import ParamSpec

from flask import Blueprint, Response, make_response, render_template, request, send_file, url_for
from markupsafe import Markup

from cosmolocal.errors import InputError, NotFoundError
from cosmolocal.web.faults import show_not_found
from cosmolocal.web.preview_words import why_nothing
from cosmolocal.web.security import INERT, POLICY
from cosmolocal.web.shared import load_region, workspace
from cosmolocal.workflows.design_export import export_design
from cosmolocal.workflows.design_page import read_record
from cosmolocal.workflows.previewing import (
    Address,
    Prose,
    ShownFile,
    find_digest,
    find_file,
    find_neighbours,
    find_picture,
    show_file,
)

Given = ParamSpec("Given")

bp = Blueprint("files", __name__)
BUNDLE = "/designs/<design_id>/<version>"
#: a model brings its pictures and data within its own file; the browser reads them from addresses of these kinds
WITH_MODEL = POLICY.replace("img-src 'self'", "img-src 'self' blob:") + "; connect-src 'self' data: blob:"


@bp.app_template_global()
def why_no_preview(shown: ShownFile) -> str:
    """Return why a file has no preview, as a sentence."""
    return why_nothing(shown.preview)


@bp.app_template_filter()
def prose(text: Prose) -> Markup:
    """Return a text that the previews have cleaned as the HTML that it is."""
    return Markup(text.html)


def looking_twice(view: Callable[Given, Response]) -> Callable[Given, Response]:
    """Let a view look again where a file is gone that was there a moment ago.

    Taking a version down also moves files that other versions share with it. The second look finds what has moved, and
    says of the rest that it was taken down.
    """

    @wraps(view)
    def look(*args: Given.args, **kwargs: Given.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except (FileNotFoundError, InputError):
            pass
        try:
            return view(*args, **kwargs)
        except FileNotFoundError as error:
            raise NotFoundError("the file is not there any more") from error

    return look


@bp.errorhandler(NotFoundError)
def show_taken_down(error: NotFoundError) -> tuple[str, int]:
    """Say of the files of a version that was taken down why they are gone; of others that they are not there."""
    given = request.view_args or {}
    try:
        load_region()
        record = read_record(workspace(), given["design_id"], given["version"])
    except (NotFoundError, InputError):
        return show_not_found(error)
    return show_not_found(error) if record.design else (render_template("designs/taken_down.html", record=record), 410)


@bp.get(f"{BUNDLE}/files/<path:path>")
@looking_twice
def raw(design_id: str, version: str, path: str) -> Response:
    """Send the bytes of a file; whatever they are, they can do nothing."""
    stored = find_file(workspace(), design_id, version, path)
    return _send(stored.place, stored.media_type, stored.file.sha256, PurePosixPath(path).name, not stored.is_shown)


@bp.get(f"{BUNDLE}/picture/<path:path>")
def picture(design_id: str, version: str, path: str) -> Response:
    """Send what the server drew of a page of a file."""
    page = request.args.get("page", 1, type=int)
    place = find_picture(workspace(), design_id, version, path, page)
    media_type = "image/svg+xml" if place.suffix == ".svg" else "image/png"
    return _send(place, media_type, f"{place.parent.name}-{page}", place.name, False)


@bp.get(f"{BUNDLE}/bundle.zip")
@looking_twice
def bag(design_id: str, version: str) -> Response:
    """Send the whole bundle as a zip with a BagIt bag in it."""
    response = Response(mimetype="application/zip")
    digest = find_digest(workspace(), design_id, version)
    response.set_etag(digest)
    response.cache_control.no_cache = True  # kept, but asked for again: a version may have been taken down
    response.headers["Content-Security-Policy"] = INERT
    if request.method == "HEAD" or request.if_none_match.contains(digest):
        response.make_conditional(request)  # without reading every byte of the bundle
        return response
    name, found = export_design(workspace().folder, f"{design_id}@{version}")
    response.response, response.content_length = found, found.size
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def address_in(design_id: str, version: str) -> Address:
    """Return what gives the addresses of the files of a bundle, for links within its texts."""

    def address(path: str, is_picture: bool) -> str:
        endpoint = "files.raw" if is_picture else "files.preview"
        return url_for(endpoint, design_id=design_id, version=version, path=path)

    return address


def _send(place: Path, media_type: str, etag: str, name: str, is_kept: bool) -> Response:
    """Return the bytes, whole or the asked part; a browser asks again each time, as a version may be taken down."""
    response = send_file(
        place,
        mimetype=media_type,
        as_attachment=is_kept,
        download_name=name,
        etag=etag,
    )
    response.headers["Content-Type"] = media_type  # Flask adds a charset to texts that name theirs already
    response.headers["Content-Security-Policy"] = INERT
    return response


@bp.get(f"{BUNDLE}/preview/<path:path>")
def preview(design_id: str, version: str, path: str) -> Response:
    """Show a file, or say why it cannot be shown."""
    names = {(design.id, design.version): design.name for design in load_region().designs}
    shown = show_file(workspace(), design_id, version, path, address_in(design_id, version))
    page = render_template(
        "files/preview.html",
        shown=shown,
        neighbours=find_neighbours(workspace(), design_id, version, path),
        design_id=design_id,
        version=version,
        design_name=names.get((design_id, version), design_id),
    )
    response = make_response(page)
    if shown.preview.kind == "model":
        response.headers["Content-Security-Policy"] = WITH_MODEL
    return response
