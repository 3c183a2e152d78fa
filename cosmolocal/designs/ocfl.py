"""OCFL 1.1 as we write it: the inventory of an object and the small files around it."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_json

ROOT_DECLARATION = ("0=ocfl_1.1", "ocfl_1.1\n")
OBJECT_DECLARATION = ("0=ocfl_object_1.1", "ocfl_object_1.1\n")
LAYOUT = "0002-flat-direct-storage-layout"
LAYOUT_FILE = "ocfl_layout.json"
LAYOUT_TEXT = f'{{\n "description": "One folder per design, named by its id",\n "extension": "{LAYOUT}"\n}}\n'
INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha512"
_TYPE = "https://ocfl.io/1.1/spec/#inventory"
_VERSION_FOLDER = re.compile(r"v[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Release:
    """One version of an object, as its inventory tells it."""

    #: RFC 3339
    created: str
    message: str
    user: str
    #: sha512 of each file by its path in the bundle
    sha512_by_path: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """What an object holds: its releases v1 ... vN and where their bytes lie; two are never equal."""

    id: str
    releases: tuple[Release, ...]
    #: paths within the object that hold the bytes
    contents_by_sha512: dict[str, tuple[str, ...]]
    #: sha256 by path within the object
    sha256_by_content: dict[str, str]

    def to_bytes(self) -> bytes:
        """Return the JSON file: same inventory, same bytes."""
        fixity: dict[str, list[str]] = {}
        for path, digest in sorted(self.sha256_by_content.items()):
            fixity.setdefault(digest, []).append(path)
        document = {
            "digestAlgorithm": "sha512",
            "fixity": {"sha256": fixity},
            "head": f"v{len(self.releases)}",
            "id": self.id,
            "manifest": {digest: list(paths) for digest, paths in self.contents_by_sha512.items()},
            "type": _TYPE,
            "versions": {f"v{number}": _plain(release) for number, release in enumerate(self.releases, 1)},
        }
        return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _plain(release: Release) -> dict[str, Any]:
    state: dict[str, list[str]] = {}
    for path, digest in sorted(release.sha512_by_path.items()):
        state.setdefault(digest, []).append(path)
    return {
        "created": release.created,
        "message": release.message,
        "state": state,
        "user": {"name": release.user},
    }


def sidecar_bytes(inventory: bytes) -> bytes:
    """Return the line that holds the inventory's digest."""
    return f"{hashlib.sha512(inventory).hexdigest()} {INVENTORY}\n".encode()


def version_folders(object_folder: Path) -> list[Path]:
    """Return the folders v1, v2 ... of an object in their order."""
    with os.scandir(object_folder) as entries:
        names = [entry.name for entry in entries if _VERSION_FOLDER.fullmatch(entry.name) and entry.is_dir()]
    return [object_folder / name for name in sorted(names, key=lambda name: int(name[1:]))]


def with_release(
    design_id: str, before: Inventory | None, release: Release, sha256_by_sha512: Mapping[str, str]
) -> tuple[Inventory, dict[str, str]]:
    """Return the inventory with one more release, and sha512 by path of the bundle's files its content folder gets.

    Bytes that an earlier version holds, or another file of this one, are not stored again.
    """
    releases = (*(before.releases if before else ()), release)
    contents = dict(before.contents_by_sha512) if before else {}
    sha256_by_content = dict(before.sha256_by_content) if before else {}
    fresh = {}
    for path, sha512 in sorted(release.sha512_by_path.items()):
        if sha512 not in contents:
            content = f"v{len(releases)}/content/{path}"
            contents[sha512] = (content,)
            fresh[path] = sha512
            if sha512 in sha256_by_sha512:
                sha256_by_content[content] = sha256_by_sha512[sha512]
    return Inventory(design_id, releases, contents, sha256_by_content), fresh


def version_files(inventory: Inventory) -> dict[str, bytes]:
    """Return the bytes by name of the small files that make a folder of content the newest version."""
    content = inventory.to_bytes()
    return {INVENTORY: content, SIDECAR: sidecar_bytes(content)}


def object_files() -> dict[str, bytes]:
    """Return the bytes by name of the small files of an object besides the copy of its newest inventory."""
    return {OBJECT_DECLARATION[0]: OBJECT_DECLARATION[1].encode()}


def read_inventory(object_folder: Path) -> Inventory:
    """Return the inventory of the newest version folder, whose rename is the commit point.

    The copy beside the version folders may be older after a crash; see `cosmolocal.designs.bundles.recover_root`.
    It is parsed once as long as neither its file nor its sidecar changes.
    """
    where = f"designs/{object_folder.name}"
    folders = version_folders(object_folder)
    if not folders:
        raise InputError([Problem("D003", where, "has no version folder v1")])
    path = folders[-1] / INVENTORY
    where = f"{where}/{folders[-1].name}/{INVENTORY}"
    try:
        stat = path.stat()
        inventory = _read_at(path, where, path.with_name(SIDECAR).read_bytes(), (stat.st_ino, stat.st_mtime_ns))
    except OSError as error:
        raise InputError([Problem("D003", where, f"cannot be read: {error.strerror}")]) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError([Problem("D003", where, f"is no inventory of OCFL 1.1: {error!r}")]) from None
    if inventory.id != object_folder.name or len(inventory.releases) != len(folders):
        raise InputError([Problem("D003", where, "id and head do not agree with the folders")])
    return inventory


@lru_cache(maxsize=256)
def _read_at(path: Path, where: str, sidecar: bytes, _changed: tuple[int, int]) -> Inventory:
    content = path.read_bytes()
    if sidecar != sidecar_bytes(content):
        raise InputError([Problem("D003", where, f"differs from the digest in {SIDECAR}")])
    return inventory_from(parse_json(content.decode(), where, "D003"))


def inventory_from(document: Any) -> Inventory:
    """Return the inventory that a parsed ``inventory.json`` describes.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        When it has another form.
    """
    contents = {str(digest).lower(): tuple(paths) for digest, paths in document["manifest"].items()}
    fixity = document.get("fixity", {}).get("sha256", {})
    releases = []
    for number in range(1, int(document["head"].removeprefix("v")) + 1):
        version = document["versions"][f"v{number}"]
        state = {path: str(digest).lower() for digest, paths in version["state"].items() for path in paths}
        if missing := {digest for digest in state.values() if digest not in contents}:
            raise ValueError(f"state of v{number} has digests that the manifest lacks: {sorted(missing)}")
        user = version.get("user", {}).get("name", "")
        releases.append(Release(version["created"], version.get("message", ""), user, state))
    sha256_by_content = {path: digest for digest, paths in fixity.items() for path in paths}
    return Inventory(document["id"], tuple(releases), contents, sha256_by_content)


def require_root(root: Path) -> None:
    """Raise `InputError` unless a folder is an OCFL storage root."""
    if not (root / ROOT_DECLARATION[0]).is_file():
        rule = f"an OCFL storage root holds the file {ROOT_DECLARATION[0]}"
        raise InputError([Problem("D001", root.name, f"is no store of designs; {rule}")])


def iterate_objects(root: Path) -> Iterator[Path]:
    """Yield the object folders of a storage root, by name."""
    for path in sorted(root.iterdir()):
        if path.is_dir() and path.name != "extensions":
            yield path
