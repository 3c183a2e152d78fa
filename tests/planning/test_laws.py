"""Laws that hold for every region, order book and problem."""

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from planning.planned import audited, planned, tabled, tiny_plan
from planning.tiny_problems import allowed_choices, ints, keeps_capacities, naive_cost, random_problem
from planning.tiny_regions import random_region
from planning.town import town

from cosmolocal.exports.plan_file import plan_from_bytes, plan_to_bytes
from cosmolocal.planning.problem import Ints, PlanningProblem, Taken
from cosmolocal.planning.solvers.by_prices import Run, improve
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.compiled import build_arrays
from cosmolocal.planning.solvers.placing import place_lots
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.relaxation import find_prices, lagrangian_bound, options_worth_keeping
from cosmolocal.planning.solvers.solution import Known, Progress, SolveSettings, Watch, main_options
from cosmolocal.planning.solvers.solving import MORE_SEARCHES
from cosmolocal.planning.solvers.standing import nothing_taken, read_taken
from cosmolocal.records import Order, Plan, PlanStatus, Region, StoppedBy, Workshop, from_plain, to_plain

SEEDS = range(25)
PROBLEMS = range(80)
#: gaps at which this town goes through the neighbourhoods, and at which it does not
TOWN_GAPS = {120: 0.03, 20: 0.0005}


