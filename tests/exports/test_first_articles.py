"""First articles in what a plan is exported as."""

from dataclasses import replace

from samples import LAMPS_GATED, ORDERS, PLAN, REGION

from cosmolocal.exports.map_layers import build_layers
from cosmolocal.exports.tables import allocation_rows
from cosmolocal.records import Plan, from_plain, to_plain

GATED = replace(PLAN, allocations=(LAMPS_GATED,))


def test_a_row_tells_the_week_in_which_the_first_article_is_whole():
    [row], [plain] = allocation_rows(GATED, ORDERS), allocation_rows(PLAN, ORDERS)
    assert (row["first_article_week"], plain["first_article_week"]) == (1, None)
    assert row["machine_minutes"] == 30 + 75 + 15 + 35


def test_the_map_shows_all_that_is_carried_over_a_way():
    """Parts of the first article and of the rest make one flow; the delivery brings all units."""
    flows = build_layers(REGION, {}, ORDERS, GATED.allocations, ()).flows
    assert [(flow.from_place, flow.to_place, flow.quantity) for flow in flows] == [
        ("makers", "joiners", 2 + 6),
        ("joiners", "north", 4),
    ]


def test_a_plan_file_marks_first_articles_and_nothing_else():
    [row], [plain] = to_plain(GATED)["allocations"], to_plain(PLAN)["allocations"]
    assert [task.get("first") for task in row["tasks"]] == [None, None, True, True]
    assert [leg.get("first") for leg in row["legs"]] == [None, True, None]
    assert not any("first" in each for each in (*plain["tasks"], *plain["legs"]))
    assert from_plain(Plan, to_plain(GATED)) == GATED


def test_an_allocation_tells_which_tasks_wait_for_which():
    """What a list of jobs goes by."""
    assert [task.week for task in LAMPS_GATED.first_tasks] == [1, 0]
    assert [task.week for task in LAMPS_GATED.batch_tasks] == [3, 2]
    assert (LAMPS_GATED.first_article, LAMPS_GATED.batch_week) == (LAMPS_GATED.tasks[2], 2)
    assert (PLAN.allocations[0].first_article, PLAN.allocations[0].batch_week) == (None, 1)
