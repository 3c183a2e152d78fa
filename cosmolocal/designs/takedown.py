"""Taking a version down: its files go, what other versions share stays, a tombstone says what was there and why.

The notice in the log is the commit point: from then on no reader gets the files. Then the object is built again from
its releases, the bytes that stay as hard links, and takes the place of the old one. Each step can be done again, and
whoever writes or recovers next does what a crash left undone.
"""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

from cosmolocal.designs import disk, logs, ocfl
from cosmolocal.designs.objects import TOMBSTONE, StoredDesign, is_tombstone, open_design
from cosmolocal.designs.staging import INCOMING, OUTGOING, staging_place
from cosmolocal.records import Notice


def finish_take_downs(root: Path, object_folder: Path) -> None:
    """Remove the files of the versions that notices took down; does nothing where all is done.

    Enter under the lock of the root.
    """
    if not (object_folder / logs.FOLDER).is_dir():
        return
    design = open_design(object_folder)
    tombstones = _missing_tombstones(design)
    if not tombstones:
        return
    with staging_place(root) as place:
        incoming, outgoing = place / INCOMING / object_folder.name, place / OUTGOING / object_folder.name
        outgoing.parent.mkdir()
        _build(design, tombstones, incoming)
        disk.sync_tree(place)
        disk.exchange(object_folder, incoming, outgoing)
        disk.sync_folder(root)


def _missing_tombstones(design: StoredDesign) -> dict[int, bytes]:
    """Return the bytes of the tombstones, by number of the version folder, that are to take the place of files."""
    tombstones = {}
    for version, notice in design.taken_down.items():
        number = design.number_by_version.get(version)
        if number is not None and not is_tombstone(design.inventory.releases[number - 1]):
            tombstones[number] = _tombstone(notice)
    return tombstones


def _tombstone(notice: Notice) -> bytes:
    document = {
        "version": notice.version,
        "digest": notice.values.get("digest", ""),
        "reason": notice.reason,
        "by": notice.by,
        "at": notice.at,
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _build(design: StoredDesign, tombstones: dict[int, bytes], target: Path) -> None:
    """Build the whole object again, as if the tombstones had been published instead of the files."""
    before = design.inventory
    sha256_by_sha512 = {
        sha512: before.sha256_by_content[paths[0]]
        for sha512, paths in before.contents_by_sha512.items()
        if paths[0] in before.sha256_by_content
    }
    releases, written = list(before.releases), {}
    for number, content in tombstones.items():
        sha512 = hashlib.sha512(content).hexdigest()
        releases[number - 1] = replace(releases[number - 1], sha512_by_path={TOMBSTONE: sha512})
        sha256_by_sha512[sha512] = hashlib.sha256(content).hexdigest()
        written[sha512] = content
    inventory, files = None, dict[str, bytes]()
    for number, release in enumerate(releases, 1):
        inventory, fresh = ocfl.with_release(before.id, inventory, release, sha256_by_sha512)
        folder = target / f"v{number}"
        folder.mkdir(parents=True)
        for path, sha512 in fresh.items():
            copy = folder / "content" / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            if sha512 in written:
                disk.write_files(copy.parent, {copy.name: written[sha512]})
            else:
                os.link(design.folder / before.contents_by_sha512[sha512][0], copy)
        disk.write_files(folder, files := ocfl.version_files(inventory))
    disk.write_files(target, files | ocfl.object_files())
    _link_rest(design.folder, target)


def _link_rest(source: Path, target: Path) -> None:
    """Keep the log, and what others put beside it."""
    for top in (logs.FOLDER, "extensions"):
        for parent, names in disk.walk(source / top):
            folder = target / Path(parent).relative_to(source)
            folder.mkdir()
            for name in names:
                os.link(Path(parent, name), folder / name)
