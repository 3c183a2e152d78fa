"""Backups: a region in a folder of its own while people go on working, and a region from it again, every byte checked.

A backup is a folder: ``region/`` as it was, ``about.json``, and ``manifest-sha256.txt`` with the digest of every file,
which ``sha256sum -c`` reads. Everything that was acknowledged before it began is in it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from cosmolocal.database.copying import copy_database, count_plans, find_damage, forget_secrets, holding_writers
from cosmolocal.designs import ocfl
from cosmolocal.designs.disk import walk
from cosmolocal.designs.recovery import locked_design, recover_root
from cosmolocal.designs.verify import verify_root
from cosmolocal.errors import InputError, NotFoundError, Problem
from cosmolocal.workflows import drafts
from cosmolocal.workflows.inputs import REGION
from cosmolocal.workflows.passwords import NOBODY
from cosmolocal.workflows.staged_folders import PRIVATE, staged_folder
from cosmolocal.workflows.workspace import DATABASE

CODES = {
    "P180": "a backup or a restored region would lie over what is there already",
    "P181": "a backup is damaged: files are missing, too many, or other than its manifest says",
    "P182": "a folder is no backup, or one that this version does not know",
    "P183": "a folder cannot be backed up: it is no region, or a file's name cannot stand in a manifest",
}
FORMAT = "cosmolocal backup 1"
ABOUT, MANIFEST = "about.json", "manifest-sha256.txt"
#: where the files of the region lie in a backup
WITHIN = "region"
DESIGNS = "designs"
#: what can be made again, or is a key
BUILD = "build"
KEY = Path("build/secret.key")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    #: RFC 3339, UTC: all that was acknowledged until then is in it
    made_at: str
    #: do passwords, sessions, tokens and the key of the cookies lie in it?
    secrets: bool
    files: int
    #: [bytes] of all files
    size: int
    designs: int
    books: int
    #: stored in the database
    plans: int

    @property
    def counts(self) -> dict[str, int]:
        """Return how much of everything it holds."""
        return {
            "files": self.files,
            "bytes": self.size,
            "designs": self.designs,
            "order_books": self.books,
            "plans": self.plans,
        }


def back_up(folder: Path, target: Path, secrets: bool = False) -> Backup:
    """Write a region to a new folder, whole or not at all, while others go on using the region.

    Raises
    ------
    InputError
        P180 where the target is there already, P183 where the folder is no region.
    OSError
        When the disk is full, say; then nothing is left of it.
    """
    if not (folder / REGION).is_file():
        raise InputError([Problem("P183", str(folder), f"holds no {REGION}, so it is no region")])
    _require_free(target)
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    with staged_folder(target, PRIVATE) as place:
        inside = place / WITHIN
        inside.mkdir()
        _copy_database_and_files(folder, inside, target.absolute(), secrets)
        _copy_drafts(folder, inside)
        _copy_designs(folder / DESIGNS, inside / DESIGNS)
        if secrets and (folder / KEY).exists():
            _copy(folder / KEY, inside / KEY)
        found = _count(inside, made_at, secrets)
        (place / ABOUT).write_text(json.dumps({"format": FORMAT, **asdict(found)}, indent=2) + "\n")
        _write_manifest(place)
    return found


def restore(backup: Path, folder: Path) -> Backup:
    """Make a region in a new or empty folder from a backup, whole or not at all, every byte of it checked.

    Raises
    ------
    NotFoundError
        When there is no backup.
    InputError
        P180 where something lies in the folder, P181 with everything that is wrong with the backup.
    """
    _require_free(folder)
    about = _read_about(backup)
    digests = _read_manifest(backup)
    with staged_folder(folder) as place:
        problems = [*_find_surplus(backup, digests), *_copy_checked(backup, digests, place)]
        if not problems:
            problems = _check_region(place)
        if problems:
            raise InputError(problems)
    return about


def _require_free(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        rule = "is there already, and is not written over; name a folder that is new or empty"
        raise InputError([Problem("P180", str(folder), rule)])


def _copy_database_and_files(folder: Path, inside: Path, target: Path, secrets: bool) -> None:
    """Copy the database and the files that change with it as they are at one moment."""
    copy = inside / DATABASE
    copy.parent.mkdir(mode=PRIVATE)
    if not (folder / DATABASE).exists():
        _copy_files(folder, inside, target)
        return
    with holding_writers(folder / DATABASE):
        copy_database(folder / DATABASE, copy)
        _copy_files(folder, inside, target)
    if not secrets:
        forget_secrets(copy, NOBODY)


def _copy_files(folder: Path, inside: Path, target: Path) -> None:
    """Copy what lies in a region's folder; not what is hidden, can be made again, or is copied in its own way."""
    for path in sorted(folder.iterdir()):
        if path.name in (BUILD, DESIGNS) or _is_passed_over(path) or path.absolute() == target:
            continue
        if path.is_dir():
            _copy_folder(path, inside / path.name, lambda below: not _is_passed_over(below) and below != target)
        elif path.is_file():
            _copy(path, inside / path.name)


def _is_passed_over(path: Path) -> bool:
    return path.name.startswith(".") or path.name == "__pycache__"


def _copy_drafts(folder: Path, inside: Path) -> None:
    """Copy what makers have begun; what they end or throw away meanwhile is passed over."""
    for draft in sorted((folder / drafts.FOLDER).glob("[0-9a-f]*")):
        _copy_folder(draft, inside / drafts.FOLDER / draft.name, lambda path: path.name not in ("incoming", "lock"))


