"""What the results of a task weigh on their way, week by week: between workshops, and to where they are delivered."""

from collections.abc import Callable

import numpy as np

from cosmolocal.network.transport import shared_kg
from cosmolocal.planning.capacity import LimitedRoutes, Resources
from cosmolocal.planning.haulage import NEVER, Ints
from cosmolocal.planning.shared_haulage import Between, ModeTrips

#: (units, weeks before the rest) of what travels at the same time
Batches = tuple[tuple[int, int], ...]
#: what kilograms on some limited links weigh by week, [links × T]
LinkWeights = Callable[[LimitedRoutes, Ints, Batches], tuple[Ints, Ints]]


class OnWay:
    """Loads on trips of their own, between some workshops and some places."""

    def __init__(self, travel: Ints, links: tuple[Ints, Ints] | None) -> None:
        #: [rows × columns] limited links left out
        self.travel = travel
        #: weight of each bundle of links by week, and the bundle of each route; None: no limits
        self.links = links

    def at(self, week: int) -> Ints:
        """Return what the loads weigh in a week, [rows × columns]."""
        return self.travel if self.links is None else self.travel + self.links[0][self.links[1], week]


#: the weight of kilograms on trips in a week, and of kilograms through a hub (by its number among the links), [T]
WeighTrips = Callable[[ModeTrips, int, int], Ints]
WeighHub = Callable[[int, int], Ints]


class SharedOnWay(OnWay):
    """Loads on shared trips: the cheapest mode, straight or by a hub."""

    def __init__(
        self,
        resources: Resources,
        between: Between,
        load: tuple[int, Batches],
        weigh: tuple[WeighTrips, WeighHub, LinkWeights],
    ) -> None:
        self.resources, self.between, haulage = resources, between, between.haulage
        self.unit_mass_g, self.batches = load
        self.weigh_trips, self.weigh_hub, self.weigh_links = weigh
        rows, columns, hubs = between.rows, between.columns, range(len(haulage.sharing.hubs))
        self._links = self._limits(resources.limited_routes, rows, columns)
        self._inward = [self._limits(resources.limited_routes, rows, haulage.hub_columns[[hub]]) for hub in hubs]
        self._outward = [self._limits(resources.limited_hub_routes, np.array([hub]), columns) for hub in hubs]
        self._through = [self._throughput(hub) for hub in hubs]

    def _limits(self, limited: LimitedRoutes | None, rows: Ints, columns: Ints) -> tuple[Ints, Ints] | None:
        if limited is None:
            return None
        return self.weigh_links(limited, limited.bundle[np.ix_(rows, columns)], self.batches)

    def _throughput(self, hub: int) -> Ints:
        """Return what passing through a hub weighs by week, [T]."""
        place = self.between.haulage.sharing.hubs[hub]
        base, weights = self.resources.hub(place.id), np.zeros(self.resources.weeks, dtype=np.int64)
        for units, earlier in self.batches:
            kilograms = shared_kg(self.unit_mass_g * units)
            weights += 1000 * kilograms * place.handling_cents_per_kg
            if base is not None:
                moved = np.full(len(weights), NEVER, dtype=np.int64)
                of_hub = self.weigh_hub(base // self.resources.weeks - len(self.resources.groups), kilograms)
                moved[earlier:] = of_hub[: len(weights) - earlier]
                weights = np.minimum(weights + moved, NEVER)
        return weights

    def at(self, week: int) -> Ints:
        """Return what the loads weigh in a week, [rows × columns]."""
        trips = self._weigh(week)
        best = self.between.straight(self.unit_mass_g, trips) + _links_at(self._links, week)
        for hub, through in enumerate(self._through):
            weight = self.between.by_hub(hub, self.unit_mass_g, trips) + _links_at(self._inward[hub], week)
            weight = weight + _links_at(self._outward[hub], week) + through[week]
            best = np.minimum(best, weight)
        least: Ints = np.minimum(best, NEVER)
        return least

    def _weigh(self, week: int) -> Callable[[ModeTrips], Ints]:
        def weigh(trips: ModeTrips) -> Ints:
            total = np.zeros(trips.cents.shape, dtype=np.int64)
            for units, earlier in self.batches:
                if week < earlier:
                    return np.full(trips.cents.shape, NEVER, dtype=np.int64)
                total += self.weigh_trips(trips, shared_kg(self.unit_mass_g * units), week - earlier)
            return np.minimum(total, NEVER)

        return weigh


def _links_at(links: tuple[Ints, Ints] | None, week: int) -> Ints | int:
    return 0 if links is None else links[0][links[1], week]
