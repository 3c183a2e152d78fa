"""Rules for a plan as a whole: coverage, capacities, cost, certificate."""

from collections import Counter, defaultdict

from cosmolocal.planning.audit.allocations import Loads
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.planning.audit.weeks import basis_minutes, fairness_cents, group_week, overtime_cents
from cosmolocal.records import Allocation, Plan, PlanStatus, StoppedBy, Unmet, to_plain


def check_frame(facts: Facts, ledger: Ledger, plan: Plan) -> None:
    """Apply the rules on what a plan says of its input."""
    ledger.equal("P001", "plan: region", plan.region, facts.region.id)
    settings = to_plain(facts.settings)
    for priority, percent in settings.pop("priority_percent").items():
        settings[f"priority_percent.{priority}"] = percent
    for name in sorted(settings.keys() & plan.settings.keys()):
        ledger.equal("P002", f"plan: settings.{name}", plan.settings[name], settings[name])
    # scenarios lie in one folder of the region, each named by its file
    scenarios = [name.removeprefix("scenarios/") for name in plan.digests if name.startswith("scenarios/")]
    ledger.equal("P007", "plan: scenario", plan.scenario and f"{plan.scenario}.yaml", "".join(scenarios))


def check_coverage(facts: Facts, ledger: Ledger, rows: list[tuple[str, Allocation | Unmet]]) -> None:
    """Apply the rules on lots to all rows of a plan, each with its place in the file."""
    counts = Counter(row.lot for _, row in rows)
    for lot, demand in facts.demands.items():
        ledger.equal("P004", f"plan: order {demand.order.id}, lot {lot}: times in the plan", counts[lot], 1)
    for where, row in rows:
        known = facts.demands.get(row.lot)
        if known is None:
            ledger.equal("P004", where, row.lot, "a lot that cutting an order gives")
            continue
        ledger.equal("P003", f"{where}: order", row.order, known.order.id)
        ledger.equal("P005", f"{where}: quantity", row.quantity, known.lot.quantity)
        ledger.equal("P006", f"{where}: design", row.design, known.lot.design)


def check_capacities(facts: Facts, ledger: Ledger, loads: Loads) -> int:
    """Apply the capacities of machine groups and links; return the cost of overtime."""
    cents = 0
    for (workshop_id, group_id, week), minutes in sorted(loads.minutes.items()):
        group = facts.groups.get((workshop_id, group_id))
        if group is not None:
            capacity = group_week(facts.workshops[workshop_id], group, week, facts.settings)
            where = f"plan: workshop {workshop_id}, group {group_id}, week {week}: minutes"
            ledger.at_most("P050", where, minutes, capacity.limit_minutes)
            cents += overtime_cents(minutes, capacity, group, facts.settings)
    for (link, week), kilograms in sorted(loads.kilograms.items()):
        limit = facts.ways.find_capacity_kg(link)
        if limit is not None:
            ledger.at_most("P051", f"plan: link {link[0]}–{link[1]}, week {week}: kg", kilograms, limit)
    return cents


def find_fairness_cents(facts: Facts, loads: Loads) -> int:
    """Return what the loads of all workshops above their fair steps cost."""
    minutes: defaultdict[str, int] = defaultdict(int)
    for (workshop_id, _, _), load in loads.minutes.items():
        minutes[workshop_id] += load
    return sum(
        fairness_cents(load, basis_minutes(facts.workshops[workshop_id], facts.settings), facts.settings)
        for workshop_id, load in minutes.items()
        if workshop_id in facts.workshops
    )


def check_certificate(ledger: Ledger, plan: Plan) -> None:
    """Apply the rules on bound, gap, status and why the solver ended."""
    ledger.at_most("P055", "plan: bound_cents", plan.bound_cents, plan.cost_cents)
    is_best = plan.bound_cents == plan.cost_cents
    if plan.status is PlanStatus.OPTIMAL:
        expected = f"bound_cents {plan.cost_cents}"
        ledger.apply("P056", "plan: status", is_best, f"optimal with bound_cents {plan.bound_cents}", expected)
    if plan.stopped_by is StoppedBy.PROOF:
        ledger.equal("P056", "plan: status", plan.status, PlanStatus.OPTIMAL)
    if plan.stopped_by is StoppedBy.GAP:
        ledger.at_most("P056", "plan: gap", _find_gap(plan), plan.gap_limit)


def _find_gap(plan: Plan) -> float:
    """Return the gap that the search went by: with the cost of moves where they have one."""
    if plan.changes is None or plan.changes.move_cents == 0:
        return plan.gap
    cost = plan.cost_cents + plan.changes.move_cents * plan.changes.counted_moves
    return 0.0 if cost == 0 else (cost - plan.changes.steered_bound_cents) / cost


def check_share(facts: Facts, ledger: Ledger, plan: Plan) -> None:
    """Apply the rule on the local share."""
    share = facts.find_local_share({allocation.lot for allocation in plan.allocations})
    for name in ("units", "mass", "value"):
        ledger.equal("P057", f"plan: local_share.{name}", getattr(plan.local_share, name), getattr(share, name))
