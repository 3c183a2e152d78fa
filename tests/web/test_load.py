"""The load by week: the figures of the page are those of the plan, and each leads to what it is made of."""

import csv
import io
import re
from collections import Counter
from html import unescape

import pytest
from web.busy import WEEKS, busy_workspace
from web.test_pages import client_of, words

HERE = "/plans/newer0000000/load"


def minutes_of(plan) -> Counter:
    """Return minutes by (workshop, group, week), from the tasks alone."""
    found = Counter()
    for row in plan.allocations:
        for task in row.tasks:
            for use in task.uses:
                found[task.workshop, use.group, task.week] += use.minutes
    return found


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_rows_hold_every_minute_of_the_plan_and_no_more(shop, busy):
    minutes = minutes_of(shop.shown_plans[0])
    rows = rows_of(busy.get(f"{HERE}.csv"))
    assert len(rows) == 6 * 2 * WEEKS
    found = {(row["workshop"], row["group"], int(row["week"])): int(row["used_minutes"]) for row in rows}
    assert {key: value for key, value in found.items() if value} == minutes
    prices = {(price.resource, price.week): price.cents for price in shop.shown_plans[0].prices}
    assert {
        (f"{row['workshop']}/{row['group']}", int(row["week"])): int(row["worth_cents"])
        for row in rows
        if row["worth_cents"] != "0"
    } == prices


def test_csv_and_json_say_the_same(busy):
    for query in ("", "?workshop=shop-1", "?process=assembly&q=shop"):
        plain = busy.get(f"{HERE}.json{query}").get_json()["rows"]
        assert [{key: str(value) for key, value in row.items()} for row in plain] == rows_of(
            busy.get(f"{HERE}.csv{query}")
        )


def test_a_cell_shows_the_hours_of_a_workshop_in_a_week(shop, busy):
    minutes = minutes_of(shop.shown_plans[0])
    page = busy.get(HERE).text
    for week in range(WEEKS):
        used = sum(value for (workshop, _, when), value in minutes.items() if (workshop, when) == ("shop-1", week))
        link = f"/plans/newer0000000/?workshop=shop-1&amp;made_week={week}"
        if used:
            [told] = re.findall(re.escape(f'href="{link}"') + r">([\d.]+) / ([\d.]+)<", page)
            assert float(told[0]) == round(used / 60, 1)


def test_each_cell_leads_to_the_lots_behind_it(shop, busy):
    """Their tasks in that workshop and week sum up to the cell."""
    plan = shop.shown_plans[0]
    for (workshop, group, week), used in minutes_of(plan).items():
        rows = rows_of(busy.get(f"/plans/newer0000000/plan.csv?workshop={workshop}&made_week={week}&group={group}"))
        lots = {row["lot"] for row in rows}
        tasks = [
            task
            for row in plan.allocations
            if row.lot in lots
            for task in row.tasks
            if (task.workshop, task.week) == (workshop, week)
        ]
        assert sum(use.minutes for task in tasks for use in task.uses if use.group == group) == used
        assert all(any(task in row.tasks for task in tasks) for row in plan.allocations if row.lot in lots)


def test_of_one_workshop_the_machine_groups_are_the_rows(busy):
    page = busy.get(f"{HERE}?workshop=shop-2").text
    heads = re.findall(r'<th scope="row" role="rowheader">([^<]+)<', page)
    assert sorted(heads) == ["Assembly", "Laser cutting"]


def test_the_price_of_a_cell_is_the_dearest_of_its_groups(shop, busy):
    best = {}
    for price in shop.shown_plans[0].prices:
        key = price.resource.partition("/")[0], price.week
        best[key] = max(best.get(key, 0), price.cents)
    page = busy.get(f"{HERE}?measure=price").text
    for (workshop, week), cents in best.items():
        link = f"/plans/newer0000000/worth?workshop={workshop}&amp;week={week}"
        [told] = re.findall(re.escape(f'href="{link}"') + ">([^<]+)<", page)
        assert unescape(told) == f"€{cents / 100:,.2f}"


@pytest.mark.parametrize("sort", ["load", "price", "name"])
def test_the_rows_can_be_sorted(busy, sort):
    names = re.findall(r'<th scope="row" role="rowheader"><a[^>]*>([^<]+)<', busy.get(f"{HERE}?sort={sort}").text)
    assert sorted(names) == [f"Shop {n:03}" for n in range(6)]
    assert (names == sorted(names)) == (sort == "name")


def test_five_hundred_workshops_come_in_pages_or_all_at_once(tmp_path):
    client = client_of(busy_workspace(tmp_path, workshops=500, orders=20))
    page = client.get(HERE).text
    assert page.count('<tr role="row">') == 1 + 50
    assert 'href="/plans/newer0000000/load?show=all"' in page
    assert client.get(f"{HERE}?show=all").text.count('<tr role="row">') == 1 + 500
    last = client.get(f"{HERE}?page=10").text
    assert "Shop 499" in last


def test_what_an_address_names_wrongly_is_told_all_at_once(busy):
    answer = busy.get(f"{HERE}?workshop=nowhere&process=magic&measure=x&sort=y&show=some&page=-1")
    assert answer.status_code == 422
    for name in ("workshop", "process", "measure", "sort", "show", "page"):
        assert f"<code>{name}</code>" in answer.text or name in words(answer.text)


def test_a_name_that_nobody_has_is_an_empty_page_with_a_way_back(busy):
    assert "No workshop fits these filters. Show all" in words(busy.get(f"{HERE}?q=nobody").text)
