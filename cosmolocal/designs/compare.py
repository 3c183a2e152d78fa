"""What two versions of a design, or a design and its fork, differ in: files, fields, bill of materials, operations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from cosmolocal.records import BomLine, BundleFile, Design, Operation, to_plain

T = TypeVar("T")

#: fields of a design that are not told as fields: what is compared apart, and what no manifest holds
_APART = ("parts", "bom", "files", "digest", "yanked")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a manifest, or of a line or operation in it, with its old and its new value as JSON holds them."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class FileChange:
    """Another content under the same path."""

    old: BundleFile
    new: BundleFile


@dataclass(frozen=True, slots=True)
class FileChanges:
    """What is done to one list of files to get another."""

    added: tuple[BundleFile, ...]
    removed: tuple[BundleFile, ...]
    changed: tuple[FileChange, ...]
    #: the same bytes under another path
    renamed: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True)
class LineChange:
    """The same part, module or bought piece in both bills, but with other figures."""

    old: BomLine
    new: BomLine
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class BomChanges:
    """What is done to one bill of materials to get another."""

    added: tuple[BomLine, ...]
    removed: tuple[BomLine, ...]
    changed: tuple[LineChange, ...]


@dataclass(frozen=True, slots=True)
class OperationChange:
    """An operation of a part that is asked for otherwise."""

    old: Operation
    new: Operation
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class PartChanges:
    """How a part, made in both versions or in one of them, is made otherwise."""

    #: "": the design put together
    part: str
    #: False: the part is new
    was: bool
    #: False: the part is gone
    is_now: bool
    #: [g per unit] before and after; None: sum of what goes into it
    mass_g: tuple[int | None, int | None]
    added: tuple[Operation, ...]
    removed: tuple[Operation, ...]
    changed: tuple[OperationChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs; empty where nothing does."""

    old: str
    new: str
    files: FileChanges
    fields: tuple[FieldChange, ...]
    bom: BomChanges
    operations: tuple[PartChanges, ...]


def compare_designs(old: Design, new: Design) -> Comparison:
    """Return what changes from one design record to the other."""
    return Comparison(
        old=old.key,
        new=new.key,
        files=compare_files(old.files, new.files),
        fields=tuple(change for change in _fields(old, new) if change.name not in _APART),
        bom=_compare_boms(old.bom, new.bom),
        operations=_compare_parts(old, new),
    )


def compare_files(old: Iterable[BundleFile], new: Iterable[BundleFile]) -> FileChanges:
    """Return what is done to ``old`` to get ``new``; a file that only moved counts as renamed."""
    before, after = {file.path: file for file in old}, {file.path: file for file in new}
    gone = [file for path, file in sorted(before.items()) if path not in after]
    fresh = [file for path, file in sorted(after.items()) if path not in before]
    renamed = []
    for file in list(gone):
        moved = next((one for one in fresh if (one.sha256, one.size_bytes) == (file.sha256, file.size_bytes)), None)
        if moved is not None:
            renamed.append(FileChange(file, moved))
            gone.remove(file)
            fresh.remove(moved)
    changed = [FileChange(file, after[path]) for path, file in sorted(before.items()) if path in after]
    return FileChanges(
        added=tuple(fresh),
        removed=tuple(gone),
        changed=tuple(change for change in changed if change.old != change.new),
        renamed=tuple(renamed),
    )


def apply_files(old: Iterable[BundleFile], changes: FileChanges) -> tuple[BundleFile, ...]:
    """Return the files, by path, that changes make of ``old``."""
    files = {file.path: file for file in old}
    for file in (*changes.removed, *(change.old for change in changes.renamed)):
        del files[file.path]
    for file in (*changes.added, *(change.new for change in (*changes.renamed, *changes.changed))):
        files[file.path] = file
    return tuple(file for _, file in sorted(files.items()))


def _fields(old: Any, new: Any) -> tuple[FieldChange, ...]:
    """Return the fields of two records of one kind that differ."""
    pairs = ((field.name, getattr(old, field.name), getattr(new, field.name)) for field in fields(old))
    return tuple(FieldChange(name, to_plain(was), to_plain(now)) for name, was, now in pairs if was != now)


def _compare_boms(old: Sequence[BomLine], new: Sequence[BomLine]) -> BomChanges:
    pairs = _paired([(_line_key(line), line) for line in old], [(_line_key(line), line) for line in new])
    return BomChanges(
        added=tuple(now for was, now in pairs if was is None and now is not None),
        removed=tuple(was for was, now in pairs if now is None and was is not None),
        changed=tuple(
            LineChange(was, now, _fields(was, now))
            for was, now in pairs
            if was is not None and now is not None and was != now
        ),
    )


def _line_key(line: BomLine) -> tuple[object, ...]:
    return line.into, line.part, line.design, line.bought


def _compare_parts(old: Design, new: Design) -> tuple[PartChanges, ...]:
    before, after = {part.name: part for part in old.parts}, {part.name: part for part in new.parts}
    found = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            masses = (was.mass_g if was else None, now.mass_g if now else None)
            operations = _compare_operations(was.operations if was else (), now.operations if now else ())
            found.append(PartChanges(name, was is not None, now is not None, masses, *operations))
    return tuple(found)


def _compare_operations(
    old: Sequence[Operation], new: Sequence[Operation]
) -> tuple[tuple[Operation, ...], tuple[Operation, ...], tuple[OperationChange, ...]]:
    """Return the operations added, removed and changed; those of one process belong together, in their order."""
    pairs = _paired([(step.process, step) for step in old], [(step.process, step) for step in new])
    added = tuple(now for was, now in pairs if was is None and now is not None)
    removed = tuple(was for was, now in pairs if now is None and was is not None)
    changed = tuple(
        OperationChange(was, now, _fields(was, now))
        for was, now in pairs
        if was is not None and now is not None and was != now
    )
    return added, removed, changed


def _paired(
    old: Iterable[tuple[object, T]], new: Iterable[tuple[object, T]]
) -> list[tuple[T, T] | tuple[T, None] | tuple[None, T]]:
    """Return what has the same key on both sides together: equals first, the rest of a key in its order."""
    before, after = _by_key(old), _by_key(new)
    pairs: list[tuple[T, T] | tuple[T, None] | tuple[None, T]] = []
    for key in dict.fromkeys((*before, *after)):
        left, right = before.get(key, []), after.get(key, [])
        for item in list(left):
            if item in right:
                left.remove(item)
                right.remove(item)
        both = min(len(left), len(right))
        pairs += zip(left[:both], right[:both], strict=True)
        pairs += [(item, None) for item in left[both:]]
        pairs += [(None, item) for item in right[both:]]
    return pairs


def _by_key(items: Iterable[tuple[object, T]]) -> dict[object, list[T]]:
    found: dict[object, list[T]] = {}
    for key, item in items:
        found.setdefault(key, []).append(item)
    return found
