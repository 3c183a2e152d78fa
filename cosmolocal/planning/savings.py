"""What an investment can save at most, told by the prices of a plan without planning anew; ``docs/gaps.md`` proves it.

For prices π of the region as it is and any prices ρ ≥ 0 of what is added, no plan of the region with it costs less than
L(π, ρ), the Lagrangian bound over all ways that there are then. So it saves at most the plan's cost − L(π, ρ).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosmolocal.investments import apply_proposal
from cosmolocal.planning.bill import TaskNode
from cosmolocal.planning.capacity import Resources
from cosmolocal.planning.earlier import read_old_prices
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder, import_cost, step_arrays
from cosmolocal.planning.pricing import LotPricer
from cosmolocal.planning.problem import Ints
from cosmolocal.planning.rounds import build_options
from cosmolocal.planning.solvers.solution import PRICE_SCALE, Watch
from cosmolocal.planning.tariffs import Market
from cosmolocal.records import Lot, Order, Plan, Proposal, Region

#: prices of a plan that bound it by so much of its cost less than it says are sought anew
WORSE = 0.002
#: looks at prices of what is added, to lower a limit
LOOKS = 5
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Limit:
    """What any one of some proposals can save at most."""

    #: [cents] no plan with it is cheaper than the plan at hand by more
    saving_cents: int
    #: [cents] the part of it that the proposal adds; the rest is what the plan at hand may be from its best
    own_cents: int


class Side:
    """A region made ready to be priced."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.resources = ground, Resources(ground)
        self.capacity = np.array(self.resources.capacities, dtype=np.int64)
        self.steps = step_arrays(self.resources)

    def idle(self, prices: Ints) -> Ints:
        """Return what capacity and its steps take off the bound, by resource, in thousandths of a cent."""
        resource, size, blocks, cost = self.steps
        found = prices * self.capacity
        np.add.at(found, resource, np.maximum(prices[resource] * size - cost * PRICE_SCALE, 0) * blocks)
        return found

    def largest(self) -> Ints:
        """Return the capacity of each resource with all its steps."""
        resource, size, blocks, _ = self.steps
        found = self.capacity.copy()
        np.add.at(found, resource, size * blocks)
        return found

    def weigh(self, prices: Ints, lots: Sequence[tuple[Lot, Order]]) -> Ints:
        """Return the least priced cost of all ways of each lot, in thousandths of a cent."""
        pricer = LotPricer(self.resources, Market(prices, self.largest()))
        # no way is below 0, so none is read: that takes longer than to weigh all of them
        return np.array([pricer.cheapest(lot, order, 0).weight for lot, order in lots], dtype=np.int64)


