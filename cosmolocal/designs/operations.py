"""Operations as a manifest states them: ``[[x-cosmolocal.operation]]``, on their own or within a manifest."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.fields import Fields
from cosmolocal.records import Operation, Process, Provenance, Tolerance, Vocabulary

_UNKNOWN = "unknown"


def read_operations(tables: Iterable[Mapping[str, Any]], where: str, vocabulary: Vocabulary) -> tuple[Operation, ...]:
    """Return the operations of one part; the tables name no ``part``.

    Raises
    ------
    InputError
        With every fault of every table, at ``where: operation[index].field``.
    """
    problems: list[Problem] = []
    top = Fields({"operation": tables}, where, "D011", problems)
    process_by_id = {process.id: process for process in vocabulary.processes}
    operations = tuple(read_operation(table, process_by_id) for table in top.tables("operation"))
    if problems:
        raise InputError(problems)
    return operations


def read_operation(table: Fields, process_by_id: Mapping[str, Process]) -> Operation:
    """Return the operation of one table; faults go to the table's problems."""
    process = _process(table, process_by_id)
    needs = process.needs if process else ()
    minutes_unknown = _says_unknown(table, "minutes-per-unit")
    material_unknown = _says_unknown(table, "material") or ("material" in needs and not table.has("material"))
    envelope_unknown = _says_unknown(table, "envelope-mm") or ("envelope" in needs and not table.has("envelope-mm"))
    unknowns = {
        "process": process is None,
        "minutes": minutes_unknown,
        "material": material_unknown,
        "envelope": envelope_unknown,
    }
    operation = Operation(
        process=process.id if process else None,
        seconds=None if minutes_unknown else table.number("minutes-per-unit", scale=60, required=True),
        setup_seconds=table.number("setup-minutes", 0, scale=60) or 0,
        material=None if material_unknown else table.text("material") or None,
        material_cents=table.number("material-cost", 0, scale=100) or 0,
        envelope_mm=None if envelope_unknown else _envelope(table),
        tolerance=_tolerance(table),
        provenance=table.choice("provenance", Provenance, Provenance.DECLARED),
        unknown=tuple(name for name, unknown in unknowns.items() if unknown),
    )
    table.finish()
    return operation


def _process(table: Fields, process_by_id: Mapping[str, Process]) -> Process | None:
    name = table.text("process", required=True)
    if name and name != _UNKNOWN and name not in process_by_id:
        found = say("found %(found)s; the process vocabulary has no such id", found=repr(name))
        table.problems.append(Problem("D014", table.place("process"), found))
    return process_by_id.get(name)


def _says_unknown(table: Fields, name: str) -> bool:
    return bool(table.raw(name) == _UNKNOWN)


def _envelope(table: Fields) -> tuple[int, int, int] | None:
    """Return three lengths in whole millimetres, rounded up."""
    lengths = table.items("envelope-mm")
    if not lengths:
        return None
    try:
        if any(isinstance(length, bool) for length in lengths):
            raise InvalidOperation
        x, y, z = (int(Decimal(str(length)).to_integral_value(ROUND_CEILING)) for length in lengths)
        if min(x, y, z) < 1:
            raise InvalidOperation
    except (InvalidOperation, ValueError, OverflowError):
        table.fault("envelope-mm", " × ".join(map(str, lengths)), say("must be three lengths in mm, each above 0"))
        return None
    return x, y, z


def _tolerance(table: Fields) -> Tolerance | None:
    if table.raw("tolerance") is None:
        return None
    return table.choice("tolerance", Tolerance, Tolerance.MEDIUM)
