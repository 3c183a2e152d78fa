"""Finds a road: which investments in which year, what is made with them, how sure that is, and what would change it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.planning.solvers.making import make_most
from cosmolocal.planning.solvers.roads import RoadChoice, RoadProblem, RoadSettings, choose
from cosmolocal.planning.solvers.solution import Watch
from cosmolocal.records import (
    Buy,
    Figure,
    ProcessYear,
    Road,
    RoadLimit,
    RoadStatus,
    RoadYear,
    Variant,
)
from cosmolocal.road.futures import MILLION, build_bands, capacity_of, count_met, draw_futures, measure_futures
from cosmolocal.road.problem import RoadInputs, build_problem, discount_weight

CODES = {"P110": "no road was found in the time given"}

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: [cents per year] more, and [percent] of demand, that variants look at
BUDGET_STEP, DEMAND_STEPS = 10_000_000, (10, -10)
#: [per mille of the share] by which a surer road passes every goal
MARGIN = 50
#: [millionths] by which a goal may be missed and still counts as met
SLACK = 1


def find_road(
    inputs: RoadInputs, settings: RoadSettings | None = None, watch: Watch | None = None, variants: bool = True
) -> Road:
    """Return the cheapest path to the target, or the one that gets nearest to it.

    The watch is told its cost as soon as there is one; stopped after that, what would change it is looked at no more.

    Raises
    ------
    InputError
        Where the clock ended the search before any path was found.
    """
    settings, watch = settings or RoadSettings(), watch or Watch()
    problem = build_problem(inputs)
    choice = choose(problem, settings)
    if choice is None:
        told = say("no path was found within %(seconds)s seconds", seconds=settings.seconds)
        raise InputError([Problem("P110", "road", told)])
    years, limits = _years(inputs, problem, choice.counts)
    shares = measure_futures(inputs, problem, choice.counts, draw_futures(inputs))
    cost = _discounted(inputs, years)
    bound = _bound(cost, choice)
    road = Road(
        status=_status(inputs, years, choice),
        share_bound=round(choice.share_bound * MILLION),
        cost_cents=cost,
        bound_cents=bound,
        gap=(cost - bound) / cost if cost else 0.0,
        buys=_buys(inputs, choice.counts),
        years=years,
        bands=build_bands(inputs.terms, shares),
        met=count_met(inputs.terms, shares),
        limits=limits,
    )
    if not variants:
        return road
    watch.report(cost, bound)
    return replace(road, variants=_variants(inputs, settings, watch))


def _bound(cost: int, choice: RoadChoice) -> int:
    """Return the cents that no path can cost less than; a cent between them is rounding."""
    bound = min(cost, int(choice.bound * 100))
    return cost if cost - bound <= 1 else bound


def _status(inputs: RoadInputs, years: tuple[RoadYear, ...], choice: RoadChoice) -> RoadStatus:
    share = {year.year: year.share for year in years}
    missed = [goal for goal in inputs.terms.asked if share[goal.year] < goal.share * 1000 - SLACK]
    if not missed:
        return RoadStatus.MET
    if missed[-1].year != inputs.terms.target.year:
        return RoadStatus.LATE
    proved = choice.share_bound * MILLION < inputs.terms.target.share * 1000 - SLACK
    return RoadStatus.UNREACHABLE if proved else RoadStatus.OPEN


def _buys(inputs: RoadInputs, counts: Ints) -> tuple[Buy, ...]:
    return tuple(
        Buy(year, offer.id, int(counts[number, at]), int(counts[number, at]) * offer.purchase.price_cents)
        for at, year in enumerate(inputs.terms.years)
        for number, offer in enumerate(inputs.offers)
        if counts[number, at]
    )


def _years(
    inputs: RoadInputs, problem: RoadProblem, counts: Ints
) -> tuple[tuple[RoadYear, ...], tuple[RoadLimit, ...]]:
    """Return what is made in each year with what stands, and what limits the last one."""
    stand = problem.standing(counts)
    capacity, nothing = capacity_of(problem, counts), capacity_of(problem, np.zeros_like(counts))
    worth = np.divide(problem.weight, problem.demand, out=np.zeros_like(problem.weight), where=problem.demand > 0).T
    most = np.floor((problem.most.reshape(-1, 1) * problem.demand).T)
    making = make_most(worth, most, capacity, problem.need)
    without = make_most(worth, most, nothing, problem.need).made
    rows = []
    for at, year in enumerate(inputs.terms.years):
        made = _whole(making.made[at], capacity[at], problem.need)
        used = np.ceil(made @ problem.need - 1e-6).astype(int)
        rows.append(
            RoadYear(
                year=year,
                consumed_eur=int(problem.demand[:, at].sum()),
                made=tuple((one.id, int(eur)) for one, eur in zip(inputs.consumption.categories, made, strict=True)),
                share=share_of(inputs, problem, at, made),
                share_without=share_of(inputs, problem, at, np.floor(without[at])),
                bought_cents=sum(
                    int(counts[number, at]) * one.purchase.price_cents for number, one in enumerate(inputs.offers)
                ),
                kept_cents=sum(
                    int(stand[number, at]) * one.purchase.yearly_cents for number, one in enumerate(inputs.offers)
                ),
                processes=tuple(
                    ProcessYear(process, min(int(minutes), int(most_minutes)), int(most_minutes))
                    for process, minutes, most_minutes in zip(inputs.processes, used, capacity[at], strict=True)
                ),
            )
        )
    worths = making.worth[-1] * 60 * 1000 * MILLION
    limits = [RoadLimit(process, round(float(each))) for process, each in zip(inputs.processes, worths, strict=True)]
    found = sorted((limit for limit in limits if limit.worth > 0), key=lambda limit: (-limit.worth, limit.process))
    return tuple(rows), tuple(found)


def _whole(made: Floats, capacity: Floats, need: Floats) -> Ints:
    """Return whole euros that need no minute more than there is, whatever was rounded on the way."""
    whole = np.floor(made + 1e-6).astype(np.int64)
    for process in np.flatnonzero(whole @ need > capacity):
        over = float((whole @ need)[process] - capacity[process])
        user = int(np.argmax(whole * need[:, process]))
        whole[user] -= min(int(whole[user]), int(np.ceil(over / need[user, process])))
    return np.asarray(np.maximum(whole, 0), dtype=np.int64)


def share_of(inputs: RoadInputs, problem: RoadProblem, year: int, made: Ints | Floats) -> int:
    """Return the millionths of what is consumed in a year that others and the workshops make, rounded."""
    del inputs
    demand, weight = problem.demand[:, year], problem.weight[:, year]
    parts = np.divide(made, demand, out=np.zeros(len(demand)), where=demand > 0)
    return round(float(weight @ (problem.base + parts)) * MILLION)


def _discounted(inputs: RoadInputs, years: tuple[RoadYear, ...]) -> int:
    paid = ((year.bought_cents + year.kept_cents) * discount_weight(inputs.terms, year.year) for year in years)
    return round(sum(paid))


def _variants(inputs: RoadInputs, settings: RoadSettings, watch: Watch) -> tuple[Variant, ...]:
    """Return what comes out with more money, with more or less demand, and with goals set higher to be surer."""
    budget = replace(inputs.terms.budget, value=inputs.terms.budget.value + BUDGET_STEP)
    asked = [("budget", BUDGET_STEP, replace(inputs, terms=replace(inputs.terms, budget=budget)))]
    asked += [("demand", percent, with_demand(inputs, percent)) for percent in DEMAND_STEPS]
    asked.append(("margin", MARGIN, replace(inputs, margin=MARGIN)))
    found = []
    for what, change, changed in asked:
        if watch.stop.is_set():
            break
        road = find_road(changed, settings, variants=False)
        found.append(Variant(what, change, road.status, road.share, road.cost_cents, road.met))
    return tuple(found)


def with_demand(inputs: RoadInputs, percent: int) -> RoadInputs:
    """Return the inputs with so many percent more of everything consumed."""
    categories = tuple(
        replace(one, eur=_scaled(one.eur, percent), kg=_scaled(one.kg, percent))
        for one in inputs.consumption.categories
    )
    return replace(inputs, consumption=replace(inputs.consumption, categories=categories))


def _scaled(figure: Figure, percent: int) -> Figure:
    value, low, high = (round(each * (100 + percent) / 100) for each in (figure.value, figure.low, figure.high))
    return replace(figure, value=value, low=low, high=high)
