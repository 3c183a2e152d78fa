"""Bills of materials, exploded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cosmolocal.records import BomLine, Design, Part

#: the highest of some versions within a version range; None: none fits
Resolve = Callable[[Iterable[str], str], str | None]


@dataclass(frozen=True, slots=True)
class Node:
    """A part at its place in an exploded bill of materials."""

    path: str
    #: path of what it goes into; None: the whole
    parent: str | None
    #: ``id@version``
    design: str
    part: Part
    #: [pieces per unit of the lot]
    quantity: int
    unit_mass_g: int
    #: has it lines, bought pieces included?
    has_lines: bool
    #: [cents, g per piece] of what is bought for it
    bought_cents: int
    bought_mass_g: int


@dataclass(frozen=True, slots=True)
class Exploded:
    """All that one unit of a design takes."""

    #: the whole first; empty where there is a fault
    nodes: tuple[Node, ...]
    unit_mass_g: int
    #: why it cannot be made; None: it can
    fault: str | None = None

    @property
    def bought_cents(self) -> int:
        """Return the cost per unit of all bought pieces."""
        return sum(node.quantity * node.bought_cents for node in self.nodes)

    @property
    def levels(self) -> int:
        """Return how many parts that need machines stand one in another at most, the whole not counted."""
        by_path = {node.path: node for node in self.nodes}

        def count(node: Node) -> int:
            return 0 if node.parent is None else (1 if node.part.operations else 0) + count(by_path[node.parent])

        return max((count(node) for node in self.nodes), default=0)

    @property
    def bought_mass_g(self) -> int:
        """Return the mass per unit of all bought pieces."""
        return sum(node.quantity * node.bought_mass_g for node in self.nodes)


class _FaultError(Exception):
    """A bill of materials that cannot be exploded."""


class Catalogue:
    """Finds design versions and explodes them."""

    def __init__(self, designs: tuple[Design, ...], resolve: Resolve) -> None:
        self._designs = {(design.id, design.version): design for design in designs}
        self._resolve = resolve
        self._exploded: dict[str, Exploded] = {}

    def find(self, design_id: str, version_range: str) -> Design | None:
        """Return the highest version in a range that is on offer, if any."""
        named = version_range.strip(" =").removeprefix("v")
        offered = {
            version: design
            for (name, version), design in self._designs.items()
            if name == design_id and (design.yanked is None or version == named)
        }
        version = self._resolve(offered, version_range)
        return None if version is None else offered[version]

    def explode(self, design: Design) -> Exploded:
        """Return what one unit of a design takes."""
        if design.key not in self._exploded:
            self._exploded[design.key] = self._explode(design)
        return self._exploded[design.key]

    def _explode(self, design: Design) -> Exploded:
        try:
            nodes = tuple(self._below(design, "", _Spot("", None, 1, ())))
        except _FaultError as fault:
            whole = _find_part(design, "")
            return Exploded((), (whole and whole.mass_g) or 0, str(fault))
        bare = [node.path for node in nodes if not node.part.operations and not node.has_lines]
        fault_text = f"the operations of {bare} are unknown" if bare else None
        return Exploded(nodes, nodes[0].unit_mass_g, fault_text)

    def _below(self, design: Design, name: str, spot: "_Spot") -> list[Node]:
        """Return the node of a part, and after it all that goes into it."""
        key = (design.key, name)
        if key in spot.inside:
            raise _FaultError(f"{name or design.key} contains itself")
        part = _find_part(design, name)
        if part is None:
            raise _FaultError(f"{design.key} has no part {name!r}")
        self._require_names(design)
        lines = [line for line in design.bom if line.into == name]
        mass_g = bought_cents = bought_mass_g = 0
        below: list[Node] = []
        taken: set[str] = set()
        for line in lines:
            if line.bought is not None:
                bought_cents += line.quantity * line.cost_cents
                bought_mass_g += line.quantity * line.mass_g
                continue
            child = self._child(design, line, spot.child(_segment(line, taken), line.quantity, key))
            mass_g += line.quantity * child[0].unit_mass_g
            below += child
        unit_mass_g = mass_g + bought_mass_g if part.mass_g is None else part.mass_g
        own = Node(
            path=spot.path,
            parent=spot.parent,
            design=design.key,
            part=part,
            quantity=spot.quantity,
            unit_mass_g=unit_mass_g,
            has_lines=bool(lines),
            bought_cents=bought_cents,
            bought_mass_g=bought_mass_g,
        )
        return [own, *below]

    def _child(self, design: Design, line: BomLine, spot: "_Spot") -> list[Node]:
        if line.part is not None:
            return self._below(design, line.part, spot)
        module = self.find(line.design or "", line.version)
        if module is None:
            raise _FaultError(f"{design.key} needs {line.design} {line.version}, which is unknown")
        return self._below(module, "", spot)

    def _require_names(self, design: Design) -> None:
        """Also lines that go into parts nobody uses must name what is known."""
        for line in design.bom:
            for name in (line.into, line.part):
                if name is not None and _find_part(design, name) is None:
                    raise _FaultError(f"{design.key} has no part {name!r}")
            if line.design is not None and self.find(line.design, line.version) is None:
                raise _FaultError(f"{design.key} needs {line.design} {line.version}, which is unknown")


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in the explosion a part stands."""

    path: str
    parent: str | None
    quantity: int
    #: (design, part) of all that it goes into
    inside: tuple[tuple[str, str], ...]

    def child(self, segment: str, quantity: int, key: tuple[str, str]) -> "_Spot":
        path = f"{self.path}/{segment}" if self.path else segment
        return _Spot(path, self.path, self.quantity * quantity, (*self.inside, key))


def _find_part(design: Design, name: str) -> Part | None:
    return next((part for part in design.parts if part.name == name), None)


def _segment(line: BomLine, taken: set[str]) -> str:
    """Return the last piece of a path, unlike all of its siblings."""
    name = line.part if line.part is not None else (line.design or "").partition("~")[2]
    segment, number = name, 1
    while segment in taken:
        number += 1
        segment = f"{name}#{number}"
    taken.add(segment)
    return segment
