"""What a program sends to the API, read by schemas: all faults at once, and what is not known is refused."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError
from marshmallow import fields as ma
from marshmallow.validate import Length, Range
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from cosmolocal.errors import InputError, Problem
from cosmolocal.files import parse_json

#: [bytes] of a JSON body
MAX_BODY_BYTES = 256 << 10
#: rows of a page
PAGE, LONGEST_PAGE = 50, 500
#: [characters] of a text in an address
LONGEST_WORD = 200


class Parser(FlaskParser):
    """Reads query and body of a request; refuses what no schema names."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE, "json": RAISE}  # noqa: RUF012 - as the library has it

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query; a name that stands twice is refused."""
        known = frozenset(known_names(schema))
        if problems := check_known(req.args, known, "address"):
            sure = {name: found[0] for name, found in req.args.lists() if name in known and len(found) == 1}
            raise InputError([*problems, *problems_of(schema.validate(sure), "address")])
        return req.args.to_dict()

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 - as the library has it
        """Return the JSON object in the body."""
        return read_body(req)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_: Any) -> NoReturn:  # noqa: ARG002
        """Tell what is wrong in our words."""
        [(location, messages)] = error.messages_dict.items()
        raise InputError(list(problems_of(messages, "body" if location == "json" else "address")))


class WholeNumber(ma.Integer):
    """A whole number as an address writes it: digits of ASCII alone."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
            raise self.make_error("invalid", input=value)
        return int(super()._validated(value))


class IsoDate(ma.Date):
    """A day such as 2026-09-30, and written in no other way."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **how: Any) -> date:  # noqa: ARG002
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise self.make_error("invalid", input=value, obj_type="date")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid", input=value, obj_type="date") from None


class Query(Schema):
    """What stands in an address after the question mark."""

    class Meta:
        """Refuse other names."""

        unknown = RAISE


class Body(Schema):
    """What a JSON body holds."""

    class Meta:
        """Refuse other names."""

        unknown = RAISE


class PageQuery(Query):
    """A keyset page: so many rows after the one named."""

    after = ma.String(
        load_default="",
        validate=Length(max=LONGEST_WORD),
        metadata={"description": "what `next` of the page before says; left out: the first page"},
    )
    limit = WholeNumber(
        load_default=PAGE, validate=Range(1, LONGEST_PAGE), metadata={"description": "most rows of the page"}
    )


def word(told: str, **how: Any) -> ma.String:
    """Return a text of an address that may be left out, without control characters."""
    rules = [Length(max=LONGEST_WORD), require_visible]
    return ma.String(**({"load_default": "", "validate": rules, "metadata": {"description": told}} | how))


def told(words: str, most: int = LONGEST_WORD, **how: Any) -> ma.String:
    """Return a text of a body that may be left out."""
    default: dict[str, Any] = {} if how.get("required") else {"load_default": ""}
    return ma.String(**(default | {"validate": Length(max=most), "metadata": {"description": words}} | how))


@contextmanager
def told_of_body() -> Iterator[None]:
    """Tell what a workflow finds wrong by the names of the body: ``wish: lot`` and ``lot`` are its ``lot``."""
    try:
        yield
    except InputError as error:
        error.problems = tuple(replace(one, where=_in_body(one.where)) for one in error.problems)
        raise


def _in_body(where: str) -> str:
    name = re.sub(r"^(?:(?:run|wish): |order\.|closures\.csv: line [0-9]+\.)", "", where)
    return f"body: {name.replace('-', '_')}" if re.fullmatch(r"[a-z_-]+", name) else where


def require_visible(text: str) -> None:
    """Refuse control characters; marshmallow tells it with the other faults."""
    if any(sign < " " for sign in text):
        raise ValidationError("must hold no control characters")


def known_names(schema: Schema) -> list[str]:
    """Return the names that a schema knows, as they are written in a request."""
    return sorted(field.data_key or name for name, field in schema.fields.items())


def read_body(req: Request) -> Mapping[str, Any]:
    """Return the JSON object in the body of a request."""
    if req.mimetype != "application/json":
        raise UnsupportedMediaType("Send a JSON object as application/json.")
    if (req.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    text = req.get_data().decode("utf-8", "replace")
    found = parse_json(text, "body", "U066")
    if not isinstance(found, dict):
        raise InputError([Problem("U066", "body", "must be a JSON object")])
    return found


def require_known(options: MultiDict[str, str], known: frozenset[str], where: str) -> None:
    """Refuse names that are not known, and those that stand twice."""
    if problems := check_known(options, known, where):
        raise InputError(problems)


def check_known(options: MultiDict[str, str], known: frozenset[str], where: str) -> list[Problem]:
    """Return a problem for each name that is not known, and for each that stands twice."""
    problems = [unknown(name, sorted(known), where) for name in options if name not in known]
    for name in known & set(options):
        if (count := len(options.getlist(name))) > 1:
            problems.append(Problem("U066", f"{where}: {name}", f"stands {count} times; once is enough"))
    return problems


def unknown(name: str, known: list[str], where: str) -> Problem:
    """Return the problem of a name that is not known."""
    told = f"known are {', '.join(known)}" if known else "none are known here"
    return Problem("U066", f"{where}: {name[:80]}", f"is not known; {told}")


def problems_of(messages: Any, place: str) -> Iterator[Problem]:
    """Yield a problem for each message of marshmallow, by its place."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            joint = ": " if ": " not in place else "."
            below = f"{place}[{name}]" if isinstance(name, int) else f"{place}{joint}{str(name)[:80]}"
            yield from problems_of(inner, place if name == "_schema" else below)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield Problem("U066", place, _plain(str(message), place.rpartition(": ")[2]))


def _plain(message: str, name: str) -> str:
    """Return a message of marshmallow with what was found, where it is short."""
    table = {
        "Missing data for required field.": "is missing; it is required",
        "Unknown field.": "is not known",
        "Field may not be null.": "found null; must have a value",
    }
    told = table.get(message, message[:1].lower() + message[1:].rstrip("."))
    found = request.args.get(name)
    return told if found is None else f"found {found[:60]!r}; {told}"
