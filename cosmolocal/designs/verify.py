"""Checks a store of designs, byte by byte, against OCFL 1.1: content, every inventory, sidecars, declarations."""

import hashlib
import json
import multiprocessing
import os
import re
import threading
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cosmolocal.cores import count_cores
from cosmolocal.designs import logs
from cosmolocal.designs.hashing import find_digests
from cosmolocal.designs.inventory_rules import VERSION, Fault, inventory_faults, paths_by_digest
from cosmolocal.designs.objects import TOMBSTONE, open_design
from cosmolocal.designs.ocfl import LAYOUT_FILE, LAYOUT_TEXT
from cosmolocal.errors import InputError, Problem

_REGISTERED_EXTENSIONS = re.compile(r"(?:000[1-9]|001[0-2])-[a-z0-9-]+")
_DECLARATION = re.compile(r"0=ocfl_object_(?P<version>1\.[01])")
#: [bytes] read at once
_BLOCK = 1 << 18
#: from so many objects on, several processes check them
_MANY_OBJECTS = 200


@dataclass
class Verification:
    """What is wrong with an object or a root, under OCFL's own codes; D062 for our own notices."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Tell whether there is no error."""
        return not self.errors

    def add(self, code: str, where: str, message: str) -> None:
        """Keep an error (E) or a warning (W)."""
        (self.warnings if code.startswith("W") else self.errors).append(Problem(code, where, message))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``designs verify`` prints."""
        return {
            "ok": self.ok,
            "errors": [error.as_dict() for error in self.errors],
            "warnings": [warning.as_dict() for warning in self.warnings],
        }


def verify_root(root: Path) -> Verification:
    """Check a storage root and all its objects; every file is read."""
    found = Verification()
    declarations = sorted(path.name for path in root.glob("0=*"))
    if declarations not in (["0=ocfl_1.1"], ["0=ocfl_1.0"]):
        found.add("E069", root.name, f"found {declarations or 'no declaration'}; one file 0=ocfl_1.1 is required")
    elif (root / declarations[0]).read_bytes() != f"{declarations[0][2:]}\n".encode():
        found.add("E069", declarations[0], "its content differs from its name")
    if (root / LAYOUT_FILE).exists():
        layout = _json(_bytes(root / LAYOUT_FILE))
        if not isinstance(layout, dict) or not {"extension", "description"} <= layout.keys():
            found.add("E070", LAYOUT_FILE, "must have extension and description")
        elif _bytes(root / LAYOUT_FILE) != LAYOUT_TEXT.encode():
            told = "is not as this program writes it: another one made the store, or the file is damaged"
            found.warnings.append(Problem("D067", LAYOUT_FILE, told))
    entries = sorted(os.scandir(root), key=lambda entry: entry.name) if root.is_dir() else []
    for checked in _verify_objects([root / entry.name for entry in entries if _is_object_folder(entry)]):
        found.errors += checked.errors
        found.warnings += checked.warnings
    return found


def _is_object_folder(entry: "os.DirEntry[str]") -> bool:
    return entry.is_dir() and entry.name != "extensions"


def _verify_objects(folders: list[Path]) -> Iterable[Verification]:
    """Check objects in their order, many of them in as many processes as this one may use processors."""
    processors = count_cores()
    # the copy of a process with threads may wait for ever for a lock that one of them held
    if len(folders) < _MANY_OBJECTS or processors == 1 or threading.active_count() > 1:
        return map(_verify_folder, folders)
    with warnings.catch_warnings():
        # Python 3.12 counts threads of libraries too; those of NumPy know how to be forked
        warnings.simplefilter("ignore", DeprecationWarning)
        with ProcessPoolExecutor(processors, multiprocessing.get_context("fork")) as pool:
            return list(pool.map(_verify_folder, folders, chunksize=len(folders) // (4 * processors)))


def _verify_folder(folder: Path) -> Verification:
    names = os.listdir(folder)  # noqa: PTH208
    if any(name.startswith("0=") for name in names):
        return verify_object(folder)
    found = Verification()
    found.add("E072" if names else "E073", folder.name, "is no OCFL object")
    return found


def verify_object(folder: Path) -> Verification:
    """Check one OCFL object; every file is read."""
    found = Verification()
    _Object(folder, found).check()
    return found


class _Object:
    """One object folder; `check` is the table of contents of the rules."""

    def __init__(self, folder: Path, found: Verification) -> None:
        self.folder, self.found = folder, found
        self.versions: list[str] = []
        self.content_folder = "content"
        #: of the object's own inventory; the one of the newest version holds the same bytes
        self.root_bytes = b""
        self.algorithms: tuple[str, ...] = ()
        self.digests: dict[str, dict[str, str]] = {}
        self.buffer = memoryview(bytearray(_BLOCK))
        self.names = sorted(os.listdir(folder))  # noqa: PTH208 - paths are slower to make and to sort

    def check(self) -> None:
        self._check_declaration()
        self._check_notices()
        if "inventory.json" not in self.names or not (self.folder / "inventory.json").is_file():
            self._add("E063", "inventory.json", "is missing")
            return
        self.root_bytes = _bytes(self.folder / "inventory.json")
        root = self._checked_inventory("inventory.json", _json(self.root_bytes), self.root_bytes)
        if not isinstance(root, dict):
            return
        self.algorithms = (str(root.get("digestAlgorithm")), *_fixity(root))
        versions = root.get("versions")
        self.versions = (
            sorted(filter(VERSION.fullmatch, versions), key=lambda v: int(v[1:])) if isinstance(versions, dict) else []
        )
        self._check_entries()
        if TOMBSTONE.encode() in self.root_bytes:
            self._check_tombstones()
        self.content_folder = str(root.get("contentDirectory", "content"))
        inventories = {"": root}
        for name in self.versions:
            if not (self.folder / name).is_dir():
                self._add("E010", name, "the version has no folder")
                self._add("E046", name, "the version has no folder")
                continue
            self._check_version_folder(name)
            if (self.folder / name / "inventory.json").is_file():
                inventories[name] = self._checked_version_inventory(name, root)
            else:
                self._add("W010", name, "has no inventory of its own")
        self._check_order(inventories)
        self._check_content(inventories)

    def _add(self, code: str, place: str, message: str) -> None:
        where = f"{self.folder.name}/{place}" if place else self.folder.name
        if (problem := Problem(code, where, message)) not in self.found.errors + self.found.warnings:
            self.found.add(problem.code, problem.where, problem.message)

    def _check_declaration(self) -> None:
        names = [name for name in self.names if name.startswith("0=")]
        if len(names) != 1 or not _DECLARATION.fullmatch(names[0]):
            self._add("E003", "", f"found {names or 'no declaration'}; one file 0=ocfl_object_1.1 is required")
        elif (self.folder / names[0]).read_bytes() != f"{names[0][2:]}\n".encode():
            self._add("E007", names[0], "its content differs from its name")

    def _check_entries(self) -> None:
        expected = {"inventory.json", "logs", "extensions", *self.versions}
        for name in self.names:
            if name.startswith(("0=", "inventory.json.")) or name in expected:
                continue
            if re.fullmatch(r"v[1-9]\d*", name) and (self.folder / name).is_dir():
                self._add("E046", name, "the inventory does not know this version")
            self._add("E001", name, "does not belong into an object")
        extensions = self.folder / "extensions"
        for path in sorted(extensions.iterdir()) if "extensions" in self.names and extensions.is_dir() else []:
            if not path.is_dir():
                self._add("E067", f"extensions/{path.name}", "only folders belong here")
            elif not _REGISTERED_EXTENSIONS.fullmatch(path.name):
                self._add("W013", f"extensions/{path.name}", "is no registered extension")

    def _check_notices(self) -> None:
        """No notice of ours is damaged or missing; logs of others are theirs."""
        try:
            logs.read_log(self.folder)
        except InputError as error:
            for problem in error.problems:
                self._add(problem.code, problem.where.removeprefix(f"designs/{self.folder.name}/"), problem.message)

    def _check_tombstones(self) -> None:
        """Where a whole log is lost, the tombstones of versions that were taken down still tell of it."""
        with suppress(InputError):  # of an inventory or a log that is wrong the other rules tell
            design = open_design(self.folder)
            for version in design.taken_down.keys() - logs.find_taken_down(design.notices).keys():
                self._add("D062", logs.FOLDER, f"the notice is missing that {version} was taken down; notices are lost")

    def _checked_inventory(self, place: str, document: Any, content: bytes) -> Any:
        """Check an inventory by itself and against its sidecar, and return it."""
        for code, message in _faults(document):
            self._add(code, place, message)
        self._check_sidecar(place, document, content)
        return document

    def _checked_version_inventory(self, name: str, root: dict[str, Any]) -> Any:
        """Check the inventory of a version and return it; the object's own is not checked a second time."""
        place = f"{name}/inventory.json"
        content = _bytes(self.folder / place)
        if content == self.root_bytes:
            self._check_sidecar(place, root, content)
            document: Any = root
        else:
            document = self._checked_inventory(place, _json(content), content)
        self._check_version_inventory(name, document, root, content)
        return document

    def _check_sidecar(self, place: str, document: Any, content: bytes) -> None:
        path = self.folder / place
        algorithm = document.get("digestAlgorithm") if isinstance(document, dict) else None
        sidecar = path.with_name(f"inventory.json.{algorithm}")
        told = _text(sidecar)
        if not told and not sidecar.is_file():
            self._add("E058", place, f"the sidecar inventory.json.{algorithm} is missing")
        elif (match := re.fullmatch(r"([0-9a-fA-F]+)[ \t]+inventory\.json\n?", told)) is None:
            self._add("E061", f"{place}.{algorithm}", "is no line of digest and name")
        elif algorithm in ("sha512", "sha256") and match[1].lower() != hashlib.new(algorithm, content).hexdigest():
            self._add("E060", place, "differs from the digest in its sidecar")

    def _check_version_folder(self, name: str) -> None:
        with os.scandir(self.folder / name) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            if entry.is_dir() and entry.name != self.content_folder:
                self._add("W002", f"{name}/{entry.name}", "only the content folder belongs here")
            elif entry.is_dir() and not os.listdir(entry.path):  # noqa: PTH208
                self._add("W003", f"{name}/{entry.name}", "is empty")
            elif entry.is_file() and entry.name.split(".json")[0] != "inventory":
                self._add("E015", f"{name}/{entry.name}", "a file lies outside the content folder")

    def _check_version_inventory(self, name: str, inventory: Any, root: dict[str, Any], content: bytes) -> None:
        place = f"{name}/inventory.json"
        if not isinstance(inventory, dict):
            return
        if inventory.get("head") != name:
            self._add("E040", place, f"head is {inventory.get('head')!r}")
        if inventory.get("id") != root.get("id"):
            self._add("E037", place, f"id {inventory.get('id')!r} is not that of the object")
        if inventory.get("contentDirectory", "content") != self.content_folder:
            self._add("E019", place, "has another contentDirectory than the object")
        if inventory is root:
            return
        if name == self.versions[-1] and content != self.root_bytes:
            self._add("E064", place, "differs from the object's inventory")
        for version, block in _versions(inventory).items():
            other = _versions(root).get(version)
            if other is None or not _same_state(inventory, root, version):
                self._add("E066", place, f"tells another state of {version} than the object's inventory")
            elif any(block.get(key) != other.get(key) for key in ("created", "message", "user")):
                self._add("W011", place, f"tells other metadata of {version} than the object's inventory")

    def _check_order(self, inventories: dict[str, Any]) -> None:
        """No version is written by an older specification than the version before."""
        before = ""
        for name in [*self.versions, ""]:
            kind = inventories.get(name)
            kind = str(kind.get("type", "")) if isinstance(kind, dict) else ""
            if kind and kind < before:
                self._add(
                    "E103", f"{name}/inventory.json".lstrip("/"), "is of an older specification than the one before"
                )
            before = max(before, kind)

    def _check_content(self, inventories: dict[str, Any]) -> None:
        files = set[str]()
        skipped = len(str(self.folder)) + 1
        for name in self.versions:
            top = str(self.folder / name / self.content_folder)
            for parent, folders, leaves in os.walk(top, onerror=_raise):
                files.update(f"{parent}/{leaf}"[skipped:] for leaf in leaves)
                if parent != top and not folders and not leaves:
                    self._add("E024", parent[skipped:], "is an empty folder")
        root = inventories[""]
        for name, inventory in inventories.items():
            is_known = inventory is root and name in self.versions[-1:]
            if isinstance(inventory, dict) and not is_known:
                self._check_manifest(name, inventory, files)

    def _check_manifest(self, name: str, inventory: dict[str, Any], files: set[str]) -> None:
        place = f"{name}/inventory.json".lstrip("/")
        algorithm = str(inventory.get("digestAlgorithm"))
        known = self._check_digests(inventory.get("manifest"), algorithm, (place, "E092"), files)
        for other, block in _fixity(inventory).items():
            self._check_digests(block, other, (place, "E093"), files)
        newest = int(name[1:]) if name else len(self.versions)
        for file in sorted(files - known):
            if int(file.split("/")[0][1:]) <= newest:
                self._add("E023", file, f"is not in the manifest of {place}")

    def _check_digests(self, block: Any, algorithm: str, told: tuple[str, str], files: set[str]) -> set[str]:
        """Compare the files of a manifest or fixity block with their digests, and return the paths it names."""
        place, code = told
        known = set()
        for digest, paths in paths_by_digest(block).items():
            for path in paths:
                known.add(path)
                if path not in files:
                    self._add(code, path, f"is missing; {place} names it")
                elif (actual := self._digest_of(path, algorithm)) is not None and actual != digest:
                    self._add(code, path, f"differs from its {algorithm} digest in {place}")
        return known

    def _digest_of(self, path: str, algorithm: str) -> str | None:
        """Return a file's digest; the file is read once for all algorithms. None: an algorithm we do not know."""
        known = self.digests.get(path)
        if known is None or algorithm not in known:
            wanted = {algorithm, *self.algorithms} if known is None else {algorithm}
            self.digests[path] = known = (known or {}) | find_digests(f"{self.folder}/{path}", wanted, self.buffer)
        return known[algorithm] or None


