"""Rules for one allocation: its tasks, machines, weeks and cost."""

from collections import Counter
from dataclasses import dataclass, field, fields

from cosmolocal.planning.audit.boms import Node
from cosmolocal.planning.audit.costs import Demand, Making, count_minutes, sum_allocation
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.fits import find_obstacles
from cosmolocal.planning.audit.gates import check_gate
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.planning.audit.legs import check_legs
from cosmolocal.planning.audit.trips import SharedLeg, Transport
from cosmolocal.planning.audit.weeks import week_of
from cosmolocal.records import Allocation, CostTerms, Task, WorkshopStatus


@dataclass(slots=True)
class Loads:
    """What a plan uses of the region."""

    #: [minutes] by (workshop, group, week)
    minutes: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    #: [kg] by (link, week)
    kilograms: Counter[tuple[tuple[str, str], int]] = field(default_factory=Counter)
    #: legs on trips that they share
    shared: list[SharedLeg] = field(default_factory=list)
    #: [kg] by (hub, week)
    through: Counter[tuple[str, int]] = field(default_factory=Counter)


def check_allocation(
    facts: Facts, ledger: Ledger, where: str, allocation: Allocation, loads: Loads
) -> CostTerms | None:
    """Apply all rules to an allocation, add to ``loads`` what it uses, and return its cost; None: not to be told."""
    demand = facts.demands.get(allocation.lot)
    if demand is None or not ledger.equal("P010", where, demand.exploded.fault, None):
        _add_stated(allocation, loads)
        return None
    nodes = {node.path: node for node in demand.exploded.nodes}
    tasks = {(task.path, task.first): task for task in allocation.tasks}
    runs = (False, True) if demand.lot.first_article else (False,)
    wanted = sorted((path, first) for path in nodes for first in runs)
    ledger.equal("P011", f"{where}: tasks", sorted((task.path, task.first) for task in allocation.tasks), wanted)
    makings: list[Making] = []
    for index, task in enumerate(allocation.tasks):
        node = nodes.get(task.path)
        if node is not None:
            at = f"{where}: tasks[{index}]"
            _check_part(ledger, at, task, node, demand)
            made = _check_uses(facts, ledger, at, task, node, demand)
            for making in made:
                if not _is_past(facts, demand, task.week):
                    loads.minutes[task.workshop, making.group.id, task.week] += making.minutes
            makings += made
            _check_week(facts, ledger, at, (task, tasks.get((node.parent or "", task.first)), node), demand)
    _check_last_task(facts, ledger, where, allocation, demand)
    if demand.lot.first_article:
        check_gate(facts, ledger, where, allocation, demand)
    transport = check_legs(facts, ledger, where, allocation, demand)
    _add_transport(facts, ledger, demand, transport, loads)
    terms = sum_allocation(demand, makings, transport.carriages, allocation.week, facts.settings)
    check_terms(ledger, "P040", where, allocation.cost, terms)
    return terms


def _add_transport(facts: Facts, ledger: Ledger, demand: Demand, transport: Transport, loads: Loads) -> None:
    """Add what the legs of an allocation use; what is past uses nothing, and shares nothing."""
    loads.kilograms.update({key: kg for key, kg in transport.kilograms.items() if not _is_past(facts, demand, key[1])})
    loads.through.update({key: kg for key, kg in transport.through.items() if not _is_past(facts, demand, key[1])})
    for one in transport.shared:
        if _is_past(facts, demand, one.leg.week):
            ledger.equal("P135", f"{one.where}.share_cents", one.leg.share_cents, 0)
        else:
            loads.shared.append(one)


def check_terms(ledger: Ledger, code: str, where: str, found: CostTerms, expected: CostTerms) -> None:
    """Apply the rule ``code`` to each cost term."""
    for term in fields(CostTerms):
        ledger.equal(code, f"{where}: cost.{term.name}", getattr(found, term.name), getattr(expected, term.name))


def _is_past(facts: Facts, demand: Demand, week: int) -> bool:
    """Tell whether a task of a lot begun in the plan before lies before the first week: it uses nothing any more."""
    return week < 0 and demand.lot.id in facts.begun


def _add_stated(allocation: Allocation, loads: Loads) -> None:
    """Of what cannot be recomputed, take the machine time that is stated."""
    for task in allocation.tasks:
        for use in task.uses:
            loads.minutes[task.workshop, use.group, task.week] += use.minutes


def _check_part(ledger: Ledger, at: str, task: Task, node: Node, demand: Demand) -> None:
    ledger.equal("P012", at, (task.design, task.part), (node.design, node.part.name))
    ledger.equal("P013", f"{at}.quantity", task.quantity, demand.units(task.first) * node.quantity)


def _check_uses(facts: Facts, ledger: Ledger, at: str, task: Task, node: Node, demand: Demand) -> list[Making]:
    workshop = facts.workshops.get(task.workshop)
    status = workshop.status if workshop else "unknown"
    found = f"{task.workshop!r}, {status}"
    ledger.apply("P015", f"{at}.workshop", status is WorkshopStatus.ACTIVE, found, "an active workshop")
    operations = node.part.operations
    ledger.equal("P014", f"{at}.uses", [use.process for use in task.uses], [each.process for each in operations])
    quantity = demand.units(task.first) * node.quantity
    makings = []
    for number, (use, operation) in enumerate(zip(task.uses, operations, strict=False)):
        place = f"{at}.uses[{number}]"
        group = facts.groups.get((task.workshop, use.group))
        if ledger.apply("P016", place, group is not None, use.group, f"a machine group of {task.workshop!r}") and group:
            obstacles = find_obstacles(operation, group, demand.lot.quantity, facts.ancestors)
            ledger.equal("P017", place, obstacles, ())
            minutes = count_minutes(operation, group, quantity)
            ledger.equal("P018", f"{place}.minutes", use.minutes, minutes)
            makings.append(Making(group, operation, quantity, minutes))
    return makings


def _check_week(facts: Facts, ledger: Ledger, at: str, spot: tuple[Task, Task | None, Node], demand: Demand) -> None:
    """Apply the rules on weeks to a task, given the task it goes into and its node."""
    task, user, node = spot
    settings, release = facts.settings, demand.order.release_date
    in_horizon = 0 <= task.week < settings.weeks or _is_past(facts, demand, task.week)
    ledger.apply("P022", f"{at}.week", in_horizon, task.week, f"0 to {settings.weeks - 1}")
    if release is not None:
        ledger.at_least("P023", f"{at}.week", task.week, week_of(release, settings))
    if node.parent is None or user is None:
        return
    if not node.part.operations:
        ledger.equal("P019", f"{at}.workshop", task.workshop, user.workshop)
    moved = 0 if task.workshop == user.workshop else settings.transfer_weeks
    ledger.equal("P021", f"{at}.week", task.week, user.week - moved)


def _check_last_task(facts: Facts, ledger: Ledger, where: str, allocation: Allocation, demand: Demand) -> None:
    for task in allocation.tasks:
        if task.path == "" and not task.first:
            ledger.equal("P020", where, (allocation.workshop, allocation.week), (task.workshop, task.week))
    late = max(0, allocation.week - week_of(demand.order.due_date, facts.settings))
    ledger.at_most("P024", f"{where}: week", late, facts.settings.max_late_weeks)
