"""Limits on a plan as a whole, written into the planning problem itself: a share of demand made here, a load at most.

A limit is one more resource, or one for each workshop. As being unmet uses nothing, imports become options where they
use what is limited.
"""

from dataclasses import dataclass, replace

import numpy as np

from cosmolocal.planning.options import OptionTable
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.steering import Added, add_options
from cosmolocal.records import Aim, BoundLine

#: what alone exceeds a capacity costs so much, and what has no limit has so much room: above all, below overflow
IMPOSSIBLE = 1 << 40


@dataclass(frozen=True, slots=True)
class Uses:
    """Who uses how much of a limit; pairs stand once."""

    #: lot, or option
    of: Ints
    #: number of the limit
    limit: Ints
    #: > 0
    amount: Ints


@dataclass(frozen=True, slots=True)
class Measure:
    """What an aim counts in the plans of a problem, as uses of its limits."""

    aim: Aim
    #: of options
    made: Uses
    #: of lots that are imported
    imported: Uses
    #: [limits] cents, units or grams asked for and their most use; [workshops] basis minutes
    whole: Ints
    #: [R] limit whose price a resource of the problem bears, −1: none
    bearer: Ints

    def capacity(self, value: int) -> Ints:
        """Return what a plan with this value may use, [limits]."""
        if self.aim is Aim.FAIRNESS:
            return np.where(self.whole > 0, self.whole * value // 1000, IMPOSSIBLE)
        asked, most = self.whole.tolist()
        return np.array([most - self.aim.need(value, asked)], dtype=np.int64)

    def loads(self, problem: PlanningProblem, choice: Ints) -> Ints:
        """Return what a choice uses, [limits]."""
        taken = np.zeros(problem.option_count + 1, dtype=np.int64)
        taken[choice[choice >= 0]] = 1
        loads = np.zeros(len(self.capacity(0)), dtype=np.int64)
        np.add.at(loads, self.made.limit, self.made.amount * taken[self.made.of])
        np.add.at(loads, self.imported.limit, self.imported.amount * (choice[self.imported.of] < 0))
        return loads

    def value(self, loads: Ints) -> int:
        """Return the best value, [per mille], whose limits hold such loads."""
        if self.aim is Aim.FAIRNESS:
            some = self.whole > 0
            return int(np.max(-(-1000 * loads[some] // self.whole[some]), initial=0))
        asked, most = self.whole.tolist()
        return 1000 * (most - int(loads[0])) // asked if asked else 0

    def line(self, value: int, thousandths: int, prices: Ints) -> BoundLine:
        """Return what prices of limits prove for all values from what they prove for the limit of one."""
        if self.aim is not Aim.FAIRNESS:
            return BoundLine(self.aim.need(value, int(self.whole[0])), thousandths, int(prices[0]))
        some = self.whole > 0
        price = int((prices[some] * self.whole[some]).sum())
        paid = int((prices * self.capacity(value))[some].sum())
        return BoundLine(-value, thousandths + paid - -(-price * value // 1000), price, 1000)

    def narrow(self, limits: Ints, value: int) -> Ints:
        """Return what a single way may use of each resource, [R], within the limit of a value too."""
        if self.aim is not Aim.FAIRNESS:
            return limits
        return np.where(self.bearer >= 0, np.minimum(limits, self.capacity(value)[self.bearer]), limits)

    def bear(self, prices: Ints) -> Ints:
        """Return prices of the limited problem as prices of the problem's own resources, which bear those of limits."""
        count = len(self.bearer)
        return np.asarray(prices[:count] + np.append(prices[count:], 0)[self.bearer], dtype=np.int64)


NO_USES = Uses(*(np.zeros(0, dtype=np.int64),) * 3)


def measure_share(table: OptionTable, aim: Aim, parts: list[tuple[int, int]]) -> Measure:
    """Return what a share counts; ``parts``: (asked for, made here if not imported) of each lot.

    Σ of what is imported ≤ most − need, where most is what is made if nothing that adds to the share is imported.
    """
    made = np.array([here for _, here in parts], dtype=np.int64)
    asked = sum(whole for whole, _ in parts)
    lots, option_lot = np.flatnonzero(made > 0), table.problem.option_lot()
    # bought parts may weigh more than the whole is said to: then making it takes from the share
    taking = np.flatnonzero(made[option_lot] < 0) if len(option_lot) else option_lot
    return Measure(
        aim,
        Uses(taking, np.zeros_like(taking), -made[option_lot[taking]]),
        Uses(lots, np.zeros_like(lots), made[lots]),
        np.array([asked, int(made[lots].sum())], dtype=np.int64),
        np.full(table.problem.resource_count, -1, dtype=np.int64),
    )


def measure_load(table: OptionTable) -> Measure:
    """Return what fairness counts: the minutes of each workshop over all weeks."""
    problem, resources = table.problem, table.resources
    end, row = len(resources.groups) * resources.weeks, resources.machines.row
    bearer = np.full(problem.resource_count, -1, dtype=np.int64)
    bearer[:end] = np.repeat(row, resources.weeks)
    shops = len(resources.ground.shops)
    used = np.flatnonzero(problem.use_resource < end)
    pair = problem.use_option()[used] * max(1, shops) + bearer[problem.use_resource[used]]
    pairs, inverse = np.unique(pair, return_inverse=True)
    amount = np.bincount(inverse, problem.use_amount[used], len(pairs)).astype(np.int64)
    whole = np.bincount(bearer[:end], problem.capacity[:end], shops).astype(np.int64)
    return Measure(Aim.FAIRNESS, Uses(pairs // max(1, shops), pairs % max(1, shops), amount), NO_USES, whole, bearer)


@dataclass(frozen=True, slots=True)
class Limited:
    """A problem with limits written into it."""

    problem: PlanningProblem
    #: [O] option of the problem without limits; −1: imported
    option: Ints

    def read(self, choice: Ints) -> Ints:
        """Return a choice of the limited problem as one of the problem without limits, [L]."""
        return np.where(choice >= 0, np.append(self.option, -1)[choice], -1)

    def write(self, choice: Ints) -> Ints:
        """Return a choice of the problem without limits as one of the limited problem, [L]."""
        lot, listed = self.problem.option_lot(), self.option >= 0
        position = np.full(int(max(self.option.max(initial=-1), choice.max(initial=-1))) + 2, -1, dtype=np.int64)
        position[self.option[listed]] = np.flatnonzero(listed)
        written: Ints = position[choice]
        imports = np.flatnonzero(~listed)
        free = imports[choice[lot[imports]] < 0]
        written[lot[free]] = free
        return written


def limit(problem: PlanningProblem, measure: Measure, capacity: Ints, most_cents: int) -> Limited:
    """Return the problem whose plans keep the limits; ``most_cents``: the cost of one that does.

    Being unmet without the import that is an option is so dear that no best plan does it.
    """
    first, option_lot = problem.resource_count, problem.option_lot()
    owner = np.concatenate((problem.use_option(), measure.made.of))
    order = np.argsort(owner, kind="stable")
    # a bound that holds for other limits too must not count on what no plan can do
    too_large = problem.use_option()[problem.use_amount > problem.largest_capacity()[problem.use_resource]]
    cost = problem.option_cost.copy()
    cost[too_large] = IMPOSSIBLE
    counts = np.bincount(owner, minlength=problem.option_count)
    used = replace(
        problem,
        option_cost=cost,
        use_start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        use_resource=np.append(problem.use_resource, first + measure.made.limit)[order],
        use_amount=np.append(problem.use_amount, measure.made.amount)[order],
        capacity=np.append(problem.capacity, capacity),
    )
    lots = measure.imported.of
    ones = np.ones(len(lots), dtype=np.int64)
    added = Added(lots, problem.unmet_cost[lots], ones, first + measure.imported.limit, measure.imported.amount)
    grown, source = add_options(used, added)
    least = problem.unmet_cost.copy()
    np.minimum.at(least, option_lot, problem.option_cost)
    unmet = problem.unmet_cost.copy()
    unmet[lots] += max(0, most_cents - int(least.sum())) + 1
    option = np.where(source < problem.option_count, source, -1)
    return Limited(replace(grown, unmet_cost=unmet), option)


def shed(problem: PlanningProblem, measure: Measure, choice: Ints, capacity: Ints) -> Ints:
    """Return a choice that keeps a limit, with lots imported that cost more than their import, the dearest first.

    Each counts by what its import saves for what it uses of the limit, until that is used up.
    """
    if measure.aim is Aim.FAIRNESS:
        return choice
    lots, amount = measure.imported.of, measure.imported.amount
    saving = problem.option_cost[choice[lots]] - problem.unmet_cost[lots]
    some = np.flatnonzero((choice[lots] >= 0) & (saving > 0))
    left, changed = int(capacity[0] - measure.loads(problem, choice)[0]), choice.copy()
    for nth in some[np.argsort(-saving[some] / amount[some], kind="stable")].tolist():
        if amount[nth] <= left:
            left -= int(amount[nth])
            changed[lots[nth]] = -1
    return changed
