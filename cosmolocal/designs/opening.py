"""What a person hands in, as a folder that holds the design alone: from a folder, a bag's folder or an archive."""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from cosmolocal.designs.bag_check import ALGORITHMS, DECLARATION, check_bag
from cosmolocal.designs.left_out import find_rule, scan_left_out, warn_left_out
from cosmolocal.designs.uploads import MAX_TAG_BYTES, unpack_archive
from cosmolocal.errors import InputError, NotFoundError, Problem

_PAYLOAD = "data"
_TEXTS = (".toml", ".yml", ".yaml", ".json", ".md")


def open_submission(path: Path, target: Path) -> tuple[Path, tuple[Problem, ...]]:
    """Return a folder with the design alone, and a warning for each kind of file that was left out.

    It is the new folder ``target``, or the one that was handed in where that holds nothing else.

    Raises
    ------
    NotFoundError
        When nothing is there.
    InputError
        When an archive, or an unpacked BagIt bag, is damaged.
    """
    if path.is_dir():
        folder = _payload_of(path)
        left_out = scan_left_out(folder)
        return copy_design(folder, target, left_out) if left_out else folder, warn_left_out(left_out)
    if not path.exists():
        raise NotFoundError(f"there is no folder or archive {path}")
    if path.suffix.lower() in _TEXTS:
        folder_name = path.resolve().parent.name
        rule = f"is one file of a design; give the folder it lies in ({folder_name}), or a zip of that"
        raise InputError([Problem("U010", path.name, rule)])
    return target, unpack_archive(path, target)


def copy_design(folder: Path, target: Path, left_out: Collection[str] = ()) -> Path:
    """Copy a folder without what is left out; files are linked, as they are only read."""
    places = {folder / path for path in left_out}

    def ignored(above: str, names: list[str]) -> list[str]:
        return [name for name in names if Path(above, name) in places]

    shutil.copytree(folder, target, symlinks=True, ignore=ignored, copy_function=_link_or_copy)
    return target


def _link_or_copy(source: str, target: str) -> None:
    """Link a file that is only read, and copy it where the copy lies on another disk."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target, follow_symlinks=False)


def _payload_of(folder: Path) -> Path:
    """Return where the design lies: of an unpacked BagIt bag, once it is found whole, its payload."""
    payload = folder / _PAYLOAD
    if not (folder / DECLARATION).is_file() or not payload.is_dir() or payload.is_symlink():
        return folder
    about = dict(_files(folder, {_PAYLOAD}))
    size = sum(place.stat().st_size for place in about.values())
    if size > MAX_TAG_BYTES:
        found = f"has {size} bytes outside {_PAYLOAD}/; at most {MAX_TAG_BYTES} are taken"
        raise InputError([Problem("U021", folder.name, found)])
    tags = {path: place.read_bytes() for path, place in about.items()}
    digests = {f"{_PAYLOAD}/{path}": _digests(place) for path, place in _files(payload, ())}
    if problems := check_bag(tags, digests):
        raise InputError(problems)
    return payload


def _files(folder: Path, passed_over: Collection[str]) -> Iterator[tuple[str, Path]]:
    """Yield path and place of each file of a folder but links; some folders at its top can be passed over."""
    for above, folders, files in os.walk(folder):
        if Path(above) == folder and passed_over:
            folders[:] = [name for name in folders if name not in passed_over and find_rule(f"{name}/") is None]
        for place in (Path(above, name) for name in files):
            if place.is_file() and not place.is_symlink():
                yield place.relative_to(folder).as_posix(), place


def _digests(place: Path) -> dict[str, str]:
    found = {}
    for name in ALGORITHMS:
        with place.open("rb") as file:
            found[name] = hashlib.file_digest(file, name).hexdigest()
    return found
