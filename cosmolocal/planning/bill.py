"""A design taken apart over all levels of its bill of materials: the tasks of one unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cosmolocal.records import BomLine, Design, Operation, Part
from cosmolocal.versions import best_version, choose_version


@dataclass(frozen=True, slots=True)
class TaskNode:
    """One part to be made for a unit, with the tasks whose results go into it."""

    path: str
    #: ``id@version``
    design: str
    #: name of the part; "": the design put together
    part: str
    #: [pieces per unit of the order]
    quantity: int
    #: [g per piece]
    mass_g: int
    operations: tuple[Operation, ...]
    children: tuple["TaskNode", ...]
    #: [cents per piece], [g per piece] of bought pieces that go straight into it
    bought_cents: int
    bought_mass_g: int
    #: does any line of the bill go into it?
    has_lines: bool

    def walk(self) -> Iterable["TaskNode"]:
        """Yield this node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def levels(self) -> int:
        """Return how often the work on a unit can change the workshop, one part after another."""
        # what needs no machine is put together where it is used
        return max((bool(child.operations) + child.levels for child in self.children), default=0)

    @property
    def is_known(self) -> bool:
        """Tell whether planning knows what this task asks for."""
        return bool(self.operations) or self.has_lines


class BillError(Exception):
    """A bill of materials that cannot be taken apart."""


class Catalogue:
    """All versions of all designs, by id."""

    def __init__(self, designs: Iterable[Design], taken_down: Mapping[str, str] | None = None) -> None:
        self.versions: dict[str, dict[str, Design]] = {}
        for design in designs:
            self.versions.setdefault(design.id, {})[design.version] = design
        #: why by ``id@version`` of those that are gone
        self.taken_down: Mapping[str, str] = taken_down or {}
        self._bills: dict[str, TaskNode | BillError] = {}

    @cached_property
    def by_key(self) -> Mapping[str, Design]:
        """Return every version by ``id@version``."""
        return {design.key: design for versions in self.versions.values() for design in versions.values()}

    def resolve(self, design_id: str, version_range: str) -> str | None:
        """Return the highest version of a design within a range that is not yanked, or the one it names; None: none."""
        versions = self.versions.get(design_id, {})
        yanked = [version for version, design in versions.items() if design.yanked is not None]
        return choose_version(versions, yanked, version_range)

    def find(self, design_id: str, version_range: str) -> Design | None:
        """Return the design that `resolve` names."""
        version = self.resolve(design_id, version_range)
        return None if version is None else self.versions[design_id][version]

    def find_yanked(self, design_id: str, version_range: str) -> Design | None:
        """Return the highest version within a range that fits nothing else than yanked ones; None: that is not so."""
        versions = self.versions.get(design_id, {})
        if self.resolve(design_id, version_range) is not None:
            return None
        version = best_version(versions, version_range)
        return None if version is None else versions[version]

    def find_taken_down(self, design_id: str, version_range: str) -> str | None:
        """Return the highest version within a range among those that were taken down; None: none of them fits."""
        keys = [key.partition("@") for key in self.taken_down]
        return best_version([version for name, _, version in keys if name == design_id], version_range)

    def bill(self, key: str) -> TaskNode | BillError:
        """Return the tasks of one unit of ``id@version``, or why they are not known."""
        if key not in self._bills:
            try:
                self._bills[key] = self._explode(self.by_key[key], "", "", 1, ())
            except BillError as error:
                self._bills[key] = error
        return self._bills[key]

    def mass_g(self, key: str) -> int:
        """Return the grams of one unit; of a design that cannot be taken apart what its manifest says, else 0."""
        if key not in self.by_key:
            return 0
        bill = self.bill(key)
        if isinstance(bill, TaskNode):
            return bill.mass_g
        return next((part.mass_g or 0 for part in self.by_key[key].parts if not part.name), 0)

    def _explode(self, design: Design, part_name: str, path: str, quantity: int, above: tuple[str, ...]) -> TaskNode:
        step = f"{design.id}/{part_name}"
        if step in above:
            raise BillError(f"{step} contains itself")
        part = _find_part(design, part_name)
        children: list[TaskNode] = []
        cents = mass_g = bought_mass_g = 0
        lines = [line for line in design.bom if line.into == part_name]
        for line in lines:
            if line.bought is not None:
                cents += line.quantity * line.cost_cents
                bought_mass_g += line.quantity * line.mass_g
                continue
            child_path = _child_path(path, line, children)
            child = self._explode_line(design, line, child_path, quantity * line.quantity, (*above, step))
            children.append(child)
            mass_g += line.quantity * child.mass_g
        return TaskNode(
            path=path,
            design=design.key,
            part=part_name,
            quantity=quantity,
            mass_g=mass_g + bought_mass_g if part.mass_g is None else part.mass_g,
            operations=part.operations,
            children=tuple(children),
            bought_cents=cents,
            bought_mass_g=bought_mass_g,
            has_lines=bool(lines),
        )

    def _explode_line(
        self, design: Design, line: BomLine, path: str, quantity: int, above: tuple[str, ...]
    ) -> TaskNode:
        if line.part is not None:
            return self._explode(design, line.part, path, quantity, above)
        module = self.find(line.design or "", line.version)
        if module is None:
            yanked = self.find_yanked(line.design or "", line.version)
            why = f" but {yanked.version}, which was withdrawn: {yanked.yanked}" if yanked else ""
            raise BillError(f"no version of {line.design} fits {line.version}{why}")
        return self._explode(module, "", path, quantity, above)


def _find_part(design: Design, name: str) -> Part:
    for part in design.parts:
        if part.name == name:
            return part
    raise BillError(f"{design.key} has no part {name!r}")


def _child_path(path: str, line: BomLine, siblings: list[TaskNode]) -> str:
    name = line.part if line.part is not None else (line.design or "").partition("~")[2]
    base = f"{path}/{name}" if path else str(name)
    taken = {sibling.path for sibling in siblings}
    candidate, number = base, 2
    while candidate in taken:
        candidate, number = f"{base}#{number}", number + 1
    return candidate
