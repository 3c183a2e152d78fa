"""The bench in a browser: a workshop from signing in to done on a phone, by keys alone, without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import pytest
from browser.looking import PHONE, faults
from browser.serving import served
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from web.accounts import PASSWORD
from web.bench_shop import copy_region, jobs_of, open_house

from cosmolocal.records import JobState

pytestmark = pytest.mark.browser


@pytest.fixture
def app(planned, tmp_path) -> Flask:
    return open_house(copy_region(planned[0], tmp_path / "region"), planned[1])[0]


@pytest.fixture
def site(app) -> Iterator[str]:
    with served(app) as address:
        yield address


@contextmanager
def signed_in(browser: Browser, site: str, name: str, start: str, **mode: object) -> Iterator[Page]:
    context = browser.new_context(**mode)
    try:
        page = context.new_page()
        page.goto(f"{site}/sign-in?next={start}")
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(f"**{start}")
        yield page
    finally:
        context.close()


def state_of(app: Flask, lot: str) -> JobState:
    [found] = [status for status in jobs_of(app, "north") if status.job.lot == lot]
    return found.state


def test_a_workshop_goes_from_signing_in_to_done_on_a_phone_without_javascript(browser, app, site):
    with signed_in(browser, site, "nora", "/jobs/", java_script_enabled=False, **PHONE) as page:
        page.click("#group-answer ~ ul a:has-text('Shelf')")
        main = page.locator("main")
        expect(main).to_contain_text("shown when the job is accepted", use_inner_text=True)
        page.click("summary:has-text('Decline')")
        page.fill("#decline-note", "no, wait")
        page.click("button:has-text('Decline this job')")
        expect(main).to_contain_text("Choose why", use_inner_text=True)
        expect(page.locator("#decline-note")).to_have_value("no, wait")
        page.click("button:has-text('Accept')")
        expect(main).to_contain_text("Carrer Secret", use_inner_text=True)
        page.click("button:has-text('Start')")
        page.click("summary:has-text('A part is done')")
        page.fill("#part-quantity", "2")
        page.click("button:has-text('Note it')")
        expect(main).to_contain_text("2 of 3", use_inner_text=True)
        page.click("button:has-text('All is done')")
        expect(main).to_contain_text("The job is done", use_inner_text=True)
        page.click(".menu summary")
        page.click(".menu a:has-text('My jobs')")
        page.click("summary:has-text('Done')")
        expect(page.locator("details a:has-text('Shelf')")).to_be_visible()
    assert state_of(app, "SHELF/1") is JobState.DONE


def tab_to(page: Page, wanted: str) -> None:
    """Press the key Tab until what holds these words has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted in page.evaluate("document.activeElement.innerText || document.activeElement.id"):
            return
    raise AssertionError(f"no key leads to {wanted!r}")


def test_keys_alone_are_enough(browser, app, site):
    with signed_in(browser, site, "nora", "/jobs/", **PHONE) as page:
        tab_to(page, "5 × Lamp")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Your answer")
        tab_to(page, "Accept")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]")
        tab_to(page, "Report a problem")
        page.keyboard.press("Enter")
        tab_to(page, "problem-note")
        page.keyboard.type("no plywood left")
        tab_to(page, "Report the problem")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=no plywood left")
    assert state_of(app, "A/1") is JobState.PROBLEM


def test_a_closure_is_looked_at_saved_and_taken_back_without_javascript(browser, site):
    with signed_in(browser, site, "nora", "/workshops/north/hours", java_script_enabled=False, **PHONE) as page:
        page.fill("#closure-from", "2026-09-07")
        page.fill("#closure-to", "2026-10-04")
        page.fill("#closure-reason", "laser is down")
        page.click("button:has-text('See what it would change')")
        expect(page.locator("[class~=alarm]").first).to_contain_text("would not", use_inner_text=True)
        page.click("button:has-text('Save it')")
        expect(page.locator("main")).to_contain_text("laser is down", use_inner_text=True)
        page.click("button:has-text('Take it back')")
        expect(page.locator("main")).not_to_contain_text("laser is down", use_inner_text=True)


def test_axe_finds_nothing_nothing_sticks_out_and_nothing_leaves_the_host(browser, app, site):
    """On what follows an answer; what anybody finds who comes is looked at with all other pages."""
    jobs = {status.job.lot: status.job.id for status in jobs_of(app, "north")}
    found, asked = {}, set()

    def look(name: str) -> None:
        found.update({(name, mode, fault): told for mode, fault, told in faults(page)})

    with signed_in(browser, site, "pia", "/jobs/") as page:
        page.goto(f"{site}/jobs/?state=done")
        look("no jobs")
    with signed_in(browser, site, "nora", "/jobs/") as page:
        page.on("request", lambda request: asked.add(request.url))
        page.goto(f"{site}/jobs/{jobs['A/1']}/")
        page.click("summary:has-text('Decline')")
        page.click("summary:has-text('Propose')")
        page.click("button:has-text('Decline this job')")
        look("a wrong answer")
        page.goto(f"{site}/workshops/north/hours")
        page.click("button:has-text('See what it would change')")
        look("a wrong closure")
        page.fill("#closure-from", "2026-09-07")
        page.fill("#closure-to", "2026-10-04")
        page.click("button:has-text('See what it would change')")
        look("the effect of a closure")
        page.goto(f"{site}/workshops/north/calendar")
        page.click("button:has-text('Make an address')")
        look("a new calendar")
    assert found == {}
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []


def test_the_sheet_fits_on_one_page_in_black_and_white(browser, app, site):
    jobs = {status.job.lot: status.job.id for status in jobs_of(app, "north")}
    with signed_in(browser, site, "nora", f"/jobs/{jobs['SHELF/1']}/sheet") as page:
        page.emulate_media(media="print")
        paper = page.pdf(prefer_css_page_size=True)
        sheet = pypdfium2.PdfDocument(paper)
        assert len(sheet) == 1
        sheet.close()
        colours = page.evaluate(
            "[...new Set([...document.querySelectorAll('main *')].map(e => getComputedStyle(e).color))]"
        )
    for colour in colours:
        red, green, blue = (int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(","))
        assert red == green == blue, colour
