"""Branch and bound over what is open: each node is bounded by a climb from its parent's values."""

import heapq
import itertools
from dataclasses import dataclass, field

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.siting import Bools, Floats, SitingProblem
from cosmolocal.planning.solvers.compiled import THREADS
from cosmolocal.planning.solvers.siting_climb import Climbed, Enough, climb
from cosmolocal.planning.solvers.siting_moves import CUTS, Choices
from cosmolocal.planning.solvers.siting_prices import Costs, Room
from cosmolocal.planning.solvers.siting_rows import Rows, sites_needed, still_possible

#: nodes looked at side by side: always as many, whatever the number of threads
SIDE_BY_SIDE = 4
#: steps of a node's climb, and rounds of closing and opening what its bound decides
STEPS, ROUNDS = 30, 3
#: [ratio] a choice this near to the best one is moved on from, and how many choices that may serve
NEAR, MOVES = 0.005, 8
#: [ratio] a node whose bound is so near to the best cost holds nothing better worth looking for
SETTLED = 1e-7


@dataclass(frozen=True, slots=True)
class Node:
    """A part of all choices: some sites must be open, some may be."""

    bound: float
    must: Bools
    may: Bools
    #: [n + R] where its climb starts
    values: Floats
    #: what it was branched on: the site, whether that is open, by how much of a site that changed the average choice
    branched: tuple[int, bool, float] | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a climb says of a node."""

    node: Node
    share: Floats
    #: what it raised the bound by
    gain: float
    #: nothing in the node is better than the best choice, or nothing is possible
    is_done: bool


class Gains:
    """What opening or closing each site raised bounds by, so far: which site to branch on."""

    def __init__(self, sites: int) -> None:
        #: [2 × m] by side: sums of gains by whole site, and how many
        self.total, self.count = np.zeros((2, sites)), np.zeros((2, sites))

    def note(self, looked: Looked) -> None:
        """Remember what a node's branching gained."""
        if looked.node.branched is not None and np.isfinite(looked.gain):
            site, side, by = looked.node.branched
            self.total[int(side), site] += max(0.0, looked.gain) / max(0.05, by)
            self.count[int(side), site] += 1.0

    def pick(self, share: Floats, free: Ints) -> int:
        """Return the free site both of whose sides promise most; what is not known yet is taken as usual."""
        usual = (self.total.sum(axis=1) + 1e-9) / np.maximum(1.0, self.count.sum(axis=1))
        each = (self.total[:, free] + 2.0 * usual[:, None]) / (self.count[:, free] + 2.0)
        part = np.clip(share[free], 0.02, 0.98)
        return int(free[int(np.argmax(each[0] * part * each[1] * (1.0 - part)))])


