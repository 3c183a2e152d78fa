"""Filters, order and pages of the table of allocations."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import JOINERS, LAMPS_MADE, ORDERS
from showcase import SHOWN_REGION

from cosmolocal.errors import InputError
from cosmolocal.web.names import Names
from cosmolocal.web.plan_table import SORTS, PlanQuery, build_rows, find_in, find_rows, read_query

NAMES = Names.of(SHOWN_REGION)
LATER = replace(
    LAMPS_MADE, lot="o-2/1", order="o-2", design="a~stool@2.0.0", quantity=3, workshop="makers", week=3,
    tasks=(replace(LAMPS_MADE.tasks[1], path="", week=3),), legs=(), cost=replace(LAMPS_MADE.cost, late_weeks=0),
)  # fmt: skip
BOTH = (LAMPS_MADE, LATER)


def found(**args: str) -> list[str]:
    return [row.allocation.lot for row in find_in(build_rows(BOTH, ORDERS, NAMES), args, NAMES).rows]


def test_without_filters_all_is_shown():
    assert found() == ["o-1/1", "o-2/1"]


@pytest.mark.parametrize(
    "args",
    [
        {"q": "lamp"}, {"q": "NORTH joiners"}, {"place": "north"}, {"design": "a~lamp"}, {"week": "2"}, {"late": "yes"},
        {"workshop": "joiners"},
    ],
)  # fmt: skip
def test_every_filter_narrows(args):
    assert found(**args) == ["o-1/1"]


def test_a_workshop_finds_what_it_makes_parts_of():
    assert found(workshop="makers") == ["o-1/1", "o-2/1"]


def test_an_empty_filter_counts_as_absent():
    assert found(q="", workshop="", week="", late="") == found()


def test_a_minus_turns_the_order_round():
    assert found(sort="quantity") == ["o-2/1", "o-1/1"]
    assert found(sort="-quantity") == ["o-1/1", "o-2/1"]


@given(st.lists(st.integers(0, 3), max_size=20), st.sampled_from(sorted(SORTS)), st.booleans())
def test_sorting_loses_nothing_and_sorts(numbers, key, down):
    many = [
        replace(
            LAMPS_MADE, lot=f"o-1/{place}", quantity=number, week=number, cost=replace(LAMPS_MADE.cost, co2e_g=number)
        )
        for place, number in enumerate(numbers)
    ]
    rows = build_rows(many, ORDERS, NAMES)
    ordered = find_rows(rows, PlanQuery(sort=f"-{key}" if down else key))
    assert sorted(row.allocation.lot for row in ordered) == sorted(row.allocation.lot for row in rows)
    values = [SORTS[key](row) for row in ordered]
    assert values == sorted(values, reverse=down)


def test_what_names_nothing_is_refused_all_at_once():
    """An option is never accepted and ignored."""
    args = {"workshop": "x", "place": "y", "design": "z", "late": "no", "sort": "price", "week": "-1", "page": "one"}
    args |= {"district": "v"}
    with pytest.raises(InputError) as caught:
        read_query(args, NAMES)
    assert {problem.where for problem in caught.value.problems} == set(args)


def test_a_query_survives_the_way_through_an_address():
    query = PlanQuery(q="lamp", workshop="makers", place="north", design="a~lamp", week=0, late=True, sort="-cost")
    query = replace(query, made_week=1, group="bench", district="upper")
    assert read_query(query.as_args(), NAMES) == query
    assert set(query.as_args()) == {field.name for field in fields(query)} - {"page"}


def test_a_workshop_that_is_gone_keeps_its_id():
    """A plan is older than the region's files."""
    gone = Names.of(replace(SHOWN_REGION, workshops=(JOINERS,)))
    assert [row.workshop for row in build_rows([LATER], ORDERS, gone)] == ["makers"]
