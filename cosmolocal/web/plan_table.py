"""The allocations of a plan as rows: filtered, sorted and paged as an address asks."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.records import Allocation, Order, Place, Workshop
from cosmolocal.web.names import Names
from cosmolocal.web.paging import count_pages

CODES = {"P095": "a filter, sort key or page in an address is not known"}

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
class PlanQuery:
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
    page: int = 1

    @property
    def filters(self) -> bool:
        """Tell whether some rows may be left out."""
        words = self.q or self.workshop or self.place or self.district or self.design or self.group
        return bool(words or self.late or self.week is not None or self.made_week is not None)

    def as_args(self) -> dict[str, str]:
        """Return the filters and the order as parts of an address; what is not set is left out."""
        chosen = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name != "page" and getattr(self, field.name) != field.default
        }
        return {name: "yes" if value is True else str(value) for name, value in chosen.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """What an address finds, and the part of it that one page shows."""

    query: PlanQuery
    #: all that fits the filters, in the order asked for
    rows: tuple[AllocationRow, ...]

    @property
    def allocations(self) -> list[Allocation]:
        """Return the allocations of all rows."""
        return [row.allocation for row in self.rows]

    @property
    def shown(self) -> tuple[AllocationRow, ...]:
        """Return the rows of the page asked for."""
        first = (self.query.page - 1) * PAGE_ROWS
        return self.rows[first : first + PAGE_ROWS]

    @property
    def pages(self) -> int:
        """Return the number of pages, at least one."""
        return count_pages(len(self.rows), PAGE_ROWS)


def find_in(rows: Iterable[AllocationRow], args: Mapping[str, str], names: Names) -> Page:
    """Return what an address finds in the rows of a plan; raises `InputError` where it cannot be read."""
    query = read_query(args, names)
    return Page(query, tuple(find_rows(rows, query)))


def read_query(args: Mapping[str, str], names: Names) -> PlanQuery:
    """Return the query of an address.

    Raises
    ------
    InputError
        With every part that names nothing of the region; an empty part counts as absent.
    """
    problems: list[Problem] = []
    args = dict(args.items()) | find_named(args, names)
    choices: dict[str, Collection[str]] = {
        "workshop": names.workshops.keys(),
        "place": names.places.keys(),
        "district": names.districts.keys(),
        "design": {key.partition("@")[0] for key in names.designs},
        "group": {key.partition("/")[2] for key in names.groups},
        "late": {"yes"},
        "sort": set(SORTS) | {f"-{key}" for key in SORTS},
    }
    for name, known in choices.items():
        if args.get(name) and args[name] not in known:
            told = say("found %(found)s; it names nothing that this page can show", found=repr(args[name]))
            problems.append(Problem("P095", name, told))
    week, made_week, page = (read_number(args, name, problems) for name in ("week", "made_week", "page"))
    if problems:
        raise InputError(problems)
    return PlanQuery(
        q=args.get("q", "").strip(),
        workshop=args.get("workshop", ""),
        place=args.get("place", ""),
        district=args.get("district", ""),
        design=args.get("design", ""),
        week=week,
        late=args.get("late") == "yes",
        made_week=made_week,
        group=args.get("group", ""),
        sort=args.get("sort") or "order",
        page=max(1, page or 1),
    )


def find_named(args: Mapping[str, str], names: Names) -> dict[str, str]:
    """Return the ids of places and workshops that an address calls by their names, where only one has the name."""
    kinds: dict[str, Mapping[str, Place | Workshop]] = {"workshop": names.workshops, "place": names.places}
    found: dict[str, str] = {}
    for kind, things in kinds.items():
        wanted = args.get(kind, "").strip().casefold()
        if wanted and args[kind] not in things:
            ids = [thing.id for thing in things.values() if thing.name.casefold() == wanted]
            found |= {kind: ids[0]} if len(ids) == 1 else {}
    return found


def read_number(args: Mapping[str, str], name: str, problems: list[Problem]) -> int | None:
    """Return a number of an address; None: it is not there, or it is a problem."""
    text = args.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        problems.append(
            Problem("P095", name, say("found %(found)s; it must be a whole number from 0 to 9999", found=repr(text)))
        )
        return None
    return int(text)


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
