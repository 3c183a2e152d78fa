"""An archive that a program sends to the API, as a body or a field of a form: streamed to disk, never in memory."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from cosmolocal.errors import InputError, Problem
from cosmolocal.web.api.reading import require_known, unknown
from cosmolocal.web.uploads import FormFile, form_files, receive_body
from cosmolocal.workflows.incoming import Incoming

#: what stands in the address, or in other fields of the form
OPTIONS = frozenset({"id", "message", "dry_run"})
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
        require_known(options, OPTIONS, "form")
        yield _submission(found, options)


def digest_archive(path: Path) -> str:
    """Return the SHA-256 of an archive."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _find_bundle() -> Incoming:
    """Return the one file of the form, which has come in whole."""
    files = [(name, file) for name, file in request.files.items(multi=True) if name != "bundle" or file.filename]
    bundles = [cast(FormFile, file.stream) for name, file in files if name == "bundle"]
    problems = [unknown(name, ["bundle"], "form") for name, _ in files if name != "bundle"]
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
    return Submission(archive.path, options.get("id"), options.get("message", ""), read_options(options))


def read_options(options: MultiDict[str, str]) -> bool:
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
