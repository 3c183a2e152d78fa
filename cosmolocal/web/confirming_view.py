"""The form that confirms operations: rows of texts from records, tables of a manifest from rows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cosmolocal.designs.editing import Row, Typed, edit_manifest
from cosmolocal.designs.manifest import EXTENSION
from cosmolocal.designs.operations import read_operations
from cosmolocal.errors import NotFoundError, Problem
from cosmolocal.processes import load_vocabulary
from cosmolocal.records import Design, Operation, Part
from cosmolocal.web.designs_view import unknown_fields
from cosmolocal.web.fault_words import tell, tell_with_place
from cosmolocal.web.words import gettext
from cosmolocal.workflows.makers import Gap

#: rows that are there to be filled in
SPARE_ROWS = 1
_PLACE = re.compile(r".*operation\[(?P<row>\d+)\](?:\.(?P<field>[a-z-]+))?")


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form holds."""

    rows: tuple[Row, ...]
    note: str = ""
    problems: tuple[Problem, ...] = ()
    spare: int = SPARE_ROWS
    #: what no workshop of the region does of it
    gaps: tuple[Gap, ...] = ()


def choose_part(design: Design, wanted: str | None) -> Part:
    """Return the part that is asked for, else the first of which something is unknown, else the first made one."""
    if wanted is not None:
        for part in design.parts:
            if part.name == wanted:
                return part
        raise NotFoundError(f"there is no part {wanted!r} in {design.key}")
    unknown = [part for part in design.parts if unknown_fields(design, part)]
    made = [part for part in design.parts if part.operations]
    return [*unknown, *made, *design.parts][0]


def build_rows(operations: Iterable[Operation]) -> tuple[Row, ...]:
    """Return operations as the texts that the fields show; "" where something is unknown or not asked for."""
    return tuple(_row(step) for step in operations)


def _row(step: Operation) -> dict[str, str]:
    return {
        "process": step.process or "",
        "minutes-per-unit": "" if step.seconds is None else _minutes(step.seconds),
        "setup-minutes": _minutes(step.setup_seconds),
        "material": step.material or "",
        "material-cost": f"{Decimal(step.material_cents) / 100:.2f}",
        "envelope-mm": " × ".join(map(str, step.envelope_mm or ())),
        "tolerance": step.tolerance.value if step.tolerance else "",
    }


def _minutes(seconds: int) -> str:
    """Return seconds in minutes, exact enough to become the same seconds again.

    >>> _minutes(90), _minutes(20), _minutes(600)
    ('1.5', '0.3333', '10')
    """
    text = f"{Decimal(seconds) / 60:.4f}"
    return text.rstrip("0").rstrip(".")


def build_tables(rows: tuple[Row, ...]) -> list[Any]:
    """Return rows as the operations of a manifest; an empty process or time is unknown."""
    document = edit_manifest({}, Typed().clean(), Typed(operations=rows).clean())
    return [
        {name: _as_json(value) for name, value in table.items() if name != "part"}
        for table in document[EXTENSION].get("operation", [])
    ]


def read_steps(tables: list[Any]) -> tuple[Operation, ...]:
    """Return the operations of a manifest's tables; faults raise `InputError`."""
    return read_operations(tables, "form", load_vocabulary())


def tell_gaps(gaps: Iterable[Gap]) -> Mapping[str, list[str]]:
    """Return what no workshop does, by the name of the field that asks for it."""
    fields = {"envelope": "envelope-mm", "together": "process"}
    told: dict[str, list[str]] = {}
    for gap in gaps:
        name = f"operation-{gap.row}-{fields.get(gap.field, gap.field)}"
        told.setdefault(name, []).append(_tell_gap(gap))
    return told


def _tell_gap(gap: Gap) -> str:
    if gap.field == "process":
        return gettext("No workshop of the region has a machine for it.")
    if gap.field == "together":
        return gettext("No machine of the region does all of this together.")
    if gap.offered:
        offered = ", ".join(gap.offered)
        return gettext(
            "No machine of the region for this process takes it. They take: %(materials)s.", materials=offered
        )
    return gettext("No machine of the region for this process takes it.")


def _as_json(value: Any) -> Any:
    """Return a value of a manifest as a notice keeps it."""
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def by_field(problems: Iterable[Problem]) -> Mapping[str, list[str]]:
    """Return what is wrong by the name of its field; under "" what is about none of them."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        match = _PLACE.fullmatch(problem.where)
        name = f"operation-{match['row']}-{match['field'] or 'process'}" if match else ""
        sentence = tell(problem) if match else tell_with_place(problem)
        told.setdefault(name, []).append(sentence)
    return told
