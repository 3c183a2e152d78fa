"""How good a plan is by each of the aims between which trade-offs are made."""

from collections import Counter

from cosmolocal.planning.audit.weeks import basis_minutes
from cosmolocal.records import Figures, Plan, Region


def find_figures(plan: Plan, region: Region) -> Figures:
    """Return the figures of a plan; its region holds the settings it was made with."""
    rows = [*(row.cost for row in plan.allocations), *(row.cost for row in plan.unmet)]
    return Figures(
        cost_cents=sum(cost.money_cents + cost.lateness_cents for cost in rows)
        + plan.overtime_cents
        + sum(trip.cents for trip in plan.trips),
        co2e_g=sum(cost.co2e_g for cost in rows) + sum(trip.co2e_g for trip in plan.trips),
        local_share=plan.local_share,
        fairness=find_fairness(plan, region),
    )


def find_fairness(plan: Plan, region: Region) -> int:
    """Return the load of the busiest workshop, in per mille of its basis capacity, rounded up."""
    minutes: Counter[str] = Counter()
    for allocation in plan.allocations:
        for task in allocation.tasks:
            minutes[task.workshop] += sum(use.minutes for use in task.uses)
    pairs = [(minutes[shop.id], basis_minutes(shop, region.settings)) for shop in region.workshops if minutes[shop.id]]
    return max((-(-1000 * load // basis) for load, basis in pairs if basis), default=0)
