"""The store of designs: an OCFL 1.1 storage root, one object per design, one version per published bundle.

A bundle is staged beside the root on the same file system; one rename of its version folder is the commit point.
Anyone can read ``designs/<publisher~slug>/v1/content/okh.toml`` without this program.
"""

import fcntl
import hashlib
import os
import re
import shutil
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cosmolocal.designs import ocfl
from cosmolocal.errors import InputError, NotFoundError, Problem
from cosmolocal.records import BundleFile
from cosmolocal.versions import is_version, sorted_versions

MANIFEST = "okh.toml"
_DESIGN_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*~[a-z0-9]+(?:-[a-z0-9]+)*")
_FORBIDDEN_IN_NAME = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
#: [bytes] longest path within a bundle
_MAX_PATH_BYTES = 240


@dataclass(frozen=True, slots=True)
class _Staged:
    """A file of the folder to publish."""

    path: Path
    sha512: str
    record: BundleFile


def create_root(root: Path) -> None:
    """Make the folder an OCFL 1.1 storage root; what is there already stays."""
    root.mkdir(parents=True, exist_ok=True)
    layout = f'{{\n "description": "One folder per design, named by its id",\n "extension": "{ocfl.LAYOUT}"\n}}\n'
    for path, text in (
        (root / "ocfl_layout.json", layout),
        (root / ocfl.ROOT_DECLARATION[0], ocfl.ROOT_DECLARATION[1]),
    ):
        if not path.exists():
            ocfl.write_durably(path, text.encode())
    ocfl.sync_folder(root)


def publish_bundle(root: Path, design_id: str, folder: Path, *, message: str, created: datetime) -> str:
    """Add the files of ``folder`` as a new version of the design and return its tree digest.

    The version is the one its ``okh.toml`` states. Publishing the same bytes again changes nothing.

    Raises
    ------
    InputError
        When the id, a file or the version cannot be published, or the version exists with other bytes.
    """
    staged = _scan(folder)
    problems = check_id(design_id)
    if created.tzinfo is None:
        raise ValueError("created needs a time zone")
    version, faults = _version_of(staged)
    if problems := problems + faults:
        raise InputError(problems)
    digest = tree_digest(file.record for file in staged)
    with _locked(root):
        object_folder = root / design_id
        inventory = None
        if object_folder.exists():
            _settle(object_folder)
            inventory = ocfl.read_inventory(object_folder)
            number = _numbers(object_folder, inventory).get(version)
            if number is not None:
                return _accepted_again(design_id, version, _files(object_folder, inventory, number), digest)
        stamp = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        state = {file.record.path: file.sha512 for file in staged}
        release = ocfl.Release(stamp, message, design_id.partition("~")[0], state)
        _commit(object_folder, inventory, release, staged)
    return digest


def recover_root(root: Path) -> None:
    """Clear away what a crash left: staged files go, committed versions get their copies of the inventory."""
    with _locked(root):
        for object_folder in ocfl.iterate_objects(root):
            _settle(object_folder)


def list_designs(root: Path) -> list[str]:
    """Return the ids of all designs in the store."""
    _require_root(root)
    return [folder.name for folder in ocfl.iterate_objects(root)]


def list_versions(root: Path, design_id: str) -> list[str]:
    """Return the published versions of a design, lowest first."""
    object_folder, inventory = _open(root, design_id)
    return sorted_versions(_numbers(object_folder, inventory))


def read_bundle(root: Path, design_id: str, version: str) -> tuple[BundleFile, ...]:
    """Return the files of a version by path; digests come from the inventory."""
    object_folder, inventory = _open(root, design_id)
    return _files(object_folder, inventory, _number(object_folder, inventory, version))


def read_folder(folder: Path) -> tuple[BundleFile, ...]:
    """Return the files of a folder that is not published yet; raises `InputError` like `publish_bundle`."""
    return tuple(file.record for file in _scan(folder))


def read_releases(root: Path, design_id: str) -> list[tuple[int, Path, tuple[BundleFile, ...]]]:
    """Return number, place of the manifest and files of each version folder, in the order of publication."""
    object_folder, inventory = _open(root, design_id)
    return [
        (number, _content(object_folder, inventory, number, MANIFEST), _files(object_folder, inventory, number))
        for number in range(1, len(inventory.releases) + 1)
    ]


def open_file(root: Path, design_id: str, version: str, path: str) -> Path:
    """Return where the bytes of a bundle's file lie."""
    object_folder, inventory = _open(root, design_id)
    return _content(object_folder, inventory, _number(object_folder, inventory, version), path)


def tree_digest(files: Iterable[BundleFile]) -> str:
    """Return ``sha256:`` and the digest of the sorted lines ``<sha256>  <path>``, as coreutils can check it.

    ``sha256sum`` of all files, ``LC_ALL=C sort`` and ``sha256sum`` again give the same digest.
    """
    lines = sorted(f"{file.sha256}  {file.path}\n".encode() for file in files)
    return "sha256:" + hashlib.sha256(b"".join(lines)).hexdigest()


