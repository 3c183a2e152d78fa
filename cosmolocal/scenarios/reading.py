"""Scenario files to scenarios; ``docs/scenarios.md`` describes the file."""

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import SLUG, Fields
from cosmolocal.files import parse_yaml, read_text
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Vocabulary
from cosmolocal.records.scenarios import (
    AddMachines,
    ChangeDemand,
    ChangeHours,
    ChangeLink,
    ChangeMachines,
    ChangePrice,
    ChangeRadius,
    ChangeSettings,
    CloseWorkshop,
    Edit,
    MachineDown,
    OpenWorkshop,
    Scenario,
)
from cosmolocal.workshops.register import process_ids, read_group, read_workshop

CODES = {
    "W070": "a scenario file cannot be read",
    "W071": "a field of a scenario is missing, wrong or unknown",
    "W072": "the name of a scenario is not made of small letters, digits and single hyphens",
}

FOLDER = "scenarios"
ENDING = ".yaml"
#: names what has no limit
NONE_WORD = "none"
MOST_PERCENT = 10_000
MOST_MACHINES = 10_000
MAX_BYTES = 1 << 20


def file_name(scenario_id: str) -> str:
    """Return the path of a scenario's file within the region's folder."""
    return f"{FOLDER}/{scenario_id}{ENDING}"


def check_id(scenario_id: str) -> list[Problem]:
    """Return what is wrong with the name of a scenario."""
    if len(scenario_id) <= 80 and SLUG.fullmatch(scenario_id):
        return []
    rule = say("must be small letters, digits and single hyphens, such as el-raval-2")
    return [Problem("W072", "scenario: id", say("found %(found)s; %(rule)s", found=repr(scenario_id[:80]), rule=rule))]


def read_scenario(path: Path, vocabulary: Vocabulary | None = None) -> Scenario:
    """Return the scenario of a file; its id is the name of the file.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    return parse_scenario(read_text(path, file_name(path.stem), "W070", MAX_BYTES), path.stem, vocabulary)


def parse_scenario(text: str, scenario_id: str, vocabulary: Vocabulary | None = None) -> Scenario:
    """Return the scenario of a text, as `read_scenario` does that of a file."""
    where, problems = file_name(scenario_id), check_id(scenario_id)
    try:
        plain = parse_yaml(text, where, "W070")
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    top = Fields(plain, where, "W071", problems)
    head, processes = top.table("scenario", required=True), process_ids(vocabulary or load_vocabulary())
    scenario = Scenario(
        id=scenario_id,
        title=head.text("title", required=True, max_length=200),
        description=head.text("description"),
        edits=tuple(edit for table in top.tables("edits") if (edit := _read_edit(table, processes)) is not None),
    )
    head.finish()
    top.finish()
    if problems:
        raise InputError(problems)
    return scenario


def _read_edit(table: Fields, processes: Collection[str]) -> Edit | None:
    names = list(table.values)
    if len(names) != 1 or names[0] not in KINDS:
        if not any(problem.where == table.where for problem in table.problems):
            table.fault("", names, say("must be one of %(known)s", known=", ".join(KINDS)))
        return None
    [kind] = names
    inner = table.table(kind, required=True)
    edit = KINDS[kind](inner, processes)
    inner.finish()
    return edit


def _close(table: Fields, _: Collection[str]) -> Edit:
    return CloseWorkshop(table.slug("workshop"))


def _open(table: Fields, processes: Collection[str]) -> Edit:
    return OpenWorkshop(read_workshop(table, processes))


def _add(table: Fields, processes: Collection[str]) -> Edit:
    return AddMachines(table.slug("workshop"), read_group(table.table("group", required=True), processes))


def _machines(table: Fields, _: Collection[str]) -> Edit:
    change = table.number("change", 1, required=True, low=-MOST_MACHINES, high=MOST_MACHINES) or 0
    if change == 0:
        table.fault("change", table.raw("change"), say("must not be 0: that changes nothing"))
    return ChangeMachines(table.slug("workshop"), table.slug("group"), change)


def _down(table: Fields, _: Collection[str]) -> Edit:
    first, last = table.day("first_day", required=True), table.day("last_day", required=True)
    if first and last and last < first:
        table.fault("last_day", last.isoformat(), say("must not be before first_day %(first)s", first=first))
    return MachineDown(table.slug("workshop"), first or date.min, last or date.max, _optional(table, "group"))


def _hours(table: Fields, _: Collection[str]) -> Edit:
    return ChangeHours(_percent(table), *_machines_named(table))


def _price(table: Fields, _: Collection[str]) -> Edit:
    return ChangePrice(_percent(table), *_machines_named(table))


def _machines_named(table: Fields) -> tuple[str, str]:
    workshop, group = _optional(table, "workshop"), _optional(table, "group")
    if group and not table.has("workshop"):
        table.fault("group", group, say("must stand beside the workshop that it belongs to"))
    return workshop, group


def _demand(table: Fields, _: Collection[str]) -> Edit:
    return ChangeDemand(
        _percent(table),
        _optional(table, "place"),
        table.text("district", max_length=200),
        table.text("design", max_length=200),
    )


def _settings(table: Fields, _: Collection[str]) -> Edit:
    values: list[tuple[str, str]] = []
    for name in table.values:
        value = table.raw(name)
        if name == "start_date":
            table.fault(name, str(value), say("must be left out: a scenario is of the same weeks as what it changes"))
        elif isinstance(value, dict):
            inner = table.table(name)
            values += [(f"{name}.{key}", inner.text(key)) for key in inner.values]
        else:
            values.append((name, table.text(name)))
    if not table.values:
        table.fault("", {}, say("must name at least one setting"))
    return ChangeSettings(tuple(values))


def _radius(table: Fields, _: Collection[str]) -> Edit:
    workshop = table.slug("workshop")
    if table.raw("radius_km", required=True) == NONE_WORD:
        return ChangeRadius(workshop, None)
    return ChangeRadius(workshop, table.number("radius_km", scale=1000, high=20_000))


def _link(table: Fields, _: Collection[str]) -> Edit:
    edit = ChangeLink(table.slug("from"), table.slug("to"), table.flag("closed"), table.number("weekly_capacity_kg"))
    if edit.from_place and edit.from_place == edit.to_place:
        table.fault("to", edit.to_place, say("must be another place than from"))
    if not edit.closed and not table.has("weekly_capacity_kg") and not table.has("closed"):
        table.fault("", dict(table.values), say("must say closed or weekly_capacity_kg"))
    return edit


def _optional(table: Fields, name: str) -> str:
    return table.slug(name) if table.has(name) else str(table.raw(name) or "")


def _percent(table: Fields) -> int:
    percent = table.number("percent", 100, required=True, high=MOST_PERCENT)
    return 100 if percent is None else percent


#: what reads each kind of edit, by its name in the file
KINDS: dict[str, Callable[[Fields, Collection[str]], Edit]] = {
    "close-workshop": _close,
    "open-workshop": _open,
    "add-machines": _add,
    "machines": _machines,
    "machine-down": _down,
    "hours": _hours,
    "price": _price,
    "demand": _demand,
    "settings": _settings,
    "radius": _radius,
    "link": _link,
}
