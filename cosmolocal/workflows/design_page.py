"""All that is known of one version of a design: its release, what was said of it later, where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import read_history
from cosmolocal.designs.load import load_stated
from cosmolocal.designs.notices import find_owners, read_notices
from cosmolocal.errors import NotFoundError, say
from cosmolocal.planning.bill import Catalogue
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design, Notice, NoticeKind, Operation, Release
from cosmolocal.versions import choose_version
from cosmolocal.workflows.design_export import swhid_of
from cosmolocal.workflows.lineage import find_lineage
from cosmolocal.workflows.makes import list_makes
from cosmolocal.workflows.workspace import Workspace

#: [bytes] of a larger bundle a page does not reckon the SWHID: every byte would be read
LARGEST_SWHID = 64 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """A version as the store's log tells of it; its files may be gone."""

    design_id: str
    release: Release
    #: newest first, withdrawn and taken down ones too
    releases: tuple[Release, ...]
    #: None: its files were taken down
    design: Design | None
    #: of the whole design, oldest first
    notices: tuple[Notice, ...]
    #: names of the people who release it
    owners: tuple[str, ...]
    #: what the design is called; its id where no version is there that says it
    name: str

    @property
    def key(self) -> str:
        """Return ``id@version``."""
        return f"{self.design_id}@{self.release.version}"

    def notice(self, kind: NoticeKind, version: str | None = None) -> Notice | None:
        """Return the last notice of a kind about a version, this one unless named."""
        wanted = version or self.release.version
        found = [one for one in self.notices if one.kind == kind and one.version == wanted]
        return found[-1] if found else None

    def confirmation(self, part: str) -> Notice | None:
        """Return the last notice that confirmed how a part of this version is made."""
        found = [
            one
            for one in self.notices
            if one.kind is NoticeKind.CONFIRM and one.version == self.release.version and one.values.get("part") == part
        ]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a version whose files are there."""

    #: as `cosmolocal.workflows.lineage.find_lineage` returns it
    lineage: Mapping[str, Any]
    #: as `cosmolocal.workflows.makes.list_makes` returns it
    makes: Mapping[str, Any]
    #: by name of a part that a person confirmed: its operations as the manifest says them
    stated: Mapping[str, tuple[Operation, ...]]
    #: ``swh:1:dir:…``; None: the bundle is too large to reckon it for a page
    swhid: str | None


def read_record(workspace: Workspace, design_id: str, version: str | None = None) -> Record:
    """Return a version of a design, the one that new plans take unless named.

    Raises
    ------
    NotFoundError
        When there is no such design or version.
    """
    root = workspace.folder / "designs"
    releases = read_history(root, design_id)
    wanted = version or _newest(releases)
    release = next((one for one in releases if one.version == wanted), None)
    if release is None:
        raise NotFoundError(
            say("there is no version %(version)s of the design %(name)s", version=repr(wanted), name=repr(design_id))
        )
    designs = {one.version: one for one in workspace.region().designs if one.id == design_id}
    named = designs.get(wanted) or next(
        (designs[one.version] for one in reversed(releases) if one.version in designs), None
    )
    return Record(
        design_id=design_id,
        release=release,
        releases=tuple(reversed(releases)),
        design=designs.get(wanted),
        notices=read_notices(root, design_id),
        owners=find_owners(root, design_id),
        name=named.name if named else design_id,
    )


def require_design(workspace: Workspace, design_id: str, version: str) -> tuple[Record, Design]:
    """Return a version whose files are there; raises as `read_record` does, also when they were taken down."""
    record = read_record(workspace, design_id, version)
    if record.design is None:
        raise NotFoundError(f"the files of {record.key} were taken down: {record.release.taken_down}")
    return record, record.design


def _newest(releases: tuple[Release, ...]) -> str:
    """Return the version that new plans take; where none is offered, the highest there is or was."""
    there = [one.version for one in releases if one.taken_down is None]
    yanked = [one.version for one in releases if one.yanked is not None]
    return choose_version(there, yanked, "*") or (there or [one.version for one in releases])[-1]


def read_surroundings(workspace: Workspace, record: Record, design: Design) -> Surroundings:
    """Return what stands around a version: its lineage, its makes, its figures before people confirmed others."""
    size = sum(file.size_bytes for file in design.files)
    return Surroundings(
        lineage=find_lineage(Catalogue(workspace.region().designs), design.key),
        makes=list_makes(workspace, design.id),
        stated=_stated(workspace.folder, record, design),
        swhid=_swhid(workspace.folder, design.key, design.digest) if size <= LARGEST_SWHID else None,
    )


def _stated(folder: Path, record: Record, design: Design) -> dict[str, tuple[Operation, ...]]:
    confirmed = {part.name for part in design.parts if record.confirmation(part.name)}
    if not confirmed:
        return {}
    stated = load_stated(folder / "designs", design.id, design.version, load_vocabulary())
    return {part.name: part.operations for part in stated.parts if part.name in confirmed}


@lru_cache(maxsize=256)
def _swhid(folder: Path, key: str, _digest: str) -> str:
    return swhid_of(folder, key)
