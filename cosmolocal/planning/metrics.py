"""How good a plan is: key figures, load per week, and the public metrics of the PPE matching benchmark."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cosmolocal.planning.audit.weeks import basis_minutes, group_week, week_of
from cosmolocal.records import LocalShare, LotState, Order, Plan, Region, Settings, WorkshopStatus


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for a quantity of a kind of item."""

    recipient: str
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """A quantity of a kind of item that a donor sends to a recipient."""

    donor: str
    recipient: str
    item: str
    quantity: int
    #: when; what leaves on the same day to the same recipient is one shipment
    day: date | int
    #: how far, in the unit of whoever asks
    distance: float
    #: [days] that the items lay idle
    held_days: int


@dataclass(frozen=True, slots=True)
class Matching:
    """The metrics of the PPE matching benchmark (Samorani et al., INFORMS Journal on Computing 2022); None: no data."""

    #: [ratio] mean over recipients of the part of their requests that was met; over all items: mean of the items'
    fill_rate: float | None
    #: the same, without the recipients that got nothing
    fill_rate_excluding_zeros: float | None
    #: per unit shipped
    unit_distance: float | None
    #: [days] per unit shipped
    holding_days: float | None
    #: different (donor, recipient, day) per donor that shipped
    shipments_per_donor: float | None


@dataclass(frozen=True, slots=True)
class MatchingReport:
    """The benchmark's metrics for each request, each item, and all together."""

    #: by (recipient, item)
    fill_rates: dict[tuple[str, str], float]
    by_item: dict[str, Matching]
    overall: Matching


@dataclass(frozen=True, slots=True)
class Kpis:
    """The key figures of a plan."""

    orders: int
    #: orders all, some and none of whose units are made in the region
    orders_served: int
    orders_partly: int
    orders_unmet: int
    #: orders of which a lot comes after its due week
    orders_late: int
    lots: int
    lots_served: int
    #: ordered
    units: int
    units_served: int
    #: [per mille of units ordered] made in the region; None: nothing ordered
    served_share: int | None
    local_share: LocalShare
    #: all trips of all legs, one way
    distance_km: float
    #: of making and carrying in the region
    co2e_local_kg: float
    co2e_imported_kg: float
    #: what is really paid: allocations, imports, overtime and shared trips
    money_cents: int
    #: what the plan minimises
    cost_cents: int
    #: [per mille] load of all machine groups / their basis capacity over all weeks; None: no capacity
    utilisation: int | None
    #: the same by "workshop/group"
    utilisation_by_group: dict[str, int | None]
    #: [per mille] Gini coefficient of load / basis capacity over the active workshops with capacity: 0 all the same
    unfairness: int | None
    #: donors are workshops, recipients places, items designs; distance in km of the delivery leg; an item is held
    #: the whole weeks it is delivered before its due week, seven days each
    matching: MatchingReport


@dataclass(frozen=True, slots=True)
class GroupLoad:
    """What a machine group does in a week, and could do."""

    workshop: str
    group: str
    week: int
    used_minutes: int
    #: [minutes] planned without extra cost
    basis_minutes: int
    #: [minutes] at most, whether overtime is allowed or not
    maximum_minutes: int


def measure_matching(requests: Iterable[Request], shipments: Iterable[Shipment]) -> MatchingReport:
    """Return the benchmark's metrics of shipments made upon requests."""
    shipments = tuple(shipments)
    rates = find_fill_rates(requests, shipments)
    items = sorted({item for _, item in rates} | {shipment.item for shipment in shipments})
    by_item = {
        item: _measure_item(
            [rate for (_, asked), rate in rates.items() if asked == item],
            [shipment for shipment in shipments if shipment.item == item],
        )
        for item in items
    }
    overall = Matching(
        _mean(each.fill_rate for each in by_item.values()),
        _mean(each.fill_rate_excluding_zeros for each in by_item.values()),
        *_measure_shipments(shipments),
    )
    return MatchingReport(rates, by_item, overall)


def find_fill_rates(requests: Iterable[Request], shipments: Iterable[Shipment]) -> dict[tuple[str, str], float]:
    """Return, by recipient and item, the part of what was asked for that was shipped, at most 1."""
    asked: Counter[tuple[str, str]] = Counter()
    received: Counter[tuple[str, str]] = Counter()
    for request in requests:
        asked[request.recipient, request.item] += request.quantity
    for shipment in shipments:
        received[shipment.recipient, shipment.item] += shipment.quantity
    return {key: min(1.0, received[key] / quantity) for key, quantity in sorted(asked.items()) if quantity > 0}


def _measure_item(rates: list[float], shipments: list[Shipment]) -> Matching:
    return Matching(_mean(rates), _mean(rate for rate in rates if rate > 0), *_measure_shipments(shipments))