def _copy_designs(root: Path, target: Path) -> None:
    """Copy the store, each design at rest and while nobody changes it."""
    if not root.exists():
        return
    recover_root(root)
    target.mkdir()
    for path in sorted(root.iterdir()):
        if path.is_file():
            _copy(path, target / path.name)
        elif not (path / ocfl.INVENTORY).exists():
            _copy_folder(path, target / path.name)
    for design in sorted(path.name for path in ocfl.iterate_objects(root)):
        with locked_design(root, design) as object_folder:
            _copy_folder(object_folder, target / design)


def _copy_folder(folder: Path, target: Path, takes: Callable[[Path], bool] = lambda _: True) -> None:
    """Copy a folder with all that is taken of it; links to files are copied as files."""
    target.mkdir(parents=True, exist_ok=True)
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    for path in entries:
        if not takes(path.absolute()):
            continue
        if path.is_dir():
            if not path.is_symlink():  # it may lead back up
                _copy_folder(path, target / path.name, takes)
        elif path.is_file():
            _copy(path, target / path.name)


def _copy(path: Path, target: Path) -> str:
    """Copy a file with its mode, and return its sha256; one that has gone is passed over."""
    digest = hashlib.sha256()
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return ""
    with source, target.open("xb") as copy:
        os.fchmod(copy.fileno(), os.fstat(source.fileno()).st_mode & 0o777)
        while block := source.read(_BLOCK):
            digest.update(block)
            copy.write(block)
    return digest.hexdigest()


def _count(inside: Path, made_at: str, secrets: bool) -> Backup:
    sizes = [path.stat().st_size for path in _files(inside)]
    database, root, books = inside / DATABASE, inside / DESIGNS, inside / "orders"
    designs = len(list(ocfl.iterate_objects(root))) if root.exists() else 0
    plans = count_plans(database) if database.exists() else 0
    return Backup(made_at, secrets, len(sizes), sum(sizes), designs, len(list(books.glob("*.csv"))), plans)


def _files(folder: Path) -> Iterator[Path]:
    for above, names in walk(folder):
        yield from (Path(above, name) for name in names)


def _write_manifest(place: Path) -> None:
    digests = {path.relative_to(place).as_posix(): path for path in _files(place)}
    wrong = [name for name in digests if not name.isprintable() or "\\" in name]
    if wrong:
        rule = "a name with a backslash or unprintable signs cannot stand in a manifest; rename the file"
        raise InputError([Problem("P183", ascii(name), rule) for name in sorted(wrong)])
    lines = (f"{_digest(path)}  {name}\n" for name, path in sorted(digests.items()))
    (place / MANIFEST).write_text("".join(lines), "utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_about(backup: Path) -> Backup:
    if not backup.exists():
        raise NotFoundError(f"there is no backup {str(backup)!r}")
    try:
        about: Mapping[str, Any] = json.loads((backup / ABOUT).read_text("utf-8"))
        found = about.get("format")
        plain = {name: about[name] for name in Backup.__slots__} if found == FORMAT else None
    except (OSError, ValueError, KeyError, AttributeError):
        raise InputError([Problem("P182", f"{backup}: {ABOUT}", "is missing, or cannot be read")]) from None
    if plain is None:
        told = f"found format {found!r}; known is {FORMAT!r}"
        raise InputError([Problem("P182", f"{backup}: {ABOUT}", told)])
    return Backup(**plain)


def _read_manifest(backup: Path) -> dict[str, str]:
    """Return sha256 by path; a path that leads out of the backup is refused."""
    try:
        lines = (backup / MANIFEST).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        raise InputError([Problem("P182", f"{backup}: {MANIFEST}", "is missing, or cannot be read")]) from None
    digests, problems = {}, []
    for number, line in enumerate(lines, 1):
        digest, between, name = line[:64], line[64:66], line[66:]
        path = PurePosixPath(name)
        astray = path.is_absolute() or ".." in path.parts or (name != ABOUT and path.parts[:1] != (WITHIN,))
        if between != "  " or astray or name in digests or str(path) != name:
            told = "is no line with a digest and a path of this backup"
            problems.append(Problem("P181", f"{MANIFEST}: line {number}", told))
        digests[name] = digest
    if problems:
        raise InputError(problems)
    return digests


def _find_surplus(backup: Path, digests: Mapping[str, str]) -> list[Problem]:
    there = {path.relative_to(backup).as_posix() for path in _files(backup)} - {MANIFEST}
    return [Problem("P181", name, "does not stand in the manifest") for name in sorted(there - digests.keys())]


def _copy_checked(backup: Path, digests: Mapping[str, str], place: Path) -> Iterator[Problem]:
    """Copy each file of the region and yield what differs from the manifest."""
    for name, digest in digests.items():
        path = backup / name
        if path.is_symlink() or not path.is_file():
            yield Problem("P181", name, "is missing")
            continue
        if name == ABOUT:
            found = _digest(path)
        else:
            target = place / PurePosixPath(name).relative_to(WITHIN)
            target.parent.mkdir(parents=True, exist_ok=True)
            found = _copy(path, target)
        if found != digest:
            told = f"found sha256 {found[:12]}…; the manifest says {digest[:12]}…"
            yield Problem("P181", name, told)


def _check_region(place: Path) -> list[Problem]:
    """Return what is wrong with a region whose every file is as the manifest says."""
    problems: list[Problem] = []
    if (place / DATABASE).exists():
        (place / DATABASE.parent).chmod(PRIVATE)
        problems += [Problem("P181", str(DATABASE), told) for told in find_damage(place / DATABASE)]
    if (place / DESIGNS).exists():
        recover_root(place / DESIGNS)
        shutil.rmtree(place / f".staging-{DESIGNS}", ignore_errors=True)
        problems += verify_root(place / DESIGNS).errors
    return problems
