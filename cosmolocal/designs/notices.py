"""Notices: what happens to a design besides its releases, kept in the log of its object."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cosmolocal.designs import logs
from cosmolocal.designs.objects import (
    LONGEST_REASON,
    StoredDesign,
    check_person,
    check_words,
    find_design,
    time_stamp,
    tree_digest,
)
from cosmolocal.designs.recovery import locked_design
from cosmolocal.designs.staging import staging_place
from cosmolocal.designs.takedown import finish_take_downs
from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Notice, NoticeKind, to_plain


def read_notices(root: Path, design_id: str) -> tuple[Notice, ...]:
    """Return the notices of a design; every byte of them is checked.

    Raises
    ------
    InputError
        With every notice that is damaged, renamed or missing.
    """
    return logs.read_log(find_design(root, design_id).folder)


def find_owners(root: Path, design_id: str) -> tuple[str, ...]:
    """Return the names of the people who may release a design."""
    return find_design(root, design_id).owners


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What somebody says of a design; the log numbers it. The fields are those of `Notice`."""

    kind: NoticeKind
    by: str
    at: datetime
    version: str = ""
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def add_notice(root: Path, design_id: str, new: NewNotice) -> Notice:
    """Add a notice to the log of a design; whether the person may do so is asked before.

    Raises
    ------
    NotFoundError
        When there is no such version, or its files were taken down.
    InputError
        When the notice lacks what its kind needs, or says what is so already.
    """
    # what a notice of a take-down holds, the store finds out itself
    values = {} if new.kind is NoticeKind.TAKE_DOWN else to_plain(new.values)
    return _add(root, design_id, Notice(0, new.kind, time_stamp(new.at), new.by, new.version, new.reason, values))


def take_down(root: Path, design_id: str, version: str, *, by: str, reason: str, at: datetime) -> Notice:
    """Remove the files of a version for good; its name is never used again, and a tombstone tells why.

    Raises
    ------
    NotFoundError
        When there is no such version.
    InputError
        When no reason is given, or it was taken down before.
    """
    return add_notice(root, design_id, NewNotice(NoticeKind.TAKE_DOWN, by, at, version, reason))


def _add(root: Path, design_id: str, notice: Notice) -> Notice:
    find_design(root, design_id)
    with locked_design(root, design_id) as object_folder:
        design = find_design(root, design_id)
        if problems := _check(design, notice):
            raise InputError(problems)
        if notice.kind is NoticeKind.TAKE_DOWN:
            digest = tree_digest(design.files(design.number(notice.version)))
            notice = replace(notice, values={"digest": digest})
        notice = replace(notice, number=len(logs.read_log(object_folder)) + 1)
        with staging_place(root) as place:
            logs.append_notice(place, object_folder, notice)
        finish_take_downs(root, object_folder)
    return notice


def _check(design: StoredDesign, notice: Notice) -> list[Problem]:
    """Return what a notice lacks; a version that is not there raises `NotFoundError`."""
    where = f"designs/{design.folder.name} {notice.version}".rstrip()
    if notice.kind is NoticeKind.TAKE_DOWN and notice.version in design.taken_down:
        told = say("was taken down before (%(reason)s)", reason=design.taken_down[notice.version].reason)
        return [Problem("D064", where, told)]
    if notice.kind is not NoticeKind.OWNERS:
        design.number(notice.version)
    problems = check_person(notice.by, "by") + check_words(notice.reason, "reason", LONGEST_REASON)
    if notice.kind is NoticeKind.OWNERS:
        problems += _check_owners(notice)
    if notice.kind in (NoticeKind.YANK, NoticeKind.TAKE_DOWN) and not notice.reason.strip():
        problems.append(Problem("D063", "reason", say("is empty; people who rely on the version are told why it goes")))
    if notice.kind is NoticeKind.CONFIRM:
        problems += _check_confirmed(notice)
    yanked = logs.find_yanked(design.notices).get(notice.version)
    if notice.kind is NoticeKind.YANK and yanked is not None:
        problems.append(Problem("D064", where, say("was withdrawn before (%(yanked)s)", yanked=yanked)))
    if notice.kind is NoticeKind.UNYANK and yanked is None:
        problems.append(Problem("D064", where, say("is not withdrawn")))
    return problems


def _check_owners(notice: Notice) -> list[Problem]:
    problems = []
    if notice.version:
        found = say("found %(found)s; owners own a design, not one version of it", found=repr(notice.version))
        problems.append(Problem("D063", "version", found))
    owners = notice.values.get("owners")
    if not isinstance(owners, list) or not owners or not all(isinstance(name, str) for name in owners):
        told = say("found %(found)s; a design has one owner or more, given by name", found=repr(owners))
        return [
            *problems,
            Problem("D063", "owners", told),
        ]
    if len(set(owners)) < len(owners):
        problems.append(
            Problem("D063", "owners", say("found %(found)s; an owner is named once", found=", ".join(owners)))
        )
    return [*problems, *(problem for name in owners for problem in check_person(name, "owners"))]


def _check_confirmed(notice: Notice) -> list[Problem]:
    part, operations = notice.values.get("part"), notice.values.get("operations")
    problems = []
    if not isinstance(part, str):
        problems.append(
            Problem(
                "D063", "part", say('found %(part)s; must be the name of a part, "" for the whole', part=repr(part))
            )
        )
    if not isinstance(operations, list) or not operations or not all(isinstance(one, dict) for one in operations):
        told = say("found %(found)s; must be one table or more", found=repr(operations))
        problems.append(Problem("D063", "operations", told))
    return problems
