"""Large problems in small pieces: lots that fight for the same resources are decided anew by CP-SAT, others stay."""

from dataclasses import replace

import numpy as np
from ortools.sat.python import cp_model
from scipy.sparse import csr_array

from cosmolocal.planning.problem import Ints, PlanningProblem
from cosmolocal.planning.solvers.choice_model import ChoiceModel
from cosmolocal.planning.solvers.presolve import take_options
from cosmolocal.planning.solvers.relaxation import PRICE_SCALE, Floats, cheapest_priced
from cosmolocal.planning.solvers.solution import SolveSettings, Watch

#: how many options of a lot are considered: the cheapest at the prices
OPTIONS_PER_LOT = 10
#: lots decided at once: first, at most, and by how much more when nothing helps any longer
FIRST_LOTS, MOST_LOTS, GROWTH = 30, 120, 1.5
#: rounds without a better plan before the neighbourhoods grow
PATIENCE = 60
#: CP-SAT's own measure of work (about seconds on a quiet machine), the same on every machine
WORK_PER_ROUND = 0.5


class NeighbourhoodSearch:
    """Improves a choice round by round."""

    def __init__(self, problem: PlanningProblem, prices: Ints, choice: Ints, bound: int) -> None:
        self.problem, self.choice, self.bound = problem, choice.copy(), bound
        self.cost = problem.cost(choice)
        self.best, priced = cheapest_priced(problem, prices)
        self.option_lot, self.use_option = problem.option_lot(), problem.use_option()
        self.regret = priced - self.best[self.option_lot]
        by_regret = np.lexsort((self.regret, self.option_lot))
        rank = np.empty(problem.option_count, dtype=np.int64)
        rank[by_regret] = np.arange(problem.option_count) - problem.option_start[self.option_lot[by_regret]]
        self.is_good = rank < OPTIONS_PER_LOT
        self.rivalry = self._rivalry(prices)
        self.price_weight = prices.astype(float)

    def _rivalry(self, prices: Ints) -> csr_array:
        """Return which priced resources the good options of each lot use, [L × R]."""
        problem = self.problem
        use_option = self.use_option
        mask = self.is_good[use_option] & (prices[problem.use_resource] > 0)
        pairs = (self.option_lot[use_option[mask]], problem.use_resource[mask])
        matrix: csr_array = csr_array(
            (np.ones(int(mask.sum())), pairs), shape=(problem.lot_count, problem.resource_count)
        )
        matrix.sum_duplicates()
        matrix.data[:] = 1.0
        return matrix

    def run(self, settings: SolveSettings, watch: Watch) -> Ints:
        """Return the best choice found until the gap, the clock, a person or the largest neighbourhood ends it."""
        random = np.random.default_rng(settings.seed)
        size, idle = float(FIRST_LOTS), 0
        while size <= MOST_LOTS and not watch.stop.is_set() and watch.seconds() < settings.seconds:
            if self.cost - self.bound <= settings.gap * self.cost:
                break
            if self._decide(self._neighbours(random, int(size)), settings.seed):
                idle = 0
                watch.report(self.cost, self.bound)
            else:
                idle += 1
            if idle >= PATIENCE:
                size, idle = size * GROWTH, 0
        return self.choice

    def _neighbours(self, random: np.random.Generator, size: int) -> Ints:
        """Return a lot, likelier the more it loses by its place, and those that want the same resources."""
        placed = self.choice >= 0
        loss = self.problem.unmet_cost * PRICE_SCALE - self.best
        loss[placed] = self.regret[self.choice[placed]]
        weights = loss.astype(float) + PRICE_SCALE
        seed = random.choice(len(weights), p=weights / weights.sum())
        if random.random() < 0.5:
            wanted = self.rivalry[[seed], :].toarray().ravel() * self.price_weight
            score = self.rivalry @ wanted
        else:
            score = self._occupants(int(seed), random)
        score = score * random.uniform(0.5, 1.0, len(weights))
        score[seed] = np.inf
        return np.sort(np.argsort(-score, kind="stable")[:size])

    def _occupants(self, lot: int, random: np.random.Generator) -> Floats:
        """Return how much each lot now uses of what one good option of ``lot`` wants and lacks."""
        problem = self.problem
        options = np.arange(problem.option_start[lot], problem.option_start[lot + 1])
        good = options[self.is_good[options]]
        if len(good) == 0:
            return np.zeros(problem.lot_count)
        target = random.choice(good)
        span = slice(problem.use_start[target], problem.use_start[target + 1])
        resources = problem.use_resource[span]
        free = problem.capacity[resources] - problem.loads(self.choice)[resources]
        wanted = np.zeros(problem.resource_count)
        wanted[resources] = (self.price_weight[resources] + 1.0) * (problem.use_amount[span] > free)
        picked = np.zeros(problem.option_count, dtype=bool)
        picked[self.choice[self.choice >= 0]] = True
        uses = np.flatnonzero(picked[self.use_option])
        worth = wanted[problem.use_resource[uses]] * problem.use_amount[uses]
        return np.bincount(self.option_lot[self.use_option[uses]], worth, problem.lot_count).astype(np.float64)

    def _decide(self, lots: Ints, seed: int) -> bool:
        """Decide these lots anew; return whether the plan became cheaper."""
        part, options = self._part(lots)
        position = np.full(self.problem.option_count, -1, dtype=np.int64)
        position[options] = np.arange(len(options))
        now = self.choice[lots]
        start = np.where(now >= 0, position[now], -1)
        model = ChoiceModel(part, np.arange(len(options)), start)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.linearization_level = 2
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = WORK_PER_ROUND
        found = model.read(solver, solver.solve(model.model))
        if found is None:
            return False
        choice = self.choice.copy()
        choice[lots] = np.where(found >= 0, options[found], -1)
        cost = self.problem.cost(choice)
        if cost > self.cost:
            return False
        better = cost < self.cost
        self.choice, self.cost = choice, cost
        return better

    def _part(self, lots: Ints) -> tuple[PlanningProblem, Ints]:
        """Return the problem of these lots within the capacity that all others leave, and which options it has."""
        problem = self.problem
        others = self.choice.copy()
        others[lots] = -1
        inside = np.zeros(problem.lot_count, dtype=bool)
        inside[lots] = True
        keep = self.is_good & inside[self.option_lot]
        now = self.choice[lots]
        keep[now[now >= 0]] = True
        part = take_options(problem, keep, keep[self.use_option])
        part = replace(
            part,
            option_start=np.append(part.option_start[lots], part.option_count),
            unmet_cost=problem.unmet_cost[lots],
            capacity=problem.capacity - problem.loads(others),
        )
        return part, np.flatnonzero(keep)