def check_id(design_id: str) -> list[Problem]:
    """Return what is wrong with a design's id."""
    if _DESIGN_ID.fullmatch(design_id):
        return []
    rule = "a design's id is publisher~slug in lower-case letters, digits and single hyphens"
    return [Problem("D002", "design id", f"found {design_id!r}; {rule}")]


def _accepted_again(design_id: str, version: str, there: tuple[BundleFile, ...], digest: str) -> str:
    if tree_digest(there) == digest:
        return digest
    found = f"is published with other bytes ({tree_digest(there)}); a version never changes, publish a new one"
    raise InputError([Problem("D004", f"designs/{design_id} {version}", found)])


def _scan(folder: Path) -> tuple[_Staged, ...]:
    """Return every file with its digests; anything but plain files under plain names is refused."""
    problems: list[Problem] = []
    files: list[_Staged] = []
    if not folder.is_dir():
        raise InputError([Problem("D006", str(folder), "is not a folder")])
    names: dict[str, str] = {}
    for parent, folders, leaves in os.walk(folder):
        for name in sorted([*folders, *leaves]):
            path = Path(parent) / name
            relative = path.relative_to(folder).as_posix()
            if fault := _path_fault(relative, name) or _kind_fault(path):
                problems.append(Problem("D006", relative.encode("utf-8", "replace").decode(), fault))
            elif (other := names.setdefault(relative.casefold(), relative)) != relative:
                problems.append(Problem("D006", relative, f"differs from {other!r} in upper and lower case only"))
            elif path.is_file():
                files.append(_digested(path, relative))
    if problems:
        raise InputError(problems)
    return tuple(sorted(files, key=lambda file: file.record.path))


def _path_fault(relative: str, name: str) -> str | None:
    if not relative.isprintable() or _FORBIDDEN_IN_NAME.search(name) or name != name.strip() or name.endswith("."):
        return 'a file name holds no control characters, none of <>:"|?*\\, and no blank or dot at its end'
    if unicodedata.normalize("NFC", name) != name:
        return "a file name must be in Unicode's composed form (NFC)"
    if len(relative.encode()) > _MAX_PATH_BYTES:
        return f"a path has at most {_MAX_PATH_BYTES} bytes"
    return None


def _kind_fault(path: Path) -> str | None:
    return None if not path.is_symlink() and (path.is_file() or path.is_dir()) else "is neither a file nor a folder"


def _digested(path: Path, relative: str) -> _Staged:
    sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
            sha512.update(block)
            size += len(block)
    return _Staged(path, sha512.hexdigest(), BundleFile(relative, size, sha256.hexdigest()))


def _version_of(staged: tuple[_Staged, ...]) -> tuple[str, list[Problem]]:
    manifest = next((file.path for file in staged if file.record.path == MANIFEST), None)
    if manifest is None:
        return "", [Problem("D005", MANIFEST, "is missing; every bundle has one")]
    try:
        version = _manifest_version(manifest)
    except (ValueError, OSError) as error:
        return "", [Problem("D010", MANIFEST, f"cannot be read: {error}")]
    return version, []


def _manifest_version(path: Path) -> str:
    version = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("version")
    if not isinstance(version, str) or not is_version(version):
        raise ValueError(f'found version {version!r}; it must be a semantic version such as "1.0.0"')
    return version


def _open(root: Path, design_id: str) -> tuple[Path, ocfl.Inventory]:
    object_folder = root / design_id
    if not _DESIGN_ID.fullmatch(design_id) or not object_folder.is_dir():
        raise NotFoundError(f"there is no design {design_id!r}")
    return object_folder, ocfl.read_inventory(object_folder)


def _numbers(object_folder: Path, inventory: ocfl.Inventory) -> dict[str, int]:
    """Return the number of the version folder by semantic version."""
    numbers = {}
    for number in range(1, len(inventory.releases) + 1):
        try:
            numbers[_manifest_version(_content(object_folder, inventory, number, MANIFEST))] = number
        except (ValueError, OSError, NotFoundError) as error:
            where = f"designs/{object_folder.name} v{number}: {MANIFEST}"
            raise InputError([Problem("D010", where, f"cannot be read: {error}")]) from None
    return numbers


def _number(object_folder: Path, inventory: ocfl.Inventory, version: str) -> int:
    number = _numbers(object_folder, inventory).get(version)
    if number is None:
        raise NotFoundError(f"there is no version {version!r} of the design {object_folder.name!r}")
    return number


def _content(object_folder: Path, inventory: ocfl.Inventory, number: int, path: str) -> Path:
    digest = inventory.releases[number - 1].sha512_by_path.get(path)
    if digest is None:
        raise NotFoundError(f"there is no file {path!r} in v{number} of the design {object_folder.name!r}")
    return object_folder / inventory.contents_by_sha512[digest][0]


