"""What to buy or open next: limits tell where to look, planning for real tells what it saves; ``docs/gaps.md``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.investments import apply_proposal
from cosmolocal.network.transport import ceil_div
from cosmolocal.planning.capacity import weekly_minutes
from cosmolocal.planning.fixes import apply_fix
from cosmolocal.planning.plans import Provenance
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.savings import LOOKS, Limit, SavingLimits
from cosmolocal.planning.solvers.solution import SolveSettings, Watch
from cosmolocal.planning.supposing import plan_edited
from cosmolocal.records import (
    KEPT_STATES,
    Allocation,
    Fix,
    HourCheck,
    LotState,
    MachineGroup,
    Measured,
    NextBest,
    Order,
    Plan,
    Proposal,
    Ranked,
    Region,
    Workshop,
)

CODES = {
    "P150": "an hour cannot be added to a machine group in a week, so its price cannot be checked",
}
WEEKS_OF_YEAR = 52


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan, and all that it takes to plan beside it; the region is as the plan's settings say."""

    region: Region
    orders: tuple[Order, ...]
    plan: Plan

    @property
    def weeks(self) -> int:
        """Return the weeks that are planned."""
        return self.region.settings.weeks

    @property
    def is_free(self) -> bool:
        """Tell whether every lot of the plan may move: nothing of it is promised, begun, done, declined or pinned."""
        changes = self.plan.changes
        if any(task.week < 0 for row in self.plan.allocations for task in row.tasks):
            return False
        if changes is None:
            return True
        bound = any(row.state is LotState.DONE or row.state in KEPT_STATES for row in changes.earlier)
        return not (bound or changes.declined or changes.pinned or changes.forbidden)

    def plan_beside(self, region: Region, settings: SolveSettings, watch: Watch) -> Plan:
        """Return the plan of a region that differs a little, from the prices and ways of the plan at hand.

        What people have said of a plan holds beside it too.
        """
        provenance = Provenance(self.plan.book, self.plan.digests)
        own = Watch(watch.listener, watch.stop, on_compiling=watch.on_compiling)
        if self.is_free:
            return plan_edited(region, self.orders, provenance, settings, self.plan, own)
        return replan_orders(region, self.orders, provenance, settings, Previous(self.plan, {}), own)

    def settled(self, settings: SolveSettings, watch: Watch) -> "Asked":
        """Return the same with the plan that planning again alone comes to, where it is cheaper.

        What only longer solving saves must not count for an hour or an investment.
        """
        again = self.plan_beside(self.region, settings, watch)
        return replace(self, plan=again) if again.cost_cents < self.plan.cost_cents else self

    def settled_as(self, other: Plan, settings: SolveSettings, watch: Watch) -> "Asked":
        """Return the same with a plan as near to its best as another one, where planning again finds it.

        One that was not ended by the gap is as good as the solver makes it.
        """
        if other.gap >= self.plan.gap or self.plan.gap > settings.gap:
            return self
        return self.settled(replace(settings, gap=other.gap), watch)


def check_hour(asked: Asked, resource: str, week: int, settings: SolveSettings, watch: Watch) -> HourCheck:
    """Return the price of an hour beside what planning again with one more hour saves.

    Raises
    ------
    InputError
        Where no hour can be added then.
    """
    shop, group = _find_group(asked, resource, week)
    hour = Fix("hours", {"workshop": shop.id, "group": group.id, "week": week, "hours": 1}, 0)
    region = apply_fix(asked.region, (), hour)[0]
    longer = next(each for each in region.workshops if each.id == shop.id)
    added = _minutes(asked, longer, next(each for each in longer.groups if each.id == group.id), week)
    added -= _minutes(asked, shop, group, week)
    if added <= 0:
        rule = say("the machines are closed then, run all day already, or have their hours set by a closure")
        raise InputError([Problem("P150", f"plan: {resource}, week {week}", rule)])
    price = next((row.cents for row in asked.plan.prices if (row.resource, row.week) == (resource, week)), 0)
    settled = asked.settled(settings, watch)
    found = settled.plan_beside(region, settings, watch)
    cost = settled.settled_as(found, settings, watch).plan.cost_cents
    saved = max(0, cost - found.cost_cents)
    return HourCheck(resource, week, added, ceil_div(price * added, 60), saved, max(saved, cost - found.bound_cents))


def _find_group(asked: Asked, resource: str, week: int) -> tuple[Workshop, MachineGroup]:
    for shop in asked.region.workshops:
        for group in shop.groups:
            if f"{shop.id}/{group.id}" == resource and 0 <= week < asked.weeks:
                return shop, group
    rule = say("must be a machine group such as workshop/group, and a week that is planned")
    raise InputError([Problem("P150", "hour", say("found %(found)s; %(rule)s", found=f"{resource}@{week}", rule=rule))])


def _minutes(asked: Asked, shop: Workshop, group: MachineGroup, week: int) -> int:
    settings = asked.region.settings
    return weekly_minutes(shop, group, settings.start_date + timedelta(weeks=week), settings.capacity_basis)


def a_year(asked_weeks: int, cents: int) -> int:
    """Return what is saved in the weeks planned, scaled to a year and rounded down."""
    return cents * WEEKS_OF_YEAR // asked_weeks


@dataclass(frozen=True, slots=True)
class _Node:
    """Proposals of one offer of which one may be done; the limit holds for each of them."""

    proposals: tuple[Proposal, ...]
    limit: Limit
    #: has the limit of a single proposal been lowered as far as it goes?
    is_tight: bool = False

    @property
    def offer(self) -> str:
        return self.proposals[0].offer

    @property
    def annuity_cents(self) -> int:
        return min(proposal.annuity_cents for proposal in self.proposals)


