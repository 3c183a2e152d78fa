"""What new sites could serve beside a plan, as arrays: customers, sites, costs and machine minutes; docs/siting.md.

A site is one proposal: a workshop opened at a place, or machines added to a workshop. It serves lots made there as a
whole, on its new machines and on those that stand there, at the prices that the plan has for their hours.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cosmolocal.investments import apply_proposal
from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.earlier import read_old_prices
from cosmolocal.planning.ground import Ground, Runs
from cosmolocal.planning.haulage import NEVER
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.next_best import WEEKS_OF_YEAR, Asked
from cosmolocal.planning.options import reference_price
from cosmolocal.planning.pricing import PricedOperation, TaskWeights, WayPricer
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.savings import Side, carry_prices
from cosmolocal.planning.siting import Floats
from cosmolocal.planning.solvers.solution import PRICE_SCALE
from cosmolocal.planning.tariffs import Market
from cosmolocal.records import Allocation, Lot, Order, Proposal, Unmet


@dataclass(frozen=True, slots=True)
class Customer:
    """Lots of one design for one place that the same sites could serve for less than they cost now."""

    place: str
    #: ``id@version``
    design: str
    lots: tuple[str, ...]
    units: int
    is_imported: bool


@dataclass(frozen=True, slots=True)
class SiteModel:
    """m sites, n customers, at most G new machine groups a site; costs in cents."""

    proposals: tuple[Proposal, ...]
    customers: tuple[Customer, ...]
    #: [m] of the weeks planned; [m] to buy
    open_cost: Floats
    price: Floats
    #: [m × n] serving all of a customer; inf: cannot, or not for less than now
    cost: Floats
    #: [n] what its lots cost now, hours that would be free valued at their prices
    now: Floats
    #: [n] value of what is imported of it
    value: Floats
    #: value of all lots of the plan
    whole_value: float
    #: [m × G × n] part of the group's minutes in all weeks that serving all of a customer takes
    load: Floats


class _MadeWhole(WayPricer):
    """Prices the ways that are done in one workshop as a whole."""

    def _supply(self, child: TaskWeights, users: Ints) -> Ints:  # noqa: ARG002
        return child.at_home.copy()


@dataclass(frozen=True, slots=True)
class _Served:
    """A lot that a site could serve for less than it costs now."""

    site: int
    cents: float
    #: [minutes] by new group of the site
    minutes: tuple[int, ...]


#: by place, design, whether it is imported, and the sites that can: lots with what they cost now
Gathered = dict[tuple[str, str, bool, tuple[int, ...]], list[tuple[Lot, float, list[_Served]]]]


class _Pass:
    """A region with some proposals that do not meet: each in a workshop of its own."""

    def __init__(self, asked: Asked, base: tuple[Side, Ints], sites: Sequence[tuple[int, Proposal]]) -> None:
        region = asked.region
        for _, proposal in sites:
            region = apply_proposal(region, proposal)
        ground = Ground(region)
        if all(proposal.opened is None for _, proposal in sites):
            ground.share_routes(base[0].ground)
        self.side, self.sites = Side(ground), sites
        prices = carry_prices(base[0].resources, base[1], self.side.resources)
        self.market = Market(prices, self.side.largest())
        self._pricers: dict[tuple[str, Runs], _MadeWhole] = {}
        self._minutes: dict[tuple[str, Runs, int, int], tuple[int, ...]] = {}

    def capacity(self, proposal: Proposal) -> list[int]:
        """Return the minutes that each new group of a proposal has in all weeks."""
        resources = self.side.resources
        firsts = [resources.group(proposal.workshop, group.id) for group in proposal.groups]
        return [int(self.side.capacity[first : first + resources.weeks].sum()) for first in firsts]

    def serve(self, lot: Lot, order: Order, now: float) -> Iterator[_Served]:
        """Yield each site that serves a lot for less than it costs now."""
        ground = self.side.ground
        bill = ground.catalogue.bill(lot.design) if lot.design in ground.catalogue.by_key else None
        if not isinstance(bill, TaskNode):
            return
        key = (lot.design, ground.runs(lot))
        if key not in self._pricers:
            self._pricers[key] = _MadeWhole(self.side.resources, self.market, bill, lot)
        weights = self._pricers[key].delivered(order, lot)
        weeks, least = weights.argmin(axis=1), weights.min(axis=1)
        for site, proposal in self.sites:
            row = ground.row.get(proposal.workshop)
            if row is None or least[row] >= min(NEVER, now * PRICE_SCALE):
                continue
            minutes = self._read_minutes(key, proposal, row, int(weeks[row]))
            if any(minutes):
                yield _Served(site, int(least[row]) / PRICE_SCALE, minutes)

    def _read_minutes(self, key: tuple[str, Runs], proposal: Proposal, row: int, week: int) -> tuple[int, ...]:
        """Return what the cheapest way in a workshop takes of each new group there."""
        known = (*key, row, week)
        if known not in self._minutes:
            machines = self.side.resources.machines
            found = dict.fromkeys((machines.number[proposal.workshop, group.id] for group in proposal.groups), 0)
            for operation in _operations(self._pricers[key].root):
                here = np.flatnonzero(machines.row[operation.numbers] == row)
                best = int(here[operation.weights[here, week].argmin()])
                number = int(operation.numbers[best])
                if number in found:
                    found[number] += sum(int(minutes[best]) for minutes, _ in operation.runs)
            self._minutes[known] = tuple(found.values())
        return self._minutes[known]


def _operations(task: TaskWeights) -> Iterator[PricedOperation]:
    yield from task.operations
    for child in task.children:
        yield from _operations(child)


def build_model(asked: Asked, proposals: Sequence[Proposal]) -> SiteModel:
    """Return what proposals could serve beside a plan; lots that were begun before it stay where they are."""
    base = Side(Ground(asked.region))
    prices = read_old_prices(base.resources, asked.plan.prices, 0)
    passes = [_Pass(asked, (base, prices), sites) for sites in _apart(proposals)]
    order_by_id = {order.id: order for order in asked.orders}
    lots = cut_orders(asked.orders, base.ground.catalogue, asked.region.settings.max_lots_per_order)
    lot_by_id = {lot.id: lot for lot in lots}
    gathered: Gathered = defaultdict(list)
    for row in _rows(asked):
        lot, order = lot_by_id.get(row.lot), order_by_id.get(row.order)
        now = _cost_now(base, prices, row)
        if lot is None or order is None or now is None:
            continue
        served = [each for one in passes for each in one.serve(lot, order, now)]
        if served:
            where = tuple(sorted(each.site for each in served))
            gathered[order.place, lot.design, isinstance(row, Unmet), where].append((lot, now, served))
    capacity = {site: one.capacity(proposal) for one in passes for site, proposal in one.sites}
    return _to_arrays(asked, base.ground, tuple(proposals), capacity, gathered)


def _rows(asked: Asked) -> list[Allocation | Unmet]:
    return [*asked.plan.allocations, *asked.plan.unmet]


def _apart(proposals: Sequence[Proposal]) -> list[list[tuple[int, Proposal]]]:
    """Return proposals with their numbers: all workshops to open at once, machines offer by offer."""
    found: dict[str, list[tuple[int, Proposal]]] = defaultdict(list)
    for number, proposal in enumerate(proposals):
        found["" if proposal.opened is not None else proposal.offer].append((number, proposal))
    return list(found.values())


def _cost_now(base: Side, prices: Ints, row: Allocation | Unmet) -> float | None:
    """Return what a lot costs now with the hours it takes at their prices, in cents; None: it was begun already."""
    if isinstance(row, Unmet):
        return float(row.cost.total_cents)
    if any(task.week < 0 for task in row.tasks):
        return None
    found = float(row.cost.total_cents + sum(leg.share_cents for leg in row.legs))
    for task in row.tasks:
        for use in task.uses:
            if (task.workshop, use.group) in base.resources.machines.number:
                at = base.resources.group(task.workshop, use.group) + task.week
                found += int(prices[at]) * use.minutes / PRICE_SCALE
    return found


def _to_arrays(
    asked: Asked,
    ground: Ground,
    proposals: tuple[Proposal, ...],
    capacity: dict[int, list[int]],
    gathered: Gathered,
) -> SiteModel:
    m, n = len(proposals), len(gathered)
    cost, now, value = np.full((m, n), np.inf), np.zeros(n), np.zeros(n)
    load = np.zeros((m, max((len(each) for each in capacity.values()), default=1), n))
    customers = []
    for j, ((place, design, is_imported, where), found) in enumerate(gathered.items()):
        cost[list(where), j] = 0.0
        for lot, cents, served in found:
            now[j] += cents
            if is_imported:
                value[j] += lot.quantity * reference_price(ground, ground.catalogue.by_key.get(lot.design))
            for each in served:
                cost[each.site, j] += each.cents
                load[each.site, : len(each.minutes), j] += each.minutes
        units = sum(lot.quantity for lot, *_ in found)
        names = tuple(sorted(lot.id for lot, *_ in found))
        customers.append(Customer(place, design, names, units, is_imported))
    for site, minutes in capacity.items():
        for group, whole in enumerate(minutes):
            if whole:
                load[site, group] /= whole
            else:
                cost[site, load[site, group] > 0] = np.inf
                load[site, group] = 0.0
    weeks = asked.weeks
    known = ground.catalogue.by_key
    whole = sum(row.quantity * reference_price(ground, known.get(row.design)) for row in _rows(asked))
    annuity = [ceil_div(proposal.annuity_cents * weeks, WEEKS_OF_YEAR) for proposal in proposals]
    price = [proposal.purchase.price_cents for proposal in proposals]
    return SiteModel(
        proposals=proposals,
        customers=tuple(customers),
        open_cost=np.array(annuity, float),
        price=np.array(price, float),
        cost=cost,
        now=now,
        value=value,
        whole_value=float(whole),
        load=load,
    )