def _files(object_folder: Path, inventory: ocfl.Inventory, number: int) -> tuple[BundleFile, ...]:
    files = []
    for path, sha512 in sorted(inventory.releases[number - 1].sha512_by_path.items()):
        content = inventory.contents_by_sha512[sha512][0]
        where = f"designs/{object_folder.name}/{content}"
        try:
            files.append(
                BundleFile(path, (object_folder / content).stat().st_size, inventory.sha256_by_content[content])
            )
        except OSError as error:
            raise InputError([Problem("D005", where, f"cannot be read: {error.strerror}")]) from None
        except KeyError:
            raise InputError([Problem("D003", where, "has no sha256 in the inventory's fixity block")]) from None
    return tuple(files)


def _require_root(root: Path) -> None:
    if not (root / ocfl.ROOT_DECLARATION[0]).is_file():
        rule = f"an OCFL storage root holds the file {ocfl.ROOT_DECLARATION[0]}"
        raise InputError([Problem("D001", root.name, f"is no store of designs; {rule}")])


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Let one writer at a time into the root; the lock ends with the process that holds it."""
    _require_root(root)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _drop_staging(root)
        yield
        _drop_staging(root)
    finally:
        os.close(descriptor)


def _staging(root: Path) -> Path:
    return root.parent / f".staging-{root.name}"


def _drop_staging(root: Path) -> None:
    if _staging(root).exists():
        shutil.rmtree(_staging(root))


def _commit(
    object_folder: Path, inventory: ocfl.Inventory | None, release: ocfl.Release, staged: tuple[_Staged, ...]
) -> None:
    """Stage the new version folder, move it in with one rename, then bring the object's own inventory up to date."""
    staging = _staging(object_folder.parent)
    number = 1 if inventory is None else len(inventory.releases) + 1
    staged_object = staging / object_folder.name
    version_folder = staged_object / f"v{number}"
    version_folder.mkdir(parents=True)
    inventory = _with_content(object_folder.name, inventory, release, staged, version_folder)
    _write_inventory(version_folder, inventory.to_bytes())
    if number == 1:
        ocfl.write_durably(staged_object / ocfl.OBJECT_DECLARATION[0], ocfl.OBJECT_DECLARATION[1].encode())
        _write_inventory(staged_object, inventory.to_bytes())
    for folder in [*staged_object.rglob("*/"), staged_object, staging]:
        ocfl.sync_folder(folder)
    source, target = (staged_object, object_folder) if number == 1 else (version_folder, object_folder / f"v{number}")
    source.rename(target)  # the commit point
    ocfl.sync_folder(target.parent)
    _settle(object_folder)


def _with_content(
    design_id: str,
    before: ocfl.Inventory | None,
    release: ocfl.Release,
    staged: tuple[_Staged, ...],
    version_folder: Path,
) -> ocfl.Inventory:
    """Copy the files no earlier version holds, and return the inventory that knows them."""
    known = before.contents_by_sha512 if before else {}
    contents = dict(known)
    sha256_by_content = dict(before.sha256_by_content) if before else {}
    for file in staged:
        if file.sha512 in known:
            continue
        path = f"{version_folder.name}/content/{file.record.path}"
        target = version_folder.parent / path
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(file, target)
        contents[file.sha512] = (*contents.get(file.sha512, ()), path)
        sha256_by_content[path] = file.record.sha256
    releases = (*(before.releases if before else ()), release)
    return ocfl.Inventory(design_id, releases, contents, sha256_by_content)


def _copy(file: _Staged, target: Path) -> None:
    shutil.copyfile(file.path, target)
    with target.open("rb") as copy:
        os.fsync(copy.fileno())
    if _digested(target, file.record.path).sha512 != file.sha512:
        raise InputError([Problem("D006", file.record.path, "changed while it was being published")])


def _write_inventory(folder: Path, content: bytes) -> None:
    ocfl.write_durably(folder / ocfl.INVENTORY, content)
    ocfl.write_durably(folder / ocfl.SIDECAR, ocfl.sidecar_bytes(content))


def _settle(object_folder: Path) -> None:
    """Make the object's own inventory and sidecar equal to those of its newest version, first one, then the other."""
    folders = ocfl.version_folders(object_folder)
    if not folders:
        return
    for name in (ocfl.INVENTORY, ocfl.SIDECAR):
        committed, target = folders[-1] / name, object_folder / name
        if not committed.exists():  # an object of somebody else: OCFL does not ask for these copies
            return
        content = committed.read_bytes()
        if target.exists() and target.read_bytes() == content:
            continue
        fresh = _staging(object_folder.parent) / f"{object_folder.name}.{name}"
        fresh.parent.mkdir(exist_ok=True)
        fresh.unlink(missing_ok=True)
        ocfl.write_durably(fresh, content)
        fresh.replace(target)
        ocfl.sync_folder(object_folder)
