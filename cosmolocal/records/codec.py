"""Records to plain values (as JSON holds them) and back, by their type hints."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Return ``value`` as dicts, lists, strings, numbers and None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], value: Any) -> T:
    """Return the record of type ``kind`` that `to_plain` turned into ``value``.

    Raises
    ------
    ValueError, TypeError, KeyError
        When ``value`` does not fit the type.
    """
    return _read(kind, value)  # type: ignore[no-any-return]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _read_union(arguments, value)
    if origin is tuple:
        return _read_tuple(arguments, value)
    if origin is dict:
        return {_read(arguments[0], key): _read(arguments[1], item) for key, item in value.items()}
    if is_dataclass(hint):
        hints = _hints(hint)  # type: ignore[arg-type]
        return hint(**{name: _read(hints[name], item) for name, item in value.items()})  # type: ignore[operator]
    return _read_scalar(hint, value)


def _read_union(choices: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return None
    rest = [choice for choice in choices if choice is not type(None)]
    if len(rest) == 1:
        return _read(rest[0], value)
    if type(value) in rest:
        return value
    raise TypeError(f"{value!r} is none of {rest}")


def _read_tuple(arguments: tuple[Any, ...], value: Any) -> Any:
    if len(arguments) == 2 and arguments[1] is ...:
        return tuple(_read(arguments[0], item) for item in value)
    return tuple(_read(hint, item) for hint, item in zip(arguments, value, strict=True))


def _read_scalar(hint: Any, value: Any) -> Any:
    if hint is date:
        return date.fromisoformat(value)
    if issubclass(hint, Enum):
        return hint(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise TypeError(f"{value!r} is not a {hint.__name__}")
    return value
