"""Better choices of sites by opening, closing and exchanging, guided by what is known of all choices.

Values of customers bound the cost of every choice of sites at once: cost ≥ base + Σ worth of open sites. Each choice
served exactly leaves such a cut, exact for itself; a move that a cut shows to be no better need not be tried.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from cosmolocal.planning.siting import Bools, Floats, SitingProblem
from cosmolocal.planning.solvers.siting_flow import Server
from cosmolocal.planning.solvers.siting_prices import Costs, Room, weigh_sites
from cosmolocal.planning.solvers.siting_rows import demand_that_must

#: cuts kept
CUTS = 64


@dataclass
class Choices:
    """Serves choices of sites, remembers the best one and what all of them say about others."""

    problem: SitingProblem
    costs: Costs
    room: Room
    #: [s] of time.monotonic
    until: float
    best: Bools = field(init=False)
    best_cost: float = float("inf")
    served: int = 0

    def __post_init__(self) -> None:
        m = self.problem.site_count
        self.server = Server(self.problem)
        self.best = self.problem.existing.copy()
        self.must_units = demand_that_must(self.problem)
        self.known: dict[bytes, float] = {}
        self.base = np.full(CUTS, -np.inf)
        self.worth = np.zeros((CUTS, m))
        self.values = np.zeros((CUTS, self.problem.customer_count))
        self.cuts = 0

    @property
    def is_late(self) -> bool:
        """Tell whether time is up."""
        return time.monotonic() >= self.until

    def cost(self, is_open: Bools) -> float:
        """Return what a choice costs; inf: it is none."""
        key = np.packbits(is_open).tobytes()
        if key not in self.known:
            self.known[key] = self._serve(is_open)
        return self.known[key]

    def _serve(self, is_open: Bools) -> float:
        problem = self.problem
        if not problem.allows(is_open) or int(problem.capacity[is_open].sum()) < self.must_units:
            return float("inf")
        self.served += 1
        cost = self.server.serve(is_open)
        if np.isfinite(cost):
            cost += float(problem.open_cost[is_open].sum())
            self.note(self.server.values())
            if cost < self.best_cost:
                self.best_cost, self.best = cost, is_open.copy()
        return cost

    def note(self, values: Floats) -> None:
        """Keep what values of customers say about all choices; the oldest such cut goes."""
        at = self.cuts % CUTS
        self.cuts += 1
        self.values[at] = np.minimum(values, self.problem.unserved_cost)
        self.base[at] = float(self.values[at].sum())
        self.worth[at] = weigh_sites(self.costs, self.values[at], self.room)

    def fill(self, share: Floats, must: Bools) -> Bools:
        """Return a choice: sites that ``must``, those with more than half a share, and more until all demand fits."""
        chosen = must | self.problem.existing
        for site in np.argsort(-share, kind="stable"):
            if share[site] <= 0.5 and int(self.problem.capacity[chosen].sum()) >= self.must_units:
                break
            if not chosen[site]:
                chosen[site] = True
                chosen[site] = self.problem.allows(chosen)
        return chosen

    def polish(self, is_open: Bools, may: Bools, most: int) -> tuple[Bools, float]:
        """Move from a choice to better ones while there are any, serving at most ``most`` of them.

        ``may``: the sites that moves may open.
        """
        cost, until = self.cost(is_open), self.served + most
        improved = np.isfinite(cost)
        while improved and self.served < until and not self.is_late:
            is_open, cost, improved = self._move(is_open, cost, may, until)
        return is_open, cost

    def _move(self, is_open: Bools, cost: float, may: Bools, until: int) -> tuple[Bools, float, bool]:
        """Return a better neighbour of a choice, tried in the order of what cuts say of them, and whether there is."""
        out = np.append(np.flatnonzero(is_open & ~self.problem.existing), -1)
        into = np.append(np.flatnonzero(may & ~is_open), -1)
        least = np.full((len(out), len(into)), -np.inf)
        for cut in range(min(CUTS, self.cuts)):
            self._raise(least, cut, is_open, (out, into))
        self._rule_out(least, is_open, (out, into))
        slack = 1e-9 * max(1.0, abs(cost))
        while self.served < until and not self.is_late:
            at = int(least.argmin())
            if least.flat[at] >= cost - slack:
                return is_open, cost, False
            leaves, enters = out[at // len(into)], into[at % len(into)]
            moved = is_open.copy()
            if leaves >= 0:
                moved[leaves] = False
            if enters >= 0:
                moved[enters] = True
            before = self.cuts
            found = self.cost(moved)
            if found < cost - slack:
                return moved, found, True
            least.flat[at] = np.inf
            if self.cuts > before:
                self._raise(least, (self.cuts - 1) % CUTS, is_open, (out, into))
        return is_open, cost, False

    def _raise(self, least: Floats, cut: int, is_open: Bools, moves: tuple[np.ndarray, np.ndarray]) -> None:
        out, into = moves
        worth = np.append(self.worth[cut], 0.0)
        stays = self.base[cut] + float(self.worth[cut][is_open].sum())
        np.maximum(least, (stays - worth[out])[:, None] + worth[into][None, :], out=least)

    def _rule_out(self, least: Floats, is_open: Bools, moves: tuple[np.ndarray, np.ndarray]) -> None:
        """Rule out moves that hold too little, are too many or beyond the budget."""
        out, into = moves
        problem, new = self.problem, is_open & ~self.problem.existing
        none = [0]
        capacity = np.append(problem.capacity, none)
        held = int(problem.capacity[is_open].sum()) - capacity[out][:, None] + capacity[into][None, :]
        least[held < self.must_units] = np.inf
        least[-1, -1] = np.inf
        if problem.most_new is not None:
            count = int(new.sum()) - (out >= 0)[:, None].astype(np.int64) + (into >= 0)[None, :]
            least[count > problem.most_new] = np.inf
        if problem.budget is not None:
            price = np.append(problem.prices, none)
            spent = float(problem.prices[new].sum()) - price[out][:, None] + price[into][None, :]
            least[spent > problem.budget * (1.0 + 1e-12)] = np.inf
