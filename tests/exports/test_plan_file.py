"""The plan file: the same plan, the same bytes, and back."""

import json
from dataclasses import replace
from typing import Any

import pytest
from samples import PLAN

from cosmolocal.errors import InputError
from cosmolocal.exports.plan_file import plan_from_bytes, plan_to_bytes


def test_what_is_written_is_read_again():
    assert plan_from_bytes(plan_to_bytes(PLAN), "plan.json") == PLAN


def test_the_bytes_do_not_depend_on_the_order_of_free_keys():
    turned = replace(PLAN, digests=dict(reversed(PLAN.digests.items())), settings=dict(reversed(PLAN.settings.items())))
    assert plan_to_bytes(turned) == plan_to_bytes(PLAN)


def test_the_certificate_stands_first_and_the_file_ends_with_a_line():
    lines = plan_to_bytes(PLAN).decode().split("\n")
    assert lines[1] == '  "id": "0123456789ab",'
    assert lines[-2:] == ["}", ""]


def test_letters_of_any_language_stay_readable():
    assert "Gràcia" in plan_to_bytes(replace(PLAN, book="Gràcia")).decode()


def changed(path: list[str | int], value: Any) -> bytes:
    document = json.loads(plan_to_bytes(PLAN))
    at = document
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (["status"], "perfect", "plan.json: status"),
        (["cost_cents"], None, "plan.json: cost_cents"),
        (["cost_cents"], "5", "plan.json: cost_cents"),
        (["seed"], True, "plan.json: seed"),
        (["gap_limit"], "x", "plan.json: gap_limit"),
        (["allocations"], {"a": 1}, "plan.json: allocations"),
        (["allocations", 0, "week"], 1.5, "plan.json: allocations[0].week"),
        (["allocations", 0, "tasks", 1, "uses", 0, "hours"], 3, "plan.json: allocations[0].tasks[1].uses[0].hours"),
        (["allocations", 0, "legs", 0, "via"], "makers", "plan.json: allocations[0].legs[0].via"),
        (["unmet", 0, "fixes", 0, "values", "radius_m"], 1.5, "plan.json: unmet[0].fixes[0].values.radius_m"),
        (["allocations", 0, "alternatives", 0, "lacks"], [["a"]], "plan.json: allocations[0].alternatives[0].lacks[0]"),
        (["settings", "weeks"], [4], "plan.json: settings.weeks"),
        (["local_share", "units"], "all", "plan.json: local_share.units"),
        (["unmet", 0, "reasons", 0], "radius", "plan.json: unmet[0].reasons[0]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_its_place(path: list[str | int], value: Any, place: str):
    with pytest.raises(InputError) as error:
        plan_from_bytes(changed(path, value), "plan.json")
    assert [(problem.code, problem.where) for problem in error.value.problems] == [("P082", place)]


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b"{", b'{"id": NaN}', b'{"id": "a", "id": "b"}'])
def test_a_file_that_is_no_plan_is_refused(data: bytes):
    with pytest.raises(InputError, match="P082"):
        plan_from_bytes(data, "plan.json")


def test_a_number_too_large_for_a_float_is_refused():
    text = plan_to_bytes(PLAN).replace(b'"gap_limit": 0.005', b'"gap_limit": 1e999')
    with pytest.raises(InputError, match="1e999 is no finite number"):
        plan_from_bytes(text, "plan.json")
