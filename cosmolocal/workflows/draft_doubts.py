"""What is odd about a bundle beside its manifest's form: its materials, its origins, files that cannot be shown."""

import difflib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import MANIFEST, list_versions
from cosmolocal.designs.manifest import EXTENSION
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.records import Workshop
from cosmolocal.workflows.draft_files import find_fault
from cosmolocal.workflows.workspace import Workspace

CODES = {
    "D082": "Warning: no workshop of the region says that it works a material.",
    "D083": "Warning: a bought piece without mass or cost counts as nothing.",
    "D084": "Warning: a design is derived from a version that is not in the store.",
    "D085": "Warning: a file cannot be shown, or can do harm.",
    "D086": "Warning: a new version does not say what changed.",
}

#: [seconds] for looking at the files of a bundle
LOOKING_SECONDS = 10.0
_UNKNOWN = "unknown"


def find_doubts(folder: Path, document: Mapping[str, Any], region_folder: Path | None) -> list[Problem]:
    """Return warnings about the bundle in ``folder`` whose manifest says ``document``, which may be wrong in any way.

    What a region knows - materials, designs - is only asked where there is one.
    """
    extension = document.get(EXTENSION)
    extension = extension if isinstance(extension, Mapping) else {}
    doubts = list(_doubt_bought(extension))
    if region_folder is not None:
        doubts += _doubt_materials(extension, find_materials(region_folder))
        doubts += _doubt_origins(extension, region_folder / "designs")
    return doubts + _doubt_files(folder)


def find_materials(region_folder: Path) -> list[str]:
    """Return the materials that workshops of a region work; none where its files cannot be read."""
    with suppress(InputError):  # they are told by the check of the region
        return list_materials(Workspace(region_folder).region().workshops)
    return []


def list_materials(workshops: Iterable[Workshop]) -> list[str]:
    """Return the materials that workshops work, each once, by name."""
    return sorted({one for shop in workshops for group in shop.groups for one in group.materials or ()})


def _tables(extension: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = extension.get(name)
    for index, table in enumerate(found if isinstance(found, list) else []):
        if isinstance(table, Mapping):
            yield index, table


def _place(*names: str) -> str:
    return f"{MANIFEST}: {EXTENSION}.{'.'.join(names)}"


def _doubt_materials(extension: Mapping[str, Any], known: list[str]) -> Iterator[Problem]:
    for index, table in _tables(extension, "operation"):
        material = table.get("material")
        if not known or not isinstance(material, str) or material.strip() in ("", _UNKNOWN, *known):
            continue
        near = find_nearest(material, known)
        told = (
            say("workshops write %(near)s", near=repr(near))
            if near
            else say("no workshop of the region says that it works this")
        )
        found = say("found %(found)s; %(rule)s", found=repr(material), rule=told)
        yield Problem("D082", _place(f"operation[{index}]", "material"), found)


def find_nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is written most like ``word``.

    >>> find_nearest("PLA", ["pla", "plywood"]), find_nearest("Birch plywod", ["birch-plywood"]), find_nearest("x", [])
    ('pla', 'birch-plywood', None)
    """
    known_by_plain = {_plain(one): one for one in known}
    near = difflib.get_close_matches(_plain(word)[:100], known_by_plain, 1, 0.75)
    return known_by_plain[near[0]] if near else None


def _plain(word: str) -> str:
    return " ".join(word.casefold().replace("-", " ").replace("_", " ").split())


def _doubt_bought(extension: Mapping[str, Any]) -> Iterator[Problem]:
    for index, table in _tables(extension, "bom"):
        if not table.get("bought"):
            continue
        for key, lacks in (("mass-g", say("has no mass")), ("cost", say("has no cost"))):
            if table.get(key) in (None, ""):
                told = say(
                    "%(bought)s %(lacks)s; it counts as 0 in the plan", bought=repr(str(table["bought"])), lacks=lacks
                )
                yield Problem("D083", _place(f"bom[{index}]", key), told)


def _doubt_origins(extension: Mapping[str, Any], root: Path) -> Iterator[Problem]:
    origins = extension.get("derived-from")
    for origin in [origins] if isinstance(origins, str) else origins if isinstance(origins, list) else []:
        design_id, at, version = str(origin).strip().partition("@")
        if not at or "~" not in design_id or "/" in design_id:
            continue
        try:
            there = list_versions(root, design_id)
        except (NotFoundError, InputError):
            there = []
        if version not in there:
            told = (
                say("its versions here are %(there)s", there=", ".join(there))
                if there
                else say("there is no such design in this store")
            )
            yield Problem(
                "D084", _place("derived-from"), say("found %(found)s; %(rule)s", found=repr(origin), rule=told)
            )


def _doubt_files(folder: Path) -> list[Problem]:
    """Return what is wrong with the files; those that come after the time is up are not looked at, which is said."""
    doubts: list[Problem] = []
    end = time.monotonic() + LOOKING_SECONDS
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    for number, path in enumerate(paths):
        name = path.relative_to(folder).as_posix()
        if time.monotonic() > end:
            told = say(
                "nobody looked at it and what comes after (files: %(paths)s); they are many or large",
                paths=len(paths) - number,
            )
            return [*doubts, Problem("D085", name, told)]
        if fault := find_fault(path):
            doubts.append(Problem("D085", name, fault))
    return doubts
