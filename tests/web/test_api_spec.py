"""The specification of the API: it is valid, it names every route, and each answer is as it says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from jsonschema import Draft202012Validator
from samples import LAMPS, LAMPS_MADE, MAKERS, PLAN, RUN, STOOLS_IMPORTED
from showcase import LAMP, STOOL

from cosmolocal.records import (
    Alternative,
    Changes,
    NetworkSettings,
    Order,
    Settings,
    Workshop,
    from_plain,
    to_plain,
)
from cosmolocal.web.api.schemas import explain_fields, schema_of
from cosmolocal.web.api.spec import TAGS, build_spec
from torture.small_region import SmallRegion, make_small_region

DOCUMENT = build_spec()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
]
IDS = [f"{method} {path}" for method, path, _ in OPERATIONS]
GETS = [(path, operation) for method, path, operation in OPERATIONS if method == "GET"]
#: what is asked of addresses that need to be asked something
QUERIES = {"/api/v1/quote": "?design=us~lamp&quantity=2&place=home&alternatives=3"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallRegion:
    return make_small_region(tmp_path_factory.mktemp("small") / "region")


def address_of(small: SmallRegion, path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(small.known[match[1]]), path) + QUERIES.get(path, "")


def find_refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        for inner in value.values():
            yield from find_refs(inner)
    if isinstance(value, list):
        for inner in value:
            yield from find_refs(inner)


def resolve(value: dict[str, Any]) -> Any:
    if "$ref" not in value:
        return value
    found: Any = DOCUMENT
    for name in value["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def test_it_is_valid_openapi(small: SmallRegion):
    schemathesis.openapi.from_wsgi("/api/v1/openapi.json", small.app).validate()
    assert DOCUMENT["openapi"].startswith("3.1.")
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for ref in set(find_refs(DOCUMENT)):
        assert resolve({"$ref": ref}) is not None


def test_every_route_is_in_it_and_it_names_no_other(small: SmallRegion):
    routes = {
        f"{method} {re.sub('<(?:[^<>]*:)?([a-z_]+)>', '{%s}', rule.rule) % tuple(re.findall('([a-z_]+)>', rule.rule))}"
        for rule in small.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1")
    }
    assert routes == set(IDS)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_an_operation_says_all_that_a_program_needs(method: str, path: str, operation: dict[str, Any]):
    assert operation["summary"].endswith(".") or path.endswith("openapi.json")
    assert set(operation["tags"]) <= TAGS.keys()
    assert operation["security"]
    statuses = {int(status) for status in operation["responses"]}
    assert {401, 403, 406, 422} <= statuses
    assert any(200 <= status < 300 for status in statuses)
    for status, response in operation["responses"].items():
        told = resolve(response)
        assert told["description"]
        if int(status) >= 400:
            assert list(told["content"]) == ["application/problem+json"]
    parameters = {resolve(parameter)["name"] for parameter in operation["parameters"]}
    if method == "GET":
        assert 304 in statuses
        assert "If-None-Match" in parameters
        assert "ETag" in operation["responses"]["200"]["headers"]
    else:
        assert 429 in statuses
    assert ("Idempotency-Key" in parameters) == ("201" in operation["responses"])


def test_no_two_operations_have_one_name():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("path", "operation"), GETS, ids=[path for path, _ in GETS])
def test_an_answer_is_as_the_specification_says_and_an_etag_spares_it(
    small: SmallRegion, path: str, operation: dict[str, Any]
):
    client, headers = small.app.test_client(), {"Authorization": f"Bearer {small.token}"}
    answer = client.get(address_of(small, path), headers=headers)
    assert answer.status_code == 200, answer.text
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    errors = Draft202012Validator({**schema, "components": DOCUMENT["components"]}).iter_errors(answer.json)
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []
    again = client.get(address_of(small, path), headers=headers | {"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "record",
    [LAMP, STOOL, MAKERS, LAMPS, LAMPS_MADE, PLAN, RUN, STOOLS_IMPORTED, PLAN.local_share],
    ids=lambda record: type(record).__name__,
)
def test_the_schema_of_a_record_takes_what_the_record_becomes_in_json(record: Any):
    plain = to_plain(record)
    schema = schema_of(type(record))()
    assert schema.validate(plain) == {}
    assert from_plain(type(record), plain) == record
    first = next(iter(plain))
    assert schema.validate({name: value for name, value in plain.items() if name != first}) != {}
    assert schema.validate(plain | {"more": 1}) != {}


def test_the_comments_above_fields_explain_them():
    assert (
        explain_fields(Order)["max_distance_m"]
        == "[m along the network] farthest workshop that may deliver it; null: no limit"
    )
    assert explain_fields(Alternative)["extra_cents"].startswith("[cents] dearer than the choice made")
    for kind in (Settings, Workshop, NetworkSettings, Changes):
        assert explain_fields(kind)
