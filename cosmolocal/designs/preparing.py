"""Makes a folder of somebody's project ready to be published: an ``okh.toml`` that is read strictly.

A manifest of our own that is clean stays as it is. Any other is read tolerantly and written anew as ``okh.toml``; the
original stays beside it, and ``x-cosmolocal.original`` names it. What is not known is not made up.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w

from cosmolocal.designs.bundles import MANIFEST
from cosmolocal.designs.conversion import REQUIRED, convert_manifest, license_unknown, say_stated
from cosmolocal.designs.foreign import MAX_BYTES
from cosmolocal.designs.licences import names_license
from cosmolocal.designs.manifest import EXTENSION, ORIGINAL, Bundle, kebab_keys, read_manifest
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.files import parse_toml, read_text
from cosmolocal.records import BundleFile, Vocabulary

#: what a dirty ``okh.toml`` is called once a clean one stands in its place
KEPT_MANIFEST = "okh.original.toml"
_MANIFEST_NAME = re.compile(r"okh.*\.(?:toml|ya?ml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was found in a folder, and the manifest it is published with."""

    #: name of the manifest that was read; "" where there is none, or more than one
    manifest: str = ""
    #: "okh-losh" or "okh-1"; "" where no manifest could be read
    format: str = ""
    #: what it says in our own form, as far as it can be read
    document: Mapping[str, Any] = field(default_factory=dict)
    #: the ``okh.toml`` to be written; None: the one that is there stays
    text: str | None = None
    #: what the manifest that was read is called from now on; None: it is overwritten, its original is kept already
    kept: str | None = None
    #: every cleaning
    warnings: tuple[Problem, ...] = ()
    #: why it cannot be published; empty: it can
    problems: tuple[Problem, ...] = ()


def prepare_folder(folder: Path, vocabulary: Vocabulary, stated: Mapping[str, str] | None = None) -> Prepared:
    """Write a clean ``okh.toml`` into the folder where there is none; where there are problems, nothing is written.

    ``stated`` holds required fields that a person says besides the manifest, by name; they outweigh it.
    """
    prepared = plan_preparation(folder, vocabulary, stated)
    write_prepared(folder, prepared)
    return prepared


def plan_preparation(folder: Path, vocabulary: Vocabulary, stated: Mapping[str, str] | None = None) -> Prepared:
    """Return what `prepare_folder` would do; nothing is written."""
    stated = stated or {}
    problems = check_stated(stated)
    try:
        path = _find_manifest(folder)
    except InputError as error:
        return Prepared(problems=(*problems, *error.problems))
    if problems:
        return Prepared(path.name, problems=tuple(problems))
    paths = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    preparation = _Preparation(path, paths, stated, vocabulary)
    return preparation.own() or preparation.foreign()


def write_prepared(folder: Path, prepared: Prepared) -> None:
    """Write what was planned: the original gets its name, then ``okh.toml`` takes its place."""
    if prepared.text is None:
        return
    if prepared.kept not in (None, prepared.manifest):
        (folder / prepared.manifest).rename(folder / str(prepared.kept))
    (folder / MANIFEST).unlink(missing_ok=True)  # it may be a link to the maker's own file, which stays as it is
    (folder / MANIFEST).write_text(prepared.text, encoding="utf-8", newline="\n")


