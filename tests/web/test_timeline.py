"""The timeline: what it shows of each workshop and week is what the plan makes there."""

import csv
import io
import re
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from showcase import SHOWN_PLAN, ShownWorkspace
from web.busy import busy_workspace
from web.test_pages import client_of, words

HERE = "/plans/newer0000000/timeline"


def steps_of(plan) -> set[tuple]:
    return {
        (task.workshop, task.week, row.lot, task.part, row.cost.late_weeks)
        for row in plan.allocations
        for task in row.tasks
    }


def rows_of(answer) -> set[tuple]:
    rows = csv.DictReader(io.StringIO(answer.text))
    return {(row["workshop"], int(row["week"]), row["lot"], row["part"], int(row["late_weeks"])) for row in rows}


def test_the_rows_are_the_tasks_of_the_plan(shop, busy):
    every = steps_of(shop.shown_plans[0])
    assert rows_of(busy.get(f"{HERE}.csv")) == every
    assert rows_of(busy.get(f"{HERE}.csv?workshop=shop-1")) == {step for step in every if step[0] == "shop-1"}
    assert rows_of(busy.get(f"{HERE}.csv?late=yes")) == {step for step in every if step[4]}
    lamps = {row.lot for row in shop.shown_plans[0].allocations if row.design.startswith("a~lamp")}
    assert rows_of(busy.get(f"{HERE}.csv?design=a~lamp")) == {step for step in every if step[2] in lamps}


def test_json_has_as_many_rows(shop, busy):
    assert len(busy.get(f"{HERE}.json").get_json()["rows"]) == len(steps_of(shop.shown_plans[0]))


def test_on_a_phone_a_week_of_a_workshop_is_one_line_with_all_its_lots(shop, busy):
    lots, late = defaultdict(set), defaultdict(set)
    for row in shop.shown_plans[0].allocations:
        for task in row.tasks:
            lots[task.workshop, task.week].add(row.lot)
            late[task.workshop, task.week] |= {row.lot} if row.cost.late_weeks else set()
    page = busy.get(HERE).text
    assert page.count('class="slot-sum') == len(lots)
    for (workshop, week), found in lots.items():
        link = f"/plans/newer0000000/?workshop={workshop}&amp;made_week={week}"
        [line] = re.findall(r'class="slot-sum[^"]*" ' + re.escape(f'href="{link}"') + r">(.*?)</a>", page, re.DOTALL)
        number = len(late[workshop, week])
        assert words(line) == f"{len(found)} lot{'s' * (len(found) > 1)}" + (f" ▲ {number} late" if number else "")


def test_an_entry_counts_its_lots_and_the_late_ones(shop, busy):
    lots, late = defaultdict(set), defaultdict(set)
    for row in shop.shown_plans[0].allocations:
        for task in row.tasks:
            key = task.workshop, task.week, row.design.partition("@")[0]
            lots[key].add(row.lot)
            late[key] |= {row.lot} if row.cost.late_weeks else set()
    page = busy.get(HERE).text
    for (workshop, week, design), found in lots.items():
        link = f"/plans/newer0000000/?workshop={workshop}&amp;made_week={week}&amp;design={design}"
        [entry] = re.findall(re.escape(f'href="{link}"') + r">(.*?)</a>", page, re.DOTALL)
        told = words(entry)
        assert f" {len(found)} lot" in told
        number = len(late[workshop, week, design])
        assert (f"▲ {number} late" in told) == bool(number)


def test_late_lots_are_said_in_words_and_shape(shop, busy):
    page = words(busy.get(f"{HERE}?workshop=shop-1&late=yes").text)
    lot = next(
        row
        for row in shop.shown_plans[0].allocations
        if row.cost.late_weeks and "shop-1" in {t.workshop for t in row.tasks}
    )
    assert re.search(rf"{lot.lot} .*?▲ {lot.cost.late_weeks} weeks? late", page)


def test_of_one_workshop_each_lot_is_a_line(shop, busy):
    page = busy.get(f"{HERE}?workshop=shop-1").text
    lots = re.findall(r'chosen=lot:[^"]*">([^<]+)</a></th>', page)
    assert sorted(lots) == sorted({step[2] for step in steps_of(shop.shown_plans[0]) if step[0] == "shop-1"})


def test_five_hundred_workshops_come_in_pages(tmp_path):
    client = client_of(busy_workspace(tmp_path, workshops=500, orders=400))
    page = client.get(HERE).text
    assert page.count('<tr role="row"><th scope="row" role="rowheader">') == 25
    assert "all on one page" in page
    assert client.get(f"{HERE}?show=all").text.count('<tr role="row"><th scope="row" role="rowheader">') > 250


def test_an_empty_plan_says_what_to_do_next(tmp_path):
    client = client_of(busy_workspace(tmp_path, orders=0))
    assert "Nothing in this plan is made here. See why" in words(client.get(HERE).text)


def test_a_wrong_address_is_told(busy):
    assert busy.get(f"{HERE}?workshop=x&design=y&late=maybe&start=soon").status_code == 422


@pytest.mark.parametrize("weeks", [13, 14, 30])
def test_a_long_plan_is_shown_in_stretches_that_miss_no_week_and_show_none_twice(tmp_path, weeks):
    plan = replace(
        SHOWN_PLAN,
        id="newer0000000",
        allocations=tuple(
            replace(row, lot=f"o-1/{week}", week=week, tasks=tuple(replace(task, week=week) for task in row.tasks))
            for row in SHOWN_PLAN.allocations[:1]
            for week in range(weeks)
        ),
    )
    client, address, seen = client_of(ShownWorkspace(tmp_path, (plan,))), HERE, []
    while address:
        page = client.get(address).text
        head = page.partition("<thead")[2].partition("</thead>")[0]
        seen += re.findall(r'<time datetime="([\d-]+)"', head)
        later = re.search(r'href="([^"]+)">Later weeks', page)
        address = later and unescape(later[1])
    start = date.fromisoformat(str(plan.settings["start_date"]))
    assert seen == [(start + timedelta(weeks=week)).isoformat() for week in range(weeks)]
    assert "Earlier weeks" not in client.get(HERE).text
