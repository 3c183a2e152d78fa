"""Re-checks a plan from the input records alone; shares no code with the solvers, so it cannot inherit their faults."""

from cosmolocal.planning.audit.allocations import Loads, check_allocation, check_terms
from cosmolocal.planning.audit.boms import Resolve
from cosmolocal.planning.audit.changes import check_changes, set_history_aside
from cosmolocal.planning.audit.costs import sum_import
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import CODES, AuditReport, Ledger
from cosmolocal.planning.audit.limits import check_limits
from cosmolocal.planning.audit.totals import (
    check_capacities,
    check_certificate,
    check_coverage,
    check_frame,
    check_share,
    find_fairness_cents,
)
from cosmolocal.planning.audit.trips import check_hubs, check_trips
from cosmolocal.records import Allocation, CostTerms, Order, Plan, Region, Unmet

__all__ = ["CODES", "AuditReport", "Resolve", "audit_plan"]


def audit_plan(plan: Plan, region: Region, orders: tuple[Order, ...], resolve: Resolve) -> AuditReport:
    """Check a plan against every rule of ``docs/model.md`` and recompute its cost.

    ``region`` holds the settings the plan was made with; ``resolve(versions, version range)`` returns the highest of
    some versions within a range, or None. A broken plan gives problems, never an exception.
    """
    facts, ledger, loads = Facts(region, orders, resolve), Ledger(), Loads()
    allocations = [(_place("allocations", index, row), row) for index, row in enumerate(plan.allocations)]
    unmet = [(_place("unmet", index, row), row) for index, row in enumerate(plan.unmet)]
    check_frame(facts, ledger, plan)
    set_history_aside(facts, ledger, plan)
    check_coverage(facts, ledger, [*allocations, *unmet])
    terms = [check_allocation(facts, ledger, where, row, loads) or row.cost for where, row in allocations]
    terms += [_check_unmet(facts, ledger, where, row) for where, row in unmet]
    overtime = check_capacities(facts, ledger, loads)
    fairness = find_fairness_cents(facts, loads)
    ledger.equal("P052", "plan: overtime_cents", plan.overtime_cents, overtime)
    ledger.equal("P053", "plan: fairness_cents", plan.fairness_cents, fairness)
    check_hubs(facts, ledger, loads.through)
    trips = check_trips(facts, ledger, plan, loads.shared)
    cost_cents = sum(each.total_cents for each in terms) + overtime + fairness + trips
    ledger.equal("P054", "plan: cost_cents", plan.cost_cents, cost_cents)
    check_certificate(ledger, plan)
    check_share(facts, ledger, plan)
    check_changes(facts, ledger, plan)
    check_limits(facts, ledger, plan, terms, loads)
    return AuditReport(tuple(ledger.problems), cost_cents, ledger.checked)


def _place(table: str, index: int, row: Allocation | Unmet) -> str:
    return f"plan: {table}[{index}] (order {row.order}, lot {row.lot})"


def _check_unmet(facts: Facts, ledger: Ledger, where: str, row: Unmet) -> CostTerms:
    demand = facts.demands.get(row.lot)
    if demand is None:
        return row.cost
    terms = sum_import(demand, facts.settings)
    check_terms(ledger, "P041", where, row.cost, terms)
    return terms
