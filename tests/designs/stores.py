"""Stores of designs for tests: filled, looked at, checked by others, and killed at every step."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ocfl
import pytest
from designs.chairs import CHAIR, NOON, write_chair

from cosmolocal.designs import disk
from cosmolocal.designs.bundles import (
    list_designs,
    open_file,
    publish_bundle,
    read_bundle,
    read_history,
)
from cosmolocal.designs.notices import read_notices
from cosmolocal.designs.verify import verify_root
from cosmolocal.records import Published

#: what changes a disk; ``exchange`` is our own, as Python lacks it
MUTATIONS = ("fsync", "rename", "replace", "mkdir", "link")


class KilledError(BaseException):
    """The process ends here."""


def publish(root: Path, text: str = CHAIR, design_id: str = "acme~chair", by: str = "ada") -> Published:
    """Publish a chair."""
    folder = write_chair(root.parent / "chair", text)
    return publish_bundle(root, design_id, folder, message="a chair", created=NOON, by=by)


def snapshot(root: Path) -> dict[str, bytes]:
    """Return every byte of a store."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def view(root: Path) -> dict[str, Any]:
    """Return all that a reader can see of a store."""
    return {
        design_id: (
            [
                (release, None if release.taken_down else read_files(root, design_id, release.version))
                for release in read_history(root, design_id)
            ],
            read_notices(root, design_id),
        )
        for design_id in list_designs(root)
    }


def read_files(root: Path, design_id: str, version: str) -> dict[str, bytes]:
    """Return the bytes of a version's files by path."""
    files = read_bundle(root, design_id, version)
    return {file.path: open_file(root, design_id, version, file.path).read_bytes() for file in files}


def assert_valid(root: Path) -> None:
    """Both our own check and ocfl-py, which knows nothing of us, find nothing wrong."""
    assert verify_root(root).errors == []
    store = ocfl.StorageRoot(root=str(root))
    assert store.validate(), store.errors
    assert store.num_objects == store.good_objects == len(list_designs(root))


def staged(root: Path) -> list[str]:
    """Return what lies in staging."""
    folder = root.parent / f".staging-{root.name}"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def killed_at_each_step(act: Callable[[], object], stop: Callable[[pytest.MonkeyPatch], object]) -> Iterator[int]:
    """Do ``act`` again and again, killed at its first change of the disk, its second ..., until it gets through.

    ``stop`` may patch more; whoever iterates looks at what each kill left, and puts the state before back.
    """
    step = 0
    while True:
        step += 1
        with pytest.MonkeyPatch.context() as patch:
            stop(patch)
            _die_at(patch, step)
            try:
                act()
            except KilledError:
                pass
            else:
                return
        yield step


def _die_at(patch: pytest.MonkeyPatch, step: int) -> None:
    left = [step]

    def counted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise KilledError(name)
            return real(*args, **kwargs)

        return call

    for name in MUTATIONS:
        patch.setattr(os, name, counted(name, getattr(os, name)))
    if disk._renameat2 is not None:
        patch.setattr(disk, "_renameat2", counted("exchange", disk._renameat2))
