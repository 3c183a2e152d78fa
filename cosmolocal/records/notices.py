"""What happened to a design besides its releases: who owns it, what was withdrawn, what was confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class NoticeKind(StrEnum):
    """What a notice says."""

    OWNERS = "owners"
    YANK = "yank"
    UNYANK = "unyank"
    TAKE_DOWN = "take-down"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Notice:
    """One entry of a design's log; later ones outweigh earlier ones."""

    #: 1, 2, 3 ... within the design
    number: int
    kind: NoticeKind
    #: RFC 3339, UTC
    at: str
    #: name of the person
    by: str
    #: the version spoken of; "" where the notice is about the whole design
    version: str = ""
    reason: str = ""
    #: OWNERS: ``owners``, a list of names. CONFIRM: ``part`` (name, "" for the design itself) and ``operations``,
    #: tables in the form of the manifest's ``[[x-cosmolocal.operation]]`` without ``part``.
    #: TAKE_DOWN: ``digest``, the tree digest the version had
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Release:
    """A published version as the store's log tells it."""

    version: str
    #: RFC 3339, UTC
    created: str
    message: str
    #: name of the person
    by: str
    #: ``sha256:`` tree digest; of a version that was taken down, the one it had
    digest: str
    #: why it was withdrawn; None: it was not
    yanked: str | None = None
    #: why its files were taken down; None: they are there
    taken_down: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What became of publishing a bundle."""

    version: str
    #: ``sha256:`` tree digest
    digest: str
    #: False: the same bytes were there under this version already
    is_new: bool
