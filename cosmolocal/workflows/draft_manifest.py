"""The manifest of a draft: what its fields show, and writing what was typed into them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import MANIFEST
from cosmolocal.designs.conversion import convert_manifest
from cosmolocal.designs.editing import Typed, edit_manifest, read_typed, write_document
from cosmolocal.designs.licences import normalise_license
from cosmolocal.designs.manifest import EXTENSION, ORIGINAL, kebab_keys
from cosmolocal.designs.preparing import KEPT_MANIFEST, plan_preparation
from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_toml, read_text
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Vocabulary
from cosmolocal.workflows.draft_left_out import note_left_out
from cosmolocal.workflows.incoming import write_text

#: where a warning about the licence is told
_LICENSE_PLACE = f"{MANIFEST}: license"
_MAX_BYTES = 1 << 20
_NAME = re.compile(r"okh.*\.(?:toml|ya?ml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ManifestState:
    """The manifest of a folder as it lies there: our own, or that of somebody else as we would write it."""

    #: changes when the file does; "": there is none that can be read
    digest: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    #: file that the manifest is read from
    file: str = ""
    #: why it cannot be read
    problems: tuple[Problem, ...] = ()

    @property
    def typed(self) -> Typed:
        """Return what the fields show."""
        return read_typed(self.document)


def is_manifest(path: str) -> bool:
    """Tell whether a file of this name is a manifest, or may bring one."""
    return bool(_NAME.fullmatch(path))


def read_state(folder: Path) -> ManifestState:
    """Return the manifest of a folder, as far as it can be read."""
    own = read_own(folder)
    if own is not None and EXTENSION in kebab_keys(own.document):
        return own
    prepared = plan_preparation(folder, _vocabulary())
    if not prepared.manifest:
        # that there is none yet is no fault of a draft
        return ManifestState(problems=tuple(one for one in prepared.problems if one.code != "D005"))
    if own is not None and prepared.text is None and not prepared.problems:
        return own
    digest = hashlib.sha256((folder / prepared.manifest).read_bytes()).hexdigest()[:16]
    if prepared.text is not None:
        return ManifestState(digest, parse_toml(prepared.text, MANIFEST, "D010"), prepared.manifest)
    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    converted = convert_manifest(folder / prepared.manifest, paths, {})
    if not converted.document:
        return ManifestState(problems=converted.problems)
    extension = {**converted.document.get(EXTENSION, {}), ORIGINAL: _kept_name(prepared.manifest)}
    return ManifestState(digest, {**converted.document, EXTENSION: extension}, prepared.manifest)


def read_own(folder: Path) -> ManifestState | None:
    """Return our own manifest, which may be wrong in its fields; None where there is none or it is no TOML."""
    try:
        text = read_text(folder / MANIFEST, MANIFEST, "D010", max_bytes=_MAX_BYTES)
        document = parse_toml(text, MANIFEST, "D010")
    except InputError:
        return None
    return ManifestState(hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()[:16], document, MANIFEST)


def write_typed(folder: Path, state: ManifestState, shown: Typed, typed: Typed) -> None:
    """Write what differs from what was shown into ``okh.toml``; what somebody else wrote is kept beside it."""
    kept = state.document.get(EXTENSION, {})
    original = kept.get(ORIGINAL) if isinstance(kept, Mapping) else None
    if state.file and original == _kept_name(state.file) != state.file:
        (folder / state.file).rename(folder / original)
    write_text(folder / MANIFEST, write_document(edit_manifest(state.document, shown, typed)))


def tidy_license(draft_folder: Path, shown: Typed, typed: Typed) -> Typed:
    """Return what was typed with its licence as SPDX writes it; the draft remembers what stood there."""
    text = typed.fields.get("license", "")
    expression, told = normalise_license(text) if text else (None, None)
    if expression is None or told is None:
        if text != shown.fields.get("license"):
            note_left_out(draft_folder, (), forget=_LICENSE_PLACE)
        return typed
    note_left_out(draft_folder, [Problem("D022", _LICENSE_PLACE, told)])
    return replace(typed, fields={**typed.fields, "license": expression})


def _kept_name(name: str) -> str:
    return KEPT_MANIFEST if name.casefold() == MANIFEST else name


@cache
def _vocabulary() -> Vocabulary:
    return load_vocabulary()
