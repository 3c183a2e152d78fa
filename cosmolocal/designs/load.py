"""Every published version of every design of a store, as records."""

from pathlib import Path

from cosmolocal.designs import bundles
from cosmolocal.designs.manifest import Bundle, read_manifest
from cosmolocal.errors import InputError, Problem
from cosmolocal.files import read_text
from cosmolocal.records import BundleFile, Design, Vocabulary
from cosmolocal.versions import best_version, sorted_versions


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
            loaded, doubts = _load_versions(root, design_id, vocabulary)
        except InputError as error:
            problems += error.problems
            continue
        designs += loaded
        warnings += doubts
    if problems:
        raise InputError(problems)
    warnings += _check_modules(designs)
    return tuple(designs), tuple(warnings)


def check_bundle(folder: Path, design_id: str, vocabulary: Vocabulary) -> tuple[Design, tuple[Problem, ...]]:
    """Return the design and the warnings that a folder would be published with.

    Raises
    ------
    InputError
        With every fault of its files and its manifest.
    """
    files = bundles.read_folder(folder)
    return _load_version(folder / bundles.MANIFEST, bundles.MANIFEST, files, design_id, vocabulary)


def _load_versions(root: Path, design_id: str, vocabulary: Vocabulary) -> tuple[list[Design], list[Problem]]:
    design_by_version: dict[str, Design] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for number, manifest, files in bundles.read_releases(root, design_id):
        where = f"designs/{design_id} v{number}: {bundles.MANIFEST}"
        try:
            design, doubts = _load_version(manifest, where, files, design_id, vocabulary)
        except InputError as error:
            problems += error.problems
            continue
        if design.version in design_by_version:
            found = f"found {design.version!r} a second time; a version is published once"
            problems.append(Problem("D012", f"{where}: version", found))
        design_by_version[design.version] = design
        warnings += doubts
    if problems:
        raise InputError(problems)
    return [design_by_version[version] for version in sorted_versions(design_by_version)], warnings


def _load_version(
    manifest: Path, where: str, files: tuple[BundleFile, ...], design_id: str, vocabulary: Vocabulary
) -> tuple[Design, tuple[Problem, ...]]:
    bundle = Bundle(design_id, bundles.tree_digest(files), files, where)
    return read_manifest(read_text(manifest, where, "D010", max_bytes=1 << 20), bundle, vocabulary)


def _check_modules(designs: list[Design]) -> list[Problem]:
    """Return a warning for each module that the store lacks: what needs it cannot be planned."""
    versions_by_id: dict[str, list[str]] = {}
    for design in designs:
        versions_by_id.setdefault(design.id, []).append(design.version)
    warnings = []
    for design in designs:
        for index, line in enumerate(design.bom):
            if line.design is None:
                continue
            versions = versions_by_id.get(line.design, [])
            if best_version(versions, line.version) is None:
                there = ", ".join(versions) or "none"
                found = f"found {line.design!r} {line.version!r}; versions in the store: {there}"
                place = f"designs/{design.id} {design.version}: {bundles.MANIFEST}: x-cosmolocal.bom[{index}].design"
                warnings.append(Problem("D018", place, found))
    return warnings
