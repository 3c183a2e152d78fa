"""The resources of a plan: machine groups, links, hubs, fair loads and shared trips, with their capacity per week."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np

from cosmolocal.network.graph import link_name
from cosmolocal.network.routes import Routes
from cosmolocal.network.transport import TripCost, ceil_div, load_kg, one_trip
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.haulage import Ints
from cosmolocal.planning.hours import open_days, other_minutes
from cosmolocal.planning.problem import ENDLESS
from cosmolocal.planning.sharing import find_hubs
from cosmolocal.records import FAIR_LOAD_STEPS, CapacityBasis, MachineGroup, Mode, Workshop


def group_name(workshop_id: str, group_id: str) -> str:
    """Return the name of a machine group as plans and prices write it."""
    return f"{workshop_id}/{group_id}"


def weekly_minutes(workshop: Workshop, group: MachineGroup, monday: date, basis: CapacityBasis) -> int:
    """Return the machine minutes of a group in the week of ``monday``, what is closed taken off."""
    one_machine = other_minutes(workshop, group, monday)
    if one_machine is None:
        for period in group.periods:
            if (period.valid_from or monday) <= monday <= (period.valid_to or monday):
                break
        else:
            return 0
        one_machine = {
            CapacityBasis.AGREED: period.agreed_minutes,
            CapacityBasis.ACTUAL: period.actual_minutes,
            CapacityBasis.MAXIMUM: period.maximum_minutes,
        }[basis]
    usual = len(workshop.open_weekdays)
    return group.machines * one_machine * open_days(workshop, group, monday) // usual if usual else 0


@dataclass(frozen=True, slots=True)
class Step:
    """Capacity that can be added to a resource in blocks."""

    resource: int
    size: int
    blocks: int
    #: [cents per block]
    cost: int


@dataclass(frozen=True, slots=True)
class LimitedRoutes:
    """Which limited links the routes pass: routes that pass the same ones share a bundle of links."""

    #: [W × N] bundle of each route; −1: it passes no limited link
    bundle: Ints
    #: [B] where the links of each bundle begin in ``links``
    start: Ints
    #: [B] how many links each bundle has
    count: Ints
    #: numbers of links, bundle by bundle
    links: Ints


@dataclass(frozen=True, slots=True)
class TripKind:
    """Trips from a place to another by a mode: a resource in each week."""

    from_place: str
    to_place: str
    mode: Mode
    cost: TripCost

    @property
    def load_kg(self) -> int:
        """Return the kilograms of one trip."""
        return load_kg(self.mode)

    @property
    def price(self) -> int:
        """Return the thousandths of a cent per kilogram on full trips, rounded down."""
        return 1000 * self.cost.total_cents // self.load_kg


def _limited_links(ground: Ground) -> list[tuple[str, str, int]]:
    """Return the links with a limit, and after them the hubs: each as a link from itself to itself."""
    links = ground.routes.links
    found = [(links.places[one].id, links.places[other].id, limit) for one, other, limit in links.capacities()]
    hubs = ((hub.id, hub.weekly_capacity_kg) for hub in find_hubs(ground.region))
    return found + [(hub, hub, limit) for hub, limit in hubs if limit is not None]


class Resources:
    """Numbers the resources: (group, week), then (limited link or hub, week), then the fair load of each workshop.

    Shared trips come last, (trips, week): they are numbered as ways that use them are found, so no number ever changes.
    """

    def __init__(self, ground: Ground, links: list[tuple[str, str, int]] | None = None) -> None:
        """Take the limited links (place, place, kilograms a week) of the ground where they are not given."""
        self.ground = ground
        self.weeks = ground.settings.weeks
        self.machines = ground.machines
        self.groups = self.machines.groups
        self.links = _limited_links(ground) if links is None else links
        self._group_numbers = self.machines.number
        self._link_numbers = {(a, b): len(self.groups) + number for number, (a, b, _) in enumerate(self.links)}
        self.fair_start = (len(self.groups) + len(self.links)) * self.weeks
        is_fair = ground.settings.fairness_cents_per_hour > 0
        self._fair_numbers = {workshop_id: number for number, workshop_id in enumerate(ground.workshops)}
        self._minutes_by_basis: dict[CapacityBasis, list[int]] = {}
        #: first resource of shared trips
        self.trip_start = self.fair_start + (len(ground.workshops) if is_fair else 0)
        self.trips: list[TripKind] = []
        self._trip_numbers: dict[tuple[str, str, str], int] = {}

    @property
    def count(self) -> int:
        """Return how many there are so far."""
        return self.trip_start + len(self.trips) * self.weeks

    @property
    def is_fair(self) -> bool:
        """Tell whether load above a fair share costs."""
        return self.trip_start > self.fair_start

    def group(self, workshop_id: str, group_id: str) -> int:
        """Return the resource of a machine group in week 0; add the week."""
        return self._group_numbers[workshop_id, group_id] * self.weeks

    def link(self, one: str, other: str) -> int | None:
        """Return the resource of a link in week 0; None: it has no limit."""
        number = self._link_numbers.get((min(one, other), max(one, other)))
        return None if number is None else number * self.weeks

    def hub(self, hub: str) -> int | None:
        """Return the resource of a hub's throughput in week 0; None: it has no limit."""
        return self.link(hub, hub)

    def trip(self, ends: tuple[str, str], mode: Mode, distance_m: int) -> int:
        """Return the resource of the shared trips from a place to another by a mode in week 0."""
        key = (*ends, mode.id)
        if key not in self._trip_numbers:
            self._trip_numbers[key] = len(self.trips)
            self.trips.append(TripKind(*ends, mode, one_trip(mode, distance_m, self.ground.settings)))
        return self.trip_start + self._trip_numbers[key] * self.weeks

    def trip_bases(self, mode: str) -> dict[tuple[str, str], int]:
        """Return the resource in week 0 of the shared trips by a mode, by where they begin and end."""
        return {
            (kind.from_place, kind.to_place): self.trip_start + number * self.weeks
            for number, kind in enumerate(self.trips)
            if kind.mode.id == mode
        }

    def trip_kind(self, resource: int) -> TripKind:
        """Return which trips a resource is."""
        return self.trips[(resource - self.trip_start) // self.weeks]

    def at(self, base: int, week: int) -> int:
        """Return the resource of week 0 in another week; a fair load is the same in all."""
        return base if self.fair_start <= base < self.trip_start else base + week

    def has_week(self, bases: Ints) -> Ints:
        """Return 1 for resources of weeks, 0 for fair loads."""
        return np.asarray((bases < self.fair_start) | (bases >= self.trip_start), dtype=np.int64)

    def trip_prices(self) -> Ints:
        """Return what a kilogram weighs on full trips, by trips and week, in thousandths of a cent."""
        return np.repeat(np.array([kind.price for kind in self.trips], dtype=np.int64), self.weeks)

    def pad(self, prices: Ints) -> Ints:
        """Return prices found before for all resources there are now: trips found since cost what full ones do."""
        return np.append(prices, self.trip_prices()[len(prices) - self.trip_start :])

    @cached_property
    def limited_routes(self) -> LimitedRoutes | None:
        """Return which limited links the routes from workshops pass; None: no link has a limit."""
        return self._limits_of(self.ground.routes)

    @cached_property
    def limited_hub_routes(self) -> LimitedRoutes | None:
        """Return which limited links the routes from hubs pass; None: no link has a limit, or trips are not shared."""
        return None if self.ground.sharing is None else self._limits_of(self.ground.sharing.hub_routes)

    def _limits_of(self, routes: Routes) -> LimitedRoutes | None:
        if not self.links:
            return None
        places = routes.links.number
        number = np.full((len(places), len(places)), -1, dtype=np.int64)
        for nth, (one, other, _) in enumerate(self.links):
            number[places[one], places[other]] = number[places[other], places[one]] = nth
        bundle = np.where(routes.is_direct, number[routes.starts], -1)
        # a bundle for each link, then one for each route of several links
        bundles = [[nth] for nth in range(len(self.links))]
        around = ~routes.is_direct & (routes.distance_m >= 0)
        around[np.arange(len(routes.starts)), routes.starts] = False
        for row, column in np.argwhere(around).tolist():
            via = routes.passed(row, column)
            passed = [int(number[a, b]) for a, b in pairwise(via) if number[a, b] >= 0]
            if passed:
                bundle[row, column] = len(bundles)
                bundles.append(passed)
        count = np.array([len(links) for links in bundles], dtype=np.int64)
        return LimitedRoutes(
            bundle,
            np.cumsum(count) - count,
            count,
            np.array([nth for links in bundles for nth in links], dtype=np.int64),
        )

    def fair(self, workshop_id: str) -> int | None:
        """Return the resource of a workshop's load; None: fairness is off."""
        return self.fair_start + self._fair_numbers[workshop_id] if self.is_fair else None

    def is_group(self, resource: int) -> bool:
        """Tell whether a resource is a machine group in a week."""
        return resource < len(self.groups) * self.weeks

    def name(self, resource: int) -> tuple[str, int]:
        """Return the name and the week of a machine group or link."""
        number, week = divmod(resource, self.weeks)
        if number < len(self.groups):
            workshop, group = self.groups[number]
            return group_name(workshop.id, group.id), week
        one, other, _ = self.links[number - len(self.groups)]
        return one if one == other else link_name(one, other), week

    def _minutes(self, basis: CapacityBasis) -> list[int]:
        if basis not in self._minutes_by_basis:
            start = self.ground.settings.start_date
            mondays = [start + timedelta(weeks=week) for week in range(self.weeks)]
            self._minutes_by_basis[basis] = [
                weekly_minutes(shop, group, monday, basis) for shop, group in self.groups for monday in mondays
            ]
        return self._minutes_by_basis[basis]

    @property
    def capacities(self) -> list[int]:
        """Return the capacity of each resource before any step: minutes, kilograms."""
        return self._capacities + [0] * (len(self.trips) * self.weeks)

    @cached_property
    def _capacities(self) -> list[int]:
        basis = self._minutes(self.ground.settings.capacity_basis)
        links = [capacity for _, _, capacity in self.links for _ in range(self.weeks)]
        fair = [hours[0] * FAIR_LOAD_STEPS[0][0] // 100 for hours in self._fair_hours(basis)]
        return basis + links + fair

    def _fair_hours(self, basis: list[int]) -> list[tuple[int, int]]:
        """Return (basis minutes, maximum minutes) over all weeks by workshop; nothing when fairness is off."""
        if not self.is_fair:
            return []
        totals = dict.fromkeys(self.ground.workshops, (0, 0))
        for number, (at_basis, at_most) in enumerate(zip(basis, self._minutes(CapacityBasis.MAXIMUM), strict=True)):
            workshop_id = self.groups[number // self.weeks][0].id
            so_far = totals[workshop_id]
            totals[workshop_id] = (so_far[0] + at_basis, so_far[1] + max(at_basis, at_most))
        return list(totals.values())

    def steps(self) -> list[Step]:
        """Return overtime and fairness steps and trips, within a resource in order of cost."""
        return self._steps + self._trip_steps()

    @cached_property
    def _steps(self) -> list[Step]:
        return self._overtime_steps(self._capacities) + self._fairness_steps(self._capacities)

    def _trip_steps(self) -> list[Step]:
        return [
            Step(self.trip_start + number * self.weeks + week, kind.load_kg, ENDLESS, kind.cost.total_cents)
            for number, kind in enumerate(self.trips)
            for week in range(self.weeks)
        ]

    @property
    def block_sizes(self) -> Ints:
        """Return the minutes of an hour, or the kilograms of a trip, of each resource, [R]."""
        loads = np.array([kind.load_kg for kind in self.trips], dtype=np.int64)
        return np.append(np.full(self.trip_start, 60, dtype=np.int64), np.repeat(loads, self.weeks))

    @property
    def step_table(self) -> tuple[Ints, Ints]:
        """Return the blocks that each step can add and its cents per block, both [steps × R], in order of cost."""
        hours = np.zeros((len(FAIR_LOAD_STEPS), self.count), dtype=np.int64)
        cents = np.zeros_like(hours)
        level = [0] * self.count
        for step in self.steps():
            nth = level[step.resource]
            hours[nth, step.resource], cents[nth, step.resource] = step.blocks, step.cost
            level[step.resource] += 1
        return hours, cents

    def _overtime_steps(self, basis: list[int]) -> list[Step]:
        percent = self.ground.settings.overtime_percent
        if percent is None:
            return []
        found = []
        for resource, at_most in enumerate(self._minutes(CapacityBasis.MAXIMUM)):
            blocks = max(0, (at_most - basis[resource]) // 60)
            cost = ceil_div(self.groups[resource // self.weeks][1].hourly_cost_cents * percent, 100)
            if blocks:
                found.append(Step(resource, 60, blocks, cost))
        return found

    def _fairness_steps(self, basis: list[int]) -> list[Step]:
        found = []
        price = self.ground.settings.fairness_cents_per_hour
        for number, (hours, at_most) in enumerate(self._fair_hours(basis[: len(self.groups) * self.weeks])):
            thresholds = [hours * percent // 100 for percent, _ in FAIR_LOAD_STEPS]
            for index, (_, factor) in enumerate(FAIR_LOAD_STEPS):
                is_last = index + 1 == len(FAIR_LOAD_STEPS)
                width = at_most if is_last else thresholds[index + 1] - thresholds[index]
                found.append(Step(self.fair_start + number, 60, ceil_div(width, 60), price * factor))
        return [step for step in found if step.blocks]
