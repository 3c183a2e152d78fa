"""What JSON documents hold, as marshmallow schemas; those of records are made from their type hints."""

import inspect
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from marshmallow import RAISE, Schema, validate
from marshmallow import fields as ma

#: a field of any kind
Field = ma.Field[Any]
#: JSON types of plain values
_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def build_schema(name: str, /, **members: Field) -> type[Schema]:
    """Return the schema of an object with these members and no others; ``name`` stands in the specification."""
    meta = type("Meta", (), {"unknown": RAISE})
    # from_dict would add the word GeneratedSchema
    return type(f"{name}Schema", (Schema,), {"Meta": meta, **members})


@cache
def schema_of(kind: Any) -> type[Schema]:
    """Return the schema of the plain values that `to_plain` makes of a record."""
    return build_schema(kind.__name__, **members_of(kind))


def members_of(kind: type[Any], *without: str) -> dict[str, Field]:
    """Return a field for each field of a record, explained as in its source."""
    record: Any = kind
    hints, told = get_type_hints(kind), explain_fields(record)
    return {
        field.name: field_of(hints[field.name], told.get(field.name, ""), required="sparse" not in field.metadata)
        for field in fields(kind)
        if field.name not in without
    }


def field_of(hint: Any, told: str = "", *, required: bool = True) -> Field:
    """Return the field of a type hint; one that is not required is left out where it has its default."""
    how: dict[str, Any] = {"required": required, "metadata": {"description": told} if told else {}}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        rest = [choice for choice in arguments if choice is not type(None)]
        if len(rest) > 1:
            return any_of(*arguments, told=told)
        return _field(rest[0], how | {"allow_none": type(None) in arguments})
    return _field(hint, how)


def any_of(*kinds: type, told: str = "") -> Field:
    """Return a field that holds a plain value of one of some types."""
    metadata = {"type": [_JSON_TYPES[kind] for kind in kinds if kind is not type(None)]} | (
        {"description": told} if told else {}
    )
    return ma.Raw(required=True, allow_none=type(None) in kinds, metadata=metadata)


def nested(schema: type[Schema], told: str = "", *, many: bool = False, allow_none: bool = False) -> Field:
    """Return a field that holds an object, or a list of them."""
    how: dict[str, Any] = {"required": True, "allow_none": allow_none}
    if told:
        how["metadata"] = {"description": told}
    return ma.List(ma.Nested(schema), **how) if many else ma.Nested(schema, **how)


def list_of(name: str, row: type[Schema], /, called: str = "", **more: Field) -> type[Schema]:
    """Return the schema of a keyset page: rows under ``name``, and the address of the next page.

    ``called`` names it in the specification where another list has rows of the same name.
    """
    following = ma.String(
        required=True, allow_none=True, metadata={"description": "address of the next page; null: this is the last"}
    )
    return build_schema(called or f"{name.title()}Page", **{name: nested(row, many=True)}, **more, next=following)


def _field(hint: Any, how: dict[str, Any]) -> Field:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (tuple, frozenset, list):
        return _list_field(arguments, how)
    if origin in (dict, Mapping):
        return ma.Dict(keys=ma.String(), values=field_of(arguments[1]), **how)
    if is_dataclass(hint):
        record: Any = hint
        return ma.Nested(schema_of(record), **how)
    if isinstance(hint, type) and issubclass(hint, Enum):
        words = [member.value for member in hint]
        return ma.String(validate=validate.OneOf([*words, *([None] if how.get("allow_none") else [])]), **how)
    simple = {str: ma.String, bool: ma.Boolean, date: ma.Date, float: ma.Float}
    if hint is int:
        return ma.Integer(strict=True, **how)
    return simple[hint](**how) if hint in simple else ma.Raw(**how)


def _list_field(arguments: tuple[Any, ...], how: dict[str, Any]) -> Field:
    endless = len(arguments) == 1 or arguments[1] is ...
    if endless:
        return ma.List(field_of(arguments[0]), **how)
    length = validate.Length(equal=len(arguments))
    kinds = {choice for hint in arguments for choice in (get_args(hint) or (hint,))}
    inner = field_of(arguments[0]) if len(set(arguments)) == 1 else any_of(*sorted(kinds, key=str))
    return ma.List(inner, validate=length, **how)


ProblemSchema = build_schema("Problem", **{name: ma.String(required=True) for name in ("code", "where", "message")})


@cache
def explain_fields(kind: Any) -> Mapping[str, str]:
    """Return what the ``#:`` comments above the fields of a record say."""
    told: dict[str, str] = {}
    waiting: list[str] = []
    for line in (line.strip() for line in inspect.getsource(kind).splitlines()):
        if line.startswith("#:"):
            waiting.append(line.removeprefix("#:").strip())
            continue
        name, colon, _ = line.partition(":")
        if waiting and colon and name.isidentifier():
            told[name] = " ".join(waiting).replace("``", "`").replace("None:", "null:")
        waiting = []
    return told
