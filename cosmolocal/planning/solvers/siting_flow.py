"""Who is served from where once it is known what is open: a network simplex that goes on from its last tree.

Nodes are the sites, the customers and a root. Arcs go from sites to customers at the cost of a unit, from sites to the
root (capacity that stays idle) and from the root to customers (demand that stays unserved). No arc has a limit, so all
arcs outside the tree are empty. A closed site keeps its capacity and its arcs become dearer than leaving a customer
unserved: so any tree is a start for any choice of sites. Arcs of the tree that carry nothing point to the root
(strongly feasible), which makes cycling impossible; flows are whole.
"""

from typing import NamedTuple

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.siting import Bools, Floats, Flow, SitingProblem
from cosmolocal.planning.solvers.compiled import compiled

#: customers looked at before the best arc found among them enters
BLOCK = 24


class Network(NamedTuple):
    """What does not change: costs."""

    #: [n × m] cost of a unit; as dear as can be where a site cannot serve a customer
    unit: Floats
    #: [n] cost of a unit that stays unserved
    unserved: Floats
    #: [m] what a unit from a closed site costs, dearer than any ``unserved``
    closed: float
    #: reduced costs above −slack count as none
    slack: float


class Tree(NamedTuple):
    """A spanning tree; by node: sites, customers, root. The arc of a node is the one to its parent."""

    parent: Ints
    #: first child, next and previous sibling; −1: none
    child: Ints
    after: Ints
    before: Ints
    depth: Ints
    #: what the node's arc carries: from sites to the parent, from the parent to customers
    flow: Ints
    #: customers: what a unit more of demand costs; sites: what a unit more of capacity saves
    value: Floats


@compiled
def _unlink(tree: Tree, node: int) -> None:
    if tree.before[node] >= 0:
        tree.after[tree.before[node]] = tree.after[node]
    else:
        tree.child[tree.parent[node]] = tree.after[node]
    if tree.after[node] >= 0:
        tree.before[tree.after[node]] = tree.before[node]


@compiled
def _link(tree: Tree, node: int, parent: int) -> None:
    first = tree.child[parent]
    tree.parent[node], tree.after[node], tree.before[node] = parent, first, -1
    if first >= 0:
        tree.before[first] = node
    tree.child[parent] = node


@compiled
def _shift(tree: Tree, top: int, by: float) -> None:
    """Add to the values of a subtree, and set its depths right."""
    node = top
    while True:
        tree.value[node] += by
        tree.depth[node] = tree.depth[tree.parent[node]] + 1
        if tree.child[node] >= 0:
            node = tree.child[node]
            continue
        while node != top and tree.after[node] < 0:
            node = tree.parent[node]
        if node == top:
            break
        node = tree.after[node]


@compiled
def _revalue(network: Network, tree: Tree, is_open: Bools) -> None:
    """Compute all values anew from the tree."""
    sites, root = len(is_open), len(tree.parent) - 1
    tree.value[root] = 0.0
    node = tree.child[root]
    while node >= 0 and node != root:
        parent = tree.parent[node]
        if node < sites:
            cost = 0.0
            if parent != root:
                cost = network.unit[parent - sites, node] if is_open[node] else network.closed
            tree.value[node] = tree.value[parent] - cost
        elif parent == root:
            tree.value[node] = network.unserved[node - sites]
        else:
            cost = network.unit[node - sites, parent] if is_open[parent] else network.closed
            tree.value[node] = tree.value[parent] + cost
        if tree.child[node] >= 0:
            node = tree.child[node]
            continue
        while node != root and tree.after[node] < 0:
            node = tree.parent[node]
        if node != root:
            node = tree.after[node]


@compiled
def _pivot(tree: Tree, sites: int, tail: int, head: int, reduced: float) -> None:
    """Let the arc from ``tail`` to ``head`` enter the tree."""
    first, second = tail, head
    most, leaving, on_tail = np.int64(1) << 62, -1, False
    while first != second:
        if tree.depth[first] >= tree.depth[second]:
            # from the join down to the tail, seen backwards: sites' arcs lose; the one nearest to the tail leaves
            if first < sites and tree.flow[first] < most:
                most, leaving, on_tail = tree.flow[first], first, True
            first = tree.parent[first]
        else:
            if second >= sites and tree.flow[second] <= most:
                most, leaving, on_tail = tree.flow[second], second, False
            second = tree.parent[second]
    node = tail
    while node != first:
        tree.flow[node] += -most if node < sites else most
        node = tree.parent[node]
    node = head
    while node != first:
        tree.flow[node] += most if node < sites else -most
        node = tree.parent[node]
    node, under = (tail, head) if on_tail else (head, tail)
    top, carried = node, most
    while True:
        parent, old = tree.parent[node], tree.flow[node]
        _unlink(tree, node)
        _link(tree, node, under)
        tree.flow[node] = carried
        if node == leaving:
            break
        under, node, carried = node, parent, old
    _shift(tree, top, -reduced if on_tail else reduced)


