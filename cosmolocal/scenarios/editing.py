"""Changing the text of a scenario file edit by edit, all else in it as it is where that can be."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cosmolocal.errors import InputError
from cosmolocal.records.scenarios import Scenario
from cosmolocal.scenarios.reading import KINDS, parse_scenario
from cosmolocal.scenarios.writing import write_scenario
from cosmolocal.workshops.register import dump_yaml

#: kinds that take more than a line
LONG_KINDS = ("open-workshop", "add-machines")
_EDIT = re.compile(rf"^( *)- (?:{'|'.join(KINDS)}):", re.MULTILINE)
_NO_EDITS = re.compile(r"^edits:[ \t]*(?:\[[ \t]*\])?[ \t]*$\n?", re.MULTILINE)


def append_edit(text: str, scenario_id: str, kind: str, plain: Mapping[str, Any]) -> str:
    """Return the text with one more edit at its end; ``plain`` is the table of the edit.

    Raises
    ------
    InputError
        With every fault of the text and of the edit.
    """
    lines = _write(kind, plain)
    scenario = parse_scenario(text, scenario_id)
    [edit] = parse_scenario(f"scenario: {{title: one}}\nedits:\n{lines}", scenario_id).edits
    wanted = replace(scenario, edits=(*scenario.edits, edit))
    known = _EDIT.findall(text)
    if known:
        added = "".join(known[-1] + line for line in lines.splitlines(keepends=True))
        changed = text.rstrip() + "\n" + added
    else:
        changed = _NO_EDITS.sub("", text).rstrip() + f"\nedits:\n{lines}"
    return changed if _reads(changed, wanted) else write_scenario(wanted)


def _write(kind: str, plain: Mapping[str, Any]) -> str:
    if kind in LONG_KINDS:
        return dump_yaml([{kind: dict(plain)}])
    return f"- {kind}: {dump_yaml(dict(plain), flow=True)}"


def remove_edit(text: str, scenario_id: str, number: int) -> str:
    """Return the text without one of its edits, counted from 0; comments at its head stay."""
    scenario = parse_scenario(text, scenario_id)
    edits = tuple(edit for index, edit in enumerate(scenario.edits) if index != number)
    head = re.match(r"(?:[ \t]*#[^\n]*\n|[ \t]*\n)*", text)
    return (head[0] if head else "") + write_scenario(replace(scenario, edits=edits))


def _reads(text: str, wanted: Scenario) -> bool:
    try:
        return parse_scenario(text, wanted.id) == wanted
    except InputError:
        return False
