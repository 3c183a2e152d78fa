"""Hours and prices of workshops and machine groups by week, as a grid whose cells are shaded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cosmolocal.exports.classes import find_limits, level_of, load_level
from cosmolocal.exports.map_layers import workshop_numbers
from cosmolocal.exports.tables import Row
from cosmolocal.planning.metrics import GroupLoad
from cosmolocal.records import Region
from cosmolocal.web.asking import Asked, RowQuery, has_words, read_cut
from cosmolocal.web.languages import day
from cosmolocal.web.measures_view import load_words, tell_classes, tell_price
from cosmolocal.web.names import Names
from cosmolocal.web.paging import Cut
from cosmolocal.web.words import gettext
from cosmolocal.workflows import PlanView

#: rows of one page
GRID_ROWS = 50
SORTS = ("number", "name", "load", "price")
COLUMNS = (
    "plan", "workshop", "group", "process", "week", "monday", "used_minutes", "basis_minutes", "maximum_minutes",
    "worth_cents",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadQuery(RowQuery):
    """What an address asks for."""

    #: "load" or "price"
    measure: str = "load"
    #: id; its machine groups are the rows
    workshop: str = ""
    #: id; only machine groups of this process count
    process: str = ""
    q: str = ""
    sort: str = "number"
    #: [rows] of a page; 0: all
    size: int = GRID_ROWS


@dataclass(frozen=True, slots=True)
class Cell:
    """A workshop or a machine group in a week."""

    week: int
    used_minutes: int
    basis_minutes: int
    #: [cents] the most that an hour more would be worth on one of its machine groups
    worth_cents: int

    @property
    def over(self) -> bool:
        """Tell whether more is planned than the hours planned for."""
        return self.used_minutes > self.basis_minutes


@dataclass(frozen=True, slots=True)
class GridRow:
    """A workshop, or one of its machine groups."""

    id: str
    name: str
    #: on the map; 0: it is a machine group
    number: int
    cells: tuple[Cell, ...]

    @property
    def used_minutes(self) -> int:
        """Return the load of all weeks."""
        return sum(cell.used_minutes for cell in self.cells)

    @property
    def basis_minutes(self) -> int:
        """Return the hours planned for in all weeks."""
        return sum(cell.basis_minutes for cell in self.cells)

    @property
    def worth_cents(self) -> int:
        """Return the most that an hour more is worth in any week."""
        return max((cell.worth_cents for cell in self.cells), default=0)


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a page, and what their shades mean."""

    cut: Cut[GridRow]
    weeks: tuple[int, ...]
    #: week -> its first day in words
    days: dict[int, str]
    #: where the classes of prices begin
    limits: tuple[int, ...]
    #: (id, name) of what can be filtered by
    workshops: list[tuple[str, str]]
    processes: list[tuple[str, str]]

    def level(self, cell: Cell, measure: str) -> int:
        """Return the shade of a cell, 0 to 5."""
        if measure == "price":
            return level_of(cell.worth_cents, self.limits)
        return load_level(cell.used_minutes, cell.basis_minutes)


def read_query(args: Mapping[str, str], names: Names) -> LoadQuery:
    """Return the query of an address; raises `InputError` with every part that cannot be read."""
    asked = Asked(args, names)
    processes = {group.process for group in names.groups.values()}
    size, page = read_cut(asked, GRID_ROWS)
    query = LoadQuery(
        asked.choice("measure", ("load", "price"), "load"),
        asked.choice("workshop", names.workshops),
        asked.choice("process", processes),
        asked.words(),
        asked.choice("sort", SORTS, "number"),
        size,
        page=page,
    )
    asked.finish()
    return query


