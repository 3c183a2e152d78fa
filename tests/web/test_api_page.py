"""The page of the API: all operations, nothing from outside, examples that a shell understands."""

import re
import shlex

import pytest
from flask.testing import FlaskClient

from cosmolocal.web.api.page import read_operations, with_code
from cosmolocal.web.api.spec import build_spec
from torture.small_region import make_small_region

DOCUMENT = build_spec()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_small_region(tmp_path_factory.mktemp("small") / "region").app.test_client()


def test_every_operation_and_every_object_is_shown_once(client: FlaskClient):
    page = client.get("/api/").text
    names = [
        operation["operationId"]
        for methods in DOCUMENT["paths"].values()
        for key, operation in methods.items()
        if key != "parameters"
    ]
    assert sorted(re.findall(r'<details class="operation" id="(\w+)"', page)) == sorted(names)
    assert sorted(re.findall(r'id="schema-(\w+)"', page)) == sorted(DOCUMENT["components"]["schemas"])
    assert set(re.findall(r'href="#schema-(\w+)"', page)) <= set(DOCUMENT["components"]["schemas"])


def test_it_loads_nothing_from_outside_and_speaks_the_readers_language(client: FlaskClient):
    page = client.get("/api/").text
    assert set(re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="(https?:)?', page)) == {""}
    assert "<h1>Pour les programmes</h1>" in client.get("/api/?lang=fr").text
    assert client.get("/api").status_code == 308


@pytest.mark.parametrize(("tags", "shown"), [*read_operations(DOCUMENT)], ids=lambda value: getattr(value, "id", ""))
def test_an_example_is_a_command_of_its_method_and_address(tags, shown):
    words = shlex.split(shown.curl)
    assert words[0] == "curl"
    assert ("-X" in words) == (shown.method != "GET")
    assert words[-1].startswith("$SERVER/api/v1/")
    assert "{" not in words[-1]
    assert tags


def test_words_between_backticks_are_code_and_nothing_becomes_markup():
    assert with_code("a `<b>` & c") == "a <code>&lt;b&gt;</code> &amp; c"
