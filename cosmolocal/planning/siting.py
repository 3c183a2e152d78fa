"""Where to open sites: customers are served from sites that cost something to open and hold only so much.

What stands here is what solvers see, and all they see: arrays. `cosmolocal.planning.solvers.siting` solves them;
docs/siting.md tells how.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosmolocal.planning.problem import Ints
from cosmolocal.records import PlanStatus, StoppedBy

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SitingProblem:
    """Open sites, serve customers from them in parts as you like, at least cost.

    m sites, n customers. Costs are of any one unit of money; ``inf`` where a thing may not be.

    Raises
    ------
    ValueError
        When shapes or ranges are not those below.
    """

    #: [m] cost of having the site open
    open_cost: Floats
    #: [m] units of demand that the site serves when open, ≥ 0
    capacity: Ints
    #: [n] units of demand, ≥ 1
    demand: Ints
    #: [m × n] cost of serving all of a customer from a site, ≥ 0; a part costs that part; inf: cannot
    cost: Floats
    #: [n] cost of serving nothing of a customer, ≥ 0; a part costs that part; inf: all must be served
    unserved_cost: Floats
    #: [m] sites that stand already: always open, and counted neither in ``most_new`` nor in ``budget``
    existing: Bools
    #: most sites that may be opened; None: any number
    most_new: int | None = None
    #: most that opening sites may take of ``price``; None: anything
    budget: float | None = None
    #: [m] what opening a site takes of the budget, ≥ 0; None: ``open_cost``
    price: Floats | None = None

    def __post_init__(self) -> None:
        m, n = self.cost.shape
        if not m or not n:
            raise ValueError(f"found {m} sites and {n} customers; one of each is needed")
        shapes = ((self.open_cost, m), (self.capacity, m), (self.existing, m), (self.demand, n))
        for array, length in (*shapes, (self.unserved_cost, n), (self.prices, m)):
            if array.shape != (length,):
                raise ValueError(f"found {array.shape} where {length} numbers are needed")
        if (self.cost < 0).any() or (self.unserved_cost < 0).any() or (self.prices < 0).any():
            raise ValueError("found a cost below 0")
        if np.isnan(self.cost).any() or not np.isfinite(self.open_cost).all():
            raise ValueError("found a cost that is no number")
        if (self.demand < 1).any() or (self.capacity < 0).any():
            raise ValueError("found a demand below 1 or a capacity below 0")

    @property
    def site_count(self) -> int:
        """Return how many sites there are."""
        return len(self.open_cost)

    @property
    def customer_count(self) -> int:
        """Return how many customers there are."""
        return len(self.demand)

    @property
    def prices(self) -> Floats:
        """Return what opening takes of the budget, [m]."""
        return self.open_cost if self.price is None else self.price

    def allows(self, is_open: Bools) -> bool:
        """Tell whether sites may be open together, [m]: existing ones all, new ones within number and budget."""
        new = is_open & ~self.existing
        return (
            bool(is_open[self.existing].all())
            and (self.most_new is None or int(new.sum()) <= self.most_new)
            and (self.budget is None or float(self.prices[new].sum()) <= self.budget * (1.0 + 1e-12))
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """Who is served from where: units of demand by site and customer, each pair at most once."""

    #: [K]
    site: Ints
    customer: Ints
    #: [K] ≥ 1
    units: Ints


@dataclass(frozen=True, slots=True)
class SitingSolution:
    """What is open, who is served from where, and how good that is at least."""

    #: [m]
    is_open: Bools
    flow: Flow
    #: inf: nothing was found that serves all who must be served
    cost: float
    #: nothing costs less; inf: proved that nothing can serve all who must be served
    bound: float
    status: PlanStatus
    stopped_by: StoppedBy
    #: [n] what serving all of a customer is worth; the bound at the root follows from these alone
    values: Floats

    @property
    def gap(self) -> float | None:
        """Return (cost − bound) / cost; None: nothing was found."""
        if not np.isfinite(self.cost):
            return None
        return 0.0 if self.cost <= self.bound else (self.cost - self.bound) / max(abs(self.cost), 1e-300)


def find_faults(problem: SitingProblem, solution: SitingSolution) -> list[str]:
    """Return what is wrong with a solution, found from the problem's arrays alone, without anything of a solver."""
    is_open, flow, faults = solution.is_open, solution.flow, []
    if not problem.allows(is_open):
        faults.append("the open sites may not be open together")
    pairs = set(zip(flow.site.tolist(), flow.customer.tolist(), strict=True))
    if len(pairs) < len(flow.site) or (flow.units < 1).any():
        faults.append("a pair stands twice or with less than a unit")
    load, served = [0] * problem.site_count, [0] * problem.customer_count
    total = sum(float(problem.open_cost[site]) for site in np.flatnonzero(is_open))
    for site, customer, units in zip(flow.site.tolist(), flow.customer.tolist(), flow.units.tolist(), strict=True):
        load[site] += units
        served[customer] += units
        total += float(problem.cost[site, customer]) * units / int(problem.demand[customer])
    for site, units in enumerate(load):
        if units > (int(problem.capacity[site]) if is_open[site] else 0):
            faults.append(f"site {site} serves {units} units")
    for customer, units in enumerate(served):
        left = int(problem.demand[customer]) - units
        if left < 0:
            faults.append(f"customer {customer} gets {-left} units too many")
        if left > 0:
            total += float(problem.unserved_cost[customer]) * left / int(problem.demand[customer])
    if abs(total - solution.cost) > 1e-9 * max(1.0, abs(total)):
        faults.append(f"the cost is {total}, not {solution.cost}")
    return faults
