"""Cities made up for siting: sites and customers in a square, sites of many sizes, larger ones dearer."""

import numpy as np

from cosmolocal.planning.siting import SitingProblem


def make_city(sites: int, customers: int, ratio: float, seed: int) -> SitingProblem:
    """Return a city whose sites together hold ``ratio`` times what all customers want; all must be served.

    As in the literature on such problems (docs/siting.md): demand 5 to 35, sizes 10 to 160 that are then scaled,
    opening costs of 100 to 110 times the root of the size and up to 90 more, a unit costs ten times its distance.
    """
    dice = np.random.default_rng(seed)
    site, customer = dice.random((sites, 1, 2)), dice.random((1, customers, 2))
    demand, size = dice.integers(5, 36, customers), dice.integers(10, 161, sites)
    opening = dice.integers(0, 91, sites).astype(np.float64) + dice.integers(100, 111, sites) * np.sqrt(size)
    capacity = np.rint(size * ratio * demand.sum() / size.sum())
    return SitingProblem(
        open_cost=opening,
        capacity=np.maximum(1, capacity).astype(np.int64),
        demand=demand,
        cost=10.0 * np.hypot(*np.moveaxis(site - customer, 2, 0)) * demand,
        unserved_cost=np.full(customers, np.inf),
        existing=np.zeros(sites, dtype=np.bool_),
    )
