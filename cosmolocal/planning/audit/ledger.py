"""What the audit found, and how often it looked."""

from collections.abc import Sequence
from dataclasses import dataclass

from cosmolocal.errors import Problem

#: the rules of the audit: what is right
CODES: dict[str, str] = {
    "P001": "a plan names the region it was made for",
    "P002": "a plan states the settings it is audited with",
    "P003": "an allocation or import names the order its lot is cut from",
    "P004": "every lot of every order is in the plan exactly once, and no other",
    "P005": "a lot has the quantity that cutting its order gives",
    "P006": "a lot is of the highest version in its order's range, not of a yanked one unless the order names it; "
    "of the design's id alone if none fits",
    "P007": "a plan names the scenario whose file is among its inputs, and none where none is",
    "P010": "only a lot whose bill of materials and operations are known is made in the region",
    "P011": "an allocation has one task for each part of the exploded bill of materials, and one more for each of its "
    "first article",
    "P012": "a task names the design version and the part of its place in the bill of materials",
    "P013": "a task makes the lot's quantity times the pieces per unit; that of a first article those of one unit, "
    "and its other task those of the rest",
    "P014": "a task has one use for each operation of its part, in their order, with the operation's process",
    "P015": "a task is done by a workshop of the region that is active",
    "P016": "a use names a machine group of the task's workshop",
    "P017": "a machine group can do the operation: neither cannot nor unknown",
    "P018": "minutes follow from set-up, quantity, seconds and speed, rounded up",
    "P019": "what needs no machine is put together in the workshop that uses it",
    "P020": "an allocation names workshop and week of its last task",
    "P021": "a part is made in the week it is used, or transfer_weeks before if made in another workshop",
    "P022": "a task's week lies in the weeks that are planned",
    "P023": "no task is done before the week of the order's release date",
    "P024": "a lot is at most max_late_weeks late",
    "P025": "a first article is made by the workshops and machine groups that make the rest",
    "P026": "a first article is made first_article_weeks before the rest, and transfer_weeks more for each level of "
    "parts",
    "P027": "nothing of the rest is made before the first article is whole, and first_article_weeks after it",
    "P030": "there is one leg for each part made elsewhere, one more for that of a first article, and one for the "
    "delivery",
    "P031": "a leg goes from the maker to the user, in the maker's week",
    "P032": "a leg's mass is quantity times mass per unit",
    "P033": "a leg's distance is that of the shortest open way, up to 2 m and 0.001 %",
    "P034": "a leg passes over open links from its first to its last place, as long as it says",
    "P035": "a leg travels by the cheapest mode that fits its load and distance",
    "P036": "a leg has as many trips as its load needs, and none of its own where trips are shared",
    "P037": "a leg is not longer than the sending workshop's radius; by a hub its whole way counts",
    "P038": "a delivery is not longer than the order's farthest distance; by a hub its whole way counts",
    "P040": "each cost term of an allocation is what the model says",
    "P041": "each cost term of an import is what the model says",
    "P050": "a machine group's load in a week is within its capacity, with the overtime allowed",
    "P051": "a link's load in a week is within its capacity",
    "P052": "the plan's overtime is the fewest whole hours that cover the load, at their cost",
    "P053": "the plan's fairness cost is that of the workshops' loads above the fair steps",
    "P054": "the plan's cost is the sum of its allocations, imports, overtime, fairness and shared trips",
    "P055": "the bound is not above the cost",
    "P056": "status, gap and reason of stopping agree with cost and bound",
    "P057": "the local share is the part of demand that is allocated, in per mille rounded down",
    "P060": "a lot that was accepted or started stays as in the plan before, unless the plan says what hinders it",
    "P061": "the moves of a plan are the lots that are made otherwise than in the plan before, each as it moves",
    "P062": "no more lots move without need than the budget allows",
    "P063": "no workshop does a task of a lot that it declined, or that a planner forbids it",
    "P064": "a lot that is done is a lot of an order, and is not planned again",
    "P065": "what is said to hinder a lot of the plan before is so",
    "P066": "the bounds of a plan that follows another are not above what they bound",
    "P067": "a lot that a planner wants somewhere is made there, unless the plan says what hinders it",
    "P068": "a plan keeps the limits that it names, on local share, CO2e or load",
    "P130": "where trips are shared, a leg goes by a mode that can carry its pieces so far",
    "P131": "where trips are shared, a load goes straight or by one hub",
    "P132": "the shared trips of a plan are those that its legs need, by place, mode and week, at their cost",
    "P133": "the cost of shared trips is the sum of theirs",
    "P134": "a hub passes on no more in a week than it can",
    "P135": "a leg's share of the cost of its trips goes by kilograms, and all shares add up; without sharing it is 0",
}


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found."""

    #: in the order of the plan; empty: the plan is right
    problems: tuple[Problem, ...]
    #: [cents] the plan's cost, recomputed
    cost_cents: int
    #: how often each rule of `CODES` was applied
    checked: dict[str, int]
    #: what has changed around the plan without making it wrong
    notes: tuple[Problem, ...] = ()


class Ledger:
    """Collects problems, and counts what was looked at."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.checked = dict.fromkeys(CODES, 0)

    def equal(self, code: str, where: str, found: object, expected: object) -> bool:
        """Apply the rule ``code``: what is found is what is expected."""
        return self.apply(code, where, found == expected, found, expected)

    def at_most(self, code: str, where: str, found: float, limit: float) -> bool:
        """Apply the rule ``code``: what is found is not above a limit."""
        return self.apply(code, where, found <= limit, found, f"at most {limit}")

    def at_least(self, code: str, where: str, found: int, limit: int) -> bool:
        """Apply the rule ``code``: what is found is not below a limit."""
        return self.apply(code, where, found >= limit, found, f"at least {limit}")

    def apply(self, code: str, where: str, right: bool, found: object, expected: object) -> bool:
        """Count the rule ``code`` as applied; unless ``right``, note a problem."""
        self.checked[code] += 1
        if not right:
            message = f"found {_words(found)}, expected {_words(expected)}: {CODES[code]}"
            self.problems.append(Problem(code, where, message))
        return right


def _words(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "(" + ", ".join(_words(item) for item in value) + ")"
    return repr(value) if value == "" else str(value)
