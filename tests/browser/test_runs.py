"""Planning in a browser: a run is asked for, watched and ended, by keyboard alone, and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.looking import faults, opened
from browser.serving import served, sign_in
from playwright.sync_api import Browser, Page, expect
from web.accounts import client_as
from web.planned import Fake, make_planned, settle, use_fake

from cosmolocal.records import Role

pytestmark = pytest.mark.browser


class Site:
    """A running server over a planned region, whose runs wait until they are let."""

    address: str

    def __init__(self, folder: Path) -> None:
        self.app = make_planned(folder)
        self.fake = Fake()
        self.runner = use_fake(self.app, self.fake)
        self.plan = self.app.extensions["workspace"].plans()[0].id
        self.cookie = client_as(self.app, "petra", Role.PLANNER).get_cookie("cosmolocal").value


@pytest.fixture
def place(tmp_path) -> Iterator[Site]:
    site = Site(tmp_path / "region")
    expect.set_options(timeout=30_000)
    with served(site.app) as site.address:
        yield site
        expect.set_options(timeout=5_000)
        site.runner.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached")


def follow(page: Page, selector: str, address: str) -> None:
    """Go to a link by keyboard, and wait until its page is there."""
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def test_a_run_is_asked_for_watched_and_ended_by_keyboard_alone(browser: Browser, place):
    with opened(browser) as page:
        sign_in(page, place)
        page.goto(f"{place.address}/plans/{place.plan}/")
        follow(page, "a[href$='/runs/']", "**/runs/")
        follow(page, "main a[href$='/runs/new']", "**/runs/new")
        tab_to(page, "#field-seconds")
        page.keyboard.type("30")
        page.keyboard.press("Enter")
        page.wait_for_url("**/runs/1")
        expect(page.locator(".run-state")).to_contain_text("It is running.")
        expect(page.locator(".run-chart svg")).to_be_visible()
        expect(page.locator("#run-live")).to_contain_text("€450.00")
        tab_to(page, ".run-numbers summary")
        page.keyboard.press("Enter")
        expect(page.locator(".run-numbers tbody tr")).to_have_count(3)
        tab_to(page, "#run-cancel button")
        page.keyboard.press("Enter")
        expect(page.locator(".run-result a").first).to_be_visible()
        expect(page.locator("#run-cancel")).to_have_count(0)
        assert place.fake.asked[0].seconds == 30
        follow(page, ".run-result a", "**/plans/*/")
        expect(page.locator("h1")).to_have_text("Plan of book")


def test_the_page_of_a_run_follows_it_to_its_end_and_says_so_once(browser: Browser, place):
    with opened(browser) as page:
        sign_in(page, place)
        answers = []
        page.on("response", lambda one: answers.append(one.status) if one.url.endswith("/progress") else None)
        page.goto(f"{place.address}/runs/new")
        page.click(".run-form button[type=submit]")
        expect(page.locator(".run-chart svg")).to_be_visible()
        for _ in range(100):
            if 304 in answers:
                break
            page.wait_for_timeout(100)
        page.click(".run-numbers summary")
        place.fake.let.set()
        expect(page.locator("#run-said")).to_contain_text("It is done, and the plan is kept.")
        assert page.locator(".run-numbers").get_attribute("open") is not None, "what was opened stays open"
        expect(page.locator("#run-cancel")).to_have_count(0)
        assert set(answers) == {200, 304}
        page.wait_for_timeout(1_500)
        count = len(answers)
        page.wait_for_timeout(1_500)
        assert len(answers) == count, "what has ended is not asked for again"


def test_a_lot_is_sent_elsewhere_and_what_moved_is_shown_without_javascript(browser: Browser, place):
    place.fake.let.set()
    with opened(browser, java_script_enabled=False) as page:
        sign_in(page, place)
        page.goto(f"{place.address}/plans/{place.plan}/orders/A")
        page.click("details.steer summary")
        page.select_option("#place-1", "south")
        page.select_option("#monday-1", "2026-09-14")
        page.fill("#note-place-1", "they need the work")
        page.get_by_role("button", name="Make it there").click()
        expect(page.locator("#wishes")).to_contain_text("they need the work", use_inner_text=True)
        page.click("#wishes a")
        page.fill("#field-most-moves", "0")
        page.click(".run-form button[type=submit]")
        settle(place.runner)
        page.reload()
        page.click("text=See what moved, and why")
        expect(page.locator("main")).to_contain_text("A planner wants it made by South Makers", use_inner_text=True)


def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, place):
    found = {}

    def look(page: Page, name: str) -> None:
        found.update({(name, mode, fault): told for mode, fault, told in faults(page)})

    with opened(browser) as page:
        sign_in(page, place)
        order = f"{place.address}/plans/{place.plan}/orders/A"
        page.goto(f"{place.address}/runs/")
        look(page, "no runs")
        page.goto(f"{place.address}/runs/new")
        page.click(".more summary")
        look(page, "form")
        page.fill("#field-seconds", "soon")
        page.click(".run-form button[type=submit]")
        look(page, "form with faults")
        page.goto(order)
        page.click("details.steer summary")
        look(page, "order")
        page.select_option("#place-1", "south")
        page.get_by_role("button", name="Make it there").click()
        expect(page.locator(".wish-list")).to_be_visible()
        look(page, "order with a wish")
        page.goto(f"{place.address}/wishes/")
        look(page, "wishes")
        page.goto(f"{place.address}/runs/new?previous={place.plan}")
        page.click(".run-form button[type=submit]")
        expect(page.locator(".run-chart svg")).to_be_visible()
        look(page, "running")
        place.fake.let.set()
        expect(page.locator(".run-result a").first).to_be_visible()
        look(page, "done")
        page.click("text=See what moved, and why")
        expect(page.locator("h1")).to_have_text("What moved, and why")
        look(page, "changes")
        page.goto(f"{place.address}/runs/")
        look(page, "runs")
    assert found == {}
