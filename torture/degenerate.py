"""Tiny regions and problems at the edge of what makes sense, each planned by every solver and held against the best.

Nothing to do, nowhere to do it, no time or all of the week, costs of nothing and of ten million euros, places on top of
each other: the plan must pass its audit, its bound must not be above the best plan, nor the best plan above it.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from benchmarks.made_up import MONDAY, plain_design
from cosmolocal.errors import InputError
from cosmolocal.planning.audit import audit_plan
from cosmolocal.planning.ground import Ground
from cosmolocal.planning.lots import cut_orders
from cosmolocal.planning.options import OptionBuilder
from cosmolocal.planning.plans import Provenance, plan_orders
from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choosing import solve
from cosmolocal.planning.solvers.solution import SOLVERS, SolveSettings, Watch
from cosmolocal.records import (
    BomLine,
    CapacityBasis,
    CapacityPeriod,
    Design,
    LinkRule,
    MachineGroup,
    Mode,
    NetworkSettings,
    Operation,
    Order,
    Part,
    Place,
    PlaceKind,
    Priority,
    Process,
    Region,
    Settings,
    Vocabulary,
    Workshop,
)
from cosmolocal.versions import best_version

#: [s] for a plan: far more than any of these takes; the solver `prices` proves little, and would use all of it
SECONDS, SECONDS_OF_PRICES = 30.0, 1.0
#: of all, so that the best plan is asked for
GAP = 0.0
#: combinations of options up to which all are tried
MOST_COMBINATIONS = 3_000
PROCESSES = ("cutting", "sewing")
SPOT = (41.4, 2.15)
#: [minutes] of a week
WEEK = 7 * 24 * 60
#: [cents], [cents per hour], and [units]: as much as files may say
MOST_CENTS, MOST_HOUR_CENTS, MOST_UNITS = 1_000_000_000, 10_000_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    #: regions and problems that were planned
    regions: int
    #: what was done, by name: plans, plans proved best, held against all choices, refusals by code
    counts: Mapping[str, int]
    #: what was wrong, each with the number it can be made again from
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solver says."""

    #: [cents]
    cost: int
    bound: int
    #: what is wrong with its plan by itself
    wrong: list[str]


