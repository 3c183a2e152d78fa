"""Designs as rows and trees for their pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.records import BomLine, Design, Operation, Part
from cosmolocal.versions import best_version, sorted_versions

#: files a browser may show within a page, by ending; everything else is downloaded
IMAGE_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class DesignRow:
    """A design with all its versions."""

    newest: Design
    #: newest first
    versions: tuple[Design, ...]
    #: does every made part say how it is made?
    known: bool


@dataclass(frozen=True, slots=True)
class BomNode:
    """One line of a bill of materials with what is below it."""

    quantity: int
    name: str
    #: ``part``, ``design`` or ``bought``
    kind: str
    line: BomLine
    #: the module's version; None: a part, a bought piece, or a module that is not there
    module: Design | None
    children: tuple["BomNode", ...]


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation of a part."""

    part: Part
    operation: Operation


def list_designs(designs: Iterable[Design], words: str = "") -> list[DesignRow]:
    """Return a row for each design whose name, id or function holds all the words, by name."""
    wanted = words.casefold().split()
    rows = [design_row(versions) for versions in by_id(designs).values()]
    rows = [row for row in rows if all(word in _text(row.newest) for word in wanted)]
    return sorted(rows, key=lambda row: (row.newest.name.casefold(), row.newest.id))


def _text(design: Design) -> str:
    return f"{design.name} {design.id} {design.function}".casefold()


def by_id(designs: Iterable[Design]) -> dict[str, list[Design]]:
    """Return the versions of each design, newest first."""
    found: dict[str, dict[str, Design]] = {}
    for design in designs:
        found.setdefault(design.id, {})[design.version] = design
    return {
        design_id: [versions[version] for version in reversed(sorted_versions(versions))]
        for design_id, versions in found.items()
    }


def design_row(versions: list[Design]) -> DesignRow:
    """Return the row of one design; ``versions`` newest first."""
    newest = versions[0]
    return DesignRow(newest, tuple(versions), not unknown_operations(newest))


def operation_rows(design: Design) -> list[OperationRow]:
    """Return all operations of a design, part by part."""
    return [OperationRow(part, operation) for part in design.parts for operation in part.operations]


def unknown_operations(design: Design) -> list[str]:
    """Return the names of the parts of which something needed for planning is not known."""
    into = {line.into for line in design.bom}
    unknown = []
    for part in design.parts:
        bare = not part.operations and part.name not in into
        if bare or any(op.unknown or op.process is None or op.seconds is None for op in part.operations):
            unknown.append(part.name or design.name)
    return unknown


def bill_tree(design: Design, versions: Mapping[str, list[Design]]) -> tuple[BomNode, ...]:
    """Return the bill of materials over all its levels; what would contain itself is shown without its contents."""
    return _below(design, "", versions, (f"{design.key}/",))


def _below(
    design: Design, into: str, versions: Mapping[str, list[Design]], seen: tuple[str, ...]
) -> tuple[BomNode, ...]:
    return tuple(_node(design, line, versions, seen) for line in design.bom if line.into == into)


def _node(design: Design, line: BomLine, versions: Mapping[str, list[Design]], seen: tuple[str, ...]) -> BomNode:
    if line.bought is not None:
        return BomNode(line.quantity, line.bought, "bought", line, None, ())
    if line.part is not None:
        step = f"{design.key}/{line.part}"
        below = () if step in seen else _below(design, line.part, versions, (*seen, step))
        return BomNode(line.quantity, line.part, "part", line, None, below)
    module = _module(line, versions)
    if module is None:
        return BomNode(line.quantity, line.design or "", "design", line, None, ())
    step = f"{module.key}/"
    below = () if step in seen else _below(module, "", versions, (*seen, step))
    return BomNode(line.quantity, module.name, "design", line, module, below)


def _module(line: BomLine, versions: Mapping[str, list[Design]]) -> Design | None:
    offered = {design.version: design for design in versions.get(line.design or "", [])}
    best = best_version(offered, line.version)
    return offered[best] if best is not None else None
