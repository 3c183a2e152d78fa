"""The page of the API for people: each operation with what it takes and gives, made from the same document."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template
from markupsafe import Markup, escape

from cosmolocal.web.api.spec import TAGS, build_spec
from cosmolocal.web.problem_json import PAGE
from cosmolocal.web.shared import load_region

bp = Blueprint("api_page", __name__)

#: what stands for a value in an example, by the name of the parameter
EXAMPLES = {
    "plan_id": "newest",
    "design_id": "ana~press",
    "version": "1.0.0",
    "design": "ana~press",
    "quantity": "4",
    "place": "el-raval",
    "book": "autumn",
    "key": "A-0001",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, or a member of an object."""

    name: str
    #: path, query, header; "": of a body
    where: str
    type: str
    #: name of the schema that the type speaks of; "": none
    schema: str
    required: bool
    told: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An operation."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    #: what a token must be good for; "": it needs none
    scope: str
    parameters: tuple[Member, ...]
    #: media types that it takes
    takes: tuple[str, ...]
    body: tuple[Member, ...]
    #: (status, what it means, name of the schema or "")
    answers: tuple[tuple[str, str, str], ...]
    curl: str


@bp.app_template_filter()
def with_code(text: str) -> Markup:
    """Return a text whose parts between backticks are shown as code."""
    parts = [
        escape(part) if number % 2 == 0 else Markup("<code>{}</code>").format(part)
        for number, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


@bp.get(PAGE)
def index() -> str:
    """Show all operations of the API."""
    g.region = load_region()
    document = build_spec()
    shown = list(read_operations(document))
    by_tag = {tag: [one for tags, one in shown if tag in tags] for tag in TAGS}
    schemas = {name: tuple(read_members(schema)) for name, schema in sorted(document["components"]["schemas"].items())}
    return render_template("api/index.html", by_tag=by_tag, told=TAGS, schemas=schemas)


def read_operations(document: Mapping[str, Any]) -> Iterator[tuple[list[str], Shown]]:
    """Yield the tags and the description of each operation of a specification."""
    parts = document["components"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                given = [*methods.get("parameters", []), *operation["parameters"]]
                found = [_resolve(parameter, parts) for parameter in given]
                yield operation["tags"], _read_operation(method.upper(), path, operation, found, parts)


def _read_operation(
    method: str, path: str, operation: Mapping[str, Any], found: list[Mapping[str, Any]], parts: Mapping[str, Any]
) -> Shown:
    content = operation.get("requestBody", {}).get("content", {})
    body = _resolve(content.get("application/json", {}).get("schema", {}), parts)
    parameters = tuple(
        _member(one["name"], one["in"], one["schema"], one.get("required", False), one.get("description", ""))
        for one in found
    )
    answers = []
    for status, response in sorted(operation["responses"].items()):
        told = _resolve(response, parts)
        kinds = [kind["schema"] for name, kind in told.get("content", {}).items() if name == "application/json"]
        answers.append((status, told["description"], _type_of(kinds[0])[1] if kinds else ""))
    needs = [one for one in operation["security"] if one]
    return Shown(
        operation["operationId"],
        method,
        path,
        operation["summary"],
        operation.get("description", ""),
        needs[0]["token"][0] if needs and {} not in operation["security"] else "",
        parameters,
        tuple(content),
        tuple(read_members(body)),
        tuple(answers),
        write_curl(method, path, parameters, tuple(content), body),
    )


def _resolve(value: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in value:
        return value
    _, _, kind, name = value["$ref"].split("/")
    found: Mapping[str, Any] = parts[kind][name]
    return found


def read_members(schema: Mapping[str, Any]) -> Iterator[Member]:
    """Yield the members of an object."""
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        yield _member(name, "", member, name in required, member.get("description", ""))


def _member(name: str, where: str, schema: Mapping[str, Any], required: bool, told: str) -> Member:
    word, of = _type_of(schema)
    return Member(name, where, word, of, required, told)


def _type_of(schema: Mapping[str, Any]) -> tuple[str, str]:
    """Return the type of a value in a few words, and the schema it speaks of."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, name
    if "anyOf" in schema:
        found = [_type_of(one) for one in schema["anyOf"]]
        return " or ".join(word for word, _ in found), next((name for _, name in found if name), "")
    if "enum" in schema:
        return " | ".join("null" if word is None else str(word) for word in schema["enum"]), ""
    kinds = schema.get("type", "any")
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "array" in words:
        word, name = _type_of(schema.get("items", {}))
        return words.replace("array", f"list of {word}"), name
    if "minimum" in schema and "maximum" in schema:
        words += f" {schema['minimum']}–{schema['maximum']}"
    return words + (f" ({schema['format']})" if "format" in schema else ""), ""


def write_curl(
    method: str, path: str, parameters: tuple[Member, ...], takes: tuple[str, ...], body: Mapping[str, Any]
) -> str:
    """Return an example of an operation for a shell, with the variables ``SERVER`` and ``TOKEN``."""
    for one in parameters:
        path = path.replace(f"{{{one.name}}}", EXAMPLES.get(one.name, one.name.upper()))
    asked = [f"{one.name}={EXAMPLES.get(one.name, 'X')}" for one in parameters if one.where == "query" and one.required]
    address = f"$SERVER{path}" + (f"?{'&'.join(asked)}" if asked else "")
    words = ["curl"] + ([] if method == "GET" else ["-X", method])
    words += ['-H "Authorization: Bearer $TOKEN"'] if method != "GET" else []
    words += [f"-H '{one.name}: …'" for one in parameters if one.where == "header" and one.required]
    if "application/zip" in takes:
        words += ["-H 'Content-Type: application/zip'", "--data-binary @bundle.zip"]
    elif "text/csv" in takes:
        words += ["-H 'Content-Type: text/csv'", "--data-binary @orders.csv"]
    elif takes:
        example = {name: _example(schema) for name, schema in body.get("properties", {}).items()}
        words += [f"-H 'Content-Type: {takes[0]}'", f"-d '{json.dumps(example, ensure_ascii=False)}'"]
    return " ".join([*words, f'"{address}"'])


def _example(schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "array":
        return [_example(schema.get("items", {}))]
    if "enum" in schema:
        return schema["enum"][0]
    return 30 if schema.get("type") == "integer" else "…"