def _raise(error: OSError) -> None:
    """Tell of a folder that cannot be listed; `os.walk` alone would pass over it."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _faults(document: Any) -> Iterator[Fault]:
    if isinstance(document, str):
        yield "E033", document
    else:
        yield from inventory_faults(document)


def _versions(inventory: dict[str, Any]) -> dict[str, dict[str, Any]]:
    versions = inventory.get("versions")
    return (
        {name: block for name, block in versions.items() if isinstance(block, dict)}
        if isinstance(versions, dict)
        else {}
    )


def _fixity(inventory: dict[str, Any]) -> dict[str, Any]:
    """Return the digests in other algorithms, by algorithm."""
    fixity = inventory.get("fixity")
    return fixity if isinstance(fixity, dict) else {}


def _same_state(old: dict[str, Any], new: dict[str, Any], version: str) -> bool:
    """Tell whether two inventories of one object agree on the files of a version."""
    before, after = (_digest_by_path(inventory, version) for inventory in (old, new))
    if old.get("digestAlgorithm") == new.get("digestAlgorithm"):
        return before == after
    # digests of two algorithms cannot be compared, but they must lead to the same stored files
    old_contents, new_contents = paths_by_digest(old.get("manifest")), paths_by_digest(new.get("manifest"))
    return before.keys() == after.keys() and all(
        set(old_contents.get(digest, ())) <= set(new_contents.get(after[path], ())) for path, digest in before.items()
    )


def _digest_by_path(inventory: dict[str, Any], version: str) -> dict[str, str]:
    state = paths_by_digest(_versions(inventory)[version].get("state"))
    return {path: digest for digest, paths in state.items() for path in paths}


def _json(content: bytes) -> Any:
    """Return the JSON value; a text where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        return f"is not JSON: {error}"


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            return file.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return b""
