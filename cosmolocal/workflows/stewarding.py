"""What is said of a published design afterwards: withdrawn, taken down, owned by others, confirmed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cosmolocal.designs.bundles import MANIFEST, open_file
from cosmolocal.designs.load import load_versions
from cosmolocal.designs.manifest import kebab_keys
from cosmolocal.designs.notices import NewNotice, add_notice, find_owners, take_down
from cosmolocal.designs.operations import read_operations
from cosmolocal.designs.writer import operation_table
from cosmolocal.errors import InputError, NotFoundError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.files import parse_toml, read_text
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design, Notice, NoticeKind, Operation, to_plain

#: fields of an operation's table, by what a record calls them
_FIELDS = {
    "process": "process",
    "minutes": "minutes-per-unit",
    "material": "material",
    "envelope": "envelope-mm",
}


def yank_design(region_folder: Path, key: str, reason: str, by: str, *, must_own: bool = False) -> dict[str, Any]:
    """Withdraw the version ``id@version``: only orders that name exactly this version still get it.

    ``must_own``, here and below: refuse who is no owner. Without it the caller has asked already who may do so.
    """
    design_id, version = split_key(key)
    _require_owner(region_folder, design_id, by, must_own)
    return _noted(region_folder, design_id, NoticeKind.YANK, version=version, reason=reason, by=by)


def unyank_design(
    region_folder: Path, key: str, by: str, reason: str = "", *, must_own: bool = False
) -> dict[str, Any]:
    """Take back that a version was withdrawn."""
    design_id, version = split_key(key)
    _require_owner(region_folder, design_id, by, must_own)
    return _noted(region_folder, design_id, NoticeKind.UNYANK, version=version, reason=reason, by=by)


def set_design_owners(
    region_folder: Path, design_id: str, owners: Sequence[str], by: str, *, must_own: bool = False
) -> dict[str, Any]:
    """Name the people who release versions of a design from now on."""
    _require_owner(region_folder, design_id, by, must_own)
    return _noted(region_folder, design_id, NoticeKind.OWNERS, by=by, values={"owners": list(owners)})


def take_down_design(region_folder: Path, key: str, reason: str, by: str) -> dict[str, Any]:
    """Remove the files of a version for good; a tombstone tells why, and its name is never used again."""
    design_id, version = split_key(key)
    notice = take_down(_root(region_folder), design_id, version, by=by, reason=reason, at=datetime.now(UTC))
    return _described(design_id, notice)


def confirm_operations(
    region_folder: Path, key: str, part: str, operations: Sequence[Mapping[str, Any]] | None, by: str, reason: str = ""
) -> dict[str, Any]:
    """Confirm how a part (``""``: the whole) of a version is made; None: as the version says it.

    ``operations`` are tables as in ``[[x-cosmolocal.operation]]``, without ``part``; they take the place of the part's
    operations. ``reason`` says how the person knows.

    Raises
    ------
    InputError
        With every fault of them; nothing is written then.
    """
    design_id, version = split_key(key)
    vocabulary = load_vocabulary()
    design = _find_version(region_folder, design_id, version)
    if operations is None:
        operations = _stated_operations(design, part)
    else:
        _require_part(design, part)
        where = f"{key} {part}".rstrip()
        _require_known(read_operations(operations, where, vocabulary), where)
    values = {"part": part, "operations": [{name: _as_json(table[name]) for name in table} for table in operations]}
    return _noted(region_folder, design_id, NoticeKind.CONFIRM, version=version, reason=reason, by=by, values=values)


def read_operation_tables(path: Path) -> list[Any]:
    """Return the ``[[operation]]`` tables of a TOML file, as they stand; faults raise `InputError`."""
    problems: list[Problem] = []
    text = read_text(path, path.name, "D010", max_bytes=1 << 20)
    top = Fields(kebab_keys(parse_toml(text, path.name, "D010")), path.name, "D011", problems)
    tables = top.items("operation", required=True)
    top.finish()
    if problems:
        raise InputError(problems)
    return tables


def split_key(key: str) -> tuple[str, str]:
    """Return id and version of ``id@version``; anything else raises `NotFoundError`."""
    design_id, _, version = key.partition("@")
    if not design_id or not version:
        raise NotFoundError(f"found {key!r}; a version of a design is named id@version, such as ana~press@1.0.0")
    return design_id, version


def _require_owner(region_folder: Path, design_id: str, by: str, must_own: bool) -> None:
    owners = find_owners(_root(region_folder), design_id) if must_own else (by,)
    if by not in owners:
        found = say(
            "found %(found)s; only its owners do this (%(owners)s), or whoever runs the store",
            found=repr(by),
            owners=", ".join(owners),
        )
        raise InputError([Problem("D060", f"designs/{design_id}", say("%(found)s, with --operator", found=found))])


def _root(region_folder: Path) -> Path:
    return region_folder / "designs"


def _find_version(region_folder: Path, design_id: str, version: str) -> Design:
    open_file(_root(region_folder), design_id, version, MANIFEST)  # there is such a version, and it was not taken down
    designs, _ = load_versions(_root(region_folder), design_id, load_vocabulary())
    for design in designs:
        if design.version == version:
            return design
    raise NotFoundError(
        say("there is no version %(version)s of the design %(name)s", version=repr(version), name=repr(design_id))
    )


def _require_part(design: Design, part: str) -> None:
    names = [known.name for known in design.parts]
    if part not in names:
        known = ", ".join(repr(name) for name in names if name) or "none"
        rule = say("its parts are %(known)s; without a part, the design itself is meant", known=known)
        raise InputError(
            [Problem("D016", f"{design.key}: part", say("found %(found)s; %(rule)s", found=repr(part), rule=rule))]
        )


def _stated_operations(design: Design, part: str) -> list[dict[str, Any]]:
    """Return the operations that a version states for a part; what is unknown cannot be confirmed."""
    _require_part(design, part)
    operations = next(known.operations for known in design.parts if known.name == part)
    where = f"{design.key}: {part or design.name}"
    if not operations:
        raise InputError([Problem("D063", where, say("has no operations; say how it is made"))])
    _require_known(operations, where)
    return [operation_table(operation) for operation in operations]


def _require_known(operations: Sequence[Operation], where: str) -> None:
    """Raise `InputError` with every field that the operations leave unknown: a confirmation leaves none."""
    where += "." if ": " in where else ": "
    problems = [
        Problem(
            "D063", f"{where}operation[{index}].{_FIELDS[name]}", say("is unknown; a confirmation says what is right")
        )
        for index, operation in enumerate(operations)
        for name in operation.unknown
    ]
    if problems:
        raise InputError(problems)


def _as_json(value: Any) -> Any:
    """Return a value of a manifest as a notice keeps it; manifests that were edited hold exact decimals."""
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def _noted(region_folder: Path, design_id: str, kind: NoticeKind, **facts: Any) -> dict[str, Any]:
    new = NewNotice(kind, at=datetime.now(UTC), **facts)
    return _described(design_id, add_notice(_root(region_folder), design_id, new))


def _described(design_id: str, notice: Notice) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(notice)
    return {"id": design_id, **plain}