def cost(seed: int) -> int:
    return tiny_plan(seed)[2].cost_cents


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_input_costs_the_same(seed: int):
    region, orders = random_region(seed)
    dice = random.Random(seed)
    shuffled = replace(
        region,
        places=tuple(dice.sample(region.places, len(region.places))),
        workshops=tuple(
            replace(shop, groups=tuple(dice.sample(shop.groups, len(shop.groups))))
            for shop in dice.sample(region.workshops, len(region.workshops))
        ),
        designs=tuple(dice.sample(region.designs, len(region.designs))),
    )
    assert planned(shuffled, dice.sample(orders, len(orders))).cost_cents == cost(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_more_workshop_never_costs_more(seed: int):
    """Without rules for links, for the shortest way is taken whatever it carries: a short cut may be narrow."""
    region, orders = random_region(seed)
    region = replace(region, network=replace(region.network, links=()))
    other = random_region(seed + 1000)[0].workshops[0]
    more = replace(region, workshops=(*region.workshops, replace(other, id="another")))
    assert planned(more, orders).cost_cents <= planned(region, orders).cost_cents


def longer(shop: Workshop) -> Workshop:
    """Return a workshop that gains the same whole hours whether or not some of its days are closed."""
    more = 60 * len(shop.open_weekdays)
    groups = tuple(
        replace(
            group,
            periods=tuple(
                replace(
                    period,
                    agreed_minutes=period.agreed_minutes + more,
                    actual_minutes=period.actual_minutes + more,
                    maximum_minutes=period.maximum_minutes + more,
                )
                for period in group.periods
            ),
        )
        for group in shop.groups
    )
    return replace(shop, groups=groups)


@cache
def cost_with_more_hours(seed: int) -> int:
    region, orders = random_region(seed)
    shops = (longer(region.workshops[0]), *region.workshops[1:])
    return planned(replace(region, workshops=shops), orders).cost_cents


@cache
def cost_with_longer_radii(seed: int) -> int:
    region, orders = random_region(seed)
    shops = tuple(replace(shop, radius_m=None) for shop in region.workshops)
    return planned(replace(region, workshops=shops), orders).cost_cents


@pytest.mark.parametrize("seed", SEEDS)
def test_more_hours_never_cost_more(seed: int):
    assert cost_with_more_hours(seed) <= cost(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_longer_radii_never_cost_more(seed: int):
    region, orders = random_region(seed)
    wider = [replace(order, max_distance_m=None) for order in orders]
    assert cost_with_longer_radii(seed) <= cost(seed)
    assert planned(region, wider).cost_cents <= cost(seed)


def test_some_more_workshops_hours_and_radii_do_help():
    """The laws above would hold for a solver that ignored all three."""
    helped = {"hours": 0, "radius": 0}
    for seed in SEEDS:
        helped["hours"] += cost_with_more_hours(seed) < cost(seed)
        helped["radius"] += cost_with_longer_radii(seed) < cost(seed)
    assert min(helped.values()) > 0


@pytest.mark.parametrize("seed", range(15))
def test_same_input_and_seed_give_the_same_bytes(seed: int):
    region, orders = random_region(seed)
    assert plan_to_bytes(planned(region, orders)) == plan_to_bytes(planned(region, orders))


@cache
def town_run(orders: int) -> tuple[Plan, list[Progress]]:
    steps: list[Progress] = []
    return planned(*town(1, orders), SolveSettings(60.0, TOWN_GAPS[orders], 1), Watch(steps.append)), steps


@pytest.mark.parametrize("orders", TOWN_GAPS)
def test_same_input_and_seed_give_the_same_bytes_for_a_town(orders: int):
    region, book = town(1, orders)
    again = planned(region, tuple(reversed(book)), SolveSettings(60.0, TOWN_GAPS[orders], 1))
    assert plan_to_bytes(again) == plan_to_bytes(town_run(orders)[0])


@pytest.mark.parametrize("orders", TOWN_GAPS)
def test_a_plan_of_a_town_keeps_what_it_promises(orders: int):
    plan = town_run(orders)[0]
    assert audited(plan, *town(1, orders)).problems == ()
    assert 0 <= plan.gap <= TOWN_GAPS[orders]
    assert plan.allocations


def test_the_large_town_is_decided_part_by_part_and_the_small_one_as_a_whole():
    """Otherwise the laws above would say nothing about one of the two."""
    assert [town_run(orders)[0].solver for orders in (120, 20)] == ["prices", "exact"]
    for orders in (120, 20):
        problem, _ = presolve(tabled(*town(1, orders)).options.problem)
        run = Run(problem, find_prices(problem), SolveSettings(60.0, TOWN_GAPS[orders], 1), Watch(), None)
        run.place()
        for number in range(MORE_SEARCHES):
            run.search(number)
        assert not run.is_done(), "it is done before CP-SAT comes into play"


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_survives_plain_values_and_its_file(seed: int):
    plan = tiny_plan(seed)[2]
    assert from_plain(Plan, to_plain(plan)) == plan
    assert plan_from_bytes(plan_to_bytes(plan), "plan.json") == plan


@pytest.mark.parametrize("orders", TOWN_GAPS)
def test_a_stop_beforehand_still_gives_a_right_plan(orders: int):
    region, book = town(1, orders)
    watch = Watch()
    watch.stop.set()
    plan = planned(region, book, SolveSettings(60.0, 0.0, 1), watch)
    assert (plan.status, plan.stopped_by) == (PlanStatus.FEASIBLE, StoppedBy.PERSON)
    assert plan.bound_cents <= plan.cost_cents
    assert audited(plan, region, book).problems == ()


@pytest.mark.parametrize("orders", TOWN_GAPS)
def test_no_time_still_gives_a_right_plan(orders: int):
    region, book = town(1, orders)
    plan = planned(region, book, SolveSettings(0.0, 0.0, 1))
    assert (plan.status, plan.stopped_by) == (PlanStatus.FEASIBLE, StoppedBy.CLOCK)
    assert audited(plan, region, book).problems == ()


@pytest.mark.parametrize("orders", TOWN_GAPS)
def test_progress_is_told_and_only_gets_better(orders: int):
    plan, steps = town_run(orders)
    costs = [step.cost_cents or 0 for step in steps]
    bounds = [step.bound_cents or 0 for step in steps]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert costs[-1] < costs[0]
    assert (costs[-1], bounds[-1]) == (plan.cost_cents, plan.bound_cents)


def tiny_instance(seed: int) -> tuple[Region, tuple[Order, ...], PlanningProblem, int]:
    region, orders = random_region(seed)
    return region, orders, tabled(region, orders).options.problem, cost(seed)


def random_prices(problem: PlanningProblem, seed: int) -> Ints:
    dice = np.random.default_rng(seed)
    scale = dice.choice((10, 1_000, 100_000))
    return ints(dice.integers(0, scale, problem.resource_count) * dice.integers(0, 2, problem.resource_count))


@cache
def choices_of(seed: int) -> list[tuple[int, Ints]]:
    return allowed_choices(random_problem(seed))


@pytest.mark.parametrize("seed", PROBLEMS)
def test_any_prices_give_a_bound_below_the_best(seed: int):
    problem = random_problem(seed)
    best = choices_of(seed)[0][0]
    for dice in range(5):
        assert lagrangian_bound(problem, random_prices(problem, dice)) <= best
    assert lagrangian_bound(problem, find_prices(problem)) <= best


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_give_a_bound_below_the_best_plan(seed: int):
    _, _, problem, best = tiny_instance(seed)
    assert all(lagrangian_bound(problem, random_prices(problem, dice)) <= best for dice in range(5))


@pytest.mark.parametrize("seed", PROBLEMS)
def test_found_prices_bound_at_least_as_well_as_none(seed: int):
    problem = random_problem(seed)
    free = ints(np.zeros(problem.resource_count))
    # prices are rounded to thousandths of a cent
    assert lagrangian_bound(problem, find_prices(problem)) >= lagrangian_bound(problem, free) - 1


@pytest.mark.parametrize("seed", PROBLEMS)
def test_the_options_kept_hold_every_better_choice(seed: int):
    """Whatever the prices and the plan at hand: a choice cheaper than that plan has only options that are kept."""
    problem = random_problem(seed)
    choices = choices_of(seed)
    for dice in range(3):
        prices = random_prices(problem, dice)
        at_hand = choices[random.Random(dice).randrange(len(choices))][0]
        kept = set(options_worth_keeping(problem, prices, at_hand).tolist())
        better = [choice for cents, choice in choices if cents < at_hand]
        assert all(set(choice[choice >= 0].tolist()) <= kept for choice in better)


@pytest.mark.parametrize("seed", PROBLEMS)
def test_presolve_keeps_the_best(seed: int):
    problem = random_problem(seed)
    reduced, options = presolve(problem)
    cents, choice = allowed_choices(reduced)[0]
    assert cents == choices_of(seed)[0][0]
    whole = np.where(choice >= 0, np.append(options, -1)[choice], -1)
    assert keeps_capacities(problem, whole)
    assert naive_cost(problem, whole) == cents


def test_presolve_leaves_something_out():
    sizes = [(problem.option_count, presolve(problem)[0].option_count) for problem in map(random_problem, PROBLEMS)]
    assert sum(after < before for before, after in sizes) > 20


@pytest.mark.parametrize("seed", PROBLEMS)
def test_cost_and_loads_are_what_counting_by_hand_gives(seed: int):
    problem = random_problem(seed)
    for cents, choice in choices_of(seed)[:20]:
        assert problem.cost(choice) == cents


def place(problem: PlanningProblem, prices: Ints) -> Taken:
    """Return what is taken when each lot in turn takes the least priced options with room."""
    arrays = build_arrays(problem)
    standing = nothing_taken(arrays)
    place_lots(arrays, prices, np.arange(problem.lot_count), standing)
    return read_taken(standing)


@pytest.mark.parametrize("seed", PROBLEMS)
def test_what_is_placed_and_improved_keeps_the_capacities(seed: int):
    problem = random_problem(seed)
    for prices in (find_prices(problem), random_prices(problem, seed)):
        first = place(problem, prices)
        better = improve(problem, first)
        assert keeps_capacities(problem, main_options(problem, first))
        assert keeps_capacities(problem, main_options(problem, better))
        assert problem.cost_of(better) <= problem.cost_of(first)


@pytest.mark.parametrize("seed", PROBLEMS)
def test_no_single_lot_can_improve_what_is_improved(seed: int):
    problem = random_problem(seed)
    choice = main_options(problem, improve(problem, place(problem, find_prices(problem))))
    cents = naive_cost(problem, choice)
    for lot in range(problem.lot_count):
        for option in (-1, *range(problem.option_start[lot], problem.option_start[lot + 1])):
            moved = choice.copy()
            moved[lot] = option
            assert not keeps_capacities(problem, moved) or naive_cost(problem, moved) >= cents


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.5])
def test_the_bound_is_never_above_the_best(gap: float):
    for seed in range(20):
        problem = random_problem(seed)
        solution = solve(problem, SolveSettings(gap=gap), Watch())
        assert solution.bound_cents <= choices_of(seed)[0][0] <= solution.cost_cents
        assert solution.cost_cents - solution.bound_cents <= gap * solution.cost_cents


def test_progress_never_promises_more_than_the_plan_may():
    """As when there are more ways than the options: no bound is told above what holds for all of them."""
    for seed in range(20):
        problem, told = random_problem(seed), []
        best = choices_of(seed)[0][0]
        watch = Watch(lambda step, told=told: told.append(step.bound_cents))
        solution = solve(problem, SolveSettings(gap=0.0), watch, Known(limit=best - 1))
        assert solution.bound_cents <= best - 1
        assert max(told) <= best - 1