@dataclass
class Tree:
    """The nodes that may still hold better choices."""

    problem: SitingProblem
    costs: Costs
    rows: Rows
    choices: Choices
    rooms: list[Room]
    #: [m] sites that better choices may have open
    may: Bools
    nodes: list[tuple[float, int, Node]] = field(default_factory=list)
    #: the least bound of nodes given up as no better
    settled: float = float("inf")
    number: itertools.count = field(default_factory=itertools.count)  # type: ignore[type-arg]
    looked: int = 0

    def __post_init__(self) -> None:
        self.gains = Gains(self.problem.site_count)

    @property
    def bound(self) -> float:
        """Return what no choice costs less than."""
        return min(self.settled, self.nodes[0][0] if self.nodes else float("inf"), self.choices.best_cost)

    @property
    def target(self) -> float:
        """Return the bound that settles a node."""
        best = self.choices.best_cost
        return best - SETTLED * abs(best) if np.isfinite(best) else float("inf")

    def add(self, node: Node) -> None:
        """Add a node to look at, unless it is settled already."""
        if node.bound >= self.target:
            self.settled = min(self.settled, node.bound)
        else:
            heapq.heappush(self.nodes, (node.bound, next(self.number), node))

    def work(self) -> None:
        """Look at the most promising nodes and branch; call until no nodes are left."""
        batch = [heapq.heappop(self.nodes)[2] for _ in range(min(SIDE_BY_SIDE, len(self.nodes)))]
        cuts = min(CUTS, self.choices.cuts)
        found: list[Looked | None] = [None] * len(batch)
        target = self.target
        # what a node's bound rules out costs at least as much
        self.settled = min(self.settled, target)

        def look_at(nth: int) -> None:
            found[nth] = self.look(batch[nth], target, cuts, self.rooms[nth])

        THREADS.run(look_at, len(batch))
        for looked in found:
            if looked is not None:
                self.looked += 1
                self._branch(looked)

    def look(self, node: Node, target: float, cuts: int, room: Room) -> Looked:
        """Climb in a node, and decide what its bound decides."""
        must, may, values, bound = node.must, node.may, node.values, node.bound
        share, enough = np.zeros(len(must)), Enough(target, STEPS, self.choices.until)
        for nth in range(ROUNDS):
            may = still_possible(self.problem, must, may)
            needed = sites_needed(self.problem, must, may)
            if needed is None:
                return Looked(Node(float("inf"), must, may, values), share, 0.0, is_done=True)
            limits = self.rows.limits.copy()
            limits[0] = -float(needed)
            if nth == 0:
                values = self._best_start(values, bound, (must, may), cuts)
            got = climb(self.costs, limits, (must, may), values, room, enough)
            bound, values, share = max(bound, got.bound), got.values, got.share
            if bound >= target or not (may & ~must).any():
                break
            opened, left = decide(got, (must, may), target)
            if (opened == must).all() and (left == may).all():
                break
            must, may = opened, left
        decided = Node(bound, must, may, values, node.branched)
        return Looked(decided, share, bound - node.bound, is_done=bound >= target)

    def _best_start(self, values: Floats, bound: float, scope: tuple[Bools, Bools], cuts: int) -> Floats:
        """Return the values of the cut that says most of a node, if that is more than the parent's bound."""
        must, may = scope
        if not cuts:
            return values
        worth = self.choices.worth[:cuts]
        said = self.choices.base[:cuts] + worth[:, must].sum(axis=1)
        said += np.minimum(worth[:, may & ~must], 0.0).sum(axis=1)
        best = int(said.argmax())
        if said[best] <= bound:
            return values
        return np.append(self.choices.values[best], np.zeros(len(self.rows.limits)))

    def _branch(self, looked: Looked) -> None:
        node = looked.node
        self.gains.note(looked)
        if looked.is_done:
            self.settled = min(self.settled, node.bound)
            return
        self._try(looked)
        if node.bound >= self.target:
            self.settled = min(self.settled, node.bound)
        elif (node.may == node.must).all():
            # one choice is left: it was served exactly
            self.settled = min(self.settled, self.choices.cost(node.must))
        else:
            site = self.gains.pick(looked.share, np.flatnonzero(node.may & ~node.must))
            for side in (True, False):
                must, may = node.must.copy(), node.may.copy()
                (must if side else may)[site] = side
                by = float(1.0 - looked.share[site] if side else looked.share[site])
                self.add(Node(node.bound, must, may, node.values, (site, side, by)))

    def _try(self, looked: Looked) -> None:
        """Serve the choice that a climb comes near to, and move on from there if it is a good one."""
        node, share, choices = looked.node, looked.share, self.choices
        chosen = choices.fill(np.where(node.may, share, -1.0), node.must)
        if choices.cost(chosen) <= choices.best_cost + NEAR * abs(choices.best_cost):
            choices.polish(chosen, self.may, MOVES)


def decide(got: Climbed, scope: tuple[Bools, Bools], target: float) -> tuple[Bools, Bools]:
    """Return which sites must and which may be open in choices that cost less than ``target``."""
    must, may = scope
    free = may & ~must
    return must | (free & (got.bound - got.worth >= target)), may & ~(free & (got.bound + got.worth >= target))
