"""The register: ``workshops.yaml`` to workshops and back; ``docs/workshops.md`` describes the file."""

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from cosmolocal.errors import InputError, Problem
from cosmolocal.fields import SLUG, Fields, check_unique
from cosmolocal.files import parse_yaml, read_text, why_quoted
from cosmolocal.records import (
    CapacityPeriod,
    MachineGroup,
    Origin,
    Provenance,
    Tolerance,
    Vocabulary,
    Workshop,
    WorkshopStatus,
)

CODES = {
    "W001": "the workshops file cannot be read",
    "W002": "a field of a workshop is missing, wrong or unknown",
    "W003": "an id stands twice: of a workshop, or of a machine group within its workshop",
    "W004": "the process of a machine group is not in the vocabulary",
    "W005": "weekly hours are not agreed <= actual <= maximum",
    "W006": "a capacity period ends before it begins",
    "W007": "two capacity periods of a machine group overlap",
    "W008": "weekly hours of a machine group are known, but not what an hour costs",
}

LEGAL_FORMS = ("public", "cooperative", "association", "university", "company", "foundation")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNKNOWN = "unknown"
HOURS_PER_WEEK = 168
#: figures of a machine group that may be unknown; there is no capacity then
UNKNOWN_FIGURES = ("hourly_cost", "weekly_hours")


def read_workshops(path: Path, vocabulary: Vocabulary) -> tuple[Workshop, ...]:
    """Return the workshops of a register, in the file's order.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    return parse_workshops(read_text(path, path.name, "W001"), path.name, vocabulary)


def parse_workshops(text: str, where: str, vocabulary: Vocabulary) -> tuple[Workshop, ...]:
    """Return the workshops of a text, as `read_workshops` does those of a file."""
    problems = list[Problem]()
    top = Fields(parse_yaml(text, where, "W001"), where, "W002", problems)
    processes = process_ids(vocabulary)
    workshops = tuple(read_workshop(table, processes) for table in top.tables("workshops", required=True))
    top.finish()
    problems += check_unique(
        [(workshop.id, f"{where}: workshops[{i}].id") for i, workshop in enumerate(workshops)], "W003"
    )
    if problems:
        raise InputError(problems)
    return workshops


def read_workshop_ids(path: Path) -> list[str]:
    """Return the ids of a register as they stand, whatever else is wrong with it; one left out is ""."""
    where, problems = path.name, list[Problem]()
    top = Fields(parse_yaml(read_text(path, where, "W001"), where, "W001"), where, "W002", problems)
    tables = top.tables("workshops", required=True)
    if problems:
        raise InputError(problems)
    return [str(table.raw("id") or "") for table in tables]


def read_workshop(table: Fields, processes: Collection[str]) -> Workshop:
    """Return the workshop of a table; its faults are added to the table's problems."""
    groups = tuple(read_group(group, processes) for group in table.tables("groups", required=True))
    table.problems += check_unique(
        [(group.id, f"{table.where}.groups[{i}].id") for i, group in enumerate(groups)], "W003"
    )
    workshop = Workshop(
        id=table.slug("id"),
        name=table.text("name", required=True),
        lat=table.real("lat", 0.0, -90.0, 90.0, required=True),
        lon=table.real("lon", 0.0, -180.0, 180.0, required=True),
        groups=groups,
        status=table.choice("status", WorkshopStatus, WorkshopStatus.ACTIVE),
        legal_form=_one_of(table, "legal_form", LEGAL_FORMS, "association"),
        radius_m=table.number("radius_km", scale=1000, high=20_000),
        open_weekdays=_read_weekdays(table),
        closed_days=_read_closed_days(table),
        address=table.text("address"),
        example=table.flag("example"),
        source=table.text("source"),
        provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
        terms_provenance=table.choice("terms_provenance", Provenance, Provenance.DECLARED),
        imported=tuple(_read_imported(each) for each in table.tables("imported")),
    )
    table.finish()
    return workshop