def check_stated(stated: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with fields that a person says besides a manifest."""
    names = ", ".join(REQUIRED)
    return [
        Problem("D011", f"stated: {name}", f"found {text!r}; what can be stated is {names}, each with a text")
        for name, text in stated.items()
        if name not in REQUIRED or not text.strip() or not _is_unicode(text)
    ]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes of a command line that are no UTF-8
        return False
    return True


def _find_manifest(folder: Path) -> Path:
    """Return the one manifest at the top of a folder; an original that ``okh.toml`` names as its own does not count."""
    found = sorted(
        path
        for path in folder.iterdir()
        if _MANIFEST_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    )
    if len(found) > 1:
        original = _original_of(folder / MANIFEST)
        found = [path for path in found if path.name != original]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found)
        told = say("found %(count)s manifests; a design has one, remove the others", count=len(found))
        raise InputError([Problem("D053", names, told)])
    links = sorted(path.name for path in folder.iterdir() if path.is_symlink() and _MANIFEST_NAME.fullmatch(path.name))
    if links:
        raise InputError([Problem("D006", name, "is a link; a bundle holds plain files") for name in links])
    deeper = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/[oO][kK][hH]*.*"))
    told = say("is missing; every design has a manifest at the top of its folder: okh.toml, or okh….yml of OKH 1.0")
    if deeper:
        told = say("%(told)s; %(deeper)s lies in a folder below, so take that folder", told=told, deeper=deeper[0])
    raise InputError([Problem("D005", MANIFEST, told)])


def _original_of(path: Path) -> str | None:
    """Return the name of the original that a manifest says it was written from."""
    try:
        extension = parse_toml(read_text(path, MANIFEST, "D010", MAX_BYTES), MANIFEST, "D010").get(EXTENSION)
    except InputError:
        return None
    original = extension.get(ORIGINAL) if isinstance(extension, Mapping) else None
    return original if isinstance(original, str) else None


@dataclass(frozen=True, slots=True)
class _Preparation:
    """One manifest, and what is known besides it."""

    path: Path
    #: of all files of the folder
    paths: set[str]
    stated: Mapping[str, str]
    vocabulary: Vocabulary

    @property
    def kept(self) -> str:
        return KEPT_MANIFEST if self.path.name.casefold() == MANIFEST else self.path.name

    def own(self) -> Prepared | None:
        """Return what a manifest of our own is published with; None where others wrote it."""
        name = self.path.name
        if self.path.suffix.lower() != ".toml":
            return None
        try:
            text = read_text(self.path, name, "D010", MAX_BYTES)
            document = kebab_keys(parse_toml(text, name, "D010"))
        except InputError as error:
            return Prepared(name, "okh-losh", problems=error.problems)
        prepared = self._changed(text, document)
        return prepared if EXTENSION in document or not prepared.problems else None

    def foreign(self) -> Prepared:
        """Return what a manifest of somebody else is published with."""
        converted = convert_manifest(self.path, self.paths, self.stated)
        document = {**converted.document}
        document[EXTENSION] = {**document.get(EXTENSION, {}), ORIGINAL: self.kept}
        found = Prepared(self.path.name, converted.format, document, warnings=converted.warnings)
        return replace(found, problems=converted.problems) if converted.problems else self._written(found, self.kept)

    def _changed(self, text: str, document: dict[str, Any]) -> Prepared:
        """Return a manifest as it is, but for its name and what was stated besides it."""
        name = self.path.name
        changes = {key: value for key, value in self.stated.items() if document.get(key) != value}
        extension = document.get(EXTENSION, {})
        if (name == MANIFEST and not changes) or not isinstance(extension, dict):
            problems, doubts = self._faults(text, document, None)
            return Prepared(name, "okh-losh", document, warnings=doubts, problems=problems)
        kept = None if name == MANIFEST and ORIGINAL in extension else self.kept
        clean = {**document, **changes, EXTENSION: {**extension, **({ORIGINAL: kept} if kept else {})}}
        warnings = [say_stated(f"{name}: {key}", document.get(key), value) for key, value in changes.items()]
        if name != MANIFEST:
            rule = "okh.toml is written anew from this manifest, which is kept"
            warnings.append(Problem("D047", name, f"{rule} as {kept}" if kept != name else rule))
        return self._written(Prepared(name, "okh-losh", clean, warnings=tuple(warnings)), kept)

    def _written(self, prepared: Prepared, kept: str | None) -> Prepared:
        """Return the same with the text of its document, or with what is wrong with that."""
        text = tomli_w.dumps(prepared.document)
        faults, doubts = self._faults(text, prepared.document, kept)
        if faults:
            return replace(prepared, problems=faults, warnings=(*prepared.warnings, *doubts))
        return replace(prepared, text=text, kept=kept)

    def _faults(self, text: str, document: Mapping[str, Any], kept: str | None) -> tuple[tuple[Problem, ...], ...]:
        """Return why a manifest cannot be published as it is, and then what is odd about it besides."""
        files = tuple(BundleFile(path, 0, "") for path in sorted({*self.paths, MANIFEST, kept or MANIFEST}))
        try:
            design, doubts = read_manifest(text, Bundle("x~x", "", files, self.path.name), self.vocabulary)
        except InputError as error:
            return error.problems, error.warnings
        stated = str(document.get("license"))
        if design.license is None and not names_license(stated):
            return (license_unknown(f"{self.path.name}: license", repr(stated)),), doubts
        return (), ()
