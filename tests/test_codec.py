"""Records to plain values and back."""

from typing import Any

import pytest
from samples import ORDERS, PLAN, REGION, RUN

from cosmolocal.records import MisfitError, Order, Plan, Region, RunInfo, from_plain, to_plain


@pytest.mark.parametrize(
    ("kind", "record"), [(Plan, PLAN), (Region, REGION), (Order, ORDERS[0]), (Order, ORDERS[1]), (RunInfo, RUN)]
)
def test_a_record_comes_back(kind: type, record: Any):
    assert from_plain(kind, to_plain(record)) == record


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"due_date": "18.9.2026"}, "due_date"),
        ({"due_date": 20260918}, "due_date"),
        ({"quantity": True}, "quantity"),
        ({"priority": "soon"}, "priority"),
        ({"max_distance_m": "far"}, "max_distance_m"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_misfit_names_its_field(changes: dict[str, Any], place: str):
    with pytest.raises(MisfitError) as error:
        from_plain(Order, to_plain(ORDERS[0]) | changes)
    assert error.value.place == place


@pytest.mark.parametrize("value", [None, [], "o-1", 3])
def test_a_record_is_read_from_a_table_only(value: Any):
    with pytest.raises(MisfitError, match="must be a table"):
        from_plain(Order, value)


def test_a_missing_field_is_named_unless_it_has_a_default():
    plain = to_plain(ORDERS[0])
    assert from_plain(Order, {name: plain[name] for name in plain if name != "priority"}).priority == "normal"
    with pytest.raises(MisfitError, match="due_date: is missing"):
        from_plain(Order, {name: plain[name] for name in plain if name != "due_date"})
