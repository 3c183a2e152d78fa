"""Every published version of every design of a store, as records."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from cosmolocal.designs import bundles, logs, ocfl
from cosmolocal.designs.manifest import Bundle, read_manifest
from cosmolocal.designs.notices import read_notices
from cosmolocal.designs.operations import read_operations
from cosmolocal.errors import InputError, Problem
from cosmolocal.files import read_text
from cosmolocal.records import (
    BundleFile,
    Confirmation,
    Design,
    Notice,
    NoticeKind,
    Provenance,
    Vocabulary,
)
from cosmolocal.versions import choose_version, sorted_versions

#: versions of one design by precedence, and what is odd about them
Versions = tuple[tuple[Design, ...], tuple[Problem, ...]]


def load_designs(root: Path, vocabulary: Vocabulary) -> tuple[tuple[Design, ...], tuple[Problem, ...]]:
    """Return all versions of all designs, by id and version, and warnings.

    File digests are those of the inventories; `cosmolocal.designs.verify.verify_root` compares them with the bytes.

    Raises
    ------
    InputError
        With every fault of every version.
    """
    designs: list[Design] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for design_id in bundles.list_designs(root):
        try:
            loaded, doubts = load_versions(root, design_id, vocabulary)
        except InputError as error:
            problems += error.problems
            continue
        designs += loaded
        warnings += doubts
    if problems:
        raise InputError(problems)
    warnings += _check_modules(designs)
    return tuple(designs), tuple(warnings)


def load_versions(root: Path, design_id: str, vocabulary: Vocabulary) -> Versions:
    """Return all versions of one design, lowest first, as its notices leave them; faults raise `InputError`."""
    return _load_cached(root, design_id, read_state(root, design_id), vocabulary)


def read_state(root: Path, design_id: str) -> str:
    """Return a text that changes with every release and every notice of a design."""
    folder = root / design_id
    newest = ocfl.version_folders(folder)[-1:]
    log = folder / logs.FOLDER
    notices = sorted(path.name for path in log.iterdir()) if log.is_dir() else []
    sidecars = [_text_of(place / ocfl.SIDECAR) for place in (folder, *newest)]
    return " ".join([*sidecars, *notices])


def check_bundle(folder: Path, design_id: str, vocabulary: Vocabulary) -> tuple[Design, tuple[Problem, ...]]:
    """Return the design and the warnings that a folder would be published with.

    Raises
    ------
    InputError
        With every fault of its files and its manifest.
    """
    files = bundles.read_folder(folder)
    return _load_version(folder / bundles.MANIFEST, bundles.MANIFEST, files, design_id, vocabulary)


def load_stated(root: Path, design_id: str, version: str, vocabulary: Vocabulary) -> Design:
    """Return a version as its manifest says, whatever notices said afterwards."""
    where = f"designs/{design_id} {version}: {bundles.MANIFEST}"
    manifest = bundles.open_file(root, design_id, version, bundles.MANIFEST)
    files = bundles.read_bundle(root, design_id, version)
    return _load_version(manifest, where, files, design_id, vocabulary)[0]


@lru_cache(maxsize=4096)
def _load_cached(root: Path, design_id: str, _: str, vocabulary: Vocabulary) -> Versions:
    return _load_versions(root, design_id, vocabulary)


def _load_versions(root: Path, design_id: str, vocabulary: Vocabulary) -> Versions:
    design_by_version: dict[str, Design] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    notices = read_notices(root, design_id)
    for number, manifest, files in bundles.read_releases(root, design_id):
        where = f"designs/{design_id} v{number}: {bundles.MANIFEST}"
        try:
            design, doubts = _load_released(manifest, where, files, design_id, vocabulary)
        except InputError as error:
            problems += error.problems
            continue
        if design.version in design_by_version:
            found = f"found {design.version!r} a second time; a version is published once"
            problems.append(Problem("D012", f"{where}: version", found))
        noticed, misfits = apply_notices(design, notices, vocabulary)
        design_by_version[design.version] = noticed
        warnings += [*doubts, *misfits]
    if problems:
        raise InputError(problems)
    return tuple(design_by_version[version] for version in sorted_versions(design_by_version)), tuple(warnings)


def _load_version(
    manifest: Path, where: str, files: tuple[BundleFile, ...], design_id: str, vocabulary: Vocabulary
) -> tuple[Design, tuple[Problem, ...]]:
    bundle = Bundle(design_id, bundles.tree_digest(files), files, where)
    return read_manifest(read_text(manifest, where, "D010", max_bytes=1 << 20), bundle, vocabulary)


@lru_cache(maxsize=4096)
def _load_released(
    manifest: Path, where: str, files: tuple[BundleFile, ...], design_id: str, vocabulary: Vocabulary
) -> tuple[Design, tuple[Problem, ...]]:
    """Return what `_load_version` does; a release never changes, and each new one lets all before it be asked for."""
    return _load_version(manifest, where, files, design_id, vocabulary)


def apply_notices(
    design: Design, notices: tuple[Notice, ...], vocabulary: Vocabulary
) -> tuple[Design, tuple[Problem, ...]]:
    """Return a version as the notices of its design leave it, and a warning for each that does not fit it."""
    warnings: list[Problem] = []
    design = replace(design, yanked=logs.find_yanked(notices).get(design.version))
    for notice in notices:
        if notice.kind is NoticeKind.CONFIRM and notice.version == design.version:
            try:
                design = _confirm(design, notice, vocabulary)
            except InputError as error:
                warnings += [Problem("D070", fault.where, fault.message) for fault in error.problems]
    return design, tuple(warnings)


def _confirm(design: Design, notice: Notice, vocabulary: Vocabulary) -> Design:
    """Return the design with what a person said of one part in place of what its manifest says."""
    where = f"designs/{design.id} {design.version}: confirmation {notice.number}"
    name = notice.values.get("part")
    if name not in [part.name for part in design.parts]:
        raise InputError([Problem("D070", f"{where}: part", f"found {name!r}; this version has no such part")])
    steps = read_operations(notice.values.get("operations", ()), where, vocabulary)
    by = Confirmation(notice.by, notice.at)
    confirmed = tuple(replace(step, provenance=Provenance.CONFIRMED, confirmed=by) for step in steps)
    parts = tuple(replace(part, operations=confirmed) if part.name == name else part for part in design.parts)
    return replace(design, parts=parts)


def _check_modules(designs: list[Design]) -> list[Problem]:
    """Return a warning for each module that the store lacks: what needs it cannot be planned."""
    yanked_by_id: dict[str, dict[str, bool]] = {}
    for design in designs:
        yanked_by_id.setdefault(design.id, {})[design.version] = design.yanked is not None
    warnings = []
    for design in designs:
        for index, line in enumerate(design.bom):
            if line.design is None:
                continue
            versions = yanked_by_id.get(line.design, {})
            yanked = [version for version, is_yanked in versions.items() if is_yanked]
            if choose_version(versions, yanked, line.version) is None:
                there = ", ".join(f"{version} (withdrawn)" if version in yanked else version for version in versions)
                found = f"found {line.design!r} {line.version!r}; versions in the store: {there or 'none'}"
                place = f"designs/{design.id} {design.version}: {bundles.MANIFEST}: x-cosmolocal.bom[{index}].design"
                warnings.append(Problem("D018", place, found))
    return warnings


def _text_of(path: Path) -> str:
    return path.read_text("ascii").strip() if path.is_file() else "-"
