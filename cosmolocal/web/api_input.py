"""What a program sends to the API: options in the address, a form or a body; whatever is not known is refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from cosmolocal.errors import InputError, Problem
from cosmolocal.fields import Fields
from cosmolocal.files import parse_json
from cosmolocal.web.uploads import FormFile, form_files, receive_body
from cosmolocal.workflows.incoming import Incoming

#: options in the address of each view; all others know none
OPTIONS: Mapping[str, frozenset[str]] = {
    "api.list_designs": frozenset({"after", "limit"}),
    "api.publish": frozenset({"id", "message", "dry_run"}),
}
PAGE, LONGEST_PAGE = 50, 500
ZIP_TYPES = ("application/zip", "application/x-zip-compressed")
_FLAGS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Submission:
    """An archive that a program sent, and what it wants done with it."""

    archive: Path
    #: None: the one that its manifest suggests
    design_id: str | None
    message: str
    #: only the check report is wanted
    is_dry_run: bool


def check_options() -> None:
    """Refuse options in the address that the view does not know, before anything else is done."""
    _require_known(request.args, OPTIONS.get(request.endpoint or "", frozenset()), "address")
    if request.endpoint == "api.publish":
        _read_options(request.args)


@contextmanager
def received(folder: Path) -> Iterator[Submission]:
    """Give the archive of this request as a file, which is gone afterwards."""
    if request.mimetype in ZIP_TYPES:
        archive = receive_body(folder, "bundle")
        try:
            yield _submission(archive, request.args)
        finally:
            archive.drop()
        return
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send a zip archive as application/zip, or in the field bundle of a form.")
    with form_files(folder):
        found = _find_bundle()
        options = MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
        _require_known(options, OPTIONS["api.publish"], "form")
        yield _submission(found, options)


def read_words(*names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the texts of the JSON object in the body; ``names`` are required, and no others are known."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send a JSON object as application/json.")
    problems: list[Problem] = []
    text = request.get_data().decode("utf-8", "replace")
    table = Fields(parse_json(text, "body", "U066"), "body", "U066", problems)
    words = {name: table.text(name, required=name in names) for name in (*names, *optional)}
    table.finish()
    if problems:
        raise InputError(problems)
    return words


def read_limit() -> int:
    """Return how many designs a page holds."""
    problems: list[Problem] = []
    table = Fields({"limit": request.args.get("limit")}, "address", "U066", problems)
    limit = table.number("limit", PAGE, low=1, high=LONGEST_PAGE)
    if problems:
        raise InputError(problems)
    return limit or PAGE


def _find_bundle() -> Incoming:
    """Return the one file of the form, which has come in whole."""
    files = [(name, file) for name, file in request.files.items(multi=True) if name != "bundle" or file.filename]
    bundles = [cast(FormFile, file.stream) for name, file in files if name == "bundle"]
    problems = [_unknown(name, ["bundle"], "form") for name, _ in files if name != "bundle"]
    if not bundles:
        problems.append(Problem("U064", "bundle", "is missing; send the zip archive as a file in the field bundle"))
    if len(bundles) > 1:
        problems.append(Problem("U066", "form: bundle", f"stands {len(bundles)} times; one archive is one version"))
    if problems:
        raise InputError(problems)
    found = bundles[0].result()
    if isinstance(found, InputError):
        raise found
    return found


def _submission(archive: Incoming, options: MultiDict[str, str]) -> Submission:
    return Submission(archive.path, options.get("id"), options.get("message", ""), _read_options(options))


def _read_options(options: MultiDict[str, str]) -> bool:
    """Return whether only a check is asked for; an option whose value cannot be meant is refused, not passed over."""
    problems = []
    word = options.get("dry_run", "0")
    if word not in _FLAGS:
        problems.append(Problem("U066", "dry_run", f"found {word[:40]!r}; must be 1, true, 0 or false"))
    if options.get("id") == "":
        problems.append(Problem("U066", "id", "is empty; leave it out, and the manifest makes the id"))
    if problems:
        raise InputError(problems)
    return _FLAGS[word]


def _require_known(options: MultiDict[str, str], known: frozenset[str], where: str) -> None:
    problems = [_unknown(name, sorted(known), where) for name in options if name not in known]
    for name in known & set(options):
        if (count := len(options.getlist(name))) > 1:
            problems.append(Problem("U066", f"{where}: {name}", f"stands {count} times; once is enough"))
    if problems:
        raise InputError(problems)


def _unknown(name: str, known: list[str], where: str) -> Problem:
    told = f"known are {', '.join(known)}" if known else "none are known here"
    return Problem("U066", f"{where}: {name[:80]}", f"is not known; {told}")
