"""The rules of OCFL 1.1 (and 1.0) for one ``inventory.json``, under the specification's own codes.

Written apart from the writer in `cosmolocal.designs.ocfl`, so that it cannot inherit its mistakes.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

Fault = tuple[str, str]

#: [hex digits] of a digest by algorithm; blake2b is blake2b-512
DIGEST_LENGTHS = {
    "md5": 32,
    "sha1": 40,
    "sha256": 64,
    "sha512": 128,
    "sha512/256": 64,
    "blake2b-512": 128,
    "blake2b-160": 40,
    "blake2b-256": 64,
    "blake2b-384": 96,
}
VERSION = re.compile(r"v\d+")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def inventory_faults(document: Any) -> Iterator[Fault]:
    """Yield (code, what was found) for everything wrong with an inventory by itself; W codes are warnings."""
    if not isinstance(document, dict):
        yield "E033", "the inventory is no JSON object"
        return
    yield from _head_faults(document)
    manifest = document.get("manifest")
    if manifest is None:
        yield "E041", "manifest is missing"
    elif not isinstance(manifest, dict):
        yield "E041", "manifest is no JSON object"
    else:
        yield from _manifest_faults(manifest, document.get("digestAlgorithm"))
    versions = document.get("versions")
    if versions is None:
        yield "E041", "versions is missing"
    elif not isinstance(versions, dict):
        yield "E044", "versions is no JSON object"
    else:
        yield from _versions_faults(versions, document.get("head"))
        for name, version in versions.items():
            for code, found in _version_faults(version, manifest if isinstance(manifest, dict) else {}):
                yield code, f"{name}: {found}"
        yield from _unused_digests(versions, manifest)
    yield from _fixity_faults(document.get("fixity"), manifest)


def paths_by_digest(block: Any) -> dict[str, list[str]]:
    """Return the well-formed part of a manifest, state or fixity block, digests in lower case."""
    if not isinstance(block, dict):
        return {}
    return {
        digest.lower(): [path for path in paths if isinstance(path, str)]
        for digest, paths in block.items()
        if isinstance(paths, list)
    }


def _head_faults(document: dict[str, Any]) -> Iterator[Fault]:
    for name in ("id", "type", "digestAlgorithm", "head"):
        if name not in document:
            yield "E036", f"{name} is missing"
    if "id" in document and not (isinstance(document["id"], str) and document["id"]):
        yield "E037", f"id {document['id']!r} is no text"
    elif "id" in document and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", document["id"]):
        yield "W005", f"id {document['id']!r} is no URI"
    if "type" in document and not re.fullmatch(r"https://ocfl\.io/1\.[01]/spec/#inventory", str(document["type"])):
        yield "E038", f"type {document['type']!r} is not that of OCFL 1.0 or 1.1"
    algorithm = document.get("digestAlgorithm")
    if algorithm == "sha256":
        yield "W004", "digestAlgorithm is sha256; sha512 should be used"
    elif algorithm is not None and algorithm != "sha512":
        yield "E025", f"digestAlgorithm {algorithm!r} is neither sha512 nor sha256"
    content = document.get("contentDirectory", "content")
    if not isinstance(content, str) or "/" in content or not content:
        yield "E017", f"contentDirectory {content!r} is not a folder's name"
    elif content in (".", ".."):
        yield "E018", f"contentDirectory is {content!r}"


def _manifest_faults(manifest: dict[str, Any], algorithm: Any) -> Iterator[Fault]:
    yield from _digest_faults(manifest, str(algorithm), "E025", "E096")
    for digest, paths in manifest.items():
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            yield "E091", f"paths of {digest[:16]} are no list of texts"
    paths = [path for group in paths_by_digest(manifest).values() for path in group]
    yield from _path_faults(paths, "E100", "E099")
    yield from _double_path_faults(paths, "E101")
    for path in paths:
        if not VERSION.fullmatch(path.split("/")[0]) and not path.startswith("/"):
            yield "E042", f"content path {path!r} begins with no version folder"


def _digest_faults(block: dict[str, Any], algorithm: str, form: str, twice: str) -> Iterator[Fault]:
    length = DIGEST_LENGTHS.get(algorithm)
    for digest in block:
        if length and not re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", digest):
            yield form, f"{digest[:40]!r} is no {algorithm} digest"
    if len({digest.lower() for digest in block}) < len(block):
        yield twice, "a digest stands twice, in upper and lower case"


def _path_faults(paths: Iterable[str], ends: str, elements: str) -> Iterator[Fault]:
    for path in paths:
        if path.startswith("/") or path.endswith("/") or not path:
            yield ends, f"path {path!r} begins or ends with a slash"
        if {"", ".", ".."} & set(path.strip("/").split("/")):
            yield elements, f"path {path!r} has an element that is empty, . or .."


def _double_path_faults(paths: list[str], code: str) -> Iterator[Fault]:
    known = set(paths)
    if len(known) < len(paths):
        yield code, "a path stands twice"
    for path in sorted(known):
        parents = path.split("/")[:-1]
        if any("/".join(parents[:depth]) in known for depth in range(1, len(parents) + 1)):
            yield code, f"path {path!r} lies below a path that is a file"


def _versions_faults(versions: dict[str, Any], head: Any) -> Iterator[Fault]:
    if not versions:
        yield "E008", "versions is empty"
        return
    numbers: dict[int, str] = {}
    for name in versions:
        if not VERSION.fullmatch(name) or int(name[1:]) == 0:
            yield "E046", f"{name!r} is no version number"
        else:
            numbers[int(name[1:])] = name
    if any(name.startswith("v0") for name in numbers.values()):
        yield "W001", "version numbers are zero-padded"
        if len({len(name) for name in numbers.values()}) > 1 or not all(name[1] == "0" for name in numbers.values()):
            yield from ((code, "padded version numbers are v0..., all of one width") for code in ("E011", "E013"))
    if numbers and 1 not in numbers:
        yield "E009", "v1 is missing"
    if numbers and sorted(numbers) != list(range(1, len(numbers) + 1)):
        yield "E010", f"the versions {', '.join(sorted(versions))} are no unbroken sequence"
    if head is not None and numbers and head != numbers[max(numbers)]:
        yield "E040", f"head is {head!r}; the newest version is {numbers[max(numbers)]}"


def _version_faults(version: Any, manifest: dict[str, Any]) -> Iterator[Fault]:
    if not isinstance(version, dict):
        yield "E048", "is no JSON object"
        return
    yield from _metadata_faults(version)
    state = version.get("state")
    if "state" not in version:
        yield "E048", "state is missing"
    elif not isinstance(state, dict):
        yield "E050", "state is no JSON object"
    else:
        for digest, paths in state.items():
            if not isinstance(paths, list):
                yield "E050", f"paths of {digest[:16]} are no list"
            if digest not in manifest:
                yield "E050", f"the manifest lacks the digest {digest[:16]} of the state"
        paths = [path for group in paths_by_digest(state).values() for path in group]
        yield from _path_faults(paths, "E053", "E052")
        yield from _double_path_faults(paths, "E095")


def _metadata_faults(version: dict[str, Any]) -> Iterator[Fault]:
    created = version.get("created")
    if "created" not in version:
        yield "E048", "created is missing"
    elif not isinstance(created, str) or not _TIMESTAMP.fullmatch(created) or not _is_moment(created):
        yield "E049", f"created {created!r} is no time with seconds and time zone"
    if "message" not in version:
        yield "W007", "message is missing"
    elif not isinstance(version["message"], str):
        yield "E094", "message is no text"
    user = version.get("user")
    if "user" not in version:
        yield "W007", "user is missing"
    elif not isinstance(user, dict) or not isinstance(user.get("name"), str) or not user["name"]:
        yield "E054", "user has no name"
    elif "address" not in user:
        yield "W008", "user has no address"
    elif not isinstance(user["address"], str):
        yield "E054", "address is no text"
    elif not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", user["address"]):
        yield "W009", f"address {user['address']!r} is no URI"


def _is_moment(created: str) -> bool:
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", created))
    except ValueError:
        return False
    return True


def _unused_digests(versions: dict[str, Any], manifest: Any) -> Iterator[Fault]:
    used = {
        digest
        for version in versions.values()
        if isinstance(version, dict)
        for digest in paths_by_digest(version.get("state"))
    }
    for digest in paths_by_digest(manifest):
        if digest not in used:
            yield "E107", f"no version uses the digest {digest[:16]} of the manifest"


def _fixity_faults(fixity: Any, manifest: Any) -> Iterator[Fault]:
    if fixity is None:
        return
    if not isinstance(fixity, dict):
        yield "E111", "fixity is no JSON object"
        return
    known = {path for group in paths_by_digest(manifest).values() for path in group}
    for algorithm, block in fixity.items():
        if not isinstance(block, dict):
            yield "E057", f"fixity of {algorithm} is no JSON object"
            continue
        yield from _digest_faults(block, algorithm, "E057", "E097")
        paths = [path for group in paths_by_digest(block).values() for path in group]
        yield from _path_faults(paths, "E100", "E099")
        for path in paths:
            if path not in known:
                yield "E057", f"fixity of {algorithm} names {path!r}, which the manifest lacks"
