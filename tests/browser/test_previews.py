"""Files of a bundle in a browser: models are drawn, and nothing that somebody uploaded ever runs."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from browser.looking import faults, opened, visit
from browser.serving import served
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from published_files import BODY, FILES, VERSION, publish_files

from cosmolocal.web import create_app

pytestmark = pytest.mark.browser

BUNDLE = f"/designs/{BODY}/{VERSION}"
MODELS = ("parts/body.stl", "parts/text.stl", "parts/body.glb", "parts/textured.glb")
#: one page of every kind
KINDS = ("README.md", "bill.csv", "okh.toml", "parts/body.glb", "parts/broken.stl", "parts/plate.dxf", "docs/sheet.pdf")


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[str]:
    """Return the address of a server whose store holds files of every kind."""
    workspace, _ = publish_files(tmp_path_factory.mktemp("region"))
    with served(create_app(workspace=workspace)) as address:
        yield address


def look(page: Page, store: str, path: str) -> None:
    """Open the preview of a file; a model is waited for."""
    visit(page, f"{store}{BUNDLE}/preview/{quote(path)}")


def colours(page: Page) -> int:
    """Return how many colours the picture of the model has."""
    shot = Image.open(io.BytesIO(page.locator(".model-live canvas").screenshot()))
    return len(shot.convert("RGB").getcolors(1 << 24))


@pytest.mark.parametrize("path", MODELS)
def test_a_model_is_drawn_and_turns_by_key_and_button(browser, store, path):
    with opened(browser, reduced_motion="reduce") as page:
        look(page, store, path)
        assert colours(page) > 3
        canvas = page.locator(".model-live canvas")
        first = canvas.screenshot()
        page.locator(".model-live").focus()
        page.keyboard.press("ArrowLeft")
        turned = canvas.screenshot()
        assert turned != first
        page.click("text=As at first")
        assert canvas.screenshot() == first
        page.click("text=Closer")
        assert canvas.screenshot() not in (first, turned)
        page.locator(".model-live").focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Left"


def test_a_model_stands_still_until_somebody_moves_it(browser, store):
    with opened(browser) as page:
        look(page, store, MODELS[0])
        first = page.locator(".model-live canvas").screenshot()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.locator(".model-live canvas").screenshot() == first


def test_without_webgl_or_script_a_model_still_says_its_size(browser, store):
    with opened(browser) as page:
        page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        page.goto(f"{store}{BUNDLE}/preview/{MODELS[0]}")
        page.wait_for_selector("#model[data-failed-because]")
        expect(page.locator("#model")).to_contain_text("cannot show the model", use_inner_text=True)
        expect(page.locator(".model-buttons")).not_to_be_visible()
        expect(page.locator("main")).to_contain_text("40 × 30 × 20 mm", use_inner_text=True)
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{store}{BUNDLE}/preview/{MODELS[0]}")
        expect(page.locator("#model")).to_contain_text("needs JavaScript and WebGL", use_inner_text=True)
        expect(page.locator("main")).to_contain_text("40 × 30 × 20 mm", use_inner_text=True)


@contextmanager
def watched(browser: Browser) -> Iterator[tuple[Page, list[str], list[str]]]:
    """Yield a page, what it asks for, and what was run or said by it."""
    asked: list[str] = []
    ran: list[str] = []
    with opened(browser, accept_downloads=True) as page:
        page.context.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        yield page, asked, ran


def is_harmed(page: Page) -> bool:
    return page.evaluate("window.harmed === true") or page.title() == "harmed"


HARMFUL = [path for path in FILES if path.startswith("harm/")]


@pytest.mark.parametrize("path", HARMFUL)
def test_no_uploaded_file_runs_when_it_is_opened(browser, store, path):
    with watched(browser) as (page, asked, ran):
        page.goto(f"{store}/designs/")
        try:
            page.goto(f"{store}{BUNDLE}/files/{path}")
        except Exception as error:  # a file to keep is no page to go to
            assert "Download is starting" in str(error) or "ERR_ABORTED" in str(error)
            assert path not in ("harm/drawing.svg", "harm/text.txt", "harm/text.md")
        assert not is_harmed(page)
        assert page.evaluate("self.origin") == ("null" if path in page.url else store)
        assert [url for url in asked if not url.startswith(store)] == []
        assert ran == []


@pytest.mark.parametrize("path", HARMFUL)
def test_no_uploaded_file_runs_within_its_preview(browser, store, path):
    with watched(browser) as (page, asked, ran):
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{store}{BUNDLE}/preview/{path}", wait_until="networkidle")
        assert not is_harmed(page)
        expect(page.locator("main script, main [onload], main iframe, main object, main embed")).to_have_count(0)
        assert [url for url in asked if not url.startswith((store, "data:"))] == []
        assert (ran, complaints) == ([], [])


@pytest.mark.parametrize("path", HARMFUL)
def test_no_uploaded_file_runs_as_a_picture_frame_or_script(browser, store, path):
    """Put into a page of ours by every element that could load it."""
    with watched(browser) as (page, asked, ran):
        page.goto(f"{store}/designs/")
        page.evaluate(
            """(source) => {
                const load = (name) => new Promise((done) => {
                    const element = document.createElement(name);
                    element.onload = element.onerror = done;
                    if (name === "link") element.rel = "stylesheet";
                    element[{ object: "data", link: "href" }[name] ?? "src"] = source;
                    document.body.append(element);
                    setTimeout(done, 500);
                });
                return Promise.all(["img", "iframe", "object", "embed", "script", "link"].map(load));
            }""",
            f"{store}{BUNDLE}/files/{path}",
        )
        assert not is_harmed(page)
        assert [frame.url for frame in page.frames[1:] if frame.evaluate("self.harmed === true")] == []
        assert [url for url in asked if not url.startswith((store, "chrome-error:"))] == []
        assert ran == []


def test_the_watch_would_notice_harm(browser):
    """The same page as text of our own runs; so a quiet test above means that nothing ran."""
    with watched(browser) as (page, asked, _):
        page.route("https://example.org/**", lambda route: route.abort())
        page.set_content(FILES["harm/page.html"].decode())
        page.wait_for_function("document.title === 'harmed'")
        assert is_harmed(page)
        assert "https://example.org/harm" in asked


def test_axe_finds_nothing_and_nothing_sticks_out(browser, store):
    found = {}
    with opened(browser) as page:
        for path in (*KINDS, "pictures/photo.png"):
            look(page, store, path)
            found |= {(path, mode, fault): told for mode, fault, told in faults(page)}
    assert found == {}


def test_no_request_leaves_the_host_and_no_preview_complains(browser, store):
    complaints = []
    with watched(browser) as (page, asked, ran):
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for path in FILES:
            look(page, store, path)
        assert [url for url in asked if not url.startswith((store, "data:", "blob:"))] == []
    # the drivers of a machine without a graphics card warn of their own slowness
    assert [text for text in complaints if "GPU stall" not in text and "WebGL" not in text] == []
    assert ran == []