def _measure_shipments(shipments: Iterable[Shipment]) -> tuple[float | None, float | None, float | None]:
    """Return distance and days held per unit, and shipments per donor."""
    shipments = tuple(shipments)
    units = sum(shipment.quantity for shipment in shipments)
    trips = {(shipment.donor, shipment.recipient, shipment.day) for shipment in shipments}
    return (
        _ratio(sum(shipment.distance * shipment.quantity for shipment in shipments), units),
        _ratio(sum(shipment.held_days * shipment.quantity for shipment in shipments), units),
        _ratio(len(trips), len({donor for donor, _, _ in trips})),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _ratio(sum(known), len(known))


def _ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def measure_plan(plan: Plan, region: Region, orders: tuple[Order, ...]) -> Kpis:
    """Return the key figures of a plan; its region holds the settings it was made with."""
    served: Counter[str] = Counter()
    for allocation in plan.allocations:
        served[allocation.order] += allocation.quantity
    for row in plan.changes.earlier if plan.changes else ():
        if row.state is LotState.DONE:
            served[row.order] += row.quantity
    units, units_served = sum(order.quantity for order in orders), sum(served.values())
    full = sum(served[order.id] >= order.quantity > 0 for order in orders)
    partly = sum(0 < served[order.id] < order.quantity for order in orders)
    loads = load_by_group_week(plan, region)
    made, imported = [row.cost for row in plan.allocations], [row.cost for row in plan.unmet]
    return Kpis(
        orders=len(orders),
        orders_served=full,
        orders_partly=partly,
        orders_unmet=len(orders) - full - partly,
        orders_late=len({row.order for row in plan.allocations if row.cost.late_weeks > 0}),
        lots=len(made) + len(imported),
        lots_served=len(made),
        units=units,
        units_served=units_served,
        served_share=_per_mille(units_served, units),
        local_share=plan.local_share,
        distance_km=(sum(cost.distance_m for cost in made) + sum(t.trips * t.distance_m for t in plan.trips)) / 1000,
        co2e_local_kg=(sum(cost.co2e_g for cost in made) + sum(trip.co2e_g for trip in plan.trips)) / 1000,
        co2e_imported_kg=sum(cost.co2e_g for cost in imported) / 1000,
        money_cents=sum(cost.money_cents for cost in made + imported)
        + plan.overtime_cents
        + sum(trip.cents for trip in plan.trips),
        cost_cents=plan.cost_cents,
        utilisation=_per_mille(sum(load.used_minutes for load in loads), sum(load.basis_minutes for load in loads)),
        utilisation_by_group=_find_utilisations(loads),
        unfairness=_find_unfairness(loads, region),
        matching=_measure_deliveries(plan, orders, region.settings),
    )


def load_by_group_week(plan: Plan, region: Region) -> tuple[GroupLoad, ...]:
    """Return the load of every machine group of the region in every week, by workshop, group and week."""
    used: Counter[tuple[str, str, int]] = Counter()
    for allocation in plan.allocations:
        for task in allocation.tasks:
            for use in task.uses:
                used[task.workshop, use.group, task.week] += use.minutes
    rows = []
    for workshop in region.workshops:
        for group in workshop.groups:
            for week in range(region.settings.weeks):
                capacity = group_week(workshop, group, week, region.settings)
                minutes = used[workshop.id, group.id, week]
                limits = capacity.basis_minutes, capacity.maximum_minutes
                rows.append(GroupLoad(workshop.id, group.id, week, minutes, *limits))
    return tuple(sorted(rows, key=lambda row: (row.workshop, row.group, row.week)))


def _find_utilisations(loads: tuple[GroupLoad, ...]) -> dict[str, int | None]:
    used: Counter[str] = Counter()
    basis: Counter[str] = Counter()
    for load in loads:
        used[f"{load.workshop}/{load.group}"] += load.used_minutes
        basis[f"{load.workshop}/{load.group}"] += load.basis_minutes
    return {name: _per_mille(used[name], basis[name]) for name in used}


def _find_unfairness(loads: tuple[GroupLoad, ...], region: Region) -> int | None:
    used: defaultdict[str, int] = defaultdict(int)
    for load in loads:
        used[load.workshop] += load.used_minutes
    active = (workshop for workshop in region.workshops if workshop.status is WorkshopStatus.ACTIVE)
    capacities = ((workshop.id, basis_minutes(workshop, region.settings)) for workshop in active)
    gini = find_gini([used[workshop] / capacity for workshop, capacity in capacities if capacity])
    return None if gini is None else round(1000 * gini)


def find_gini(shares: list[float]) -> float | None:
    """Return the Gini coefficient: mean difference of all pairs / twice the mean; None without shares.

    >>> find_gini([2.0, 2.0]), find_gini([0.0, 4.0]), find_gini([0.0, 0.0]), find_gini([])
    (0.0, 0.5, 0.0, None)
    """
    total = sum(shares)
    if not shares or total == 0:
        return 0.0 if shares else None
    weighed = sum(rank * share for rank, share in enumerate(sorted(shares), start=1))
    return 2 * weighed / (len(shares) * total) - (len(shares) + 1) / len(shares)


def _per_mille(part: int, whole: int) -> int | None:
    return None if whole == 0 else 1000 * part // whole


def _measure_deliveries(plan: Plan, orders: tuple[Order, ...], settings: Settings) -> MatchingReport:
    by_id = {order.id: order for order in orders}
    shipments = []
    for row in plan.allocations:
        order = by_id.get(row.order)
        if order is not None:
            distance_km = sum(leg.distance_m for leg in row.legs if leg.path == "") / 1000
            held_days = 7 * max(0, week_of(order.due_date, settings) - row.week)
            made = (row.workshop, order.place, order.design, row.quantity)
            shipments.append(Shipment(*made, day=row.week, distance=distance_km, held_days=held_days))
    return measure_matching([Request(order.place, order.design, order.quantity) for order in orders], shipments)
