"""The index of the store of designs: rows to search in, which the folder alone can give again at any time."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmolocal.database.library import Database
from cosmolocal.database.opening import migrations, writing
from cosmolocal.database.probing import looking
from cosmolocal.records import Design, Notice, Operation, Part, Release, to_plain
from cosmolocal.versions import choose_version

Row = dict[str, Any]

#: with their columns that a dump compares; every table after those it refers to
TABLES = (
    "designs",
    "design_releases",
    "design_notices",
    "design_versions",
    "design_licenses",
    "design_files",
    "design_operations",
    "design_words",
)
#: SQL: the words of a text in lower case, each after a blank
_WORDS = "' ' || replace(lower({}), '-', ' ')"
_LICENSE_WORDS = re.compile(r"[A-Za-z0-9.+-]+")
_LICENSE_OPERATORS = {"AND", "OR", "WITH"}
_ENTRIES_PER_INSERT = 200


@dataclass(frozen=True, slots=True)
class DesignEntry:
    """All that the store says of a design."""

    id: str
    #: changes when the design's object in the store does
    state: str
    owners: tuple[str, ...]
    #: versions that are there, by precedence, lowest first
    designs: tuple[Design, ...]
    #: all versions, those that were taken down too
    releases: tuple[Release, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class IndexFilter:
    """What a search asks of the current version of a design; what is empty asks nothing."""

    words: str = ""
    #: ids; an operation must ask for one of them
    processes: tuple[str, ...] = ()
    #: an operation must work it, or what a word of it begins; one of ``processes`` where those are given
    material: str = ""
    #: [mm] all operations, or all of ``processes``, must be known to fit
    fits_mm: tuple[int, int, int] | None = None
    #: SPDX id, or its beginning up to a hyphen, such as CERN-OHL
    licence: str = ""
    unknown_only: bool = False


def rebuild_index(db: Database, entries: Iterable[DesignEntry]) -> tuple[str, ...]:
    """Replace the whole index, all or nothing, and return the ids of the designs whose rows changed."""
    with writing(db):
        before = _rows_by_design(db)
        for table in reversed(TABLES):
            db.table(table).delete_where()
        _insert(db, entries)
        after = _rows_by_design(db)
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def refresh_index(db: Database, states: Mapping[str, str], read: Callable[[str], DesignEntry]) -> tuple[str, ...]:
    """Bring the designs whose state differs up to date, all or nothing, and return their ids."""
    if not _outdated(db, states):
        return ()
    with writing(db):
        outdated = _outdated(db, states)  # somebody else may have done it meanwhile
        for design in outdated:
            for table in reversed(TABLES):
                db.table(table).delete_where("design = ?", [design])
        _insert(db, (read(design) for design in outdated if design in states))
    return outdated


def dump_index(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each table of the index, in an order that depends on nothing else."""
    return {table: sorted(_rows(db, table), key=repr) for table in TABLES}


def read_index(path: Path) -> tuple[dict[str, list[tuple[Any, ...]]], dict[str, str]]:
    """Return the rows of each design and the state in which each was read, from a database that is left as it is."""
    with looking(path) as connection:
        db = Database(connection)
        return _rows_by_design(db), _states(db)