def run(regions: int, seed: int) -> Tried:
    """Plan so many regions, and as many problems as arrays, by every solver."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(seed, seed + regions):
        for name, found in (("region", try_region(number, counts)), ("problem", try_problem(number, counts))):
            wrong += [f"{name} {number}: {each}" for each in found]
    return Tried(regions, dict(sorted(counts.items())), tuple(wrong))


def try_region(number: int, counts: Counter[str]) -> list[str]:
    """Return what is wrong with the plans of a region."""
    region, orders = make_region(number)
    try:
        ground = Ground(region)
        lots = cut_orders(orders, ground.catalogue, region.settings.max_lots_per_order)
        builder = OptionBuilder(ground)
        problem = builder.build(lots, orders).problem
    except InputError as error:
        counts[f"refused {error.problems[0].code}"] += 1
        return []
    best = find_best(problem) if builder.is_complete else None

    def plan(settings: SolveSettings) -> Answer:
        made = plan_orders(region, orders, Provenance("degenerate", {}), settings)
        counts["plans that make something"] += bool(made.allocations)
        report = audit_plan(made, region, orders, best_version)
        return Answer(made.cost_cents, made.bound_cents, [str(each) for each in report.problems])

    return try_solvers(plan, number, best, counts)


def try_problem(number: int, counts: Counter[str]) -> list[str]:
    """Return what is wrong with the solutions of a problem."""
    problem = make_problem(number)

    def answer(settings: SolveSettings) -> Answer:
        found = solve(problem, settings, Watch())
        units = dict(zip(found.taken.option.tolist(), found.taken.units.tolist(), strict=True))
        cost = count_cost(problem, units)
        wrong = [f"says {found.cost_cents}; counted {cost}"] * (cost != found.cost_cents)
        return Answer(found.cost_cents, found.bound_cents, wrong)

    return try_solvers(answer, number, find_best(problem), counts)


def try_solvers(
    ask: Callable[[SolveSettings], Answer], number: int, best: int | None, counts: Counter[str]
) -> list[str]:
    """Return what is wrong with the answers of all solvers, by themselves and held against each other and the best."""
    answers: dict[str, Answer] = {}
    found: list[str] = []
    counts["held against all choices"] += best is not None
    for solver in SOLVERS:
        seconds = SECONDS_OF_PRICES if solver == "prices" else SECONDS
        try:
            answer = ask(SolveSettings(seconds, GAP, number, solver))
        except InputError as error:
            codes = [problem.code for problem in error.problems]
            counts["no flow"] += codes == ["P093"]
            found += [f"{solver}: {error}"] * ((solver, codes) != ("flow", ["P093"]))
        except Exception as error:  # whatever it is, it is a finding
            found.append(f"{solver}: {type(error).__name__}: {error}")
        else:
            answers[solver] = answer
            counts["plans"] += 1
            counts["proved best"] += answer.cost == answer.bound
            found += [f"{solver}: {each}" for each in answer.wrong]
    costs = {solver: answer.cost for solver, answer in answers.items()}
    return found + compare(costs, {solver: answer.bound for solver, answer in answers.items()}, best)


def compare(costs: Mapping[str, int], bounds: Mapping[str, int], best: int | None) -> list[str]:
    """Return which costs and bounds contradict each other, or the best that there is (None: it is not known)."""
    least, highest = min(costs.values(), default=0), max(bounds.values(), default=0)
    found = [f"a bound {bounds} is above a plan {costs}"] * (bool(costs) and highest > least)
    if best is not None:
        found += [f"{solver}: bound {bound} above the best {best}" for solver, bound in bounds.items() if bound > best]
        found += [f"{solver}: cost {cost} below the best {best}" for solver, cost in costs.items() if cost < best]
    exact = {solver: costs[solver] for solver in ("auto", "exact", "flow") if solver in costs}
    sure = {solver: cost for solver, cost in exact.items() if cost != (least if best is None else best)}
    return found + [f"{solver}: cost {cost}, the best is {best}, {least}" for solver, cost in sure.items()]


def find_best(problem: PlanningProblem) -> int | None:
    """Return the cost of the best choice by trying all of them; None: there are too many."""
    menus = [
        list(_shares(range(int(first), int(end)), int(most)))
        for first, end, most in zip(problem.option_start[:-1], problem.option_start[1:], problem.units, strict=True)
        if (int(end - first) + 1) ** int(most) <= MOST_COMBINATIONS
    ]
    count = 1
    for menu in menus:
        count *= len(menu)
    if len(menus) < problem.lot_count or count > MOST_COMBINATIONS:
        return None
    costs = (count_cost(problem, dict(Counter(sum(each, start=())))) for each in itertools.product(*menus))
    return min(cost for cost in costs if cost is not None)


def _shares(options: Iterable[int], most: int) -> Iterable[tuple[int, ...]]:
    for units in range(most + 1):
        yield from itertools.combinations_with_replacement(options, units)


def count_cost(problem: PlanningProblem, units: Mapping[int, int]) -> int | None:
    """Return what units by option cost, counted one by one in whole numbers of any size; None: they do not fit."""
    loads, cost = [0] * problem.resource_count, 0
    for option, taken in units.items():
        cost += taken * int(problem.option_cost[option])
        for use in range(int(problem.use_start[option]), int(problem.use_start[option + 1])):
            loads[int(problem.use_resource[use])] += taken * int(problem.use_amount[use])
    missing = [load - int(room) for load, room in zip(loads, problem.capacity.tolist(), strict=True)]
    steps = zip(problem.step_resource, problem.step_size, problem.step_blocks, problem.step_cost, strict=True)
    for resource, size, blocks, cents in ((int(a), int(b), int(c), int(d)) for a, b, c, d in steps):
        added = min(blocks, -(-max(0, missing[resource]) // size))
        missing[resource] -= added * size
        cost += added * cents
    for lot, most in enumerate(problem.units.tolist()):
        served = sum(units.get(option, 0) for option in range(*problem.option_start[lot : lot + 2].tolist()))
        if served > most:
            return None
        cost += (most - served) * int(problem.unmet_cost[lot])
    return cost if max(missing, default=0) <= 0 else None


def make_problem(number: int) -> PlanningProblem:
    """Return up to three lots on up to three resources, of amounts and costs from nothing to enormous."""
    dice = random.Random(f"problem {number}")
    lots, resources = dice.choice((0, 1, 1, 2, 2, 3)), dice.choice((0, 1, 1, 2, 3))
    cents, amount = dice.choice((1, 10, 1_000, MOST_CENTS, 10**12)), dice.choice((1, 7, 10**4, 10**6, 10**9, 10**12))
    options = [dice.choice((0, 1, 1, 2, 3)) for _ in range(lots)]
    most_uses = dice.choice((0, 1, 1, 1, resources))
    uses = [
        sorted(dice.sample(range(resources), min(resources, dice.randint(0, most_uses)))) for _ in range(sum(options))
    ]
    flat = [resource for each in uses for resource in each]
    same = dice.randint(1, 40) * amount if dice.random() < 0.3 else None
    steps = _make_steps(dice, resources, cents, amount)
    costs = [_some(dice, cents) for _ in range(sum(options) + lots)]
    return PlanningProblem(
        option_start=_ints(itertools.accumulate((0, *options))),
        option_cost=_ints(costs[lots:]),
        use_start=_ints(itertools.accumulate((0, *(len(each) for each in uses)))),
        use_resource=_ints(flat),
        use_amount=_ints([same or max(1, _some(dice, amount)) for _ in flat]),
        unmet_cost=_ints(costs[:lots]),
        capacity=_ints([dice.choice((0, 1, 40, _some(dice, amount), 2 * amount)) for _ in range(resources)]),
        step_resource=_ints(row[0] for row in steps),
        step_size=_ints(row[1] for row in steps),
        step_blocks=_ints(row[2] for row in steps),
        step_cost=_ints(row[3] for row in steps),
        lot_units=None if dice.random() < 0.6 else _ints([dice.choice((1, 1, 2, 3)) for _ in range(lots)]),
    )


def _make_steps(dice: random.Random, resources: int, cents: int, amount: int) -> list[tuple[int, int, int, int]]:
    rows = []
    for resource in range(resources):
        size = dice.choice((1, 7, 60, amount))
        costs = sorted(_some(dice, cents) for _ in range(dice.choice((0, 0, 0, 1, 2))))
        rows += [(resource, size, dice.choice((0, 1, 2, 3)), cost) for cost in costs]
    return rows


def _some(dice: random.Random, most: int) -> int:
    return dice.choice((0, 0, 1, most, dice.randint(0, most), dice.randint(0, 1_000)))


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


class _Dice(random.Random):
    """Dice that fall on what is usual, or now and then on what is odd."""

    oddness = 0.0

    def either(self, usual: tuple[Any, ...], odd: tuple[Any, ...]) -> Any:
        """Return one of them."""
        return self.choice(odd if self.random() < self.oddness else usual)


def make_region(number: int) -> tuple[Region, tuple[Order, ...]]:
    """Return a region of at most four workshops and its orders; each time other things are odd, few or many."""
    dice = _Dice(f"region {number}")
    dice.oddness = dice.choice((0.03, 0.1, 0.25))
    weeks = dice.choice((1, 1, 2))
    places = tuple(_place(dice, f"place-{nth}") for nth in range(dice.choice((1, 1, 2))))
    workshops = tuple(_workshop(dice, nth) for nth in range(dice.either((1, 2, 3, 4), (0,))))
    names = [*(place.id for place in places), *(workshop.id for workshop in workshops)]
    rule = dice.choice(({"closed": True}, {"distance_m": 0}, {"weekly_capacity_kg": dice.choice((0, 1, 20))}))
    links = (LinkRule(names[0], names[-1], **rule),) if len(names) > 1 and dice.random() < 0.3 else ()
    network = NetworkSettings(
        dice.choice((1.0, 1.3)),
        tuple(_mode(dice, nth) for nth in range(dice.choice((1, 1, 2)))),
        dice.either((None, 30), (0, 1)),
        links,
        share_trips=dice.random() < 0.2,
    )
    settings = _settings(dice, weeks)
    vocabulary = Vocabulary(tuple(Process(name, name.title()) for name in PROCESSES))
    designs = _designs(dice)
    region = Region("degenerate", "Degenerate", places, workshops, network, settings, vocabulary, designs)
    orders = tuple(_order(dice, nth, names, weeks) for nth in range(dice.either((1, 2, 3, 4), (0,))))
    return region, orders


def _settings(dice: _Dice, weeks: int) -> Settings:
    return Settings(
        MONDAY,
        weeks,
        dice.choice(tuple(CapacityBasis)),
        overtime_percent=dice.either((None, 50), (0, 100_000)),
        transfer_weeks=dice.choice((0, 0, 1)),
        first_article_weeks=dice.choice((0, 1)),
        max_late_weeks=dice.either((0, 1), (99,)),
        max_lots_per_order=2,
        # all ways there are
        workshops_per_lot=99,
        makers_per_part=99,
        routes_per_workshop=9_999,
        co2e_cents_per_kg=dice.either((0, 20), (1_000_000,)),
        lateness_percent_per_week=dice.either((0, 5), (1_000,)),
        distance_cents_per_km=dice.either((0, 7), (1_000_000,)),
        fairness_cents_per_hour=dice.either((0, 150), (1_000_000,)),
        import_penalty_percent=dice.either((0, 100), (10_000,)),
        import_cents_per_kg=dice.either((0, 50), (1_000_000,)),
        unknown_import_cents=dice.either((10_000,), (0, 100_000_000)),
    )


def _place(dice: _Dice, name: str) -> Place:
    """Mostly all at one spot."""
    lat, lon = SPOT if dice.random() < 0.6 else (SPOT[0] + dice.random() / 20, SPOT[1])
    return Place(name, name, dice.choice((PlaceKind.NEIGHBOURHOOD, PlaceKind.NEIGHBOURHOOD, PlaceKind.HUB)), lat, lon)


def _mode(dice: _Dice, nth: int) -> Mode:
    return Mode(
        f"mode-{nth}",
        "Mode",
        dice.choice((1, 30)),
        dice.either((0, 400), (MOST_CENTS,)),
        dice.either((0, 60), (MOST_CENTS,)),
        dice.choice((0, 250)),
        dice.either((20_000, 400_000), (1_000, MOST_UNITS)),
        dice.either((None, 20_000), (0,)),
    )


def _workshop(dice: _Dice, nth: int) -> Workshop:
    spot = _place(dice, f"shop-{nth}")
    return Workshop(
        spot.id,
        spot.name,
        spot.lat,
        spot.lon,
        tuple(_group(dice, process) for process in dice.sample(PROCESSES, dice.either((1, 2, 2), (0,)))),
        radius_m=dice.either((None, 9_000), (0,)),
        open_weekdays=dice.either(((0, 1, 2, 3, 4), tuple(range(7))), ((), (6,))),
        closed_days=tuple(MONDAY + timedelta(day) for day in range(dice.either((0,), (3, 7)))),
    )


def _group(dice: _Dice, process: str) -> MachineGroup:
    agreed = dice.either((60, 90, 300), (0, 1, WEEK))
    periods = (CapacityPeriod(agreed, dice.either((agreed,), (0,)), agreed + dice.either((0, 130), (59, WEEK))),)
    return MachineGroup(
        process,
        process,
        dice.either((1, 2), (10_000,)),
        dice.either((900, 1_200), (0, 1, MOST_HOUR_CENTS)),
        dice.either((periods,), ((),)),
        dice.choice((None, (500, 400, 100))),
        dice.choice((None, ("plywood",))),
        setup_seconds=dice.either((0, 400), (60 * WEEK,)),
        speed_percent=dice.either((100, 130), (1, 10_000)),
        co2e_g_per_hour=dice.either((0, 300), (10**9,)),
        minimum_lot=dice.either((1, 2), (MOST_UNITS,)),
    )


def _operation(dice: _Dice, process: str) -> Operation:
    return Operation(
        dice.either((process,), (None,)),
        dice.either((300, 600, 1_200), (None, 0, 60 * WEEK)),
        setup_seconds=dice.either((0, 300), (60 * WEEK,)),
        material=dice.either((None,), ("plywood",)),
        material_cents=dice.either((0, 180), (MOST_CENTS,)),
        unknown=dice.either(((),), (("envelope",),)),
    )


def _designs(dice: _Dice) -> tuple[Design, ...]:
    mass_g = dice.either((400, 900), (None, 0, 1, 10**9))
    flat = plain_design("odd", "flat", (Part("", mass_g, _operations(dice)),), ())
    leg = Part("leg", dice.either((400,), (None, 0)), _operations(dice))
    high = plain_design(
        "odd",
        "high",
        (Part("", None, _operations(dice)), leg),
        (BomLine(dice.either((1, 2), (10_000,)), part="leg"),),
    )
    return tuple(
        replace(
            each,
            reference_price_cents=dice.either((None, 3_000, 9_000), (0, 1, MOST_CENTS)),
            reference_co2e_g=dice.either((None, 2_500), (0,)),
        )
        for each in (flat, high)
    )


def _operations(dice: _Dice) -> tuple[Operation, ...]:
    return tuple(_operation(dice, process) for process in dice.sample(PROCESSES, dice.either((1, 1, 2), (0,))))


def _order(dice: _Dice, nth: int, names: list[str], weeks: int) -> Order:
    return Order(
        f"order-{nth}",
        dice.either(("odd~flat", "odd~high"), ("odd~none",)),
        "*",
        dice.either((1, 2, 5, 9), (40, MOST_UNITS)),
        dice.choice(names),
        MONDAY + timedelta(dice.either((3, 7 * weeks), (-400, -1, 40_000))),
        dice.either((None, MONDAY + timedelta(3)), (MONDAY - timedelta(400), MONDAY + timedelta(40_000))),
        dice.choice(tuple(Priority)),
        splittable=dice.random() < 0.4,
        minimum_lot=dice.either((1, 2), (MOST_UNITS,)),
        max_distance_m=dice.either((None, 9_000), (0,)),
        first_article=dice.random() < 0.15,
    )
