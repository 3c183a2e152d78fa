"""What sites are worth when serving each customer has a value, and the bound that follows (docs/siting.md), compiled.

Each site is a knapsack that may cut one customer.
"""

from typing import NamedTuple

import numpy as np

from cosmolocal.planning.problem import Ints
from cosmolocal.planning.siting import Bools, Floats, SitingProblem
from cosmolocal.planning.solvers.compiled import compiled

#: [standard deviations] from where values count as far from the middle
FAR = 2.0


class Costs(NamedTuple):
    """A problem as compiled functions read it."""

    #: [m × n]
    cost: Floats
    #: [m + 1] who can be served from site i: customer[start[i]] … customer[start[i + 1] − 1]
    start: Ints
    #: [K] int32
    customer: Ints
    #: [K] rising within a site: cost less the customer's middle value, by unit of demand
    key: Floats
    #: [n] values near which most others lie
    middle: Floats
    #: [n]
    demand: Floats
    #: [n] values are never higher
    unserved: Floats
    #: [m]
    capacity: Floats
    opening: Floats
    #: [R × m] rows that every choice of sites keeps: row · open ≤ limit
    rows: Floats


class Room(NamedTuple):
    """Workspace: what each site would serve at given values."""

    #: [m × n] int32: the first ``taken`` of a row are served whole, the next one by ``part``
    order: Ints
    #: [n] cost less value by unit of demand, in the order of ``order``
    rate: Floats
    #: [m]
    taken: Ints
    part: Floats
    #: [m] keys below this were looked at when the site was last filled
    reach: Floats
    #: [m] opening cost and cost of what it serves less the values of that, and prices of rows
    worth: Floats
    #: [2 × (n + R)] values tried, slope
    lines: Floats
    #: [n] how far values lie above the middle by unit of demand; −inf: so far that they are listed in ``far`` instead
    shift: Floats
    far: Ints


class Scope(NamedTuple):
    """The choices that a bound is for."""

    #: [R] of the rows of the costs
    limits: Floats
    #: sites that may be open
    sites: Ints
    #: [m] sites that must be
    must: Bools


@compiled
def _gather(costs: Costs, values: Floats, near: tuple[float, int], site: int, out: Room) -> tuple[int, float, float]:
    """List customers whose value is above their cost: those far from the middle, others with keys below a reach."""
    reach, far = near
    demand, order, rate = costs.demand, out.order[site], out.rate
    end, total, saving = 0, 0.0, 0.0
    for nth in range(far):
        customer = out.far[nth]
        above = (costs.cost[site, customer] - values[customer]) / demand[customer]
        if above < 0.0:
            order[end], rate[end] = customer, above
            total += demand[customer]
            saving += above * demand[customer]
            end += 1
    for pair in range(costs.start[site], costs.start[site + 1]):
        key = costs.key[pair]
        if key >= reach:
            break
        customer = costs.customer[pair]
        above = key - out.shift[customer]
        if above < 0.0:
            order[end], rate[end] = customer, above
            total += demand[customer]
            saving += above * demand[customer]
            end += 1
    return end, total, saving


@compiled
def _fill(costs: Costs, values: Floats, near: tuple[float, float, int], site: int, out: Room) -> float:
    """Fill a site with the customers that save most per unit; return the saving, ≤ 0.

    ``near``: but for so many that are far, no value is above its middle one by more than the first number by unit of
    demand; so who has a higher key saves less than who is served already. The second number is how far such numbers
    spread.
    """
    most, spread, far = near
    reach = min(out.reach[site], most)
    while True:
        end, total, saving = _gather(costs, values, (reach, far), site, out)
        out.taken[site], out.part[site], worst = end, 0.0, 0.0
        if total > costs.capacity[site]:
            saving, worst = _fill_scarce(costs.demand, costs.capacity[site], site, end, out)
        if reach >= worst + most:
            # a bit further, so that a slightly worse cut is found at once
            out.reach[site] = worst + most + 0.3 * spread - 0.05 * worst
            return saving
        reach = (
            worst + most
            if worst < 0.0 or most - reach <= 0.5 * spread or spread <= 0.0
            else reach + 0.4 * (most - reach)
        )


