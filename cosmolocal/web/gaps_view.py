"""What a plan lacks as tables: unmet hours by place and process, lots apart, what to buy or open next."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cosmolocal.exports.classes import find_limits, level_of
from cosmolocal.records import Gaps, HourCheck, Proposal, UnmetHours
from cosmolocal.web.asking import Asked, RowQuery, read_cut
from cosmolocal.web.languages import hours
from cosmolocal.web.measures_view import tell_classes
from cosmolocal.web.names import Names
from cosmolocal.web.paging import Cut
from cosmolocal.web.reasons_view import reason_name
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView
from cosmolocal.workflows.gaps import payback_years

#: rows of one page
GRID_ROWS = 50
#: dearest hours that are listed
MOST_HOURS = 12


@dataclass(frozen=True, slots=True)
class GapsQuery(RowQuery):
    """What an address asks for."""

    #: "least": on the machines that need least; "mean": in the mean
    measure: str = "least"
    week: int | None = None
    district: str = ""
    process: str = ""
    #: [rows] of a page; 0: all
    size: int = GRID_ROWS


@dataclass(frozen=True, slots=True)
class GridRow:
    """The hours that a place lacks, process by process in the order of the grid."""

    place: str
    name: str
    cells: tuple[int, ...]

    @property
    def minutes(self) -> int:
        """Return the minutes of all processes."""
        return sum(self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """Places × processes."""

    cut: Cut[GridRow]
    #: (id, name)
    processes: tuple[tuple[str, str], ...]
    #: [minutes] by process, of all places
    totals: tuple[int, ...]
    limits: tuple[int, ...]
    weeks: tuple[int, ...]
    districts: list[tuple[str, str]]
    every_process: list[tuple[str, str]]

    def level(self, minutes: int) -> int:
        """Return the shade of a cell."""
        return level_of(minutes, self.limits)

    @property
    def minutes(self) -> int:
        """Return the minutes of the whole grid."""
        return sum(self.totals)


@dataclass(frozen=True, slots=True)
class ApartRow:
    """Lots that hours do not mend."""

    reason: str
    name: str
    lots: int
    units: int
    cents: int
    is_for_machines: bool
    processes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HourRow:
    """A dear hour, and what planning again with one more came to."""

    resource: str
    name: str
    week: int
    cents: int
    check: HourCheck | None


@dataclass(frozen=True, slots=True)
class OpenRow:
    """Something to buy or open that was not planned, in one place or one of several."""

    name: str
    where: str
    price_cents: int
    #: [cents per year] with the price spread over the lifetime
    annuity_cents: int
    lifetime_years: int
    #: [cents per year]; None: nobody asked yet
    gains_at_most_cents: int | None = None
    #: no sooner than this it has paid its price; None: never, or nobody asked yet
    payback_years: float | None = None


def read_query(args: Mapping[str, str], names: Names, gaps: Gaps) -> GapsQuery:
    """Return the query of an address; raises `InputError` with every part that cannot be read."""
    asked = Asked(args, names)
    size, page = read_cut(asked, GRID_ROWS)
    query = GapsQuery(
        asked.choice("measure", ("least", "mean"), "least"),
        asked.number("week"),
        asked.choice("district", names.districts),
        asked.choice("process", {row.process for row in gaps.hours}),
        size,
        page=page,
    )
    asked.finish()
    return query


def find_hours(gaps: Gaps, query: GapsQuery, names: Names) -> list[UnmetHours]:
    """Return the unmet hours that an address asks for."""
    return [
        row
        for row in gaps.hours
        if query.week in (None, row.week)
        and query.process in ("", row.process)
        and query.district in ("", names.district_of.get(row.place, ""))
    ]


def minutes_of(row: UnmetHours, query: GapsQuery) -> int:
    """Return the minutes that an address asks for."""
    return row.mean_minutes if query.measure == "mean" else row.least_minutes


def build_grid(gaps: Gaps, query: GapsQuery, names: Names) -> Grid:
    """Return the grid that an address asks for: places and processes with most hours first."""
    found = find_hours(gaps, query, names)
    cells: dict[tuple[str, str], int] = defaultdict(int)
    of_place, of_process = defaultdict[str, int](int), defaultdict[str, int](int)
    for row in found:
        minutes = minutes_of(row, query)
        cells[row.place, row.process] += minutes
        of_place[row.place] += minutes
        of_process[row.process] += minutes
    processes = sorted(of_process, key=lambda each: (-of_process[each], names.process(each).casefold()))
    places = sorted(of_place, key=lambda each: (-of_place[each], names.place(each).casefold()))
    rows = [
        GridRow(place, names.place(place), tuple(cells.get((place, process), 0) for process in processes))
        for place in places
    ]
    known = {names.district_of.get(row.place, "") for row in gaps.hours} - {""}
    return Grid(
        cut=Cut(rows, query.size, query.page),
        processes=tuple((process, names.process(process)) for process in processes),
        totals=tuple(of_process[process] for process in processes),
        limits=find_limits(cells.values()),
        weeks=tuple(sorted({row.week for row in gaps.hours})),
        districts=_by_name({each: names.district(each) for each in known}),
        every_process=_by_name({row.process: names.process(row.process) for row in gaps.hours}),
    )


def _by_name(pairs: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(pairs.items(), key=lambda pair: (pair[1].casefold(), pair[0]))


def legend(grid: Grid) -> list[tuple[int, str]]:
    """Return (shade, what it means) of the cells, the palest first."""
    return tell_classes(grid.limits, hours, gettext("none missing"))


def apart_rows(gaps: Gaps, names: Names) -> list[ApartRow]:
    """Return the lots that hours do not mend, by reason."""
    return [
        ApartRow(
            row.reason, reason_name(row.reason), len(row.lots), row.units, row.cents, row.is_for_machines,
            tuple(names.process(each) for each in row.processes),
        )
        for row in gaps.apart
    ]  # fmt: skip


def hour_rows(view: PlanView, checks: tuple[HourCheck, ...], names: Names) -> list[HourRow]:
    """Return the dearest hours of machine groups, and every one that was checked."""
    check_of = {(one.resource, one.week): one for one in checks}
    prices = {(price.resource, price.week): price.cents for price in view.plan.prices if "/" in price.resource}
    dearest = sorted(prices, key=lambda key: (-prices[key], key))[:MOST_HOURS]
    keys = [*dearest, *(key for key in sorted(check_of) if key not in dearest)]
    return [
        HourRow(
            resource, names.resource(resource), week, prices.get((resource, week), 0), check_of.get((resource, week))
        )
        for resource, week in keys
    ]


def tell_where(row: Mapping[str, Any], names: Names) -> str:
    """Return where something would be bought or opened."""
    places = row["places"]
    if len(places) == 1:
        return names.place(places[0])
    return gettext("one of %(num)s places", num=len(places))


def open_rows(found: Mapping[str, Any] | None, proposals: Mapping[str, Proposal], names: Names) -> list[OpenRow]:
    """Return what was not planned: of each thing what it costs, and what it could gain at most where that is known."""
    if found is not None:
        left = [row for row in found["ranked"] if row["measured"] is None and row["proposals"][0] in proposals]
        return [_open_row(proposals[row["proposals"][0]], tell_where(row, names), row) for row in left]
    places: dict[str, list[str]] = defaultdict(list)
    first: dict[str, Proposal] = {}
    for proposal in proposals.values():
        places[proposal.offer].append(proposal.place)
        first.setdefault(proposal.offer, proposal)
    return [_open_row(one, tell_where({"places": places[offer]}, names)) for offer, one in first.items()]


def _open_row(proposal: Proposal, where: str, row: Mapping[str, Any] | None = None) -> OpenRow:
    buying = proposal.purchase
    plain = OpenRow(proposal.name, where, buying.price_cents, proposal.annuity_cents, buying.lifetime_years)
    if row is None:
        return plain
    gains = row["gains_at_most_cents_a_year"]
    payback = payback_years(buying.price_cents, buying.yearly_cents, gains + row["annuity_cents"])
    return replace(plain, gains_at_most_cents=gains, payback_years=payback)