def build_grid(region: Region, view: PlanView, query: LoadQuery, names: Names) -> Grid:
    """Return the grid that an address asks for."""
    numbers = workshop_numbers(region)
    cells = _cells(_wanted(view.loads, query, names), view, bool(query.workshop))
    rows = [_row(key, found, numbers, names) for key, found in cells.items()]
    rows = [row for row in rows if has_words(row.name, query.q)]
    shops = {row.workshop for row in view.loads}
    used = {group.process for key, group in names.groups.items() if key.partition("/")[0] in shops}
    weeks = tuple(sorted({load.week for load in view.loads}))
    return Grid(
        cut=Cut(_sorted(rows, query.sort), query.size, query.page),
        weeks=weeks,
        days={week: day(names.monday(week)) for week in weeks},
        limits=find_limits(price.cents for price in view.plan.prices if "/" in price.resource),
        workshops=_by_name((shop, names.place(shop)) for shop in shops),
        processes=_by_name((process, names.process(process)) for process in used),
    )


def _by_name(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0]))


def _wanted(loads: Iterable[GroupLoad], query: LoadQuery, names: Names) -> list[GroupLoad]:
    return [
        load
        for load in loads
        if query.workshop in ("", load.workshop)
        and (not query.process or names.groups[f"{load.workshop}/{load.group}"].process == query.process)
    ]


def _cells(loads: Iterable[GroupLoad], view: PlanView, by_group: bool) -> dict[str, list[Cell]]:
    """Return the cells by workshop, or by "workshop/group"."""
    worth = {(price.resource, price.week): price.cents for price in view.plan.prices}
    sums: dict[str, dict[int, tuple[int, int, int]]] = defaultdict(dict)
    for load in loads:
        resource = f"{load.workshop}/{load.group}"
        weeks = sums[resource if by_group else load.workshop]
        used, basis, cents = weeks.get(load.week, (0, 0, 0))
        best = max(cents, worth.get((resource, load.week), 0))
        weeks[load.week] = (used + load.used_minutes, basis + load.basis_minutes, best)
    return {key: [Cell(week, *weeks[week]) for week in sorted(weeks)] for key, weeks in sums.items()}


def _row(key: str, cells: list[Cell], numbers: Mapping[str, int], names: Names) -> GridRow:
    workshop, _, group = key.partition("/")
    name = names.machine(workshop, group) if group else names.place(workshop)
    return GridRow(group or workshop, name, 0 if group else numbers.get(workshop, 0), tuple(cells))


def _sorted(rows: list[GridRow], sort: str) -> list[GridRow]:
    keys = {
        "number": lambda row: (row.number, row.name.casefold()),
        "name": lambda row: (row.name.casefold(),),
        "load": lambda row: (-row.used_minutes / max(1, row.basis_minutes), row.name.casefold()),
        "price": lambda row: (-row.worth_cents, row.name.casefold()),
    }
    return sorted(rows, key=keys[sort])


def legend(query: LoadQuery, grid: Grid) -> list[tuple[int, str]]:
    """Return (shade, what it means) of the cells, the palest first."""
    if query.measure == "load":
        return list(enumerate(load_words()))
    return tell_classes(grid.limits, tell_price, gettext("worth nothing"))


def load_rows(view: PlanView, query: LoadQuery, names: Names) -> list[Row]:
    """Return the hours of every machine group and week by ``COLUMNS``, of those that an address asks for."""
    worth = {(price.resource, price.week): price.cents for price in view.plan.prices}
    return [
        {
            "plan": view.plan.id,
            "workshop": load.workshop,
            "group": load.group,
            "process": names.groups[f"{load.workshop}/{load.group}"].process,
            "week": load.week,
            "monday": names.monday(load.week).isoformat(),
            "used_minutes": load.used_minutes,
            "basis_minutes": load.basis_minutes,
            "maximum_minutes": load.maximum_minutes,
            "worth_cents": worth.get((f"{load.workshop}/{load.group}", load.week), 0),
        }
        for load in _wanted(view.loads, query, names)
        if has_words(names.place(load.workshop), query.q) or query.workshop
    ]