def process_ids(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the ids of the processes that machine groups may have."""
    return frozenset(process.id for process in vocabulary.processes)


def _read_imported(table: Fields) -> Origin:
    imported = Origin(
        source=table.text("source", required=True),
        id=table.text("id"),
        day=table.day("date"),
        licence=table.text("licence"),
    )
    table.finish()
    return imported


def read_group(table: Fields, processes: Collection[str]) -> MachineGroup:
    """Return the machine group of a table; its faults are added to the table's problems."""
    unknown = tuple(name for name in UNKNOWN_FIGURES if table.values.get(name) == UNKNOWN)
    group = MachineGroup(
        id=table.slug("id"),
        process=_read_process(table, processes),
        machines=table.number("machines", 1, required=True, low=1, high=10_000) or 1,
        hourly_cost_cents=0 if "hourly_cost" in unknown else _read_cost(table),
        periods=() if "weekly_hours" in unknown else _read_periods(table),
        envelope_mm=_read_envelope(table),
        materials=_read_materials(table),
        tolerance=_read_tolerance(table),
        setup_seconds=table.number("setup_minutes", 0, scale=60, high=10_080) or 0,
        speed_percent=table.number("speed_percent", 100, low=1, high=10_000) or 100,
        co2e_g_per_hour=table.number("co2e_g_per_hour", 0) or 0,
        minimum_lot=table.number("minimum_lot", 1, low=1) or 1,
        provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
        make=table.text("make"),
        model=table.text("model"),
        unknown=unknown,
        imported=_read_imported(table.table("imported")) if table.has("imported") else None,
    )
    table.taken.update((*UNKNOWN_FIGURES, "imported"))
    if "hourly_cost" in unknown and group.periods:
        rule = "the hourly cost is unknown; hours can be planned once it is stated"
        table.problems.append(Problem("W008", table.place("weekly_hours"), rule))
    table.finish()
    return group


def _read_cost(table: Fields) -> int:
    return table.number("hourly_cost", 0, required=True, scale=100, high=100_000) or 0


def _one_of(table: Fields, name: str, known: tuple[str, ...], default: str) -> str:
    value = table.text(name, default)
    if value not in known:
        table.fault(name, value, "must be one of " + ", ".join(known))
        return default
    return value


def _read_process(table: Fields, processes: Collection[str]) -> str:
    process = table.text("process", required=True)
    if process and process not in processes:
        rule = "must be the id of a process in processes.yaml"
        table.problems.append(Problem("W004", f"{table.where}.process", f"found {process!r}; {rule}"))
    return process


def _read_weekdays(table: Fields) -> tuple[int, ...]:
    words = table.items("open_weekdays")
    if not table.has("open_weekdays"):
        return (0, 1, 2, 3, 4)
    if not words or any(word not in WEEKDAYS for word in words) or len(set(words)) < len(words):
        table.fault("open_weekdays", words, "must be some of " + ", ".join(WEEKDAYS) + ", each once")
        return (0,)
    return tuple(sorted(WEEKDAYS.index(word) for word in words))


def _read_closed_days(table: Fields) -> tuple[date, ...]:
    items = table.items("closed_days")
    cells = [
        Fields({"": item}, f"{table.where}.closed_days[{i}]", "W002", table.problems) for i, item in enumerate(items)
    ]
    days = [day for cell in cells if (day := cell.day("", required=True)) is not None]
    if len(set(days)) < len(days):
        table.fault("closed_days", items, "must name each day once")
    return tuple(sorted(set(days)))


def _read_envelope(table: Fields) -> tuple[int, int, int] | None:
    value = table.raw("envelope_mm")
    if value is None or value == UNKNOWN:
        return None
    try:
        width, depth, height = (int(item) for item in (value if isinstance(value, list) else ()))
    except (TypeError, ValueError):
        width = depth = height = 0
    if not all(1 <= side <= 1_000_000 for side in (width, depth, height)):
        table.fault("envelope_mm", value, "must be three whole numbers of mm from 1, or unknown")
        return None
    return width, depth, height


def _read_materials(table: Fields) -> tuple[str, ...] | None:
    value = table.raw("materials")
    if value is None or value == UNKNOWN:
        return None
    words = value if isinstance(value, list) else [None]
    if any(not isinstance(word, str) or not SLUG.fullmatch(word) for word in words) or len(set(words)) < len(words):
        table.fault("materials", value, "must be words such as birch-plywood, each once, or unknown")
        return None
    return tuple(words)


def _read_tolerance(table: Fields) -> Tolerance | None:
    value = table.text("tolerance", UNKNOWN)
    if value == UNKNOWN:
        return None
    known = [tolerance.value for tolerance in Tolerance]
    word = _one_of(table, "tolerance", (*known, UNKNOWN), UNKNOWN)
    return None if word == UNKNOWN else Tolerance(word)


def _read_periods(table: Fields) -> tuple[CapacityPeriod, ...]:
    tables = table.tables("weekly_hours", required=True)
    periods = [_read_period(period) for period in tables]
    for first, second in combinations(range(len(periods)), 2):
        if _overlap(periods[first], periods[second]):
            rule = f"overlaps weekly_hours[{first}]; a week may lie in one period only"
            table.problems.append(Problem("W007", tables[second].where, rule))
    return tuple(periods)


def _read_period(table: Fields) -> CapacityPeriod:
    agreed, actual, maximum = (
        table.number(name, required=True, scale=60, high=HOURS_PER_WEEK) for name in ("agreed", "actual", "maximum")
    )
    period = CapacityPeriod(agreed or 0, actual or 0, maximum or 0, table.day("valid_from"), table.day("valid_to"))
    ordered = period.agreed_minutes <= period.actual_minutes <= period.maximum_minutes
    if None not in (agreed, actual, maximum) and not ordered:
        found = ", ".join(f"{name} {table.raw(name)}" for name in ("agreed", "actual", "maximum"))
        table.problems.append(Problem("W005", table.where, f"found {found}; must be agreed <= actual <= maximum"))
    if period.valid_from and period.valid_to and period.valid_to < period.valid_from:
        found = f"found {period.valid_to}; must not be before valid_from {period.valid_from}"
        table.problems.append(Problem("W006", f"{table.where}.valid_to", found))
    table.finish()
    return period


def _overlap(first: CapacityPeriod, second: CapacityPeriod) -> bool:
    def starts_in_time(one: CapacityPeriod, other: CapacityPeriod) -> bool:
        return (one.valid_from or date.min) <= (other.valid_to or date.max)

    return starts_in_time(first, second) and starts_in_time(second, first)


def write_workshops(workshops: Collection[Workshop]) -> str:
    """Return the register of these workshops; `read_workshops` reads the same workshops from it."""
    return dump_yaml({"workshops": [plain_workshop(workshop) for workshop in workshops]})


def dump_yaml(plain: Any, flow: bool = False) -> str:
    """Return plain values as YAML that the reader of this program reads as they are; ``flow``: on one line."""
    # libyaml is seven times as fast, but writes signs such as emoji as escapes that nobody can read
    dumper = _Dumper if _ASTRAL.search(repr(plain)) else _FastDumper
    style, width = (True, 1_000_000) if flow else (None, 120)
    return yaml.dump(plain, Dumper=dumper, sort_keys=False, allow_unicode=True, width=width, default_flow_style=style)


_ASTRAL = re.compile("[\U00010000-\U0010ffff]|\\\\U0")


class _Plain:
    """Writes equal values twice instead of as anchor and alias, which the reader refuses."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def represent_text(self, text: str) -> yaml.Node:
        # only double quotes keep every line break and control character as it is, and a text what it is for the reader
        style = None if text.isprintable() and not why_quoted(text) else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # type: ignore[attr-defined,no-any-return]


class _Dumper(_Plain, yaml.SafeDumper):
    pass


class _FastDumper(_Plain, yaml.CSafeDumper):
    pass


_Dumper.add_representer(str, _Dumper.represent_text)
_FastDumper.add_representer(str, _FastDumper.represent_text)


def plain_workshop(workshop: Workshop) -> dict[str, Any]:
    """Return the table that `read_workshop` reads the same workshop from."""
    imported = {"imported": [_plain_imported(each) for each in workshop.imported]} if workshop.imported else {}
    return {
        "id": workshop.id,
        "name": workshop.name,
        "lat": workshop.lat,
        "lon": workshop.lon,
        "address": workshop.address,
        "status": workshop.status.value,
        "legal_form": workshop.legal_form,
        "radius_km": None if workshop.radius_m is None else _scaled(workshop.radius_m, 1000),
        "open_weekdays": [WEEKDAYS[day] for day in workshop.open_weekdays],
        "closed_days": list(workshop.closed_days),
        "example": workshop.example,
        "source": workshop.source,
        "provenance": workshop.provenance.value,
        "terms_provenance": workshop.terms_provenance.value,
        **imported,
        "groups": [plain_group(group) for group in workshop.groups],
    }


def _plain_imported(imported: Origin) -> dict[str, Any]:
    plain = {"source": imported.source, "id": imported.id, "date": imported.day, "licence": imported.licence}
    return {name: value for name, value in plain.items() if value}


def plain_group(group: MachineGroup) -> dict[str, Any]:
    """Return the table of a machine group within that of its workshop."""
    named = {"make": group.make, "model": group.model}
    imported = {"imported": _plain_imported(group.imported)} if group.imported else {}
    return {
        "id": group.id,
        "process": group.process,
        **{name: value for name, value in named.items() if value},
        "machines": group.machines,
        "envelope_mm": UNKNOWN if group.envelope_mm is None else list(group.envelope_mm),
        "materials": UNKNOWN if group.materials is None else list(group.materials),
        "tolerance": UNKNOWN if group.tolerance is None else group.tolerance.value,
        "setup_minutes": _scaled(group.setup_seconds, 60),
        "speed_percent": group.speed_percent,
        "hourly_cost": UNKNOWN if "hourly_cost" in group.unknown else _scaled(group.hourly_cost_cents, 100),
        "co2e_g_per_hour": group.co2e_g_per_hour,
        "minimum_lot": group.minimum_lot,
        "weekly_hours": UNKNOWN if "weekly_hours" in group.unknown else [*map(_plain_period, group.periods)],
        "provenance": group.provenance.value,
        **imported,
    }


def _plain_period(period: CapacityPeriod) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "agreed": _scaled(period.agreed_minutes, 60),
        "actual": _scaled(period.actual_minutes, 60),
        "maximum": _scaled(period.maximum_minutes, 60),
    }
    days = {"valid_from": period.valid_from, "valid_to": period.valid_to}
    return plain | {name: day for name, day in days.items() if day is not None}


def _scaled(value: int, unit: int) -> int | float:
    """Return value / unit with so few decimals that reading it again rounds to the same value."""
    exact = Decimal(value) / unit
    return int(exact) if exact == exact.to_integral_value() else float(round(exact, 4))
