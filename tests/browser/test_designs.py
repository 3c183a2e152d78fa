"""The pages of designs in a browser: by day and night, on a phone, without JavaScript, with harm in every text."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from browser.looking import faults
from browser.serving import served
from playwright.sync_api import Browser, Page, expect
from web.accounts import PASSWORD, add_person
from web.design_shop import NAUGHTY, make_shop

from cosmolocal.records import Role
from cosmolocal.workflows.stewarding import confirm_operations, set_design_owners, yank_design

pytestmark = pytest.mark.browser

LAMP, BAD = "/designs/us~lamp", "/designs/us~naughty"
PAGES = {
    "search": "/designs/",
    "search that finds nothing": "/designs/?words=sofa",
    "search that cannot be done": "/designs/?fits=big",
    "version": f"{LAMP}/?quantity=20&place=home",
    "older version": f"{LAMP}/1.0.0/",
    "withdrawn": f"{LAMP}/1.2.0/",
    "taken down": f"{LAMP}/0.9.0/",
    "unknown": "/designs/us~stool/",
    "nobody can": "/designs/us~table/",
    "fork": "/designs/them~lamp/",
    "modules": "/designs/us~set/",
    "compare": f"{LAMP}/compare?old=1.0.0&new=1.1.0",
    "work list": "/designs/to-confirm",
    "confirm": "/designs/us~stool/1.0.0/confirm",
    "withdraw": f"{LAMP}/1.1.0/yank",
    "offer again": f"{LAMP}/1.2.0/yank",
    "owners": f"{LAMP}/owners",
    "take down": f"{LAMP}/1.1.0/take-down",
    "report a make": f"{LAMP}/1.1.0/report-make",
}
NAUGHTY_PAGES = {
    "naughty": f"{BAD}/",
    "naughty to withdraw": f"{BAD}/1.0.0/yank",
    "naughty to confirm": f"{BAD}/1.0.0/confirm?part=bad",
    "naughty to take down": f"{BAD}/1.0.0/take-down",
    "naughty compared": f"{BAD}/compare?old=1.0.0&new=1.0.0",
    "naughty owners": f"{BAD}/owners",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Iterator[str]:
    """Return the address of a server over designs in every state, one with harm in all that people enter."""
    folder = tmp_path_factory.mktemp("shop") / "region"
    app = make_shop(folder)
    add_person(app, "root", Role.ADMINISTRATOR, Role.MAKER)
    yank_design(folder, "us~naughty@1.0.0", NAUGHTY, NAUGHTY)
    set_design_owners(folder, "us~naughty", [NAUGHTY, "root"], NAUGHTY)
    operation = {"process": "laser-cutting", "minutes-per-unit": 1, "material": NAUGHTY, "envelope-mm": [1, 2, 3]}
    confirm_operations(folder, "us~naughty@1.0.0", "bad", [operation], NAUGHTY, NAUGHTY)
    with served(app) as address:
        yield address


@contextmanager
def signed_in(browser: Browser, shop: str, **mode: object) -> Iterator[Page]:
    """Yield a page in which an administrator, who is a maker too, is signed in."""
    context = browser.new_context(**mode)
    try:
        page = context.new_page()
        page.goto(f"{shop}/sign-in?next=/designs/")
        page.fill("input[name=name]", "root")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/designs/")
        yield page
    finally:
        context.close()


def test_axe_finds_nothing_and_nothing_sticks_out(browser, shop):
    found = {}
    with signed_in(browser, shop) as page:
        for name, address in (PAGES | NAUGHTY_PAGES).items():
            page.goto(shop + address)
            found |= {(name, mode, fault): told for mode, fault, told in faults(page)}
    assert found == {}


def test_what_people_enter_never_runs_and_nothing_leaves_the_host(browser, shop):
    asked, ran = set(), []
    with signed_in(browser, shop) as page:
        page.on("request", lambda request: asked.add(request.url))
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: ran.append(str(error)))
        for name, address in (PAGES | NAUGHTY_PAGES).items():
            page.goto(shop + address)
            assert "harmed" not in page.title() or "<script>" in page.title(), name
            assert page.locator("main script, main img[src=x], main [onerror]").count() == 0, name
        page.goto(f"{shop}{BAD}/")
        assert page.locator("h1").inner_text().startswith(NAUGHTY)
    assert ran == []
    assert [url for url in asked if not url.startswith((shop, "data:"))] == []
    assert f"{shop}/x" not in asked


def test_all_of_it_works_without_javascript(browser, shop):
    """Search, ask who can make it, compare, confirm, report: links and forms alone."""
    with signed_in(browser, shop, java_script_enabled=False) as page:
        page.fill("input[name=words]", "stool")
        page.click("main button:has-text('Search')")
        page.click("h2 a:has-text('Stool')")
        page.click("a:has-text('Confirm it')")
        page.fill("input[name=operation-0-minutes-per-unit]", "7.5")
        page.fill("input[name=operation-0-material]", "plywood")
        page.click("button:has-text('Confirm this')")
        expect(page.locator("#making")).to_contain_text("confirmed by root", use_inner_text=True)
        page.fill("input[name=quantity]", "30")
        page.click("button:has-text('Ask')")
        expect(page.locator("#makers")).to_contain_text("for all 30", use_inner_text=True)
        page.click("nav a:has-text('Report what you made')")
        page.fill("input[name=quantity]", "4")
        page.click("button:has-text('Report it')")
        expect(page.locator("#makes")).to_contain_text("4 units", use_inner_text=True)
        page.goto(f"{shop}{LAMP}/compare")
        page.select_option("select[name=old]", "1.0.0")
        page.select_option("select[name=new]", "1.1.0")
        page.click("button:has-text('Compare')")
        expect(page.locator("main")).to_contain_text("4 min less of Laser cutting", use_inner_text=True)
