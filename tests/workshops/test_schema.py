import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cosmolocal.errors import InputError
from cosmolocal.processes import load_vocabulary
from cosmolocal.workshops.register import CODES, read_workshops
from cosmolocal.workshops.schema import build_schema, schema_text

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary()
SCHEMA = build_schema(VOCABULARY)
WORKSHOP = SCHEMA["properties"]["workshops"]["items"]
GROUP = WORKSHOP["properties"]["groups"]["items"]
PERIOD = GROUP["properties"]["weekly_hours"]["anyOf"][0]["items"]


class DaysAsText(yaml.SafeLoader):
    """YAML as editors with a JSON Schema see it: numbers and booleans typed, dates as text."""


DaysAsText.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def sample() -> Any:
    return yaml.load((ROOT / "workshops.yaml").read_text(encoding="utf-8"), DaysAsText)


def test_the_published_schema_is_the_one_the_code_builds():
    assert (ROOT / "docs" / "workshops.schema.json").read_text(encoding="utf-8") == schema_text(VOCABULARY)
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(VOCABULARY)))


def test_the_sample_fits_the_schema():
    jsonschema.validate(sample(), SCHEMA, jsonschema.Draft202012Validator)


def test_the_schema_refuses_what_the_reader_refuses():
    content = sample()
    content["workshops"][0]["lat"] = 91
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)


def fields_of_the_reader(tmp_path: Path) -> dict[str, tuple[set[str], set[str]]]:
    """Return (known, required) fields by table, as the reader itself names them for a table with one strange field."""
    path = tmp_path / "workshops.yaml"
    path.write_text(
        "strange: 1\nworkshops: [{strange: 1, groups: [{strange: 1, weekly_hours: [{strange: 1}]}]}, {strange: 1}]",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as error:
        read_workshops(path, VOCABULARY)
    known: dict[str, tuple[set[str], set[str]]] = {}
    for problem in error.value.problems:
        table, _, field = problem.where.removeprefix("workshops.yaml: ").rpartition(".")
        names, required = known.setdefault(table, (set(), set()))
        if field == "strange":
            names |= set(problem.message.partition("known are ")[2].split(", "))
        else:
            required.add(field)
    return known


@pytest.mark.parametrize(
    ("table", "schema", "given"),
    [
        ("", SCHEMA, {"workshops"}),
        ("workshops[1]", WORKSHOP, set()),
        ("workshops[0].groups[0]", GROUP, {"weekly_hours"}),
        ("workshops[0].groups[0].weekly_hours[0]", PERIOD, set()),
    ],
)
def test_the_schema_and_the_reader_know_and_require_the_same_fields(tmp_path, table, schema, given):
    known, required = fields_of_the_reader(tmp_path)[table]
    assert known == set(schema["properties"])
    assert required | given == set(schema["required"])


def test_the_description_names_every_field_and_every_code():
    text = (ROOT / "docs" / "workshops.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z0-9_]+)`", text))
    for schema in (WORKSHOP, GROUP, PERIOD):
        assert set(schema["properties"]) <= described
    for code, meaning in CODES.items():
        assert f"| {code} | {meaning} |" in text
