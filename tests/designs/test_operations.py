"""Operations on their own, as a person confirms them."""

import pytest
from designs.chairs import CHAIR, VOCABULARY
from designs.test_manifest import BUNDLE, operations
from hypothesis import given

from cosmolocal.designs.manifest import read_manifest
from cosmolocal.designs.operations import read_operations
from cosmolocal.designs.writer import operation_table
from cosmolocal.errors import InputError
from cosmolocal.files import parse_toml
from cosmolocal.records import Operation


def test_they_mean_the_same_as_in_a_manifest():
    tables = parse_toml(CHAIR, "x", "D010")["x-cosmolocal"]["operation"]
    parts = {part.name: part.operations for part in read_manifest(CHAIR, BUNDLE, VOCABULARY)[0].parts}
    for table in tables:
        part = table.pop("part", "")
        assert read_operations([table], "x", VOCABULARY) == parts[part]


@given(operations())
def test_what_is_written_is_read_as_the_same(operation: Operation):
    assert read_operations([operation_table(operation)], "x", VOCABULARY) == (operation,)


def test_all_faults_are_found_at_once():
    tables = [
        {"process": "magic", "minutes-per-unit": 1},
        {"process": "assembly", "minutes-per-unit": -1, "part": "seat"},
        "glue",
    ]
    with pytest.raises(InputError) as error:
        read_operations(tables, "confirmation", VOCABULARY)  # type: ignore[arg-type]
    assert {(problem.code, problem.where) for problem in error.value.problems} >= {
        ("D014", "confirmation: operation[0].process"),
        ("D011", "confirmation: operation[1].minutes-per-unit"),
        ("D011", "confirmation: operation[1].part"),
        ("D011", "confirmation: operation[2]"),
    }
    with pytest.raises(InputError):
        read_operations({"process": "assembly"}, "confirmation", VOCABULARY)  # type: ignore[arg-type]
