"""Making a folder a release: copied and digested beside the store, then checked and moved in under its lock."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cosmolocal.designs import disk, ocfl
from cosmolocal.designs.copying import StagedFile, copy_folder
from cosmolocal.designs.objects import (
    LONGEST_MESSAGE,
    MANIFEST,
    StoredDesign,
    check_id,
    check_person,
    check_words,
    open_design,
    read_version,
    time_stamp,
    tree_digest,
)
from cosmolocal.designs.recovery import locked_design, settle
from cosmolocal.designs.staging import locked, staging_place
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Published


@dataclass(frozen=True, slots=True)
class _Staged:
    """A bundle that lies complete beside the store."""

    design_id: str
    version: str
    digest: str
    release: ocfl.Release
    sha256_by_sha512: dict[str, str]
    #: holds the object as it would be if this were its first version
    place: Path

    @property
    def version_folder(self) -> Path:
        return self.place / self.design_id / "v1"


def publish_bundle(root: Path, design_id: str, folder: Path, *, message: str, created: datetime, by: str) -> Published:
    """Add the files of ``folder`` as a new version of the design; ``by`` becomes the owner of a new design.

    The version is the one its ``okh.toml`` states. Publishing the same bytes again changes nothing and is open to all.

    Raises
    ------
    InputError
        When the id, a file or the version cannot be published, the version exists with other bytes or was taken down,
        or ``by`` is not an owner.
    """
    stamp = time_stamp(created)
    if problems := check_id(design_id) + check_person(by, "by") + check_words(message, "message", LONGEST_MESSAGE):
        raise InputError(problems)
    published = None
    while published is None:  # again when files this bundle shares with another version were taken down meanwhile
        with ExitStack() as stack:
            with locked(root):
                place = stack.enter_context(staging_place(root))
            published = _publish(root, _stage(place, design_id, folder, ocfl.Release(stamp, message, by, {})))
    return published


def _publish(root: Path, staged: _Staged) -> Published | None:
    """Prepare a staged bundle for the object as it is, and move it in if nobody changed that meanwhile; else again."""
    while True:
        before = _inventory_of(root / staged.design_id)
        inventory = _prepare(staged, before)
        if inventory is None:
            return None
        with locked_design(root, staged.design_id) as object_folder:
            if (published := _accepted_again(object_folder, staged)) is not None:
                return published
            if problems := _check_release(object_folder, staged):
                raise InputError(problems)
            if _are_same(before, _inventory_of(object_folder)):
                _move_in(object_folder, staged, inventory)
                return Published(staged.version, staged.digest, is_new=True)


def _inventory_of(object_folder: Path) -> ocfl.Inventory | None:
    return ocfl.read_inventory(object_folder) if object_folder.is_dir() else None


def _are_same(one: ocfl.Inventory | None, other: ocfl.Inventory | None) -> bool:
    return one is other or (one is not None and other is not None and one.to_bytes() == other.to_bytes())


def foresee_release(root: Path, design_id: str, version: str, digest: str, by: str) -> Published:
    """Return what publishing a bundle of this tree digest would return; nothing is written.

    Raises
    ------
    InputError
        With why the store would refuse it.
    """
    staged = _Staged(design_id, version, digest, ocfl.Release("", "", by, {}), {}, root)
    object_folder = root / design_id
    if object_folder.is_dir() and _digest_there(open_design(object_folder), version) == digest:
        return Published(version, digest, is_new=False)
    problems = check_person(by, "by") or (_check_release(object_folder, staged) if root.is_dir() else [])
    if problems:
        raise InputError(problems)
    return Published(version, digest, is_new=True)


def _stage(place: Path, design_id: str, folder: Path, release: ocfl.Release) -> _Staged:
    content = place / design_id / "v1" / "content"
    files = copy_folder(folder, content)
    version = _version_of(content, files)
    return _Staged(
        design_id,
        version,
        tree_digest(file.record for file in files),
        ocfl.Release(release.created, release.message, release.user, {file.record.path: file.sha512 for file in files}),
        {file.sha512: file.record.sha256 for file in files},
        place,
    )


def _version_of(content: Path, files: tuple[StagedFile, ...]) -> str:
    if not any(file.record.path == MANIFEST for file in files):
        raise InputError([Problem("D005", MANIFEST, say("is missing; every bundle has one"))])
    try:
        return read_version(content / MANIFEST)
    except ValueError as error:
        raise InputError([Problem("D010", MANIFEST, say("cannot be read: %(why)s", why=error))]) from None


def _prepare(staged: _Staged, before: ocfl.Inventory | None) -> ocfl.Inventory | None:
    """Drop the copies of what the object holds, write its next inventory, and wait until the disk has it all.

    None: the object holds less than when copies were dropped. The lock is not needed for any of it.
    """
    inventory, fresh = ocfl.with_release(staged.design_id, before, staged.release, staged.sha256_by_sha512)
    content = staged.version_folder / "content"
    there = _files_below(content)
    if not fresh.keys() <= there:
        return None
    for path in there - fresh.keys():
        (content / path).unlink()
    disk.remove_empty_folders(content)
    files = ocfl.version_files(inventory)
    for old in staged.version_folder.parent.rglob("*"):
        if old.is_file() and content not in old.parents:
            old.unlink()
    disk.write_files(staged.version_folder, files)
    if before is None:
        disk.write_files(staged.version_folder.parent, files | ocfl.object_files())
    disk.sync_tree(staged.version_folder.parent)
    return inventory


def _files_below(content: Path) -> set[str]:
    skipped = len(str(content)) + 1
    return {f"{parent}/{name}"[skipped:] for parent, names in disk.walk(content) for name in names}


def _accepted_again(object_folder: Path, staged: _Staged) -> Published | None:
    """Return what is published already with the same bytes."""
    if not object_folder.is_dir() or _digest_there(open_design(object_folder), staged.version) != staged.digest:
        return None
    disk.sync_folder(object_folder)  # whoever moved it in may have died before the disk had it
    disk.sync_folder(object_folder.parent)
    return Published(staged.version, staged.digest, is_new=False)


def _move_in(object_folder: Path, staged: _Staged, inventory: ocfl.Inventory) -> None:
    number = len(inventory.releases)
    source, target = staged.version_folder, object_folder / f"v{number}"
    if number == 1:
        source, target = source.parent, object_folder
    source.rename(target)  # the commit point
    disk.sync_folder(target.parent)
    settle(object_folder, staged.place)


def _digest_there(design: StoredDesign, version: str) -> str | None:
    number = design.number_by_version.get(version)
    return None if number is None or version in design.taken_down else tree_digest(design.files(number))


def _check_release(object_folder: Path, staged: _Staged) -> list[Problem]:
    """Return why a bundle cannot be the next version of a design."""
    if not object_folder.is_dir():
        return _check_publisher(object_folder.parent, staged)
    design = open_design(object_folder)
    problems, where = [], f"designs/{staged.design_id} {staged.version}"
    if staged.release.user not in design.owners:
        owners = ", ".join(design.owners)
        found = say(
            "found %(found)s; only its owners release it: ask %(owners)s to release it or to add you",
            found=repr(staged.release.user),
            owners=owners,
        )
        problems.append(Problem("D060", where, found))
    if (notice := design.taken_down.get(staged.version)) is not None:
        found = say(
            "was taken down (%(reason)s); a version is never used again, publish a new one", reason=notice.reason
        )
        problems.append(Problem("D065", where, found))
    elif (there := _digest_there(design, staged.version)) is not None:
        found = say(
            "is published with other bytes (%(there)s); a version never changes, publish a new one", there=there
        )
        problems.append(Problem("D004", where, found))
    return problems


def _check_publisher(root: Path, staged: _Staged) -> list[Problem]:
    """Return why somebody may not start a design under its publisher: others own all there is of it."""
    publisher, owners = staged.design_id.partition("~")[0], set[str]()
    with os.scandir(root) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(f"{publisher}~") and entry.is_dir()]
    for name in names:
        found = open_design(root / name).owners
        if staged.release.user in found:
            return []
        owners.update(found)
    if not owners:
        return []
    message = say(
        "found %(found)s; the publisher %(publisher)s belongs to %(owners)s: ask one of them to publish it, "
        "or choose another publisher",
        found=repr(staged.release.user),
        publisher=repr(publisher),
        owners=", ".join(sorted(owners)),
    )
    return [Problem("D061", f"designs/{staged.design_id}", message)]
