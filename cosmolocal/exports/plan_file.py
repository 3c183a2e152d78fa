"""The plan file: a plan as JSON whose bytes depend on the plan alone."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_json
from cosmolocal.records import MisfitError, Plan, from_plain, to_plain

CODES = {"P082": "a plan file is no JSON in UTF-8, or a field of it is missing, wrong or unknown"}


def plan_to_bytes(plan: Plan) -> bytes:
    """Return the canonical plan file: fields in the order of the record, free keys sorted, two blanks of indent."""
    return (json.dumps(_canonical(plan), ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def _canonical(value: Any) -> Any:
    if isinstance(value, Plan):
        left_out = {name for name in ("changes", "limits") if not getattr(value, name)}
        names = [field.name for field in fields(value) if field.name not in left_out]
        return {name: _canonical(getattr(value, name)) for name in names}
    if is_dataclass(value):
        return {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in sorted(value.items())}
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    return to_plain(value)


def plan_from_bytes(data: bytes, where: str) -> Plan:
    """Return the plan of a plan file.

    Raises
    ------
    InputError
        With the place in the file that does not fit.
    """
    try:
        return from_plain(Plan, parse_json(data.decode("utf-8-sig"), where, "P082"))
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is {data[error.start]:#04x}; the file must be UTF-8 text"
        raise InputError([Problem("P082", where, found)]) from None
    except MisfitError as error:
        place = f"{where}: {error.place}" if error.place else where
        raise InputError([Problem("P082", place, error.message)]) from None
