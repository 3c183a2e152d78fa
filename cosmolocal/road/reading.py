"""``consumption.yaml`` and ``road.yaml``: what a region consumes, where it wants to get and what it may spend."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import Fields, check_unique
from cosmolocal.files import parse_yaml, read_text
from cosmolocal.processes import ancestors_by_process
from cosmolocal.records import (
    CapacityBasis,
    Category,
    Consumption,
    Figure,
    Goal,
    Measure,
    Provenance,
    RoadTerms,
    Vocabulary,
)

CODES = {
    "W110": "the file of consumption or of the road cannot be read",
    "W111": "a field of consumption.yaml is missing, wrong or unknown",
    "W112": "a category of consumption stands twice, or more of it is made here and outside than there is",
    "W113": "a category needs a process that is not in the vocabulary, or two needed processes include one another",
    "W114": "a field of road.yaml is missing, wrong or unknown",
    "W115": "the years of a road are not in order",
    "W116": "a figure has neither a source nor a provenance, or its range does not hold its value",
}
CONSUMPTION, ROAD = "consumption.yaml", "road.yaml"
#: [EUR, kg, cents] no region has more
MOST = 10**13
#: [years] a road takes at most
LONGEST = 60
PER_MILLE = 10
HUNDREDTHS = 100
NO_FIGURE = Figure(0, 0, 0)


def read_consumption(path: Path, vocabulary: Vocabulary) -> Consumption:
    """Return what a region consumes.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    problems: list[Problem] = []
    top = Fields(parse_yaml(read_text(path, path.name, "W110"), path.name, "W110"), path.name, "W111", problems)
    year = top.number("year", 2000, required=True, low=1900, high=2200) or 2000
    tables = top.tables("categories", required=True)
    if top.has("categories") and not tables:
        top.fault("categories", [], say("must hold at least one category"))
    categories = tuple(_read_category(table) for table in tables)
    top.finish()
    ids = [(one.id, table.place("id")) for one, table in zip(categories, tables, strict=True)]
    problems += check_unique(ids, "W112")
    problems += _check_processes(categories, tables, vocabulary)
    if problems:
        raise InputError(problems)
    return Consumption(year, categories)


def _read_category(table: Fields) -> Category:
    read = Category(
        id=table.slug("id"),
        name=table.text("name", required=True, max_length=200),
        eur=read_figure(table, "eur_per_year", 1, 0, MOST),
        kg=read_figure(table, "kg_per_year", 1, 0, MOST),
        growth=read_figure(table, "growth_percent", HUNDREDTHS, -20, 20),
        local=read_figure(table, "local_percent", PER_MILLE, 0, 100),
        outside=read_figure(table, "outside_percent", PER_MILLE, 0, 100),
        minutes=_read_hours(table),
    )
    table.finish()
    if read.most < 0:
        found = f"{read.local.value / PER_MILLE} + {read.outside.value / PER_MILLE}"
        rule = say("found %(found)s; local_percent and outside_percent together must be at most 100", found=found)
        table.problems.append(Problem("W112", table.where, rule))
    return read


def _read_hours(table: Fields) -> tuple[tuple[str, Figure], ...]:
    hours = table.table("hours_per_1000_eur", required=True)
    if table.has("hours_per_1000_eur") and not hours.values:
        table.fault("hours_per_1000_eur", {}, say("must name at least one process"))
    return tuple((name, read_figure(hours, name, 60, 0, 100_000)) for name in hours.values)


def read_figure(table: Fields, name: str, scale: int, low: int, high: int) -> Figure:
    """Return a figure, a table of ``value``, ``low``, ``high``, ``source``, ``provenance``; numbers x ``scale``."""
    if not table.has(name):
        table.raw(name, required=True)
        return NO_FIGURE
    inner = table.table(name)
    value = _number(inner, "value", scale, (low, high), None)
    usual = 0 if value is None else value
    figure = Figure(
        value=usual,
        low=_number(inner, "low", scale, (low, high), usual) or 0,
        high=_number(inner, "high", scale, (low, high), usual) or 0,
        source=inner.text("source", max_length=1000),
        provenance=inner.choice("provenance", Provenance, Provenance.UNKNOWN),
    )
    inner.finish()
    if value is not None and not figure.low <= figure.value <= figure.high:
        told = "{} <= {} <= {}".format(*(Decimal(each) / scale for each in (figure.low, figure.value, figure.high)))
        rule = say("found %(found)s; must be low <= value <= high", found=told)
        inner.problems.append(Problem("W116", inner.where, rule))
    if not figure.source and figure.provenance is Provenance.UNKNOWN:
        rule = say("must say where it comes from: a source, or provenance: assumed")
        inner.problems.append(Problem("W116", inner.where, rule))
    if figure.source and figure.provenance is Provenance.UNKNOWN:
        return Figure(figure.value, figure.low, figure.high, figure.source, Provenance.DECLARED)
    return figure


