"""What the input records say, looked up by name."""

from cosmolocal.planning.audit.boms import Catalogue, Exploded, Resolve
from cosmolocal.planning.audit.costs import Demand, count_minutes
from cosmolocal.planning.audit.fits import find_ancestors
from cosmolocal.planning.audit.ways import Ways
from cosmolocal.records import LocalShare, Lot, MachineGroup, Order, Place, PlaceKind, Region, Workshop


class Facts:
    """The region and its order book: the lots to be planned, and where they may be made."""

    def __init__(self, region: Region, orders: tuple[Order, ...], resolve: Resolve) -> None:
        self.region = region
        self.settings = region.settings
        self.workshops: dict[str, Workshop] = {workshop.id: workshop for workshop in region.workshops}
        self.groups: dict[tuple[str, str], MachineGroup] = {
            (workshop.id, group.id): group for workshop in region.workshops for group in workshop.groups
        }
        self.hubs: dict[str, Place] = {place.id: place for place in region.places if place.kind is PlaceKind.HUB}
        self.ancestors = find_ancestors(region.vocabulary)
        self.ways = Ways(region)
        self._catalogue = Catalogue(region.designs, resolve)
        self.demands: dict[str, Demand] = {
            demand.lot.id: demand for order in orders for demand in self._build_demands(order)
        }

        #: started lots of the plan before: what they did before week 0 is past
        self.begun: frozenset[str] = frozenset()

    def gate_weeks(self, demand: Demand) -> int:
        """Return how many weeks before the rest of a lot its first article is made, part by part."""
        return self.settings.first_article_weeks + demand.exploded.levels * self.settings.transfer_weeks

    def minutes_of(self, demand: Demand, path: str, nth: int, place: tuple[str, str], first: bool) -> int:
        """Return the minutes of the n-th operation of a task on a (workshop, group); 0 where there is none."""
        nodes = [node for node in demand.exploded.nodes if node.path == path]
        group = self.groups.get(place)
        if not nodes or group is None or nth >= len(nodes[0].part.operations):
            return 0
        return count_minutes(nodes[0].part.operations[nth], group, demand.units(first) * nodes[0].quantity)

    def _build_demands(self, order: Order) -> list[Demand]:
        design = self._catalogue.find(order.design, order.version)
        if design is None:
            lot = Lot(f"{order.id}/1", order.id, order.design, order.quantity)
            return [Demand(lot, order, None, Exploded((), 0, f"no version of {order.design} fits {order.version}"))]
        exploded = self._catalogue.explode(design)
        return [
            Demand(
                Lot(f"{order.id}/{number}", order.id, design.key, quantity, order.first_article and quantity > 1),
                order,
                design,
                exploded,
            )
            for number, quantity in enumerate(self._cut(order), start=1)
        ]

    def _cut(self, order: Order) -> list[int]:
        if not order.splittable or order.first_article:
            return [order.quantity]
        lots = max(1, min(self.settings.max_lots_per_order, order.quantity // max(1, order.minimum_lot)))
        each, larger = divmod(order.quantity, lots)
        return [each + 1 if number < larger else each for number in range(lots)]

    def find_local_share(self, allocated: set[str]) -> LocalShare:
        """Return the part of demand that is made in the region, given the ids of its lots."""
        demands = self.demands.values()
        local = [demand for demand in demands if demand.lot.id in allocated]
        value_local = (
            max(0, demand.value_cents(self.settings) - demand.lot.quantity * demand.exploded.bought_cents)
            for demand in local
        )
        mass_local = (demand.mass_g - demand.lot.quantity * demand.exploded.bought_mass_g for demand in local)
        return LocalShare(
            units=_per_mille(sum(demand.lot.quantity for demand in local), sum(each.lot.quantity for each in demands)),
            mass=_per_mille(sum(mass_local), sum(demand.mass_g for demand in demands)),
            value=_per_mille(sum(value_local), sum(demand.value_cents(self.settings) for demand in demands)),
        )


def _per_mille(part: int, whole: int) -> int | None:
    return None if whole == 0 else 1000 * part // whole
