"""Sends naughty strings into every field of the API, one at a time; each answer must be as the specification says."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from torture.full_region import FullRegion
from torture.naughty_forms import Fed
from torture.small_region import zip_lamp

SPECIFICATION = "/api/v1/openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
#: what stands for something in examples of what is sent
EXAMPLES: dict[str, Any] = {
    "book": "book",
    "design": "us~lamp",
    "due_date": "2026-09-25",
    "first_day": "2026-09-14",
    "group": "",
    "id": "NEW",
    "last_day": "2026-09-15",
    "kind": "avoid",
    "name": "spring",
    "owners": ["ada", "bo"],
    "place": "home",
    "quantity": 2,
    "reason": "a good reason",
    "scopes": ["read"],
    "step": "accept",
    "table": "id,design,quantity,place,due_date\nN,us~lamp,2,home,2026-09-25\n",
    "text": "Some words?",
    "version": "1.0.0",
    "workshop": "north",
}


class Api:
    """The API by its specification."""

    def __init__(self, full: FullRegion) -> None:
        self.full, self.client = full, full.app.test_client()
        self.headers = {"Authorization": f"Bearer {full.token}"}
        self.spec: dict[str, Any] = self.client.get(SPECIFICATION).get_json()
        self.validators: dict[str, Draft202012Validator] = {}

    def resolve(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return what a reference means."""
        while "$ref" in value:
            found: Any = self.spec
            for name in value["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            value = found
        return value

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield path, method and what is said of each operation."""
        for path, said in self.spec["paths"].items():
            for method in METHODS:
                if method in said:
                    both = [*said.get("parameters", ()), *said[method].get("parameters", ())]
                    yield path, method, {**said[method], "parameters": [self.resolve(one) for one in both]}

    def body_of(self, operation: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the type of what an operation takes, and its schema; "": it takes nothing."""
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        for kind, said in content.items():
            return kind, self.resolve(said.get("schema", {}))
        return "", {}

    def example(self, name: str, schema: dict[str, Any]) -> Any:
        """Return something that a schema allows."""
        schema = self.resolve(schema)
        if name in EXAMPLES and "enum" not in schema:
            found = EXAMPLES[name]
            return str(found) if schema.get("type") == "string" else found
        if "enum" in schema:
            return schema["enum"][0]
        for key in ("oneOf", "anyOf", "allOf"):
            if key in schema:
                return self.example(name, schema[key][0])
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            named = schema.get("properties", {})
            return {key: self.example(key, named[key]) for key in schema.get("required", ()) if key in named}
        if kind == "array":
            return [self.example(name, schema.get("items", {}))] if schema.get("minItems") else []
        return {"integer": 1, "number": 1, "boolean": False, "null": None}.get(kind, "x")

    def wrong_with(self, path: str, method: str, response: TestResponse) -> Iterator[str]:
        """Yield what of an answer is not as the specification says."""
        if response.status_code >= 500:
            yield f"status {response.status_code}"
            return
        answers = self.spec["paths"][path][method]["responses"]
        said = answers.get(str(response.status_code), answers.get("default"))
        if said is None:
            yield f"status {response.status_code} is not in the specification"
            return
        content = self.resolve(said).get("content", {})
        if content and response.data and response.mimetype not in content:
            yield f"status {response.status_code} comes as {response.mimetype}, which is not in the specification"
        elif "json" in (response.mimetype or "") and response.mimetype in content:
            validator = self._validator(f"{path} {method} {response.status_code}", content[response.mimetype])
            for error in list(validator.iter_errors(response.get_json()))[:1]:
                yield f"status {response.status_code}: {error.json_path}: {error.message[:200]}"

    def _validator(self, key: str, said: dict[str, Any]) -> Draft202012Validator:
        if key not in self.validators:
            schema = {**said.get("schema", {}), "components": self.spec.get("components", {})}
            self.validators[key] = Draft202012Validator(schema)
        return self.validators[key]


def feed_api(full: FullRegion, strings: Sequence[str], part: int = 0, parts: int = 1) -> Fed:
    """Send each string as each parameter and as each property of what is sent; to all operations, or each n-th."""
    fed, api = Fed(), Api(full)
    for path, method, operation in list(api.operations())[part::parts]:
        kind, schema = api.body_of(operation)
        body = api.example("", schema) if "json" in kind else None
        for place, name in _fields(operation, kind, schema):
            fed.fields += 1
            for text in strings:
                response = _send(api, (path, method, operation), (kind, body), (place, name, text))
                fed.requests += 1
                fed.answers[f"{method.upper()} {path}", response.status_code] += 1
                for wrong in api.wrong_with(path, method, response):
                    fed.tell(f"{method.upper()} {path}: {place} {name}={text[:60]!r}: {wrong}")
                if method != "get" and response.status_code < 400:
                    fed.taken[f"{method.upper()} {path}"] += 1
                    full.restore()
    return fed


def _fields(operation: dict[str, Any], kind: str, schema: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(one["in"], one["name"]) for one in operation["parameters"]]
    if "json" in kind:
        found += [("body", name) for name in schema.get("properties", {})]
        found.append(("body", ""))
    elif kind:
        found.append(("body", ""))
    return list(dict.fromkeys(found))


def _send(
    api: Api, where: tuple[str, str, dict[str, Any]], sent: tuple[str, Any], naughty: tuple[str, str, str]
) -> TestResponse:
    path, method, operation = where
    kind, body = sent
    place, name, text = naughty
    query: list[str] = []
    headers = dict(api.headers)
    for one in operation["parameters"]:
        own = one["name"]
        is_naughty = (one["in"], own) == (place, name)
        value = text if is_naughty else str(api.full.values.get(own, api.example(own, one.get("schema", {}))))
        if one["in"] == "path":
            path = path.replace(f"{{{own}}}", _quoted(value))
        elif one["in"] == "query" and (is_naughty or one.get("required")):
            query.append(f"{_quoted(own)}={_quoted(value)}")
        elif one["in"] == "header" and is_naughty:
            headers[own] = "".join(sign for sign in text if " " <= sign <= "\xff" and sign != "\x7f")
        elif own == "If-Match":
            headers[own] = "*"
    data: bytes | None = None
    if "json" in kind:
        said = {**body, name: text} if place == "body" and name else text if place == "body" else body
        data = json.dumps(said, ensure_ascii=True).encode()
    elif kind:
        data = text.encode("utf-8", "surrogatepass") if place == "body" else _example_bytes(kind)
    return api.client.open(
        path + ("?" + "&".join(query) if query else ""),
        method=method.upper(),
        headers=headers,
        data=data,
        content_type=kind or None,
        buffered=True,
    )


def _example_bytes(kind: str) -> bytes:
    return zip_lamp() if kind == "application/zip" else str(EXAMPLES["table"]).encode()


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
