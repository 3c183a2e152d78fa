"""Drafts: bundles in the making, kept on the server for the person who makes them, until they are published."""

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import open_file, read_bundle
from cosmolocal.designs.editing import Typed
from cosmolocal.designs.left_out import find_rule, warn_rules
from cosmolocal.designs.names import check_paths
from cosmolocal.designs.notices import find_owners
from cosmolocal.designs.uploads import unpack_archive
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.records import Person
from cosmolocal.workflows.draft_left_out import note_left_out
from cosmolocal.workflows.draft_manifest import ManifestState, is_manifest, read_state, tidy_license, write_typed
from cosmolocal.workflows.incoming import (
    MAX_BYTES,
    Incoming,
    TooLargeError,
    full_disk_told,
    make_folder,
    move_private,
    open_private,
    write_text,
)
from cosmolocal.workflows.rights import Action, authorize, may

FOLDER = Path("build/drafts")
MAX_FILES = 10_000
#: [bytes] of all files of a draft, unpacked
MAX_UNPACKED_BYTES = 2 << 30
#: [seconds] after its last change a draft is thrown away
KEPT_SECONDS = 14 * 24 * 60 * 60
#: [seconds] after which a file that never came in whole is thrown away
KEPT_INCOMING_SECONDS = 24 * 60 * 60
#: files on their way in that belong to no draft yet
INCOMING = FOLDER / "incoming"
_ID = re.compile("[0-9a-f]{32}")
#: how many earlier states of its manifest a draft knows
_REMEMBERED = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle in the making."""

    #: 32 hexadecimal digits, not to be guessed
    id: str
    folder: Path
    #: name of the person whose it is
    owner: str
    #: RFC 3339, UTC
    created: str
    #: id it is to be published under; "": the one its manifest suggests
    design_id: str = ""
    #: version whose files it began with; "": none
    after: str = ""
    #: ``id@version`` as which it was published; "": not yet
    published: str = ""
    #: what was typed while the manifest could not be read
    typed: Typed = field(default_factory=Typed)
    #: earlier states of the manifest, newest last, and what its fields showed, for forms that are still open
    before: tuple[tuple[str, Typed], ...] = ()

    @property
    def files(self) -> Path:
        """Return the folder of its files."""
        return self.folder / "files"

    @property
    def incoming(self) -> Path:
        """Return the folder of files on their way in, on the same file system."""
        return self.folder / "incoming"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a draft."""

    path: str
    size_bytes: int


def create_draft(region_folder: Path, person: Person, after: str = "") -> Draft:
    """Return a new draft, empty, or with the files of ``after``, a published ``id@version``."""
    design_id, _, version = after.partition("@")
    if after:
        authorize(person, Action.RELEASE, find_owners(region_folder / "designs", design_id))
    else:
        authorize(person, Action.PUBLISH_NEW)
    sweep_drafts(region_folder)
    draft_id = secrets.token_hex(16)
    folder = region_folder / FOLDER / draft_id
    draft = Draft(draft_id, folder, person.name, datetime.now(UTC).isoformat(timespec="seconds"), design_id, version)
    with full_disk_told("draft"):
        make_folder(draft.files)
        _save(draft)
        for file in read_bundle(region_folder / "designs", design_id, version) if version else ():
            target = draft.files / file.path
            make_folder(target.parent)
            shutil.copyfile(open_file(region_folder / "designs", design_id, version, file.path), target)
            target.chmod(0o600)
    return draft


def open_draft(region_folder: Path, draft_id: str, person: Person) -> Draft:
    """Return a draft of a person; those of others do not exist, except for administrators."""
    missing = NotFoundError(f"there is no draft {draft_id[:40]!r}; drafts are kept for 14 days after their last change")
    if not _ID.fullmatch(draft_id):
        raise missing
    try:
        draft = _load(region_folder / FOLDER / draft_id)
    except (OSError, ValueError, KeyError):
        raise missing from None
    if not may(person, Action.EDIT_DRAFT, (draft.owner,)):
        raise missing
    return draft


def list_drafts(region_folder: Path, person: Person) -> list[Draft]:
    """Return the drafts that a person may go on with, newest first."""
    drafts = []
    for folder in (region_folder / FOLDER).glob("*"):
        with suppress(NotFoundError):
            drafts.append(open_draft(region_folder, folder.name, person))
    return sorted((draft for draft in drafts if not draft.published), key=lambda draft: draft.created, reverse=True)


def sweep_drafts(region_folder: Path, now: float | None = None) -> None:
    """Throw away the drafts that nobody has changed for 14 days, and what a crash left of uploads."""
    now = now or time.time()
    for folder in (region_folder / FOLDER).glob("*"):
        with suppress(OSError, NotFoundError):
            if now - (folder / "draft.json").stat().st_mtime > KEPT_SECONDS:
                discard_draft(_load(folder))
    for path in (region_folder / INCOMING).glob("*"):
        with suppress(OSError):
            if now - path.stat().st_mtime > KEPT_INCOMING_SECONDS:
                path.unlink()


