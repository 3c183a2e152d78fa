"""Scenarios to the text of their files."""

from decimal import Decimal
from typing import Any

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
from cosmolocal.scenarios.reading import NONE_WORD
from cosmolocal.workshops.register import dump_yaml, plain_group, plain_workshop

#: name of each kind of edit in a file
NAMES: dict[type, str] = {
    CloseWorkshop: "close-workshop",
    OpenWorkshop: "open-workshop",
    AddMachines: "add-machines",
    ChangeMachines: "machines",
    MachineDown: "machine-down",
    ChangeHours: "hours",
    ChangePrice: "price",
    ChangeDemand: "demand",
    ChangeSettings: "settings",
    ChangeRadius: "radius",
    ChangeLink: "link",
}


def kind_of(edit: Edit) -> str:
    """Return the name of an edit's kind, as its file has it."""
    return NAMES[type(edit)]


def write_scenario(scenario: Scenario) -> str:
    """Return the text of a scenario's file; `read_scenario` reads the same from it. Short edits take a line."""
    head = {"title": scenario.title} | ({"description": scenario.description} if scenario.description else {})
    return dump_yaml({"scenario": head}) + _write_edits(scenario.edits)


def _write_edits(edits: tuple[Edit, ...]) -> str:
    if not edits:
        return "edits: []\n"
    return "edits:\n" + "".join(map(_write_edit, edits))


def _write_edit(edit: Edit) -> str:
    name, plain = kind_of(edit), plain_edit(edit)
    if isinstance(edit, OpenWorkshop | AddMachines):
        return dump_yaml([{name: plain}])
    return f"- {name}: {dump_yaml(plain, flow=True)}"


def plain_edit(edit: Edit) -> dict[str, Any]:
    """Return the table of an edit, below its name."""
    if isinstance(edit, OpenWorkshop):
        return plain_workshop(edit.workshop)
    if isinstance(edit, AddMachines):
        return {"workshop": edit.workshop, "group": plain_group(edit.group)}
    if isinstance(edit, ChangeSettings):
        return _plain_settings(edit)
    if isinstance(edit, ChangeRadius):
        return {"workshop": edit.workshop, "radius_km": _kilometres(edit.radius_m)}
    if isinstance(edit, ChangeLink):
        ends = {"from": edit.from_place, "to": edit.to_place}
        limit = {} if edit.weekly_capacity_kg is None else {"weekly_capacity_kg": edit.weekly_capacity_kg}
        return {**ends, **({"closed": edit.closed} if edit.closed or not limit else {}), **limit}
    plain = {name: getattr(edit, name) for name in edit.__dataclass_fields__}
    order = ("workshop", "group", "place", "district", "design")
    named = {name: plain.pop(name) for name in order if name in plain}
    return {name: value for name, value in named.items() if value} | plain


def _plain_settings(edit: ChangeSettings) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in edit.values:
        table, _, key = name.rpartition(".")
        if table:
            plain.setdefault(table, {})[key] = value
        else:
            plain[key] = value
    return plain


def _kilometres(metres: int | None) -> int | float | str:
    if metres is None:
        return NONE_WORD
    exact = Decimal(metres) / 1000
    return int(exact) if exact == exact.to_integral_value() else float(exact)
