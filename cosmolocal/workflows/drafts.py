"""Drafts: bundles in the making, kept on the server for the person who makes them, until they are published."""

import fcntl
import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import open_file, read_bundle
from cosmolocal.designs.editing import Typed
from cosmolocal.designs.notices import find_owners
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.records import Person
from cosmolocal.workflows.incoming import (
    full_disk_told,
    make_folder,
    open_private,
    write_text,
)
from cosmolocal.workflows.rights import Action, authorize, may

FOLDER = Path("build/drafts")
#: [seconds] after its last change a draft is thrown away
KEPT_SECONDS = 14 * 24 * 60 * 60
#: [seconds] after which a file that never came in whole is thrown away
KEPT_INCOMING_SECONDS = 24 * 60 * 60
#: files on their way in that belong to no draft yet
INCOMING = FOLDER / "incoming"
_ID = re.compile("[0-9a-f]{32}")


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
        save_draft(draft)
        for file in read_bundle(region_folder / "designs", design_id, version) if version else ():
            target = draft.files / file.path
            make_folder(target.parent)
            shutil.copyfile(open_file(region_folder / "designs", design_id, version, file.path), target)
            target.chmod(0o600)
    return draft


def open_draft(region_folder: Path, draft_id: str, person: Person) -> Draft:
    """Return a draft of a person; those of others do not exist, except for administrators."""
    missing = NotFoundError(
        say("there is no draft %(name)s; drafts are kept for 14 days after their last change", name=repr(draft_id[:40]))
    )
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


def require_open(draft: Draft) -> None:
    """Refuse to change a draft that is published."""
    if draft.published:
        told = say("was published as %(published)s; start a new version to change something", published=draft.published)
        raise InputError([Problem("U065", "draft", told)])


def finish_draft(draft: Draft, publish: Callable[[Draft], dict[str, Any]]) -> dict[str, Any]:
    """Publish a draft once; whoever comes later is told what was published."""
    with locked(draft) as now:
        if now.published:
            design_id, _, version = now.published.partition("@")
            return {"id": design_id, "version": version, "is_new": False}
        result = publish(now)
        save_draft(replace(now, published=f"{result['id']}@{result['version']}"))
        shutil.rmtree(now.files, ignore_errors=True)
        return result


def save_draft(draft: Draft) -> None:
    """Keep a draft's record; the caller holds its lock."""
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
