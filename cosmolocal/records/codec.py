"""Records to plain values (as JSON holds them) and back, by their type hints."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from math import isfinite
from reprlib import repr as shorten
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

#: metadata of a field that is left out of the plain value where it has its default
SPARSE = {"sparse": True}


class MisfitError(ValueError):
    """A plain value does not fit a record's type hints."""

    def __init__(self, place: str, message: str) -> None:
        #: where in the value, e.g. ``allocations[2].cost``; "" is the value itself
        self.place = place
        self.message = message
        super().__init__(f"{place}: {message}" if place else message)


_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_plain(value: Any) -> Any:
    """Return ``value`` as dicts, lists, strings, numbers and None."""
    if type(value) in _PLAIN:  # as most of them are
        return value
    if is_dataclass(value) and not isinstance(value, type):
        named = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            field.name: to_plain(item)
            for field, item in named
            if not (field.metadata.get("sparse") and item == field.default)
        }
    if isinstance(value, Enum | date):
        return value.value if isinstance(value, Enum) else value.isoformat()
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], value: Any) -> T:
    """Return the record of type ``kind`` that `to_plain` turned into ``value``.

    Raises
    ------
    MisfitError
        When ``value`` does not fit the type; it says where.
    """
    return _read_at("", kind, value)  # type: ignore[no-any-return]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read_at(place: str, hint: Any, value: Any) -> Any:
    """Read ``value``; a fault gets ``place`` in front of its own place."""
    try:
        return _read(hint, value)
    except MisfitError as error:
        joint = "." if place and error.place and not error.place.startswith("[") else ""
        raise MisfitError(place + joint + error.place, error.message) from None
    except (ValueError, TypeError) as error:
        raise MisfitError(place, str(error)) from None


def _read(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _read_union(arguments, value)
    if origin is tuple:
        return _read_tuple(arguments, value)
    if origin in (dict, Mapping):
        items = _require(dict, value, "a table").items()
        return {_read_at(str(key), arguments[0], key): _read_at(str(key), arguments[1], item) for key, item in items}
    if is_dataclass(hint):
        return _read_record(hint, _require(dict, value, "a table"))
    return _read_scalar(hint, value)


def _require(kind: type[T], value: Any, words: str) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"found {shorten(value)}; must be {words}")
    return value


def _read_record(kind: Any, value: dict[str, Any]) -> Any:
    hints = _hints(kind)
    for name in value:
        if name not in hints:
            raise MisfitError(name, f"is not known; known are {', '.join(hints)}")
    for item in fields(kind):
        if item.name not in value and item.default is MISSING and item.default_factory is MISSING:
            raise MisfitError(item.name, "is missing; it is required")
    return kind(**{name: _read_at(name, hints[name], item) for name, item in value.items()})


def _read_union(choices: tuple[Any, ...], value: Any) -> Any:
    if value is None and type(None) in choices:
        return None
    rest = [choice for choice in choices if choice is not type(None)]
    if len(rest) == 1:
        return _read(rest[0], value)
    if type(value) in rest:
        return value
    raise TypeError(f"found {shorten(value)}; must be one of {', '.join(choice.__name__ for choice in choices)}")


def _read_tuple(arguments: tuple[Any, ...], value: Any) -> Any:
    items = _require(list, value, "a list")
    endless = len(arguments) == 2 and arguments[1] is ...
    if not endless and len(items) != len(arguments):
        raise ValueError(f"has {len(items)} items; must have {len(arguments)}")
    hints = [arguments[0]] * len(items) if endless else arguments
    return tuple(
        _read_at(f"[{index}]", hint, item) for index, (hint, item) in enumerate(zip(hints, items, strict=True))
    )


def _read_scalar(hint: Any, value: Any) -> Any:
    if hint is date:
        return date.fromisoformat(_require(str, value, "a date such as 2026-09-30"))
    if issubclass(hint, Enum):
        return hint(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint or (hint is float and not isfinite(value)):
        raise TypeError(f"found {shorten(value)}; must be {hint.__name__}")
    return value
