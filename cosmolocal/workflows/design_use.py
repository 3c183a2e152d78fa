"""Who relies on a version of a design: orders and designs that take it, before and after it is withdrawn."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from cosmolocal.errors import InputError
from cosmolocal.planning.bill import Catalogue
from cosmolocal.records import Design, Order
from cosmolocal.workflows.work_list import read_books, recall_work_list
from cosmolocal.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class UsingOrder:
    """An order that takes a version."""

    book: str
    order: Order
    #: version it takes when this one is withdrawn; None: none is left for it
    then: str | None


@dataclass(frozen=True, slots=True)
class UsingDesign:
    """A version of another design that has a version in its bill of materials."""

    design: Design
    #: version it takes when this one is withdrawn; None: none is left for it
    then: str | None


@dataclass(frozen=True, slots=True)
class Users:
    """All that takes a version now."""

    orders: tuple[UsingOrder, ...]
    designs: tuple[UsingDesign, ...]

    def that_keep(self, version: str) -> tuple[UsingOrder, ...]:
        """Return the orders that name exactly this version: they keep it when it is withdrawn."""
        return tuple(one for one in self.orders if one.then == version)

    def that_change(self, version: str) -> Mapping[str | None, tuple[UsingOrder, ...]]:
        """Return the orders that go on with another version, by that version; under None those left with none."""
        thens = dict.fromkeys(one.then for one in self.orders if one.then != version)
        return {then: tuple(one for one in self.orders if one.then == then) for then in thens}


def find_users(workspace: Workspace, design: Design) -> Users:
    """Return the orders of the region's books, and the designs, that take a version; broken books count nothing."""
    designs = workspace.region().designs
    now = Catalogue(designs)
    then = Catalogue(replace(one, yanked="withdrawn") if one.key == design.key else one for one in designs)

    def taken(catalogue: Catalogue, version_range: str) -> str | None:
        found = catalogue.find(design.id, version_range)
        return None if found is None else found.version

    orders = [
        UsingOrder(book, order, taken(then, order.version))
        for book, order in _orders(workspace)
        if order.design == design.id and taken(now, order.version) == design.version
    ]
    users = {
        one.key: UsingDesign(one, taken(then, line.version))
        for one in designs
        for line in one.bom
        if line.design == design.id and taken(now, line.version) == design.version
    }
    return Users(tuple(orders), tuple(users.values()))


def find_waiting(workspace: Workspace, key: str) -> dict[str, object] | None:
    """Return the row of the work list for ``id@version``; None: no order waits for it, or no book can be read."""
    region = workspace.region()
    with suppress(InputError):
        rows = recall_work_list(workspace.folder, region)["designs"]
        return next((row for row in rows if row["design"] == key), None)
    return None


def _orders(workspace: Workspace) -> Iterable[tuple[str, Order]]:
    with suppress(InputError):
        for book in read_books(workspace.folder, workspace.region()):
            yield from ((book.name, order) for order in book.orders)
