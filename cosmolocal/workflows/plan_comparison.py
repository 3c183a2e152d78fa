"""Several plans beside a first one: figures with deltas, and who gains and who loses."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Plan, Region, to_plain
from cosmolocal.workflows.plan_differences import FigureChange, PlanDifference, compare_plans
from cosmolocal.workflows.remembering import Memory, Same
from cosmolocal.workflows.workspace import LOTS, PlanView, Workspace, count_lots

CODES = {"P096": "plans to be compared are too few, too many, or of different order books"}

MOST_COMPARED = 6


@dataclass(frozen=True, slots=True)
class ShopSide:
    """What a workshop does in a plan."""

    lots: int = 0
    minutes: int = 0
    #: [cents] of its machine time at its own hourly costs: what it earns
    cents: int = 0


@dataclass(frozen=True, slots=True)
class PlaceSide:
    """How a neighbourhood is served in a plan."""

    #: [units] ordered, made in the region, and made there but late
    units: int = 0
    served: int = 0
    late: int = 0

    @property
    def share(self) -> int | None:
        """Return the part made in the region, in per mille; None: nothing was ordered."""
        return self.served * 1000 // self.units if self.units else None


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A workshop in all plans, in their order."""

    workshop: str
    sides: tuple[ShopSide, ...]

    @property
    def is_same(self) -> bool:
        """Tell whether all plans give it the same work."""
        return len(set(self.sides)) == 1


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place in all plans, in their order."""

    place: str
    sides: tuple[PlaceSide, ...]

    @property
    def is_same(self) -> bool:
        """Tell whether all plans serve it alike."""
        return len(set(self.sides)) == 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Plans beside the first of them."""

    views: tuple[PlanView, ...]
    #: of each but the first, against the first
    differences: tuple[PlanDifference, ...]
    workshops: tuple[ShopRow, ...]
    places: tuple[PlaceRow, ...]

    @property
    def figures(self) -> tuple[tuple[FigureChange, ...], ...]:
        """Return each key figure as it changes from the first plan to each other one."""
        return tuple(zip(*(difference.figures for difference in self.differences), strict=True))

    @property
    def cheaper(self) -> tuple[str, ...]:
        """Return of each plan what is proved of its best against the first one's; "": it is the first."""
        first, *others = (view.plan for view in self.views)
        return ("", *(tell_cheaper(first, plan) for plan in others))


def tell_cheaper(first: Plan, other: Plan) -> str:
    """Return whether the best plan of the other side is proved to be cheaper: "yes", "no", "same" or "open".

    The best of a side costs between the bound and the cost of its plan; where two of these ranges meet, nothing is
    proved, unless both are one amount.
    """
    if other.cost_cents < first.bound_cents:
        return "yes"
    if first.cost_cents < other.bound_cents:
        return "no"
    return "same" if first.bound_cents == other.cost_cents and other.bound_cents == first.cost_cents else "open"


def compare(workspace: Workspace, plan_ids: Sequence[str]) -> Comparison:
    """Return stored plans beside the first of them, each measured on the region of its scenario.

    Raises
    ------
    InputError
        When they are less than two, too many, or of different order books.
    NotFoundError
        When there is no such plan.
    """
    names = tuple(dict.fromkeys(plan_ids))
    views = tuple(workspace.plan(name) for name in names)
    views = tuple({view.plan.id: view for view in views}.values())
    problems = []
    if not 2 <= len(views) <= MOST_COMPARED:
        rule = say("from 2 to %(most)s plans are compared", most=MOST_COMPARED)
        problems.append(Problem("P096", "plans", say("found %(found)s; %(rule)s", found=len(views), rule=rule)))
    books = sorted({view.plan.book for view in views})
    if len(books) > 1:
        rule = say("plans that are compared are of one order book")
        problems.append(Problem("P096", "plans", say("found %(found)s; %(rule)s", found=", ".join(books), rule=rule)))
    if problems:
        raise InputError(problems)
    regions = [workspace.region_of(view.plan) for view in views]
    key = tuple(map(Same, views)), tuple(map(Same, regions))
    return _COMPARED.recall(key, lambda: compare_views(views, regions))


def compare_views(views: tuple[PlanView, ...], regions: Sequence[Region]) -> Comparison:
    """Return plans beside the first of them."""
    shops = [count_shops(view, region) for view, region in zip(views, regions, strict=True)]
    places = [count_places(view) for view in views]
    return Comparison(
        views,
        tuple(compare_plans(views[0], view) for view in views[1:]),
        tuple(
            ShopRow(name, tuple(side.get(name, ShopSide()) for side in shops)) for name in sorted(set().union(*shops))
        ),
        tuple(
            PlaceRow(name, tuple(side.get(name, PlaceSide()) for side in places))
            for name in sorted(set().union(*places))
        ),
    )


def count_shops(view: PlanView, region: Region) -> dict[str, ShopSide]:
    """Return what each workshop with work does in a plan."""
    hourly = {(shop.id, group.id): group.hourly_cost_cents for shop in region.workshops for group in shop.groups}
    lots = Counter(row.workshop for row in view.plan.allocations)
    minutes: Counter[tuple[str, str]] = Counter()
    for row in view.plan.allocations:
        for task in row.tasks:
            for use in task.uses:
                minutes[task.workshop, use.group] += use.minutes
    by_shop: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (shop, group), used in minutes.items():
        by_shop[shop].append((used, used * hourly.get((shop, group), 0)))
    return {
        shop: ShopSide(
            lots[shop], sum(used for used, _ in by_shop[shop]), sum(worth for _, worth in by_shop[shop]) // 60
        )
        for shop in {*lots, *by_shop}
    }


def count_places(view: PlanView) -> dict[str, PlaceSide]:
    """Return how each place that orders something is served in a plan."""
    place_of = {order.id: order.place for order in view.orders}
    units: Counter[str] = Counter()
    for order in view.orders:
        units[order.place] += order.quantity
    served, late = Counter[str](), Counter[str]()
    for row in view.plan.allocations:
        place = place_of.get(row.order, "")
        served[place] += row.quantity
        late[place] += row.quantity if row.cost.late_weeks else 0
    return {place: PlaceSide(units[place], served[place], late[place]) for place in units if place}


def tell_comparison(found: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON values: every figure, workshop and place by plan, in their order."""
    return {
        "plans": [
            {"plan": view.plan.id, "scenario": view.plan.scenario, "book": view.plan.book, "cheaper": cheaper}
            for view, cheaper in zip(found.views, found.cheaper, strict=True)
        ],
        "figures": [
            {
                "figure": changes[0].name,
                "values": [changes[0].before, *(change.after for change in changes)],
                "deltas": [change.delta for change in changes],
                "verdicts": [change.verdict for change in changes],
            }
            for changes in found.figures
        ],
        "moved": [
            {"plan": view.plan.id, "lots": len(difference.lots), "same": difference.same}
            for view, difference in zip(found.views[1:], found.differences, strict=True)
        ],
        "workshops": [
            {"workshop": row.workshop, "plans": [to_plain(side) for side in row.sides]} for row in found.workshops
        ],
        "places": [
            {"place": row.place, "plans": [to_plain(side) | {"share": side.share} for side in row.sides]}
            for row in found.places
        ],
    }


_COMPARED = Memory[Comparison](LOTS, lambda found: sum(map(count_lots, found.views)))
