"""Made-up streets: small random networks, as they would be read from a file, and regions upon them."""

import random
from dataclasses import replace

import numpy as np
from planning.tiny_regions import random_region

from cosmolocal.records import OffStreets, Order, Region, StreetNetwork, StreetRules

CLASSES = (("residential",), ("primary",), ("steps",), ("residential", "steps"))
FILE = "streets.csv"


def random_streets(seed: int, nodes: int = 60) -> StreetNetwork:
    """Return a network over the square that tiny regions lie in: one-way streets, dead ends, islands, parallels."""
    dice = random.Random(seed)
    lat = np.array([round(41.36 + dice.random() / 12, 5) for _ in range(nodes)])
    lon = np.array([round(2.10 + dice.random() / 9, 5) for _ in range(nodes)])
    arcs = []
    for start in range(nodes):
        near = np.argsort((lat - lat[start]) ** 2 + (lon - lon[start]) ** 2, kind="stable")[1:5]
        for end in dice.sample(near.tolist(), dice.choice((1, 2, 2, 3))):
            length_mm, oneway = dice.randint(1, 900_000), dice.random() < 0.3
            kind, speed = dice.choice((-1, 0, 0, 1, 2, 3)), dice.choice((0, 10, 50))
            arcs.append((start, end, length_mm, oneway, kind, speed))
            if not oneway:
                arcs.append((end, start, length_mm, oneway, kind, speed))
    start, end, length, oneway, kind, speed = np.array(arcs, dtype=np.int64).T.copy()
    return StreetNetwork(
        FILE, f"seed {seed} {nodes}", lat, lon, start, end, length, oneway.astype(bool), kind, speed, CLASSES
    )


def street_region(seed: int, off: OffStreets = OffStreets.BEELINE) -> tuple[Region, tuple[Order, ...]]:
    """Return a tiny region that names a street network; its modes use other streets, its first one all of them."""
    region, orders = random_region(seed)
    return over_streets(region, seed, off), orders


def over_streets(region: Region, seed: int, off: OffStreets = OffStreets.BEELINE) -> Region:
    """Return a tiny region with streets."""
    dice = random.Random(seed + 1)
    streets = random_streets(seed)
    first, *rest = region.network.modes
    kinds = dice.choice(((), ("residential", "primary"), ("residential", "steps")))
    modes = (replace(first, oneway=dice.random() < 0.5), *(replace(mode, classes=kinds) for mode in rest))
    if dice.random() < 0.5:
        modes = modes[::-1]
    rules = StreetRules(FILE, snap_limit_m=dice.choice((300, 1_500)), off_streets=off)
    network = replace(region.network, modes=modes, streets=rules)
    return replace(region, network=network, streets={FILE: streets})
