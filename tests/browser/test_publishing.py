"""Publishing in a browser: files chosen and dropped, faults that lose nothing, without JavaScript too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.looking import faults, opened
from browser.serving import served, sign_in
from playwright.sync_api import Browser, Page, expect
from web.accounts import client_as
from web.drafts import LAMP, make_app, zipped

from cosmolocal.designs.bundles import list_versions, read_bundle
from cosmolocal.records import Role

pytestmark = pytest.mark.browser


class Site:
    """A running server over a region in a folder."""

    address: str

    def __init__(self, folder: Path) -> None:
        self.app = make_app(folder)
        self.root = folder / "designs"
        self.cookie = client_as(self.app, "ada", Role.MAKER).get_cookie("cosmolocal").value


@pytest.fixture
def place(tmp_path) -> Iterator[Site]:
    site = Site(tmp_path / "region")
    with served(site.app) as site.address:
        yield site


def visit(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-uploads=ready]")


def fill(page: Page, **more: str) -> None:
    typed = {
        "name": "Stool",
        "version": "1.0.0",
        "function": "To sit on.",
        "license": "CERN-OHL-S-2.0",
        "licensor": "Ada",
        "repo": "https://example.org/stool",
        "line-0-name": "seat",
        "line-0-quantity": "1",
        "operation-0-part": "seat",
        "operation-0-minutes-per-unit": "12.5",
    } | more
    for name, value in typed.items():
        page.fill(f"[name='{name}']", value)
    page.select_option("[name='operation-0-process']", "laser-cutting")


def write_files(folder: Path, **files: bytes) -> list[str]:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return [str(folder / name.replace("_", ".")) for name in files]


def drop(page: Page, **files: str) -> None:
    """Let go of files over the place for them."""
    data = page.evaluate_handle(
        """files => {
          const data = new DataTransfer();
          for (const [name, text] of Object.entries(files)) data.items.add(new File([text], name));
          return data;
        }""",
        {name.replace("_", "."): text for name, text in files.items()},
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})


def test_files_are_sent_one_by_one_faults_lose_nothing_and_it_is_published(browser: Browser, place, tmp_path):
    with opened(browser) as page:
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        fill(page, version="one")
        page.set_input_files("#field-files", write_files(tmp_path / "sent", a_svg=b"<svg/>", b_txt=b"b" * 3_000_000))
        drop(page, c_txt="dropped", CON_txt="no such name")
        expect(page.locator("#uploads li")).to_have_count(4)
        expect(page.locator("#uploads li[data-state=done]")).to_have_count(3)
        failed = page.locator("#uploads li[data-state=failed]")
        expect(failed.locator(".upload-words")).to_contain_text("device on Windows")
        expect(page.locator("#upload-summary")).to_contain_text("3 of 4 files are on the server. Not kept: 1.")
        expect(page).to_have_url(re.compile(re.escape("/drafts/")))

        page.click(".send button[value=save]")
        expect(page.locator("#field-version")).to_have_value("one")
        expect(page.locator("#field-version")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#field-name")).to_have_value("Stool")
        expect(page.locator(".draft-files tbody tr")).to_have_count(4)

        page.fill("#field-version", "1.0.0")
        page.click(".send button[value=save]")
        expect(page.locator(".verdict")).to_contain_text("It can be published.")
        page.click("#publish-form .send button[value=publish]")
        page.wait_for_url("**/designs/ada~stool/1.0.0/?done=published")
    paths = [file.path for file in read_bundle(place.root, "ada~stool", "1.0.0")]
    assert paths == ["a.svg", "b.txt", "c.txt", "okh.toml"]


def test_an_upload_is_cancelled_and_tried_again_and_a_form_waits_for_it(browser: Browser, place):
    with opened(browser) as page:
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        waiting = []
        page.route("**/files/**", lambda route: waiting.append(route))  # noqa: PLW0108 - playwright takes functions only
        drop(page, a_txt="a")
        item = page.locator("#uploads li")
        expect(item).to_have_attribute("data-state", "sending")
        for _ in range(100):
            if waiting:
                break
            page.wait_for_timeout(20)
        item.locator("button").click()
        expect(item).to_have_attribute("data-state", "cancelled")
        item.locator("button").click()
        expect(item).to_have_attribute("data-state", "sending")
        fill(page)
        page.click(".send button[value=save]")
        expect(page.locator("#upload-summary")).to_contain_text("The form is sent when all files are there.")
        for _ in range(100):
            if len(waiting) > 1:
                break
            page.wait_for_timeout(20)
        waiting[-1].continue_()
        expect(page.locator(".verdict")).to_contain_text("It can be published.")
        expect(page.locator(".draft-files tbody tr").first).to_contain_text("a.txt")


def test_an_archive_fills_in_the_fields(browser: Browser, place, tmp_path):
    with opened(browser) as page:
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        page.fill("#field-function", "Typed before it came.")
        page.set_input_files("#field-files", write_files(tmp_path / "sent", lamp_zip=zipped({"okh.toml": LAMP})))
        expect(page.locator("#uploads li[data-state=done]")).to_have_count(1)
        expect(page.locator("#field-name")).to_have_value("Lamp")
        expect(page.locator("#field-function")).to_have_value("Typed before it came.")
        expect(page.locator(".draft-files tbody tr")).to_have_count(1)
        expect(page.locator("[aria-invalid]")).to_have_count(0)
        page.click(".send button[value=save]")
        expect(page.locator("#report-title")).to_be_focused()
        expect(page.locator("#field-name")).to_have_value("Lamp")
        page.click("[data-add=operation]")
        rows = page.locator("[data-rows=operation] .row").count()
        expect(page.locator(f"#field-operation-{rows - 1}-process")).to_have_count(1)
        page.click("#publish-form .send button[value=publish]")
        page.wait_for_url("**/designs/us~lamp/1.0.0/?done=published")


def test_the_history_of_a_chosen_folder_stays_where_it_is(browser: Browser, place, tmp_path):
    folder = tmp_path / "press"
    write_files(folder, a_svg=b"<svg/>", _gitignore=b"*")
    (folder / ".git/objects").mkdir(parents=True)
    for path in (".git/HEAD", ".git/objects/pack"):
        (folder / path).write_bytes(b"x")
    with opened(browser) as page:
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        sent = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
        page.set_input_files("#field-folder", folder)
        left = page.locator("#uploads li[data-state=left-out]")
        expect(left).to_have_count(1)
        expect(left.locator(".upload-name")).to_have_text("press/.git/")
        expect(left.locator(".upload-words")).to_contain_text("no part of a design")
        expect(left.locator("button")).to_be_hidden()
        expect(page.locator("#upload-summary")).to_contain_text("2 of 2 files are on the server.")
        assert sent
        assert not [address for address in sent if "/.git/" in address]


def test_a_refused_file_is_still_told_after_saving_until_it_is_dismissed(browser: Browser, place):
    with opened(browser) as page:
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        drop(page, CON_txt="no such name")
        failed = page.locator("#uploads li[data-state=failed]")
        expect(failed).to_contain_text("device on Windows")
        page.click(".send button[value=save]")
        expect(page.locator(".report")).to_be_visible()
        expect(failed).to_contain_text("device on Windows")
        failed.get_by_role("button", name="Dismiss").click()
        expect(failed).to_have_count(0)
        expect(page.locator("#upload-summary")).to_be_empty()
        page.reload()
        expect(failed).to_have_count(0)


def test_a_bomb_in_an_archive_is_named_once(browser: Browser, place, tmp_path):
    with opened(browser) as page:
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        archive = zipped({"deep/zeros.bin": b"0" * 30_000_000})
        page.set_input_files("#field-files", write_files(tmp_path / "sent", bomb_zip=archive))
        words = page.locator("#uploads li[data-state=failed] .upload-words")
        expect(words).to_contain_text("zeros.bin")
        expect(words).to_contain_text(re.compile("^not kept: deep"))


def test_it_works_without_javascript(browser: Browser, place, tmp_path):
    with opened(browser, java_script_enabled=False) as page:
        sign_in(page, place)
        page.goto(f"{place.address}/designs/new")
        fill(page)
        page.set_input_files("#field-files", write_files(tmp_path / "sent", a_svg=b"<svg/>", b_txt=b"b"))
        page.click(".send button[value=save]")
        expect(page.locator(".draft-files tbody tr")).to_have_count(3)
        page.click(".draft-files button[value='b.txt']")
        expect(page.locator(".draft-files tbody tr")).to_have_count(2)
        page.press("#field-name", "Enter")
        expect(page.locator(".draft-files tbody tr")).to_have_count(2)
        page.click("#publish-form .send button[value=publish]")
        expect(page).to_have_url(re.compile(re.escape("/designs/ada~stool/1.0.0/?done=published") + "$"))
    assert list_versions(place.root, "ada~stool") == ["1.0.0"]


def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, place, tmp_path):
    found = {}

    def look(name: str) -> None:
        found.update({(name, mode, fault): told for mode, fault, told in faults(page)})

    with opened(browser) as page:
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        look("new")
        fill(page, version="one", name="Stool with a name that goes on " * 4)
        page.set_input_files("#field-files", write_files(tmp_path / "sent", a_svg=b"<svg/>", CON_txt=b"b"))
        expect(page.locator("#uploads li[data-state=done]")).to_have_count(1)
        expect(page.locator("#uploads li[data-state=failed]")).to_have_count(1)
        look("uploads")
        page.click(".send button[value=save]")
        expect(page.locator(".report")).to_be_visible()
        look("draft with problems")
        page.fill("#field-version", "1.0.0")
        page.click(".send button[value=save]")
        expect(page.locator(".verdict")).to_contain_text("It can be published.")
        look("draft that can be published")
        page.goto(f"{place.address}/drafts/")
        look("drafts")
    assert found == {}


def test_what_is_filled_in_stands_on_one_line_where_a_label_wraps(browser: Browser, place):
    tops = """row => [...row.querySelectorAll(":scope > .field")].slice(0, 5)
        .map(field => Math.round(field.querySelector("input, select").getBoundingClientRect().top))"""
    with opened(browser) as page:
        page.set_viewport_size({"width": 1100, "height": 900})
        sign_in(page, place)
        visit(page, f"{place.address}/designs/new")
        row = page.locator("[data-rows=line] .row").first
        expect(row).to_be_visible()
        assert len(set(row.evaluate(tops))) == 1
