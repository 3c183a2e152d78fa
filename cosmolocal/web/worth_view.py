"""The prices of capacity as rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from cosmolocal.exports.tables import Row
from cosmolocal.web.asking import Asked, RowQuery, has_words, read_cut
from cosmolocal.web.languages import choose_language
from cosmolocal.web.names import Names
from cosmolocal.web.paging import Cut
from cosmolocal.web.shared import recall_of
from cosmolocal.workflows import PlanView

#: rows of one page
PRICE_ROWS = 50
SORTS = ("worth", "week", "name")
COLUMNS = (
    "plan", "kind", "resource", "workshop", "group", "process", "week", "monday", "worth_cents", "used_minutes",
    "basis_minutes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WorthQuery(RowQuery):
    """What an address asks for."""

    workshop: str = ""
    process: str = ""
    week: int | None = None
    #: "hour": machine hours; "link": room on links; "": both
    kind: str = ""
    q: str = ""
    sort: str = "worth"
    #: [rows] of a page; 0: all
    size: int = PRICE_ROWS


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What more of something would be worth in a week."""

    resource: str
    week: int
    cents: int
    #: machine group and workshop, or both ends of the link
    name: str
    #: "" for a link
    workshop: str
    group: str
    process: str
    used_minutes: int
    basis_minutes: int

    @property
    def kind(self) -> str:
        """Return "hour": an hour more on a machine; "link": 100 kg more over a link."""
        return "hour" if self.group else "link"


@dataclass(frozen=True, slots=True)
class WorthPage:
    """All that the page of prices shows."""

    cut: Cut[PriceRow]
    #: prices of the plan, and machine groups × weeks without one
    priced: int
    free: int
    #: [cents] the most that an hour more is worth
    most_cents: int
    workshops: list[tuple[str, str]]
    processes: list[tuple[str, str]]
    weeks: list[int]
    #: are there prices of links too?
    links: bool


def read_query(args: Mapping[str, str], names: Names) -> WorthQuery:
    """Return the query of an address; raises `InputError` with every part that cannot be read."""
    asked = Asked(args, names)
    size, page = read_cut(asked, PRICE_ROWS)
    query = WorthQuery(
        asked.choice("workshop", names.workshops),
        asked.choice("process", {group.process for group in names.groups.values()}),
        asked.number("week"),
        asked.choice("kind", ("hour", "link")),
        asked.words(),
        asked.choice("sort", SORTS, "worth"),
        size,
        page=page,
    )
    asked.finish()
    return query


def all_prices(view: PlanView, names: Names) -> list[PriceRow]:
    """Return every price of a plan that is above zero, the dearest first."""
    return recall_of(view, f"prices, {choose_language()}", lambda: _all_prices(view, names))


def _all_prices(view: PlanView, names: Names) -> list[PriceRow]:
    loads = {(f"{load.workshop}/{load.group}", load.week): load for load in view.loads}
    rows = []
    for price in view.plan.prices:
        if price.cents <= 0:
            continue
        workshop, _, group = price.resource.partition("/")
        load = loads.get((price.resource, price.week))
        known = names.groups.get(price.resource)
        rows.append(
            PriceRow(
                price.resource, price.week, price.cents, names.resource(price.resource), workshop if group else "",
                group, known.process if known else "", load.used_minutes if load else 0,
                load.basis_minutes if load else 0,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.cents, row.name.casefold(), row.week))


def find_prices(view: PlanView, query: WorthQuery, names: Names) -> list[PriceRow]:
    """Return the prices that an address asks for, in its order."""
    found = [row for row in all_prices(view, names) if _wanted(row, query)]
    if query.sort == "week":
        found.sort(key=lambda row: row.week)
    elif query.sort == "name":
        found.sort(key=lambda row: (row.name.casefold(), row.week))
    return found


def _wanted(row: PriceRow, query: WorthQuery) -> bool:
    return (
        query.workshop in ("", row.workshop)
        and query.process in ("", row.process)
        and query.kind in ("", row.kind)
        and query.week in (None, row.week)
        and has_words(row.name, query.q)
    )


def build_page(view: PlanView, query: WorthQuery, names: Names) -> WorthPage:
    """Return what the page of prices shows."""
    rows = all_prices(view, names)
    hours = [row for row in rows if row.kind == "hour"]
    priced = {(row.workshop, row.group, row.week) for row in hours}
    workshops = {row.workshop: names.place(row.workshop) for row in hours}
    processes = {row.process: names.process(row.process) for row in hours if row.process}
    return WorthPage(
        cut=Cut(find_prices(view, query, names), query.size, query.page),
        priced=len(rows),
        free=sum(load.basis_minutes > 0 for load in view.loads if (load.workshop, load.group, load.week) not in priced),
        most_cents=max((row.cents for row in hours), default=0),
        workshops=sorted(workshops.items(), key=lambda pair: pair[1].casefold()),
        processes=sorted(processes.items(), key=lambda pair: pair[1].casefold()),
        weeks=sorted({row.week for row in rows}),
        links=len(hours) < len(rows),
    )


def price_rows(rows: list[PriceRow], plan_id: str, names: Names) -> list[Row]:
    """Return prices by ``COLUMNS``; hours of machine groups alone have minutes."""
    return [
        {
            "plan": plan_id,
            "kind": row.kind,
            "resource": row.resource,
            "workshop": row.workshop,
            "group": row.group,
            "process": row.process,
            "week": row.week,
            "monday": names.monday(row.week).isoformat(),
            "worth_cents": row.cents,
            "used_minutes": row.used_minutes if row.group else None,
            "basis_minutes": row.basis_minutes if row.group else None,
        }
        for row in rows
    ]