class SavingLimits:
    """Limits on what proposals can save beside one plan; the region is as the plan's settings say."""

    def __init__(self, region: Region, orders: Sequence[Order], plan: Plan, watch: Watch | None = None) -> None:
        self.region, self.plan = region, plan
        order_by_id = {order.id: order for order in orders}
        planned = {row.lot for row in plan.allocations} | {row.lot for row in plan.unmet}
        base = self.base = Side(Ground(region))
        lots = cut_orders(orders, base.ground.catalogue, region.settings.max_lots_per_order)
        #: of what is done already nothing can be saved
        self.lots = [(lot, order_by_id[lot.order]) for lot in lots if lot.id in planned]
        self.most = self._at_most()
        self.prices = read_old_prices(base.resources, plan.prices, 0)
        self.weights = np.minimum(self.base.weigh(self.prices, self.lots), self.most)
        if plan.bound_cents - self._base_cents() > WORSE * plan.cost_cents:
            self._seek_prices(orders, watch or Watch())

    @property
    def gap_cents(self) -> int:
        """Return how far the plan at hand may be from its best, by these prices: part of every limit."""
        return self.plan.cost_cents - self._base_cents()

    def _base_cents(self) -> int:
        """Return what no plan of the region as it is costs less than, by these prices."""
        return _cents(int(self.weights.sum()) - int(self.base.idle(self.prices).sum()))

    def _at_most(self) -> Ints:
        """Return what each lot costs at most: its import; of one begun before the plan what it costs where it is."""
        begun = {
            row.lot: row.cost.total_cents for row in self.plan.allocations if any(task.week < 0 for task in row.tasks)
        }
        imports = [import_cost(self.base.ground, order, lot).total_cents for lot, order in self.lots]
        least = [min(cents, begun.get(lot.id, cents)) for cents, (lot, _) in zip(imports, self.lots, strict=True)]
        return PRICE_SCALE * np.array(least, dtype=np.int64)

    def _seek_prices(self, orders: Sequence[Order], watch: Watch) -> None:
        """Take the prices of the region as it is, where those of the plan do not tell enough."""
        builder = OptionBuilder(self.base.ground)
        found = build_options(builder, tuple(lot for lot, _ in self.lots), tuple(orders), watch)[2]
        before = (self.prices, self.weights, self._base_cents())
        self.prices = found[: self.base.resources.count]
        self.weights = np.minimum(self.base.weigh(self.prices, self.lots), self.most)
        if self._base_cents() < before[2]:
            self.prices, self.weights = before[:2]

    def find(self, proposals: Sequence[Proposal], looks: int = 0) -> Limit:
        """Return a limit on what any one of some proposals of one offer saves; the more ``looks``, the lower."""
        look = _Look(self, proposals)
        free = look.own(0.0)
        best = free
        end = look.most_scale(free)
        for scale in [1.0] if look.has_market and end > 1.0 else []:
            best = min(best, look.own(scale))
        if looks and end > 0:
            best = min(best, look.search(end, looks))
        return Limit(self.gap_cents + best, best)


