"""Bringing a store to rest after a crash: what was committed is completed, what was not is cleared away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cosmolocal.designs import disk, logs, ocfl
from cosmolocal.designs.staging import locked, staging_place
from cosmolocal.designs.takedown import finish_take_downs
from cosmolocal.errors import InputError, Problem


def recover_root(root: Path) -> None:
    """Clear away what crashed writers left, and complete what they committed; living writers are not disturbed.

    Raises
    ------
    InputError
        With what is wrong with designs that cannot be brought to rest; all others are.
    """
    problems: list[Problem] = []
    with locked(root):
        for object_folder in ocfl.iterate_objects(root):
            try:
                _recover(root, object_folder)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)


@contextmanager
def locked_design(root: Path, design_id: str) -> Iterator[Path]:
    """Let one writer at a time change a design that is at rest; gives its folder, which may not exist yet."""
    with locked(root):
        if (root / design_id).is_dir():
            _recover(root, root / design_id)
        yield root / design_id


def settle(object_folder: Path, place: Path) -> None:
    """Make the object's own inventory and sidecar equal to those of its newest version, staged in ``place``."""
    stale = _stale(object_folder)
    for name, content in stale:
        disk.write_durably(place / name, content)
    for name, _ in stale:
        (place / name).replace(object_folder / name)
    if stale:
        disk.sync_folder(object_folder)


def _recover(root: Path, object_folder: Path) -> None:
    if _stale(object_folder):
        with staging_place(root) as place:
            settle(object_folder, place)
    if logs.head_is_behind(object_folder):
        with staging_place(root) as place:
            logs.settle_head(place, object_folder)
    finish_take_downs(root, object_folder)


def _stale(object_folder: Path) -> list[tuple[str, bytes]]:
    """Return name and right bytes of the copies that differ, the inventory first."""
    folders = ocfl.version_folders(object_folder)
    if not folders:
        return []
    pairs = []
    for name in (ocfl.INVENTORY, ocfl.SIDECAR):
        committed, copy = folders[-1] / name, object_folder / name
        if not committed.exists():  # an object of somebody else: OCFL does not ask for these copies
            return []
        if not copy.exists() or copy.read_bytes() != committed.read_bytes():
            pairs.append((name, committed.read_bytes()))
    return pairs