def discard_draft(draft: Draft) -> None:
    """Throw a draft away with all its files."""
    gone = draft.folder.with_name(f"gone-{draft.id}")
    with locked(draft):
        draft.folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def locked(draft: Draft) -> Iterator[Draft]:
    """Give the draft as it is now, and keep all other requests off it meanwhile."""
    try:
        handle = open_private(draft.folder / "lock", "ab")
    except OSError:
        raise _gone(draft) from None
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            now = _load(draft.folder)
        except OSError:
            raise _gone(draft) from None
        yield now


def _gone(draft: Draft) -> NotFoundError:
    return NotFoundError(f"the draft {draft.id!r} was thrown away in the meantime")


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
    with locked(draft) as now, _manifest_watched(now, incoming.name):
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
    with locked(draft) as now, _manifest_watched(now, path):
        require_open(now)
        if path not in {file.path for file in list_files(now)}:
            raise NotFoundError(f"the draft has no file {path!r}")
        place = now.files / path
        place.unlink()
        for folder in place.relative_to(now.files).parents:
            with suppress(OSError):  # a folder that still holds something stays
                (now.files / folder).rmdir() if folder.name else None


def require_open(draft: Draft) -> None:
    """Refuse to change a draft that is published."""
    if draft.published:
        told = say("was published as %(published)s; start a new version to change something", published=draft.published)
        raise InputError([Problem("U065", "draft", told)])


def show_form(draft: Draft) -> tuple[str, Typed]:
    """Return the state of the manifest and what its fields show; what was typed where there is none."""
    state = read_state(draft.files)
    return (state.digest, state.typed) if state.digest else ("", draft.typed.clean())


def save_form(draft: Draft, base: str, typed: Typed, design_id: str | None = None) -> None:
    """Keep what was typed: in the manifest, unless nothing differs; ``base`` is the state the fields were shown from.

    A manifest that cannot be read stays as it is, and what was typed is kept beside it.
    """
    with locked(draft) as found:
        require_open(found)
        typed = typed.clean()
        state = read_state(found.files)
        now = replace(found, design_id=found.design_id if design_id is None else design_id)
        if state.problems:
            _save(replace(now, typed=typed))
            return
        shown = _shown(now, state, base)
        if typed != shown:
            write_typed(now.files, state, shown, tidy_license(now.folder, shown, typed))
        _save(replace(_remember(now, state, read_state(now.files)), typed=Typed()))


def _shown(draft: Draft, state: ManifestState, base: str) -> Typed:
    """Return what the fields showed when the person began to type."""
    if base and base == state.digest:
        return state.typed
    return dict(draft.before).get(base, Typed()).clean() if base else Typed().clean()


def _remember(draft: Draft, was: ManifestState, now: ManifestState) -> Draft:
    """Return the draft with what the fields showed before the manifest changed."""
    if was.digest in ("", now.digest):
        return draft
    return replace(draft, before=(*draft.before, (was.digest, was.typed))[-_REMEMBERED:])


@contextmanager
def _manifest_watched(draft: Draft, path: str) -> Iterator[None]:
    """Remember what the fields showed when a file changes the manifest, for forms that are still open."""
    if not is_manifest(path) and not path.lower().endswith(".zip"):
        yield
        os.utime(draft.folder / "draft.json")
        return
    was = read_state(draft.files)
    yield
    state, kept = read_state(draft.files), draft.typed.clean()
    draft = _remember(draft, was, state)
    if kept != Typed().clean() and not state.problems:
        # the manifest that could not be read is gone: what was typed beside it goes into the one there is now
        write_typed(draft.files, state, Typed().clean(), kept)
        draft = replace(draft, typed=Typed())
    _save(draft)


def finish_draft(draft: Draft, publish: Callable[[Draft], dict[str, Any]]) -> dict[str, Any]:
    """Publish a draft once; whoever comes later is told what was published."""
    with locked(draft) as now:
        if now.published:
            design_id, _, version = now.published.partition("@")
            return {"id": design_id, "version": version, "is_new": False}
        result = publish(now)
        _save(replace(now, published=f"{result['id']}@{result['version']}"))
        shutil.rmtree(now.files, ignore_errors=True)
        return result


def _save(draft: Draft) -> None:
    kept = {
        "owner": draft.owner,
        "created": draft.created,
        "design_id": draft.design_id,
        "after": draft.after,
        "published": draft.published,
        "typed": _plain(draft.typed),
        "before": [[digest, _plain(typed)] for digest, typed in draft.before],
    }
    write_text(draft.folder / "draft.json", json.dumps(kept))


def _plain(typed: Typed) -> dict[str, Any]:
    return {
        "fields": dict(typed.fields),
        "lines": [dict(row) for row in typed.lines],
        "operations": [dict(row) for row in typed.operations],
    }


def _typed(kept: Mapping[str, Any]) -> Typed:
    return Typed(kept["fields"], tuple(kept["lines"]), tuple(kept["operations"]))


def _load(folder: Path) -> Draft:
    kept = json.loads((folder / "draft.json").read_text("utf-8"))
    texts = {name: kept[name] for name in ("owner", "created", "design_id", "after", "published")}
    before = tuple((digest, _typed(typed)) for digest, typed in kept["before"])
    return Draft(id=folder.name, folder=folder, typed=_typed(kept["typed"]), before=before, **texts)
