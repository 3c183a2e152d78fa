"""How a page is looked at: by day, by night and on a phone, once it has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text("utf-8")
#: axe's rules for what the colours of the night can break; all others say of it what they say of the day
COLOURS = ("color-contrast", "link-in-text-block")
#: what is right of a page is more than the page, and slow to bring over
FAULTS = """async (options) => {
  const { violations } = await axe.run({ ...options, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
}"""
#: links in a sentence with nothing between them
TOUCHING = """() => [...document.querySelectorAll("p a + a")].filter((link) =>
  link.previousSibling === link.previousElementSibling && getComputedStyle(link.parentElement).display === "block"
  && link.getBoundingClientRect().left - link.previousElementSibling.getBoundingClientRect().right < 2
  && link.getBoundingClientRect().top === link.previousElementSibling.getBoundingClientRect().top
).map((link) => link.outerHTML)"""
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 844}
PHONE = {"viewport": NARROW}
#: by name: the size of the window, the colours asked for, the rules (empty: all)
MODES = {"light": (WIDE, "light", ()), "dark": (WIDE, "dark", COLOURS), "phone": (NARROW, "light", ())}


@contextmanager
def opened(browser: Browser, **mode: object) -> Iterator[Page]:
    """Yield a page of its own: nobody is signed in."""
    context = browser.new_context(**mode)
    try:
        yield context.new_page()
    finally:
        context.close()


def visit(page: Page, address: str, **more: object) -> int:
    """Go to a page, wait for its living map or model, if it has one, and return its status."""
    answer = page.goto(address, **more)
    assert answer is not None
    for kind in ("map", "model"):
        if page.locator(f"#{kind}").count():
            page.wait_for_selector(f"#{kind}[data-ready]", timeout=60_000)
    return answer.status


def faults(page: Page) -> Iterator[tuple[str, str, object]]:
    """Yield what is wrong with the open page, by mode: what axe finds, and whether something sticks out.

    The window changes its size and colours as that of a reader who turns a tablet or whose evening comes; our scripts
    read neither when a page begins.
    """
    page.wait_for_load_state()
    page.evaluate(AXE)
    for mode, (size, scheme, rules) in MODES.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for fault, places in page.evaluate(FAULTS, {"runOnly": list(rules)} if rules else {}):
            yield mode, fault, places
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            yield mode, "wider than the window", wide
    page.set_viewport_size(WIDE)
    if touching := page.evaluate(TOUCHING):
        yield "light", "links that touch", touching