@compiled
def _improve(network: Network, tree: Tree, is_open: Bools, open_sites: Ints) -> int:
    """Let arcs enter until none is worth it; return how many did."""
    sites, customers = len(is_open), len(network.unserved)
    root = sites + customers
    _revalue(network, tree, is_open)
    slack, pivots, idle, customer, checked = network.slack, 0, 0, 0, False
    while True:
        best, tail, head = -slack, -1, -1
        for _ in range(BLOCK):
            value = tree.value[sites + customer]
            if network.unserved[customer] - value < best:
                best, tail, head = network.unserved[customer] - value, root, sites + customer
            for nth in range(len(open_sites)):
                site = open_sites[nth]
                reduced = network.unit[customer, site] + tree.value[site] - value
                if reduced < best:
                    best, tail, head = reduced, site, sites + customer
            customer = customer + 1 if customer + 1 < customers else 0
        idle += BLOCK
        if tail < 0 and idle >= customers:
            for site in range(sites):
                if tree.value[site] < best:
                    best, tail, head = tree.value[site], site, root
        if tail >= 0:
            _pivot(tree, sites, tail, head, best)
            pivots += 1
            idle, checked = 0, False
        elif idle >= customers:
            if checked:
                break
            # what rounding added up is taken out before the end is believed
            _revalue(network, tree, is_open)
            idle, checked = 0, True
    return pivots


class Server:
    """Serves customers from open sites at least cost; keeps its tree for the next choice."""

    def __init__(self, problem: SitingProblem) -> None:
        self.problem = problem
        unit = np.ascontiguousarray((problem.cost / problem.demand).T)
        unserved = problem.unserved_cost / problem.demand
        largest = max(
            float(np.max(unit, where=np.isfinite(unit), initial=1e-9)),
            float(np.max(unserved, where=np.isfinite(unserved), initial=1e-9)),
        )
        #: no chain of exchanges saves as much as serving one unit more that must be served
        must = 2.0 * (problem.site_count + 2) * largest
        unit[~np.isfinite(unit)] = 4.0 * must
        self.must = ~np.isfinite(unserved)
        unserved[self.must] = must
        self.network = Network(unit, unserved, 4.0 * must, 1e-11 * largest)
        self.tree = _plant(problem)

    def serve(self, is_open: Bools) -> float:
        """Return the least cost of serving from these sites, opening not counted; inf: someone must stay unserved."""
        _improve(self.network, self.tree, is_open, np.flatnonzero(is_open))
        sites, customers = self.problem.site_count, self.problem.customer_count
        unserved = np.zeros(customers, dtype=np.int64)
        at_root = self.tree.parent[sites:-1] == sites + customers
        unserved[at_root] = self.tree.flow[sites:-1][at_root]
        if unserved[self.must].any():
            return float("inf")
        flow = self.flow(is_open)
        shares = flow.units / self.problem.demand[flow.customer]
        left = np.flatnonzero(unserved)
        left_cost = self.problem.unserved_cost[left] @ (unserved[left] / self.problem.demand[left])
        return float(self.problem.cost[flow.site, flow.customer] @ shares + left_cost)

    def values(self) -> Floats:
        """Return what serving all of each customer is worth, [n], of the sites last served from."""
        return self.tree.value[self.problem.site_count : -1] * self.problem.demand

    def flow(self, is_open: Bools) -> Flow:
        """Return who is served from where, of the sites last served from."""
        sites, root = self.problem.site_count, len(self.tree.parent) - 1
        node = np.flatnonzero((self.tree.flow[:-1] > 0) & (self.tree.parent[:-1] != root))
        parent = self.tree.parent[node]
        site, customer = np.minimum(node, parent), np.maximum(node, parent) - sites
        keep = is_open[site]
        order = np.lexsort((customer[keep], site[keep]))
        return Flow(site[keep][order], customer[keep][order], self.tree.flow[node][keep][order])


def _plant(problem: SitingProblem) -> Tree:
    """Return the tree in which nobody is served."""
    count = problem.site_count + problem.customer_count + 1
    root = count - 1
    after = np.arange(1, count + 1)
    after[root - 1 :] = -1
    before = np.arange(-1, count - 1)
    before[root] = -1
    child = np.full(count, -1)
    child[root] = 0
    return Tree(
        np.append(np.full(root, root), -1),
        child,
        after,
        before,
        np.append(np.ones(root, dtype=np.int64), 0),
        np.concatenate((problem.capacity, problem.demand, [0])).astype(np.int64),
        np.zeros(count),
    )
