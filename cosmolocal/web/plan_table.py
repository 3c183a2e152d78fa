"""The allocations of a plan as rows: filtered, sorted and paged as an address asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cosmolocal.records import Allocation, Order
from cosmolocal.web.asking import Asked, Found, RowQuery
from cosmolocal.web.names import Names

#: rows of one page
PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """A lot that is made in the region, with the names of what it is about."""

    allocation: Allocation
    order: Order
    design: str
    workshop: str
    place: str
    monday: date
    #: [m] of the delivery, one way
    distance_m: int
    #: names of the map's lines it is part of
    flows: tuple[str, ...]
    #: what a search for words looks through, in lower case
    text: str
    #: ids of all workshops that make a part of it
    workshops: frozenset[str]
    #: id of the district it is for; "": for a workshop or a hub, or the region has no districts
    district: str = ""


#: what a column sorts by
SORTS: dict[str, Callable[[AllocationRow], Any]] = {
    "order": lambda row: row.allocation.lot,
    "design": lambda row: row.design.casefold(),
    "quantity": lambda row: row.allocation.quantity,
    "place": lambda row: row.place.casefold(),
    "workshop": lambda row: row.workshop.casefold(),
    "week": lambda row: row.allocation.week,
    "late": lambda row: row.allocation.cost.late_weeks,
    "distance": lambda row: row.distance_m,
    "co2e": lambda row: row.allocation.cost.co2e_g,
    "cost": lambda row: row.allocation.cost.total_cents,
}


@dataclass(frozen=True, slots=True)
class PlanQuery(RowQuery):
    """What part of a plan an address asks for."""

    #: words that the row's ids and names hold, all of them
    q: str = ""
    workshop: str = ""
    place: str = ""
    district: str = ""
    design: str = ""
    week: int | None = None
    late: bool = False
    #: week in which the workshop works on it, be it on a part; with ``group``: on that machine group
    made_week: int | None = None
    group: str = ""
    #: key of ``SORTS``; "-" before it: largest first
    sort: str = "order"


Page = Found[PlanQuery, AllocationRow]


def find_in(rows: Iterable[AllocationRow], args: Mapping[str, str], names: Names) -> Page:
    """Return what an address finds in the rows of a plan; raises `InputError` where it cannot be read."""
    query = read_query(args, names)
    return Found(query, find_rows(rows, query), PAGE_ROWS)


def read_query(args: Mapping[str, str], names: Names) -> PlanQuery:
    """Return the query of an address.

    Raises
    ------
    InputError
        With every part that names nothing of the region; an empty part counts as absent.
    """
    asked = Asked(args, names)
    query = PlanQuery(
        q=asked.words(),
        workshop=asked.choice("workshop", names.workshops),
        place=asked.choice("place", names.places),
        district=asked.choice("district", names.districts),
        design=asked.choice("design", {key.partition("@")[0] for key in names.designs}),
        week=asked.number("week"),
        late=asked.flag("late"),
        made_week=asked.number("made_week"),
        group=asked.choice("group", {key.partition("/")[2] for key in names.groups}),
        sort=asked.order(SORTS, "order"),
        page=asked.page(),
    )
    asked.finish()
    return query


def build_rows(allocations: Iterable[Allocation], orders: Iterable[Order], names: Names) -> list[AllocationRow]:
    """Return a row for every allocation, in the plan's order."""
    order_by_id = {order.id: order for order in orders}
    return [_row(allocation, order_by_id[allocation.order], names) for allocation in allocations]


def _row(allocation: Allocation, order: Order, names: Names) -> AllocationRow:
    design, workshop, place = (
        names.design(allocation.design),
        names.place(allocation.workshop),
        names.place(order.place),
    )
    ways = ((leg.from_place, leg.to_place) for leg in allocation.legs if leg.from_place != leg.to_place)
    return AllocationRow(
        allocation=allocation,
        order=order,
        design=design,
        workshop=workshop,
        place=place,
        monday=names.monday(allocation.week),
        distance_m=sum(leg.distance_m for leg in allocation.legs if leg.path == ""),
        flows=tuple(f"{start}~{end}" for start, end in ways),
        text=f"{allocation.lot} {allocation.design} {design} {place} {workshop}".casefold(),
        workshops=frozenset((allocation.workshop, *(task.workshop for task in allocation.tasks))),
        district=names.district_of.get(order.place, ""),
    )


def find_rows(rows: Iterable[AllocationRow], query: PlanQuery) -> list[AllocationRow]:
    """Return the rows the query asks for, in its order; equal ones by lot."""
    words = query.q.casefold().split()
    found = [row for row in rows if _wanted(row, query, words)] if query.filters else list(rows)
    found.sort(key=SORTS["order"])
    found.sort(key=SORTS[query.sort.removeprefix("-")], reverse=query.sort.startswith("-"))
    return found


def _wanted(row: AllocationRow, query: PlanQuery, words: list[str]) -> bool:
    allocation = row.allocation
    return (
        (not query.workshop or query.workshop in row.workshops)
        and (not query.place or query.place == row.order.place)
        and (not query.district or query.district == row.district)
        and (not query.design or query.design == row.order.design)
        and (query.week is None or query.week == allocation.week)
        and not (query.late and allocation.cost.late_weeks == 0)
        and all(word in row.text for word in words)
        and _worked_on(allocation, query)
    )


def _worked_on(allocation: Allocation, query: PlanQuery) -> bool:
    """Tell whether some task of a lot is done in the week, and on the machine group, that a query asks for."""
    if query.made_week is None and not query.group:
        return True
    return any(
        query.workshop in ("", task.workshop)
        and query.made_week in (None, task.week)
        and (not query.group or query.group in {use.group for use in task.uses})
        for task in allocation.tasks
    )
