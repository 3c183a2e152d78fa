"""What making, carrying, being late and importing cost."""

from collections.abc import Iterable
from dataclasses import dataclass

from cosmolocal.planning.audit.boms import Exploded
from cosmolocal.planning.audit.rounding import ceil_div
from cosmolocal.planning.audit.weeks import week_of
from cosmolocal.records import CostTerms, Design, Lot, MachineGroup, Mode, Operation, Order, Settings


@dataclass(frozen=True, slots=True)
class Demand:
    """A lot with all that its cost depends on."""

    lot: Lot
    order: Order
    #: None: no version fits
    design: Design | None
    exploded: Exploded

    def units(self, first: bool) -> int:
        """Return the units that are made as the first article, or after it: all where there is none."""
        whole = self.lot.quantity
        if not self.lot.first_article:
            return 0 if first else whole
        return 1 if first else whole - 1

    @property
    def mass_g(self) -> int:
        """Return the mass of the whole lot."""
        return self.lot.quantity * self.exploded.unit_mass_g

    def value_cents(self, settings: Settings) -> int:
        """Return what the lot would cost outside the region, without its way here."""
        known = self.design.reference_price_cents if self.design else None
        return self.lot.quantity * (settings.unknown_import_cents if known is None else known)


@dataclass(frozen=True, slots=True)
class Making:
    """One operation of a task on a machine group."""

    group: MachineGroup
    operation: Operation
    #: [pieces]
    quantity: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Carriage:
    """How a leg's load travels."""

    mode: str
    trips: int
    cents: int
    co2e_g: int
    #: [m] of all trips
    travelled_m: int


def count_minutes(operation: Operation, group: MachineGroup, quantity: int) -> int:
    """Return the machine minutes of an operation on a quantity; an unknown time counts as 0."""
    setup = (group.setup_seconds + operation.setup_seconds) * group.speed_percent
    return ceil_div(setup + quantity * (operation.seconds or 0) * 100, 60 * group.speed_percent)


def find_carriage(load: tuple[int, int], choices: list[tuple[Mode, int]], settings: Settings) -> Carriage | None:
    """Return the cheapest way to carry (pieces, grams per piece), by the modes and their distances; None: none fits."""
    quantity, unit_mass_g = load
    fitting = [
        (mode, distance_m)
        for mode, distance_m in choices
        if mode.max_load_g >= unit_mass_g and (mode.max_distance_m is None or mode.max_distance_m >= distance_m)
    ]
    carriages = [
        _carry(quantity, unit_mass_g, distance_m, mode) if distance_m else Carriage(mode.id, 1, 0, 0, 0)
        for mode, distance_m in fitting
    ]
    weights = [way.cents * 1000 + way.co2e_g * settings.co2e_cents_per_kg for way in carriages]
    return carriages[weights.index(min(weights))] if carriages else None


def _carry(quantity: int, unit_mass_g: int, distance_m: int, mode: Mode) -> Carriage:
    trips = ceil_div(quantity, max(1, mode.max_load_g // max(1, unit_mass_g)))
    cents = trips * (mode.cents_per_trip + ceil_div(mode.cents_per_km * distance_m, 1000))
    return Carriage(mode.id, trips, cents, trips * ceil_div(mode.co2e_g_per_km * distance_m, 1000), trips * distance_m)


def sum_allocation(
    demand: Demand, makings: Iterable[Making], carriages: Iterable[Carriage], week: int, settings: Settings
) -> CostTerms:
    """Return the cost of making a lot in the region and delivering it in a week."""
    makings, carriages = tuple(makings), tuple(carriages)
    co2e_g = sum(way.co2e_g for way in carriages)
    co2e_g += sum(ceil_div(making.minutes * making.group.co2e_g_per_hour, 60) for making in makings)
    travelled_m = sum(way.travelled_m for way in carriages)
    late = max(0, week - week_of(demand.order.due_date, settings))
    percents = late * settings.lateness_percent_per_week * _priority(demand.order, settings)
    return CostTerms(
        machine_cents=sum(ceil_div(making.minutes * making.group.hourly_cost_cents, 60) for making in makings),
        material_cents=sum(making.quantity * making.operation.material_cents for making in makings),
        bought_cents=demand.lot.quantity * demand.exploded.bought_cents,
        transport_cents=sum(way.cents for way in carriages),
        co2e_cents=ceil_div(co2e_g * settings.co2e_cents_per_kg, 1000),
        lateness_cents=ceil_div(percents * demand.value_cents(settings), 10_000),
        distance_cents=ceil_div(travelled_m * settings.distance_cents_per_km, 1000),
        co2e_g=co2e_g,
        distance_m=travelled_m,
        late_weeks=late,
    )


def sum_import(demand: Demand, settings: Settings) -> CostTerms:
    """Return the cost of importing a lot."""
    reference_g = (demand.design.reference_co2e_g if demand.design else None) or 0
    import_cents = demand.value_cents(settings) + ceil_div(demand.mass_g * settings.import_cents_per_kg, 1000)
    way_g = ceil_div(demand.mass_g * settings.import_co2e_g_per_kg, 1000)
    co2e_g = demand.lot.quantity * reference_g + way_g
    percents = settings.import_penalty_percent * _priority(demand.order, settings)
    return CostTerms(
        import_cents=import_cents,
        co2e_cents=ceil_div(co2e_g * settings.co2e_cents_per_kg, 1000),
        penalty_cents=ceil_div(import_cents * percents, 10_000),
        co2e_g=co2e_g,
    )


def _priority(order: Order, settings: Settings) -> int:
    return settings.priority_percent.get(order.priority, 100)
