"""Rules for a first article: one unit that is made and checked before the rest of its lot is begun."""

from cosmolocal.planning.audit.costs import Demand
from cosmolocal.planning.audit.facts import Facts
from cosmolocal.planning.audit.ledger import Ledger
from cosmolocal.records import Allocation, Task


def check_gate(facts: Facts, ledger: Ledger, where: str, allocation: Allocation, demand: Demand) -> None:
    """Apply the rules on the first article of an allocation."""
    weeks = facts.gate_weeks(demand)
    rest = {task.path: task for task in allocation.tasks if not task.first}
    begun = min((task.week for task in rest.values()), default=None)
    for index, task in enumerate(allocation.tasks):
        later = rest.get(task.path)
        if not task.first or later is None:
            continue
        at = f"{where}: tasks[{index}]"
        ledger.equal("P025", at, _makers(task), _makers(later))
        ledger.equal("P026", f"{at}.week", task.week, later.week - weeks)
        if task.path == "" and begun is not None:
            ledger.at_most("P027", f"{at}.week", task.week, begun - facts.settings.first_article_weeks)


def _makers(task: Task) -> tuple[str, ...]:
    return (task.workshop, *(use.group for use in task.uses))
