"""The files of a draft: what there is, what comes in, and what is taken out."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cosmolocal.designs.left_out import find_rule, warn_rules
from cosmolocal.designs.names import check_paths
from cosmolocal.designs.uploads import unpack_archive
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.workflows.draft_forms import manifest_watched
from cosmolocal.workflows.draft_left_out import note_left_out
from cosmolocal.workflows.drafts import Draft, locked, require_open
from cosmolocal.workflows.incoming import MAX_BYTES, Incoming, TooLargeError, full_disk_told, move_private

MAX_FILES = 10_000
#: [bytes] of all files of a draft, unpacked
MAX_UNPACKED_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a draft."""

    path: str
    size_bytes: int


def list_files(draft: Draft) -> list[DraftFile]:
    """Return the files of a draft by path."""
    found = []
    for folder, _, names in os.walk(draft.files):
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):  # another request took it out meanwhile
                found.append(DraftFile(path.relative_to(draft.files).as_posix(), path.stat().st_size))
    return sorted(found, key=lambda file: file.path)


def room_left(draft: Draft) -> int:
    """Return how many bytes the draft still takes."""
    return max(0, MAX_BYTES - sum(file.size_bytes for file in list_files(draft)))


def add_file(draft: Draft, incoming: Incoming, unpack: bool = True) -> list[str]:
    """Put a file that has come in whole into the draft, over one of the same name; return the paths.

    The content of a zip archive comes in its place where ``unpack`` is set. What is no part of a design is left out.

    Raises
    ------
    InputError
        When a name, the archive, or the number of files is not allowed; the draft is as before.
    """
    with locked(draft) as now, manifest_watched(now, incoming.name):
        require_open(now)
        if rule := find_rule(incoming.name):
            if problems := check_paths([incoming.name], are_kept=False):
                raise InputError(problems)
            note_left_out(now.folder, warn_rules([rule]))
            return []
        if unpack and incoming.name.lower().endswith(".zip"):
            return _add_archive(now, incoming)
        _check_new(now, {incoming.name: incoming.size}, MAX_BYTES)
        incoming.move(now.files / incoming.name)
        return [incoming.name]


def add_files(draft: Draft, files: Iterable[Incoming | InputError], unpack: bool) -> list[InputError]:
    """Add the files of a form, each by itself; return what is wrong with those that are not added."""
    faults = []
    for file in files:
        try:
            if isinstance(file, InputError):
                raise file
            add_file(draft, file, unpack)
        except InputError as error:
            faults.append(error)
    return faults


def _add_archive(draft: Draft, incoming: Incoming) -> list[str]:
    content = incoming.path.with_suffix(".unpacked")
    try:
        with full_disk_told(incoming.name):
            left_out = unpack_archive(incoming.path, content)
        unpacked = {path.relative_to(content).as_posix(): path for path in content.rglob("*") if path.is_file()}
        sizes = {name: path.stat().st_size for name, path in unpacked.items()}
        _check_new(draft, sizes, MAX_UNPACKED_BYTES)
        for name, path in unpacked.items():
            move_private(path, draft.files / name)
        note_left_out(draft.folder, left_out)
    finally:
        shutil.rmtree(content, ignore_errors=True)
    return sorted(sizes)


def _check_new(draft: Draft, size_by_path: dict[str, int], limit: int) -> None:
    """Refuse files whose names are not allowed beside those there are, or for which there is no room."""
    there = {file.path: file.size_bytes for file in list_files(draft)}
    beside = {place for path in size_by_path for place in _neighbours(draft, path)} - set(size_by_path)
    problems = check_paths([*sorted(beside), *size_by_path])
    after = there | size_by_path
    if len(after) > MAX_FILES:
        told = say("there would be %(files)s; a draft holds at most %(most)s", files=len(after), most=MAX_FILES)
        problems.append(Problem("U061", "files", told))
    if problems:
        raise InputError(problems)
    if sum(after.values()) > limit:
        raise TooLargeError("files", say("the draft would hold %(size)s bytes", size=sum(after.values())))


def _neighbours(draft: Draft, path: str) -> Iterator[str]:
    """Yield what lies in the folders on the way to a path; folders with ``/`` at their end."""
    names = path.split("/")
    for level in range(len(names)):
        way = "/".join(names[:level])
        # a name that is not allowed may be none for the file system either
        with suppress(OSError, ValueError):
            for entry in os.scandir(draft.files / way):
                yield f"{way}/{entry.name}".lstrip("/") + ("/" if entry.is_dir(follow_symlinks=False) else "")


def remove_file(draft: Draft, path: str) -> None:
    """Take a file out of the draft.

    Raises
    ------
    NotFoundError
        When there is none of that name.
    """
    with locked(draft) as now, manifest_watched(now, path):
        require_open(now)
        if path not in {file.path for file in list_files(now)}:
            raise NotFoundError(f"the draft has no file {path!r}")
        place = now.files / path
        place.unlink()
        for folder in place.relative_to(now.files).parents:
            with suppress(OSError):  # a folder that still holds something stays
                (now.files / folder).rmdir() if folder.name else None
