"""A smaller street network with the same distances between the nodes that matter.

A node that does not matter and has few neighbours is taken out: each way through it becomes an arc between two of its
neighbours. Dead ends vanish, chains become one arc, and crossings of three streets a triangle. What stays has exactly
the distances that it had (Geisberger et al., Contraction Hierarchies, 2008, section 2; here without an order of nodes).
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from cosmolocal.records.streets import Ints

#: neighbours above which a node stays: more would add more arcs than they take away
MOST_NEIGHBOURS = 6


def contract(graph: csr_array, kept: Iterable[int]) -> tuple[csr_array, Ints]:
    """Return the smaller graph, and the numbers in the larger one of its nodes; all ``kept`` ones are among them.

    ``graph`` holds lengths of arcs, whole numbers above 0.
    """
    outward, inward = _neighbours(graph), _neighbours(csr_array(graph.T))
    fixed = np.zeros(len(outward), dtype=np.bool_)
    fixed[list(kept)] = True
    waiting = [
        (degree, node)
        for node, (out, into) in enumerate(zip(outward, inward, strict=True))
        if not fixed[node] and (degree := len(out.keys() | into.keys())) <= MOST_NEIGHBOURS
    ]
    heapify(waiting)
    is_gone = [False] * len(outward)
    while waiting:
        degree, node = heappop(waiting)
        around = outward[node].keys() | inward[node].keys()
        if is_gone[node] or len(around) != degree:
            continue
        is_gone[node] = True
        _take_out(node, outward, inward)
        for other in around:
            degree = len(outward[other].keys() | inward[other].keys())
            if degree <= MOST_NEIGHBOURS and not fixed[other]:
                heappush(waiting, (degree, other))
    return _build(outward, np.flatnonzero(~np.array(is_gone, dtype=np.bool_)))


def _neighbours(graph: csr_array) -> list[dict[int, int]]:
    starts, ends, lengths = graph.indptr.tolist(), graph.indices.tolist(), graph.data.astype(np.int64).tolist()
    return [dict(zip(ends[begin:end], lengths[begin:end], strict=True)) for begin, end in pairwise(starts)]


def _take_out(node: int, outward: list[dict[int, int]], inward: list[dict[int, int]]) -> None:
    into, out = inward[node], outward[node]
    for end in out:
        del inward[end][node]
    for start, first in into.items():
        reached = outward[start]
        del reached[node]
        for end, second in out.items():
            if start != end:
                length = first + second
                known = reached.get(end)
                if known is None or length < known:
                    reached[end] = inward[end][start] = length
    outward[node] = inward[node] = {}


def _build(outward: list[dict[int, int]], nodes: Ints) -> tuple[csr_array, Ints]:
    number = np.full(len(outward), -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    rows = [outward[node] for node in nodes.tolist()]
    counts = np.array([len(row) for row in rows], dtype=np.int64)
    ends = np.array([end for row in rows for end in row], dtype=np.int64)
    lengths = np.array([length for row in rows for length in row.values()], dtype=np.float64)
    starts = np.concatenate(([0], np.cumsum(counts)))
    return csr_array((lengths, number[ends], starts), shape=(len(nodes), len(nodes))), nodes
