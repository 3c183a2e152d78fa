"""Solving a problem anew under rules that tie it to the plan before, from that plan's prices."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choosing import find_prices, improve, lagrangian_bound, place, require_flow, solve
from cosmolocal.planning.solvers.presolve import presolve
from cosmolocal.planning.solvers.solution import (
    PRICE_SCALE,
    Known,
    Solution,
    SolveSettings,
    Told,
    Watch,
    main_options,
)
from cosmolocal.planning.steering import Rules, Steered, steer
from cosmolocal.records import PlanStatus, StoppedBy

#: the least priced cost of all ways of each lot at prices in what kept lots leave, [L] thousandths of a cent;
#: all ways are options: None
Weigh = Callable[[Ints, Rules], Ints] | None


@dataclass(frozen=True, slots=True)
class Replanned:
    """A choice that keeps the rules, and what is known of the best one."""

    #: cost and bound are those of the problem without the cost of moves; no plan that keeps the rules costs less
    solution: Solution
    moves: int
    #: no plan that keeps the rules has less cost + move_cents × moves
    steered_bound_cents: int
    #: no plan that keeps all rules but budget and cost of moves costs less
    free_bound_cents: int
    #: [cents] that one more move would be worth, at the margin
    next_move_cents: int


def replan(
    problem: PlanningProblem,
    rules: Rules,
    settings: SolveSettings,
    watch: Watch,
    prices: Ints | None = None,
    weigh: Weigh = None,
) -> Replanned:
    """Return a plan that keeps the rules.

    First all lots stay and only the others are planned; where prices show that to be good enough, it is the plan.
    ``prices``, [R], are those of the plan before: where they will do, none are sought. All lots together must fit where
    they were; `find_overbooked` finds those that do not.

    Raises
    ------
    InputError
        When a flow was asked for, and the problem, with the rules or without them, is none.
    """
    require_solvable(problem, rules, settings)
    free_rules, rules = replace(rules, most_moves=None, move_cents=0), rules.settled()
    steered = steer(problem, rules)
    reduced, _ = presolve(steered.problem)
    warm = None if prices is None else _for(reduced, prices)
    stay = improve(steered.problem, steered.write(plan_around(problem, rules, settings, watch)))
    chosen = choose_prices(reduced, warm, steered.problem.cost(stay), settings, watch)
    tried = [chosen] if warm is None else [chosen, warm]
    limit = None if weigh is None else max(bound_over_ways(reduced, each, rules, weigh) for each in tried)
    with watch.seen(lambda told: _tell_whole(told, steered, rules)):
        watch.report(steered.problem.cost(stay), None, lambda: steered.problem.whole(stay))
        found = _solve(steered.problem, stay, (chosen, limit), settings, watch)
    choice = steered.read(found.choice)
    cost, moves = problem.cost(choice), rules.moves(choice)
    least = found.bound_cents + steered.paid_cents
    is_free = rules.move_cents == 0 and not rules.has_budget and not (rules.kept & ~free_rules.kept).any()
    free = least if is_free else _best_bound(problem, free_rules, tried, weigh)
    # fewer rules allow more plans, so their bound holds for those under more rules too
    same = replace(rules, move_cents=0)
    bound = max(free, least if rules.move_cents == 0 else _best_bound(problem, same, tried, weigh))
    least = max(least, bound)
    status, stopped_by = _verdict(found, (cost, bound), (cost + rules.move_cents * moves, least), settings)
    solution = Solution(
        choice,
        problem.whole(choice),
        cost,
        min(cost, bound),
        status,
        stopped_by,
        found.prices[: problem.resource_count],
        found.solver,
    )
    next_move = int(found.prices[-1]) // PRICE_SCALE if rules.has_budget else 0
    return Replanned(solution, moves, least, min(free, cost), next_move)


def require_solvable(problem: PlanningProblem, rules: Rules, settings: SolveSettings) -> None:
    """Refuse what the solver that was asked for does not take: ``flow`` takes what is one with the rules and without.

    Raises
    ------
    InputError
        When it is none.
    """
    if settings.solver == "flow":
        for each in (problem, steer(problem, rules.settled()).problem):
            require_flow(presolve(each)[0])


def plan_around(problem: PlanningProblem, rules: Rules, settings: SolveSettings, watch: Watch) -> Ints:
    """Return a choice in which all lots stay that can, and the others are planned around them in half of the time."""
    fixed = replace(rules, most_moves=0).settled()
    around = steer(problem, fixed)
    if rules.mobile.any() and around.problem.option_count:
        # what is left around those that stay need be no flow where the whole is one
        solver = "auto" if settings.solver == "flow" else settings.solver
        seconds = (watch.seconds() + settings.seconds) / 2
        half = replace(settings, gap=settings.gap / 2, seconds=seconds, solver=solver)
        with watch.seen(lambda told: _tell_whole(told, around, fixed).without_bound()):
            return around.read(solve(around.problem, half, watch).choice)
    return np.where(rules.before >= 0, rules.before, -1)


def _tell_whole(told: Told, steered: Steered, rules: Rules) -> Told:
    """Return what is told of a steered problem in the money of the plan: with what is set aside, without moves.

    The search counts the cost of moves, and so does its bound: where there is any, no bound of the plan comes from it.
    """
    cost, bound, paid = told.cost_cents, told.bound_cents, steered.paid_cents
    if rules.move_cents == 0 or not rules.mobile.any():
        whole = replace(told, bound_cents=None if bound is None else bound + paid)
        return replace(whole, cost_cents=None if cost is None else cost + paid)
    if cost is None or told.taken is None:
        return Told()
    moves = rules.moves(steered.read(main_options(steered.problem, told.taken())))
    return Told(cost + paid - rules.move_cents * moves, beside_cents=rules.move_cents * moves)


def _for(problem: PlanningProblem, prices: Ints) -> Ints:
    """Return prices for a problem that may have a budget as its last resource."""
    return np.append(prices, np.zeros(problem.resource_count - len(prices), dtype=np.int64))


def choose_prices(
    problem: PlanningProblem, warm: Ints | None, cost_cents: int, settings: SolveSettings, watch: Watch
) -> Ints:
    """Return the prices of before where a plan at hand or a first one is near their bound, else the better ones."""
    if warm is None:
        return find_prices(problem, watch)
    bound = lagrangian_bound(problem, warm)
    if cost_cents - bound <= settings.gap * cost_cents:
        return warm
    cost_cents = problem.cost(place(problem, warm))
    if cost_cents - bound <= settings.gap * cost_cents:
        return warm
    fresh = find_prices(problem, watch)
    return fresh if lagrangian_bound(problem, fresh) > bound else warm


def _solve(
    problem: PlanningProblem, stay: Ints, known: tuple[Ints, int | None], settings: SolveSettings, watch: Watch
) -> Solution:
    """Return a solution at (prices, limit) that are known, not dearer than the choice in which lots stay.

    That one never exceeds the budget; within the gap of the bound it is the solution, unless a flow was asked for.
    """
    prices, limit = known
    reduced, _ = presolve(problem)
    bound, cost = lagrangian_bound(reduced, prices), problem.cost(stay)
    sure = bound if limit is None else min(bound, limit)
    if settings.solver != "flow" and cost - sure <= settings.gap * cost:
        watch.report(cost, sure, lambda: problem.whole(stay))
        is_best = cost == sure
        status = PlanStatus.OPTIMAL if is_best else PlanStatus.FEASIBLE
        why = StoppedBy.PROOF if is_best else StoppedBy.GAP
        name = "exact" if settings.solver == "exact" else "prices"
        return Solution(stay, problem.whole(stay), cost, sure, status, why, prices, name)
    return solve(problem, settings, watch, Known(limit, prices, stay))


def bound_over_ways(problem: PlanningProblem, prices: Ints, rules: Rules, weigh: Weigh) -> int:
    """Return what no plan of the problem costs less than; every way but the one before is a move.

    Where that way is the cheapest of all it is listed anyway, so adding the cost of a move to all ways is safe. It
    is not where a way may be carried otherwise without being a move.
    """
    if weigh is None:
        return lagrangian_bound(problem, prices)
    count = len(prices) - int(rules.has_budget)
    move = rules.move_cents * PRICE_SCALE + (int(prices[-1]) if rules.has_budget else 0)
    move = move if rules.alike is None else 0
    weights = weigh(prices[:count], rules) + move * rules.mobile
    weights[rules.kept] = np.iinfo(np.int64).max
    return lagrangian_bound(problem, prices, weights)


def _best_bound(problem: PlanningProblem, rules: Rules, tried: list[Ints], weigh: Weigh) -> int:
    """Return the best bound under other rules at prices that are known already."""
    steered = steer(problem, rules)
    reduced, _ = presolve(steered.problem)
    known = [prices[: reduced.resource_count] for prices in tried]
    return steered.paid_cents + max(bound_over_ways(reduced, _for(reduced, prices), rules, weigh) for prices in known)


def judge(around: Replanned, found: Replanned, settings: SolveSettings, bound_cents: int) -> Replanned:
    """Return a plan without moves, judged by the bounds of a search that allows them."""
    cost = around.solution.cost_cents
    least = min(cost, bound_cents)
    status, stopped_by = _verdict(found.solution, (cost, least), (cost, found.steered_bound_cents), settings)
    solution = replace(around.solution, bound_cents=least, status=status, stopped_by=stopped_by)
    return replace(found, solution=solution, moves=0, free_bound_cents=min(cost, found.free_bound_cents))


def _verdict(
    found: Solution, plain: tuple[int, int], steered: tuple[int, int], settings: SolveSettings
) -> tuple[PlanStatus, StoppedBy]:
    """Return status and reason from (cost, bound) without and with the cost of moves."""
    if plain[0] <= plain[1]:
        return PlanStatus.OPTIMAL, StoppedBy.PROOF
    if steered[0] - steered[1] <= settings.gap * steered[0]:
        return PlanStatus.FEASIBLE, StoppedBy.GAP
    unfinished = found.stopped_by in (StoppedBy.CLOCK, StoppedBy.PERSON, StoppedBy.TRIED)
    return PlanStatus.FEASIBLE, found.stopped_by if unfinished else StoppedBy.OPTIONS