def build_rows(entries: Iterable[DesignEntry]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows that each design should have."""
    db = Database(memory=True)
    try:
        migrations.apply(db)
        rebuild_index(db, entries)
        return _rows_by_design(db)
    finally:
        db.close()


def find_designs(db: Database, wanted: IndexFilter) -> list[tuple[str, str]]:
    """Return id and version of the designs that a filter finds, best match of its words first, then by name."""
    conditions, values = _conditions(wanted)
    source, order = "design_versions AS v", "v.name COLLATE NOCASE, v.design"
    words = re.findall(r"\w+", wanted.words)
    if words:
        source += " JOIN design_words AS w USING (design, version) JOIN design_words_fts AS f ON f.rowid = w.id"
        conditions.append("design_words_fts MATCH :words")
        values["words"] = " ".join(f'"{word}"*' for word in words)
        order = f"bm25(design_words_fts, 8, 4, 2, 1), {order}"
    sql = f"SELECT v.design, v.version FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {order}"
    return [(row["design"], row["version"]) for row in db.query(sql, values)]


def count_index(db: Database) -> dict[str, int]:
    """Return the number of rows by kind."""
    names = {"designs": "designs", "releases": "design_releases", "versions": "design_versions"}
    names |= {kind: f"design_{kind}" for kind in ("files", "operations", "notices")}
    return {kind: db.table(table).count for kind, table in names.items()}


def _outdated(db: Database, states: Mapping[str, str]) -> tuple[str, ...]:
    known = _states(db)
    return tuple(sorted(name for name in known.keys() | states.keys() if known.get(name) != states.get(name)))


def _states(db: Database) -> dict[str, str]:
    return {row["design"]: row["state"] for row in db.query("SELECT design, state FROM designs")}


def _rows(db: Database, table: str) -> Iterable[tuple[Any, ...]]:
    columns = ", ".join(column.name for column in db.table(table).columns if column.name != "id")
    return iter(db.execute(f"SELECT {columns} FROM {table}"))


def _rows_by_design(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of each design; the first column of each table names it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table, rows in dump_index(db).items():
        for row in rows:
            found.setdefault(row[0], []).append((table, *row))
    return found


def _conditions(wanted: IndexFilter) -> tuple[list[str], dict[str, Any]]:
    conditions, values = ["v.is_current"], dict[str, Any]()
    steps = "SELECT 1 FROM design_operations AS o WHERE o.design = v.design AND o.version = v.version"
    if wanted.processes:
        names = [f"process_{number}" for number in range(len(wanted.processes))]
        values |= zip(names, wanted.processes, strict=True)
        steps += f" AND o.process IN ({', '.join(f':{name}' for name in names)})"
        conditions.append(f"EXISTS ({steps})")
    if wanted.material:
        values["material"] = wanted.material
        conditions.append(f"EXISTS ({steps} AND instr({_WORDS.format('o.material')}, {_WORDS.format(':material')}))")
    if wanted.fits_mm is not None:
        values |= zip(("smallest", "middle", "largest"), sorted(wanted.fits_mm), strict=True)
        sides = " OR ".join(f"o.{side}_mm > :{side}" for side in ("smallest", "middle", "largest"))
        unknown = "o.process IS NULL OR o.unknown LIKE '%envelope%'"
        conditions.append(f"EXISTS ({steps}) AND NOT EXISTS ({steps} AND ({sides} OR {unknown}))")
    if wanted.licence:
        values["licence"] = wanted.licence
        family = "l.license = :licence OR substr(l.license, 1, length(:licence) + 1) = :licence || '-' COLLATE NOCASE"
        of_version = "l.design = v.design AND l.version = v.version"
        conditions.append(f"EXISTS (SELECT 1 FROM design_licenses AS l WHERE {of_version} AND ({family}))")
    if wanted.unknown_only:
        conditions.append("v.unknown > 0")
    return conditions, values


def _insert(db: Database, entries: Iterable[DesignEntry]) -> None:
    waiting: dict[str, list[Row]] = {table: [] for table in TABLES}
    for number, entry in enumerate(entries, 1):
        for table, rows in _entry_rows(entry).items():
            waiting[table] += rows
        if number % _ENTRIES_PER_INSERT == 0:
            _flush(db, waiting)
    _flush(db, waiting)


def _flush(db: Database, waiting: dict[str, list[Row]]) -> None:
    for table, rows in waiting.items():
        if rows:
            db.table(table).insert_all(rows)
        rows.clear()


def _entry_rows(entry: DesignEntry) -> dict[str, list[Row]]:
    of_design = {"design": entry.id}
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    rows["designs"] = [of_design | {"state": entry.state, "owners": _json(entry.owners)}]
    rows["design_releases"] = [
        of_design | {"position": position} | _release_row(release) for position, release in enumerate(entry.releases)
    ]
    rows["design_notices"] = [of_design | _notice_row(notice) for notice in entry.notices]
    current = _find_current(entry.designs)
    for design in entry.designs:
        key = of_design | {"version": design.version}
        rows["design_versions"].append(key | _version_row(design, design.version == current))
        rows["design_licenses"] += [key | {"license": name} for name in _license_ids(design.license)]
        rows["design_files"] += [key | to_plain(file) for file in design.files]
        rows["design_operations"] += [
            key | {"part": part.name, "position": position} | _operation_row(operation)
            for part in design.parts
            for position, operation in enumerate(part.operations)
        ]
        rows["design_words"].append(key | _word_row(design))
    return rows


def _find_current(designs: Iterable[Design]) -> str | None:
    """Return the version to show: the one a new order gets, else the newest pre-release, else the newest withdrawn."""
    versions = {design.version: design.yanked for design in designs}
    yanked = [version for version, reason in versions.items() if reason is not None]
    best = choose_version(versions, yanked, "*")
    return best or next(iter([*(v for v in reversed(versions) if v not in yanked), *reversed(versions)]), None)


def _release_row(release: Release) -> Row:
    row: Row = to_plain(release)
    return {"released_by" if name == "by" else name: value for name, value in row.items()}


def _notice_row(notice: Notice) -> Row:
    row = {"number": notice.number, "kind": str(notice.kind), "made_at": notice.at, "made_by": notice.by}
    return row | {"version": notice.version, "reason": notice.reason, "details": _json(dict(notice.values))}


def _version_row(design: Design, is_current: bool) -> Row:
    names = ("name", "function", "license", "licensor", "organization", "reference_price_cents")
    return {name: getattr(design, name) for name in names} | {
        "is_current": int(is_current),
        "unknown": count_unknown(design),
    }


def count_unknown(design: Design) -> int:
    """Return how many requirements planning needs and nobody has said; a part of which nothing is said counts one."""
    filled = {line.into for line in design.bom}
    return sum(_count_unknown_of(part, part.name in filled) for part in design.parts)


def _count_unknown_of(part: Part, has_lines: bool) -> int:
    if part.operations:
        return sum(len(operation.unknown) for operation in part.operations)
    return 0 if has_lines else 1


def _license_ids(expression: str | None) -> list[str]:
    return sorted({word for word in _LICENSE_WORDS.findall(expression or "") if word not in _LICENSE_OPERATORS})


def _operation_row(operation: Operation) -> Row:
    sides = sorted(operation.envelope_mm) if operation.envelope_mm else (None, None, None)
    confirmed = operation.confirmed
    return {
        "process": operation.process,
        "seconds": operation.seconds,
        "setup_seconds": operation.setup_seconds,
        "material": operation.material,
        **dict(zip(("smallest_mm", "middle_mm", "largest_mm"), sides, strict=True)),
        "tolerance": operation.tolerance and str(operation.tolerance),
        "provenance": str(operation.provenance),
        "unknown": ",".join(operation.unknown),
        "confirmed_by": confirmed and confirmed.by,
        "confirmed_at": confirmed and confirmed.at,
    }


def _word_row(design: Design) -> Row:
    steps = [operation for part in design.parts for operation in part.operations]
    contents = {design.id, *(part.name for part in design.parts)}
    contents |= {word for step in steps for word in (step.process, step.material) if word}
    return {
        "name": design.name,
        "function": design.function,
        "people": f"{design.licensor} {design.organization}".strip(),
        "contents": " ".join(sorted(contents)).strip(),
    }


def _json(value: Any) -> str:
    return json.dumps(to_plain(value), ensure_ascii=False, sort_keys=True)