@dataclass
class _Search:
    """What was looked at so far."""

    asked: Asked
    limits: SavingLimits
    nodes: list[_Node]
    measured: list[tuple[_Node, Measured]] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)

    def potential(self, node: _Node) -> int:
        """Return what a node gains at most in a year."""
        return a_year(self.asked.weeks, node.limit.saving_cents) - node.annuity_cents

    def gain(self, node: _Node, found: Measured) -> int:
        """Return what a measured proposal gains in a year."""
        return a_year(self.asked.weeks, found.saved_cents) - node.annuity_cents

    @property
    def best(self) -> int:
        """Return the most that is known to be gained; to do nothing gains nothing."""
        return max([0, *(self.gain(node, found) for node, found in self.measured)])

    def next(self) -> _Node | None:
        """Return where to look next: first at offers of which no place was tried; None: nothing can be better."""
        left = [node for node in self.nodes if self.potential(node) > self.best]
        return min(
            left, key=lambda node: (self.times[node.offer], -self.potential(node), node.proposals[0].id), default=None
        )

    def refine(self, node: _Node) -> None:
        """Cut a node in two, or lower the limit of a single proposal."""
        self.nodes.remove(node)
        half = len(node.proposals) // 2
        parts = [node.proposals[:half], node.proposals[half:]] if half else [node.proposals]
        for part in parts:
            limit = self.limits.find(part, 0 if half else LOOKS)
            lower = limit if limit.saving_cents < node.limit.saving_cents else node.limit
            self.nodes.append(_Node(part, lower, not half))


def find_next(
    asked: Asked, proposals: Sequence[Proposal], count: int, settings: SolveSettings, watch: Watch
) -> NextBest:
    """Return what to buy or open next: the ``count`` proposals of most promise planned, limits for all others.

    All is told beside the plan at hand, or what planning it again comes to.
    """
    given, asked = asked.plan, asked.settled(settings, watch) if count else asked
    limits = SavingLimits(asked.region, asked.orders, asked.plan, watch)
    by_offer: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        by_offer.setdefault(proposal.offer, []).append(proposal)
    nodes = [_Node(tuple(each), limits.find(each)) for each in by_offer.values()]
    search = _Search(asked, limits, nodes)
    while len(search.measured) < count and not watch.stop.is_set():
        node = search.next()
        if node is None:
            break
        if len(node.proposals) > 1 or not node.is_tight:
            search.refine(node)
            continue
        search.nodes.remove(node)
        search.times[node.offer] += 1
        search.measured.append((node, measure(asked, node.proposals[0], settings, watch)))
    return replace(_tell(search), plan=given.id, again_cents=given.cost_cents - asked.plan.cost_cents)


def _tell(search: _Search) -> NextBest:
    measured = sorted(search.measured, key=lambda pair: (-search.gain(*pair), pair[0].proposals[0].id))
    left = sorted(search.nodes, key=lambda node: (-search.potential(node), node.proposals[0].id))
    ranked = [replace(_row(node), measured=_capped(node, found)) for node, found in measured]
    most = max((search.potential(node) for node in left), default=0)
    return NextBest(
        plan=search.asked.plan.id,
        ranked=(*ranked, *map(_row, left)),
        weeks=search.asked.weeks,
        open_cents=max(0, most - search.best),
        gap_cents=search.limits.gap_cents,
    )


def _row(node: _Node) -> Ranked:
    names = tuple(proposal.id for proposal in node.proposals)
    return Ranked(names, node.offer, node.limit.saving_cents, node.limit.own_cents, node.annuity_cents)


def _capped(node: _Node, found: Measured) -> Measured:
    return replace(found, most_cents=min(found.most_cents, max(found.saved_cents, node.limit.saving_cents)))


def measure(asked: Asked, proposal: Proposal, settings: SolveSettings, watch: Watch) -> Measured:
    """Return what a proposal saves and serves, planned from the plan at hand.

    It is held against a plan without it that is as near to its best, so that luck in solving is no saving.
    """
    plan = asked.plan_beside(apply_proposal(asked.region, proposal), settings, watch)
    asked = asked.settled_as(plan, settings, watch)
    saved = max(0, asked.plan.cost_cents - plan.cost_cents)
    served = [row for row in plan.allocations if _minutes_by(row, proposal)]
    imported = {row.lot for row in asked.plan.unmet}
    new = [row for row in plan.allocations if row.lot in imported]
    place_of = {order.id: order.place for order in asked.orders}
    return Measured(
        saved_cents=saved,
        saved_money_cents=money_of(asked.plan) - money_of(plan),
        most_cents=max(saved, asked.plan.cost_cents - plan.bound_cents),
        lots=len(served),
        units=sum(row.quantity for row in served),
        places=tuple(sorted({place_of[row.order] for row in served})),
        new_lots=len(new),
        new_units=sum(row.quantity for row in new),
        minutes=sum(_minutes_by(row, proposal) for row in served),
    )


def _minutes_by(row: Allocation, proposal: Proposal) -> int:
    """Return the minutes that an allocation takes of the machines of a proposal."""
    groups = {group.id for group in proposal.groups}
    return sum(
        use.minutes
        for task in row.tasks
        if task.workshop == proposal.workshop
        for use in task.uses
        if use.group in groups
    )


def money_of(plan: Plan) -> int:
    """Return what is really paid for a plan: allocations, imports, overtime and shared trips."""
    made = sum(row.cost.money_cents for row in plan.allocations)
    imported = sum(row.cost.money_cents for row in plan.unmet)
    return made + imported + plan.overtime_cents + sum(trip.cents for trip in plan.trips)
