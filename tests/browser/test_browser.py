"""The pages of a plan in a browser: on a phone, by keyboard, on paper, without JavaScript or WebGL."""

import json
import re

import pypdfium2
import pytest
from browser.looking import AXE, FAULTS, PHONE, opened, visit
from playwright.sync_api import Route, expect
from showcase import OTHER_PLAN, SHOWN_PLAN

pytestmark = pytest.mark.browser

PLAN = f"/plans/{SHOWN_PLAN.id}"
PAGES = {
    "plan": f"{PLAN}/",
    "plan filtered to nothing": f"{PLAN}/?q=nothing",
    "plan sorted": f"{PLAN}/?sort=-cost&late=yes&lang=fr",
    "all plans": "/plans/",
    "trade-offs": "/plans/front/",
    "order": f"{PLAN}/orders/o-1",
    "order not made here": f"{PLAN}/orders/o-2",
    "unmet": f"{PLAN}/unmet",
    "workshops": f"{PLAN}/workshops/",
    "workshop": f"{PLAN}/workshops/makers",
    "plan by measures": f"{PLAN}/?measure=cost&spots=price&chosen=workshop:makers",
    "plan by load": f"{PLAN}/?measure=late&spots=load&chosen=lot:o-1/1&lang=es",
    "load": f"{PLAN}/load",
    "load of one workshop": f"{PLAN}/load?workshop=makers&lang=fr",
    "prices by week": f"{PLAN}/load?measure=price",
    "timeline": f"{PLAN}/timeline",
    "timeline of one workshop": f"{PLAN}/timeline?workshop=makers&lang=ca",
    "worth": f"{PLAN}/worth",
    "gaps": f"{PLAN}/gaps",
    "siting": f"{PLAN}/siting",
    "difference": f"/plans/{OTHER_PLAN.id}/difference/{SHOWN_PLAN.id}/",
    "no difference": f"{PLAN}/difference/{SHOWN_PLAN.id}/",
    "network": f"{PLAN}/network",
    "network narrowed": f"{PLAN}/network?place=joiners&lang=ca",
    "no road yet": "/road/",
    "nothing published yet": "/open/?lang=ca",
    "not found": "/nowhere",
    "wrong address": f"{PLAN}/?week=soon",
}


def test_axe_finds_nothing_in_the_still_map(browser, site):
    """As for a browser without WebGL: the living map cannot start."""
    with opened(browser) as page:
        page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        page.goto(site + PAGES["plan"])
        page.wait_for_load_state()
        page.evaluate(AXE)
        assert page.evaluate(FAULTS, {}) == []
        expect(page.locator(".map-svg")).to_be_visible()
        expect(page.locator("#map[data-ready]")).to_have_count(0)


def test_without_javascript_the_plan_is_whole(browser, site):
    with opened(browser, java_script_enabled=False) as page:
        page.goto(site + PAGES["plan"])
        expect(page.locator(".map-svg")).to_be_visible()
        expect(page.locator("#allocations tbody tr")).to_have_count(1)
        page.select_option("select[name=workshop]", "makers")
        page.click("text=Filter")
        expect(page).to_have_url(re.compile(re.escape("workshop=makers")))
        expect(page.locator("#allocations tbody tr")).to_have_count(1)


def test_the_living_map_takes_the_place_of_the_still_one(browser, site):
    with opened(browser) as page:
        visit(page, site + PAGES["plan"])
        expect(page.locator(".maplibregl-canvas")).to_be_visible()
        expect(page.locator(".map-svg")).not_to_be_visible()
        expect(page.locator("a.pin")).to_have_count(2)


def with_workshops_beyond(route: Route) -> None:
    """Answer with a map whose neighbourhoods lie closer together than its workshops."""
    answer = route.fetch()
    data = answer.json()
    west, south, east, north = data["heart"]
    lon, lat = (west + east) / 2, (south + north) / 2
    route.fulfill(response=answer, json={**data, "heart": [lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3]})


@pytest.mark.parametrize("size", [(1400, 900), (390, 844)])
def test_the_button_of_the_map_stands_above_it_and_hides_no_mark(browser, site, size):
    with opened(browser, viewport=dict(zip(("width", "height"), size, strict=True))) as page:
        page.route("**/map.json*", with_workshops_beyond)
        visit(page, site + PAGES["plan"])
        button, box = page.locator(".map-switch"), page.locator("#map").bounding_box()
        place, before = button.bounding_box(), button.inner_text()
        assert place["y"] + place["height"] <= box["y"]
        assert place["height"] >= 24
        button.press("Enter")
        assert button.inner_text() != before


