"""What all lots of a plan stand on: the region made ready for looking things up."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from cosmolocal.network.graph import Graph, build_graph
from cosmolocal.network.routes import Route, Routes
from cosmolocal.network.transport import Haul, choose_haul
from cosmolocal.planning.bill import Catalogue, TaskNode
from cosmolocal.planning.haulage import Haulage
from cosmolocal.planning.machines import Machines
from cosmolocal.planning.matching import Answer, Verdict, match
from cosmolocal.planning.shared_haulage import SharedHaulage
from cosmolocal.planning.sharing import Sharing
from cosmolocal.processes import ancestors_by_process
from cosmolocal.records import Lot, MachineGroup, Operation, Order, Region, Settings, Workshop, WorkshopStatus

#: (units, weeks before the rest of the lot) of what is made in one go, the rest first
Runs = tuple[tuple[int, int], ...]


class Ground:
    """A region with its shortest routes, fitting machine groups and weeks."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.settings: Settings = region.settings
        self.catalogue = Catalogue(region.designs, region.taken_down)
        self.ancestors: Mapping[str, frozenset[str]] = ancestors_by_process(region.vocabulary)
        #: active workshops by id
        self.workshops: dict[str, Workshop] = {
            workshop.id: workshop
            for workshop in sorted(region.workshops, key=lambda workshop: workshop.id)
            if workshop.status is WorkshopStatus.ACTIVE
        }
        self.shops = tuple(self.workshops.values())
        #: number of each active workshop, by id
        self.row: dict[str, int] = {workshop_id: row for row, workshop_id in enumerate(self.workshops)}
        self._fitting: dict[tuple[Operation, int], dict[str, tuple[MachineGroup, ...]]] = {}
        self._able: dict[Operation, dict[str, tuple[MachineGroup, ...]]] = {}
        self._hauls: dict[tuple[int, int, int | tuple[int, ...], int | None], Haul | None] = {}

    @cached_property
    def graph(self) -> Graph:
        """Return the network of the region."""
        return build_graph(self.region)

    @cached_property
    def routes(self) -> Routes:
        """Return the shortest routes from each active workshop to each place it can reach."""
        return Routes(self.region, self.workshops)

    @cached_property
    def machines(self) -> Machines:
        """Return the machine groups of the active workshops as arrays."""
        return Machines(self.shops, self.fitting_large_lots, self.settings.co2e_cents_per_kg)

    @cached_property
    def haulage(self) -> Haulage:
        """Return what loads weigh on their way from the active workshops, all at once."""
        radii_m = [shop.radius_m for shop in self.shops]
        if self.sharing is None:
            return Haulage(self.region, self.routes, radii_m)
        return SharedHaulage(self.region, self.routes, radii_m, self.sharing)

    @cached_property
    def sharing(self) -> Sharing | None:
        """Return the ways to carry loads on shared trips; None: every lot has trips of its own."""
        return Sharing(self.region, self.routes) if self.region.network.share_trips else None

    def share_routes(self, other: "Ground") -> None:
        """Take the routes of another ground whose places and links are the same."""
        self.__dict__["routes"] = other.routes
        self.__dict__["sharing"] = other.sharing

    def week_of(self, day: date) -> int:
        """Return the week index of a date; negative before the plan's start."""
        return (day - self.settings.start_date).days // 7

    def first_week(self, order: Order) -> int:
        """Return the first week in which a task of the order may be done."""
        return 0 if order.release_date is None else max(0, self.week_of(order.release_date))

    def last_week(self, order: Order) -> int:
        """Return the last week in which the order may be delivered; it may lie before the first."""
        return min(self.settings.weeks - 1, self.week_of(order.due_date) + self.settings.max_late_weeks)

    def gate_weeks(self, lot: Lot) -> int:
        """Return how many weeks before the rest of a lot its first article is made, part by part; 0: it has none.

        Time for its parts to travel as often as they can, so that it is whole and checked before any part of the rest
        is begun, whoever makes them.
        """
        bill = self.catalogue.bill(lot.design) if lot.first_article else None
        if not isinstance(bill, TaskNode):
            return 0
        return self.settings.first_article_weeks + self.settings.transfer_weeks * bill.levels

    def runs(self, lot: Lot) -> Runs:
        """Return what of a lot is made in one go: all of it, or the rest and before it the first article."""
        if not lot.first_article:
            return ((lot.quantity, 0),)
        return (lot.quantity - 1, 0), (1, self.gate_weeks(lot))

    def verdict(self, operation: Operation, group: MachineGroup, lot_quantity: int) -> Verdict:
        """Return whether a group can do an operation for a lot of this size."""
        return match(operation, group, lot_quantity, self.ancestors)

    def fitting(self, operation: Operation, lot_quantity: int) -> dict[str, tuple[MachineGroup, ...]]:
        """Return the groups that can do an operation, by workshop; workshops with none are left out."""
        key = (operation, lot_quantity)
        if key not in self._fitting:
            fitting = {
                workshop_id: tuple(group for group in groups if group.minimum_lot <= lot_quantity)
                for workshop_id, groups in self.fitting_large_lots(operation).items()
            }
            self._fitting[key] = {workshop_id: groups for workshop_id, groups in fitting.items() if groups}
        return self._fitting[key]

    def fitting_large_lots(self, operation: Operation) -> dict[str, tuple[MachineGroup, ...]]:
        """Return the groups of each workshop that can do an operation, however few pieces they take at least."""
        if operation not in self._able:
            self._able[operation] = {
                workshop.id: tuple(
                    group
                    for group in workshop.groups
                    # most groups fail by their process, which is the quickest to tell
                    if operation.process in self.ancestors.get(group.process, frozenset())
                    and self.verdict(operation, group, group.minimum_lot).answer is Answer.CAN
                )
                for workshop in self.workshops.values()
            }
        return self._able[operation]

    def haul(self, load: tuple[int, int], route: Route, limit_m: int | None) -> tuple[Haul, Route] | None:
        """Return the cheapest way to carry a load of (grams per piece, pieces), and the route as its mode goes it.

        None: no mode can, or none within ``limit_m``.
        """
        distances_m = route.modes_m or route.distance_m
        key = (*load, distances_m, limit_m)
        if key not in self._hauls:
            price = self.settings.co2e_cents_per_kg
            self._hauls[key] = choose_haul(self.region.network.modes, load, distances_m, price, limit_m)
        haul = self._hauls[key]
        if haul is None:
            return None
        return haul, route.by(self.region.network.modes.index(haul.mode)) if route.modes_m else route
