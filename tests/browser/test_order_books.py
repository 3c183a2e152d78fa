"""Order books in a browser: paste with faults, mend, confirm; by keyboard, and without JavaScript."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.looking import faults, opened
from browser.serving import served, sign_in
from playwright.sync_api import Browser, Page, expect
from web.accounts import client_as, use_fakes
from workflows.order_region import make_orders_region

from cosmolocal.records import Role
from cosmolocal.web import create_app

pytestmark = pytest.mark.browser

TABLE = """Order;Product;Qty;Place;Due date
N-1;Lamp;3;Home;30/09/2026
B;us~lamp;9;home;25/09/2026
N-2;us~lamp;viele;nowhere;30/09/2026
"""


class Site:
    """A running server over a region with an order book, and a planner who is signed in."""

    address: str

    def __init__(self, folder: Path) -> None:
        self.book = folder / "orders" / "book.csv"
        self.app = create_app(make_orders_region(folder).folder, secret_key=b"of the tests")
        use_fakes(self.app)
        self.cookie = client_as(self.app, "pia", Role.PLANNER).get_cookie("cosmolocal").value


@pytest.fixture
def place(tmp_path) -> Iterator[Site]:
    site = Site(tmp_path / "region")
    with served(site.app) as site.address:
        yield site


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_rows_are_pasted_mended_and_taken(browser: Browser, place, script):
    before = place.book.read_text()
    with opened(browser, java_script_enabled=script) as page:
        sign_in(page, place)
        page.goto(f"{place.address}/orders/book/")
        page.click("text=Upload or paste many")
        page.fill("#field-text", TABLE)
        page.click("button[value=preview]")
        expect(page.locator(".tally b")).to_have_text(["0", "0", "0", "3"], use_inner_text=True)
        page.select_option("#field-dates", "day-first")
        page.click("button[value=preview]")
        expect(page.locator(".tally b")).to_have_text(["1", "1", "0", "1"], use_inner_text=True)
        expect(page.locator("[aria-labelledby=faulty] tbody tr")).to_have_count(2)
        faults = page.locator("[aria-labelledby=faulty] tbody tr").all_inner_texts()
        assert [row.split("\t")[:4] for row in faults] == [
            ["4", "N-2", "Units", "viele"],
            ["4", "N-2", "For", "nowhere"],
        ]
        assert place.book.read_text() == before
        expect(page.locator("#field-text")).to_have_value(TABLE)
        page.fill("#field-text", TABLE.replace("viele;nowhere", "4;Home"))
        page.click("button[value=preview]")
        page.click("button[value=take]")
        expect(page).to_have_url(re.compile(re.escape("/orders/book/?done=uploaded&added=2&changed=1&left=0") + "$"))
        expect(page.locator(".order-rows tbody tr")).to_have_count(5)
    assert place.book.read_text().splitlines()[-1] == "N-2,us~lamp,,4,home,2026-09-30,,,,,"


def test_a_file_is_chosen_and_its_good_rows_are_taken(browser: Browser, place, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes(TABLE.replace("/09/2026", ".09.2026").encode("utf-16"))
    with opened(browser) as page:
        sign_in(page, place)
        page.goto(f"{place.address}/orders/book/upload")
        page.set_input_files("#field-file", file)
        page.select_option("#field-dates", "day-first")
        page.click("button[value=preview]")
        expect(page.locator(".preview")).to_contain_text("Read as UTF-16, columns parted by semicolon.")
        page.click("text=Add 1, change 1, leave out 1")
        expect(page.locator(".notice")).to_contain_text("1 added, 1 changed, 1 left out")


def tab_to(page: Page, selector: str) -> None:
    """Go on with the Tab key until something has the focus."""
    for _ in range(80):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never comes to {selector}")


def test_an_order_is_added_by_keyboard_alone(browser: Browser, place):
    with opened(browser) as page:
        sign_in(page, place)
        page.goto(f"{place.address}/orders/book/")
        tab_to(page, "a.act")
        page.keyboard.press("Enter")
        page.wait_for_url("**/add")
        for name, typed in (("id", "K-1"), ("design", "Lamp"), ("quantity", "2"), ("place", "home")):
            tab_to(page, f"[name={name}]")
            page.keyboard.press("Control+A")
            page.keyboard.type(typed)
        tab_to(page, "[name=due_date]")
        page.keyboard.type("09302026")
        tab_to(page, "button[value=quote]")
        page.keyboard.press("Enter")
        expect(page.locator("#quote-title")).to_be_focused()
        expect(page.locator(".quote")).to_contain_text("There by")
        tab_to(page, "button[value=save]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/orders/book/?q=K-1&done=added&order=K-1")
    assert "K-1,us~lamp,*,2,home,2026-09-30,,normal,no,1," in place.book.read_text()


def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, place):
    found = {}

    def look(name: str) -> None:
        found.update({(name, mode, fault): told for mode, fault, told in faults(page)})

    with opened(browser) as page:
        sign_in(page, place)
        for address in (
            "",
            "new",
            "book/",
            "book/?faults=yes",
            "book/add",
            "book/rows/B/",
            "book/rows/B/remove",
            "book/history",
        ):
            page.goto(f"{place.address}/orders/{address}")
            look(address)
        page.goto(f"{place.address}/orders/book/add")
        page.fill("[name=quantity]", "viele")
        page.click("button[value=save]")
        look("faults")
        page.goto(f"{place.address}/orders/book/rows/B/")
        page.click("button[value=quote]")
        look("quote")
        page.goto(f"{place.address}/orders/book/upload")
        look("upload")
        for dates in ("iso", "day-first"):
            page.fill("#field-text", TABLE + "N-3;" + "x" * 200 + ";1;home;30/09/2026\n")
            page.select_option("#field-dates", dates)
            page.click("button[value=preview]")
            look(f"preview, {dates}")
    assert found == {}
