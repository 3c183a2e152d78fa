"""What more capacity is worth: the prices of the plan, the dearest first."""

import csv
import io
import re
from dataclasses import replace

from showcase import EMPTY_PLAN, ShownWorkspace
from web.busy import WEEKS, BusyWorkspace, busy_workspace
from web.test_pages import client_of, words

from cosmolocal.records import Price

HERE = "/plans/newer0000000/worth"


def rows_of(answer) -> list[tuple[str, int, int]]:
    rows = csv.DictReader(io.StringIO(answer.text))
    return [(row["resource"], int(row["week"]), int(row["worth_cents"])) for row in rows]


def test_the_rows_are_the_prices_of_the_plan_dearest_first(shop, busy):
    prices = [(price.resource, price.week, price.cents) for price in shop.shown_plans[0].prices]
    rows = rows_of(busy.get(f"{HERE}.csv"))
    assert sorted(rows) == sorted(prices)
    assert [cents for _, _, cents in rows] == sorted((cents for _, _, cents in prices), reverse=True)
    assert rows_of(busy.get(f"{HERE}.csv?workshop=shop-3&week=1")) == [
        row for row in rows if row[0].startswith("shop-3/") and row[1] == 1
    ]
    assert {row[0].partition("/")[2] for row in rows_of(busy.get(f"{HERE}.csv?process=assembly"))} == {"bench"}


def test_the_page_says_how_many_machines_have_no_price(shop, busy):
    prices = shop.shown_plans[0].prices
    text = words(busy.get(HERE).text)
    assert f"For {6 * 2 * WEEKS - len(prices)} machine groups and weeks more hours would change nothing." in text
    assert f"The dearest hour would take €{max(price.cents for price in prices) / 100:.2f} off the plan's cost." in text


def test_links_have_prices_too(tmp_path, shop):
    plan = replace(shop.shown_plans[0], prices=(Price("shop-1–north", 2, 500), Price("shop-1/laser", 2, 700)))
    client = client_of(BusyWorkspace(tmp_path, (plan,), shop.shown_region, shop.orders))
    assert "100 kg over the link Shop 001 – North" in words(client.get(HERE).text)
    assert rows_of(client.get(f"{HERE}.csv?kind=link")) == [("shop-1–north", 2, 500)]


def test_what_a_price_means_is_said_with_and_without_prices(tmp_path, busy):
    nothing = client_of(ShownWorkspace(tmp_path, (EMPTY_PLAN,))).get(f"/plans/{EMPTY_PLAN.id}/worth").text
    assert "no machine group and no link is used up" in words(nothing)
    for page in (nothing, busy.get(HERE).text):
        assert "It is zero where hours are left over" in words(page)


def test_five_hundred_workshops_come_in_pages(tmp_path):
    client = client_of(busy_workspace(tmp_path, workshops=500, orders=5))
    assert client.get(HERE).text.count('<th scope="row" ') == 50
    assert client.get(f"{HERE}?show=all").text.count('<th scope="row" ') > 1000


def test_the_workshop_of_a_row_leads_to_its_weeks(busy):
    assert re.search(r'href="/plans/newer0000000/load\?workshop=shop-\d&amp;measure=price"', busy.get(HERE).text)


def test_a_wrong_address_is_told(busy):
    assert busy.get(f"{HERE}?workshop=x&process=y&week=soon&kind=z&sort=up").status_code == 422