def _number(table: Fields, name: str, scale: int, bounds: tuple[int, int], default: int | None) -> int | None:
    """Return a number x ``scale``, rounded half up; decimals between whole bounds."""
    value = table.raw(name, required=default is None)
    if value is None:
        return default
    try:
        exact = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
        if not exact.is_finite() or not bounds[0] <= exact <= bounds[1]:
            raise InvalidOperation
    except InvalidOperation:
        table.fault(name, value, say("must be a number from %(low)s to %(high)s", low=bounds[0], high=bounds[1]))
        return default
    return int((exact * scale).to_integral_value(ROUND_HALF_UP))


def _check_processes(categories: Sequence[Category], tables: Sequence[Fields], vocabulary: Vocabulary) -> list[Problem]:
    """Return the faults of the processes: an hour of a machine may be counted for one of them only."""
    lineage, problems = ancestors_by_process(vocabulary), list[Problem]()
    needed: dict[str, str] = {}
    for category, table in zip(categories, tables, strict=True):
        for process, _ in category.minutes:
            where = f"{table.place('hours_per_1000_eur')}.{process}"
            if process not in lineage:
                rule = say("found %(found)s; must be the id of a process", found=repr(process))
                problems.append(Problem("W113", where, rule))
            else:
                needed.setdefault(process, where)
    for one, where in needed.items():
        for other in needed:
            if one < other and (shared := sorted(p for p in lineage if {one, other} <= lineage[p])):
                rule = say(
                    "found %(one)s, and elsewhere %(other)s; %(shared)s is a kind of both, and would count twice",
                    one=one,
                    other=other,
                    shared=shared[0],
                )
                problems.append(Problem("W113", where, rule))
    return problems


def read_terms(path: Path) -> RoadTerms:
    """Return where a region wants to get and what it may spend.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    problems: list[Problem] = []
    top = Fields(parse_yaml(read_text(path, path.name, "W110"), path.name, "W110"), path.name, "W114", problems)
    table = top.table("road", required=True)
    usual = RoadTerms(0, Goal(0, 0), (), NO_FIGURE, NO_FIGURE, NO_FIGURE, NO_FIGURE, NO_FIGURE)
    terms = RoadTerms(
        first_year=table.number("first_year", 2000, required=True, low=1900, high=2200) or 2000,
        target=_read_goal(table.table("target", required=True)),
        milestones=tuple(_read_goal(each) for each in table.tables("milestones")),
        budget=read_figure(table, "yearly_budget", 100, 0, MOST),
        room=read_figure(table, "machines_added_per_workshop", 1, 0, 10_000),
        open_weeks=read_figure(table, "open_weeks", 1, 0, 52),
        prices=read_figure(table, "price_percent", 1, 1, 1000),
        discount=read_figure(table, "discount_percent", HUNDREDTHS, 0, 100),
        measure=table.choice("measure", Measure, usual.measure),
        basis=table.choice("capacity_basis", CapacityBasis, usual.basis),
        samples=table.number("samples", usual.samples, low=10, high=2000) or usual.samples,
        seed=table.number("seed", usual.seed, high=2**31 - 1) or 0,
    )
    table.finish()
    top.finish()
    problems += check_years(terms, path.name)
    if problems:
        raise InputError(problems)
    return terms


def _read_goal(table: Fields) -> Goal:
    source = table.text("source", max_length=1000)
    provenance = table.choice("provenance", Provenance, Provenance.DECLARED)
    goal = Goal(
        year=table.number("year", 2000, required=True, low=1900, high=2200) or 2000,
        share=_number(table, "percent", PER_MILLE, (0, 100), None) or 0,
        source=source,
        provenance=provenance,
    )
    table.finish()
    return goal


def check_years(terms: RoadTerms, where: str) -> list[Problem]:
    """Return what is wrong with the years of a road."""
    problems = []
    years = [goal.year for goal in terms.goals]
    if years != sorted(set(years)) or years[0] < terms.first_year:
        found = ", ".join(map(str, (terms.first_year, *years)))
        rule = say("found %(found)s; must be first year, milestones, target, in order, each once", found=found)
        problems.append(Problem("W115", f"{where}: road", rule))
    if terms.target.year - terms.first_year >= LONGEST:
        rule = say("found %(found)s; a road takes at most %(most)s years", found=len(terms.years), most=LONGEST)
        problems.append(Problem("W115", f"{where}: road.target.year", rule))
    return problems
