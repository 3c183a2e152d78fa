"""Searching for designs by words, process, material, size, licence, and by what can be made near a place."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmolocal.database import open_database
from cosmolocal.database.design_index import (
    DesignEntry,
    IndexFilter,
    build_rows,
    count_index,
    find_designs,
    read_index,
    rebuild_index,
    refresh_index,
)
from cosmolocal.designs import bundles
from cosmolocal.designs.load import load_versions, read_state
from cosmolocal.designs.notices import find_owners, read_notices
from cosmolocal.errors import InputError, NotFoundError, is_full_disk, say
from cosmolocal.fields import Fields
from cosmolocal.files import sha256_of
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.ground import Ground
from cosmolocal.processes import VOCABULARY_FILE, ancestors_by_process, find_process, load_vocabulary
from cosmolocal.records import Design, Vocabulary
from cosmolocal.workflows.publishing import list_designs
from cosmolocal.workflows.workspace import Workspace

CODES = {
    "D071": "a field of a search for designs has a wrong value",
}

#: designs on a page
PAGE_SIZE = 50
#: [units] the largest lot there can be: how few a machine takes is passed over in a search
_LARGE_LOT = 10_000_000
_SIZE = re.compile(r"(\d{1,6})\s*[x×*]\s*(\d{1,6})\s*[x×*]\s*(\d{1,6})", re.IGNORECASE)
FIELDS = ("words", "process", "material", "fits", "licence", "unknown", "near", "within", "page")


@dataclass(frozen=True, slots=True)
class DesignQuery:
    """What somebody looks for; what is empty asks nothing. Of each design its newest version that is offered counts."""

    #: beginnings of words in name, function, people, parts, processes and materials; all must be there
    words: str = ""
    #: id, name or alias; kinds of it are found too
    process: str = ""
    material: str = ""
    #: [mm] every piece, or every one of ``process``, is known to fit
    fits_mm: tuple[int, int, int] | None = None
    #: SPDX id or its beginning, such as CERN-OHL
    licence: str = ""
    #: only designs of which planning does not know everything
    unknown_only: bool = False
    #: id of a place or workshop: every part is made by some workshop at most ``within_m`` from it
    near: str = ""
    #: [m along the network]
    within_m: int | None = None
    #: from 1
    page: int = 1


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of what was found, best first."""

    designs: tuple[Design, ...]
    #: found on all pages
    total: int
    page: int
    pages: int


def read_query(values: Mapping[str, str]) -> DesignQuery:
    """Return the query that texts under the names of `FIELDS` ask for; other names are passed over.

    Raises
    ------
    InputError
        With every field that cannot be read.
    """
    table = Fields({name: values.get(name, "") for name in FIELDS}, "search", "D071", [])
    query = DesignQuery(
        words=table.text("words"),
        process=table.text("process"),
        material=table.text("material"),
        fits_mm=_read_size(table),
        licence=table.text("licence"),
        unknown_only=table.flag("unknown"),
        near=table.text("near"),
        within_m=table.number("within", scale=1000, high=20_000),
        page=table.number("page", 1, low=1, high=1_000_000) or 1,
    )
    if (query.near == "") != (query.within_m is None):
        table.fault("within", values.get("within", ""), say("near needs within, in km, and within needs near"))
    if table.problems:
        raise InputError(table.problems)
    return query