@pytest.mark.parametrize(
    "name",
    [
        "workshops",
        "load",
        "load of one workshop",
        "timeline",
        "timeline of one workshop",
        "difference",
        "network",
        "order",
    ],
)
def test_on_a_phone_no_table_has_to_be_pushed_sideways_and_all_are_tables_still(browser, site, name):
    with opened(browser, **PHONE) as page:
        visit(page, site + PAGES[name])
        wide = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.ariaLabel)"
        assert page.locator(".scroll").evaluate_all(wide) == []
        table = page.get_by_role("table").and_(page.locator(".cards")).first
        assert table.get_by_role("row").count() > 1
        assert table.get_by_role("rowheader").count() == table.locator("tbody tr").count()
        assert table.get_by_role("columnheader", include_hidden=True).count() > 1


def test_the_whole_way_goes_by_keyboard(browser, site):
    """Skip the head, choose a row, read of it below the map, let go, open the order."""
    with opened(browser) as page:
        visit(page, site + PAGES["plan"])
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.locator("#allocations tbody a").first.focus()
        expect(page.locator("tr[aria-current]")).to_have_count(1)
        expect(page.locator("#selection")).to_contain_text(
            "8 parts from Makers & <Friends> to Joiners", use_inner_text=True
        )
        page.keyboard.press("Escape")
        expect(page.locator("tr[aria-current]")).to_have_count(0)
        page.keyboard.press("Enter")
        page.wait_for_url("**/orders/o-1")


def test_a_line_on_the_map_chooses_its_rows(browser, site):
    with opened(browser, viewport={"width": 1400, "height": 900}) as page:
        visit(page, site + PAGES["plan"])
        pins = {pin.get_attribute("title"): pin.bounding_box() for pin in page.locator("a.pin").all()}
        box, start = page.locator(".maplibregl-canvas").bounding_box(), pins["1 Joiners"]
        end = pins["2 Makers & <Friends>"]
        middle = [(start[side] + end[side]) / 2 + start[size] / 2 for side, size in (("x", "width"), ("y", "height"))]
        assert box["x"] < middle[0] < box["x"] + box["width"]
        page.mouse.click(*middle)
        page.wait_for_selector("tr[aria-current]")
        expect(page.locator("#selection")).to_contain_text(" from ", use_inner_text=True)


def test_the_map_s_data_are_read_once(browser, site):
    asked = []
    with opened(browser) as page:
        page.on("response", lambda answer: asked.append(answer) if "map.json" in answer.url else None)
        visit(page, site + PAGES["plan"] + "?late=yes")
        [answer] = asked
        assert answer.url.endswith("map.json?late=yes")
        assert json.loads(answer.text())["flows"]["features"]


WATCH = """
new MutationObserver((_, watch) => {
  const box = document.getElementById("map");
  if (!box?.dataset.ready) return;
  watch.disconnect();
  const { clientWidth, clientHeight } = box.querySelector("canvas");
  box.dataset.first = [clientWidth, clientHeight];
}).observe(document, { attributes: true, attributeFilter: ["data-ready"], subtree: true });
"""


@pytest.mark.parametrize("size", [(1400, 900), (1400, 400), (390, 844)])
def test_the_living_map_is_drawn_in_its_final_size_at_once(browser, site, size):
    """To draw it again in another size took as long as all that went before."""
    with opened(browser, viewport=dict(zip(("width", "height"), size, strict=True))) as page:
        page.add_init_script(WATCH)
        visit(page, site + PAGES["plan"])
        box = page.locator("#map")
        final = box.evaluate("(box) => [box.clientWidth, box.clientHeight]")
        assert box.get_attribute("data-first") == ",".join(map(str, final))


def test_all_that_the_map_needs_is_asked_for_before_the_page_is_read_to_its_end(browser, site):
    with opened(browser) as page:
        visit(page, site + PAGES["plan"])
        early = page.evaluate(
            "[...document.head.querySelectorAll('link[rel*=preload], script')].map((e) => e.href || e.src)"
        )
        timings = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        needed = [url for url in timings if url.endswith(("map.json", "map.js", "maplibre-gl.mjs"))]
        assert sorted(early) == sorted(needed)


def test_focus_is_always_seen(browser, site):
    with opened(browser) as page:
        visit(page, site + PAGES["plan"])
        for _ in range(12):
            page.keyboard.press("Tab")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")[:200]