@compiled
def _fill_scarce(demand: Floats, room: float, site: int, end: int, out: Room) -> tuple[float, float]:
    """Part the customers around the one that is cut, as quicksort would, but only on the side where the cut is.

    Return the saving and the rate of the one that is cut.
    """
    order, rate = out.order[site], out.rate
    first, saving, pivot = 0, 0.0, 0.0
    while first < end:
        a, b, c = rate[first], rate[(first + end) // 2], rate[end - 1]
        pivot = max(min(a, b), min(max(a, b), c))
        low, at, high, less, gained = first, first, end, 0.0, 0.0
        while at < high:
            value, customer = rate[at], order[at]
            if value < pivot:
                less += demand[customer]
                gained += value * demand[customer]
                rate[at], order[at] = rate[low], order[low]
                rate[low], order[low] = value, customer
                low += 1
                at += 1
            elif value > pivot:
                high -= 1
                rate[at], order[at] = rate[high], order[high]
                rate[high], order[high] = value, customer
            else:
                at += 1
        if less > room:
            end = low
            continue
        room -= less
        saving += gained
        first = low
        while first < high and demand[order[first]] <= room:
            room -= demand[order[first]]
            saving += pivot * demand[order[first]]
            first += 1
        if first < high:
            out.taken[site], out.part[site] = first, room / demand[order[first]]
            return saving + pivot * room, pivot
    # all that was above the cut fits to the last unit
    out.taken[site] = first
    return saving, pivot


@compiled
def _find_far(costs: Costs, values: Floats, out: Room) -> tuple[float, float, int]:
    """Find customers whose values lie far above the middle; return how far all others do, the spread, the number."""
    customers, total, square = len(costs.demand), 0.0, 0.0
    for customer in range(customers):
        above = (values[customer] - costs.middle[customer]) / costs.demand[customer]
        total += above
        square += above * above
    mean = total / customers
    spread = np.sqrt(max(0.0, square / customers - mean * mean))
    most, far = mean + FAR * spread + 1e-12 * abs(mean), 0
    for customer in range(customers):
        above = (values[customer] - costs.middle[customer]) / costs.demand[customer]
        out.shift[customer] = above
        if above > most:
            out.shift[customer] = -np.inf
            out.far[far] = customer
            far += 1
    return most, spread, far


@compiled
def weigh(costs: Costs, scope: Scope, values: Floats, out: Room) -> float:
    """Return the bound at values, over the choices of a scope; slope in lines."""
    limits, sites, must = scope
    customers, slope = len(costs.demand), out.lines[1]
    bound, near = 0.0, _find_far(costs, values, out)
    for customer in range(customers):
        bound += values[customer]
        slope[customer] = 1.0
    for row in range(len(limits)):
        bound -= values[customers + row] * limits[row]
        slope[customers + row] = -limits[row]
    for nth in range(len(sites)):
        site = sites[nth]
        worth = costs.opening[site] + _fill(costs, values, near, site, out)
        for row in range(len(limits)):
            worth += values[customers + row] * costs.rows[row, site]
        out.worth[site] = worth
        if must[site] or worth < 0.0:
            bound += worth
            for place in range(out.taken[site]):
                slope[out.order[site, place]] -= 1.0
            if out.part[site] > 0.0:
                slope[out.order[site, out.taken[site]]] -= out.part[site]
            for row in range(len(limits)):
                slope[customers + row] += costs.rows[row, site]
    return bound


def build_costs(problem: SitingProblem, rows: Floats, middle: Floats | None = None) -> Costs:
    """Return a problem as compiled functions read it, with rows that every choice keeps.

    ``middle``: values near which most others lie, [n].
    """
    demand = problem.demand.astype(np.float64)
    at = np.zeros(len(demand)) if middle is None else middle
    site, customer = np.nonzero(problem.cost < np.where(np.isfinite(problem.cost), problem.unserved_cost, -1.0))
    key = (problem.cost[site, customer] - at[customer]) / demand[customer]
    order = np.lexsort((key, site))
    return Costs(
        np.ascontiguousarray(problem.cost),
        np.searchsorted(site, np.arange(problem.site_count + 1)).astype(np.int64),
        customer[order].astype(np.int32),
        key[order],
        at,
        demand,
        problem.unserved_cost.astype(np.float64),
        problem.capacity.astype(np.float64),
        problem.open_cost.astype(np.float64),
        np.ascontiguousarray(rows),
    )


def make_room(costs: Costs) -> Room:
    """Return a workspace; threads need one each."""
    sites, customers = costs.cost.shape
    return Room(
        np.zeros((sites, customers), dtype=np.int32),
        np.zeros(customers),
        np.zeros(sites, dtype=np.int64),
        np.zeros(sites),
        np.full(sites, np.inf),
        np.zeros(sites),
        np.zeros((2, customers + len(costs.rows))),
        np.zeros(customers),
        np.zeros(customers, dtype=np.int64),
    )


def weigh_sites(costs: Costs, values: Floats, room: Room) -> Floats:
    """Return what opening each site adds to the bound at values of customers, rows left out, [m]."""
    sites, rows = len(costs.opening), len(costs.rows)
    none = np.zeros(sites, dtype=np.bool_)
    weigh(costs, Scope(np.zeros(rows), np.arange(sites), none), np.append(values, np.zeros(rows)), room)
    return room.worth.copy()