def _read_size(table: Fields) -> tuple[int, int, int] | None:
    text = table.text("fits")
    match = _SIZE.fullmatch(text)
    if text and not match:
        table.fault("fits", text, say("must be three lengths in mm, such as 600x400x100"))
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def search_designs(workspace: Workspace, query: DesignQuery) -> SearchPage:
    """Return a page of the designs that a query finds; the index is brought up to date first.

    Raises
    ------
    NotFoundError
        When the process or the place does not exist.
    InputError
        With every fault of the region's files.
    """
    designs = find_all(workspace, query)
    first = (query.page - 1) * PAGE_SIZE
    pages = max(1, -(-len(designs) // PAGE_SIZE))
    return SearchPage(designs[first : first + PAGE_SIZE], len(designs), query.page, pages)


def find_all(workspace: Workspace, query: DesignQuery) -> tuple[Design, ...]:
    """Return the designs that a query finds, on all pages; raises as `search_designs` does."""
    region = workspace.region()
    wanted = IndexFilter(
        words=query.words,
        processes=_kinds_of(query.process, region.vocabulary),
        material=query.material,
        fits_mm=query.fits_mm,
        licence=query.licence,
        unknown_only=query.unknown_only,
    )
    design_by_key = {(design.id, design.version): design for design in region.designs}
    designs = [design_by_key[key] for key in _find(workspace, wanted) if key in design_by_key]
    if query.near and query.within_m is not None:
        near = _Near(workspace.ground(), query.near, query.within_m)
        designs = [design for design in designs if near.can_make(design)]
    return tuple(designs)


def list_found(folder: Path, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of `list_designs` of what a query in texts (`read_query`) finds, best first; all without one."""
    query, rows = read_query(values), list_designs(folder)
    if query == DesignQuery():
        return rows
    row_by_id = {row["id"]: row for row in rows}
    return [row_by_id[design.id] for design in find_all(Workspace(folder), query)]


def reindex_designs(folder: Path) -> dict[str, Any]:
    """Build the index of a region's designs anew from the store alone: JSON values for the command line."""
    started = time.monotonic()
    workspace = Workspace(folder)
    states = _read_states(folder / "designs")
    vocabulary = load_vocabulary()
    db = open_database(workspace.database_path)
    try:
        changed = rebuild_index(db, _read_entries(folder / "designs", states, vocabulary))
        counts = count_index(db)
    finally:
        db.close()
    return {"counts": counts, "changed": list(changed), "seconds": round(time.monotonic() - started, 2)}


def compare_index(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the designs whose index waits for the next search, and those of which it says what the store does not."""
    root = folder / "designs"
    states = _read_states(root)
    rows, known = read_index(Workspace(folder).database_path)
    waiting = tuple(sorted(name for name in known.keys() | states.keys() if known.get(name) != states.get(name)))
    fresh = build_rows(_read_entries(root, states, load_vocabulary()))
    settled = states.keys() - set(waiting)
    return waiting, tuple(sorted(name for name in settled if rows.get(name) != fresh.get(name)))


def _find(workspace: Workspace, wanted: IndexFilter) -> list[tuple[str, str]]:
    root = workspace.folder / "designs"
    states, vocabulary = _read_states(root), load_vocabulary()
    db = open_database(workspace.database_path)
    try:
        try:
            refresh_index(db, states, lambda design_id: _read_entry(root, design_id, states[design_id], vocabulary))
        except OSError as error:
            if not is_full_disk(error):
                raise  # where there is no room, the index finds what it knew before
        return find_designs(db, wanted)
    finally:
        db.close()


def _read_states(root: Path) -> dict[str, str]:
    """Return the state of each design; the vocabulary is part of it, as it says what is unknown."""
    words = sha256_of(VOCABULARY_FILE)
    return {design_id: f"{words} {read_state(root, design_id)}" for design_id in bundles.list_designs(root)}


def _read_entries(root: Path, states: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[DesignEntry]:
    for design_id, state in states.items():
        yield _read_entry(root, design_id, state, vocabulary)


def _read_entry(root: Path, design_id: str, state: str, vocabulary: Vocabulary) -> DesignEntry:
    return DesignEntry(
        id=design_id,
        state=state,
        owners=find_owners(root, design_id),
        designs=load_versions(root, design_id, vocabulary)[0],
        releases=bundles.read_history(root, design_id),
        notices=read_notices(root, design_id),
    )


def _kinds_of(words: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return a process and all that are a kind of it; none for no words."""
    if not words:
        return ()
    wanted = find_process(vocabulary, words)
    if wanted is None:
        raise NotFoundError(f"there is no process {words!r}")
    return tuple(process for process, lineage in ancestors_by_process(vocabulary).items() if wanted in lineage)


class _Near:
    """The workshops near a place."""

    def __init__(self, ground: Ground, place: str, within_m: int) -> None:
        if ground.routes.number(place) is None:
            raise NotFoundError(say("there is no place %(name)s", name=repr(place)))
        self.ground = ground
        routes = {shop: ground.routes.find(shop, place) for shop in ground.workshops}
        self.workshops = {shop for shop, route in routes.items() if route is not None and route.nearest_m <= within_m}

    def can_make(self, design: Design) -> bool:
        """Tell whether every part of a design can be made whole by one of these workshops; unknown is no."""
        bill = self.ground.catalogue.bill(design.key)
        return isinstance(bill, TaskNode) and all(self._can_make_part(node) for node in bill.walk())

    def _can_make_part(self, node: TaskNode) -> bool:
        able = set(self.workshops)
        for operation in node.operations:
            able &= self.ground.fitting(operation, _LARGE_LOT).keys()
        return node.is_known and (bool(able) or not node.operations)
