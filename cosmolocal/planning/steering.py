"""Rules that tie a plan to the one before, written into the planning problem itself: one formulation for both.

What stays is set aside with what it uses; a move costs more; a budget of moves is one more resource, of which every
option that is a move uses 1.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.options import repeat_counted
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.presolve import take_options
from cosmolocal.planning.solvers.solution import SolveSettings, Watch

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plan owes to the one before."""

    #: [L] option that the plan before took; −1: none, or one that is no longer possible
    before: Ints
    #: [L] must that option stay?
    kept: Bools
    #: [O] may an option not be taken?
    forbidden: Bools
    #: most lots that may leave their option; None: any number
    most_moves: int | None = None
    #: [cents] by which each of them is made dearer
    move_cents: int = 0
    #: [O] options that are no move of their lot, as ``before`` is none; None: no others
    alike: Bools | None = None

    @property
    def mobile(self) -> Bools:
        """Return the lots that may leave the option they have, at a price, [L]."""
        return (self.before >= 0) & ~self.kept

    def settled(self) -> "Rules":
        """Return the same rules; without a single move allowed, all that has an option keeps it."""
        if self.most_moves != 0:
            return self
        return replace(self, kept=self.before >= 0, most_moves=None)

    @property
    def has_budget(self) -> bool:
        """Tell whether the budget can ever be too small."""
        return self.most_moves is not None and self.most_moves < int(self.mobile.sum())

    def moves(self, choice: Ints) -> int:
        """Return how many lots leave the option they had; those that had none never count."""
        return int((self.mobile & (choice != self.before) & ~self._is_alike(choice)).sum())

    def _is_alike(self, choice: Ints) -> Bools:
        """Tell which lots have an option that is no move, [L]."""
        if self.alike is None:
            return np.zeros(len(choice), dtype=bool)
        return np.asarray((choice >= 0) & np.append(self.alike, False)[choice])


@dataclass(frozen=True, slots=True)
class Steered:
    """A problem with the rules written into it."""

    problem: PlanningProblem
    #: [O] option of the problem without rules; −1: imported, counted as a move
    option: Ints
    #: [L] what is set aside; −1: nothing
    fixed: Ints
    #: [cents] steps that what is set aside takes; its other costs stand as costs of unmet lots
    paid_cents: int

    def read(self, choice: Ints) -> Ints:
        """Return a choice of the steered problem as one of the problem without rules, [L]."""
        return np.where(self.fixed >= 0, self.fixed, np.where(choice >= 0, np.append(self.option, -1)[choice], -1))

    def write(self, choice: Ints) -> Ints:
        """Return a choice of the problem without rules, which keeps them, as one of the steered problem, [L]."""
        position = np.full(int(max(self.option.max(initial=-1), choice.max(initial=-1))) + 1, -1, dtype=np.int64)
        listed = np.flatnonzero(self.option >= 0)
        position[self.option[listed]] = listed
        written = np.where((choice >= 0) & (self.fixed < 0), np.append(position, -1)[choice], -1)
        imports = np.flatnonzero(self.option < 0)
        lots = self.problem.option_lot()[imports]
        left = (choice[lots] < 0) & (written[lots] < 0)
        written[lots[left]] = imports[left]
        return written


def steer(problem: PlanningProblem, rules: Rules) -> Steered:
    """Return the problem whose plans are the plans that keep the rules, and whose costs hold those of moves."""
    rules = rules.settled()
    fixed = np.where(rules.kept, rules.before, -1)
    rest, paid_cents = set_aside(problem, fixed)
    lot, mobile = problem.option_lot(), rules.mobile
    moved = mobile[lot] & (np.arange(problem.option_count) != rules.before[lot])
    if rules.alike is not None:
        moved &= ~rules.alike
    unmet = problem.unmet_cost + rules.move_cents * mobile
    unmet[rules.kept] = problem.option_cost[rules.before[rules.kept]]
    possible = ~rules.forbidden & ~rules.kept[lot]
    priced = replace(rest, option_cost=problem.option_cost + rules.move_cents * moved, unmet_cost=unmet)
    free = take_options(priced, possible, possible[problem.use_option()])
    option = np.flatnonzero(possible)
    if not rules.has_budget:
        return Steered(free, option, fixed, paid_cents)
    return _limit_moves(Steered(free, option, fixed, paid_cents), rules, np.flatnonzero(moved[option]))