class _Look:
    """A region with all of some proposals, of which one is done; priced at more and less for what is added."""

    def __init__(self, limits: SavingLimits, proposals: Sequence[Proposal]) -> None:
        self.limits = limits
        region = limits.region
        for proposal in proposals:
            region = apply_proposal(region, proposal)
        ground = Ground(region)
        if all(proposal.opened is None for proposal in proposals):
            ground.share_routes(limits.base.ground)
        self.side = Side(ground)
        resources = self.side.resources
        self.known = carry_prices(limits.base.resources, limits.prices, resources)
        #: [proposal][group] first resource of what is added
        self.added = [
            [resources.group(proposal.workshop, group.id) for group in proposal.groups] for proposal in proposals
        ]
        self.profile = self._profile(proposals)
        self.lots = self._touched(proposals)

    @property
    def has_market(self) -> bool:
        """Tell whether anything like what is added has a price."""
        return bool(self.market.any())

    def _profile(self, proposals: Sequence[Proposal]) -> Ints:
        """Return how dear what is added is in each week: as the dearest like it, or the same in all weeks, [R]."""
        self.market = np.zeros_like(self.known)
        resources, weeks = self.side.resources, self.side.resources.weeks
        ancestors, old = self.side.ground.ancestors, self.limits.base.resources
        for proposal, bases in zip(proposals, self.added, strict=True):
            for group, base in zip(proposal.groups, bases, strict=True):
                for number, (_, other) in enumerate(old.groups):
                    kin = group.process in ancestors.get(other.process, ()) or other.process in ancestors.get(
                        group.process, ()
                    )
                    if not kin:
                        continue
                    prices = self.limits.prices[number * weeks : (number + 1) * weeks]
                    cheaper = PRICE_SCALE * (other.hourly_cost_cents - group.hourly_cost_cents) // 60
                    worth = np.where(prices > 0, np.maximum(prices + cheaper, 0), 0)
                    span = slice(base, base + weeks)
                    self.market[span] = np.maximum(self.market[span], worth)
        if self.market.any():
            return self.market
        flat = np.zeros_like(self.known)
        for base in (base for bases in self.added for base in bases):
            flat[base : base + resources.weeks] = PRICE_SCALE
        return flat

    def _touched(self, proposals: Sequence[Proposal]) -> list[int]:
        """Return the numbers of the lots that may be made otherwise; a new workshop may shorten the way of any."""
        lots = self.limits.lots
        if any(proposal.opened is not None for proposal in proposals):
            return list(range(len(lots)))
        groups = proposals[0].groups
        able: dict[str, bool] = {}
        for lot, _ in lots:
            if lot.design not in able:
                bill = self._bill(lot)
                steps = [step for node in bill.walk() for step in node.operations] if bill else []
                ancestors = self.side.ground.ancestors
                able[lot.design] = any(
                    step.process in ancestors.get(group.process, ()) for step in steps for group in groups
                )
        return [number for number, (lot, _) in enumerate(lots) if able[lot.design]]

    def _bill(self, lot: Lot) -> TaskNode | None:
        catalogue = self.side.ground.catalogue
        bill = catalogue.bill(lot.design) if lot.design in catalogue.by_key else None
        return bill if isinstance(bill, TaskNode) else None

    def own(self, scale: float) -> int:
        """Return by how many cents the bound falls at a scale of the profile."""
        prices = self.known + np.floor(self.profile * scale).astype(np.int64)
        limits = self.limits
        before = limits.weights[self.lots]
        after = np.minimum(self.side.weigh(prices, [limits.lots[number] for number in self.lots]), before)
        idle = self.side.idle(prices)
        rest = int(idle.sum()) - sum(int(self._of_added(idle, bases).sum()) for bases in self.added)
        one = np.max([self._of_added(idle, bases) for bases in self.added], axis=0)
        fall = int((before - after).sum()) + rest + int(one.sum()) - int(limits.base.idle(limits.prices).sum())
        return max(0, -(-fall // PRICE_SCALE))

    def _of_added(self, values: Ints, bases: list[int]) -> Ints:
        weeks = self.side.resources.weeks
        return np.concatenate([values[base : base + weeks] for base in bases])

    def most_scale(self, free_cents: int) -> float:
        """Return the scale at which idle machines alone take off the bound all that they save for nothing."""
        idle = self.side.capacity * self.profile
        least = max(int(self._of_added(idle, bases).sum()) for bases in self.added)
        return free_cents * PRICE_SCALE / least if least else 0.0

    def search(self, end: float, looks: int) -> int:
        """Return the least fall found between nothing and a scale: it is convex, so the golden section finds it."""
        low, high = 0.0, end
        one, other = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        at_one, at_other = self.own(one), self.own(other)
        best = min(at_one, at_other)
        for _ in range(max(0, looks - 2)):
            if at_one <= at_other:
                high, other, at_other = other, one, at_one
                one = high - _GOLDEN * (high - low)
                at_one = self.own(one)
            else:
                low, one, at_one = one, other, at_other
                other = low + _GOLDEN * (high - low)
                at_other = self.own(other)
            best = min(best, at_one, at_other)
        return best


def carry_prices(old: Resources, known: Ints, new: Resources) -> Ints:
    """Return the prices of a region as it is by the resources of another one; what is new has none."""
    first = {old.name(base)[0]: base for base in range(0, old.fair_start, old.weeks)}
    prices = np.zeros(new.count, dtype=np.int64)
    for base in range(0, new.fair_start, new.weeks):
        at = first.get(new.name(base)[0])
        if at is not None:
            prices[base : base + new.weeks] = known[at : at + old.weeks]
    if new.is_fair:
        for workshop in old.ground.workshops:
            prices[new.fair(workshop)] = known[old.fair(workshop)]
    return prices


def _cents(total: int) -> int:
    """Return a bound in cents, rounded up: costs are whole cents."""
    return max(0, -(-total // PRICE_SCALE))
