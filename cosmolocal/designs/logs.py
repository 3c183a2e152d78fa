"""The log of a design: ``logs/`` in its object, one file for each notice, never changed.

A file's name is its number and the sha256 of its bytes, so that every change, gap and repetition shows. The file
``head`` holds the name of the newest notice, so that the loss of the last ones shows too. It is written after the
notice, and brought up to it by whoever writes next where a crash came between the two.
"""

import hashlib
import json
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from cosmolocal.designs import disk
from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_json
from cosmolocal.records import MisfitError, Notice, NoticeKind, from_plain, to_plain

FOLDER = "logs"
HEAD = "head"
#: what the head holds before the first notice
_NO_NOTICE = "none"
_NAME = re.compile(r"(?P<number>\d{5,})-(?P<sha256>[0-9a-f]{64})\.json")


def read_log(object_folder: Path) -> tuple[Notice, ...]:
    """Return the notices of an object; files of others in its ``logs`` folder are passed over.

    Raises
    ------
    InputError
        With every file that is damaged or renamed, every gap, and what is missing of the newest notices.
    """
    notices: list[Notice] = []
    head, entries = _look(object_folder)
    problems = _check_head(head, entries, f"designs/{object_folder.name}/{FOLDER}")
    for number, name in enumerate(_names(entries), 1):
        where = f"designs/{object_folder.name}/{FOLDER}/{name}"
        try:
            notices.append(_read(object_folder / FOLDER / name, number, where))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(notices)


def known_log(object_folder: Path) -> tuple[Notice, ...]:
    """Return the same as `read_log`; files are read once, as their names tell their bytes."""
    return _known(object_folder, *_look(object_folder))


