"""Roads so small that every path can be tried."""

from dataclasses import replace
from datetime import date
from itertools import product
from random import Random

import numpy as np

from cosmolocal.planning.solvers.roads import RoadProblem
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import (
    CapacityPeriod,
    Category,
    Consumption,
    Figure,
    Goal,
    Investments,
    MachineGroup,
    MachineOffer,
    Mode,
    NetworkSettings,
    Provenance,
    Purchase,
    Region,
    RoadTerms,
    Settings,
    Workshop,
    WorkshopOffer,
)
from cosmolocal.road.problem import RoadInputs


def sure(value: int, low: int | None = None, high: int | None = None) -> Figure:
    low, high = value if low is None else low, value if high is None else high
    return Figure(value, low, high, "", Provenance.ASSUMED)


def hours(weekly: int) -> tuple[CapacityPeriod, ...]:
    return (CapacityPeriod(60 * weekly, 60 * weekly, 60 * weekly),)


def tiny_region() -> Region:
    """One workshop with one sewing machine of 10 hours a week, closed in none of them: 520 hours a year."""
    shop = Workshop("north", "North", 41.4, 2.1, (MachineGroup("sew", "sewing", 1, 1000, hours(10)),))
    network = NetworkSettings(1.0, (Mode("bike", "Bike", 15, 100, 10, 0, 100_000),))
    settings = Settings(date(2026, 9, 7), 10)
    return Region("tiny", "Tiny", (), (shop,), network, settings, load_vocabulary(), ())


def tiny_inputs(**terms: object) -> RoadInputs:
    """Shirts for 100,000 EUR a year, 10 hours of sewing per 1,000 EUR: one machine of 1,000 hours makes all of them.

    520 hours make 52 % today. A machine costs 2,000 EUR and 100 EUR a year, works 500 hours (50,000 EUR, 50 %), lasts
    three years; a workshop costs 5,000 EUR and has one such machine in it.
    """
    shirts = Category(
        "shirts", "Shirts", sure(100_000), sure(2000), sure(0), sure(0), sure(100), (("sewing", sure(600)),)
    )
    machine = MachineOffer(
        "machine", "Sewing machine", MachineGroup("sew", "sewing", 1, 1000, hours(10)), Purchase(200_000, 10_000, 3)
    )
    shop = WorkshopOffer("shop", "Workshop", (("machine", 1),), Purchase(500_000, 100_000, 5))
    usual = RoadTerms(
        first_year=2027,
        target=Goal(2030, 800),
        milestones=(),
        budget=sure(500_000),
        room=sure(1),
        open_weeks=sure(50),
        prices=sure(100),
        discount=sure(300),
        samples=10,
    )
    return RoadInputs(
        tiny_region(), Consumption(2027, (shirts,)), Investments((machine,), (shop,)), replace(usual, **terms)
    )


def random_problem(seed: int) -> RoadProblem:
    """Return a road of two investments and three years with one process, whole numbers throughout."""
    dice = Random(seed)
    years, categories = 3, 2
    demand = np.array([[float(dice.randint(50, 150)) for _ in range(years)] for _ in range(categories)])
    goal_years = [1, 2] if dice.random() < 0.5 else [2]
    goals = sorted(dice.choice([0.2, 0.35, 0.5, 0.7, 0.9]) for _ in goal_years)
    return RoadProblem(
        price=np.array([float(dice.randint(3, 6)) for _ in range(2)]),
        yearly=np.array([float(dice.randint(0, 2)) for _ in range(2)]),
        lifetime=np.array([dice.randint(1, 3) for _ in range(2)]),
        slots=np.array([-dice.randint(0, 2), 1]),
        minutes=np.repeat(np.array([[[float(dice.randint(10, 60))]], [[float(dice.randint(10, 60))]]]), years, axis=2),
        capacity=np.array([float(dice.randint(0, 40))]),
        room=dice.randint(0, 2),
        budget=float(dice.randint(4, 10)),
        discount=np.array([1.0, 0.9, 0.81]),
        demand=demand,
        weight=demand / demand.sum(axis=0),
        base=np.array([0.1, 0.0]),
        most=np.array([0.7, 0.9]),
        need=np.array([[float(dice.randint(1, 3))], [float(dice.randint(1, 3))]]),
        goal_year=np.array(goal_years),
        goal_share=np.array(goals),
    )


def share_in(problem: RoadProblem, counts: np.ndarray, year: int) -> float:
    """Return the best share of a year with one process: the categories that need least time per share come first."""
    stand = standing(problem, counts)[:, year]
    left = float(problem.capacity[0] + problem.minutes[:, 0, year] @ stand)
    share = float(problem.base @ problem.weight[:, year])
    worth = problem.weight[:, year] / (problem.demand[:, year] * problem.need[:, 0])
    for one in sorted(range(len(worth)), key=lambda number: -worth[number]):
        minutes = min(left, float(problem.most[one] * problem.demand[one, year] * problem.need[one, 0]))
        left -= minutes
        share += minutes * float(worth[one])
    return share


def standing(problem: RoadProblem, counts: np.ndarray) -> np.ndarray:
    years = counts.shape[1]
    return np.array(
        [
            [sum(int(counts[i, b]) for b in range(years) if b <= y < b + problem.lifetime[i]) for y in range(years)]
            for i in range(counts.shape[0])
        ]
    )


def allowed(problem: RoadProblem, counts: np.ndarray) -> bool:
    stand = standing(problem, counts)
    paid = problem.price @ counts + problem.yearly @ stand
    return bool((paid <= problem.budget + 1e-9).all() and (problem.slots @ stand <= problem.room).all())


def cost_of(problem: RoadProblem, counts: np.ndarray) -> float:
    paid = problem.price @ counts + problem.yearly @ standing(problem, counts)
    return float(problem.discount @ paid)


def try_all(problem: RoadProblem) -> tuple[float, float | None]:
    """Return the highest share that any path reaches in the last year, and the least cost of meeting all goals."""
    most = [int(problem.budget // price) for price in problem.price]
    choices = [range(most[0] + 1)] * 3 + [range(most[1] + 1)] * 3
    best, least = 0.0, None
    for bought in product(*choices):
        counts = np.array(bought).reshape(2, 3)
        if not allowed(problem, counts):
            continue
        shares = [share_in(problem, counts, int(year)) for year in problem.goal_year]
        best = max(best, shares[-1])
        if all(share >= goal - 1e-7 for share, goal in zip(shares, problem.goal_share, strict=True)):
            cost = cost_of(problem, counts)
            least = cost if least is None else min(least, cost)
    return best, least