def test_print_shows_the_still_map_and_the_table_without_controls(browser, site):
    with opened(browser) as page:
        visit(page, site + PAGES["plan"])
        page.emulate_media(media="print")
        expect(page.locator(".map-svg")).to_be_visible()
        expect(page.locator("#allocations")).to_be_visible()
        expect(page.locator(".filters:visible")).to_have_count(0)
        expect(page.locator(".maplibregl-canvas")).not_to_be_visible()


def test_what_is_chosen_stands_in_the_address_and_comes_back_with_it(browser, site):
    """From the map, from the table, and from an address that somebody sent."""
    with opened(browser, viewport={"width": 1400, "height": 900}) as page:
        visit(page, site + PAGES["plan"] + "?sort=-cost")
        page.click("a.pin[title='1 Joiners']")
        expect(page).to_have_url(re.compile(re.escape("?sort=-cost&chosen=workshop%3Ajoiners") + "$"))
        expect(page.locator("#selection")).to_contain_text("Joiners", use_inner_text=True)
        expect(page.locator("#allocations tr[aria-current]")).to_have_count(1)
        shared = page.url
        page.keyboard.press("Escape")
        expect(page).not_to_have_url(re.compile("chosen"))
        page.locator("#allocations tbody td").nth(2).click()
        expect(page).to_have_url(re.compile(re.escape("chosen=lot%3Ao-1%2F1") + "$"))
        visit(page, shared)
        assert page.locator("a.pin.chosen").get_attribute("title") == "1 Joiners"
        expect(page.locator(".key li[aria-current]")).to_have_count(1)


def test_without_javascript_a_shared_choice_is_marked_too(browser, site):
    with opened(browser, java_script_enabled=False) as page:
        page.goto(site + PAGES["plan by load"])
        expect(page.locator("#allocations tr[aria-current]")).to_have_count(1)
        expect(page.locator(".map-svg .map-flow.map-chosen")).to_have_count(2)
        page.select_option("select[name=measure]", "asked")
        page.click(".map-switches button")
        expect(page).to_have_url(re.compile(re.escape("measure=asked")))
        expect(page).to_have_url(re.compile(re.escape("chosen=lot")))


def test_two_plans_are_compared_by_keyboard_alone(browser, site):
    with opened(browser) as page:
        page.goto(site + "/plans/")
        page.locator("input[name=before][checked]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/difference/**")
        expect(page.locator(".moves-map .map-svg")).to_be_visible()


def test_arrows_only_move_for_who_wants_motion(browser, site):
    for motion, name in (("reduce", "none"), ("no-preference", "run")):
        with opened(browser, reduced_motion=motion) as page:
            page.goto(site + PAGES["difference"])
            runs = page.locator(".map-run")
            expect(runs).to_have_count(1)
            assert runs.first.evaluate("mark => getComputedStyle(mark).animationName") == name


def test_the_new_looks_fit_on_paper(browser, site):
    with opened(browser, viewport={"width": 1050, "height": 700}) as page:
        page.emulate_media(media="print")
        for name in ("load", "timeline", "worth", "gaps", "difference", "all plans"):
            page.goto(site + PAGES[name])
            assert page.evaluate("document.documentElement.scrollWidth") <= 1050
            expect(page.locator(".looks")).not_to_be_visible()
            expect(page.locator("table").first).to_be_visible()


@pytest.mark.parametrize("name", ["load", "timeline", "all plans"])
def test_wide_pages_begin_on_the_first_sheet_and_lie_on_their_side(browser, site, name):
    """The head of the site once took a sheet of its own, upright, and so did its foot."""
    with opened(browser) as page:
        page.goto(site + PAGES[name])
        head = page.locator("h1").inner_text()
        page.emulate_media(media="print")
        paper = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
        assert head in paper[0].get_textpage().get_text_range()
        assert {sheet.get_width() > sheet.get_height() for sheet in paper} == {True}
        paper.close()


def test_who_comes_to_a_zoom_button_by_keyboard_sees_it(browser, site):
    with opened(browser) as page:
        visit(page, site + PAGES["plan"])
        button = page.locator("#map[data-ready] .maplibregl-ctrl-zoom-out")
        expect(button).to_be_visible(timeout=20_000)
        button.focus()
        page.keyboard.press("Shift+Tab")
        zoom_in = page.locator(".maplibregl-ctrl-zoom-in")
        expect(zoom_in).to_be_focused()
        expect(zoom_in).to_have_css("outline-style", "solid")
        expect(zoom_in).to_have_css("outline-offset", "-3px")
