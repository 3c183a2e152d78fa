"""Ways to carry a load where lots share trips: by which modes, straight or by a hub."""

from dataclasses import dataclass

from cosmolocal.network.routes import Route, Routes
from cosmolocal.network.street_lengths import NO_WAY
from cosmolocal.network.transport import Haul, TripCost, ceil_div, load_kg, one_trip, shared_kg
from cosmolocal.planning.carriage import Carried
from cosmolocal.records import Mode, Place, PlaceKind, Region


@dataclass(frozen=True, slots=True)
class Stage:
    """A leg by one mode."""

    route: Route
    mode: Mode
    trip: TripCost

    def alone(self, kilograms: int) -> int:
        """Return what a load weighs that has its trips for itself, in thousandths of a cent."""
        return 1000 * self.trip.total_cents * ceil_div(kilograms, load_kg(self.mode))

    @property
    def per_kg(self) -> int:
        """Return the weight of a kilogram on full trips, in thousandths of a cent, rounded down."""
        return 1000 * self.trip.total_cents // load_kg(self.mode)


#: the legs of a load, in their order
Stages = tuple[Stage, ...]


def find_hubs(region: Region) -> tuple[Place, ...]:
    """Return the hubs in which loads may change the mode, by id: none where trips are not shared."""
    hubs = (place for place in region.places if place.kind is PlaceKind.HUB)
    return tuple(sorted(hubs, key=lambda place: place.id)) if region.network.share_trips else ()


def useful_stages(route: Route, unit_mass_g: int, region: Region) -> list[Stage]:
    """Return the legs along a route by each mode that can carry a piece, but those never better than another."""
    found: list[Stage] = []
    for number, mode in enumerate(region.network.modes):
        own = route.by(number)
        is_far = mode.max_distance_m is not None and own.distance_m > mode.max_distance_m
        if own.distance_m == NO_WAY or is_far or unit_mass_g > mode.max_load_g:
            continue
        stage = Stage(own, mode, one_trip(mode, own.distance_m, region.settings))
        if not any(_is_as_good(other, stage) for other in found):
            found = [other for other in found if not _is_as_good(stage, other)]
            found.append(stage)
    return found


def _is_as_good(one: Stage, other: Stage) -> bool:
    """Tell whether a leg costs no more per trip than another, goes no farther and carries no less.

    Over no distance there are no trips: one mode is as good as another.
    """
    is_nothing = one.route.distance_m == 0
    is_near = one.trip.total_cents <= other.trip.total_cents and one.route.distance_m <= other.route.distance_m
    return is_near and (is_nothing or load_kg(one.mode) >= load_kg(other.mode))


class Sharing:
    """The ways to carry loads in a region that shares trips."""

    def __init__(self, region: Region, routes: Routes) -> None:
        self.region, self.routes = region, routes
        self.hubs = find_hubs(region)
        self.hub_routes = Routes(region, [hub.id for hub in self.hubs])
        self._hub_row = {hub.id: row for row, hub in enumerate(self.hubs)}
        self._stages: dict[tuple[str, str, int], list[Stage]] = {}

    def stages(self, start: str, end: str, unit_mass_g: int) -> list[Stage]:
        """Return the legs from a workshop or hub to a place, one for each mode that may be worth it."""
        key = (start, end, unit_mass_g)
        if key not in self._stages:
            route = (self.hub_routes if start in self._hub_row else self.routes).find(start, end)
            self._stages[key] = [] if route is None else useful_stages(route, unit_mass_g, self.region)
        return self._stages[key]

    def ways(self, start: str, end: str, unit_mass_g: int, limit_m: int | None) -> list[Stages]:
        """Return all ways to carry pieces from a workshop to a place, together no longer than a limit."""
        straight: list[Stages] = [(stage,) for stage in self.stages(start, end, unit_mass_g)]
        if start == end:
            return straight
        by_hub: list[Stages] = [
            (one, other)
            for hub in self.hubs
            if hub.id not in (start, end)
            for one in self.stages(start, hub.id, unit_mass_g)
            for other in self.stages(hub.id, end, unit_mass_g)
        ]
        every = straight + by_hub
        return [way for way in every if limit_m is None or sum(stage.route.distance_m for stage in way) <= limit_m]

    def ranked(self, ways: list[Stages], mass_g: int) -> list[Stages]:
        """Return ways to carry a load: the cheapest for it alone, the cheapest on full trips, then the others."""
        kilograms = shared_kg(mass_g)
        ranked = sorted(ways, key=lambda way: self.alone(way, kilograms))
        full = min(ranked, key=self.per_kg, default=None)
        return ranked if full is None or full is ranked[0] else [ranked[0], full, *_without(ranked[1:], full)]

    def alone(self, way: Stages, kilograms: int) -> int:
        """Return what a load weighs that shares its trips with nobody, in thousandths of a cent."""
        handling = 1000 * kilograms * self.handling(way)
        return handling + sum(stage.alone(kilograms) for stage in way)

    def per_kg(self, way: Stages) -> int:
        """Return the least that a kilogram weighs, in thousandths of a cent, rounded down."""
        return 1000 * self.handling(way) + sum(stage.per_kg for stage in way)

    def handling(self, way: Stages) -> int:
        """Return the cents per kilogram of passing through the hub."""
        if len(way) == 1:
            return 0
        return self.hubs[self._hub_row[way[1].route.via[0]]].handling_cents_per_kg

    def carried(self, way: Stages, mass_g: int, first: Carried | None) -> Carried:
        """Return a load on its way."""
        found: Carried | None = None
        for number, stage in enumerate(way):
            is_last = number == len(way) - 1
            via = stage.route.via
            found = Carried(
                from_place=via[0],
                to_place=via[-1],
                route=stage.route,
                haul=Haul(stage.mode, 0 if stage.route.distance_m else 1, 0, 0),
                mass_g=mass_g,
                first=first if is_last else None,
                before=found,
                handling_cents=shared_kg(mass_g) * self.handling(way) if number else 0,
            )
        if found is None:
            raise ValueError("a way has a stage")
        return found


def _without(ways: list[Stages], one: Stages) -> list[Stages]:
    return [way for way in ways if way is not one]
