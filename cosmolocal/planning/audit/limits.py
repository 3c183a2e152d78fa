"""Rules for the limits that a plan keeps besides those of its region."""

from collections import Counter
from collections.abc import Iterable

from cosmolocal.planning.audit.allocations import Loads
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.planning.audit.weeks import basis_minutes
from cosmolocal.records import Aim, CostTerms, Plan


def check_limits(facts: Facts, ledger: Ledger, plan: Plan, terms: Iterable[CostTerms], loads: Loads) -> None:
    """Apply the rule on limits to each that the plan names; ``terms`` and ``loads`` are those found by the audit."""
    if not plan.limits:
        return
    co2e_g = sum(each.co2e_g for each in terms) + sum(trip.co2e_g for trip in plan.trips)
    share = facts.find_local_share({allocation.lot for allocation in plan.allocations})
    shares = {Aim.UNITS: share.units, Aim.MASS: share.mass, Aim.SHARE: share.value}
    minutes: Counter[str] = Counter()
    for (workshop_id, _, _), load in loads.minutes.items():
        minutes[workshop_id] += load
    for index, limit in enumerate(plan.limits):
        where = f"plan: limits[{index}] ({limit.aim})"
        if limit.aim is Aim.CO2E:
            ledger.at_most("P068", where, co2e_g, limit.value)
        elif limit.aim is Aim.FAIRNESS:
            for workshop_id, load in sorted(minutes.items()):
                shop = facts.workshops.get(workshop_id)
                basis = 0 if shop is None else basis_minutes(shop, facts.settings)
                if basis:
                    place = f"{where}: workshop {workshop_id}: minutes"
                    ledger.at_most("P068", place, load, basis * limit.value // 1000)
        else:
            ledger.at_least("P068", where, shares[limit.aim] or 0, limit.value)
