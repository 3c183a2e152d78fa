"""Which investments in which year: a mixed-integer program, solved by HiGHS with a proved bound."""

# ruff: noqa: PLC0415 - SciPy's solvers are read at the first use: pages and commands start without it

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, lil_matrix

from cosmolocal.errors import SolverError
from cosmolocal.planning.problem import Ints

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

Floats = NDArray[np.float64]

#: of one offer in one year, whatever it costs
MOST_AT_ONCE = 10_000
#: a share that lacks no more than this is reached: what is summed in floating point is right to about that
SLACK = 1e-7
#: statuses of scipy's milp
OPTIMAL, CLOCK, INFEASIBLE = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class RoadProblem:
    """A road as arrays: I investments, Y years, P processes, C categories, G goals."""

    #: [I] EUR each
    price: Floats
    #: [I] EUR each and year that it stands
    yearly: Floats
    #: [I] years
    lifetime: Ints
    #: [I] machines that one of it adds (above 0), or has room for (below 0)
    slots: Ints
    #: [I × P × Y] machine minutes a year of one of it
    minutes: Floats
    #: [P] machine minutes a year without anything bought
    capacity: Floats
    #: machines that there is room for without anything bought
    room: int
    #: EUR a year
    budget: float
    #: [Y] what a payment of each year weighs
    discount: Floats
    #: [C × Y] EUR consumed
    demand: Floats
    #: [C × Y] part of all that is consumed, by the measure of the share
    weight: Floats
    #: [C] part of it that others make here
    base: Floats
    #: [C] part of it that the workshops can make at most
    most: Floats
    #: [C × P] machine minutes per EUR
    need: Floats
    #: [G] number of the year; the last one is the target
    goal_year: Ints
    #: [G] share to be reached
    goal_share: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Return the number of investments and of years."""
        return self.minutes.shape[0], self.minutes.shape[2]

    def standing(self, counts: Ints) -> Ints:
        """Return how many of each stand in each year, [I × Y], from how many are bought in each."""
        stand = np.zeros_like(counts)
        for year in range(counts.shape[1]):
            for number, life in enumerate(self.lifetime):
                stand[number, year] = counts[number, max(0, year - life + 1) : year + 1].sum()
        return stand


@dataclass(frozen=True, slots=True)
class RoadSettings:
    """When to stop."""

    seconds: float = 20.0
    gap: float = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class RoadChoice:
    """What is bought in which year."""

    #: [I × Y]
    counts: Ints
    #: EUR, discounted
    cost: float
    #: EUR that no path with these shares costs less than
    bound: float
    #: that no path gets above in the target's year
    share_bound: float


class _Model:
    """Variables: bought [I × Y], then made [G × C] as a part of what is consumed, then missed [G]."""

    def __init__(self, problem: RoadProblem, settings: RoadSettings) -> None:
        self.problem, self.settings = problem, settings
        offers, years = problem.shape
        self.goals, self.categories = len(problem.goal_year), len(problem.base)
        self.made_start = offers * years
        self.missed_start = self.made_start + self.goals * self.categories
        self.size = self.missed_start + self.goals
        self.rows = [budget_is_kept(self), there_is_room(self), hours_are_there(self), goals_are_met(self)]
        self.cost = self._cost()

    def bought(self, offer: int, year: int) -> int:
        """Return the number of a variable."""
        return offer * self.problem.shape[1] + year

    def bought_by(self, offer: int, year: int) -> list[int]:
        """Return the variables of what still stands in a year."""
        first = max(0, year - int(self.problem.lifetime[offer]) + 1)
        return [self.bought(offer, begun) for begun in range(first, year + 1)]

    def _cost(self) -> Floats:
        cost = np.zeros(self.size)
        for offer in range(self.problem.shape[0]):
            for year in range(self.problem.shape[1]):
                cost[self.bought(offer, year)] += self.problem.discount[year] * self.problem.price[offer]
                for variable in self.bought_by(offer, year):
                    cost[variable] += self.problem.discount[year] * self.problem.yearly[offer]
        return cost

    def solve(self, objective: Floats, most_missed: Floats) -> Any:
        """Return the least objective among paths that miss no goal by more."""
        problem = self.problem
        upper = np.full(self.size, 0.0)
        per_offer = [min(MOST_AT_ONCE, problem.budget // price) if price else MOST_AT_ONCE for price in problem.price]
        upper[: self.made_start] = np.repeat(np.array(per_offer, dtype=float), problem.shape[1])
        upper[self.made_start : self.missed_start] = np.tile(problem.most, self.goals)
        upper[self.missed_start :] = most_missed
        whole: Any = np.zeros(self.size, dtype=np.int64)
        whole[: self.made_start] = 1
        from scipy.optimize import Bounds, milp

        found = milp(
            objective,
            integrality=whole,
            bounds=Bounds(np.zeros(self.size), upper),
            constraints=self.rows,
            options={"time_limit": self.settings.seconds, "mip_rel_gap": self.settings.gap},
        )
        if found.status not in (OPTIMAL, CLOCK, INFEASIBLE):
            raise SolverError(f"the road's model: {found.message}")
        return found


def _constrain(rows: Any, least: Any, most: Any) -> "LinearConstraint":
    from scipy.optimize import LinearConstraint

    return LinearConstraint(rows, least, most)


def budget_is_kept(model: _Model) -> "LinearConstraint":
    """Σ price × bought + Σ yearly × standing ≤ budget, in every year."""
    problem = model.problem
    offers, years = problem.shape
    rows = lil_matrix((years, model.size))
    for year in range(years):
        for offer in range(offers):
            for variable in model.bought_by(offer, year):
                rows[year, variable] += problem.yearly[offer]
            rows[year, model.bought(offer, year)] += problem.price[offer]
    return _constrain(csr_matrix(rows), -np.inf, problem.budget)


def there_is_room(model: _Model) -> "LinearConstraint":
    """Σ slots × standing ≤ room, in every year."""
    offers, years = model.problem.shape
    rows = lil_matrix((years, model.size))
    for year in range(years):
        for offer in range(offers):
            for variable in model.bought_by(offer, year):
                rows[year, variable] = model.problem.slots[offer]
    return _constrain(csr_matrix(rows), -np.inf, model.problem.room)


def hours_are_there(model: _Model) -> "LinearConstraint":
    """Σ need × demand × made − Σ minutes × standing ≤ capacity, for every goal and process; in thousands of hours."""
    problem, scale = model.problem, 60_000.0
    offers, processes = problem.shape[0], len(problem.capacity)
    rows = lil_matrix((model.goals * processes, model.size))
    for goal, year in enumerate(problem.goal_year):
        for process in range(processes):
            row = goal * processes + process
            for category in range(model.categories):
                minutes = problem.need[category, process] * problem.demand[category, year]
                rows[row, model.made_start + goal * model.categories + category] = minutes / scale
            for offer in range(offers):
                for variable in model.bought_by(offer, int(year)):
                    rows[row, variable] = -problem.minutes[offer, process, year] / scale
    return _constrain(csr_matrix(rows), -np.inf, np.tile(problem.capacity / scale, model.goals))


def goals_are_met(model: _Model) -> "LinearConstraint":
    """Σ weight × (base + made) + missed ≥ share, for every goal."""
    problem = model.problem
    rows = lil_matrix((model.goals, model.size))
    for goal, year in enumerate(problem.goal_year):
        for category in range(model.categories):
            rows[goal, model.made_start + goal * model.categories + category] = problem.weight[category, year]
        rows[goal, model.missed_start + goal] = 1
    base = problem.base @ problem.weight[:, problem.goal_year]
    return _constrain(csr_matrix(rows), problem.goal_share - base, np.inf)


def choose(problem: RoadProblem, settings: RoadSettings) -> RoadChoice | None:
    """Return the cheapest path that meets all goals; else the one that misses the target, then milestones, least.

    None: the clock ended the search before any path was found.
    """
    model = _Model(problem, settings)
    target, nothing = float(problem.goal_share[-1]), np.zeros(model.goals)
    found = model.solve(model.cost, nothing)
    if found.x is not None:
        return _read(model, found, target)
    far = np.ones(model.goals)
    last = np.zeros(model.size)
    last[-1] = 1
    least = model.solve(last, far)
    if least.x is None:
        return None
    share_bound = min(target, target - float(least.mip_dual_bound) + SLACK)
    allowed = far.copy()
    allowed[-1] = max(0.0, float(least.x[-1])) + SLACK
    if model.goals > 1:
        every = np.zeros(model.size)
        every[model.missed_start : -1] = 1
        kept = model.solve(every, allowed)
        allowed[:-1] = np.maximum(0.0, (least if kept.x is None else kept).x[model.missed_start : -1]) + SLACK
    cheapest = model.solve(model.cost, allowed)
    if cheapest.x is None:  # the clock: the path is right, but nothing is known of what it must cost
        least.mip_dual_bound = None
        return _read(model, least, share_bound)
    return _read(model, cheapest, share_bound)


def _read(model: _Model, found: Any, share_bound: float) -> RoadChoice:
    counts = np.rint(found.x[: model.made_start]).astype(np.int64).reshape(model.problem.shape)
    cost = float(model.cost[: model.made_start] @ counts.ravel())
    bound = 0.0 if found.mip_dual_bound is None else max(0.0, min(cost, float(found.mip_dual_bound)))
    return RoadChoice(counts, cost, bound, share_bound)
