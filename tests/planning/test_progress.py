"""What is told while a plan is being made is told of the plan: in its money, and never more than it may promise."""

import math
import random
from dataclasses import dataclass, replace
from functools import cache

import pytest
from planning.brute_force import highest, search
from planning.planned import PROVED, PROVENANCE, planned, tiny_plan
from planning.test_replanning import Follow, change_rates, menus_of
from planning.town import town

from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder
from cosmolocal.planning.plans import plan_orders
from cosmolocal.planning.replanning import Previous, replan_orders
from cosmolocal.planning.rounds import build_options
from cosmolocal.planning.solvers.solution import BestTold, Progress, SolveSettings, Told, Watch
from cosmolocal.records import LotState, Plan

#: (most moves, cents by which each is made dearer)
RULES = [(None, 0), (0, 0), (1, 0), (2, 0), (None, 400), (1, 400)]


@dataclass(frozen=True, slots=True)
class Heard:
    """A plan with what was told while it was made."""

    plan: Plan
    steps: list[Progress]

    def costs(self) -> list[int]:
        return [step.cost_cents for step in self.steps if step.cost_cents is not None]

    def bounds(self) -> list[int]:
        return [step.bound_cents for step in self.steps if step.bound_cents is not None]


def heard(again: Follow, settings: SolveSettings = PROVED) -> Heard:
    steps: list[Progress] = []
    watch = Watch(steps.append)
    return Heard(replan_orders(again.region, again.orders, PROVENANCE, settings, again.previous, watch), steps)


def follow(seed: int, most_moves: int | None, move_cents: int) -> Follow:
    dice = random.Random(seed)
    region, orders, first = tiny_plan(seed)
    states = {row.lot: LotState.ACCEPTED for row in first.allocations if dice.random() < 0.2}
    return Follow(change_rates(region, dice), orders, first, Previous(first, states, (), most_moves, move_cents), first)


def require_honest(found: Heard) -> None:
    plan, last = found.plan, found.steps[-1]
    assert (last.cost_cents, last.bound_cents) == (plan.cost_cents, plan.bound_cents)
    assert max(found.bounds()) <= plan.cost_cents
    if plan.changes is None or plan.changes.move_cents == 0:
        assert found.costs() == sorted(found.costs(), reverse=True)


@pytest.mark.parametrize(("most_moves", "move_cents"), RULES)
def test_what_is_told_last_is_the_plan_and_no_bound_is_above_it(most_moves: int | None, move_cents: int):
    for seed in range(12):
        require_honest(heard(follow(seed, most_moves, move_cents)))


@pytest.mark.parametrize(("most_moves", "move_cents"), RULES)
def test_no_bound_is_told_above_the_cheapest_plan_under_the_rules_nor_a_cost_below_it(
    most_moves: int | None, move_cents: int
):
    """Found by trying all, moves counted or not: what is told is money that is paid."""
    for seed in range(6):
        case = follow(seed, most_moves, move_cents)
        facts = Facts(case.region, case.orders, highest)
        free = replace(case, previous=replace(case.previous, most_moves=None, move_cents=0))
        found = heard(case)
        assert min(found.costs()) >= search(facts, menus_of(free))[0]
        if most_moves in (None, 0):
            least = search(facts, menus_of(replace(case, previous=replace(case.previous, move_cents=0))))[0]
            assert max(found.bounds()) <= least


@cache
def limited_town() -> Follow:
    """Not all ways are options here; rates change, so that it pays to move."""
    region, orders = town(1, 40)
    region = replace(region, settings=replace(region.settings, workshops_per_lot=3, makers_per_part=2))
    first = planned(region, orders[:36], SolveSettings(seconds=20, gap=0.02))
    states = {row.lot: LotState.ACCEPTED for row in first.allocations[::3]}
    return Follow(change_rates(region, random.Random(3)), orders, first, Previous(first, states), first)


@pytest.mark.parametrize(("most_moves", "move_cents"), RULES)
def test_it_is_so_in_a_town_where_more_ways_are_looked_for(most_moves: int | None, move_cents: int):
    case = limited_town()
    previous = replace(case.previous, most_moves=most_moves, move_cents=move_cents)
    # the clock may end it: what is told must be honest at any time
    found = heard(replace(case, previous=previous), SolveSettings(seconds=4, gap=0.002))
    require_honest(found)
    assert most_moves == 0 or len(set(found.costs())) > 1, "there is something to tell"


def test_a_plan_from_scratch_is_told_as_it_ends_too():
    region, orders = town(1, 40)
    for most in (2, 3):
        limited = replace(region, settings=replace(region.settings, workshops_per_lot=most, makers_per_part=1))
        steps: list[Progress] = []
        require_honest(Heard(planned(limited, orders, SolveSettings(8.0, 0.01, 1), Watch(steps.append)), steps))
    for seed in range(12):
        region, orders, _ = tiny_plan(seed)
        steps = []
        require_honest(Heard(planned(region, orders, PROVED, Watch(steps.append)), steps))


def test_the_best_is_the_cheapest_with_what_counts_beside_and_bounds_only_rise():
    best = BestTold()
    told = [Told(), Told(900, None), Told(850, 100, beside_cents=60), Told(None, 80), Told(880, 120, beside_cents=10)]
    seen = [(each.cost_cents, each.bound_cents) for each in map(best, told)]
    assert seen == [(None, None), (900, None), (900, 100), (900, 100), (880, 120)]


def test_no_more_options_are_looked_for_when_their_time_is_gone():
    """The bound holds all the same: it is one for all ways, whatever the prices."""
    region, orders = town(3, 12)
    few_ways = {"workshops_per_lot": 2, "makers_per_part": 1, "routes_per_workshop": 1, "price_rounds": 3}
    region = replace(region, settings=replace(region.settings, **few_ways))
    lots = cut_orders(orders, Ground(region).catalogue, region.settings.max_lots_per_order)
    built = [build_options(OptionBuilder(Ground(region)), lots, orders, Watch(), until) for until in (0, math.inf)]
    (few, low, _), (all_ways, high, _) = built
    assert few.problem.option_count < all_ways.problem.option_count
    assert low is not None
    assert high is not None
    plan = plan_orders(region, orders, PROVENANCE, SolveSettings(seconds=20, gap=0.2))
    assert low <= high <= plan.cost_cents