def set_aside(problem: PlanningProblem, fixed: Ints) -> tuple[PlanningProblem, int]:
    """Return the problem with the capacity and the steps that a choice leaves, and the cost of the steps it takes.

    Steps are taken in their order in whole blocks, so what a block has left over costs nothing more.
    """
    capacity = problem.capacity - problem.loads(fixed)
    blocks = problem.step_blocks.copy()
    paid_cents = 0
    for step, resource in enumerate(problem.step_resource.tolist()):
        if capacity[resource] < 0:
            size = int(problem.step_size[step])
            taken = min(int(blocks[step]), -(int(capacity[resource]) // size))
            blocks[step] -= taken
            capacity[resource] += taken * size
            paid_cents += taken * int(problem.step_cost[step])
    return replace(problem, capacity=capacity, step_blocks=blocks), paid_cents


def _limit_moves(steered: Steered, rules: Rules, moved: Ints) -> Steered:
    """Return the problem with the budget: moved options use 1 of it, and so does the import of a lot that had a place.

    As being unmet uses nothing, that import becomes an option, and being unmet without it so dear that no best plan
    does it: keeping every lot where it was costs less.
    """
    problem, budget = steered.problem, steered.problem.resource_count
    mobile = np.flatnonzero(rules.mobile)
    use_option = np.concatenate((problem.use_option(), moved))
    order = np.argsort(use_option, kind="stable")
    counts = np.diff(problem.use_start)
    counts[moved] += 1
    limited = replace(
        problem,
        use_start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        use_resource=np.append(problem.use_resource, np.full(len(moved), budget))[order],
        use_amount=np.append(problem.use_amount, np.ones(len(moved), dtype=np.int64))[order],
        capacity=np.append(problem.capacity, rules.most_moves or 0),
    )
    ones = np.ones(len(mobile), dtype=np.int64)
    added = Added(mobile, problem.unmet_cost[mobile], ones, np.full(len(mobile), budget), ones)
    with_imports, source = add_options(limited, added)
    option = np.append(steered.option, np.full(len(mobile), -1))[source]
    grown = Steered(with_imports, option, steered.fixed, steered.paid_cents)
    unmet = with_imports.unmet_cost.copy()
    unmet[mobile] += _dearer_than_any(grown, rules)
    return replace(grown, problem=replace(with_imports, unmet_cost=unmet))


def _dearer_than_any(steered: Steered, rules: Rules) -> int:
    """Return more than what the plan in which all stay costs above the least that any plan could."""
    problem = steered.problem
    stay = problem.cost(steered.write(np.where(rules.mobile, rules.before, -1)))
    least = problem.unmet_cost.copy()
    np.minimum.at(least, problem.option_lot(), problem.option_cost)
    return stay - int(least.sum()) + 1


@dataclass(frozen=True, slots=True)
class Added:
    """Options to be added to a problem; the uses of each stand together, in their order."""

    lot: Ints
    cost: Ints
    use_count: Ints
    use_resource: Ints
    use_amount: Ints


def add_options(problem: PlanningProblem, added: Added) -> tuple[PlanningProblem, Ints]:
    """Return the problem with more options, and where each of its options comes from, [O].

    An added option stands after the others of its lot; the n-th one comes from the number of old options + n.
    """
    source = np.argsort(np.concatenate((problem.option_lot(), added.lot)), kind="stable")
    counts = np.concatenate((np.diff(problem.use_start), added.use_count))
    first = np.cumsum(counts) - counts
    index, nth = repeat_counted(counts[source])
    uses = first[source][index] + nth
    per_lot = np.diff(problem.option_start) + np.bincount(added.lot, minlength=problem.lot_count)
    grown = replace(
        problem,
        option_start=np.concatenate(([0], np.cumsum(per_lot))).astype(np.int64),
        option_cost=np.concatenate((problem.option_cost, added.cost))[source],
        use_start=np.concatenate(([0], np.cumsum(counts[source]))).astype(np.int64),
        use_resource=np.concatenate((problem.use_resource, added.use_resource))[uses],
        use_amount=np.concatenate((problem.use_amount, added.use_amount))[uses],
    )
    return grown, source


def find_overbooked(problem: PlanningProblem, before: Ints, weight: Ints) -> Bools:
    """Return the lots that cannot all stay for want of capacity, [L]: those of least weight together.

    Which they are is a planning problem of its own: each lot stays, or leaves at the cost of its weight, [L] ≥ 1.
    """
    limit = problem.largest_capacity()
    over = problem.loads(before) > limit
    staying = np.zeros(problem.option_count, dtype=bool)
    staying[before[before >= 0]] = True
    if not over.any():
        return np.zeros(problem.lot_count, dtype=bool)
    question = take_options(problem, staying, staying[problem.use_option()] & over[problem.use_resource])
    question = replace(
        question,
        option_cost=np.zeros(question.option_count, dtype=np.int64),
        unmet_cost=weight,
        capacity=limit,
        step_blocks=np.zeros(len(problem.step_blocks), dtype=np.int64),
    )
    answer = solve(question, SolveSettings(gap=0.0), Watch())
    return (before >= 0) & (answer.choice < 0)
