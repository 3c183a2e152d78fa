"""Street distances against networkx, and nearest workshops against measuring every pair: python -m benchmarks.network.

Ours and theirs run one after the other in the same process; what theirs does for a sample is scaled to all, and said.
What both answer must be the same.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import networkx as nx
import numpy as np

from cosmolocal.network.distances import near_geodesic_m
from cosmolocal.network.nearest import find_nearest
from cosmolocal.network.street_lengths import NO_WAY, ModeLengths
from cosmolocal.network.street_modes import ModeStreets
from cosmolocal.network.street_points import split
from cosmolocal.records import Mode, NetworkSettings, Place, PlaceKind, StreetNetwork, StreetRules

T = TypeVar("T")

VAN = Mode("van", "Van", 25, 600, 70, 230, 800_000)
#: (lat, lon) of the lower left corner, and degrees of a block of about 100 m
CORNER = (41.3, 2.0)
BLOCK = (0.0009, 0.0012)


def make_streets(columns: int, rows: int, seed: int) -> StreetNetwork:
    """Return a town of crooked blocks: a fifth of the streets is missing, a quarter of the rest is one-way."""
    dice = np.random.default_rng(seed)
    node = np.arange(columns * rows).reshape(rows, columns)
    across = np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()], axis=1)
    along = np.stack([node[:-1].ravel(), node[1:].ravel()], axis=1)
    streets = np.concatenate((across, along))
    streets = streets[dice.random(len(streets)) < 0.8]
    lat = CORNER[0] + BLOCK[0] * (np.repeat(np.arange(rows), columns) + dice.uniform(-0.3, 0.3, node.size))
    lon = CORNER[1] + BLOCK[1] * (np.tile(np.arange(columns), rows) + dice.uniform(-0.3, 0.3, node.size))
    spots = np.stack([lat, lon], axis=1)
    metres = near_geodesic_m(spots[streets[:, 0]], spots[streets[:, 1]]) * dice.uniform(1, 1.3, len(streets))
    length_mm, is_oneway = np.rint(metres * 1000).astype(np.int64), dice.random(len(streets)) < 0.25
    both = ~is_oneway
    return StreetNetwork(
        "made-up",
        f"{columns} {rows} {seed}",
        lat,
        lon,
        np.concatenate((streets[:, 0], streets[both, 1])),
        np.concatenate((streets[:, 1], streets[both, 0])),
        np.concatenate((length_mm, length_mm[both])),
        np.concatenate((is_oneway, is_oneway[both])),
        np.full(len(streets) + int(both.sum()), -1),
        np.zeros(len(streets) + int(both.sum()), dtype=np.int64),
    )


def make_places(streets: StreetNetwork, count: int, seed: int) -> list[Place]:
    """Return places anywhere in the town."""
    dice = random.Random(seed)
    low, high = (streets.lat.min(), streets.lon.min()), (streets.lat.max(), streets.lon.max())
    spots = [[dice.uniform(float(a), float(b)) for a, b in zip(low, high, strict=True)] for _ in range(count)]
    return [Place(str(n), str(n), PlaceKind.HUB, lat, lon) for n, (lat, lon) in enumerate(spots)]


#: [s] by the clock, and of processors
Seconds = tuple[float, float]


def timed(work: Callable[[], T]) -> tuple[Seconds, T]:
    """Return how long some work takes, and what comes of it."""
    start, busy = time.perf_counter(), time.process_time()
    found = work()
    return (time.perf_counter() - start, time.process_time() - busy), found


def tell(what: str, ours: Seconds, theirs: Seconds, scale: float, **more: object) -> None:
    """Print one row; what theirs took is scaled."""
    clock, busy = (round(each * scale, 2) for each in theirs)
    figures = {"what": what, "ours": round(ours[0], 2), "theirs": clock, "ratio": round(theirs[0] * scale / ours[0], 1)}
    processors = {"ours_processor": round(ours[1], 2), "theirs_processor": busy}
    sys.stdout.write(json.dumps({**figures, **processors, **more}) + "\n")
    sys.stdout.flush()


def peak_mib() -> int:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def compare_matrix(size: tuple[int, int], workshops: int, places: int, sample: int) -> None:
    """Measure from all workshops to all places; networkx searches from a sample of the workshops."""
    streets = make_streets(*size, seed=1)
    spots = make_places(streets, workshops + places, seed=2)
    network = NetworkSettings(1.3, (VAN,), streets=StreetRules("made-up"))
    lengths: list[ModeLengths] = []

    def ours() -> np.ndarray:
        lengths.append(ModeLengths(ModeStreets(streets, VAN), spots, network, ""))
        return lengths[0].rows_m(range(workshops))

    seconds, table = timed(ours)
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    # places beside a street are nodes of it
    cells = split(lengths[0].streets.graph, lengths[0].points).tocoo()
    columns = (cells.row.tolist(), cells.col.tolist(), cells.data.astype(np.int64).tolist())
    graph.add_weighted_edges_from(zip(*columns, strict=True), weight="mm")
    nodes, access = lengths[0].node.tolist(), lengths[0].access_mm.tolist()
    chosen = random.Random(3).sample(range(workshops), sample)

    def theirs() -> list[dict[int, float]]:
        return [nx.single_source_dijkstra_path_length(graph, nodes[row], weight="mm") for row in chosen]

    their_seconds, rows = timed(theirs)
    wrong = 0
    for row, found in zip(chosen, rows, strict=True):
        for column in range(workshops, workshops + places):
            way = found.get(nodes[column])  # whole millimetres
            metres = NO_WAY if way is None else -(-(way + access[row] + access[column]) // 1000)
            wrong += metres != int(table[row, column])
    tell(
        f"seconds from {workshops} workshops to {places} places over {len(streets.lat)} nodes",
        seconds,
        their_seconds,
        workshops / sample,
        theirs_is=f"networkx Dijkstra from each workshop; {sample} measured, scaled to {workshops}",
        unlike=wrong,
        peak_mib=peak_mib(),
    )


def compare_nearest(orders: int, workshops: int, k: int, sample: int) -> None:
    """Find the nearest workshops of each order; every pair is measured for a sample of the orders."""
    dice = np.random.default_rng(5)
    # towns of unlike size all over a country, as people live
    towns = dice.uniform((36.5, -8.5), (43.5, 3.0), (400, 2))
    people = dice.pareto(1.1, 400) + 0.05
    where = (dice.choice(400, count, p=people / people.sum()) for count in (orders, workshops))
    order_spots, shop_spots = (towns[town] + dice.normal(0, 0.06, (len(town), 2)) for town in where)
    seconds, found = timed(lambda: find_nearest(order_spots, shop_spots, k))
    ours_mib = peak_mib()
    chosen = dice.choice(orders, sample, replace=False)

    def theirs() -> list[np.ndarray]:
        rows = []
        for number in chosen.tolist():
            metres = near_geodesic_m(np.repeat(order_spots[[number]], workshops, axis=0), shop_spots)
            rows.append(np.argsort(metres, kind="stable")[:k])
        return rows

    their_seconds, rows = timed(theirs)
    unlike = sum(found.workshop[number].tolist() != row.tolist() for number, row in zip(chosen, rows, strict=True))
    tell(
        f"seconds to find the {k} nearest of {workshops} workshops for {orders} orders",
        seconds,
        their_seconds,
        orders / sample,
        theirs_is=f"every pair measured with NumPy; {sample} orders measured, scaled to {orders}",
        unlike=unlike,
        peak_mib=ours_mib,
    )


def main() -> None:
    """Print both rows; the memory of the first is not counted in the second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("matrix", "nearest"), help="one row alone")
    parser.add_argument("--sample", type=int, default=8, help="workshops that networkx searches from")
    parser.add_argument("--small", action="store_true", help="hundreds of nodes, to try it")
    chosen = parser.parse_args()
    if chosen.only != "matrix":
        compare_nearest(*((3_000, 200, 8, 20) if chosen.small else (1_000_000, 10_000, 20, 200)))
    if chosen.only != "nearest":
        sizes = ((24, 20), 70, 90) if chosen.small else ((400, 250), 500, 2_000)
        compare_matrix(*sizes, sample=chosen.sample)


if __name__ == "__main__":
    main()