def append_notice(place: Path, object_folder: Path, notice: Notice) -> None:
    """Add a notice that is numbered next; ``place`` is a staging folder on the same file system."""
    content = (
        json.dumps(to_plain(notice), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()
    name = f"{notice.number:05}-{hashlib.sha256(content).hexdigest()}.json"
    disk.write_durably(place / name, content)
    _begin(place, object_folder)
    (place / name).rename(object_folder / FOLDER / name)  # the commit point
    disk.sync_folder(object_folder / FOLDER)
    settle_head(place, object_folder)


def head_is_behind(object_folder: Path) -> bool:
    """Tell whether there is a newer notice than the head names; a log that is damaged raises like `read_log`."""
    head, entries = _look(object_folder)
    if not (names := _names(entries)) or head == names[-1]:
        return False
    read_log(object_folder)
    return True


def settle_head(place: Path, object_folder: Path) -> None:
    """Let the head name the newest notice; ``place`` is a staging folder on the same file system."""
    _, entries = _look(object_folder)
    disk.write_durably(place / HEAD, f"{(_names(entries) or [_NO_NOTICE])[-1]}\n".encode())
    (place / HEAD).replace(object_folder / FOLDER / HEAD)
    disk.sync_folder(object_folder / FOLDER)


def latest_owners(notices: tuple[Notice, ...]) -> tuple[str, ...]:
    """Return the owners that the last notice of owners names; none: there is no such notice."""
    found = [notice for notice in notices if notice.kind is NoticeKind.OWNERS]
    return tuple(found[-1].values["owners"]) if found else ()


def find_yanked(notices: tuple[Notice, ...]) -> dict[str, str]:
    """Return the reason by version of what is withdrawn."""
    reason_by_version: dict[str, str] = {}
    for notice in notices:
        if notice.kind is NoticeKind.YANK:
            reason_by_version[notice.version] = notice.reason
        elif notice.kind is NoticeKind.UNYANK:
            reason_by_version.pop(notice.version, None)
    return reason_by_version


def find_taken_down(notices: tuple[Notice, ...]) -> dict[str, Notice]:
    """Return the notice by version of what was taken down."""
    return {notice.version: notice for notice in notices if notice.kind is NoticeKind.TAKE_DOWN}


def _begin(place: Path, object_folder: Path) -> None:
    """Make the log where there is none: a head is there before the first notice."""
    folder = object_folder / FOLDER
    if not folder.is_dir():
        (place / FOLDER).mkdir()
        disk.write_durably(place / FOLDER / HEAD, f"{_NO_NOTICE}\n".encode())
        disk.sync_folder(place / FOLDER)
        (place / FOLDER).rename(folder)
        disk.sync_folder(object_folder)
    elif not (folder / HEAD).exists():  # others keep their logs there
        settle_head(place, object_folder)


def _look(object_folder: Path) -> tuple[str | None, tuple[str, ...] | None]:
    """Return what the head says, and the names of all that lies in the log's folder; None: there is no such thing."""
    folder = object_folder / FOLDER
    head = _head(folder)  # before the names: a writer adds the notice first
    try:
        entries = tuple(sorted(path.name for path in folder.iterdir()))
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    if head is None and HEAD in entries:  # it came meanwhile
        head = _head(folder)
    return head, entries


def _head(folder: Path) -> str | None:
    try:
        return (folder / HEAD).read_bytes().decode("ascii", "replace").removesuffix("\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return str(error)


def _check_head(head: str | None, entries: tuple[str, ...] | None, where: str) -> list[Problem]:
    """Return what the head tells of notices that are lost."""
    names = _names(entries)
    if entries == ():
        return [Problem("D062", where, f"is empty; a log holds the file {HEAD}, so its notices are lost")]
    if head is None and names:
        return [Problem("D062", f"{where}/{HEAD}", "is missing; it names the newest notice, so some may be lost")]
    if head in (None, _NO_NOTICE, *names):
        return []
    if not _NAME.fullmatch(head or ""):
        return [Problem("D062", f"{where}/{HEAD}", f"found {head!r}; it must hold the name of the newest notice")]
    return [Problem("D062", f"{where}/{HEAD}", f"names the notice {head}, which is missing")]


def _names(entries: tuple[str, ...] | None) -> list[str]:
    """Return the names of notices in their order."""
    found = [name for name in entries or () if _NAME.fullmatch(name)]
    return sorted(found, key=lambda name: (int(name.partition("-")[0]), name))


@lru_cache(maxsize=1024)
def _known(object_folder: Path, _head: str | None, _entries: tuple[str, ...] | None) -> tuple[Notice, ...]:
    return read_log(object_folder)


def _read(path: Path, number: int, where: str) -> Notice:
    named = int(path.name.partition("-")[0])
    if named != number:
        raise InputError([Problem("D062", where, f"found number {named}; the next notice is number {number}")])
    try:
        content = path.read_bytes()
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem("D062", where, f"cannot be read: {error}")]) from None
    if hashlib.sha256(content).hexdigest() != path.stem.partition("-")[2]:
        raise InputError([Problem("D062", where, "differs from the digest in its name")])
    return _notice_from(text, number, where)


def _notice_from(text: str, number: int, where: str) -> Notice:
    document = parse_json(text, where, "D062")
    values = document.pop("values", {}) if isinstance(document, dict) else {}
    try:
        notice = from_plain(Notice, document)
    except MisfitError as error:
        raise InputError([Problem("D062", where, f"is no notice: {error}")]) from None
    if notice.number != number:
        raise InputError([Problem("D062", where, f"found number {notice.number}; its name says {number}")])
    if not isinstance(values, dict) or not _fit(notice.kind, values):
        raise InputError(
            [Problem("D062", where, f"found values {values!r}; they do not fit a notice of {notice.kind}")]
        )
    return replace(notice, values=values)


def _fit(kind: NoticeKind, values: dict[str, Any]) -> bool:
    """Tell whether the values are there that this room reads."""
    if kind is NoticeKind.OWNERS:
        owners = values.get("owners")
        return isinstance(owners, list) and bool(owners) and all(isinstance(name, str) for name in owners)
    return kind is not NoticeKind.TAKE_DOWN or isinstance(values.get("digest"), str)
